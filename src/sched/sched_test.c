// SPDX-License-Identifier: MIT OR Apache-2.0
#include "sched/sched.h"

#include <dirent.h>
#include <stdlib.h>

#include "base/alloc_fault.h"
#include "base/testing.h"
#include "ds/list.h"
#include "os/event.h"
#include "os/thread.h"

#define MS UINT64_C(1000000)
/// Nothing here may take as long.
#define PATIENCE (20000 * MS)

static sched *scheduler_make(uint32_t workers)
{
    sched *scheduler = NULL;
    sched_options options = {.workers = workers};
    assert_int_equal(sched_create(&options, &scheduler, NULL), AIRS_OK);
    return scheduler;
}

static void wait_for(os_event *event)
{
    assert_true(os_event_wait(event, os_clock_now_ns() + PATIENCE));
}

static uint32_t threads_alive(void)
{
    uint32_t count = 0;
    DIR *folder = opendir("/proc/self/task");
    assert_non_null(folder);
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

// ---------------------------------------------------------------- tasks

/// Counts its polls; says `verdict` until `polls_max`, then DONE and sets `over`.
struct counter {
    sched_task task;
    sched *scheduler;
    BASE_ATOMIC(uint32_t) polls;
    uint32_t polls_max;
    sched_verdict verdict;
    os_event over;
};

static sched_verdict counter_poll(sched_task *task)
{
    struct counter *counter = ds_container_of(task, struct counter, task);
    assert_ptr_equal(sched_current_task(counter->scheduler), task);
    assert_true(sched_worker_index(counter->scheduler) < sched_worker_count(counter->scheduler));
    if (base_atomic_fetch_add_relaxed(&counter->polls, 1u) + 1 < counter->polls_max)
        return counter->verdict;
    os_event_set(&counter->over);
    return SCHED_POLL_DONE;
}

static void counter_init(struct counter *counter, sched *scheduler, uint32_t polls_max, sched_verdict verdict)
{
    *counter = (struct counter){.scheduler = scheduler, .polls_max = polls_max, .verdict = verdict};
    sched_task_init(&counter->task, counter_poll);
}

static void test_wake_again_done(void **state)
{
    (void)state;
    sched *scheduler = scheduler_make(2);
    struct counter counter;
    counter_init(&counter, scheduler, 1000, SCHED_POLL_AGAIN);
    assert_int_equal(sched_worker_index(scheduler), SCHED_NO_WORKER);
    assert_null(sched_current_task(scheduler));
    assert_false(sched_others_wait(scheduler));
    sched_wake(scheduler, &counter.task);
    wait_for(&counter.over);
    // Over is over.
    sched_wake(scheduler, &counter.task);
    sched_wake_last(scheduler, &counter.task);
    sched_stop(scheduler, true);
    assert_int_equal(base_atomic_load_relaxed(&counter.polls), 1000);
    uint64_t polls = 0;
    for (uint32_t i = 0; i < 2; i++) {
        sched_stats stats;
        sched_get_stats(scheduler, i, &stats);
        polls += stats.polls;
    }
    assert_int_equal(polls, 1000);
    sched_destroy(scheduler);
}

static void test_options_are_checked(void **state)
{
    (void)state;
    static const sched_options wrong[] = {
        {.workers = SCHED_WORKERS_MAX + 1}, {.queue_capacity = 3}, {.workers = 1, .seed = 1}};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        sched *scheduler = NULL;
        airs_error error = {.text = ""};
        assert_int_equal(sched_create(&wrong[i], &scheduler, &error), AIRS_E_INVALID);
        assert_null(scheduler);
        assert_true(error.text[0] != '\0');
    }
    sched_destroy(NULL);
}

/// Wakes all of `others` in one poll, then waits until each has run: on other workers, as it does not return.
struct spreader {
    sched_task task;
    sched *scheduler;
    struct counter *others;
    uint32_t count;
    bool stuck;
    os_event over;
};

static sched_verdict spreader_poll(sched_task *task)
{
    struct spreader *self = ds_container_of(task, struct spreader, task);
    for (uint32_t i = 0; i < self->count; i++)
        sched_wake(self->scheduler, &self->others[i].task);
    for (uint32_t i = 0; i < self->count && !self->stuck; i++)
        self->stuck = !os_event_wait(&self->others[i].over, os_clock_now_ns() + PATIENCE);
    os_event_set(&self->over);
    return SCHED_POLL_DONE;
}

