// SPDX-License-Identifier: MIT OR Apache-2.0
#include "capability/grant_text.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/nearest.h"

#define CHILDREN_MAX 100u

/// What is left of the text, and what it has been read into.
typedef struct reader {
    airs_bytes rest;
    capability_grant_text *to;
    airs_error *error;
} reader;

static airs_bytes take(airs_bytes *from, size_t len)
{
    airs_bytes taken = {from->data, len};
    *from = (airs_bytes){from->data + len, from->len - len};
    return taken;
}

/// Takes up to the first of `ends`, which is taken too and not returned.
static airs_bytes take_until(airs_bytes *from, const char *ends)
{
    size_t len = 0;
    while (len < from->len && (from->data[len] == '\0' || strchr(ends, from->data[len]) == NULL))
        len++;
    airs_bytes taken = take(from, len);
    if (from->len > 0)
        (void)take(from, 1);
    return taken;
}

static void skip_spaces(airs_bytes *from)
{
    while (from->len > 0 && from->data[0] == ' ')
        (void)take(from, 1);
}

/// A copy for an error.
static const char *shown(char text[64], airs_bytes from)
{
    base_text_copy(text, 64, from);
    base_text_tidy(text);
    return text;
}

// ---------------------------------------------------------------- kind and rights

static airs_status unknown_kind(airs_bytes name, airs_error *error)
{
    char text[64];
    base_nearest nearest;
    base_nearest_init(&nearest, shown(text, name));
    for (int kind = 0; kind < CAPABILITY_KINDS; kind++)
        base_nearest_try(&nearest, capability_kind_name((capability_kind)kind));
    const char *best = base_nearest_best(&nearest);
    if (best != NULL)
        return base_error_set(error, AIRS_E_INVALID, "there is no kind \"%s\": did you mean %s?", text, best);
    return base_error_set(error, AIRS_E_INVALID,
                          "there is no kind \"%s\": a grant is written as in files.read \"/data/**\"; kinds are files, "
                          "network, messaging, spawn, env, config, clock, random, stdio and custom",
                          text);
}

static airs_status unknown_right(capability_kind kind, airs_bytes name, airs_error *error)
{
    char text[64];
    char known[128] = "";
    base_nearest nearest;
    base_nearest_init(&nearest, shown(text, name));
    for (int right = 0; right < CAPABILITY_RIGHTS; right++) {
        if (capability_right_kind((capability_right)right) != kind)
            continue;
        size_t len = strlen(known);
        (void)snprintf(known + len, sizeof known - len, "%s%s", len > 0 ? ", " : "",
                       capability_right_name((capability_right)right));
        base_nearest_try(&nearest, capability_right_name((capability_right)right));
    }
    const char *best = base_nearest_best(&nearest);
    if (best != NULL)
        return base_error_set(error, AIRS_E_INVALID, "%s has no right \"%s\": did you mean %s?",
                              capability_kind_name(kind), text, best);
    return base_error_set(error, AIRS_E_INVALID, "%s has no right \"%s\": there is %s", capability_kind_name(kind),
                          text, known);
}

static airs_status read_rights(reader *self, capability_kind kind, airs_bytes rights)
{
    capability_grant *grant = &self->to->grant;
    if (kind == CAPABILITY_CUSTOM) {
        if (rights.len == 0 || rights.len >= CAPABILITY_CUSTOM_SIZE)
            return base_error_set(self->error, AIRS_E_INVALID,
                                  "a custom capability has a name, as in custom.led \"red\"");
        base_text_copy(self->to->custom, CAPABILITY_CUSTOM_SIZE, rights);
        grant->custom = self->to->custom;
        grant->rights = CAPABILITY_BIT(CAPABILITY_CUSTOM_USE);
        return AIRS_OK;
    }
    do {
        airs_bytes name = take_until(&rights, ",");
        capability_right right;
        if (!capability_right_find(kind, name, &right))
            return unknown_right(kind, name, self->error);
        grant->rights |= CAPABILITY_BIT(right);
    } while (rights.len > 0);
    return AIRS_OK;
}

static airs_status read_head(reader *self)
{
    airs_bytes head = take_until(&self->rest, " ");
    airs_bytes name = take_until(&head, ".");
    capability_kind kind;
    if (!capability_kind_find(name, &kind))
        return unknown_kind(name, self->error);
    return read_rights(self, kind, head);
}

