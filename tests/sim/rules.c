// SPDX-License-Identifier: MIT OR Apache-2.0
/// What has to hold: at rest, at the end, and of each decision of a supervisor.
#include <string.h>

#include "world.h"

// ---------------------------------------------------------------- nobody is forgotten

/// Whether this actor takes from its mailbox as soon as there is something.
static bool is_receptive(const actor *cell)
{
    if (base_atomic_load_relaxed(&cell->state) != AIRS_ACTOR_READY || cell->pausing)
        return false;
    if (cell->kind->kind != AIRS_KIND_COMPONENT)
        return true;
    const component_actor *component = component_actor_of((actor *)(uintptr_t)cell);
    return !component->calling || component->wait == COMPONENT_WAIT_NEXT;
}

static void check_idle(world *self, const actor *cell)
{
    if (base_atomic_load_relaxed(&cell->task.state) != 0)
        world_fail(self, "\"%s\" is queued, but nothing is left to do", actor_name(cell));
    if (base_atomic_load_relaxed(&cell->signals) != 0)
        world_fail(self, "\"%s\" was not told of its signals", actor_name(cell));
    if (is_receptive(cell) && (!ds_mailbox_empty(&cell->inbox.box) || cell->inbox.aside_first != NULL))
        world_fail(self, "\"%s\" is idle and its mailbox is not empty", actor_name(cell));
}

/// A sender that waits for a place, where there is one.
static void check_parked_sender(world *self, const actor *cell)
{
    if (cell->kind->kind != AIRS_KIND_COMPONENT)
        return;
    const component_actor *component = component_actor_of((actor *)(uintptr_t)cell);
    const actor *receiver = component->parked.receiver;
    if (component->wait != COMPONENT_WAIT_SEND)
        return;
    self->tally->waits_for_places++;
    // One that is paused outside of an event does not go on with that: it keeps no place from others.
    if (cell->pausing && cell->in_hand == NULL && cell->life.state == AIRS_ACTOR_READY) {
        if (receiver != NULL || component->parked.woken_by != 0)
            world_fail(self, "\"%s\" is paused, and keeps a place from others", actor_name(cell));
        return;
    }
    if (receiver == NULL)
        world_fail(self, "\"%s\" waits for a place in nobody's list", actor_name(cell));
    if (inbox_len(&receiver->inbox) < receiver->inbox.max)
        world_fail(self, "\"%s\" waits for a place that there is", actor_name(cell));
}

void rules_check_still(world *self)
{
    uint32_t cursor = 0;
    ds_handle handle;
    for (actor *cell; (cell = ds_slotmap_next(&self->space.actors, &cursor, &handle)) != NULL;) {
        check_idle(self, cell);
        check_parked_sender(self, cell);
    }
}

/// Nothing is left to wait for, so nobody waits for anything.
static void check_at_rest(world *self, const actor *cell)
{
    airs_actor_state state = (airs_actor_state)base_atomic_load_relaxed(&cell->state);
    if (state == AIRS_ACTOR_FAILED) {
        const actor *supervisor = cell->supervisor;
        MUST(self, supervisor != NULL && base_atomic_load_relaxed(&supervisor->state) != AIRS_ACTOR_READY);
        return;
    }
    if (cell->supervisor != NULL && base_atomic_load_relaxed(&cell->supervisor->state) != AIRS_ACTOR_READY)
        world_fail(self, "\"%s\" is up, but its supervisor is not", actor_name(cell));
    if (state != AIRS_ACTOR_READY)
        world_fail(self, "\"%s\" stays %s", actor_name(cell), airs_actor_state_name(state));
    MUST(self, base_atomic_load_relaxed(&cell->waits_for) == 0);
    MUST(self, base_atomic_load_relaxed(&cell->parked_senders) == 0);
    MUST(self, inbox_len(&cell->inbox) == 0);
    if (cell->kind->kind == AIRS_KIND_COMPONENT) {
        const component_actor *component = component_actor_of((actor *)(uintptr_t)cell);
        MUST(self, component->wait == COMPONENT_WAIT_NONE || component->wait == COMPONENT_WAIT_NEXT);
        MUST(self, !component->calling || component->wait == COMPONENT_WAIT_NEXT);
    }
}