static void test_others_steal_from_a_busy_worker(void **state)
{
    (void)state;
    enum {
        COUNT = 3000
    };
    sched *scheduler = scheduler_make(2);
    struct counter *others = calloc(COUNT, sizeof(*others));
    assert_non_null(others);
    for (uint32_t i = 0; i < COUNT; i++)
        counter_init(&others[i], scheduler, 1, SCHED_POLL_IDLE);
    // The one that was woken last stands in the next-task slot, and is taken from there too.
    struct spreader spreader = {.scheduler = scheduler, .others = others, .count = COUNT};
    sched_task_init(&spreader.task, spreader_poll);
    sched_wake(scheduler, &spreader.task);
    wait_for(&spreader.over);
    assert_false(spreader.stuck);
    sched_stop(scheduler, true);
    uint64_t steals = 0;
    for (uint32_t i = 0; i < 2; i++) {
        sched_stats stats;
        sched_get_stats(scheduler, i, &stats);
        steals += stats.steals;
    }
    assert_true(steals > 0);
    sched_destroy(scheduler);
    free(others);
}

/// Two tasks that wake each other for ever, until `stop`.
struct chatter {
    sched_task task;
    sched *scheduler;
    struct chatter *peer;
    BASE_ATOMIC(uint32_t) *stop;
};

static sched_verdict chatter_poll(sched_task *task)
{
    struct chatter *self = ds_container_of(task, struct chatter, task);
    if (base_atomic_load_relaxed(self->stop) == 0)
        sched_wake(self->scheduler, &self->peer->task);
    return SCHED_POLL_IDLE;
}

static void test_chatting_tasks_starve_nobody(void **state)
{
    (void)state;
    sched *scheduler = scheduler_make(1);
    BASE_ATOMIC(uint32_t) stop = 0;
    struct chatter a = {.scheduler = scheduler, .stop = &stop};
    struct chatter b = {.scheduler = scheduler, .stop = &stop, .peer = &a};
    a.peer = &b;
    sched_task_init(&a.task, chatter_poll);
    sched_task_init(&b.task, chatter_poll);
    sched_wake(scheduler, &a.task);
    struct counter again;
    struct counter idle;
    counter_init(&again, scheduler, 100, SCHED_POLL_AGAIN);
    counter_init(&idle, scheduler, 1, SCHED_POLL_IDLE);
    sched_wake(scheduler, &again.task);
    sched_wake(scheduler, &idle.task);
    wait_for(&idle.over);
    wait_for(&again.over);
    base_atomic_store_relaxed(&stop, 1u);
    sched_stop(scheduler, true);
    sched_destroy(scheduler);
}

// A task that says AGAIN all the time does not keep a woken one waiting: it comes after it.
static void test_woken_come_before_preempted(void **state)
{
    (void)state;
    sched *scheduler = NULL;
    sched_options options = {.workers = SCHED_DRIVEN};
    assert_int_equal(sched_create(&options, &scheduler, NULL), AIRS_OK);
    struct counter again[8];
    struct counter woken;
    uint64_t deadline;
    for (int i = 0; i < 8; i++) {
        counter_init(&again[i], scheduler, UINT32_MAX, SCHED_POLL_AGAIN);
        sched_wake(scheduler, &again[i].task);
    }
    for (int i = 0; i < 100; i++)
        assert_true(sched_run_once(scheduler, &deadline));
    for (int round = 0; round < 100; round++) {
        counter_init(&woken, scheduler, 1, SCHED_POLL_IDLE);
        sched_wake(scheduler, &woken.task);
        assert_true(sched_run_once(scheduler, &deadline));
        // Once in SCHED_FAIR polls it is the turn of the others.
        if (!os_event_is_set(&woken.over))
            assert_true(sched_run_once(scheduler, &deadline));
        assert_true(os_event_is_set(&woken.over));
    }
    for (int i = 0; i < 8; i++)
        assert_true(base_atomic_load_relaxed(&again[i].polls) >= 10);
    sched_destroy(scheduler);
}

// Wakes itself in each of its polls.
static sched_verdict restless_poll(sched_task *task)
{
    struct counter *counter = ds_container_of(task, struct counter, task);
    (void)base_atomic_fetch_add_relaxed(&counter->polls, 1u);
    sched_wake(counter->scheduler, task);
    return SCHED_POLL_IDLE;
}

