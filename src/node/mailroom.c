// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/mailroom.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "node/feed.h"
#include "os/mutex.h"
#include "os/poller.h"

#include <cjson/cJSON.h>

struct node_mailroom {
    os_mutex mutex;
    /// Letters that lie here, the newest first.
    node_letter *letters;
    /// The server and each letter that exists.
    size_t references;
    /// The server has gone: nobody takes letters any more.
    bool closed;
    int fd;
};

airs_status node_mailroom_create(node_mailroom **ret_mailroom, airs_error *error)
{
    node_mailroom *mailroom = base_alloc_zeroed(base_allocator_default(), sizeof *mailroom);
    if (!mailroom)
        return AIRS_E_NOMEM;
    airs_status status = os_eventfd_create(&mailroom->fd, error);
    if (status != AIRS_OK) {
        base_free(base_allocator_default(), mailroom);
        return status;
    }
    os_mutex_init(&mailroom->mutex);
    mailroom->references = 1;
    *ret_mailroom = mailroom;
    return AIRS_OK;
}

static void destroy(node_mailroom *mailroom)
{
    os_fd_close(mailroom->fd);
    base_free(base_allocator_default(), mailroom);
}

static void unreference(node_mailroom *mailroom)
{
    os_mutex_lock(&mailroom->mutex);
    bool last = --mailroom->references == 0;
    os_mutex_unlock(&mailroom->mutex);
    if (last)
        destroy(mailroom);
}

int node_mailroom_fd(const node_mailroom *mailroom)
{
    return mailroom->fd;
}

node_letter *node_letter_create(node_mailroom *mailroom, uint64_t connection, uint64_t request)
{
    node_letter *letter = base_alloc_zeroed(base_allocator_default(), sizeof *letter);
    if (!letter)
        return NULL;
    *letter = (node_letter){.mailroom = mailroom, .connection = connection, .request = request};
    os_mutex_lock(&mailroom->mutex);
    mailroom->references++;
    os_mutex_unlock(&mailroom->mutex);
    return letter;
}

void node_letter_destroy(node_letter *letter)
{
    node_mailroom *mailroom = letter->mailroom;
    airs_buffer_free(&letter->payload);
    cJSON_Delete(letter->result);
    cJSON_Delete(letter->told);
    node_feed_destroy(letter->feed);
    base_free(base_allocator_default(), letter->text);
    base_free(base_allocator_default(), letter);
    unreference(mailroom);
}

void node_letter_return(node_letter *letter)
{
    node_mailroom *mailroom = letter->mailroom;
    os_mutex_lock(&mailroom->mutex);
    bool closed = mailroom->closed;
    if (!closed) {
        letter->next = mailroom->letters;
        mailroom->letters = letter;
        // Inside the lock: once the letter is seen, its reference may be the last and the mailroom gone.
        os_eventfd_notify(mailroom->fd);
    }
    os_mutex_unlock(&mailroom->mutex);
    if (closed)
        node_letter_destroy(letter);
}

node_letter *node_mailroom_take(node_mailroom *mailroom)
{
    os_mutex_lock(&mailroom->mutex);
    os_eventfd_drain(mailroom->fd);
    node_letter *newest = mailroom->letters;
    mailroom->letters = NULL;
    os_mutex_unlock(&mailroom->mutex);
    node_letter *oldest = NULL;
    while (newest) {
        node_letter *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    return oldest;
}

void node_mailroom_release(node_mailroom *mailroom)
{
    os_mutex_lock(&mailroom->mutex);
    mailroom->closed = true;
    os_mutex_unlock(&mailroom->mutex);
    node_letter *left = node_mailroom_take(mailroom);
    while (left) {
        node_letter *next = left->next;
        node_letter_destroy(left);
        left = next;
    }
    unreference(mailroom);
}

void node_letter_set(node_letter *letter, airs_status status, const airs_error *error)
{
    letter->status = status;
    if (status != AIRS_OK && error->text[0] &&
        base_buffer_copy(base_allocator_default(), base_bytes_of(error->text), &letter->payload) != AIRS_OK)
        letter->status = AIRS_E_NOMEM;
}

void node_letter_reply(void *user, const airs_reply *reply)
{
    node_letter *letter = user;
    letter->status = reply->status;
    letter->has_payload = true;
    if (base_buffer_copy(base_allocator_default(), reply->payload, &letter->payload) != AIRS_OK)
        letter->status = AIRS_E_NOMEM;
    node_letter_return(letter);
}