/// Whom it still monitors has not ended: it would have been told.
static void check_monitors(const world *self, const mind *it)
{
    if (!it->running || it->index % 3 == 0)
        return;
    for (uint32_t i = 0; i < it->monitors.count; i++) {
        if (actor_find(&self->space, it->watched[i]) == NULL)
            world_fail(self, "\"%s\" was not told of an end", it->name);
    }
}

void rules_check_quiet(world *self)
{
    rules_check_still(self);
    deploys_check_over(self);
    sides_look_at_all(self);
    disk_check(self);
    uint32_t cursor = 0;
    ds_handle handle;
    for (actor *cell; (cell = ds_slotmap_next(&self->space.actors, &cursor, &handle)) != NULL;)
        check_at_rest(self, cell);
    for (uint32_t i = 0; i < self->minds_count; i++)
        check_monitors(self, &self->minds[i]);
    MUST(self, requests_count(&self->space) == 0);
    MUST(self, alarms_count(&self->router.alarms) == 0);
    MUST(self, sched_timer_count(sched_sim_sched(self->sim)) == 0);
    for (uint32_t i = 0; i < self->ledger.questions_count; i++) {
        const question *it = &self->ledger.questions[i];
        if (!it->failed_to_open && !it->cancelled && !it->abandoned && it->outcomes == 0)
            world_fail(self, "question %u was never settled", i);
    }
}

// ---------------------------------------------------------------- nothing is lost

static void check_letter(const world *self, uint32_t number)
{
    const letter *it = &self->ledger.letters[number];
    uint32_t ended = it->seen + it->dropped;
    bool ok;
    if (it->kind == LETTER_EVERY)
        ok = true;
    else if (it->kind == LETTER_AFTER)
        ok = it->rerouted || ended + it->refused <= 1;
    else if (it->question != NONE && self->ledger.questions[it->question].kind == REQUEST_PARKED)
        ok = ended <= it->put + 1;
    else
        ok = ended <= it->put;
    // Whom nobody saw went to those who take no messages, or was in hand, not seen yet, and only counted.
    bool to_mind = false;
    for (uint32_t i = 0; i < self->minds_count; i++)
        to_mind |= self->minds[i].id == it->to && self->minds[i].exports != ENGINE_EXPORT_MAIN && !self->minds[i].drops;
    if ((it->kind == LETTER_SEND || it->kind == LETTER_REQUEST) && to_mind && !it->rerouted)
        ok &= ended >= it->put;
    if (!ok)
        world_fail(self, "letter %u of kind %d: put %u times, seen %u, dropped %u, refused %u", number, (int)it->kind,
                   it->put, it->seen, it->dropped, it->refused);
}

/// Sent = handled + failed + dropped, by the core's counters; and the counters agree with the books.
static void check_counters(const world *self)
{
    const ledger *books = &self->ledger;
    airs_metrics metrics = {0};
    actor_space_metrics(&self->space, &metrics);
    uint64_t replies = books->replies_seen + books->replies_unseen + books->downs_seen;
    uint64_t taken = metrics.messages_handled + metrics.messages_failed - replies;
    uint64_t dead_unhandled = books->dead_gone + books->dead_full;
    if (metrics.messages_sent != taken + dead_unhandled)
        world_fail(self, "sent %lu, handled and failed %lu (replies %lu), dead of those %lu",
                   (unsigned long)metrics.messages_sent, (unsigned long)taken, (unsigned long)replies,
                   (unsigned long)dead_unhandled);
    uint64_t dead = dead_unhandled + books->dead_poison + books->dead_refused;
    MUST(self, metrics.messages_dropped == dead);
    MUST(self, dead_letters_count((dead_letters *)(uintptr_t)&self->router.dead_letters) == dead);
    MUST(self, books->messages_seen <= taken + books->seen_and_lost);
}

