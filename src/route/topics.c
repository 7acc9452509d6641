// SPDX-License-Identifier: MIT OR Apache-2.0
#include "route/topics.h"

#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/bytes.h"
#include "base/error.h"
#include "capability/topic_pattern.h"
#include "route/topic_node.h"

// ---------------------------------------------------------------- topics and patterns as text

/// Takes the next level off the front of `*rest`; false at the end.
static bool next_level(airs_bytes *rest, airs_bytes *ret_level)
{
    if (rest->data == NULL)
        return false;
    const uint8_t *dot = rest->len == 0 ? NULL : memchr(rest->data, '.', rest->len);
    size_t len = dot == NULL ? rest->len : (size_t)(dot - rest->data);
    *ret_level = (airs_bytes){rest->data, len};
    *rest = dot == NULL ? (airs_bytes){0} : (airs_bytes){dot + 1, rest->len - len - 1};
    return true;
}

static bool is_one(airs_bytes level, char c)
{
    return level.len == 1 && level.data[0] == (uint8_t)c;
}

airs_status topics_check_topic(airs_bytes topic, airs_error *error)
{
    return capability_topic_check(topic, false, error);
}

airs_status topics_check_pattern(airs_bytes pattern, airs_error *error)
{
    return capability_topic_check(pattern, true, error);
}

// ---------------------------------------------------------------- groups

/// A name that subscriptions share; it lives as long as one of them.
struct topic_group {
    topic_group *next;
    /// In the order of their making.
    uint64_t serial;
    uint32_t members;
    /// Whose turn it is; any thread.
    BASE_ATOMIC(uint32_t) turn;
    base_retired retired;
    const airs_allocator *allocator;
    size_t name_len;
    uint8_t name[];
};

static topic_group *join_group(topics *self, airs_bytes name)
{
    for (topic_group *group = self->groups; group != NULL; group = group->next) {
        if (base_bytes_equal((airs_bytes){group->name, group->name_len}, name)) {
            group->members++;
            return group;
        }
    }
    topic_group *group = base_alloc_zeroed(self->allocator, sizeof *group + name.len);
    if (group == NULL)
        return NULL;
    group->members = 1;
    group->serial = ++self->groups_made;
    group->allocator = self->allocator;
    group->name_len = name.len;
    memcpy(group->name, name.data, name.len);
    group->next = self->groups;
    self->groups = group;
    return group;
}

static void free_group(base_retired *retired)
{
    topic_group *group = (topic_group *)(void *)((char *)retired - offsetof(topic_group, retired));
    base_free(group->allocator, group);
}

static void leave_group(topics *self, topic_group *group)
{
    if (group == NULL || --group->members > 0)
        return;
    topic_group **link = &self->groups;
    while (*link != group)
        link = &(*link)->next;
    *link = group->next;
    self->retirer.retire(self->retirer.user, &group->retired, free_group);
}

// ---------------------------------------------------------------- init and fini

airs_status topics_init(topics *self, uint32_t max, base_hash_key key, base_retirer retirer,
                        const airs_allocator *allocator)
{
    *self = (topics){.allocator = allocator, .retirer = retirer, .key = key};
    ds_slotmap_init(&self->subscriptions, max, allocator);
    self->root = topic_node_create(allocator, NULL, (airs_bytes){0});
    return self->root == NULL ? AIRS_E_NOMEM : AIRS_OK;
}

void topics_fini(topics *self)
{
    uint32_t cursor = 0;
    ds_handle handle;
    topic_subscription *subscription;
    while (self->root != NULL && (subscription = ds_slotmap_next(&self->subscriptions, &cursor, &handle)) != NULL)
        base_free(self->allocator, subscription);
    if (self->root != NULL)
        topic_node_destroy(self->root, self->allocator);
    for (topic_group *group = self->groups, *next; group != NULL; group = next) {
        next = group->next;
        base_free(self->allocator, group);
    }
    ds_slotmap_fini(&self->subscriptions);
    *self = (topics){0};
}

uint32_t topics_count(const topics *self)
{
    return ds_slotmap_len(&self->subscriptions);
}

