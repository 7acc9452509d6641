// SPDX-License-Identifier: MIT OR Apache-2.0
// Questions about other actors: receivers, topics, names, children.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "component/authority.h"
#include "component/children.h"
#include "component/component_actor.h"

// ---------------------------------------------------------------- sending

/// Decided by what a sender looks at anyway: no name is read.
static bool prefix_matches(const authority *self, capability_right right, const actor *target, uint32_t *ret_grant)
{
    for (uint32_t i = 0; i < self->prefixes_count; i++) {
        const authority_prefix *prefix = &self->prefixes[i];
        if (target->inbox.name_head != 0 && ((target->inbox.name_head ^ prefix->head) & prefix->mask) == 0 &&
            (prefix->rights & CAPABILITY_BIT(right)) != 0) {
            *ret_grant = prefix->grant;
            return true;
        }
    }
    return false;
}

/// Who needs no grant: the actor itself, those above it, and its own children.
static bool is_family(const component_actor *self, const actor *target)
{
    const authority *it = &self->authority;
    const actor *cell = &self->cell;
    if (target == cell || target == cell->supervisor || target->id == it->parent)
        return true;
    uint64_t children = base_atomic_load_relaxed(&it->children);
    return children != 0 && target->supervisor != NULL && target->supervisor->id == children;
}

/// The name that the actor has bound now and that is granted as it stands, when there is one. In a read section.
static bool find_granted_name(const component_actor *self, const capability_policy *policy, capability_right right,
                              uint64_t to, uint32_t *ret_grant)
{
    for (uint32_t i = 0; i < capability_policy_grant_count(policy); i++) {
        const capability_grant *grant = capability_policy_grant(policy, i);
        uint64_t bound;
        if (grant->revoked || (grant->rights & CAPABILITY_BIT(right)) == 0)
            continue;
        // A pattern is nobody's name.
        if (ds_namemap_find(&self->cell.space->names, base_bytes_of(grant->pattern), &bound) && bound == to) {
            *ret_grant = i;
            return true;
        }
    }
    return false;
}

/// Answers the question; `ret_remember` is whether the answer stands as long as the grants do.
static void decide(const component_actor *self, const capability_policy *policy, capability_right right,
                   const actor *target, capability_decision *ret, bool *ret_remember)
{
    *ret_remember = true;
    if (is_family(self, target)) {
        *ret = (capability_decision){.allowed = true, .right = right, .grant = CAPABILITY_NONE};
        return;
    }
    if (target->name != NULL && capability_check_name(policy, right, base_bytes_of(target->name), ret))
        return;
    uint32_t grant;
    if (find_granted_name(self, policy, right, target->id, &grant)) {
        *ret = (capability_decision){.allowed = true, .right = right, .grant = grant};
        // Such a name may be another's the next time.
        *ret_remember = false;
    } else if (target->name == NULL) {
        *ret = (capability_decision){.right = right, .grant = CAPABILITY_NONE, .learn = CAPABILITY_LEARN_NOT};
        (void)snprintf(ret->text, sizeof ret->text, "no grant for an actor without a name");
    }
}

/// The same about a name of another app; the answer stands as long as the grants do.
static void decide_far(const capability_policy *policy, capability_right right, const actor_far *far,
                       capability_decision *ret)
{
    (void)capability_check_far_name(policy, right, base_bytes_of(far->text), far->app_len, ret);
}

/// What the decision is about, for those who are told: the name, or the number of who has none.
static airs_bytes object_of(const actor *target, char text[24])
{
    if (target->name == NULL)
        (void)snprintf(text, 24, "#%" PRIu64, target->id);
    return base_bytes_of(target->name == NULL ? text : target->name);
}

static airs_status ask_policy(component_actor *self, capability_right right, const actor *target)
{
    capability_decision decision;
    bool remember;
    char text[24];
    decide(self, authority_policy(self), right, target, &decision, &remember);
    bool allowed = authority_tell(self, &decision, object_of(target, text));
    // What is only learned is asked again: no grant allows it.
    if (allowed && remember && !decision.learned)
        capability_view_remember(&self->authority.view, &decision, target->id);
    return allowed ? AIRS_OK : AIRS_E_DENIED;
}

