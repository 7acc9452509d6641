// SPDX-License-Identifier: MIT OR Apache-2.0
/// Traps: what they are to a supervisor, and to people.
#include "component/call.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"

actor_progress component_fail_refusals(const component_actor *self, actor_failure *failure)
{
    return actor_fail(failure, AIRS_EXIT_LIMIT, "it was refused more often than max_refusals, %" PRIu32 " in a second",
                      self->cell.limits.max_refusals);
}

static actor_progress fail_interrupted(component_actor *self, actor_failure *failure)
{
    const airs_limits *limits = &self->cell.limits;
    if (self->interrupt == COMPONENT_INTERRUPT_EXECUTION)
        return actor_fail(failure, AIRS_EXIT_LIMIT, "it ran longer than max_execution, %" PRIu32 " ms",
                          limits->max_execution_ms);
    if (self->interrupt == COMPONENT_INTERRUPT_REFUSALS)
        return component_fail_refusals(self, failure);
    if (self->cell.life.state == AIRS_ACTOR_STARTING)
        return actor_fail_start_limit(&self->cell, failure);
    if (self->cell.life.state == AIRS_ACTOR_STOPPING)
        return actor_fail(failure, AIRS_EXIT_KILLED, "stop took longer than stop_timeout, %" PRIu32 " ms",
                          limits->stop_timeout_ms);
    return actor_fail(failure, AIRS_EXIT_KILLED, "killed");
}

/// " in `name` (+0x1f2)", of the innermost frame.
static void format_place(const engine_trap *trap, char *ret, size_t size)
{
    ret[0] = '\0';
    if (trap->frames_count == 0)
        return;
    const engine_frame *frame = &trap->frames[0];
    if (frame->name.len > 0)
        (void)snprintf(ret, size, " in %.*s", (int)(frame->name.len < 80 ? frame->name.len : 80),
                       (const char *)frame->name.data);
    else
        (void)snprintf(ret, size, " in function %" PRIu32, frame->function);
}

/// A growth was refused before it trapped, which it did for want of that, most likely.
static actor_progress fail_refused(component_actor *self, const engine_trap *trap, const char *place,
                                   actor_failure *failure)
{
    const airs_limits *limits = &self->cell.limits;
    int len = (int)(trap->text.len < 120 ? trap->text.len : 120);
    const char *text = (const char *)trap->text.data;
    if (base_atomic_load_relaxed(&component_gauges(self)->table_growths_refused) != self->tables_refused_before)
        return actor_fail(failure, AIRS_EXIT_LIMIT, "out of table elements at max_tables, %" PRIu32 ": %.*s%s",
                          limits->max_tables, len, text, place);
    return actor_fail(failure, AIRS_EXIT_LIMIT, "out of memory at max_memory, %" PRIu64 " bytes: %.*s%s",
                      limits->max_memory, len, text, place);
}

static bool says(const engine_trap *trap, const char *text)
{
    return memmem(trap->text.data, trap->text.len, text, strlen(text)) != NULL;
}

/// The engine has one kind of trap for all limits; what it says of the guest's own is told by their names.
static actor_progress fail_limit(component_actor *self, const engine_trap *trap, const char *place,
                                 actor_failure *failure)
{
    const airs_limits *limits = &self->cell.limits;
    int len = (int)(trap->text.len < 120 ? trap->text.len : 120);
    const char *text = (const char *)trap->text.data;
    if (says(trap, "fuel allocated for hostcalls"))
        return actor_fail(failure, AIRS_EXIT_LIMIT, "it gave the host far more than max_message, %" PRIu32 " bytes%s",
                          limits->max_message, place);
    if (says(trap, "exceeds memory limits"))
        return actor_fail(failure, AIRS_EXIT_LIMIT, "%.*s: max_memory is %" PRIu64 " bytes%s", len, text,
                          limits->max_memory, place);
    if (says(trap, "exceeds table limits"))
        return actor_fail(failure, AIRS_EXIT_LIMIT, "%.*s: max_tables is %" PRIu32 "%s", len, text, limits->max_tables,
                          place);
    return actor_fail(failure, AIRS_EXIT_LIMIT, "%.*s%s", len, text, place);
}

