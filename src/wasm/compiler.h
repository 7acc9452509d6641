// SPDX-License-Identifier: MIT OR Apache-2.0
/// Compiling in another process, which has limits and holds nothing that is worth having.
///
/// A component is the work of strangers, and compiling is the one thing that is done with all of it: a fault of the
/// compiler must not be one of the node, and its hunger for memory and time must not be the node's. So a child process
/// (`airssys`, told to be a compiler) reads the component from a file in memory, gives up all that it does not need
/// (os/confine.h), and answers with the code through a pipe. The node reads that far and that long as the limits
/// allow, takes nothing else from it, and kills it then. docs/decisions/0006-compiling-elsewhere.md has the reasons.
#ifndef WASM_COMPILER_H
#define WASM_COMPILER_H

#include "airssys/status.h"
#include "base/atomics.h"
#include "engine.h"

/// Bytes of compiled code that are taken at most.
#define WASM_COMPILED_MAX (512u << 20)

typedef struct wasm_compiler {
    const airs_allocator *allocator;
    /// The program. NULL: found when it is needed (`wasm_compiler_find`). "": none; this process compiles, without
    /// limits.
    const char *path;
    /// What the engine that will run the code was made with.
    engine_config config;
    uint64_t memory_max;
    uint32_t timeout_ms;
    /// Set by another thread: give up. NULL: nobody does.
    const BASE_ATOMIC(bool) *stopping;
} wasm_compiler;

/// Compiles `wasm` for `machine`.
/// Owns:    `ret_code` is the caller's.
/// Errors:  E_COMPONENT not valid, the text says where; E_LIMIT it needs more memory or time than there is for it, or
///          its code is too large, each by its name; E_IO there is no compiler, or it can't be started; E_INTERNAL it
///          has failed or was killed; E_STOPPING; E_NOMEM.
/// Thread:  any that may block as long as `timeout_ms`.
AIRS_NODISCARD airs_status wasm_compile(const wasm_compiler *compiler, engine *machine, airs_bytes wasm,
                                        airs_buffer *ret_code, airs_error *error);

/// Looks for the program `airssys`: the one that AIRSSYS_COMPILER names, else the one beside this library or program,
/// in the folder `bin` beside theirs, or where this library was meant to be installed.
/// Errors: E_IO there is none; the text says what to do. Any thread.
AIRS_NODISCARD airs_status wasm_compiler_find(char *ret_path, size_t size, airs_error *error);

/// What the compiler does, from its first step to its last: this process is one. Gives its exit code.
int wasm_compiler_main(const engine_host *host);

#endif
