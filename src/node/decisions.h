// SPDX-License-Identifier: MIT OR Apache-2.0
/// Who decides beside the grants: the program's own function, in front of the audit log.
#ifndef NODE_DECISIONS_H
#define NODE_DECISIONS_H

#include "airssys/capability.h"
#include "component/authority.h"

/// All zero: nobody.
typedef struct node_decisions {
    airs_decision_fn fn;
    void *user;
    /// Who is told behind it; NULL: nobody.
    const authority_observer *next;
    authority_observer observer;
} node_decisions;

/// Puts `fn` in front of `next`; returns who is to be told. `fn` NULL: it is `next` alone. Nobody decides yet.
const authority_observer *node_decisions_set(node_decisions *self, airs_decision_fn fn, void *user,
                                             const authority_observer *next);

#endif
