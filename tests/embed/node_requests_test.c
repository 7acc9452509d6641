// SPDX-License-Identifier: MIT OR Apache-2.0
/// Requests within the process: what is none, what is answered, streams, and a node that stops meanwhile.
#include "embed.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/clock.h"
#include "os/event.h"
#include "os/thread.h"

static airs_node *node;

static int start_apps(void **state)
{
    static const char *const shop[] = {"ada=teller-1", "ben=teller-1", "tom=trap", NULL};
    static const char *const mill[] = {"eve=only-messages", NULL};
    if (embed_set_up(state) != 0)
        return -1;
    embed_write_app("shop", shop, "");
    embed_write_app("mill", mill, "");
    node = embed_create(NULL);
    embed_add(node, "shop");
    embed_add(node, "mill");
    embed_refused(node, "shop", "{\"verb\": \"ps\"}", AIRS_E_STOPPING, "was not started");
    embed_start(node);
    return 0;
}

static int end_apps(void **state)
{
    airs_node_destroy(node);
    return embed_tear_down(state);
}

static void what_is_no_request_is_refused(void **state)
{
    (void)state;
    airs_error error = {0};
    embed_check(airs_node_request(NULL, "shop", "{}", NULL, &error), &error, AIRS_E_INVALID, "");
    embed_check(airs_node_request(node, "shop", NULL, NULL, &error), &error, AIRS_E_INVALID, "");
    embed_refused(node, "shop", "", AIRS_E_INVALID, "the request: ");
    embed_refused(node, "shop", "ps", AIRS_E_INVALID, "not JSON");
    embed_refused(node, "shop", "[\"ps\"]", AIRS_E_INVALID, "not one JSON object");
    embed_refused(node, "shop", "{\"verb\": \"ps\"} {}", AIRS_E_INVALID, "not one JSON object");
    embed_refused(node, "shop", "{\"verb\": \"\xff\"}", AIRS_E_INVALID, "not UTF-8");
    embed_refused(node, "shop", "{}", AIRS_E_INVALID, "`verb`");
    embed_refused(node, "shop", "{\"verb\": 1}", AIRS_E_INVALID, "`verb`");
    embed_refused(node, "shop", "{\"verb\": \"ps\", \"verb\": \"tree\"}", AIRS_E_INVALID, "`verb`");
    embed_refused(node, "shop", "{\"verb\": \"pss\"}", AIRS_E_NOT_FOUND, "did you mean ps?");
    embed_refused(node, "shop", "{\"verb\": \"info\"}", AIRS_E_INVALID, "actor");
    embed_refused(node, "shop", "{\"verb\": \"info\", \"actor\": \"adda\"}", AIRS_E_NOT_FOUND, "did you mean ada?");
    embed_refused(node, "shopp", "{\"verb\": \"ps\"}", AIRS_E_NOT_FOUND, "did you mean shop?");
    embed_refused(node, "bank", "{\"verb\": \"ps\"}", AIRS_E_NOT_FOUND, "no app named bank");
    embed_refused(node, NULL, "{\"verb\": \"ps\"}", AIRS_E_INVALID, "2 apps");
    embed_refused(node, "shop", "{\"verb\": \"events\"}", AIRS_E_UNSUPPORTED, "events is answered by a stream");
    // Without a state folder.
    embed_refused(node, "shop", "{\"verb\": \"deploy_app\", \"path\": \"/tmp\"}", AIRS_E_UNSUPPORTED, "state");
}

