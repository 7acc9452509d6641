// SPDX-License-Identifier: MIT OR Apache-2.0
/// A bridge: systems of one process whose actors reach each other by name.
///
/// Each system on a bridge is an app. An actor names one of another app `app/name`: `airs_lookup`, and a component's
/// `lookup`, give an id for it, to send to, to ask, to hand on to, to set a timer for. Such an id stands for the name,
/// not for who has it: each message finds its receiver anew, so it outlives an app that is stopped and started again.
/// A name with a slash that an actor of the own system has is that actor's.
///
/// Two must agree, and are asked at each use: the sender's grants, of a component, which must name the other app (a `*`
/// before the slash matches no other app); and the receiver's app, which exposes names.
/// docs/reference/message-routing.md says what else holds between apps.
#ifndef AIRSSYS_BRIDGE_H
#define AIRSSYS_BRIDGE_H

#include "airssys/actor.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct airs_bridge airs_bridge;

/// Makes a bridge without systems. Errors: E_NOMEM. Thread: any; ended with `airs_bridge_destroy`.
AIRS_API AIRS_NODISCARD airs_status airs_bridge_create(airs_bridge **ret_bridge, airs_error *error);

/// Ends it when its systems have been destroyed, now or later; none joins any more. NULL is allowed. Thread: any.
AIRS_API void airs_bridge_destroy(airs_bridge *bridge);

/// Puts a system on a bridge, as `app`, until it is stopped: then its name is free for another one.
/// `exposed` are patterns of names (`*` is any run of characters) that the actors of the other apps may send to; none:
/// nobody can, and its own actors may still send to others.
/// Errors: E_INVALID `app` is not 1 to 64 letters, digits and `-_.`, a pattern is not one of names, or the system is on
///         a bridge already; E_TAKEN another system has the name; E_LIMIT 1,024 apps, 256 patterns; E_STOPPING;
///         E_NOMEM.
/// Thread: any; before the system's actors look up names of others.
AIRS_API AIRS_NODISCARD airs_status airs_bridge_join(airs_bridge *bridge, airs_system *system, const char *app,
                                                     const char *const *exposed, size_t exposed_count,
                                                     airs_error *error);

/// Sets anew what a system on a bridge exposes, all of it. When this has returned, each message of another app that
/// comes by a name that is exposed no more is refused, AIRS_E_DENIED; what it was sent before, it has.
/// Errors: E_INVALID a pattern, or the system is on no bridge; E_LIMIT; E_STOPPING it has stopped; E_NOMEM: nothing is
/// changed. Thread: any.
AIRS_API AIRS_NODISCARD airs_status airs_bridge_expose(airs_system *system, const char *const *exposed,
                                                       size_t exposed_count, airs_error *error);

#ifdef __cplusplus
}
#endif

#endif