// ---------------------------------------------------------------- subscribe

/// The node of a pattern, made where it is missing; NULL when there is no memory.
static topic_node *node_of(topics *self, airs_bytes pattern, bool *ret_rest)
{
    topic_node *node = self->root;
    airs_bytes rest = pattern;
    airs_bytes level;
    *ret_rest = false;
    while (node != NULL && next_level(&rest, &level)) {
        if (is_one(level, '>')) {
            *ret_rest = true;
            break;
        }
        topic_node *child = topic_node_child(node, self->key, level);
        node = child != NULL ? child : topic_node_add_child(node, self->key, level, self->allocator, self->retirer);
    }
    return node;
}

/// Takes out a node that nothing hangs on any more, and those above it that this leaves empty.
static void prune(topics *self, topic_node *node)
{
    while (node != self->root && topic_node_is_empty(node)) {
        topic_node *parent = node->parent;
        topic_node_remove_child(parent, node, self->key, self->retirer);
        node = parent;
    }
}

static airs_status add_subscription(topics *self, topic_subscription *added, airs_bytes pattern, airs_bytes group,
                                    uint64_t *ret_subscription)
{
    bool rest;
    airs_status status = AIRS_E_NOMEM;
    added->group = NULL;
    topic_node *node = NULL;
    if (group.len > 0 && (added->group = join_group(self, group)) == NULL)
        return status;
    // A node that is made and then not needed is pruned; the root stands for a chain that broke off.
    node = node_of(self, pattern, &rest);
    if (node != NULL) {
        added->node = node;
        added->rest = rest;
        status = ds_slotmap_insert(&self->subscriptions, added, &added->id);
    }
    if (status == AIRS_OK) {
        status = topic_node_add_subscription(node, added, self->allocator, self->retirer);
        if (status != AIRS_OK)
            (void)ds_slotmap_remove(&self->subscriptions, added->id);
    }
    if (status == AIRS_OK) {
        *ret_subscription = added->id;
        return AIRS_OK;
    }
    if (node != NULL)
        prune(self, node);
    leave_group(self, added->group);
    return status;
}

