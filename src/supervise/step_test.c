// SPDX-License-Identifier: MIT OR Apache-2.0
/// The machine alone: events in, actions out, compared as text. How it does with actors: tests/stories.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "supervise/step.h"

#define CHILDREN 8

typedef struct bench {
    supervise_state state;
    actor_child children[CHILDREN];
    airs_backoff backoff;
    uint64_t now_ms;
    /// What was to be done since the last look.
    char trace[1024];
    /// Of the last decision.
    bool over;
} bench;

static void setup(bench *self, supervise_settings settings)
{
    *self = (bench){.now_ms = 1000};
    self->backoff = (airs_backoff){AIRS_BACKOFF_IMMEDIATE, 100, 2, 30000, 0, 60000};
    if (settings.max_restarts == 0 && settings.window_ms == 0) {
        settings.max_restarts = 3;
        settings.window_ms = 5000;
    }
    settings.allocator = base_allocator_default();
    supervise_init(&self->state, &settings);
}

static void note(bench *self, const supervise_action *action)
{
    static const char *const names[] = {
        "start", "restart", "decide", "wait",    "cancel", "halt",  "stop",         "kill",    "rest",
        "hold",  "end",     "answer", "give up", "finish", "is up", "start failed", "is down",
    };
    char text[64];
    int len = snprintf(text, sizeof text, "%s%s", self->trace[0] == '\0' ? "" : ", ", names[action->kind]);
    if (action->child != NULL)
        len += snprintf(text + len, sizeof text - (size_t)len, " %c", (char)('a' + (action->child - self->children)));
    if (action->kind == SUPERVISE_DO_DECIDE)
        self->over = action->over;
    if (action->kind == SUPERVISE_DO_DECIDE)
        len += snprintf(text + len, sizeof text - (size_t)len, " %s", airs_action_name(action->decision));
    if (action->delay_ms > 0)
        (void)snprintf(text + len, sizeof text - (size_t)len, " %u ms", action->delay_ms);
    if (action->kind == SUPERVISE_DO_ANSWER && action->status != AIRS_OK)
        (void)snprintf(text + len, sizeof text - (size_t)len, " failed");
    assert_true(strlen(self->trace) + strlen(text) < sizeof self->trace);
    memcpy(self->trace + strlen(self->trace), text, strlen(text) + 1);
}

static void step(bench *self, supervise_event event)
{
    event.now_ms = self->now_ms;
    supervise_step(&self->state, &event);
    for (supervise_action action; supervise_next(&self->state, &action);)
        note(self, &action);
}

static void tell(bench *self, supervise_event_kind kind, char child)
{
    step(self, (supervise_event){.kind = kind, .child = &self->children[child - 'a']});
}

static void end(bench *self, char child, airs_exit reason)
{
    step(self, (supervise_event){
                   .kind = SUPERVISE_ON_ENDED, .child = &self->children[child - 'a'], .end = {.reason = reason}});
}

static void crash(bench *self, char child)
{
    end(self, child, AIRS_EXIT_TRAP);
}

static void halted(bench *self, char child)
{
    end(self, child, AIRS_EXIT_SHUTDOWN);
}

/// Adds a child and lets it be ready.
static void add(bench *self, char name, airs_restart restart)
{
    actor_child *child = &self->children[name - 'a'];
    child->restart = restart;
    child->backoff = &self->backoff;
    tell(self, SUPERVISE_ON_ADD, name);
    tell(self, SUPERVISE_ON_READY, name);
}

static void add_three(bench *self)
{
    add(self, 'a', AIRS_RESTART_PERMANENT);
    add(self, 'b', AIRS_RESTART_PERMANENT);
    add(self, 'c', AIRS_RESTART_PERMANENT);
    self->trace[0] = '\0';
}

#define expect(self, text)                          \
    do {                                            \
        assert_string_equal((self)->trace, (text)); \
        (self)->trace[0] = '\0';                    \
    } while (0)

// ---------------------------------------------------------------- one child