/// Whether somebody wants to know of a use of the grant that was remembered: of each one, or of the first.
static bool is_awaited(const component_actor *self, uint32_t grant)
{
    const authority *it = &self->authority;
    if (authority_tells_all(self))
        return true;
    return self->space->observer != NULL && (grant < it->uses_count && base_atomic_load_relaxed(&it->uses[grant]) == 0);
}

/// A remembered use of a grant, told as one that was asked for.
static airs_status tell_remembered(component_actor *self, capability_right right, uint32_t grant, const actor *target)
{
    char text[24];
    capability_decision decision;
    decision.allowed = true;
    decision.learned = false;
    decision.elsewhere = false;
    decision.look = false;
    decision.children = 0;
    decision.right = right;
    decision.grant = grant;
    return authority_tell(self, &decision, object_of(target, text)) ? AIRS_OK : AIRS_E_DENIED;
}

/// What the grants allow the other app must expose; looked at each time, whatever is remembered of the grants.
static void ask_other_app(const actor_space *space, actor_far *far, capability_decision *decision)
{
    const actor_elsewhere *elsewhere = base_atomic_load_acquire(&space->elsewhere);
    if (!decision->allowed || elsewhere == NULL || elsewhere->exposes(elsewhere->user, far))
        return;
    decision->allowed = false;
    decision->grant = CAPABILITY_NONE;
    (void)snprintf(decision->text, sizeof decision->text, "the app %.*s does not expose \"%s\"", (int)far->app_len,
                   far->text, far->text + far->app_len + 1);
    // Names are chosen by guests, and sentences are shown on terminals.
    base_text_tidy(decision->text);
}

/// The question about a far id. In a read section.
static airs_status check_far(component_actor *self, capability_right right, uint64_t to)
{
    authority *it = &self->authority;
    actor_far *far = actor_far_find(self->cell.space, to);
    if (far == NULL)
        return AIRS_E_GONE;
    uint32_t grant;
    capability_decision decision = {.allowed = true, .right = right};
    const capability_policy *policy = authority_policy(self);
    bool remembered = capability_view_recall(&it->view, &it->holder, right, to, &grant);
    if (remembered)
        decision.grant = grant;
    else
        decide_far(policy, right, far, &decision);
    capability_decision by_grants = decision;
    ask_other_app(self->cell.space, far, &decision);
    // Who learns runs one app alone: what another one would have to do is not learned.
    decision.learn = CAPABILITY_LEARN_NOT;
    if (remembered && decision.allowed && !is_awaited(self, grant)) {
        authority_count(it, grant);
        return AIRS_OK;
    }
    if (!authority_tell(self, &decision, base_bytes_of(far->text)))
        return AIRS_E_DENIED;
    if (!remembered)
        capability_view_remember(&it->view, &by_grants, to);
    return AIRS_OK;
}

airs_status authority_check_target(component_actor *self, capability_right right, uint64_t to, const actor *target)
{
    authority *it = &self->authority;
    uint32_t grant;
    if (target == NULL)
        return actor_id_is_far(to) ? check_far(self, right, to) : AIRS_E_GONE;
    if (base_atomic_load_relaxed(&it->refused_elsewhere) != 0)
        authority_take_elsewhere(self);
    (void)authority_policy(self);
    if (!prefix_matches(it, right, target, &grant) &&
        !capability_view_recall(&it->view, &it->holder, right, to, &grant))
        return ask_policy(self, right, target);
    if (is_awaited(self, grant))
        return tell_remembered(self, right, grant, target);
    authority_count(it, grant);
    return AIRS_OK;
}

airs_status authority_check_send(component_actor *self, capability_right right, uint64_t to)
{
    const actor_space *space = self->cell.space;
    sched_read read = sched_read_enter(space->sched);
    airs_status status = authority_check_target(self, right, to, actor_find(space, to));
    sched_read_leave(space->sched, read);
    return status;
}

