// SPDX-License-Identifier: MIT OR Apache-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "capability/audit_impl.h"
#include "os/clock.h"
#include "os/futex.h"

/// Between two attempts to write what could not be written.
#define RETRY_NS 100000000u

static airs_status fail(audit_log *self, int64_t failure, const char *what)
{
    char meaning[128];
    (void)snprintf(self->problem, sizeof self->problem, "the audit log: %s: %s", what,
                   strerror_r((int)-failure, meaning, sizeof meaning));
    return AIRS_E_IO;
}

// ---------------------------------------------------------------- segments

void audit_log_begin_segment(audit_log *self, uint64_t before_len)
{
    audit_header header = {.segment = self->head.segment + 1,
                           .time_ns = os_clock_wall_ns(),
                           .first_record = self->head.records,
                           .before_len = before_len,
                           .before = self->head.hash};
    memcpy(header.log_id, self->head.log_id, AUDIT_ID_SIZE);
    memcpy(header.key, self->head.key, AUDIT_KEY_SIZE);
    audit_header_encode(self->buffer.data, &header, self->secret);
    self->buffer.chain = audit_header_hash(self->buffer.data);
    self->buffer.len = AUDIT_HEADER_SIZE;
    self->buffer.next_record = self->head.records;
    self->head.segment++;
    self->offset = 0;
    if (self->segments_max > 0 && self->head.segment - self->head.first_segment >= self->segments_max)
        self->head.first_segment = self->head.segment - self->segments_max + 1;
}

// ---------------------------------------------------------------- writing

static airs_status write_all(audit_log *self, int file, const uint8_t *data, size_t len, uint64_t offset)
{
    for (size_t at = 0; at < len;) {
        int64_t written = self->files.write_at(self->files.user, file, data + at, len - at, offset + at);
        if (written <= 0)
            return fail(self, written == 0 ? -ENOSPC : written, "writing");
        at += (size_t)written;
    }
    return AIRS_OK;
}

static airs_status open_segment(audit_log *self)
{
    char name[AUDIT_SEGMENT_NAME_MAX];
    audit_segment_name(name, self->head.segment);
    if (self->file >= 0)
        return AIRS_OK;
    self->file = self->files.open(self->files.user, name, true);
    return self->file >= 0 ? AIRS_OK : fail(self, self->file, name);
}

/// The head is written behind what it tells of, and needs no sync: an older one is true too.
static airs_status write_head(audit_log *self, const audit_head *head)
{
    uint8_t bytes[AUDIT_HEAD_SIZE];
    if (self->head_file < 0) {
        self->head_file = self->files.open(self->files.user, AUDIT_HEAD_NAME, head->sequence == 1);
        if (self->head_file < 0)
            return fail(self, self->head_file, AUDIT_HEAD_NAME);
    }
    audit_head_encode(bytes, head, self->secret);
    return write_all(self, self->head_file, bytes, sizeof bytes, (head->sequence % 2) * AUDIT_HEAD_STRIDE);
}

/// What can't be removed is tried again with the next segment.
static void remove_old(audit_log *self)
{
    while (self->removed_before < self->head.first_segment) {
        char name[AUDIT_SEGMENT_NAME_MAX];
        audit_segment_name(name, self->removed_before);
        int removed = self->files.remove(self->files.user, name);
        if (removed != 0 && removed != -ENOENT)
            return;
        self->removed_before++;
    }
}

/// The buffer is on the disk: the log goes on behind it.
static void commit(audit_log *self, const audit_head *head)
{
    self->head = *head;
    self->offset = head->end;
    self->buffer.chain = head->hash;
    self->buffer.len = 0;
    self->buffer.records = 0;
    remove_old(self);
    if ((head->flags & AUDIT_SEGMENT_ENDS) == 0)
        return;
    (void)self->files.close(self->files.user, self->file);
    self->file = -1;
    audit_log_begin_segment(self, head->end);
}

airs_status audit_log_flush(audit_log *self, uint32_t flags)
{
    audit_buffer *buffer = &self->buffer;
    audit_buffer_seal(buffer);
    // All of this is made anew by the next attempt, so that a failure changes nothing.
    audit_hash chain = buffer->chain;
    audit_head head = self->head;
    audit_place place = {head.log_id, head.segment, self->offset + buffer->len};
    head.records = buffer->next_record;
    if (place.offset + AUDIT_CHECKPOINT_SIZE >= self->segment_max && (flags & AUDIT_LOG_CLOSED) == 0)
        flags |= AUDIT_SEGMENT_ENDS;
    size_t len = buffer->len + audit_checkpoint_encode(buffer->data + buffer->len, &place, head.records, flags,
                                                       os_clock_wall_ns(), self->secret, &chain);
    head.sequence++;
    head.flags = flags;
    head.end = self->offset + len;
    head.hash = chain;
    airs_status status = open_segment(self);
    if (status == AIRS_OK)
        status = write_all(self, self->file, buffer->data, len, self->offset);
    if (status == AIRS_OK) {
        // After a failure the system may have forgotten what was not on the disk: the next attempt writes it again.
        int synced = self->files.sync(self->files.user, self->file);
        status = synced == 0 ? AIRS_OK : fail(self, synced, "syncing");
    }
    if (status == AIRS_OK)
        status = write_head(self, &head);
    if (status == AIRS_OK)
        commit(self, &head);
    return status;
}

