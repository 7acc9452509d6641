// SPDX-License-Identifier: MIT OR Apache-2.0
/// What changes an app while it runs, and is there again when the node is: deployments, grants, what was stopped or
/// removed, and children of its groups.
///
/// Each is done and on the disk, or neither, once its function has returned. Without a store (NULL) it is only done.
#ifndef NODE_DURABLE_H
#define NODE_DURABLE_H

#include "airssys/capability.h"
#include "airssys/deploy.h"
#include "airssys/system.h"
#include "node/boot.h"
#include "node/ends.h"

/// An app that runs, and where it is kept.
typedef struct node_durable {
    node_store *store;
    /// Who has ended by itself for good, and may be kept; NULL: nobody looks. Borrowed.
    node_ends *ends;
    char app[65];
} node_durable;

/// After an app has started: its history is there again, what was before can be rolled back to, and what was granted
/// and revoked is. Errors: E_IO, E_NOMEM, and those of `airs_grant_add` and `airs_component_load`.
AIRS_NODISCARD airs_status node_durable_resume(const node_durable *self, airs_system *system, const node_boot *boot,
                                               airs_error *error);

/// `node_app_revive`: what is started again has what was deployed, granted and revoked, a group its children, and all
/// of it is to be there from before it is started. Errors: also those of `node_boot_stored`; then nothing of it is
/// there, and what was stopped stays so.
AIRS_NODISCARD airs_status node_durable_revive(const node_durable *self, airs_system *system, node_app *app,
                                               const char *name, airs_error *error);

/// Loads a component: an absolute path, or the beginning of the hash of one that the node keeps.
/// Errors: those of `airs_component_load_file` and `node_store_find`.
AIRS_NODISCARD airs_status node_durable_load(const node_durable *self, airs_system *system, const char *component,
                                             airs_component **ret_component, airs_error *error);

/// What a deployment to an actor changes for good, as text: `actor "ada"`; of a group all that are made of its
/// template, `template "child"`. Two at once that change the same may be written down in the wrong order.
void node_durable_subject(airs_system *system, airs_actor_id actor, char *ret_text, size_t size);

/// Whether a deployment to an actor, or a way back, can be kept. Errors: E_UNSUPPORTED it is a child of a group, which
/// has one version.
AIRS_NODISCARD airs_status node_durable_may_deploy(const node_durable *self, airs_system *system, airs_actor_id actor,
                                                   airs_error *error);

/// Names what a deployment of a component to an actor is: what that is made of now, and what it would be. As digits, ""
/// when there is no such actor. Another one: another deployment.
void node_durable_digest(airs_system *system, airs_actor_id actor, const airs_component *component,
                         char ret_digits[NODE_CONTENT_DIGITS + 1]);

/// That somebody has looked at something else than what is there: E_TAKEN.
airs_status node_durable_say_changed(const char *name, airs_error *error);

/// `airs_deploy` of such a component to one actor; `digest` is what was looked at, "" nothing was. When the end can't
/// be written down, the old version is put back.
/// Errors: also E_IO, E_TAKEN what was looked at has changed, and those of `node_durable_may_deploy`. Blocks as
/// `airs_deploy` does.
AIRS_NODISCARD airs_status node_durable_deploy(const node_durable *self, airs_system *system, const char *component,
                                               airs_actor_id actor, const char *digest,
                                               const airs_deploy_options *options, airs_deploy_result *ret_result,
                                               airs_error *error);

/// `airs_rollback` of one actor. Errors: also those of `node_durable_may_deploy`.
AIRS_NODISCARD airs_status node_durable_rollback(const node_durable *self, airs_system *system, airs_actor_id actor,
                                                 const airs_deploy_options *options, airs_deploy_result *ret_result,
                                                 airs_error *error);

/// `airs_grant_add`; what can't be written down is taken back. Errors: also E_IO; E_TAKEN it is a child of a group that
/// is just being started or stopped: nothing has changed.
AIRS_NODISCARD airs_status node_durable_grant(const node_durable *self, airs_system *system, airs_actor_id actor,
                                              const airs_grant *grants, size_t count, uint32_t *ret_number,
                                              airs_error *error);

/// Keeps what an app exposes from now on, or with `hide` no more: it is so already. E_IO: it would not be after the
/// next start of the node.
AIRS_NODISCARD airs_status node_durable_expose(const node_durable *self, const char *const *patterns, size_t count,
                                               bool hide, airs_error *error);

