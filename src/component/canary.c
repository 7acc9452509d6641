// SPDX-License-Identifier: MIT OR Apache-2.0
#include "component/canary.h"

#include "actor/alarms.h"
#include "actor/journal.h"
#include "actor/links.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "base/bytes.h"
#include "component/aside.h"
#include "component/children.h"
#include "component/incarnation.h"
#include "component/upgrade.h"
#include "route/router.h"

/// Of a share.
#define WHOLE_PPM 1000000u
/// So many noted things before those that are over are looked for.
#define NOTED_MANY 64u

static canary *part_of(const component_actor *self)
{
    return self->upgrade == NULL ? NULL : &self->upgrade->twin;
}

canary *canary_of(const component_actor *self)
{
    canary *it = part_of(self);
    return it != NULL && it->lives ? it : NULL;
}

bool canary_acts(const component_actor *self)
{
    return self->cell.twin_acts;
}

bool canary_turns(const component_actor *self)
{
    const canary *it = canary_of(self);
    return it != NULL && it->turns;
}

uint32_t canary_incarnation(const component_actor *self)
{
    return canary_acts(self) ? self->cell.twin : self->cell.incarnation;
}

// ---------------------------------------------------------------- whose an event is

static bool has_id(const actor_ids *list, uint64_t id)
{
    for (uint32_t i = list->len; i > 0; i--) {
        if (list->ids[i - 1] == id)
            return true;
    }
    return false;
}

/// Spreads what comes one after the other.
static uint64_t mix(uint64_t value)
{
    value ^= value >> 30;
    value *= UINT64_C(0xbf58476d1ce4e5b9);
    value ^= value >> 27;
    value *= UINT64_C(0x94d049bb133111eb);
    return value ^ value >> 31;
}

static bool is_message_of_twin(const component_actor *self, const canary *it, const envelope *mail)
{
    if (mail->sender == self->cell.id)
        return mail->of_twin;
    uint64_t hash = mix((it->by_message ? mail->id : mail->sender) + it->salt);
    return hash % WHOLE_PPM < it->share_ppm;
}

static bool is_of_twin(const component_actor *self, const canary *it, const envelope *mail)
{
    switch ((envelope_kind)mail->kind) {
    case ENVELOPE_MESSAGE:
        return is_message_of_twin(self, it, mail);
    case ENVELOPE_REPLY:
        return mail->incarnation == self->cell.twin;
    case ENVELOPE_DOWN:
        return mail->request != 0 && has_id(&it->monitors, mail->request);
    case ENVELOPE_PROBE:
        break;
    }
    return false;
}

/// `actor_meter.takes`.
static bool takes(actor *cell, const envelope *mail)
{
    component_actor *self = component_actor_of(cell);
    canary *it = canary_of(self);
    AIRS_DCHECK(it != NULL);
    it->turns = is_of_twin(self, it, mail) != it->acts;
    return !it->turns;
}

// ---------------------------------------------------------------- the seat

/// What goes with the seat, besides the instance.
static void swap_sides(component_actor *self, canary *it)
{
    actor *cell = &self->cell;
    struct actor_journal *journal = cell->journal;
    cell->journal = it->journal;
    it->journal = journal;
    if (it->own_children) {
        struct children *beside = it->children;
        it->children = children_put_aside(self);
        children_seat(self, beside);
    }
    bool exits = self->exit_requested;
    self->exit_requested = it->exits;
    it->exits = exits;
    uint32_t requests_open = self->requests_open;
    self->requests_open = it->requests_open;
    it->requests_open = requests_open;
    it->acts = !it->acts;
    it->turns = false;
    cell->twin_acts = it->acts;
    cell->life.on_probation = it->acts;
    if (cell->meter != NULL)
        cell->meter->is_new = it->acts;
    self->role = it->acts ? COMPONENT_ROLE_TWIN : COMPONENT_ROLE_SELF;
}

void canary_turn(component_actor *self)
{
    component_upgrade *of = self->upgrade;
    AIRS_DCHECK(!self->calling);
    component_upgrade_change_places(self, of, !of->twin.acts);
    swap_sides(self, &of->twin);
}

bool canary_turn_if_due(component_actor *self)
{
    if (!canary_turns(self) || self->calling || self->cell.in_hand != NULL)
        return false;
    canary_turn(self);
    return true;
}

void canary_begin(component_actor *self, const actor_upgrade *order)
{
    actor *cell = &self->cell;
    canary *it = part_of(self);
    *it = (canary){.lives = true,
                   .by_message = order->by_message,
                   .share_ppm = order->share_ppm,
                   .salt = order->salt,
                   .own_children = !self->upgrade->has_state};
    // What is not in the state of the old version is lost with the twin: it can be looked at. Without memory it is
    // only counted.
    if (self->upgrade->has_state)
        it->journal = actor_journal_create(cell->space->allocator);
    cell->twin = ACTOR_TWIN_BIT | ++cell->twins;
    canary_turn(self);
}

void canary_split(component_actor *self)
{
    canary_turn(self);
    self->cell.meter->takes = takes;
}

actor_progress canary_go_home(component_actor *self, actor_failure *failure)
{
    actor_progress progress = component_aside_leave(self, failure);
    if (progress == ACTOR_DONE && canary_acts(self))
        canary_turn(self);
    return progress;
}

