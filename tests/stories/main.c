// SPDX-License-Identifier: MIT OR Apache-2.0
/// stories [--write] FILE...
///
/// Plays each story and compares what happened with what is under its `expect`. With `--write` that is written instead,
/// for a reader to judge.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "story.h"

#define TEXT_MAX 65536u

static char text[TEXT_MAX];
static char trace[TEXT_MAX];

static bool read_file(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return false;
    size_t len = fread(text, 1, sizeof text - 1, file);
    text[len] = '\0';
    return fclose(file) == 0;
}

static bool write_expectation(const char *path)
{
    const char *expected = story_expectation(text);
    size_t len = expected == NULL ? strlen(text) : (size_t)(expected - text);
    FILE *file = fopen(path, "w");
    if (file == NULL)
        return false;
    (void)fwrite(text, 1, len, file);
    if (expected == NULL)
        (void)fputs("expect\n", file);
    (void)fputs(trace, file);
    return fclose(file) == 0;
}

/// Where the two part.
static void show_difference(const char *path, const char *expected)
{
    const char *a = expected;
    const char *b = trace;
    for (;;) {
        size_t in_a = strcspn(a, "\n");
        size_t in_b = strcspn(b, "\n");
        if (in_a != in_b || strncmp(a, b, in_a) != 0 || *a == '\0' || *b == '\0') {
            fprintf(stderr, "%s\n  expected: %.*s\n  happened: %.*s\nall that happened:\n%s", path, (int)in_a, a,
                    (int)in_b, b, trace);
            return;
        }
        a += in_a + 1;
        b += in_b + 1;
    }
}

int main(int argc, char **argv)
{
    bool writes = argc > 1 && strcmp(argv[1], "--write") == 0;
    int failed = 0;
    int count = 0;
    for (int i = writes ? 2 : 1; i < argc; i++, count++) {
        if (!read_file(argv[i])) {
            fprintf(stderr, "%s: can't be read\n", argv[i]);
            failed++;
            continue;
        }
        const char *expected = story_expectation(text);
        if (!story_play(text, trace, sizeof trace)) {
            fprintf(stderr, "%s: %s", argv[i], trace);
            failed++;
        } else if (writes) {
            failed += !write_expectation(argv[i]);
        } else if (expected == NULL || strcmp(expected, trace) != 0) {
            show_difference(argv[i], expected == NULL ? "" : expected);
            failed++;
        }
    }
    if (count == 0)
        fprintf(stderr, "usage: stories [--write] FILE...\n");
    return count == 0 || failed > 0;
}
