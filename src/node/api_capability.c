// SPDX-License-Identifier: MIT OR Apache-2.0
/// include/airssys/capability.h: grants of running components.
#include "actor/native.h"
#include "airssys/capability.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/name.h"
#include "capability/grant_text.h"
#include "node/system.h"

_Static_assert(AIRS_PATTERN_SIZE == CAPABILITY_PATTERN_SIZE && AIRS_CUSTOM_SIZE == CAPABILITY_CUSTOM_SIZE,
               "texts of the API fit into those of the library");

static airs_status refuse(airs_error *error, airs_status status)
{
    return base_error_set(error, status, "%s", airs_status_text(status));
}

/// The component of an id with one more count. Errors: E_GONE, E_UNSUPPORTED.
static airs_status find_and_retain(airs_system *system, airs_actor_id id, component_actor **ret, airs_error *error)
{
    sched_read read = sched_read_enter(system->sched);
    actor *found = actor_find(&system->actors, id.raw);
    bool component = found != NULL && found->kind->kind == AIRS_KIND_COMPONENT;
    bool retained = component && actor_retain(found);
    sched_read_leave(system->sched, read);
    if (found != NULL && !component)
        return base_error_set(error, AIRS_E_UNSUPPORTED, "it is no component, and so is asked for no grant");
    if (!retained)
        return refuse(error, AIRS_E_GONE);
    *ret = component_actor_of(found);
    return AIRS_OK;
}

void airs_system_on_decision(airs_system *system, airs_decision_fn fn, void *user)
{
    if (system == NULL)
        return;
    const authority_observer *audit = system->audit.log == NULL ? NULL : &system->audit.observer;
    system->components.observer = node_decisions_set(&system->decisions, fn, user, audit);
}

airs_status airs_grant_parse(const char *text, airs_grant_text *ret_grant, airs_error *error)
{
    if (text == NULL || ret_grant == NULL)
        return refuse(error, AIRS_E_INVALID);
    capability_grant_text made;
    airs_status status = capability_grant_parse(base_bytes_of(text), &made, error);
    if (status != AIRS_OK)
        return status;
    base_text_copy(ret_grant->pattern, sizeof ret_grant->pattern, base_bytes_of(made.grant.pattern));
    base_text_copy(ret_grant->custom, sizeof ret_grant->custom, base_bytes_of(made.grant.custom));
    ret_grant->grant = made.grant;
    ret_grant->grant.pattern = made.grant.pattern == NULL ? NULL : ret_grant->pattern;
    ret_grant->grant.custom = made.grant.custom == NULL ? NULL : ret_grant->custom;
    return AIRS_OK;
}

const char *airs_grant_format(char *text, size_t size, const airs_grant *grant)
{
    if (text == NULL || size == 0)
        return "";
    text[0] = '\0';
    if (grant == NULL || grant->rights == 0 || grant->rights >= CAPABILITY_BIT(CAPABILITY_RIGHTS))
        return text;
    return capability_grant_format(text, size, grant);
}

airs_status airs_actor_each_grant(airs_system *system, airs_actor_id actor_id, airs_grant_fn fn, void *user)
{
    if (system == NULL || fn == NULL)
        return AIRS_E_INVALID;
    component_actor *found;
    airs_status status = find_and_retain(system, actor_id, &found, NULL);
    if (status != AIRS_OK)
        return status;
    const capability_policy *policy = capability_holder_get(&found->authority.holder);
    bool more = true;
    for (uint32_t i = 0; more && i < capability_policy_grant_count(policy); i++) {
        airs_grant_info info = {i, *capability_policy_grant(policy, i), authority_uses(found, i)};
        more = fn(user, &info);
    }
    capability_policy_release(policy);
    actor_release(&found->cell);
    return AIRS_OK;
}

