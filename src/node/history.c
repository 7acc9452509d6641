// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/history.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/alloc.h"
#include "node/system.h"

#define RECORDS_MAX 1000u
/// Lists of what was lost.
#define LISTS_MAX 16u

typedef struct kept {
    airs_deploy_record record;
    rollout_lost *lost;
    uint32_t lost_count;
} kept;

/// Number n lies at (n - 1) % RECORDS_MAX; NULL where there was no memory for it.
typedef struct deploy_history {
    kept *records[RECORDS_MAX];
} deploy_history;

static void destroy(kept *self, const airs_allocator *allocator)
{
    if (self != NULL)
        base_free(allocator, self->lost);
    base_free(allocator, self);
}

/// Keeps the last of the lists.
static void forget_lists(const deploy_history *self, uint64_t count, const airs_allocator *allocator)
{
    uint32_t lists = 0;
    for (uint64_t i = 0; i < count && i < RECORDS_MAX; i++) {
        kept *it = self->records[(count - 1 - i) % RECORDS_MAX];
        if (it == NULL || it->lost == NULL || ++lists <= LISTS_MAX)
            continue;
        base_free(allocator, it->lost);
        it->lost = NULL;
        it->lost_count = 0;
    }
}

/// Under the lock. Without a copy, its place stays empty. False when nothing is kept.
static bool put(airs_system *system, kept *copy, uint64_t number)
{
    if (system->deployments == NULL)
        system->deployments = base_alloc_zeroed(system->allocator, sizeof *system->deployments);
    deploy_history *self = system->deployments;
    if (self == NULL) {
        destroy(copy, system->allocator);
        return false;
    }
    kept **slot = &self->records[(number - 1) % RECORDS_MAX];
    destroy(*slot, system->allocator);
    *slot = copy;
    if (copy == NULL)
        return false;
    copy->record.number = copy->record.result.number = number;
    if (copy->lost != NULL)
        forget_lists(self, number, system->allocator);
    return true;
}

/// `*number` is that of a record which was kept elsewhere, or 0: it gets the next one. False when nothing is kept.
static bool add(airs_system *system, const kept *it, uint64_t *number)
{
    kept *copy = base_alloc(system->allocator, sizeof *copy);
    if (copy == NULL)
        base_free(system->allocator, it->lost);
    else
        *copy = *it;
    os_mutex_lock(&system->deploy_lock);
    if (*number == 0)
        *number = system->deployments_count + 1;
    system->deployments_count = *number;
    bool is_kept = put(system, copy, *number);
    os_mutex_unlock(&system->deploy_lock);
    return is_kept;
}

uint64_t history_add(airs_system *system, const airs_deploy_record *record, rollout_lost *lost, uint32_t lost_count)
{
    uint64_t number = 0;
    (void)add(system, &(kept){*record, lost, lost_count}, &number);
    return number;
}

bool history_restore(airs_system *system, const airs_deploy_record *record)
{
    uint64_t number = record->number;
    return add(system, &(kept){.record = *record}, &number);
}

void history_fini(airs_system *system)
{
    deploy_history *self = system->deployments;
    for (uint32_t i = 0; self != NULL && i < RECORDS_MAX; i++)
        destroy(self->records[i], system->allocator);
    base_free(system->allocator, self);
    system->deployments = NULL;
}

/// The first record with a number over `after`; false when there is none. `*ret_count` is how many there have been.
static bool copy_next(airs_system *system, uint64_t after, airs_deploy_record *ret, uint64_t *ret_count)
{
    os_mutex_lock(&system->deploy_lock);
    const deploy_history *self = system->deployments;
    *ret_count = system->deployments_count;
    uint64_t oldest = *ret_count > RECORDS_MAX ? *ret_count - RECORDS_MAX : 0;
    uint64_t number = (after < oldest ? oldest : after) + 1;
    bool found = false;
    // Numbers may be missing: of before, and for want of memory.
    for (; self != NULL && !found && number != 0 && number <= *ret_count; number++) {
        const kept *it = self->records[(number - 1) % RECORDS_MAX];
        found = it != NULL && it->record.number == number;
        if (found)
            *ret = it->record;
    }
    os_mutex_unlock(&system->deploy_lock);
    return found;
}

uint64_t airs_deploy_history(airs_system *system, uint64_t after, airs_deploy_record_fn fn, void *user)
{
    if (system == NULL)
        return 0;
    uint64_t count;
    airs_deploy_record record;
    while (copy_next(system, after, &record, &count) && fn != NULL) {
        if (!fn(user, &record))
            break;
        after = record.number;
    }
    return count;
}

// ---------------------------------------------------------------- what was lost

/// One of the list, from its beginning; false when there is none. `*ret_count` is how many were lost, listed or not.
static bool copy_lost(airs_system *system, uint64_t number, uint32_t at, rollout_lost *ret, uint64_t *ret_count)
{
    *ret_count = 0;
    os_mutex_lock(&system->deploy_lock);
    const deploy_history *self = system->deployments;
    uint64_t count = system->deployments_count;
    bool known = self != NULL && number > 0 && number <= count && count - number < RECORDS_MAX;
    const kept *it = known ? self->records[(number - 1) % RECORDS_MAX] : NULL;
    if (it != NULL && it->record.number != number)
        it = NULL;
    if (it != NULL)
        *ret_count = it->record.result.handled_since;
    bool listed = it != NULL && at < it->lost_count;
    if (listed)
        *ret = it->lost[at];
    os_mutex_unlock(&system->deploy_lock);
    return listed;
}

uint64_t airs_deploy_lost(airs_system *system, uint64_t number, airs_lost_message_fn fn, void *user)
{
    if (system == NULL)
        return 0;
    uint64_t count;
    rollout_lost lost;
    bool more = true;
    for (uint32_t at = 0; copy_lost(system, number, at, &lost, &count) && fn != NULL && more; at++) {
        const actor_journal_entry *entry = &lost.entry;
        airs_lost_message told = {
            .number = lost.number,
            .time_ms = entry->time_ns / 1000000u,
            .actor = {lost.actor},
            .name = lost.name,
            .sender = {entry->sender},
            .topic = entry->topic,
            .payload = {entry->head, entry->len < sizeof entry->head ? entry->len : sizeof entry->head},
            .payload_size = entry->len,
        };
        if (entry->id != 0)
            (void)snprintf(told.message_id, sizeof told.message_id, "%016" PRIx64, entry->id);
        more = fn(user, &told);
    }
    return count;
}
