// SPDX-License-Identifier: MIT OR Apache-2.0
/// Senders against one receiver that sleeps whenever it can: order a sender, nothing lost, one wake for each sleep.
#include <stdlib.h>

#include "base/testing.h"
#include "ds/list.h"
#include "ds/mailbox.h"
#include "os/clock.h"
#include "os/futex.h"
#include "os/thread.h"

#define SENDERS 3

struct letter {
    ds_mailbox_node node;
    uint32_t sender;
    uint32_t number;
};

struct post {
    ds_mailbox mailbox;
    // Wakes that the receiver has been sent and has not taken.
    BASE_ATOMIC(uint32_t) wakes;
    uint32_t each;
};

struct sender {
    struct post *post;
    uint32_t index;
    struct letter *letters;
};

static void send_all(void *user)
{
    struct sender *self = user;
    for (uint32_t i = 0; i < self->post->each; i++) {
        struct letter *letter = &self->letters[i];
        letter->sender = self->index;
        letter->number = i;
        if (ds_mailbox_push(&self->post->mailbox, &letter->node)) {
            base_atomic_fetch_add_release(&self->post->wakes, 1u);
            os_futex_wake(&self->post->wakes, 1);
        }
    }
}

static void receiver_sleep(struct post *post)
{
    while (base_atomic_load_acquire(&post->wakes) == 0)
        os_futex_wait(&post->wakes, 0, OS_NEVER);
    // Only the sender that found it asleep wakes it.
    assert_int_equal(base_atomic_fetch_sub_acq_rel(&post->wakes, 1u), 1);
}

static void receive_all(struct post *post, uint32_t *ret_sleeps)
{
    uint32_t next[SENDERS] = {0};
    for (uint32_t left = SENDERS * post->each; left > 0;) {
        ds_mailbox_node *node;
        ds_mailbox_state state = ds_mailbox_pop(&post->mailbox, &node);
        if (state == DS_MAILBOX_NODE) {
            struct letter *letter = ds_container_of(node, struct letter, node);
            assert_int_equal(letter->number, next[letter->sender]);
            next[letter->sender]++;
            left--;
        } else if (state == DS_MAILBOX_EMPTY && ds_mailbox_sleep(&post->mailbox)) {
            (*ret_sleeps)++;
            receiver_sleep(post);
        }
    }
}

static void test_senders_against_a_sleepy_receiver(void **state)
{
    (void)state;
    struct post post = {.each = TEST_ROUNDS(300000)};
    ds_mailbox_init(&post.mailbox);
    // It begins asleep.
    assert_true(ds_mailbox_sleep(&post.mailbox));
    struct sender senders[SENDERS];
    os_thread threads[SENDERS];
    for (uint32_t i = 0; i < SENDERS; i++) {
        senders[i] = (struct sender){.post = &post, .index = i, .letters = calloc(post.each, sizeof(struct letter))};
        assert_non_null(senders[i].letters);
        assert_int_equal(os_thread_start(&threads[i], "sender", 0, send_all, &senders[i]), AIRS_OK);
    }
    uint32_t sleeps = 1;
    receiver_sleep(&post);
    receive_all(&post, &sleeps);
    for (uint32_t i = 0; i < SENDERS; i++) {
        os_thread_join(&threads[i]);
        free(senders[i].letters);
    }
    assert_true(ds_mailbox_sleep(&post.mailbox));
    assert_int_equal(base_atomic_load_acquire(&post.wakes), 0);
    print_message("%u messages, %u sleeps\n", SENDERS * post.each, sleeps);
}

static void reserve_all(void *user)
{
    struct post *post = user;
    for (uint32_t i = 0; i < post->each; i++) {
        if (!ds_mailbox_reserve(&post->mailbox, 5))
            continue;
        assert_in_range(ds_mailbox_used(&post->mailbox), 1, 5 + SENDERS);
        ds_mailbox_release(&post->mailbox, 1);
    }
}

static void test_places_are_conserved(void **state)
{
    (void)state;
    struct post post = {.each = TEST_ROUNDS(200000)};
    ds_mailbox_init(&post.mailbox);
    os_thread threads[SENDERS];
    for (uint32_t i = 0; i < SENDERS; i++)
        assert_int_equal(os_thread_start(&threads[i], "reserve", 0, reserve_all, &post), AIRS_OK);
    for (uint32_t i = 0; i < SENDERS; i++)
        os_thread_join(&threads[i]);
    assert_int_equal(ds_mailbox_used(&post.mailbox), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_senders_against_a_sleepy_receiver),
        cmocka_unit_test(test_places_are_conserved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
