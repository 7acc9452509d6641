// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/socket.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/airssys-socket-XXXXXX");
    return mkdtemp(folder) ? chdir(folder) : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return chdir("/") || rmdir(folder);
}

static void it_is_ours_and_private(void **state)
{
    (void)state;
    node_socket socket;
    airs_error error;
    umask(0);
    assert_int_equal(node_socket_listen("x.sock", &socket, &error), AIRS_OK);
    struct stat about;
    assert_int_equal(lstat("x.sock", &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    int fd;
    assert_int_equal(node_socket_connect("x.sock", &fd, &error), AIRS_OK);
    assert_true(node_socket_peer_allowed(fd));
    close(fd);

    node_socket second;
    assert_int_equal(node_socket_listen("x.sock", &second, &error), AIRS_E_TAKEN);
    char expected[96];
    snprintf(expected, sizeof expected, "a node of process %d is running there: x.sock", (int)getpid());
    assert_string_equal(error.text, expected);
    node_socket_close(&socket);
    assert_int_equal(access("x.sock", F_OK), -1);
    node_socket_close(&socket);
    assert_int_equal(node_socket_connect("x.sock", &fd, &error), AIRS_E_NOT_FOUND);
}

static void a_stale_one_is_taken_over(void **state)
{
    (void)state;
    node_socket dead;
    node_socket socket;
    airs_error error;
    assert_int_equal(node_socket_listen("x.sock", &dead, &error), AIRS_OK);
    close(dead.fd);
    int fd;
    assert_int_equal(node_socket_connect("x.sock", &fd, &error), AIRS_E_NOT_FOUND);
    assert_string_equal(error.text, "no node is running: nobody listens at x.sock");
    assert_int_equal(node_socket_listen("x.sock", &socket, &error), AIRS_OK);
    // The one that died wakes up and closes: what is there now is not its own.
    dead.fd = open("/dev/null", O_RDONLY);
    node_socket_close(&dead);
    assert_int_equal(access("x.sock", F_OK), 0);
    node_socket_close(&socket);
    assert_int_equal(access("x.sock", F_OK), -1);
}

static void what_is_no_socket_is_left_alone(void **state)
{
    (void)state;
    node_socket socket;
    airs_error error;
    int fd = open("x.sock", O_CREAT | O_WRONLY, 0600);
    close(fd);
    assert_int_equal(node_socket_listen("x.sock", &socket, &error), AIRS_E_INVALID);
    assert_int_equal(unlink("x.sock"), 0);
    assert_int_equal(mkdir("x.sock", 0700), 0);
    assert_int_equal(node_socket_listen("x.sock", &socket, &error), AIRS_E_INVALID);
    assert_int_equal(rmdir("x.sock"), 0);
    assert_int_equal(symlink("nowhere", "x.sock"), 0);
    assert_int_equal(node_socket_listen("x.sock", &socket, &error), AIRS_E_INVALID);
    assert_int_equal(unlink("x.sock"), 0);
    assert_int_equal(node_socket_listen("nowhere/x.sock", &socket, &error), AIRS_E_NOT_FOUND);
    char path[200];
    memset(path, 'x', sizeof path - 1);
    path[sizeof path - 1] = 0;
    assert_int_equal(node_socket_listen(path, &socket, &error), AIRS_E_INVALID);
    assert_int_equal(node_socket_connect(path, &fd, &error), AIRS_E_INVALID);
}

static void the_folder_is_private(void **state)
{
    (void)state;
    node_socket_path path;
    airs_error error;
    setenv("XDG_RUNTIME_DIR", folder, 1);
    assert_int_equal(node_socket_folder(false, &path, &error), AIRS_E_NOT_FOUND);
    assert_int_equal(node_socket_find(NULL, &path, &error), AIRS_E_NOT_FOUND);
    assert_int_equal(node_socket_of_app("app", true, &path, &error), AIRS_OK);
    char expected[96];
    snprintf(expected, sizeof expected, "%s/airssys/app.sock", folder);
    assert_string_equal(path.text, expected);
    struct stat about;
    assert_int_equal(lstat("airssys", &about), 0);
    assert_int_equal(about.st_mode & 0777, 0700);
    assert_int_equal(chmod("airssys", 0770), 0);
    assert_int_equal(node_socket_folder(true, &path, &error), AIRS_E_DENIED);
    assert_int_equal(rmdir("airssys"), 0);
    assert_int_equal(symlink("/tmp", "airssys"), 0);
    assert_int_equal(node_socket_folder(true, &path, &error), AIRS_E_IO);
    assert_int_equal(unlink("airssys"), 0);
}

static void the_only_node_is_found(void **state)
{
    (void)state;
    node_socket_path path;
    node_socket one;
    node_socket two;
    airs_error error;
    setenv("XDG_RUNTIME_DIR", folder, 1);
    assert_int_equal(node_socket_of_app("one", true, &path, &error), AIRS_OK);
    assert_int_equal(node_socket_find(NULL, &path, &error), AIRS_E_NOT_FOUND);
    assert_int_equal(node_socket_listen("airssys/one.sock", &one, &error), AIRS_OK);
    assert_int_equal(node_socket_find(NULL, &path, &error), AIRS_OK);
    assert_non_null(strstr(path.text, "/airssys/one.sock"));
    assert_int_equal(node_socket_listen("airssys/two.sock", &two, &error), AIRS_OK);
    assert_int_equal(node_socket_find(NULL, &path, &error), AIRS_E_INVALID);
    assert_int_equal(node_socket_find("two", &path, &error), AIRS_OK);
    assert_non_null(strstr(path.text, "/airssys/two.sock"));
    assert_int_equal(node_socket_find("three", &path, &error), AIRS_E_NOT_FOUND);
    node_socket_close(&one);
    node_socket_close(&two);
    assert_int_equal(rmdir("airssys"), 0);
}

/// Several processes that find the same stale socket: exactly one gets it.
static void one_of_many_takes_it_over(void **state)
{
    (void)state;
    for (int round = 0; round < 20; round++) {
        node_socket dead;
        assert_int_equal(node_socket_listen("x.sock", &dead, NULL), AIRS_OK);
        close(dead.fd);
        int go[2];
        int done[2];
        assert_int_equal(pipe(go), 0);
        assert_int_equal(pipe(done), 0);
        pid_t children[6];
        for (size_t i = 0; i < 6; i++) {
            children[i] = fork();
            assert_true(children[i] >= 0);
            if (children[i] == 0) {
                node_socket socket;
                char byte;
                close(go[1]);
                bool began = read(go[0], &byte, 1) == 0;
                bool won = began && node_socket_listen("x.sock", &socket, NULL) == AIRS_OK;
                bool told = write(done[1], won ? "1" : "0", 1) == 1;
                // The winner holds it until the test has seen all outcomes.
                pause();
                _exit(told);
            }
        }
        close(go[0]);
        close(go[1]);
        int winners = 0;
        for (size_t i = 0; i < 6; i++) {
            char byte;
            assert_int_equal(read(done[0], &byte, 1), 1);
            winners += byte == '1';
        }
        for (size_t i = 0; i < 6; i++) {
            kill(children[i], SIGKILL);
            waitpid(children[i], NULL, 0);
        }
        close(done[0]);
        close(done[1]);
        assert_int_equal(winners, 1);
        assert_int_equal(unlink("x.sock"), 0);
    }
}

int main(void)
{
#define FOLDER_TEST(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(it_is_ours_and_private),          FOLDER_TEST(a_stale_one_is_taken_over),
        FOLDER_TEST(what_is_no_socket_is_left_alone), FOLDER_TEST(the_folder_is_private),
        FOLDER_TEST(the_only_node_is_found),          FOLDER_TEST(one_of_many_takes_it_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