// ---------------------------------------------------------------- the log's thread

static void tell_channels(audit_log *self)
{
    (void)base_atomic_fetch_add_seq_cst(&self->turns, 1u);
    if (base_atomic_load_seq_cst(&self->waiters) != 0)
        os_futex_wake(&self->turns, UINT32_MAX);
}

static bool drain_all(audit_log *self)
{
    bool any = false;
    os_mutex_lock(&self->lock);
    for (audit_channel *channel = self->channels; channel != NULL; channel = channel->next)
        any = audit_channel_drain(channel, &self->buffer) || any;
    os_mutex_unlock(&self->lock);
    return any;
}

/// All that was moved is on the disk; channels that are closed and empty go.
static void settle_all(audit_log *self)
{
    os_mutex_lock(&self->lock);
    for (audit_channel **link = &self->channels; *link != NULL;) {
        audit_channel *channel = *link;
        audit_channel_settle(channel);
        // Closed first: then there is no entry behind this head.
        bool closed = base_atomic_load_acquire(&channel->closed);
        bool empty = base_atomic_load_acquire(&channel->head) == base_atomic_load_relaxed(&channel->durable);
        if (closed && empty) {
            *link = channel->next;
            audit_channel_free(channel);
        } else {
            link = &channel->next;
        }
    }
    os_mutex_unlock(&self->lock);
}

static void set_state(audit_log *self, audit_state state)
{
    uint32_t before = base_atomic_load_relaxed(&self->state);
    if (before == (uint32_t)state)
        return;
    base_atomic_store_release(&self->state, (uint32_t)state);
    tell_channels(self);
    if (self->failed != NULL)
        self->failed(self->user, state == AUDIT_WRITES ? NULL : self->problem);
}

static bool flush_or_fail(audit_log *self)
{
    if (audit_log_flush(self, 0) != AIRS_OK) {
        set_state(self, self->stop_on_failure ? AUDIT_STOPPED : AUDIT_FAILS);
        return false;
    }
    settle_all(self);
    set_state(self, AUDIT_WRITES);
    tell_channels(self);
    return true;
}

/// Whether a ring has something, or the log is to stop. Behind the announcement that it will sleep.
static bool has_work(audit_log *self)
{
    bool any = base_atomic_load_seq_cst(&self->stop);
    os_mutex_lock(&self->lock);
    for (audit_channel *channel = self->channels; channel != NULL && !any; channel = channel->next) {
        any = base_atomic_load_seq_cst(&channel->head) != base_atomic_load_relaxed(&channel->tail) ||
              base_atomic_load_acquire(&channel->closed);
    }
    os_mutex_unlock(&self->lock);
    return any;
}

static void sleep_until(audit_log *self, audit_sleep how, uint64_t deadline_ns)
{
    uint32_t bell = base_atomic_load_seq_cst(&self->bell);
    base_atomic_store_seq_cst(&self->asleep, (uint32_t)how);
    bool waits = base_atomic_load_seq_cst(&self->waiters) != 0 || base_atomic_load_seq_cst(&self->stop);
    if (how == AUDIT_IDLE ? !has_work(self) : !waits)
        (void)os_futex_wait(&self->bell, bell, deadline_ns);
    base_atomic_store_seq_cst(&self->asleep, AUDIT_AWAKE);
}

/// After a failure: until the next attempt, or until the log is to stop.
static void wait_to_retry(audit_log *self)
{
    uint64_t deadline = os_clock_now_ns() + RETRY_NS;
    while (!base_atomic_load_seq_cst(&self->stop) && os_clock_now_ns() < deadline) {
        uint32_t bell = base_atomic_load_seq_cst(&self->bell);
        if (!base_atomic_load_seq_cst(&self->stop))
            (void)os_futex_wait(&self->bell, bell, deadline);
    }
}

void audit_log_run(void *user)
{
    audit_log *self = user;
    uint64_t flush_at = OS_NEVER;
    for (;;) {
        bool stopping = base_atomic_load_seq_cst(&self->stop);
        bool any = drain_all(self);
        // What is moved makes room.
        if (any)
            tell_channels(self);
        uint64_t now = os_clock_now_ns();
        bool pending = self->buffer.records > 0;
        if (pending && flush_at == OS_NEVER)
            flush_at = now + self->sync_ns / 4;
        bool full = self->buffer.len >= self->buffer.size / 2;
        bool waited_for = base_atomic_load_seq_cst(&self->impatient) != 0;
        if (pending && (full || waited_for || stopping || now >= flush_at)) {
            if (flush_or_fail(self)) {
                flush_at = OS_NEVER;
            } else if (stopping || self->stop_on_failure) {
                return;
            } else {
                wait_to_retry(self);
            }
        } else if (!any) {
            // Nothing is open: channels that were closed can go.
            if (!pending)
                settle_all(self);
            if (stopping)
                return;
            sleep_until(self, pending ? AUDIT_DOZES : AUDIT_IDLE, pending ? flush_at : OS_NEVER);
        }
    }
}
