// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/protocol.h"

#include "base/bytes.h"

#include <cjson/cJSON.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void a_request_is_taken_apart(void **state)
{
    (void)state;
    node_request request;
    airs_error error;
    const char *text = "{\"id\":7,\"verb\":\"call\",\"actor\":\"a\",\"timeout_ms\":5} \r";
    assert_int_equal(node_request_parse(&request, base_bytes_of(text), &error), AIRS_OK);
    assert_int_equal(request.id, 7);
    assert_string_equal(request.verb, "call");
    const char *actor;
    uint32_t number;
    assert_int_equal(node_request_text(&request, "actor", &actor, &error), AIRS_OK);
    assert_string_equal(actor, "a");
    assert_int_equal(node_request_text(&request, "name", &actor, &error), AIRS_E_INVALID);
    assert_string_equal(error.text, "`call` needs `name`, a text");
    assert_int_equal(node_request_number(&request, "timeout_ms", 1, 9, 3, &number, &error), AIRS_OK);
    assert_int_equal(number, 5);
    assert_int_equal(node_request_number(&request, "other", 1, 9, 3, &number, &error), AIRS_OK);
    assert_int_equal(number, 3);
    assert_int_equal(node_request_number(&request, "timeout_ms", 6, 9, 3, &number, &error), AIRS_E_INVALID);
    assert_string_equal(error.text, "`timeout_ms` must be a whole number from 6 to 9");
    node_request_fini(&request);
}

static void what_is_no_request_is_said(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        const char *error;
    } lines[] = {
        {"", "the line is not JSON, from byte 0 on"},
        {"{", "the line is not JSON, from byte 0 on"},
        {"[]", "the line is not one JSON object"},
        {"7", "the line is not one JSON object"},
        {"{} {}", "the line is not one JSON object"},
        {"\xff", "the line is not UTF-8, from byte 0 on"},
        {"{\"id\":1,\"verb\":\"\xc3\xa4\xc3\"}", "the line is not UTF-8, from byte 18 on"},
        {"{\"id\":1,\"verb\":\"a\\u0000b\"}", "a text must not contain a NUL: use payload_base64"},
        {"{}", "`id` must be a whole number from 0 to 2^53 - 1"},
        {"{\"id\":-1}", "`id` must be a whole number from 0 to 2^53 - 1"},
        {"{\"id\":1.5}", "`id` must be a whole number from 0 to 2^53 - 1"},
        {"{\"id\":1e300}", "`id` must be a whole number from 0 to 2^53 - 1"},
        {"{\"id\":\"1\"}", "`id` must be a whole number from 0 to 2^53 - 1"},
        {"{\"id\":1}", "`verb` must be a text"},
        {"{\"id\":1,\"verb\":7}", "`verb` must be a text"},
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        node_request request;
        airs_error error = {0};
        assert_int_equal(node_request_parse(&request, base_bytes_of(lines[i].line), &error), AIRS_E_INVALID);
        assert_string_equal(error.text, lines[i].error);
        node_request_fini(&request);
    }
}

/// Each beginning of a line, in memory of exactly its size, so that reading past it is found.
static void cut_anywhere_it_is_refused(void **state)
{
    (void)state;
    static const char whole[] = "{\"id\":7,\"verb\":\"call\",\"payload\":\"\\u00e9\\n\",\"x\":[1,{\"y\":null}]}";
    for (size_t len = 0; len < sizeof whole - 1; len++) {
        uint8_t *copy = malloc(len + (len == 0));
        assert_non_null(copy);
        memcpy(copy, whole, len);
        node_request request;
        airs_error error;
        assert_int_equal(node_request_parse(&request, (airs_bytes){copy, len}, &error), AIRS_E_INVALID);
        node_request_fini(&request);
        free(copy);
    }
}

static void nonsense_is_survived(void **state)
{
    (void)state;
    srand(5);
    for (int round = 0; round < 20000; round++) {
        uint8_t line[48] = "{\"id\":7,\"verb\":\"call\",\"payload\":\"x\"}";
        size_t len = strlen((const char *)line);
        for (int change = 0; change < 3; change++)
            line[(size_t)rand() % len] = (uint8_t)rand();
        node_request request;
        airs_error error;
        airs_status status = node_request_parse(&request, (airs_bytes){line, len}, &error);
        assert_true(status == AIRS_OK || status == AIRS_E_INVALID);
        node_request_fini(&request);
    }
}

static void check_payload(airs_bytes payload, const char *key)
{
    cJSON *json = cJSON_CreateObject();
    airs_error error;
    assert_int_equal(node_payload_write(json, payload, &error), AIRS_OK);
    assert_non_null(cJSON_GetObjectItemCaseSensitive(json, key));
    airs_buffer back = {0};
    assert_int_equal(node_payload_read(json, &back, &error), AIRS_OK);
    assert_int_equal(back.len, payload.len);
    if (payload.len > 0)
        assert_memory_equal(back.data, payload.data, payload.len);
    airs_buffer_free(&back);
    cJSON_Delete(json);
}

static void payloads_come_back_as_they_were(void **state)
{
    (void)state;
    check_payload(base_bytes_of(""), "payload");
    check_payload(base_bytes_of("plain \"text\"\n\t\033 é"), "payload");
    check_payload((airs_bytes){(const uint8_t *)"a\0b", 3}, "payload_base64");
    uint8_t all[256];
    for (size_t len = 1; len <= sizeof all; len++) {
        all[len - 1] = (uint8_t)(255 - len);
        check_payload((airs_bytes){all, len}, "payload_base64");
    }
}

