// SPDX-License-Identifier: MIT OR Apache-2.0
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/alloc_fault.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/name.h"
#include "base/random.h"
#include "base/testing.h"

static void test_status_names(void **state)
{
    (void)state;
    assert_string_equal(airs_status_name(AIRS_OK), "OK");
    assert_string_equal(airs_status_name(AIRS_E_GONE), "E_GONE");
    assert_string_equal(airs_status_name((airs_status)9999), "E_?");
    assert_string_equal(airs_status_text(AIRS_E_NOMEM), "out of memory");
    assert_non_null(airs_status_text((airs_status)-1));
}

static void test_names(void **state)
{
    (void)state;
    char text[BASE_NAME_MAX + 1];
    memset(text, 'a', sizeof text);
    assert_true(base_name_valid(base_bytes_of("a-Z_0.:/9"), false));
    assert_true(base_name_valid((airs_bytes){(const uint8_t *)text, BASE_NAME_MAX}, false));
    assert_false(base_name_valid((airs_bytes){(const uint8_t *)text, BASE_NAME_MAX + 1}, false));
    assert_false(base_name_valid((airs_bytes){0}, true));
    assert_false(base_name_valid(base_bytes_of("a*"), false));
    assert_true(base_name_valid(base_bytes_of("a*"), true));
    for (int c = 0; c < 256; c++) {
        uint8_t byte = (uint8_t)c;
        bool of_name = c != 0 && c < 0x80 &&
                       strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "0123456789-_.:/",
                              c) != NULL;
        assert_int_equal(base_name_valid((airs_bytes){&byte, 1}, false), of_name);
        assert_int_equal(base_name_span((airs_bytes){&byte, 1}, true), of_name || c == '*');
    }
}

static void test_alloc_aligned(void **state)
{
    (void)state;
    base_alloc_fault fault;
    base_alloc_fault_init(&fault);
    for (size_t align = 1; align <= 4096; align *= 2) {
        unsigned char *memory = base_alloc_aligned(&fault.allocator, 100, align);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % align, 0);
        for (int i = 0; i < 100; i++)
            assert_int_equal(memory[i], 0);
        memset(memory, 0xff, 100);
        base_free_aligned(&fault.allocator, memory);
    }
    base_free_aligned(&fault.allocator, NULL);
    assert_null(base_alloc_aligned(&fault.allocator, SIZE_MAX - 8, 64));
    assert_null(base_alloc_array(&fault.allocator, SIZE_MAX / 2, 3));
    assert_int_equal(base_alloc_fault_live(&fault), 0);
}

static void test_alloc_fault(void **state)
{
    (void)state;
    base_alloc_fault fault;
    base_alloc_fault_init(&fault);
    base_alloc_fault_arm(&fault, 2, 2);
    void *first = base_alloc(&fault.allocator, 1);
    assert_non_null(first);
    assert_false(base_alloc_fault_hit(&fault));
    assert_null(base_alloc(&fault.allocator, 1));
    assert_null(base_realloc(&fault.allocator, first, 10));
    assert_true(base_alloc_fault_hit(&fault));
    char *text = base_strndup(&fault.allocator, "abcdef", 3);
    assert_string_equal(text, "abc");
    assert_int_equal(base_alloc_fault_live(&fault), 2);
    base_free(&fault.allocator, first);
    base_free(&fault.allocator, text);
    assert_int_equal(base_alloc_fault_live(&fault), 0);
}

