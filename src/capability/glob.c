// SPDX-License-Identifier: MIT OR Apache-2.0
#include "capability/glob.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "capability/path.h"

// ---------------------------------------------------------------- the parts of a name

typedef enum token_kind {
    TOKEN_CHARACTER,
    TOKEN_ANY,
    TOKEN_CLASS,
    TOKEN_STAR,
} token_kind;

typedef struct token {
    token_kind kind;
    /// The character of TOKEN_CHARACTER.
    uint32_t character;
    /// What stands in a class, without `[`, `!` and `]`.
    airs_bytes members;
    bool negated;
} token;

/// The character at `*at` of text that is well-formed UTF-8.
static uint32_t take_character(airs_bytes text, size_t *at)
{
    uint8_t first = text.data[(*at)++];
    if (first < 0x80)
        return first;
    uint32_t character = first < 0xe0 ? first & 0x1fu : first < 0xf0 ? first & 0x0fu : first & 0x07u;
    while (*at < text.len && (text.data[*at] & 0xc0) == 0x80)
        character = (character << 6) | (text.data[(*at)++] & 0x3fu);
    return character;
}

/// Where the `]` of the class stands whose first member is at `at`; `text.len` when there is none.
static size_t class_end(airs_bytes text, size_t at)
{
    size_t from = at < text.len && text.data[at] == ']' ? at + 1 : at;
    const uint8_t *end = from < text.len ? memchr(text.data + from, ']', text.len - from) : NULL;
    return end == NULL ? text.len : (size_t)(end - text.data);
}

static token take_token(airs_bytes text, size_t *at)
{
    switch (text.data[*at]) {
    case '*':
        ++*at;
        return (token){.kind = TOKEN_STAR};
    case '?':
        ++*at;
        return (token){.kind = TOKEN_ANY};
    case '[': {
        ++*at;
        bool negated = text.data[*at] == '!';
        *at += negated ? 1 : 0;
        size_t end = class_end(text, *at);
        token class = {.kind = TOKEN_CLASS, .negated = negated};
        class.members = (airs_bytes){text.data + *at, end - *at};
        *at = end + 1;
        return class;
    }
    default:
        return (token){.kind = TOKEN_CHARACTER, .character = take_character(text, at)};
    }
}

typedef struct range {
    uint32_t low;
    uint32_t high;
} range;

/// The next range of a class, one character being a range too; false at the end.
static bool take_range(airs_bytes members, size_t *at, range *ret_range)
{
    if (*at == members.len)
        return false;
    uint32_t low = take_character(members, at);
    uint32_t high = low;
    if (*at + 1 < members.len && members.data[*at] == '-') {
        ++*at;
        high = take_character(members, at);
    }
    *ret_range = (range){low, high};
    return true;
}

static bool token_matches(const token *self, uint32_t character)
{
    if (self->kind == TOKEN_CHARACTER)
        return self->character == character;
    if (self->kind != TOKEN_CLASS)
        return true;
    range each;
    bool found = false;
    for (size_t at = 0; !found && take_range(self->members, &at, &each);)
        found = character >= each.low && character <= each.high;
    return found != self->negated;
}

// ---------------------------------------------------------------- is it a pattern?

static airs_status check_class(airs_bytes name, size_t *at, size_t offset, airs_error *error)
{
    size_t begin = *at;
    size_t first = begin + 1;
    if (first < name.len && name.data[first] == '^')
        return base_error_set(error, AIRS_E_INVALID, "byte %zu: a class is negated with `!`", offset + first + 1);
    first += first < name.len && name.data[first] == '!' ? 1u : 0u;
    size_t end = class_end(name, first);
    if (end >= name.len)
        return base_error_set(error, AIRS_E_INVALID, "byte %zu: `[` without `]`; for the character itself write `[[]`",
                              offset + begin + 1);
    airs_bytes members = {name.data + first, end - first};
    range each;
    for (size_t member = 0; take_range(members, &member, &each);) {
        if (each.low > each.high)
            return base_error_set(error, AIRS_E_INVALID, "byte %zu: a range upside down", offset + first + 1);
    }
    *at = end + 1;
    return AIRS_OK;
}

static airs_status check_name(airs_bytes name, size_t offset, airs_error *error)
{
    if (name.len == 0)
        return base_error_set(error, AIRS_E_INVALID, "byte %zu: an empty name: two slashes, or one at the end",
                              offset + 1);
    if (base_bytes_are(name, ".") || base_bytes_are(name, ".."))
        return base_error_set(error, AIRS_E_INVALID, "byte %zu: `.` and `..` are no names", offset + 1);
    if (base_bytes_are(name, "**"))
        return AIRS_OK;
    for (size_t at = 0; at < name.len;) {
        if (name.data[at] == '[') {
            airs_status status = check_class(name, &at, offset, error);
            if (status != AIRS_OK)
                return status;
            continue;
        }
        if (name.data[at] == '*' && at + 1 < name.len && name.data[at + 1] == '*')
            return base_error_set(error, AIRS_E_INVALID, "byte %zu: `**` stands alone between slashes",
                                  offset + at + 1);
        if (name.data[at] == '\\')
            return base_error_set(error, AIRS_E_INVALID, "byte %zu: `\\` escapes nothing; write a class, as in `[*]`",
                                  offset + at + 1);
        at++;
    }
    return AIRS_OK;
}

/// What stands before the next slash, from `at` on.
static airs_bytes name_at(airs_bytes text, size_t at)
{
    const uint8_t *slash = memchr(text.data + at, '/', text.len - at);
    size_t end = slash == NULL ? text.len : (size_t)(slash - text.data);
    return (airs_bytes){text.data + at, end - at};
}

