// SPDX-License-Identifier: MIT OR Apache-2.0
/// What a node and its compiler, which are of one build, say to each other.
///
/// The compiler reads from its descriptor 0 a file: a request and, behind it, the component. It writes to its
/// descriptor 1 a reply and, behind it, the fingerprint of its engine, a text (of a component that it refuses) and the
/// code.
#ifndef WASM_COMPILER_WIRE_H
#define WASM_COMPILER_WIRE_H

#include "engine.h"

/// The first argument that makes the program `airssys` a compiler.
#define WASM_COMPILER_VERB "compile-for-a-node"

#define WASM_COMPILER_FINGERPRINT_MAX 256u

/// "airsreq1" and "airsrep1", as numbers.
#define WASM_COMPILER_REQUEST_MAGIC UINT64_C(0x3171657273726961)
#define WASM_COMPILER_REPLY_MAGIC UINT64_C(0x3170657273726961)

typedef struct wasm_compiler_request {
    uint64_t magic;
    /// Of this struct: a compiler of another build has another.
    uint64_t size;
    uint64_t wasm_len;
    /// Bytes that compiling may take, and seconds of the processor.
    uint64_t memory_max;
    uint64_t cpu_s;
    engine_config config;
} wasm_compiler_request;

typedef struct wasm_compiler_reply {
    uint64_t magic;
    /// An engine_result, or WASM_COMPILER_NO_MEMORY.
    uint32_t result;
    uint32_t fingerprint_len;
    /// Not larger than an engine_error's.
    uint32_t text_len;
    uint32_t unused;
    uint64_t code_len;
} wasm_compiler_reply;

/// `memory_max` was not enough.
#define WASM_COMPILER_NO_MEMORY 1000u

#endif
