// SPDX-License-Identifier: MIT OR Apache-2.0
/// Who has ended is taken whole, once, and not while somebody holds it; the bell says when.
#include <poll.h>

#include "base/alloc.h"
#include "base/testing.h"
#include "node/ends.h"
#include "os/poller.h"

#define MANY 100u

static bool rings(int bell)
{
    struct pollfd it = {.fd = bell, .events = POLLIN};
    bool rung = poll(&it, 1, 0) == 1;
    os_eventfd_drain(bell);
    return rung;
}

static void takes(node_ends *ends, uint64_t first, size_t count)
{
    size_t taken_count = 0;
    uint64_t *taken = node_ends_take(ends, &taken_count);
    assert_int_equal(taken_count, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(taken[i], first + i);
    base_free(base_allocator_default(), taken);
}

static void what_has_ended_is_taken_whole_and_once(void **user)
{
    (void)user;
    node_ends ends;
    int bell;
    node_ends_init(&ends);
    assert_int_equal(os_eventfd_create(&bell, NULL), AIRS_OK);
    // Before anybody can be told.
    node_ends_put(&ends, 1);
    node_ends_set_bell(&ends, bell);
    assert_true(rings(bell));
    assert_true(node_ends_any(&ends));
    for (uint64_t i = 2; i <= MANY; i++)
        node_ends_put(&ends, i);
    takes(&ends, 1, MANY);
    assert_false(node_ends_any(&ends));
    takes(&ends, 0, 0);
    (void)rings(bell);
    node_ends_put(&ends, 7);
    assert_true(rings(bell));
    takes(&ends, 7, 1);
    // Nobody is told any more, and what is left goes with it.
    node_ends_set_bell(&ends, -1);
    node_ends_put(&ends, 8);
    assert_false(rings(bell));
    node_ends_fini(&ends);
    os_fd_close(bell);
}

static void what_is_held_is_there_when_it_is_let_go_of(void **user)
{
    (void)user;
    node_ends ends;
    int bell;
    node_ends_init(&ends);
    assert_int_equal(os_eventfd_create(&bell, NULL), AIRS_OK);
    node_ends_set_bell(&ends, bell);
    node_ends_hold(&ends);
    node_ends_hold(&ends);
    node_ends_put(&ends, 1);
    node_ends_let_go(&ends);
    assert_false(rings(bell));
    assert_false(node_ends_any(&ends));
    takes(&ends, 0, 0);
    node_ends_let_go(&ends);
    assert_true(rings(bell));
    takes(&ends, 1, 1);
    node_ends_fini(&ends);
    os_fd_close(bell);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_has_ended_is_taken_whole_and_once),
        cmocka_unit_test(what_is_held_is_there_when_it_is_let_go_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
