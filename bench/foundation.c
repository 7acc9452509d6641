// SPDX-License-Identifier: MIT OR Apache-2.0
/// What the parts below the actors cost: the mailbox, the run queue, the pool, the maps, timers, and a wake.
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "ds/mailbox.h"
#include "ds/namemap.h"
#include "ds/pool.h"
#include "ds/slotmap.h"
#include "ds/steal_queue.h"
#include "os/event.h"
#include "os/thread.h"
#include "sched/sched.h"

// ---------------------------------------------------------------- one thread

static double mailbox_pair(void *user, uint64_t count)
{
    ds_mailbox *mailbox = user;
    ds_mailbox_node node;
    ds_mailbox_node *popped;
    double begin = bench_now_ns();
    for (uint64_t i = 0; i < count; i++) {
        ds_mailbox_push(mailbox, &node);
        bench_check(ds_mailbox_pop(mailbox, &popped) == DS_MAILBOX_NODE, "a message");
    }
    return bench_now_ns() - begin;
}

static double mailbox_batch(void *user, uint64_t count)
{
    ds_mailbox *mailbox = user;
    static ds_mailbox_node nodes[64];
    ds_mailbox_node *popped;
    double begin = bench_now_ns();
    for (uint64_t i = 0; i < count / 64; i++) {
        for (int n = 0; n < 64; n++)
            ds_mailbox_push(mailbox, &nodes[n]);
        for (int n = 0; n < 64; n++)
            bench_check(ds_mailbox_pop(mailbox, &popped) == DS_MAILBOX_NODE, "a message");
    }
    return bench_now_ns() - begin;
}

// The floor: two exchanges on a line that nobody else touches.
static double exchange_pair(void *user, uint64_t count)
{
    BASE_ATOMIC(uintptr_t) *word = user;
    double begin = bench_now_ns();
    for (uint64_t i = 0; i < count; i++) {
        base_atomic_exchange_acq_rel(word, i);
        base_atomic_exchange_acq_rel(word, i + 1);
    }
    return bench_now_ns() - begin;
}

static double steal_queue_pair(void *user, uint64_t count)
{
    ds_steal_queue *queue = user;
    double begin = bench_now_ns();
    for (uint64_t i = 0; i < count; i++) {
        ds_steal_queue_push(queue, queue);
        bench_check(ds_steal_queue_take(queue) == queue, "an element");
    }
    return bench_now_ns() - begin;
}

static double pool_pair(void *user, uint64_t count)
{
    ds_pool *pool = user;
    double begin = bench_now_ns();
    for (uint64_t i = 0; i < count; i++)
        ds_pool_free(pool, 0, ds_pool_alloc(pool, 0));
    return bench_now_ns() - begin;
}

static void bench_one_thread(void)
{
    const airs_allocator *allocator = base_allocator_default();
    ds_mailbox mailbox;
    BASE_ATOMIC(uintptr_t) word = 0;
    ds_steal_queue queue;
    ds_pool pool;
    ds_mailbox_init(&mailbox);
    bench_check(ds_steal_queue_init(&queue, 256, allocator) == AIRS_OK, "a queue");
    bench_check(ds_pool_init(&pool, 192, 2, 0, allocator) == AIRS_OK, "a pool");
    bench_side floor = {exchange_pair, &word};
    bench_ratio("mailbox.push_pop", (bench_side){mailbox_pair, &mailbox}, "two exchanges", floor, 1000000);
    bench_ratio("mailbox.batch_64", (bench_side){mailbox_batch, &mailbox}, "two exchanges", floor, 1000000);
    bench_value("run_queue.push_take", (bench_side){steal_queue_pair, &queue}, 1000000);
    bench_value("pool.alloc_free", (bench_side){pool_pair, &pool}, 1000000);
    ds_steal_queue_fini(&queue);
    ds_pool_fini(&pool);
}

// ---------------------------------------------------------------- two threads

typedef struct flow {
    ds_mailbox mailbox;
    ds_pool pool;
    uint64_t count;
    BASE_ATOMIC(uint64_t) taken;
} flow;

static void flow_send(void *user)
{
    flow *self = user;
    for (uint64_t i = 0; i < self->count; i++) {
        // As a limit on the mailbox would: never more than 1,024 ahead.
        while (i - base_atomic_load_relaxed(&self->taken) > 1024)
            os_thread_yield();
        ds_mailbox_node *node = ds_pool_alloc(&self->pool, 0);
        bench_check(node != NULL, "memory");
        ds_mailbox_push(&self->mailbox, node);
    }
}

