// SPDX-License-Identifier: MIT OR Apache-2.0
#include "route/topic_node.h"

#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/bytes.h"

#define TABLE_FIRST 4u
#define LIST_FIRST 4u

/// The place of a removed child: a search goes on behind it.
static topic_node stone;

#define RETIRED_OWNER(retired_pointer, type) ((type *)(void *)((char *)(retired_pointer)-offsetof(type, retired)))

// ---------------------------------------------------------------- nodes

topic_node *topic_node_create(const airs_allocator *allocator, topic_node *parent, airs_bytes name)
{
    topic_node *node = base_alloc_zeroed(allocator, sizeof *node + name.len);
    if (node == NULL)
        return NULL;
    node->parent = parent;
    node->allocator = allocator;
    node->name_len = (uint32_t)name.len;
    if (name.len > 0)
        memcpy(node->name, name.data, name.len);
    return node;
}

static void free_node(base_retired *retired)
{
    topic_node *node = RETIRED_OWNER(retired, topic_node);
    base_free(node->allocator, node);
}

void topic_node_destroy(topic_node *node, const airs_allocator *allocator)
{
    topic_table *table = base_atomic_load_relaxed(&node->table);
    for (uint32_t i = 0; table != NULL && i <= table->mask; i++) {
        topic_node *child = base_atomic_load_relaxed(&table->slots[i]);
        if (child != NULL && child != &stone)
            topic_node_destroy(child, allocator);
    }
    topic_node *star = base_atomic_load_relaxed(&node->star);
    if (star != NULL)
        topic_node_destroy(star, allocator);
    base_free(allocator, table);
    base_free(allocator, base_atomic_load_relaxed(&node->exact));
    base_free(allocator, base_atomic_load_relaxed(&node->rest));
    base_free(allocator, node);
}

bool topic_node_is_empty(const topic_node *node)
{
    return node->children == 0 && base_atomic_load_relaxed(&node->exact) == NULL &&
           base_atomic_load_relaxed(&node->rest) == NULL;
}

// ---------------------------------------------------------------- children

static bool is_star(airs_bytes name)
{
    return name.len == 1 && name.data[0] == '*';
}

static bool has_name(const topic_node *node, airs_bytes name)
{
    return node != &stone && base_bytes_equal((airs_bytes){node->name, node->name_len}, name);
}

topic_node *topic_node_child(const topic_node *node, base_hash_key key, airs_bytes name)
{
    if (is_star(name))
        return base_atomic_load_acquire(&node->star);
    const topic_table *table = base_atomic_load_acquire(&node->table);
    if (table == NULL)
        return NULL;
    // At most half of the slots are used, so an empty one ends each search.
    for (uint64_t at = base_hash(key, name.data, name.len);; at++) {
        topic_node *child = base_atomic_load_acquire(&table->slots[at & table->mask]);
        if (child == NULL || has_name(child, name))
            return child;
    }
}

static void put(topic_table *table, base_hash_key key, topic_node *child)
{
    uint64_t at = base_hash(key, child->name, child->name_len);
    while (base_atomic_load_relaxed(&table->slots[at & table->mask]) != NULL)
        at++;
    // release: who finds the child sees what is in it.
    base_atomic_store_release(&table->slots[at & table->mask], child);
    table->used++;
}

static void free_table(base_retired *retired)
{
    topic_table *table = RETIRED_OWNER(retired, topic_table);
    base_free(table->allocator, table);
}

/// Makes room for one more child: a table with twice the slots of what is in it. False without memory.
static bool make_room(topic_node *node, base_hash_key key, const airs_allocator *allocator, base_retirer retirer)
{
    topic_table *old = base_atomic_load_relaxed(&node->table);
    if (old != NULL && 2 * (old->used + 1) <= old->mask + 1)
        return true;
    uint32_t slots = TABLE_FIRST;
    while (slots < 4 * (node->children + 1))
        slots *= 2;
    topic_table *table = base_alloc_zeroed(allocator, sizeof *table + slots * sizeof table->slots[0]);
    if (table == NULL)
        return false;
    table->mask = slots - 1;
    table->allocator = allocator;
    for (uint32_t i = 0; old != NULL && i <= old->mask; i++) {
        topic_node *child = base_atomic_load_relaxed(&old->slots[i]);
        if (child != NULL && child != &stone)
            put(table, key, child);
    }
    base_atomic_store_release(&node->table, table);
    if (old != NULL)
        retirer.retire(retirer.user, &old->retired, free_table);
    return true;
}

