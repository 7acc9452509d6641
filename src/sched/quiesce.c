// SPDX-License-Identifier: MIT OR Apache-2.0
/// Grace periods by quiescent states (QSBR).
///
/// `epoch` only grows. Each worker says between two polls which epoch it sees (`seen`); while it is parked it says 0:
/// offline. A foreign read section says in one of the reader slots in which epoch it began. Deferred calls are
/// collected by the worker that defers; a batch gets the next epoch as its target, and is run when each
/// participant has seen the target or is offline.
///
/// Why nobody still reads
///   What is retired was unlinked before its batch raised `epoch` to the target (a).
///   1. A worker that says `seen` >= target has loaded that epoch since, by an acquire load: what it reads from then on
///      comes after the unlinking. What it read before came before its store of `seen`, which we have acquired (b).
///   2. A participant that says 0 is looked at by a read-modify-write of `seen`. It comes online by one too. If ours is
///      first, theirs acquires it: their reads come after the unlinking. If theirs is first, ours does not see 0 (c).
///      What was read before it went offline is acquired with the 0 (b).
///   3. Reader slots are looked at up to `readers_count`, which only grows. It is read by a read-modify-write, and
///      raised by one before a new slot is used: a slot that is not looked at belongs to one who comes after, as in
///      (2) (d).
///
/// Pairs
///   a. `epoch` fetch_add (begin), release, with `epoch` load (pass, online), acquire.
///   b. `seen` store (pass, offline, leave), release, with `seen` load or fetch_add (look), acquire.
///   c. `seen` fetch_add (look), release, with `seen` exchange or compare-and-swap (online, enter), acquire.
///   d. `readers_count` fetch_add (begin), release, with its compare-and-swap and load (enter), acquire.
///   e. deferral_lock: foreign deferrals to the worker that takes them over.
#include "sched/sched_impl.h"

void sched_quiesce_init(sched *scheduler)
{
    base_atomic_init(&scheduler->epoch, 1u);
    base_atomic_init(&scheduler->foreign_deferrals, 0u);
    base_atomic_init(&scheduler->readers_count, 0u);
    os_mutex_init(&scheduler->deferral_lock);
    for (uint32_t i = 0; i < SCHED_READERS; i++)
        base_atomic_init(&scheduler->readers[i].seen, 0u);
}

// ---------------------------------------------------------------- participants

void sched_quiesce_online(sched_worker *worker)
{
    // An epoch that is old by now only makes others wait until the next pass.
    base_atomic_exchange_acq_rel(&worker->seen, base_atomic_load_acquire(&worker->sched->epoch));
}

void sched_quiesce_offline(sched_worker *worker)
{
    base_atomic_store_release(&worker->seen, 0u);
}

// One of the slots in use so far, if it is free.
static bool reader_claim(sched *scheduler, uint32_t slot)
{
    BASE_ATOMIC(uint64_t) *seen = &scheduler->readers[slot].seen;
    uint64_t unused = 0;
    return base_atomic_load_relaxed(seen) == 0 &&
           base_atomic_cas_acq_rel(seen, &unused, base_atomic_load_acquire(&scheduler->epoch));
}

// Read sections of this thread, of schedulers that it is no worker of: one within another of the same scheduler needs
// no slot of its own. With one each, threads that have an outer one could all wait for an inner one.
_Thread_local sched_nested sched_nested_reads[SCHED_NESTED_MAX];

static sched_read reader_nest(sched *scheduler)
{
    for (uint32_t i = 0; i < SCHED_NESTED_MAX; i++) {
        sched_nested *it = &sched_nested_reads[i];
        if (it->depth > 0 && it->scheduler == scheduler) {
            it->depth++;
            return (sched_read){.slot = it->slot};
        }
    }
    return (sched_read){.slot = SCHED_READERS};
}

static void reader_remember(sched *scheduler, uint32_t slot)
{
    for (uint32_t i = 0; i < SCHED_NESTED_MAX; i++) {
        if (sched_nested_reads[i].depth == 0) {
            sched_nested_reads[i] = (sched_nested){scheduler, slot, 1};
            return;
        }
    }
}

// Whether it was the last section of this thread with that slot.
static bool reader_forget(const sched *scheduler, uint32_t slot)
{
    for (uint32_t i = 0; i < SCHED_NESTED_MAX; i++) {
        sched_nested *it = &sched_nested_reads[i];
        if (it->depth > 0 && it->scheduler == scheduler && it->slot == slot)
            return --it->depth == 0;
    }
    return true;
}

static uint32_t reader_take(sched *scheduler)
{
    // Where this thread's stack lies tells it apart from others well enough to begin at another slot.
    uint32_t start = (uint32_t)((uintptr_t)&scheduler >> 16);
    for (;;) {
        uint32_t count = base_atomic_load_acquire(&scheduler->readers_count);
        for (uint32_t i = 0; i < count; i++) {
            if (reader_claim(scheduler, (start + i) % count))
                return (start + i) % count;
        }
        // All are taken: one more, or wait until one is free.
        if (count < SCHED_READERS)
            (void)base_atomic_cas_acq_rel(&scheduler->readers_count, &count, count + 1);
        else
            os_thread_yield();
    }
}

sched_read sched_read_enter(sched *scheduler)
{
    if (sched_worker_of(scheduler) != NULL)
        return (sched_read){.slot = SCHED_READERS};
    sched_read read = reader_nest(scheduler);
    if (read.slot == SCHED_READERS) {
        read.slot = reader_take(scheduler);
        reader_remember(scheduler, read.slot);
    }
    return read;
}

