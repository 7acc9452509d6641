// SPDX-License-Identifier: MIT OR Apache-2.0
#include "capability/learned.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/name.h"
#include "capability/glob.h"
#include "capability/policy_impl.h"

#define SLOTS (4u * LEARNED_MAX)
/// Of any kind: a glob is the longest.
#define PATTERN_ROOM (CAPABILITY_GLOB_MAX + 1u)

_Static_assert((SLOTS & (SLOTS - 1)) == 0 && LEARNED_MAX < UINT16_MAX, "slots are found by a mask, and hold a number");

/// All paths, as guests see them.
static const capability_mount everywhere = {"/", "/"};

void learned_set_init(learned_set *self, const airs_allocator *allocator)
{
    *self = (learned_set){.allocator = allocator};
}

void learned_set_fini(learned_set *self)
{
    for (uint32_t i = 0; i < self->count; i++) {
        base_free(self->allocator, self->uses[i].pattern);
        base_free(self->allocator, self->uses[i].custom);
    }
    base_free(self->allocator, self->uses);
    base_free(self->allocator, self->slots);
    *self = (learned_set){.allocator = self->allocator};
}

// ---------------------------------------------------------------- what is wanted, as a grant has it

typedef struct wanted {
    capability_right right;
    const char *pattern;
    const char *custom;
    char pattern_text[PATTERN_ROOM];
    char custom_text[BASE_NAME_MAX + 1];
} wanted;

/// Each star, question mark and bracket of a path in a class of its own. False: too long.
static bool escape_glob(char out[PATTERN_ROOM], airs_bytes path)
{
    size_t len = 0;
    for (size_t i = 0; i < path.len; i++) {
        bool special = memchr("*?[", path.data[i], 3) != NULL;
        if (len + (special ? 3 : 1) >= PATTERN_ROOM)
            return false;
        if (special)
            out[len++] = '[';
        out[len++] = (char)path.data[i];
        if (special)
            out[len++] = ']';
    }
    out[len] = '\0';
    return true;
}

static bool copy_text(char *out, size_t size, airs_bytes text)
{
    if (text.len >= size || (text.len > 0 && memchr(text.data, '\0', text.len) != NULL))
        return false;
    base_text_copy(out, size, text);
    return true;
}

static bool split_custom(wanted *ret, airs_bytes object)
{
    const uint8_t *blank = object.len == 0 ? NULL : memchr(object.data, ' ', object.len);
    size_t len = blank == NULL ? 0 : (size_t)(blank - object.data);
    if (len == 0 || !copy_text(ret->custom_text, sizeof ret->custom_text, (airs_bytes){object.data, len}))
        return false;
    ret->custom = ret->custom_text;
    return copy_text(ret->pattern_text, sizeof ret->pattern_text,
                     (airs_bytes){object.data + len + 1, object.len - len - 1});
}

/// Who binds port 0 is given one by the system, any, and listens at that.
static void take_any_port(char *pattern)
{
    char *port = strrchr(pattern, ':');
    if (port != NULL && strcmp(port, ":0") == 0)
        port[1] = '*';
}

static bool make_wanted(wanted *ret, capability_right right, airs_bytes object)
{
    capability_kind kind = capability_right_kind(right);
    ret->right = right;
    ret->custom = NULL;
    ret->pattern = ret->pattern_text;
    if (kind == CAPABILITY_CLOCK || kind == CAPABILITY_RANDOM || kind == CAPABILITY_STDIO) {
        ret->pattern = NULL;
        return true;
    }
    if (kind == CAPABILITY_CUSTOM)
        return split_custom(ret, object);
    if (kind == CAPABILITY_FILES)
        return object.len > 0 && memchr(object.data, '\0', object.len) == NULL &&
               escape_glob(ret->pattern_text, object);
    bool copied = copy_text(ret->pattern_text, sizeof ret->pattern_text, object);
    if (copied && right == CAPABILITY_NETWORK_BIND)
        take_any_port(ret->pattern_text);
    return copied;
}

/// Makes the policy that has one grant; NULL: it is none.
static capability_policy *policy_of(const airs_grant *grant, const airs_allocator *allocator)
{
    capability_policy_options options = {.grants = grant, .grant_count = 1, .mounts = &everywhere, .mount_count = 1};
    capability_policy *policy;
    return capability_policy_create(&options, allocator, &policy, NULL, NULL) == AIRS_OK ? policy : NULL;
}

static airs_grant grant_of(const learned_use *use)
{
    return (airs_grant){.rights = CAPABILITY_BIT(use->right),
                        .pattern = use->pattern,
                        .custom = use->custom,
                        .count_max = use->right == CAPABILITY_SPAWN_START ? use->children : 0};
}

