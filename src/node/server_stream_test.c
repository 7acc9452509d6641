// SPDX-License-Identifier: MIT OR Apache-2.0
/// The server's streams with native actors: events and subscriptions, readers that are slow, go away or stay to the
/// end.
#include "node/client.h"
#include "node/events.h"
#include "node/protocol.h"
#include "node/server.h"
#include "os/clock.h"
#include "os/event.h"
#include "os/thread.h"

#include <cjson/cJSON.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static airs_system *the_system;
static node_feed *the_events;
static char folder[] = "/tmp/airssys-stream-XXXXXX";
static char path[64];

static void pause_ms(uint64_t ms)
{
    os_event never;
    os_event_init(&never);
    assert_false(os_event_wait(&never, os_deadline_ms(os_clock_now_ns(), ms)));
}

static airs_status ignore(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)context;
    (void)message;
    (void)error;
    return AIRS_OK;
}

static airs_actor_id spawn(const char *name)
{
    static const airs_actor_fns fns = {.handle = ignore};
    const airs_native native = {.kind = "test", .actor = &fns};
    const airs_spawn_options options = {.name = name, .restart = AIRS_RESTART_TEMPORARY};
    airs_actor_id id;
    assert_int_equal(airs_spawn_native(the_system, &native, &options, &id, NULL), AIRS_OK);
    return id;
}

static int make_system(void **state)
{
    (void)state;
    the_events = node_events_create();
    if (!mkdtemp(folder) || !the_events)
        return -1;
    snprintf(path, sizeof path, "%s/x.sock", folder);
    const airs_system_options options = {.workers = 2, .actors_max = 256};
    if (airs_system_create(&options, &the_system, NULL) != AIRS_OK)
        return -1;
    airs_system_on_event(the_system, node_events_on_event, the_events);
    (void)spawn("first");
    return 0;
}

static int end_system(void **state)
{
    (void)state;
    airs_system_destroy(the_system);
    node_feed_destroy(the_events);
    return rmdir(folder);
}

