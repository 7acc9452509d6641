// SPDX-License-Identifier: MIT OR Apache-2.0
#include "actor/space.h"

#include "actor/hooks.h"
#include "base/alloc.h"
#include "base/hash.h"

airs_status actor_space_init(actor_space *space, sched *scheduler, uint32_t actors_max, const airs_allocator *allocator,
                             const base_log *log)
{
    *space = (actor_space){.sched = scheduler, .allocator = allocator};
    base_log_init(&space->log, log->fn, log->user, (airs_log_level)base_atomic_load_relaxed(&log->level));
    uint32_t workers = sched_worker_count(scheduler);
    ds_slotmap_init(&space->actors, actors_max, allocator);
    ds_namemap_init(&space->names, base_hash_key_random(), sched_retirer(scheduler), allocator);
    far_table_init(&space->far, space);
    space->counters_count = workers + 1;
    space->counters = base_alloc_aligned(allocator, space->counters_count * sizeof *space->counters, BASE_CACHE_LINE);
    airs_status status = space->counters == NULL ? AIRS_E_NOMEM : AIRS_OK;
    if (status == AIRS_OK)
        status = ds_pool_init(&space->envelopes, sizeof(envelope), workers, 0, allocator);
    if (status == AIRS_OK)
        status = request_table_init(&space->requests, workers, allocator);
    if (status != AIRS_OK)
        actor_space_fini(space);
    return status;
}

void actor_space_set_owner(actor_space *space, uint16_t owner)
{
    space->owner = owner;
    ds_slotmap_set_owner(&space->actors, owner);
}

void actor_space_fini(actor_space *space)
{
    actor_hooks_fini(space);
    request_table_fini(&space->requests, space->allocator);
    ds_pool_fini(&space->envelopes);
    far_table_fini(&space->far, space->allocator);
    ds_namemap_fini(&space->names);
    ds_slotmap_fini(&space->actors);
    base_free_aligned(space->allocator, space->counters);
    space->counters = NULL;
}

actor_counters *actor_space_counters(actor_space *space, bool *ret_shared)
{
    uint32_t worker = sched_worker_index(space->sched);
    *ret_shared = worker == SCHED_NO_WORKER;
    return &space->counters[*ret_shared ? space->counters_count - 1 : worker];
}

void actor_space_routes(const actor_space *space, airs_routes *ret_routes)
{
    *ret_routes = (airs_routes){0};
    for (uint32_t i = 0; i < space->counters_count; i++) {
        for (unsigned route = 0; route < AIRS_ROUTES; route++) {
            for (unsigned outcome = 0; outcome < AIRS_OUTCOMES; outcome++)
                ret_routes->count[route][outcome] +=
                    base_atomic_load_relaxed(&space->counters[i].routes[route][outcome]);
        }
    }
}

/// What the metrics say of all routes together.
static void sum_routes(const airs_routes *routes, airs_metrics *ret_metrics)
{
    for (unsigned route = 0; route < AIRS_ROUTES; route++) {
        const uint64_t *of = routes->count[route];
        ret_metrics->requests_timed_out += of[AIRS_OUTCOME_TIMEOUT];
        if (route == AIRS_ROUTE_REPLY)
            continue;
        // What went to another app is in a mailbox of that.
        if (route != AIRS_ROUTE_APP)
            ret_metrics->messages_sent += of[AIRS_OUTCOME_DELIVERED];
        ret_metrics->messages_refused += of[AIRS_OUTCOME_FULL] + of[AIRS_OUTCOME_GONE] + of[AIRS_OUTCOME_TOO_LARGE];
    }
}

void actor_space_metrics(const actor_space *space, airs_metrics *ret_metrics)
{
    const histogram *latencies[SCHED_WORKERS_MAX + 1];
    for (uint32_t i = 0; i < space->counters_count; i++) {
        const actor_counters *from = &space->counters[i];
        latencies[i] = &from->latency;
        ret_metrics->messages_handled += base_atomic_load_relaxed(&from->handled);
        ret_metrics->messages_failed += base_atomic_load_relaxed(&from->failed);
        ret_metrics->messages_dropped += base_atomic_load_relaxed(&from->dropped);
        ret_metrics->requests += base_atomic_load_relaxed(&from->requests);
        ret_metrics->replies_late += base_atomic_load_relaxed(&from->replies_late);
        ret_metrics->restarts += base_atomic_load_relaxed(&from->restarts);
        ret_metrics->checkpoints += base_atomic_load_relaxed(&from->checkpoints);
        ret_metrics->checkpoints_failed += base_atomic_load_relaxed(&from->checkpoints_failed);
    }
    airs_routes routes;
    actor_space_routes(space, &routes);
    sum_routes(&routes, ret_metrics);
    ret_metrics->workers = sched_worker_count(space->sched);
    ret_metrics->actors = ds_slotmap_len(&space->actors);
    ret_metrics->request_p50_ns = histogram_quantile_ns(latencies, space->counters_count, 0.5);
    ret_metrics->request_p99_ns = histogram_quantile_ns(latencies, space->counters_count, 0.99);
}

uint64_t actor_space_latency(const actor_space *space, uint64_t ret_counts[HISTOGRAM_BUCKETS])
{
    const histogram *latencies[SCHED_WORKERS_MAX + 1];
    for (uint32_t i = 0; i < space->counters_count; i++)
        latencies[i] = &space->counters[i].latency;
    return histogram_add_up(latencies, space->counters_count, ret_counts);
}

/// The worker in the upper 16 bits, its count in the lower 48.
static uint64_t new_message_id(actor_space *space)
{
    bool shared;
    actor_counters *counters = actor_space_counters(space, &shared);
    uint64_t made = base_atomic_load_relaxed(&counters->made) + 1u;
    if (shared)
        made = base_atomic_fetch_add_relaxed(&counters->made, 1u) + 1u;
    else
        base_atomic_store_relaxed(&counters->made, made);
    return (uint64_t)(counters - space->counters + 1) << 48 | made;
}

airs_status actor_space_envelope(actor_space *space, airs_bytes payload, envelope **ret_envelope)
{
    if (payload.len > ACTOR_MESSAGE_MAX)
        return AIRS_E_TOO_LARGE;
    envelope *made = envelope_create(&space->envelopes, actor_space_cache(space));
    if (made == NULL)
        return AIRS_E_NOMEM;
    if (!envelope_fill(made, space->allocator, payload)) {
        actor_space_discard(space, made);
        return AIRS_E_NOMEM;
    }
    made->id = new_message_id(space);
    *ret_envelope = made;
    return AIRS_OK;
}

void actor_space_discard(actor_space *space, envelope *mail)
{
    envelope_destroy(mail, &space->envelopes, actor_space_cache(space), space->allocator);
}