/// `airs_grant_revoke`. E_TAKEN as above. E_IO: it is revoked, but would be there again after the next start of the
/// node, unless it is revoked once more, or something else is granted or revoked of the app, and that can be written
/// down.
AIRS_NODISCARD airs_status node_durable_revoke(const node_durable *self, airs_system *system, airs_actor_id actor,
                                               const uint32_t *numbers, size_t count, airs_error *error);

/// After a deployment: components that nothing needs are removed, but for some (NODE_STORE_UNUSED_MAX). What can't be
/// is said in the log.
void node_durable_prune(const node_durable *self, airs_system *system);

// ---------------------------------------------------------------- what is to be there (durable_asked.c)

/// An actor that is about to be stopped for good, or removed: one of the app's is not started with the node any more, a
/// child of a group that was asked for is forgotten. `name` may be "", `actor` 0. Errors: E_IO, and nothing has
/// changed.
AIRS_NODISCARD airs_status node_durable_leave_out(const node_durable *self, const node_app *app, const char *name,
                                                  airs_actor_id actor, bool removed, airs_error *error);

/// An actor that was left out has ended: of a child that was written down only meanwhile nothing is left. Errors: E_IO.
AIRS_NODISCARD airs_status node_durable_has_left(const node_durable *self, const node_app *app, const char *name,
                                                 airs_actor_id actor, airs_error *error);

/// What was stopped and is there all the same is to be there again, that alone. `app` NULL: nothing is. Errors: E_IO.
AIRS_NODISCARD airs_status node_durable_bring_back(const node_durable *self, const node_app *app, const char *name,
                                                   airs_error *error);

/// What was to be there no more.
typedef struct node_durable_stopped {
    /// The first `count` of them; the manifest's.
    const char **names;
    size_t count;
    size_t all_count;
} node_durable_stopped;

/// What was stopped is to be there again, with all that belongs to it. In any case ended with
/// `node_durable_end_stopped`. Errors: E_IO, E_NOMEM.
AIRS_NODISCARD airs_status node_durable_bring_all_back(const node_durable *self, const node_app *app, const char *name,
                                                       node_durable_stopped *ret_stopped, airs_error *error);

/// `stop_again`: nothing has come of it.
void node_durable_end_stopped(const node_durable *self, airs_system *system, node_durable_stopped *stopped,
                              bool stop_again);

/// Says in the log what of an app that has started is left out.
void node_durable_say_absences(airs_system *system, const node_boot *boot);

/// Children of a group that have been started.
typedef struct node_durable_children {
    const airs_actor_id *ids;
    size_t count;
    /// Of each; NULL: none, and no settings of its own (an object of texts, as JSON).
    const char *name;
    const char *config;
    /// With those that run, they are all that the group is to have.
    bool all;
} node_durable_children;

/// Keeps them; those of the group that have ended by themselves are forgotten. Nothing where the group is not the
/// app's. What can't be written down is stopped again. Errors: E_IO, E_NOMEM.
AIRS_NODISCARD airs_status node_durable_keep_children(const node_durable *self, airs_system *system,
                                                      const node_app *app, airs_actor_id group,
                                                      const node_durable_children *children, airs_error *error);

/// Children of a group that are about to be stopped are to be there no more. Errors: E_IO, E_NOMEM.
AIRS_NODISCARD airs_status node_durable_forget_children(const node_durable *self, airs_system *system,
                                                        airs_actor_id group, const airs_actor_id *ids, size_t count,
                                                        airs_error *error);

/// Children that were asked for and have ended by themselves for good (`ends`) are to be there no more. Until then a
/// node that starts anew starts them again: where it is killed meanwhile, or ends while a child does, one that was done
/// may be done once more. What can't be written down is said in the log, and forgotten with the next child of its group
/// that is kept. Not on a worker.
void node_durable_forget_ended(const node_durable *self, airs_system *system);

/// Starts the children of groups that have just been made: of these, or with NULL of all. One that does not start is
/// said in the log. Errors: E_IO, E_NOMEM.
AIRS_NODISCARD airs_status node_durable_start_children(const node_durable *self, airs_system *system,
                                                       const node_boot *boot, const char *const *groups,
                                                       size_t groups_count, airs_error *error);

#endif
