// SPDX-License-Identifier: MIT OR Apache-2.0
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/testing.h"
#include "os/clock.h"
#include "os/event.h"
#include "os/futex.h"
#include "os/mutex.h"
#include "os/poller.h"
#include "os/resolve.h"
#include "os/thread.h"

#define MS UINT64_C(1000000)

static void test_deadlines_do_not_wrap(void **state)
{
    (void)state;
    assert_int_equal(os_deadline_ns(5, 6), 11);
    assert_int_equal(os_deadline_ns(5, UINT64_MAX), OS_NEVER);
    assert_int_equal(os_deadline_ms(5, UINT64_MAX / 1000), OS_NEVER);
    assert_int_equal(os_deadline_ms(1, 2), 1 + 2 * MS);
    assert_int_equal(os_deadline_ms(UINT64_MAX - 1, 1), OS_NEVER);
    uint64_t before = os_clock_now_ns();
    os_clock clock = os_clock_monotonic();
    assert_true(clock.now_ns(clock.user) >= before);
}

static void test_futex_times_out(void **state)
{
    (void)state;
    BASE_ATOMIC(uint32_t) word = 1;
    uint64_t before = os_clock_now_ns();
    assert_false(os_futex_wait(&word, 1, before + 5 * MS));
    assert_true(os_clock_now_ns() >= before + 5 * MS);
    assert_true(os_futex_wait(&word, 2, OS_NEVER));
    assert_false(os_futex_wait(&word, 1, 0));
}

typedef struct counting {
    os_mutex lock;
    uint64_t count;
    uint64_t rounds;
} counting;

static void count_up(void *user)
{
    counting *shared = user;
    for (uint64_t i = 0; i < shared->rounds; i++) {
        os_mutex_lock(&shared->lock);
        shared->count++;
        os_mutex_unlock(&shared->lock);
    }
}

static void test_mutex_excludes(void **state)
{
    (void)state;
    counting shared = {.rounds = TEST_ROUNDS(200000)};
    os_thread threads[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(os_thread_start(&threads[i], "count", 0, count_up, &shared), AIRS_OK);
    for (int i = 0; i < 4; i++)
        os_thread_join(&threads[i]);
    assert_int_equal(shared.count, 4 * shared.rounds);
    assert_true(os_mutex_try_lock(&shared.lock));
    assert_false(os_mutex_try_lock(&shared.lock));
    os_mutex_unlock(&shared.lock);
}

static void set_event(void *user)
{
    os_event_set(user);
}

static void test_event(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < TEST_ROUNDS(1000u); i++) {
        os_event event;
        os_event_init(&event);
        os_thread thread;
        assert_int_equal(os_thread_start(&thread, "set", 0, set_event, &event), AIRS_OK);
        assert_true(os_event_wait(&event, OS_NEVER));
        os_thread_join(&thread);
        assert_true(os_event_is_set(&event));
        os_event_set(&event);
        assert_true(os_event_wait(&event, 0));
    }
}

static void test_event_times_out(void **state)
{
    (void)state;
    os_event event;
    os_event_init(&event);
    assert_false(os_event_wait(&event, 0));
    assert_false(os_event_wait(&event, os_clock_now_ns() + 2 * MS));
    os_event_set(&event);
    assert_true(os_event_wait(&event, 0));
}

typedef struct seen_thread {
    char name[16];
    bool blocks_term;
    bool blocks_segv;
} seen_thread;

static void look_at_thread(void *user)
{
    seen_thread *seen = user;
    sigset_t mask;
    pthread_getname_np(pthread_self(), seen->name, sizeof(seen->name));
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    seen->blocks_term = sigismember(&mask, SIGTERM) == 1;
    seen->blocks_segv = sigismember(&mask, SIGSEGV) == 1;
}

static void test_thread(void **state)
{
    (void)state;
    seen_thread seen = {0};
    os_thread thread;
    assert_int_equal(os_thread_start(&thread, "a-name-that-is-too-long", 256 * 1024, look_at_thread, &seen), AIRS_OK);
    os_thread_join(&thread);
    assert_string_equal(seen.name, "a-name-that-is-");
    assert_true(seen.blocks_term);
    assert_false(seen.blocks_segv);
    assert_int_equal(os_thread_start(&thread, "tiny", 1, look_at_thread, &seen), AIRS_E_INVALID);
    assert_true(os_cpu_count() >= 1);
}

