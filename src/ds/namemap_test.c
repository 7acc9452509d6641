// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ds/namemap.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc_fault.h"
#include "base/bytes.h"
#include "base/testing.h"

#define NAME_MAX 64

// Keeps what was retired, as a grace period would.
static base_retired *graveyard;

static void bury(void *user, base_retired *retired, base_retired_fn fn)
{
    (void)user;
    retired->fn = fn;
    retired->next = graveyard;
    graveyard = retired;
}

static void graveyard_clear(void)
{
    while (graveyard != NULL) {
        base_retired *retired = graveyard;
        graveyard = retired->next;
        retired->fn(retired);
    }
}

static const base_retirer retirer = {.retire = bury};
static const base_hash_key key = {.k0 = 1, .k1 = 2};

static airs_bytes name_of(char text[NAME_MAX], uint32_t number)
{
    // Each third is too long for a slot.
    int len = snprintf(text, NAME_MAX, "actor-%u", number);
    for (; number % 3 == 0 && len < 60; len++)
        text[len] = 'x';
    return (airs_bytes){(const uint8_t *)text, (size_t)len};
}

static bool count_entry(void *user, airs_bytes name, uint64_t value)
{
    (void)name;
    (void)value;
    uint32_t *left = user;
    return --*left > 0;
}

static void test_bind_rebind_unbind(void **state)
{
    (void)state;
    base_alloc_fault fault;
    base_alloc_fault_init(&fault);
    ds_namemap map;
    uint64_t value = 7;
    ds_namemap_init(&map, key, retirer, &fault.allocator);
    airs_bytes name = base_bytes_of("greeter");
    assert_false(ds_namemap_find(&map, name, &value));
    assert_false(ds_namemap_remove(&map, name, 1));
    assert_int_equal(ds_namemap_rebind(&map, name, 1, 2), AIRS_E_NOT_FOUND);
    assert_int_equal(ds_namemap_insert(&map, name, 1), AIRS_OK);
    assert_int_equal(ds_namemap_insert(&map, name, 2), AIRS_E_TAKEN);
    assert_true(ds_namemap_find(&map, name, &value));
    assert_int_equal(value, 1);
    assert_int_equal(ds_namemap_rebind(&map, name, 9, 2), AIRS_E_NOT_FOUND);
    assert_int_equal(ds_namemap_rebind(&map, name, 1, 2), AIRS_OK);
    assert_true(ds_namemap_find(&map, name, &value));
    assert_int_equal(value, 2);
    assert_false(ds_namemap_remove(&map, name, 1));
    assert_int_equal(ds_namemap_len(&map), 1);
    assert_true(ds_namemap_remove(&map, name, 2));
    assert_false(ds_namemap_find(&map, name, &value));
    assert_int_equal(ds_namemap_len(&map), 0);
    // No name is a name too, and so is one with a NUL.
    assert_int_equal(ds_namemap_insert(&map, (airs_bytes){0}, 3), AIRS_OK);
    assert_int_equal(ds_namemap_insert(&map, (airs_bytes){(const uint8_t *)"a\0b", 3}, 4), AIRS_OK);
    assert_int_equal(ds_namemap_insert(&map, (airs_bytes){(const uint8_t *)"a\0c", 3}, 5), AIRS_OK);
    assert_true(ds_namemap_find(&map, (airs_bytes){0}, &value));
    assert_int_equal(value, 3);
    graveyard_clear();
    ds_namemap_fini(&map);
    assert_int_equal(base_alloc_fault_live(&fault), 0);
}

static void test_many_names_come_and_go(void **state)
{
    (void)state;
    base_alloc_fault fault;
    base_alloc_fault_init(&fault);
    ds_namemap map;
    char text[NAME_MAX];
    uint64_t value;
    ds_namemap_init(&map, key, retirer, &fault.allocator);
    for (uint32_t i = 0; i < 20000; i++) {
        assert_int_equal(ds_namemap_insert(&map, name_of(text, i), i + 1), AIRS_OK);
        if (i >= 1000)
            assert_true(ds_namemap_remove(&map, name_of(text, i - 1000), i - 999));
        if (i % 100 == 0)
            graveyard_clear();
    }
    assert_int_equal(ds_namemap_len(&map), 1000);
    for (uint32_t i = 0; i < 20000; i++) {
        bool bound = ds_namemap_find(&map, name_of(text, i), &value);
        assert_int_equal(bound, i >= 19000);
        if (bound)
            assert_int_equal(value, i + 1);
    }
    uint32_t left = UINT32_MAX;
    ds_namemap_each(&map, count_entry, &left);
    assert_int_equal(UINT32_MAX - left, 1000);
    left = 10;
    ds_namemap_each(&map, count_entry, &left);
    assert_int_equal(left, 0);
    graveyard_clear();
    ds_namemap_fini(&map);
    assert_int_equal(base_alloc_fault_live(&fault), 0);
}

static void test_no_memory(void **state)
{
    (void)state;
    base_alloc_fault fault;
    base_alloc_fault_init(&fault);
    ds_namemap map;
    char text[NAME_MAX];
    uint64_t value;
    ds_namemap_init(&map, key, retirer, &fault.allocator);
    for (uint32_t i = 0; i < 500; i++) {
        for (uint64_t at = 1;; at++) {
            base_alloc_fault_arm(&fault, at, 1);
            airs_status status = ds_namemap_insert(&map, name_of(text, i), i + 1);
            assert_int_equal(status, base_alloc_fault_hit(&fault) ? AIRS_E_NOMEM : AIRS_OK);
            assert_int_equal(ds_namemap_find(&map, name_of(text, i), &value), status == AIRS_OK);
            if (status == AIRS_OK)
                break;
        }
    }
    assert_int_equal(ds_namemap_len(&map), 500);
    graveyard_clear();
    ds_namemap_fini(&map);
    assert_int_equal(base_alloc_fault_live(&fault), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bind_rebind_unbind),
        cmocka_unit_test(test_many_names_come_and_go),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
