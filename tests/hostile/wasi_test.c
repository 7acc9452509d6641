// SPDX-License-Identifier: MIT OR Apache-2.0
/// WASI with nothing granted: no guest waits for ever, finds anything, or writes more than it may.
#include "attack.h"

#include <string.h>

#define ROWS(rows) (rows), sizeof(rows) / sizeof *(rows)

static airs_actor_info info_of(attack *self, airs_actor_id id)
{
    airs_actor_info info;
    assert_int_equal(airs_actor_get_info(self->system, id, &info), AIRS_OK);
    return info;
}

static void sleeps(void **user)
{
    (void)user;
    attack *self = attack_begin();
    static const airs_limits brief = {.max_park_ms = 60, .max_execution_ms = 60000};
    // On a loaded machine a wait of a millisecond may take many.
    static const airs_limits patient = {.max_park_ms = 300, .max_execution_ms = 60000};
    static const char over[] = "it waited longer than max_park, 60 ms";
    const attack_row rows[] = {
        {"sleeps", NULL, "3600000", AIRS_E_FAILED, AIRS_EXIT_LIMIT, over, brief},
        {"sleeps", NULL, "18446744073709551", AIRS_E_FAILED, AIRS_EXIT_LIMIT, over, brief},
        {"sleeps", NULL, "5", AIRS_OK, AIRS_EXIT_NORMAL, "slept", patient},
        // The waits of one event add up, the work between them does not.
        {"blocks", NULL, "naps 1000", AIRS_E_FAILED, AIRS_EXIT_LIMIT, over, brief},
        {"blocks", NULL, "works 400", AIRS_OK, AIRS_EXIT_NORMAL, "works 400", patient},
    };
    attack_run_rows(self, ROWS(rows));
    attack_end(self);
}

/// Each event has its own waiting time, also where there is always a next one.
static void waits_of_many_events_do_not_add_up(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_spawn_options options = {.limits = {.max_park_ms = 500, .max_execution_ms = 20000}};
    airs_actor_id id = attack_spawn(self, "blocks", &options);
    attack_answers answers = {0};
    assert_true(attack_ask_many(self, id, "naps 3", 200, &answers));
    attack_wait_answers(&answers, 200);
    assert_int_equal(answers.ok, 200);
    assert_int_equal(info_of(self, id).restarts, 0);
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
}

static void what_nobody_granted(void **user)
{
    (void)user;
    attack *self = attack_begin();
#define FINDS(guest, message, answer)                            \
    {                                                            \
        guest, NULL, message, AIRS_OK, AIRS_EXIT_NORMAL, answer, \
        {                                                        \
            0                                                    \
        }                                                        \
    }
    static const attack_row rows[] = {
        FINDS("blocks", "stdin", "0"),
        FINDS("blocks", "random 100000", "100000"),
        FINDS("probes", "env", "nothing"),
        // Its own name, and nothing behind it.
        FINDS("probes", "args", "1 arguments"),
        FINDS("probes", "files", "nothing"),
        FINDS("probes", "write", "nothing"),
        FINDS("network", "connect 22", "refused *"),
        FINDS("network", "resolve localhost", "refused *"),
        FINDS("http", "localhost:80", "refused *"),
        {"blocks", NULL, "exit 0", AIRS_E_FAILED, AIRS_EXIT_FAILED, "it exited with code 0", {0}},
        {"blocks", NULL, "exit 3", AIRS_E_FAILED, AIRS_EXIT_FAILED, "it exited with code *", {0}},
    };
    attack_run_rows(self, ROWS(rows));
    attack_end(self);
}

