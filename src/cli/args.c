// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/args.h"

#include "base/error.h"
#include "base/nearest.h"
#include "base/quantity.h"
#include "cli/output.h"

#include <stdio.h>
#include <string.h>

/// Whether `word` is one of the words in `choices`, which have spaces between.
static bool is_choice(const char *choices, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = choices; *at;) {
        size_t span = strcspn(at, " ");
        if (span == len && memcmp(at, word, len) == 0)
            return true;
        at += span + (at[span] == ' ');
    }
    return false;
}

static size_t flags_count(const cli_command *command)
{
    size_t count = 0;
    while (count < CLI_FLAGS_MAX && command->flags[count].name)
        count++;
    return count;
}

/// The place of the flag whose long name is the first `len` bytes of `name`; the count when there is none.
static size_t flag_by_name(const cli_command *command, const char *name, size_t len)
{
    size_t count = flags_count(command);
    for (size_t i = 0; i < count; i++) {
        const char *known = command->flags[i].name;
        if (strlen(known) == len && memcmp(known, name, len) == 0)
            return i;
    }
    return count;
}

static size_t flag_by_letter(const cli_command *command, char letter)
{
    size_t count = flags_count(command);
    for (size_t i = 0; i < count; i++) {
        if (command->flags[i].letter == letter)
            return i;
    }
    return count;
}

static airs_status unknown_flag(const cli_command *command, const char *word, airs_error *error)
{
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="), word);
    base_nearest nearest;
    base_nearest_init(&nearest, name + strspn(name, "-"));
    for (size_t i = 0; i < flags_count(command); i++)
        base_nearest_try(&nearest, command->flags[i].name);
    base_nearest_try(&nearest, "help");
    const char *best = base_nearest_best(&nearest);
    if (best && name[1] == '-')
        return base_error_set(error, AIRS_E_INVALID, "unknown flag %s of `%s`: did you mean --%s?", name, command->name,
                              best);
    return base_error_set(error, AIRS_E_INVALID, "unknown flag %s of `%s`: see `airssys %s --help`", name,
                          command->name, command->name);
}

static airs_status set_flag(cli_args *args, size_t place, const char *value, airs_error *error)
{
    const cli_flag *flag = &args->command->flags[place];
    if (args->flags[place] && !flag->repeats)
        return base_error_set(error, AIRS_E_INVALID, "--%s is given twice", flag->name);
    if (flag->repeats && args->repeats_count == CLI_REPEATS_MAX)
        return base_error_set(error, AIRS_E_INVALID, "--%s is given more than %d times", flag->name, CLI_REPEATS_MAX);
    if (flag->choices && !is_choice(flag->choices, value))
        return base_error_set(error, AIRS_E_INVALID, "--%s %s: must be one of: %s", flag->name, value, flag->choices);
    if (flag->repeats) {
        args->repeats[args->repeats_count].flag = place;
        args->repeats[args->repeats_count++].value = value;
    }
    if (!args->flags[place])
        args->flags[place] = value;
    return AIRS_OK;
}

/// Reads the flag at words[*at], and its value, which may be the next word.
static airs_status parse_flag(cli_args *args, size_t count, char *const *words, size_t *at, airs_error *error)
{
    const char *word = words[*at];
    const cli_command *command = args->command;
    bool is_long = word[1] == '-';
    size_t name_len = is_long ? strcspn(word + 2, "=") : 1;
    const char *rest = word + (is_long ? 2 : 1) + name_len;
    size_t place = is_long ? flag_by_name(command, word + 2, name_len) : flag_by_letter(command, word[1]);
    if (place == flags_count(command))
        return unknown_flag(command, word, error);

    const cli_flag *flag = &command->flags[place];
    if (!flag->value) {
        if (*rest)
            return base_error_set(error, AIRS_E_INVALID, "%s: --%s takes no value", word, flag->name);
        return set_flag(args, place, "", error);
    }
    if (is_long && *rest == '=')
        return set_flag(args, place, rest + 1, error);
    if (*rest)
        return set_flag(args, place, rest, error);
    if (*at + 1 >= count)
        return base_error_set(error, AIRS_E_INVALID, "--%s needs a value: --%s %s", flag->name, flag->name,
                              flag->value);
    *at += 1;
    return set_flag(args, place, words[*at], error);
}

