// SPDX-License-Identifier: MIT OR Apache-2.0
/// Pending requests: each is settled exactly once, by its reply, its time limit, the receiver's end,
/// or the asker's giving up.
///
/// Memory    Slots are type-stable: they are recycled, and freed only with the table. So a stale id
///           may always be looked at; its generation tells.
/// State     `word` is {generation:40, state:3}:
///
///             FREE --open--> WAITING --settle--> SETTLING --> SETTLED --take--> FREE
///                               |                    |                           ^
///                               +--abandon-----------|---------------------------+
///                                                    +--abandon--> ABANDONED ----+ by the settler
///
///           Only who moves WAITING on, by compare-and-swap, may write the slot's other fields.
/// Kinds     PARKED: the asker's task is woken and takes the outcome from the slot.
///           EVENT: the outcome goes into the asker's mailbox.
///           CALLBACK: a function is called with it.
///           FAR: asked from another system, whose own request has the time limit too and the reply's envelope.
/// Replies   need no memory: each request holds the envelope of its reply from the beginning.
#ifndef ACTOR_REQUESTS_H
#define ACTOR_REQUESTS_H

#include "actor/envelope.h"
#include "airssys/actor.h"
#include "os/mutex.h"
#include "sched/sched.h"

typedef struct actor_space actor_space;

typedef enum request_kind {
    REQUEST_PARKED,
    REQUEST_EVENT,
    REQUEST_CALLBACK,
    REQUEST_FAR,
} request_kind;

/// Takes the outcome of a request `asker` of another system. False when nobody waits for it there. Must not block.
typedef bool (*request_far_fn)(void *user, uint64_t asker, airs_status status, airs_bytes payload);

typedef struct request_slot {
    /// Release when it moves to WAITING, SETTLED or FREE; acquire by who acts on what it read.
    BASE_ATOMIC(uint64_t) word;
    /// When it times out; read by a firing timer that may belong to an earlier use of the slot.
    BASE_ATOMIC(uint64_t) deadline_ns;
    actor_space *space;
    uint32_t index;
    request_kind kind;
    airs_route route;
    /// Also read by who finds out only afterwards that the slot is another request's.
    BASE_ATOMIC(uint64_t) asker;
    BASE_ATOMIC(uint64_t) receiver;
    uint32_t incarnation;
    uint64_t sent_ns;
    envelope *reply;
    airs_reply_fn fn;
    request_far_fn far_fn;
    void *user;
    /// Its number where it was sent on to another system; 0: it was not. May be one of an earlier use of the slot,
    /// which that system finds out.
    BASE_ATOMIC(uint64_t) far;
    /// Of FAR: systems that it has crossed into.
    BASE_ATOMIC(uint32_t) hops;
    sched_timer timer;
    struct request_slot *next_free;
} request_slot;

/// Slots in one chunk.
#define REQUEST_CHUNK 256u
/// Chunks in one directory, and directories.
#define REQUEST_DIRECTORY 64u
/// Requests pending at once at most.
#define REQUESTS_MAX (REQUEST_CHUNK * REQUEST_DIRECTORY * REQUEST_DIRECTORY)

/// A worker's free slots, so that open and settle share no line with other workers.
typedef struct request_cache {
    request_slot *free;
    uint32_t count;
    char pad[BASE_CACHE_LINE - sizeof(void *) - sizeof(uint32_t)];
} request_cache;

/// Chunks, as they are made; NULL behind the last.
typedef struct request_directory {
    BASE_ATOMIC(request_slot *) chunks[REQUEST_DIRECTORY];
} request_directory;

typedef struct request_table {
    BASE_ATOMIC(request_directory *) directories[REQUEST_DIRECTORY];
    request_cache *caches;
    uint32_t caches_count;
    os_mutex lock;
    // Under the lock.
    request_slot *free;
    uint32_t made;
} request_table;

/// Errors: E_NOMEM.
airs_status request_table_init(request_table *table, uint32_t caches, const airs_allocator *allocator);
void request_table_fini(request_table *table, const airs_allocator *allocator);

typedef struct request_options {
    request_kind kind;
    /// An actor; of FAR the other system's request.
    uint64_t asker;
    uint32_t incarnation;
    uint64_t receiver;
    uint64_t timeout_ms;
    airs_reply_fn fn;
    /// Of FAR, in the place of `fn`.
    request_far_fn far_fn;
    uint32_t hops;
    void *user;
    /// The asker, of EVENT: it is given up with its incarnation. NULL otherwise.
    struct actor *owner;
    /// Of the message, and of the outcome as an event. NULL: none.
    const trace_parent *trace;
    /// How its receiver was found.
    airs_route route;
} request_options;

/// Opens a request; its time limit runs from now. Errors: E_LIMIT REQUESTS_MAX are pending; E_NOMEM.
/// Thread: any.
airs_status request_open(actor_space *space, const request_options *options, uint64_t *ret_id);

/// Hands a request on to another receiver. False when it is settled. Thread: the receiver's.
bool request_forward(actor_space *space, uint64_t id, uint64_t from, uint64_t to);

/// Settles a request with what its asker gets. Only `receiver` may, 0 is the runtime itself. False when it
/// was settled already, was given up or is somebody else's. Thread: any.
bool request_settle(actor_space *space, uint64_t id, uint64_t receiver, airs_status status, airs_bytes payload);

/// Settles one whose receiver's incarnation has ended: as failed, with this text. One from another system is GONE when
/// this system stops: there the app has ended. Thread: any.
void request_receiver_ended(actor_space *space, uint64_t id, airs_bytes why);

/// Settles all that wait as GONE: nobody is left who could answer. Thread: any.
void requests_end(actor_space *space);

/// The request was sent on to another system, where it has this number. The thread that opened it.
void request_set_far(actor_space *space, uint64_t id, uint64_t far);

/// How many systems the request has crossed into; 0 of one that was made in this one. Thread: any.
uint32_t request_hops(actor_space *space, uint64_t id);

/// Gives up a request of `asker`: nothing is delivered. False when it was settled already. Thread: any.
bool request_cancel(actor_space *space, uint64_t id, uint64_t asker);

/// Gives up a PARKED request whose outcome was not taken, in whatever state it is. Thread: the asker's.
void request_abandon(actor_space *space, uint64_t id);

/// The outcome of a PARKED request, or NULL when it is still pending. The envelope is the caller's, and the
/// request has ended. Thread: the asker's.
envelope *request_take(actor_space *space, uint64_t id);

/// Requests that have not come to their end: a walk over the table, for tests and for who is curious. Thread: any.
uint32_t requests_count(const actor_space *space);

/// Whether somebody still waits for it. Thread: any.
bool request_is_waiting(actor_space *space, uint64_t id);

/// Who has to answer it; 0 when nobody waits for it. Thread: any.
uint64_t request_receiver(actor_space *space, uint64_t id);

/// Nanoseconds that its asker still waits; 0 when it does not. Thread: any.
uint64_t request_time_left_ns(actor_space *space, uint64_t id);

#endif