static void test_poller(void **state)
{
    (void)state;
    airs_error error;
    os_poller poller;
    os_poll_event events[4];
    uint32_t count = 99;
    int wake;
    int timer;
    assert_int_equal(os_poller_init(&poller, &error), AIRS_OK);
    assert_int_equal(os_eventfd_create(&wake, &error), AIRS_OK);
    assert_int_equal(os_timerfd_create(&timer, &error), AIRS_OK);
    assert_int_equal(os_poller_add(&poller, wake, OS_POLL_READ, &wake, &error), AIRS_OK);
    assert_int_equal(os_poller_add(&poller, wake, OS_POLL_READ, &wake, &error), AIRS_E_INVALID);
    assert_int_equal(os_poller_change(&poller, timer, OS_POLL_READ, &timer, &error), AIRS_E_NOT_FOUND);
    assert_int_equal(os_poller_add(&poller, timer, OS_POLL_READ, &timer, &error), AIRS_OK);

    assert_int_equal(os_poller_wait(&poller, events, 4, 0, &count, &error), AIRS_OK);
    assert_int_equal(count, 0);
    os_eventfd_notify(wake);
    os_eventfd_notify(wake);
    assert_int_equal(os_poller_wait(&poller, events, 4, OS_NEVER, &count, &error), AIRS_OK);
    assert_int_equal(count, 1);
    assert_ptr_equal(events[0].user, &wake);
    assert_int_equal(events[0].bits, OS_POLL_READ);
    os_eventfd_drain(wake);

    uint64_t deadline = os_clock_now_ns() + 3 * MS;
    assert_int_equal(os_timerfd_arm(timer, deadline, &error), AIRS_OK);
    assert_int_equal(os_poller_wait(&poller, events, 4, OS_NEVER, &count, &error), AIRS_OK);
    assert_ptr_equal(events[0].user, &timer);
    assert_true(os_clock_now_ns() >= deadline);
    assert_int_equal(os_timerfd_arm(timer, OS_NEVER, &error), AIRS_OK);
    os_poller_remove(&poller, wake);
    os_eventfd_notify(wake);
    assert_int_equal(os_poller_wait(&poller, events, 4, os_clock_now_ns() + MS, &count, &error), AIRS_OK);
    assert_int_equal(count, 0);

    os_fd_close(wake);
    os_fd_close(timer);
    os_fd_close(-1);
    os_poller_fini(&poller);
    os_poller_fini(&poller);
}

// Each descriptor that is not to be had is a status with a text, and the output stays as it was.
static void test_descriptors_run_out(void **state)
{
    (void)state;
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    struct rlimit none = {.rlim_cur = 0, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    airs_error error;
    os_poller poller;
    int fd = 77;
    airs_status poller_status = os_poller_init(&poller, &error);
    airs_status event_status = os_eventfd_create(&fd, &error);
    airs_status timer_status = os_timerfd_create(&fd, &error);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(poller_status, AIRS_E_LIMIT);
    assert_int_equal(event_status, AIRS_E_LIMIT);
    assert_int_equal(timer_status, AIRS_E_LIMIT);
    assert_int_equal(fd, 77);
    assert_string_equal(error.text, "timerfd_create: Too many open files");
    os_poller_fini(&poller);
}

static void the_system_knows_itself(void **state)
{
    (void)state;
    airs_address found[4] = {0};
    size_t count = 0;
    assert_int_equal(os_resolve(NULL, "localhost", found, 4, &count), AIRS_OK);
    assert_true(count >= 1 && count <= 4);
    for (size_t i = 0; i < count; i++) {
        assert_true(found[i].version == 4 ? found[i].bytes[0] == 127
                                          : found[i].version == 6 && found[i].bytes[15] == 1);
        for (size_t before = 0; before < i; before++)
            assert_memory_not_equal(&found[before], &found[i], sizeof found[i]);
    }
    count = 0;
    assert_int_equal(os_resolve(NULL, "localhost", found, 1, &count), AIRS_OK);
    assert_int_equal(count, 1);
    // No name, and nobody is asked for it.
    assert_int_not_equal(os_resolve(NULL, "a b", found, 4, &count), AIRS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deadlines_do_not_wrap),
        cmocka_unit_test(test_futex_times_out),
        cmocka_unit_test(test_mutex_excludes),
        cmocka_unit_test(test_event),
        cmocka_unit_test(test_event_times_out),
        cmocka_unit_test(test_thread),
        cmocka_unit_test(test_poller),
        cmocka_unit_test(test_descriptors_run_out),
        cmocka_unit_test(the_system_knows_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
