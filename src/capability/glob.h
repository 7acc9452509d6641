// SPDX-License-Identifier: MIT OR Apache-2.0
/// Patterns over normal paths (path.h).
///
/// `?`      any one character but `/`
/// `*`      any run of characters without `/`, also none
/// `[a-z]`  one character of the class; `[!a-z]` one that is not in it, and is not `/`. `]` is itself when it is the
///          first of a class, `-` when it is the first or the last
/// `**`     as a whole name between slashes: any number of names, also none
///
/// All else is itself; a character is one of UTF-8; names that begin with a dot are like all others.
#ifndef CAPABILITY_GLOB_H
#define CAPABILITY_GLOB_H

#include "airssys/status.h"

#define CAPABILITY_GLOB_MAX 1024u

/// Whether it is a pattern. E_INVALID: `error` says what is wrong, and where.
AIRS_NODISCARD airs_status capability_glob_check(const char *glob, airs_error *error);

/// Whether it matches one path only. `glob` was checked.
bool capability_glob_is_literal(const char *glob);

/// Whether the normal path matches. Takes at most length times length steps. Any thread.
bool capability_glob_matches(const char *glob, const char *path);

/// True only when each path that `wanted` matches is matched by `granted` too; both were checked. There are pairs of
/// which that holds and this says no, `[a-m]` with `[n-z]` over `?` in two grants, or `?*` over `*`; never the reverse.
bool capability_glob_covers(const char *granted, const char *wanted);

#endif
