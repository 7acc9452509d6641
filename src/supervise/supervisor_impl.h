// SPDX-License-Identifier: MIT OR Apache-2.0
/// What the files of a supervisor share: supervisor.c (the actor), acting.c (what the machine says, done), terms.c
/// (other settings while it runs). For nobody else.
#ifndef SUPERVISE_SUPERVISOR_IMPL_H
#define SUPERVISE_SUPERVISOR_IMPL_H

#include "supervise/supervisor.h"

/// What the machine was told to do with the supervisor itself, and has done.
typedef enum supervise_outcome {
    SUPERVISE_OUTCOME_NONE,
    SUPERVISE_OUTCOME_UP,
    SUPERVISE_OUTCOME_START_FAILED,
    SUPERVISE_OUTCOME_DOWN,
} supervise_outcome;

typedef struct supervisor {
    actor cell;
    supervise_state state;
    airs_backoff backoff;
    BASE_ATOMIC(uint32_t) children_max;
    /// All its children are of one template. For good.
    bool simple;
    BASE_ATOMIC(uint32_t) children;
    supervisor_template child_template;
    supervise_controls controls;
    /// Children that have something to report, linked by `report_node`. Pushed by any thread.
    ds_mailbox reports;
    supervise_outcome outcome;
    /// It has to end, as soon as it is up: the cell's failure says why.
    bool exits;
    /// The machine has been told to come up; or down, and whether for good.
    bool comes_up;
    bool comes_down;
    bool for_good;
} supervisor;

static inline actor *supervise_cell_of(actor_child *place)
{
    return ds_container_of(place, actor, place);
}

static inline uint64_t supervise_now_ns(const supervisor *self)
{
    return sched_now_ns(self->cell.space->sched);
}

/// Errors: E_INVALID the strategy, auto_shutdown or max_restarts; `error` says which.
airs_status supervise_check(const supervisor_options *options, airs_error *error);

/// `actor_kind.take_terms`.
bool supervise_take_terms(actor *cell, void *of_kind);

/// Tells the machine, and does what it says.
void supervise_tell(supervisor *self, supervise_event event);
/// The same, of an event that is about a child and nothing else.
void supervise_tell_of(supervisor *self, supervise_event_kind kind, actor *child);

/// How a child ended the last time.
actor_failure supervise_end_of(actor *child);

/// After this the timer of a child's backoff does not fire, and its memory may go.
void supervise_wait_no_more(supervisor *self, actor *child);

/// Answers those who want something of a child; a failure with how it ended.
void supervise_answer_for(supervisor *self, actor *child, airs_status status);

#endif