static void one_that_is_too_long_is_refused(void **state)
{
    (void)state;
    size_t size = (size_t)13 << 20;
    char *request = malloc(size + 1);
    assert_non_null(request);
    memset(request, ' ', size);
    int len = snprintf(request, size, "{\"verb\": \"send\", \"actor\": \"ada\", \"payload\": \"");
    memset(request + len, 'a', size - (size_t)len);
    memcpy(request + size - 3, "\"}", 3);
    embed_refused(node, "shop", request, AIRS_E_TOO_LARGE, "the request: it is at most");
    // What counts is what was given, spaces too, and what is sent: under the limit, but over it with its id.
    memset(request, ' ', size);
    memcpy(request, "{\"verb\": \"ps\"", strlen("{\"verb\": \"ps\""));
    memcpy(request + size - 2, "}", 2);
    embed_refused(node, "shop", request, AIRS_E_TOO_LARGE, "the request: it is at most");
    size = (size_t)12 << 20;
    len = snprintf(request, size, "{\"verb\":\"send\",\"actor\":\"ada\",\"payload\":\"");
    memset(request + len, 'a', size - (size_t)len);
    memcpy(request + size - 2, "\"}", 3);
    embed_refused(node, "shop", request, AIRS_E_TOO_LARGE, "a line is at most");
    free(request);
    embed_ask_for(node, "shop", "{\"verb\": \"call\", \"actor\": \"ada\", \"payload\": \"add\"}", "\"payload\":\"1\"");
}

static void requests_are_answered(void **state)
{
    (void)state;
    airs_error error = {0};
    embed_ask_for(node, "mill", "{\"verb\": \"ps\", \"id\": \"mine\"}", "\"app\":\"mill\"");
    embed_ask_for(node, "shop", "{\n  \"verb\": \"ps\"\n}", "\"name\":\"ben\"");
    embed_ask_for(node, "shop", "{\"verb\": \"send\", \"actor\": \"ada\", \"payload\": \"add\"}", "{}");
    assert_int_equal(airs_node_request(node, "shop", "{\"verb\": \"restart\", \"actor\": \"ben\"}", NULL, &error),
                     AIRS_OK);
    embed_ask_for(node, "shop", "{\"verb\": \"call\", \"actor\": \"ada\", \"payload\": \"get\"}", "1 1 fresh");
    // What the verb says of a failure is said.
    embed_refused(node, "shop", "{\"verb\": \"call\", \"actor\": \"tom\", \"payload\": \"error\"}", AIRS_E_FAILED,
                  "only this message failed");
}

// ---------------------------------------------------------------- inside a handler

static airs_status inside[3];

static airs_status ask_inside(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    inside[0] = airs_node_request(node, "mill", "{\"verb\": \"ps\"}", NULL, error);
    inside[1] = airs_node_follow(node, "mill", "{\"verb\": \"events\"}", (airs_node_line_fn)NULL, NULL, error);
    airs_node_stop(node);
    airs_node_destroy(node);
    inside[2] = airs_node_wait(node, 60000, error) == AIRS_FINISH_RUNNING ? AIRS_OK : AIRS_E_FAILED;
    return airs_context_reply(context, message->request, "", 0);
}

static void a_handler_does_not_wait(void **state)
{
    (void)state;
    airs_actor_id id;
    airs_buffer reply;
    airs_error error = {0};
    static const airs_actor_fns fns = {.handle = ask_inside};
    const airs_native native = {.kind = "inside", .actor = &fns};
    airs_system *system = airs_node_system(node, "shop");
    assert_int_equal(airs_spawn_native(system, &native, NULL, &id, &error), AIRS_OK);
    assert_int_equal(airs_ask(system, id, "", 0, 60000, &reply, &error), AIRS_OK);
    airs_buffer_free(&reply);
    assert_int_equal(inside[0], AIRS_E_WOULD_BLOCK);
    assert_int_equal(inside[1], AIRS_E_INVALID);
    assert_int_equal(inside[2], AIRS_OK);
    embed_ask_for(node, "shop", "{\"verb\": \"ps\"}", "\"ready\":true");
}

// ---------------------------------------------------------------- streams

/// What a stream has told; it ends with the line that has `last`, NULL: with none.
typedef struct reader {
    const char *last;
    pthread_mutex_t mutex;
    size_t lines;
    size_t asked;
    char text[65536];
    os_event begun;
} reader;

static bool read_line(void *user, const char *line)
{
    reader *it = user;
    pthread_mutex_lock(&it->mutex);
    it->asked += line == NULL;
    it->lines += line != NULL;
    size_t used = strlen(it->text);
    if (line)
        (void)snprintf(it->text + used, sizeof it->text - used, "%s\n", line);
    pthread_mutex_unlock(&it->mutex);
    if (!os_event_is_set(&it->begun))
        os_event_set(&it->begun);
    return !(it->last && line && strstr(line, it->last));
}

