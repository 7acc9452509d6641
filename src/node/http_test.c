// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/http.h"

#include "base/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define END "\r\n\r\n"
#define HOST "\r\nHost: x"

static const struct {
    const char *text;
    int status;
    const char *path;
    bool head_only;
} heads[] = {
    {"GET /metrics HTTP/1.1" HOST END, 200, "/metrics", false},
    {"HEAD /readyz HTTP/1.1" HOST END, 200, "/readyz", true},
    {"GET /metrics?name[]=x HTTP/1.0" END, 200, "/metrics", false},
    {"GET http://localhost:9464/healthz HTTP/1.1" HOST END, 200, "/healthz", false},
    {"GET / HTTP/1.1\nhost:x\n\n", 200, "/", false},
    {"GET /metrics HTTP/1.1" END, 400, NULL, false},
    {"GET /metrics HTTP/1.1" HOST HOST END, 400, NULL, false},
    {"GET /metrics HTTP/1.1" HOST "\r\nno field" END, 400, NULL, false},
    {"GET /metrics HTTP/1.1" HOST "\r\n: none" END, 400, NULL, false},
    {"GET metrics HTTP/1.1" HOST END, 400, NULL, false},
    {"GET http://x HTTP/1.1" HOST END, 400, NULL, false},
    {"GET  /metrics HTTP/1.1" HOST END, 400, NULL, false},
    {"GET /metrics  HTTP/1.1" HOST END, 400, NULL, false},
    {"GET /metrics" END, 400, NULL, false},
    {"GET" END, 400, NULL, false},
    {"\r\n\r\n", 400, NULL, false},
    {"GET /metrics HTTP/2.0" HOST END, 505, NULL, false},
    {"PUT /metrics HTTP/1.1" HOST END, 405, NULL, false},
    {"POST /v1/ps HTTP/1.1" HOST "\r\nContent-Length: 0" END, 200, "/v1/ps", false},
    {"POST /v1/ps HTTP/1.1" HOST "\r\ncontent-length:  2 " END "{}", 200, "/v1/ps", false},
    {"POST /v1/ps HTTP/1.1" HOST END, 411, NULL, false},
    {"POST /v1/ps HTTP/1.1" HOST "\r\nTransfer-Encoding: chunked" END, 411, NULL, false},
    {"POST /v1/ps HTTP/1.1" HOST "\r\nContent-Length: 1e3" END, 400, NULL, false},
    {"POST /v1/ps HTTP/1.1" HOST "\r\nContent-Length: 0\r\nContent-Length: 0" END, 400, NULL, false},
    {"POST /v1/ps HTTP/1.1" HOST "\r\nContent-Length: 12582913" END, 413, NULL, false},
    {"get /metrics HTTP/1.1" HOST END, 405, NULL, false},
    {"{\"id\":1,\"verb\":\"stop\"}\r\n\r\n", 400, NULL, false},
};

static void heads_are_read_or_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        node_http_request request;
        airs_bytes text = base_bytes_of(heads[i].text);
        assert_true(node_http_parse(text, false, &request));
        if (request.status != heads[i].status)
            fail_msg("%s: %d", heads[i].text, request.status);
        if (heads[i].status == 200) {
            assert_string_equal(request.path, heads[i].path);
            assert_int_equal(request.head_only, heads[i].head_only);
        }
        // Cut anywhere it is waited for, or refused when nothing more comes.
        for (size_t len = 0; len < text.len; len++) {
            char *exact = malloc(len + 1);
            assert_non_null(exact);
            memcpy(exact, heads[i].text, len);
            airs_bytes part = {(const uint8_t *)exact, len};
            if (!node_http_parse(part, false, &request))
                assert_true(node_http_parse(part, true, &request) && request.status == 400);
            free(exact);
        }
    }
}

static void what_is_too_long_is_refused(void **state)
{
    (void)state;
    static char text[2 * NODE_HTTP_HEAD_MAX];
    node_http_request request;
    memset(text, 'G', sizeof text);
    assert_false(node_http_parse((airs_bytes){(uint8_t *)text, NODE_HTTP_HEAD_MAX - 1}, false, &request));
    assert_true(node_http_parse((airs_bytes){(uint8_t *)text, NODE_HTTP_HEAD_MAX}, false, &request));
    assert_int_equal(request.status, 431);
    memcpy(text + NODE_HTTP_HEAD_MAX, END, 4);
    assert_true(node_http_parse((airs_bytes){(uint8_t *)text, sizeof text}, false, &request));
    assert_int_equal(request.status, 431);
    // A long path is none of those that there are; a NUL is in none.
    char path[300] = "GET /";
    memset(path + 5, 'm', 200);
    memcpy(path + 205, " HTTP/1.0" END, 13);
    assert_true(node_http_parse((airs_bytes){(uint8_t *)path, 218}, false, &request));
    assert_int_equal(request.status, 200);
    assert_string_equal(request.path, "/");
    path[10] = '\0';
    assert_true(node_http_parse((airs_bytes){(uint8_t *)path, 218}, false, &request));
    assert_int_equal(request.status, 400);
}

static void verbs_are_asked_for_with_their_keys(void **state)
{
    (void)state;
    node_http_request request;
    const char *text = "POST /v1/info HTTP/1.1" HOST "\r\nContent-Length: 4\r\nExpect: 100-Continue" END "{ }\nmore";
    assert_true(node_http_parse(base_bytes_of(text), false, &request));
    assert_string_equal(node_http_verb(&request), "info");
    assert_int_equal(request.body.len, 4);
    assert_memory_equal(request.body.data, "{ }\n", 4);
    assert_false(request.waits);
    // Until the body is there, it is waited for.
    assert_false(node_http_parse((airs_bytes){(const uint8_t *)text, strlen(text) - 5}, false, &request));
    assert_true(request.waits);
    assert_true(node_http_parse((airs_bytes){(const uint8_t *)text, strlen(text) - 5}, true, &request));
    assert_int_equal(request.status, 400);
    assert_true(node_http_parse(base_bytes_of("GET /v1/ HTTP/1.0" END), false, &request));
    assert_null(node_http_verb(&request));
}

static void random_bytes_do_no_harm(void **state)
{
    (void)state;
    static const char alphabet[] = "GET HEAD/metrics:?\r\n\r\nHTTP/1.1Host\0\xff";
    srandom(5);
    for (int round = 0; round < 20000; round++) {
        size_t len = (size_t)random() % 64;
        char *text = malloc(len + 1);
        assert_non_null(text);
        for (size_t i = 0; i < len; i++)
            text[i] = alphabet[(size_t)random() % sizeof alphabet];
        node_http_request request;
        bool whole = node_http_parse((airs_bytes){(const uint8_t *)text, len}, round % 2 == 0, &request);
        assert_true(whole == (request.status != 0));
        free(text);
    }
}

static void a_line_of_the_protocol_is_not_http(void **state)
{
    (void)state;
    assert_true(node_http_begins(base_bytes_of("GET")));
    assert_false(node_http_begins(base_bytes_of("{\"id\":1}")));
    assert_false(node_http_begins(base_bytes_of(" GET")));
    assert_false(node_http_begins((airs_bytes){0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_are_read_or_refused),           cmocka_unit_test(what_is_too_long_is_refused),
        cmocka_unit_test(verbs_are_asked_for_with_their_keys), cmocka_unit_test(random_bytes_do_no_harm),
        cmocka_unit_test(a_line_of_the_protocol_is_not_http),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