// One that says YIELD has its turn among those that are woken all the time, and who comes from outside soon has too.
static void test_yielding_wait_for_one_round(void **state)
{
    (void)state;
    sched *scheduler = NULL;
    sched_options options = {.workers = SCHED_DRIVEN};
    assert_int_equal(sched_create(&options, &scheduler, NULL), AIRS_OK);
    struct counter yields[4], woken[28], foreign;
    uint64_t deadline;
    for (int i = 0; i < 28; i++) {
        counter_init(&woken[i], scheduler, UINT32_MAX, SCHED_POLL_IDLE);
        sched_task_init(&woken[i].task, restless_poll);
        sched_wake(scheduler, &woken[i].task);
    }
    for (int i = 0; i < 4; i++) {
        counter_init(&yields[i], scheduler, UINT32_MAX, SCHED_POLL_YIELD);
        sched_wake(scheduler, &yields[i].task);
    }
    for (uint32_t round = 1; round <= 50; round++) {
        for (int i = 0; i < 32; i++)
            assert_true(sched_run_once(scheduler, &deadline));
        for (int i = 0; i < 28; i++)
            assert_int_equal(base_atomic_load_relaxed(&woken[i].polls), round);
        for (int i = 0; i < 4; i++)
            assert_int_equal(base_atomic_load_relaxed(&yields[i].polls), round);
    }
    counter_init(&foreign, scheduler, 1, SCHED_POLL_IDLE);
    sched_wake(scheduler, &foreign.task);
    for (uint32_t i = 0; i < SCHED_FOREIGN; i++)
        assert_true(sched_run_once(scheduler, &deadline));
    assert_true(os_event_is_set(&foreign.over));
    sched_destroy(scheduler);
}

// More that yield than fit the queue: each has its turn, and who spins has it too.
static void test_more_than_fit_the_queue(void **state)
{
    (void)state;
    sched *scheduler = NULL;
    sched_options options = {.workers = SCHED_DRIVEN, .queue_capacity = 2};
    assert_int_equal(sched_create(&options, &scheduler, NULL), AIRS_OK);
    struct counter yields[6], again;
    uint64_t deadline;
    counter_init(&again, scheduler, UINT32_MAX, SCHED_POLL_AGAIN);
    sched_wake(scheduler, &again.task);
    for (int i = 0; i < 6; i++) {
        counter_init(&yields[i], scheduler, UINT32_MAX, SCHED_POLL_YIELD);
        sched_wake(scheduler, &yields[i].task);
    }
    for (uint32_t i = 0; i < 40 * SCHED_FAIR; i++)
        assert_true(sched_run_once(scheduler, &deadline));
    assert_true(base_atomic_load_relaxed(&again.polls) >= 30);
    for (int i = 0; i < 6; i++)
        assert_true(base_atomic_load_relaxed(&yields[i].polls) >= SCHED_FAIR);
    sched_destroy(scheduler);
}

// ---------------------------------------------------------------- start and stop

static void test_start_stop_leaves_nothing(void **state)
{
    (void)state;
    base_alloc_fault fault;
    base_alloc_fault_init(&fault);
    uint32_t threads = threads_alive();
    for (uint32_t round = 0; round < TEST_ROUNDS(300u); round++) {
        sched *scheduler = NULL;
        sched_options options = {.workers = round % 4 + 1, .allocator = &fault.allocator};
        assert_int_equal(sched_create(&options, &scheduler, NULL), AIRS_OK);
        struct counter counters[4];
        for (int i = 0; i < 4; i++) {
            counter_init(&counters[i], scheduler, round % 2 == 0 ? 10 : UINT32_MAX, SCHED_POLL_AGAIN);
            sched_wake(scheduler, &counters[i].task);
        }
        if (round % 2 == 0) {
            sched_stop(scheduler, true);
            for (int i = 0; i < 4; i++)
                assert_int_equal(base_atomic_load_relaxed(&counters[i].polls), 10);
        } else {
            sched_stop(scheduler, false);
        }
        // Allowed, and without effect.
        sched_wake(scheduler, &counters[0].task);
        sched_stop(scheduler, true);
        sched_destroy(scheduler);
        assert_int_equal(base_alloc_fault_live(&fault), 0);
    }
    assert_int_equal(threads_alive(), threads);
}