// Take from the pool, push, pop and give back, sender and receiver on two cores: nanoseconds a message.
static double flow_run(void *user, uint64_t count)
{
    flow *self = user;
    os_thread sender;
    self->count = count;
    base_atomic_store_relaxed(&self->taken, 0u);
    double begin = bench_now_ns();
    bench_check(os_thread_start(&sender, "sender", 0, flow_send, self) == AIRS_OK, "a thread");
    for (uint64_t taken = 0; taken < count;) {
        ds_mailbox_node *node;
        if (ds_mailbox_pop(&self->mailbox, &node) != DS_MAILBOX_NODE) {
            os_thread_yield();
            continue;
        }
        ds_pool_free(&self->pool, 1, node);
        if (++taken % 64 == 0)
            base_atomic_store_relaxed(&self->taken, taken);
    }
    os_thread_join(&sender);
    return bench_now_ns() - begin;
}

static void bench_two_threads(void)
{
    flow *self = calloc(1, sizeof(*self));
    bench_check(self != NULL, "memory");
    ds_mailbox_init(&self->mailbox);
    bench_check(ds_pool_init(&self->pool, 192, 2, 0, base_allocator_default()) == AIRS_OK, "a pool");
    bench_value("mailbox.cross_core", (bench_side){flow_run, self}, 500000);
    ds_pool_fini(&self->pool);
    free(self);
}

// ---------------------------------------------------------------- maps

typedef struct lookups {
    ds_namemap names;
    ds_slotmap slots;
    uint32_t count;
    char (*texts)[24];
    ds_handle *handles;
} lookups;

static void never(void *user, base_retired *retired, base_retired_fn fn)
{
    (void)user;
    fn(retired);
}

static double find_by_name(void *user, uint64_t count)
{
    lookups *self = user;
    uint32_t at = 0;
    double begin = bench_now_ns();
    for (uint64_t i = 0; i < count; i++) {
        at = (at + 7919) % self->count;
        uint64_t value;
        bench_check(ds_namemap_find(&self->names, base_bytes_of(self->texts[at]), &value), "a name");
    }
    return bench_now_ns() - begin;
}

static double find_by_handle(void *user, uint64_t count)
{
    lookups *self = user;
    uint32_t at = 0;
    double begin = bench_now_ns();
    for (uint64_t i = 0; i < count; i++) {
        at = (at + 7919) % self->count;
        bench_check(ds_slotmap_find(&self->slots, self->handles[at]) == self, "an object");
    }
    return bench_now_ns() - begin;
}

static void bench_lookup(uint32_t count)
{
    const airs_allocator *allocator = base_allocator_default();
    lookups *self = calloc(1, sizeof(*self));
    bench_check(self != NULL, "memory");
    self->count = count;
    self->texts = calloc(count, sizeof(*self->texts));
    self->handles = calloc(count, sizeof(*self->handles));
    bench_check(self->texts != NULL && self->handles != NULL, "memory");
    ds_namemap_init(&self->names, base_hash_key_random(), (base_retirer){.retire = never}, allocator);
    ds_slotmap_init(&self->slots, count, allocator);
    for (uint32_t i = 0; i < count; i++) {
        snprintf(self->texts[i], sizeof(self->texts[i]), "actor-%u", i);
        bench_check(ds_namemap_insert(&self->names, base_bytes_of(self->texts[i]), i + 1) == AIRS_OK, "a name");
        bench_check(ds_slotmap_insert(&self->slots, self, &self->handles[i]) == AIRS_OK, "a slot");
    }
    char name[40];
    snprintf(name, sizeof(name), "names.find_%u", count);
    bench_value(name, (bench_side){find_by_name, self}, 300000);
    snprintf(name, sizeof(name), "slots.find_%u", count);
    bench_value(name, (bench_side){find_by_handle, self}, 300000);
    ds_namemap_fini(&self->names);
    ds_slotmap_fini(&self->slots);
    free(self->texts);
    free(self->handles);
    free(self);
}

// ---------------------------------------------------------------- the scheduler

#define PENDING 1000000u

typedef struct chat {
    sched_task task;
    sched *scheduler;
    struct chat *peer;
    uint64_t left;
    os_event *over;
} chat;

static sched_verdict chat_poll(sched_task *task)
{
    chat *self = ds_container_of(task, chat, task);
    if (self->left-- == 0) {
        self->left = 0;
        os_event_set(self->over);
        return SCHED_POLL_IDLE;
    }
    sched_wake(self->scheduler, &self->peer->task);
    return SCHED_POLL_IDLE;
}

