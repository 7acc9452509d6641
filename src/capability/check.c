// SPDX-License-Identifier: MIT OR Apache-2.0
// The questions that policy.h lists.
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "capability/glob.h"
#include "capability/pattern.h"
#include "capability/policy_impl.h"
#include "capability/topic_pattern.h"

static bool allow(capability_decision *decision, const capability_policy *policy, capability_right right, uint32_t at)
{
    decision->allowed = true;
    decision->learned = false;
    decision->elsewhere = false;
    decision->look = false;
    decision->children = 0;
    decision->right = right;
    decision->grant = policy->by_right[at];
    return true;
}

/// Says no; the text is the caller's to write.
static void refuse(capability_decision *decision, capability_right right)
{
    decision->allowed = false;
    decision->learned = false;
    decision->elsewhere = false;
    decision->learn = CAPABILITY_LEARN_DONE;
    decision->look = false;
    decision->children = 0;
    decision->right = right;
    decision->grant = CAPABILITY_NONE;
}

static bool refuse_object(capability_decision *decision, capability_right right, airs_bytes object)
{
    refuse(decision, right);
    int len = (int)(object.len < 150 ? object.len : 150);
    (void)snprintf(decision->text, sizeof decision->text, "no grant: %s.%s does not match \"%.*s\"",
                   capability_kind_name(capability_right_kind(right)), capability_right_name(right), len,
                   (const char *)object.data);
    // Objects are chosen by guests, and sentences are shown on terminals.
    base_text_tidy(decision->text);
    return false;
}

static bool is_same(const capability_rule *rule, airs_bytes text)
{
    return base_bytes_equal(rule->pattern, text);
}

// ---------------------------------------------------------------- files

bool capability_policy_locate(const capability_policy *policy, const capability_path *path, uint32_t *ret_mount,
                              const char **ret_rest)
{
    bool found = false;
    size_t longest = 0;
    for (uint32_t i = 0; i < policy->mount_count; i++) {
        const char *guest = policy->mounts[i].guest;
        const char *rest;
        if (!capability_path_is_below(path->text, guest, &rest) || (found && strlen(guest) <= longest))
            continue;
        found = true;
        longest = strlen(guest);
        *ret_mount = i;
        *ret_rest = rest;
    }
    return found;
}

bool capability_check_file(const capability_policy *policy, capability_right right, const capability_path *path,
                           capability_decision *ret_decision)
{
    airs_bytes text = {(const uint8_t *)path->text, path->len};
    uint32_t mount;
    const char *rest;
    if (!capability_policy_locate(policy, path, &mount, &rest)) {
        (void)refuse_object(ret_decision, right, text);
        (void)snprintf(ret_decision->text, sizeof ret_decision->text, "no grant: nothing is mounted at \"%.180s\"",
                       path->text);
        base_text_tidy(ret_decision->text);
        return false;
    }
    bool own = rest[0] == '\0' && right != CAPABILITY_FILES_READ && right != CAPABILITY_FILES_LIST;
    capability_each_rule (policy, right, at) {
        const capability_rule *rule = capability_rule_at(policy, at);
        if (!own && (rule->literal ? is_same(rule, text) : capability_glob_matches(rule->grant.pattern, path->text)))
            return allow(ret_decision, policy, right, at);
    }
    (void)refuse_object(ret_decision, right, text);
    ret_decision->learn = own ? CAPABILITY_LEARN_NOT : CAPABILITY_LEARN_DONE;
    return false;
}

/// The glob of all that is below the path. False when it would be too long, or can't be written.
static bool glob_below(char glob[CAPABILITY_GLOB_MAX + 1], const capability_path *path)
{
    size_t len = 0;
    // The root's own slash is that before `**`.
    for (const char *at = path->len == 1 ? "" : path->text; *at != '\0'; at++) {
        bool special = strchr("*?[", *at) != NULL;
        if (*at == '\\' || len + 3 > CAPABILITY_GLOB_MAX - 3)
            return false;
        len += (size_t)snprintf(glob + len, 4, special ? "[%c]" : "%c", *at);
    }
    memcpy(glob + len, "/**", sizeof "/**");
    return true;
}

