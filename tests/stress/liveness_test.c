// SPDX-License-Identifier: MIT OR Apache-2.0
/// The monitor finds who is kept waiting, and nobody else.
#include "base/testing.h"

#include "liveness.h"
#include "os/clock.h"
#include "os/thread.h"

/// The machine may be slow, the monitor is not expected to be fast.
#define PATIENCE_MS 60000u

typedef struct blocker {
    const liveness *monitor;
    BASE_ATOMIC(uint32_t) begun;
    BASE_ATOMIC(uint32_t) handled;
} blocker;

static void wait_found(const liveness *monitor)
{
    uint64_t deadline_ns = os_deadline_ms(os_clock_now_ns(), PATIENCE_MS);
    while (liveness_found(monitor) == 0 && os_clock_now_ns() < deadline_ns)
        os_thread_yield();
}

/// What no handler may do: it keeps its worker until the monitor has seen what that does to others.
static airs_status block(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)message;
    (void)error;
    blocker *self = airs_context_user(context);
    base_atomic_store_relaxed(&self->begun, 1u);
    wait_found(self->monitor);
    return AIRS_OK;
}

static airs_status count(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)message;
    (void)error;
    blocker *self = airs_context_user(context);
    (void)base_atomic_fetch_add_relaxed(&self->handled, 1u);
    return AIRS_OK;
}

static airs_actor_id spawn(airs_system *system, const char *name, const airs_actor_fns *fns, void *user)
{
    airs_native native = {.kind = "liveness", .actor = fns, .user = user};
    airs_spawn_options options = {.name = name};
    airs_actor_id id;
    assert_int_equal(airs_spawn_native(system, &native, &options, &id, NULL), AIRS_OK);
    return id;
}

static const airs_actor_fns block_fns = {.handle = block};
static const airs_actor_fns count_fns = {.handle = count};

static void a_blocked_worker_is_found(void **state)
{
    (void)state;
    airs_system *system;
    liveness *monitor = liveness_begin(&(airs_system_options){.workers = 1}, &system);
    blocker self = {.monitor = monitor};
    airs_actor_id blocking = spawn(system, "blocking", &block_fns, &self);
    airs_actor_id kept = spawn(system, "kept-waiting", &count_fns, &self);
    assert_int_equal(airs_send(system, blocking, "", 0), AIRS_OK);
    while (base_atomic_load_relaxed(&self.begun) == 0)
        os_thread_yield();
    assert_int_equal(airs_send(system, kept, "", 0), AIRS_OK);
    wait_found(monitor);
    assert_int_equal(liveness_found(monitor), 1);
    assert_true(liveness_longest_ms(monitor) >= LIVENESS_MAX_MS);
    assert_int_equal(liveness_end(monitor), 1);
    assert_int_equal(base_atomic_load_relaxed(&self.handled), 1);
}

/// Until it has had the turn that starts it: that one would take a message that is put meanwhile, woken or not.
static void wait_idle(const actor *cell)
{
    while (base_atomic_load_acquire(&cell->state) != AIRS_ACTOR_READY ||
           base_atomic_load_acquire(&cell->task.state) != LIVENESS_TASK_IDLE)
        os_thread_yield();
}

static void a_lost_wake_up_is_found(void **state)
{
    (void)state;
    airs_system *system;
    liveness *monitor = liveness_begin(&(airs_system_options){.workers = 2}, &system);
    blocker self = {.monitor = monitor};
    airs_actor_id id = spawn(system, "not-woken", &count_fns, &self);
    // A message as any other one, but for the wake.
    envelope *mail;
    assert_int_equal(actor_space_envelope(&system->actors, (airs_bytes){0}, &mail), AIRS_OK);
    sched_read read = sched_read_enter(system->sched);
    actor *cell = actor_find(&system->actors, id.raw);
    wait_idle(cell);
    envelope *dropped;
    assert_int_equal(inbox_put_message(&cell->inbox, mail, &dropped), INBOX_PUT_WAKE);
    sched_read_leave(system->sched, read);
    wait_found(monitor);
    assert_int_equal(liveness_found(monitor), 1);
    read = sched_read_enter(system->sched);
    sched_wake(system->sched, &cell->task);
    sched_read_leave(system->sched, read);
    assert_int_equal(liveness_end(monitor), 1);
    assert_int_equal(base_atomic_load_relaxed(&self.handled), 1);
}

static void who_works_is_not_found(void **state)
{
    (void)state;
    airs_system *system;
    liveness *monitor = liveness_begin(&(airs_system_options){.workers = 2}, &system);
    blocker self = {.monitor = monitor};
    airs_actor_id ids[50];
    for (int i = 0; i < 50; i++)
        ids[i] = spawn(system, NULL, &count_fns, &self);
    uint32_t sent = 0;
    uint64_t deadline_ns = os_deadline_ms(os_clock_now_ns(), 2 * LIVENESS_MAX_MS);
    for (int i = 0; os_clock_now_ns() < deadline_ns; i++)
        sent += airs_send(system, ids[i % 50], "", 0) == AIRS_OK;
    assert_true(sent > 0);
    assert_int_equal(liveness_end(monitor), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_blocked_worker_is_found),
        cmocka_unit_test(a_lost_wake_up_is_found),
        cmocka_unit_test(who_works_is_not_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
