// SPDX-License-Identifier: MIT OR Apache-2.0
/// Guests that come to no end, or to a bad one, in start, handle, stop and around them.
#include "attack.h"

#define ROWS(rows) (rows), sizeof(rows) / sizeof *(rows)

static void starts_that_fail(void **user)
{
    (void)user;
    attack *self = attack_begin();
    static const airs_limits start = {.start_timeout_ms = 100, .max_execution_ms = 60000};
    static const airs_limits execution = {.start_timeout_ms = 60000, .max_execution_ms = 100};
    const struct {
        const char *guest;
        airs_status status;
        airs_exit reason;
        const char *text;
        airs_limits limits;
    } cases[] = {
        {"trap-start", AIRS_E_FAILED, AIRS_EXIT_TRAP, "*wasm `unreachable` instruction executed*", {0}},
        {"trap-start-error", AIRS_E_FAILED, AIRS_EXIT_FAILED, "start: as the test wanted", {0}},
        {"trap-init", AIRS_E_FAILED, AIRS_EXIT_TRAP, "*wasm `unreachable` instruction executed*", {0}},
        {"rude-start", AIRS_E_FAILED, AIRS_EXIT_FAILED, "start: bad [2J  news    !", {0}},
        {"loop-start", AIRS_E_TIMEOUT, AIRS_EXIT_TIMEOUT, "start took longer than start_timeout, 100 ms", start},
        {"loop-init", AIRS_E_TIMEOUT, AIRS_EXIT_TIMEOUT, "start took longer than start_timeout, 100 ms", start},
        {"loop-start", AIRS_E_LIMIT, AIRS_EXIT_LIMIT, "it ran longer than max_execution, 100 ms", execution},
        {"loop-init", AIRS_E_LIMIT, AIRS_EXIT_LIMIT, "it ran longer than max_execution, 100 ms", execution},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        print_message("    %s\n", cases[i].guest);
        // Permanent, but what was never ready is not restarted.
        airs_spawn_options options = {.name = "victim", .limits = cases[i].limits};
        airs_error error = {0};
        assert_int_equal(attack_spawn_fails(self, cases[i].guest, &options, &error), cases[i].status);
        attack_assert_text(error.text, cases[i].text);
        assert_string_equal(airs_exit_name(self->reason), airs_exit_name(cases[i].reason));
        attack_assert_text(self->text, cases[i].text);
        attack_check(self);
    }
    attack_end(self);
}

static void loops_around_an_event(void **user)
{
    (void)user;
    attack *self = attack_begin();
#define LOOPS(guest, prepare, message)                                                                       \
    {                                                                                                        \
        guest, prepare, message, AIRS_E_FAILED, AIRS_EXIT_LIMIT, "it ran longer than max_execution, 100 ms", \
        {                                                                                                    \
            .max_execution_ms = 100                                                                          \
        }                                                                                                    \
    }
    static const attack_row rows[] = {
        LOOPS("loop-handle", NULL, "loop"),          LOOPS("loop-handle-actor", NULL, "loop"),
        LOOPS("post-return", NULL, "loop"),          LOOPS("raw-actor", NULL, "post-loop"),
        LOOPS("raw-actor", "realloc-loop", "hello"), LOOPS("raw-actor", NULL, "realloc-loop now"),
    };
    attack_run_rows(self, ROWS(rows));
    attack_end(self);
}

static void texts_that_drive_terminals(void **user)
{
    (void)user;
    attack *self = attack_begin();
    static const attack_row rows[] = {
        {"rude", NULL, "rude", AIRS_E_FAILED, AIRS_EXIT_NORMAL, "bad [2J  news    !", {0}},
        {"rude", NULL, "rude-exit", AIRS_OK, AIRS_EXIT_FAILED, "bad [2J  news    !", {0}},
        {"rude", NULL, "rude-trap", AIRS_E_FAILED, AIRS_EXIT_TRAP, "*`unreachable`*", {0}},
        {"rude", NULL, "rude-log", AIRS_OK, AIRS_EXIT_NORMAL, "rude-log", {0}},
    };
    attack_run_rows(self, ROWS(rows));
    for (size_t i = 0; i < self->lines_count; i++)
        attack_assert_text(self->lines[i].text, "*");
    assert_int_equal(attack_lines_with(self, "stderr", "bad\\x1b[2J\\x0d"), 1);
    attack_end(self);
}

