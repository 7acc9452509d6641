// SPDX-License-Identifier: MIT OR Apache-2.0
#include <stdio.h>
#include <string.h>

#include "actor/context.h"
#include "actor/log.h"
#include "base/assert.h"
#include "base/bytes.h"
#include "component/batch.h"
#include "component/component_actor.h"
#include "component/host.h"

static engine_bytes text_of(const component_actor *self)
{
    return (engine_bytes){(const uint8_t *)self->text, strlen(self->text)};
}

// ---------------------------------------------------------------- context

static void message_id(void *user, engine_bytes *ret)
{
    component_actor *self = user;
    batch_look(self);
    actor_message_id(&self->cell, self->text);
    *ret = text_of(self);
}

static uint32_t attempt(void *user)
{
    component_actor *self = user;
    batch_look(self);
    return actor_message_attempt(&self->cell);
}

static bool deadline_ms(void *user, uint64_t *ret)
{
    component_actor *self = user;
    batch_look(self);
    return actor_message_deadline_ms(&self->cell, ret);
}

static bool sender_name(void *user, engine_bytes *ret)
{
    component_actor *self = user;
    batch_look(self);
    if (!actor_message_sender_name(&self->cell, self->text, sizeof self->text))
        return false;
    *ret = text_of(self);
    return true;
}

static bool get_trace_parent(void *user, engine_bytes *ret)
{
    component_actor *self = user;
    if (!actor_message_trace(&self->cell, self->text))
        return false;
    *ret = text_of(self);
    return true;
}

// ---------------------------------------------------------------- no imports

static engine_tick tick(void *user)
{
    component_actor *self = user;
    batch_look(self);
    uint64_t now = base_atomic_load_relaxed(&self->space->ticker->ticks);
    uint64_t used_ms = (self->event_ticks + (now - self->turn_ticks)) * WASM_TICK_NS / 1000000u;
    if (actor_is_called(&self->cell))
        self->interrupt = COMPONENT_INTERRUPT_CALLED;
    else if (used_ms > self->cell.limits.max_execution_ms)
        self->interrupt = COMPONENT_INTERRUPT_EXECUTION;
    else if (self->over_refusals)
        self->interrupt = COMPONENT_INTERRUPT_REFUSALS;
    else
        return ENGINE_TICK_YIELD;
    return ENGINE_TICK_INTERRUPT;
}

static void write_line(void *user, engine_stream stream, engine_bytes line)
{
    component_actor *self = user;
    if (component_may_log(self))
        actor_log_guest(&self->cell, AIRS_LOG_INFO, stream == ENGINE_STREAM_STDERR ? "stderr" : "stdout",
                        (airs_bytes){line.data, line.len});
}

static void wake(void *waker)
{
    actor *cell = waker;
    sched_wake(cell->space->sched, &cell->task);
}

static void waker_retain(void *waker)
{
    // Wakers are made during a poll, and copied from wakers: the cell is alive.
    bool alive = actor_retain(waker);
    AIRS_ASSERT(alive);
}

static void waker_release(void *waker)
{
    actor_release(waker);
}

void component_host_init_runtime(engine_host *host)
{
    host->message_id = message_id;
    host->attempt = attempt;
    host->deadline_ms = deadline_ms;
    host->sender_name = sender_name;
    host->trace_parent = get_trace_parent;
    host->tick = tick;
    host->write_line = write_line;
    host->wake = wake;
    host->waker_retain = waker_retain;
    host->waker_release = waker_release;
}

void component_host_init(component_space *space, engine_host *ret_host)
{
    *ret_host = (engine_host){0};
    component_host_init_messaging(ret_host);
    component_host_init_routes(ret_host);
    component_host_init_supervision(ret_host);
    component_host_init_network(ret_host);
    component_host_init_files(ret_host);
    component_host_init_rights(ret_host);
    component_host_init_runtime(ret_host);
    if (space != NULL)
        space->real = *ret_host;
    component_host_init_upgrade(ret_host);
}
