// SPDX-License-Identifier: MIT OR Apache-2.0
/// Objects go from thread to thread through a mailbox and back into the pool: no object is in two hands.
#include "base/alloc.h"
#include "base/testing.h"
#include "ds/list.h"
#include "ds/mailbox.h"
#include "ds/pool.h"
#include "os/thread.h"

#define SENDERS 3

struct parcel {
    ds_mailbox_node node;
    uint32_t owner;
    uint32_t number;
};

struct shared {
    ds_pool pool;
    ds_mailbox mailbox;
    uint32_t each;
};

struct sender {
    struct shared *shared;
    uint32_t cache;
};

static void send_all(void *user)
{
    struct sender *self = user;
    for (uint32_t i = 0; i < self->shared->each;) {
        struct parcel *parcel = ds_pool_alloc(&self->shared->pool, self->cache);
        if (parcel == NULL) {
            os_thread_yield();
            continue;
        }
        // Plain writes: ThreadSanitizer sees it if somebody else has the object too.
        parcel->owner = self->cache;
        parcel->number = i++;
        ds_mailbox_push(&self->shared->mailbox, &parcel->node);
    }
}

static void test_objects_go_round(void **state)
{
    (void)state;
    struct shared shared = {.each = TEST_ROUNDS(300000)};
    ds_mailbox_init(&shared.mailbox);
    assert_int_equal(ds_pool_init(&shared.pool, sizeof(struct parcel), SENDERS, 2000, base_allocator_default()),
                     AIRS_OK);
    struct sender senders[SENDERS];
    os_thread threads[SENDERS];
    for (uint32_t i = 0; i < SENDERS; i++) {
        // The last one has no cache; its place is the receiver's.
        senders[i] = (struct sender){.shared = &shared, .cache = i == SENDERS - 1 ? DS_POOL_NO_CACHE : i};
        assert_int_equal(os_thread_start(&threads[i], "sender", 0, send_all, &senders[i]), AIRS_OK);
    }
    uint32_t next[SENDERS] = {0};
    for (uint32_t left = SENDERS * shared.each; left > 0;) {
        ds_mailbox_node *node;
        if (ds_mailbox_pop(&shared.mailbox, &node) != DS_MAILBOX_NODE) {
            os_thread_yield();
            continue;
        }
        struct parcel *parcel = ds_container_of(node, struct parcel, node);
        uint32_t owner = parcel->owner == DS_POOL_NO_CACHE ? SENDERS - 1 : parcel->owner;
        assert_int_equal(parcel->number, next[owner]++);
        ds_pool_free(&shared.pool, SENDERS - 1, parcel);
        left--;
    }
    for (uint32_t i = 0; i < SENDERS; i++)
        os_thread_join(&threads[i]);
    assert_true(ds_pool_made(&shared.pool) <= 2000);
    ds_pool_fini(&shared.pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_objects_go_round)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
