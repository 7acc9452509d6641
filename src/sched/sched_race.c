// SPDX-License-Identifier: MIT OR Apache-2.0
/// The scheduler under load from workers and foreign threads: no wake-up is lost, no timer fires after it was
/// cancelled, nothing is freed while somebody reads it.
#include <stdlib.h>

#include "base/alloc.h"
#include "base/random.h"
#include "base/testing.h"
#include "ds/list.h"
#include "ds/mailbox.h"
#include "ds/slotmap.h"
#include "os/event.h"
#include "os/thread.h"
#include "sched/sched.h"

#define MS UINT64_C(1000000)
#define PATIENCE (60000 * MS)
#define FOREIGN 2

// ---------------------------------------------------------------- a storm of wakes

#define ACTORS 16

/// A token goes from actor to actor at random until it has no steps left.
struct token {
    ds_mailbox_node node;
    uint32_t steps;
    base_random random;
};

struct actor {
    sched_task task;
    ds_mailbox mailbox;
    struct storm *storm;
    // Plain: only one thread at a time may poll.
    uint64_t handled;
};

struct storm {
    sched *scheduler;
    struct actor actors[ACTORS];
    BASE_ATOMIC(uint32_t) tokens_left;
    os_event over;
};

static void token_send(struct storm *storm, struct token *token)
{
    struct actor *to = &storm->actors[base_random_below(&token->random, ACTORS)];
    if (ds_mailbox_push(&to->mailbox, &token->node))
        sched_wake(storm->scheduler, &to->task);
}

static sched_verdict actor_poll(sched_task *task)
{
    struct actor *self = ds_container_of(task, struct actor, task);
    ds_mailbox_node *node;
    for (int i = 0; i < 4; i++) {
        ds_mailbox_state state = ds_mailbox_pop(&self->mailbox, &node);
        if (state == DS_MAILBOX_BUSY)
            return SCHED_POLL_AGAIN;
        if (state == DS_MAILBOX_EMPTY)
            return ds_mailbox_sleep(&self->mailbox) ? SCHED_POLL_IDLE : SCHED_POLL_AGAIN;
        struct token *token = ds_container_of(node, struct token, node);
        self->handled++;
        if (token->steps-- > 0)
            token_send(self->storm, token);
        else if (base_atomic_fetch_sub_acq_rel(&self->storm->tokens_left, 1u) == 1)
            os_event_set(&self->storm->over);
    }
    return SCHED_POLL_AGAIN;
}

// Rounds with few tokens, so that workers park and are woken all the time: a wake-up that gets lost leaves
// a token in a mailbox, and the round never ends.
static void storm_run(uint32_t workers, uint32_t tokens_count, uint32_t steps, uint32_t rounds)
{
    struct storm *storm = calloc(1, sizeof(*storm));
    struct token *tokens = calloc(tokens_count, sizeof(*tokens));
    assert_true(storm != NULL && tokens != NULL);
    sched_options options = {.workers = workers, .queue_capacity = 4, .spin_ns = 2000};
    assert_int_equal(sched_create(&options, &storm->scheduler, NULL), AIRS_OK);
    for (uint32_t i = 0; i < ACTORS; i++) {
        storm->actors[i].storm = storm;
        ds_mailbox_init(&storm->actors[i].mailbox);
        sched_task_init(&storm->actors[i].task, actor_poll);
    }
    for (uint32_t round = 0; round < rounds; round++) {
        os_event_init(&storm->over);
        base_atomic_store_relaxed(&storm->tokens_left, tokens_count);
        for (uint32_t i = 0; i < tokens_count; i++) {
            tokens[i].steps = steps;
            tokens[i].random.state = round * 1000 + i;
            token_send(storm, &tokens[i]);
        }
        assert_true(os_event_wait(&storm->over, os_clock_now_ns() + PATIENCE));
    }
    sched_stop(storm->scheduler, true);
    uint64_t handled = 0;
    for (uint32_t i = 0; i < ACTORS; i++)
        handled += storm->actors[i].handled;
    assert_int_equal(handled, (uint64_t)rounds * tokens_count * (steps + 1));
    sched_destroy(storm->scheduler);
    free(tokens);
    free(storm);
}

static void test_no_wake_up_is_lost(void **state)
{
    (void)state;
    storm_run(2, 1, 10, TEST_ROUNDS(20000));
    storm_run(2, 2, 100, TEST_ROUNDS(3000));
    storm_run(4, 3, 100, TEST_ROUNDS(1000));
    storm_run(1, 3, 100, TEST_ROUNDS(3000));
    storm_run(3, 100, 1000, TEST_ROUNDS(20));
}

// ---------------------------------------------------------------- timers that are cancelled while they fire

struct race_timer {
    sched_timer timer;
    BASE_ATOMIC(uint32_t) fired;
};

static void race_fire(sched_timer *timer)
{
    struct race_timer *self = timer->user;
    base_atomic_fetch_add_relaxed(&self->fired, 1u);
}

static void cancel_against_firing(void *user)
{
    sched *scheduler = user;
    base_random random = {.state = (uintptr_t)&scheduler};
    uint32_t cancelled = 0;
    for (uint32_t i = 0; i < TEST_ROUNDS(3000u); i++) {
        struct race_timer *self = calloc(1, sizeof(*self));
        assert_non_null(self);
        sched_timer_init(&self->timer, race_fire, self);
        uint64_t now_ns = os_clock_now_ns();
        sched_timer_start(scheduler, &self->timer, now_ns + base_random_below(&random, 300000));
        while (os_clock_now_ns() < now_ns + 250000)
            base_cpu_relax();
        bool prevented = sched_timer_cancel_wait(scheduler, &self->timer);
        // Either, or; and whichever it was, it is over.
        assert_int_equal(base_atomic_load_relaxed(&self->fired), prevented ? 0 : 1);
        cancelled += prevented;
        free(self);
    }
    print_message("%u of %u cancelled\n", cancelled, TEST_ROUNDS(3000u));
}

