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

static size_t length(const actor_journal *list)
{
    return list == NULL ? 0 : (size_t)(list->count + 1 - actor_journal_oldest(list));
}

static size_t copy_lost(const rollout_part *of, const actor_journal *list, rollout_lost *ret)
{
    size_t count = 0;
    for (size_t left = length(list); left > 0; left--) {
        uint64_t number = list->count + 1 - left;
        ret[count] =
            (rollout_lost){.actor = of->target.actor, .number = number, .entry = *actor_journal_get(list, number)};
        base_text_copy(ret[count].name, sizeof ret[count].name, base_bytes_of(of->name));
        count++;
    }
    return count;
}

rollout_lost *rollout_take_lost(rollout *self, const airs_allocator *allocator, uint32_t *ret_count)
{
    size_t all = 0;
    *ret_count = 0;
    for (uint32_t i = 0; i < self->count; i++)
        all += length(self->parts[i].lost[0]) + length(self->parts[i].lost[1]);
    rollout_lost *list = all == 0 ? NULL : base_alloc_array(allocator, all, sizeof *list);
    if (list == NULL)
        return NULL;
    size_t count = 0;
    for (uint32_t i = 0; i < self->count; i++) {
        const rollout_part *of = &self->parts[i];
        count += copy_lost(of, of->lost[0], list + count);
        count += copy_lost(of, of->lost[1], list + count);
    }
    qsort(list, count, sizeof *list, by_time);
    if (count > ACTOR_JOURNAL_MAX) {
        memmove(list, list + count - ACTOR_JOURNAL_MAX, ACTOR_JOURNAL_MAX * sizeof *list);
        count = ACTOR_JOURNAL_MAX;
    }
    *ret_count = (uint32_t)count;
    return list;
}