static bool enough(void *user, const char *line)
{
    size_t *asked = user;
    *asked += line == NULL;
    return line != NULL;
}

static void streams_are_told_line_by_line(void **state)
{
    (void)state;
    airs_error error = {0};
    reader it = {.mutex = PTHREAD_MUTEX_INITIALIZER};
    os_event_init(&it.begun);
    embed_check(airs_node_follow(node, "shop", "{\"verb\": \"events\"}", NULL, NULL, &error), &error, AIRS_E_INVALID,
                "");
    embed_check(airs_node_follow(node, "shop", "{\"verb\": \"evens\"}", read_line, &it, &error), &error,
                AIRS_E_NOT_FOUND, "events");
    assert_int_equal(airs_node_follow(node, "shop", "{\"verb\": \"events\"}", read_line, &it, &error), AIRS_OK);
    assert_non_null(strstr(it.text, "\"event\":{"));
    assert_non_null(strstr(it.text, "\"kind\":\"started\""));
    assert_non_null(strstr(it.text, "\"name\":\"ada\""));
    assert_null(strstr(it.text, "\"id\":"));
    assert_null(strstr(it.text, "\"open\""));
    // Who has enough is told no more, also where nothing comes.
    size_t lines = it.lines;
    it.last = "\"number\"";
    assert_int_equal(airs_node_follow(node, "shop", "{\"verb\": \"events\", \"follow\": true}", read_line, &it, &error),
                     AIRS_OK);
    assert_int_equal(it.lines, lines + 1);
    size_t asked = 0;
    assert_int_equal(airs_node_follow(node, "shop",
                                      "{\"verb\": \"events\", \"follow\": true, \"after\": 9007199254740991}", enough,
                                      &asked, &error),
                     AIRS_OK);
    assert_int_equal(asked, 1);
    // An answer that is no stream.
    assert_int_equal(airs_node_follow(node, "shop", "{\"verb\": \"ps\"}", read_line, &it, &error), AIRS_OK);
    assert_int_equal(it.lines, lines + 1);
}

typedef struct follower {
    reader read;
    const char *request;
    os_thread thread;
    airs_status status;
    airs_error error;
} follower;

static void follow(void *user)
{
    follower *it = user;
    it->status = airs_node_follow(node, "shop", it->request, read_line, &it->read, &it->error);
}

static void start_follower(follower *it, const char *request)
{
    it->request = request;
    it->read.mutex = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    os_event_init(&it->read.begun);
    assert_int_equal(os_thread_start(&it->thread, "follower", 0, follow, it), AIRS_OK);
}

static void a_topic_is_followed(void **state)
{
    (void)state;
    static follower it;
    it = (follower){.read.last = "\"fine\""};
    start_follower(&it, "{\"verb\": \"subscribe\", \"topic\": \"weather\"}");
    // Until it has subscribed, nobody is there.
    uint64_t deadline_ns = os_clock_now_ns() + UINT64_C(60000000000);
    bool reached = false;
    while (!reached && os_clock_now_ns() < deadline_ns) {
        airs_buffer result =
            embed_ask(node, "shop", "{\"verb\": \"publish\", \"topic\": \"weather\", \"payload\": \"fine\"}");
        reached = strstr((const char *)result.data, "\"reached\":1") != NULL;
        airs_buffer_free(&result);
    }
    os_thread_join(&it.thread);
    assert_true(reached);
    assert_int_equal(it.status, AIRS_OK);
    assert_non_null(strstr(it.read.text, "\"topic\":\"weather\""));
}