static void payloads_are_bounded(void **state)
{
    (void)state;
    uint8_t *large = calloc(1, NODE_PAYLOAD_MAX + 1);
    assert_non_null(large);
    cJSON *json = cJSON_CreateObject();
    airs_error error;
    assert_int_equal(node_payload_write(json, (airs_bytes){large, NODE_PAYLOAD_MAX + 1}, &error), AIRS_E_TOO_LARGE);
    assert_int_equal(node_payload_write(json, (airs_bytes){large, NODE_PAYLOAD_MAX}, &error), AIRS_OK);
    // What may be sent fits a line.
    char *text = cJSON_PrintUnformatted(json);
    assert_true(strlen(text) + 1024 < NODE_LINE_MAX);
    cJSON_free(text);
    cJSON_Delete(json);
    free(large);
}

static void replies_find_their_request(void **state)
{
    (void)state;
    node_request request = {.id = 7, .has_id = true};
    airs_error said = {AIRS_E_GONE, "it is gone\xff"};
    airs_error error;
    cJSON *result = NULL;
    char *line = node_reply_ok(&request, cJSON_CreateObject());
    assert_string_equal(line, "{\"id\":7,\"ok\":true,\"result\":{}}\n");
    assert_int_equal(node_reply_parse(base_bytes_of(line), 7, &result, &error), AIRS_OK);
    assert_non_null(result);
    cJSON_Delete(result);
    assert_int_equal(node_reply_parse(base_bytes_of(line), 8, &result, &error), AIRS_E_INTERNAL);
    cJSON_free(line);
    line = node_reply_error(&request, &said);
    assert_string_equal(line, "{\"id\":7,\"ok\":false,\"error\":{\"status\":\"E_GONE\",\"text\":\"it is gone?\"}}\n");
    assert_int_equal(node_reply_parse(base_bytes_of(line), 7, &result, &error), AIRS_E_GONE);
    assert_string_equal(error.text, "it is gone?");
    cJSON_free(line);
    static const char *const strange[] = {"",
                                          "{}",
                                          "[]",
                                          "{\"ok\":false}",
                                          "{\"id\":7,\"ok\":1}",
                                          "{\"id\":7,\"ok\":false,\"error\":{\"status\":\"OK\",\"text\":\"\"}}"};
    for (size_t i = 0; i < sizeof strange / sizeof *strange; i++)
        assert_int_equal(node_reply_parse(base_bytes_of(strange[i]), 7, &result, &error), AIRS_E_INTERNAL);
}

static void a_stream_is_taken_apart(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        airs_status status;
        bool is_more;
    } lines[] = {
        {"{\"id\":3,\"open\":true}", AIRS_OK, true},
        {"{\"id\":3,\"number\":1,\"event\":{}}", AIRS_OK, true},
        {"{\"id\":3,\"ok\":true}", AIRS_OK, false},
        {"{\"id\":3,\"ok\":true,\"result\":{}}", AIRS_OK, false},
        {"{\"id\":4,\"open\":true}", AIRS_E_INTERNAL, false},
        {"{\"id\":3,\"ok\":1}", AIRS_E_INTERNAL, false},
        {"{\"id\":3,\"ok\":false,\"error\":{\"status\":\"E_LIMIT\",\"text\":\"x\"}}", AIRS_E_LIMIT, false},
        {"nonsense", AIRS_E_INTERNAL, false},
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        bool is_more = false;
        cJSON *json = NULL;
        airs_error error;
        assert_int_equal(node_answer_parse(base_bytes_of(lines[i].line), 3, &is_more, &json, &error), lines[i].status);
        assert_int_equal(is_more, lines[i].is_more);
        cJSON_Delete(json);
    }
    // A line of a stream is no reply.
    cJSON *result = NULL;
    airs_error error;
    assert_int_equal(node_reply_parse(base_bytes_of(lines[0].line), 3, &result, &error), AIRS_E_INTERNAL);
    assert_null(result);
}

static void numbers_are_exact(void **state)
{
    (void)state;
    node_request request;
    airs_error error;
    uint64_t number = 7;
    const char *text = "{\"id\":1,\"verb\":\"x\",\"a\":9007199254740991,\"b\":9007199254740992,\"c\":-1,\"d\":\"1\"}";
    assert_int_equal(node_request_parse(&request, base_bytes_of(text), &error), AIRS_OK);
    assert_int_equal(node_request_whole(&request, "a", 0, &number, &error), AIRS_OK);
    assert_int_equal(number, 9007199254740991);
    assert_int_equal(node_request_whole(&request, "none", 5, &number, &error), AIRS_OK);
    assert_int_equal(number, 5);
    static const char *const wrong[] = {"b", "c", "d"};
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(node_request_whole(&request, wrong[i], 0, &number, &error), AIRS_E_INVALID);
    assert_string_equal(error.text, "`d` must be a whole number from 0 to 2^53 - 1");
    node_request_fini(&request);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_is_taken_apart),         cmocka_unit_test(numbers_are_exact),
        cmocka_unit_test(a_request_is_taken_apart),        cmocka_unit_test(what_is_no_request_is_said),
        cmocka_unit_test(cut_anywhere_it_is_refused),      cmocka_unit_test(nonsense_is_survived),
        cmocka_unit_test(payloads_come_back_as_they_were), cmocka_unit_test(payloads_are_bounded),
        cmocka_unit_test(replies_find_their_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
