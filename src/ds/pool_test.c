// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ds/pool.h"

#include <string.h>

#include "base/alloc_fault.h"
#include "base/testing.h"

#define MANY 1000

static void *objects[MANY];

static void test_objects_are_apart_and_aligned(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {8, 24, 64, 100, 128, 40000};
    for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
        base_alloc_fault fault;
        base_alloc_fault_init(&fault);
        ds_pool pool;
        assert_int_equal(ds_pool_init(&pool, sizes[s], 2, 0, &fault.allocator), AIRS_OK);
        for (uint32_t i = 0; i < 100; i++) {
            objects[i] = ds_pool_alloc(&pool, i % 3 == 2 ? DS_POOL_NO_CACHE : i % 3);
            assert_non_null(objects[i]);
            assert_int_equal((uintptr_t)objects[i] % (sizes[s] >= 64 ? 64 : 16), 0);
            memset(objects[i], (int)i, sizes[s]);
        }
        for (uint32_t i = 0; i < 100; i++) {
            for (uint32_t b = 0; b < sizes[s]; b += 7)
                assert_int_equal(((uint8_t *)objects[i])[b], i);
        }
        for (uint32_t i = 0; i < 100; i++)
            ds_pool_free(&pool, i % 2, objects[i]);
        ds_pool_fini(&pool);
        ds_pool_fini(&pool);
        assert_int_equal(base_alloc_fault_live(&fault), 0);
    }
}

// One cache takes, the other gives back: nothing is made anew once it goes round.
static void test_recycling_between_caches(void **state)
{
    (void)state;
    base_alloc_fault fault;
    base_alloc_fault_init(&fault);
    ds_pool pool;
    assert_int_equal(ds_pool_init(&pool, 128, 2, 0, &fault.allocator), AIRS_OK);
    uint64_t made = 0;
    uint64_t calls = 0;
    for (int round = 0; round < 1000; round++) {
        for (int i = 0; i < 200; i++)
            assert_non_null(objects[i] = ds_pool_alloc(&pool, 0));
        for (int i = 0; i < 200; i++)
            ds_pool_free(&pool, 1, objects[i]);
        if (round == 10) {
            made = ds_pool_made(&pool);
            calls = base_atomic_load_relaxed(&fault.calls);
        }
    }
    assert_int_equal(ds_pool_made(&pool), made);
    assert_int_equal(base_atomic_load_relaxed(&fault.calls), calls);
    assert_true(made < 200 + 4 * DS_POOL_ROUNDS);
    ds_pool_fini(&pool);
}

static void test_limit(void **state)
{
    (void)state;
    base_alloc_fault fault;
    base_alloc_fault_init(&fault);
    ds_pool pool;
    assert_int_equal(ds_pool_init(&pool, 64, 1, 100, &fault.allocator), AIRS_OK);
    for (int i = 0; i < 100; i++)
        assert_non_null(objects[i] = ds_pool_alloc(&pool, 0));
    assert_null(ds_pool_alloc(&pool, 0));
    assert_null(ds_pool_alloc(&pool, DS_POOL_NO_CACHE));
    ds_pool_free(&pool, 0, objects[0]);
    assert_ptr_equal(ds_pool_alloc(&pool, 0), objects[0]);
    ds_pool_fini(&pool);
}

// Giving back works without memory, and what was given back is found again.
static void test_no_memory(void **state)
{
    (void)state;
    base_alloc_fault fault;
    base_alloc_fault_init(&fault);
    ds_pool pool;
    base_alloc_fault_arm(&fault, 1, 1);
    assert_int_equal(ds_pool_init(&pool, 64, 1, 0, &fault.allocator), AIRS_E_NOMEM);
    ds_pool_fini(&pool);
    base_alloc_fault_arm(&fault, 0, 0);
    assert_int_equal(ds_pool_init(&pool, 64, 1, 0, &fault.allocator), AIRS_OK);
    base_alloc_fault_arm(&fault, 1, UINT64_MAX);
    assert_null(ds_pool_alloc(&pool, 0));
    assert_null(ds_pool_alloc(&pool, DS_POOL_NO_CACHE));
    base_alloc_fault_arm(&fault, 0, 0);
    for (int i = 0; i < MANY; i++)
        assert_non_null(objects[i] = ds_pool_alloc(&pool, 0));
    uint64_t made = ds_pool_made(&pool);
    base_alloc_fault_arm(&fault, 1, UINT64_MAX);
    for (int i = 0; i < MANY; i++)
        ds_pool_free(&pool, i % 2 == 0 ? 0 : DS_POOL_NO_CACHE, objects[i]);
    uint32_t found = 0;
    while (found < MANY && ds_pool_alloc(&pool, found % 2 == 0 ? 0 : DS_POOL_NO_CACHE) != NULL)
        found++;
    // Up to two magazines may lie in the other place.
    assert_true(found + 2 * DS_POOL_ROUNDS >= MANY);
    base_alloc_fault_arm(&fault, 0, 0);
    assert_true(ds_pool_made(&pool) >= made);
    ds_pool_fini(&pool);
    assert_int_equal(base_alloc_fault_live(&fault), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_objects_are_apart_and_aligned),
        cmocka_unit_test(test_recycling_between_caches),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
