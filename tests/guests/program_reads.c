// SPDX-License-Identifier: MIT OR Apache-2.0
// A program that prints its arguments, then its standard input line by line, and how much that was.
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    static char line[1000];
    size_t bytes = 0;
    for (int i = 0; i < argc; i++)
        printf("argument %d: %s\n", i, argv[i]);
    while (fgets(line, sizeof line, stdin) != NULL) {
        bytes += strlen(line);
        line[strcspn(line, "\n")] = '\0';
        if (bytes < 1000)
            printf("read: %s\n", line);
    }
    printf("%zu bytes, %s\n", bytes, ferror(stdin) ? "failed" : "to the end");
    return 0;
}
