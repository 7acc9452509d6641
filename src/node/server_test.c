// SPDX-License-Identifier: MIT OR Apache-2.0
/// The server with native actors: what its client and its threads do to each other, and its limits.
#include "node/client.h"
#include "node/protocol.h"
#include "node/server.h"
#include "os/clock.h"
#include "os/event.h"
#include "os/thread.h"

#include <cjson/cJSON.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static airs_system *the_system;
static char folder[] = "/tmp/airssys-server-XXXXXX";
static char path[64];

static void pause_us(uint64_t us)
{
    os_event never;
    os_event_init(&never);
    assert_false(os_event_wait(&never, os_deadline_ns(os_clock_now_ns(), us * 1000)));
}

// ---------------------------------------------------------------- actors

static airs_status echo(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)error;
    if (message->request.raw == 0)
        return AIRS_OK;
    return airs_context_reply(context, message->request, message->payload.data, message->payload.len);
}

/// Never answers: whoever asks waits for its time limit, or for the end of the actor.
static airs_status keep_silent(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)context;
    (void)message;
    (void)error;
    return AIRS_OK;
}

static void spawn(const char *name, airs_status (*handle)(void *, airs_context *, const airs_message *, airs_error *))
{
    static airs_actor_fns fns[4];
    static size_t used;
    airs_actor_fns *kept = &fns[used++ % 4];
    kept->handle = handle;
    const airs_native native = {.kind = "test", .actor = kept};
    const airs_spawn_options options = {.name = name};
    airs_actor_id id;
    assert_int_equal(airs_spawn_native(the_system, &native, &options, &id, NULL), AIRS_OK);
}

static int make_system(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/x.sock", folder);
    const airs_system_options options = {.workers = 2, .actors_max = 64};
    if (airs_system_create(&options, &the_system, NULL) != AIRS_OK)
        return -1;
    spawn("echo", echo);
    spawn("silent", keep_silent);
    return 0;
}

static int end_system(void **state)
{
    (void)state;
    airs_system_destroy(the_system);
    return rmdir(folder);
}

static node_server *start_server(node_server_options options)
{
    node_socket socket;
    node_server *server;
    airs_error error;
    options.system = the_system;
    options.app = "test";
    if (node_socket_listen(path, &socket, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    assert_int_equal(node_server_start(&options, &socket, &server, &error), AIRS_OK);
    assert_string_equal(node_server_path(server), path);
    return server;
}

static void open_client(node_client *client)
{
    airs_error error;
    if (node_client_open(client, path, &error) != AIRS_OK)
        fail_msg("%s", error.text);
}

static airs_status ask(node_client *client, const char *verb, const char *actor, const char *payload,
                       uint32_t timeout_ms, cJSON **ret_result, airs_error *error)
{
    cJSON *request = cJSON_CreateObject();
    cJSON_AddStringToObject(request, "actor", actor);
    cJSON_AddStringToObject(request, "payload", payload);
    cJSON_AddNumberToObject(request, "timeout_ms", timeout_ms);
    return node_client_ask(client, verb, request, 20000, ret_result, error);
}

// ---------------------------------------------------------------- tests

static void it_answers(void **state)
{
    (void)state;
    node_server *server = start_server((node_server_options){0});
    node_client client;
    open_client(&client);
    airs_error error = {0};
    cJSON *result = NULL;
    assert_int_equal(ask(&client, "call", "echo", "hello", 5000, &result, &error), AIRS_OK);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(result, "payload")), "hello");
    cJSON_Delete(result);
    result = NULL;
    assert_int_equal(ask(&client, "send", "echo", "hello", 5000, &result, &error), AIRS_OK);
    assert_null(result);
    assert_int_equal(ask(&client, "call", "ehco", "hello", 5000, &result, &error), AIRS_E_NOT_FOUND);
    assert_string_equal(error.text, "no actor is named ehco: did you mean echo?");
    assert_int_equal(ask(&client, "call", "silent", "hello", 50, &result, &error), AIRS_E_TIMEOUT);
    assert_int_equal(ask(&client, "ps", "", "", 50, &result, &error), AIRS_OK);
    assert_true(cJSON_GetArraySize(cJSON_GetObjectItem(result, "actors")) >= 3);
    cJSON_Delete(result);
    node_client_close(&client);
    node_server_stop(server);
    assert_int_not_equal(access(path, F_OK), 0);
}