uint64_t airs_actor_refusals(airs_system *system, airs_actor_id actor_id)
{
    component_actor *found;
    if (system == NULL || find_and_retain(system, actor_id, &found, NULL) != AIRS_OK)
        return 0;
    uint64_t refused = base_atomic_load_relaxed(&found->authority.refused) +
                       base_atomic_load_relaxed(&found->authority.refused_elsewhere);
    actor_release(&found->cell);
    return refused;
}

airs_status airs_grant_add(airs_system *system, airs_actor_id actor_id, const airs_grant *grants, size_t count,
                           uint32_t *ret_number, airs_error *error)
{
    if (system == NULL || (grants == NULL && count > 0))
        return refuse(error, AIRS_E_INVALID);
    component_actor *found;
    airs_status status = find_and_retain(system, actor_id, &found, error);
    if (status != AIRS_OK)
        return status;
    capability_change change = {.added = grants, .added_count = count};
    uint32_t wrong = CAPABILITY_NONE;
    status = authority_change(found, &change, &wrong, error);
    if (status == AIRS_E_INVALID && wrong < count) {
        char text[200];
        base_error_prefix(error, "%s", airs_grant_format(text, sizeof text, &grants[wrong]));
    }
    if (status == AIRS_OK && ret_number != NULL)
        *ret_number = change.first;
    actor_release(&found->cell);
    return status;
}

airs_status airs_grant_revoke(airs_system *system, airs_actor_id actor_id, const uint32_t *numbers, size_t count,
                              airs_error *error)
{
    if (system == NULL || (numbers == NULL && count > 0))
        return refuse(error, AIRS_E_INVALID);
    component_actor *found;
    airs_status status = find_and_retain(system, actor_id, &found, error);
    if (status != AIRS_OK)
        return status;
    capability_change change = {.revoked = numbers, .revoked_count = count};
    status = authority_change(found, &change, NULL, error);
    actor_release(&found->cell);
    return status;
}

// ---------------------------------------------------------------- for native actors

/// Whether the sender is a component; retained then. Errors: E_GONE.
static airs_status find_sender(const actor *self, component_actor **ret)
{
    actor_space *space = self->space;
    sched_read read = sched_read_enter(space->sched);
    actor *found = actor_find(space, self->in_hand->sender);
    bool component = found != NULL && found->kind->kind == AIRS_KIND_COMPONENT;
    bool retained = component && actor_retain(found);
    sched_read_leave(space->sched, read);
    *ret = retained ? component_actor_of(found) : NULL;
    return found == NULL || component != retained ? AIRS_E_GONE : AIRS_OK;
}

airs_status airs_context_sender_allowed(airs_context *context, const char *name, const void *object, size_t len,
                                        airs_error *error)
{
    const actor *self = native_context_actor(context);
    if (self == NULL || self->in_hand == NULL)
        return base_error_set(error, AIRS_E_INVALID, "no context of this thread's, or no message in hand");
    if (name == NULL || !base_name_valid(base_bytes_of(name), false))
        return base_error_set(error, AIRS_E_INVALID,
                              "the name of a custom capability has 1 to %u letters, digits and "
                              "`-_.:/`",
                              BASE_NAME_MAX);
    if ((object == NULL && len > 0) || len > AUTHORITY_OBJECT_MAX)
        return base_error_set(error, AIRS_E_INVALID, "the object of a custom capability has at most %u bytes",
                              AUTHORITY_OBJECT_MAX);
    component_actor *sender = NULL;
    airs_status status = self->in_hand->sender == 0 ? AIRS_OK : find_sender(self, &sender);
    if (status != AIRS_OK)
        return base_error_set(error, status, "who has sent the message has ended");
    // Whoever is no component is asked for no grant.
    if (sender == NULL)
        return AIRS_OK;
    status =
        authority_check_elsewhere(sender, base_bytes_of(name), (airs_bytes){object, len}, self->in_hand->id, error);
    actor_release(&sender->cell);
    return status;
}
