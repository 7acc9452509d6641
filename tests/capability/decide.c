// SPDX-License-Identifier: MIT OR Apache-2.0
/// Answers questions about grants on lines of text: the C side of oracle.py.
///
/// A line is a letter and fields, with tabs between; in a field %XX is the byte XX.
///   P                                        a new policy, of which nothing is known yet
///   m GUEST HOST                             a mount of it
///   g RIGHTS PATTERN CUSTOM ZONES COUNT      a grant of it; an empty pattern or name is none
///   .                                        compile it: "ok", or "no" and the number of what is wrong
///   S                                        it is the parent of those that follow
///   A                                        make it what a child of that parent gets of it; "ok"
///   r HOST UNTIL ADDRESS…                    what a name resolved to: "ok", or "no"
///   f RIGHT BASE PATH, s RIGHT NAME, t RIGHT TOPIC, w TEMPLATE ALIVE…, p RIGHT, c NAME OBJECT, l HOST,
///   a RIGHT SCHEME HOST ADDRESS PORT NOW     the questions: the number of a grant, or "-"; "!" when the
///                                            object is malformed; of f also the normal path
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/bytes.h"
#include "capability/policy.h"

#define FIELDS_MAX 64
#define ITEMS_MAX 64
#define LINE_MAX_BYTES 131072

typedef struct field {
    char *data;
    size_t len;
} field;

typedef struct state {
    field fields[FIELDS_MAX];
    size_t count;
    capability_grant grants[ITEMS_MAX];
    size_t grant_count;
    capability_mount mounts[ITEMS_MAX];
    size_t mount_count;
    capability_policy *policy;
    capability_policy *parent;
    capability_resolved resolved;
    capability_decision answer;
} state;

static int hex_digit(char c)
{
    return c <= '9' ? c - '0' : c - 'A' + 10;
}

/// Decodes in place, and puts a NUL behind.
static size_t decode(char *text)
{
    size_t len = 0;
    for (char *from = text; *from != '\0'; len++) {
        if (*from == '%') {
            text[len] = (char)(hex_digit(from[1]) * 16 + hex_digit(from[2]));
            from += 3;
        } else {
            text[len] = *from++;
        }
    }
    text[len] = '\0';
    return len;
}

static void split_line(state *self, char *line)
{
    line[strcspn(line, "\n")] = '\0';
    self->count = 0;
    for (char *rest = line; rest != NULL;) {
        AIRS_ASSERT(self->count < FIELDS_MAX);
        field *next = &self->fields[self->count++];
        next->data = rest;
        rest = strchr(rest, '\t');
        if (rest != NULL)
            *rest++ = '\0';
        next->len = decode(next->data);
    }
}

static airs_bytes bytes_at(const state *self, size_t i)
{
    AIRS_ASSERT(i < self->count);
    return (airs_bytes){(const uint8_t *)self->fields[i].data, self->fields[i].len};
}

static uint32_t number_at(const state *self, size_t i)
{
    AIRS_ASSERT(i < self->count);
    return (uint32_t)strtoul(self->fields[i].data, NULL, 10);
}

/// A copy that lives until the next policy; NULL for an empty field.
static const char *text_at(const state *self, size_t i)
{
    airs_bytes text = bytes_at(self, i);
    return text.len == 0 ? NULL : base_strndup(base_allocator_default(), (const char *)text.data, text.len);
}

static void forget(state *self)
{
    for (size_t i = 0; i < self->grant_count; i++) {
        free((char *)(uintptr_t)self->grants[i].pattern);
        free((char *)(uintptr_t)self->grants[i].custom);
    }
    for (size_t i = 0; i < self->mount_count; i++) {
        free((char *)(uintptr_t)self->mounts[i].guest);
        free((char *)(uintptr_t)self->mounts[i].host);
    }
    self->grant_count = 0;
    self->mount_count = 0;
    capability_policy_release(self->policy);
    self->policy = NULL;
    capability_resolved_fini(&self->resolved);
    capability_resolved_init(&self->resolved, base_allocator_default());
}

static void compile(state *self)
{
    capability_policy_options options = {self->grants, self->grant_count, self->mounts, self->mount_count};
    uint32_t wrong = 0;
    airs_error error;
    airs_status status = capability_policy_create(&options, base_allocator_default(), &self->policy, &wrong, &error);
    if (status == AIRS_OK)
        puts("ok");
    else
        printf("no\t%u\t%s\n", wrong, error.text);
}

static void attenuate(state *self)
{
    capability_policy *child = NULL;
    AIRS_ASSERT(capability_policy_attenuate(self->parent, self->policy, &child, NULL) == AIRS_OK);
    AIRS_ASSERT(capability_policy_covers(self->parent, child, NULL));
    capability_policy_release(self->policy);
    self->policy = child;
    puts("ok");
}

