// SPDX-License-Identifier: MIT OR Apache-2.0
/// A million requests, a tenth of which time out and are answered after that: no outcome is another one's, nothing
/// stays in the table, and each late answer is counted.
///
///   asks [COUNT]
///
/// Which ones time out is decided by who asks: those have a short time limit and are kept by the receiver until the
/// asker tells it that their time is over. So the counts are exact, however slow the machine is.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "liveness.h"
#include "os/clock.h"
#include "os/thread.h"

#define ASKERS 16u
#define RECEIVERS 4u
/// Requests that an asker has open.
#define WINDOW 32u
/// Of each so many requests one times out.
#define LATE_EACH 10u
#define LATE_TIMEOUT_MS 2u
#define TIMEOUT_MS 3600000u

typedef struct question {
    uint64_t number;
    /// Answered only when told to.
    bool late;
} question;

typedef struct test {
    BASE_ATOMIC(uint64_t) receivers[RECEIVERS];
    uint64_t each;
    /// Askers whose last question has its outcome.
    BASE_ATOMIC(uint32_t) done;
    BASE_ATOMIC(uint64_t) answered;
    BASE_ATOMIC(uint64_t) timed_out;
    /// Late answers that were tried.
    BASE_ATOMIC(uint64_t) late;
} test;

#define MUST(expression) \
    ((expression) ? (void)0 : (fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #expression), abort()))

// ---------------------------------------------------------------- who answers

/// The late requests that it keeps. As many as all askers have open at most.
typedef struct receiver {
    struct {
        uint64_t number;
        airs_request_id request;
    } kept[ASKERS * WINDOW];
    uint32_t count;
} receiver;

static airs_status answer_late(receiver *self, airs_context *context, uint64_t number)
{
    test *all = airs_context_user(context);
    uint32_t at = 0;
    while (at < self->count && self->kept[at].number != number)
        at++;
    MUST(at < self->count);
    airs_request_id request = self->kept[at].request;
    self->kept[at] = self->kept[--self->count];
    (void)base_atomic_fetch_add_relaxed(&all->late, 1u);
    MUST(airs_context_reply(context, request, &number, sizeof number) == AIRS_E_GONE);
    return AIRS_OK;
}

static airs_status receive(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)error;
    receiver *self = state;
    question asked;
    MUST(message->payload.len == sizeof asked);
    memcpy(&asked, message->payload.data, sizeof asked);
    if (message->request.raw == 0)
        return answer_late(self, context, asked.number);
    if (!asked.late)
        return airs_context_reply(context, message->request, &asked.number, sizeof asked.number);
    MUST(self->count < ASKERS * WINDOW);
    self->kept[self->count].number = asked.number;
    self->kept[self->count++].request = message->request;
    return AIRS_OK;
}

// ---------------------------------------------------------------- who asks

typedef struct asker {
    uint64_t asked;
    uint64_t settled;
    struct {
        airs_request_id request;
        question asked;
    } open[WINDOW];
} asker;

static airs_actor_id receiver_of(test *all, uint64_t number)
{
    return (airs_actor_id){base_atomic_load_relaxed(&all->receivers[number % RECEIVERS])};
}

static void ask(asker *self, airs_context *context, uint32_t at)
{
    test *all = airs_context_user(context);
    uint64_t number = airs_context_self(context).raw << 24 ^ self->asked;
    question next = {.number = number};
    next.late = self->asked++ % LATE_EACH == 0;
    self->open[at].asked = next;
    MUST(airs_context_request(context, receiver_of(all, number), &next, sizeof next,
                              next.late ? LATE_TIMEOUT_MS : TIMEOUT_MS, &self->open[at].request) == AIRS_OK);
}

static airs_status begin(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)message;
    (void)error;
    for (uint32_t i = 0; i < WINDOW; i++)
        ask(state, context, i);
    return AIRS_OK;
}

static void check_outcome(test *all, airs_context *context, const question *asked, const airs_reply *reply)
{
    if (asked->late) {
        MUST(reply->status == AIRS_E_TIMEOUT);
        (void)base_atomic_fetch_add_relaxed(&all->timed_out, 1u);
        MUST(airs_context_send(context, receiver_of(all, asked->number), asked, sizeof *asked) == AIRS_OK);
        return;
    }
    uint64_t number;
    MUST(reply->status == AIRS_OK && reply->payload.len == sizeof number);
    memcpy(&number, reply->payload.data, sizeof number);
    MUST(number == asked->number);
    (void)base_atomic_fetch_add_relaxed(&all->answered, 1u);
}

static airs_status take_outcome(void *state, airs_context *context, const airs_reply *reply, airs_error *error)
{
    (void)error;
    asker *self = state;
    test *all = airs_context_user(context);
    uint32_t at = 0;
    while (at < WINDOW && self->open[at].request.raw != reply->request.raw)
        at++;
    MUST(at < WINDOW);
    self->open[at].request.raw = 0;
    check_outcome(all, context, &self->open[at].asked, reply);
    if (++self->settled == all->each)
        (void)base_atomic_fetch_add_relaxed(&all->done, 1u);
    if (self->asked < all->each)
        ask(self, context, at);
    return AIRS_OK;
}

// ---------------------------------------------------------------- the test

static const airs_actor_fns receiver_fns = {.handle = receive};
static const airs_actor_fns asker_fns = {.handle = begin, .handle_reply = take_outcome};

static airs_actor_id spawn(airs_system *system, const airs_actor_fns *fns, size_t state_size, test *all)
{
    airs_native native = {.kind = "asks", .actor = fns, .state_size = state_size, .user = all};
    airs_spawn_options options = {.limits = {.mailbox_max = 1u << 20}};
    airs_actor_id id;
    MUST(airs_spawn_native(system, &native, &options, &id, NULL) == AIRS_OK);
    return id;
}

static void wait_until_all_is_done(const airs_system *system, test *all)
{
    while (base_atomic_load_relaxed(&all->done) < ASKERS ||
           base_atomic_load_relaxed(&all->late) < base_atomic_load_relaxed(&all->timed_out) ||
           requests_count(&system->actors) > 0)
        os_thread_yield();
}

int main(int argc, char **argv)
{
    uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
    static test all;
    all.each = count / ASKERS;
    airs_system *system;
    liveness *monitor = liveness_begin(&(airs_system_options){.workers = 2}, &system);
    for (uint32_t i = 0; i < RECEIVERS; i++)
        base_atomic_store_relaxed(&all.receivers[i], spawn(system, &receiver_fns, sizeof(receiver), &all).raw);
    for (uint32_t i = 0; i < ASKERS; i++)
        MUST(airs_send(system, spawn(system, &asker_fns, sizeof(asker), &all), "", 0) == AIRS_OK);
    wait_until_all_is_done(system, &all);

    uint64_t late = ASKERS * ((all.each + LATE_EACH - 1) / LATE_EACH);
    airs_metrics metrics;
    airs_system_get_metrics(system, &metrics);
    printf("%llu requests, %llu timed out, %llu late answers counted, longest wait for a turn %llu ms\n",
           (unsigned long long)metrics.requests, (unsigned long long)metrics.requests_timed_out,
           (unsigned long long)metrics.replies_late, (unsigned long long)liveness_longest_ms(monitor));
    MUST(metrics.requests == ASKERS * all.each);
    MUST(all.timed_out == late && metrics.requests_timed_out == late);
    MUST(all.answered == ASKERS * all.each - late);
    MUST(all.late == late && metrics.replies_late == late);
    MUST(requests_count(&system->actors) == 0);
    return liveness_end(monitor) == 0 ? 0 : 1;
}
