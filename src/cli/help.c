// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/help.h"

#include "cli/args.h"
#include "cli/output.h"

#include "airssys/system.h"
#include "base/nearest.h"

#include <string.h>

static const unsigned exits_of_all = CLI_EXIT_BIT(OK) | CLI_EXIT_BIT(FAILURE) | CLI_EXIT_BIT(USAGE);

static void print_heading(FILE *stream, const char *text)
{
    fprintf(stream, "\n%s%s%s\n", cli_style_on(stream, CLI_STYLE_BOLD), text, cli_style_on(stream, CLI_STYLE_PLAIN));
}

static void print_exits(FILE *stream, unsigned exits)
{
    print_heading(stream, "Exit codes");
#define CLI_EXIT_PRINT(name, number, text) \
    if (exits & CLI_EXIT_BIT(name))        \
        fprintf(stream, "  %d  %s\n", number, text);
    CLI_EXIT_MAP(CLI_EXIT_PRINT)
#undef CLI_EXIT_PRINT
}

static void print_flag(FILE *stream, const cli_flag *flag)
{
    char left[48];
    char letter[8] = "    ";
    if (flag->letter)
        snprintf(letter, sizeof letter, "-%c, ", flag->letter);
    snprintf(left, sizeof left, "%s--%s%s%s", letter, flag->name, flag->value ? " " : "",
             flag->value ? flag->value : "");
    fprintf(stream, "  %-24s %s\n", left, flag->help);
}

void cli_help_overview(FILE *stream)
{
    fprintf(stream, "airssys %s: runs WebAssembly components as supervised actors.\n", airs_version());
    fprintf(stream, "\nUsage: airssys VERB [ARGUMENTS]\n");
    print_heading(stream, "Verbs");
    for (size_t i = 0; i < cli_commands_count; i++)
        fprintf(stream, "  %-13s %s\n", cli_commands[i]->name, cli_commands[i]->summary);
    print_exits(stream, ~0u);
    fprintf(stream, "\n`airssys VERB --help` tells more of a verb. Colours are off with NO_COLOR.\n");
}

void cli_help_command(FILE *stream, const cli_command *command)
{
    fprintf(stream, "Usage: airssys %s%s%s%s\n\n%s", command->name, command->flags[0].name ? " [FLAGS]" : "",
            command->arguments[0] ? " " : "", command->arguments, command->details);
    print_heading(stream, "Flags");
    for (size_t i = 0; i < CLI_FLAGS_MAX && command->flags[i].name; i++)
        print_flag(stream, &command->flags[i]);
    const cli_flag help = {.name = "help", .letter = 'h', .help = "this text"};
    print_flag(stream, &help);
    print_exits(stream, exits_of_all | command->exits);
}

static cli_exit help_run(const cli_args *args)
{
    const char *name = cli_args_at(args, 0);
    if (!name) {
        cli_help_overview(stdout);
        return CLI_EXIT_OK;
    }
    const cli_command *command = cli_command_find(name);
    if (command) {
        cli_help_command(stdout, command);
        return CLI_EXIT_OK;
    }
    base_nearest nearest;
    base_nearest_init(&nearest, name);
    for (size_t i = 0; i < cli_commands_count; i++)
        base_nearest_try(&nearest, cli_commands[i]->name);
    const char *best = base_nearest_best(&nearest);
    if (best)
        cli_error("unknown verb: %s: did you mean `airssys help %s`?", name, best);
    else
        cli_error("unknown verb: %s: see `airssys help`", name);
    return CLI_EXIT_USAGE;
}

const cli_command cli_command_help = {
    .name = "help",
    .arguments = "[VERB]",
    .arguments_max = 1,
    .complete = CLI_COMPLETE_VERB,
    .summary = "shows the verbs, or how one is used",
    .details = "Shows all verbs and exit codes, or the help of one verb.\n",
    .run = help_run,
};
