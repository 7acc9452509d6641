// SPDX-License-Identifier: MIT OR Apache-2.0
/// Systems of one process whose actors reach each other by name, `app/name`: a plug for names elsewhere
/// (actor/elsewhere.h) that delivers into the other system at once, on the sender's thread.
///
/// Roles       A place is one app of a bridge. Its system comes and goes; the place stays as long as the bridge.
///             Visitors are threads of other systems in the middle of a delivery, an outcome or a cancellation.
/// Invariants  1. A system's space is touched by a visitor only between `enter` and `leave` of its place.
///             2. A place is closed when its system has stopped: all its actors have ended, each request to it is
///                settled. After `bridge_leave` no visitor is in it, none comes, so the space may end.
///             3. What points to a place (far names, requests from elsewhere) belongs to systems that hold the bridge,
///                until they are destroyed: the bridge, and with it each place, ends behind the last of them.
///             4. Visitors never wait: neither for a lock that is held longer than a few lines, nor for a place to
///                open or close. So who closes one waits for the end of what is under way, and nobody for him.
///             5. A number of an earlier system of the place is nobody's in the next: ids and requests have the owner
///                in them.
/// Pairs       gate: fetch_and acq_rel (open), with fetch_add acquire (enter): the visitor finds the space and what is
///             in it. fetch_sub release (leave), with load acquire (close): what visitors did comes before the
///             space's end.
///             epoch: store release under the lock, with load acquire: an answer that is kept in a far name is of
///             these patterns.
#ifndef ROUTE_BRIDGE_H
#define ROUTE_BRIDGE_H

#include "actor/elsewhere.h"
#include "airssys/bridge.h"
#include "os/mutex.h"

/// Apps of one bridge, those that have left included: a place is its name's for good.
#define BRIDGE_PLACES_MAX 1024u
/// Systems that one request may cross into, one after the other: its outcome goes back through all of them at once.
#define BRIDGE_HOPS_MAX 8u
/// Patterns that one app exposes.
#define BRIDGE_EXPOSED_MAX 256u

typedef struct bridge_place {
    airs_bridge *bridge;
    /// What the system of the app is given.
    actor_elsewhere plug;
    /// The highest bit: closed. Below: visitors.
    BASE_ATOMIC(uint32_t) gate;
    /// Its system's; NULL when it has none. Written while the gate is closed.
    actor_space *space;
    /// Counts changes of what is exposed.
    BASE_ATOMIC(uint64_t) epoch;
    os_mutex lock;
    // Under the lock.
    char **exposed;
    size_t exposed_count;
    char app[FAR_APP_SIZE];
} bridge_place;

struct airs_bridge {
    BASE_ATOMIC(uint32_t) references;
    os_mutex lock;
    /// Under the lock; `count` is published behind a place. Places are never taken out.
    BASE_ATOMIC(uint32_t) count;
    BASE_ATOMIC(bridge_place *) places[BRIDGE_PLACES_MAX];
};

/// Errors: E_NOMEM.
airs_status bridge_create(airs_bridge **ret_bridge);
void bridge_release(airs_bridge *bridge);

/// 1 to 64 letters, digits and `-_.`. Errors: E_INVALID.
airs_status bridge_check_app(airs_bytes app, airs_error *error);

/// Joins a space, which holds the bridge from now on, until `bridge_release`.
/// Errors: E_INVALID the name or a pattern; E_TAKEN a system of this name is there; E_LIMIT; E_NOMEM.
airs_status bridge_join(airs_bridge *bridge, actor_space *space, const char *app, const char *const *exposed,
                        size_t count, bridge_place **ret_place, airs_error *error);

/// Sets what an app exposes. Holds for each delivery that begins after this has returned. Errors: E_INVALID, E_LIMIT,
/// E_STOPPING its system has left, E_NOMEM; then nothing is changed. Any thread.
airs_status bridge_expose(bridge_place *place, const actor_space *space, const char *const *exposed, size_t count,
                          airs_error *error);

/// Exposes more patterns, or with `hide` some no more: those that it exposes, as they are. One that it has already is
/// there once. Errors: as bridge_expose; E_NOT_FOUND one to hide is not exposed.
airs_status bridge_change(bridge_place *place, const actor_space *space, bool hide, const char *const *patterns,
                          size_t count, airs_error *error);

/// Visits what an app exposes. `fn` must not block. Any thread.
void bridge_each_exposed(bridge_place *place, void (*fn)(void *user, const char *pattern), void *user);

/// Whether this thread is in the middle of a delivery, an outcome or a cancellation in that space, from another system:
/// it must not wait for the space's end, nor for an answer in it.
bool bridge_is_visited_by_me(const actor_space *space);

/// Its system has stopped. Waits for those who are in it right now. Twice is once.
void bridge_leave(bridge_place *place, const actor_space *space);

#endif
