// SPDX-License-Identifier: MIT OR Apache-2.0
/// Other settings for a supervisor that runs.
#include "base/error.h"
#include "supervise/supervisor_impl.h"

airs_status supervisor_terms_init(supervisor_terms *self, const actor *of, const supervisor_options *options,
                                  airs_error *error)
{
    airs_status status = supervise_check(options, error);
    airs_backoff backoff = options->backoff;
    if (status == AIRS_OK)
        status = actor_backoff_complete(&backoff, error);
    if (status == AIRS_OK && (options->strategy == AIRS_SIMPLE_ONE_FOR_ONE) != supervisor_is_simple(of))
        status = base_error_set(error, AIRS_E_UNSUPPORTED,
                                "a group can't become simple_one_for_one, or stop being one, while it runs");
    if (status == AIRS_OK)
        *self = (supervisor_terms){options->strategy, options->auto_shutdown, options->max_restarts, options->window_ms,
                                   backoff,           options->children_max};
    return status;
}

bool supervise_take_terms(actor *cell, void *of_kind)
{
    supervisor *self = (supervisor *)(void *)cell;
    supervisor_terms *terms = of_kind;
    if (terms == NULL)
        return true;
    const supervise_settings *now = &self->state.settings;
    supervisor_terms before = {.strategy = now->strategy,
                               .auto_shutdown = now->auto_shutdown,
                               .max_restarts = now->max_restarts,
                               .window_ms = now->window_ms,
                               .backoff = self->backoff,
                               .children_max = base_atomic_load_relaxed(&self->children_max)};
    if (!supervise_change(&self->state, terms->strategy, terms->auto_shutdown, terms->max_restarts, terms->window_ms))
        return false;
    // Children that have none of their own look at this one.
    self->backoff = terms->backoff;
    base_atomic_store_relaxed(&self->children_max, terms->children_max);
    if (terms->strategy != before.strategy)
        actor_set_component(cell, airs_strategy_name(terms->strategy), "", false);
    *terms = before;
    return true;
}
