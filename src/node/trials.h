// SPDX-License-Identifier: MIT OR Apache-2.0
/// Deployments with a canary that clients have begun: each has a thread of its own, because it may run for days.
///
/// Who has begun one is answered when the canary runs, or when it can't; the deployment goes on, and what comes of it
/// is written down as of any other. Who promotes it, or rolls it back, waits for that.
#ifndef NODE_TRIALS_H
#define NODE_TRIALS_H

#include "airssys/deploy.h"
#include "node/mailroom.h"
#include "os/thread.h"

#include <pthread.h>

/// At once.
#define NODE_TRIALS_MAX 16

/// Carries out the deployment of a letter, until it has ended. `on_event` is told of its phases.
typedef airs_status (*node_trial_fn)(airs_system *system, node_letter *letter, airs_deploy_event_fn on_event,
                                     void *user, airs_deploy_result *ret_result, airs_error *error);
/// Answers a letter whose canary runs, chosen by what this says. Under a lock: must not look at the canary.
typedef void (*node_trial_runs_fn)(node_letter *letter, const char *by);

typedef struct node_trial {
    os_thread thread;
    struct node_trials *of;
    /// The thread is to be joined; it has ended.
    bool used;
    bool over;
    airs_actor_id actor;
    node_trial_fn carry_out;
    node_trial_runs_fn runs;
    node_letter *letter;
    /// Returned when the canary runs; NULL after that.
    node_letter *first;
    /// Who waits for its end, and has not seen it.
    uint32_t waiting;
    airs_status status;
    airs_deploy_result result;
    airs_error error;
} node_trial;

typedef struct node_trials {
    airs_system *system;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    node_trial list[NODE_TRIALS_MAX];
} node_trials;

/// Stays where it is until `node_trials_stop`.
void node_trials_start(node_trials *self, airs_system *system);
/// Waits for those that run: the system is stopped before. No other is begun meanwhile.
void node_trials_stop(node_trials *self);

/// Begins one about `letter->actor`; the letter is its own from then on. Errors: E_LIMIT NODE_TRIALS_MAX run, or there
/// are no more threads; E_NOMEM. The letter stays the caller's then.
AIRS_NODISCARD airs_status node_trials_begin(node_trials *self, node_letter *letter, node_trial_fn carry_out,
                                             node_trial_runs_fn runs, airs_error *error);

/// Waits until the one about this actor has ended, and how. False: there is none. Any thread but the server's.
bool node_trials_wait(node_trials *self, airs_actor_id actor, airs_status *ret_status, airs_deploy_result *ret_result,
                      airs_error *ret_error);

#endif
