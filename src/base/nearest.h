// SPDX-License-Identifier: MIT OR Apache-2.0
/// "Did you mean": finds the name nearest to a mistyped word.
///
///     base_nearest nearest;
///     base_nearest_init(&nearest, word);
///     for (...) base_nearest_try(&nearest, name);
///     const char *name = base_nearest_best(&nearest);
#ifndef AIRS_BASE_NEAREST_H
#define AIRS_BASE_NEAREST_H

#include <stddef.h>

typedef struct base_nearest {
    const char *word;
    const char *best;
    size_t distance;
} base_nearest;

/// `word` is borrowed until the end of the search.
void base_nearest_init(base_nearest *nearest, const char *word);

/// Considers a name, borrowed too. Words over 63 bytes have no neighbours.
void base_nearest_try(base_nearest *nearest, const char *name);

/// The nearest name, or NULL when none is near enough to be meant: a third of the word may differ,
/// one letter of a short one, never all.
const char *base_nearest_best(const base_nearest *nearest);

#endif