/// What was accepted has come to one of its ends, on each route.
static void check_routes(const world *self)
{
    airs_routes routes;
    actor_space_routes(&self->space, &routes);
    for (unsigned route = 0; route < AIRS_ROUTES; route++) {
        const uint64_t *of = routes.count[route];
        uint64_t ended = of[AIRS_OUTCOME_HANDLED] + of[AIRS_OUTCOME_FAILED] + of[AIRS_OUTCOME_POISON] +
                         of[AIRS_OUTCOME_DROPPED] + of[AIRS_OUTCOME_LOST] + of[AIRS_OUTCOME_HOOK];
        if (route != AIRS_ROUTE_REPLY && route != AIRS_ROUTE_APP && of[AIRS_OUTCOME_DELIVERED] != ended)
            world_fail(self, "by %s %lu were accepted, %lu came to an end", airs_route_name((airs_route)route),
                       (unsigned long)of[AIRS_OUTCOME_DELIVERED], (unsigned long)ended);
    }
}

static uint64_t dead_letters_kept(const world *self)
{
    const dead_letter *ring = self->router.dead_letters.ring;
    uint64_t count = 0;
    for (uint32_t i = 0; ring != NULL && i < DEAD_LETTERS_MAX; i++)
        count += ring[i].mail != NULL;
    return count;
}

void rules_check_ended(world *self)
{
    MUST(self, base_atomic_load_relaxed(&self->space.cells) == 0);
    MUST(self, ds_slotmap_len(&self->space.actors) == 0);
    MUST(self, topics_count(&self->router.topics) == 0);
    MUST(self, alarms_count(&self->router.alarms) == 0);
    MUST(self, requests_count(&self->space) == 0);
    MUST(self, sched_timer_count(sched_sim_sched(self->sim)) == 0);
    MUST(self, ds_pool_out(&self->space.envelopes) == dead_letters_kept(self));
    MUST(self, ds_pool_out(&self->router.alarms.pool) == 0);
    for (uint32_t i = 0; i < self->minds_count; i++) {
        MUST(self, !self->minds[i].alive && !self->minds[i].running);
        MUST(self, self->minds[i].started_calls == 1);
    }
    for (uint32_t i = 0; i < self->ledger.letters_count; i++)
        check_letter(self, i);
    check_counters(self);
    check_routes(self);
}

// ---------------------------------------------------------------- supervisors

static overseer *overseer_of(world *self, uint64_t id)
{
    for (uint32_t i = 0; i < self->overseers_count; i++) {
        if (self->overseers[i].id == id)
            return &self->overseers[i];
    }
    return NULL;
}

/// Restarts that still count, by the plainest of ways; the others are forgotten.
static uint32_t restarts_in_window(const world *self, overseer *it)
{
    uint64_t now_ms = sched_sim_now_ns(self->sim) / 1000000u;
    uint32_t count = 0;
    for (uint32_t i = 0; i < it->restarts_count; i++) {
        if (now_ms - it->restarts_ms[i] < it->window_ms)
            it->restarts_ms[count++] = it->restarts_ms[i];
    }
    it->restarts_count = count;
    return count;
}

static void on_restart_decided(world *self, const char *child)
{
    uint64_t id = 0;
    overseer *over = NULL;
    const mind *at = world_mind_of_name(self, child);
    for (uint32_t i = 0; i < self->overseers_count && at == NULL; i++) {
        if (strcmp(self->overseers[i].name, child) == 0) {
            id = self->overseers[i].id;
            over = overseer_of(self, self->overseers[i].supervisor);
        }
    }
    if (at != NULL) {
        id = at->id;
        over = overseer_of(self, at->supervisor);
    }
    MUST(self, over != NULL);
    MUST(self, restarts_in_window(self, over) < over->max_restarts);
    MUST(self, over->restarts_count < RESTARTS_MAX);
    over->restarts_ms[over->restarts_count++] = sched_sim_now_ns(self->sim) / 1000000u;
    // It may have been stopped for good meanwhile.
    const actor *cell = actor_find(&self->space, id);
    if (cell == NULL)
        return;
    MUST(self, cell->ever_ready && cell->restart != AIRS_RESTART_TEMPORARY);
    bool ended_well = cell->last_end.reason == AIRS_EXIT_NORMAL || cell->last_end.reason == AIRS_EXIT_SHUTDOWN;
    MUST(self, cell->restart == AIRS_RESTART_PERMANENT || !ended_well);
}

