// SPDX-License-Identifier: MIT OR Apache-2.0
/// Each allocation on the way of a spawn, a restart and an escalation fails once in turn: nothing crashes, nothing is
/// left, and the tree comes to a defined state. On a system without workers, so that each run asks in the same order.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "airssys/system.h"
#include "base/alloc_fault.h"

/// More allocations than any of these plays asks for.
#define ALLOCATIONS_MAX 2000u

static airs_status handle(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)message;
    (void)error;
    airs_context_exit(context, "crashed as asked");
    return AIRS_OK;
}

static const airs_actor_fns actor_fns = {.handle = handle};
static const airs_native native = {.kind = "worker", .actor = &actor_fns, .state_size = 64};

/// Lets everything happen that is to happen at once, and what the shortest of backoffs delays.
static void settle(airs_system *system)
{
    for (int i = 0; i < 20; i++)
        assert_int_equal(airs_system_run_once(system, i % 10 == 0 ? 2 : 0), AIRS_OK);
}

/// What is played; each step may fail for want of memory, and the next ones are tried all the same.
static void play(airs_system *system)
{
    airs_actor_id pool = {0};
    airs_actor_id rest = {0};
    airs_setting setting = {"key", "value"};
    const char *grants[] = {"a*", "b*"};
    airs_template of = {.name = "worker",
                        .native = &native,
                        .options = {.config = &setting,
                                    .config_count = 1,
                                    .may_send = grants,
                                    .may_send_count = 2,
                                    .backoff = {.kind = AIRS_BACKOFF_DELAY, .delay_ms = 1}}};
    airs_supervisor_options pools = {.name = "pool",
                                     .strategy = AIRS_SIMPLE_ONE_FOR_ONE,
                                     .child_template = &of,
                                     .max_restarts = 2,
                                     .window_ms = 60000};
    bool has_pool = airs_spawn_supervisor(system, &pools, &pool, NULL) == AIRS_OK;
    airs_supervisor_options rests = {
        .name = "rest", .strategy = AIRS_REST_FOR_ONE, .max_restarts = 6, .window_ms = 60000};
    bool has_rest = airs_spawn_supervisor(system, &rests, &rest, NULL) == AIRS_OK;
    airs_actor_id ids[4] = {{0}, {0}, {0}, {0}};
    for (int i = 0; i < 2; i++) {
        airs_spawn_options options = {.supervisor = rest, .config = &setting, .config_count = 1};
        if (has_pool && airs_spawn_child(system, pool, i == 0 ? "child" : NULL, &setting, 1, &ids[i], NULL) != AIRS_OK)
            ids[i].raw = 0;
        if (has_rest && airs_spawn_native(system, &native, &options, &ids[i + 2], NULL) != AIRS_OK)
            ids[i + 2].raw = 0;
    }
    // The third crash of a child of the pool is too much for it, the seventh of the others for theirs.
    for (int round = 0; round < 8; round++) {
        for (int i = 0; i < 4; i++) {
            airs_status status = airs_send(system, ids[i], "x", 1);
            assert_true(status == AIRS_OK || status == AIRS_E_GONE || status == AIRS_E_NOMEM);
        }
        settle(system);
    }
    for (int i = 0; i < 4; i++) {
        airs_status status = airs_restart_actor(system, ids[i], NULL);
        assert_true(status == AIRS_OK || status == AIRS_E_GONE || status == AIRS_E_FAILED);
        status = airs_pause(system, ids[i]);
        assert_true(status == AIRS_OK || status == AIRS_E_GONE || status == AIRS_E_NOMEM);
    }
}

/// Each actor that is left is one of these: ready, or waiting for its backoff.
static void check_tree(airs_system *system)
{
    settle(system);
    airs_actor_id ids[32];
    size_t count = airs_actor_list(system, ids, 32);
    if (airs_system_wait(system, 0, NULL) != AIRS_FINISH_RUNNING)
        return;
    for (size_t i = 0; i < count; i++) {
        airs_actor_info info;
        if (airs_actor_get_info(system, ids[i], &info) != AIRS_OK)
            continue;
        bool fine = info.state == AIRS_ACTOR_READY || (info.state == AIRS_ACTOR_FAILED && info.hold != AIRS_HOLD_NONE);
        assert_true(fine);
    }
}

/// True when the allocation number `at` was asked for, and so failed.
static bool play_with_fault(uint64_t at, uint64_t count)
{
    base_alloc_fault fault;
    base_alloc_fault_init(&fault);
    airs_system *system;
    airs_system_options options = {
        .workers = AIRS_WORKERS_NONE, .max_restarts = 20, .window_ms = 60000, .allocator = &fault.allocator};
    assert_int_equal(airs_system_create(&options, &system, NULL), AIRS_OK);
    base_alloc_fault_arm(&fault, at, count);
    play(system);
    bool hit = base_alloc_fault_hit(&fault);
    base_alloc_fault_arm(&fault, 0, 0);
    check_tree(system);
    airs_system_destroy(system);
    assert_int_equal(base_alloc_fault_live(&fault), 0);
    return hit;
}

static void each_allocation_fails_once(void **user)
{
    (void)user;
    uint64_t at = 1;
    while (play_with_fault(at, 1)) {
        at++;
        assert_true(at < ALLOCATIONS_MAX);
    }
    // Less would be no spawn at all.
    assert_true(at > 20);
}

static void all_fail_from_one_on(void **user)
{
    (void)user;
    uint64_t at = 1;
    while (play_with_fault(at, UINT64_MAX)) {
        at++;
        assert_true(at < ALLOCATIONS_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_allocation_fails_once),
        cmocka_unit_test(all_fail_from_one_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
