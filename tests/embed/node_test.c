// SPDX-License-Identifier: MIT OR Apache-2.0
/// A node from its making to its end: what is not allowed, what is there again, what ends by itself.
#include "embed.h"

#include <cjson/cJSON.h>
#include <limits.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "node/client.h"
#include "node/home.h"
#include "node/store_impl.h"
#include "os/thread.h"

static const char *const one_teller[] = {"ada=teller-1", NULL};

static void options_that_are_none_are_refused(void **state)
{
    (void)state;
    airs_node *node = NULL;
    airs_error error = {0};
    airs_node_options options = {.state_dir = ""};
    embed_check(airs_node_create(NULL, NULL, &error), &error, AIRS_E_INVALID, "ret_node");
    embed_check(airs_node_create(&options, &node, &error), &error, AIRS_E_INVALID, "state_dir");
    options = (airs_node_options){.socket_dir = ""};
    embed_check(airs_node_create(&options, &node, &error), &error, AIRS_E_INVALID, "socket_dir");
    options = (airs_node_options){.memory_max = 65535};
    embed_check(airs_node_create(&options, &node, &error), &error, AIRS_E_INVALID, "memory_max");
    options = (airs_node_options){.instances_max = 1000001};
    embed_check(airs_node_create(&options, &node, &error), &error, AIRS_E_INVALID, "instances_max");
    options = (airs_node_options){.log_level = (airs_log_level)4};
    embed_check(airs_node_create(&options, &node, &error), &error, AIRS_E_INVALID, "log_level");
    options = (airs_node_options){.state_dir = "/dev/null/state"};
    embed_check(airs_node_create(&options, &node, &error), &error, AIRS_E_IO, "/dev/null");
    assert_null(node);
}

static void a_state_folder_has_one_node_and_a_format(void **state)
{
    (void)state;
    char process[32];
    airs_node *other = NULL;
    airs_error error = {0};
    airs_node_options options = embed_options();
    node_home home;
    airs_node *node = embed_create("state");
    options.state_dir = embed_path("state");
    (void)snprintf(process, sizeof process, "process %ld,", (long)getpid());
    embed_check(airs_node_create(&options, &other, &error), &error, AIRS_E_TAKEN, process);
    // Another folder is another node's, at the same time.
    other = embed_create("elsewhere");
    airs_node_destroy(other);
    airs_node_destroy(node);

    assert_int_equal(node_home_open(&home, embed_path("state"), false, &error), AIRS_OK);
    assert_int_equal(storage_run(home.store->database, "PRAGMA user_version=99", NULL, 0, NULL, NULL, &error), AIRS_OK);
    node_home_close(&home);
    other = NULL;
    embed_check(airs_node_create(&options, &other, &error), &error, AIRS_E_UNSUPPORTED, "has format 99");
    assert_null(other);
    assert_int_equal(node_home_owner(embed_path("state")), 0);
}

