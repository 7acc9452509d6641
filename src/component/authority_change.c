// SPDX-License-Identifier: MIT OR Apache-2.0
/// Changes of the grants of a running component, from any thread: what it holds by a grant that is gone ends with it.
///
/// First the new policy is put in, then is looked for what the old one had allowed: subscriptions, timers to others,
/// names, and the grants of children. The owner does it the other way round: it asks, gets, and asks whether the policy
/// is still the same (`authority_still`), under the holder's lock. One of the two sees the other.
#include "actor/names.h"
#include "base/bytes.h"
#include "component/authority.h"
#include "component/component_actor.h"
#include "route/router.h"

// ---------------------------------------------------------------- what it holds

/// The component, and the policy that holds now.
typedef struct review {
    component_actor *self;
    const capability_policy *policy;
} review;

static bool keep_subscription(void *user, airs_bytes pattern)
{
    const review *it = user;
    capability_decision decision;
    return capability_check_topic(it->policy, CAPABILITY_MESSAGING_SUBSCRIBE, pattern, &decision);
}

static bool keep_alarm(void *user, uint64_t to)
{
    const review *it = user;
    return authority_would_send(it->self, it->policy, CAPABILITY_MESSAGING_SEND, to);
}

/// Names that others have bound to it are theirs to give.
static bool is_bound(actor *cell, airs_bytes name)
{
    bool found = false;
    os_mutex_lock(&cell->info_lock);
    for (uint32_t i = 0; i < cell->bound.count && !found; i++)
        found = base_bytes_are(name, cell->bound.texts[i]);
    os_mutex_unlock(&cell->info_lock);
    return found;
}

static bool review_name(void *user, airs_bytes name, uint64_t value)
{
    const review *it = user;
    actor *cell = &it->self->cell;
    capability_decision decision;
    if (value != cell->id || (cell->name != NULL && base_bytes_are(name, cell->name)) || is_bound(cell, name) ||
        capability_check_name(it->policy, CAPABILITY_MESSAGING_REGISTER, name, &decision))
        return true;
    // The actor's own list forgets it when it looks.
    (void)ds_namemap_remove(&cell->space->names, name, value);
    return true;
}

static void end_holdings(const review *it)
{
    actor *cell = &it->self->cell;
    router *routes = cell->space->router;
    // A simulation may have no router.
    if (routes != NULL) {
        topics_review(&routes->topics, cell->id, keep_subscription, (void *)(uintptr_t)it);
        alarms_review(&routes->alarms, cell->id, keep_alarm, (void *)(uintptr_t)it);
    }
    ds_namemap_each(&cell->space->names, review_name, (void *)(uintptr_t)it);
}

// ---------------------------------------------------------------- its children

/// Takes from `child` what `parent` has no more. True when something was taken.
static airs_status restrict_child(component_actor *child, const capability_policy *parent, airs_error *error)
{
    capability_holder *holder = &child->authority.holder;
    for (;;) {
        const capability_policy *before = capability_holder_get(holder);
        capability_policy *after;
        airs_status status = capability_policy_restrict(parent, before, &after, error);
        bool done = status != AIRS_OK || capability_holder_replace(holder, before, after);
        capability_policy_release(before);
        if (done)
            return status;
        capability_policy_release(after);
    }
}

/// The policy of `self` is another now: so is what it holds, and its children have no more than that.
static airs_status apply(component_actor *self, airs_error *error)
{
    actor_space *space = self->cell.space;
    const capability_policy *policy = capability_holder_get(&self->authority.holder);
    end_holdings(&(review){self, policy});
    uint32_t cursor = 0;
    ds_handle handle;
    airs_status status = AIRS_OK;
    actor *one;
    while ((one = ds_slotmap_next(&space->actors, &cursor, &handle)) != NULL) {
        if (one->kind->kind != AIRS_KIND_COMPONENT || component_actor_of(one)->authority.parent != self->cell.id ||
            !actor_retain(one))
            continue;
        airs_status of_child = restrict_child(component_actor_of(one), policy, error);
        if (of_child == AIRS_OK)
            of_child = apply(component_actor_of(one), error);
        status = of_child == AIRS_OK ? status : of_child;
        actor_release(one);
    }
    capability_policy_release(policy);
    return status;
}