// ---------------------------------------------------------------- behind them

static airs_status read_zones(reader *self, airs_bytes list)
{
    char text[64];
    do {
        airs_bytes name = take_until(&list, ",");
        uint32_t zone = capability_zone_find(name);
        if (zone == 0)
            return base_error_set(self->error, AIRS_E_INVALID,
                                  "there is no zone \"%s\": zones are unspecified, loopback, link-local, private, "
                                  "metadata, multicast, reserved",
                                  shown(text, name));
        self->to->grant.zones |= zone;
    } while (list.len > 0);
    return AIRS_OK;
}

static airs_status read_max(reader *self, airs_bytes number)
{
    uint64_t value = 0;
    bool valid = number.len > 0 && number.len <= 10;
    for (size_t i = 0; i < number.len && valid; i++) {
        valid = number.data[i] >= '0' && number.data[i] <= '9';
        value = value * 10 + (uint64_t)(number.data[i] - '0');
    }
    if (!valid || value == 0 || value > UINT32_MAX)
        return base_error_set(self->error, AIRS_E_INVALID, "max is a number of children from 1, as in max=3");
    self->to->grant.count_max = (uint32_t)value;
    return AIRS_OK;
}

static bool begins_with(airs_bytes text, const char *with)
{
    return text.len >= strlen(with) && memcmp(text.data, with, strlen(with)) == 0;
}

static airs_status keep_pattern(reader *self, airs_bytes pattern)
{
    char text[64];
    if (self->to->grant.pattern != NULL)
        return base_error_set(self->error, AIRS_E_INVALID,
                              "\"%s\" behind the pattern: a grant has one, in quotes when it has spaces",
                              shown(text, pattern));
    if (pattern.len >= CAPABILITY_PATTERN_SIZE || (pattern.len > 0 && memchr(pattern.data, '\0', pattern.len) != NULL))
        return base_error_set(self->error, AIRS_E_INVALID, "a pattern is too long, or has a NUL in it");
    memcpy(self->to->pattern, pattern.data, pattern.len);
    self->to->pattern[pattern.len] = '\0';
    self->to->grant.pattern = self->to->pattern;
    return AIRS_OK;
}

static airs_status read_word(reader *self)
{
    bool network = (self->to->grant.rights & CAPABILITY_BIT(CAPABILITY_NETWORK_CONNECT)) != 0 ||
                   (self->to->grant.rights & CAPABILITY_BIT(CAPABILITY_NETWORK_BIND)) != 0;
    bool spawn = self->to->grant.rights == CAPABILITY_BIT(CAPABILITY_SPAWN_START);
    if (self->rest.data[0] == '"') {
        (void)take(&self->rest, 1);
        airs_bytes pattern = take_until(&self->rest, "\"");
        return keep_pattern(self, pattern);
    }
    airs_bytes word = take_until(&self->rest, " ");
    if (network && begins_with(word, "zones="))
        return read_zones(self, (airs_bytes){word.data + 6, word.len - 6});
    if (spawn && begins_with(word, "max="))
        return read_max(self, (airs_bytes){word.data + 4, word.len - 4});
    return keep_pattern(self, word);
}

airs_status capability_grant_parse(airs_bytes text, capability_grant_text *ret_grant, airs_error *error)
{
    capability_grant_text made = {.grant = {.rights = 0}};
    reader self = {text, &made, error};
    skip_spaces(&self.rest);
    airs_status status = read_head(&self);
    skip_spaces(&self.rest);
    while (status == AIRS_OK && self.rest.len > 0) {
        status = read_word(&self);
        skip_spaces(&self.rest);
    }
    if (status != AIRS_OK)
        return status;
    if (made.grant.rights == CAPABILITY_BIT(CAPABILITY_SPAWN_START) && made.grant.count_max == 0)
        made.grant.count_max = CHILDREN_MAX;
    *ret_grant = made;
    ret_grant->grant.pattern = made.grant.pattern == NULL ? NULL : ret_grant->pattern;
    ret_grant->grant.custom = made.grant.custom == NULL ? NULL : ret_grant->custom;
    return AIRS_OK;
}
