// SPDX-License-Identifier: MIT OR Apache-2.0
/// Who is told what of an actor's life: events, watches, who waits for the first start.
#include "actor/cell_impl.h"

// ---------------------------------------------------------------- events

/// Whether the last end was the actor's own, and its supervisor leaves it at that.
static bool is_over(actor *self)
{
    os_mutex_lock(&self->info_lock);
    bool over = self->decision.over;
    os_mutex_unlock(&self->info_lock);
    return over;
}

void actor_emit(actor *self, airs_event_kind kind, airs_exit reason, const char *text, uint64_t elapsed_ns)
{
    actor_space *space = self->space;
    if (space->event_fn == NULL)
        return;
    airs_event event = {
        .kind = kind,
        .actor = {self->id},
        .name = actor_name(self),
        .reason = reason,
        .text = text,
        .restarts = base_atomic_load_relaxed(&self->restarts),
        .elapsed_ns = elapsed_ns,
        .state = (airs_actor_state)base_atomic_load_relaxed(&self->state),
        .health = (airs_health)base_atomic_load_relaxed(&self->health_shown),
        .over = kind == AIRS_EVENT_STOPPED && is_over(self),
    };
    space->event_fn(space->event_user, &event);
}

void actor_publish_state(actor *self)
{
    base_atomic_store_release(&self->state, (uint32_t)self->life.state);
    actor_emit(self, AIRS_EVENT_STATE, AIRS_EXIT_NORMAL, "", 0);
}

void actor_tell_started(actor *self, airs_status status, const char *text)
{
    actor_started_fn fn = self->started_fn;
    self->started_fn = NULL;
    if (fn != NULL)
        fn(self->started_user, status, text);
}

// ---------------------------------------------------------------- watches

bool actor_watch_add(actor *self, actor_watch *watch)
{
    os_mutex_lock(&self->info_lock);
    bool alive = !self->terminated;
    if (alive)
        ds_list_push_back(&self->watches, &watch->link);
    os_mutex_unlock(&self->info_lock);
    return alive;
}

bool actor_watch_remove(actor *self, actor_watch *watch)
{
    os_mutex_lock(&self->info_lock);
    bool waits = !ds_list_empty(&watch->link);
    ds_list_remove(&watch->link);
    os_mutex_unlock(&self->info_lock);
    return waits;
}

static actor_watch *pop_watch(actor *self, ds_list *told)
{
    os_mutex_lock(&self->info_lock);
    ds_list *link = ds_list_pop_front(told);
    os_mutex_unlock(&self->info_lock);
    return link == NULL ? NULL : ds_container_of(link, actor_watch, link);
}

/// Each may still be taken out of the list, so the lock is held for that, but not for the call.
void actor_call_watches(actor *self, ds_list *told, uint32_t marks)
{
    for (actor_watch *watch = pop_watch(self, told); watch != NULL; watch = pop_watch(self, told)) {
        watch->mark = (watch->marks | ACTOR_MARK_ENDED) & marks;
        watch->fn(watch, &self->failure);
    }
}

void actor_tell_mark(actor *self, uint32_t marks)
{
    ds_list told;
    ds_list_init(&told);
    os_mutex_lock(&self->info_lock);
    ds_list_each (link, &self->watches) {
        if ((ds_container_of(link, actor_watch, link)->marks & marks) == 0)
            continue;
        ds_list_remove(link);
        ds_list_push_back(&told, link);
    }
    os_mutex_unlock(&self->info_lock);
    actor_call_watches(self, &told, marks);
}
