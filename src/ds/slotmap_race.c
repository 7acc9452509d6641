// SPDX-License-Identifier: MIT OR Apache-2.0
/// Writers reuse slots while readers look up handles: a handle finds its own object or nothing.
#include "base/alloc.h"
#include "base/testing.h"
#include "ds/slotmap.h"
#include "os/thread.h"

#define OBJECTS 8
#define READERS 2

// Objects are never freed here, so no grace period is needed; what they say must fit the handle.
struct object {
    BASE_ATOMIC(uint64_t) handle;
};

struct shared {
    ds_slotmap map;
    BASE_ATOMIC(uint64_t) handles[OBJECTS];
    BASE_ATOMIC(uint32_t) done;
    struct object *objects;
    uint32_t rounds;
};

static void reader(void *user)
{
    struct shared *shared = user;
    for (uint32_t i = 0; base_atomic_load_relaxed(&shared->done) == 0; i++) {
        ds_handle handle = base_atomic_load_acquire(&shared->handles[i % OBJECTS]);
        struct object *object = ds_slotmap_find(&shared->map, handle);
        if (object != NULL)
            assert_int_equal(base_atomic_load_relaxed(&object->handle), handle);
        uint32_t cursor = 0;
        while ((object = ds_slotmap_next(&shared->map, &cursor, &handle)) != NULL)
            assert_int_equal(base_atomic_load_relaxed(&object->handle), handle);
    }
}

static void writer(struct shared *shared)
{
    for (uint32_t i = 0; i < shared->rounds; i++) {
        ds_handle old = base_atomic_load_relaxed(&shared->handles[i % OBJECTS]);
        assert_int_equal(ds_slotmap_remove(&shared->map, old), old != 0);
        struct object *object = &shared->objects[i];
        ds_handle handle;
        assert_int_equal(ds_slotmap_reserve(&shared->map, &handle), AIRS_OK);
        base_atomic_store_relaxed(&object->handle, handle);
        ds_slotmap_publish(&shared->map, handle, object);
        base_atomic_store_release(&shared->handles[i % OBJECTS], handle);
    }
}

static void test_a_handle_finds_its_own_object(void **state)
{
    (void)state;
    struct shared shared = {.rounds = TEST_ROUNDS(1000000)};
    const airs_allocator *allocator = base_allocator_default();
    shared.objects = base_alloc_array(allocator, shared.rounds, sizeof(struct object));
    assert_non_null(shared.objects);
    ds_slotmap_init(&shared.map, OBJECTS, allocator);
    os_thread threads[READERS];
    for (int i = 0; i < READERS; i++)
        assert_int_equal(os_thread_start(&threads[i], "reader", 0, reader, &shared), AIRS_OK);
    writer(&shared);
    base_atomic_store_relaxed(&shared.done, 1u);
    for (int i = 0; i < READERS; i++)
        os_thread_join(&threads[i]);
    assert_int_equal(ds_slotmap_len(&shared.map), OBJECTS);
    ds_slotmap_fini(&shared.map);
    base_free(allocator, shared.objects);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_handle_finds_its_own_object)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