static void test_no_memory(void **state)
{
    (void)state;
    for (uint64_t at = 1;; at++) {
        base_alloc_fault fault;
        base_alloc_fault_init(&fault);
        base_alloc_fault_arm(&fault, at, 1);
        sched *scheduler = NULL;
        airs_error error;
        sched_options options = {.workers = 2, .allocator = &fault.allocator};
        airs_status status = sched_create(&options, &scheduler, &error);
        assert_int_equal(status, base_alloc_fault_hit(&fault) ? AIRS_E_NOMEM : AIRS_OK);
        sched_destroy(scheduler);
        assert_int_equal(base_alloc_fault_live(&fault), 0);
        if (status == AIRS_OK)
            break;
        assert_null(scheduler);
    }
}

struct hooked {
    BASE_ATOMIC(uint32_t) started;
    BASE_ATOMIC(uint32_t) stopped;
    // Only under the order that hooks promise.
    uint32_t active;
    BASE_ATOMIC(uint32_t) parked;
    BASE_ATOMIC(bool) wrong;
};

static void on_start(void *user, uint32_t worker)
{
    (void)worker;
    base_atomic_fetch_add_relaxed(&((struct hooked *)user)->started, 1u);
}

static void on_stop(void *user, uint32_t worker)
{
    (void)worker;
    base_atomic_fetch_add_relaxed(&((struct hooked *)user)->stopped, 1u);
}

static void on_active(void *user)
{
    struct hooked *hooked = user;
    if (++hooked->active != base_atomic_load_relaxed(&hooked->parked) + 1)
        base_atomic_store_relaxed(&hooked->wrong, true);
}

static void on_all_parked(void *user)
{
    struct hooked *hooked = user;
    if (base_atomic_fetch_add_relaxed(&hooked->parked, 1u) + 1 != hooked->active)
        base_atomic_store_relaxed(&hooked->wrong, true);
}

static void test_hooks_alternate(void **state)
{
    (void)state;
    struct hooked hooked = {0};
    sched *scheduler = NULL;
    sched_options options = {.workers = 2,
                             .hooks = {.worker_start = on_start,
                                       .worker_stop = on_stop,
                                       .active = on_active,
                                       .all_parked = on_all_parked,
                                       .user = &hooked}};
    assert_int_equal(sched_create(&options, &scheduler, NULL), AIRS_OK);
    // Each its own: a task that is over may not be made anew without a grace period.
    struct counter counters[50];
    for (int round = 0; round < 50; round++) {
        struct counter *counter = &counters[round];
        counter_init(counter, scheduler, 3, SCHED_POLL_AGAIN);
        uint32_t parked = base_atomic_load_relaxed(&hooked.parked);
        sched_wake(scheduler, &counter->task);
        wait_for(&counter->over);
        for (int i = 0; i < 10000 && base_atomic_load_relaxed(&hooked.parked) == parked; i++)
            os_event_wait(&(os_event){0}, os_clock_now_ns() + MS);
        assert_true(base_atomic_load_relaxed(&hooked.parked) > parked);
    }
    sched_destroy(scheduler);
    assert_int_equal(base_atomic_load_relaxed(&hooked.started), 2);
    assert_int_equal(base_atomic_load_relaxed(&hooked.stopped), 2);
    assert_false(base_atomic_load_relaxed(&hooked.wrong));
}

// ---------------------------------------------------------------- timers

struct alarm {
    sched_timer timer;
    sched *scheduler;
    uint64_t deadline_ns;
    uint64_t fired_ns;
    uint32_t again;
    os_event over;
};

static void alarm_fire(sched_timer *timer)
{
    struct alarm *alarm = timer->user;
    alarm->fired_ns = os_clock_now_ns();
    if (alarm->again-- > 0)
        sched_timer_start(alarm->scheduler, timer, alarm->fired_ns + MS);
    else
        os_event_set(&alarm->over);
}

static void alarm_init(struct alarm *alarm, sched *scheduler, uint64_t delay_ns)
{
    *alarm = (struct alarm){.scheduler = scheduler, .deadline_ns = os_clock_now_ns() + delay_ns};
    sched_timer_init(&alarm->timer, alarm_fire, alarm);
}

static void test_timers_fire_on_idle_workers(void **state)
{
    (void)state;
    sched *scheduler = scheduler_make(2);
    struct alarm alarms[20];
    for (uint32_t i = 0; i < 20; i++) {
        alarm_init(&alarms[i], scheduler, (20 - i) * 3 * MS);
        sched_timer_start(scheduler, &alarms[i].timer, alarms[i].deadline_ns);
    }
    for (uint32_t i = 0; i < 20; i++) {
        wait_for(&alarms[i].over);
        assert_true(alarms[i].fired_ns >= alarms[i].deadline_ns);
    }
    assert_int_equal(sched_timer_count(scheduler), 0);
    sched_destroy(scheduler);
}

