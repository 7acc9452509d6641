// SPDX-License-Identifier: MIT OR Apache-2.0
/// Two apps send and ask both ways while one of them is stopped, destroyed and made anew.
///
/// What must hold (route/bridge.h says why): each request has exactly one outcome; what was accepted by a system that
/// goes on is handled; nothing of a system that has gone is touched.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "airssys/system.h"
#include "base/atomics.h"
#include "base/testing.h"
#include "os/clock.h"
#include "os/thread.h"

#define ROUNDS 60
#define PAIRS 3

/// An actor that sends and asks its partner of the other app for as long as it runs.
typedef struct player {
    char partner[40];
    _Atomic bool pauses;
    BASE_ATOMIC(uint64_t) taken;
    BASE_ATOMIC(uint64_t) sent;
    BASE_ATOMIC(uint64_t) opened;
    BASE_ATOMIC(uint64_t) closed;
    BASE_ATOMIC(uint64_t) answered;
    BASE_ATOMIC(uint64_t) gone;
    BASE_ATOMIC(uint64_t) strange;
} player;

static void add(BASE_ATOMIC(uint64_t) *counter)
{
    (void)base_atomic_fetch_add_relaxed(counter, 1u);
}

/// One move: a message, a request, sometimes one that is given up; and a large payload, which both share.
static void play(player *self, airs_context *context)
{
    static const uint8_t large[1000] = {'?'};
    airs_actor_id to;
    airs_request_id request;
    uint64_t turn = base_atomic_load_relaxed(&self->opened);
    if (self->pauses || airs_lookup(airs_context_system(context), self->partner, &to) != AIRS_OK)
        return;
    if (airs_context_send(context, to, "!", 1) == AIRS_OK)
        add(&self->sent);
    if (airs_context_request(context, to, large, turn % 2 == 0 ? 1 : sizeof large, 60000, &request) != AIRS_OK)
        return;
    add(&self->opened);
    if (turn % 7 == 0 && airs_context_cancel(context, request))
        add(&self->closed);
}

static airs_status go_on(player *self, airs_context *context)
{
    uint64_t timer;
    play(self, context);
    return airs_context_send_after(context, 1, airs_context_self(context), "~", 1, &timer);
}

static airs_status start(void *state, airs_context *context, const airs_start_info *info, airs_error *error)
{
    (void)state;
    (void)info;
    (void)error;
    return go_on(airs_context_user(context), context);
}

static airs_status handle(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)error;
    player *self = airs_context_user(context);
    switch (message->payload.data[0]) {
    case '~':
        return go_on(self, context);
    case '!':
        add(&self->taken);
        return AIRS_OK;
    default: {
        // Now and then it keeps one, which ends with it.
        bool keeps = base_atomic_load_relaxed(&self->taken) % 5 == 0;
        airs_status status =
            keeps ? AIRS_OK
                  : airs_context_reply(context, message->request, message->payload.data, message->payload.len);
        return status == AIRS_E_GONE ? AIRS_OK : status;
    }
    }
}

static airs_status handle_reply(void *state, airs_context *context, const airs_reply *reply, airs_error *error)
{
    (void)state;
    (void)error;
    player *self = airs_context_user(context);
    if (reply->status == AIRS_OK && reply->payload.data[0] == '?')
        add(&self->answered);
    else if (reply->status == AIRS_E_GONE || reply->status == AIRS_E_FAILED || reply->status == AIRS_E_FULL)
        add(&self->gone);
    else
        add(&self->strange);
    add(&self->closed);
    return AIRS_OK;
}

static const airs_child_fns child_fns = {.start = start};
static const airs_actor_fns actor_fns = {.handle = handle, .handle_reply = handle_reply};

