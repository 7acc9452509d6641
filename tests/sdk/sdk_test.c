// SPDX-License-Identifier: MIT OR Apache-2.0
// The arena of a guest, and what the SDK has for texts.
#include "airssys/guest.h"
#include "arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void *cabi_realloc(void *old, size_t old_size, size_t align, size_t new_size);

static void assert_text(airs_bytes bytes, const char *text)
{
    assert_int_equal(bytes.len, strlen(text));
    assert_memory_equal(bytes.data, text, bytes.len);
}

static void allocations_are_aligned_and_apart(void **state)
{
    (void)state;
    uint8_t *last_end = NULL;
    for (size_t align = 1; align <= 64; align *= 2) {
        uint8_t *block = cabi_realloc(NULL, 0, align, 7);
        assert_int_equal((uintptr_t)block % align, 0);
        assert_true(block >= last_end);
        memset(block, (int)align, 7);
        last_end = block + 7;
    }
    // Nothing needs no memory, only a pointer that is aligned and not NULL.
    assert_ptr_equal(cabi_realloc(NULL, 0, 8, 0), (void *)8);
}

static void a_block_grows_and_keeps_its_bytes(void **state)
{
    (void)state;
    char *block = cabi_realloc(NULL, 0, 1, 4);
    memcpy(block, "abcd", 4);
    // The last one grows where it stands, another is moved.
    assert_ptr_equal(cabi_realloc(block, 4, 1, 8), block);
    airs_alloc(1);
    char *moved = cabi_realloc(block, 8, 1, 200000);
    assert_ptr_not_equal(moved, block);
    assert_memory_equal(moved, "abcd", 4);
    assert_ptr_equal(cabi_realloc(moved, 200000, 1, 2), moved);
}

static void an_event_gives_its_memory_back(void **state)
{
    (void)state;
    airs_arena_reset();
    void *first = airs_alloc(16);
    for (int event = 0; event < 1000; event++) {
        airs_arena_reset();
        // Larger than what is kept between two events: given back each time.
        memset(airs_alloc(1 << 20), 1, 1 << 20);
    }
    airs_arena_reset();
    void *again = airs_alloc(16);
    memset(again, 2, 16);
    assert_non_null(first);
}

static void arguments_outlive_their_export_until_the_next(void **state)
{
    (void)state;
    airs_guest_enter();
    char *argument = cabi_realloc(NULL, 0, 1, 5);
    memcpy(argument, "first", 5);
    airs_guest_leave();
    // What an export returned is read after it has ended, and before the next allocation.
    assert_memory_equal(argument, "first", 5);
    char *next = cabi_realloc(NULL, 0, 1, 5);
    char *second = cabi_realloc(NULL, 0, 1, 5);
    memcpy(next, "next!", 5);
    memcpy(second, "other", 5);
    airs_guest_enter();
    // The arguments of one call are several allocations: entering does not empty the arena again.
    assert_memory_equal(next, "next!", 5);
    assert_ptr_not_equal(airs_alloc(5), next);
    airs_guest_leave();
}

static void numbers_are_written_and_read(void **state)
{
    (void)state;
    assert_text(airs_unsigned(0), "0");
    assert_text(airs_unsigned(UINT64_MAX), "18446744073709551615");
    assert_text(airs_signed(INT64_MIN), "-9223372036854775808");
    assert_text(airs_signed(-1), "-1");
    assert_text(airs_hex(0xdeadbeef), "deadbeef");

    uint64_t number = 7;
    assert_true(airs_parse_unsigned(airs_text("18446744073709551615"), &number));
    assert_true(number == UINT64_MAX);
    number = 7;
    assert_false(airs_parse_unsigned(airs_text("18446744073709551616"), &number));
    assert_false(airs_parse_unsigned(airs_text(""), &number));
    assert_false(airs_parse_unsigned(airs_text("1 "), &number));
    assert_false(airs_parse_unsigned(airs_text("-1"), &number));
    assert_int_equal(number, 7);

    int64_t sign = 7;
    assert_true(airs_parse_signed(airs_text("-9223372036854775808"), &sign));
    assert_true(sign == INT64_MIN);
    assert_true(airs_parse_signed(airs_text("9223372036854775807"), &sign));
    assert_true(sign == INT64_MAX);
    assert_false(airs_parse_signed(airs_text("9223372036854775808"), &sign));
    assert_false(airs_parse_signed(airs_text("-9223372036854775809"), &sign));
    assert_false(airs_parse_signed(airs_text("-"), &sign));
}

static void texts_are_joined_cut_and_compared(void **state)
{
    (void)state;
    assert_text(airs_join(airs_text("a"), airs_text(""), airs_text("bc")), "abc");
    assert_text(airs_slice(airs_text("hello"), 1, 3), "ell");
    assert_text(airs_slice(airs_text("hello"), 4, 100), "o");
    assert_text(airs_slice(airs_text("hello"), 100, 1), "");

    airs_bytes rest;
    assert_text(airs_cut(airs_text("key=value=x"), '=', &rest), "key");
    assert_text(rest, "value=x");
    assert_text(airs_cut(airs_text("alone"), '=', &rest), "alone");
    assert_text(rest, "");
    assert_text(airs_cut(airs_text("=x"), '=', NULL), "");

    assert_true(airs_compare(airs_text("a"), airs_text("b")) < 0);
    assert_true(airs_compare(airs_text("ab"), airs_text("a")) > 0);
    assert_int_equal(airs_compare(airs_text("a"), airs_text("a")), 0);
    assert_true(airs_starts_with(airs_text("hello"), airs_text("he")));
    assert_false(airs_starts_with(airs_text("h"), airs_text("he")));
    assert_text(airs_copy(airs_text_of("copy")), "copy");
}

static void settings_are_found_by_their_key(void **state)
{
    (void)state;
    const airs_setting list[] = {{airs_text("a"), airs_text("1")}, {airs_text("b"), airs_text("2")}};
    airs_settings settings = {list, 2};
    airs_bytes value = airs_text("untouched");
    assert_true(airs_setting_find(settings, airs_text("b"), &value));
    assert_text(value, "2");
    assert_false(airs_setting_find(settings, airs_text("c"), &value));
    assert_text(value, "2");
}

static void each_status_has_words(void **state)
{
    (void)state;
    for (int status = AIRS_OK; status <= AIRS_UNKNOWN; status++)
        assert_true(airs_status_text((airs_status)status).len > 1);
    assert_text(airs_status_text(AIRS_TIMEOUT), "timeout: no answer in time");
    assert_text(airs_status_text((airs_status)(AIRS_UNKNOWN + 1)), "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocations_are_aligned_and_apart),
        cmocka_unit_test(a_block_grows_and_keeps_its_bytes),
        cmocka_unit_test(an_event_gives_its_memory_back),
        cmocka_unit_test(arguments_outlive_their_export_until_the_next),
        cmocka_unit_test(numbers_are_written_and_read),
        cmocka_unit_test(texts_are_joined_cut_and_compared),
        cmocka_unit_test(settings_are_found_by_their_key),
        cmocka_unit_test(each_status_has_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