static void an_app_with_a_fault_leaves_the_node_as_it_was(void **state)
{
    (void)state;
    airs_error error = {0};
    airs_node *node = embed_create(NULL);
    embed_write_app("shop", one_teller, "");
    embed_write_app("faulty", one_teller, "restrat = \"permanent\"\n");
    embed_check(airs_node_start(node, &error), &error, AIRS_E_INVALID, "no app");
    embed_check(airs_node_add_app(node, embed_path("nowhere"), &error), &error, AIRS_E_NOT_FOUND, "nowhere");
    embed_check(airs_node_add_app(node, embed_path("faulty"), &error), &error, AIRS_E_MANIFEST,
                "airssys.toml:7:1: unknown key `restrat`");
    assert_int_equal(airs_node_app_count(node), 0);
    embed_add(node, "shop");
    embed_check(airs_node_add_app(node, embed_path("shop"), &error), &error, AIRS_E_TAKEN, "shop");
    embed_check(airs_node_forget_app(node, "shop", &error), &error, AIRS_E_INVALID, "shop");
    embed_check(airs_node_forget_app(node, "mill", &error), &error, AIRS_E_UNSUPPORTED, "no state");
    assert_int_equal(airs_node_app_count(node), 1);
    assert_string_equal(airs_node_app_name(node, 0), "shop");
    assert_null(airs_node_app_name(node, 1));
    assert_null(airs_node_system(node, "shop"));

    embed_start(node);
    assert_non_null(airs_node_system(node, "shop"));
    assert_ptr_equal(airs_node_system(node, NULL), airs_node_system(node, "shop"));
    assert_null(airs_node_system(node, "mill"));
    assert_string_equal(airs_node_app_socket(node, "shop"), "");
    embed_check(airs_node_start(node, &error), &error, AIRS_E_INVALID, "started already");
    embed_check(airs_node_add_app(node, embed_path("shop"), &error), &error, AIRS_E_INVALID, "started already");
    embed_check(airs_node_add_stored_apps(node, &error), &error, AIRS_E_INVALID, "started already");
    embed_check(airs_node_forget_app(node, "mill", &error), &error, AIRS_E_INVALID, "started already");
    assert_int_equal(airs_node_wait(node, 0, &error), AIRS_FINISH_RUNNING);
    airs_node_stop(node);
    airs_node_stop(node);
    // What it has done can still be counted.
    airs_metrics metrics;
    airs_system_get_metrics(airs_node_system(node, "shop"), &metrics);
    assert_int_equal(metrics.messages_sent, 0);
    airs_node_destroy(node);
    airs_node_destroy(NULL);
}

static void the_program_may_be_in_another_folder_later(void **state)
{
    (void)state;
    char before[PATH_MAX];
    airs_error error = {0};
    airs_node *node = NULL;
    airs_node_options options = embed_options();
    options.cache_dir = "cache";
    options.sockets = true;
    options.socket_dir = "sockets";
    embed_write_app("shop", one_teller, "");
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(embed_path("shop")), 0);
    airs_status created = airs_node_create(&options, &node, &error);
    airs_status status = created == AIRS_OK ? airs_node_add_app(node, ".", &error) : created;
    assert_int_equal(chdir(before), 0);
    assert_int_equal(status, AIRS_OK);
    embed_start(node);
    assert_string_equal(airs_node_app_socket(node, "shop"), embed_path("shop/sockets/shop.sock"));
    assert_int_equal(access(embed_path("shop/cache"), F_OK), 0);
    embed_ask_for(node, "shop", "{\"verb\": \"stop\", \"actor\": \"ada\"}", "{}");
    embed_ask_for(node, "shop", "{\"verb\": \"start\", \"actor\": \"ada\"}", "\"started\":true");
    airs_node_destroy(node);
}

/// A child that does not exec has the descriptors of all that was open.
static void a_forked_child_holds_nothing(void **state)
{
    (void)state;
    int ends[2];
    airs_error error = {0};
    embed_write_app("shop", one_teller, "");
    airs_node *node = embed_create("state");
    embed_add(node, "shop");
    embed_start(node);
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        char byte;
        (void)close(ends[1]);
        _exit(read(ends[0], &byte, 1) == 0 ? 0 : 1);
    }
    assert_true(child > 0);
    airs_node_destroy(node);
    airs_node_options options = embed_options();
    options.state_dir = embed_path("state");
    airs_status status = airs_node_create(&options, &node, &error);
    if (status == AIRS_OK) {
        embed_add(node, "shop");
        status = airs_node_start(node, &error);
        airs_node_destroy(node);
    }
    int end = -1;
    (void)close(ends[0]);
    (void)close(ends[1]);
    assert_int_equal(waitpid(child, &end, 0), child);
    assert_int_equal(end, 0);
    if (status != AIRS_OK)
        fail_msg("%s", error.text);
}

