// SPDX-License-Identifier: MIT OR Apache-2.0
/// Each limit is a failure of its own kind, and says itself in one sentence: in the history, as a C program reads it.
#include <stdio.h>
#include <string.h>

#include "attack.h"

typedef struct seen {
    uint64_t count;
    uint64_t number;
    airs_exit reason;
    airs_action action;
    char text[256];
    char message_id[17];
    uint32_t attempt;
    bool has_backtrace;
} seen;

static bool see(void *user, const airs_failure *failure)
{
    seen *last = user;
    last->number = failure->number;
    last->reason = failure->reason;
    last->action = failure->action;
    last->attempt = failure->attempt;
    last->has_backtrace = failure->backtrace[0] != '\0';
    (void)snprintf(last->text, sizeof last->text, "%s", failure->text);
    (void)snprintf(last->message_id, sizeof last->message_id, "%s", failure->message_id);
    return true;
}

/// A limit, how a guest passes it, and what is told of that.
typedef struct reason_row {
    const char *guest;
    /// What it is asked; NULL: it fails by itself.
    const char *message;
    airs_exit reason;
    const char *text;
    bool has_backtrace;
    airs_limits limits;
} reason_row;

static const reason_row rows[] = {
    {"memory",
     "past",
     AIRS_EXIT_LIMIT,
     "out of memory at max_memory, 8388608 bytes: *",
     true,
     {.max_memory = 8u << 20}},
    {"loop-handle",
     "loop",
     AIRS_EXIT_LIMIT,
     "it ran longer than max_execution, 100 ms",
     true,
     {.max_execution_ms = 100}},
    {"sleeps", "3600000", AIRS_EXIT_LIMIT, "it waited longer than max_park, 100 ms", false, {.max_park_ms = 100}},
    {"recursion", "calls", AIRS_EXIT_LIMIT, "it used up its stack: *call stack exhausted in *", true, {0}},
    {"trap", "trap", AIRS_EXIT_TRAP, "wasm trap: wasm `unreachable` instruction executed in actor_handle", true, {0}},
    {"payload",
     "answer 20000000",
     AIRS_EXIT_LIMIT,
     "it gave the host far more than max_message, 1048576 bytes*",
     true,
     {0}},
};

static seen history_of(attack *self, airs_actor_id id)
{
    seen last = {0};
    last.count = airs_actor_failures(self->system, id, see, &last);
    return last;
}

static void limits_are_told_in_a_sentence(void **user)
{
    (void)user;
    attack *self = attack_begin();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const reason_row *row = &rows[i];
        print_message("    %s %s\n", row->guest, row->message);
        airs_spawn_options options = {.name = "victim", .limits = row->limits};
        airs_actor_id id = attack_spawn(self, row->guest, &options);
        assert_int_equal(attack_ask(self, id, row->message, NULL), AIRS_E_FAILED);
        attack_wait_restarted(self, id, 1);
        seen last = history_of(self, id);
        assert_int_equal(last.count, 1);
        assert_int_equal(last.number, 1);
        assert_string_equal(airs_exit_name(last.reason), airs_exit_name(row->reason));
        attack_assert_text(last.text, row->text);
        assert_int_equal(last.action, AIRS_ACTION_RESTARTED);
        assert_int_equal(strlen(last.message_id), 16);
        assert_int_equal(last.attempt, 1);
        assert_int_equal(last.has_backtrace, row->has_backtrace);
        attack_stop(self, id, ATTACK_PATIENCE_MS);
        attack_check(self);
    }
    attack_end(self);
}

/// The others wait behind one that is handled within its own limits.
static void a_mailbox_that_is_too_old(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_spawn_options options = {.name = "victim", .limits = {.max_mailbox_age_ms = 100, .max_execution_ms = 60000}};
    airs_actor_id id = attack_spawn(self, "loop-handle", &options);
    attack_answers answers = {0};
    assert_true(attack_ask_many(self, id, "loop", 2, &answers));
    attack_wait_restarted(self, id, 1);
    seen last = history_of(self, id);
    assert_string_equal(airs_exit_name(last.reason), "limit");
    attack_assert_text(last.text, "a message waited in its mailbox longer than max_mailbox_age, 100 ms");
    attack_stop(self, id, 10000);
    attack_wait_answers(&answers, 2);
    attack_end(self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_are_told_in_a_sentence),
        cmocka_unit_test(a_mailbox_that_is_too_old),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
