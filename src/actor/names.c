// SPDX-License-Identifier: MIT OR Apache-2.0
#include "actor/names.h"

#include <string.h>

#include "airssys/system.h"
#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/name.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

const char *airs_exit_name(airs_exit reason)
{
    static const char *const names[] = {"normal", "shutdown", "trap", "limit", "timeout", "killed", "failed"};
    return (unsigned)reason < COUNT_OF(names) ? names[reason] : "?";
}

const char *airs_actor_state_name(airs_actor_state state)
{
    static const char *const names[] = {"creating", "starting",   "ready",      "stopping",
                                        "failed",   "terminated", "hibernated", "upgrading"};
    return (unsigned)state < COUNT_OF(names) ? names[state] : "?";
}

const char *airs_drop_reason_name(airs_drop_reason reason)
{
    static const char *const names[] = {"gone", "full", "poison", "too-large", "hook"};
    return (unsigned)reason < COUNT_OF(names) ? names[reason] : "?";
}

const char *airs_route_name(airs_route route)
{
    static const char *const names[] = {"id",    "outside", "name",    "topic",  "group",
                                        "reply", "timer",   "forward", "resend", "app"};
    _Static_assert(COUNT_OF(names) == AIRS_ROUTES, "each route has a name");
    return (unsigned)route < COUNT_OF(names) ? names[route] : "?";
}

const char *airs_outcome_name(airs_outcome outcome)
{
    static const char *const names[] = {"delivered", "full",   "gone",    "denied", "too-large", "limit",  "handled",
                                        "failed",    "poison", "dropped", "lost",   "hook",      "timeout"};
    _Static_assert(COUNT_OF(names) == AIRS_OUTCOMES, "each outcome has a name");
    return (unsigned)outcome < COUNT_OF(names) ? names[outcome] : "?";
}

const char *airs_hold_name(airs_hold hold)
{
    static const char *const names[] = {"none", "backoff", "paused", "quarantined", "ended"};
    return (unsigned)hold < COUNT_OF(names) ? names[hold] : "?";
}

const char *airs_strategy_name(airs_strategy strategy)
{
    static const char *const names[] = {"one_for_one", "one_for_all", "rest_for_one", "simple_one_for_one"};
    return (unsigned)strategy < COUNT_OF(names) ? names[strategy] : "?";
}

const char *airs_action_name(airs_action action)
{
    static const char *const names[] = {"none", "restarted", "ended", "escalated", "quarantined"};
    return (unsigned)action < COUNT_OF(names) ? names[action] : "?";
}

const char *airs_event_name(airs_event_kind kind)
{
    static const char *const names[] = {"started",     "failed",   "restarted", "stopped",  "escalated",
                                        "state",       "backoff",  "health",    "paused",   "resumed",
                                        "quarantined", "released", "canary",    "deployed", "rolled_back"};
    return (unsigned)kind < COUNT_OF(names) ? names[kind] : "?";
}

// ---------------------------------------------------------------- which are allowed

airs_status actor_name_check(airs_bytes name, airs_error *error)
{
    if (name.len == 0 || name.len > BASE_NAME_MAX)
        return base_error_set(error, AIRS_E_INVALID, "a name has 1 to %u characters, this one has %zu", BASE_NAME_MAX,
                              name.len);
    size_t len = base_name_span(name, false);
    if (len < name.len)
        return base_error_set(error, AIRS_E_INVALID,
                              "name \"%.*s\": character %zu is none of letters, digits and -_.:/", (int)len,
                              (const char *)name.data, len + 1);
    return AIRS_OK;
}

// ---------------------------------------------------------------- lists of names

/// Forgets names that were bound to others since.
static void forget_lost(const actor *self, actor_names *list)
{
    actor_space *space = self->space;
    sched_read read = sched_read_enter(space->sched);
    for (uint32_t i = list->count; i > 0; i--) {
        char *text = list->texts[i - 1];
        uint64_t holder;
        if (ds_namemap_find(&space->names, base_bytes_of(text), &holder) && holder == self->id)
            continue;
        base_free(space->allocator, text);
        list->texts[i - 1] = list->texts[--list->count];
    }
    sched_read_leave(space->sched, read);
}