static void an_actor_is_stopped(void **state)
{
    (void)state;
    spawn("victim", keep_silent);
    node_server *server = start_server((node_server_options){0});
    node_client client;
    open_client(&client);
    airs_error error = {0};
    cJSON *result = NULL;
    assert_int_equal(ask(&client, "stop", "victim", "", 0, &result, &error), AIRS_OK);
    assert_int_equal(ask(&client, "stop", "victim", "", 0, &result, &error), AIRS_E_NOT_FOUND);
    cJSON_Delete(result);
    node_client_close(&client);
    node_server_stop(server);
}

/// Clients, and requests of theirs, are still there when the server stops: nothing of it is lost or touched later.
static void it_stops_in_the_middle(void **state)
{
    (void)state;
    static const char many[] = "{\"id\":0,\"verb\":\"hello\",\"protocol\":1}\n"
                               "{\"id\":1,\"verb\":\"call\",\"actor\":\"silent\",\"timeout_ms\":100}\n"
                               "{\"id\":2,\"verb\":\"call\",\"actor\":\"echo\"}\n"
                               "{\"id\":3,\"verb\":\"stop\",\"actor\":\"nobody\"}\n"
                               "{\"id\":4,\"verb\":\"ps\"}\n{\"id\":5,";
    for (int round = 0; round < 20; round++) {
        node_server *server = start_server((node_server_options){0});
        int clients[8];
        for (size_t i = 0; i < 8; i++) {
            assert_int_equal(node_socket_connect(path, &clients[i], NULL), AIRS_OK);
            ssize_t sent = send(clients[i], many, sizeof many - 1 - i, MSG_NOSIGNAL);
            assert_int_equal(sent, sizeof many - 1 - i);
        }
        if (round % 2)
            pause_us((uint64_t)round * 100);
        node_server_stop(server);
        for (size_t i = 0; i < 8; i++)
            close(clients[i]);
    }
}

static void stop_it(void *user)
{
    node_server_stop(user);
}

/// Asks for a large reply, and leaves it lying until the server, which has begun to send it, is told to stop.
static void ask_for_much(node_client *client, const char *payload)
{
    cJSON *request = cJSON_CreateObject();
    cJSON_AddNumberToObject(request, "id", 77);
    cJSON_AddStringToObject(request, "verb", "call");
    cJSON_AddStringToObject(request, "actor", "echo");
    cJSON_AddStringToObject(request, "payload", payload);
    char *line = node_line_print(request);
    assert_non_null(line);
    for (size_t at = 0, len = strlen(line); at < len;) {
        ssize_t sent = send(client->fd, line + at, len - at, 0);
        assert_true(sent > 0);
        at += (size_t)sent;
    }
    cJSON_free(line);
    struct pollfd begun = {.fd = client->fd, .events = POLLIN};
    assert_int_equal(poll(&begun, 1, 20000), 1);
}

/// In small parts, so that the server comes to its end meanwhile.
static size_t read_to_the_end(int fd, char *ret_last)
{
    char part[16384];
    size_t total = 0;
    for (ssize_t got; (got = recv(fd, part, sizeof part, 0)) > 0; total += (size_t)got) {
        *ret_last = part[got - 1];
        pause_us(1000);
    }
    return total;
}

/// The client has asked for so much that the server can't send it at once.
static node_server *begin_a_large_reply(node_client *client, size_t size)
{
    node_server *server = start_server((node_server_options){0});
    char *payload = malloc(size + 1);
    assert_non_null(payload);
    memset(payload, 'a', size);
    payload[size] = '\0';
    open_client(client);
    ask_for_much(client, payload);
    free(payload);
    return server;
}

