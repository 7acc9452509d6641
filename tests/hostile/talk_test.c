// SPDX-License-Identifier: MIT OR Apache-2.0
/// Messages misused: answers that are not owed, circles, floods, and what is too large.
#include "attack.h"

#include <stdio.h>
#include <string.h>

static const char *const anyone[] = {"*"};
#define ANYONE .may_send = anyone, .may_send_count = 1

static void answers_that_are_not_owed(void **user)
{
    (void)user;
    attack *self = attack_begin();
    static const char *const guests[] = {"misbehaves", "misbehaves-actor"};
    for (size_t i = 0; i < 2; i++) {
        airs_spawn_options options = {.name = "victim", ANYONE};
        airs_actor_id id = attack_spawn(self, guests[i], &options);
        attack_expect(self, id, "twice", "once");
        attack_expect(self, id, "made-up 0", "1");
        attack_expect(self, id, "made-up 1", "1");
        attack_expect(self, id, "made-up 1048577", "1");
        attack_expect(self, id, "made-up 18446744073709551615", "1");
        attack_expect(self, id, "cancel 1048577", "nothing to cancel");
        attack_expect(self, id, "cancel 18446744073709551615", "nothing to cancel");
        attack_expect(self, id, "hello", "hello");
        attack_stop(self, id, ATTACK_PATIENCE_MS);
    }
    attack_end(self);
}

/// Two requests that one actor owes; another one can't pay for it, and its own end does.
typedef struct owed {
    os_mutex lock;
    int told;
    airs_status status;
    char text[256];
} owed;

static void on_owed(void *user, const airs_reply *reply)
{
    owed *self = user;
    os_mutex_lock(&self->lock);
    self->told++;
    self->status = reply->status;
    (void)snprintf(self->text, sizeof self->text, "%.*s", (int)reply->payload.len, (const char *)reply->payload.data);
    os_mutex_unlock(&self->lock);
}

static void wait_owed(owed *self)
{
    for (uint64_t begin = attack_now_ms();; attack_sleep_ms(1)) {
        os_mutex_lock(&self->lock);
        int told = self->told;
        os_mutex_unlock(&self->lock);
        if (told > 0)
            break;
        assert_true(attack_now_ms() - begin < ATTACK_PATIENCE_MS);
    }
    assert_int_equal(self->told, 1);
}

static void keep_one(attack *self, airs_actor_id id, owed *debt)
{
    assert_int_equal(airs_ask_async(self->system, id, "keep", 4, 60000, on_owed, debt), AIRS_OK);
    // Answered behind it: it was taken.
    attack_expect(self, id, "hello", "hello");
}

static void debts_end_with_the_debtor(void **user)
{
    (void)user;
    attack *self = attack_begin();
    static const struct {
        const char *end;
        const char *text;
    } ways[] = {
        {"exit", "the receiver ended (normal)"},
        {"exit-failed", "the receiver ended (failed): it had enough"},
        {NULL, "the receiver ended (shutdown)"},
    };
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        airs_spawn_options options = {.restart = AIRS_RESTART_TEMPORARY};
        airs_actor_id id = attack_spawn(self, i % 2 == 0 ? "misbehaves" : "misbehaves-actor", &options);
        owed debt = {.told = 0};
        keep_one(self, id, &debt);
        if (ways[i].end == NULL)
            attack_stop(self, id, ATTACK_PATIENCE_MS);
        else
            (void)attack_ask(self, id, ways[i].end, NULL);
        wait_owed(&debt);
        assert_int_equal(debt.status, AIRS_E_FAILED);
        attack_assert_text(debt.text, ways[i].text);
        attack_wait_gone(self, id);
    }
    attack_end(self);
}

static void a_debt_is_paid_once(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_actor_id id = attack_spawn(self, "misbehaves", NULL);
    owed debt = {.told = 0};
    keep_one(self, id, &debt);
    attack_expect(self, id, "pay", "0");
    wait_owed(&debt);
    assert_int_equal(debt.status, AIRS_OK);
    attack_assert_text(debt.text, "at last");
    attack_expect(self, id, "pay", "1");
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
}

static void circles_end(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_spawn_options first = {.name = "first", ANYONE};
    airs_spawn_options second = {.name = "first-back", ANYONE};
    airs_actor_id id = attack_spawn(self, "misbehaves", &first);
    airs_actor_id back = attack_spawn(self, "misbehaves", &second);
    // AIRS_DEADLOCK of guest.h.
    attack_expect(self, id, "self", "7");
    uint64_t begin = attack_now_ms();
    // "first-back" is asked to ask "first-back-back": there is none, but itself is told by its name.
    attack_expect(self, id, "circle first-back 300", "*");
    assert_true(attack_now_ms() - begin < 5000);
    attack_expect(self, id, "hello", "hello");
    attack_expect(self, back, "hello", "hello");
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_stop(self, back, ATTACK_PATIENCE_MS);
    attack_end(self);
}

