// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/learn.h"

#include "cli/learned.h"
#include "cli/output.h"

#include "base/alloc.h"
#include "base/error.h"
#include "os/clock.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOK_NS 250000000u
/// Folders that are open while the scratch folder is looked through.
#define WALK_FDS 16

// ---------------------------------------------------------------- the scratch folder

static airs_status make_scratch(char **ret_path, airs_error *error)
{
    const char *temporary = getenv("TMPDIR");
    char path[PATH_MAX];
    char real[PATH_MAX];
    snprintf(path, sizeof path, "%s/airssys-learn-XXXXXX", temporary && temporary[0] == '/' ? temporary : "/tmp");
    if (!mkdtemp(path) || !realpath(path, real))
        return base_error_errno(error, AIRS_E_IO, errno, "the scratch folder %s", path);
    *ret_path = base_strndup(base_allocator_default(), real, strlen(real));
    return *ret_path ? AIRS_OK : base_error_set(error, AIRS_E_NOMEM, "no memory to learn");
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *at)
{
    (void)about;
    (void)kind;
    (void)at;
    (void)remove(path);
    return 0;
}

/// What was found so far; nftw has nothing to hand on.
static uint64_t walked_bytes;

static int count_one(const char *path, const struct stat *about, int kind, struct FTW *at)
{
    (void)path;
    (void)at;
    // Also what is empty takes its place.
    if (kind != FTW_NS)
        walked_bytes += 4096u + (uint64_t)about->st_blocks * 512u;
    return walked_bytes > CLI_SCRATCH_MAX;
}

bool cli_learn_is_full(cli_learn *self)
{
    uint64_t now_ns = os_clock_now_ns();
    if (now_ns - self->looked_ns < LOOK_NS)
        return false;
    walked_bytes = 0;
    (void)nftw(self->scratch, count_one, WALK_FDS, FTW_PHYS);
    self->looked_ns = os_clock_now_ns();
    return walked_bytes > CLI_SCRATCH_MAX;
}

// ---------------------------------------------------------------- life

airs_status cli_learn_init(cli_learn *self, airs_error *error)
{
    *self = (cli_learn){.out = -1};
    airs_status status = make_scratch(&self->scratch, error);
    if (status == AIRS_OK)
        status = learner_init(&self->learner, base_allocator_default(), self->scratch, error);
    if (status != AIRS_OK)
        return status;
    fflush(stdout);
    self->out = dup(STDOUT_FILENO);
    if (self->out >= 0 && dup2(STDERR_FILENO, STDOUT_FILENO) >= 0)
        return AIRS_OK;
    status = base_error_errno(error, AIRS_E_IO, errno, "standard output");
    cli_learn_fini(self);
    return status;
}

static void give_back_stdout(cli_learn *self)
{
    if (self->out < 0)
        return;
    fflush(stdout);
    (void)dup2(self->out, STDOUT_FILENO);
    close(self->out);
    self->out = -1;
}

void cli_learn_fini(cli_learn *self)
{
    give_back_stdout(self);
    learner_fini(&self->learner);
    if (self->scratch)
        (void)nftw(self->scratch, remove_one, WALK_FDS, FTW_DEPTH | FTW_PHYS);
    base_free(base_allocator_default(), self->scratch);
    self->scratch = NULL;
}

// ---------------------------------------------------------------- what is printed

/// Calls `fn` for each actor and each template. False: no memory.
static bool each(const cli_learn *self, const deploy_manifest *manifest, bool (*fn)(void *user, const cli_learned *it),
                 void *user)
{
    bool done = true;
    for (size_t i = 0; done && i < manifest->actors_count + manifest->templates_count; i++) {
        bool is_template = i >= manifest->actors_count;
        const deploy_actor *described =
            is_template ? &manifest->templates[i - manifest->actors_count] : &manifest->actors[i];
        cli_learned it;
        done = cli_learned_init(&it, &self->learner, manifest, described, is_template) == AIRS_OK && fn(user, &it);
        cli_learned_fini(&it);
    }
    return done;
}