bool capability_policy_covers_below(const capability_policy *policy, capability_right right,
                                    const capability_path *path)
{
    char glob[CAPABILITY_GLOB_MAX + 1];
    if (!glob_below(glob, path))
        return false;
    for (uint32_t i = 0; i < policy->mount_count; i++) {
        if (capability_path_is_below(policy->mounts[i].guest, path->text, NULL))
            return false;
    }
    capability_each_rule (policy, right, at) {
        if (capability_glob_covers(capability_rule_at(policy, at)->grant.pattern, glob))
            return true;
    }
    return false;
}

// ---------------------------------------------------------------- names, keys, topics

bool capability_check_name(const capability_policy *policy, capability_right right, airs_bytes name,
                           capability_decision *ret_decision)
{
    capability_each_rule (policy, right, at) {
        const capability_rule *rule = capability_rule_at(policy, at);
        if (rule->literal ? is_same(rule, name) : capability_pattern_matches_bytes(rule->pattern, name))
            return allow(ret_decision, policy, right, at);
    }
    return refuse_object(ret_decision, right, name);
}

bool capability_check_far_name(const capability_policy *policy, capability_right right, airs_bytes name, size_t app_len,
                               capability_decision *ret_decision)
{
    bool starred = false;
    capability_each_rule (policy, right, at) {
        const capability_rule *rule = capability_rule_at(policy, at);
        if (!capability_pattern_matches_bytes(rule->pattern, name))
            continue;
        if (rule->pattern.len > app_len && memcmp(rule->pattern.data, name.data, app_len + 1) == 0)
            return allow(ret_decision, policy, right, at);
        starred = true;
    }
    (void)refuse_object(ret_decision, right, name);
    if (starred) {
        (void)snprintf(ret_decision->text, sizeof ret_decision->text,
                       "no grant: messaging.%s has to name the app of \"%.*s\", a \"*\" takes no other one",
                       capability_right_name(right), (int)(name.len < 120 ? name.len : 120), (const char *)name.data);
        base_text_tidy(ret_decision->text);
    }
    return false;
}

bool capability_check_topic(const capability_policy *policy, capability_right right, airs_bytes topic,
                            capability_decision *ret_decision)
{
    // What is no topic matches nothing; and only a subscription may be a pattern.
    if (capability_topic_check(topic, right == CAPABILITY_MESSAGING_SUBSCRIBE, NULL) != AIRS_OK)
        return refuse_object(ret_decision, right, topic);
    capability_each_rule (policy, right, at) {
        if (capability_topic_covers(capability_rule_at(policy, at)->grant.pattern, topic))
            return allow(ret_decision, policy, right, at);
    }
    return refuse_object(ret_decision, right, topic);
}

bool capability_check_spawn(const capability_policy *policy, airs_bytes template_name, capability_alive_fn alive,
                            void *user, capability_decision *ret_decision)
{
    const capability_right right = CAPABILITY_SPAWN_START;
    const capability_rule *full = NULL;
    capability_each_rule (policy, right, at) {
        const capability_rule *rule = capability_rule_at(policy, at);
        if (!capability_pattern_matches_bytes(rule->pattern, template_name))
            continue;
        uint32_t count = alive == NULL ? 0 : alive(user, policy->by_right[at]);
        if (count < rule->grant.count_max)
            return allow(ret_decision, policy, right, at);
        full = rule;
    }
    (void)refuse_object(ret_decision, right, template_name);
    if (full != NULL)
        (void)snprintf(ret_decision->text, sizeof ret_decision->text,
                       "spawn.start \"%.130s\" allows %u children, which are alive", full->grant.pattern,
                       full->grant.count_max);
    return false;
}

bool capability_check_plain(const capability_policy *policy, capability_right right, capability_decision *ret_decision)
{
    if (policy->first[right] < policy->first[right + 1])
        return allow(ret_decision, policy, right, policy->first[right]);
    refuse(ret_decision, right);
    (void)snprintf(ret_decision->text, sizeof ret_decision->text, "no grant: %s.%s",
                   capability_kind_name(capability_right_kind(right)), capability_right_name(right));
    return false;
}

