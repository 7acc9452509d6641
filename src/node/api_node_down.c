// SPDX-License-Identifier: MIT OR Apache-2.0
/// A node of include/airssys/node.h that is told from outside to stop: by the request `down`, of `airssys down`.
#include "base/error.h"
#include "node/api_node.h"
#include "os/clock.h"

/// Whoever is asked answers first: the node is stopped by a thread of its own.
static void stop(void *user)
{
    airs_node *node = user;
    // Requests are answered a moment before it counts as started.
    (void)os_event_wait(&node->start_over, OS_NEVER);
    airs_node_stop(node);
    os_event_set(&node->down_over);
}

airs_status api_node_down(void *user, const char **ret_socket, airs_error *error)
{
    airs_node *node = user;
    airs_status status = AIRS_OK;
    os_mutex_lock(&node->lock);
    if (!node->down_asked)
        status = os_thread_start(&node->down_thread, "airs-down", 0, stop, node);
    node->down_asked = node->down_asked || status == AIRS_OK;
    os_mutex_unlock(&node->lock);
    if (status != AIRS_OK)
        return base_error_set(error, status, "cannot start a thread to stop the node");
    *ret_socket = node_hosted_socket(&node->apps[0]);
    return AIRS_OK;
}

bool api_node_down_asked(airs_node *node)
{
    os_mutex_lock(&node->lock);
    bool asked = node->down_asked;
    os_mutex_unlock(&node->lock);
    return asked;
}

void api_node_end_down(airs_node *node)
{
    if (api_node_down_asked(node))
        os_thread_join(&node->down_thread);
}
