// SPDX-License-Identifier: MIT OR Apache-2.0
/// What a guest may use: memory, tables, handles, stack; and host calls from the last of the stack.
#include "airssys/capability.h"
#include "attack.h"

#include <stdio.h>
#include <stdlib.h>

#define ROWS(rows) (rows), sizeof(rows) / sizeof *(rows)
#define PAGE 65536u
/// Running time of one event where it is not what a test is about: on a loaded machine a second is soon over.
#define PATIENT_MS 20000u
#define PATIENT                        \
    {                                  \
        .max_execution_ms = PATIENT_MS \
    }

static airs_actor_info info_of(attack *self, airs_actor_id id)
{
    airs_actor_info info;
    assert_int_equal(airs_actor_get_info(self->system, id, &info), AIRS_OK);
    return info;
}

static void memory_up_to_the_limit(void **user)
{
    (void)user;
    attack *self = attack_begin();
    // Limits that are whole pages and one that is not: the last page must fit.
    static const struct {
        uint64_t limit;
        uint64_t pages;
    } cases[] = {{16 * PAGE, 16}, {17 * PAGE, 17}, {20 * PAGE - 1, 19}, {100 * PAGE + 1, 100}, {64u << 20, 1024}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        airs_spawn_options options = {.limits = {.max_memory = cases[i].limit, .max_execution_ms = PATIENT_MS}};
        airs_actor_id id = attack_spawn(self, "memory", &options);
        assert_true(info_of(self, id).memory > 0 && info_of(self, id).memory < cases[i].limit);
        char pages[32];
        (void)snprintf(pages, sizeof pages, "%llu", (unsigned long long)cases[i].pages);
        attack_expect(self, id, "fill", pages);
        attack_expect(self, id, "hello", pages);
        assert_int_equal(info_of(self, id).memory, cases[i].pages * PAGE);
        assert_int_equal(info_of(self, id).restarts, 0);
        attack_stop(self, id, ATTACK_PATIENCE_MS);
    }
    attack_end(self);
}

static void memory_past_the_limit(void **user)
{
    (void)user;
    attack *self = attack_begin();
    static const airs_limits small = {.max_memory = 8u << 20, .max_execution_ms = PATIENT_MS};
    static const char full[] = "out of memory at max_memory, 8388608 bytes: *";
    const attack_row rows[] = {
        {"memory", NULL, "past", AIRS_E_FAILED, AIRS_EXIT_LIMIT, full, small},
        {"memory", NULL, "9", AIRS_E_FAILED, AIRS_EXIT_LIMIT, full, small},
        {"heap", NULL, "keep 100000", AIRS_E_FAILED, AIRS_EXIT_NORMAL, "no memory", small},
        {"memory", NULL, "6", AIRS_OK, AIRS_EXIT_NORMAL, "*", small},
    };
    attack_run_rows(self, ROWS(rows));
    attack_end(self);
}

/// A growth that was refused some time ago is not why it traps now.
static void memory_is_not_blamed_for_later_traps(void **user)
{
    (void)user;
    attack *self = attack_begin();
    static const attack_row rows[] = {
        {"rude", "grow", "trap", AIRS_E_FAILED, AIRS_EXIT_TRAP, "*`unreachable`*", PATIENT},
    };
    attack_run_rows(self, ROWS(rows));
    attack_end(self);
}

static void memory_that_never_fits(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_spawn_options options = {.limits = {.max_memory = PAGE}};
    airs_error error = {0};
    assert_int_equal(attack_spawn_fails(self, "memory", &options, &error), AIRS_E_LIMIT);
    attack_assert_text(error.text, "*memory*");
    options.limits.max_memory = (4ull << 30) + 1;
    assert_int_equal(attack_spawn_fails(self, "memory", &options, &error), AIRS_E_INVALID);
    attack_assert_text(error.text, "max_memory is over component_memory_max, 4294967296 bytes");
    attack_end(self);
}