static void test_timer_restarts_itself(void **state)
{
    (void)state;
    sched *scheduler = scheduler_make(1);
    struct alarm alarm;
    alarm_init(&alarm, scheduler, 0);
    alarm.again = 10;
    sched_timer_start(scheduler, &alarm.timer, alarm.deadline_ns);
    wait_for(&alarm.over);
    assert_true(alarm.fired_ns >= alarm.deadline_ns + 10 * MS);
    sched_destroy(scheduler);
}

static void test_timer_cancel(void **state)
{
    (void)state;
    sched *scheduler = scheduler_make(2);
    struct alarm alarm;
    alarm_init(&alarm, scheduler, 10000000 * MS);
    assert_false(sched_timer_cancel(scheduler, &alarm.timer));
    sched_timer_start(scheduler, &alarm.timer, alarm.deadline_ns);
    assert_int_equal(sched_timer_count(scheduler), 1);
    assert_true(sched_timer_cancel(scheduler, &alarm.timer));
    assert_false(sched_timer_cancel(scheduler, &alarm.timer));
    sched_timer_start(scheduler, &alarm.timer, OS_NEVER);
    assert_false(sched_timer_cancel_wait(scheduler, &alarm.timer));
    sched_timer_start(scheduler, &alarm.timer, OS_NEVER - 1);
    assert_true(sched_timer_cancel_wait(scheduler, &alarm.timer));
    // Pending ones are forgotten at the end.
    sched_timer_start(scheduler, &alarm.timer, alarm.deadline_ns);
    sched_destroy(scheduler);
    assert_false(os_event_is_set(&alarm.over));
}

// A timer of a worker that is in a long poll fires on another one, as long as that one searches.
static void test_timers_fire_beside_busy_tasks(void **state)
{
    (void)state;
    sched *scheduler = scheduler_make(2);
    struct counter busy[4];
    for (int i = 0; i < 4; i++) {
        counter_init(&busy[i], scheduler, UINT32_MAX, SCHED_POLL_AGAIN);
        sched_wake(scheduler, &busy[i].task);
    }
    for (int i = 0; i < 10; i++) {
        struct alarm alarm;
        alarm_init(&alarm, scheduler, 2 * MS);
        sched_timer_start(scheduler, &alarm.timer, alarm.deadline_ns);
        wait_for(&alarm.over);
        assert_true(alarm.fired_ns >= alarm.deadline_ns);
    }
    sched_destroy(scheduler);
}

// ---------------------------------------------------------------- quiescence

struct buried {
    base_retired retired;
    os_event over;
};

static void bury(base_retired *retired)
{
    os_event_set(&ds_container_of(retired, struct buried, retired)->over);
}

static void test_deferred_by_a_foreign_thread(void **state)
{
    (void)state;
    sched *scheduler = scheduler_make(2);
    base_retirer retirer = sched_retirer(scheduler);
    for (int i = 0; i < 20; i++) {
        struct buried buried = {0};
        retirer.retire(retirer.user, &buried.retired, bury);
        wait_for(&buried.over);
    }
    sched_destroy(scheduler);
}

static void test_deferred_waits_for_a_foreign_reader(void **state)
{
    (void)state;
    sched *scheduler = scheduler_make(2);
    struct buried buried = {0};
    sched_read outer = sched_read_enter(scheduler);
    sched_read inner = sched_read_enter(scheduler);
    sched_defer(scheduler, &buried.retired, bury);
    assert_false(os_event_wait(&buried.over, os_clock_now_ns() + 20 * MS));
    sched_read_leave(scheduler, outer);
    assert_false(os_event_wait(&buried.over, os_clock_now_ns() + 20 * MS));
    sched_read_leave(scheduler, inner);
    wait_for(&buried.over);
    // One that begins later is not waited for.
    struct buried later = {0};
    sched_defer(scheduler, &later.retired, bury);
    wait_for(&later.over);
    sched_destroy(scheduler);
}

struct deferring {
    sched_task task;
    sched *scheduler;
    struct buried buried;
    bool early;
};