static node_server *start_server(node_feed *events)
{
    // Nobody is thrown out for being slow: the machine may be, too.
    const node_server_options options = {.system = the_system, .app = "test", .events = events, .line_ms = 600000};
    node_socket socket;
    node_server *server;
    airs_error error;
    if (node_socket_listen(path, &socket, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    assert_int_equal(node_server_start(&options, &socket, &server, &error), AIRS_OK);
    return server;
}

static void open_client(node_client *client)
{
    airs_error error;
    if (node_client_open(client, path, &error) != AIRS_OK)
        fail_msg("%s", error.text);
}

static uint64_t number_at(const cJSON *json, const char *key)
{
    double number = cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(json, key));
    return number > 0 ? (uint64_t)number : 0;
}

static cJSON *request_of(const char *key, const char *value)
{
    cJSON *request = cJSON_CreateObject();
    cJSON_AddStringToObject(request, key, value);
    return request;
}

static size_t count_actors(void)
{
    return airs_actor_list(the_system, NULL, 0);
}

/// Waits until there are so many actors, at most 20 seconds.
static void wait_for_actors(size_t count)
{
    for (int i = 0; i < 2000 && count_actors() != count; i++)
        pause_ms(10);
    assert_int_equal(count_actors(), count);
}

// ---------------------------------------------------------------- events

typedef struct watching {
    /// Looked for: an event of this kind, of this actor.
    const char *kind;
    const char *name;
    uint64_t events;
    uint64_t missed;
    bool found;
    /// Spawned at the first line, unless NULL.
    const char *spawns;
} watching;

static bool on_event_line(void *user, cJSON *line)
{
    watching *eyes = user;
    airs_event event;
    uint64_t time_ms;
    eyes->missed += number_at(line, "missed");
    const cJSON *json = cJSON_GetObjectItemCaseSensitive(line, "event");
    if (!json)
        return true;
    eyes->events++;
    assert_true(node_event_parse(json, &event, &time_ms));
    if (eyes->spawns)
        (void)spawn(eyes->spawns);
    eyes->spawns = NULL;
    eyes->found = eyes->found || (eyes->name && strcmp(event.name, eyes->name) == 0 &&
                                  strcmp(airs_event_name(event.kind), eyes->kind) == 0);
    return !(eyes->found && eyes->kind);
}

static void what_was_is_told(void **state)
{
    (void)state;
    node_server *server = start_server(the_events);
    node_client client;
    airs_error error;
    open_client(&client);
    watching eyes = {.name = "nobody", .kind = "started"};
    assert_int_equal(node_client_follow(&client, "events", NULL, -1, on_event_line, &eyes, &error), AIRS_OK);
    assert_true(eyes.events >= 1);
    assert_int_equal(eyes.missed, 0);
    node_client_close(&client);
    // From now on there is nothing.
    open_client(&client);
    cJSON *request = cJSON_CreateObject();
    cJSON_AddNumberToObject(request, "after", 9007199254740991.0);
    eyes.events = 0;
    assert_int_equal(node_client_follow(&client, "events", request, -1, on_event_line, &eyes, &error), AIRS_OK);
    assert_int_equal(eyes.events, 0);
    node_client_close(&client);
    node_server_stop(server);
}

static cJSON *follow_request(void)
{
    cJSON *request = cJSON_CreateObject();
    cJSON_AddTrueToObject(request, "follow");
    return request;
}

static void what_comes_is_told(void **state)
{
    (void)state;
    node_server *server = start_server(the_events);
    node_client client;
    airs_error error;
    open_client(&client);
    watching eyes = {.name = "late", .kind = "started", .spawns = "late"};
    assert_int_equal(node_client_follow(&client, "events", follow_request(), -1, on_event_line, &eyes, &error),
                     AIRS_OK);
    assert_true(eyes.found);
    node_client_close(&client);
    node_server_stop(server);
}

static void a_node_without_events_says_so(void **state)
{
    (void)state;
    node_server *server = start_server(NULL);
    node_client client;
    airs_error error = {0};
    watching eyes = {0};
    open_client(&client);
    assert_int_equal(node_client_follow(&client, "events", NULL, -1, on_event_line, &eyes, &error), AIRS_E_UNSUPPORTED);
    node_client_close(&client);
    node_server_stop(server);
}

static void put_events(node_feed *feed, uint64_t count)
{
    const airs_event event = {.kind = AIRS_EVENT_FAILED, .actor = {5}, .name = "busy", .text = "for a test"};
    for (uint64_t i = 0; i < count; i++)
        node_events_on_event(feed, &event);
}

/// The node keeps what it keeps, whatever a client does not read; the client is told how much that was, and others do
/// not notice.
static void who_reads_slowly_is_told(void **state)
{
    (void)state;
    static const char wanted[] = "{\"id\":0,\"verb\":\"hello\",\"protocol\":1}\n"
                                 "{\"id\":1,\"verb\":\"events\",\"follow\":true}\n";
    enum {
        BATCHES = 50,
        BATCH = 2000
    };
    node_feed *events = node_events_create();
    node_server *server = start_server(events);
    int slow;
    assert_int_equal(node_socket_connect(path, &slow, NULL), AIRS_OK);
    assert_int_equal(send(slow, wanted, sizeof wanted - 1, MSG_NOSIGNAL), sizeof wanted - 1);
    for (int i = 0; i < BATCHES; i++) {
        put_events(events, BATCH);
        node_client quick;
        airs_error error;
        watching eyes = {.name = "busy", .kind = "failed"};
        open_client(&quick);
        assert_int_equal(node_client_follow(&quick, "events", NULL, -1, on_event_line, &eyes, &error), AIRS_OK);
        assert_true(eyes.found);
        node_client_close(&quick);
    }
    // Now it reads: all lines, of which each is whole, and together they account for each event.
    uint64_t seen = 0;
    uint64_t missed = 0;
    FILE *lines = fdopen(slow, "r");
    char line[4096];
    while (seen + missed < (uint64_t)BATCHES * BATCH && fgets(line, sizeof line, lines)) {
        cJSON *json = cJSON_Parse(line);
        assert_non_null(json);
        missed += number_at(json, "missed");
        if (cJSON_HasObjectItem(json, "event")) {
            seen++;
            assert_int_equal(number_at(json, "number"), seen + missed);
        }
        cJSON_Delete(json);
    }
    assert_int_equal(seen + missed, BATCHES * BATCH);
    assert_true(missed > 0);
    fclose(lines);
    node_server_stop(server);
    node_feed_destroy(events);
}

typedef struct follower {
    watching eyes;
    airs_status status;
    os_event open;
} follower;

static bool on_first_line(void *user, cJSON *line)
{
    follower *self = user;
    bool more = on_event_line(&self->eyes, line);
    os_event_set(&self->open);
    return more;
}

static void follow_to_the_end(void *user)
{
    follower *self = user;
    node_client client;
    airs_error error;
    self->status = node_client_open(&client, path, &error);
    if (self->status == AIRS_OK)
        self->status = node_client_follow(&client, "events", follow_request(), -1, on_first_line, self, &error);
    node_client_close(&client);
}

/// The end of the node is the end of its streams, as it should be, after what happened up to then.
static void streams_end_with_the_node(void **state)
{
    (void)state;
    node_feed *events = node_events_create();
    put_events(events, 1);
    node_server *server = start_server(events);
    follower reader = {.eyes = {.name = "last"}, .status = AIRS_E_INTERNAL};
    os_event_init(&reader.open);
    os_thread thread;
    assert_int_equal(os_thread_start(&thread, "reader", 0, follow_to_the_end, &reader), AIRS_OK);
    assert_true(os_event_wait(&reader.open, os_deadline_ms(os_clock_now_ns(), 20000)));
    put_events(events, 99);
    node_server_stop(server);
    os_thread_join(&thread);
    assert_int_equal(reader.status, AIRS_OK);
    assert_int_equal(reader.eyes.events, 100);
    node_feed_destroy(events);
}

// ---------------------------------------------------------------- subscriptions

typedef struct listener {
    os_thread thread;
    const char *topic;
    /// How many to wait for.
    int left;
    char last[64];
    os_event heard;
    airs_status status;
} listener;

static bool on_message_line(void *user, cJSON *line)
{
    listener *self = user;
    const cJSON *message = cJSON_GetObjectItemCaseSensitive(line, "message");
    const char *payload = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(message, "payload"));
    if (payload)
        snprintf(self->last, sizeof self->last, "%s", payload);
    os_event_set(&self->heard);
    return --self->left > 0;
}

