// SPDX-License-Identifier: MIT OR Apache-2.0
/// A system in which somebody learns (component/learn.h).
#ifndef AIRS_NODE_LEARNING_H
#define AIRS_NODE_LEARNING_H

#include "airssys/system.h"

struct component_learner;

/// The options of its system: no name is known. NULL: as they are.
void learning_options(struct component_learner *learner, airs_system_options *options);

/// From now on it learns; before the first actor is spawned. NULL: nobody does.
void learning_begin(struct component_learner *learner, airs_system *system);

#endif