static void test_utf8(void **state)
{
    (void)state;
    static const char *const good[] = {"", "abc", "\xc2\x80", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"};
    static const char *const bad[] = {
        "\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
        "\xf5", "\xe2\x82", "a\xff"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_true(base_utf8_valid(base_bytes_of(good[i])));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(base_utf8_valid(base_bytes_of(bad[i])));
}

static void test_text_copy_cuts_between_characters(void **state)
{
    (void)state;
    char text[4];
    base_text_copy(text, sizeof(text), base_bytes_of("ab\xc3\xa9"));
    assert_string_equal(text, "ab");
    base_text_copy(text, sizeof(text), base_bytes_of("a\xc3\xa9"));
    assert_string_equal(text, "a\xc3\xa9");
    base_text_copy(text, 1, base_bytes_of("x"));
    assert_string_equal(text, "");
    base_text_copy(text, sizeof(text), base_bytes_of(NULL));
    assert_string_equal(text, "");
}

static void test_buffer(void **state)
{
    (void)state;
    base_alloc_fault fault;
    base_alloc_fault_init(&fault);
    airs_buffer buffer = {.len = 77};
    base_alloc_fault_arm(&fault, 1, 1);
    assert_int_equal(base_buffer_copy(&fault.allocator, base_bytes_of("xyz"), &buffer), AIRS_E_NOMEM);
    assert_int_equal(buffer.len, 77);
    assert_int_equal(base_buffer_copy(&fault.allocator, base_bytes_of("xyz"), &buffer), AIRS_OK);
    assert_memory_equal(buffer.data, "xyz", 3);
    airs_buffer_free(&buffer);
    assert_null(buffer.data);
    airs_buffer_free(&buffer);
    airs_buffer_free(NULL);
    assert_int_equal(base_alloc_fault_live(&fault), 0);
}

static void test_error(void **state)
{
    (void)state;
    airs_error error;
    assert_int_equal(base_error_set(&error, AIRS_E_IO, "%s:%d", "file", 7), AIRS_E_IO);
    assert_int_equal(error.status, AIRS_E_IO);
    assert_string_equal(error.text, "file:7");
    base_error_prefix(&error, "loading %s", "x");
    assert_string_equal(error.text, "loading x: file:7");
    assert_int_equal(base_error_errno(&error, AIRS_E_IO, ENOENT, "open"), AIRS_E_IO);
    assert_string_equal(error.text, "open: No such file or directory");
    assert_int_equal(base_error_set(NULL, AIRS_E_IO, "nobody looks"), AIRS_E_IO);
    base_error_prefix(NULL, "nobody looks");

    char longest[4000];
    memset(longest, 'a', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    base_error_set(&error, AIRS_E_IO, "%s", longest);
    assert_int_equal(strlen(error.text), sizeof(error.text) - 1);
    base_error_prefix(&error, "%s", longest);
    assert_int_equal(strlen(error.text), sizeof(error.text) - 1);
    base_error_errno(&error, AIRS_E_IO, ENOENT, "%s", longest);
    assert_int_equal(strlen(error.text), sizeof(error.text) - 1);
}

// The hashes of 0, 1, 2… (length bytes) with key 0, by another implementation of SipHash-1-3.
static void test_hash_vectors(void **state)
{
    (void)state;
    static const struct {
        size_t len;
        uint64_t hash;
    } vectors[] = {
        {0, 0xd1fba762150c532cu}, {1, 0x68a914128e01e473u},  {7, 0x2f098ab0c751325au},  {8, 0xead411e67ebe2eeau},
        {9, 0x75927f9d95124362u}, {15, 0xf30eb725bb91c9eau}, {16, 0x8972188433a5c5b7u}, {63, 0x385d3e39e5f37359u},
    };
    uint8_t data[64];
    for (uint8_t i = 0; i < sizeof(data); i++)
        data[i] = i;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
        assert_int_equal(base_hash((base_hash_key){0}, data, vectors[i].len), vectors[i].hash);
    base_hash_key a = base_hash_key_random();
    base_hash_key b = base_hash_key_random();
    assert_true(a.k0 != b.k0 || a.k1 != b.k1);
}

static void test_random_is_repeatable_and_bounded(void **state)
{
    (void)state;
    base_random a = {.state = 5};
    base_random b = {.state = 5};
    uint32_t seen = 0;
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(base_random_next(&a), base_random_next(&b));
        uint32_t below = base_random_below(&a, 7);
        assert_int_equal(below, base_random_below(&b, 7));
        assert_true(below < 7);
        seen |= 1u << below;
    }
    assert_int_equal(seen, 0x7f);
}

typedef struct captured {
    int lines;
    char text[5000];
    char actor[64];
    char source[64];
    airs_log_level level;
    char version[33];
    char message_id[17];
} captured;

static void capture(void *user, const airs_log_record *record)
{
    captured *last = user;
    last->lines++;
    last->level = record->level;
    snprintf(last->text, sizeof(last->text), "%s", record->text);
    snprintf(last->actor, sizeof(last->actor), "%s", record->actor);
    snprintf(last->source, sizeof(last->source), "%s", record->source);
    snprintf(last->version, sizeof(last->version), "%s", record->version);
    snprintf(last->message_id, sizeof(last->message_id), "%s", record->message_id);
}

static void test_log(void **state)
{
    (void)state;
    captured last = {0};
    base_log log = {.fn = capture, .user = &last, .level = AIRS_LOG_INFO};
    base_log_write(&log, AIRS_LOG_DEBUG, NULL, "not wanted");
    assert_int_equal(last.lines, 0);
    base_log_write(&log, AIRS_LOG_WARN, NULL, "%d of %d", 1, 2);
    assert_string_equal(last.text, "1 of 2");
    assert_string_equal(last.actor, "");
    assert_string_equal(last.source, "runtime");
    assert_string_equal(last.version, "");
    assert_string_equal(last.message_id, "");
    // The level is another one from now on.
    base_log_set_level(&log, AIRS_LOG_ERROR);
    base_log_write(&log, AIRS_LOG_WARN, NULL, "not wanted any more");
    assert_int_equal(last.lines, 1);
    base_log_set_level(&log, AIRS_LOG_DEBUG);
    base_log_write(&log, AIRS_LOG_DEBUG, NULL, "wanted now");
    assert_string_equal(last.text, "wanted now");
    base_log nobody = {0};
    base_log_write(&nobody, AIRS_LOG_ERROR, NULL, "nobody listens");
    assert_int_equal(last.lines, 2);
}

static void test_log_of_guests_is_escaped(void **state)
{
    (void)state;
    captured last = {0};
    base_log log = {.fn = capture, .user = &last};
    const base_log_subject greeter = {"greeter", "1.2.0", "00000000000000ff"};
    static const char line[] = "a\tb\x1b[2J\n\xc2\x9b"
                               "c\xff\xc3\xa9";
    base_log_guest(&log, AIRS_LOG_INFO, &greeter, "stdout", base_bytes_of(line));
    assert_string_equal(last.text, "a\tb\\x1b[2J\\x0a\\xc2\\x9bc\\xff\xc3\xa9");
    assert_string_equal(last.actor, "greeter");
    assert_string_equal(last.source, "stdout");
    assert_string_equal(last.version, "1.2.0");
    assert_string_equal(last.message_id, "00000000000000ff");

    char longest[8000];
    memset(longest, 1, sizeof(longest));
    base_log_guest(&log, AIRS_LOG_INFO, &greeter, "stdout", (airs_bytes){(uint8_t *)longest, sizeof(longest)});
    assert_true(strlen(last.text) <= 4095);
    assert_true(strlen(last.text) > 4000);
}

static void texts_are_made_fit_for_a_terminal(void **user)
{
    (void)user;
    static const struct {
        const char *from;
        const char *to;
    } cases[] = {
        {"", ""},
        {"as it is: \xc3\xa4\xe2\x82\xac", "as it is: \xc3\xa4\xe2\x82\xac"},
        {"a\nb\x1b[31m\x7f!", "a b [31m !"},
        // U+009B, to which a terminal listens too, and U+00A0, to which it does not.
        {"\xc2\x9b"
         "31m\xc2\xa0",
         "  31m\xc2\xa0"},
        {"cut: \xe2\x82", "cut: ??"},
        {"\xff\xc0\x80", "???"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[64];
        base_text_copy(text, sizeof text, (airs_bytes){(const uint8_t *)cases[i].from, strlen(cases[i].from)});
        base_text_tidy(text);
        assert_string_equal(text, cases[i].to);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_made_fit_for_a_terminal),
        cmocka_unit_test(test_status_names),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_alloc_aligned),
        cmocka_unit_test(test_alloc_fault),
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_text_copy_cuts_between_characters),
        cmocka_unit_test(test_buffer),
        cmocka_unit_test(test_error),
        cmocka_unit_test(test_hash_vectors),
        cmocka_unit_test(test_random_is_repeatable_and_bounded),
        cmocka_unit_test(test_log),
        cmocka_unit_test(test_log_of_guests_is_escaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