bool authority_would_send(const component_actor *self, const capability_policy *policy, capability_right right,
                          uint64_t to)
{
    const actor *target = actor_find(self->cell.space, to);
    const actor_far *far = target == NULL ? actor_far_find(self->cell.space, to) : NULL;
    capability_decision decision = {.allowed = true};
    bool remember;
    if (target != NULL)
        decide(self, policy, right, target, &decision, &remember);
    else if (far != NULL)
        decide_far(policy, right, far, &decision);
    return decision.allowed;
}

bool authority_may_look_up(component_actor *self, airs_bytes name)
{
    airs_bytes app;
    airs_bytes rest;
    capability_decision decision;
    if (!actor_far_split(name, &app, &rest))
        return false;
    const capability_policy *policy = authority_policy(self);
    return capability_check_far_name(policy, CAPABILITY_MESSAGING_SEND, name, app.len, &decision) ||
           capability_check_far_name(policy, CAPABILITY_MESSAGING_ASK, name, app.len, &decision);
}

bool authority_check_look(component_actor *self, uint64_t to)
{
    const actor_space *space = self->cell.space;
    capability_decision decision = {.allowed = true};
    bool remember;
    char text[24];
    sched_read read = sched_read_enter(space->sched);
    const actor *target = actor_find(space, to);
    if (target != NULL) {
        const capability_policy *policy = authority_policy(self);
        decide(self, policy, CAPABILITY_MESSAGING_ASK, target, &decision, &remember);
        if (!decision.allowed)
            decide(self, policy, CAPABILITY_MESSAGING_SEND, target, &decision, &remember);
        (void)authority_tell(self, &decision, object_of(target, text));
    }
    sched_read_leave(space->sched, read);
    return decision.allowed;
}

// ---------------------------------------------------------------- topics and names

static airs_status tell(component_actor *self, capability_decision *decision, airs_bytes object)
{
    return authority_tell(self, decision, object) ? AIRS_OK : AIRS_E_DENIED;
}

/// What the runtime itself publishes can't be forged.
static bool is_of_the_runtime(airs_bytes topic)
{
    static const char prefix[] = "airssys.";
    return topic.len >= sizeof prefix - 1 && memcmp(topic.data, prefix, sizeof prefix - 1) == 0;
}

airs_status authority_check_publish(component_actor *self, airs_bytes topic)
{
    const capability_right right = CAPABILITY_MESSAGING_PUBLISH;
    if (is_of_the_runtime(topic)) {
        authority_refuse(self, right, topic, "topics below \"airssys.\" are the runtime's own");
        return AIRS_E_DENIED;
    }
    capability_decision decision;
    (void)capability_check_topic(authority_policy(self), right, topic, &decision);
    return tell(self, &decision, topic);
}

airs_status authority_check_subscribe(component_actor *self, airs_bytes pattern)
{
    capability_decision decision;
    (void)capability_check_topic(authority_policy(self), CAPABILITY_MESSAGING_SUBSCRIBE, pattern, &decision);
    return tell(self, &decision, pattern);
}

airs_status authority_check_name(component_actor *self, airs_bytes name)
{
    capability_decision decision;
    (void)capability_check_name(authority_policy(self), CAPABILITY_MESSAGING_REGISTER, name, &decision);
    return tell(self, &decision, name);
}

// ---------------------------------------------------------------- children

airs_status authority_check_spawn(component_actor *self, airs_bytes template_name, capability_alive_fn alive,
                                  uint32_t *ret_grant)
{
    capability_decision decision;
    capability_decision without_number;
    const capability_policy *policy = authority_policy(self);
    bool granted = capability_check_spawn(policy, template_name, NULL, NULL, &without_number);
    (void)capability_check_spawn(policy, template_name, alive, self, &decision);
    decision.children = self->space->learner == NULL ? 0 : children_alive_of(self, template_name) + 1;
    if (!authority_tell(self, &decision, template_name))
        return granted ? AIRS_E_LIMIT : AIRS_E_DENIED;
    *ret_grant = decision.grant;
    return AIRS_OK;
}
