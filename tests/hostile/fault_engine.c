// SPDX-License-Identifier: MIT OR Apache-2.0
#include "fault_engine.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static _Atomic uint64_t calls, failed, fail_at, fail_count;
static _Atomic(const char *) which = "";
static _Atomic int kind;

void fault_engine_arm(fault_kind how, uint64_t at, uint64_t count)
{
    kind = (int)how;
    fail_at = 0;
    calls = 0;
    failed = 0;
    fail_count = count;
    which = "";
    fail_at = at;
}

uint64_t fault_engine_calls(void)
{
    return calls;
}

uint64_t fault_engine_failed(void)
{
    return failed;
}

const char *fault_engine_which(void)
{
    return which;
}

static bool fails(const char *function)
{
    uint64_t number = ++calls;
    uint64_t at = fail_at;
    if (at == 0 || number < at || number - at >= fail_count)
        return false;
    failed++;
    which = function;
    return true;
}

static engine_result fail_with(engine_result result, engine_error *error)
{
    if (error != NULL)
        (void)snprintf(error->text, sizeof error->text, "as the test wanted");
    return result;
}

/// A function that is wrapped: its result where it fails, what it takes, and how that is handed on.
#define WRAP(function, result, error, parameters, arguments)                              \
    engine_result __real_##function parameters;                                           \
    engine_result __wrap_##function parameters;                                           \
    engine_result __wrap_##function parameters                                            \
    {                                                                                     \
        return fails(#function) ? fail_with(result, error) : __real_##function arguments; \
    }

#define WRAP_CALL(function, parameters, arguments) WRAP(function, ENGINE_PANIC, NULL, parameters, arguments)

WRAP(engine_compile, ENGINE_PANIC, error,
     (engine * machine, engine_bytes wasm, engine_buffer *ret_code, engine_error *error),
     (machine, wasm, ret_code, error))
WRAP(engine_component_load, ENGINE_LIMIT, error,
     (engine * machine, engine_bytes code, engine_component **ret, engine_error *error), (machine, code, ret, error))
WRAP(engine_kit_debug_info, ENGINE_PANIC, error, (engine_bytes wasm, engine_buffer *ret_info, engine_error *error),
     (wasm, ret_info, error))
WRAP(engine_kit_trap_lines, ENGINE_PANIC, error,
     (engine_bytes info, const engine_frame *frames, size_t count, engine_buffer *ret_lines, engine_error *error),
     (info, frames, count, ret_lines, error))
WRAP(engine_instance_create, ENGINE_LIMIT, error,
     (engine_component * component, const engine_limits *limits, void *actor, engine_gauges *gauges,
      engine_instance **ret, engine_error *error),
     (component, limits, actor, gauges, ret, error))
WRAP_CALL(engine_call_instantiate, (engine_instance * instance), (instance))
WRAP_CALL(engine_call_start, (engine_instance * instance, const engine_start_info *info), (instance, info))
WRAP_CALL(engine_call_stop, (engine_instance * instance, engine_stop_reason reason), (instance, reason))
WRAP_CALL(engine_call_handle, (engine_instance * instance, const engine_message *message), (instance, message))
WRAP_CALL(engine_call_run, (engine_instance * instance), (instance))
WRAP_CALL(engine_call_handle_down, (engine_instance * instance, const engine_down *down), (instance, down))
WRAP_CALL(engine_call_check, (engine_instance * instance), (instance))
WRAP_CALL(engine_call_save, (engine_instance * instance), (instance))
WRAP_CALL(engine_call_load, (engine_instance * instance, engine_bytes version, engine_bytes state),
          (instance, version, state))
WRAP_CALL(engine_call_main, (engine_instance * instance), (instance))

static engine_trap_kind trap_kind(void)
{
    static const engine_trap_kind kinds[FAULT_KINDS] = {ENGINE_TRAP_PANIC, ENGINE_TRAP_LIMIT, ENGINE_TRAP_GUEST};
    return kinds[kind];
}

engine_poll_status __real_engine_poll(engine_instance *instance, void *waker, engine_outcome *ret);
engine_poll_status __wrap_engine_poll(engine_instance *instance, void *waker, engine_outcome *ret);
engine_poll_status __wrap_engine_poll(engine_instance *instance, void *waker, engine_outcome *ret)
{
    static const char text[] = "as the test wanted";
    if (!fails("engine_poll"))
        return __real_engine_poll(instance, waker, ret);
    engine_call_drop(instance);
    ret->trap = (engine_trap){.kind = trap_kind(), .text = {(const uint8_t *)text, sizeof text - 1}};
    return ENGINE_POLL_TRAP;
}
