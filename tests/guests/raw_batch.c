// SPDX-License-Identifier: MIT OR Apache-2.0
// `airssys:actor/batch` without the SDK: a `run` that does not keep to the contract. The message says how;
// anything else is echoed.
//   refuse     returns, and from then on returns from `run` without asking for an event
//   return     returns without settling this event
//   ignore     takes no notice of `none` any more and asks on
//   case       settles with a case that there is none of
//   outside    wants the next event written outside of its memory
//   exit       says that it wants to end, and asks on
#include "contract.h"

IMPORT("mailbox", "next") void next(word is_error, word is_some, word data, word len, word result);
IMPORT("supervision", "exit") void exit_self(word is_error, word data, word len);

#define AT(object) ((word)(uintptr_t)(object))

enum {
    EVENT_MESSAGE = 0,
    BLOCK = 65536
};

/// `option<event>` in memory: a message's payload lies behind sender, request and topic.
typedef struct next_event {
    _Alignas(8) uint8_t is_some;
    _Alignas(8) uint8_t kind;
    _Alignas(8) uint64_t sender;
    uint64_t request;
    _Alignas(4) uint8_t has_topic;
    word topic;
    word topic_len;
    word payload;
    word payload_len;
    uint8_t rest[32];
} next_event;

static uint8_t heap[BLOCK];
static next_event event;
static bool refuses, ignores;

/// One block is enough: nothing is kept from one event to the next.
EXPORT("cabi_realloc") word cabi_realloc(word old, word old_len, word align, word len)
{
    (void)old, (void)old_len, (void)align;
    if (len > sizeof heap)
        __builtin_trap();
    return AT(heap);
}

EXPORT("airssys:actor/batch@0.1.0#run") void run(void)
{
    if (refuses)
        return;
    word data = 0, len = 0;
    for (bool answered = false;;) {
        next(0, answered, data, len, AT(&event));
        answered = event.is_some && event.kind == EVENT_MESSAGE;
        if (!event.is_some && !ignores)
            return;
        if (!answered)
            continue;
        data = event.payload;
        len = event.payload_len;
        const uint8_t *verb = (const uint8_t *)(uintptr_t)data;
        refuses = bytes_equal(verb, len, "refuse");
        ignores = ignores || bytes_equal(verb, len, "ignore") || bytes_equal(verb, len, "exit");
        if (bytes_equal(verb, len, "exit"))
            exit_self(0, 0, 0);
        if (bytes_equal(verb, len, "case"))
            next(9, 0, 0, 0, AT(&event));
        if (bytes_equal(verb, len, "outside"))
            next(0, 1, data, len, (word)__builtin_wasm_memory_size(0) * BLOCK - 8);
        if (refuses || bytes_equal(verb, len, "return"))
            return;
    }
}
