// SPDX-License-Identifier: MIT OR Apache-2.0
// Children get at most what their parent has.
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "capability/glob.h"
#include "capability/pattern.h"
#include "capability/policy_impl.h"
#include "capability/topic_pattern.h"

static bool network_covers(const capability_rule *granted, const capability_rule *wanted)
{
    bool range = granted->endpoint->kind == CAPABILITY_HOST_RANGE;
    if (!capability_endpoint_covers(granted->endpoint, wanted->endpoint) || (wanted->zones & ~granted->zones) != 0)
        return false;
    return wanted->endpoint->kind != CAPABILITY_HOST_RANGE ||
           capability_range_names_no_more(range ? &granted->endpoint->range : NULL, granted->zones,
                                          &wanted->endpoint->range);
}

static bool rule_covers(const capability_rule *granted, const capability_rule *wanted)
{
    switch (capability_grant_kind(&wanted->grant)) {
    case CAPABILITY_FILES:
        return capability_glob_covers(granted->grant.pattern, wanted->grant.pattern);
    case CAPABILITY_NETWORK:
        return network_covers(granted, wanted);
    case CAPABILITY_MESSAGING:
        return (wanted->grant.rights & CAPABILITY_MASK_TOPICS) != 0
                   ? capability_topic_covers(granted->grant.pattern, wanted->pattern)
                   : capability_pattern_covers(granted->pattern, wanted->pattern);
    case CAPABILITY_SPAWN:
        return wanted->grant.count_max <= granted->grant.count_max &&
               capability_pattern_covers(granted->pattern, wanted->pattern);
    case CAPABILITY_CUSTOM:
        return strcmp(granted->grant.custom, wanted->grant.custom) == 0 &&
               capability_pattern_covers(granted->pattern, wanted->pattern);
    case CAPABILITY_ENV:
    case CAPABILITY_CONFIG:
        return capability_pattern_covers(granted->pattern, wanted->pattern);
    default:
        return true;
    }
}

/// Those rights of `wanted` that `granted` gives on all that it is about.
static uint32_t covered_rights(const capability_policy *granted, const capability_rule *wanted)
{
    uint32_t covered = 0;
    for (uint32_t right = 0; right < CAPABILITY_RIGHTS; right++) {
        if ((capability_rule_rights(wanted) & CAPABILITY_BIT(right)) == 0)
            continue;
        capability_each_rule (granted, right, at) {
            if (rule_covers(capability_rule_at(granted, at), wanted))
                covered |= CAPABILITY_BIT(right);
        }
    }
    return covered;
}

static bool has_mount(const capability_policy *policy, const capability_mount *mount)
{
    for (uint32_t i = 0; i < policy->mount_count; i++) {
        if (strcmp(policy->mounts[i].guest, mount->guest) == 0 && strcmp(policy->mounts[i].host, mount->host) == 0)
            return true;
    }
    return false;
}

/// A parent's mount below one of the child's hides a folder; without it the child would see what is hidden.
static bool hides_for(const capability_mount *mount, const capability_mount *of_child)
{
    return strcmp(mount->guest, of_child->guest) != 0 && capability_path_is_below(mount->guest, of_child->guest, NULL);
}

static bool mount_covered(const capability_policy *granted, const capability_policy *wanted,
                          const capability_mount *mount)
{
    if (!has_mount(granted, mount))
        return false;
    for (uint32_t i = 0; i < granted->mount_count; i++) {
        if (hides_for(&granted->mounts[i], mount) && !has_mount(wanted, &granted->mounts[i]))
            return false;
    }
    return true;
}

bool capability_policy_covers(const capability_policy *granted, const capability_policy *wanted, uint32_t *ret_missing)
{
    uint32_t missing = CAPABILITY_NONE;
    for (uint32_t i = wanted->mount_count; i-- > 0;) {
        if (!mount_covered(granted, wanted, &wanted->mounts[i]))
            missing = wanted->rule_count + i;
    }
    for (uint32_t i = wanted->rule_count; i-- > 0;) {
        if (covered_rights(granted, &wanted->rules[i]) != capability_rule_rights(&wanted->rules[i]))
            missing = i;
    }
    if (missing != CAPABILITY_NONE && ret_missing != NULL)
        *ret_missing = missing;
    return missing == CAPABILITY_NONE;
}

/// All mounts of the parent that the child wants, and those that hide folders below them.
static size_t choose_mounts(const capability_policy *parent, const capability_policy *wanted, capability_mount *mounts)
{
    size_t count = 0;
    for (uint32_t i = 0; i < parent->mount_count; i++) {
        const capability_mount *mount = &parent->mounts[i];
        bool chosen = has_mount(wanted, mount);
        for (uint32_t k = 0; k < parent->mount_count && !chosen; k++)
            chosen = has_mount(wanted, &parent->mounts[k]) && hides_for(mount, &parent->mounts[k]);
        if (chosen)
            mounts[count++] = *mount;
    }
    return count;
}

