// SPDX-License-Identifier: MIT OR Apache-2.0
/// The command line: what a verb is.
///
/// Each verb is one `cli_command`, defined in the file of its name (those that do something to an actor in control.c)
/// and listed in commands.c. That
/// one table drives dispatch, `--help`, suggestions and completions, so none of them can go stale.
///
/// A verb prints what it was asked for to stdout (output.h), and what went wrong to stderr with
/// `cli_error`, and returns one of the exit codes below.
#ifndef AIRS_CLI_CLI_H
#define AIRS_CLI_CLI_H

#include "airssys/status.h"

#include <stdbool.h>
#include <stddef.h>

/// X(name, number, what `--help` says of it). Users' scripts rely on the numbers.
#define CLI_EXIT_MAP(X)                                                                \
    X(OK, 0, "done; of `call`: a reply")                                               \
    X(FAILURE, 1, "something else went wrong: input and output, the system, the node") \
    X(USAGE, 2, "wrong usage")                                                         \
    X(NOT_FOUND, 3, "no such file, actor or node")                                     \
    X(INVALID, 4, "an invalid component or manifest")                                  \
    X(DENIED, 5, "denied: no grant or no permission")                                  \
    X(FAILED, 6, "the actor failed, or answered with an error")                        \
    X(TIMEOUT, 7, "no answer within the time limit")                                   \
    X(LIMIT, 8, "a limit is reached: mailbox, payload size, instances")                \
    X(DAMAGED, 9, "the audit log is damaged")

typedef enum cli_exit {
#define CLI_EXIT_ENUM(name, number, text) CLI_EXIT_##name = number,
    CLI_EXIT_MAP(CLI_EXIT_ENUM)
#undef CLI_EXIT_ENUM
} cli_exit;

/// One exit code in `cli_command.exits`. OK, FAILURE and USAGE are always listed.
#define CLI_EXIT_BIT(name) (1u << CLI_EXIT_##name)

/// The exit code that fits a status of the library.
cli_exit cli_exit_of(airs_status status);

/// What a value or an argument may be: for completions.
typedef enum cli_complete {
    CLI_COMPLETE_NOTHING = 0,
    CLI_COMPLETE_FILE,
    CLI_COMPLETE_FOLDER,
    /// The names of actors of the running node.
    CLI_COMPLETE_ACTOR,
    /// The apps whose nodes run.
    CLI_COMPLETE_NODE,
    /// The verbs of the command table.
    CLI_COMPLETE_VERB,
} cli_complete;

typedef struct cli_flag {
    /// Without the dashes: "output".
    const char *name;
    /// 'o', or 0 when it has none.
    char letter;
    /// What its value is called in the help: "FORMAT". NULL: a switch, without a value.
    const char *value;
    /// The only values there are, with spaces between; NULL: any. Others are refused.
    const char *choices;
    cli_complete complete;
    /// It may be given several times: `cli_args_next`.
    bool repeats;
    /// One line, no full stop.
    const char *help;
} cli_flag;

/// `-o text|json`, for each verb whose output is data; `cli_args_json` reads it.
#define CLI_FLAG_OUTPUT                                                                                              \
    {                                                                                                                \
        .name = "output", .letter = 'o', .value = "FORMAT", .choices = "text json", .help = "text (default) or json" \
    }

#define CLI_FLAGS_MAX 20
#define CLI_ARGUMENTS_MAX 16
// Values of flags that may be given several times.
#define CLI_REPEATS_MAX 128

typedef struct cli_args cli_args;

typedef struct cli_command {
    const char *name;
    /// As in the usage line: "NAME [PAYLOAD|-]"; "" when it takes none.
    const char *arguments;
    /// How many arguments it takes.
    size_t arguments_min;
    size_t arguments_max;
    /// What follows `--` are no arguments of the verb, but somebody else's: `cli_args.rest`.
    bool takes_rest;
    cli_complete complete;
    /// The only values of the first argument, with spaces between; NULL: any.
    const char *choices;
    /// One line for the list of verbs, no full stop.
    const char *summary;
    /// The body of its `--help`: whole sentences, lines of at most 80 columns, each ended with a newline.
    const char *details;
    /// Ends with an empty one (name NULL) or at CLI_FLAGS_MAX. `--help` is every verb's, not listed.
    cli_flag flags[CLI_FLAGS_MAX];
    /// Exit codes of its own, of CLI_EXIT_BIT.
    unsigned exits;
    cli_exit (*run)(const cli_args *args);
} cli_command;

extern const cli_command cli_command_add;
extern const cli_command cli_command_prune;
extern const cli_command cli_command_audit;
extern const cli_command cli_command_build;
extern const cli_command cli_command_call;
extern const cli_command cli_command_completions;
extern const cli_command cli_command_dead_letters;
extern const cli_command cli_command_deploy;
extern const cli_command cli_command_dev;
extern const cli_command cli_command_doctor;
extern const cli_command cli_command_down;
extern const cli_command cli_command_events;
extern const cli_command cli_command_grant;
extern const cli_command cli_command_grants;
extern const cli_command cli_command_help;
extern const cli_command cli_command_history;
extern const cli_command cli_command_inspect;
extern const cli_command cli_command_kill;
extern const cli_command cli_command_logs;
extern const cli_command cli_command_names;
extern const cli_command cli_command_new;
extern const cli_command cli_command_pause;
extern const cli_command cli_command_ps;
extern const cli_command cli_command_publish;
extern const cli_command cli_command_quarantine;
extern const cli_command cli_command_release;
extern const cli_command cli_command_restart;
extern const cli_command cli_command_resume;
extern const cli_command cli_command_revoke;
extern const cli_command cli_command_expose;
extern const cli_command cli_command_hide;
extern const cli_command cli_command_promote;
extern const cli_command cli_command_rollback;
extern const cli_command cli_command_rm;
extern const cli_command cli_command_run;
extern const cli_command cli_command_scale;
extern const cli_command cli_command_send;
extern const cli_command cli_command_spawn;
extern const cli_command cli_command_start;
extern const cli_command cli_command_stop;
extern const cli_command cli_command_subscribe;
extern const cli_command cli_command_top;
extern const cli_command cli_command_tree;
extern const cli_command cli_command_up;
extern const cli_command cli_command_version;
extern const cli_command cli_command_why;
extern const cli_command cli_command_wit;

/// All verbs, in the order of the help.
extern const cli_command *const cli_commands[];
extern const size_t cli_commands_count;

/// NULL when there is none of this name.
const cli_command *cli_command_find(const char *name);

/// The program that runs, whatever has become of its file: as the compiler of a system.
#define CLI_OWN_PROGRAM "/proc/self/exe"

/// Runs a command line and returns the exit code of the process.
int cli_main(int argc, char *const *argv);

#endif
