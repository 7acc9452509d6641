// SPDX-License-Identifier: MIT OR Apache-2.0
#include "deploy/addition.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "capability/address.h"
#include "capability/policy.h"

// ---------------------------------------------------------------- TOML

void deploy_toml_quote(const char *text, void (*put)(void *user, const char *piece, size_t len), void *user)
{
    put(user, "\"", 1);
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        char piece[8];
        int len = c == '"' || c == '\\'  ? snprintf(piece, sizeof piece, "\\%c", c)
                  : c < ' ' || c == 0x7f ? snprintf(piece, sizeof piece, "\\u%04X", c)
                                         : snprintf(piece, sizeof piece, "%c", c);
        put(user, piece, (size_t)len);
    }
    put(user, "\"", 1);
}

bool deploy_toml_is_bare(const char *key)
{
    return *key != '\0' && key[strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")] == '\0';
}

// ---------------------------------------------------------------- a text that grows

typedef struct writer {
    uint8_t *data;
    size_t len;
    size_t capacity;
    bool no_memory;
} writer;

static void put(void *user, const char *piece, size_t len)
{
    writer *self = user;
    size_t needed = self->len + len;
    if (needed > self->capacity) {
        size_t capacity = needed < 512 ? 1024 : 2 * needed;
        uint8_t *grown = self->no_memory ? NULL : base_realloc(base_allocator_default(), self->data, capacity);
        if (grown == NULL) {
            self->no_memory = true;
            return;
        }
        self->data = grown;
        self->capacity = capacity;
    }
    if (len > 0)
        memcpy(self->data + self->len, piece, len);
    self->len = needed;
}

static void put_text(writer *self, const char *text)
{
    put(self, text, strlen(text));
}

static void put_key(writer *self, const char *key)
{
    if (deploy_toml_is_bare(key))
        put_text(self, key);
    else
        deploy_toml_quote(key, put, self);
}

static void put_pair(writer *self, const char *key, const char *value)
{
    put_key(self, key);
    put_text(self, " = ");
    deploy_toml_quote(value, put, self);
    put_text(self, "\n");
}

// ---------------------------------------------------------------- grants

static capability_kind kind_of(const airs_grant *grant)
{
    return capability_right_kind((capability_right)__builtin_ctz(grant->rights));
}

static bool has_kind(const deploy_addition *of, capability_kind kind)
{
    bool found = false;
    for (size_t i = 0; !found && i < of->grants_count; i++)
        found = kind_of(&of->grants[i]) == kind;
    return found;
}

static bool has_right(const deploy_addition *of, uint32_t right)
{
    bool found = false;
    for (size_t i = 0; !found && i < of->grants_count; i++)
        found = (of->grants[i].rights & CAPABILITY_BIT(right)) != 0;
    return found;
}

/// Begins a list, or goes on with one.
static void put_item(writer *self, const char *text, size_t *count)
{
    if ((*count)++ > 0)
        put_text(self, ", ");
    deploy_toml_quote(text, put, self);
}

/// The patterns of all grants of a right, as a list.
static void put_patterns(writer *self, const deploy_addition *of, uint32_t right, const char *key)
{
    size_t count = 0;
    put_text(self, key);
    put_text(self, " = [");
    for (size_t i = 0; i < of->grants_count; i++) {
        if ((of->grants[i].rights & CAPABILITY_BIT(right)) != 0)
            put_item(self, of->grants[i].pattern == NULL ? "" : of->grants[i].pattern, &count);
    }
    put_text(self, "]\n");
}

/// A table with a list for each right. Where something may be sent to, a manifest that says nothing of `ask` means it
/// too.
static void put_lists(writer *self, const deploy_addition *of, capability_kind kind)
{
    if (!has_kind(of, kind))
        return;
    put_text(self, "[actor.grants.");
    put_text(self, capability_kind_name(kind));
    put_text(self, "]\n");
    for (uint32_t right = 0; right < CAPABILITY_RIGHTS; right++) {
        bool ask = right == CAPABILITY_MESSAGING_ASK && has_right(of, CAPABILITY_MESSAGING_SEND);
        if (capability_right_kind((capability_right)right) == kind && (ask || has_right(of, right)))
            put_patterns(self, of, right, capability_right_name((capability_right)right));
    }
}

static void put_network(writer *self, const airs_grant *grant)
{
    const deploy_addition alone = {.grants = grant, .grants_count = 1};
    put_text(self, "[[actor.grants.network]]\n");
    for (uint32_t right = 0; right < CAPABILITY_RIGHTS; right++) {
        if (has_right(&alone, right))
            put_patterns(self, &alone, right, capability_right_name((capability_right)right));
    }
    if (grant->zones == 0)
        return;
    size_t count = 0;
    put_text(self, "zones = [");
    for (uint32_t zone = 1; zone != 0 && zone <= grant->zones; zone <<= 1) {
        if ((grant->zones & zone) != 0)
            put_item(self, capability_zone_name(zone), &count);
    }
    put_text(self, "]\n");
}

static void put_spawn(writer *self, const airs_grant *grant)
{
    const deploy_addition alone = {.grants = grant, .grants_count = 1};
    char max[48];
    put_text(self, "[[actor.grants.spawn]]\n");
    put_patterns(self, &alone, CAPABILITY_SPAWN_START, "templates");
    (void)snprintf(max, sizeof max, "max_children = %u\n", (unsigned)grant->count_max);
    put_text(self, max);
}

static const char *custom_of(const airs_grant *grant)
{
    return grant->custom == NULL ? "" : grant->custom;
}

/// Each name once, with all its patterns.
static void put_custom(writer *self, const deploy_addition *of)
{
    if (has_kind(of, CAPABILITY_CUSTOM))
        put_text(self, "[actor.grants.custom]\n");
    for (size_t i = 0; i < of->grants_count; i++) {
        size_t count = 0;
        bool before = kind_of(&of->grants[i]) != CAPABILITY_CUSTOM;
        for (size_t k = 0; !before && k < i; k++)
            before = kind_of(&of->grants[k]) == CAPABILITY_CUSTOM &&
                     strcmp(custom_of(&of->grants[k]), custom_of(&of->grants[i])) == 0;
        if (before)
            continue;
        put_key(self, custom_of(&of->grants[i]));
        put_text(self, " = [");
        for (size_t k = i; k < of->grants_count; k++) {
            if (kind_of(&of->grants[k]) == CAPABILITY_CUSTOM &&
                strcmp(custom_of(&of->grants[k]), custom_of(&of->grants[i])) == 0)
                put_item(self, of->grants[k].pattern == NULL ? "" : of->grants[k].pattern, &count);
        }
        put_text(self, "]\n");
    }
}

/// Of clock, random, config, and what a component writes, every actor has all without a word.
static void put_grants(writer *self, const deploy_addition *of)
{
    put_text(self, "[actor.grants]\n");
    if (has_kind(of, CAPABILITY_ENV))
        put_patterns(self, of, CAPABILITY_ENV_READ, "env");
    if (has_right(of, CAPABILITY_STDIO_IN))
        put_text(self, "stdio = [\"in\", \"out\", \"err\"]\n");
    put_lists(self, of, CAPABILITY_FILES);
    put_lists(self, of, CAPABILITY_MESSAGING);
    for (size_t i = 0; i < of->grants_count; i++) {
        if (kind_of(&of->grants[i]) == CAPABILITY_NETWORK)
            put_network(self, &of->grants[i]);
        else if (kind_of(&of->grants[i]) == CAPABILITY_SPAWN)
            put_spawn(self, &of->grants[i]);
    }
    put_custom(self, of);
}

airs_status deploy_addition_check_grant(const airs_grant *grant, airs_error *error)
{
    const capability_policy_options options = {.grants = grant, .grant_count = 1};
    capability_policy *policy;
    if (kind_of(grant) == CAPABILITY_FILES)
        return base_error_set(error, AIRS_E_INVALID,
                              "folders are mounted by a manifest only: write the actor into that of the app, and "
                              "`airssys deploy APP`");
    airs_status status = capability_policy_create(&options, base_allocator_default(), &policy, NULL, error);
    if (status == AIRS_OK)
        capability_policy_release(policy);
    return status;
}

// ---------------------------------------------------------------- the manifest

/// What a text has at a place; a NUL behind its end.
static char char_at(airs_bytes text, deploy_place place)
{
    size_t at = 0;
    for (uint32_t line = 1; line < place.line && at < text.len; at++)
        line += text.data[at] == '\n';
    at += place.column - 1;
    return at < text.len ? (char)text.data[at] : '\0';
}

airs_status deploy_addition_check_manifest(const deploy_manifest *manifest, airs_error *error)
{
    // Before the first of a list there is nothing but ASCII: its column is its byte.
    if (manifest->actors_count == 0 || char_at(manifest->source, manifest->actors[0].at) != '{')
        return AIRS_OK;
    return base_error_set(error, AIRS_E_UNSUPPORTED,
                          "the manifest of %s has its actors as a list, `actor = [...]`, to which none can be added: "
                          "write each as [[actor]], and `airssys deploy APP` first",
                          manifest->name.text);
}

// ---------------------------------------------------------------- the actor

#define MARK_MAX 224

static const char *begin_of(char mark[MARK_MAX], const char *name)
{
    (void)snprintf(mark, MARK_MAX, "\n# Added by `airssys deploy --name %.128s`:\n", name);
    return mark;
}

static const char *end_of(char mark[MARK_MAX], const char *name)
{
    (void)snprintf(mark, MARK_MAX, "# The end of %.128s.\n", name);
    return mark;
}

/// Where a text stands in another one, from `at` on; the length of that when it does not.
static size_t find(airs_bytes text, size_t at, const char *what)
{
    size_t len = strlen(what);
    while (at + len <= text.len && memcmp(text.data + at, what, len) != 0)
        at++;
    return at + len <= text.len ? at : text.len;
}

bool deploy_addition_is_in(airs_bytes text, const char *name)
{
    char mark[MARK_MAX];
    size_t at = find(text, 0, begin_of(mark, name));
    return at < text.len && find(text, at, end_of(mark, name)) < text.len;
}

/// Where what was written of that name stands; the end of the text when it is not there.
static void find_block(airs_bytes text, const char *name, size_t *ret_begin, size_t *ret_end)
{
    char mark[MARK_MAX];
    *ret_begin = *ret_end = text.len;
    if (!deploy_addition_is_in(text, name))
        return;
    *ret_begin = find(text, 0, begin_of(mark, name));
    *ret_end = find(text, *ret_begin, end_of(mark, name));
    *ret_end += strlen(mark);
}

static void put_rest(writer *self, airs_bytes text, size_t at)
{
    put(self, (const char *)text.data + at, text.len - at);
}

static airs_status finish(writer *made, const char *name, airs_buffer *ret_text, airs_error *error)
{
    if (made->no_memory) {
        base_free(base_allocator_default(), made->data);
        return base_error_set(error, AIRS_E_NOMEM, "no memory for the manifest of %s", name);
    }
    *ret_text = base_buffer_adopt(base_allocator_default(), made->data, made->len);
    return AIRS_OK;
}

airs_status deploy_addition_cut(airs_bytes text, const char *name, airs_buffer *ret_text, airs_error *error)
{
    writer made = {0};
    size_t begin;
    size_t end;
    find_block(text, name, &begin, &end);
    put(&made, (const char *)text.data, begin);
    put_rest(&made, text, end);
    return finish(&made, name, ret_text, error);
}

airs_status deploy_addition_write(const deploy_addition *self, airs_bytes text, airs_buffer *ret_text,
                                  airs_error *error)
{
    char mark[MARK_MAX];
    writer made = {0};
    size_t begin;
    size_t end;
    find_block(text, self->name, &begin, &end);
    put(&made, (const char *)text.data, begin);
    if (begin == text.len && made.len > 0 && !made.no_memory && made.data[made.len - 1] != '\n')
        put_text(&made, "\n");
    put_text(&made, begin_of(mark, self->name));
    put_text(&made, "[[actor]]\n");
    put_pair(&made, "name", self->name);
    put_pair(&made, "component", self->component);
    if (self->config_count > 0)
        put_text(&made, "[actor.config]\n");
    for (size_t i = 0; i < self->config_count; i++)
        put_pair(&made, self->config[i].key, self->config[i].value);
    put_grants(&made, self);
    put_text(&made, end_of(mark, self->name));
    put_rest(&made, text, end);
    return finish(&made, self->name, ret_text, error);
}