static void a_reply_that_was_begun_is_sent_to_its_end(void **state)
{
    (void)state;
    const size_t size = 900000;
    node_client client;
    os_thread stopper;
    char last = '\0';
    node_server *server = begin_a_large_reply(&client, size);
    assert_int_equal(os_thread_start(&stopper, "stopper", 0, stop_it, server), AIRS_OK);
    assert_true(read_to_the_end(client.fd, &last) > size);
    assert_int_equal(last, '\n');
    os_thread_join(&stopper);
    node_client_close(&client);
}

static void who_does_not_read_does_not_keep_it_from_stopping(void **state)
{
    (void)state;
    const size_t size = 900000;
    node_client client;
    char last = '\0';
    node_server *server = begin_a_large_reply(&client, size);
    node_server_stop(server);
    assert_true(read_to_the_end(client.fd, &last) < size);
    node_client_close(&client);
}

static void half_a_reply_is_said_to_be_one(void **state)
{
    (void)state;
    static const char half[] = "{\"id\":1,\"result\":{\"pay";
    int ends[2];
    node_client client;
    cJSON *result = NULL;
    for (size_t len = 0; len < sizeof half; len += sizeof half - 1) {
        airs_error error = {0};
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
        node_client_take(&client, ends[0]);
        assert_int_equal(send(ends[1], half, len, 0), len);
        assert_int_equal(shutdown(ends[1], SHUT_WR), 0);
        assert_int_equal(ask(&client, "call", "echo", "", 5000, &result, &error), AIRS_E_IO);
        assert_int_equal(strstr(error.text, "in the middle of its reply") != NULL, len > 0);
        node_client_close(&client);
        close(ends[1]);
    }
}

/// Whether the other end closes within 5 seconds; what it says before goes to `said`.
static bool is_closed(int fd, char *said, size_t size)
{
    struct timeval patience = {.tv_sec = 5};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    size_t len = 0;
    ssize_t got;
    while ((got = recv(fd, said + len, size - 1 - len, 0)) > 0)
        len += (size_t)got;
    said[len] = 0;
    return got == 0;
}

static void who_says_nothing_is_not_waited_for(void **state)
{
    (void)state;
    static const char *const beginnings[] = {"", "{\"id\"", "{\"id\":0,\"verb\":\"hello\",\"protocol\":1}\n{\"id\":1,",
                                             "{\"id\":0,\"verb\":\"hello\",\"protocol\":1}\n"};
    node_server *server = start_server((node_server_options){.line_ms = 100, .idle_ms = 100});
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
        int fd;
        char said[512];
        assert_int_equal(node_socket_connect(path, &fd, NULL), AIRS_OK);
        size_t len = strlen(beginnings[i]);
        assert_int_equal(send(fd, beginnings[i], len, MSG_NOSIGNAL), len);
        uint64_t start_ns = os_clock_now_ns();
        assert_true(is_closed(fd, said, sizeof said));
        assert_true(os_clock_now_ns() - start_ns >= 90 * 1000000u);
        close(fd);
    }
    node_server_stop(server);
}

/// A letter now and then gains no time: what counts is when the line began.
static void who_dawdles_is_not_waited_for(void **state)
{
    (void)state;
    node_server *server = start_server((node_server_options){.line_ms = 200});
    int fd;
    assert_int_equal(node_socket_connect(path, &fd, NULL), AIRS_OK);
    bool closed = false;
    for (int i = 0; i < 100 && !closed; i++) {
        closed = send(fd, "x", 1, MSG_NOSIGNAL) < 0;
        pause_us(20000);
    }
    assert_true(closed);
    close(fd);
    node_server_stop(server);
}