static airs_system *make(airs_bridge *bridge, const char *app, const char *other, player players[PAIRS])
{
    static const char *const exposed[] = {"player-*"};
    airs_system *system;
    airs_system_options options = {.workers = 2};
    assert_int_equal(airs_system_create(&options, &system, NULL), AIRS_OK);
    assert_int_equal(airs_bridge_join(bridge, system, app, exposed, 1, NULL), AIRS_OK);
    for (int i = 0; i < PAIRS; i++) {
        char name[24];
        airs_actor_id id;
        airs_native native = {"player", &child_fns, &actor_fns, 0, &players[i]};
        (void)snprintf(name, sizeof name, "player-%d", i);
        (void)snprintf(players[i].partner, sizeof players[i].partner, "%s/%s", other, name);
        airs_spawn_options of = {.name = name, .limits = {.mailbox_max = 1u << 16}};
        assert_int_equal(airs_spawn_native(system, &native, &of, &id, NULL), AIRS_OK);
    }
    return system;
}

/// Until one of them has got something across once more.
static void wait_for_traffic(const player players[PAIRS])
{
    uint64_t before = 0;
    uint64_t now = 0;
    for (int i = 0; i < PAIRS; i++)
        before += base_atomic_load_relaxed(&players[i].answered);
    do {
        os_thread_yield();
        now = 0;
        for (int i = 0; i < PAIRS; i++)
            now += base_atomic_load_relaxed(&players[i].answered);
    } while (now < before + 20);
}

static void one_goes_and_comes_back(void **user)
{
    (void)user;
    airs_bridge *bridge;
    static player staying[PAIRS];
    static player coming[PAIRS];
    assert_int_equal(airs_bridge_create(&bridge, NULL), AIRS_OK);
    airs_system *stays = make(bridge, "stays", "comes", staying);
    for (int round = 0; round < TEST_ROUNDS(ROUNDS); round++) {
        airs_system *comes = make(bridge, "comes", "stays", coming);
        wait_for_traffic(staying);
        wait_for_traffic(coming);
        airs_system_destroy(comes);
    }
    // It stops asking. What it asked of who has gone has come to an end, although the time limit is a minute.
    uint64_t until_ns = os_deadline_ms(os_clock_now_ns(), 50000);
    for (int i = 0; i < PAIRS; i++)
        staying[i].pauses = true;
    for (int i = 0; i < PAIRS; i++) {
        while ((base_atomic_load_relaxed(&staying[i].opened) != base_atomic_load_relaxed(&staying[i].closed) ||
                base_atomic_load_relaxed(&coming[i].sent) != base_atomic_load_relaxed(&staying[i].taken)) &&
               os_clock_now_ns() < until_ns)
            os_thread_yield();
        assert_int_equal(base_atomic_load_relaxed(&staying[i].opened), base_atomic_load_relaxed(&staying[i].closed));
        assert_int_equal(base_atomic_load_relaxed(&staying[i].strange), 0);
        // Each message that was accepted by the one that stays was handled by it.
        assert_int_equal(base_atomic_load_relaxed(&coming[i].sent), base_atomic_load_relaxed(&staying[i].taken));
    }
    airs_metrics metrics;
    airs_system_get_metrics(stays, &metrics);
    assert_int_equal(metrics.requests_timed_out, 0);
    airs_system_destroy(stays);
    airs_bridge_destroy(bridge);
}

/// Both end at the same moment, each with requests of the other's.
static void end_system(void *system)
{
    airs_system_destroy(system);
}

static void both_end_at_once(void **user)
{
    (void)user;
    for (int round = 0; round < TEST_ROUNDS(ROUNDS); round++) {
        airs_bridge *bridge;
        static player left[PAIRS];
        static player right[PAIRS];
        assert_int_equal(airs_bridge_create(&bridge, NULL), AIRS_OK);
        airs_system *a = make(bridge, "left", "right", left);
        airs_system *b = make(bridge, "right", "left", right);
        // The bridge ends with the last of them.
        airs_bridge_destroy(bridge);
        wait_for_traffic(left);
        os_thread thread;
        assert_int_equal(os_thread_start(&thread, "ends", 0, end_system, a), AIRS_OK);
        airs_system_destroy(b);
        os_thread_join(&thread);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_goes_and_comes_back),
        cmocka_unit_test(both_end_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
