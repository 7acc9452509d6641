// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/toolchain.h"

#include "base/error.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/// The newest first, so that a machine with several uses one of them for everything.
enum {
    VERSION_NEWEST = 22,
    VERSION_OLDEST = 14
};

static bool find_in_path(const char *program, char path[CLI_PATH_MAX])
{
    const char *list = getenv("PATH");
    for (const char *at = list ? list : ""; *at;) {
        size_t len = strcspn(at, ":");
        int written = snprintf(path, CLI_PATH_MAX, "%.*s/%s", (int)len, at, program);
        if (len > 0 && written > 0 && written < CLI_PATH_MAX && access(path, X_OK) == 0)
            return true;
        at += len + (at[len] == ':');
    }
    return false;
}

/// Finds `program`, or `program-19` and its like.
static bool find_program(const char *program, char path[CLI_PATH_MAX])
{
    if (find_in_path(program, path))
        return true;
    for (int version = VERSION_NEWEST; version >= VERSION_OLDEST; version--) {
        char name[32];
        snprintf(name, sizeof name, "%s-%d", program, version);
        if (find_in_path(name, path))
            return true;
    }
    return false;
}

static airs_status find(const char *variable, const char *program, const char *package, char path[CLI_PATH_MAX],
                        airs_error *error)
{
    const char *chosen = getenv(variable);
    if (chosen && *chosen) {
        bool found = strchr(chosen, '/') ? access(chosen, X_OK) == 0 : find_in_path(chosen, path);
        if (!found)
            return base_error_set(error, AIRS_E_NOT_FOUND, "no such program: %s (named by %s)", chosen, variable);
        if (strchr(chosen, '/'))
            snprintf(path, CLI_PATH_MAX, "%s", chosen);
        return AIRS_OK;
    }
    if (find_program(program, path))
        return AIRS_OK;
    return base_error_set(error, AIRS_E_NOT_FOUND,
                          "%s is not installed: `apt install %s`, or name it in the variable %s", program, package,
                          variable);
}

airs_status cli_toolchain_find(cli_toolchain *toolchain, airs_error *error)
{
    airs_status status = find("AIRSSYS_CLANG", "clang", "clang", toolchain->clang, error);
    if (status == AIRS_OK)
        status = find("AIRSSYS_WASM_LD", "wasm-ld", "lld", toolchain->wasm_ld, error);
    return status;
}

void cli_words_add(cli_words *words, const char *word)
{
    if (!word || words->count == CLI_WORDS_MAX) {
        words->broken = true;
        return;
    }
    words->words[words->count++] = word;
    words->words[words->count] = NULL;
}

void cli_words_add_all(cli_words *words, const char *const *list)
{
    for (size_t i = 0; list[i]; i++)
        cli_words_add(words, list[i]);
}

static airs_status wait_for(pid_t process, const char *program, airs_error *error)
{
    int end;
    while (waitpid(process, &end, 0) < 0) {
        if (errno != EINTR)
            return base_error_errno(error, AIRS_E_IO, errno, "cannot wait for %s", program);
    }
    if (WIFEXITED(end) && WEXITSTATUS(end) == 0)
        return AIRS_OK;
    if (WIFSIGNALED(end))
        return base_error_set(error, AIRS_E_FAILED, "%s ended by signal %d", program, WTERMSIG(end));
    return base_error_set(error, AIRS_E_FAILED, "%s failed, see above", program);
}

airs_status cli_words_run(const cli_words *words, const char *folder, airs_error *error)
{
    const char *program = words->words[0];
    if (words->broken)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for a command line, or more than %d words",
                              CLI_WORDS_MAX);
    posix_spawn_file_actions_t actions;
    int failure = posix_spawn_file_actions_init(&actions);
    if (failure != 0)
        return base_error_errno(error, AIRS_E_NOMEM, failure, "cannot start %s", program);
    failure = posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
    if (failure == 0 && folder)
        failure = posix_spawn_file_actions_addchdir_np(&actions, folder);
    pid_t process = 0;
    // What was printed so far stands before what the program prints.
    fflush(NULL);
    if (failure == 0)
        failure = posix_spawn(&process, program, &actions, NULL, (char *const *)words->words, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failure != 0)
        return base_error_errno(error, AIRS_E_IO, failure, "cannot start %s", program);
    return wait_for(process, program, error);
}
