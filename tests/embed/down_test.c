// SPDX-License-Identifier: MIT OR Apache-2.0
/// `airssys down` of a node in a program: the node is stopped and its program is told, and goes on.
#include "embed.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "node/home.h"

#define PATIENCE_MS 60000

static const char *const one_teller[] = {"ada=teller-1", NULL};

static airs_node *start(const char *const *apps, bool sockets)
{
    airs_error error = {0};
    airs_node *node = NULL;
    airs_node_options options = embed_options();
    options.state_dir = embed_path("state");
    options.sockets = sockets;
    options.socket_dir = embed_path("sockets");
    if (airs_node_create(&options, &node, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    for (; *apps; apps++) {
        embed_write_app(*apps, one_teller, "");
        embed_add(node, *apps);
    }
    embed_start(node);
    return node;
}

/// Runs `airssys down`: its exit code, and a text that it has to say.
static void down(const char *flag, const char *value, int code, const char *text)
{
    char command[8192];
    char said[4096] = "";
    (void)snprintf(command, sizeof command, AIRSSYS " down %s '%s' 2>&1", flag, value);
    FILE *out = popen(command, "r");
    assert_non_null(out);
    size_t len = fread(said, 1, sizeof said - 1, out);
    said[len] = '\0';
    int status = pclose(out);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != code || !strstr(said, text))
        fail_msg("%s: %d: %s", command, status, said);
}

static bool is_there(const char *name)
{
    struct stat about;
    return stat(embed_path(name), &about) == 0;
}

static void by_its_state_folder(void **state)
{
    (void)state;
    static const char *const apps[] = {"shop", NULL};
    airs_error error = {0};
    node_home_user user;
    airs_node *node = start(apps, true);
    node_home_find_user(embed_path("state"), &user);
    assert_true(user.in_program);
    assert_string_equal(user.socket, embed_path("sockets/shop.sock"));
    assert_int_equal(airs_node_wait(node, 0, &error), AIRS_FINISH_RUNNING);
    down("--state-dir", embed_path("state"), 0, "the program goes on");
    assert_false(is_there("sockets/shop.sock"));
    assert_int_equal(airs_node_wait(node, PATIENCE_MS, &error), AIRS_FINISH_STOPPED);
    embed_refused(node, NULL, "{\"verb\": \"ps\"}", AIRS_E_STOPPING, "stopped");
    // The folder stays the node's until the program ends it.
    down("--state-dir", embed_path("state"), 1, "has stopped already");
    airs_node_destroy(node);
    down("--state-dir", embed_path("state"), 3, "no node is running");

    // What it was is there again.
    node = embed_create("state");
    assert_int_equal(airs_node_add_stored_apps(node, &error), AIRS_OK);
    assert_int_equal(airs_node_app_count(node), 1);
    airs_node_destroy(node);
}

static void by_the_socket_of_any_app(void **state)
{
    (void)state;
    static const char *const apps[] = {"shop", "mill", NULL};
    airs_error error = {0};
    airs_node *node = start(apps, true);
    down("--socket", embed_path("sockets/mill.sock"), 0, "the program goes on");
    assert_false(is_there("sockets/shop.sock"));
    assert_false(is_there("sockets/mill.sock"));
    assert_int_equal(airs_node_wait(node, PATIENCE_MS, &error), AIRS_FINISH_STOPPED);
    down("--socket", embed_path("sockets/mill.sock"), 3, "mill.sock");
    airs_node_destroy(node);
}

static void one_that_listens_nowhere_is_not_touched(void **state)
{
    (void)state;
    static const char *const apps[] = {"shop", NULL};
    airs_error error = {0};
    airs_node *node = start(apps, false);
    down("--state-dir", embed_path("state"), 1, "listens at no socket: only that program can stop it");
    embed_ask_for(node, NULL, "{\"verb\": \"ps\"}", "\"name\":\"ada\"");
    // The program itself may ask for it too.
    embed_ask_for(node, NULL, "{\"verb\": \"down\"}", "\"socket\":\"\"");
    assert_int_equal(airs_node_wait(node, PATIENCE_MS, &error), AIRS_FINISH_STOPPED);
    airs_node_destroy(node);
}

/// Asked for twice, and destroyed at once: it ends once, and nothing is left behind.
static void it_may_be_destroyed_meanwhile(void **state)
{
    (void)state;
    static const char *const apps[] = {"shop", NULL};
    for (int i = 0; i < 5; i++) {
        airs_node *node = start(apps, i % 2 == 0);
        embed_ask_for(node, NULL, "{\"verb\": \"down\"}", "\"socket\"");
        airs_status status = airs_node_request(node, NULL, "{\"verb\": \"down\"}", NULL, NULL);
        assert_true(status == AIRS_OK || status == AIRS_E_STOPPING);
        airs_node_destroy(node);
    }
}

/// A program that does not answer: it is not ended for that.
static void one_that_does_not_answer_is_not_killed(void **state)
{
    (void)state;
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    (void)snprintf(at.sun_path, sizeof at.sun_path, "%s", embed_path("silent.sock"));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(fd, 8), 0);
    down("--timeout 1s --socket", at.sun_path, 1, "does not answer at its socket, and is no airssys");
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(by_its_state_folder, embed_set_up, embed_tear_down),
        cmocka_unit_test_setup_teardown(by_the_socket_of_any_app, embed_set_up, embed_tear_down),
        cmocka_unit_test_setup_teardown(one_that_listens_nowhere_is_not_touched, embed_set_up, embed_tear_down),
        cmocka_unit_test_setup_teardown(one_that_does_not_answer_is_not_killed, embed_set_up, embed_tear_down),
        cmocka_unit_test_setup_teardown(it_may_be_destroyed_meanwhile, embed_set_up, embed_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
