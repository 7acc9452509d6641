// SPDX-License-Identifier: MIT OR Apache-2.0
/// The last state that a component saved, for its next incarnation. Kept in memory, at most `max_state` bytes.
///
/// Saved every so many messages, or so long after the first that came after the last one, or when it stops. What could
/// not be saved leaves the older one in place. What could not be loaded is thrown away: it would fail again.
/// All functions are the owner's.
#ifndef COMPONENT_CHECKPOINT_H
#define COMPONENT_CHECKPOINT_H

#include "actor/cell.h"
#include "airssys/actor.h"
#include "engine.h"

typedef struct checkpoint {
    /// All zero: never, and what is there is of no use.
    airs_checkpoint when;
    /// NULL: there is none.
    uint8_t *state;
    size_t len;
    /// Of the component that saved it.
    char version[33];
    /// Messages that had been handled when it was last tried.
    uint64_t handled;
    /// Of `every_ms`.
    bool timer_runs;
    uint64_t deadline_ns;
    sched_timer timer;
} checkpoint;

/// Whether a state is to be saved at any time.
bool checkpoint_saves(const airs_checkpoint *when);

/// Checks what was asked for and fills in what is 0. Errors: E_INVALID; `error` names it. Any thread.
airs_status checkpoint_complete(airs_checkpoint *when, airs_error *error);

/// NULL when there is no memory. `cell` is woken when it is time to save. Ended with `checkpoint_destroy`.
checkpoint *checkpoint_create(const airs_allocator *allocator, actor *cell, const airs_checkpoint *when);
/// NULL is allowed. The timer does not run: see `checkpoint_pause`.
void checkpoint_destroy(checkpoint *self, const airs_allocator *allocator);

/// Whether it is time to save; starts the timer of `every_ms` when something was handled. NULL: never.
bool checkpoint_is_due(checkpoint *self, actor *cell);

/// Takes a copy of a state that this version has saved in place of the older one, if that can be done: else it is
/// refused.
void checkpoint_keep(checkpoint *self, actor *cell, const char *version, airs_bytes state);

/// Bytes of a state at most; NULL is allowed.
uint64_t checkpoint_state_max(const checkpoint *self);

/// It was not saved, and why: logged, counted, and not tried again before the next time.
void checkpoint_refuse(checkpoint *self, actor *cell, airs_bytes why);

/// Throws the state away.
void checkpoint_drop(checkpoint *self, const airs_allocator *allocator);

/// The incarnation ends. NULL is allowed.
void checkpoint_pause(checkpoint *self, actor *cell);

#endif
