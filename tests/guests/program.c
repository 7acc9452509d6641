// SPDX-License-Identifier: MIT OR Apache-2.0
// A program and no actor: it exports wasi:cli/run, and ends. Its exit code is its number of arguments
// and variables, which is 0 where nothing is granted.
#include <stdio.h>
#include <stdlib.h>

extern char **environ;

int main(int argc, char **argv)
{
    int seen = argc > 1 ? argc - 1 : 0;
    for (char **variable = environ; variable && *variable; variable++)
        seen++;
    printf("a program ran, %d seen\n", seen);
    fprintf(stderr, "and this is its stderr: %s\n", argc > 0 && argv[0] ? argv[0] : "");
    return seen == 0 ? EXIT_SUCCESS : seen;
}
