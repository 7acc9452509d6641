// SPDX-License-Identifier: MIT OR Apache-2.0
#include "deploy/measure.h"

#include "base/alloc.h"

bool measure_init(measure *self, actor_upgrade *upgrade, const airs_allocator *allocator)
{
    self->meter = base_alloc_zeroed(allocator, sizeof *self->meter);
    upgrade->meter = self->meter;
    return self->meter != NULL;
}

void measure_fini(measure *self, const airs_allocator *allocator)
{
    base_free(allocator, self->meter);
    self->meter = NULL;
}

void measure_swapped(measure *self, const actor *cell)
{
    self->restarts_before = self->restarts = base_atomic_load_relaxed(&cell->restarts);
}

void measure_add(measure *self, const actor *cell, bool is_new, bool new_one, condition_facts *to)
{
    if (self->meter == NULL)
        return;
    const actor_meter_counts *counts = &self->meter->versions[new_one];
    to->handled += base_atomic_load_relaxed(&counts->handled);
    to->failed += base_atomic_load_relaxed(&counts->failed);
    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS; i++)
        to->times[i] += base_atomic_load_relaxed(&counts->times.counts[i]);
    if (!new_one || !is_new)
        return;
    if (cell != NULL)
        self->restarts = base_atomic_load_relaxed(&cell->restarts);
    to->restarts += self->restarts - self->restarts_before;
}