static void an_app_that_does_not_start_takes_the_others_with_it(void **state)
{
    (void)state;
    static const char *const actors[] = {"eve=trap-start-error", NULL};
    airs_error error = {0};
    airs_node *node = embed_create("state");
    embed_write_app("shop", one_teller, "");
    embed_write_app("mill", actors, "");
    embed_add(node, "shop");
    embed_add(node, "mill");
    embed_check(airs_node_start(node, &error), &error, AIRS_E_FAILED, "mill: ");
    assert_non_null(strstr(error.text, "as the test wanted"));
    assert_null(airs_node_system(node, "shop"));
    embed_check(airs_node_start(node, &error), &error, AIRS_E_INVALID, "started already");
    embed_refused(node, "shop", "{\"verb\": \"ps\"}", AIRS_E_STOPPING, "has stopped");
    airs_node_destroy(node);

    // The limits are of all apps together.
    airs_node_options options = embed_options();
    options.memory_max = 65536;
    assert_int_equal(airs_node_create(&options, &node, &error), AIRS_OK);
    embed_add(node, "shop");
    embed_write_app("mill", one_teller, "");
    embed_add(node, "mill");
    embed_check(airs_node_start(node, &error), &error, AIRS_E_LIMIT, "memory_max leaves too little");
    airs_node_destroy(node);
}

static _Atomic bool asked_enough;

static void ask_meanwhile(void *user)
{
    airs_node *node = user;
    while (!asked_enough) {
        if (airs_node_request(node, "shop", "{\"verb\": \"ps\"}", NULL, NULL) != AIRS_E_STOPPING ||
            airs_node_system(node, "shop") || airs_node_wait(node, 0, NULL) != AIRS_FINISH_RUNNING) {
            (void)fprintf(stderr, "a node that does not start has answered\n");
            abort();
        }
    }
}

static void a_node_that_does_not_start_may_be_asked_meanwhile(void **state)
{
    (void)state;
    static const char *const actors[] = {"eve=trap-start-error", NULL};
    embed_write_app("shop", one_teller, "");
    embed_write_app("mill", actors, "");
    for (int i = 0; i < TEST_ROUNDS(10); i++) {
        os_thread threads[2];
        airs_error error = {0};
        airs_node *node = embed_create(NULL);
        embed_add(node, "shop");
        embed_add(node, "mill");
        asked_enough = false;
        for (size_t k = 0; k < 2; k++)
            assert_int_equal(os_thread_start(&threads[k], "asker", 0, ask_meanwhile, node), AIRS_OK);
        airs_status status = airs_node_start(node, &error);
        asked_enough = true;
        for (size_t k = 0; k < 2; k++)
            os_thread_join(&threads[k]);
        embed_check(status, &error, AIRS_E_FAILED, "mill: ");
        airs_node_destroy(node);
    }
}

static void a_node_that_does_not_start_forgets_nothing(void **state)
{
    (void)state;
    static const char *const bad[] = {"eve=trap-start-error", NULL};
    static const char *const slow[] = {"bob=program-fails", NULL};
    airs_error error = {0};
    airs_node *node = embed_create("state");
    embed_write_app("shop", one_teller, "");
    embed_add(node, "shop");
    embed_start(node);
    embed_ask_for(node, NULL, "{\"verb\": \"deploy\", \"actor\": \"ada\", \"component\": \"" GUESTS "/teller-2.wasm\"}",
                  "\"number\":1");
    airs_node_destroy(node);

    // Another app of this name would take its place, but the node does not come up: an actor of another app does not
    // start, or fails at once.
    embed_write_app("shop", one_teller, "restart = \"temporary\"\n");
    embed_write_app("mill", bad, "");
    node = embed_create("state");
    embed_add(node, "shop");
    embed_add(node, "mill");
    embed_check(airs_node_start(node, &error), &error, AIRS_E_FAILED, "mill: ");
    airs_node_destroy(node);
    embed_write_app("mill", slow, "restart = \"temporary\"\nsignificant = true\n");
    airs_node_options options = embed_options();
    options.state_dir = embed_path("state");
    options.ready_timeout_ms = 1;
    airs_status status = AIRS_OK;
    assert_int_equal(airs_node_create(&options, &node, &error), AIRS_OK);
    embed_add(node, "shop");
    embed_add(node, "mill");
    status = airs_node_start(node, &error);
    airs_node_destroy(node);

    node = embed_create("state");
    assert_int_equal(airs_node_add_stored_apps(node, &error), AIRS_OK);
    if (status != AIRS_OK) {
        assert_int_equal(airs_node_app_count(node), 1);
        embed_start(node);
        embed_ask_for(node, "shop", "{\"verb\": \"info\", \"actor\": \"ada\"}", "\"version\":\"2.0.0\"");
        embed_ask_for(node, "shop", "{\"verb\": \"history\"}", "\"to_version\":\"2.0.0\"");
    }
    airs_node_destroy(node);
}

