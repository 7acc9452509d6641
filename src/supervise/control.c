// SPDX-License-Identifier: MIT OR Apache-2.0
#include "supervise/control.h"

void supervise_controls_init(supervise_controls *self)
{
    ds_list_init(&self->sent);
    ds_list_init(&self->taken);
}

static supervise_control *control_of(ds_list *link)
{
    return ds_container_of(link, supervise_control, link);
}

bool supervise_controls_push(supervise_controls *self, supervise_control *control)
{
    os_mutex_lock(&self->lock);
    bool open = !self->closed;
    if (open)
        ds_list_push_back(&self->sent, &control->link);
    os_mutex_unlock(&self->lock);
    return open;
}

bool supervise_controls_take_back(supervise_controls *self, supervise_control *control)
{
    os_mutex_lock(&self->lock);
    bool waits = !ds_list_empty(&control->link);
    ds_list_remove(&control->link);
    if (self->last == control)
        self->last = NULL;
    os_mutex_unlock(&self->lock);
    if (waits)
        actor_release(control->child);
    return waits;
}

bool supervise_controls_take(supervise_controls *self, supervise_verb *ret_verb, actor **ret_child)
{
    bool found = false;
    os_mutex_lock(&self->lock);
    self->last = NULL;
    ds_list_each (link, &self->sent) {
        supervise_control *control = control_of(link);
        // A count is never wanted in vain: the control holds one.
        if (control->child->place.place == ACTOR_PLACE_NONE || !actor_retain(control->child))
            continue;
        *ret_verb = control->verb;
        *ret_child = control->child;
        ds_list_remove(link);
        ds_list_push_back(&self->taken, link);
        self->last = control;
        found = true;
        break;
    }
    os_mutex_unlock(&self->lock);
    return found;
}

/// The control is its sender's again when `fn` is called, and may be gone after that.
static void answer(supervise_control *control, airs_status status, const char *text)
{
    actor *child = control->child;
    control->fn(control, status, text);
    actor_release(child);
}

void supervise_controls_answer_last(supervise_controls *self, airs_status status)
{
    os_mutex_lock(&self->lock);
    supervise_control *last = self->last;
    self->last = NULL;
    if (last != NULL)
        ds_list_remove(&last->link);
    os_mutex_unlock(&self->lock);
    if (last != NULL)
        answer(last, status, "");
}

/// Takes out the first that is about `child`; any when that is NULL.
static supervise_control *pop_about(supervise_controls *self, ds_list *list, const actor *child)
{
    supervise_control *found = NULL;
    os_mutex_lock(&self->lock);
    ds_list_each (link, list) {
        if (child != NULL && control_of(link)->child != child)
            continue;
        found = control_of(link);
        ds_list_remove(link);
        break;
    }
    os_mutex_unlock(&self->lock);
    return found;
}

void supervise_controls_answer(supervise_controls *self, const actor *child, airs_status status, const char *text)
{
    for (supervise_control *it = pop_about(self, &self->taken, child); it != NULL;
         it = pop_about(self, &self->taken, child))
        answer(it, status, text);
}

void supervise_controls_fail(supervise_controls *self, const char *text)
{
    os_mutex_lock(&self->lock);
    ds_list_append(&self->taken, &self->sent);
    os_mutex_unlock(&self->lock);
    supervise_controls_answer(self, NULL, AIRS_E_FAILED, text);
}

void supervise_controls_close(supervise_controls *self)
{
    os_mutex_lock(&self->lock);
    self->closed = true;
    ds_list_append(&self->taken, &self->sent);
    os_mutex_unlock(&self->lock);
    supervise_controls_answer(self, NULL, AIRS_E_GONE, "");
}