/// Whether there could be such a grant.
static bool is_grantable(const wanted *it, const airs_allocator *allocator)
{
    airs_grant grant = {.rights = CAPABILITY_BIT(it->right),
                        .pattern = it->pattern,
                        .custom = it->custom,
                        .count_max = it->right == CAPABILITY_SPAWN_START ? 1 : 0};
    capability_policy *policy = policy_of(&grant, allocator);
    capability_policy_release(policy);
    return policy != NULL;
}

// ---------------------------------------------------------------- the set

static uint32_t hash_text(uint32_t hash, const char *text)
{
    for (; text != NULL && *text != '\0'; text++)
        hash = (hash ^ (uint8_t)*text) * 16777619u;
    return hash * 31u + 7u;
}

static bool is_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/// The slot that has it, or where it would be.
static uint32_t find(const learned_set *self, const learned_use *like)
{
    uint32_t hash = hash_text(hash_text(2166136261u ^ (uint32_t)like->right, like->pattern), like->custom);
    uint32_t at = hash & (SLOTS - 1);
    for (; self->slots[at] != 0; at = (at + 1) & (SLOTS - 1)) {
        const learned_use *use = &self->uses[self->slots[at] - 1];
        if (use->right == like->right && is_text(use->pattern, like->pattern) && is_text(use->custom, like->custom))
            break;
    }
    return at;
}

/// Room for one more. Errors: E_LIMIT, E_NOMEM.
static airs_status reserve(learned_set *self)
{
    if (self->count == LEARNED_MAX) {
        self->cut++;
        return AIRS_E_LIMIT;
    }
    if (self->slots == NULL)
        self->slots = base_alloc_zeroed(self->allocator, SLOTS * sizeof *self->slots);
    if (self->slots == NULL)
        return AIRS_E_NOMEM;
    if (self->count < self->room)
        return AIRS_OK;
    uint32_t room = self->room == 0 ? 16 : 2 * self->room;
    learned_use *made = base_realloc(self->allocator, self->uses, room * sizeof *made);
    if (made == NULL)
        return AIRS_E_NOMEM;
    self->uses = made;
    self->room = room;
    return AIRS_OK;
}

static bool copy(const airs_allocator *allocator, const char *text, char **ret)
{
    *ret = text == NULL ? NULL : base_strndup(allocator, text, strlen(text));
    return text == NULL || *ret != NULL;
}

static airs_status put(learned_set *self, uint32_t slot, const learned_use *use)
{
    learned_use *made = &self->uses[self->count];
    *made = (learned_use){.right = use->right, .children = use->children, .look = use->look};
    bool copied = copy(self->allocator, use->pattern, &made->pattern);
    copied = copy(self->allocator, use->custom, &made->custom) && copied;
    if (!copied) {
        base_free(self->allocator, made->pattern);
        base_free(self->allocator, made->custom);
        return AIRS_E_NOMEM;
    }
    self->slots[slot] = (uint16_t)++self->count;
    return AIRS_OK;
}

/// Tells the use that is there already of another one like it. False: there is none.
static bool meet(learned_set *self, const learned_use *other)
{
    uint32_t number = self->slots == NULL ? 0 : self->slots[find(self, other)];
    if (number == 0)
        return false;
    learned_use *use = &self->uses[number - 1];
    use->children = other->children > use->children ? other->children : use->children;
    use->look = use->look && other->look;
    return true;
}

airs_status learned_set_add(learned_set *self, const capability_decision *decision, airs_bytes object)
{
    wanted it;
    if (!make_wanted(&it, decision->look ? CAPABILITY_FILES_READ : decision->right, object))
        return AIRS_E_INVALID;
    learned_use use = {.right = it.right, .children = decision->children, .look = decision->look};
    use.pattern = (char *)(uintptr_t)it.pattern;
    use.custom = (char *)(uintptr_t)it.custom;
    if (meet(self, &use))
        return AIRS_OK;
    airs_status status = is_grantable(&it, self->allocator) ? reserve(self) : AIRS_E_INVALID;
    return status == AIRS_OK ? put(self, find(self, &use), &use) : status;
}

static airs_status add_from(learned_set *self, const learned_set *other, bool spawns)
{
    airs_status status = AIRS_OK;
    for (uint32_t i = 0; i < other->count && status == AIRS_OK; i++) {
        const learned_use *use = &other->uses[i];
        if ((!spawns && use->right == CAPABILITY_SPAWN_START) || meet(self, use))
            continue;
        status = reserve(self);
        if (status == AIRS_OK)
            status = put(self, find(self, use), use);
    }
    self->cut += other->cut;
    return status;
}

airs_status learned_set_add_child(learned_set *self, const learned_set *child)
{
    return add_from(self, child, false);
}

airs_status learned_set_add_all(learned_set *self, const learned_set *other)
{
    return add_from(self, other, true);
}

// ---------------------------------------------------------------- grants

