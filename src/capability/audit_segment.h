// SPDX-License-Identifier: MIT OR Apache-2.0
/// One segment of an audit log, read and checked: what of it counts.
#ifndef CAPABILITY_AUDIT_SEGMENT_H
#define CAPABILITY_AUDIT_SEGMENT_H

#include "capability/audit_files.h"
#include "capability/audit_format.h"

/// A checkpoint, and what it vouches for.
typedef struct audit_mark {
    /// Where it ends; 0: there is none.
    size_t end;
    audit_hash hash;
    uint64_t records;
    uint32_t flags;
    uint64_t time_ns;
} audit_mark;

typedef struct audit_segment {
    const airs_allocator *allocator;
    uint8_t *data;
    size_t len;
    audit_header header;
    /// The last checkpoint: what is behind it does not count.
    audit_mark last;
    uint64_t checkpoints;
    /// Where the first thing stands that is no frame of this log; `len` when there is none.
    size_t bad_at;
    /// The number of the record that should follow there, and the hash of the frame before.
    uint64_t bad_record;
    audit_hash bad_chain;
    /// Set when a checkpoint ends at `probe.end` with `probe.hash`.
    bool probed;
} audit_segment;

/// Reads segment `number` and checks it against `key`; with `probe`, looks for that checkpoint too.
/// Owns:   the segment is ended with `audit_segment_fini`, also after a failure.
/// Errors: E_NOT_FOUND there is no such file; E_INVALID it has no valid header of that number; E_IO; E_NOMEM.
airs_status audit_segment_load(audit_segment *self, const audit_files *files, const airs_allocator *allocator,
                               uint32_t number, const uint8_t key[AUDIT_KEY_SIZE], const audit_mark *probe,
                               airs_error *error);
void audit_segment_fini(audit_segment *self);

/// A head as it was found.
typedef struct audit_found_head {
    audit_head head;
    /// The other slot is no head: a crash while it was written. What it was to tell of was on the disk before, so the
    /// log has a checkpoint behind this one; if it has none, it was cut off.
    bool torn;
} audit_found_head;

/// Reads the newest head; `key` may be NULL: the one it names.
/// Errors: E_NOT_FOUND no head; E_INVALID it is damaged; E_IO.
airs_status audit_head_load(const audit_files *files, const uint8_t *key, audit_found_head *ret_found,
                            airs_error *error);

/// Whether the segment is the one that follows: its header says where `before` ends.
bool audit_segment_follows(const audit_segment *self, const audit_segment *before);

#endif
