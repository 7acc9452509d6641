// SPDX-License-Identifier: MIT OR Apache-2.0
// Grants one by one: is it well-formed, and what does it mean?
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/name.h"
#include "capability/glob.h"
#include "capability/policy_impl.h"
#include "capability/topic_pattern.h"

#define KEY_MAX_BYTES 256u

static airs_status check_names(airs_bytes pattern, airs_error *error)
{
    if (pattern.len == 0 || pattern.len > BASE_NAME_MAX)
        return base_error_set(error, AIRS_E_INVALID, "a pattern of names has 1 to %u characters", BASE_NAME_MAX);
    size_t len = base_name_span(pattern, true);
    if (len < pattern.len)
        return base_error_set(error, AIRS_E_INVALID,
                              "character %zu: a pattern of names has letters, digits, `-_.:/` and `*`", len + 1);
    return AIRS_OK;
}

/// Keys and the objects of custom capabilities: any text that can be shown.
static airs_status check_keys(airs_bytes pattern, airs_error *error)
{
    if (pattern.len == 0 || pattern.len > KEY_MAX_BYTES)
        return base_error_set(error, AIRS_E_INVALID, "a pattern of keys has 1 to %u bytes", KEY_MAX_BYTES);
    if (!base_utf8_valid(pattern))
        return base_error_set(error, AIRS_E_INVALID, "it is not UTF-8");
    for (size_t i = 0; i < pattern.len; i++) {
        if (pattern.data[i] < ' ' || pattern.data[i] == 0x7f)
            return base_error_set(error, AIRS_E_INVALID, "byte %zu: a control character", i + 1);
    }
    return AIRS_OK;
}

static airs_status compile_network(capability_rule *rule, const airs_allocator *allocator, airs_error *error)
{
    uint32_t rights = rule->grant.rights;
    bool connects = (rights & CAPABILITY_BIT(CAPABILITY_NETWORK_CONNECT)) != 0;
    bool binds = (rights & CAPABILITY_BIT(CAPABILITY_NETWORK_BIND)) != 0;
    bool looks_up = (rights & CAPABILITY_BIT(CAPABILITY_NETWORK_LOOKUP)) != 0;
    capability_endpoint made;
    airs_status status = capability_endpoint_parse(rule->pattern, connects || binds, &made, error);
    if (status != AIRS_OK)
        return status;
    if (looks_up && made.kind == CAPABILITY_HOST_RANGE)
        return base_error_set(error, AIRS_E_INVALID, "names are looked up, not addresses");
    if (binds && (made.kind == CAPABILITY_HOST_NAME || made.kind == CAPABILITY_HOST_SUFFIX))
        return base_error_set(error, AIRS_E_INVALID, "addresses are bound, not names");
    if ((rule->grant.zones & ~(uint32_t)CAPABILITY_ZONES_ALL) != 0)
        return base_error_set(error, AIRS_E_INVALID, "there is no such zone");
    rule->endpoint = base_alloc(allocator, sizeof *rule->endpoint);
    if (rule->endpoint == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for a grant");
    *rule->endpoint = made;
    rule->zones = rule->grant.zones;
    if (made.kind == CAPABILITY_HOST_NAME && strcmp(made.host.text, "localhost") == 0)
        rule->zones |= CAPABILITY_ZONE_LOOPBACK;
    return AIRS_OK;
}

static airs_status compile_messaging(capability_rule *rule, airs_error *error)
{
    uint32_t topics = rule->grant.rights & CAPABILITY_MASK_TOPICS;
    if (topics == 0)
        return check_names(rule->pattern, error);
    if (topics != rule->grant.rights)
        return base_error_set(error, AIRS_E_INVALID, "one pattern can't be of names and of topics");
    return capability_topic_check(rule->pattern, true, error);
}

static airs_status compile_spawn(const capability_rule *rule, airs_error *error)
{
    if (rule->grant.count_max == 0)
        return base_error_set(error, AIRS_E_INVALID, "it says of no child how many may be alive");
    return check_names(rule->pattern, error);
}

/// What only some kinds have, the others have not.
static airs_status check_members(const capability_grant *grant, capability_kind kind, airs_error *error)
{
    bool plain = kind == CAPABILITY_CLOCK || kind == CAPABILITY_RANDOM || kind == CAPABILITY_STDIO;
    if (plain != (grant->pattern == NULL))
        return base_error_set(error, AIRS_E_INVALID, plain ? "it has no pattern" : "it needs a pattern");
    if ((kind == CAPABILITY_CUSTOM) != (grant->custom != NULL))
        return base_error_set(error, AIRS_E_INVALID, "a custom capability, and no other, has a name");
    if (kind != CAPABILITY_NETWORK && grant->zones != 0)
        return base_error_set(error, AIRS_E_INVALID, "zones are for the network");
    if (kind != CAPABILITY_SPAWN && grant->count_max != 0)
        return base_error_set(error, AIRS_E_INVALID, "a number of children is for spawn");
    return AIRS_OK;
}

static airs_status compile_custom(const capability_rule *rule, airs_error *error)
{
    airs_bytes name = base_bytes_of(rule->grant.custom);
    airs_status status = check_names(name, error);
    if (status == AIRS_OK && memchr(name.data, '*', name.len) != NULL)
        return base_error_set(error, AIRS_E_INVALID, "the name of a custom capability is no pattern");
    return status == AIRS_OK ? check_keys(rule->pattern, error) : status;
}

airs_status capability_rule_compile(capability_rule *rule, const airs_allocator *allocator, airs_error *error)
{
    capability_kind kind = capability_grant_kind(&rule->grant);
    airs_status status = check_members(&rule->grant, kind, error);
    if (status != AIRS_OK || rule->grant.pattern == NULL)
        return status;
    rule->literal = memchr(rule->pattern.data, '*', rule->pattern.len) == NULL;
    switch (kind) {
    case CAPABILITY_FILES:
        rule->literal = capability_glob_is_literal(rule->grant.pattern);
        return capability_glob_check(rule->grant.pattern, error);
    case CAPABILITY_NETWORK:
        return compile_network(rule, allocator, error);
    case CAPABILITY_MESSAGING:
        return compile_messaging(rule, error);
    case CAPABILITY_SPAWN:
        return compile_spawn(rule, error);
    case CAPABILITY_CUSTOM:
        return compile_custom(rule, error);
    default:
        return check_keys(rule->pattern, error);
    }
}
