// SPDX-License-Identifier: MIT OR Apache-2.0
#include "component/authority.h"

#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "capability/defaults.h"
#include "component/component_actor.h"
#include "component/learn.h"
#include "component/template.h"

#define RIGHT(name) CAPABILITY_BIT(CAPABILITY_##name)

// ---------------------------------------------------------------- the policy of the options

/// Grants in the order of their numbers.
typedef struct grant_list {
    capability_grant *grants;
    size_t count;
} grant_list;

static void add_all(grant_list *list, uint32_t rights, const char *const *patterns, size_t count)
{
    for (size_t i = 0; i < count; i++)
        list->grants[list->count++] = (capability_grant){.rights = rights, .pattern = patterns[i]};
}

// As children_options has it.
#define CHILDREN_MAX 100u

static bool may_spawn(const grant_list *list, const char *template_name)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->grants[i].rights == RIGHT(SPAWN_START) && list->grants[i].pattern != NULL &&
            strcmp(list->grants[i].pattern, template_name) == 0)
            return true;
    }
    return false;
}

/// Those to spawn of templates, and of the templates of these: what a child may, whoever spawned it must be able to.
/// `own` is whether the templates themselves are granted by being there.
static void add_templates(grant_list *list, const airs_template *templates, size_t count, uint32_t max, bool own)
{
    for (size_t i = 0; i < count; i++) {
        if (own && !may_spawn(list, templates[i].name))
            list->grants[list->count++] = (capability_grant){
                .rights = RIGHT(SPAWN_START), .pattern = templates[i].name, .count_max = max == 0 ? CHILDREN_MAX : max};
        const airs_spawn_options *inner = &templates[i].options;
        add_templates(list, inner->templates, inner->templates_count, inner->children_max, true);
    }
}

static size_t count_templates(const airs_spawn_options *options)
{
    size_t count = options->templates_count;
    for (size_t i = 0; i < options->templates_count; i++)
        count += count_templates(&options->templates[i].options);
    return count;
}

/// Whether a variable's own grant was taken back: a revoked one stands in its place.
static bool is_taken_back(const airs_spawn_options *options, const char *variable)
{
    for (size_t i = 0; i < options->grants_count; i++) {
        const airs_grant *grant = &options->grants[i];
        if (grant->revoked && grant->rights == AIRS_RIGHT_ENV_READ && grant->pattern != NULL &&
            strcmp(grant->pattern, variable) == 0)
            return true;
    }
    return false;
}

static void add_options(grant_list *list, const airs_spawn_options *options, bool learns)
{
    add_all(list, RIGHT(MESSAGING_SEND) | RIGHT(MESSAGING_ASK), options->may_send, options->may_send_count);
    add_all(list, RIGHT(MESSAGING_PUBLISH), options->may_publish, options->may_publish_count);
    add_all(list, RIGHT(MESSAGING_SUBSCRIBE), options->may_subscribe, options->may_subscribe_count);
    add_all(list, RIGHT(MESSAGING_REGISTER), options->may_register, options->may_register_count);
    for (size_t i = 0; i < options->env_count; i++) {
        if (!is_taken_back(options, options->env[i].key))
            list->grants[list->count++] = (capability_grant){.rights = RIGHT(ENV_READ), .pattern = options->env[i].key};
    }
    for (size_t i = 0; i < options->grants_count; i++)
        list->grants[list->count++] = options->grants[i];
    // Who learns has been given templates that nobody granted.
    bool silent = !learns && (capability_kinds_of(options->grants, options->grants_count) &
                              CAPABILITY_KIND_BIT(CAPABILITY_SPAWN)) == 0;
    add_templates(list, options->templates, options->templates_count, options->children_max, silent);
    if (!options->nothing_by_default)
        list->count =
            capability_defaults_add(capability_kinds_of(list->grants, list->count), list->grants, list->count);
}

/// Those to spawn alone. False without memory.
static bool make_spawning(grant_list *list, const airs_spawn_options *options, const airs_allocator *allocator)
{
    list->grants =
        base_alloc_array(allocator, options->grants_count + count_templates(options) + 1, sizeof *list->grants);
    for (size_t i = 0; list->grants != NULL && i < options->grants_count; i++) {
        if (options->grants[i].rights == RIGHT(SPAWN_START) && !options->grants[i].revoked)
            list->grants[list->count++] = options->grants[i];
    }
    bool silent =
        (capability_kinds_of(options->grants, options->grants_count) & CAPABILITY_KIND_BIT(CAPABILITY_SPAWN)) == 0;
    if (list->grants != NULL)
        add_templates(list, options->templates, options->templates_count, options->children_max, silent);
    return list->grants != NULL;
}