static void resolve(state *self)
{
    capability_host host;
    capability_address addresses[FIELDS_MAX];
    size_t count = 0;
    bool ok = capability_host_normalize(bytes_at(self, 1), &host, NULL) == AIRS_OK;
    for (size_t i = 3; i < self->count; i++)
        ok = capability_address_parse(bytes_at(self, i), &addresses[count++]) && ok;
    if (ok)
        AIRS_ASSERT(capability_resolved_add(&self->resolved, &host, addresses, count, number_at(self, 2)) == AIRS_OK);
    puts(ok ? "ok" : "no");
}

static void say(const state *self, bool allowed)
{
    AIRS_ASSERT(allowed == self->answer.allowed);
    if (allowed)
        printf("%u\n", self->answer.grant);
    else
        puts("-");
}

static void ask_file(state *self)
{
    capability_path path;
    const char *base = self->fields[2].len == 0 ? NULL : self->fields[2].data;
    airs_status status = capability_path_normalize(base, bytes_at(self, 3), &path, NULL);
    if (status != AIRS_OK) {
        puts(status == AIRS_E_DENIED ? "!denied" : "!");
        return;
    }
    bool allowed = capability_check_file(self->policy, (capability_right)number_at(self, 1), &path, &self->answer);
    if (allowed)
        printf("%u", self->answer.grant);
    else
        putchar('-');
    putchar('\t');
    for (uint32_t i = 0; i < path.len; i++)
        printf("%02x", (unsigned char)path.text[i]);
    printf(path.folder ? "/\n" : "\n");
}

static uint32_t alive_of(void *user, uint32_t grant)
{
    const state *self = user;
    return 2 + grant < self->count ? number_at(self, 2 + grant) : 0;
}

static void ask_lookup(state *self)
{
    capability_host host;
    if (capability_host_normalize(bytes_at(self, 1), &host, NULL) != AIRS_OK)
        puts("!");
    else
        say(self, capability_check_lookup(self->policy, &host, &self->answer));
}

static void ask_target(state *self)
{
    capability_target target = {.scheme = (capability_scheme)number_at(self, 2),
                                .port = (uint16_t)number_at(self, 5),
                                .resolved = &self->resolved,
                                .now_ns = number_at(self, 6)};
    capability_host host;
    capability_address address;
    bool ok = true;
    if (self->fields[3].len > 0) {
        ok = capability_host_normalize(bytes_at(self, 3), &host, NULL) == AIRS_OK;
        target.host = &host;
    }
    if (self->fields[4].len > 0) {
        ok = capability_address_parse(bytes_at(self, 4), &address) && ok;
        target.address = &address;
    }
    if (!ok)
        puts("!");
    else
        say(self, capability_check_target(self->policy, (capability_right)number_at(self, 1), &target, &self->answer));
}

static void ask_plain_ones(state *self)
{
    capability_decision *answer = &self->answer;
    switch (self->fields[0].data[0]) {
    case 's':
        say(self, capability_check_name(self->policy, (capability_right)number_at(self, 1), bytes_at(self, 2), answer));
        break;
    case 't':
        say(self,
            capability_check_topic(self->policy, (capability_right)number_at(self, 1), bytes_at(self, 2), answer));
        break;
    case 'w':
        say(self, capability_check_spawn(self->policy, bytes_at(self, 1), alive_of, self, answer));
        break;
    case 'p':
        say(self, capability_check_plain(self->policy, (capability_right)number_at(self, 1), answer));
        break;
    case 'c':
        say(self, capability_check_custom(self->policy, bytes_at(self, 1), bytes_at(self, 2), answer));
        break;
    default:
        // There are no other letters.
        AIRS_ASSERT(false);
    }
}

static void add_mount(state *self)
{
    AIRS_ASSERT(self->mount_count < ITEMS_MAX);
    self->mounts[self->mount_count++] = (capability_mount){text_at(self, 1), text_at(self, 2)};
}

static void add_grant(state *self)
{
    AIRS_ASSERT(self->grant_count < ITEMS_MAX);
    self->grants[self->grant_count++] = (capability_grant){.rights = number_at(self, 1),
                                                           .pattern = text_at(self, 2),
                                                           .custom = text_at(self, 3),
                                                           .zones = number_at(self, 4),
                                                           .count_max = number_at(self, 5)};
}

static void keep_as_parent(state *self)
{
    capability_policy_release(self->parent);
    self->parent = self->policy;
    self->policy = NULL;
}

static void handle(state *self)
{
    static const struct {
        char letter;
        void (*handle)(state *self);
    } lines[] = {{'P', forget},    {'m', add_mount}, {'g', add_grant}, {'.', compile},    {'S', keep_as_parent},
                 {'A', attenuate}, {'r', resolve},   {'f', ask_file},  {'l', ask_lookup}, {'a', ask_target}};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        if (self->fields[0].data[0] == lines[i].letter) {
            lines[i].handle(self);
            return;
        }
    }
    ask_plain_ones(self);
}

int main(void)
{
    static state self;
    static char line[LINE_MAX_BYTES];
    while (fgets(line, sizeof line, stdin) != NULL) {
        split_line(&self, line);
        handle(&self);
    }
    forget(&self);
    capability_policy_release(self.parent);
    return 0;
}