static void restart_type_decides(void **user)
{
    (void)user;
    static const char again[] = "decide a restarted, restart a";
    static const char ended[] = "decide a ended, end a";
    static const struct {
        airs_restart restart;
        airs_exit reason;
        const char *trace;
    } cases[] = {
        {AIRS_RESTART_PERMANENT, AIRS_EXIT_NORMAL, again},   {AIRS_RESTART_PERMANENT, AIRS_EXIT_TRAP, again},
        {AIRS_RESTART_PERMANENT, AIRS_EXIT_SHUTDOWN, again}, {AIRS_RESTART_TRANSIENT, AIRS_EXIT_NORMAL, ended},
        {AIRS_RESTART_TRANSIENT, AIRS_EXIT_SHUTDOWN, ended}, {AIRS_RESTART_TRANSIENT, AIRS_EXIT_TRAP, again},
        {AIRS_RESTART_TRANSIENT, AIRS_EXIT_LIMIT, again},    {AIRS_RESTART_TRANSIENT, AIRS_EXIT_TIMEOUT, again},
        {AIRS_RESTART_TRANSIENT, AIRS_EXIT_KILLED, again},   {AIRS_RESTART_TRANSIENT, AIRS_EXIT_FAILED, again},
        {AIRS_RESTART_TEMPORARY, AIRS_EXIT_NORMAL, ended},   {AIRS_RESTART_TEMPORARY, AIRS_EXIT_TRAP, ended},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bench it;
        setup(&it, (supervise_settings){0});
        add(&it, 'a', cases[i].restart);
        expect(&it, "start a");
        end(&it, 'a', cases[i].reason);
        expect(&it, cases[i].trace);
        assert_int_equal(it.over, cases[i].trace == ended);
    }
}

