// SPDX-License-Identifier: MIT OR Apache-2.0
/// What a component holds of the network: how many sockets are open, and what names resolved to for it.
///
/// Each use is decided here, right before the system is called: `connect` and each datagram by the address, `bind`,
/// `listen` and `accept` by its own. A socket that is open keeps the epoch and the grant that it was allowed with, and
/// is asked again when the grants have changed: as long as that grant stands, so does the socket.
#ifndef COMPONENT_NETWORK_H
#define COMPONENT_NETWORK_H

#include "component/component_actor.h"

/// The incarnation has ended, and its sockets with it. The owner.
void component_network_reset(component_actor *self);

#endif
