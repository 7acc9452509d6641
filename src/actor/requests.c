// SPDX-License-Identifier: MIT OR Apache-2.0
#include "actor/requests.h"

#include "actor/cell.h"
#include "actor/space.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "os/clock.h"

enum {
    STATE_FREE = 0,
    STATE_WAITING = 1,
    STATE_SETTLING = 2,
    STATE_SETTLED = 3,
    STATE_ABANDONED = 4,
    /// Its timer is being started: nobody's to settle.
    STATE_OPENING = 5,
    /// A timer that fired meanwhile has found it due.
    STATE_EXPIRED = 6,
};

#define STATE_BITS 3u
#define STATE_MASK ((1u << STATE_BITS) - 1u)
#define INDEX_BITS 20u
/// Free slots that move between a worker's cache and the table at once.
#define BATCH 64u

_Static_assert(REQUESTS_MAX == 1u << INDEX_BITS, "an id has room for each slot's index");

static uint64_t word_of(uint64_t generation, unsigned state)
{
    return generation << STATE_BITS | state;
}

/// With the owner on top: a number of another system is, but for 2^28 uses of a slot, that of no request here.
static uint64_t id_of(const request_slot *slot, uint64_t generation)
{
    return (generation << INDEX_BITS | slot->index) + ((uint64_t)slot->space->owner << 48);
}

static uint64_t generation_of(const actor_space *space, uint64_t id)
{
    return (id - ((uint64_t)space->owner << 48)) >> INDEX_BITS;
}

/// The chunk of that number, or NULL when there are not so many.
static request_slot *chunk_at(const request_table *table, uint32_t number)
{
    const request_directory *directory = base_atomic_load_acquire(&table->directories[number / REQUEST_DIRECTORY]);
    return directory == NULL ? NULL : base_atomic_load_acquire(&directory->chunks[number % REQUEST_DIRECTORY]);
}

/// The slot of an id, or NULL for a number that never was one.
static request_slot *slot_of(actor_space *space, uint64_t id)
{
    uint32_t index = (uint32_t)(id & (REQUESTS_MAX - 1u));
    request_slot *chunk = chunk_at(&space->requests, index / REQUEST_CHUNK);
    return chunk == NULL || generation_of(space, id) == 0 ? NULL : &chunk[index % REQUEST_CHUNK];
}

// ---------------------------------------------------------------- free slots

airs_status request_table_init(request_table *table, uint32_t caches, const airs_allocator *allocator)
{
    *table = (request_table){.caches_count = caches};
    table->caches = base_alloc_array(allocator, caches, sizeof *table->caches);
    return table->caches == NULL ? AIRS_E_NOMEM : AIRS_OK;
}

void request_table_fini(request_table *table, const airs_allocator *allocator)
{
    for (uint32_t i = 0; i < table->made / REQUEST_CHUNK; i++)
        base_free(allocator, chunk_at(table, i));
    for (uint32_t i = 0; i < REQUEST_DIRECTORY && base_atomic_load_relaxed(&table->directories[i]) != NULL; i++)
        base_free(allocator, base_atomic_load_relaxed(&table->directories[i]));
    base_free(allocator, table->caches);
    table->caches = NULL;
}

static void on_timeout(sched_timer *timer);

/// Where the next chunk goes; NULL without memory. Under the lock.
static request_directory *next_directory(actor_space *space)
{
    uint32_t number = space->requests.made / REQUEST_CHUNK / REQUEST_DIRECTORY;
    request_directory *directory = base_atomic_load_relaxed(&space->requests.directories[number]);
    if (directory != NULL)
        return directory;
    directory = base_alloc_zeroed(space->allocator, sizeof *directory);
    // release: who finds it finds it empty.
    base_atomic_store_release(&space->requests.directories[number], directory);
    return directory;
}

