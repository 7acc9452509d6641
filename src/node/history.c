// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/history.h"

#include "base/alloc.h"
#include "node/system.h"

#define RECORDS_MAX 1000u

typedef struct deploy_history {
    /// How many there have been; number n lies at (n - 1) % RECORDS_MAX.
    uint64_t count;
    airs_deploy_record *records[RECORDS_MAX];
} deploy_history;

/// Under the lock. The number is the next one, or that of a record which was kept elsewhere.
static uint64_t keep(airs_system *system, airs_deploy_record *copy, uint64_t number)
{
    if (system->deployments == NULL)
        system->deployments = base_alloc_zeroed(system->allocator, sizeof *system->deployments);
    deploy_history *self = system->deployments;
    if (self == NULL) {
        base_free(system->allocator, copy);
        return 0;
    }
    self->count = number == 0 ? self->count + 1 : number;
    airs_deploy_record **slot = &self->records[(self->count - 1) % RECORDS_MAX];
    base_free(system->allocator, *slot);
    *slot = copy;
    copy->number = copy->result.number = self->count;
    return copy->number;
}

static uint64_t add(airs_system *system, const airs_deploy_record *record, uint64_t number)
{
    airs_deploy_record *copy = base_alloc(system->allocator, sizeof *copy);
    if (copy == NULL)
        return 0;
    *copy = *record;
    os_mutex_lock(&system->deploy_lock);
    uint64_t got = keep(system, copy, number);
    os_mutex_unlock(&system->deploy_lock);
    return got;
}

uint64_t history_add(airs_system *system, const airs_deploy_record *record)
{
    return add(system, record, 0);
}

bool history_restore(airs_system *system, const airs_deploy_record *record)
{
    return add(system, record, record->number) != 0;
}

void history_fini(airs_system *system)
{
    deploy_history *self = system->deployments;
    for (uint32_t i = 0; self != NULL && i < RECORDS_MAX; i++)
        base_free(system->allocator, self->records[i]);
    base_free(system->allocator, self);
    system->deployments = NULL;
}

/// The first record with a number over `after`; false when there is none. `*ret_count` is how many there have been.
static bool copy_next(airs_system *system, uint64_t after, airs_deploy_record *ret, uint64_t *ret_count)
{
    os_mutex_lock(&system->deploy_lock);
    const deploy_history *self = system->deployments;
    *ret_count = self == NULL ? 0 : self->count;
    uint64_t oldest = *ret_count > RECORDS_MAX ? *ret_count - RECORDS_MAX : 0;
    uint64_t number = (after < oldest ? oldest : after) + 1;
    bool found = false;
    // Numbers of before may be missing.
    for (; !found && number != 0 && number <= *ret_count; number++) {
        const airs_deploy_record *record = self->records[(number - 1) % RECORDS_MAX];
        found = record != NULL && record->number == number;
        if (found)
            *ret = *record;
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
