// SPDX-License-Identifier: MIT OR Apache-2.0
#include "component/holdings.h"

#include "actor/alarms.h"
#include "actor/names.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "base/bytes.h"
#include "route/router.h"

static const actor_ids *ids_of(const actor *cell, held_sort sort)
{
    switch (sort) {
    case HELD_SUBSCRIPTIONS:
        return &cell->subscriptions;
    case HELD_TIMERS:
        return &cell->alarms;
    default:
        return &cell->requests;
    }
}

void holdings_fini(holdings *self, const airs_allocator *allocator)
{
    for (int sort = 0; sort < HELD_SORTS; sort++)
        base_free(allocator, self->lists[sort].items);
    base_free(allocator, self->asked.ids);
    *self = (holdings){0};
}

static bool note_list(held_list *list, const actor_ids *from, const airs_allocator *allocator)
{
    if (from->len == 0)
        return true;
    list->items = base_alloc_zeroed(allocator, from->len * sizeof *list->items);
    if (list->items == NULL)
        return false;
    list->count = from->len;
    for (uint32_t i = 0; i < from->len; i++)
        list->items[i].id = from->ids[i];
    return true;
}

bool holdings_note(holdings *self, const component_actor *owner)
{
    const actor *cell = &owner->cell;
    *self = (holdings){.names_count = cell->names.count, .requests_open = owner->requests_open};
    for (int sort = 0; sort < HELD_SORTS; sort++) {
        if (note_list(&self->lists[sort], ids_of(cell, (held_sort)sort), cell->space->allocator))
            continue;
        holdings_fini(self, cell->space->allocator);
        return false;
    }
    return true;
}

bool holdings_expect_request(holdings *self, component_actor *owner)
{
    actor *cell = &owner->cell;
    const airs_allocator *allocator = cell->space->allocator;
    return actor_ids_reserve(&cell->unwanted, allocator, self->asked.len + 1) &&
           actor_ids_reserve(&self->asked, allocator, 1);
}

void holdings_note_request(holdings *self, uint64_t request)
{
    AIRS_DCHECK(self->asked.len < self->asked.capacity);
    self->asked.ids[self->asked.len++] = request;
}

held *holdings_find(holdings *self, held_sort sort, uint64_t id)
{
    held_list *list = &self->lists[sort];
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->items[i].id == id)
            return &list->items[i];
    }
    return NULL;
}

uint32_t holdings_find_name(const holdings *self, const actor *cell, airs_bytes name, bool dropped)
{
    for (uint32_t i = 0; i < self->names_count; i++) {
        if ((dropped || !self->names_dropped[i]) && base_bytes_are(name, cell->names.texts[i]))
            return i;
    }
    return UINT32_MAX;
}

bool holdings_drop(held *it)
{
    bool was_there = !it->dropped;
    it->dropped = true;
    it->retaken = false;
    return was_there;
}

// ---------------------------------------------------------------- ending things

void holdings_end_one(component_actor *owner, held_sort sort, uint64_t id)
{
    actor *cell = &owner->cell;
    router *routes = cell->space->router;
    switch (sort) {
    case HELD_SUBSCRIPTIONS:
        (void)router_unsubscribe(routes, cell, id);
        return;
    case HELD_TIMERS:
        (void)alarm_cancel(&routes->alarms, cell, id);
        return;
    default:
        if (request_cancel(cell->space, id, cell->id) && owner->requests_open > 0)
            owner->requests_open--;
        (void)actor_ids_remove(&cell->requests, id);
        return;
    }
}

/// Nobody has taken an outcome meanwhile: those that can't be stopped any more are still to come.
static void undo_requests(holdings *self, component_actor *owner)
{
    actor *cell = &owner->cell;
    for (uint32_t i = 0; i < self->asked.len; i++) {
        uint64_t request = self->asked.ids[i];
        (void)actor_ids_remove(&cell->requests, request);
        // There is room for it.
        if (!request_cancel(cell->space, request, cell->id))
            (void)actor_ids_add(&cell->unwanted, cell->space->allocator, request);
    }
}

void holdings_undo(holdings *self, component_actor *owner)
{
    actor *cell = &owner->cell;
    undo_requests(self, owner);
    for (int sort = 0; sort < HELD_SORTS; sort++) {
        const actor_ids *now = ids_of(cell, (held_sort)sort);
        // The last takes the place of one that is ended.
        for (uint32_t i = now->len; i > 0; i--) {
            if (holdings_find(self, (held_sort)sort, now->ids[i - 1]) == NULL)
                holdings_end_one(owner, (held_sort)sort, now->ids[i - 1]);
        }
    }
    while (cell->names.count > self->names_count)
        (void)actor_name_unregister(cell, base_bytes_of(cell->names.texts[cell->names.count - 1]));
    owner->requests_open = self->requests_open;
    holdings_fini(self, cell->space->allocator);
}

void holdings_commit(holdings *self, component_actor *owner, bool fresh)
{
    actor *cell = &owner->cell;
    for (int sort = 0; sort < HELD_SORTS; sort++) {
        const held_list *list = &self->lists[sort];
        // Replies that were asked for before arrive after, in any case.
        bool ends = fresh && sort != HELD_REQUESTS;
        for (uint32_t i = 0; i < list->count; i++) {
            if (list->items[i].dropped || (ends && !list->items[i].retaken))
                holdings_end_one(owner, (held_sort)sort, list->items[i].id);
        }
    }
    for (uint32_t i = self->names_count; i > 0; i--) {
        if (self->names_dropped[i - 1] || (fresh && !self->names_retaken[i - 1]))
            (void)actor_name_unregister(cell, base_bytes_of(cell->names.texts[i - 1]));
    }
    holdings_fini(self, cell->space->allocator);
}
