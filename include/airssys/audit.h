// SPDX-License-Identifier: MIT OR Apache-2.0
/// The audit log: what components were allowed and refused, read and proved. docs/reference/audit-log.md says what it
/// promises, and what stands in its files.
///
/// A system writes one when `airs_system_options.audit` says so. Reading needs no system, and works while one writes.
#ifndef AIRSSYS_AUDIT_H
#define AIRSSYS_AUDIT_H

#include "airssys/actor.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Bytes of a public key (Ed25519), and of a checkpoint's hash.
#define AIRS_AUDIT_KEY_SIZE 32
#define AIRS_AUDIT_HASH_SIZE 32
/// `grant` when there was none.
#define AIRS_AUDIT_NO_GRANT UINT32_MAX

/// One decision, or something that an operator did. Borrowed for the time of the call.
typedef struct airs_audit_record {
    /// Its place in the log, from 0.
    uint64_t number;
    /// Wall clock, nanoseconds since 1970.
    uint64_t time_ns;
    /// Who: the actor's id and its name, any bytes, which may be none. 0: no component.
    airs_actor_id actor;
    airs_bytes name;
    /// What: "files" and "read", "messaging" and "send", "operator" and "grant"… Static.
    const char *kind;
    const char *right;
    /// On what: a path, a name, an endpoint; any bytes.
    airs_bytes object;
    bool allowed;
    /// The number of the grant that allowed or refused it, and the epoch of the grants.
    uint32_t grant;
    uint64_t epoch;
    /// The message in whose handling it was; 0 for none.
    uint64_t message;
    /// The name or the object was longer.
    bool cut;
    /// It was refused, and done all the same: `airssys run --learn`.
    bool learned;
} airs_audit_record;

/// Which decisions a system records.
typedef enum airs_audit_mode {
    /// None: it writes no log.
    AIRS_AUDIT_OFF = 0,
    /// Refusals, and the first use of each grant by each component.
    AIRS_AUDIT_FIRST_USE = 1,
    AIRS_AUDIT_REFUSALS = 2,
    AIRS_AUDIT_ALL = 3,
} airs_audit_mode;

/// What becomes of a system that can't write its log, on a full disk, say. Never does it go on as if it had.
typedef enum airs_audit_failure {
    /// What can't be recorded is refused, until the log is written again.
    AIRS_AUDIT_REFUSE = 0,
    /// The system stops: `airs_system_wait` gives AIRS_FINISH_FAILED.
    AIRS_AUDIT_STOP = 1,
} airs_audit_failure;

/// `sync_ms` of a log in which each record is on the disk before what it allows is done.
#define AIRS_AUDIT_SYNC_EACH UINT32_MAX

/// How a system writes its log; all zero: it does not. Copied.
typedef struct airs_audit_options {
    airs_audit_mode mode;
    /// The folder of the log, made when it is missing, with mode 0700; one system at a time writes there.
    const char *folder;
    /// The file of the node's secret key, and beside it, with ".pub" behind its name, the public one; made when it is
    /// missing, with mode 0600, and refused when others than its owner may read it.
    const char *key_file;
    /// What a kill may take: of what was recorded on one thread, the oldest that is not on the disk is no more than
    /// this older than the newest; 100. Or AIRS_AUDIT_SYNC_EACH.
    uint32_t sync_ms;
    /// Bytes of a segment of the log; 64 MiB. Of more than `segments_max` the oldest is removed; all are kept.
    uint64_t segment_max;
    uint32_t segments_max;
    airs_audit_failure on_failure;
} airs_audit_options;

typedef enum airs_audit_outcome {
    AIRS_AUDIT_ANY = 0,
    AIRS_AUDIT_ALLOWED = 1,
    AIRS_AUDIT_REFUSED = 2,
} airs_audit_outcome;

/// Which records are wanted; all zero: each one.
typedef struct airs_audit_filter {
    /// 0: whoever.
    airs_actor_id actor;
    /// Patterns, in which `*` is any run of characters; NULL: whatever.
    const char *name;
    const char *object;
    /// "files", and "read" or "files.read"; NULL: whatever.
    const char *kind;
    const char *right;
    airs_audit_outcome outcome;
    /// From this time on, and before that, nanoseconds since 1970; 0: no bound.
    uint64_t from_ns;
    uint64_t until_ns;
    /// 0: whichever.
    uint64_t message;
} airs_audit_filter;

/// What was done to a log that is damaged, as far as what is left tells.
typedef enum airs_audit_damage {
    AIRS_AUDIT_WHOLE = 0,
    AIRS_AUDIT_CHANGED = 1,
    AIRS_AUDIT_REMOVED = 2,
    AIRS_AUDIT_REORDERED = 3,
    AIRS_AUDIT_TRUNCATED = 4,
} airs_audit_damage;

/// "whole", "changed", "removed"…; "?" of an unknown number. Static. Any thread.
AIRS_API const char *airs_audit_damage_name(airs_audit_damage damage);

/// What was found, as far as it was read.
typedef struct airs_audit_report {
    /// Records from `first_record` on up to this number, which a checkpoint vouches for.
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
    uint8_t anchor[AIRS_AUDIT_HASH_SIZE];
    /// The key that it is signed with.
    uint8_t key[AIRS_AUDIT_KEY_SIZE];
    /// Of a damaged log: what was done, and where; segment 0 is the file audit.head.
    airs_audit_damage damage;
    uint32_t damage_segment;
    uint64_t damage_byte;
    uint64_t damage_record;
} airs_audit_report;

/// Called for each record that is wanted, in the order of the log. False ends the reading.
typedef bool (*airs_audit_record_fn)(void *user, const airs_audit_record *record);

/// What to read; all but `folder` may be zero.
typedef struct airs_audit_read_options {
    const char *folder;
    /// The public key of the node, AIRS_AUDIT_KEY_SIZE bytes. NULL: the one that the log names itself, which proves
    /// nothing about who wrote it.
    const uint8_t *key;
    /// The hash of a checkpoint that was kept elsewhere and must be in the log; NULL: none.
    const uint8_t *anchor;
    /// NULL: all records.
    const airs_audit_filter *filter;
    /// NULL: the log is only verified.
    airs_audit_record_fn record;
    void *user;
    /// NULL: malloc.
    const airs_allocator *allocator;
} airs_audit_read_options;

/// Reads the log and verifies it on the way. `ret_report` is filled in also when it is damaged.
/// Errors: E_INVALID the filter; E_FAILED the log is damaged: `error` and the report say what and where, and each
///         record before was told; E_NOT_FOUND there is no log; E_DENIED, E_IO it can't be read; E_NOMEM. AIRS_OK also
///         when `record` ended it.
/// Thread: any; blocks.
AIRS_API AIRS_NODISCARD airs_status airs_audit_read(const airs_audit_read_options *options,
                                                    airs_audit_report *ret_report, airs_error *error);

/// Room for any line of JSON.
#define AIRS_AUDIT_JSON_MAX 8192

/// Writes a record as one JSON object without a newline; returns its length. What is no UTF-8 becomes U+FFFD.
/// Thread: any.
AIRS_API size_t airs_audit_to_json(const airs_audit_record *record, char text[AIRS_AUDIT_JSON_MAX]);

#ifdef __cplusplus
}
#endif

#endif