/// Makes sure that one more name can be put in.
static airs_status prepare(const actor *self, actor_names *list, airs_bytes name, char **ret_text)
{
    const airs_allocator *allocator = self->space->allocator;
    if (list->count == ACTOR_NAMES_MAX)
        forget_lost(self, list);
    if (list->count == ACTOR_NAMES_MAX)
        return AIRS_E_LIMIT;
    if (list->texts == NULL)
        list->texts = base_alloc_array(allocator, ACTOR_NAMES_MAX, sizeof *list->texts);
    if (list->texts == NULL)
        return AIRS_E_NOMEM;
    *ret_text = base_strndup(allocator, (const char *)name.data, name.len);
    return *ret_text == NULL ? AIRS_E_NOMEM : AIRS_OK;
}

/// Binds a name to the actor and keeps it in the list; `from` is who has it now, 0 when it has to be free.
static airs_status add(actor *self, actor_names *list, airs_bytes name, uint64_t from)
{
    actor_space *space = self->space;
    char *text;
    airs_status status = prepare(self, list, name, &text);
    if (status != AIRS_OK)
        return status;
    status = from == 0 ? ds_namemap_insert(&space->names, name, self->id)
                       : ds_namemap_rebind(&space->names, name, from, self->id);
    if (status == AIRS_OK)
        list->texts[list->count++] = text;
    else
        base_free(space->allocator, text);
    return status;
}

/// A name that has been bound to another actor since is only forgotten.
static bool end_name(actor *self, actor_names *list, uint32_t at)
{
    char *text = list->texts[at];
    bool bound = ds_namemap_remove(&self->space->names, base_bytes_of(text), self->id);
    base_free(self->space->allocator, text);
    list->texts[at] = list->texts[--list->count];
    return bound;
}

static bool remove_name(actor *self, actor_names *list, airs_bytes name)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (base_bytes_are(name, list->texts[i]))
            return end_name(self, list, i);
    }
    return false;
}

static void end_all(actor *self, actor_names *list)
{
    while (list->count > 0)
        (void)end_name(self, list, list->count - 1);
}

static airs_status explain(airs_status status, airs_error *error)
{
    if (status == AIRS_E_LIMIT)
        return base_error_set(error, status, "an actor has at most %u further names", ACTOR_NAMES_MAX);
    return status == AIRS_OK ? AIRS_OK : base_error_set(error, status, "%s", airs_status_text(status));
}

// ---------------------------------------------------------------- what the actor registers itself

airs_status actor_name_register(actor *self, airs_bytes name, airs_error *error)
{
    airs_status status = actor_name_check(name, error);
    return status == AIRS_OK ? explain(add(self, &self->names, name, 0), error) : status;
}

bool actor_name_unregister(actor *self, airs_bytes name)
{
    return remove_name(self, &self->names, name);
}

void actor_names_end(actor *self)
{
    end_all(self, &self->names);
}

// ---------------------------------------------------------------- what others bind to it

airs_status actor_name_bind(actor *self, airs_bytes name, uint64_t from, airs_error *error)
{
    airs_status status = actor_name_check(name, error);
    if (status != AIRS_OK)
        return status;
    os_mutex_lock(&self->info_lock);
    status = self->terminated ? AIRS_E_GONE : add(self, &self->bound, name, from);
    os_mutex_unlock(&self->info_lock);
    return explain(status, error);
}

bool actor_name_unbind(actor *self, airs_bytes name)
{
    os_mutex_lock(&self->info_lock);
    bool found = remove_name(self, &self->bound, name);
    os_mutex_unlock(&self->info_lock);
    return found;
}

void actor_names_unbind_all(actor *self)
{
    end_all(self, &self->bound);
}
