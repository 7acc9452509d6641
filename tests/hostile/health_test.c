// SPDX-License-Identifier: MIT OR Apache-2.0
/// The export `health`: asked between two events only, shown, and the end of those that are not well, or never answer.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attack.h"

/// Each test with a guest of each contract: one long `run`, and a call for each event.
static const char *const guests[] = {"keeper", "keeper-actor"};

static const char *const asked[] = {"silent"};
/// Whom a keeper may ask.
#define MAY_SEND .may_send = asked, .may_send_count = 1

static const airs_health_options often = {.kind = AIRS_HEALTH_CHECK, .interval_ms = 20, .failures_max = 1};

static airs_actor_info info_of(attack *self, airs_actor_id id)
{
    airs_actor_info info;
    assert_int_equal(airs_actor_get_info(self->system, id, &info), AIRS_OK);
    return info;
}

static void wait_health(attack *self, airs_actor_id id, airs_health health, const char *text)
{
    for (uint64_t begin = attack_now_ms(); attack_now_ms() - begin < ATTACK_PATIENCE_MS; attack_sleep_ms(1)) {
        airs_actor_info info = info_of(self, id);
        if (info.health == health && strcmp(info.health_text, text) == 0)
            return;
    }
    airs_actor_info info = info_of(self, id);
    fail_msg("its health is %d \"%s\", expected was %d \"%s\"", (int)info.health, info.health_text, (int)health, text);
}

/// Asks until it has been checked so many times.
static void wait_checks(attack *self, airs_actor_id id, uint64_t wanted)
{
    char text[256];
    for (uint64_t begin = attack_now_ms(); attack_now_ms() - begin < ATTACK_PATIENCE_MS; attack_sleep_ms(50)) {
        assert_int_equal(attack_ask(self, id, "checks", text), AIRS_OK);
        if (strtoull(text, NULL, 10) >= wanted)
            return;
    }
    fail_msg("it has been checked %s times only", text);
}

static void degraded_is_shown_and_nothing_else_changes(void **user)
{
    (void)user;
    attack *self = attack_begin();
    for (size_t i = 0; i < 2; i++) {
        airs_spawn_options options = {.name = "victim", .health = often, MAY_SEND};
        airs_actor_id id = attack_spawn(self, guests[i], &options);
        attack_expect(self, id, "set 7", "ok");
        wait_checks(self, id, 3);
        attack_expect(self, id, "health degraded", "ok");
        // One line, whatever it says.
        wait_health(self, id, AIRS_HEALTH_DEGRADED, "slow today");
        attack_expect(self, id, "get", "7 fresh nothing");
        attack_expect(self, id, "health", "ok");
        wait_health(self, id, AIRS_HEALTH_HEALTHY, "");
        attack_expect(self, id, "get", "7 fresh nothing");
        assert_int_equal(info_of(self, id).restarts, 0);
        attack_stop(self, id, ATTACK_PATIENCE_MS);
    }
    attack_end(self);
}

/// A flood of messages while it is checked all the time: each is handled, once, in the same incarnation.
static void checks_lose_no_message(void **user)
{
    (void)user;
    attack *self = attack_begin();
    for (size_t i = 0; i < 2; i++) {
        airs_spawn_options options = {.name = "victim", .health = often, MAY_SEND};
        airs_actor_id id = attack_spawn(self, guests[i], &options);
        // It waits in its check: what is sent meanwhile waits too.
        airs_actor_id silent = attack_spawn_silent(self);
        attack_expect(self, id, "health pause", "ok");
        for (uint32_t round = 0; round < 20; round++) {
            attack_answers answers = {0};
            assert_true(attack_ask_many(self, id, "get", 100, &answers));
            attack_wait_answers(&answers, 100);
            assert_int_equal(answers.ok, 100);
            attack_sleep_ms(30);
        }
        airs_actor_info info = info_of(self, id);
        assert_int_equal(info.restarts, 0);
        assert_int_equal(info.messages_handled, 2001);
        attack_stop(self, id, ATTACK_PATIENCE_MS);
        attack_stop_silent(self, silent);
    }
    attack_end(self);
}

/// The guest traps when it is asked inside of its handler.
static void nothing_is_asked_inside_of_an_event(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_actor_id silent = attack_spawn_silent(self);
    for (size_t i = 0; i < 2; i++) {
        airs_spawn_options options = {.name = "victim", .health = often, MAY_SEND, .checkpoint = {.every_messages = 1}};
        airs_actor_id id = attack_spawn(self, guests[i], &options);
        for (uint32_t round = 0; round < 3; round++)
            attack_expect(self, id, "dawdle", "ok");
        wait_checks(self, id, 3);
        assert_int_equal(info_of(self, id).restarts, 0);
        attack_stop(self, id, ATTACK_PATIENCE_MS);
    }
    attack_stop_silent(self, silent);
    attack_end(self);
}