static void print_notes(const cli_learned *it)
{
    const cJSON *one;
    if (it->cut)
        printf("# it used more than can be learned of one actor, %u uses: what was past that was refused\n",
               LEARNED_MAX);
    cJSON_ArrayForEach(one, it->unused)
    {
        fputs("# granted, but not used: ", stdout);
        cli_write_escaped(stdout, one->valuestring, strlen(one->valuestring));
        putchar('\n');
    }
    cJSON_ArrayForEach(one, it->unmounted)
    {
        fputs("# nothing was mounted at ", stdout);
        cli_write_escaped(stdout, one->valuestring, strlen(one->valuestring));
        puts(": the folder of the host in `mounts` has to be there");
    }
    const cJSON *network = cJSON_GetObjectItemCaseSensitive(it->grants, "network");
    if (cJSON_GetObjectItemCaseSensitive(network, "lookup"))
        puts("# names have no address while learning: add to `connect` where it goes by name");
}

/// Where the manifest has no such actor, the actor too.
static void print_actor(const cli_learned *it, bool whole)
{
    if (!whole) {
        printf("\n# of the %s ", it->is_template ? "template" : "actor");
        cli_write_escaped(stdout, it->actor->name.text, strlen(it->actor->name.text));
        putchar('\n');
        return;
    }
    fputs("\n[[actor]]\nname = ", stdout);
    cli_toml_text(stdout, it->actor->name.text);
    fputs("\ncomponent = ", stdout);
    cli_toml_text(stdout, it->actor->component.text);
    fputs("\nrestart = \"transient\"\nsignificant = true\n\n", stdout);
}

static bool print_one(void *user, const cli_learned *it)
{
    const bool *whole = user;
    print_actor(it, *whole);
    if (it->unseen) {
        puts("# never started: nothing is learned of it");
        return true;
    }
    print_notes(it);
    cli_learned_write(it, stdout);
    return true;
}

static bool print_toml(const cli_learn *self, const deploy_manifest *manifest)
{
    // An app that is a component alone has nothing that the tables could be put into.
    bool whole = !deploy_document_text(&manifest->document, "app", "name").text;
    if (whole) {
        puts("# what was used, as a manifest (airssys.toml)\n\n[app]");
        fputs("name = ", stdout);
        cli_toml_text(stdout, manifest->name.text);
        putchar('\n');
    } else {
        puts("# what was used: each table goes below its actor or template, in the place of its grants");
    }
    if (self->learner.cut > 0)
        printf("# there were more than %u actors and kinds of children: nothing is learned of the others\n",
               LEARN_ENTRIES_MAX);
    return each(self, manifest, print_one, &whole);
}

static bool add_one(void *user, const cli_learned *it)
{
    cJSON *made = cJSON_CreateObject();
    bool done = made && cJSON_AddItemToArray(user, made) &&
                cJSON_AddStringToObject(made, "name", it->actor->name.text) &&
                cJSON_AddStringToObject(made, "kind", it->is_template ? "template" : "actor") &&
                cJSON_AddBoolToObject(made, "started", !it->unseen) && cJSON_AddBoolToObject(made, "cut", it->cut);
    cJSON *grants = done ? cJSON_Duplicate(it->grants, true) : NULL;
    cJSON *unused = done ? cJSON_Duplicate(it->unused, true) : NULL;
    cJSON *unmounted = done && it->unmounted ? cJSON_Duplicate(it->unmounted, true) : cJSON_CreateArray();
    return done && grants && unused && unmounted && cJSON_AddItemToObject(made, "grants", grants) &&
           cJSON_AddItemToObject(made, "unused", unused) && cJSON_AddItemToObject(made, "unmounted", unmounted);
}

static bool print_json(const cli_learn *self, const deploy_manifest *manifest)
{
    cJSON *json = cJSON_CreateObject();
    bool done = json && cJSON_AddStringToObject(json, "app", manifest->name.text) &&
                cJSON_AddBoolToObject(json, "cut", self->learner.cut > 0);
    cJSON *actors = done ? cJSON_AddArrayToObject(json, "actors") : NULL;
    if (actors && each(self, manifest, add_one, actors))
        return cli_write_json(json);
    cJSON_Delete(json);
    return false;
}

bool cli_learn_print(cli_learn *self, const deploy_manifest *manifest, bool json)
{
    give_back_stdout(self);
    bool done = json ? print_json(self, manifest) : print_toml(self, manifest);
    if (!done)
        cli_error("no memory for what was learned");
    return done;
}
