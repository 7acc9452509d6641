// SPDX-License-Identifier: MIT OR Apache-2.0
/// Actors that a deployment adds, on probation: for so long they are looked at, and an end that is a failure refuses
/// the deployment. Until that is over they are temporary, so that none of it counts for their supervisors; then they
/// are given the terms that the manifest says (live.h).
///
/// A program that is done within its probation, and is not one that is always started again, has done well.
#ifndef NODE_APP_PROBATION_H
#define NODE_APP_PROBATION_H

#include "actor/cell.h"
#include "node/app.h"
#include "node/deploy_changes.h"
#include "node/live.h"
#include "os/event.h"

typedef struct app_trial {
    node_app_trial made;
    actor_watch watch;
    struct app_probation *of;
    /// It was spawned, and the watch waits, also where its start has failed.
    bool watched;
    /// 0: it has not started.
    airs_actor_id id;
    /// The manifest's.
    const deploy_actor *actor;
    /// How it has ended; set before `has_ended`.
    airs_exit reason;
    char text[200];
    BASE_ATOMIC(bool) has_ended;
    /// The last of it.
    os_event told;
} app_trial;

typedef struct app_probation {
    airs_system *system;
    app_trial *trials;
    size_t count;
    /// Of them those that have not ended, and one more until somebody waits.
    BASE_ATOMIC(uint32_t) left;
    /// One has failed, or all have ended.
    os_event over;
    /// One that fails ends what else is being deployed.
    deploy_brake brake;
} app_probation;

/// With room for so many. Errors: E_NOMEM. On success ended with `app_probation_fini`.
AIRS_NODISCARD airs_status app_probation_init(app_probation *self, airs_system *system, size_t room, airs_error *error);
/// Waits for none of them any more; what lives is left as it is. All zero is allowed.
void app_probation_fini(app_probation *self);

/// Makes an actor of the manifest, which is borrowed until the end. Errors: those of `node_app_make`.
AIRS_NODISCARD airs_status app_probation_make(app_probation *self, node_app *app, const deploy_manifest *manifest,
                                              const deploy_actor *of, airs_error *error);

/// Waits until `deadline_ns`, or until all have ended. Once; not on a worker. Errors: as `app_probation_check`.
AIRS_NODISCARD airs_status app_probation_wait(app_probation *self, uint64_t deadline_ns, airs_error *error);

/// Errors: E_FAILED one of them has failed by now, was stopped, or has ended although it is always to be there.
AIRS_NODISCARD airs_status app_probation_check(const app_probation *self, airs_error *error);

/// Adds the terms of those that live to what is to be given. Errors: those of `node_live_add_actor`.
AIRS_NODISCARD airs_status app_probation_add_terms(const app_probation *self, node_live *to, airs_error *error);

#endif
