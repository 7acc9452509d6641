// SPDX-License-Identifier: MIT OR Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "deploy/rollout_impl.h"

static int by_time(const void *a, const void *b)
{
    const rollout_lost *x = a;
    const rollout_lost *y = b;
    if (x->entry.time_ns != y->entry.time_ns)
        return x->entry.time_ns < y->entry.time_ns ? -1 : 1;
    if (x->actor != y->actor)
        return x->actor < y->actor ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

static uint32_t copy_lost(const rollout_part *of, rollout_lost *ret)
{
    uint32_t count = 0;
    for (uint64_t number = actor_journal_oldest(of->lost); number <= of->lost->count; number++) {
        ret[count] =
            (rollout_lost){.actor = of->target.actor, .number = number, .entry = *actor_journal_get(of->lost, number)};
        base_text_copy(ret[count].name, sizeof ret[count].name, base_bytes_of(of->name));
        count++;
    }
    return count;
}

rollout_lost *rollout_take_lost(rollout *self, const airs_allocator *allocator, uint32_t *ret_count)
{
    size_t all = 0;
    *ret_count = 0;
    for (uint32_t i = 0; i < self->count; i++) {
        const actor_journal *lost = self->parts[i].lost;
        all += lost == NULL ? 0 : (size_t)(lost->count + 1 - actor_journal_oldest(lost));
    }
    rollout_lost *list = all == 0 ? NULL : base_alloc_array(allocator, all, sizeof *list);
    if (list == NULL)
        return NULL;
    size_t count = 0;
    for (uint32_t i = 0; i < self->count; i++)
        count += self->parts[i].lost == NULL ? 0 : copy_lost(&self->parts[i], list + count);
    qsort(list, count, sizeof *list, by_time);
    if (count > ACTOR_JOURNAL_MAX) {
        memmove(list, list + count - ACTOR_JOURNAL_MAX, ACTOR_JOURNAL_MAX * sizeof *list);
        count = ACTOR_JOURNAL_MAX;
    }
    *ret_count = (uint32_t)count;
    return list;
}
