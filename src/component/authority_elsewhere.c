// SPDX-License-Identifier: MIT OR Apache-2.0
// Questions about a component that somebody else asks: a native actor, about who has sent it a message.
#include "component/authority.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/name.h"
#include "component/component_actor.h"
#include "component/learn.h"

/// A name, a blank and an object, as `tell` has them.
static airs_bytes put_together(char text[AUTHORITY_CUSTOM_SIZE], airs_bytes name, airs_bytes object)
{
    base_text_copy(text, AUTHORITY_CUSTOM_SIZE, name);
    text[name.len] = ' ';
    if (object.len > 0)
        memcpy(text + name.len + 1, object.data, object.len);
    return (airs_bytes){(const uint8_t *)text, name.len + 1 + object.len};
}

airs_status authority_check_elsewhere(component_actor *self, airs_bytes name, airs_bytes object, uint64_t message,
                                      airs_error *error)
{
    const authority_observer *observer = self->space->observer;
    const capability_policy *policy = capability_holder_get(&self->authority.holder);
    capability_decision decision;
    char text[AUTHORITY_CUSTOM_SIZE];
    (void)capability_check_custom(policy, name, object, &decision);
    capability_policy_release(policy);
    decision.elsewhere = true;
    decision.message = message;
    airs_bytes told = put_together(text, name, object);
    if (self->space->learner != NULL)
        component_learn(self, &decision, told);
    if (!decision.allowed && !decision.learned)
        (void)base_atomic_fetch_add_relaxed(&self->authority.refused_elsewhere, 1u);
    // Its uses are counted by its owner alone: each one is told as the first.
    bool done = observer == NULL || observer->tell(observer->user, self, &decision, told, true);
    return done && (decision.allowed || decision.learned) ? AIRS_OK
                                                          : base_error_set(error, AIRS_E_DENIED, "%s", decision.text);
}

void authority_take_elsewhere(component_actor *self)
{
    authority *it = &self->authority;
    uint32_t count = base_atomic_exchange_acq_rel(&it->refused_elsewhere, 0u);
    // One writer.
    base_atomic_store_relaxed(&it->refused, base_atomic_load_relaxed(&it->refused) + count);
    for (uint32_t i = 0; i < count && !self->over_refusals; i++)
        component_actor_count_refusal(self);
}
