// SPDX-License-Identifier: MIT OR Apache-2.0
/// The audit log: what was allowed and refused, so that it can be proved afterwards. docs/reference/audit-log.md says
/// what it promises, and what stands in its files.
///
/// Threads    Each thread that decides has a channel of its own: a ring, into which a record is encoded. One thread of
///            the log's empties the rings into blocks, hashes, signs, writes and syncs.
/// Promise    A record that was taken is never dropped. When the disk is slow, `audit_log_write` waits: of what was
///            taken, the oldest that is not on the disk is never more than `sync_ms` older than the newest. When the
///            disk fails, or hangs for `wait_max_ms`, it refuses, and what was to be recorded must not be done.
///            Until something has come to the disk again it then refuses at once what it would have to wait for.
/// Failure    What was taken is kept, and tried again until it is on the disk, or the log is closed.
#ifndef CAPABILITY_AUDIT_H
#define CAPABILITY_AUDIT_H

#include "capability/audit_files.h"
#include "capability/audit_format.h"
#include "capability/audit_record.h"

typedef struct audit_log audit_log;
typedef struct audit_channel audit_channel;

#define AUDIT_WAIT_MAX_MS 10000u

typedef struct audit_options {
    audit_files files;
    const airs_allocator *allocator;
    /// The node's Ed25519 key, AUDIT_SECRET_SIZE bytes; copied.
    const uint8_t *secret;
    /// See above; 0: `audit_log_write` returns when the record is on the disk.
    uint32_t sync_ms;
    /// How long `audit_log_write` waits for a disk at most; 0: AUDIT_WAIT_MAX_MS.
    uint32_t wait_max_ms;
    /// A segment that is longer gets a successor; 0: 64 MiB.
    uint64_t segment_max;
    /// Older segments are removed when there are more; 0: all are kept.
    uint32_t segments_max;
    /// Bytes of a channel's ring; 0: 1 MiB. Rounded up to a power of two, at least 16 KiB.
    uint32_t ring_size;
    /// After the first failure nothing is written any more, not even when the disk has room again: the node is to stop.
    bool stop_on_failure;
    /// Told, from the log's thread, of the first failure, and with NULL when it is over. May be NULL.
    void (*failed)(void *user, const char *text);
    void *user;
} audit_options;

/// Opens the log in the folder, or makes it; what a crash left unfinished is left behind. Starts the thread.
/// Errors: E_INVALID what is there is damaged, or not signed by this key, and is not written on; E_IO it can't be
///         written; E_LIMIT no thread; E_NOMEM.
AIRS_NODISCARD airs_status audit_log_open(const audit_options *options, audit_log **ret_log, airs_error *error);

/// Writes what is left, signs the end, stops the thread. The channels are ended with it; nobody uses them any more.
/// Errors: E_IO some of what was taken could not be written. The log is gone then too.
AIRS_NODISCARD airs_status audit_log_close(audit_log *self, airs_error *error);

/// A channel for one thread at a time; its records stand in the log in the order of its calls. Errors: E_NOMEM. Any
/// thread.
AIRS_NODISCARD airs_status audit_channel_open(audit_log *self, audit_channel **ret_channel);
/// What is in it is still written.
void audit_channel_close(audit_channel *self);

/// Takes the record, and sets its time. Allocates nothing; waits as said above.
/// Errors: E_IO the log can't be written, E_TIMEOUT it was not within `wait_max_ms`: what was decided must not be done.
///         After E_TIMEOUT with `sync_ms` 0 the record may still come to the disk. The channel's thread.
AIRS_NODISCARD airs_status audit_log_write(audit_channel *self, audit_record *record);

/// Returns when all that the channel took is on the disk. Errors: E_IO. The channel's thread.
AIRS_NODISCARD airs_status audit_channel_sync(audit_channel *self);

// ---------------------------------------------------------------- which decisions

typedef enum audit_mode {
    /// Refusals, and the first use of each grant.
    AUDIT_FIRST_USE,
    AUDIT_REFUSALS,
    AUDIT_ALL,
} audit_mode;

#define AUDIT_SEEN_GRANTS 256u

/// Which grants were used already, of one component. All zero: none. One thread at a time.
typedef struct audit_seen {
    uint64_t epoch;
    uint64_t grants[AUDIT_SEEN_GRANTS / 64];
} audit_seen;

/// Whether the decision belongs into the log; remembers the grant. A new epoch begins anew, and grants from number
/// AUDIT_SEEN_GRANTS on are recorded each time.
static inline bool audit_wants(audit_mode mode, audit_seen *seen, bool allowed, uint32_t grant, uint64_t epoch)
{
    if (!allowed || mode == AUDIT_ALL)
        return true;
    if (mode == AUDIT_REFUSALS)
        return false;
    if (seen->epoch != epoch)
        *seen = (audit_seen){.epoch = epoch};
    if (grant >= AUDIT_SEEN_GRANTS)
        return true;
    uint64_t bit = 1ull << (grant % 64);
    bool first = (seen->grants[grant / 64] & bit) == 0;
    seen->grants[grant / 64] |= bit;
    return first;
}

#endif