static void stops_that_fail(void **user)
{
    (void)user;
    attack *self = attack_begin();
    static const struct {
        const char *guest;
        const char *message;
        airs_exit reason;
        const char *text;
    } cases[] = {
        {"trap-stop", NULL, AIRS_EXIT_TRAP, "*wasm `unreachable` instruction executed*"},
        {"loop-stop", NULL, AIRS_EXIT_KILLED, "stop took longer than stop_timeout, 150 ms"},
        {"loop-handle", "loop", AIRS_EXIT_KILLED, "stop took longer than stop_timeout, 150 ms"},
        {"loop-handle-actor", "loop", AIRS_EXIT_KILLED, "stop took longer than stop_timeout, 150 ms"},
        {"post-return", "loop", AIRS_EXIT_KILLED, "stop took longer than stop_timeout, 150 ms"},
        {"blocks", "sleep 3600000", AIRS_EXIT_KILLED, "stop took longer than stop_timeout, 150 ms"},
        {"program-sleeps", NULL, AIRS_EXIT_KILLED, "stop took longer than stop_timeout, 150 ms"},
        {"run-loop", NULL, AIRS_EXIT_KILLED, "stop took longer than stop_timeout, 150 ms"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        print_message("    %s\n", cases[i].guest);
        airs_spawn_options options = {.limits = {.stop_timeout_ms = 150, .max_execution_ms = 60000}};
        airs_actor_id id = attack_spawn(self, cases[i].guest, &options);
        attack_answers answers = {0};
        if (cases[i].message != NULL)
            assert_true(attack_ask_many(self, id, cases[i].message, 1, &answers));
        if (cases[i].message != NULL)
            attack_wait_taken(self, id);
        else
            attack_sleep_ms(20);
        attack_stop(self, id, ATTACK_PATIENCE_MS);
        assert_string_equal(airs_exit_name(self->reason), airs_exit_name(cases[i].reason));
        attack_assert_text(self->text, cases[i].text);
        // Whoever asked is told, unless the loop was behind the answer.
        if (cases[i].message != NULL)
            attack_wait_answers(&answers, 1);
        attack_check(self);
    }
    attack_end(self);
}

/// What is in hand when it is told to stop is handled to its end.
static void an_event_that_ends_during_stop_is_answered(void **user)
{
    (void)user;
    attack *self = attack_begin();
    static const char *const guests[] = {"loop-handle", "loop-handle-actor"};
    for (size_t i = 0; i < 2; i++) {
        airs_spawn_options options = {.limits = {.stop_timeout_ms = 60000, .max_execution_ms = 60000}};
        airs_actor_id id = attack_spawn(self, guests[i], &options);
        attack_answers answers = {0};
        assert_true(attack_ask_many(self, id, "work 3000", 1, &answers));
        attack_wait_taken(self, id);
        assert_int_equal(answers.ok + answers.failed, 0);
        attack_stop(self, id, ATTACK_PATIENCE_MS);
        attack_wait_answers(&answers, 1);
        assert_int_equal(answers.ok, 1);
    }
    attack_end(self);
}

/// With this many that spin, others still answer within this time each.
static void spin(attack *self, uint32_t spinners, uint32_t max_ms)
{
    airs_actor_id ids[16];
    airs_spawn_options options = {.limits = {.max_execution_ms = 4000}};
    for (uint32_t i = 0; i < spinners; i++) {
        ids[i] = attack_spawn(self, "loop-handle", &options);
        assert_int_equal(airs_send(self->system, ids[i], "loop", 4), AIRS_OK);
    }
    uint64_t slowest = 0;
    for (int i = 0; i < 20; i++) {
        uint64_t begin = attack_now_ms();
        attack_witness_counts(self, max_ms);
        uint64_t took = attack_now_ms() - begin;
        slowest = took > slowest ? took : slowest;
    }
    print_message("    %u spinners: the slowest of 20 answers took %llu ms\n", spinners, (unsigned long long)slowest);
    for (uint32_t i = 0; i < spinners; i++) {
        attack_wait_restarted(self, ids[i], 1);
        attack_expect(self, ids[i], "hello", "hello");
        attack_stop(self, ids[i], ATTACK_PATIENCE_MS);
    }
    attack_check(self);
}

static void spinners(void **user)
{
    (void)user;
    attack *self = attack_begin();
    spin(self, 1, 3000);
    spin(self, 2, 3000);
    spin(self, 9, 3000);
    attack_end(self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_that_fail),
        cmocka_unit_test(loops_around_an_event),
        cmocka_unit_test(texts_that_drive_terminals),
        cmocka_unit_test(stops_that_fail),
        cmocka_unit_test(an_event_that_ends_during_stop_is_answered),
        cmocka_unit_test(spinners),
    };
    return cmocka_run_group_tests_name("hostile time", tests, NULL, NULL);
}
