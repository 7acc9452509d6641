// SPDX-License-Identifier: MIT OR Apache-2.0
/// What the two files of include/airssys/node.h share. Private to them.
#ifndef NODE_API_NODE_H
#define NODE_API_NODE_H

#include "node/host.h"

/// Whether this thread runs a handler of one of the node's actors.
bool api_node_is_inside(const airs_node *node);

/// The app's system, once it has started; NULL: it has not, or has ended. Any thread.
airs_system *api_node_system(const node_hosted *it);

/// Begins to stop the node: what `down` does (node_server_down_fn).
airs_status api_node_down(void *node, const char **ret_socket, airs_error *error);

/// Whether it was asked for. Any thread.
bool api_node_down_asked(airs_node *node);

/// Waits for the thread that does it, if there is one. The node has stopped.
void api_node_end_down(airs_node *node);

#endif