static void test_timers_cancelled_while_they_fire(void **state)
{
    (void)state;
    sched *scheduler = NULL;
    sched_options options = {.workers = 2};
    assert_int_equal(sched_create(&options, &scheduler, NULL), AIRS_OK);
    os_thread threads[FOREIGN];
    for (int i = 0; i < FOREIGN; i++)
        assert_int_equal(os_thread_start(&threads[i], "cancel", 0, cancel_against_firing, scheduler), AIRS_OK);
    for (int i = 0; i < FOREIGN; i++)
        os_thread_join(&threads[i]);
    assert_int_equal(sched_timer_count(scheduler), 0);
    sched_destroy(scheduler);
}

// ---------------------------------------------------------------- readers and what is freed

#define MAGIC 0x5eed

/// Found through a slot map, freed after a grace period.
struct mortal {
    base_retired retired;
    uint32_t magic;
};

struct graves {
    sched *scheduler;
    ds_slotmap map;
    BASE_ATOMIC(uint64_t) handles[8];
    BASE_ATOMIC(uint32_t) done;
};

struct digger {
    sched_task task;
    struct graves *graves;
    uint32_t left;
    base_random random;
    os_event over;
};

static void mortal_end(base_retired *retired)
{
    struct mortal *mortal = ds_container_of(retired, struct mortal, retired);
    // A reader that is still there would see this, and ThreadSanitizer the write.
    mortal->magic = 0;
    free(mortal);
}

static void graves_look(struct graves *graves, base_random *random)
{
    ds_handle handle = base_atomic_load_acquire(&graves->handles[base_random_below(random, 8)]);
    struct mortal *mortal = ds_slotmap_find(&graves->map, handle);
    if (mortal != NULL)
        assert_int_equal(mortal->magic, MAGIC);
}

// Puts a new object in the place of an old one.
static void graves_replace(struct graves *graves, base_random *random)
{
    struct mortal *mortal = calloc(1, sizeof(*mortal));
    assert_non_null(mortal);
    mortal->magic = MAGIC;
    ds_handle handle;
    assert_int_equal(ds_slotmap_insert(&graves->map, mortal, &handle), AIRS_OK);
    ds_handle old = base_atomic_exchange_acq_rel(&graves->handles[base_random_below(random, 8)], handle);
    struct mortal *buried = ds_slotmap_find(&graves->map, old);
    if (buried != NULL && ds_slotmap_remove(&graves->map, old))
        sched_defer(graves->scheduler, &buried->retired, mortal_end);
}

static sched_verdict digger_poll(sched_task *task)
{
    struct digger *self = ds_container_of(task, struct digger, task);
    for (int i = 0; i < 20; i++)
        graves_look(self->graves, &self->random);
    graves_replace(self->graves, &self->random);
    if (self->left-- > 0)
        return SCHED_POLL_AGAIN;
    os_event_set(&self->over);
    return SCHED_POLL_DONE;
}

static void foreign_reader(void *user)
{
    struct graves *graves = user;
    base_random random = {.state = (uintptr_t)&graves};
    for (uint32_t i = 0; base_atomic_load_relaxed(&graves->done) == 0; i++) {
        sched_read read = sched_read_enter(graves->scheduler);
        graves_look(graves, &random);
        if (i % 8 == 0)
            graves_replace(graves, &random);
        sched_read_leave(graves->scheduler, read);
    }
}

static void test_nothing_is_freed_under_a_reader(void **state)
{
    (void)state;
    struct graves graves = {0};
    struct digger diggers[6];
    os_thread threads[FOREIGN];
    sched_options options = {.workers = 2};
    assert_int_equal(sched_create(&options, &graves.scheduler, NULL), AIRS_OK);
    ds_slotmap_init(&graves.map, 1u << 20, base_allocator_default());
    for (uint32_t i = 0; i < 6; i++) {
        diggers[i] = (struct digger){.graves = &graves, .left = TEST_ROUNDS(30000), .random = {.state = i}};
        sched_task_init(&diggers[i].task, digger_poll);
        sched_wake(graves.scheduler, &diggers[i].task);
    }
    for (int i = 0; i < FOREIGN; i++)
        assert_int_equal(os_thread_start(&threads[i], "reader", 0, foreign_reader, &graves), AIRS_OK);
    for (uint32_t i = 0; i < 6; i++)
        assert_true(os_event_wait(&diggers[i].over, os_clock_now_ns() + PATIENCE));
    base_atomic_store_relaxed(&graves.done, 1u);
    for (int i = 0; i < FOREIGN; i++)
        os_thread_join(&threads[i]);
    uint32_t cursor = 0;
    ds_handle handle;
    struct mortal *mortal;
    while ((mortal = ds_slotmap_next(&graves.map, &cursor, &handle)) != NULL)
        free(mortal);
    sched_destroy(graves.scheduler);
    ds_slotmap_fini(&graves.map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_wake_up_is_lost),
        cmocka_unit_test(test_timers_cancelled_while_they_fire),
        cmocka_unit_test(test_nothing_is_freed_under_a_reader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
