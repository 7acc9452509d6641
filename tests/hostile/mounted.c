// SPDX-License-Identifier: MIT OR Apache-2.0
#include "mounted.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/system.h"

#define RIGHT(name) AIRS_RIGHT_FILES_##name
#define ALL_BUT_LIST (RIGHT(READ) | RIGHT(WRITE) | RIGHT(CREATE) | RIGHT(DELETE))

static const airs_grant usual[] = {
    {.rights = RIGHT(READ), .pattern = "/data/in/*.csv"},
    {.rights = RIGHT(LIST), .pattern = "/data/in"},
    {.rights = ALL_BUT_LIST, .pattern = "/data/out/**"},
    {.rights = RIGHT(READ), .pattern = "/data/ro/*"},
    {.rights = RIGHT(WRITE), .pattern = "/data/wo/*"},
    {.rights = RIGHT(DELETE), .pattern = "/data/del/*"},
    {.rights = RIGHT(CREATE) | RIGHT(READ), .pattern = "/data/new/*"},
    {.rights = RIGHT(READ), .pattern = "/data/nested/**"},
};

// ---------------------------------------------------------------- the tree

const char *mounted_path(mounted *self, const char *rest)
{
    static char paths[4][512];
    static size_t next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, sizeof paths[0], "%s/%s", self->root, rest);
    return path;
}

void mounted_write(mounted *self, const char *rest, const char *text)
{
    FILE *file = fopen(mounted_path(self, rest), "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

const char *mounted_read(mounted *self, const char *rest)
{
    static char text[256];
    FILE *file = fopen(mounted_path(self, rest), "r");
    if (file == NULL)
        return "(nothing)";
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    (void)fclose(file);
    return text;
}

static void make_tree(mounted *self)
{
    static const char *const folders[] = {"data",    "data/in",  "data/in/deep", "data/out", "data/ro",
                                          "data/wo", "data/del", "data/new",     "nested"};
    static const char *const files[][2] = {
        {"outside.txt", "outside"},    {"data/in/a.csv", "a,b"},      {"data/in/b.txt", "text"},
        {"data/in/deep/c.csv", "c,d"}, {"data/ro/r.txt", "read"},     {"data/wo/w.txt", "written"},
        {"data/del/d.txt", "deleted"}, {"data/secret.txt", "secret"}, {"nested/n.txt", "nested"},
        {"data/out/o.txt", "out"},
    };
    (void)snprintf(self->root, sizeof self->root, "/tmp/airssys-mounted-XXXXXX");
    assert_non_null(mkdtemp(self->root));
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        assert_int_equal(mkdir(mounted_path(self, folders[i]), 0700), 0);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        mounted_write(self, files[i][0], files[i][1]);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

static size_t count_descriptors(void)
{
    size_t count = 0;
    DIR *folder = opendir("/proc/self/fd");
    assert_non_null(folder);
    while (readdir(folder) != NULL)
        count++;
    (void)closedir(folder);
    return count;
}

// ---------------------------------------------------------------- begin and end

void mounted_begin(mounted *self)
{
    airs_system_options options = {.workers = 2, .instances_max = 32, .max_restarts = 256};
    mounted_begin_with(self, &options);
}

void mounted_begin_with(mounted *self, const airs_system_options *options)
{
    *self = (mounted){.attack = attack_begin_with(options)};
    make_tree(self);
    // The engine's thread of input and output begins with the first guest that needs it, and stays.
    attack_stop(self->attack, mounted_spawn(self, NULL, NULL), ATTACK_PATIENCE_MS);
    self->descriptors = count_descriptors();
}

void mounted_end(mounted *self)
{
    assert_string_equal(mounted_read(self, "outside.txt"), "outside");
    assert_string_equal(mounted_read(self, "data/secret.txt"), "secret");
    assert_string_equal(mounted_read(self, "data/in/b.txt"), "text");
    assert_string_equal(mounted_read(self, "data/ro/r.txt"), "read");
    // What was on its way when an actor ended is closed by the thread that does it.
    for (uint64_t begin = attack_now_ms(); count_descriptors() > self->descriptors; attack_sleep_ms(1))
        assert_true(attack_now_ms() - begin < ATTACK_PATIENCE_MS);
    assert_int_equal(nftw(self->root, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
    attack_end(self->attack);
}

static airs_actor_id spawn_guest(mounted *self, airs_spawn_options *options, const airs_grant *grants, size_t count)
{
    char data[512], nested[512];
    (void)snprintf(data, sizeof data, "%s", mounted_path(self, "data"));
    (void)snprintf(nested, sizeof nested, "%s", mounted_path(self, "nested"));
    const airs_mount mounts[] = {{"/data", data}, {"/data/nested", nested}};
    options->grants = grants;
    options->grants_count = count;
    options->mounts = mounts;
    options->mounts_count = 2;
    return attack_spawn(self->attack, "files", options);
}

airs_actor_id mounted_spawn(mounted *self, const char *name, const airs_limits *limits)
{
    airs_spawn_options options = {.name = name};
    if (limits != NULL)
        options.limits = *limits;
    return spawn_guest(self, &options, usual, sizeof usual / sizeof *usual);
}

airs_actor_id mounted_spawn_with(mounted *self, const char *name, const airs_grant *grants, size_t count)
{
    airs_spawn_options options = {.name = name};
    return spawn_guest(self, &options, grants, count);
}

void mounted_revoke(mounted *self, airs_actor_id id)
{
    actor_space *space = &self->attack->system->actors;
    sched_read read = sched_read_enter(space->sched);
    component_actor *component = component_actor_of(actor_find(space, id.raw));
    uint32_t all[64], count = 0;
    const capability_policy *policy = capability_holder_get(&component->authority.holder);
    while (count < capability_policy_grant_count(policy) && count < 64) {
        all[count] = count;
        count++;
    }
    capability_policy_release(policy);
    capability_change change = {.revoked = all, .revoked_count = count};
    assert_int_equal(authority_change(component, &change, NULL, NULL), AIRS_OK);
    sched_read_leave(space->sched, read);
}