/// Writes the app "shop", whose metrics are wanted at a port.
static void write_app_with_port(unsigned port)
{
    char path[PATH_MAX];
    (void)mkdir(embed_path("shop"), 0700);
    (void)snprintf(path, sizeof path, "%s/airssys.toml", embed_path("shop"));
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fprintf(file,
                  "node = { instances_max = 16, metrics = \"127.0.0.1:%u\" }\n[app]\nname = \"shop\"\n"
                  "[[actor]]\nname = \"ada\"\ncomponent = \"" GUESTS "/teller-1.wasm\"\n",
                  port);
    assert_int_equal(fclose(file), 0);
}

static void a_port_for_metrics_is_opened_only_with_sockets(void **state)
{
    (void)state;
    airs_error error = {0};
    airs_node *node = NULL;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int taken = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(taken, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(taken, 1), 0);
    assert_int_equal(getsockname(taken, (struct sockaddr *)&address, &size), 0);
    write_app_with_port(ntohs(address.sin_port));
    node = embed_create(NULL);
    embed_add(node, "shop");
    embed_start(node);
    airs_node_destroy(node);

    airs_node_options options = embed_options();
    options.sockets = true;
    options.socket_dir = embed_path("sockets");
    assert_int_equal(airs_node_create(&options, &node, &error), AIRS_OK);
    embed_add(node, "shop");
    assert_int_not_equal(airs_node_start(node, &error), AIRS_OK);
    assert_non_null(strstr(error.text, "127.0.0.1:"));
    // What did not come up listens nowhere, though it was not destroyed yet.
    struct stat about;
    assert_int_equal(stat(embed_path("sockets/shop.sock"), &about), -1);
    airs_node_destroy(node);
    assert_int_equal(close(taken), 0);
}

static void who_is_not_ready_is_named(void **state)
{
    (void)state;
    static const char *const actors[] = {"bob=program-fails", NULL};
    static const char *const later[] = {"ada=teller-1", "ben=teller-2", "cat=mood", NULL};
    airs_error error = {0};
    airs_node_options options = embed_options();
    options.ready_timeout_ms = 50;
    embed_write_app("sick", actors,
                    "restart = \"permanent\"\nbackoff = { kind = \"delay\", delay = \"1h\", max = \"1h\" }\n");
    embed_write_app("shop", later, "");
    // It has failed by the time the other app has started; else it is ready still, which is for this test to wait for.
    airs_status status = AIRS_OK;
    for (int i = 0; i < 100 && status == AIRS_OK; i++) {
        airs_node *node = NULL;
        assert_int_equal(airs_node_create(&options, &node, &error), AIRS_OK);
        embed_add(node, "sick");
        embed_add(node, "shop");
        status = airs_node_start(node, &error);
        airs_node_destroy(node);
    }
    embed_check(status, &error, AIRS_E_TIMEOUT, "sick: not ready within 50 ms: the actor bob is ");
    assert_non_null(strstr(error.text, "last failure: "));
}

