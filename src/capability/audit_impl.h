// SPDX-License-Identifier: MIT OR Apache-2.0
/// The inside of the audit log: audit.c opens and closes it, audit_channel.c are the rings, audit_writer.c its thread.
///
/// A channel is a ring of bytes between its thread and the log's. Positions only grow; an entry is its length in four
/// bytes and an encoded record, at multiples of eight, never across the ring's end.
///
///   release                               acquire                              what it hands over
///   channel.head, by the channel          channel.head, by the log             entries before it
///   channel.tail, by the log              channel.tail, by the channel         the room before it
///   channel.durable, by the log           channel.durable, by the channel      `oldest_ns`, and that it is on the disk
///
/// Sleeping: who is about to sleep says so (`asleep`, `waiters`, `impatient`) and looks again; who has something new
/// looks for sleepers behind it. These four accesses are seq_cst, so that one of both sees the other.
#ifndef CAPABILITY_AUDIT_IMPL_H
#define CAPABILITY_AUDIT_IMPL_H

#include "base/atomics.h"
#include "capability/audit.h"
#include "os/mutex.h"
#include "os/thread.h"

/// An entry's length when the rest of the ring is left out.
#define AUDIT_ENTRY_SKIP UINT32_MAX
#define AUDIT_ENTRY_MAX (8u + AUDIT_RECORD_MAX)

struct audit_channel {
    audit_log *log;
    audit_channel *next;
    uint8_t *ring;
    uint64_t size;

    // The channel's thread.
    /// As `tail` was when it was last looked at.
    uint64_t seen_tail;
    /// When the record was taken behind which nothing was open.
    uint64_t since_ns;
    _Alignas(BASE_CACHE_LINE) BASE_ATOMIC(uint64_t) head;
    BASE_ATOMIC(bool) closed;

    // The log's thread.
    _Alignas(BASE_CACHE_LINE) BASE_ATOMIC(uint64_t) tail;
    BASE_ATOMIC(uint64_t) durable;
    /// The time of the entry at `durable`, when there was one as it was set.
    BASE_ATOMIC(uint64_t) oldest_ns;
};

typedef enum audit_state {
    AUDIT_WRITES,
    /// The last attempt failed.
    AUDIT_FAILS,
    /// It won't be tried again.
    AUDIT_STOPPED,
} audit_state;

typedef enum audit_sleep {
    AUDIT_AWAKE,
    /// Until there is something to write.
    AUDIT_IDLE,
    /// Until it is time, or a ring is half full, or somebody waits.
    AUDIT_DOZES,
} audit_sleep;

/// What is written and not yet on the disk, and where it goes.
typedef struct audit_buffer {
    uint8_t *data;
    size_t size;
    size_t len;
    /// Where in `data` the open block begins; `len` is behind its last record.
    size_t block;
    uint32_t block_count;
    /// Records in `data`, those of the open block too.
    uint64_t records;
    /// The number of the next record, and the hash of the last frame.
    uint64_t next_record;
    audit_hash chain;
} audit_buffer;

struct audit_log {
    audit_files files;
    const airs_allocator *allocator;
    uint8_t secret[AUDIT_SECRET_SIZE];
    uint64_t sync_ns;
    uint64_t wait_max_ns;
    uint64_t segment_max;
    uint32_t segments_max;
    uint32_t ring_size;
    bool stop_on_failure;
    void (*failed)(void *user, const char *text);
    void *user;
    os_thread thread;

    BASE_ATOMIC(uint32_t) state;
    BASE_ATOMIC(bool) stop;
    /// Counts what may let a channel go on; who waits sleeps on it.
    BASE_ATOMIC(uint32_t) turns;
    BASE_ATOMIC(uint32_t) waiters;
    /// Those of them that wait for the disk.
    BASE_ATOMIC(uint32_t) impatient;
    /// Someone has waited for the disk in vain, and nothing has come to it since: nobody waits again until it has.
    BASE_ATOMIC(bool) hangs;
    /// Counts what may wake the log's thread, which sleeps on it.
    BASE_ATOMIC(uint32_t) bell;
    BASE_ATOMIC(uint32_t) asleep;

    os_mutex lock;
    /// Under the lock.
    audit_channel *channels;

    // The log's thread, and whoever opens and closes.
    audit_buffer buffer;
    /// The open segment; -1: it is made with the next writing.
    int file;
    int head_file;
    /// Where `buffer` goes.
    uint64_t offset;
    /// The last checkpoint; but its segment is the one that is written now.
    audit_head head;
    /// Segments before this one are gone.
    uint32_t removed_before;
    /// The last failure.
    char problem[256];
};

// audit_channel.c

/// Moves what is in the ring behind the buffer's last record, as far as there is room. Whether anything was moved.
bool audit_channel_drain(audit_channel *self, audit_buffer *buffer);
/// Says that all that was moved is on the disk.
void audit_channel_settle(audit_channel *self);
void audit_channel_free(audit_channel *self);
void audit_log_ring(audit_log *self);

// audit_buffer.c

/// Room for one more record, and for what comes behind the last one.
bool audit_buffer_has_room(const audit_buffer *self);
/// Begins a block when none is open, and puts an encoded record into it.
void audit_buffer_add(audit_buffer *self, const uint8_t *record, size_t len);
/// Ends the open block, if there is one.
void audit_buffer_seal(audit_buffer *self);

// audit_writer.c

/// Begins a segment behind `before_len` bytes of the one before: its header goes into the buffer.
void audit_log_begin_segment(audit_log *self, uint64_t before_len);
/// Writes the buffer with a checkpoint, syncs, and tells the head. E_IO: `problem` says why; it can be tried again.
airs_status audit_log_flush(audit_log *self, uint32_t flags);
void audit_log_run(void *user);

#endif
