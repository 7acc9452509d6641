// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/args.h"
#include "cli/cli.h"
#include "cli/complete.h"
#include "cli/help.h"
#include "cli/output.h"

#include "base/nearest.h"
#include "component/host.h"
#include "wasm/compiler.h"
#include "wasm/compiler_wire.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

const cli_command *const cli_commands[] = {
    &cli_command_run,          &cli_command_up,          &cli_command_down,      &cli_command_call,
    &cli_command_send,         &cli_command_ps,          &cli_command_tree,      &cli_command_top,
    &cli_command_why,          &cli_command_events,      &cli_command_logs,      &cli_command_spawn,
    &cli_command_start,        &cli_command_scale,       &cli_command_stop,      &cli_command_rm,
    &cli_command_restart,      &cli_command_kill,        &cli_command_pause,     &cli_command_resume,
    &cli_command_quarantine,   &cli_command_release,     &cli_command_grants,    &cli_command_grant,
    &cli_command_revoke,       &cli_command_expose,      &cli_command_hide,      &cli_command_add,
    &cli_command_prune,        &cli_command_deploy,      &cli_command_promote,   &cli_command_rollback,
    &cli_command_history,      &cli_command_publish,     &cli_command_subscribe, &cli_command_names,
    &cli_command_dead_letters, &cli_command_audit,       &cli_command_new,       &cli_command_build,
    &cli_command_dev,          &cli_command_inspect,     &cli_command_wit,       &cli_command_doctor,
    &cli_command_version,      &cli_command_completions, &cli_command_help,
};
const size_t cli_commands_count = sizeof cli_commands / sizeof *cli_commands;

const cli_command *cli_command_find(const char *name)
{
    for (size_t i = 0; i < cli_commands_count; i++) {
        if (strcmp(cli_commands[i]->name, name) == 0)
            return cli_commands[i];
    }
    return NULL;
}

cli_exit cli_exit_of(airs_status status)
{
    switch (status) {
    case AIRS_OK:
        return CLI_EXIT_OK;
    case AIRS_E_NOT_FOUND:
    case AIRS_E_GONE:
        return CLI_EXIT_NOT_FOUND;
    case AIRS_E_COMPONENT:
    case AIRS_E_UNSUPPORTED:
    case AIRS_E_MANIFEST:
        return CLI_EXIT_INVALID;
    case AIRS_E_DENIED:
        return CLI_EXIT_DENIED;
    case AIRS_E_FAILED:
    case AIRS_E_DEADLOCK:
    case AIRS_E_INTERRUPTED:
        return CLI_EXIT_FAILED;
    case AIRS_E_TIMEOUT:
        return CLI_EXIT_TIMEOUT;
    case AIRS_E_FULL:
    case AIRS_E_TOO_LARGE:
    case AIRS_E_LIMIT:
        return CLI_EXIT_LIMIT;
    case AIRS_E_NOMEM:
    case AIRS_E_INVALID:
    case AIRS_E_TAKEN:
    case AIRS_E_WOULD_BLOCK:
    case AIRS_E_STOPPING:
    case AIRS_E_IO:
    case AIRS_E_INTERNAL:
        return CLI_EXIT_FAILURE;
    }
    return CLI_EXIT_FAILURE;
}

static int unknown_verb(const char *word)
{
    base_nearest nearest;
    base_nearest_init(&nearest, word + strspn(word, "-"));
    for (size_t i = 0; i < cli_commands_count; i++)
        base_nearest_try(&nearest, cli_commands[i]->name);
    const char *best = base_nearest_best(&nearest);
    const char *what = word[0] == '-' ? "flag" : "verb";
    if (best)
        cli_error("unknown %s: %s: did you mean `airssys %s`?", what, word, best);
    else
        cli_error("unknown %s: %s: see `airssys help`", what, word);
    return CLI_EXIT_USAGE;
}

static int run_command(const cli_command *command, size_t count, char *const *words)
{
    cli_args args;
    airs_error error;
    if (cli_args_parse(&args, command, count, words, &error) != AIRS_OK) {
        cli_error("%s", error.text);
        return CLI_EXIT_USAGE;
    }
    cli_exit code = CLI_EXIT_OK;
    if (args.help)
        cli_help_command(stdout, command);
    else
        code = command->run(&args);
    if (!cli_output_finish() && code == CLI_EXIT_OK)
        code = CLI_EXIT_FAILURE;
    return (int)code;
}

/// This process is the compiler of a node.
static int compile(void)
{
    engine_host host;
    component_host_init(NULL, &host);
    return wasm_compiler_main(&host);
}

/// Where a standard descriptor is closed, the next file that is opened would take its place, a socket or the audit log,
/// and get what is printed. What stands there instead can't be read, or written.
static void hold_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        // The lowest that is free is this one.
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
}

int cli_main(int argc, char *const *argv)
{
    hold_standard_descriptors();
    // A reader that goes away (`airssys ps | head -1`) is an error of write, not a death.
    signal(SIGPIPE, SIG_IGN);
    // What is said of others' text goes out letter by letter: a line is one write.
    static char line[4096];
    (void)setvbuf(stderr, line, _IOLBF, sizeof line);
    if (argc < 2) {
        cli_help_overview(stderr);
        return CLI_EXIT_USAGE;
    }
    const char *verb = argv[1];
    // No verb for people, and none that may wait for what the others begin with.
    if (strcmp(verb, WASM_COMPILER_VERB) == 0)
        return compile();
    if (strcmp(verb, CLI_COMPLETE_VERB_NAME) == 0)
        return cli_complete_main(argc, argv);
    // A file that grows past a limit of the process's is an error of that write.
    signal(SIGXFSZ, SIG_IGN);
    if (strcmp(verb, "--help") == 0 || strcmp(verb, "-h") == 0)
        verb = "help";
    else if (strcmp(verb, "--version") == 0 || strcmp(verb, "-V") == 0)
        verb = "version";
    const cli_command *command = cli_command_find(verb);
    if (!command)
        return unknown_verb(argv[1]);
    return run_command(command, (size_t)argc - 2, argv + 2);
}
