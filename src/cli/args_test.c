// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/args.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const cli_command command = {
    .name = "try",
    .arguments = "NAME [MORE]",
    .arguments_min = 1,
    .arguments_max = 2,
    .flags = {CLI_FLAG_OUTPUT,
              {.name = "timeout", .letter = 't', .value = "TIME", .help = "how long"},
              {.name = "quiet", .letter = 'q', .help = "less"}},
};

#define PARSE(args, error, ...)                                                            \
    cli_args_parse(args, &command, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *), \
                   (char *const[]){__VA_ARGS__}, error)

static void flags_and_arguments_in_any_order(void **state)
{
    (void)state;
    cli_args args;
    airs_error error;
    assert_int_equal(PARSE(&args, &error, "a", "-o", "json", "--quiet", "b", "--timeout=3s"), AIRS_OK);
    assert_int_equal(args.count, 2);
    assert_string_equal(cli_args_at(&args, 0), "a");
    assert_string_equal(cli_args_at(&args, 1), "b");
    assert_null(cli_args_at(&args, 2));
    assert_true(cli_args_json(&args));
    assert_string_equal(cli_args_flag(&args, "quiet"), "");
    assert_string_equal(cli_args_flag(&args, "timeout"), "3s");
    uint32_t ms;
    assert_int_equal(cli_args_duration_ms(&args, "timeout", 9, &ms, &error), AIRS_OK);
    assert_int_equal(ms, 3000);

    assert_int_equal(PARSE(&args, &error, "-ojson", "-t", "1m", "--", "-q", "-"), AIRS_OK);
    assert_string_equal(cli_args_at(&args, 0), "-q");
    assert_string_equal(cli_args_at(&args, 1), "-");
    assert_null(cli_args_flag(&args, "quiet"));

    assert_int_equal(PARSE(&args, &error, "-"), AIRS_OK);
    assert_false(cli_args_json(&args));
    assert_int_equal(cli_args_duration_ms(&args, "timeout", 9, &ms, &error), AIRS_OK);
    assert_int_equal(ms, 9);
}

static void what_is_behind_the_dashes_is_somebody_else_s(void **state)
{
    (void)state;
    cli_args args;
    airs_error error;
    cli_command takes = command;
    takes.takes_rest = true;
    char *const words[] = {"a", "-q", "--", "--quiet", "--", "", "-h"};
    assert_int_equal(cli_args_parse(&args, &takes, 7, words, &error), AIRS_OK);
    assert_int_equal(args.count, 1);
    assert_non_null(cli_args_flag(&args, "quiet"));
    assert_int_equal(args.rest_count, 4);
    assert_string_equal(args.rest[0], "--quiet");
    assert_string_equal(args.rest[1], "--");
    assert_string_equal(args.rest[3], "-h");
    assert_int_equal(cli_args_parse(&args, &takes, 3, words, &error), AIRS_OK);
    assert_int_equal(args.rest_count, 0);
    assert_int_equal(cli_args_parse(&args, &takes, 2, words, &error), AIRS_OK);
    assert_int_equal(args.rest_count, 0);
}

static void a_flag_may_be_given_several_times(void **state)
{
    (void)state;
    cli_args args;
    airs_error error = {.text = ""};
    static const cli_command many = {.name = "many",
                                     .flags = {{.name = "set", .letter = 's', .value = "K=V", .repeats = true},
                                               {.name = "other", .value = "X", .repeats = true},
                                               {.name = "once", .value = "Y"}}};
    char *const words[] = {"--set", "a=1", "--other=x", "-sb=2", "--once", "y", "--set", ""};
    assert_int_equal(cli_args_parse(&args, &many, 8, words, &error), AIRS_OK);
    size_t cursor = 0;
    assert_string_equal(cli_args_next(&args, "set", &cursor), "a=1");
    assert_string_equal(cli_args_next(&args, "set", &cursor), "b=2");
    assert_string_equal(cli_args_next(&args, "set", &cursor), "");
    assert_null(cli_args_next(&args, "set", &cursor));
    cursor = 0;
    assert_string_equal(cli_args_next(&args, "other", &cursor), "x");
    assert_null(cli_args_next(&args, "other", &cursor));
    cursor = 0;
    assert_null(cli_args_next(&args, "once", &cursor));
    assert_string_equal(cli_args_flag(&args, "set"), "a=1");
    assert_string_equal(cli_args_flag(&args, "once"), "y");
    // There is room for so many.
    static char *more[CLI_REPEATS_MAX + 1];
    for (size_t i = 0; i <= CLI_REPEATS_MAX; i++)
        more[i] = "--set=a";
    assert_int_equal(cli_args_parse(&args, &many, CLI_REPEATS_MAX, more, &error), AIRS_OK);
    assert_int_equal(cli_args_parse(&args, &many, CLI_REPEATS_MAX + 1, more, &error), AIRS_E_INVALID);
    assert_string_equal(error.text, "--set is given more than 128 times");
}