static void what_was_changed_is_there_again(void **state)
{
    (void)state;
    static const char *const actors[] = {"ada=teller-1", "ben=mood", NULL};
    airs_error error = {0};
    airs_node *node = embed_create("state");
    embed_write_app("shop", actors, "");
    embed_add(node, "shop");
    embed_start(node);
    embed_ask_for(node, "shop", "{\"verb\": \"info\", \"actor\": \"ada\"}", "\"version\":\"1.0.0\"");
    embed_ask_for(node, NULL, "{\"verb\": \"deploy\", \"actor\": \"ada\", \"component\": \"" GUESTS "/teller-2.wasm\"}",
                  "\"number\":1");
    embed_ask_for(node, NULL, "{\"verb\": \"grant\", \"actor\": \"ada\", \"grants\": [\"messaging.send ben\"]}",
                  "\"number\":");
    embed_ask_for(node, NULL, "{\"verb\": \"stop\", \"actor\": \"ben\"}", "{}");
    // Not written down: the next node knows nothing of it.
    airs_actor_id id;
    const airs_native native = {.kind = "guest of the program"};
    const airs_spawn_options spawn = {.name = "guest"};
    assert_int_equal(airs_spawn_native(airs_node_system(node, NULL), &native, &spawn, &id, &error), AIRS_OK);
    airs_node_destroy(node);

    // The app's own files are not needed.
    assert_int_equal(rename(embed_path("shop"), embed_path("gone")), 0);
    node = embed_create("state");
    assert_int_equal(airs_node_add_stored_apps(node, &error), AIRS_OK);
    assert_int_equal(airs_node_app_count(node), 1);
    embed_start(node);
    embed_ask_for(node, "shop", "{\"verb\": \"info\", \"actor\": \"ada\"}", "\"version\":\"2.0.0\"");
    embed_ask_for(node, "shop", "{\"verb\": \"grants\", \"actor\": \"ada\"}", "messaging.send");
    embed_ask_for(node, "shop", "{\"verb\": \"history\"}", "\"to_version\":\"2.0.0\"");
    embed_refused(node, "shop", "{\"verb\": \"info\", \"actor\": \"ben\"}", AIRS_E_NOT_FOUND, "no actor is named ben");
    embed_refused(node, "shop", "{\"verb\": \"info\", \"actor\": \"guest\"}", AIRS_E_NOT_FOUND, "guest");
    embed_ask_for(node, NULL, "{\"verb\": \"start\", \"actor\": \"ben\"}", "\"started\":true");
    embed_ask_for(node, "shop", "{\"verb\": \"rollback\", \"actor\": \"ada\"}", "\"deployed\":true");
    embed_ask_for(node, "shop", "{\"verb\": \"info\", \"actor\": \"ada\"}", "\"version\":\"1.0.0\"");
    airs_node_destroy(node);

    // What is forgotten is not.
    node = embed_create("state");
    embed_check(airs_node_forget_app(node, "mill", &error), &error, AIRS_E_NOT_FOUND, "mill");
    assert_int_equal(airs_node_forget_app(node, "shop", &error), AIRS_OK);
    assert_int_equal(airs_node_add_stored_apps(node, &error), AIRS_OK);
    assert_int_equal(airs_node_app_count(node), 0);
    airs_node_destroy(node);
}

static void apps_that_end_by_themselves_are_waited_for(void **state)
{
    (void)state;
    static const char *const well[] = {"amy=program", NULL};
    static const char *const badly[] = {"bob=program-fails", NULL};
    airs_error error = {0};
    embed_write_app("done", well, "restart = \"temporary\"\nsignificant = true\n");
    embed_write_app("sick", badly, "restart = \"temporary\"\nsignificant = true\n");
    airs_node *node = embed_create(NULL);
    embed_add(node, "done");
    embed_start(node);
    assert_int_equal(airs_node_wait(node, 60000, &error), AIRS_FINISH_DONE);
    airs_node_destroy(node);
    node = embed_create(NULL);
    embed_add(node, "done");
    embed_add(node, "sick");
    // It may fail before it was seen to be ready.
    airs_status status = airs_node_start(node, &error);
    if (status == AIRS_OK) {
        assert_int_equal(airs_node_wait(node, 60000, &error), AIRS_FINISH_FAILED);
        status = error.status;
    }
    embed_check(status, &error, AIRS_E_FAILED, "sick: ");
    airs_node_destroy(node);
}

