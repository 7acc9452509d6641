// SPDX-License-Identifier: MIT OR Apache-2.0
// An actor lives long, and its stdout is no terminal: without this, what it prints would be kept back
// until a buffer is full. The node takes whole lines into its log.
#include <stdio.h>

__attribute__((constructor)) static void print_line_by_line(void)
{
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
}