static void tables_and_handles(void **user)
{
    (void)user;
    attack *self = attack_begin();
    static const attack_row rows[] = {
        {"table", NULL, "forever", AIRS_OK, AIRS_EXIT_NORMAL, "9999*", PATIENT},
        {"table", NULL, "1000000", AIRS_OK, AIRS_EXIT_NORMAL, "-1", PATIENT},
        {"table", NULL, "4294967295", AIRS_OK, AIRS_EXIT_NORMAL, "-1", PATIENT},
        {"resources", NULL, "1000", AIRS_OK, AIRS_EXIT_NORMAL, "*", PATIENT},
        {"resources", NULL, "forever", AIRS_E_FAILED, AIRS_EXIT_LIMIT, "*", PATIENT},
    };
    attack_run_rows(self, ROWS(rows));
    attack_end(self);
}

static airs_usage usage_of(attack *self, airs_actor_id id)
{
    airs_usage usage;
    assert_int_equal(airs_actor_get_usage(self->system, id, &usage), AIRS_OK);
    return usage;
}

static void tables_up_to_the_limit(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_spawn_options options = {.limits = {.max_tables = 500}};
    airs_actor_id id = attack_spawn(self, "table", &options);
    assert_true(usage_of(self, id).table_elements > 0 && usage_of(self, id).table_elements < 500);
    // What it was made into a component with has a table, too.
    char text[256];
    assert_int_equal(attack_ask(self, id, "forever", text), AIRS_OK);
    assert_in_range(strtol(text, NULL, 10), 400, 500);
    assert_int_equal(usage_of(self, id).table_elements, 500);
    assert_true(usage_of(self, id).growths_refused > 0);
    attack_expect(self, id, "1", "-1");
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    // One that does not even begin is told by the name of the limit.
    options.limits.max_tables = 1;
    airs_error error = {0};
    assert_int_equal(attack_spawn_fails(self, "everything", &options, &error), AIRS_E_LIMIT);
    attack_assert_text(error.text, "*table minimum size of * elements exceeds table limits: max_tables is 1*");
    options.limits.max_tables = 100001;
    assert_int_equal(attack_spawn_fails(self, "table", &options, &error), AIRS_E_INVALID);
    attack_assert_text(error.text, "max_tables is 100001, the largest is 100000");
    attack_end(self);
}

/// Who sends without end gets as far as its rate; others send meanwhile as they like.
static void messages_past_the_rate(void **user)
{
    (void)user;
    attack *self = attack_begin();
    static const char *const anyone[] = {"*"};
    airs_spawn_options target = {.name = "deaf", .limits = {.mailbox_max = 1000}};
    airs_spawn_options options = {.name = "flooder", .may_send = anyone, .may_send_count = 1};
    airs_actor_id deaf = attack_spawn(self, "only-messages", &target);
    options.limits.max_rate = 2;
    airs_actor_id id = attack_spawn(self, "misbehaves", &options);
    char text[256];
    uint64_t begin_ms = attack_now_ms();
    // AIRS_DENIED of guest.h.
    assert_int_equal(attack_ask(self, id, "flood deaf", text), AIRS_OK);
    unsigned sent = 0, status = 0;
    assert_int_equal(sscanf(text, "%u %u", &sent, &status), 2);
    uint64_t took_ms = attack_now_ms() - begin_ms;
    assert_true(sent >= 2 && sent <= 2 + 2 * (took_ms + 999) / 1000);
    assert_int_equal(status, 4);
    airs_usage usage = usage_of(self, id);
    assert_int_equal(usage.limits.max_rate, 2);
    assert_true(usage.rate <= 2);
    assert_true(usage.sends_refused >= 1);
    // An ask is a message too, and an answer is none.
    attack_expect(self, id, "flood deaf", "0 4");
    attack_expect(self, id, "hello", "hello");
    attack_witness_counts(self, ATTACK_PATIENCE_MS);
    // It gets more with time.
    attack_sleep_ms(600);
    assert_int_equal(attack_ask(self, id, "flood deaf", text), AIRS_OK);
    assert_true(text[0] >= '1');
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_stop(self, deaf, ATTACK_PATIENCE_MS);
    options.limits.max_rate = 1000001;
    airs_error error = {0};
    assert_int_equal(attack_spawn_fails(self, "misbehaves", &options, &error), AIRS_E_INVALID);
    attack_assert_text(error.text, "max_rate is 1000001, the largest is 1000000");
    attack_end(self);
}

