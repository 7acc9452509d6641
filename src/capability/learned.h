// SPDX-License-Identifier: MIT OR Apache-2.0
/// What one holder of grants has done, each use once, and the smallest grants that allow all of it.
///
/// A use becomes a grant of one right on exactly what it was on. Only of files several become one: where at least
/// LEARNED_SIBLINGS names of one folder were used with the same right, the grant is on all names of that folder, `*`.
///
/// What was used is chosen by guests: there are at most LEARNED_MAX uses, and what no grant could allow is none. Not
/// locked.
#ifndef CAPABILITY_LEARNED_H
#define CAPABILITY_LEARNED_H

#include "capability/policy.h"

#define LEARNED_MAX 1024u
#define LEARNED_SIBLINGS 8u

typedef struct learned_use {
    capability_right right;
    /// As a grant has them: NULL where the kind has none.
    char *pattern;
    char *custom;
    /// Of spawn: the most children at once.
    uint32_t children;
    /// Of files.read: the name was only looked at, for which any right on it would do.
    bool look;
} learned_use;

typedef struct learned_set {
    const airs_allocator *allocator;
    learned_use *uses;
    uint32_t count;
    uint32_t room;
    /// By the hash, the number of a use and 1; 0: none. A power of two, more than LEARNED_MAX.
    uint16_t *slots;
    /// Uses that had no room.
    uint64_t cut;
} learned_set;

void learned_set_init(learned_set *self, const airs_allocator *allocator);
void learned_set_fini(learned_set *self);

/// Adds the use that a decision is about: `object` of a custom capability is its name, a blank and the object.
/// Errors: E_INVALID no grant could allow it; E_LIMIT there are too many, which is counted; E_NOMEM.
AIRS_NODISCARD airs_status learned_set_add(learned_set *self, const capability_decision *decision, airs_bytes object);

/// Adds all uses of another one but for those of spawn: what a child does, whoever spawned it must be granted; but to
/// hand on to spawn it needs nothing.
/// Errors: E_LIMIT, E_NOMEM.
AIRS_NODISCARD airs_status learned_set_add_child(learned_set *self, const learned_set *child);
/// Adds all uses of another one.
AIRS_NODISCARD airs_status learned_set_add_all(learned_set *self, const learned_set *other);

/// Makes the grants, one right each, in the order of the rights and then of the patterns. They point into `self`.
/// Owns:   the caller frees `ret_grants` with `learned_grants_free`.
/// Errors: E_NOMEM.
AIRS_NODISCARD airs_status learned_set_grants(learned_set *self, airs_grant **ret_grants, size_t *ret_count);
void learned_grants_free(const learned_set *self, airs_grant *grants);

/// Whether the grant allows any of the uses. Before the grants are made of them.
bool learned_set_uses(const learned_set *self, const airs_grant *grant);

#endif