/// The failure that a trap is.
static actor_progress fail(component_actor *self, const engine_trap *trap, actor_failure *failure)
{
    char place[112];
    format_place(trap, place, sizeof place);
    int len = (int)(trap->text.len < 120 ? trap->text.len : 120);
    const char *text = (const char *)trap->text.data;
    bool refused = base_atomic_load_relaxed(&component_gauges(self)->growths_refused) != self->refused_before;
    switch (trap->kind) {
    case ENGINE_TRAP_INTERRUPT:
        return fail_interrupted(self, failure);
    case ENGINE_TRAP_EXIT:
        return actor_fail(failure, AIRS_EXIT_FAILED, "it exited with code %" PRId32, trap->exit_code);
    case ENGINE_TRAP_LIMIT:
        return fail_limit(self, trap, place, failure);
    case ENGINE_TRAP_STACK:
        return actor_fail(failure, AIRS_EXIT_LIMIT, "it used up its stack: %.*s%s", len, text, place);
    case ENGINE_TRAP_PANIC:
        return actor_fail(failure, AIRS_EXIT_FAILED, "a fault of the engine: %.*s", len, text);
    case ENGINE_TRAP_GUEST:
        if (refused)
            return fail_refused(self, trap, place, failure);
        break;
    case ENGINE_TRAP_ABI:
        break;
    }
    return actor_fail(failure, AIRS_EXIT_TRAP, "%.*s%s", len, text, place);
}

// ---------------------------------------------------------------- the frames, for later

/// What the lines of a trap are made of: a few numbers, and the component that knows what they mean.
typedef struct frames {
    actor_trace trace;
    airs_component *component;
    uint32_t count;
    struct {
        size_t offset;
        uint32_t function;
    } list[];
} frames;

static char *describe(const actor_trace *trace, const airs_allocator *allocator)
{
    const frames *self = ds_container_of(trace, const frames, trace);
    engine_frame list[ENGINE_FRAMES_MAX];
    for (uint32_t i = 0; i < self->count; i++)
        list[i] = (engine_frame){.function = self->list[i].function, .offset = self->list[i].offset};
    engine_buffer lines = {0};
    engine_bytes info = {self->component->debug_info.data, self->component->debug_info.len};
    // What it can't tell it can't tell the next time either.
    (void)engine_kit_trap_lines(info, list, self->count, &lines, NULL);
    char *text = base_strndup(allocator, lines.len == 0 ? "" : (const char *)lines.data, lines.len);
    engine_buffer_free(&lines);
    return text;
}

static void release(actor_trace *trace, const airs_allocator *allocator)
{
    frames *self = ds_container_of(trace, frames, trace);
    airs_component_release(self->component);
    base_free(allocator, self);
}

/// Without memory for it the failure has no backtrace.
static actor_trace *keep_frames(const component_actor *self, const engine_trap *trap)
{
    uint32_t count = trap->frames_count < ENGINE_FRAMES_MAX ? (uint32_t)trap->frames_count : ENGINE_FRAMES_MAX;
    frames *kept = NULL;
    if (count > 0)
        kept = base_alloc(self->cell.space->allocator, sizeof *kept + count * sizeof kept->list[0]);
    if (kept == NULL)
        return NULL;
    kept->trace = (actor_trace){.describe = describe, .release = release};
    kept->component = self->component;
    airs_component_retain(self->component);
    kept->count = count;
    for (uint32_t i = 0; i < count; i++) {
        kept->list[i].offset = trap->frames[i].offset;
        kept->list[i].function = trap->frames[i].function;
    }
    return &kept->trace;
}

/// Whole lines only. A name is a guest's word: it can't break its line.
static void format_backtrace(const engine_trap *trap, char *ret, size_t size)
{
    size_t len = 0;
    ret[0] = '\0';
    for (size_t i = 0; i < trap->frames_count; i++) {
        const engine_frame *frame = &trap->frames[i];
        char line[80];
        if (frame->name.len > 0)
            base_text_copy(line, sizeof line, (airs_bytes){frame->name.data, frame->name.len});
        else
            (void)snprintf(line, sizeof line, "function %" PRIu32, frame->function);
        base_text_tidy(line);
        int written = snprintf(ret + len, size - len, "%s%s", len == 0 ? "" : "\n", line);
        if ((size_t)written >= size - len) {
            ret[len] = '\0';
            return;
        }
        len += (size_t)written;
    }
}

actor_progress component_trap_fail(component_actor *self, const engine_trap *trap, actor_failure *failure)
{
    if (self->cell.trace != NULL)
        self->cell.trace->release(self->cell.trace, self->cell.space->allocator);
    self->cell.trace = keep_frames(self, trap);
    actor_progress progress = fail(self, trap, failure);
    format_backtrace(trap, failure->backtrace, sizeof failure->backtrace);
    return progress;
}