/// The supervisor says in the log what it decides, when it does. So does an actor that stops in the middle of an event
/// of its canary, which did not come to the end of it: somebody else will have that.
void rules_on_log(void *user, const airs_log_record *record)
{
    static const char restarting[] = "restarting, ";
    if (strncmp(record->text, restarting, sizeof restarting - 1) == 0)
        on_restart_decided(user, record->actor);
    static const char failing[] = "its canary failed in its last event";
    bool fails = strncmp(record->text, failing, sizeof failing - 1) == 0;
    mind *stops = fails ? world_mind_of_name(user, record->actor) : NULL;
    if (stops != NULL)
        sides_fell(stops);
}

/// A supervisor that is down has its children down, and none on its way up.
static void check_children(const world *self, const actor *supervisor)
{
    uint32_t cursor = 0;
    ds_handle handle;
    for (const actor *cell; (cell = ds_slotmap_next(&self->space.actors, &cursor, &handle)) != NULL;) {
        uint32_t state = base_atomic_load_relaxed(&cell->state);
        if (cell->supervisor != supervisor || state == AIRS_ACTOR_CREATING)
            continue;
        if (state != AIRS_ACTOR_FAILED || (base_atomic_load_relaxed(&cell->signals) & ACTOR_SIGNAL_RESTART) != 0)
            world_fail(self, "\"%s\" is up, but its supervisor went down", actor_name(cell));
    }
}

static void on_state(world *self, mind *it, airs_actor_state state)
{
    if (state == AIRS_ACTOR_FAILED || state == AIRS_ACTOR_TERMINATED)
        books_incarnation_ended(it);
    if (state == AIRS_ACTOR_TERMINATED) {
        MUST(self, it->alive);
        it->alive = false;
    }
}

/// Or one above it.
static bool was_killed(world *self, const overseer *it)
{
    while (it != NULL && !it->killed)
        it = it->supervisor == 0 ? NULL : overseer_of(self, it->supervisor);
    return it != NULL;
}

/// Whether the version before comes back, so that nothing has ended.
static bool falls_back(const world *self, uint64_t id)
{
    const actor *cell = actor_find(&self->space, id);
    return cell != NULL && cell->life.state == AIRS_ACTOR_UPGRADING && cell->ordered != NULL && cell->incarnate;
}

void rules_on_event(void *user, const airs_event *event)
{
    world *self = user;
    sched_sim_note(self->sim, event->actor.raw << 8 | (uint64_t)event->kind << 4 | (uint64_t)event->state);
    if (event->kind == AIRS_EVENT_ESCALATED) {
        self->tally->escalations++;
        overseer *gives_up = overseer_of(self, event->actor.raw);
        MUST(self, gives_up != NULL && restarts_in_window(self, gives_up) >= gives_up->max_restarts);
    }
    overseer *over = event->kind == AIRS_EVENT_STATE ? overseer_of(self, event->actor.raw) : NULL;
    if (over != NULL && event->state == AIRS_ACTOR_FAILED && !was_killed(self, over))
        check_children(self, actor_find(&self->space, event->actor.raw));
    // It forgets what was before.
    if (over != NULL && event->state == AIRS_ACTOR_STARTING)
        over->restarts_count = 0;
    mind *fallen = event->kind == AIRS_EVENT_FAILED ? world_mind_of_name(self, event->name) : NULL;
    if (fallen != NULL && falls_back(self, event->actor.raw))
        sides_fell(fallen);
    mind *it = event->kind == AIRS_EVENT_STATE ? world_mind_of_name(self, event->name) : NULL;
    if (it != NULL)
        on_state(self, it, event->state);
}