static void floods_of_lines(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_spawn_options options = {.name = "chatty", .limits = {.log_lines_per_second = 50, .max_execution_ms = 60000}};
    airs_actor_id id = attack_spawn(self, "prints", &options);
    uint64_t begin = attack_now_ms();
    attack_expect(self, id, "lines 5000", "written");
    attack_expect(self, id, "long 10485760", "written");
    attack_expect(self, id, "binary", "written");
    attack_expect(self, id, "open", "written");
    uint64_t seconds = (attack_now_ms() - begin) / 1000 + 1;
    size_t lines = attack_lines_with(self, "stdout", "") + attack_lines_with(self, "stderr", "");
    assert_true(lines >= 50 && lines <= 50 * (seconds + 1));
    // In another second it is told how many were dropped.
    attack_sleep_ms(1100);
    attack_expect(self, id, "binary", "written");
    assert_true(attack_lines_with(self, "runtime", "lines of its output were dropped: over log_lines_per_second") >= 1);
    assert_true(attack_lines_with(self, "stdout", "a\\x1b[31m\\xff\\xfe\\x0db\\x00") >= 1);
    for (size_t i = 0; i < self->lines_count; i++) {
        assert_true(strlen(self->lines[i].text) <= 4096);
        attack_assert_text(self->lines[i].text, "*");
    }
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
}

static void a_line_without_an_end_is_written_at_the_end(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_actor_id id = attack_spawn(self, "prints", NULL);
    attack_expect(self, id, "open", "written");
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    assert_int_equal(attack_lines_with(self, "stdout", "this line has no end"), 1);
    attack_end(self);
}

static void programs(void **user)
{
    (void)user;
    attack *self = attack_begin();
    static const struct {
        const char *guest;
        airs_exit reason;
        const char *text;
    } cases[] = {
        {"program", AIRS_EXIT_NORMAL, NULL},
        {"run-ok", AIRS_EXIT_NORMAL, NULL},
        {"run-exit-ok", AIRS_EXIT_NORMAL, NULL},
        {"run-child", AIRS_EXIT_NORMAL, NULL},
        {"program-fails", AIRS_EXIT_FAILED, "it exited with code *"},
        {"run-error", AIRS_EXIT_FAILED, "run returned an error"},
        {"run-exit-error", AIRS_EXIT_FAILED, "it exited with code 1"},
        {"run-trap", AIRS_EXIT_TRAP, "*wasm `unreachable` instruction executed*"},
        {"run-loop", AIRS_EXIT_LIMIT, "it ran longer than max_execution, 200 ms"},
        {"program-sleeps", AIRS_EXIT_LIMIT, "it waited longer than max_park, 200 ms"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        print_message("    %s\n", cases[i].guest);
        airs_spawn_options options = {.restart = AIRS_RESTART_TEMPORARY,
                                      .limits = {.max_execution_ms = 200, .max_park_ms = 200}};
        uint64_t failures = self->failures;
        airs_actor_id id = attack_spawn(self, cases[i].guest, &options);
        attack_wait_gone(self, id);
        assert_int_equal(self->failures - failures, cases[i].reason != AIRS_EXIT_NORMAL);
        if (cases[i].reason != AIRS_EXIT_NORMAL) {
            assert_string_equal(airs_exit_name(self->reason), airs_exit_name(cases[i].reason));
            attack_assert_text(self->text, cases[i].text);
        }
        attack_check(self);
    }
    attack_end(self);
}

/// Who asks a program that runs is told that it takes no messages, however many ask at once.
static void messages_to_a_program(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_spawn_options options = {.limits = {.stop_timeout_ms = 100}};
    airs_actor_id id = attack_spawn(self, "program-sleeps", &options);
    attack_sleep_ms(20);
    for (uint32_t round = 0; round < 20; round++) {
        attack_answers answers = {0};
        assert_true(attack_ask_many(self, id, "hello", 600, &answers));
        attack_wait_answers(&answers, 600);
        assert_int_equal(answers.failed, 600);
    }
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sleeps),
        cmocka_unit_test(waits_of_many_events_do_not_add_up),
        cmocka_unit_test(what_nobody_granted),
        cmocka_unit_test(floods_of_lines),
        cmocka_unit_test(a_line_without_an_end_is_written_at_the_end),
        cmocka_unit_test(programs),
        cmocka_unit_test(messages_to_a_program),
    };
    return cmocka_run_group_tests_name("hostile wasi", tests, NULL, NULL);
}
