// SPDX-License-Identifier: MIT OR Apache-2.0
/// What an app's deployment would come to that only the components themselves, and who lives of them, can say.
#ifndef NODE_APP_COMPARE_H
#define NODE_APP_COMPARE_H

#include "node/app_deploy.h"

typedef struct app_comparison {
    /// What its component is and becomes, and why one of those that live can't follow; "" when all can.
    airs_deploy_difference difference;
    /// Somebody lives, of whom the first fields speak: those that are not made of another component too.
    bool has_versions;
    char refused[420];
} app_comparison;

/// Of an actor or a template that is changed by another instance; of a template its children answer, wherever they
/// are. False: nobody lives of it, or there is nothing to say. `asked`: what becomes of one without state; AUTO: as the
/// manifest says. Any thread but a worker's.
bool app_compare(airs_system *system, const node_app_plan *plan, const deploy_item *item, airs_on_no_state asked,
                 app_comparison *ret);

#endif
