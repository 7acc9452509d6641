// SPDX-License-Identifier: MIT OR Apache-2.0
/// Reading an audit log, and proving that it is whole.
///
/// Reading always checks: each byte is under a hash, each hash under a signature of the node's key, and audit.head says
/// how far the log reaches at least. What is changed, removed, put in another place or cut off is found, but for one
/// thing: who has the whole folder of an earlier time can put it back. An anchor, a checkpoint that was kept elsewhere,
/// finds that too.
#ifndef CAPABILITY_AUDIT_READER_H
#define CAPABILITY_AUDIT_READER_H

#include "capability/audit_damage.h"
#include "capability/audit_files.h"
#include "capability/audit_format.h"
#include "capability/audit_record.h"

typedef enum audit_outcome {
    AUDIT_ANY,
    AUDIT_ALLOWED,
    AUDIT_REFUSED,
} audit_outcome;

/// Which records are wanted; all zero: each one.
typedef struct audit_filter {
    /// 0: whoever.
    uint64_t actor;
    /// Patterns, in which `*` is any run of characters (pattern.h); NULL: whatever.
    const char *name;
    const char *object;
    /// AUDIT_BIT(right) | …; 0: whatever.
    uint64_t whats;
    audit_outcome outcome;
    /// From this time on, and before that; 0: no bound.
    uint64_t from_ns;
    uint64_t until_ns;
    /// 0: whichever.
    uint64_t message;
} audit_filter;

bool audit_filter_matches(const audit_filter *filter, const audit_record *record);

/// Called for each record that is wanted, in the order of the log; the record is borrowed. False ends the reading.
typedef bool (*audit_record_fn)(void *user, const audit_record *record);

typedef struct audit_read_options {
    audit_files files;
    const airs_allocator *allocator;
    /// The node's public key. NULL: the one that the log names itself, which proves nothing about who wrote it.
    const uint8_t *key;
    /// NULL: all.
    const audit_filter *filter;
    /// NULL: only verify.
    audit_record_fn record;
    void *user;
    /// The hash of a checkpoint that must be in the log; NULL: none.
    const audit_hash *anchor;
    /// Of a damaged log find out what was done, which may take some tenths of a second; else it is AUDIT_CHANGED or
    /// AUDIT_TRUNCATED.
    bool diagnose;
} audit_read_options;

/// What was found, as far as it was read.
typedef struct audit_report {
    /// Records that a checkpoint vouches for, and the number of the first that is kept.
    uint64_t records;
    uint64_t first_record;
    uint32_t first_segment;
    uint32_t last_segment;
    uint64_t checkpoints;
    /// Bytes behind a last checkpoint, which a crash left there: they never counted.
    uint64_t torn_bytes;
    /// The log was closed, not cut off by a crash, or written now.
    bool closed;
    /// The last checkpoint: its time, and its hash, which is an anchor for later.
    uint64_t time_ns;
    audit_hash anchor;
    /// The key that it was held against.
    uint8_t key[AUDIT_KEY_SIZE];
    /// Of a log that is damaged.
    audit_finding finding;
} audit_report;

/// Reads the whole log, a segment in memory at a time.
/// Errors: E_INVALID it is damaged: `error` and `finding` say what and where, and the report what is before that;
///         E_NOT_FOUND there is no log; E_IO; E_NOMEM. AIRS_OK also when `record` ended it.
AIRS_NODISCARD airs_status audit_read(const audit_read_options *options, audit_report *ret_report, airs_error *error);

#endif