static void sockets_are_where_they_are_wanted(void **state)
{
    (void)state;
    airs_error error = {0};
    struct stat about;
    node_client client;
    airs_node *node = NULL;
    airs_node *other = NULL;
    airs_node_options options = embed_options();
    options.sockets = true;
    options.socket_dir = embed_path("sockets");
    embed_write_app("shop", one_teller, "");
    assert_int_equal(airs_node_create(&options, &node, &error), AIRS_OK);
    embed_add(node, "shop");
    assert_string_equal(airs_node_app_socket(node, "shop"), "");
    embed_start(node);
    const char *path = airs_node_app_socket(node, NULL);
    assert_string_equal(path, embed_path("sockets/shop.sock"));
    assert_int_equal(stat(embed_path("sockets"), &about), 0);
    assert_int_equal(about.st_mode & 0777, 0700);
    assert_int_equal(node_client_open(&client, path, &error), AIRS_OK);
    cJSON *result = NULL;
    assert_int_equal(node_client_ask(&client, "ps", NULL, 60000, &result, &error), AIRS_OK);
    cJSON_Delete(result);
    node_client_close(&client);

    assert_int_equal(airs_node_create(&options, &other, &error), AIRS_OK);
    embed_add(other, "shop");
    embed_check(airs_node_start(other, &error), &error, AIRS_E_TAKEN, "shop: a node of process");
    airs_node_destroy(other);
    assert_int_equal(stat(embed_path("sockets/shop.sock"), &about), 0);
    airs_node_stop(node);
    assert_int_equal(stat(embed_path("sockets/shop.sock"), &about), -1);
    assert_string_equal(airs_node_app_socket(node, "shop"), "");
    airs_node_destroy(node);
}

typedef struct told {
    pthread_mutex_t mutex;
    char lines[65536];
} told;

static void note(told *it, const char *what, const char *app, const char *name)
{
    pthread_mutex_lock(&it->mutex);
    size_t used = strlen(it->lines);
    (void)snprintf(it->lines + used, sizeof it->lines - used, "%s %s %s\n", what, app, name);
    pthread_mutex_unlock(&it->mutex);
}

static void on_log(void *user, const char *app, const airs_log_record *record)
{
    note(user, record->text, app, record->actor);
}

static void on_event(void *user, const char *app, const airs_event *event)
{
    if (event->kind != AIRS_EVENT_STATE)
        note(user, airs_event_name(event->kind), app, event->name);
}

static void logs_and_events_are_told_with_their_app(void **state)
{
    (void)state;
    static const char *const actors[] = {"eva=only-lifecycle", NULL};
    told it = {.mutex = PTHREAD_MUTEX_INITIALIZER};
    airs_error error = {0};
    airs_node *node = NULL;
    airs_node_options options = embed_options();
    options.log = on_log;
    options.event = on_event;
    options.log_user = options.event_user = &it;
    options.state_dir = embed_path("state");
    embed_write_app("shop", one_teller, "");
    embed_write_app("mill", actors, "");
    assert_int_equal(airs_node_create(&options, &node, &error), AIRS_OK);
    embed_add(node, "shop");
    embed_add(node, "mill");
    embed_start(node);
    airs_node_destroy(node);
    assert_non_null(strstr(it.lines, "started shop ada\n"));
    assert_non_null(strstr(it.lines, "started mill eva\n"));
    assert_non_null(strstr(it.lines, "started as eva mill eva\n"));
    assert_non_null(strstr(it.lines, "stopped mill eva\n"));
    assert_null(strstr(it.lines, "forgotten"));

    // Another app in the place of the one before is worth a line.
    embed_write_app("mill", one_teller, "");
    assert_int_equal(airs_node_create(&options, &node, &error), AIRS_OK);
    embed_add(node, "mill");
    embed_start(node);
    airs_node_destroy(node);
    if (!strstr(it.lines, "what was deployed and granted to that is forgotten mill \n"))
        fail_msg("%s", it.lines);
}

/// As if it had been added long ago: what was added within the last hour is not removed.
static void age_components(void)
{
    airs_error error = {0};
    node_store *store = NULL;
    assert_int_equal(node_store_open(embed_path("state"), &store, &error), AIRS_OK);
    assert_int_equal(storage_run(store->database, "UPDATE components SET added_ms = 1000", NULL, 0, NULL, NULL, &error),
                     AIRS_OK);
    node_store_close(store);
}