static void a_node_that_stops_ends_what_waits(void **state)
{
    (void)state;
    static follower it, other;
    it = other = (follower){0};
    start_follower(&it, "{\"verb\": \"events\", \"follow\": true}");
    start_follower(&other, "{\"verb\": \"subscribe\", \"topic\": \"weather\"}");
    assert_true(os_event_wait(&it.read.begun, os_clock_now_ns() + UINT64_C(60000000000)));
    assert_true(os_event_wait(&other.read.begun, os_clock_now_ns() + UINT64_C(60000000000)));
    airs_node_stop(node);
    os_thread_join(&it.thread);
    os_thread_join(&other.thread);
    if (it.status != AIRS_OK || other.status != AIRS_OK)
        fail_msg("%s; %s", it.error.text, other.error.text);
    assert_non_null(strstr(it.read.text, "\"kind\":\"stopped\""));
    embed_refused(node, "shop", "{\"verb\": \"ps\"}", AIRS_E_STOPPING, "has stopped");
}

// ---------------------------------------------------------------- many at once

static _Atomic int answered, refused, wrong;

static void ask_often(void *user)
{
    (void)user;
    airs_error error = {0};
    for (;;) {
        airs_status status = airs_node_request(
            node, "mill", "{\"verb\": \"call\", \"actor\": \"eve\", \"payload\": \"x\"}", NULL, &error);
        if (status == AIRS_E_STOPPING) {
            refused++;
            return;
        }
        answered += status == AIRS_OK;
        if (status != AIRS_OK) {
            (void)fprintf(stderr, "%s: %s\n", airs_status_name(status), error.text);
            wrong++;
        }
    }
}

static void requests_come_from_many_threads_until_it_stops(void **state)
{
    (void)state;
    os_thread threads[8];
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(os_thread_start(&threads[i], "asker", 0, ask_often, NULL), AIRS_OK);
    uint64_t deadline_ns = os_clock_now_ns() + UINT64_C(60000000000);
    while (answered < TEST_ROUNDS(2000) && os_clock_now_ns() < deadline_ns)
        os_thread_yield();
    airs_node_stop(node);
    for (size_t i = 0; i < 8; i++)
        os_thread_join(&threads[i]);
    assert_int_equal(refused, 8);
    assert_int_equal(wrong, 0);
    assert_true(answered >= TEST_ROUNDS(2000));
}

#define PLACES 64

static void ask_round_after_round(void *user)
{
    (void)user;
    airs_error error = {0};
    for (int i = 0; i < TEST_ROUNDS(100); i++) {
        airs_status status = airs_node_request(node, "shop", "{\"verb\": \"ps\"}", NULL, &error);
        if (status != AIRS_OK && wrong++ == 0)
            (void)fprintf(stderr, "%s: %s\n", airs_status_name(status), error.text);
    }
}

/// As many as there are places: one that was answered has given its place back.
static void who_is_within_the_limit_is_not_refused(void **state)
{
    (void)state;
    os_thread threads[PLACES];
    wrong = 0;
    for (size_t i = 0; i < PLACES; i++)
        assert_int_equal(os_thread_start(&threads[i], "asker", 0, ask_round_after_round, NULL), AIRS_OK);
    for (size_t i = 0; i < PLACES; i++)
        os_thread_join(&threads[i]);
    assert_int_equal(wrong, 0);
}

static void one_past_the_limit_is_refused(void **state)
{
    (void)state;
    static follower it[PLACES];
    for (size_t i = 0; i < PLACES; i++) {
        it[i] = (follower){0};
        start_follower(&it[i], "{\"verb\": \"events\", \"follow\": true}");
        assert_true(os_event_wait(&it[i].read.begun, os_clock_now_ns() + UINT64_C(60000000000)));
    }
    embed_refused(node, "shop", "{\"verb\": \"ps\"}", AIRS_E_LIMIT, "64 requests of this program");
    embed_ask_for(node, "mill", "{\"verb\": \"ps\"}", "eve");
    airs_node_stop(node);
    for (size_t i = 0; i < PLACES; i++)
        os_thread_join(&it[i].thread);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start_apps, end_apps)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_no_request_is_refused),
        TEST(one_that_is_too_long_is_refused),
        TEST(requests_are_answered),
        TEST(a_handler_does_not_wait),
        TEST(streams_are_told_line_by_line),
        TEST(a_topic_is_followed),
        TEST(a_node_that_stops_ends_what_waits),
        TEST(requests_come_from_many_threads_until_it_stops),
        TEST(who_is_within_the_limit_is_not_refused),
        TEST(one_past_the_limit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