static void there_is_room_for_so_many(void **state)
{
    (void)state;
    node_server *server = start_server((node_server_options){.connections_max = 2});
    node_client first;
    node_client second;
    open_client(&first);
    open_client(&second);
    node_client third;
    airs_error error = {0};
    assert_int_equal(node_client_open(&third, path, &error), AIRS_E_IO);
    assert_non_null(strstr(error.text, "the node has 2 clients already"));
    node_client_close(&first);
    airs_status status = AIRS_E_IO;
    for (int i = 0; i < 200 && status != AIRS_OK; i++) {
        status = node_client_open(&third, path, &error);
        if (status != AIRS_OK)
            pause_us(10000);
    }
    assert_int_equal(status, AIRS_OK);
    node_client_close(&second);
    node_client_close(&third);
    node_server_stop(server);
}

/// More requests at once than may be under way: the rest is read as the first are answered.
static void requests_take_turns(void **state)
{
    (void)state;
    node_server *server = start_server((node_server_options){.requests_max = 2});
    int fd;
    char said[8192];
    assert_int_equal(node_socket_connect(path, &fd, NULL), AIRS_OK);
    char lines[4096] = "{\"id\":99,\"verb\":\"hello\",\"protocol\":1}\n";
    for (int i = 0; i < 20; i++) {
        size_t used = strlen(lines);
        snprintf(lines + used, sizeof lines - used,
                 "{\"id\":%d,\"verb\":\"call\",\"actor\":\"silent\",\"timeout_ms\":10}\n", i);
    }
    assert_int_equal(send(fd, lines, strlen(lines), MSG_NOSIGNAL), strlen(lines));
    shutdown(fd, SHUT_WR);
    assert_true(is_closed(fd, said, sizeof said));
    for (int i = 0; i < 20; i++) {
        char id[32];
        snprintf(id, sizeof id, "{\"id\":%d,\"ok\":false", i);
        assert_non_null(strstr(said, id));
    }
    close(fd);
    node_server_stop(server);
}

static void a_program_has_so_many_clients_of_its_own(void **state)
{
    (void)state;
    airs_error error = {0};
    int fds[NODE_SERVER_OWN_MAX + 1];
    cJSON *result = NULL;
    node_client client;
    node_server *server = start_server((node_server_options){.connections_max = 1});
    for (int i = 0; i < NODE_SERVER_OWN_MAX; i++)
        assert_int_equal(node_server_connect(server, &fds[i], &error), AIRS_OK);
    assert_int_equal(node_server_connect(server, &fds[NODE_SERVER_OWN_MAX], &error), AIRS_E_LIMIT);
    assert_non_null(strstr(error.text, "256 connections"));
    // They are greeted, and take no place from those of the socket.
    node_client_take(&client, fds[0]);
    assert_int_equal(ask(&client, "call", "echo", "own", 1000, &result, &error), AIRS_OK);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(result, "payload")), "own");
    cJSON_Delete(result);
    node_client other;
    open_client(&other);
    node_client_close(&other);
    node_client_close(&client);
    uint64_t deadline_ns = os_clock_now_ns() + UINT64_C(60000000000);
    while (node_server_connect(server, &fds[0], &error) != AIRS_OK && os_clock_now_ns() < deadline_ns)
        pause_us(1000);
    assert_true(os_clock_now_ns() < deadline_ns);
    node_server_stop(server);
    // The server has closed its ends.
    char byte;
    for (int i = 0; i < NODE_SERVER_OWN_MAX; i++) {
        assert_int_equal(recv(fds[i], &byte, 1, 0), 0);
        close(fds[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_answers),
        cmocka_unit_test(an_actor_is_stopped),
        cmocka_unit_test(it_stops_in_the_middle),
        cmocka_unit_test(a_reply_that_was_begun_is_sent_to_its_end),
        cmocka_unit_test(who_does_not_read_does_not_keep_it_from_stopping),
        cmocka_unit_test(half_a_reply_is_said_to_be_one),
        cmocka_unit_test(who_says_nothing_is_not_waited_for),
        cmocka_unit_test(who_dawdles_is_not_waited_for),
        cmocka_unit_test(there_is_room_for_so_many),
        cmocka_unit_test(requests_take_turns),
        cmocka_unit_test(a_program_has_so_many_clients_of_its_own),
    };
    return cmocka_run_group_tests(tests, make_system, end_system);
}
