// SPDX-License-Identifier: MIT OR Apache-2.0
/// What a component's imports do: the engine calls these on the guest's fiber, with the component_actor.
/// At most 16 KiB of stack, no waiting: what has to wait says PENDING.
#ifndef COMPONENT_HOST_H
#define COMPONENT_HOST_H

#include "engine.h"

struct component_space;

/// The functions of this version, for the components of a space (NULL: none will run); what is NULL is not offered to
/// components.
void component_host_init(struct component_space *space, engine_host *ret_host);

/// airssys:actor/mailbox and messaging; host_messaging.c.
void component_host_init_messaging(engine_host *host);

/// Topics, names and airssys:actor/timers; host_routes.c.
void component_host_init_routes(engine_host *host);

/// airssys:actor/supervision; host_supervision.c.
void component_host_init_supervision(engine_host *host);

/// wasi:sockets; host_network.c.
void component_host_init_network(engine_host *host);

/// wasi:filesystem; host_files.c.
void component_host_init_files(engine_host *host);

/// Clocks, random numbers, output, settings and the log, as WASI has them; host_rights.c.
void component_host_init_rights(engine_host *host);

/// airssys:actor/context, and what is no import; host_runtime.c.
void component_host_init_runtime(engine_host *host);

/// Those that do something else for an instance that is not the actor itself at the moment; host_upgrade.c.
void component_host_init_upgrade(engine_host *host);

#endif
