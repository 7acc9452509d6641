// SPDX-License-Identifier: MIT OR Apache-2.0
#include "capability/audit_segment.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "capability/audit_record.h"

/// More than any segment that was ever written.
#define SEGMENT_SIZE_MAX (4ll << 30)

// ---------------------------------------------------------------- reading files

static airs_status read_all(const audit_files *files, int file, uint8_t *data, size_t len, airs_error *error)
{
    for (size_t at = 0; at < len;) {
        int64_t got = files->read_at(files->user, file, data + at, len - at, at);
        if (got < 0)
            return base_error_errno(error, AIRS_E_IO, (int)-got, "reading the audit log");
        if (got == 0)
            return base_error_set(error, AIRS_E_IO, "the audit log became shorter while it was read");
        at += (size_t)got;
    }
    return AIRS_OK;
}

static airs_status open_file(const audit_files *files, const char *name, int *ret_file, int64_t *ret_size,
                             airs_error *error)
{
    int file = files->open(files->user, name, false);
    if (file == -ENOENT)
        return base_error_set(error, AIRS_E_NOT_FOUND, "there is no %s", name);
    if (file < 0)
        return base_error_errno(error, file == -EACCES ? AIRS_E_DENIED : AIRS_E_IO, -file, "opening %s", name);
    int64_t size = files->size(files->user, file);
    if (size < 0 || size > SEGMENT_SIZE_MAX) {
        (void)files->close(files->user, file);
        return base_error_errno(error, AIRS_E_IO, size < 0 ? (int)-size : EFBIG, "the size of %s", name);
    }
    *ret_file = file;
    *ret_size = size;
    return AIRS_OK;
}

static airs_status load_bytes(audit_segment *self, const audit_files *files, const char *name, airs_error *error)
{
    int file;
    int64_t size;
    airs_status status = open_file(files, name, &file, &size, error);
    if (status != AIRS_OK)
        return status;
    self->data = base_alloc(self->allocator, (size_t)size + 1);
    self->len = (size_t)size;
    if (self->data == NULL)
        status = base_error_set(error, AIRS_E_NOMEM, "no memory for %s", name);
    else
        status = read_all(files, file, self->data, self->len, error);
    (void)files->close(files->user, file);
    return status;
}

// ---------------------------------------------------------------- checking

/// Whether the block is its records, all of them and nothing else.
static bool block_is_whole(const audit_frame *frame)
{
    airs_bytes rest = frame->payload;
    audit_record record;
    uint32_t count = 0;
    while (rest.len > 0) {
        if (!audit_record_decode(&rest, &record))
            return false;
        count++;
    }
    return count == frame->count;
}

/// Goes from frame to frame as long as they are this log's.
static void walk(audit_segment *self, const uint8_t *key, const audit_mark *probe)
{
    audit_hash chain = audit_header_hash(self->data);
    uint64_t records = self->header.first_record;
    size_t at = AUDIT_HEADER_SIZE;
    audit_frame frame;
    while (audit_frame_decode((airs_bytes){self->data + at, self->len - at}, &chain, &frame)) {
        audit_place place = {self->header.log_id, self->header.segment, at};
        audit_mark mark = {.end = at + frame.size, .hash = frame.hash, .records = records, .flags = frame.flags};
        // Nothing comes behind an end.
        if (frame.record != records || (self->last.flags & (AUDIT_SEGMENT_ENDS | AUDIT_LOG_CLOSED)) != 0)
            break;
        if (frame.kind == AUDIT_BLOCK && !block_is_whole(&frame))
            break;
        if (frame.kind == AUDIT_CHECKPOINT) {
            if (!audit_checkpoint_valid(&frame, &place, &chain, key, &mark.time_ns))
                break;
            self->last = mark;
            self->checkpoints++;
            self->probed = self->probed || (probe != NULL && probe->end == mark.end && probe->records == records &&
                                            probe->flags == mark.flags && audit_hash_equal(&probe->hash, &mark.hash));
        }
        records += frame.count;
        chain = frame.hash;
        at += frame.size;
    }
    self->bad_at = at;
    self->bad_record = records;
    self->bad_chain = chain;
}