static void what_fails_in_a_check_fails_the_incarnation(void **user)
{
    (void)user;
    attack *self = attack_begin();
    static const struct {
        const char *word;
        airs_exit reason;
        const char *text;
    } cases[] = {
        {"health unhealthy", AIRS_EXIT_FAILED, "unhealthy: the disk is gone"},
        {"health trap", AIRS_EXIT_TRAP, "health check: *wasm `unreachable` instruction executed*"},
        {"health loop", AIRS_EXIT_LIMIT, "health check: it ran longer than max_execution, 200 ms"},
        {"health wait", AIRS_EXIT_LIMIT, "health check: it waited longer than max_park, 300 ms"},
        {"health exit", AIRS_EXIT_FAILED, "enough"},
    };
    airs_actor_id silent = attack_spawn_silent(self);
    for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
        const char *guest = guests[i % 2];
        print_message("    %s: %s\n", guest, cases[i / 2].word);
        airs_spawn_options options = {
            .name = "victim", .health = often, MAY_SEND, .limits = {.max_execution_ms = 200, .max_park_ms = 300}};
        // It says so itself, before the driver does.
        options.health.timeout_ms = 60000;
        airs_actor_id id = attack_spawn(self, guest, &options);
        uint64_t failures = self->failures;
        attack_expect(self, id, cases[i / 2].word, "ok");
        attack_wait_failure(self, failures);
        assert_string_equal(airs_exit_name(self->reason), airs_exit_name(cases[i / 2].reason));
        attack_assert_text(self->text, cases[i / 2].text);
        attack_wait_restarted(self, id, 1);
        attack_expect(self, id, "get", " restarted nothing");
        attack_stop(self, id, ATTACK_PATIENCE_MS);
        attack_check(self);
    }
    attack_stop_silent(self, silent);
    attack_end(self);
}

/// Who does not answer in time is unhealthy, and what it was in the middle of ends with it.
static void a_check_that_takes_too_long(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_actor_id silent = attack_spawn_silent(self);
    for (size_t i = 0; i < 2; i++) {
        airs_spawn_options options = {.name = "victim", .health = often, MAY_SEND};
        options.health.timeout_ms = 100;
        airs_actor_id id = attack_spawn(self, guests[i], &options);
        uint64_t failures = self->failures;
        attack_expect(self, id, "health wait", "ok");
        attack_wait_failure(self, failures);
        assert_int_equal(self->reason, AIRS_EXIT_FAILED);
        attack_assert_text(self->text, "unhealthy: no answer within 100 ms");
        attack_wait_restarted(self, id, 1);
        attack_expect(self, id, "get", " restarted nothing");
        attack_stop(self, id, ATTACK_PATIENCE_MS);
        attack_check(self);
    }
    attack_stop_silent(self, silent);
    attack_end(self);
}

/// Stopped in the middle of its check, it ends in order; killed, at once.
static void the_end_in_the_middle_of_a_check(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_actor_id silent = attack_spawn_silent(self);
    for (size_t i = 0; i < 2; i++) {
        airs_spawn_options options = {.name = "victim", .health = often, MAY_SEND};
        options.health.timeout_ms = 60000;
        airs_actor_id id = attack_spawn(self, guests[i], &options);
        attack_expect(self, id, "health pause", "ok");
        attack_sleep_ms(60);
        attack_stop(self, id, ATTACK_PATIENCE_MS);
        options.restart = AIRS_RESTART_TEMPORARY;
        id = attack_spawn(self, guests[i], &options);
        attack_expect(self, id, "health wait", "ok");
        attack_sleep_ms(60);
        assert_int_equal(airs_kill(self->system, id), AIRS_OK);
        attack_wait_gone(self, id);
        assert_int_equal(self->reason, AIRS_EXIT_KILLED);
        attack_check(self);
    }
    attack_stop_silent(self, silent);
    attack_end(self);
}

/// Without the export, and of a program, there is nobody to ask: it is healthy.
static void who_can_t_be_asked_is_healthy(void **user)
{
    (void)user;
    attack *self = attack_begin();
    static const char *const others[] = {"only-messages", "only-messages-actor", "program-sleeps"};
    for (size_t i = 0; i < 3; i++) {
        airs_spawn_options options = {.health = often, .limits = {.stop_timeout_ms = 100}};
        airs_actor_id id = attack_spawn(self, others[i], &options);
        attack_sleep_ms(200);
        airs_actor_info info = info_of(self, id);
        assert_int_equal(info.health, AIRS_HEALTH_HEALTHY);
        assert_int_equal(info.restarts, 0);
        assert_int_equal(info.state, AIRS_ACTOR_READY);
        attack_stop(self, id, ATTACK_PATIENCE_MS);
    }
    attack_end(self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(degraded_is_shown_and_nothing_else_changes),
        cmocka_unit_test(checks_lose_no_message),
        cmocka_unit_test(nothing_is_asked_inside_of_an_event),
        cmocka_unit_test(what_fails_in_a_check_fails_the_incarnation),
        cmocka_unit_test(a_check_that_takes_too_long),
        cmocka_unit_test(the_end_in_the_middle_of_a_check),
        cmocka_unit_test(who_can_t_be_asked_is_healthy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
