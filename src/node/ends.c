// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/ends.h"

#include "base/alloc.h"
#include "os/poller.h"

#define ROOM_FIRST 16u

void node_ends_init(node_ends *self)
{
    *self = (node_ends){.bell = -1};
    os_mutex_init(&self->mutex);
}

void node_ends_fini(node_ends *self)
{
    base_free(base_allocator_default(), self->actors);
    node_ends_init(self);
}

/// Under the lock.
static void ring_bell(const node_ends *self)
{
    if (self->count > 0 && self->holds == 0 && self->bell >= 0)
        os_eventfd_notify(self->bell);
}

static bool make_room(node_ends *self)
{
    if (self->count < self->room)
        return true;
    size_t room = self->room == 0 ? ROOM_FIRST : 2 * self->room;
    uint64_t *more = base_realloc(base_allocator_default(), self->actors, room * sizeof *more);
    if (more == NULL)
        return false;
    self->actors = more;
    self->room = room;
    return true;
}

void node_ends_put(node_ends *self, uint64_t actor)
{
    os_mutex_lock(&self->mutex);
    if (make_room(self)) {
        self->actors[self->count++] = actor;
        // Who was told of the first takes the others with it.
        if (self->count == 1)
            ring_bell(self);
    }
    os_mutex_unlock(&self->mutex);
}

void node_ends_set_bell(node_ends *self, int fd)
{
    os_mutex_lock(&self->mutex);
    self->bell = fd;
    ring_bell(self);
    os_mutex_unlock(&self->mutex);
}

bool node_ends_any(node_ends *self)
{
    os_mutex_lock(&self->mutex);
    bool any = self->count > 0 && self->holds == 0;
    os_mutex_unlock(&self->mutex);
    return any;
}

uint64_t *node_ends_take(node_ends *self, size_t *ret_count)
{
    uint64_t *taken = NULL;
    *ret_count = 0;
    os_mutex_lock(&self->mutex);
    if (self->count > 0 && self->holds == 0) {
        taken = self->actors;
        *ret_count = self->count;
        self->actors = NULL;
        self->count = self->room = 0;
    }
    os_mutex_unlock(&self->mutex);
    return taken;
}

void node_ends_hold(node_ends *self)
{
    if (self == NULL)
        return;
    os_mutex_lock(&self->mutex);
    self->holds++;
    os_mutex_unlock(&self->mutex);
}

void node_ends_let_go(node_ends *self)
{
    if (self == NULL)
        return;
    os_mutex_lock(&self->mutex);
    self->holds--;
    ring_bell(self);
    os_mutex_unlock(&self->mutex);
}