/// Makes a chunk of free slots. Under the lock.
static bool grow(actor_space *space)
{
    request_table *table = &space->requests;
    if (table->made == REQUESTS_MAX)
        return false;
    request_directory *directory = next_directory(space);
    if (directory == NULL)
        return false;
    request_slot *chunk = base_alloc_array(space->allocator, REQUEST_CHUNK, sizeof *chunk);
    if (chunk == NULL)
        return false;
    for (uint32_t i = 0; i < REQUEST_CHUNK; i++) {
        request_slot *slot = &chunk[i];
        slot->space = space;
        slot->index = table->made + i;
        base_atomic_init(&slot->word, word_of(1, STATE_FREE));
        sched_timer_init(&slot->timer, on_timeout, slot);
        slot->next_free = i + 1 < REQUEST_CHUNK ? &chunk[i + 1] : table->free;
    }
    table->free = chunk;
    base_atomic_store_release(&directory->chunks[table->made / REQUEST_CHUNK % REQUEST_DIRECTORY], chunk);
    table->made += REQUEST_CHUNK;
    return true;
}

static request_slot *take_shared(actor_space *space)
{
    request_table *table = &space->requests;
    if (table->free == NULL && !grow(space))
        return NULL;
    request_slot *slot = table->free;
    table->free = slot->next_free;
    return slot;
}

static request_slot *take_slot(actor_space *space)
{
    request_table *table = &space->requests;
    uint32_t worker = actor_space_cache(space);
    request_cache *cache = worker < table->caches_count ? &table->caches[worker] : NULL;
    if (cache != NULL && cache->free != NULL) {
        request_slot *slot = cache->free;
        cache->free = slot->next_free;
        cache->count--;
        return slot;
    }
    os_mutex_lock(&table->lock);
    request_slot *slot = take_shared(space);
    while (cache != NULL && cache->count < BATCH && table->free != NULL) {
        request_slot *extra = take_shared(space);
        extra->next_free = cache->free;
        cache->free = extra;
        cache->count++;
    }
    os_mutex_unlock(&table->lock);
    return slot;
}

/// Ends this use of a slot: its id is stale from now on.
static void release_slot(actor_space *space, request_slot *slot, uint64_t generation)
{
    request_table *table = &space->requests;
    slot->reply = NULL;
    base_atomic_store_release(&slot->word, word_of(generation + 1, STATE_FREE));
    uint32_t worker = actor_space_cache(space);
    if (worker < table->caches_count && table->caches[worker].count < 2 * BATCH) {
        request_cache *cache = &table->caches[worker];
        slot->next_free = cache->free;
        cache->free = slot;
        cache->count++;
        return;
    }
    os_mutex_lock(&table->lock);
    slot->next_free = table->free;
    table->free = slot;
    os_mutex_unlock(&table->lock);
}

// ---------------------------------------------------------------- open

/// The slot is nobody's to settle before its timer has been started: a timer that still fires for an earlier use of it
/// takes it for its own when it is due at once, and whoever gets the slot next would start the same timer.
static void begin_waiting(actor_space *space, request_slot *slot, uint64_t generation, uint64_t deadline_ns)
{
    for (;;) {
        uint64_t opening = word_of(generation, STATE_OPENING);
        base_atomic_store_release(&slot->word, opening);
        sched_timer_start(space->sched, &slot->timer, deadline_ns);
        if (base_atomic_cas_acq_rel(&slot->word, &opening, word_of(generation, STATE_WAITING)))
            return;
        // Expired: what fires finds it from now on. It was its own timer, or an earlier one, and its own is pending.
        (void)sched_timer_cancel(space->sched, &slot->timer);
    }
}

airs_status request_open(actor_space *space, const request_options *options, uint64_t *ret_id)
{
    request_slot *slot = take_slot(space);
    if (slot == NULL)
        return AIRS_E_LIMIT;
    uint64_t generation = base_atomic_load_relaxed(&slot->word) >> STATE_BITS;
    slot->reply = options->kind == REQUEST_FAR ? NULL : envelope_create(&space->envelopes, actor_space_cache(space));
    if (slot->reply == NULL && options->kind != REQUEST_FAR) {
        release_slot(space, slot, generation);
        return AIRS_E_NOMEM;
    }
    // Without memory for it the outcome has none.
    if (options->trace != NULL && slot->reply != NULL)
        (void)envelope_set_trace(slot->reply, space->allocator, options->trace);
    slot->kind = options->kind;
    slot->route = options->route;
    slot->incarnation = options->incarnation;
    slot->fn = options->fn;
    slot->far_fn = options->far_fn;
    base_atomic_store_relaxed(&slot->far, 0u);
    base_atomic_store_relaxed(&slot->hops, options->hops);
    slot->user = options->user;
    slot->sent_ns = sched_now_ns(space->sched);
    base_atomic_store_relaxed(&slot->asker, options->asker);
    base_atomic_store_relaxed(&slot->receiver, options->receiver);
    uint64_t deadline_ns = os_deadline_ms(slot->sent_ns, options->timeout_ms);
    base_atomic_store_relaxed(&slot->deadline_ns, deadline_ns);
    begin_waiting(space, slot, generation, deadline_ns);
    *ret_id = id_of(slot, generation);
    ACTOR_COUNT(space, requests);
    return AIRS_OK;
}

