// SPDX-License-Identifier: MIT OR Apache-2.0
/// The inside of a policy, for the files that answer questions about it.
#ifndef CAPABILITY_POLICY_IMPL_H
#define CAPABILITY_POLICY_IMPL_H

#include "base/atomics.h"
#include "capability/policy.h"

/// A grant, compiled.
typedef struct capability_rule {
    /// Its texts are the policy's own.
    capability_grant grant;
    airs_bytes pattern;
    /// files, names: the pattern matches one text only.
    bool literal;
    /// network: those of the grant, and loopback for `localhost`.
    uint32_t zones;
    /// network, else NULL.
    capability_endpoint *endpoint;
} capability_rule;

struct capability_policy {
    const airs_allocator *allocator;
    /// The release that drops the last one sees all that was done with the policy: each drop is acq_rel.
    BASE_ATOMIC(uint32_t) references;
    uint32_t rule_count;
    uint32_t mount_count;
    capability_rule *rules;
    /// Numbers of rules, right by right: those of right r stand from first[r] to first[r + 1].
    uint32_t *by_right;
    uint32_t first[CAPABILITY_RIGHTS + 1];
    capability_mount *mounts;
};

/// For each rule that gives `right`, in the order of the grants.
#define capability_each_rule(policy, right, at) \
    for (uint32_t at = (policy)->first[right]; at < (policy)->first[(right) + 1]; at++)

static inline const capability_rule *capability_rule_at(const capability_policy *policy, uint32_t at)
{
    return &policy->rules[policy->by_right[at]];
}

#define CAPABILITY_MASK_TOPICS \
    (CAPABILITY_BIT(CAPABILITY_MESSAGING_PUBLISH) | CAPABILITY_BIT(CAPABILITY_MESSAGING_SUBSCRIBE))

/// The kind of a grant, which has at least one right.
static inline capability_kind capability_grant_kind(const capability_grant *grant)
{
    return capability_right_kind((capability_right)__builtin_ctz(grant->rights));
}

/// What the rule gives now.
static inline uint32_t capability_rule_rights(const capability_rule *rule)
{
    return rule->grant.revoked ? 0 : rule->grant.rights;
}

/// Compiles the pattern of `rule`, whose grant is set. E_INVALID: `error` says what is wrong with it.
airs_status capability_rule_compile(capability_rule *rule, const airs_allocator *allocator, airs_error *error);

#endif
