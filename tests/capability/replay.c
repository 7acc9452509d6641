// SPDX-License-Identifier: MIT OR Apache-2.0
/// Calls a fuzz target for each file of a folder, with each of its beginnings too: what libFuzzer does at its start,
/// for compilers that have none.
///     replay FOLDER
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

static void replay_file(const char *folder, const char *name)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    AIRS_ASSERT(file != NULL);
    static uint8_t data[65536];
    size_t size = fread(data, 1, sizeof data, file);
    (void)fclose(file);
    // A copy of its exact size, so that a sanitizer sees each step past the end.
    for (size_t len = size < 512 ? 0 : size - 512; len <= size; len++) {
        uint8_t *copy = malloc(len == 0 ? 1 : len);
        AIRS_ASSERT(copy != NULL);
        memcpy(copy, data, len);
        (void)LLVMFuzzerTestOneInput(copy, len);
        free(copy);
    }
}

int main(int argc, char **argv)
{
    AIRS_ASSERT(argc == 2);
    DIR *folder = opendir(argv[1]);
    AIRS_ASSERT(folder != NULL);
    unsigned count = 0;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (entry->d_name[0] == '.')
            continue;
        replay_file(argv[1], entry->d_name);
        count++;
    }
    (void)closedir(folder);
    printf("%u inputs\n", count);
    return count == 0;
}
