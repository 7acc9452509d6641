// SPDX-License-Identifier: MIT OR Apache-2.0
/// Each call of the engine fails once in turn: nothing crashes, nothing leaks, and the tree ends in a defined state.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attack.h"
#include "base/alloc_fault.h"
#include "fault_engine.h"

static airs_actor_info info_of(attack *self, airs_actor_id id, airs_status *ret_status)
{
    airs_actor_info info = {0};
    *ret_status = airs_actor_get_info(self->system, id, &info);
    return info;
}

/// Ready, or gone for good.
static bool settles(attack *self, airs_actor_id id)
{
    for (uint64_t begin = attack_now_ms(); attack_now_ms() - begin < ATTACK_PATIENCE_MS; attack_sleep_ms(1)) {
        airs_status status;
        airs_actor_info info = info_of(self, id, &status);
        if (status != AIRS_OK)
            return false;
        if (info.state == AIRS_ACTOR_READY)
            return true;
    }
    fail_msg("it neither becomes ready nor ends");
    return false;
}

static bool count_backtraces(void *user, const airs_failure *failure)
{
    assert_true(failure->text[0] != '\0');
    *(uint64_t *)user += failure->backtrace[0] != '\0';
    return true;
}

/// Loads, spawns below a supervisor of its own, talks, lets it save, asks how it is, fails, is started again with its
/// state, is asked why, and stops. Each step may fail, and then those behind it are not taken.
static void play(attack *self, const char *guest)
{
    airs_supervisor_options above_options = {.max_restarts = 100, .restart = AIRS_RESTART_TEMPORARY};
    airs_actor_id above, id;
    assert_int_equal(airs_spawn_supervisor(self->system, &above_options, &above, NULL), AIRS_OK);
    size_t len;
    uint8_t *wasm = attack_read(guest, &len);
    airs_component *component = NULL;
    airs_error error = {0};
    airs_status status = airs_component_load(self->system, wasm, len, &component, &error);
    free(wasm);
    airs_spawn_options options = {.supervisor = above,
                                  .name = "victim",
                                  .checkpoint = {.every_messages = 1, .on_stop = true},
                                  .health = {.kind = AIRS_HEALTH_CHECK, .interval_ms = 20}};
    bool up = status == AIRS_OK && airs_spawn_component(self->system, component, &options, &id, &error) == AIRS_OK;
    if (!up)
        assert_true(error.text[0] != '\0');
    static const char *const words[] = {"set one", "die", "get", "set two", "die", "get"};
    for (size_t i = 0; up && i < sizeof words / sizeof *words; i++) {
        (void)attack_ask(self, id, words[i], NULL);
        up = settles(self, id);
    }
    uint64_t backtraces = 0;
    if (up && airs_actor_failures(self->system, id, count_backtraces, &backtraces) == 2 &&
        strcmp(fault_engine_which(), "engine_kit_trap_lines") != 0)
        assert_int_equal(backtraces, 2);
    attack_sleep_ms(25);
    // It may have ended by its child's failures.
    airs_status stopped = airs_stop(self->system, above);
    assert_true(stopped == AIRS_OK || stopped == AIRS_E_GONE);
    airs_component_release(component);
}

static void each_call_fails_once(const char *guest, fault_kind kind)
{
    base_alloc_fault memory;
    base_alloc_fault_init(&memory);
    airs_system_options options = {
        .workers = 2, .instances_max = 8, .max_restarts = 1000, .allocator = &memory.allocator, .compiler_path = ""};
    attack *self = attack_begin_with(&options);
    uint64_t calls, at = 0, live = 0;
    do {
        fault_engine_arm(kind, at, 1);
        play(self, guest);
        calls = fault_engine_calls();
        bool failed = fault_engine_failed() > 0;
        const char *which = fault_engine_which();
        fault_engine_arm(kind, 0, 0);
        attack_check(self);
        // The first time nothing fails, and what is made only once is made.
        if (at == 0) {
            live = base_alloc_fault_live(&memory);
            print_message("    %s: %" PRIu64 " calls\n", guest, calls);
        } else if (base_alloc_fault_live(&memory) > live + 16) {
            fail_msg("%s, call %" PRIu64 ": %" PRIu64 " pieces of memory instead of %" PRIu64, which, at,
                     base_alloc_fault_live(&memory), live);
        }
        assert_true(at == 0 || failed || calls < at);
        at++;
    } while (at <= calls);
    attack_end(self);
    assert_int_equal(base_alloc_fault_live(&memory), 0);
}

