// SPDX-License-Identifier: MIT OR Apache-2.0
#include "capability/policy.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "capability/glob.h"
#include "capability/policy_impl.h"

// ---------------------------------------------------------------- mounts

static airs_status check_mount(const capability_policy *self, const capability_mount *mount, airs_error *error)
{
    if (mount->guest == NULL || !capability_path_is_normal(mount->guest))
        return base_error_set(error, AIRS_E_INVALID, "the folder \"%.200s\" of a mount is no normal path",
                              mount->guest == NULL ? "" : mount->guest);
    if (mount->host == NULL || mount->host[0] == '\0')
        return base_error_set(error, AIRS_E_INVALID, "the mount \"%.200s\" has no folder on the host", mount->guest);
    for (uint32_t i = 0; i < self->mount_count; i++) {
        if (strcmp(self->mounts[i].guest, mount->guest) == 0)
            return base_error_set(error, AIRS_E_INVALID, "\"%.200s\" is mounted twice", mount->guest);
    }
    return AIRS_OK;
}

static airs_status add_mount(capability_policy *self, const capability_mount *mount, airs_error *error)
{
    airs_status status = check_mount(self, mount, error);
    if (status != AIRS_OK)
        return status;
    // Counted at once, so that what is freed is what was made.
    capability_mount *made = &self->mounts[self->mount_count++];
    made->guest = base_strndup(self->allocator, mount->guest, strlen(mount->guest));
    made->host = base_strndup(self->allocator, mount->host, strlen(mount->host));
    if (made->guest == NULL || made->host == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for a mount");
    return AIRS_OK;
}

/// Whether a path below a mount can match: up to the first name with a pattern in it, one must be below the other.
static airs_status check_reachable(const capability_policy *self, const char *glob, airs_error *error)
{
    char fixed[CAPABILITY_GLOB_MAX + 1];
    size_t len = strcspn(glob, "*?[");
    while (glob[len] != '\0' && len > 0 && glob[len - 1] != '/')
        len--;
    // Without the slash at the end; nothing is the root.
    len -= glob[len] != '\0' && len > 0 ? 1u : 0u;
    base_text_copy(fixed, sizeof fixed, (airs_bytes){(const uint8_t *)glob, len});
    if (len == 0)
        base_text_copy(fixed, sizeof fixed, base_bytes_of("/"));
    for (uint32_t i = 0; i < self->mount_count; i++) {
        if (capability_path_is_below(fixed, self->mounts[i].guest, NULL) ||
            capability_path_is_below(self->mounts[i].guest, fixed, NULL))
            return AIRS_OK;
    }
    return base_error_set(error, AIRS_E_INVALID, "nothing is mounted where it could match");
}

// ---------------------------------------------------------------- grants

static airs_status check_rights(uint32_t rights, airs_error *error)
{
    if (rights == 0 || rights >= CAPABILITY_BIT(CAPABILITY_RIGHTS))
        return base_error_set(error, AIRS_E_INVALID, rights == 0 ? "it gives no right" : "there is no such right");
    capability_kind kind = capability_right_kind((capability_right)__builtin_ctz(rights));
    for (uint32_t right = 0; right < CAPABILITY_RIGHTS; right++) {
        if ((rights & CAPABILITY_BIT(right)) != 0 && capability_right_kind((capability_right)right) != kind)
            return base_error_set(error, AIRS_E_INVALID, "its rights are of several kinds");
    }
    return AIRS_OK;
}

static airs_status check_against_others(const capability_policy *self, const capability_grant *grant, airs_error *error)
{
    if (capability_grant_kind(grant) == CAPABILITY_FILES)
        return check_reachable(self, grant->pattern, error);
    if (capability_grant_kind(grant) != CAPABILITY_SPAWN)
        return AIRS_OK;
    for (uint32_t i = 0; i + 1 < self->rule_count; i++) {
        const capability_grant *other = &self->rules[i].grant;
        if (capability_grant_kind(other) == CAPABILITY_SPAWN && !other->revoked && !grant->revoked &&
            strcmp(other->pattern, grant->pattern) == 0 && other->count_max != grant->count_max)
            return base_error_set(error, AIRS_E_INVALID, "another grant allows %u of the same", other->count_max);
    }
    return AIRS_OK;
}

static bool copy_text(const airs_allocator *allocator, const char **text)
{
    if (*text == NULL)
        return true;
    *text = base_strndup(allocator, *text, strlen(*text));
    return *text != NULL;
}

static airs_status add_rule(capability_policy *self, const capability_grant *grant, airs_error *error)
{
    airs_status status = check_rights(grant->rights, error);
    if (status != AIRS_OK)
        return status;
    capability_rule *rule = &self->rules[self->rule_count++];
    rule->grant = *grant;
    bool copied = copy_text(self->allocator, &rule->grant.pattern);
    copied = copy_text(self->allocator, &rule->grant.custom) && copied;
    if (!copied)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for a grant");
    rule->pattern = base_bytes_of(rule->grant.pattern);
    status = capability_rule_compile(rule, self->allocator, error);
    if (status == AIRS_OK)
        status = check_against_others(self, &rule->grant, error);
    return status;
}

static airs_status index_rights(capability_policy *self, airs_error *error)
{
    uint32_t total = 0;
    for (uint32_t i = 0; i < self->rule_count; i++)
        total += (uint32_t)__builtin_popcount(capability_rule_rights(&self->rules[i]));
    self->by_right = base_alloc_array(self->allocator, total == 0 ? 1 : total, sizeof *self->by_right);
    if (self->by_right == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for grants");
    uint32_t next = 0;
    for (uint32_t right = 0; right < CAPABILITY_RIGHTS; right++) {
        self->first[right] = next;
        for (uint32_t i = 0; i < self->rule_count; i++) {
            if ((capability_rule_rights(&self->rules[i]) & CAPABILITY_BIT(right)) != 0)
                self->by_right[next++] = i;
        }
    }
    self->first[CAPABILITY_RIGHTS] = next;
    return AIRS_OK;
}

// ---------------------------------------------------------------- life

static void destroy(capability_policy *self)
{
    for (uint32_t i = 0; i < self->rule_count; i++) {
        // What was copied is ours; what could not be is NULL.
        base_free(self->allocator, (char *)(uintptr_t)self->rules[i].grant.pattern);
        base_free(self->allocator, (char *)(uintptr_t)self->rules[i].grant.custom);
        base_free(self->allocator, self->rules[i].endpoint);
    }
    for (uint32_t i = 0; i < self->mount_count; i++) {
        base_free(self->allocator, (char *)(uintptr_t)self->mounts[i].guest);
        base_free(self->allocator, (char *)(uintptr_t)self->mounts[i].host);
    }
    base_free(self->allocator, self->rules);
    base_free(self->allocator, self->mounts);
    base_free(self->allocator, self->by_right);
    base_free(self->allocator, self);
}

/// Adds one after the other; `*ret_wrong` says at which it ended.
static airs_status fill(capability_policy *self, const capability_policy_options *options, uint32_t *ret_wrong,
                        airs_error *error)
{
    // Mounts first: grants of files are held against them.
    for (uint32_t i = 0; i < options->mount_count; i++) {
        airs_status status = add_mount(self, &options->mounts[i], error);
        if (status != AIRS_OK) {
            *ret_wrong = (uint32_t)options->grant_count + i;
            return status;
        }
    }
    for (uint32_t i = 0; i < options->grant_count; i++) {
        airs_status status = add_rule(self, &options->grants[i], error);
        if (status != AIRS_OK) {
            *ret_wrong = i;
            return status;
        }
    }
    return index_rights(self, error);
}

airs_status capability_policy_create(const capability_policy_options *options, const airs_allocator *allocator,
                                     capability_policy **ret_policy, uint32_t *ret_wrong, airs_error *error)
{
    uint32_t wrong = CAPABILITY_NONE;
    if (options->grant_count > CAPABILITY_GRANTS_MAX || options->mount_count > CAPABILITY_MOUNTS_MAX)
        return base_error_set(error, AIRS_E_LIMIT, "at most %u grants and %u mounts", CAPABILITY_GRANTS_MAX,
                              CAPABILITY_MOUNTS_MAX);
    capability_policy *self = base_alloc_zeroed(allocator, sizeof *self);
    if (self == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for grants");
    self->allocator = allocator;
    base_atomic_init(&self->references, 1u);
    self->rules = base_alloc_array(allocator, options->grant_count + 1, sizeof *self->rules);
    self->mounts = base_alloc_array(allocator, options->mount_count + 1, sizeof *self->mounts);
    airs_status status = AIRS_OK;
    if (self->rules == NULL || self->mounts == NULL)
        status = base_error_set(error, AIRS_E_NOMEM, "no memory for grants");
    if (status == AIRS_OK)
        status = fill(self, options, &wrong, error);
    if (status != AIRS_OK) {
        destroy(self);
        if (ret_wrong != NULL)
            *ret_wrong = wrong;
        return status;
    }
    *ret_policy = self;
    return AIRS_OK;
}

airs_status capability_policy_change(const capability_policy *policy, capability_change *change,
                                     capability_policy **ret_policy, uint32_t *ret_wrong, airs_error *error)
{
    size_t count = policy->rule_count + change->added_count;
    if (ret_wrong != NULL)
        *ret_wrong = CAPABILITY_NONE;
    for (size_t i = 0; i < change->revoked_count; i++) {
        if (change->revoked[i] >= policy->rule_count)
            return base_error_set(error, AIRS_E_NOT_FOUND, "there is no grant %u", change->revoked[i]);
    }
    capability_grant *grants = base_alloc_array(policy->allocator, count + 1, sizeof *grants);
    if (grants == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for grants");
    for (uint32_t i = 0; i < policy->rule_count; i++)
        grants[i] = policy->rules[i].grant;
    for (size_t i = 0; i < change->revoked_count; i++)
        grants[change->revoked[i]].revoked = true;
    for (size_t i = 0; i < change->added_count; i++)
        grants[policy->rule_count + i] = change->added[i];
    capability_policy_options options = {grants, count, policy->mounts, policy->mount_count};
    uint32_t wrong = CAPABILITY_NONE;
    airs_status status = capability_policy_create(&options, policy->allocator, ret_policy, &wrong, error);
    if (status != AIRS_OK && ret_wrong != NULL && wrong != CAPABILITY_NONE)
        *ret_wrong = wrong - policy->rule_count;
    if (status == AIRS_OK)
        change->first = policy->rule_count;
    base_free(policy->allocator, grants);
    return status;
}

/// The count is the one thing of a policy that changes.
static capability_policy *counted(const capability_policy *policy)
{
    return (capability_policy *)(uintptr_t)policy;
}

const capability_policy *capability_policy_retain(const capability_policy *policy)
{
    (void)base_atomic_fetch_add_relaxed(&counted(policy)->references, 1u);
    return policy;
}

void capability_policy_release(const capability_policy *policy)
{
    if (policy != NULL && base_atomic_fetch_sub_acq_rel(&counted(policy)->references, 1u) == 1)
        destroy(counted(policy));
}

uint32_t capability_policy_grant_count(const capability_policy *policy)
{
    return policy->rule_count;
}

const capability_grant *capability_policy_grant(const capability_policy *policy, uint32_t index)
{
    return index < policy->rule_count ? &policy->rules[index].grant : NULL;
}

uint32_t capability_policy_mount_count(const capability_policy *policy)
{
    return policy->mount_count;
}

const capability_mount *capability_policy_mount(const capability_policy *policy, uint32_t index)
{
    return index < policy->mount_count ? &policy->mounts[index] : NULL;
}

/// Quotes around it would end at the one in it. With a space too it can't be read again either way, and never was read.
static bool is_word_with_quote(const char *pattern)
{
    return pattern[0] != '"' && strchr(pattern, '"') != NULL && strchr(pattern, ' ') == NULL;
}

const char *capability_grant_format(char *text, size_t size, const capability_grant *grant)
{
    capability_kind kind = capability_grant_kind(grant);
    size_t len = (size_t)snprintf(text, size, "%s", grant->custom != NULL ? "custom." : capability_kind_name(kind));
    const char *separator = ".";
    for (uint32_t right = 0; right < CAPABILITY_RIGHTS && grant->custom == NULL && len < size; right++) {
        if ((grant->rights & CAPABILITY_BIT(right)) == 0)
            continue;
        len +=
            (size_t)snprintf(text + len, size - len, "%s%s", separator, capability_right_name((capability_right)right));
        separator = ",";
    }
    if (grant->custom != NULL && len < size)
        len += (size_t)snprintf(text + len, size - len, "%s", grant->custom);
    if (grant->pattern != NULL && len < size) {
        const char *quote = is_word_with_quote(grant->pattern) ? "" : "\"";
        len += (size_t)snprintf(text + len, size - len, " %s%s%s", quote, grant->pattern, quote);
    }
    separator = " zones=";
    for (uint32_t zone = 1; zone <= CAPABILITY_ZONES_ALL && len < size; zone <<= 1) {
        if ((grant->zones & zone) == 0)
            continue;
        len += (size_t)snprintf(text + len, size - len, "%s%s", separator, capability_zone_name(zone));
        separator = ",";
    }
    if (grant->count_max > 0 && len < size)
        (void)snprintf(text + len, size - len, " max=%u", grant->count_max);
    return text;
}
