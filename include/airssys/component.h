// SPDX-License-Identifier: MIT OR Apache-2.0
/// Components: loaded once, spawned as many actors.
#ifndef AIRSSYS_COMPONENT_H
#define AIRSSYS_COMPONENT_H

#include "airssys/actor.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Compiles a component, or takes it from the system's cache of compiled code.
/// Owns:    the bytes are read, not kept; `ret_component` is ended with `airs_component_release`.
/// Errors:  E_COMPONENT not a component (the text says where, or how to make one of a core module);
///          E_UNSUPPORTED an import that is not offered, or no contract known here; E_TOO_LARGE over
///          `component_max`; E_LIMIT it needs more than an instance may have, or more memory or time to be compiled
///          than `compile_memory_max` and `compile_timeout_ms`; E_WOULD_BLOCK inside a handler; E_STOPPING, also while
///          it is compiled; E_IO there is no compiler; E_NOMEM; E_INTERNAL the compiler has failed, or was killed.
/// Thread:  any but a handler's: compiling takes milliseconds to seconds. Actors go on meanwhile.
AIRS_API AIRS_NODISCARD airs_status airs_component_load(airs_system *system, const void *wasm, size_t len,
                                                        airs_component **ret_component, airs_error *error);

/// The same from a file. Errors: also E_NOT_FOUND, E_IO (a folder, not readable…); texts name the file.
AIRS_API AIRS_NODISCARD airs_status airs_component_load_file(airs_system *system, const char *path,
                                                             airs_component **ret_component, airs_error *error);

/// NULL is allowed. Any thread.
AIRS_API void airs_component_retain(airs_component *component);
/// NULL is allowed. All must be released before the system is destroyed. Any thread.
AIRS_API void airs_component_release(airs_component *component);

/// From the component's own metadata; "" when it has none, and of NULL. Borrowed from the component. Any thread.
AIRS_API const char *airs_component_name(const airs_component *component);
AIRS_API const char *airs_component_version(const airs_component *component);

/// Called for one grant that a component asks for, which is borrowed for the time of the call. False ends the visit.
typedef bool (*airs_request_fn)(void *user, const airs_grant *request);

/// Visits what a component asks to be granted, in the order of its author: its project's `[component.requests]`. It has
/// nothing of it: who spawns it decides. Nothing is visited of one that asks for nothing.
/// Errors: E_INVALID an argument; or what it asks for means nothing, the text says what of it: nothing is visited then;
///         E_NOMEM. Any thread.
AIRS_API AIRS_NODISCARD airs_status airs_component_each_request(const airs_component *component, airs_request_fn fn,
                                                                void *user, airs_error *error);

#ifdef __cplusplus
}
#endif

#endif
