// SPDX-License-Identifier: MIT OR Apache-2.0
#include "capability/holder.h"

void capability_holder_init(capability_holder *self, const capability_policy *policy)
{
    os_mutex_init(&self->lock);
    base_atomic_init(&self->epoch, 1u);
    self->policy = policy;
}

void capability_holder_fini(capability_holder *self)
{
    capability_policy_release(self->policy);
    self->policy = NULL;
}

/// Under the lock. Returns the policy from before, which is to be released without it.
static const capability_policy *put(capability_holder *self, capability_policy *policy)
{
    const capability_policy *before = self->policy;
    self->policy = policy;
    (void)base_atomic_fetch_add_relaxed(&self->epoch, 1u);
    return before;
}

void capability_holder_set(capability_holder *self, capability_policy *policy)
{
    os_mutex_lock(&self->lock);
    const capability_policy *before = put(self, policy);
    os_mutex_unlock(&self->lock);
    // Views that have it still hold their own references.
    capability_policy_release(before);
}

bool capability_holder_replace(capability_holder *self, const capability_policy *expected, capability_policy *policy)
{
    os_mutex_lock(&self->lock);
    bool holds = self->policy == expected;
    const capability_policy *before = holds ? put(self, policy) : NULL;
    os_mutex_unlock(&self->lock);
    capability_policy_release(before);
    return holds;
}

const capability_policy *capability_holder_get(capability_holder *self)
{
    os_mutex_lock(&self->lock);
    const capability_policy *policy = capability_policy_retain(self->policy);
    os_mutex_unlock(&self->lock);
    return policy;
}

void capability_view_fini(capability_view *self)
{
    capability_policy_release(self->policy);
    *self = (capability_view){0};
}

void capability_view_refresh(capability_view *self, capability_holder *holder)
{
    os_mutex_lock(&holder->lock);
    const capability_policy *policy = capability_policy_retain(holder->policy);
    uint64_t epoch = base_atomic_load_relaxed(&holder->epoch);
    os_mutex_unlock(&holder->lock);
    capability_policy_release(self->policy);
    *self = (capability_view){.policy = policy, .epoch = epoch};
}
