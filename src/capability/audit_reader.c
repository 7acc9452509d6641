// SPDX-License-Identifier: MIT OR Apache-2.0
#include "capability/audit_reader.h"

#include <inttypes.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "capability/audit_segment.h"
#include "capability/pattern.h"

bool audit_filter_matches(const audit_filter *filter, const audit_record *record)
{
    if (filter == NULL)
        return true;
    if (filter->outcome != AUDIT_ANY && record->allowed != (filter->outcome == AUDIT_ALLOWED))
        return false;
    return (filter->actor == 0 || filter->actor == record->actor) &&
           (filter->message == 0 || filter->message == record->message) &&
           (filter->whats == 0 || (filter->whats & AUDIT_BIT(record->what)) != 0) &&
           record->time_ns >= filter->from_ns && (filter->until_ns == 0 || record->time_ns < filter->until_ns) &&
           (filter->name == NULL || capability_pattern_matches_bytes(base_bytes_of(filter->name), record->name)) &&
           (filter->object == NULL || capability_pattern_matches_bytes(base_bytes_of(filter->object), record->object));
}

/// One reading.
typedef struct reading {
    const audit_read_options *options;
    audit_head head;
    /// Nothing was found yet behind the checkpoint of a head whose other slot is torn.
    bool needs_more;
    audit_report report;
    bool anchored;
    bool ended;
    airs_error *error;
} reading;

// ---------------------------------------------------------------- what is delivered

/// Blocks up to the last checkpoint.
static void deliver(reading *self, const audit_segment *segment)
{
    audit_hash chain = audit_header_hash(segment->data);
    audit_frame frame;
    for (size_t at = AUDIT_HEADER_SIZE; at < segment->last.end && !self->ended; at += frame.size) {
        airs_bytes in = {segment->data + at, segment->last.end - at};
        if (!audit_frame_decode(in, &chain, &frame))
            return;
        chain = frame.hash;
        if (frame.kind == AUDIT_CHECKPOINT && self->options->anchor != NULL)
            self->anchored = self->anchored || audit_hash_equal(self->options->anchor, &frame.hash);
        if (frame.kind != AUDIT_BLOCK || self->options->record == NULL)
            continue;
        airs_bytes rest = frame.payload;
        audit_record record;
        for (uint64_t number = frame.record; !self->ended && audit_record_decode(&rest, &record); number++) {
            record.number = number;
            if (audit_filter_matches(self->options->filter, &record))
                self->ended = !self->options->record(self->options->user, &record);
        }
    }
}

static void count(reading *self, const audit_segment *segment, bool first)
{
    if (first) {
        self->report.first_segment = segment->header.segment;
        self->report.first_record = segment->header.first_record;
    }
    self->report.last_segment = segment->header.segment;
    self->report.checkpoints += segment->checkpoints;
    if (segment->last.end != 0) {
        self->report.records = segment->last.records;
        self->report.closed = (segment->last.flags & AUDIT_LOG_CLOSED) != 0;
        self->report.time_ns = segment->last.time_ns;
        self->report.anchor = segment->last.hash;
    }
    if (self->options->anchor != NULL || self->options->record != NULL)
        deliver(self, segment);
}

// ---------------------------------------------------------------- what must hold

static airs_status found(reading *self, audit_finding finding, const char *what)
{
    self->report.finding = finding;
    const char *name = audit_damage_name(finding.damage);
    if (finding.segment == 0)
        return base_error_set(self->error, AIRS_E_INVALID, AUDIT_HEAD_NAME ": %s: %s", name, what);
    return base_error_set(self->error, AIRS_E_INVALID, "segment %u, byte %" PRIu64 ", record %" PRIu64 ": %s: %s",
                          finding.segment, finding.byte, finding.record, name, what);
}

/// At the place where the segment stops to be this log's. `longer`: the log went on behind it.
static airs_status damaged(reading *self, const audit_segment *segment, bool longer, const char *what)
{
    audit_finding finding = {AUDIT_CHANGED, segment->header.segment, segment->bad_at, segment->bad_record};
    bool at_end = segment->bad_at == segment->len;
    if (at_end && longer)
        finding.damage = AUDIT_TRUNCATED;
    else if (!at_end && self->options->diagnose)
        finding.damage = audit_damage_find(segment, self->head.key);
    return found(self, finding, what);
}

static airs_status check_end(reading *self, const audit_segment *segment)
{
    bool known = segment->header.segment == self->head.segment;
    bool ended = (segment->last.flags & (AUDIT_SEGMENT_ENDS | AUDIT_LOG_CLOSED)) != 0;
    if (known && !segment->probed)
        return damaged(self, segment, true,
                       "it does not reach the last checkpoint, of which " AUDIT_HEAD_NAME " tells");
    if (ended && segment->len != segment->last.end) {
        audit_finding finding = {AUDIT_CHANGED, segment->header.segment, segment->last.end, segment->last.records};
        return found(self, finding, "something stands behind the end");
    }
    if (segment->last.end == 0)
        return damaged(self, segment, true, "it has no valid checkpoint");
    if (segment->header.segment > self->head.segment || (known && segment->last.end > self->head.end))
        self->needs_more = false;
    self->report.torn_bytes += segment->len - segment->last.end;
    return AIRS_OK;
}

