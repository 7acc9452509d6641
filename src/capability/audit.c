// SPDX-License-Identifier: MIT OR Apache-2.0
#include "capability/audit.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "capability/audit_impl.h"
#include "capability/audit_segment.h"

#define SEGMENT_MAX (64ull << 20)
#define RING_SIZE (1u << 20)
#define BUFFER_SIZE (8u << 20)

// ---------------------------------------------------------------- where the log goes on

/// The newest segment that counts: the head's, or one behind it that a crash left without a head.
static airs_status load_newest(audit_log *self, audit_segment *segment, airs_error *error)
{
    audit_mark probe = {self->head.end, self->head.hash, self->head.records, self->head.flags, 0};
    const uint8_t *key = self->head.key;
    airs_status status =
        audit_segment_load(segment, &self->files, self->allocator, self->head.segment, key, &probe, error);
    if (status == AIRS_OK && !segment->probed)
        status = base_error_set(error, AIRS_E_INVALID, "segment %u, byte %zu: the log is changed or cut off",
                                self->head.segment, segment->bad_at);
    if (status == AIRS_E_NOT_FOUND)
        status = base_error_set(error, AIRS_E_INVALID, "segment %u is missing", self->head.segment);
    if (status != AIRS_OK)
        return status;
    audit_segment next;
    airs_error ignored;
    status = audit_segment_load(&next, &self->files, self->allocator, self->head.segment + 1, key, NULL, &ignored);
    if (status == AIRS_OK && next.last.end != 0 && audit_segment_follows(&next, segment)) {
        audit_segment_fini(segment);
        *segment = next;
        return AIRS_OK;
    }
    audit_segment_fini(&next);
    return status == AIRS_E_NOMEM || status == AIRS_E_IO ? base_error_set(error, status, "%s", ignored.text) : AIRS_OK;
}

/// Whether all there is is what a crash left of the first attempt to open a log: a segment without a record.
static bool never_opened(const audit_log *self, bool has_head)
{
    char name[AUDIT_SEGMENT_NAME_MAX];
    audit_segment_name(name, 1);
    int file = self->files.open(self->files.user, name, false);
    if (file < 0)
        return file == -ENOENT && !has_head;
    int64_t size = self->files.size(self->files.user, file);
    (void)self->files.close(self->files.user, file);
    return size >= 0 && size <= (int64_t)(AUDIT_HEADER_SIZE + AUDIT_CHECKPOINT_SIZE);
}

static void start_new(audit_log *self)
{
    randombytes_buf(self->head.log_id, AUDIT_ID_SIZE);
    self->head.first_segment = 1;
    self->removed_before = 1;
    audit_log_begin_segment(self, 0);
}

/// Goes on in a new segment, whose header says how much of the last one counts.
static airs_status go_on(audit_log *self, airs_error *error)
{
    audit_found_head found;
    // What is wrong with it is told only where it is no new log.
    airs_error problem = {.text = ""};
    airs_status status = audit_head_load(&self->files, self->head.key, &found, &problem);
    if ((status == AIRS_E_NOT_FOUND || status == AIRS_E_INVALID) && never_opened(self, status == AIRS_E_INVALID)) {
        start_new(self);
        return AIRS_OK;
    }
    if (status == AIRS_E_NOT_FOUND)
        return base_error_set(error, AIRS_E_INVALID, "there is an audit log, but no " AUDIT_HEAD_NAME);
    if (status != AIRS_OK)
        return base_error_set(error, status, "%s", problem.text);
    self->head = found.head;
    audit_segment newest = {0};
    status = load_newest(self, &newest, error);
    bool more = newest.header.segment > found.head.segment || newest.last.end > found.head.end;
    if (status == AIRS_OK && found.torn && !more)
        status = base_error_set(error, AIRS_E_INVALID, AUDIT_HEAD_NAME " is damaged, and the log may be cut off");
    if (status == AIRS_OK) {
        self->head.segment = newest.header.segment;
        self->head.records = newest.last.records;
        self->head.hash = newest.last.hash;
        self->removed_before = self->head.first_segment;
        audit_log_begin_segment(self, newest.last.end);
    }
    audit_segment_fini(&newest);
    return status;
}

// ---------------------------------------------------------------- life

static void destroy(audit_log *self)
{
    while (self->channels != NULL) {
        audit_channel *channel = self->channels;
        self->channels = channel->next;
        audit_channel_free(channel);
    }
    if (self->file >= 0)
        (void)self->files.close(self->files.user, self->file);
    if (self->head_file >= 0)
        (void)self->files.close(self->files.user, self->head_file);
    sodium_memzero(self->secret, sizeof self->secret);
    base_free(self->allocator, self->buffer.data);
    base_free(self->allocator, self);
}

static audit_log *make(const audit_options *options)
{
    audit_log *self = base_alloc_zeroed(options->allocator, sizeof *self);
    if (self == NULL)
        return NULL;
    self->files = options->files;
    self->allocator = options->allocator;
    self->sync_ns = (uint64_t)options->sync_ms * 1000000u;
    self->wait_max_ns = (options->wait_max_ms == 0 ? AUDIT_WAIT_MAX_MS : options->wait_max_ms) * UINT64_C(1000000);
    self->segment_max = options->segment_max == 0 ? SEGMENT_MAX : options->segment_max;
    self->segments_max = options->segments_max;
    self->ring_size = options->ring_size == 0 ? RING_SIZE : options->ring_size;
    self->stop_on_failure = options->stop_on_failure;
    self->failed = options->failed;
    self->user = options->user;
    self->file = -1;
    self->head_file = -1;
    memcpy(self->secret, options->secret, sizeof self->secret);
    self->buffer.size = BUFFER_SIZE;
    self->buffer.data = base_alloc(self->allocator, self->buffer.size);
    if (self->buffer.data == NULL) {
        destroy(self);
        return NULL;
    }
    return self;
}

airs_status audit_log_open(const audit_options *options, audit_log **ret_log, airs_error *error)
{
    if (!audit_format_start())
        return base_error_set(error, AIRS_E_INTERNAL, "libsodium does not start");
    audit_log *self = make(options);
    if (self == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for the audit log");
    (void)crypto_sign_ed25519_sk_to_pk(self->head.key, self->secret);
    airs_status status = go_on(self, error);
    // Written at once: what can't be written is known before anything is decided.
    if (status == AIRS_OK) {
        status = audit_log_flush(self, 0);
        if (status != AIRS_OK)
            (void)base_error_set(error, status, "%s", self->problem);
    }
    if (status == AIRS_OK) {
        status = os_thread_start(&self->thread, "audit", 0, audit_log_run, self);
        if (status != AIRS_OK)
            (void)base_error_set(error, status, "no thread for the audit log");
    }
    if (status != AIRS_OK) {
        destroy(self);
        return status;
    }
    *ret_log = self;
    return AIRS_OK;
}

airs_status audit_log_close(audit_log *self, airs_error *error)
{
    base_atomic_store_seq_cst(&self->stop, true);
    audit_log_ring(self);
    os_thread_join(&self->thread);
    airs_status status = base_atomic_load_relaxed(&self->state) == AUDIT_WRITES ? AIRS_OK : AIRS_E_IO;
    if (status == AIRS_OK)
        status = audit_log_flush(self, AUDIT_LOG_CLOSED);
    if (status != AIRS_OK)
        (void)base_error_set(error, status, "%s", self->problem);
    destroy(self);
    return status;
}
