// SPDX-License-Identifier: MIT OR Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/testing.h"
#include "os/notify.h"

/// A socket that is bound to a path, or with an `@` in front to a name.
static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(path);
    memcpy(address.sun_path, path, len);
    if (path[0] == '@')
        address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(
        bind(fd, (const struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)), 0);
    return fd;
}

static void expect(int fd, const char *text)
{
    char got[64] = "";
    ssize_t len = recv(fd, got, sizeof got - 1, 0);
    assert_int_equal(len, strlen(text));
    assert_string_equal(got, text);
}

static void it_reaches_a_path_and_a_name(void **state)
{
    (void)state;
    char path[64], name[64];
    (void)snprintf(path, sizeof path, "/tmp/airssys-notify-%ld", (long)getpid());
    (void)snprintf(name, sizeof name, "@airssys-notify-%ld", (long)getpid());
    const char *const places[] = {path, name};
    for (size_t i = 0; i < 2; i++) {
        int fd = listen_at(places[i]);
        assert_int_equal(setenv("NOTIFY_SOCKET", places[i], 1), 0);
        assert_int_equal(os_notify("READY=1\nSTATUS=well", NULL), AIRS_OK);
        expect(fd, "READY=1\nSTATUS=well");
        close(fd);
    }
    (void)unlink(path);
}

static void nobody_is_no_error_and_nonsense_is_one(void **state)
{
    (void)state;
    airs_error error;
    assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
    assert_int_equal(os_notify("READY=1", &error), AIRS_OK);
    assert_int_equal(setenv("NOTIFY_SOCKET", "somewhere", 1), 0);
    assert_int_equal(os_notify("READY=1", &error), AIRS_E_IO);
    assert_string_equal(error.text, "NOTIFY_SOCKET is no socket: somewhere");
    assert_int_equal(setenv("NOTIFY_SOCKET", "/nowhere/at/all", 1), 0);
    assert_int_equal(os_notify("READY=1", &error), AIRS_E_IO);
    char long_path[200];
    memset(long_path, '/', sizeof long_path);
    long_path[sizeof long_path - 1] = '\0';
    assert_int_equal(setenv("NOTIFY_SOCKET", long_path, 1), 0);
    assert_int_equal(os_notify("READY=1", &error), AIRS_E_IO);
    assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
}

static void the_watchdog_is_asked_for_or_not(void **state)
{
    (void)state;
    char pid[24];
    assert_int_equal(unsetenv("WATCHDOG_USEC"), 0);
    assert_int_equal(unsetenv("WATCHDOG_PID"), 0);
    assert_int_equal(os_notify_watchdog_ms(), 0);
    assert_int_equal(setenv("WATCHDOG_USEC", "2500000", 1), 0);
    assert_int_equal(os_notify_watchdog_ms(), 2500);
    (void)snprintf(pid, sizeof pid, "%ld", (long)getpid());
    assert_int_equal(setenv("WATCHDOG_PID", pid, 1), 0);
    assert_int_equal(os_notify_watchdog_ms(), 2500);
    assert_int_equal(setenv("WATCHDOG_PID", "1", 1), 0);
    assert_int_equal(os_notify_watchdog_ms(), 0);
    assert_int_equal(unsetenv("WATCHDOG_PID"), 0);
    assert_int_equal(setenv("WATCHDOG_USEC", "soon", 1), 0);
    assert_int_equal(os_notify_watchdog_ms(), 0);
    assert_int_equal(unsetenv("WATCHDOG_USEC"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_reaches_a_path_and_a_name),
        cmocka_unit_test(nobody_is_no_error_and_nonsense_is_one),
        cmocka_unit_test(the_watchdog_is_asked_for_or_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