// ---------------------------------------------------------------- what the twin has made

/// Forgets what is over by itself.
static void forget_over(component_actor *self, held_sort sort, actor_ids *list)
{
    actor_space *space = self->cell.space;
    uint32_t kept = 0;
    sched_read read = sched_read_enter(space->sched);
    for (uint32_t i = 0; i < list->len; i++) {
        uint64_t id = list->ids[i];
        bool is_over = (sort == HELD_TIMERS && !alarm_is_set(&space->router->alarms, id)) ||
                       (sort == HELD_REQUESTS && !request_is_waiting(space, id));
        if (!is_over)
            list->ids[kept++] = id;
    }
    sched_read_leave(space->sched, read);
    list->len = kept;
}

bool canary_note(component_actor *self, held_sort sort, uint64_t id)
{
    actor_ids *list = &part_of(self)->made[sort];
    if (list->len == list->capacity && list->len >= NOTED_MANY)
        forget_over(self, sort, list);
    return actor_ids_add(list, self->cell.space->allocator, id);
}

bool canary_note_monitor(component_actor *self, uint64_t id)
{
    actor_ids *list = &part_of(self)->monitors;
    if (list->len == list->capacity && list->len >= NOTED_MANY)
        actor_forget_monitors(&self->cell, list);
    return actor_ids_add(list, self->cell.space->allocator, id);
}

bool canary_note_name(component_actor *self, airs_bytes name)
{
    canary *it = part_of(self);
    char *copy = it->names_count == ACTOR_NAMES_MAX
                     ? NULL
                     : base_strndup(self->cell.space->allocator, (const char *)name.data, name.len);
    if (copy != NULL)
        it->names[it->names_count++] = copy;
    return copy != NULL;
}

bool canary_has(const component_actor *self, held_sort sort, uint64_t id)
{
    return has_id(&part_of(self)->made[sort], id);
}

void canary_forget(component_actor *self, held_sort sort, uint64_t id)
{
    (void)actor_ids_remove(&part_of(self)->made[sort], id);
}

bool canary_forget_monitor(component_actor *self, uint64_t id)
{
    return actor_ids_remove(&part_of(self)->monitors, id);
}

bool canary_forget_name(component_actor *self, airs_bytes name)
{
    canary *it = part_of(self);
    for (uint32_t i = 0; i < it->names_count; i++) {
        if (!base_bytes_are(name, it->names[i]))
            continue;
        base_free(self->cell.space->allocator, it->names[i]);
        it->names[i] = it->names[--it->names_count];
        return true;
    }
    return false;
}

// ---------------------------------------------------------------- its end

static void end_made(component_actor *self, canary *it)
{
    actor *cell = &self->cell;
    const airs_allocator *allocator = cell->space->allocator;
    // Those of the old version stay open.
    uint32_t requests_open = self->requests_open;
    for (int sort = 0; sort < HELD_SORTS; sort++) {
        for (uint32_t i = 0; i < it->made[sort].len; i++)
            holdings_end_one(self, (held_sort)sort, it->made[sort].ids[i]);
        base_free(allocator, it->made[sort].ids);
        it->made[sort] = (actor_ids){0};
    }
    self->requests_open = requests_open;
    for (uint32_t i = 0; i < it->monitors.len; i++)
        (void)actor_demonitor(cell, it->monitors.ids[i]);
    base_free(allocator, it->monitors.ids);
    it->monitors = (actor_ids){0};
    for (uint32_t i = 0; i < it->names_count; i++) {
        (void)actor_name_unregister(cell, base_bytes_of(it->names[i]));
        base_free(allocator, it->names[i]);
    }
    it->names_count = 0;
}

/// What the twin has handled is in no state any more.
static void tell_lost(component_actor *self, canary *it)
{
    actor_upgrade *order = self->cell.ordered;
    if (order == NULL || order->meter == NULL || !self->upgrade->has_state) {
        actor_journal_destroy(it->journal);
    } else {
        order->handled_since = base_atomic_load_relaxed(&order->meter->versions[1].handled);
        actor_journal_destroy(order->lost);
        order->lost = it->journal;
    }
    it->journal = NULL;
}

/// The end of one that the twin monitors is nobody else's event.
static void discard_down(actor *cell, envelope **mail)
{
    if (*mail == NULL || (*mail)->kind != ENVELOPE_DOWN)
        return;
    actor_space_discard(cell->space, *mail);
    *mail = NULL;
}

void canary_end(component_actor *self)
{
    canary *it = canary_of(self);
    if (it == NULL)
        return;
    if (it->acts) {
        discard_down(&self->cell, &self->cell.in_hand);
        discard_down(&self->cell, &self->cell.spoiled);
        component_actor_end_instance(self);
        canary_turn(self);
    }
    // It stands between two events: no call of it is pending.
    component_upgrade_end_beside(self->upgrade);
    if (self->cell.meter != NULL)
        self->cell.meter->takes = NULL;
    end_made(self, it);
    children_drop(self, it->children);
    it->children = NULL;
    tell_lost(self, it);
    it->lives = it->turns = it->asks_twin = false;
    actor_end_twin(&self->cell, base_bytes_of("the canary that had taken the request has ended"));
}
