// SPDX-License-Identifier: MIT OR Apache-2.0
// An ordinary C program: it knows nothing of actors or grants. It adds up the second column of all CSV files in
// /data/in, writes the total to /data/out/total.txt, and looks where it may not.
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long add_file(const char *path)
{
    char line[128];
    long total = 0;
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return 0;
    while (fgets(line, sizeof line, file) != NULL) {
        const char *comma = strchr(line, ',');
        total += comma == NULL ? 0 : strtol(comma + 1, NULL, 10);
    }
    fclose(file);
    printf("%s: %ld\n", path, total);
    return total;
}

static long add_folder(const char *folder)
{
    long total = 0;
    DIR *names = opendir(folder);
    if (names == NULL) {
        perror(folder);
        return 0;
    }
    for (const struct dirent *entry; (entry = readdir(names)) != NULL;) {
        char path[256];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        const char *end = strrchr(path, '.');
        if (end != NULL && strcmp(end, ".csv") == 0)
            total += add_file(path);
    }
    closedir(names);
    return total;
}

static void look_at(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        perror(path);
        return;
    }
    printf("%s can be read\n", path);
    fclose(file);
}

int main(void)
{
    const char *currency = getenv("CURRENCY");
    long total = add_folder("/data/in");
    FILE *out = fopen("/data/out/total.txt", "w");
    if (out == NULL) {
        perror("/data/out/total.txt");
        return EXIT_FAILURE;
    }
    fprintf(out, "%ld %s\n", total, currency == NULL ? "" : currency);
    fclose(out);
    look_at("/data/secret.txt");
    look_at("/data/in/notes.txt");
    look_at("/data/out/total.txt");
    look_at("/etc/passwd");
    return EXIT_SUCCESS;
}
