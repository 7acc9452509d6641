// SPDX-License-Identifier: MIT OR Apache-2.0
/// What actors of an app, and what its templates make, may spawn of, where a deployment of the whole app changes that:
/// the lists of templates, which come live (live.h), and the grants, those to hand on too.
#ifndef NODE_APP_SPAWNING_H
#define NODE_APP_SPAWNING_H

#include "component/template.h"
#include "deploy/difference.h"
#include "node/app.h"

/// Of one name, as it is to be and as it was: a copy of one each.
typedef struct app_spawner {
    struct app_spawner *next;
    const char *name;
    bool of_template;
    template_list to;
    template_list from;
} app_spawner;

/// All zero: nothing of that changes.
typedef struct app_spawning {
    node_app *app;
    const deploy_manifest *from;
    const deploy_manifest *to;
    /// Who may spawn before whom he may spawn.
    app_spawner *first;
} app_spawning;

/// Where something of it changes, of all that are in both manifests and may spawn. Errors: E_NOMEM, those of
/// `node_app_template`; `app_spawning_fini` is allowed then. Any thread but a worker's.
AIRS_NODISCARD airs_status app_spawning_init(app_spawning *self, node_app *app, const deploy_manifest *from,
                                             const deploy_manifest *to, airs_error *error);
void app_spawning_fini(app_spawning *self);

/// NULL: it is none of them.
const app_spawner *app_spawning_find(const app_spawning *self, const char *name);

/// The grants of all that live are as they are to be: at once what they get and what they have no more, since two of
/// one template would contradict each other. Once more is allowed. Errors: those of authority_change_spawning.
AIRS_NODISCARD airs_status app_spawning_give(const app_spawning *self, airs_error *error);
/// They are as they were.
void app_spawning_take_back(const app_spawning *self);

#endif