/// Each refusal is a record of the audit log: who is refused without end does not go on.
static void refusals_past_the_limit(void **user)
{
    (void)user;
    attack *self = attack_begin();
    static const airs_setting config[] = {{"password", "p"}};
    static const airs_grant grant = {.rights = AIRS_RIGHT_CONFIG_READ, .pattern = "none"};
    airs_spawn_options options = {.name = "refused",
                                  .config = config,
                                  .config_count = 1,
                                  .grants = &grant,
                                  .grants_count = 1,
                                  .limits = {.max_refusals = 20, .max_execution_ms = PATIENT_MS}};
    airs_actor_id id = attack_spawn(self, "settings", &options);
    attack_expect(self, id, "get password", "error no grant: config.read does not match \"password\"");
    airs_usage usage = usage_of(self, id);
    assert_int_equal(usage.limits.max_refusals, 20);
    assert_true(usage.refusals <= 1);
    // It does not stop by itself; whether it runs or answers when it is over does not matter.
    assert_int_equal(attack_ask(self, id, "flood password", NULL), AIRS_E_FAILED);
    attack_wait_restarted(self, id, 1);
    airs_actor_info info;
    assert_int_equal(airs_actor_get_info(self->system, id, &info), AIRS_OK);
    assert_int_equal(info.last_exit, AIRS_EXIT_LIMIT);
    attack_assert_text(info.last_failure, "it was refused more often than max_refusals, 20 in a second");
    assert_true(airs_actor_refusals(self->system, id) > 20);
    attack_expect(self, id, "get none", "none");
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    options.limits.max_refusals = 1000001;
    airs_error error = {0};
    assert_int_equal(attack_spawn_fails(self, "settings", &options, &error), AIRS_E_INVALID);
    attack_assert_text(error.text, "max_refusals is 1000001, the largest is 1000000");
    attack_end(self);
}

/// The same between two calls: the limit is of a second, not of an event.
static void refusals_of_many_events(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_spawn_options options = {.name = "refused", .nothing_by_default = true, .limits = {.max_refusals = 1}};
    airs_actor_id id = attack_spawn(self, "settings", &options);
    uint64_t begin = attack_now_ms();
    airs_actor_info info = {.restarts = 0};
    // The answer to an event may be on its way when it is ended for what it did in that.
    while (info.restarts == 0) {
        (void)attack_ask(self, id, "get password", NULL);
        assert_int_equal(airs_actor_get_info(self->system, id, &info), AIRS_OK);
        if (attack_now_ms() - begin > ATTACK_PATIENCE_MS)
            fail_msg("it goes on");
    }
    attack_wait_restarted(self, id, 1);
    assert_true(attack_lines_with(self, "runtime", "it was refused more often than max_refusals, 1 in a second") > 0);
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
}

/// Of a list of events it has none any more that it could be refused in.
static void refusals_of_one_list(void **user)
{
    (void)user;
    static attack_answers answers;
    attack *self = attack_begin();
    airs_spawn_options options = {.name = "refused",
                                  .restart = AIRS_RESTART_TEMPORARY,
                                  .nothing_by_default = true,
                                  .limits = {.max_refusals = 4, .max_execution_ms = PATIENT_MS}};
    airs_actor_id id = attack_spawn(self, "settings", &options);
    answers = (attack_answers){0};
    assert_int_equal(airs_pause(self->system, id), AIRS_OK);
    assert_true(attack_ask_many(self, id, "get password", 40, &answers));
    assert_int_equal(airs_resume(self->system, id), AIRS_OK);
    attack_wait_answers(&answers, 40);
    // A second goes by in 40 events nowhere: it is refused as often as it may be, and is not told of the next one.
    assert_int_equal(answers.ok, 4);
    attack_wait_gone(self, id);
    assert_true(attack_lines_with(self, "runtime", "it was refused more often than max_refusals, 4 in a second") > 0);
    attack_end(self);
}