/// A segment that could not be loaded: not there, or with a header that is none of its own.
static airs_status unreadable(reading *self, const audit_segment *segment, uint32_t number, bool there)
{
    audit_finding finding = {AUDIT_REMOVED, number, 0, self->report.records};
    if (!there) {
        finding.damage =
            number == self->head.segment && number > self->head.first_segment ? AUDIT_TRUNCATED : AUDIT_REMOVED;
        return found(self, finding, "the segment is missing");
    }
    if (segment->header.segment != 0) {
        finding.damage = AUDIT_REORDERED;
        return found(self, finding, "another segment of a log stands in its place");
    }
    finding.damage = segment->len < AUDIT_HEADER_SIZE ? AUDIT_TRUNCATED : AUDIT_CHANGED;
    return found(self, finding, "the header is damaged, or signed with another key");
}

/// Whether the segment goes on where `before`, the one before it, ends; not asked of the first.
static airs_status check_begin(reading *self, const audit_segment *segment, const audit_segment *before)
{
    audit_finding finding = {AUDIT_REORDERED, segment->header.segment, 0, segment->header.first_record};
    if (memcmp(segment->header.log_id, self->head.log_id, AUDIT_ID_SIZE) != 0)
        return found(self, finding, "it is of another log");
    if (before->data == NULL || audit_segment_follows(segment, before))
        return AIRS_OK;
    return damaged(self, before, segment->header.before_len > before->last.end,
                   "the next segment says that it goes on elsewhere");
}

/// Goes through the segments; `before` is the one before, and taken over.
static airs_status read_segment(reading *self, uint32_t number, audit_segment *before, bool *ret_more)
{
    const audit_read_options *options = self->options;
    audit_mark probe = {self->head.end, self->head.hash, self->head.records, self->head.flags, 0};
    audit_segment segment;
    airs_status status = audit_segment_load(&segment, &options->files, options->allocator, number, self->head.key,
                                            number == self->head.segment ? &probe : NULL, self->error);
    bool beyond = number > self->head.segment;
    // The newest segment may be as far as a crash let it come: without a checkpoint it is no part of the log.
    bool unborn = beyond && (status == AIRS_E_NOT_FOUND || status == AIRS_E_INVALID ||
                             (status == AIRS_OK && segment.last.end == 0));
    if (unborn) {
        self->report.torn_bytes += segment.len;
        audit_segment_fini(&segment);
        *ret_more = false;
        return AIRS_OK;
    }
    if (status == AIRS_E_NOT_FOUND || status == AIRS_E_INVALID)
        status = unreadable(self, &segment, number, status == AIRS_E_INVALID);
    else if (status == AIRS_OK)
        status = check_begin(self, &segment, before);
    if (status == AIRS_OK) {
        count(self, &segment, number == self->head.first_segment);
        status = check_end(self, &segment);
    }
    audit_segment_fini(before);
    if (status == AIRS_OK)
        *before = segment;
    else
        audit_segment_fini(&segment);
    // A crash leaves one segment behind the head's at most. What is more is being written now, and could be read for
    // ever.
    *ret_more = status == AIRS_OK && !self->ended && !beyond;
    return status;
}

airs_status audit_read(const audit_read_options *options, audit_report *ret_report, airs_error *error)
{
    reading self = {.options = options, .error = error};
    if (!audit_format_start())
        return base_error_set(error, AIRS_E_INTERNAL, "libsodium does not start");
    audit_found_head newest;
    *ret_report = (audit_report){0};
    airs_status status = audit_head_load(&options->files, options->key, &newest, error);
    if (status == AIRS_E_INVALID)
        ret_report->finding = (audit_finding){.damage = AUDIT_CHANGED};
    if (status != AIRS_OK)
        return status;
    self.head = newest.head;
    self.needs_more = newest.torn;
    memcpy(self.report.key, newest.head.key, AUDIT_KEY_SIZE);
    audit_segment before = {0};
    bool more = true;
    for (uint32_t number = self.head.first_segment; more && status == AIRS_OK; number++)
        status = read_segment(&self, number, &before, &more);
    audit_segment_fini(&before);
    audit_finding in_head = {.damage = AUDIT_CHANGED};
    if (status == AIRS_OK && !self.ended && self.needs_more)
        status = found(&self, in_head, "it is damaged, and the log may be cut off");
    if (status == AIRS_OK && !self.ended && options->anchor != NULL && !self.anchored)
        status = found(&self, in_head, "the checkpoint that was kept elsewhere is not in the log");
    *ret_report = self.report;
    return status;
}