static void what_does_not_fit_is_said(void **state)
{
    (void)state;
    cli_args args;
    airs_error error;
#define REFUSED(expected, ...)                                           \
    assert_int_equal(PARSE(&args, &error, __VA_ARGS__), AIRS_E_INVALID); \
    assert_string_equal(error.text, expected)
    REFUSED("`try` needs more arguments: airssys try NAME [MORE]", "-q");
    REFUSED("`try` takes no more arguments: c", "a", "b", "c");
    REFUSED("unknown flag --timout of `try`: did you mean --timeout?", "a", "--timout=3s");
    REFUSED("unknown flag -x of `try`: see `airssys try --help`", "a", "-x");
    REFUSED("--timeout needs a value: --timeout TIME", "a", "--timeout");
    REFUSED("--quiet=yes: --quiet takes no value", "a", "--quiet=yes");
    REFUSED("-qx: --quiet takes no value", "a", "-qx");
    REFUSED("--quiet is given twice", "a", "-q", "--quiet");
    REFUSED("--output xml: must be one of: text json", "a", "-o", "xml");
    REFUSED("--output : must be one of: text json", "a", "--output=");
    REFUSED("--output tex: must be one of: text json", "a", "--output=tex");
#undef REFUSED
    uint32_t ms;
    assert_int_equal(PARSE(&args, &error, "a", "-t", "0s"), AIRS_OK);
    assert_int_equal(cli_args_duration_ms(&args, "timeout", 9, &ms, &error), AIRS_E_INVALID);
    assert_int_equal(PARSE(&args, &error, "a", "-t", "50d"), AIRS_OK);
    assert_int_equal(cli_args_duration_ms(&args, "timeout", 9, &ms, &error), AIRS_E_INVALID);
    assert_string_equal(error.text, "--timeout 50d: must be a duration such as 500ms, 5s or 2m");
}

static void help_wins(void **state)
{
    (void)state;
    cli_args args;
    airs_error error;
    assert_int_equal(PARSE(&args, &error, "--nonsense", "a", "b", "c", "-h"), AIRS_OK);
    assert_true(args.help);
    assert_int_equal(PARSE(&args, &error, "--", "--help"), AIRS_OK);
    assert_false(args.help);
}

static void every_verb_is_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < cli_commands_count; i++) {
        const cli_command *verb = cli_commands[i];
        assert_ptr_equal(cli_command_find(verb->name), verb);
        assert_non_null(verb->run);
        assert_true(verb->arguments_min <= verb->arguments_max && verb->arguments_max <= CLI_ARGUMENTS_MAX);
        assert_true(strlen(verb->summary) > 0 && verb->summary[strlen(verb->summary) - 1] != '.');
        assert_true(strlen(verb->details) > 0 && verb->details[strlen(verb->details) - 1] == '\n');
        for (const char *line = verb->details; *line; line = strchr(line, '\n') + 1)
            assert_true(strcspn(line, "\n") <= 80);
        for (size_t a = 0; a < CLI_FLAGS_MAX && verb->flags[a].name; a++) {
            assert_string_not_equal(verb->flags[a].name, "help");
            assert_non_null(verb->flags[a].help);
            for (size_t b = 0; b < a; b++) {
                assert_string_not_equal(verb->flags[a].name, verb->flags[b].name);
                assert_true(verb->flags[a].letter == 0 || verb->flags[a].letter != verb->flags[b].letter);
            }
        }
    }
    assert_null(cli_command_find("nothing"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flags_and_arguments_in_any_order),
        cmocka_unit_test(what_is_behind_the_dashes_is_somebody_else_s),
        cmocka_unit_test(a_flag_may_be_given_several_times),
        cmocka_unit_test(what_does_not_fit_is_said),
        cmocka_unit_test(help_wins),
        cmocka_unit_test(every_verb_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