static void what_is_used_is_seen(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_spawn_options options = {
        .limits = {.max_memory = 16u << 20, .max_execution_ms = 60000, .log_lines_per_second = 3}};
    airs_actor_id id = attack_spawn(self, "loop-handle", &options);
    attack_expect(self, id, "work 50", "work 50");
    assert_true(usage_of(self, id).execution_longest_ms >= 10);
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    id = attack_spawn(self, "prints", &options);
    attack_expect(self, id, "lines 100", "written");
    airs_usage usage = usage_of(self, id);
    assert_true(usage.log_lines_dropped > 0 && usage.log_lines_dropped <= 200);
    assert_true(usage.memory > 0 && usage.memory <= usage.limits.max_memory);
    assert_int_equal(usage.limits.max_memory, 16u << 20);
    assert_int_equal(usage.limits.mailbox_max, 1024);
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
}

static void recursion_without_end(void **user)
{
    (void)user;
    attack *self = attack_begin();
    static const attack_row rows[] = {
        {"recursion", NULL, "calls", AIRS_E_FAILED, AIRS_EXIT_LIMIT, "*call stack exhausted*", PATIENT},
        {"recursion", NULL, "data", AIRS_E_FAILED, AIRS_EXIT_TRAP, "*out of bounds memory access*", PATIENT},
    };
    attack_run_rows(self, ROWS(rows));
    attack_end(self);
}

/// Each function that a guest may call, called at each depth down to the last.
static void host_calls_from_the_deepest_stack(void **user)
{
    (void)user;
    attack *self = attack_begin();
    static const char *const calls[][2] = {
        {"deep-host-call", "self"},    {"deep-host-call", "lookup"},
        {"deep-host-call", "send"},    {"deep-host-call", "log"},
        {"deep-calls", "ask"},         {"deep-calls", "ask-self"},
        {"deep-calls", "request"},     {"deep-calls", "request-friend"},
        {"deep-calls", "send-friend"}, {"deep-calls", "cancel"},
        {"deep-calls", "reply"},       {"deep-calls", "forward"},
        {"deep-calls", "message-id"},  {"deep-calls", "attempt"},
        {"deep-calls", "deadline"},    {"deep-calls", "sender-name"},
        {"deep-calls", "exit"},        {"deep-wasi", "print"},
        {"deep-wasi", "random"},       {"deep-wasi", "sleep"},
        {"deep-wasi", "clock"},        {"deep-wasi", "stat"},
        {"deep-wasi", "stdin"},        {"deep-network", "socket"},
        {"deep-network", "resolve"},   {"deep-http", "request"},
    };
    static const char *const anyone[] = {"*"};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        print_message("    %s: %s\n", calls[i][0], calls[i][1]);
        airs_spawn_options options = {.may_send = anyone,
                                      .may_send_count = 1,
                                      .limits = {.max_execution_ms = PATIENT_MS, .max_refusals = 1000000}};
        airs_actor_id id = attack_spawn(self, calls[i][0], &options);
        char text[256];
        assert_int_equal(attack_ask(self, id, calls[i][1], text), AIRS_E_FAILED);
        attack_assert_text(text, "the receiver ended (limit): *call stack exhausted*");
        attack_wait_restarted(self, id, 1);
        attack_expect(self, id, "hello", "hello");
        attack_stop(self, id, ATTACK_PATIENCE_MS);
    }
    attack_end(self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_up_to_the_limit),
        cmocka_unit_test(memory_past_the_limit),
        cmocka_unit_test(memory_is_not_blamed_for_later_traps),
        cmocka_unit_test(memory_that_never_fits),
        cmocka_unit_test(tables_and_handles),
        cmocka_unit_test(tables_up_to_the_limit),
        cmocka_unit_test(messages_past_the_rate),
        cmocka_unit_test(refusals_past_the_limit),
        cmocka_unit_test(refusals_of_many_events),
        cmocka_unit_test(refusals_of_one_list),
        cmocka_unit_test(what_is_used_is_seen),
        cmocka_unit_test(recursion_without_end),
        cmocka_unit_test(host_calls_from_the_deepest_stack),
    };
    return cmocka_run_group_tests_name("hostile limits", tests, NULL, NULL);
}
