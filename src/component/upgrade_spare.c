// SPDX-License-Identifier: MIT OR Apache-2.0
/// Instances beside those of the actors, for a while: the next one, made before the SWAP, and the one before, destroyed
/// after it. Making and destroying is most of a swap's work, and an actor's messages need not wait for it.
///
/// Whoever needs an instance or memory for an actor comes first: a share of both is left, and without that an instance
/// is made within the SWAP and destroyed there.
#include "component/upgrade_impl.h"

#include "component/incarnation.h"

/// One of so many instances is left to actors.
#define LEFT_OF 16u

static bool has_room(const component_space *space)
{
    engine_live live;
    engine_live_counts(space->room.engine, &live);
    return live.stores + space->room.instances_max / LEFT_OF + 1 < space->room.instances_max;
}

/// Accounts for the memory of the instance in the seat. False: it is too much.
static bool take_memory(component_actor *self, component_upgrade *it)
{
    component_room *room = &self->space->room;
    uint64_t memory = base_atomic_load_relaxed(&component_gauges(self)->memory);
    if (base_atomic_fetch_add_relaxed(&room->memory, memory) + memory > room->memory_max) {
        (void)base_atomic_fetch_sub_relaxed(&room->memory, memory);
        return false;
    }
    it->extra_memory = memory;
    return true;
}

static void give_memory_back(component_actor *self, component_upgrade *it)
{
    (void)base_atomic_fetch_sub_relaxed(&self->space->room.memory, it->extra_memory);
    it->extra_memory = 0;
}

void upgrade_make_spare(component_actor *self, component_upgrade *it)
{
    component_actor_end_instance(self);
    if (!has_room(self->space))
        return;
    engine_outcome ignored;
    actor_failure failure = {.reason = AIRS_EXIT_NORMAL};
    it->pretended = false;
    // What its initialisers do to others must be done when it comes: such a one, one that takes its time, and one that
    // fails, are left to the SWAP.
    bool good = component_actor_instantiate(self, &ignored, &failure) == ACTOR_DONE && !it->pretended;
    if (!good || self->exit_requested || !take_memory(self, it)) {
        component_actor_end_instance(self);
        return;
    }
    it->spare = self->instance;
    self->instance = NULL;
}

bool upgrade_take_spare(component_actor *self, component_upgrade *it)
{
    if (it->spare == NULL)
        return false;
    self->instance = it->spare;
    it->spare = NULL;
    give_memory_back(self, it);
    component_actor_take_seat(self);
    return true;
}

void upgrade_leave_spent(component_actor *self, component_upgrade *it)
{
    // Its sockets are counted for who has the seat when they are closed.
    bool is_clean = !self->calling && base_atomic_load_relaxed(&self->cell.connections) == 0;
    if (!is_clean || !has_room(self->space) || !take_memory(self, it))
        return;
    it->spent = self->instance;
    self->instance = NULL;
}

/// One of the two.
static void end(component_actor *self, component_upgrade *it, engine_instance **which)
{
    if (*which == NULL)
        return;
    engine_instance_destroy(*which);
    *which = NULL;
    give_memory_back(self, it);
}

void upgrade_end_spent(component_actor *self, component_upgrade *it)
{
    end(self, it, &it->spent);
}

void upgrade_end_extra(component_actor *self, component_upgrade *it)
{
    end(self, it, &it->spent);
    end(self, it, &it->spare);
}
