// SPDX-License-Identifier: MIT OR Apache-2.0
/// An app: a manifest, brought up as a supervision tree on a system of its own.
#ifndef AIRS_NODE_APP_H
#define AIRS_NODE_APP_H

#include "airssys/system.h"
#include "base/atomics.h"
#include "deploy/manifest.h"
#include "os/mutex.h"

/// An actor or a group of the manifest that is not to be there, with all that belongs to it.
typedef struct node_app_absence {
    const char *name;
    /// `start` does not know it; else it was stopped.
    bool removed;
} node_app_absence;

/// A deployment to one actor, or to what groups are made of, until what has come of it is written down.
typedef struct node_app_deploy {
    struct node_app_deploy *next;
    /// `actor "ada"`.
    char of[160];
} node_app_deploy;

/// What an operator asks of an actor or a group.
typedef enum node_app_asked {
    /// Also that it is removed.
    NODE_APP_STOP,
    NODE_APP_START,
    /// Another child of a group.
    NODE_APP_SPAWN,
    /// So many children of a group.
    NODE_APP_SCALE,
} node_app_asked;

/// It, until it is done and written down.
typedef struct node_app_ask {
    struct node_app_ask *next;
    node_app_asked what;
    /// Of NODE_APP_START: nothing is made anew.
    bool is_there;
    /// The actor, or the group; one without a name by its id.
    char name[129];
    /// Of NODE_APP_STOP: the group whose child it is, when the manifest does not know it; "": none.
    char group[129];
} node_app_ask;

typedef struct node_app {
    airs_system *system;
    /// Each component file once.
    airs_component **components;
    size_t components_count;
    /// The tree as it came up, in the order of `airs_actor_list`, each actor as it was when it had started. An app
    /// may have ended by the time somebody looks at it.
    airs_actor_info *tree;
    size_t tree_count;
    /// Of the app; it may be cut.
    char name[65];
    /// What it was started from, borrowed, and the files of `components`, which are the manifest's.
    const deploy_manifest *manifest;
    const char **paths;
    /// Of who starts what is in the manifest while the app runs. It is held as long as a guest's `start` takes.
    os_mutex lock;
    /// What has been removed from it, by the place in `manifest->names`. Without `lock`: `rm` waits for no `start`.
    BASE_ATOMIC(bool) *removed;
    struct component_learner *learner;
    /// Of `manifest` and `removed`, which a deployment of the whole app changes; and of what is being changed now.
    os_mutex look;
    /// Those of before, as somebody may look into them still.
    struct node_app_past *past;
    /// Single deployments under way, and whether one of the whole app is.
    uint32_t changes;
    bool deploying;
    /// Those of the changes that are deployments, and that are asked for; theirs.
    node_app_deploy *deploys;
    node_app_ask *asks;
} node_app;

/// What of a system the manifest does not say. All zero is allowed.
typedef struct node_app_options {
    airs_log_fn log;
    void *log_user;
    airs_log_level log_level;
    airs_event_fn event;
    void *event_user;
    /// A folder for compiled code; NULL: none.
    const char *cache_dir;
    /// The folder of its state (state.h), made when it is missing; NULL: nothing is kept, and no audit log written.
    const char *state_dir;
    /// As of airs_system_options.
    const char *compiler_path;
    /// Where the other apps of the node are; NULL: there are none.
    airs_bridge *bridge;
    /// Who learns what its actors would have to be granted (component/learn.h), and outlives the app. Then there is no
    /// network, and each actor of the manifest may spawn of each template. NULL: nobody.
    struct component_learner *learner;
    /// What of the manifest is not started; names that it does not have are none. Borrowed while it starts.
    const node_app_absence *absences;
    size_t absences_count;
} node_app_options;

/// Creates the system, loads the components, spawns the groups and the actors in the order of the
/// manifest's `starts`, each once the one before has started. When one fails, all are stopped again.
/// Owns:   the manifest is borrowed until the app is stopped; on success the app is ended with `node_app_stop`.
/// Errors: of the state folder E_IO, E_TOO_LARGE; those of `airs_system_create`, `airs_component_load_file` and
///         `airs_spawn_component`; the text says which actor it is about, and where it stands in the manifest.
AIRS_NODISCARD airs_status node_app_start(node_app *app, const deploy_manifest *manifest,
                                          const node_app_options *options, airs_error *error);

