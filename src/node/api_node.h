// SPDX-License-Identifier: MIT OR Apache-2.0
/// What the two files of include/airssys/node.h share. Private to them.
#ifndef NODE_API_NODE_H
#define NODE_API_NODE_H

#include "node/host.h"

/// Whether this thread runs a handler of one of the node's actors.
bool api_node_is_inside(const airs_node *node);

/// The app's system, once it has started; NULL: it has not, or has ended. Any thread.
airs_system *api_node_system(const node_hosted *it);

#endif
