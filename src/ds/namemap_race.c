// SPDX-License-Identifier: MIT OR Apache-2.0
/// Readers look up names while writers bind, rebind and unbind others and the tables grow: a name that is always bound
/// is always found, at a value it was bound to; others at theirs or not at all.
#include <stdio.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/testing.h"
#include "ds/namemap.h"
#include "os/thread.h"

#define READERS 2
#define NAME_MAX 64

struct shared {
    ds_namemap map;
    os_mutex lock;
    // Retired, and not to be ended while readers run.
    base_retired *retired;
    BASE_ATOMIC(uint32_t) done;
    uint32_t rounds;
};

static void keep(void *user, base_retired *retired, base_retired_fn fn)
{
    struct shared *shared = user;
    os_mutex_lock(&shared->lock);
    retired->fn = fn;
    retired->next = shared->retired;
    shared->retired = retired;
    os_mutex_unlock(&shared->lock);
}

static airs_bytes name_of(char text[NAME_MAX], uint32_t number)
{
    // Some are too long for a slot.
    snprintf(text, NAME_MAX, number % 4 == 0 ? "%050u" : "n%u", number);
    return base_bytes_of(text);
}

static void reader(void *user)
{
    struct shared *shared = user;
    char text[NAME_MAX];
    uint64_t last = 0;
    for (uint32_t i = 0; base_atomic_load_relaxed(&shared->done) == 0; i++) {
        uint64_t value;
        assert_true(ds_namemap_find(&shared->map, base_bytes_of("always"), &value));
        assert_true(value >= last);
        last = value;
        if (ds_namemap_find(&shared->map, name_of(text, i % 300), &value))
            assert_int_equal((value - 1) % 300, i % 300);
    }
}

static void writer(struct shared *shared)
{
    char text[NAME_MAX];
    for (uint32_t i = 0; i < shared->rounds; i++) {
        assert_int_equal(ds_namemap_rebind(&shared->map, base_bytes_of("always"), i + 1, i + 2), AIRS_OK);
        assert_int_equal(ds_namemap_insert(&shared->map, name_of(text, i % 300), i + 1), AIRS_OK);
        if (i >= 200)
            assert_true(ds_namemap_remove(&shared->map, name_of(text, (i - 200) % 300), i - 199));
    }
}

static void test_readers_against_a_writer(void **state)
{
    (void)state;
    struct shared shared = {.rounds = TEST_ROUNDS(300000)};
    base_retirer retirer = {.retire = keep, .user = &shared};
    ds_namemap_init(&shared.map, base_hash_key_random(), retirer, base_allocator_default());
    assert_int_equal(ds_namemap_insert(&shared.map, base_bytes_of("always"), 1), AIRS_OK);
    os_thread threads[READERS];
    for (int i = 0; i < READERS; i++)
        assert_int_equal(os_thread_start(&threads[i], "reader", 0, reader, &shared), AIRS_OK);
    writer(&shared);
    base_atomic_store_relaxed(&shared.done, 1u);
    for (int i = 0; i < READERS; i++)
        os_thread_join(&threads[i]);
    while (shared.retired != NULL) {
        base_retired *retired = shared.retired;
        shared.retired = retired->next;
        retired->fn(retired);
    }
    ds_namemap_fini(&shared.map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_readers_against_a_writer)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