// ---------------------------------------------------------------- settle

static void count_outcome(actor_space *space, const request_slot *slot, airs_status status)
{
    bool shared;
    actor_counters *counters = actor_space_counters(space, &shared);
    if (status == AIRS_OK)
        histogram_add(&counters->latency, sched_now_ns(space->sched) - slot->sent_ns, shared);
    else if (status == AIRS_E_TIMEOUT)
        ACTOR_COUNT_ROUTE(space, slot->route, AIRS_OUTCOME_TIMEOUT);
}

/// Its trace parent stays, where the payload leaves room or there is memory.
static void fill_reply(actor_space *space, envelope *reply, airs_status *status, airs_bytes payload)
{
    trace_parent kept;
    const trace_parent *trace = envelope_trace(reply);
    if (trace != NULL)
        kept = *trace;
    if (!envelope_fill(reply, space->allocator, payload))
        *status = AIRS_E_NOMEM;
    if (trace != NULL)
        (void)envelope_set_trace(reply, space->allocator, &kept);
}

/// The same to who has asked from another system: the envelope of the reply is there. False when nobody waits any more.
static bool deliver_far(actor_space *space, request_slot *slot, uint64_t generation, airs_status status,
                        airs_bytes payload)
{
    request_far_fn fn = slot->far_fn;
    void *user = slot->user;
    uint64_t asker = base_atomic_load_relaxed(&slot->asker);
    count_outcome(space, slot, status);
    release_slot(space, slot, generation);
    return fn(user, asker, status, payload);
}

/// Delivers the outcome of a slot of another kind that this thread has moved to SETTLING.
static void deliver_here(actor_space *space, request_slot *slot, uint64_t generation, airs_status status,
                         airs_bytes payload)
{
    envelope *reply = slot->reply;
    fill_reply(space, reply, &status, payload);
    reply->kind = ENVELOPE_REPLY;
    reply->route = AIRS_ROUTE_REPLY;
    reply->request = id_of(slot, generation);
    reply->incarnation = slot->incarnation;
    reply->status = (uint8_t)status;
    count_outcome(space, slot, status);
    uint64_t asker = base_atomic_load_relaxed(&slot->asker);

    switch (slot->kind) {
    case REQUEST_PARKED: {
        uint64_t settling = word_of(generation, STATE_SETTLING);
        if (base_atomic_cas_acq_rel(&slot->word, &settling, word_of(generation, STATE_SETTLED))) {
            actor_wake_id(space, asker);
            return;
        }
        release_slot(space, slot, generation);
        actor_space_discard(space, reply);
        return;
    }
    case REQUEST_EVENT:
        release_slot(space, slot, generation);
        actor_post_reply(space, asker, reply);
        return;
    case REQUEST_CALLBACK: {
        airs_reply_fn fn = slot->fn;
        void *user = slot->user;
        release_slot(space, slot, generation);
        airs_reply outcome = {{reply->request}, status, envelope_payload(reply)};
        fn(user, &outcome);
        actor_space_discard(space, reply);
        return;
    }
    case REQUEST_FAR:
        return;
    }
}

/// Delivers the outcome of a slot that this thread has moved to SETTLING. False when nobody took it.
static bool deliver(actor_space *space, request_slot *slot, uint64_t generation, airs_status status, airs_bytes payload)
{
    if (slot->kind == REQUEST_FAR)
        return deliver_far(space, slot, generation, status, payload);
    deliver_here(space, slot, generation, status, payload);
    return true;
}

