// SPDX-License-Identifier: MIT OR Apache-2.0
/// A supervisor: an actor whose work is its children.
///
/// It tells the machine (step.h) what its children report and what operators want of them (control.h), and does what
/// the machine says through signals to the children. When it gives up, its children are halted, not ended: their ids
/// live on, and a restart of the supervisor starts them again, in their order. When it ends for good, they end, the
/// last first.
#ifndef SUPERVISE_SUPERVISOR_H
#define SUPERVISE_SUPERVISOR_H

#include "actor/cell.h"
#include "supervise/control.h"
#include "supervise/step.h"

/// What children are made of, as its owner knows it. The supervisor only keeps it.
typedef struct supervisor_template {
    /// NULL: none.
    void *made;
    /// Ends it. On whichever thread the supervisor's memory goes.
    void (*release)(void *made, const airs_allocator *allocator);
} supervisor_template;

typedef struct supervisor_options {
    const char *name;
    /// Raw id; 0 makes the root.
    uint64_t supervisor;
    airs_strategy strategy;
    airs_auto_shutdown auto_shutdown;
    uint32_t max_restarts;
    uint32_t window_ms;
    /// For children whose own is INHERIT. Checked and completed here.
    airs_backoff backoff;
    /// Children at once; 0: no limit.
    uint32_t children_max;
    /// The supervisor's, on AIRS_OK.
    supervisor_template child_template;
    /// As a child of the one above it.
    airs_restart restart;
    bool significant;
    actor_started_fn started_fn;
    void *started_user;
} supervisor_options;

/// Errors: as `actor_spawn`; E_INVALID the strategy, auto_shutdown, max_restarts or backoff; `error` says which.
/// Any thread.
airs_status supervisor_spawn(actor_space *space, const supervisor_options *options, uint64_t *ret_id,
                             airs_error *error);

/// What a supervisor has of its own and can change while it runs: `actor_terms.of_kind`.
typedef struct supervisor_terms {
    airs_strategy strategy;
    airs_auto_shutdown auto_shutdown;
    uint32_t max_restarts;
    uint32_t window_ms;
    airs_backoff backoff;
    uint32_t children_max;
} supervisor_terms;

/// Those of `options`, checked and complete, for the supervisor `of`. Errors: as `supervisor_spawn`; E_UNSUPPORTED one
/// is a simple_one_for_one, and the other is not. Any thread, with a count on it.
airs_status supervisor_terms_init(supervisor_terms *self, const actor *of, const supervisor_options *options,
                                  airs_error *error);

/// Whether an actor is a supervisor. Any thread.
static inline bool supervisor_is(const actor *cell)
{
    return cell->kind->kind == AIRS_KIND_SUPERVISOR;
}

/// Of a supervisor: what it was given, NULL for none. Valid as long as there is a count on it. Any thread.
void *supervisor_template_of(const actor *cell);

/// Of a supervisor: whether all its children are of one template. Any thread.
bool supervisor_is_simple(const actor *cell);

/// Of a supervisor: its children at this moment. Any thread.
uint32_t supervisor_children(const actor *cell);

/// Asks the supervisor of an actor to do something with it; `control->verb` and `fn` are set.
/// Owns:    on AIRS_OK the control is under way until `fn` is called or `supervisor_take_back` says true.
/// Errors:  E_GONE; E_INVALID it has no supervisor: the root; E_FAILED it is quarantined with its supervisor, or with
///          one above that. Any thread.
airs_status supervisor_control(actor_space *space, uint64_t child, supervise_control *control, airs_error *error);

/// Nobody waits for it any more; what was asked for goes on. False: `fn` has been called, is running, or is about to
/// be. Any thread, with a count of its own on the child.
bool supervisor_take_back(actor *child, supervise_control *control);

#endif
