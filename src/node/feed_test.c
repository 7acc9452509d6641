// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/feed.h"

#include "base/bytes.h"
#include "os/clock.h"
#include "os/poller.h"
#include "os/thread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void put(node_feed *feed, const char *text)
{
    airs_bytes part = base_bytes_of(text);
    node_feed_put(feed, &part, 1);
}

/// What a reader gets, as text: records, "-N" for N missed ones, "." for nothing, "|" for the end.
static void read_all(node_feed *feed, uint64_t *cursor, char *said, size_t size)
{
    said[0] = 0;
    for (;;) {
        node_feed_item item;
        node_feed_step step = node_feed_next(feed, cursor, &item);
        size_t used = strlen(said);
        if (step == NODE_FEED_RECORD) {
            assert_int_equal(item.number, *cursor);
            snprintf(said + used, size - used, "%.*s ", (int)item.record.len, (const char *)item.record.data);
            node_feed_item_fini(&item);
        } else if (step == NODE_FEED_MISSED) {
            snprintf(said + used, size - used, "-%d ", (int)item.missed);
        } else {
            snprintf(said + used, size - used, "%s", step == NODE_FEED_END ? "|" : ".");
            return;
        }
    }
}

static void expect(node_feed *feed, uint64_t *cursor, const char *expected)
{
    char said[1024];
    read_all(feed, cursor, said, sizeof said);
    assert_string_equal(said, expected);
}

static void readers_go_their_own_ways(void **state)
{
    (void)state;
    node_feed *feed = node_feed_create(4, 100);
    uint64_t early = 0;
    expect(feed, &early, ".");
    put(feed, "a");
    expect(feed, &early, "a .");
    put(feed, "b");
    uint64_t late = 0;
    expect(feed, &late, "a b .");
    expect(feed, &early, "b .");
    assert_int_equal(node_feed_last(feed), 2);
    node_feed_close(feed);
    expect(feed, &early, "|");
    node_feed_destroy(feed);
}

static void the_oldest_make_room(void **state)
{
    (void)state;
    node_feed *feed = node_feed_create(3, 8);
    uint64_t cursor = 0;
    for (int i = 0; i < 5; i++)
        put(feed, (char[]){(char)('a' + i), 0});
    expect(feed, &cursor, "-2 c d e .");
    // By bytes too: this one leaves room for nothing else.
    put(feed, "12345678");
    cursor = 2;
    expect(feed, &cursor, "-3 12345678 .");
    // One that is larger than the feed is missed, and what is there stays.
    put(feed, "123456789");
    put(feed, "x");
    expect(feed, &cursor, "-1 x .");
    cursor = 0;
    expect(feed, &cursor, "-7 x .");
    node_feed_destroy(feed);
}

static void parts_become_one(void **state)
{
    (void)state;
    node_feed *feed = node_feed_create(2, 100);
    const airs_bytes parts[] = {base_bytes_of("one"), {NULL, 0}, base_bytes_of("two")};
    node_feed_put(feed, parts, 3);
    uint64_t cursor = 0;
    expect(feed, &cursor, "onetwo .");
    node_feed_destroy(feed);
}

static bool is_rung(os_poller *poller)
{
    os_poll_event event;
    uint32_t count = 0;
    assert_int_equal(os_poller_wait(poller, &event, 1, os_clock_now_ns(), &count, NULL), AIRS_OK);
    return count > 0;
}

static void the_bell_is_rung_once(void **state)
{
    (void)state;
    os_poller poller;
    int bell;
    assert_int_equal(os_poller_init(&poller, NULL), AIRS_OK);
    assert_int_equal(os_eventfd_create(&bell, NULL), AIRS_OK);
    assert_int_equal(os_poller_add(&poller, bell, OS_POLL_READ, NULL, NULL), AIRS_OK);
    node_feed *feed = node_feed_create(4, 100);
    put(feed, "before");
    node_feed_set_bell(feed, bell);
    assert_false(is_rung(&poller));
    put(feed, "a");
    assert_true(is_rung(&poller));
    os_eventfd_drain(bell);
    // Nobody has looked since.
    put(feed, "b");
    assert_false(is_rung(&poller));
    uint64_t cursor = 0;
    expect(feed, &cursor, "before a b .");
    put(feed, "c");
    assert_true(is_rung(&poller));
    node_feed_set_bell(feed, -1);
    os_eventfd_drain(bell);
    expect(feed, &cursor, "c .");
    node_feed_close(feed);
    assert_false(is_rung(&poller));
    node_feed_destroy(feed);
    os_fd_close(bell);
    os_poller_fini(&poller);
}

#define WRITERS 3
#define EACH 20000

static void write_many(void *user)
{
    for (int i = 0; i < EACH; i++)
        put(user, "record");
}

/// With writers that do not wait, what is read and what is missed is together all there was.
static void nothing_is_unaccounted_for(void **state)
{
    (void)state;
    node_feed *feed = node_feed_create(64, 300);
    os_thread threads[WRITERS];
    for (int i = 0; i < WRITERS; i++)
        assert_int_equal(os_thread_start(&threads[i], "writer", 0, write_many, feed), AIRS_OK);
    uint64_t cursor = 0;
    uint64_t seen = 0;
    while (seen < WRITERS * EACH) {
        node_feed_item item;
        node_feed_step step = node_feed_next(feed, &cursor, &item);
        if (step == NODE_FEED_RECORD) {
            seen++;
            assert_int_equal(item.record.len, 6);
            node_feed_item_fini(&item);
        } else if (step == NODE_FEED_MISSED) {
            seen += item.missed;
        }
        assert_int_equal(cursor, seen);
    }
    for (int i = 0; i < WRITERS; i++)
        os_thread_join(&threads[i]);
    assert_int_equal(node_feed_last(feed), WRITERS * EACH);
    node_feed_destroy(feed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readers_go_their_own_ways),  cmocka_unit_test(the_oldest_make_room),
        cmocka_unit_test(parts_become_one),           cmocka_unit_test(the_bell_is_rung_once),
        cmocka_unit_test(nothing_is_unaccounted_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
