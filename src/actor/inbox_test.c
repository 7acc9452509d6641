// SPDX-License-Identifier: MIT OR Apache-2.0
/// Mailboxes with their limit, what is put back, and the age of what waits.
#include "base/testing.h"

#include "actor/age.h"
#include "actor/inbox.h"

#define MAILS 8

static envelope mails[MAILS];

static void prepare(inbox *box, uint32_t max, airs_mailbox_policy policy)
{
    *box = (inbox){.max = 0};
    inbox_init(box, max, policy);
    for (uint64_t i = 0; i < MAILS; i++)
        mails[i] = (envelope){.id = i};
}

static inbox_put put(inbox *box, uint32_t number)
{
    envelope *dropped;
    return inbox_put_message(box, &mails[number], &dropped);
}

static int take(inbox *box)
{
    envelope *mail;
    return inbox_take(box, &mail) == DS_MAILBOX_NODE ? (int)mail->id : -1;
}

static void what_is_put_back_comes_first(void **user)
{
    (void)user;
    static const airs_mailbox_policy policies[] = {AIRS_MAILBOX_REFUSE, AIRS_MAILBOX_DROP_OLDEST};
    for (size_t i = 0; i < 2; i++) {
        inbox box;
        prepare(&box, 8, policies[i]);
        for (uint32_t number = 0; number < 4; number++)
            (void)put(&box, number);
        assert_int_equal(take(&box), 0);
        assert_int_equal(take(&box), 1);
        assert_int_equal(inbox_len(&box), 4);
        inbox_put_back(&box, &mails[1]);
        inbox_put_back(&box, &mails[0]);
        assert_false(inbox_sleep(&box));
        assert_int_equal(inbox_taken(&box), 0);
        for (int number = 0; number < 4; number++)
            assert_int_equal(take(&box), number);
        assert_int_equal(take(&box), -1);
        assert_int_equal(inbox_taken(&box), 4);
        assert_int_equal(inbox_give_back(&box), 4);
        assert_int_equal(inbox_len(&box), 0);
        assert_true(inbox_sleep(&box));
    }
}

/// Its place may be another one's by then: it counts all the same.
static void what_is_put_back_counts_again(void **user)
{
    (void)user;
    inbox box;
    prepare(&box, 2, AIRS_MAILBOX_REFUSE);
    (void)put(&box, 0);
    (void)put(&box, 1);
    assert_int_equal(put(&box, 2), INBOX_FULL);
    assert_int_equal(take(&box), 0);
    (void)inbox_give_back(&box);
    assert_int_not_equal(put(&box, 2), INBOX_FULL);
    inbox_put_back(&box, &mails[0]);
    assert_int_equal(inbox_len(&box), 3);
    assert_int_equal(put(&box, 3), INBOX_FULL);
    for (int i = 0; i < 3; i++)
        assert_int_equal(take(&box), i);
    (void)inbox_give_back(&box);
    assert_int_equal(inbox_len(&box), 0);
    assert_int_equal(inbox_taken(&box), 3);
}

static void a_closed_one_takes_nothing(void **user)
{
    (void)user;
    for (airs_mailbox_policy policy = AIRS_MAILBOX_REFUSE; policy <= AIRS_MAILBOX_PARK_SENDER; policy++) {
        inbox box;
        prepare(&box, 2, policy);
        (void)put(&box, 0);
        inbox_close(&box);
        inbox_close(&box);
        assert_int_equal(put(&box, 1), INBOX_CLOSED);
        assert_int_equal(inbox_len(&box), 1);
        assert_int_equal(take(&box), 0);
        inbox_open(&box);
        inbox_open(&box);
        (void)inbox_give_back(&box);
        assert_int_equal(inbox_len(&box), 0);
        assert_int_not_equal(put(&box, 1), INBOX_CLOSED);
    }
}

static void what_is_dropped_for_newer_ones_has_not_waited(void **user)
{
    (void)user;
    inbox box;
    prepare(&box, 2, AIRS_MAILBOX_DROP_OLDEST);
    (void)put(&box, 0);
    (void)put(&box, 1);
    envelope *dropped;
    (void)inbox_put_message(&box, &mails[2], &dropped);
    assert_ptr_equal(dropped, &mails[0]);
    assert_int_equal(inbox_taken(&box), 1);
    assert_int_equal(inbox_len(&box), 2);
}

// ---------------------------------------------------------------- age

static bool is_over(age_marks *marks, uint64_t now_ns, uint64_t taken, uint64_t waiting)
{
    return age_is_over(marks, now_ns, 40, taken, waiting);
}

static void what_is_taken_in_time_is_no_failure(void **user)
{
    (void)user;
    age_marks marks = {.count = 0};
    for (uint64_t now = 0; now < 1000; now += 10)
        assert_false(is_over(&marks, now, now / 5, 5));
}

static void what_waits_for_the_whole_span_is(void **user)
{
    (void)user;
    age_marks marks = {.count = 0};
    for (uint64_t now = 0; now < 40; now += 10)
        assert_false(is_over(&marks, now, 10, 1));
    assert_true(is_over(&marks, 40, 10, 1));
    // Of two one was taken just in time, the other was not.
    marks = (age_marks){.count = 0};
    for (uint64_t now = 0; now < 40; now += 10)
        assert_false(is_over(&marks, now, 10, 2));
    assert_true(is_over(&marks, 40, 11, 1));
    marks = (age_marks){.count = 0};
    for (uint64_t now = 0; now < 40; now += 10)
        assert_false(is_over(&marks, now, 10, 1));
    assert_false(is_over(&marks, 40, 11, 0));
}

/// An actor that is busy for long looks late, but what it finds then is as old as it is.
static void late_looks_do_not_make_it_younger(void **user)
{
    (void)user;
    age_marks marks = {.count = 0};
    assert_false(is_over(&marks, 0, 0, 9));
    assert_false(is_over(&marks, 39, 3, 6));
    assert_true(is_over(&marks, 500, 8, 1));
    // It has come since, and may be young.
    marks = (age_marks){.count = 0};
    assert_false(is_over(&marks, 0, 0, 9));
    assert_false(is_over(&marks, 500, 9, 100));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_put_back_comes_first),
        cmocka_unit_test(what_is_put_back_counts_again),
        cmocka_unit_test(a_closed_one_takes_nothing),
        cmocka_unit_test(what_is_dropped_for_newer_ones_has_not_waited),
        cmocka_unit_test(what_is_taken_in_time_is_no_failure),
        cmocka_unit_test(what_waits_for_the_whole_span_is),
        cmocka_unit_test(late_looks_do_not_make_it_younger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