/// Each asks the other: the second is told that this would never end, or the first gives up when its time is over.
static void two_that_ask_each_other(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_spawn_options one = {.name = "pong-back", ANYONE};
    airs_spawn_options two = {.name = "pong", ANYONE};
    airs_actor_id first = attack_spawn(self, "misbehaves", &one);
    airs_actor_id second = attack_spawn(self, "misbehaves", &two);
    uint64_t begin = attack_now_ms();
    attack_expect(self, first, "circle pong 300", "*");
    assert_true(attack_now_ms() - begin < 5000);
    attack_expect(self, first, "hello", "hello");
    attack_expect(self, second, "hello", "hello");
    attack_stop(self, first, ATTACK_PATIENCE_MS);
    attack_stop(self, second, ATTACK_PATIENCE_MS);
    attack_end(self);
}

static void forwards_of_nothing(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_spawn_options options = {ANYONE};
    airs_actor_id id = attack_spawn(self, "misbehaves", &options);
    attack_expect(self, id, "forward nobody", "nowhere");
    attack_expect(self, id, "forward witness", "1");
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
}

static void ids_are_no_authority(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_actor_id id = attack_spawn(self, "misbehaves", NULL);
    char message[64];
    // AIRS_DENIED of guest.h.
    (void)snprintf(message, sizeof message, "guess %llu", (unsigned long long)self->witness.raw);
    attack_expect(self, id, message, "4");
    attack_expect(self, id, "ask witness 100", "4");
    attack_expect(self, id, "flood witness", "0 4");
    attack_expect(self, id, "forward witness", "nowhere");
    attack_expect(self, id, "guess 0", "1");
    attack_expect(self, id, "guess 18446744073709551615", "1");
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
}

static void floods(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_spawn_options deaf = {.name = "deaf",
                               .limits = {.mailbox_max = 100, .max_execution_ms = 60000, .stop_timeout_ms = 100}};
    airs_spawn_options options = {.name = "flooder", ANYONE, .limits = {.mailbox_max = 64}};
    airs_actor_id target = attack_spawn(self, "loop-handle", &deaf);
    airs_actor_id id = attack_spawn(self, "misbehaves", &options);
    assert_int_equal(airs_send(self->system, target, "loop", 4), AIRS_OK);
    attack_wait_taken(self, target);
    // AIRS_FULL of guest.h.
    attack_expect(self, id, "flood deaf", "100 2");
    attack_stop(self, target, ATTACK_PATIENCE_MS);
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
}

/// Requests whose answers never come are bounded, or one actor could take them from all.
static void floods_of_requests(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_spawn_options mute = {.name = "mute", .limits = {.mailbox_max = 100000}};
    airs_spawn_options options = {.name = "flooder", ANYONE, .limits = {.mailbox_max = 200}};
    airs_actor_id target = attack_spawn(self, "misbehaves", &mute);
    airs_actor_id id = attack_spawn(self, "misbehaves", &options);
    attack_expect(self, id, "requests mute", "200 2");
    attack_expect(self, id, "requests mute", "0 2");
    attack_expect(self, id, "hello", "hello");
    attack_witness_counts(self, ATTACK_PATIENCE_MS);
    // What it owes is settled with its end, and the places are there again.
    attack_stop(self, target, ATTACK_PATIENCE_MS);
    attack_expect(self, id, "outcomes", "200 0");
    target = attack_spawn(self, "misbehaves", &mute);
    attack_expect(self, id, "requests mute", "200 2");
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_stop(self, target, ATTACK_PATIENCE_MS);
    attack_end(self);
}

// ---------------------------------------------------------------- too large

static void from_outside(attack *self, airs_actor_id id, size_t len, airs_status expected)
{
    uint8_t *payload = test_calloc(1, len);
    payload[0] = 'x';
    assert_int_equal(airs_send(self->system, id, payload, len), expected);
    airs_buffer reply = {0};
    airs_error error = {0};
    assert_int_equal(airs_ask(self->system, id, payload, len, ATTACK_PATIENCE_MS, &reply, &error), expected);
    if (expected == AIRS_OK)
        assert_int_equal(reply.len, len);
    else
        attack_assert_text(error.text, "the payload is over max_message");
    airs_buffer_free(&reply);
    test_free(payload);
}

