// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ds/slotmap.h"

#include "base/alloc.h"
#include "base/alloc_fault.h"
#include "base/testing.h"

static int things[1000];

static void test_find_and_remove(void **state)
{
    (void)state;
    base_alloc_fault fault;
    base_alloc_fault_init(&fault);
    ds_slotmap map;
    ds_handle handles[1000];
    ds_slotmap_init(&map, 1000, &fault.allocator);
    assert_null(ds_slotmap_find(&map, 0));
    assert_false(ds_slotmap_remove(&map, 0));
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(ds_slotmap_insert(&map, &things[i], &handles[i]), AIRS_OK);
        assert_true(handles[i] != 0);
    }
    ds_handle none = 5;
    assert_int_equal(ds_slotmap_insert(&map, &things[0], &none), AIRS_E_LIMIT);
    assert_int_equal(none, 5);
    for (int i = 0; i < 1000; i++)
        assert_ptr_equal(ds_slotmap_find(&map, handles[i]), &things[i]);
    for (int i = 0; i < 1000; i += 2)
        assert_true(ds_slotmap_remove(&map, handles[i]));
    assert_int_equal(ds_slotmap_len(&map), 500);
    for (int i = 0; i < 1000; i++)
        assert_ptr_equal(ds_slotmap_find(&map, handles[i]), i % 2 == 0 ? NULL : &things[i]);

    // A slot that is used again: the old handle finds nothing, and removes nothing.
    ds_handle again;
    assert_int_equal(ds_slotmap_insert(&map, &things[0], &again), AIRS_OK);
    for (int i = 0; i < 1000; i += 2) {
        assert_null(ds_slotmap_find(&map, handles[i]));
        assert_false(ds_slotmap_remove(&map, handles[i]));
    }
    assert_ptr_equal(ds_slotmap_find(&map, again), &things[0]);
    ds_slotmap_fini(&map);
    assert_int_equal(base_alloc_fault_live(&fault), 0);
}

// Handles that were never given out find nothing, and the next handle of a free slot removes nothing.
static void test_guessed_handles(void **state)
{
    (void)state;
    base_alloc_fault fault;
    base_alloc_fault_init(&fault);
    ds_slotmap map;
    ds_handle handle;
    ds_slotmap_init(&map, 100, &fault.allocator);
    assert_int_equal(ds_slotmap_insert(&map, &things[0], &handle), AIRS_OK);
    static const uint32_t indices[] = {0, 1, 63, 64, 99, 100, 1u << 20, (1u << 24) - 2, (1u << 24) - 1};
    for (size_t i = 0; i < sizeof(indices) / sizeof(indices[0]); i++) {
        for (uint64_t generation = 0; generation < 4; generation++) {
            ds_handle guess = generation << 24 | indices[i];
            assert_ptr_equal(ds_slotmap_find(&map, guess), guess == handle ? &things[0] : NULL);
            if (guess != handle)
                assert_false(ds_slotmap_remove(&map, guess));
        }
    }
    assert_true(ds_slotmap_remove(&map, handle));
    assert_null(ds_slotmap_find(&map, UINT64_MAX));
    ds_handle next = handle + (UINT64_C(1) << 24);
    assert_null(ds_slotmap_find(&map, next));
    assert_false(ds_slotmap_remove(&map, next));
    assert_int_equal(ds_slotmap_len(&map), 0);
    ds_slotmap_fini(&map);
}

static void test_reserve_then_publish(void **state)
{
    (void)state;
    base_alloc_fault fault;
    base_alloc_fault_init(&fault);
    ds_slotmap map;
    ds_handle handle;
    ds_handle seen;
    uint32_t cursor = 0;
    ds_slotmap_init(&map, 10, &fault.allocator);
    assert_int_equal(ds_slotmap_reserve(&map, &handle), AIRS_OK);
    assert_null(ds_slotmap_find(&map, handle));
    assert_null(ds_slotmap_next(&map, &cursor, &seen));
    ds_slotmap_publish(&map, handle, &things[3]);
    assert_ptr_equal(ds_slotmap_find(&map, handle), &things[3]);
    cursor = 0;
    assert_ptr_equal(ds_slotmap_next(&map, &cursor, &seen), &things[3]);
    assert_int_equal(seen, handle);
    assert_null(ds_slotmap_next(&map, &cursor, &seen));
    assert_true(ds_slotmap_remove(&map, handle));
    assert_int_equal(ds_slotmap_reserve(&map, &handle), AIRS_OK);
    assert_true(ds_slotmap_remove(&map, handle));
    ds_slotmap_fini(&map);
}