/// Whether a grant of files can still match: what is left of the mounts may have nothing where it could.
static bool has_place(const capability_grant *grant, const capability_mount *mounts, size_t mount_count,
                      const airs_allocator *allocator, airs_status *ret_status)
{
    capability_policy *trial;
    capability_policy_options options = {grant, 1, mounts, mount_count};
    airs_status status = capability_policy_create(&options, allocator, &trial, NULL, NULL);
    if (status == AIRS_OK)
        capability_policy_release(trial);
    else if (status == AIRS_E_NOMEM)
        *ret_status = status;
    return status == AIRS_OK;
}

/// What a child gets: grants chosen so far, and which rights of each wanted one.
typedef struct choice {
    const capability_policy *parent;
    const capability_policy *wanted;
    const capability_mount *mounts;
    size_t mount_count;
    capability_grant *grants;
    size_t count;
    /// By number of the wanted grant.
    uint32_t *given;
    airs_status status;
} choice;

static void add(choice *self, const capability_grant *from, uint32_t rights)
{
    capability_grant grant = *from;
    grant.rights = rights;
    if (rights == 0 || self->status != AIRS_OK || self->count == CAPABILITY_GRANTS_MAX)
        return;
    if (has_place(&grant, self->mounts, self->mount_count, self->wanted->allocator, &self->status))
        self->grants[self->count++] = grant;
}

/// Those rights of `of`, a grant of the parent's, that a wanted grant covers, and none that the child has got whole.
static uint32_t narrowed_rights(const choice *self, const capability_rule *of)
{
    uint32_t rights = covered_rights(self->wanted, of);
    for (uint32_t i = 0; i < self->wanted->rule_count && rights != 0; i++) {
        const capability_rule *wanted = &self->wanted->rules[i];
        if (self->given[i] == 0 || capability_grant_kind(&wanted->grant) != capability_grant_kind(&of->grant))
            continue;
        // Two grants of the same templates with other numbers would contradict each other: the child's own stands.
        bool same_templates =
            capability_grant_kind(&of->grant) == CAPABILITY_SPAWN && base_bytes_equal(wanted->pattern, of->pattern);
        if (same_templates || rule_covers(wanted, of))
            rights &= ~self->given[i];
    }
    return rights;
}

static void choose_grants(choice *self)
{
    for (uint32_t i = 0; i < self->wanted->rule_count; i++) {
        self->given[i] = covered_rights(self->parent, &self->wanted->rules[i]);
        add(self, &self->wanted->rules[i].grant, self->given[i]);
    }
    for (uint32_t i = 0; i < self->parent->rule_count; i++)
        add(self, &self->parent->rules[i].grant, narrowed_rights(self, &self->parent->rules[i]));
}

airs_status capability_policy_attenuate(const capability_policy *parent, const capability_policy *wanted,
                                        capability_policy **ret_policy, airs_error *error)
{
    const airs_allocator *allocator = wanted->allocator;
    capability_mount mounts[CAPABILITY_MOUNTS_MAX];
    size_t room = (size_t)wanted->rule_count + parent->rule_count + 1;
    choice chosen = {.parent = parent,
                     .wanted = wanted,
                     .mounts = mounts,
                     .mount_count = choose_mounts(parent, wanted, mounts),
                     .grants = base_alloc_array(allocator, room, sizeof *chosen.grants),
                     .given = base_alloc_array(allocator, room, sizeof *chosen.given)};
    airs_status status = AIRS_E_NOMEM;
    if (chosen.grants != NULL && chosen.given != NULL) {
        choose_grants(&chosen);
        status = chosen.status;
    }
    capability_policy_options options = {chosen.grants, chosen.count, mounts, chosen.mount_count};
    if (status == AIRS_OK)
        status = capability_policy_create(&options, allocator, ret_policy, NULL, error);
    else
        (void)base_error_set(error, status, "no memory for grants");
    base_free(allocator, chosen.grants);
    base_free(allocator, chosen.given);
    return status;
}

airs_status capability_policy_restrict(const capability_policy *parent, const capability_policy *child,
                                       capability_policy **ret_policy, airs_error *error)
{
    size_t count = child->rule_count;
    capability_grant *grants = base_alloc_array(child->allocator, 2 * count + 1, sizeof *grants);
    if (grants == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for grants");
    for (uint32_t i = 0; i < child->rule_count; i++) {
        grants[i] = child->rules[i].grant;
        uint32_t left = covered_rights(parent, &child->rules[i]);
        if (grants[i].revoked || left == grants[i].rights)
            continue;
        // Whoever goes by its number sees that it is not the same any more.
        grants[i].revoked = true;
        if (left != 0 && count < CAPABILITY_GRANTS_MAX) {
            grants[count] = child->rules[i].grant;
            grants[count++].rights = left;
        }
    }
    capability_policy_options options = {grants, count, child->mounts, child->mount_count};
    airs_status status = capability_policy_create(&options, child->allocator, ret_policy, NULL, error);
    base_free(child->allocator, grants);
    return status;
}