static airs_status apply_in_section(component_actor *self, airs_error *error)
{
    sched_read read = sched_read_enter(self->cell.space->sched);
    airs_status status = apply(self, error);
    sched_read_leave(self->cell.space->sched, read);
    return status;
}

// ---------------------------------------------------------------- changes

airs_status authority_change(component_actor *self, capability_change *change, uint32_t *ret_wrong, airs_error *error)
{
    capability_holder *holder = &self->authority.holder;
    for (;;) {
        const capability_policy *before = capability_holder_get(holder);
        capability_policy *after;
        airs_status status = capability_policy_change(before, change, &after, ret_wrong, error);
        bool done = status != AIRS_OK || capability_holder_replace(holder, before, after);
        capability_policy_release(before);
        if (done)
            return status == AIRS_OK && change->revoked_count > 0 ? apply_in_section(self, error) : status;
        // Somebody else was faster: what is to be changed is what they have left.
        capability_policy_release(after);
    }
}

/// The component that has spawned it, with a count on it; NULL: it has ended.
static component_actor *parent_of(const component_actor *self)
{
    actor_space *space = self->cell.space;
    sched_read read = sched_read_enter(space->sched);
    actor *found = actor_find(space, self->authority.parent);
    if (found != NULL && !actor_retain(found))
        found = NULL;
    sched_read_leave(space->sched, read);
    return found == NULL ? NULL : component_actor_of(found);
}

/// Does it, as far as the parent has what is added. `*ret_done` unless somebody else was faster.
static airs_status grant_within(component_actor *self, const capability_policy *parent, const capability_change *change,
                                bool *ret_done, airs_error *error)
{
    capability_holder *holder = &self->authority.holder;
    capability_change all = *change;
    capability_policy *more, *after;
    const capability_policy *before = capability_holder_get(holder);
    airs_status status = capability_policy_change(before, &all, &more, NULL, error);
    if (status == AIRS_OK) {
        status = capability_policy_restrict(parent, more, &after, error);
        capability_policy_release(more);
    }
    *ret_done = status != AIRS_OK || capability_holder_replace(holder, before, after);
    if (!*ret_done)
        capability_policy_release(after);
    capability_policy_release(before);
    return status;
}

airs_status authority_change_child(component_actor *self, const capability_change *change, airs_error *error)
{
    capability_change all = *change;
    if (self->authority.parent == 0)
        return authority_change(self, &all, NULL, error);
    component_actor *parent = parent_of(self);
    airs_status status = AIRS_OK;
    bool done = parent == NULL;
    while (!done) {
        const capability_policy *has = capability_holder_get(&parent->authority.holder);
        status = grant_within(self, has, change, &done, error);
        capability_policy_release(has);
    }
    if (parent != NULL && status == AIRS_OK) {
        // What is taken from the parent meanwhile may have looked here before.
        const capability_policy *has = capability_holder_get(&parent->authority.holder);
        status = restrict_child(self, has, error);
        capability_policy_release(has);
    }
    if (parent != NULL && status == AIRS_OK && change->revoked_count > 0)
        status = apply_in_section(self, error);
    if (parent != NULL)
        actor_release(&parent->cell);
    return status;
}

bool authority_still(component_actor *self)
{
    authority *it = &self->authority;
    os_mutex_lock(&it->holder.lock);
    bool still = base_atomic_load_relaxed(&it->holder.epoch) == it->view.epoch;
    os_mutex_unlock(&it->holder.lock);
    return still;
}

void authority_born(component_actor *parent, uint64_t child)
{
    if (authority_still(parent))
        return;
    actor_space *space = parent->cell.space;
    const capability_policy *policy = capability_holder_get(&parent->authority.holder);
    sched_read read = sched_read_enter(space->sched);
    actor *found = actor_find(space, child);
    if (found != NULL && actor_retain(found)) {
        // It may run already: what it has got, and spawned, by what it had goes too. Without memory it keeps nothing.
        component_actor *born = component_actor_of(found);
        if (restrict_child(born, policy, NULL) != AIRS_OK || apply(born, NULL) != AIRS_OK)
            actor_signal_send(found, ACTOR_SIGNAL_STOP);
        actor_release(found);
    }
    sched_read_leave(space->sched, read);
    capability_policy_release(policy);
}