static airs_status add_argument(cli_args *args, const char *word, airs_error *error)
{
    const cli_command *command = args->command;
    if (args->count >= command->arguments_max || args->count >= CLI_ARGUMENTS_MAX) {
        if (command->arguments_max == 0)
            return base_error_set(error, AIRS_E_INVALID, "`%s` takes no arguments: %s", command->name, word);
        return base_error_set(error, AIRS_E_INVALID, "`%s` takes no more arguments: %s", command->name, word);
    }
    if (args->count == 0 && command->choices && !is_choice(command->choices, word))
        return base_error_set(error, AIRS_E_INVALID, "%s: must be one of: %s", word, command->choices);
    args->arguments[args->count++] = word;
    return AIRS_OK;
}

/// `--help` wins over whatever else is wrong, so that it can be added to any command line.
static bool asks_for_help(size_t count, char *const *words)
{
    for (size_t i = 0; i < count && strcmp(words[i], "--") != 0; i++) {
        if (strcmp(words[i], "--help") == 0 || strcmp(words[i], "-h") == 0)
            return true;
    }
    return false;
}

airs_status cli_args_parse(cli_args *args, const cli_command *command, size_t count, char *const *words,
                           airs_error *error)
{
    *args = (cli_args){.command = command, .help = asks_for_help(count, words)};
    if (args->help)
        return AIRS_OK;
    bool flags_ended = false;
    for (size_t i = 0; i < count; i++) {
        const char *word = words[i];
        airs_status status = AIRS_OK;
        if (!flags_ended && strcmp(word, "--") == 0) {
            flags_ended = true;
            if (command->takes_rest) {
                args->rest = (const char *const *)&words[i + 1];
                args->rest_count = count - i - 1;
                break;
            }
        } else if (!flags_ended && word[0] == '-' && word[1])
            status = parse_flag(args, count, words, &i, error);
        else
            status = add_argument(args, word, error);
        if (status != AIRS_OK)
            return status;
    }
    if (args->count < command->arguments_min)
        return base_error_set(error, AIRS_E_INVALID, "`%s` needs more arguments: airssys %s %s", command->name,
                              command->name, command->arguments);
    return AIRS_OK;
}

const char *cli_args_flag(const cli_args *args, const char *name)
{
    size_t place = flag_by_name(args->command, name, strlen(name));
    return place < flags_count(args->command) ? args->flags[place] : NULL;
}

const char *cli_args_next(const cli_args *args, const char *name, size_t *cursor)
{
    size_t place = flag_by_name(args->command, name, strlen(name));
    while (*cursor < args->repeats_count) {
        size_t at = (*cursor)++;
        if (args->repeats[at].flag == place)
            return args->repeats[at].value;
    }
    return NULL;
}

const char *cli_args_at(const cli_args *args, size_t place)
{
    return place < args->count ? args->arguments[place] : NULL;
}

bool cli_args_json(const cli_args *args)
{
    const char *output = cli_args_flag(args, "output");
    return output && strcmp(output, "json") == 0;
}

airs_status cli_args_duration_ms(const cli_args *args, const char *name, uint32_t otherwise, uint32_t *ret_ms,
                                 airs_error *error)
{
    const char *text = cli_args_flag(args, name);
    uint64_t ms = otherwise;
    if (text && (!base_duration_parse(text, &ms) || ms == 0 || ms > UINT32_MAX))
        return base_error_set(error, AIRS_E_INVALID, "--%s %s: must be a duration such as 500ms, 5s or 2m", name, text);
    *ret_ms = (uint32_t)ms;
    return AIRS_OK;
}

cli_exit cli_args_refuse(const airs_error *error)
{
    cli_error("%s", error->text);
    return CLI_EXIT_USAGE;
}
