// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/requests.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "capability/requests.h"
#include "node/system.h"

#include <cjson/cJSON.h>

typedef struct listing {
    const airs_allocator *allocator;
    const capability_policy *granted;
    cJSON *list;
    airs_status status;
} listing;

static void add(void *user, const capability_grant *request, airs_bytes line)
{
    listing *self = user;
    capability_verdict verdict;
    airs_status status = capability_request_judge(self->granted, request, self->allocator, &verdict);
    char *text = base_strndup(self->allocator, (const char *)line.data, line.len);
    cJSON *one = cJSON_CreateObject();
    if (status == AIRS_OK && text != NULL && cJSON_AddStringToObject(one, "request", text) != NULL &&
        cJSON_AddStringToObject(one, "verdict", capability_verdict_name(verdict)) != NULL &&
        cJSON_AddItemToArray(self->list, one))
        one = NULL;
    else
        self->status = AIRS_E_NOMEM;
    cJSON_Delete(one);
    base_free(self->allocator, text);
}

/// The component of an actor, retained, and the policy that holds. Errors: E_GONE.
static airs_status look(airs_system *system, airs_actor_id id, airs_component **ret,
                        const capability_policy **ret_policy)
{
    sched_read read = sched_read_enter(system->sched);
    actor *found = actor_find(&system->actors, id.raw);
    bool retained = found != NULL && found->kind->kind == AIRS_KIND_COMPONENT && actor_retain(found);
    sched_read_leave(system->sched, read);
    if (!retained)
        return AIRS_E_GONE;
    component_actor *self = component_actor_of(found);
    os_mutex_lock(&found->info_lock);
    *ret = self->shown;
    airs_component_retain(*ret);
    os_mutex_unlock(&found->info_lock);
    *ret_policy = capability_holder_get(&self->authority.holder);
    actor_release(found);
    return AIRS_OK;
}

airs_status node_requests_add(airs_system *system, airs_actor_id id, struct cJSON *json, airs_error *error)
{
    airs_component *component;
    const capability_policy *policy;
    airs_status status = look(system, id, &component, &policy);
    if (status != AIRS_OK)
        return base_error_set(error, status, "%s", airs_status_text(status));
    if (component->requests != NULL) {
        airs_error wrong;
        listing self = {system->allocator, policy, cJSON_AddArrayToObject(json, "requests"), AIRS_OK};
        status = self.list == NULL ? AIRS_E_NOMEM
                                   : capability_requests_read(base_bytes_of(component->requests), system->allocator,
                                                              add, &self, &wrong);
        if (status == AIRS_OK)
            status = self.status;
        if (status == AIRS_E_INVALID)
            status = cJSON_AddStringToObject(json, "requests_error", wrong.text) == NULL ? AIRS_E_NOMEM : AIRS_OK;
    }
    capability_policy_release(policy);
    airs_component_release(component);
    return status == AIRS_OK ? AIRS_OK : base_error_set(error, status, "no memory for the reply");
}

bool node_component_takes_messages(airs_system *system, airs_actor_id id)
{
    airs_component *component = NULL;
    const capability_policy *policy = NULL;
    if (look(system, id, &component, &policy) != AIRS_OK)
        return true;
    bool takes = (component->exports & (ENGINE_EXPORT_ACTOR | ENGINE_EXPORT_BATCH)) != 0;
    capability_policy_release(policy);
    airs_component_release(component);
    return takes;
}
