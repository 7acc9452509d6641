// SPDX-License-Identifier: MIT OR Apache-2.0
// What runs after its answer was read: "trap" traps there, "scribble" overwrites the answer there, "loop"
// never comes back.
#include <airssys/guest.h>

static enum {
    NOTHING,
    TRAP,
    SCRIBBLE,
    LOOP
} next;
static uint8_t answer[64];

void __wasm_export_exports_airssys_actor_actor_handle_post_return(uint8_t *result);

__attribute__((export_name("cabi_post_airssys:actor/actor@0.1.0#handle"))) void
__wasm_export_exports_airssys_actor_actor_handle_post_return(uint8_t *result)
{
    volatile uint8_t *bytes = answer;
    if (next == TRAP)
        __builtin_trap();
    while (next == LOOP)
        bytes[0]++;
    for (size_t i = 0; next == SCRIBBLE && i < sizeof answer; i++)
        bytes[i] = '#';
    for (size_t i = 0; next == SCRIBBLE && i < 16; i++)
        result[i] = 0xff;
}

airs_result actor_handle(const airs_message *message)
{
    next = airs_equal(message->payload, airs_text("trap"))       ? TRAP
           : airs_equal(message->payload, airs_text("scribble")) ? SCRIBBLE
           : airs_equal(message->payload, airs_text("loop"))     ? LOOP
                                                                 : NOTHING;
    airs_bytes echoed = airs_slice(message->payload, 0, sizeof answer);
    for (size_t i = 0; i < echoed.len; i++)
        answer[i] = echoed.data[i];
    return airs_answer((airs_bytes){answer, echoed.len});
}