static void components_are_kept_and_pruned_beside_a_node(void **state)
{
    (void)state;
    airs_error error = {0};
    airs_state_component first;
    airs_state_component again;
    airs_state_pruned pruned = {.count = 7};
    char request[128];
    embed_write_app("shop", one_teller, "");
    // The folder is made, for a node that comes later.
    const char *folder = embed_path("state");
    embed_check(airs_state_prune(folder, 0, &pruned, &error), &error, AIRS_E_NOT_FOUND, "no state of a node");
    assert_int_equal(airs_state_add_component(folder, GUESTS "/mood.wasm", NULL, &error), AIRS_OK);
    airs_node *node = embed_create("state");
    embed_add(node, "shop");
    embed_start(node);
    assert_int_equal(airs_state_add_component(folder, GUESTS "/teller-2.wasm", &first, &error), AIRS_OK);
    assert_false(first.known);
    assert_int_equal(strlen(first.hash), 64);
    assert_string_equal(first.version, "2.0.0");
    struct stat about;
    assert_int_equal(stat(GUESTS "/teller-2.wasm", &about), 0);
    assert_int_equal(first.size, about.st_size);
    assert_int_equal(airs_state_add_component(folder, GUESTS "/teller-2.wasm", &again, &error), AIRS_OK);
    assert_true(again.known);
    assert_string_equal(again.hash, first.hash);
    (void)snprintf(request, sizeof request, "{\"verb\": \"deploy\", \"actor\": \"ada\", \"component\": \"%.8s\"}",
                   first.hash);
    embed_ask_for(node, NULL, request, "\"deployed\":true");
    embed_ask_for(node, NULL, "{\"verb\": \"info\", \"actor\": \"ada\"}", "\"version\":\"2.0.0\"");

    // What runs and what it was before stay; the one that nobody needs goes once it is old enough.
    assert_int_equal(airs_state_prune(folder, 0, &pruned, &error), AIRS_OK);
    assert_int_equal(pruned.count, 0);
    age_components();
    assert_int_equal(airs_state_prune(folder, 1, &pruned, &error), AIRS_OK);
    assert_int_equal(pruned.count, 0);
    assert_int_equal(airs_state_prune(folder, 0, &pruned, &error), AIRS_OK);
    assert_int_equal(pruned.count, 1);
    assert_int_equal(stat(GUESTS "/mood.wasm", &about), 0);
    assert_int_equal(pruned.bytes, about.st_size);
    embed_ask_for(node, NULL, "{\"verb\": \"rollback\", \"actor\": \"ada\"}", "\"deployed\":true");
    airs_node_destroy(node);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_that_are_none_are_refused),
        cmocka_unit_test_setup_teardown(a_state_folder_has_one_node_and_a_format, embed_set_up, embed_tear_down),
        cmocka_unit_test_setup_teardown(an_app_with_a_fault_leaves_the_node_as_it_was, embed_set_up, embed_tear_down),
        cmocka_unit_test_setup_teardown(the_program_may_be_in_another_folder_later, embed_set_up, embed_tear_down),
        cmocka_unit_test_setup_teardown(a_forked_child_holds_nothing, embed_set_up, embed_tear_down),
        cmocka_unit_test_setup_teardown(an_app_that_does_not_start_takes_the_others_with_it, embed_set_up,
                                        embed_tear_down),
        cmocka_unit_test_setup_teardown(a_node_that_does_not_start_may_be_asked_meanwhile, embed_set_up,
                                        embed_tear_down),
        cmocka_unit_test_setup_teardown(a_node_that_does_not_start_forgets_nothing, embed_set_up, embed_tear_down),
        cmocka_unit_test_setup_teardown(a_port_for_metrics_is_opened_only_with_sockets, embed_set_up, embed_tear_down),
        cmocka_unit_test_setup_teardown(who_is_not_ready_is_named, embed_set_up, embed_tear_down),
        cmocka_unit_test_setup_teardown(what_was_changed_is_there_again, embed_set_up, embed_tear_down),
        cmocka_unit_test_setup_teardown(apps_that_end_by_themselves_are_waited_for, embed_set_up, embed_tear_down),
        cmocka_unit_test_setup_teardown(sockets_are_where_they_are_wanted, embed_set_up, embed_tear_down),
        cmocka_unit_test_setup_teardown(components_are_kept_and_pruned_beside_a_node, embed_set_up, embed_tear_down),
        cmocka_unit_test_setup_teardown(logs_and_events_are_told_with_their_app, embed_set_up, embed_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
