// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/loopback.h"

#include "base/error.h"
#include "capability/loopback.h"
#include "os/poller.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define BACKLOG 16

typedef union any_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} any_address;

static socklen_t fill(any_address *ret, const capability_address *address, uint16_t port)
{
    *ret = (any_address){0};
    if (address->version == 4) {
        ret->v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port)};
        memcpy(&ret->v4.sin_addr, address->bytes, 4);
        return sizeof ret->v4;
    }
    ret->v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(port)};
    memcpy(&ret->v6.sin6_addr, address->bytes, 16);
    return sizeof ret->v6;
}

static airs_status refuse(const char *address, airs_error *error)
{
    int number = errno;
    airs_status status = AIRS_E_IO;
    if (number == EADDRINUSE)
        status = AIRS_E_TAKEN;
    else if (number == EACCES || number == EPERM)
        status = AIRS_E_DENIED;
    else if (number == EMFILE || number == ENFILE)
        status = AIRS_E_LIMIT;
    return base_error_set(error, status, "metrics can't be told at %s: %s", address, strerror(number));
}

/// The port that it got, where any was wanted.
static void name_it(node_loopback *loopback, const capability_address *address)
{
    any_address bound;
    socklen_t size = sizeof bound;
    char text[CAPABILITY_ADDRESS_TEXT_MAX];
    if (getsockname(loopback->fd, &bound.any, &size) != 0)
        return;
    uint16_t port = ntohs(address->version == 4 ? bound.v4.sin_port : bound.v6.sin6_port);
    capability_address_format(text, address);
    snprintf(loopback->address, sizeof loopback->address, address->version == 4 ? "%s:%u" : "[%s]:%u", text, port);
}

airs_status node_loopback_listen(const char *address, node_loopback *ret_loopback, airs_error *error)
{
    capability_address parsed;
    any_address socket_address;
    uint16_t port;
    airs_status status = capability_loopback_parse(address, &parsed, &port, error);
    if (status != AIRS_OK)
        return status;
    socklen_t size = fill(&socket_address, &parsed, port);
    node_loopback made = {.fd = socket(socket_address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (made.fd < 0)
        return refuse(address, error);
    // Connections of a node before, which are about to go, do not hold the port.
    int on = 1;
    (void)setsockopt(made.fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(made.fd, &socket_address.any, size) != 0 || listen(made.fd, BACKLOG) != 0) {
        status = refuse(address, error);
        os_fd_close(made.fd);
        return status;
    }
    snprintf(made.address, sizeof made.address, "%s", address);
    name_it(&made, &parsed);
    *ret_loopback = made;
    return AIRS_OK;
}

void node_loopback_close(node_loopback *loopback)
{
    os_fd_close(loopback->fd);
    loopback->fd = -1;
}
