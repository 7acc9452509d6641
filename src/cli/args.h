// SPDX-License-Identifier: MIT OR Apache-2.0
/// The arguments of one verb, checked against its entry in the command table.
#ifndef AIRS_CLI_ARGS_H
#define AIRS_CLI_ARGS_H

#include "cli/cli.h"

#include <stdint.h>

/// Borrowed from argv. A verb gets it only when it fits the table: number of arguments, known
/// flags, values where they are needed and only allowed ones.
struct cli_args {
    const cli_command *command;
    const char *arguments[CLI_ARGUMENTS_MAX];
    size_t count;
    /// By the place of the flag in `command->flags`: its value, "" for a switch, NULL when not given.
    const char *flags[CLI_FLAGS_MAX];
    /// Of flags that repeat, in the order in which they were given.
    struct {
        size_t flag;
        const char *value;
    } repeats[CLI_REPEATS_MAX];
    size_t repeats_count;
    /// What follows `--`, of a verb that takes it.
    const char *const *rest;
    size_t rest_count;
    /// `--help` was given; nothing else was checked.
    bool help;
};

/// Reads the words after the verb. `--flag VALUE`, `--flag=VALUE`, `-f VALUE`, `-fVALUE`; `--` ends
/// the flags and `-` alone is an argument.
/// Errors: E_INVALID, with a sentence that may suggest what was meant.
AIRS_NODISCARD airs_status cli_args_parse(cli_args *args, const cli_command *command, size_t count, char *const *words,
                                          airs_error *error);

/// The value of a flag of this verb, by its long name; "" for a switch, NULL when not given. Of one that was given
/// several times, the first.
const char *cli_args_flag(const cli_args *args, const char *name);

/// The values of a flag that may be given several times, one after the other; NULL: there is no other. `*cursor` is 0
/// at first.
const char *cli_args_next(const cli_args *args, const char *name, size_t *cursor);

/// The argument at a place, NULL when not given.
const char *cli_args_at(const cli_args *args, size_t place);

/// Whether `-o json` was given.
bool cli_args_json(const cli_args *args);

/// The milliseconds of a flag like `--timeout 5s`; `otherwise` when it was not given.
/// Errors: E_INVALID.
AIRS_NODISCARD airs_status cli_args_duration_ms(const cli_args *args, const char *name, uint32_t otherwise,
                                                uint32_t *ret_ms, airs_error *error);

/// Prints what is wrong with the arguments; always CLI_EXIT_USAGE.
cli_exit cli_args_refuse(const airs_error *error);

#endif