airs_status capability_glob_check(const char *glob, airs_error *error)
{
    airs_bytes text = base_bytes_of(glob);
    if (text.len == 0 || text.data[0] != '/')
        return base_error_set(error, AIRS_E_INVALID, "a pattern of paths begins with `/`");
    if (text.len > CAPABILITY_GLOB_MAX)
        return base_error_set(error, AIRS_E_INVALID, "%zu bytes, the limit is %u", text.len, CAPABILITY_GLOB_MAX);
    if (!base_utf8_valid(text))
        return base_error_set(error, AIRS_E_INVALID, "it is not UTF-8");
    for (size_t at = 1; text.len > 1 && at <= text.len;) {
        airs_bytes name = name_at(text, at);
        airs_status status = check_name(name, at, error);
        if (status != AIRS_OK)
            return status;
        at += name.len + 1;
    }
    return AIRS_OK;
}

bool capability_glob_is_literal(const char *glob)
{
    return strpbrk(glob, "*?[") == NULL;
}

// ---------------------------------------------------------------- matching

// Both levels, characters in a name and names in a path, are matched alike: elements one by one, and where they differ,
// the last star takes one element more. Going back to the last star alone is enough: what an earlier one could take,
// the last one can.

static bool name_matches(airs_bytes pattern, airs_bytes name)
{
    size_t p = 0;
    size_t n = 0;
    bool starred = false;
    size_t after_star = 0;
    size_t retry = 0;
    while (n < name.len) {
        size_t next = p;
        token here = p < pattern.len ? take_token(pattern, &next) : (token){.kind = TOKEN_CHARACTER};
        size_t behind = n;
        uint32_t character = take_character(name, &behind);
        if (p < pattern.len && here.kind == TOKEN_STAR) {
            starred = true;
            after_star = p = next;
            retry = n;
        } else if (p < pattern.len && token_matches(&here, character)) {
            p = next;
            n = behind;
        } else if (starred) {
            (void)take_character(name, &retry);
            p = after_star;
            n = retry;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.data[p] == '*')
        p++;
    return p == pattern.len;
}

/// Whether all of class `b` is in class `a`, as far as that is seen range by range.
static bool class_covers(const token *a, const token *b)
{
    if (b->negated && !a->negated)
        return false;
    // What must lie inside of what: members in members, or, turned around, the exceptions of `a` in those of `b`.
    const token *inner = b->negated ? a : b;
    const token *outer = b->negated ? b : a;
    bool disjoint = a->negated && !b->negated;
    range in;
    for (size_t i = 0; take_range(inner->members, &i, &in);) {
        bool contained = false;
        bool touched = false;
        range out;
        for (size_t o = 0; take_range(outer->members, &o, &out);) {
            contained = contained || (out.low <= in.low && in.high <= out.high);
            touched = touched || (out.low <= in.high && in.low <= out.high);
        }
        if (disjoint ? touched : !contained)
            return false;
    }
    return true;
}

/// Whether `a`, which is no star, matches each character that `b` does.
static bool token_covers(const token *a, const token *b)
{
    if (b->kind == TOKEN_CHARACTER)
        return token_matches(a, b->character);
    if (b->kind == TOKEN_STAR)
        return false;
    if (a->kind == TOKEN_ANY)
        return true;
    return a->kind == TOKEN_CLASS && b->kind == TOKEN_CLASS && class_covers(a, b);
}

static bool name_covers(airs_bytes granted, airs_bytes wanted)
{
    size_t g = 0;
    size_t w = 0;
    bool starred = false;
    size_t after_star = 0;
    size_t retry = 0;
    while (w < wanted.len) {
        size_t next = g;
        token here = g < granted.len ? take_token(granted, &next) : (token){.kind = TOKEN_CHARACTER};
        size_t behind = w;
        token part = take_token(wanted, &behind);
        if (g < granted.len && here.kind == TOKEN_STAR) {
            starred = true;
            after_star = g = next;
            retry = w;
        } else if (g < granted.len && token_covers(&here, &part)) {
            g = next;
            w = behind;
        } else if (starred) {
            (void)take_token(wanted, &retry);
            g = after_star;
            w = retry;
        } else {
            return false;
        }
    }
    while (g < granted.len && granted.data[g] == '*')
        g++;
    return g == granted.len;
}

typedef bool (*compare_names)(airs_bytes left, airs_bytes right);

static bool is_any_names(airs_bytes name)
{
    return name.len == 2 && name.data[0] == '*' && name.data[1] == '*';
}

/// Goes through both from name to name. In `right`, `**` is a name that only `**` in `left` takes.
static bool paths_compare(airs_bytes left, airs_bytes right, compare_names same, bool right_is_pattern)
{
    size_t l = 1;
    size_t r = 1;
    bool starred = false;
    size_t after_star = 0;
    size_t retry = 0;
    while (r < right.len) {
        airs_bytes name = name_at(right, r);
        airs_bytes here = l < left.len ? name_at(left, l) : (airs_bytes){0};
        bool many = right_is_pattern && is_any_names(name);
        if (l < left.len && is_any_names(here)) {
            starred = true;
            after_star = l = l + here.len + 1;
            retry = r;
        } else if (l < left.len && !many && same(here, name)) {
            l += here.len + 1;
            r += name.len + 1;
        } else if (starred) {
            retry += name_at(right, retry).len + 1;
            l = after_star;
            r = retry;
        } else {
            return false;
        }
    }
    while (l < left.len && is_any_names(name_at(left, l)))
        l += 3;
    return l >= left.len;
}

bool capability_glob_matches(const char *glob, const char *path)
{
    return paths_compare(base_bytes_of(glob), base_bytes_of(path), name_matches, false);
}

bool capability_glob_covers(const char *granted, const char *wanted)
{
    return paths_compare(base_bytes_of(granted), base_bytes_of(wanted), name_covers, true);
}