/// Moves WAITING to SETTLING, for whoever is first.
static bool win(request_slot *slot, uint64_t generation)
{
    uint64_t waiting = word_of(generation, STATE_WAITING);
    return base_atomic_cas_acq_rel(&slot->word, &waiting, word_of(generation, STATE_SETTLING));
}

/// A timer may fire for an earlier use of the slot: only a deadline that has passed counts. Then the slot's own may
/// still be pending; it is not when the slot is given away.
static void on_timeout(sched_timer *timer)
{
    request_slot *slot = timer->user;
    actor_space *space = slot->space;
    uint64_t word = base_atomic_load_acquire(&slot->word);
    if (sched_now_ns(space->sched) < base_atomic_load_relaxed(&slot->deadline_ns))
        return;
    while ((word & STATE_MASK) == STATE_OPENING) {
        if (base_atomic_cas_acq_rel(&slot->word, &word, word_of(word >> STATE_BITS, STATE_EXPIRED)))
            return;
    }
    if ((word & STATE_MASK) != STATE_WAITING || !win(slot, word >> STATE_BITS))
        return;
    (void)sched_timer_cancel(space->sched, &slot->timer);
    (void)deliver(space, slot, word >> STATE_BITS, AIRS_E_TIMEOUT, (airs_bytes){0});
}

bool request_settle(actor_space *space, uint64_t id, uint64_t receiver, airs_status status, airs_bytes payload)
{
    request_slot *slot = slot_of(space, id);
    if (slot == NULL)
        return false;
    if (receiver != 0 && base_atomic_load_relaxed(&slot->receiver) != receiver)
        return false;
    uint64_t generation = generation_of(space, id);
    if (!win(slot, generation))
        return false;
    (void)sched_timer_cancel(space->sched, &slot->timer);
    return deliver(space, slot, generation, status, payload);
}

void request_receiver_ended(actor_space *space, uint64_t id, airs_bytes why)
{
    request_slot *slot = slot_of(space, id);
    uint64_t generation = generation_of(space, id);
    if (slot == NULL || !win(slot, generation))
        return;
    (void)sched_timer_cancel(space->sched, &slot->timer);
    bool app_ends = slot->kind == REQUEST_FAR && base_atomic_load_acquire(&space->stopping);
    if (app_ends)
        (void)deliver(space, slot, generation, AIRS_E_GONE, (airs_bytes){0});
    else
        (void)deliver(space, slot, generation, AIRS_E_FAILED, why);
}

void requests_end(actor_space *space)
{
    request_slot *chunk;
    for (uint32_t i = 0; i < REQUESTS_MAX / REQUEST_CHUNK && (chunk = chunk_at(&space->requests, i)) != NULL; i++) {
        for (uint32_t at = 0; at < REQUEST_CHUNK; at++) {
            uint64_t word = base_atomic_load_acquire(&chunk[at].word);
            if ((word & STATE_MASK) == STATE_WAITING)
                (void)request_settle(space, id_of(&chunk[at], word >> STATE_BITS), 0, AIRS_E_GONE, (airs_bytes){0});
        }
    }
}

void request_set_far(actor_space *space, uint64_t id, uint64_t far)
{
    request_slot *slot = slot_of(space, id);
    if (slot != NULL && request_is_waiting(space, id))
        base_atomic_store_relaxed(&slot->far, far);
}

uint32_t request_hops(actor_space *space, uint64_t id)
{
    request_slot *slot = slot_of(space, id);
    return slot == NULL ? 0 : base_atomic_load_relaxed(&slot->hops);
}

bool request_forward(actor_space *space, uint64_t id, uint64_t from, uint64_t to)
{
    request_slot *slot = slot_of(space, id);
    uint64_t generation = generation_of(space, id);
    if (slot == NULL || base_atomic_load_relaxed(&slot->receiver) != from || !win(slot, generation))
        return false;
    base_atomic_store_relaxed(&slot->receiver, to);
    uint64_t settling = word_of(generation, STATE_SETTLING);
    if (!base_atomic_cas_acq_rel(&slot->word, &settling, word_of(generation, STATE_WAITING))) {
        (void)sched_timer_cancel(space->sched, &slot->timer);
        envelope *reply = slot->reply;
        release_slot(space, slot, generation);
        actor_space_discard(space, reply);
        return false;
    }
    // While it was not WAITING its timer may have fired in vain; or it is due, but still pending.
    if (sched_now_ns(space->sched) >= base_atomic_load_relaxed(&slot->deadline_ns) && win(slot, generation)) {
        (void)sched_timer_cancel(space->sched, &slot->timer);
        (void)deliver(space, slot, generation, AIRS_E_TIMEOUT, (airs_bytes){0});
    }
    return true;
}

