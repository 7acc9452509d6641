// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/learning.h"

#include "node/system.h"

static airs_status resolve_nothing(void *user, const char *name, airs_address *ret_addresses, size_t max,
                                   size_t *ret_count)
{
    (void)user;
    (void)name;
    (void)ret_addresses;
    (void)max;
    (void)ret_count;
    return AIRS_E_NOT_FOUND;
}

void learning_options(struct component_learner *learner, airs_system_options *options)
{
    if (learner)
        options->resolve = resolve_nothing;
}

void learning_begin(struct component_learner *learner, airs_system *system)
{
    system->components.learner = learner;
}