airs_status audit_segment_load(audit_segment *self, const audit_files *files, const airs_allocator *allocator,
                               uint32_t number, const uint8_t key[AUDIT_KEY_SIZE], const audit_mark *probe,
                               airs_error *error)
{
    char name[AUDIT_SEGMENT_NAME_MAX];
    audit_segment_name(name, number);
    *self = (audit_segment){.allocator = allocator};
    airs_status status = load_bytes(self, files, name, error);
    if (status != AIRS_OK)
        return status;
    if (self->len < AUDIT_HEADER_SIZE || !audit_header_decode(self->data, key, &self->header) ||
        self->header.segment != number)
        return base_error_set(error, AIRS_E_INVALID, "%s, byte 0: the header is damaged, or of another log", name);
    walk(self, key, probe);
    return AIRS_OK;
}

void audit_segment_fini(audit_segment *self)
{
    if (self->data != NULL)
        base_free(self->allocator, self->data);
    *self = (audit_segment){0};
}

bool audit_segment_follows(const audit_segment *self, const audit_segment *before)
{
    return memcmp(self->header.log_id, before->header.log_id, AUDIT_ID_SIZE) == 0 &&
           self->header.before_len == before->last.end && self->header.first_record == before->last.records &&
           audit_hash_equal(&self->header.before, &before->last.hash);
}

// ---------------------------------------------------------------- head

typedef enum slot_state {
    SLOT_EMPTY,
    SLOT_VALID,
    SLOT_DAMAGED,
} slot_state;

static airs_status read_slot(const audit_files *files, int file, int64_t size, uint32_t slot, const uint8_t *key,
                             audit_head *ret_head, slot_state *ret_state, airs_error *error)
{
    static const uint8_t none[AUDIT_HEAD_SIZE];
    uint8_t bytes[AUDIT_HEAD_SIZE] = {0};
    uint64_t offset = (uint64_t)slot * AUDIT_HEAD_STRIDE;
    size_t there = (uint64_t)size > offset ? (size_t)((uint64_t)size - offset) : 0;
    size_t len = there < sizeof bytes ? there : sizeof bytes;
    for (size_t at = 0; at < len;) {
        int64_t got = files->read_at(files->user, file, bytes + at, len - at, offset + at);
        if (got < 0)
            return base_error_errno(error, AIRS_E_IO, (int)-got, "reading " AUDIT_HEAD_NAME);
        if (got == 0)
            break;
        at += (size_t)got;
    }
    *ret_state = memcmp(bytes, none, sizeof bytes) == 0    ? SLOT_EMPTY
                 : audit_head_decode(bytes, key, ret_head) ? SLOT_VALID
                                                           : SLOT_DAMAGED;
    return AIRS_OK;
}

airs_status audit_head_load(const audit_files *files, const uint8_t *key, audit_found_head *ret_found,
                            airs_error *error)
{
    int file;
    int64_t size;
    audit_head heads[2] = {{.sequence = 0}, {.sequence = 0}};
    slot_state states[2] = {SLOT_EMPTY, SLOT_EMPTY};
    airs_status status = open_file(files, AUDIT_HEAD_NAME, &file, &size, error);
    if (status != AIRS_OK)
        return status;
    for (uint32_t slot = 0; slot < 2 && status == AIRS_OK; slot++)
        status = read_slot(files, file, size, slot, key, &heads[slot], &states[slot], error);
    (void)files->close(files->user, file);
    if (status != AIRS_OK)
        return status;
    uint32_t newest = states[1] == SLOT_VALID && (states[0] != SLOT_VALID || heads[1].sequence > heads[0].sequence);
    const audit_head *head = &heads[newest];
    slot_state other = states[1 - newest];
    // The slots are written in turn: the other one tells of the checkpoint before, and before the first there is none.
    bool in_turn = other == SLOT_DAMAGED || (other == SLOT_EMPTY && head->sequence == 1) ||
                   (other == SLOT_VALID && heads[1 - newest].sequence + 1 == head->sequence);
    if (states[newest] != SLOT_VALID || !in_turn || head->sequence % 2 != newest)
        return base_error_set(error, AIRS_E_INVALID, AUDIT_HEAD_NAME " is damaged, or signed with another key");
    *ret_found = (audit_found_head){*head, other == SLOT_DAMAGED};
    return AIRS_OK;
}