static void listen_to(void *user)
{
    listener *self = user;
    node_client client;
    airs_error error;
    self->status = node_client_open(&client, path, &error);
    if (self->status == AIRS_OK)
        self->status = node_client_follow(&client, "subscribe", request_of("topic", self->topic), -1, on_message_line,
                                          self, &error);
    node_client_close(&client);
}

/// Publishes until it reaches somebody.
static void publish_until_heard(const char *topic, const char *payload)
{
    uint32_t reached = 0;
    for (int i = 0; i < 2000 && reached == 0; i++) {
        assert_int_equal(airs_publish(the_system, topic, payload, strlen(payload), &reached, NULL), AIRS_OK);
        if (reached == 0)
            pause_ms(10);
    }
    assert_int_equal(reached, 1);
}

static void a_topic_is_listened_to(void **state)
{
    (void)state;
    node_server *server = start_server(the_events);
    size_t actors = count_actors();
    listener ears = {.topic = "orders.>", .left = 2};
    os_event_init(&ears.heard);
    assert_int_equal(os_thread_start(&ears.thread, "ears", 0, listen_to, &ears), AIRS_OK);
    publish_until_heard("orders.new", "one");
    publish_until_heard("orders.old.and.gone", "two");
    os_thread_join(&ears.thread);
    assert_int_equal(ears.status, AIRS_OK);
    assert_string_equal(ears.last, "two");
    // The actor that listened for it goes with the client.
    wait_for_actors(actors);
    node_server_stop(server);
}

static void a_subscription_ends_with_its_actor(void **state)
{
    (void)state;
    node_server *server = start_server(the_events);
    size_t actors = count_actors();
    listener ears = {.topic = "orders.*", .left = 1000, .status = AIRS_E_INTERNAL};
    os_event_init(&ears.heard);
    assert_int_equal(os_thread_start(&ears.thread, "ears", 0, listen_to, &ears), AIRS_OK);
    publish_until_heard("orders.new", "one");
    // What waits in its mailbox would end with it.
    assert_true(os_event_wait(&ears.heard, os_deadline_ms(os_clock_now_ns(), 20000)));
    airs_actor_id ids[64];
    size_t count = airs_actor_list(the_system, ids, 64);
    for (size_t i = 0; i < count; i++) {
        airs_actor_info info;
        if (airs_actor_get_info(the_system, ids[i], &info) == AIRS_OK && strcmp(info.component, "subscriber") == 0)
            assert_int_equal(airs_stop(the_system, ids[i]), AIRS_OK);
    }
    os_thread_join(&ears.thread);
    assert_int_equal(ears.status, AIRS_OK);
    assert_string_equal(ears.last, "one");
    wait_for_actors(actors);
    node_server_stop(server);
}