/// Starts an actor or a group of the manifest again that is not there any more, since it was stopped or has ended for
/// good: as the manifest says, a group with all that belongs to it, and without the state it had. Waits until it has
/// started; when one of it does not, the others are stopped again. `manifest` is the same with what its actors are made
/// of and granted now; NULL: the app's own.
/// Errors: E_NOT_FOUND nothing of that name is in the manifest, or it was removed; E_GONE the group it belongs to is
///         not there; E_TAKEN; those of `airs_spawn_component`.
/// Thread: any but a handler's.
AIRS_NODISCARD airs_status node_app_revive(node_app *app, const deploy_manifest *manifest, const char *name,
                                           airs_error *error);

/// Whether the manifest has an actor or a group of that name, removed or not. Any thread.
bool node_app_knows(const node_app *app, const char *name);

/// The names of an actor or a group of the manifest, and of all that belongs to it, a group before what does.
/// `*ret_names` is the caller's, the names are the manifest's; NULL without memory. Any thread.
size_t node_app_names_of(const node_app *app, const char *name, const char ***ret_names);

/// What the manifest says of deployments to an actor, or to a group: what its template says. NULL when it has nothing
/// of that name. Valid as long as the manifest. Any thread.
const deploy_policy *node_app_policy(const node_app *app, const char *name);

/// Forgets an actor or a group of the manifest, and all that belongs to it, so that it is not started again as long as
/// this app runs. A start under way either finds that out by itself, or has given it its name by now. Nothing when the
/// manifest has nothing of that name. Thread: any.
void node_app_forget(node_app *app, const char *name);

/// Whether it is a component alone, of which nothing is written down. Any thread.
bool node_app_is_bare(const node_app *app);

/// Something of the app is about to be changed for good: one actor, or the `whole` app, which excludes all others. On
/// success ended with `node_app_end_change`. Errors: E_TAKEN. Any thread.
AIRS_NODISCARD airs_status node_app_begin_change(node_app *app, bool whole, airs_error *error);
void node_app_end_change(node_app *app, bool whole);

/// The same of a deployment to one of its actors, `deploy->of`: there is no other one to that until this one has been
/// ended with `node_app_end_deploy`, and what it changes is not started. It stays where it is until then. Errors: as
/// `node_app_begin_change`. Any thread.
AIRS_NODISCARD airs_status node_app_begin_deploy(node_app *app, node_app_deploy *deploy, airs_error *error);
void node_app_end_deploy(node_app *app, node_app_deploy *deploy);

/// The same of what is asked for, which stays where it is until it has been ended with `node_app_end_ask`. One thing at
/// a time of a group and all that belongs to it, but that it can always be stopped or removed, and that several
/// children may be spawned at once. A child is not stopped while its group is being started; what a deployment changes
/// is not made anew. Errors: E_TAKEN, the text says what is under way. Any thread.
AIRS_NODISCARD airs_status node_app_begin_ask(node_app *app, node_app_ask *ask, airs_error *error);
void node_app_end_ask(node_app *app, node_app_ask *ask);

/// Spawns an actor that is made to be looked at first (app_probation.h), in the place of `airs_spawn_component`.
typedef struct node_app_trial {
    airs_status (*spawn)(struct node_app_trial *self, airs_system *system, airs_component *component,
                         const airs_spawn_options *options, airs_actor_id *ret_id, airs_error *error);
} node_app_trial;

/// Starts what another manifest of the app calls `name`, an actor or a group, and nothing that belongs to it. `trial`
/// spawns the actor; NULL: it is as the manifest says. Errors: as `node_app_revive`. Thread: any but a handler's.
AIRS_NODISCARD airs_status node_app_make(node_app *app, const deploy_manifest *manifest, const char *name,
                                         node_app_trial *trial, airs_error *error);

/// Is shown a template, with its component and those that it may spawn of; all of it is valid during the call.
typedef airs_status (*node_app_template_fn)(void *user, const airs_template *shown, airs_error *error);

/// Shows what `manifest` calls the template `name`, or the actor, as if that were one. Errors: E_NOMEM, those of
/// `airs_component_load_file` and of `fn`.
/// Thread: any but a handler's.
AIRS_NODISCARD airs_status node_app_template(node_app *app, const deploy_manifest *manifest, const char *name,
                                             node_app_template_fn fn, void *user, airs_error *error);

/// Another manifest in the place of the app's own, which is moved. `alone` NULL: nothing of it counts as removed; else
/// what was removed still does, and that actor where it is `gone`. Errors: E_NOMEM, and it is the caller's still. Any
/// thread.
AIRS_NODISCARD airs_status node_app_take(node_app *app, deploy_manifest *manifest, const char *alone, bool gone,
                                         airs_error *error);

/// Stops all actors, frees everything. All zero is allowed.
void node_app_stop(node_app *app);

/// The folder for compiled code: `$XDG_CACHE_HOME/airssys`, else `~/.cache/airssys`. False when there is no home.
bool node_cache_folder(char *path, size_t size);

#endif