topic_node *topic_node_add_child(topic_node *node, base_hash_key key, airs_bytes name, const airs_allocator *allocator,
                                 base_retirer retirer)
{
    bool star = is_star(name);
    if (!star && !make_room(node, key, allocator, retirer))
        return NULL;
    topic_node *child = topic_node_create(allocator, node, name);
    if (child == NULL)
        return NULL;
    if (star)
        base_atomic_store_release(&node->star, child);
    else
        put(base_atomic_load_relaxed(&node->table), key, child);
    node->children++;
    return child;
}

void topic_node_remove_child(topic_node *node, topic_node *child, base_hash_key key, base_retirer retirer)
{
    if (base_atomic_load_relaxed(&node->star) == child) {
        base_atomic_store_release(&node->star, NULL);
    } else {
        topic_table *table = base_atomic_load_relaxed(&node->table);
        uint64_t at = base_hash(key, child->name, child->name_len);
        while (base_atomic_load_relaxed(&table->slots[at & table->mask]) != child)
            at++;
        base_atomic_store_release(&table->slots[at & table->mask], &stone);
    }
    node->children--;
    // A child is removed when it is empty: its table has only stones.
    topic_table *table = base_atomic_load_relaxed(&child->table);
    if (table != NULL)
        retirer.retire(retirer.user, &table->retired, free_table);
    retirer.retire(retirer.user, &child->retired, free_node);
}

// ---------------------------------------------------------------- subscriptions

static void free_list(base_retired *retired)
{
    topic_list *list = RETIRED_OWNER(retired, topic_list);
    base_free(list->allocator, list);
}

/// A list with the live ones of `old` (may be NULL) and room for as many more; NULL without memory.
static topic_list *copy_list(const topic_list *old, const airs_allocator *allocator)
{
    uint32_t capacity = old == NULL ? LIST_FIRST : 2 * old->live + LIST_FIRST;
    topic_list *list = base_alloc_zeroed(allocator, sizeof *list + capacity * sizeof list->slots[0]);
    if (list == NULL)
        return NULL;
    list->capacity = capacity;
    list->allocator = allocator;
    uint32_t count = old == NULL ? 0 : base_atomic_load_relaxed(&old->count);
    for (uint32_t i = 0; i < count; i++) {
        topic_subscription *one = base_atomic_load_relaxed(&old->slots[i]);
        if (one == NULL)
            continue;
        base_atomic_init(&list->slots[list->live++], one);
        if (one->group != NULL)
            base_atomic_store_relaxed(&list->grouped, true);
    }
    base_atomic_init(&list->count, list->live);
    return list;
}

typedef BASE_ATOMIC(topic_list *) list_place;

static list_place *place_of(topic_node *node, const topic_subscription *subscription)
{
    return subscription->rest ? &node->rest : &node->exact;
}

airs_status topic_node_add_subscription(topic_node *node, topic_subscription *added, const airs_allocator *allocator,
                                        base_retirer retirer)
{
    list_place *place = place_of(node, added);
    topic_list *list = base_atomic_load_relaxed(place);
    if (list == NULL || base_atomic_load_relaxed(&list->count) == list->capacity) {
        topic_list *larger = copy_list(list, allocator);
        if (larger == NULL)
            return AIRS_E_NOMEM;
        base_atomic_store_release(place, larger);
        if (list != NULL)
            retirer.retire(retirer.user, &list->retired, free_list);
        list = larger;
    }
    uint32_t count = base_atomic_load_relaxed(&list->count);
    if (added->group != NULL)
        base_atomic_store_relaxed(&list->grouped, true);
    base_atomic_store_release(&list->slots[count], added);
    base_atomic_store_release(&list->count, count + 1);
    list->live++;
    return AIRS_OK;
}

void topic_node_remove_subscription(topic_node *node, topic_subscription *removed, base_retirer retirer)
{
    list_place *place = place_of(node, removed);
    topic_list *list = base_atomic_load_relaxed(place);
    uint32_t at = 0;
    while (base_atomic_load_relaxed(&list->slots[at]) != removed)
        at++;
    base_atomic_store_release(&list->slots[at], NULL);
    list->live--;
    if (list->live > 0)
        return;
    base_atomic_store_release(place, NULL);
    retirer.retire(retirer.user, &list->retired, free_list);
}
