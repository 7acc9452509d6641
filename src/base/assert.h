// SPDX-License-Identifier: MIT OR Apache-2.0
/// Assertions: for bugs only, never for bad input or a resource that is used up.
#ifndef AIRS_BASE_ASSERT_H
#define AIRS_BASE_ASSERT_H

/// Prints "file:line: assertion failed: expression" and aborts.
_Noreturn void base_assert_fail(const char *expression, const char *file, int line);

/// Always on, in release builds too: `expression` is evaluated once.
#define AIRS_ASSERT(expression) \
    (__builtin_expect(!!(expression), 1) ? (void)0 : base_assert_fail(#expression, __FILE__, __LINE__))

/// Only in debug builds: for checks that cost more than a comparison on a hot path.
#ifdef AIRS_DEBUG
#define AIRS_DCHECK(expression) AIRS_ASSERT(expression)
#else
#define AIRS_DCHECK(expression) ((void)sizeof(!!(expression)))
#endif

#endif
