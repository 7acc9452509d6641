// SPDX-License-Identifier: MIT OR Apache-2.0
/// What all actors of a system share: the registry, the pools, the requests, the counters.
#ifndef ACTOR_SPACE_H
#define ACTOR_SPACE_H

#include "actor/elsewhere.h"
#include "actor/histogram.h"
#include "actor/requests.h"
#include "airssys/system.h"
#include "base/atomics.h"
#include "base/log.h"
#include "ds/namemap.h"
#include "ds/pool.h"
#include "ds/slotmap.h"
#include "sched/sched.h"

typedef struct actor actor;

/// The largest `max_message` that may be configured.
#define ACTOR_MESSAGE_MAX (64u << 20)

/// Counted by the worker that it happens on; foreign threads share the last of the set.
typedef struct actor_counters {
    /// Messages made, for their ids.
    BASE_ATOMIC(uint64_t) made;
    /// The last row is of events that nobody sent: it is not shown.
    BASE_ATOMIC(uint64_t) routes[AIRS_ROUTES + 1][AIRS_OUTCOMES];
    BASE_ATOMIC(uint64_t) handled;
    BASE_ATOMIC(uint64_t) failed;
    BASE_ATOMIC(uint64_t) dropped;
    BASE_ATOMIC(uint64_t) requests;
    BASE_ATOMIC(uint64_t) replies_late;
    BASE_ATOMIC(uint64_t) restarts;
    BASE_ATOMIC(uint64_t) checkpoints;
    BASE_ATOMIC(uint64_t) checkpoints_failed;
    histogram latency;
} actor_counters;

struct actor_space {
    sched *sched;
    const airs_allocator *allocator;
    base_log log;
    airs_system *system;

    /// In all ids of this space: those of another one are nobody's here.
    uint16_t owner;
    /// Ids to actors. Found in a read section of the scheduler.
    ds_slotmap actors;
    ds_namemap names;
    ds_pool envelopes;
    request_table requests;
    /// Names of other systems (elsewhere.h), and who knows those; NULL: nobody, and nothing leaves.
    far_table far;
    BASE_ATOMIC(const actor_elsewhere *) elsewhere;

    /// One for each worker, and one for all other threads.
    actor_counters *counters;
    uint32_t counters_count;

    /// Takes what reached nobody, with its envelope; NULL: it is discarded. Any thread, in a read section.
    /// `text` is what is to be said about it, of AIRS_DROP_HOOK; else "".
    void (*dead_letter)(actor_space *space, const actor *receiver, envelope *mail, airs_drop_reason reason,
                        const char *text);
    /// What the incarnation held beside its requests is to end. NULL: it holds nothing. The actor's owner.
    void (*incarnation_ended)(actor_space *space, actor *ended);
    /// Whose functions the two are: `router` (route/router.h). Actors know it as a pointer only.
    struct router *router;
    /// Guards the lists of senders that wait for a place.
    os_mutex parking_lock;
    /// Held by who makes lines of a trap (failures.h).
    os_mutex describe_lock;

    /// Of actors that have none of their own; NULL: none.
    const airs_hooks *hooks;
    /// Of whoever has hooks (hooks.h); made under the lock for the first.
    os_mutex hooks_lock;
    struct actor_hook_watch *hook_watch;
    airs_event_fn event_fn;
    void *event_user;

    /// No new actor and no new message from outside.
    BASE_ATOMIC(bool) stopping;
    /// Actors spawned so far.
    BASE_ATOMIC(uint64_t) spawned;
    /// Cells whose memory has not been freed.
    BASE_ATOMIC(uint64_t) cells;
};

/// `scheduler` outlives the space. Errors: E_NOMEM. Ended with `actor_space_fini`.
airs_status actor_space_init(actor_space *space, sched *scheduler, uint32_t actors_max, const airs_allocator *allocator,
                             const base_log *log);

/// Sets the owner of the ids, 0 until now. Before the first spawn.
void actor_space_set_owner(actor_space *space, uint16_t owner);

/// After the scheduler has stopped and every actor has ended.
void actor_space_fini(actor_space *space);

/// This thread's cache in the pools.
static inline uint32_t actor_space_cache(const actor_space *space)
{
    return sched_worker_index(space->sched);
}

/// Counts one more of `counter`, a member of actor_counters.
#define ACTOR_COUNT(space, counter)                                                                             \
    do {                                                                                                        \
        bool shared_;                                                                                           \
        actor_counters *counters_ = actor_space_counters((space), &shared_);                                    \
        if (shared_)                                                                                            \
            (void)base_atomic_fetch_add_relaxed(&counters_->counter, 1u);                                       \
        else                                                                                                    \
            base_atomic_store_relaxed(&counters_->counter, base_atomic_load_relaxed(&counters_->counter) + 1u); \
    } while (0)

/// Counts one more message of a route and an outcome.
#define ACTOR_COUNT_ROUTE(space, route, outcome) ACTOR_COUNT(space, routes[route][outcome])

/// This thread's counters; `*ret_shared` when other threads write to them too.
actor_counters *actor_space_counters(actor_space *space, bool *ret_shared);

/// Messages by route and outcome.
void actor_space_routes(const actor_space *space, airs_routes *ret_routes);

/// Fills in what the actors' part of the metrics is.
/// From a request's send to its reply's arrival, of those that got one: how many fell into each bucket (histogram.h).
/// Returns their sum. Thread: any.
uint64_t actor_space_latency(const actor_space *space, uint64_t ret_counts[HISTOGRAM_BUCKETS]);

void actor_space_metrics(const actor_space *space, airs_metrics *ret_metrics);

/// A filled envelope, counted as nobody's yet. Errors: E_NOMEM; E_TOO_LARGE over ACTOR_MESSAGE_MAX.
airs_status actor_space_envelope(actor_space *space, airs_bytes payload, envelope **ret_envelope);

void actor_space_discard(actor_space *space, envelope *mail);

#endif
