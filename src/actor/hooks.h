// SPDX-License-Identifier: MIT OR Apache-2.0
/// Calls the functions that a program has set around the life of an actor (supervision.h, airs_hooks).
///
/// Each call is timed with the scheduler's clock. One past its limit is reported when it returns, and has the outcome
/// that the header says. One that does not return is reported by another worker, as soon as there is one that is
/// awake: each call notes itself in a slot of its worker, and a task that the calls wake now and then looks
/// through the slots.
///
/// All functions are the owner's; an actor without hooks does not call them but for those that say so.
#ifndef ACTOR_HOOKS_H
#define ACTOR_HOOKS_H

#include "actor/cell.h"

/// Prepares a space for actors with hooks, once. Errors: E_NOMEM. Any thread.
airs_status actor_hooks_init(actor_space *space);
/// After the scheduler has stopped.
void actor_hooks_fini(actor_space *space);

/// False: the start has failed, the failure is set. True when there is no such hook.
bool actor_hooks_pre_start(actor *self, actor_failure *ret_failure);
bool actor_hooks_post_start(actor *self, actor_failure *ret_failure);

/// Nothing when there is no such hook.
void actor_hooks_pre_stop(actor *self, airs_exit reason);
void actor_hooks_post_stop(actor *self, airs_exit reason);
void actor_hooks_on_restart(actor *self, airs_exit reason, const char *text);

/// AIRS_ERROR_DEFAULT when there is no such hook. Of an incarnation that has ended, RESUME is RESTART.
airs_error_verdict actor_hooks_on_error(actor *self, airs_exit reason, const char *text);

/// Whether a message is to be handled. When not, it is gone: who asked is told, and it is a dead letter. Only where
/// there is an on_message.
bool actor_hooks_pass(actor *self, envelope *mail);

#endif
