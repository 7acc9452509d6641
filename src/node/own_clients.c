// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/own_clients.h"

#include "base/error.h"
#include "os/poller.h"

#include <errno.h>
#include <sys/socket.h>

airs_status node_own_clients_add(node_own_clients *self, int *ret_fd, airs_error *error)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return base_error_errno(error, AIRS_E_IO, errno, "cannot make a socket");
    os_mutex_lock(&self->lock);
    bool fits = self->count < NODE_SERVER_OWN_MAX;
    if (fits) {
        self->waiting[self->waiting_count++] = ends[0];
        self->count++;
    }
    os_mutex_unlock(&self->lock);
    if (fits) {
        *ret_fd = ends[1];
        return AIRS_OK;
    }
    os_fd_close(ends[0]);
    os_fd_close(ends[1]);
    return base_error_set(error, AIRS_E_LIMIT, "%d connections of this program are open already", NODE_SERVER_OWN_MAX);
}

int node_own_clients_take(node_own_clients *self)
{
    os_mutex_lock(&self->lock);
    int fd = self->waiting_count > 0 ? self->waiting[--self->waiting_count] : -1;
    os_mutex_unlock(&self->lock);
    return fd;
}

void node_own_clients_forget(node_own_clients *self)
{
    os_mutex_lock(&self->lock);
    self->count--;
    os_mutex_unlock(&self->lock);
}

void node_own_clients_fini(node_own_clients *self)
{
    for (int fd; (fd = node_own_clients_take(self)) >= 0;)
        os_fd_close(fd);
}