static bool has_spawning(const grant_list *list, const capability_grant *grant)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->grants[i].count_max == grant->count_max && strcmp(list->grants[i].pattern, grant->pattern) == 0)
            return true;
    }
    return false;
}

/// Those to spawn that it has go, by number; `*ret_same` when it has just these. NULL: no memory.
static uint32_t *find_spawning(component_actor *self, const grant_list *wanted, size_t *ret_count, bool *ret_same)
{
    const capability_policy *policy = capability_holder_get(&self->authority.holder);
    uint32_t count = capability_policy_grant_count(policy);
    uint32_t *numbers = base_alloc_array(self->cell.space->allocator, count + 1, sizeof *numbers);
    *ret_count = 0;
    *ret_same = true;
    for (uint32_t i = 0; numbers != NULL && i < count; i++) {
        const capability_grant *grant = capability_policy_grant(policy, i);
        if (grant->revoked || grant->rights != RIGHT(SPAWN_START))
            continue;
        numbers[(*ret_count)++] = i;
        *ret_same = *ret_same && has_spawning(wanted, grant);
    }
    *ret_same = *ret_same && *ret_count == wanted->count;
    capability_policy_release(policy);
    return numbers;
}

airs_status authority_change_spawning(component_actor *self, const airs_spawn_options *options, airs_error *error)
{
    const airs_allocator *allocator = self->cell.space->allocator;
    grant_list wanted = {0};
    capability_change change = {0};
    bool same = false;
    uint32_t *numbers = NULL;
    if (make_spawning(&wanted, options, allocator))
        numbers = find_spawning(self, &wanted, &change.revoked_count, &same);
    change.revoked = numbers;
    change.added = wanted.grants;
    change.added_count = wanted.count;
    airs_status status = numbers == NULL ? base_error_set(error, AIRS_E_NOMEM, "no memory for grants") : AIRS_OK;
    if (status == AIRS_OK && !same)
        status = authority_change_child(self, &change, error);
    base_free(allocator, wanted.grants);
    base_free(allocator, numbers);
    return status;
}

/// Says which grant, or which mount, the error is about.
static void name_wrong(const capability_policy_options *of, uint32_t wrong, airs_error *error)
{
    char text[160];
    if (wrong == CAPABILITY_NONE)
        return;
    if (wrong >= of->grant_count)
        base_error_prefix(error, "mounts[%zu]", wrong - of->grant_count);
    else if (of->grants[wrong].rights == 0)
        base_error_prefix(error, "grants[%u]", wrong);
    else
        base_error_prefix(error, "%s", capability_grant_format(text, sizeof text, &of->grants[wrong]));
}

/// What is mounted, with the folders of the host as they are found now, so that no link on the way to them is followed
/// later. Those of a child were found when its template was copied.
typedef struct mount_list {
    const airs_mount *mounts;
    airs_mount *made;
    size_t count;
} mount_list;

static void free_mounts(mount_list *self, const airs_allocator *allocator)
{
    for (size_t i = 0; self->made != NULL && i < self->count; i++)
        base_free(allocator, (char *)(uintptr_t)self->made[i].host);
    base_free(allocator, self->made);
}

/// `scratch`, where not NULL, is mounted as the root of one that has none.
static bool find_mounts(mount_list *self, const airs_spawn_options *options, const char *scratch, bool resolve,
                        const airs_allocator *allocator)
{
    *self = (mount_list){.mounts = options->mounts, .count = options->mounts_count};
    for (size_t i = 0; scratch != NULL && i < options->mounts_count; i++) {
        if (options->mounts[i].guest != NULL && strcmp(options->mounts[i].guest, "/") == 0)
            scratch = NULL;
    }
    size_t count = options->mounts_count + (scratch != NULL);
    if (count == 0 || (!resolve && scratch == NULL))
        return true;
    self->made = base_alloc_zeroed(allocator, count * sizeof *self->made);
    bool ok = self->made != NULL;
    for (size_t i = 0; ok && i < count; i++) {
        const airs_mount root = {"/", scratch};
        const airs_mount *from = i == options->mounts_count ? &root : &options->mounts[i];
        self->made[i].guest = from->guest;
        if (from->host != NULL && from->host[0] != '\0')
            self->made[i].host = resolve ? template_mount_folder(allocator, from->host)
                                         : base_strndup(allocator, from->host, strlen(from->host));
        ok = self->made[i].host != NULL || from->host == NULL || from->host[0] == '\0';
    }
    self->count = count;
    self->mounts = self->made;
    if (!ok)
        free_mounts(self, allocator);
    return ok;
}

