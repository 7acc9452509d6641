// SPDX-License-Identifier: MIT OR Apache-2.0
/// The history of deployments: what is listed, and that each has its number, with memory and without.
#include "base/testing.h"

#include "base/alloc_fault.h"
#include "node/history.h"
#include "node/system.h"

typedef struct listed {
    uint32_t count;
    uint64_t numbers[4];
} listed;

static bool see(void *user, const airs_deploy_record *record)
{
    listed *self = user;
    assert_int_equal(record->number, record->result.number);
    if (self->count < 4)
        self->numbers[self->count] = record->number;
    self->count++;
    return true;
}

static airs_system *begin(base_alloc_fault *memory)
{
    base_alloc_fault_init(memory);
    airs_system *system = NULL;
    airs_system_options options = {.workers = AIRS_WORKERS_NONE, .allocator = &memory->allocator};
    airs_error error;
    if (airs_system_create(&options, &system, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    return system;
}

static void end(airs_system *system, base_alloc_fault *memory)
{
    airs_system_destroy(system);
    assert_int_equal(base_alloc_fault_live(memory), 0);
}

/// Whoever writes it down elsewhere tells by its number that it was begun.
static void without_memory_it_is_counted_all_the_same(void **state)
{
    (void)state;
    base_alloc_fault memory;
    airs_system *system = begin(&memory);
    const airs_deploy_record record = {.actor = "ada", .result.deployed = true};
    // Neither a copy nor room for copies; a copy without room for it.
    for (uint64_t at = 1; at <= 2; at++) {
        base_alloc_fault_arm(&memory, at, 2);
        assert_int_equal(history_add(system, &record, NULL, 0), at);
        assert_true(base_alloc_fault_hit(&memory));
        base_alloc_fault_arm(&memory, 0, 0);
    }
    listed seen = {0};
    assert_int_equal(airs_deploy_history(system, 0, see, &seen), 2);
    assert_int_equal(seen.count, 0);
    assert_int_equal(airs_deploy_lost(system, 1, NULL, NULL), 0);
    assert_int_equal(history_add(system, &record, NULL, 0), 3);
    base_alloc_fault_arm(&memory, 1, 1);
    assert_int_equal(history_add(system, &record, NULL, 0), 4);
    base_alloc_fault_arm(&memory, 0, 0);
    assert_int_equal(history_add(system, &record, NULL, 0), 5);
    assert_int_equal(airs_deploy_history(system, 0, see, &seen), 5);
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.numbers[0], 3);
    assert_int_equal(seen.numbers[1], 5);
    end(system, &memory);
}

static void those_of_before_keep_their_numbers(void **state)
{
    (void)state;
    base_alloc_fault memory;
    airs_system *system = begin(&memory);
    airs_deploy_record record = {.number = 7, .actor = "ada", .result.number = 7};
    assert_true(history_restore(system, &record));
    base_alloc_fault_arm(&memory, 1, 1);
    record.number = record.result.number = 9;
    assert_false(history_restore(system, &record));
    base_alloc_fault_arm(&memory, 0, 0);
    assert_int_equal(history_add(system, &record, NULL, 0), 10);
    listed seen = {0};
    assert_int_equal(airs_deploy_history(system, 0, see, &seen), 10);
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.numbers[0], 7);
    assert_int_equal(seen.numbers[1], 10);
    end(system, &memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_memory_it_is_counted_all_the_same),
        cmocka_unit_test(those_of_before_keep_their_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
