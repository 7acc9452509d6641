// SPDX-License-Identifier: MIT OR Apache-2.0
/// The policy that holds now, and how a revocation reaches all who use it.
///
/// A holder belongs to one component, and is changed from any thread. Each user (an instance, an open file) has a view
/// of its own, with a reference to the policy that it has seen last. Each use compares one number, the epoch; when it
/// has changed, the view gets the new policy and forgets what it remembered. So what was revoked is refused from the
/// first use that begins after `capability_holder_set` has returned.
///
/// The epoch is read relaxed: a user that learns in any way that the revocation is done, has it before its next read. A
/// view that sees the new epoch takes the policy under the lock, behind the change.
#ifndef CAPABILITY_HOLDER_H
#define CAPABILITY_HOLDER_H

#include "base/atomics.h"
#include "capability/policy.h"
#include "os/mutex.h"

typedef struct capability_holder {
    os_mutex lock;
    /// Changes of the policy, from 1. Written under the lock.
    BASE_ATOMIC(uint64_t) epoch;
    /// Under the lock.
    const capability_policy *policy;
} capability_holder;

/// Takes over the caller's reference to `policy`.
void capability_holder_init(capability_holder *self, const capability_policy *policy);
/// Nobody uses it any more; views may still hold their policy.
void capability_holder_fini(capability_holder *self);

/// From now on `policy` holds; takes over the caller's reference. Any thread.
void capability_holder_set(capability_holder *self, capability_policy *policy);

/// The same if `expected` still holds; else nothing is done, and false. Any thread.
bool capability_holder_replace(capability_holder *self, const capability_policy *expected, capability_policy *policy);

/// The policy that holds now. Owns: the caller gets a reference. Any thread.
const capability_policy *capability_holder_get(capability_holder *self);

/// Objects that a view remembers. A power of two.
#define CAPABILITY_VIEW_SLOTS 16u

/// Of one thread at a time. All zero has seen nothing yet.
typedef struct capability_view {
    const capability_policy *policy;
    uint64_t epoch;
    /// Decisions in favour, by right and object: an id that is never given anew; 0 is none.
    struct {
        uint64_t object;
        uint32_t right;
        uint32_t grant;
    } remembered[CAPABILITY_VIEW_SLOTS];
} capability_view;

void capability_view_fini(capability_view *self);

/// The slow half: takes the policy that holds now.
void capability_view_refresh(capability_view *self, capability_holder *holder);

/// What holds now; borrowed until the next call with this view.
static inline const capability_policy *capability_view_policy(capability_view *self, capability_holder *holder)
{
    if (base_atomic_load_relaxed(&holder->epoch) != self->epoch)
        capability_view_refresh(self, holder);
    return self->policy;
}

static inline uint32_t capability_view_slot(uint64_t object, capability_right right)
{
    return (uint32_t)(((object + (uint64_t)right) * 0x9e3779b97f4a7c15u) >> 32) % CAPABILITY_VIEW_SLOTS;
}

/// Whether `right` on `object` was remembered, and still holds; then `ret_grant` is the grant. To be asked before the
/// policy is, where one object is used again and again.
static inline bool capability_view_recall(capability_view *self, capability_holder *holder, capability_right right,
                                          uint64_t object, uint32_t *ret_grant)
{
    (void)capability_view_policy(self, holder);
    uint32_t slot = capability_view_slot(object, right);
    if (object == 0 || self->remembered[slot].object != object || self->remembered[slot].right != (uint32_t)right)
        return false;
    *ret_grant = self->remembered[slot].grant;
    return true;
}

/// Remembers a decision that was made with this view's policy.
static inline void capability_view_remember(capability_view *self, const capability_decision *decision, uint64_t object)
{
    uint32_t slot = capability_view_slot(object, decision->right);
    self->remembered[slot].object = object;
    self->remembered[slot].right = (uint32_t)decision->right;
    self->remembered[slot].grant = decision->grant;
}

#endif