airs_status topics_subscribe(topics *self, uint64_t actor, airs_bytes pattern, airs_bytes group,
                             uint64_t *ret_subscription, airs_error *error)
{
    airs_status status = topics_check_pattern(pattern, error);
    if (status != AIRS_OK)
        return status;
    if (group.len > TOPIC_LEN_MAX)
        return base_error_set(error, AIRS_E_INVALID, "the group has %zu bytes, the limit is %u", group.len,
                              TOPIC_LEN_MAX);
    topic_subscription *added = base_alloc_zeroed(self->allocator, sizeof *added);
    if (added == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for a subscription");
    added->actor = actor;
    added->allocator = self->allocator;
    os_mutex_lock(&self->lock);
    status = add_subscription(self, added, pattern, group, ret_subscription);
    os_mutex_unlock(&self->lock);
    if (status != AIRS_OK) {
        base_free(self->allocator, added);
        return base_error_set(error, status, "%s", airs_status_text(status));
    }
    return AIRS_OK;
}

/// The same as `node_of`, where nothing is made; NULL when it is missing.
static topic_node *find_node(const topics *self, airs_bytes pattern, bool *ret_rest)
{
    topic_node *node = self->root;
    airs_bytes rest = pattern;
    airs_bytes level;
    *ret_rest = false;
    while (node != NULL && next_level(&rest, &level)) {
        if (is_one(level, '>')) {
            *ret_rest = true;
            break;
        }
        node = topic_node_child(node, self->key, level);
    }
    return node;
}

static bool is_in_group(const topic_subscription *subscription, airs_bytes name)
{
    const topic_group *group = subscription->group;
    return group == NULL ? name.len == 0 : base_bytes_equal((airs_bytes){group->name, group->name_len}, name);
}

uint64_t topics_find(topics *self, const uint64_t *ids, uint32_t count, airs_bytes pattern, airs_bytes group)
{
    uint64_t found = 0;
    os_mutex_lock(&self->lock);
    bool rest;
    const topic_node *node = find_node(self, pattern, &rest);
    for (uint32_t i = 0; node != NULL && found == 0 && i < count; i++) {
        const topic_subscription *it = ds_slotmap_find(&self->subscriptions, ids[i]);
        if (it != NULL && it->node == node && it->rest == rest && is_in_group(it, group))
            found = ids[i];
    }
    os_mutex_unlock(&self->lock);
    return found;
}

static void free_subscription(base_retired *retired)
{
    topic_subscription *ended = (topic_subscription *)(void *)((char *)retired - offsetof(topic_subscription, retired));
    base_free(ended->allocator, ended);
}

/// Under the lock.
static void end_subscription(topics *self, topic_subscription *ended)
{
    (void)ds_slotmap_remove(&self->subscriptions, ended->id);
    topic_node_remove_subscription(ended->node, ended, self->retirer);
    prune(self, ended->node);
    leave_group(self, ended->group);
    self->retirer.retire(self->retirer.user, &ended->retired, free_subscription);
}

bool topics_unsubscribe(topics *self, uint64_t subscription, uint64_t actor)
{
    os_mutex_lock(&self->lock);
    topic_subscription *ended = ds_slotmap_find(&self->subscriptions, subscription);
    bool found = ended != NULL && ended->actor == actor;
    if (found)
        end_subscription(self, ended);
    os_mutex_unlock(&self->lock);
    return found;
}

/// Writes the pattern from its end: the levels of the nodes up to the root, with dots between.
static airs_bytes pattern_of(const topic_subscription *subscription, uint8_t text[TOPIC_LEN_MAX])
{
    size_t at = TOPIC_LEN_MAX;
    if (subscription->rest)
        text[--at] = '>';
    for (const topic_node *node = subscription->node; node->parent != NULL; node = node->parent) {
        if (at < TOPIC_LEN_MAX)
            text[--at] = '.';
        at -= node->name_len;
        memcpy(text + at, node->name, node->name_len);
    }
    return (airs_bytes){text + at, TOPIC_LEN_MAX - at};
}

void topics_review(topics *self, uint64_t actor, topics_keep_fn keep, void *user)
{
    uint8_t text[TOPIC_LEN_MAX];
    uint32_t cursor = 0;
    ds_handle handle;
    topic_subscription *one;
    os_mutex_lock(&self->lock);
    while ((one = ds_slotmap_next(&self->subscriptions, &cursor, &handle)) != NULL) {
        if (one->actor == actor && !keep(user, pattern_of(one, text)))
            end_subscription(self, one);
    }
    os_mutex_unlock(&self->lock);
}

// ---------------------------------------------------------------- publish

/// Lists with members of groups that are kept while one message is delivered.
#define LISTS_KEPT 32u

/// What matches, while the trie is walked: groups are served at the end, each once.
typedef struct delivery {
    const topics *topics;
    airs_bytes topic;
    topics_deliver_fn deliver;
    void *user;
    uint32_t reached;
    /// Lists that have members of groups, as many as there is room for; the trie is walked again for more.
    const topic_list *lists[LISTS_KEPT];
    uint32_t lists_count;
} delivery;

/// Called for a list that matches; false ends the walk.
typedef bool (*list_fn)(void *user, const topic_list *list);

static bool walk(const topics *self, const topic_node *node, airs_bytes rest, list_fn fn, void *user);

/// Delivers to those of a list that are in no group.
static bool serve(void *user, const topic_list *list)
{
    delivery *self = user;
    uint32_t count = base_atomic_load_acquire(&list->count);
    for (uint32_t i = 0; i < count; i++) {
        const topic_subscription *one = base_atomic_load_acquire(&list->slots[i]);
        if (one != NULL && one->group == NULL)
            self->reached += self->deliver(self->user, one->actor, TOPIC_OWN);
    }
    if (!base_atomic_load_relaxed(&list->grouped))
        return true;
    if (self->lists_count < LISTS_KEPT)
        self->lists[self->lists_count] = list;
    self->lists_count++;
    return true;
}

/// Calls `fn` for each list that has members of groups.
static void each_grouped(const delivery *self, list_fn fn, void *user)
{
    if (self->lists_count > LISTS_KEPT) {
        (void)walk(self->topics, self->topics->root, self->topic, fn, user);
        return;
    }
    for (uint32_t i = 0; i < self->lists_count && fn(user, self->lists[i]); i++)
        ;
}

/// The `n`-th member of a group in all lists that matched.
typedef struct member_search {
    const topic_group *group;
    uint32_t n;
    /// Members so far; all of them when there is no `n`-th.
    uint32_t seen;
    const topic_subscription *found;
} member_search;

static bool search_member(void *user, const topic_list *list)
{
    member_search *search = user;
    uint32_t count = base_atomic_load_acquire(&list->count);
    for (uint32_t i = 0; i < count; i++) {
        const topic_subscription *one = base_atomic_load_acquire(&list->slots[i]);
        if (one == NULL || one->group != search->group)
            continue;
        if (search->seen++ == search->n) {
            search->found = one;
            return false;
        }
    }
    return true;
}

/// One member gets it: whose turn it is, or the next one that can be reached.
static void serve_group(delivery *self, topic_group *group)
{
    member_search all = {.group = group, .n = UINT32_MAX};
    each_grouped(self, search_member, &all);
    uint32_t turn = base_atomic_fetch_add_relaxed(&group->turn, 1u);
    uint64_t not_reached = 0;
    for (uint32_t i = 0; i < all.seen; i++) {
        member_search one = {.group = group, .n = (turn + i) % all.seen};
        each_grouped(self, search_member, &one);
        if (one.found == NULL)
            continue;
        if (self->deliver(self->user, one.found->actor, TOPIC_GROUP_TRY)) {
            self->reached++;
            return;
        }
        not_reached = one.found->actor;
    }
    // Members may have left meanwhile, so which one is the last to try is only known now.
    if (not_reached != 0)
        self->reached += self->deliver(self->user, not_reached, TOPIC_GROUP_LAST);
}

/// The first group behind `after` in the order of their making.
typedef struct group_search {
    uint64_t after;
    topic_group *found;
} group_search;

static bool search_group(void *user, const topic_list *list)
{
    group_search *search = user;
    uint32_t count = base_atomic_load_acquire(&list->count);
    for (uint32_t i = 0; i < count; i++) {
        const topic_subscription *one = base_atomic_load_acquire(&list->slots[i]);
        topic_group *group = one == NULL ? NULL : one->group;
        if (group != NULL && group->serial > search->after &&
            (search->found == NULL || group->serial < search->found->serial))
            search->found = group;
    }
    return true;
}

/// Each group once, however many there are: nothing has to be kept of those that were served but how far it has come.
static void serve_groups(delivery *self)
{
    group_search search = {0};
    for (;;) {
        search.found = NULL;
        each_grouped(self, search_group, &search);
        if (search.found == NULL)
            return;
        search.after = search.found->serial;
        serve_group(self, search.found);
    }
}

static bool visit(topic_list *list, list_fn fn, void *user)
{
    return list == NULL || fn(user, list);
}

/// Calls `fn` for the lists of all branches that match the levels in `rest`. At most TOPIC_LEVELS_MAX deep.
static bool walk(const topics *self, const topic_node *node, airs_bytes rest, list_fn fn, void *user)
{
    airs_bytes level;
    if (!next_level(&rest, &level))
        return visit(base_atomic_load_acquire(&node->exact), fn, user);
    if (!visit(base_atomic_load_acquire(&node->rest), fn, user))
        return false;
    const topic_node *child = topic_node_child(node, self->key, level);
    if (child != NULL && !walk(self, child, rest, fn, user))
        return false;
    const topic_node *star = base_atomic_load_acquire(&node->star);
    return star == NULL || walk(self, star, rest, fn, user);
}

uint32_t topics_publish(topics *self, airs_bytes topic, topics_deliver_fn deliver, void *user)
{
    delivery to = {.topics = self, .topic = topic, .deliver = deliver, .user = user};
    (void)walk(self, self->root, topic, serve, &to);
    if (to.lists_count > 0)
        serve_groups(&to);
    return to.reached;
}