static airs_status make_policy(const airs_allocator *allocator, const airs_spawn_options *options,
                               const component_learner *learner, bool resolve, capability_policy **ret_policy,
                               airs_error *error)
{
    size_t room = options->may_send_count + options->may_publish_count + options->may_subscribe_count +
                  options->may_register_count + options->env_count + count_templates(options) + options->grants_count +
                  CAPABILITY_DEFAULTS;
    grant_list list = {.grants = base_alloc_array(allocator, room, sizeof *list.grants)};
    mount_list mounts;
    const char *scratch = learner == NULL ? NULL : learner->scratch;
    if (list.grants == NULL || !find_mounts(&mounts, options, scratch, resolve, allocator)) {
        base_free(allocator, list.grants);
        return base_error_set(error, AIRS_E_NOMEM, "no memory for grants");
    }
    add_options(&list, options, learner != NULL);
    capability_policy_options of = {list.grants, list.count, mounts.mounts, mounts.count};
    uint32_t wrong = CAPABILITY_NONE;
    airs_status status = capability_policy_create(&of, allocator, ret_policy, &wrong, error);
    if (status == AIRS_E_INVALID)
        name_wrong(&of, wrong, error);
    free_mounts(&mounts, allocator);
    base_free(allocator, list.grants);
    return status;
}

const capability_policy *authority_plain_create(const airs_allocator *allocator)
{
    static const airs_spawn_options nothing = {0};
    capability_policy *policy;
    airs_error ignored;
    return make_policy(allocator, &nothing, NULL, false, &policy, &ignored) == AIRS_OK ? policy : NULL;
}

/// Whether its policy is what is given without a word, and no more.
static bool asks_nothing(const airs_spawn_options *options)
{
    return options->may_send_count + options->may_publish_count + options->may_subscribe_count +
                   options->may_register_count + options->env_count + options->grants_count + options->mounts_count +
                   options->templates_count ==
               0 &&
           !options->nothing_by_default;
}

airs_status authority_init(authority *self, const airs_allocator *allocator, const airs_spawn_options *options,
                           component_actor *parent, const component_space *space, airs_error *error)
{
    *self = (authority){.parent = parent == NULL ? 0 : parent->cell.id};
    if (parent != NULL)
        self->origin = parent->authority.origin == 0 ? parent->cell.id : parent->authority.origin;
    base_atomic_init(&self->refused, 0u);
    base_atomic_init(&self->refused_elsewhere, 0u);
    base_atomic_init(&self->children, 0u);
    if (parent == NULL && space->plain != NULL && space->learner == NULL && asks_nothing(options)) {
        capability_holder_init(&self->holder, capability_policy_retain(space->plain));
        return AIRS_OK;
    }
    for (size_t i = 0; i < options->env_count; i++) {
        // It would be a pattern over the node's variables.
        if (strchr(options->env[i].key, '*') != NULL)
            return base_error_set(error, AIRS_E_INVALID, "env: the variable \"%.200s\" has a `*` in its name",
                                  options->env[i].key);
    }
    capability_policy *policy;
    airs_status status = make_policy(allocator, options, space->learner, parent == NULL, &policy, error);
    if (status != AIRS_OK)
        return status;
    if (parent != NULL) {
        capability_policy *wanted = policy;
        status = capability_policy_attenuate(authority_policy(parent), wanted, &policy, error);
        capability_policy_release(wanted);
    }
    if (status == AIRS_OK)
        capability_holder_init(&self->holder, policy);
    return status;
}

void authority_fini(authority *self, const airs_allocator *allocator)
{
    capability_view_fini(&self->view);
    capability_holder_fini(&self->holder);
    base_free(allocator, self->uses);
    self->uses = NULL;
    self->uses_count = 0;
}

// ---------------------------------------------------------------- what holds

static bool make_prefix(authority_prefix *prefix, const capability_grant *grant)
{
    uint32_t rights = grant->rights & (RIGHT(MESSAGING_SEND) | RIGHT(MESSAGING_ASK));
    if (grant->revoked || rights == 0)
        return false;
    size_t len = strcspn(grant->pattern, "*");
    if (grant->pattern[len] != '*' || grant->pattern[len + 1] != '\0' || len > sizeof(uint64_t))
        return false;
    *prefix = (authority_prefix){.rights = rights};
    memcpy(&prefix->head, grant->pattern, len);
    memset(&prefix->mask, 0xff, len);
    return true;
}