static void payloads_that_are_too_large(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_spawn_options small = {.name = "small", ANYONE, .limits = {.max_message = 1000}};
    airs_spawn_options large = {.name = "large", ANYONE, .limits = {.max_message = 300000}};
    airs_actor_id id = attack_spawn(self, "misbehaves", &small);
    airs_actor_id friend = attack_spawn(self, "misbehaves-actor", &large);
    from_outside(self, id, 1000, AIRS_OK);
    from_outside(self, id, 1001, AIRS_E_TOO_LARGE);
    from_outside(self, friend, 300000, AIRS_OK);
    from_outside(self, friend, 300001, AIRS_E_TOO_LARGE);
    // Of guest.h: AIRS_OK, and AIRS_TOO_LARGE by the own limit and by that of the receiver.
    attack_expect(self, id, "send-large large 1000", "0");
    attack_expect(self, id, "send-large large 1001", "3");
    attack_expect(self, friend, "send-large small 1000", "0");
    attack_expect(self, friend, "send-large small 1001", "3");
    attack_expect(self, id, "ask-large large 1000", "got 1000");
    attack_expect(self, id, "ask-large large 1001", "3");
    attack_expect(self, friend, "ask-large small 1001", "3");
    // Answers, by the limit of who answers and of who asks.
    attack_expect(self, friend, "ask-for small 1000", "got 1000");
    attack_expect(self, id, "ask-for large 1000", "got 1000");
    attack_expect(self, id, "ask-for large 1001", "3");
    attack_expect(self, id, "hello", "hello");
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_stop(self, friend, ATTACK_PATIENCE_MS);
    attack_end(self);
}

static void answers_that_are_too_large(void **user)
{
    (void)user;
    attack *self = attack_begin();
    static const airs_limits small = {.max_message = 1000};
    const attack_row rows[] = {
        {"misbehaves", NULL, "give 1001", AIRS_E_FAILED, AIRS_EXIT_NORMAL, "the reply is over max_message", small},
        {"misbehaves-actor", NULL, "give 1001", AIRS_E_FAILED, AIRS_EXIT_NORMAL, "the reply is over max_message",
         small},
        {"misbehaves", NULL, "give-later 1001", AIRS_OK, AIRS_EXIT_NORMAL, "3", small},
        // So much that the host does not even look at it.
        {"misbehaves", NULL, "give 500000", AIRS_E_FAILED, AIRS_EXIT_LIMIT, "*max_message*", small},
        {"misbehaves-actor", NULL, "give 500000", AIRS_E_FAILED, AIRS_EXIT_LIMIT, "*max_message*", small},
        {"misbehaves", NULL, "give-later 500000", AIRS_E_FAILED, AIRS_EXIT_LIMIT, "*max_message*", small},
        {"raw-actor", NULL, "list-all", AIRS_E_FAILED, AIRS_EXIT_LIMIT, "*max_message*", small},
    };
    attack_run_rows(self, rows, sizeof rows / sizeof *rows);
    attack_end(self);
}

// ---------------------------------------------------------------- `run` that does not keep to the contract

static void a_run_that_takes_nothing(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_actor_id id = attack_spawn(self, "raw-batch", NULL);
    attack_expect(self, id, "hello", "hello");
    assert_int_equal(airs_send(self->system, id, "refuse", 6), AIRS_OK);
    // It waits in the mailbox for the next incarnation.
    attack_expect(self, id, "hello", "hello");
    airs_actor_info info;
    assert_int_equal(airs_actor_get_info(self->system, id, &info), AIRS_OK);
    attack_assert_text(info.last_failure, "run returned without taking an event, though there was one");
    assert_int_equal(info.last_exit, AIRS_EXIT_FAILED);
    assert_int_equal(info.restarts, 1);
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
}

/// It may return at any time; what it did not answer it owes.
static void a_run_that_returns_in_the_middle(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_actor_id id = attack_spawn(self, "raw-batch", NULL);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(airs_send(self->system, id, "return", 6), AIRS_OK);
        attack_expect(self, id, "hello", "hello");
    }
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
}

static void a_run_that_ignores_none(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_spawn_options options = {.limits = {.stop_timeout_ms = 200, .max_execution_ms = 300}};
    airs_actor_id id = attack_spawn(self, "raw-batch", &options);
    attack_expect(self, id, "ignore", "ignore");
    attack_expect(self, id, "hello", "hello");
    uint64_t failures = self->failures;
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_wait_failure(self, failures);
    attack_assert_text(self->text, "stop took longer than stop_timeout, 200 ms");
    // And when it wants to end itself.
    id = attack_spawn(self, "raw-batch", &options);
    attack_expect(self, id, "exit", "exit");
    attack_wait_restarted(self, id, 1);
    attack_assert_text(self->text, "it ran longer than max_execution, 300 ms");
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
}

// ---------------------------------------------------------------- lists of events that are not kept to