static void a_verdict_overrules_the_restart_type(void **user)
{
    (void)user;
    static const struct {
        airs_restart restart;
        airs_exit reason;
        airs_error_verdict verdict;
        const char *trace;
    } cases[] = {
        {AIRS_RESTART_TEMPORARY, AIRS_EXIT_TRAP, AIRS_ERROR_RESTART, "decide a restarted, restart a"},
        {AIRS_RESTART_TEMPORARY, AIRS_EXIT_TRAP, AIRS_ERROR_RESUME, "decide a restarted, restart a"},
        {AIRS_RESTART_PERMANENT, AIRS_EXIT_TRAP, AIRS_ERROR_STOP, "decide a ended, end a"},
        {AIRS_RESTART_PERMANENT, AIRS_EXIT_TRAP, AIRS_ERROR_ESCALATE, "decide a escalated, give up a"},
        {AIRS_RESTART_TEMPORARY, AIRS_EXIT_TRAP, AIRS_ERROR_ESCALATE, "decide a escalated, give up a"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bench it;
        setup(&it, (supervise_settings){0});
        add(&it, 'a', cases[i].restart);
        expect(&it, "start a");
        step(&it, (supervise_event){.kind = SUPERVISE_ON_ENDED,
                                    .child = &it.children[0],
                                    .end = {cases[i].reason, cases[i].verdict}});
        expect(&it, cases[i].trace);
    }
}

static void a_first_start_that_fails_is_not_repeated(void **user)
{
    (void)user;
    bench it;
    setup(&it, (supervise_settings){0});
    it.children[0].backoff = &it.backoff;
    tell(&it, SUPERVISE_ON_ADD, 'a');
    crash(&it, 'a');
    expect(&it, "start a, decide a ended, end a");
    assert_int_equal(supervise_restarts_in_window(&it.state), 0);
    // A later one is, and counts.
    add(&it, 'b', AIRS_RESTART_PERMANENT);
    crash(&it, 'b');
    crash(&it, 'b');
    expect(&it, "start b, decide b restarted, restart b, decide b restarted, restart b");
    assert_int_equal(supervise_restarts_in_window(&it.state), 2);
}

static void too_many_failures_end_the_supervisor(void **user)
{
    (void)user;
    bench it;
    setup(&it, (supervise_settings){.max_restarts = 1, .window_ms = 1000});
    add_three(&it);
    crash(&it, 'a');
    expect(&it, "decide a restarted, restart a");
    tell(&it, SUPERVISE_ON_READY, 'a');
    it.now_ms += 999;
    crash(&it, 'b');
    expect(&it, "decide b escalated, give up b");
    // What ends now waits for what becomes of the supervisor.
    crash(&it, 'c');
    expect(&it, "");
    step(&it, (supervise_event){.kind = SUPERVISE_ON_COME_DOWN});
    halted(&it, 'a');
    expect(&it, "decide c restarted, halt a, decide a restarted, is down");
    // It begins with an empty history.
    step(&it, (supervise_event){.kind = SUPERVISE_ON_COME_UP});
    tell(&it, SUPERVISE_ON_READY, 'a');
    tell(&it, SUPERVISE_ON_READY, 'b');
    tell(&it, SUPERVISE_ON_READY, 'c');
    expect(&it, "restart a, restart b, restart c, is up");
    assert_int_equal(supervise_restarts_in_window(&it.state), 0);
}

static void backoff_is_reset_by_healthy_time(void **user)
{
    (void)user;
    bench it;
    setup(&it, (supervise_settings){.max_restarts = 100, .window_ms = 1});
    it.backoff.kind = AIRS_BACKOFF_EXPONENTIAL;
    it.backoff.reset_after_ms = 5000;
    add(&it, 'a', AIRS_RESTART_PERMANENT);
    expect(&it, "start a");
    static const uint32_t delays[] = {100, 200, 400};
    for (size_t i = 0; i < 3; i++) {
        it.now_ms += 4999;
        crash(&it, 'a');
        char text[64];
        (void)snprintf(text, sizeof text, "decide a restarted %u ms, wait a %u ms", delays[i], delays[i]);
        expect(&it, text);
        tell(&it, SUPERVISE_ON_DUE, 'a');
        tell(&it, SUPERVISE_ON_READY, 'a');
        expect(&it, "restart a");
    }
    it.now_ms += 5000;
    crash(&it, 'a');
    expect(&it, "decide a restarted 100 ms, wait a 100 ms");
}

// ---------------------------------------------------------------- groups

static void all_go_down_from_the_last_and_come_up_from_the_first(void **user)
{
    (void)user;
    bench it;
    setup(&it, (supervise_settings){.strategy = AIRS_ONE_FOR_ALL});
    add_three(&it);
    crash(&it, 'b');
    expect(&it, "decide b restarted, halt c");
    halted(&it, 'c');
    expect(&it, "decide c restarted, halt a");
    halted(&it, 'a');
    expect(&it, "decide a restarted, restart a");
    tell(&it, SUPERVISE_ON_READY, 'a');
    expect(&it, "restart b");
    tell(&it, SUPERVISE_ON_READY, 'b');
    expect(&it, "restart c");
    tell(&it, SUPERVISE_ON_READY, 'c');
    expect(&it, "");
    assert_int_equal(supervise_restarts_in_window(&it.state), 1);
}

static void the_rest_is_what_was_added_later(void **user)
{
    (void)user;
    bench it;
    setup(&it, (supervise_settings){.strategy = AIRS_REST_FOR_ONE});
    add_three(&it);
    crash(&it, 'b');
    expect(&it, "decide b restarted, halt c");
    // One before it waits in line, and is decided when the group is up; then all are its rest.
    crash(&it, 'a');
    expect(&it, "");
    halted(&it, 'c');
    expect(&it, "decide c restarted, restart b");
    tell(&it, SUPERVISE_ON_READY, 'b');
    tell(&it, SUPERVISE_ON_READY, 'c');
    expect(&it, "restart c, decide a restarted, halt c");
    halted(&it, 'c');
    halted(&it, 'b');
    expect(&it, "decide c restarted, halt b, decide b restarted, restart a");
    assert_int_equal(supervise_restarts_in_window(&it.state), 2);
}

static void what_fails_while_the_group_goes_down_is_part_of_it(void **user)
{
    (void)user;
    bench it;
    setup(&it, (supervise_settings){.strategy = AIRS_ONE_FOR_ALL});
    add_three(&it);
    crash(&it, 'b');
    crash(&it, 'a');
    crash(&it, 'c');
    expect(&it, "decide b restarted, halt c, decide a restarted, decide c restarted, restart a");
    assert_int_equal(supervise_restarts_in_window(&it.state), 1);
}

static void a_start_that_fails_begins_the_group_again(void **user)
{
    (void)user;
    bench it;
    setup(&it, (supervise_settings){.strategy = AIRS_ONE_FOR_ALL, .max_restarts = 2, .window_ms = 1000});
    add_three(&it);
    crash(&it, 'a');
    halted(&it, 'c');
    halted(&it, 'b');
    tell(&it, SUPERVISE_ON_READY, 'a');
    expect(&it, "decide a restarted, halt c, decide c restarted, halt b, decide b restarted, restart a, restart b");
    crash(&it, 'b');
    expect(&it, "decide b restarted, halt a");
    halted(&it, 'a');
    expect(&it, "decide a restarted, restart a");
    tell(&it, SUPERVISE_ON_READY, 'a');
    crash(&it, 'b');
    expect(&it, "restart b, decide b escalated, give up b");
}

static void temporary_children_end_with_their_group(void **user)
{
    (void)user;
    bench it;
    setup(&it, (supervise_settings){.strategy = AIRS_ONE_FOR_ALL});
    add(&it, 'a', AIRS_RESTART_PERMANENT);
    add(&it, 'b', AIRS_RESTART_TEMPORARY);
    add(&it, 'c', AIRS_RESTART_TRANSIENT);
    end(&it, 'c', AIRS_EXIT_NORMAL);
    expect(&it, "start a, start b, start c, decide c ended, rest c");
    crash(&it, 'a');
    expect(&it, "decide a restarted, stop b");
    tell(&it, SUPERVISE_ON_GONE, 'b');
    expect(&it, "restart a");
    tell(&it, SUPERVISE_ON_READY, 'a');
    expect(&it, "restart c");
}

static void a_group_waits_for_the_backoff_of_who_failed(void **user)
{
    (void)user;
    bench it;
    setup(&it, (supervise_settings){.strategy = AIRS_REST_FOR_ONE});
    it.backoff.kind = AIRS_BACKOFF_LINEAR;
    add_three(&it);
    crash(&it, 'b');
    expect(&it, "decide b restarted 100 ms, wait b 100 ms, halt c");
    it.now_ms += 40;
    halted(&it, 'c');
    expect(&it, "decide c restarted 60 ms");
    // One before it takes the group with it, which waits no less.
    it.now_ms += 30;
    it.backoff.delay_ms = 10;
    crash(&it, 'a');
    expect(&it, "cancel b, decide a restarted 30 ms, wait a 30 ms");
    tell(&it, SUPERVISE_ON_DUE, 'b');
    expect(&it, "");
    it.now_ms += 30;
    tell(&it, SUPERVISE_ON_DUE, 'a');
    expect(&it, "restart a");
}

// ---------------------------------------------------------------- significance

static void significant_children_end_their_supervisor_for_good_only(void **user)
{
    (void)user;
    static const struct {
        airs_auto_shutdown mode;
        const char *first;
        const char *second;
    } cases[] = {
        {AIRS_AUTO_SHUTDOWN_ANY, "decide a ended, end a, finish a", ""},
        {AIRS_AUTO_SHUTDOWN_ALL, "decide a ended, end a", "decide b ended, end b, finish b"},
        {AIRS_AUTO_SHUTDOWN_NEVER, "decide a ended, end a", "decide b ended, end b"},
    };
    for (size_t i = 0; i < 3; i++) {
        bench it;
        setup(&it, (supervise_settings){.auto_shutdown = cases[i].mode});
        it.children[0].significant = it.children[1].significant = true;
        add(&it, 'a', AIRS_RESTART_TRANSIENT);
        add(&it, 'b', AIRS_RESTART_TRANSIENT);
        crash(&it, 'a');
        tell(&it, SUPERVISE_ON_READY, 'a');
        expect(&it, "start a, start b, decide a restarted, restart a");
        end(&it, 'a', AIRS_EXIT_NORMAL);
        expect(&it, cases[i].first);
        end(&it, 'b', AIRS_EXIT_NORMAL);
        expect(&it, cases[i].second);
    }
}

// ---------------------------------------------------------------- operators

static void quarantine_is_left_only_by_release(void **user)
{
    (void)user;
    bench it;
    setup(&it, (supervise_settings){.strategy = AIRS_ONE_FOR_ALL});
    add_three(&it);
    tell(&it, SUPERVISE_ON_QUARANTINE, 'b');
    assert_true(supervise_is_held(&it.children[1]));
    halted(&it, 'b');
    expect(&it, "halt b, decide b quarantined, hold b, answer b");
    crash(&it, 'a');
    halted(&it, 'c');
    expect(&it, "decide a restarted, halt c, decide c restarted, restart a");
    // Its turn would come later: it comes up in its place.
    tell(&it, SUPERVISE_ON_RELEASE, 'b');
    tell(&it, SUPERVISE_ON_READY, 'a');
    expect(&it, "restart b");
    tell(&it, SUPERVISE_ON_READY, 'b');
    expect(&it, "answer b, restart c");
}

static void a_restart_counts_for_nothing(void **user)
{
    (void)user;
    bench it;
    setup(&it, (supervise_settings){.max_restarts = 1, .window_ms = 1000});
    it.backoff.kind = AIRS_BACKOFF_DELAY;
    add_three(&it);
    for (int i = 0; i < 5; i++) {
        tell(&it, SUPERVISE_ON_RESTART, 'a');
        halted(&it, 'a');
        tell(&it, SUPERVISE_ON_READY, 'a');
        expect(&it, "halt a, decide a restarted, restart a, answer a");
    }
    assert_int_equal(supervise_restarts_in_window(&it.state), 0);
    // One that waits waits no longer.
    crash(&it, 'b');
    tell(&it, SUPERVISE_ON_RESTART, 'b');
    expect(&it, "decide b restarted 100 ms, wait b 100 ms, cancel b, restart b");
    // It did not start: that is a failure like any other.
    crash(&it, 'b');
    expect(&it, "answer b failed, decide b escalated, give up b");
}

static void a_killed_supervisor_takes_its_children_with_it(void **user)
{
    (void)user;
    bench it;
    setup(&it, (supervise_settings){0});
    add_three(&it);
    tell(&it, SUPERVISE_ON_KILLED, 'a');
    expect(&it, "kill c, kill b, kill a");
    end(&it, 'b', AIRS_EXIT_KILLED);
    step(&it, (supervise_event){.kind = SUPERVISE_ON_COME_UP});
    end(&it, 'c', AIRS_EXIT_KILLED);
    expect(&it, "decide b restarted, decide c restarted");
    end(&it, 'a', AIRS_EXIT_KILLED);
    expect(&it, "decide a restarted, restart a");
}

static void children_of_a_template_go_down_together(void **user)
{
    (void)user;
    bench it;
    setup(&it, (supervise_settings){.strategy = AIRS_SIMPLE_ONE_FOR_ONE});
    add_three(&it);
    step(&it, (supervise_event){.kind = SUPERVISE_ON_COME_DOWN, .for_good = true});
    expect(&it, "stop c, stop b, stop a");
    tell(&it, SUPERVISE_ON_GONE, 'b');
    tell(&it, SUPERVISE_ON_GONE, 'c');
    expect(&it, "");
    tell(&it, SUPERVISE_ON_GONE, 'a');
    expect(&it, "is down");
}

static void who_is_told_to_end_is_not_over_by_itself(void **user)
{
    (void)user;
    bench it;
    setup(&it, (supervise_settings){.strategy = AIRS_SIMPLE_ONE_FOR_ONE});
    add(&it, 'a', AIRS_RESTART_TEMPORARY);
    add(&it, 'b', AIRS_RESTART_PERMANENT);
    add(&it, 'c', AIRS_RESTART_TEMPORARY);
    tell(&it, SUPERVISE_ON_READY, 'a');
    tell(&it, SUPERVISE_ON_READY, 'b');
    tell(&it, SUPERVISE_ON_READY, 'c');
    crash(&it, 'c');
    assert_true(it.over);
    it.trace[0] = '\0';
    step(&it, (supervise_event){.kind = SUPERVISE_ON_COME_DOWN, .for_good = true});
    expect(&it, "stop b, stop a");
    // In its stop, or just before it was told.
    end(&it, 'a', AIRS_EXIT_KILLED);
    expect(&it, "decide a ended");
    assert_false(it.over);
    end(&it, 'b', AIRS_EXIT_TRAP);
    expect(&it, "decide b ended");
    assert_false(it.over);
}

static void a_supervisor_whose_child_does_not_start_does_not_start(void **user)
{
    (void)user;
    bench it;
    setup(&it, (supervise_settings){0});
    add_three(&it);
    step(&it, (supervise_event){.kind = SUPERVISE_ON_COME_DOWN});
    halted(&it, 'c');
    halted(&it, 'b');
    halted(&it, 'a');
    it.trace[0] = '\0';
    step(&it, (supervise_event){.kind = SUPERVISE_ON_COME_UP});
    tell(&it, SUPERVISE_ON_READY, 'a');
    crash(&it, 'b');
    expect(&it, "restart a, restart b, decide b escalated, halt a");
    halted(&it, 'a');
    expect(&it, "decide a restarted, start failed b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(restart_type_decides),
        cmocka_unit_test(a_verdict_overrules_the_restart_type),
        cmocka_unit_test(a_first_start_that_fails_is_not_repeated),
        cmocka_unit_test(too_many_failures_end_the_supervisor),
        cmocka_unit_test(backoff_is_reset_by_healthy_time),
        cmocka_unit_test(all_go_down_from_the_last_and_come_up_from_the_first),
        cmocka_unit_test(the_rest_is_what_was_added_later),
        cmocka_unit_test(what_fails_while_the_group_goes_down_is_part_of_it),
        cmocka_unit_test(a_start_that_fails_begins_the_group_again),
        cmocka_unit_test(temporary_children_end_with_their_group),
        cmocka_unit_test(a_group_waits_for_the_backoff_of_who_failed),
        cmocka_unit_test(significant_children_end_their_supervisor_for_good_only),
        cmocka_unit_test(quarantine_is_left_only_by_release),
        cmocka_unit_test(a_restart_counts_for_nothing),
        cmocka_unit_test(a_killed_supervisor_takes_its_children_with_it),
        cmocka_unit_test(children_of_a_template_go_down_together),
        cmocka_unit_test(who_is_told_to_end_is_not_over_by_itself),
        cmocka_unit_test(a_supervisor_whose_child_does_not_start_does_not_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
