// SPDX-License-Identifier: MIT OR Apache-2.0
/// A TCP port on a loopback address, for what may be read by everybody on this machine.
#ifndef AIRS_NODE_LOOPBACK_H
#define AIRS_NODE_LOOPBACK_H

#include "airssys/status.h"

typedef struct node_loopback {
    /// Does not block; -1: there is none.
    int fd;
    /// "127.0.0.1:9464", with the port that it got.
    char address[64];
} node_loopback;

/// Listens. `address` is as of capability/loopback.h.
/// Errors: E_INVALID it is none; E_TAKEN the port is in use; E_DENIED; E_IO; E_LIMIT. On success ended with
/// `node_loopback_close`.
AIRS_NODISCARD airs_status node_loopback_listen(const char *address, node_loopback *ret_loopback, airs_error *error);

/// A descriptor of -1 is allowed.
void node_loopback_close(node_loopback *loopback);

#endif