// ---------------------------------------------------------------- the asker's side

/// Tells the other system that the request was sent on to.
static void cancel_far(actor_space *space, uint64_t receiver, uint64_t id, uint64_t far_id)
{
    const actor_elsewhere *elsewhere = base_atomic_load_acquire(&space->elsewhere);
    actor_far *to = actor_far_find(space, receiver);
    if (elsewhere != NULL && to != NULL)
        elsewhere->cancel(elsewhere->user, to, id, far_id);
}

bool request_cancel(actor_space *space, uint64_t id, uint64_t asker)
{
    request_slot *slot = slot_of(space, id);
    uint64_t generation = generation_of(space, id);
    if (slot == NULL || base_atomic_load_relaxed(&slot->asker) != asker || !win(slot, generation))
        return false;
    (void)sched_timer_cancel(space->sched, &slot->timer);
    envelope *reply = slot->reply;
    uint64_t receiver = base_atomic_load_relaxed(&slot->receiver);
    uint64_t far = base_atomic_load_relaxed(&slot->far);
    release_slot(space, slot, generation);
    actor_space_discard(space, reply);
    if (far != 0)
        cancel_far(space, receiver, id, far);
    return true;
}

void request_abandon(actor_space *space, uint64_t id)
{
    request_slot *slot = slot_of(space, id);
    AIRS_ASSERT(slot != NULL);
    if (request_cancel(space, id, base_atomic_load_relaxed(&slot->asker)))
        return;
    // Settled, or just being settled: then its settler ends the slot.
    uint64_t generation = generation_of(space, id);
    uint64_t settling = word_of(generation, STATE_SETTLING);
    if (!base_atomic_cas_acq_rel(&slot->word, &settling, word_of(generation, STATE_ABANDONED)))
        actor_space_discard(space, request_take(space, id));
}

envelope *request_take(actor_space *space, uint64_t id)
{
    request_slot *slot = slot_of(space, id);
    AIRS_ASSERT(slot != NULL);
    uint64_t generation = generation_of(space, id);
    if (base_atomic_load_acquire(&slot->word) != word_of(generation, STATE_SETTLED))
        return NULL;
    envelope *reply = slot->reply;
    release_slot(space, slot, generation);
    return reply;
}

uint32_t requests_count(const actor_space *space)
{
    uint32_t count = 0;
    const request_slot *chunk;
    for (uint32_t i = 0; i < REQUESTS_MAX / REQUEST_CHUNK && (chunk = chunk_at(&space->requests, i)) != NULL; i++) {
        for (uint32_t at = 0; at < REQUEST_CHUNK; at++)
            count += (base_atomic_load_relaxed(&chunk[at].word) & STATE_MASK) != STATE_FREE;
    }
    return count;
}

bool request_is_waiting(actor_space *space, uint64_t id)
{
    request_slot *slot = slot_of(space, id);
    return slot != NULL && base_atomic_load_acquire(&slot->word) == word_of(generation_of(space, id), STATE_WAITING);
}

uint64_t request_receiver(actor_space *space, uint64_t id)
{
    const request_slot *slot = slot_of(space, id);
    uint64_t receiver = slot == NULL ? 0 : base_atomic_load_acquire(&slot->receiver);
    // Looked at after: else it might be the receiver of the slot's next request.
    return request_is_waiting(space, id) ? receiver : 0;
}

uint64_t request_time_left_ns(actor_space *space, uint64_t id)
{
    request_slot *slot = slot_of(space, id);
    if (slot == NULL || !request_is_waiting(space, id))
        return 0;
    uint64_t deadline_ns = base_atomic_load_relaxed(&slot->deadline_ns);
    uint64_t now_ns = sched_now_ns(space->sched);
    return deadline_ns > now_ns ? deadline_ns - now_ns : 0;
}
