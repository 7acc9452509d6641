// SPDX-License-Identifier: MIT OR Apache-2.0
/// An envelope carries one message, one reply or one down event through a mailbox.
///
/// Envelopes are recycled in a pool, so that nothing is allocated on the way of a small payload. A
/// payload of up to ENVELOPE_INLINE bytes lies in the envelope; a larger one in a block of its own
/// that is counted and may be shared by several envelopes. A trace parent lies behind the payload, wherever that is, so
/// who has none has no room for it either.
#ifndef ACTOR_ENVELOPE_H
#define ACTOR_ENVELOPE_H

#include "actor/trace.h"
#include "airssys/system.h"
#include "base/atomics.h"
#include "ds/mailbox.h"
#include "ds/pool.h"

#define ENVELOPE_INLINE 128u

/// A large payload. Immutable once it is shared.
typedef struct envelope_block {
    BASE_ATOMIC(uint32_t) references;
    size_t len;
    uint8_t data[];
} envelope_block;

typedef enum envelope_kind {
    ENVELOPE_MESSAGE = 0,
    ENVELOPE_REPLY = 1,
    /// The end of an actor that the receiver monitors or is linked to: `sender` is that actor, `request` the monitor
    /// (0: a link), `status` an airs_exit, `will_restart` says so, and the payload is the text.
    ENVELOPE_DOWN = 2,
    /// Of the health driver: `actor_take` makes a message of it.
    ENVELOPE_PROBE = 3,
} envelope_kind;

typedef struct envelope {
    ds_mailbox_node node;
    /// Of a message: unique in the life of the system.
    uint64_t id;
    /// Raw id; 0 is the host.
    uint64_t sender;
    /// Of a message: to be answered, 0 when not. Of a reply: what it answers.
    uint64_t request;
    /// NULL while the payload is inline.
    envelope_block *block;
    /// The topic it was published on; NULL when it was sent.
    envelope_block *topic;
    uint32_t len;
    union {
        /// Of a reply: the incarnation that asked; another one does not get it. Of a down: the one that took it and
        /// put it back, 0 when none has.
        uint32_t incarnation;
        /// Of a message: how often an incarnation has failed while it had it in hand.
        uint32_t attempts;
    };
    uint8_t kind;
    /// Whether it took a place of the mailbox's limit.
    bool counted;
    /// Of a reply: an airs_status.
    uint8_t status;
    /// Of a down.
    bool will_restart;
    /// An airs_route, for its counters; AIRS_ROUTES where it does not count as a message that was sent.
    uint8_t route;
    /// It has a trace parent: at the end of `bytes`, or behind the block's data.
    bool traced;
    /// Of a message that an actor sends to itself: its twin has (upgrade.h).
    bool of_twin;
    uint8_t bytes[ENVELOPE_INLINE];
} envelope;

/// An empty message; NULL when there is no memory. Any thread.
envelope *envelope_create(ds_pool *pool, uint32_t cache);

/// Copies the payload in, in place of an earlier one. False when there is no memory; it is then empty.
bool envelope_fill(envelope *mail, const airs_allocator *allocator, airs_bytes payload);

/// Gives it a trace parent, NULL for none. Before it is shared, after it was filled. False when there is no memory; it
/// has none then.
bool envelope_set_trace(envelope *mail, const airs_allocator *allocator, const trace_parent *trace);
/// Its trace parent; NULL when it has none. Valid as long as the envelope.
const trace_parent *envelope_trace(const envelope *mail);

/// Valid as long as the envelope.
airs_bytes envelope_payload(const envelope *mail);
/// The topic, its data NULL when there is none.
airs_bytes envelope_topic(const envelope *mail);

/// A block with a copy of the bytes, counted once; NULL when there is no memory.
envelope_block *envelope_block_create(const airs_allocator *allocator, airs_bytes bytes);
/// NULL is allowed.
void envelope_block_retain(envelope_block *block);
void envelope_block_release(envelope_block *block, const airs_allocator *allocator);

/// Another message of the same payload and topic, which large ones share; from nobody, to be answered by nobody.
/// NULL when there is no memory.
envelope *envelope_share(const envelope *mail, ds_pool *pool, uint32_t cache);

/// Gives it back to the pool. NULL is allowed. Any thread.
void envelope_destroy(envelope *mail, ds_pool *pool, uint32_t cache, const airs_allocator *allocator);

#endif