static void panics_in_a_long_run(void **user)
{
    (void)user;
    each_call_fails_once("keeper", FAULT_PANIC);
}

static void panics_in_calls(void **user)
{
    (void)user;
    each_call_fails_once("keeper-actor", FAULT_PANIC);
}

static void limits_in_a_long_run(void **user)
{
    (void)user;
    each_call_fails_once("keeper", FAULT_LIMIT);
}

static void traps_in_calls(void **user)
{
    (void)user;
    each_call_fails_once("keeper-actor", FAULT_TRAP);
}

/// All calls from one on fail: the supervisor gives up after as many restarts as it allows, and all is told.
static void every_call_fails_from_one_on(void **user)
{
    (void)user;
    attack *self = attack_begin();
    for (uint64_t at = 1; at <= 6; at++) {
        airs_supervisor_options above_options = {
            .max_restarts = 5, .window_ms = 60000, .restart = AIRS_RESTART_TEMPORARY};
        airs_actor_id above;
        assert_int_equal(airs_spawn_supervisor(self->system, &above_options, &above, NULL), AIRS_OK);
        airs_spawn_options options = {.supervisor = above, .name = "victim"};
        airs_actor_id id = attack_spawn(self, "keeper", &options);
        uint64_t escalations = attack_escalations(self);
        fault_engine_arm(FAULT_PANIC, at, UINT64_MAX);
        // One of the asks runs into it.
        for (uint64_t asks = 0; asks < 10000 && settles(self, id); asks++)
            (void)attack_ask(self, id, "set one", NULL);
        attack_wait_gone(self, above);
        fault_engine_arm(FAULT_PANIC, 0, 0);
        assert_int_equal(attack_escalations(self), escalations + 1);
        attack_check(self);
    }
    attack_end(self);
}

/// A panic of the host says so, in the history too.
static void a_fault_of_the_host_is_told(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_spawn_options options = {.name = "victim"};
    airs_actor_id id = attack_spawn(self, "keeper-actor", &options);
    // The handler's call is begun, and polled.
    fault_engine_arm(FAULT_PANIC, 2, 1);
    assert_int_equal(attack_ask(self, id, "get", NULL), AIRS_E_FAILED);
    fault_engine_arm(FAULT_PANIC, 0, 0);
    attack_wait_restarted(self, id, 1);
    assert_int_equal(self->reason, AIRS_EXIT_FAILED);
    attack_assert_text(self->text, "a fault of the engine: as the test wanted");
    airs_status status;
    airs_actor_info info = info_of(self, id, &status);
    assert_string_equal(info.last_failure, "a fault of the engine: as the test wanted");
    fault_engine_arm(FAULT_PANIC, 1, 1);
    assert_int_equal(attack_ask(self, id, "get", NULL), AIRS_E_FAILED);
    fault_engine_arm(FAULT_PANIC, 0, 0);
    attack_wait_restarted(self, id, 2);
    attack_assert_text(self->text, "a fault of the engine: a call could not be begun (8)");
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(panics_in_a_long_run),         cmocka_unit_test(panics_in_calls),
        cmocka_unit_test(limits_in_a_long_run),         cmocka_unit_test(traps_in_calls),
        cmocka_unit_test(every_call_fails_from_one_on), cmocka_unit_test(a_fault_of_the_host_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