/// Puts it to work, so that what is sent now comes in one list.
static void keep_busy(attack *self, airs_actor_id id)
{
    assert_int_equal(airs_send(self->system, id, "spin", 4), AIRS_OK);
    attack_wait_taken(self, id);
}

static void ask_later(attack *self, airs_actor_id id, const char *message, owed *debt)
{
    *debt = (owed){.told = 0};
    assert_int_equal(airs_ask_async(self->system, id, message, strlen(message), 60000, on_owed, debt), AIRS_OK);
}

/// After the list in which it does wrong, it still answers; whoever asked is told something, once.
static void lists_that_are_lied_about(void **user)
{
    (void)user;
    attack *self = attack_begin();
    static const char *const ways[] = {"ahead", "back", "over", "again"};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        airs_spawn_options options = {.limits = {.max_execution_ms = 500}};
        airs_actor_id id = attack_spawn(self, "raw-lists", &options);
        keep_busy(self, id);
        // The incarnation that spins ends by its limit, and the next one finds these.
        owed debts[4];
        ask_later(self, id, ways[i], &debts[0]);
        for (size_t at = 1; at < 4; at++)
            ask_later(self, id, "hello", &debts[at]);
        // The last of the list may get the answer of another one; in a list of its own each gets its own.
        (void)attack_ask(self, id, "hello", NULL);
        attack_expect(self, id, "hello", "hello");
        // Events that it says it has begun, and does not answer, are owed until it ends.
        attack_stop(self, id, ATTACK_PATIENCE_MS);
        for (size_t at = 0; at < 4; at++)
            wait_owed(&debts[at]);
        attack_assert_text(self->text, "it ran longer than max_execution, 500 ms");
    }
    attack_end(self);
}

/// The event that it had begun last is the one that failed; those behind it wait for the next incarnation.
static void the_event_in_hand_is_poison(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_spawn_options options = {.limits = {.max_execution_ms = 500}};
    airs_actor_id id = attack_spawn(self, "raw-lists", &options);
    keep_busy(self, id);
    owed debts[4];
    static const char *const messages[] = {"trap-2", "second", "third", "fourth"};
    for (size_t at = 0; at < 4; at++)
        ask_later(self, id, messages[at], &debts[at]);
    attack_expect(self, id, "hello", "hello");
    // The first was begun and not answered, the second in hand.
    for (size_t at = 0; at < 4; at++) {
        wait_owed(&debts[at]);
        assert_int_equal(debts[at].status, at < 2 ? AIRS_E_FAILED : AIRS_OK);
    }
    attack_assert_text(debts[2].text, "third");
    attack_assert_text(debts[3].text, "fourth");
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
}

static void lists_that_can_not_be_written(void **user)
{
    (void)user;
    attack *self = attack_begin();
    static const attack_row rows[] = {
        {"raw-lists", "hello", "outside", AIRS_OK, AIRS_EXIT_TRAP, "*out of bounds*", {0}},
        {"raw-lists", "hello", "odd", AIRS_OK, AIRS_EXIT_TRAP, "*not aligned*", {0}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        airs_actor_id id = attack_spawn(self, rows[i].guest, NULL);
        uint64_t failures = self->failures;
        // It is settled by the call that fails, or fails with it.
        (void)attack_ask(self, id, rows[i].message, NULL);
        // The list is written when there is a next one.
        assert_int_equal(airs_send(self->system, id, "next", 4), AIRS_OK);
        attack_wait_failure(self, failures);
        attack_assert_text(self->text, rows[i].text);
        attack_wait_restarted(self, id, 1);
        attack_expect(self, id, "hello", "hello");
        attack_stop(self, id, ATTACK_PATIENCE_MS);
    }
    attack_end(self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_that_are_not_owed),
        cmocka_unit_test(debts_end_with_the_debtor),
        cmocka_unit_test(a_debt_is_paid_once),
        cmocka_unit_test(circles_end),
        cmocka_unit_test(two_that_ask_each_other),
        cmocka_unit_test(forwards_of_nothing),
        cmocka_unit_test(ids_are_no_authority),
        cmocka_unit_test(floods),
        cmocka_unit_test(floods_of_requests),
        cmocka_unit_test(payloads_that_are_too_large),
        cmocka_unit_test(answers_that_are_too_large),
        cmocka_unit_test(a_run_that_takes_nothing),
        cmocka_unit_test(a_run_that_returns_in_the_middle),
        cmocka_unit_test(a_run_that_ignores_none),
        cmocka_unit_test(lists_that_are_lied_about),
        cmocka_unit_test(the_event_in_hand_is_poison),
        cmocka_unit_test(lists_that_can_not_be_written),
    };
    return cmocka_run_group_tests_name("hostile talk", tests, NULL, NULL);
}
