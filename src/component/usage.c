// SPDX-License-Identifier: MIT OR Apache-2.0
/// What a component uses of its limits, and the limit of what it sends.
#include <inttypes.h>
#include <stdio.h>

#include "component/batch.h"
#include "component/component_actor.h"

airs_status component_actor_take_rate(component_actor *self)
{
    // Reading the clock costs more than all the rest.
    if (base_atomic_load_relaxed(&self->rate.per_second) == RATE_NO_LIMIT ||
        rate_limit_take(&self->rate, sched_now_ns(self->cell.space->sched)))
        return AIRS_OK;
    base_atomic_store_relaxed(&self->sends_refused, base_atomic_load_relaxed(&self->sends_refused) + 1u);
    (void)snprintf(self->text, sizeof self->text, "over max_rate, %" PRIu32 " messages in a second",
                   base_atomic_load_relaxed(&self->rate.per_second));
    return AIRS_E_DENIED;
}

void component_actor_count_refusal(component_actor *self)
{
    if (self->over_refusals || base_atomic_load_relaxed(&self->refusals.per_second) == RATE_NO_LIMIT ||
        rate_limit_take(&self->refusals, sched_now_ns(self->cell.space->sched)))
        return;
    self->over_refusals = true;
    // It has no more than the event in hand.
    batch_cut(self);
}

void component_actor_usage(const component_actor *self, airs_usage *ret)
{
    // Of both seats: one that nobody has is 0, but while another version takes over.
    for (size_t i = 0; i < sizeof self->gauges / sizeof *self->gauges; i++) {
        ret->memory += base_atomic_load_relaxed(&self->gauges[i].memory);
        ret->table_elements += base_atomic_load_relaxed(&self->gauges[i].table_elements);
        ret->files_open += base_atomic_load_relaxed(&self->gauges[i].files_open);
        ret->growths_refused += base_atomic_load_relaxed(&self->gauges[i].growths_refused);
    }
    ret->connections = base_atomic_load_relaxed(&self->cell.connections);
    ret->execution_longest_ms = (uint32_t)(base_atomic_load_relaxed(&self->longest_ticks) * WASM_TICK_NS / 1000000u);
    ret->rate = rate_limit_used(&self->rate, sched_now_ns(self->cell.space->sched));
    ret->refusals = rate_limit_used(&self->refusals, sched_now_ns(self->cell.space->sched));
    ret->sends_refused = base_atomic_load_relaxed(&self->sends_refused);
    ret->log_lines_dropped = base_atomic_load_relaxed(&self->lines_dropped);
}