bool capability_check_custom(const capability_policy *policy, airs_bytes name, airs_bytes object,
                             capability_decision *ret_decision)
{
    const capability_right right = CAPABILITY_CUSTOM_USE;
    capability_each_rule (policy, right, at) {
        const capability_rule *rule = capability_rule_at(policy, at);
        if (base_bytes_are(name, rule->grant.custom) && capability_pattern_matches_bytes(rule->pattern, object))
            return allow(ret_decision, policy, right, at);
    }
    refuse(ret_decision, right);
    int name_len = (int)(name.len < 64 ? name.len : 64);
    int len = (int)(object.len < 100 ? object.len : 100);
    (void)snprintf(ret_decision->text, sizeof ret_decision->text, "no grant: custom.%.*s does not match \"%.*s\"",
                   name_len, (const char *)name.data, len, (const char *)object.data);
    base_text_tidy(ret_decision->text);
    return false;
}

// ---------------------------------------------------------------- network

bool capability_check_lookup(const capability_policy *policy, const capability_host *host,
                             capability_decision *ret_decision)
{
    const capability_right right = CAPABILITY_NETWORK_LOOKUP;
    capability_each_rule (policy, right, at) {
        if (capability_endpoint_matches_host(capability_rule_at(policy, at)->endpoint, host))
            return allow(ret_decision, policy, right, at);
    }
    return refuse_object(ret_decision, right, (airs_bytes){(const uint8_t *)host->text, host->len});
}

/// Whether the rule is about that host or that address at all, zones left aside.
static bool is_about(const capability_rule *rule, const capability_target *target)
{
    const capability_endpoint *endpoint = rule->endpoint;
    if (!capability_endpoint_matches_port(endpoint, target->scheme, target->port))
        return false;
    bool by_name = target->host != NULL && capability_endpoint_matches_host(endpoint, target->host);
    if (target->address == NULL || by_name)
        return by_name;
    if (endpoint->kind == CAPABILITY_HOST_RANGE)
        return capability_range_contains(&endpoint->range, target->address);
    return endpoint->kind == CAPABILITY_HOST_ANY ||
           capability_resolved_has(target->resolved, endpoint, target->address, target->now_ns);
}

/// Where the address lies, found once for all rules.
typedef struct zone_of {
    uint32_t zone;
    capability_range range;
} zone_of;

static bool names_zone(const capability_rule *rule, const zone_of *where)
{
    return where->zone == 0 || (where->zone & rule->zones) != 0 ||
           (rule->endpoint->kind == CAPABILITY_HOST_RANGE &&
            capability_range_covers(&where->range, &rule->endpoint->range));
}

static bool refuse_target(capability_decision *decision, capability_right right, const capability_target *target,
                          const char *zone)
{
    char address[CAPABILITY_ADDRESS_TEXT_MAX] = "";
    refuse(decision, right);
    if (target->address != NULL)
        (void)capability_address_format(address, target->address);
    bool bracket = target->address != NULL && target->address->version == 6;
    if (zone != NULL)
        (void)snprintf(decision->text, sizeof decision->text, "no grant: network.%s names the %s zone of %s",
                       capability_right_name(right), zone, address);
    else
        (void)snprintf(decision->text, sizeof decision->text,
                       "no grant: network.%s does not match %s://%.120s%s%s%s:%u", capability_right_name(right),
                       capability_scheme_name(target->scheme), target->host != NULL ? target->host->text : "",
                       bracket                ? "["
                       : target->host != NULL ? " "
                                              : "",
                       address, bracket ? "]" : "", target->port);
    return false;
}

bool capability_check_target(const capability_policy *policy, capability_right right, const capability_target *target,
                             capability_decision *ret_decision)
{
    zone_of where = {0};
    if (target->address != NULL)
        where.zone = capability_address_zone(target->address, &where.range);
    const char *zone = NULL;
    capability_each_rule (policy, right, at) {
        const capability_rule *rule = capability_rule_at(policy, at);
        if (!is_about(rule, target))
            continue;
        if (names_zone(rule, &where))
            return allow(ret_decision, policy, right, at);
        zone = capability_zone_name(where.zone);
    }
    return refuse_target(ret_decision, right, target, zone);
}