static sched_verdict deferring_poll(sched_task *task)
{
    struct deferring *self = ds_container_of(task, struct deferring, task);
    sched_defer(self->scheduler, &self->buried.retired, bury);
    // Not before this poll is over.
    self->early = os_event_wait(&self->buried.over, os_clock_now_ns() + 5 * MS);
    sched_read read = sched_read_enter(self->scheduler);
    sched_read_leave(self->scheduler, read);
    return SCHED_POLL_DONE;
}

static void test_deferred_in_a_poll(void **state)
{
    (void)state;
    sched *scheduler = scheduler_make(2);
    struct deferring deferring = {.scheduler = scheduler};
    sched_task_init(&deferring.task, deferring_poll);
    sched_wake(scheduler, &deferring.task);
    wait_for(&deferring.buried.over);
    assert_false(deferring.early);
    sched_destroy(scheduler);
}

static void test_deferred_runs_at_the_end(void **state)
{
    (void)state;
    sched *scheduler = NULL;
    sched_options options = {.workers = SCHED_DRIVEN};
    assert_int_equal(sched_create(&options, &scheduler, NULL), AIRS_OK);
    struct buried buried[4] = {0};
    sched_defer(scheduler, &buried[0].retired, bury);
    sched_defer(scheduler, &buried[1].retired, bury);
    sched_stop(scheduler, false);
    assert_true(os_event_is_set(&buried[0].over) && os_event_is_set(&buried[1].over));
    sched_defer(scheduler, &buried[2].retired, bury);
    sched_stop(scheduler, false);
    assert_true(os_event_is_set(&buried[2].over));
    sched_defer(scheduler, &buried[3].retired, bury);
    sched_destroy(scheduler);
    assert_true(os_event_is_set(&buried[3].over));
}

// ---------------------------------------------------------------- driven

static void count_wake(void *user)
{
    base_atomic_fetch_add_relaxed((BASE_ATOMIC(uint32_t) *)user, 1u);
}

static void test_driven(void **state)
{
    (void)state;
    BASE_ATOMIC(uint32_t) wakes = 0;
    sched *scheduler = NULL;
    sched_options options = {.workers = SCHED_DRIVEN, .hooks = {.foreign_wake = count_wake, .user = &wakes}};
    uint32_t threads = threads_alive();
    assert_int_equal(sched_create(&options, &scheduler, NULL), AIRS_OK);
    assert_int_equal(threads_alive(), threads);
    assert_int_equal(sched_worker_count(scheduler), 1);
    uint64_t deadline = 0;
    assert_false(sched_run_once(scheduler, &deadline));
    assert_true(deadline == OS_NEVER);

    struct counter counter;
    counter_init(&counter, scheduler, 3, SCHED_POLL_AGAIN);
    sched_wake(scheduler, &counter.task);
    assert_int_equal(base_atomic_load_relaxed(&wakes), 1);
    while (sched_run_once(scheduler, &deadline))
        ;
    assert_int_equal(base_atomic_load_relaxed(&counter.polls), 3);

    struct alarm alarm;
    alarm_init(&alarm, scheduler, 2 * MS);
    sched_timer_start(scheduler, &alarm.timer, alarm.deadline_ns);
    assert_false(sched_run_once(scheduler, &deadline));
    assert_true(deadline <= alarm.deadline_ns + SCHED_TIMER_RESOLUTION_NS);
    while (!os_event_is_set(&alarm.over))
        sched_run_once(scheduler, &deadline);
    assert_true(alarm.fired_ns >= alarm.deadline_ns);
    sched_destroy(scheduler);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wake_again_done),
        cmocka_unit_test(test_options_are_checked),
        cmocka_unit_test(test_others_steal_from_a_busy_worker),
        cmocka_unit_test(test_chatting_tasks_starve_nobody),
        cmocka_unit_test(test_woken_come_before_preempted),
        cmocka_unit_test(test_yielding_wait_for_one_round),
        cmocka_unit_test(test_more_than_fit_the_queue),
        cmocka_unit_test(test_start_stop_leaves_nothing),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_hooks_alternate),
        cmocka_unit_test(test_timers_fire_on_idle_workers),
        cmocka_unit_test(test_timer_restarts_itself),
        cmocka_unit_test(test_timer_cancel),
        cmocka_unit_test(test_timers_fire_beside_busy_tasks),
        cmocka_unit_test(test_deferred_by_a_foreign_thread),
        cmocka_unit_test(test_deferred_waits_for_a_foreign_reader),
        cmocka_unit_test(test_deferred_in_a_poll),
        cmocka_unit_test(test_deferred_runs_at_the_end),
        cmocka_unit_test(test_driven),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