// Two tasks that wake each other: from a wake to the poll that it causes.
static double chat_run(void *user, uint64_t count)
{
    chat *pair = user;
    os_event over = {0};
    pair[0].left = pair[1].left = count / 2;
    pair[0].over = pair[1].over = &over;
    double begin = bench_now_ns();
    sched_wake(pair[0].scheduler, &pair[0].task);
    os_event_wait(&over, OS_NEVER);
    double elapsed = bench_now_ns() - begin;
    return elapsed;
}

static void nothing(sched_timer *timer)
{
    (void)timer;
}

typedef struct timings {
    sched_task task;
    sched *scheduler;
    sched_timer *pending;
    uint64_t count;
    double elapsed_ns;
    os_event over;
} timings;

static sched_verdict timing_poll(sched_task *task)
{
    timings *self = ds_container_of(task, timings, task);
    uint64_t base_ns = os_clock_now_ns() + 5000000000u;
    double begin = bench_now_ns();
    for (uint64_t i = 0; i < self->count; i++) {
        sched_timer timer;
        sched_timer_init(&timer, nothing, NULL);
        sched_timer_start(self->scheduler, &timer, base_ns + i % 4096 * 1000000u);
        bench_check(sched_timer_cancel(self->scheduler, &timer), "a pending timer");
    }
    self->elapsed_ns = bench_now_ns() - begin;
    os_event_set(&self->over);
    return SCHED_POLL_IDLE;
}

static double timing_run(void *user, uint64_t count)
{
    timings *self = user;
    os_event_init(&self->over);
    self->count = count;
    sched_wake(self->scheduler, &self->task);
    os_event_wait(&self->over, OS_NEVER);
    return self->elapsed_ns;
}

static void bench_scheduler(void)
{
    sched *scheduler = NULL;
    sched_options options = {.workers = 1};
    bench_check(sched_create(&options, &scheduler, NULL) == AIRS_OK, "a scheduler");
    chat pair[2] = {{.scheduler = scheduler, .peer = &pair[1]}, {.scheduler = scheduler, .peer = &pair[0]}};
    sched_task_init(&pair[0].task, chat_poll);
    sched_task_init(&pair[1].task, chat_poll);
    bench_value("sched.wake_to_poll", (bench_side){chat_run, pair}, 1000000);

    timings timing = {.scheduler = scheduler, .pending = calloc(PENDING, sizeof(sched_timer))};
    bench_check(timing.pending != NULL, "memory");
    sched_task_init(&timing.task, timing_poll);
    uint64_t now_ns = os_clock_now_ns();
    for (uint64_t i = 0; i < PENDING; i++) {
        sched_timer_init(&timing.pending[i], nothing, NULL);
        sched_timer_start(scheduler, &timing.pending[i], now_ns + 600000000000u + i * 7919 % 100000 * 1000000u);
    }
    bench_value("timer.insert_cancel", (bench_side){timing_run, &timing}, 300000);
    sched_destroy(scheduler);
    free(timing.pending);
}

// From a wake on this thread until a task of a worker that sleeps has run.
static double foreign_run(void *user, uint64_t count)
{
    chat *self = user;
    double elapsed = 0;
    for (uint64_t i = 0; i < count; i++) {
        os_event over = {0};
        os_event pause = {0};
        self->left = 0;
        self->over = &over;
        // Long enough for the worker to fall asleep.
        os_event_wait(&pause, os_clock_now_ns() + 300000);
        double begin = bench_now_ns();
        sched_wake(self->scheduler, &self->task);
        os_event_wait(&over, OS_NEVER);
        elapsed += bench_now_ns() - begin;
    }
    return elapsed;
}

static void bench_foreign_wake(void)
{
    sched *scheduler = NULL;
    bench_check(sched_create(NULL, &scheduler, NULL) == AIRS_OK, "a scheduler");
    chat self = {.scheduler = scheduler};
    sched_task_init(&self.task, chat_poll);
    bench_value("sched.foreign_wake", (bench_side){foreign_run, &self}, 100);
    sched_destroy(scheduler);
}

int main(void)
{
    bench_one_thread();
    bench_two_threads();
    bench_lookup(10);
    bench_lookup(1000);
    bench_lookup(1000000);
    bench_scheduler();
    bench_foreign_wake();
    return 0;
}
