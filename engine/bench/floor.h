// SPDX-License-Identifier: MIT OR Apache-2.0
/// floor.h: the same work on bare Wasmtime, to hold the engine and the runtime against.
///
/// The archive libairssys_floor.a holds the engine too: link it instead of libairssys_engine.a. A floor
/// has an engine of its own with the same configuration. It belongs to one thread at a time.
#ifndef AIRS_FLOOR_H
#define AIRS_FLOOR_H

#include "engine.h"

typedef struct floor_bench floor_bench;

/// Compiles `wasm`, a component that exports airssys:actor/child, and for the calls below also actor and
/// batch. Imports but `mailbox.next` are traps. NULL when it fails.
floor_bench *floor_create(const engine_config *config, engine_bytes wasm);
void floor_destroy(floor_bench *floor);

// Each does its work `times` times over; false when a call failed or what it calls is not exported.

/// A store, an instance, `start` and `stop` on a fiber, and the drop of all.
bool floor_spawn(floor_bench *floor, uint64_t times);
/// `handle` with 64 bytes in and out, by `TypedFunc::call_async`.
bool floor_call(floor_bench *floor, uint64_t times);
/// The same by `TypedFunc::call`, without a fiber.
bool floor_call_direct(floor_bench *floor, uint64_t times);
/// Events of 64 bytes by a bare import call within `run`, in batches of 64; `times` is a multiple of it.
bool floor_next(floor_bench *floor, uint64_t times);

/// A program (wasi:cli/run) that opens a file below /data as often as its argument says, with Wasmtime's own WASI.
typedef struct floor_files floor_files;

/// `folder` of the host is its /data, for reading. NULL when it fails.
floor_files *floor_files_create(const engine_config *config, engine_bytes wasm, engine_bytes folder);
void floor_files_destroy(floor_files *files);
/// Runs it with the argument `times`; false when it fails.
bool floor_files_open(floor_files *files, uint64_t times);

#endif