static void what_cannot_be_subscribed_is_refused(void **state)
{
    (void)state;
    node_server *server = start_server(the_events);
    size_t actors = count_actors();
    listener ears = {.left = 1};
    os_event_init(&ears.heard);
    node_client client;
    airs_error error = {0};
    open_client(&client);
    assert_int_equal(
        node_client_follow(&client, "subscribe", request_of("topic", "a..b"), -1, on_message_line, &ears, &error),
        AIRS_E_INVALID);
    assert_non_null(strstr(error.text, "`topic` is \"a..b\""));
    assert_int_equal(node_client_follow(&client, "subscribe", NULL, -1, on_message_line, &ears, &error),
                     AIRS_E_INVALID);
    node_client_close(&client);
    assert_int_equal(count_actors(), actors);
    node_server_stop(server);
}

static void a_connection_has_one_stream(void **state)
{
    (void)state;
    static const char wanted[] = "{\"id\":0,\"verb\":\"hello\",\"protocol\":1}\n"
                                 "{\"id\":1,\"verb\":\"subscribe\",\"topic\":\"a\"}\n"
                                 "{\"id\":2,\"verb\":\"events\",\"follow\":true}\n"
                                 "{\"id\":3,\"verb\":\"ps\"}\n";
    node_server *server = start_server(the_events);
    size_t actors = count_actors();
    int fd;
    assert_int_equal(node_socket_connect(path, &fd, NULL), AIRS_OK);
    assert_int_equal(send(fd, wanted, sizeof wanted - 1, MSG_NOSIGNAL), sizeof wanted - 1);
    FILE *lines = fdopen(fd, "r");
    char line[65536];
    bool seen[4] = {false};
    for (int i = 0; i < 4 && fgets(line, sizeof line, lines); i++) {
        cJSON *json = cJSON_Parse(line);
        uint64_t id = number_at(json, "id");
        assert_true(id < 4);
        seen[id] = true;
        if (id == 1)
            assert_true(cJSON_HasObjectItem(json, "open"));
        if (id == 2)
            assert_non_null(strstr(line, "E_LIMIT"));
        cJSON_Delete(json);
    }
    assert_true(seen[0] && seen[1] && seen[2] && seen[3]);
    // Who sends nothing more is told no more: the stream ends with its reply.
    shutdown(fd, SHUT_WR);
    assert_non_null(fgets(line, sizeof line, lines));
    assert_string_equal(line, "{\"id\":1,\"ok\":true}\n");
    assert_null(fgets(line, sizeof line, lines));
    fclose(lines);
    wait_for_actors(actors);
    node_server_stop(server);
}

/// Clients, and streams of theirs, come and go while the server stops: nothing is left behind.
static void streams_stop_in_the_middle(void **state)
{
    (void)state;
    static const char wanted[] = "{\"id\":0,\"verb\":\"hello\",\"protocol\":1}\n"
                                 "{\"id\":1,\"verb\":\"subscribe\",\"topic\":\"a.>\"}\n"
                                 "{\"id\":2,\"verb\":\"why\",\"actor\":\"first\"}\n"
                                 "{\"id\":3,\"verb\":\"pause\",\"actor\":\"nobody\"}\n";
    size_t actors = count_actors();
    for (int round = 0; round < 20; round++) {
        node_server *server = start_server(the_events);
        int clients[8];
        for (size_t i = 0; i < 8; i++) {
            assert_int_equal(node_socket_connect(path, &clients[i], NULL), AIRS_OK);
            assert_int_equal(send(clients[i], wanted, sizeof wanted - 1, MSG_NOSIGNAL), sizeof wanted - 1);
            if (i % 3 == 0)
                close(clients[i]);
        }
        if (round % 2)
            pause_ms((uint64_t)round);
        (void)!airs_publish(the_system, "a.b", "x", 1, NULL, NULL);
        node_server_stop(server);
        for (size_t i = 0; i < 8; i++) {
            if (i % 3 != 0)
                close(clients[i]);
        }
        assert_int_equal(count_actors(), actors);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_is_told),
        cmocka_unit_test(what_comes_is_told),
        cmocka_unit_test(a_node_without_events_says_so),
        cmocka_unit_test(who_reads_slowly_is_told),
        cmocka_unit_test(streams_end_with_the_node),
        cmocka_unit_test(a_topic_is_listened_to),
        cmocka_unit_test(a_subscription_ends_with_its_actor),
        cmocka_unit_test(what_cannot_be_subscribed_is_refused),
        cmocka_unit_test(a_connection_has_one_stream),
        cmocka_unit_test(streams_stop_in_the_middle),
    };
    return cmocka_run_group_tests(tests, make_system, end_system);
}
