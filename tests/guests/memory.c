// SPDX-License-Identifier: MIT OR Apache-2.0
// "limit" grows its memory until that is refused, and answers with the pages it has; "past" needs more
// than there is and traps; "fill" does both and touches every page. A number takes so many MiB for the
// time of the message. Anything else: the pages it has now.
#include <airssys/guest.h>

enum {
    PAGE_SIZE = 65536,
    MIB = 1 << 20
};

static void grow_to_limit(void)
{
    for (size_t step = 1024; step > 0; step /= 2) {
        while (__builtin_wasm_memory_grow(0, step) != SIZE_MAX)
            ;
    }
}

static void touch_all(void)
{
    size_t pages = __builtin_wasm_memory_size(0);
    for (size_t page = 1; page < pages; page++) {
        volatile uint8_t *at = (volatile uint8_t *)(page * PAGE_SIZE);
        *at = *at;
    }
}

airs_result actor_handle(const airs_message *message)
{
    uint64_t mib;
    if (airs_equal(message->payload, airs_text("limit")))
        grow_to_limit();
    if (airs_equal(message->payload, airs_text("fill"))) {
        grow_to_limit();
        touch_all();
    }
    if (airs_equal(message->payload, airs_text("past"))) {
        for (;;)
            airs_alloc(16 * MIB);
    }
    if (airs_parse_unsigned(message->payload, &mib)) {
        volatile uint8_t *block = airs_alloc((size_t)mib * MIB);
        block[0] = 1;
    }
    return airs_answer(airs_unsigned(__builtin_wasm_memory_size(0)));
}
