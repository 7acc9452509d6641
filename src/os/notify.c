// SPDX-License-Identifier: MIT OR Apache-2.0
#include "os/notify.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"

airs_status os_notify(const char *text, airs_error *error)
{
    const char *path = getenv("NOTIFY_SOCKET");
    if (path == NULL || path[0] == '\0')
        return AIRS_OK;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(path);
    if ((path[0] != '/' && path[0] != '@') || len >= sizeof address.sun_path)
        return base_error_set(error, AIRS_E_IO, "NOTIFY_SOCKET is no socket: %s", path);
    memcpy(address.sun_path, path, len);
    if (path[0] == '@')
        address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return base_error_errno(error, AIRS_E_IO, errno, "NOTIFY_SOCKET %s", path);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    ssize_t sent = sendto(fd, text, strlen(text), MSG_NOSIGNAL, (const struct sockaddr *)&address, size);
    int reason = errno;
    (void)close(fd);
    return sent < 0 ? base_error_errno(error, AIRS_E_IO, reason, "NOTIFY_SOCKET %s", path) : AIRS_OK;
}

/// A variable that is a whole number; `otherwise` when it is missing, 0 when it is something else.
static uint64_t read_number(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    if (text == NULL)
        return otherwise;
    char *end;
    errno = 0;
    uintmax_t number = strtoumax(text, &end, 10);
    return text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 ? 0 : (uint64_t)number;
}

uint32_t os_notify_watchdog_ms(void)
{
    uint64_t us = read_number("WATCHDOG_USEC", 0);
    uint64_t pid = read_number("WATCHDOG_PID", (uint64_t)getpid());
    if (us == 0 || pid != (uint64_t)getpid())
        return 0;
    uint64_t ms = us / 1000;
    return ms == 0 ? 1 : ms > UINT32_MAX ? UINT32_MAX : (uint32_t)ms;
}