void sched_read_leave(sched *scheduler, sched_read read)
{
    if (read.slot < SCHED_READERS && reader_forget(scheduler, read.slot))
        base_atomic_store_release(&scheduler->readers[read.slot].seen, 0u);
}

static BASE_ATOMIC(uint64_t) *participant(sched *scheduler, uint32_t index)
{
    uint32_t workers = scheduler->workers_count;
    return index < workers ? &scheduler->workers[index].seen : &scheduler->readers[index - workers].seen;
}

// Whether nothing that was unlinked before `target` is still in a participant's hands.
static bool participant_passed(sched *scheduler, uint32_t index, uint64_t target)
{
    BASE_ATOMIC(uint64_t) *seen = participant(scheduler, index);
    if (base_atomic_load_acquire(seen) >= target)
        return true;
    if (base_atomic_load_relaxed(seen) != 0)
        return false;
    uint64_t now = base_atomic_fetch_add_acq_rel(seen, 0u);
    return now == 0 || now >= target;
}

// ---------------------------------------------------------------- batches

static void deferrals_call(sched_worker *worker, base_retired *node)
{
    uint64_t count = 0;
    while (node != NULL) {
        // Its memory is usually gone after the call.
        base_retired *next = node->next;
        node->fn(node);
        node = next;
        count++;
    }
    sched_count(&worker->counters.deferred, count);
}

static void deferrals_adopt(sched_worker *worker)
{
    sched *scheduler = worker->sched;
    os_mutex_lock(&scheduler->deferral_lock);
    base_retired *node = scheduler->deferrals;
    scheduler->deferrals = NULL;
    base_atomic_store_seq_cst(&scheduler->foreign_deferrals, 0u);
    os_mutex_unlock(&scheduler->deferral_lock);
    while (node != NULL) {
        base_retired *next = node->next;
        node->next = worker->deferrals.filling;
        worker->deferrals.filling = node;
        node = next;
    }
}

// Begins a grace period for what was collected, if none is under way.
static void deferrals_begin(sched_worker *worker)
{
    sched_deferrals *deferrals = &worker->deferrals;
    if (deferrals->waiting != NULL || deferrals->filling == NULL)
        return;
    deferrals->waiting = deferrals->filling;
    deferrals->filling = NULL;
    deferrals->passed = 0;
    deferrals->participants =
        worker->sched->workers_count + base_atomic_fetch_add_acq_rel(&worker->sched->readers_count, 0u);
    deferrals->target = base_atomic_fetch_add_acq_rel(&worker->sched->epoch, 1u) + 1;
    base_atomic_store_release(&worker->seen, deferrals->target);
}

static void deferrals_end(sched_worker *worker)
{
    sched_deferrals *deferrals = &worker->deferrals;
    if (deferrals->waiting == NULL)
        return;
    while (deferrals->passed < deferrals->participants) {
        if (!participant_passed(worker->sched, deferrals->passed, deferrals->target))
            return;
        deferrals->passed++;
    }
    base_retired *node = deferrals->waiting;
    deferrals->waiting = NULL;
    deferrals_call(worker, node);
}

void sched_quiesce_pass(sched_worker *worker)
{
    sched *scheduler = worker->sched;
    uint64_t epoch = base_atomic_load_acquire(&scheduler->epoch);
    if (base_atomic_load_relaxed(&worker->seen) != epoch)
        base_atomic_store_release(&worker->seen, epoch);
    if (base_atomic_load_relaxed(&scheduler->foreign_deferrals) != 0)
        deferrals_adopt(worker);
    if (sched_quiesce_pending(worker)) {
        deferrals_begin(worker);
        deferrals_end(worker);
    }
}

bool sched_quiesce_pending(const sched_worker *worker)
{
    return worker->deferrals.waiting != NULL || worker->deferrals.filling != NULL;
}

void sched_quiesce_finish(sched *scheduler)
{
    bool more;
    do {
        more = false;
        if (base_atomic_load_acquire(&scheduler->foreign_deferrals) != 0)
            deferrals_adopt(&scheduler->workers[0]);
        for (uint32_t i = 0; i < scheduler->workers_count; i++) {
            sched_worker *worker = &scheduler->workers[i];
            base_retired *waiting = worker->deferrals.waiting;
            base_retired *filling = worker->deferrals.filling;
            worker->deferrals = (sched_deferrals){0};
            deferrals_call(worker, waiting);
            deferrals_call(worker, filling);
            more |= waiting != NULL || filling != NULL;
        }
    } while (more || base_atomic_load_acquire(&scheduler->foreign_deferrals) != 0);
}

// ---------------------------------------------------------------- deferring

void sched_defer(sched *scheduler, base_retired *node, base_retired_fn fn)
{
    node->fn = fn;
    sched_worker *worker = sched_worker_of(scheduler);
    if (worker != NULL) {
        node->next = worker->deferrals.filling;
        worker->deferrals.filling = node;
        return;
    }
    os_mutex_lock(&scheduler->deferral_lock);
    bool first = scheduler->deferrals == NULL;
    node->next = scheduler->deferrals;
    scheduler->deferrals = node;
    base_atomic_store_seq_cst(&scheduler->foreign_deferrals, 1u);
    os_mutex_unlock(&scheduler->deferral_lock);
    if (!first)
        return;
    if (!scheduler->driven)
        sched_idle_notify(scheduler);
    else if (scheduler->hooks.foreign_wake != NULL)
        scheduler->hooks.foreign_wake(scheduler->hooks.user);
}

static void retire(void *user, base_retired *retired, base_retired_fn fn)
{
    sched_defer(user, retired, fn);
}

base_retirer sched_retirer(sched *scheduler)
{
    return (base_retirer){.retire = retire, .user = scheduler};
}
