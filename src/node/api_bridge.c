// SPDX-License-Identifier: MIT OR Apache-2.0
/// include/airssys/bridge.h.
#include "airssys/bridge.h"

#include "base/error.h"
#include "node/system.h"

airs_status airs_bridge_create(airs_bridge **ret_bridge, airs_error *error)
{
    if (ret_bridge == NULL)
        return base_error_set(error, AIRS_E_INVALID, "ret_bridge is NULL");
    airs_status status = bridge_create(ret_bridge);
    return status == AIRS_OK ? AIRS_OK : base_error_set(error, status, "no memory for a bridge");
}

void airs_bridge_destroy(airs_bridge *bridge)
{
    if (bridge != NULL)
        bridge_release(bridge);
}

/// Under the system's `bridge_lock`.
static airs_status join(airs_bridge *bridge, airs_system *system, const char *app, const char *const *exposed,
                        size_t count, airs_error *error)
{
    // Looked at under the lock: who stops the system leaves the bridge under it.
    if (base_atomic_load_acquire(&system->actors.stopping))
        return base_error_set(error, AIRS_E_STOPPING, "%s", airs_status_text(AIRS_E_STOPPING));
    if (base_atomic_load_relaxed(&system->place) != NULL)
        return base_error_set(error, AIRS_E_INVALID, "the system is on a bridge already");
    bridge_place *place;
    airs_status status = bridge_join(bridge, &system->actors, app, exposed, count, &place, error);
    if (status == AIRS_OK)
        base_atomic_store_release(&system->place, place);
    return status;
}

airs_status airs_bridge_join(airs_bridge *bridge, airs_system *system, const char *app, const char *const *exposed,
                             size_t exposed_count, airs_error *error)
{
    if (bridge == NULL || system == NULL || app == NULL || (exposed == NULL && exposed_count > 0))
        return base_error_set(error, AIRS_E_INVALID, "an argument is NULL");
    os_mutex_lock(&system->bridge_lock);
    airs_status status = join(bridge, system, app, exposed, exposed_count, error);
    os_mutex_unlock(&system->bridge_lock);
    return status;
}

airs_status airs_bridge_expose(airs_system *system, const char *const *exposed, size_t exposed_count, airs_error *error)
{
    if (system == NULL || (exposed == NULL && exposed_count > 0))
        return base_error_set(error, AIRS_E_INVALID, "an argument is NULL");
    bridge_place *place = base_atomic_load_acquire(&system->place);
    if (place == NULL)
        return base_error_set(error, AIRS_E_INVALID, "the system is on no bridge");
    return bridge_expose(place, &system->actors, exposed, exposed_count, error);
}

void system_leave_bridge(airs_system *system)
{
    os_mutex_lock(&system->bridge_lock);
    bridge_place *place = base_atomic_load_acquire(&system->place);
    os_mutex_unlock(&system->bridge_lock);
    if (place == NULL)
        return;
    requests_end(&system->actors);
    bridge_leave(place, &system->actors);
}
