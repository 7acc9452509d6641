// SPDX-License-Identifier: MIT OR Apache-2.0
/// RUSM's actors as its programs here call them: the imports of rusm.wit, lowered by hand, so that nothing of ours is
/// between them and the runtime. Compiled without a C library.
#ifndef PEERS_RUSM_H
#define PEERS_RUSM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAYLOAD 64u

#define IMPORT(interface, function) __attribute__((import_module(interface), import_name(function)))

typedef uint64_t pid;

/// Bytes, as a list or a string comes back.
typedef struct bytes {
    uint8_t *data;
    size_t len;
} bytes;

/// What `spawn` answers: `failed`, and either.
typedef struct spawned {
    uint8_t failed;
    union {
        pid child;
        bytes reason;
    } is;
} spawned;

IMPORT("rusm:runtime/actor@0.1.0", "own-pid") pid own_pid(void);
IMPORT("rusm:runtime/actor@0.1.0", "spawn") void spawn_named(const char *name, size_t len, spawned *ret_spawned);
IMPORT("rusm:runtime/actor@0.1.0", "send") void send_to(pid to, const uint8_t *data, size_t len);
IMPORT("rusm:runtime/actor@0.1.0", "receive") void receive(bytes *ret_message);
IMPORT("rusm:runtime/actor@0.1.0", "kill") uint32_t kill_process(pid target);
IMPORT("rusm:runtime/log@0.1.0", "log") void log_line(uint32_t level, const char *text, size_t len);
IMPORT("wasi:clocks/monotonic-clock@0.2.0", "now") uint64_t now_ns(void);

/// A payload: to whom the answer goes, 0 when none is wanted, and what fills it up.
typedef struct ball {
    uint64_t answer_to;
    uint8_t rest[PAYLOAD - sizeof(uint64_t)];
} ball;

/// Each process takes one message at a time: the place of the last one is used again.
static uint64_t arrival[512];

__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size)
{
    (void)old;
    (void)old_size;
    (void)align;
    if (size > sizeof arrival)
        __builtin_trap();
    return arrival;
}

static uint64_t look(const bytes *message)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < message->len; i++)
        sum += message->data[i];
    return sum;
}

/// What was read, so that reading it is not left out.
static volatile uint64_t seen;

/// Waits for a message, reads it, and returns to whom its answer goes.
static inline uint64_t take(bytes *ret_message)
{
    receive(ret_message);
    if (ret_message->len != PAYLOAD)
        __builtin_trap();
    seen += look(ret_message);
    return ((const ball *)(const void *)ret_message->data)->answer_to;
}

__attribute__((export_name("run"))) void run(void);

#endif