// A slot whose generations are used up is never used again.
static void test_generations_end(void **state)
{
    (void)state;
    base_alloc_fault fault;
    base_alloc_fault_init(&fault);
    ds_slotmap map;
    ds_handle handle;
    ds_slotmap_init(&map, 10, &fault.allocator);
    assert_int_equal(ds_slotmap_insert(&map, &things[0], &handle), AIRS_OK);
    assert_true(ds_slotmap_remove(&map, handle));
    uint32_t index = (uint32_t)handle & 0xffffff;
    base_atomic_store_relaxed(&base_atomic_load_relaxed(&map.chunks[0])[index].generation, 0xffffffu);
    ds_handle last;
    ds_handle next;
    assert_int_equal(ds_slotmap_insert(&map, &things[1], &last), AIRS_OK);
    assert_int_equal(last, UINT64_C(0xffffff) << 24 | index);
    assert_true(ds_slotmap_remove(&map, last));
    assert_null(ds_slotmap_find(&map, last));
    assert_int_equal(ds_slotmap_insert(&map, &things[2], &next), AIRS_OK);
    assert_true((next & 0xffffff) != index);
    // Neither the generation that it has come to nor the one before its first one is in any handle.
    assert_null(ds_slotmap_find(&map, index));
    assert_null(ds_slotmap_find(&map, UINT64_C(1) << 48 | index));
    assert_false(ds_slotmap_remove(&map, index));
    assert_false(ds_slotmap_remove(&map, UINT64_C(1) << 48 | index));
    assert_int_equal(ds_slotmap_len(&map), 1);
    ds_slotmap_fini(&map);
}

// Handles of maps with other owners find nothing, whatever else they have in common.
static void test_owners(void **state)
{
    (void)state;
    static const uint16_t owners[] = {0, 1, 2, 0x8000, UINT16_MAX};
    enum {
        MAPS = sizeof owners / sizeof owners[0]
    };
    ds_slotmap maps[MAPS];
    ds_handle handles[MAPS];
    for (int i = 0; i < MAPS; i++) {
        ds_slotmap_init(&maps[i], 10, base_allocator_default());
        ds_slotmap_set_owner(&maps[i], owners[i]);
        assert_int_equal(ds_slotmap_insert(&maps[i], &things[i], &handles[i]), AIRS_OK);
    }
    for (int i = 0; i < MAPS; i++) {
        for (int k = 0; k < MAPS; k++) {
            assert_ptr_equal(ds_slotmap_find(&maps[i], handles[k]), i == k ? &things[i] : NULL);
            if (i != k)
                assert_false(ds_slotmap_remove(&maps[i], handles[k]));
        }
        uint32_t cursor = 0;
        ds_handle seen;
        assert_ptr_equal(ds_slotmap_next(&maps[i], &cursor, &seen), &things[i]);
        assert_true(seen == handles[i]);
        assert_true(ds_slotmap_remove(&maps[i], handles[i]));
        ds_slotmap_fini(&maps[i]);
    }
}

static void test_no_memory(void **state)
{
    (void)state;
    base_alloc_fault fault;
    base_alloc_fault_init(&fault);
    ds_slotmap map;
    ds_handle handle = 7;
    ds_slotmap_init(&map, 1000, &fault.allocator);
    uint32_t failures = 0;
    for (int i = 0; i < 1000;) {
        base_alloc_fault_arm(&fault, 1, failures % 2 == 0 ? 1 : 0);
        airs_status status = ds_slotmap_insert(&map, &things[i], &handle);
        if (status == AIRS_OK) {
            assert_ptr_equal(ds_slotmap_find(&map, handle), &things[i]);
            i++;
        } else {
            assert_int_equal(status, AIRS_E_NOMEM);
            failures++;
            base_alloc_fault_arm(&fault, 0, 0);
            assert_int_equal(ds_slotmap_insert(&map, &things[i++], &handle), AIRS_OK);
            failures++;
        }
    }
    // One a chunk: 64, 128, 256, 512, 1,024.
    assert_int_equal(failures, 2 * 4 + 2 * (1000 > 960));
    ds_slotmap_fini(&map);
    assert_int_equal(base_alloc_fault_live(&fault), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find_and_remove),
        cmocka_unit_test(test_guessed_handles),
        cmocka_unit_test(test_reserve_then_publish),
        cmocka_unit_test(test_generations_end),
        cmocka_unit_test(test_owners),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