static void make_prefixes(authority *self)
{
    const capability_policy *policy = self->view.policy;
    self->prefixes_count = 0;
    for (uint32_t i = 0; i < capability_policy_grant_count(policy) && self->prefixes_count < AUTHORITY_PREFIXES; i++) {
        authority_prefix *prefix = &self->prefixes[self->prefixes_count];
        if (make_prefix(prefix, capability_policy_grant(policy, i))) {
            prefix->grant = i;
            self->prefixes_count++;
        }
    }
}

/// Room for a count of each grant. Those for which there is no memory are not counted.
static void grow_uses(authority *self, const airs_allocator *allocator)
{
    uint32_t count = capability_policy_grant_count(self->view.policy);
    if (count <= self->uses_count)
        return;
    BASE_ATOMIC(uint64_t) *made = base_alloc_array(allocator, count, sizeof *made);
    if (made == NULL)
        return;
    for (uint32_t i = 0; i < count; i++)
        base_atomic_init(&made[i], i < self->uses_count ? base_atomic_load_relaxed(&self->uses[i]) : 0u);
    os_mutex_lock(&self->holder.lock);
    void *before = self->uses;
    self->uses = made;
    self->uses_count = count;
    os_mutex_unlock(&self->holder.lock);
    base_free(allocator, before);
}

void authority_refresh(component_actor *self)
{
    authority *it = &self->authority;
    capability_view_refresh(&it->view, &it->holder);
    make_prefixes(it);
    grow_uses(it, self->cell.space->allocator);
}

const capability_policy *authority_policy(component_actor *self)
{
    authority *it = &self->authority;
    if (base_atomic_load_relaxed(&it->holder.epoch) != it->view.epoch)
        authority_refresh(self);
    return it->view.policy;
}

uint64_t authority_epoch(const component_actor *self)
{
    return base_atomic_load_relaxed(&self->authority.holder.epoch);
}

uint64_t authority_uses(component_actor *self, uint32_t grant)
{
    authority *it = &self->authority;
    os_mutex_lock(&it->holder.lock);
    uint64_t uses = grant < it->uses_count ? base_atomic_load_relaxed(&it->uses[grant]) : 0;
    os_mutex_unlock(&it->holder.lock);
    return uses;
}

// ---------------------------------------------------------------- decisions

bool authority_tells_all(const component_actor *self)
{
    const authority_observer *observer = self->space->observer;
    return self->space->learner != NULL || (observer != NULL && observer->wants_all);
}

bool authority_tell(component_actor *self, capability_decision *decision, airs_bytes object)
{
    authority *it = &self->authority;
    const authority_observer *observer = self->space->observer;
    if (base_atomic_load_relaxed(&it->refused_elsewhere) != 0)
        authority_take_elsewhere(self);
    if (self->space->learner != NULL)
        component_learn(self, decision, object);
    // What no log can take is refused too, but is none of the component's doing.
    if (!decision->allowed && !decision->learned)
        component_actor_count_refusal(self);
    uint32_t grant = decision->grant;
    // What can't be counted is told each time.
    bool first = decision->allowed && grant != CAPABILITY_NONE &&
                 (grant >= it->uses_count || base_atomic_load_relaxed(&it->uses[grant]) == 0);
    bool told = observer == NULL || observer->tell(observer->user, self, decision, object, first);
    // Also what is learned is not done where it can't be recorded.
    decision->learned = decision->learned && told;
    decision->allowed = (decision->allowed && told) || decision->learned;
    if (decision->learned)
        base_atomic_store_relaxed(&it->refused, base_atomic_load_relaxed(&it->refused) + 1);
    if (decision->allowed) {
        // Behind the telling: what could not be recorded the first time is the first again.
        authority_count(it, grant);
        return true;
    }
    // One writer.
    base_atomic_store_relaxed(&it->refused, base_atomic_load_relaxed(&it->refused) + 1);
    base_text_copy(self->text, sizeof self->text, base_bytes_of(decision->text));
    return false;
}

void authority_refuse(component_actor *self, capability_right right, airs_bytes object, const char *text)
{
    capability_decision decision = {.right = right, .grant = CAPABILITY_NONE, .learn = CAPABILITY_LEARN_NOT};
    base_text_copy(decision.text, sizeof decision.text, base_bytes_of(text));
    (void)authority_tell(self, &decision, object);
}