static int compare_texts(const char *a, const char *b)
{
    if (a == NULL || b == NULL)
        return (a != NULL) - (b != NULL);
    return strcmp(a, b);
}

/// Of files, the names of one folder beside each other.
static int compare(const void *left, const void *right)
{
    const learned_use *a = left;
    const learned_use *b = right;
    if (a->right != b->right)
        return a->right < b->right ? -1 : 1;
    int order = compare_texts(a->custom, b->custom);
    if (order == 0 && capability_right_kind(a->right) == CAPABILITY_FILES) {
        size_t a_len = (size_t)(strrchr(a->pattern, '/') - a->pattern);
        size_t b_len = (size_t)(strrchr(b->pattern, '/') - b->pattern);
        order = memcmp(a->pattern, b->pattern, a_len < b_len ? a_len : b_len);
        if (order == 0 && a_len != b_len)
            return a_len < b_len ? -1 : 1;
    }
    return order != 0 ? order : compare_texts(a->pattern, b->pattern);
}

/// How many from `at` on are in the same folder, with the same right.
static uint32_t siblings(const learned_set *self, uint32_t at)
{
    const learned_use *first = &self->uses[at];
    uint32_t count = 1;
    if (capability_right_kind(first->right) != CAPABILITY_FILES)
        return count;
    size_t folder = (size_t)(strrchr(first->pattern, '/') - first->pattern) + 1;
    for (; at + count < self->count; count++) {
        const learned_use *next = &self->uses[at + count];
        if (next->right != first->right || strncmp(next->pattern, first->pattern, folder) != 0 ||
            strchr(next->pattern + folder, '/') != NULL)
            break;
    }
    return count;
}

/// Makes the uses from `at` on one of all names in their folder: the first, whose room is large enough.
static bool group(learned_set *self, uint32_t at)
{
    learned_use *first = &self->uses[at];
    size_t folder = (size_t)(strrchr(first->pattern, '/') - first->pattern) + 1;
    char *made = base_alloc(self->allocator, folder + 2);
    if (made == NULL)
        return false;
    memcpy(made, first->pattern, folder);
    memcpy(made + folder, "*", sizeof "*");
    base_free(self->allocator, first->pattern);
    first->pattern = made;
    return true;
}

/// Whether there is another right on the path, so that it may be looked at anyway.
static bool has_another_right(const learned_set *self, const learned_use *look)
{
    for (uint32_t i = 0; i < self->count; i++) {
        const learned_use *other = &self->uses[i];
        if (other != look && capability_right_kind(other->right) == CAPABILITY_FILES &&
            strcmp(other->pattern, look->pattern) == 0)
            return true;
    }
    return false;
}

/// Takes out what is only looked at, and may be anyway.
static void drop_looks(learned_set *self)
{
    for (uint32_t i = self->count; i-- > 0;) {
        learned_use *use = &self->uses[i];
        if (!use->look || !has_another_right(self, use))
            continue;
        base_free(self->allocator, use->pattern);
        base_free(self->allocator, use->custom);
        *use = self->uses[--self->count];
    }
}

airs_status learned_set_grants(learned_set *self, airs_grant **ret_grants, size_t *ret_count)
{
    airs_grant *grants = base_alloc_array(self->allocator, self->count + 1u, sizeof *grants);
    if (grants == NULL)
        return AIRS_E_NOMEM;
    drop_looks(self);
    if (self->count > 0)
        qsort(self->uses, self->count, sizeof *self->uses, compare);
    size_t count = 0;
    for (uint32_t at = 0, next; at < self->count; at = next) {
        uint32_t same = siblings(self, at);
        next = same >= LEARNED_SIBLINGS && group(self, at) ? at + same : at + 1;
        grants[count++] = grant_of(&self->uses[at]);
    }
    // The places in the slots are others now: they would have to be found anew.
    base_free(self->allocator, self->slots);
    self->slots = NULL;
    *ret_grants = grants;
    *ret_count = count;
    return AIRS_OK;
}

void learned_grants_free(const learned_set *self, airs_grant *grants)
{
    base_free(self->allocator, grants);
}

bool learned_set_uses(const learned_set *self, const airs_grant *grant)
{
    capability_policy *policy = policy_of(grant, self->allocator);
    bool found = false;
    for (uint32_t i = 0; policy != NULL && i < self->count && !found; i++) {
        airs_grant one = grant_of(&self->uses[i]);
        if ((grant->rights & one.rights) == 0 || !is_text(grant->custom, one.custom))
            continue;
        // How many children there were does not matter here.
        one.count_max = one.count_max == 0 ? 0 : 1;
        capability_policy *wanted_policy = policy_of(&one, self->allocator);
        found = wanted_policy != NULL && capability_policy_covers(policy, wanted_policy, NULL);
        capability_policy_release(wanted_policy);
    }
    capability_policy_release(policy);
    return found;
}
