// SPDX-License-Identifier: MIT OR Apache-2.0
#include "base/assert.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void base_assert_fail(const char *expression, const char *file, int line)
{
    fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, expression);
    abort();
}
