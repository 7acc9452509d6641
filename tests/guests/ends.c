// SPDX-License-Identifier: MIT OR Apache-2.0
// Comes to no end where it should, or to none that is good; the build says where:
//   STOP_LOOP                            in `stop`
//   INIT_LOOP, INIT_TRAP                 in the initialiser of the module, before `start`
//   START_RUDE                           a start that fails with a text that drives terminals
// "rude" fails with such a text, "rude-trap" traps in a function of such a name, "rude-exit" exits with it,
// "rude-log" logs it. "grow" wants more memory than there is, and takes it well; "trap" and "loop" are what they say.
#include <airssys/guest.h>

#define RUDE "bad\x1b[2J\r\nnews\x07 \xc2\x9b!"

__attribute__((noinline)) static void rude_trap(volatile uint32_t *turns) __asm__("evil\x1b[31m\nname");

static void rude_trap(volatile uint32_t *turns)
{
    if (++*turns > 0)
        __builtin_trap();
}

static void loop(void)
{
    for (volatile uint32_t turns = 0;;)
        turns++;
}

void _initialize(void);

__attribute__((export_name("_initialize"))) void _initialize(void)
{
#ifdef INIT_LOOP
    loop();
#endif
#ifdef INIT_TRAP
    __builtin_trap();
#endif
}

airs_result actor_start(const airs_start_info *info)
{
    (void)info;
#ifdef START_RUDE
    return airs_error(airs_text(RUDE));
#endif
    return airs_ok();
}

void actor_stop(airs_stop_reason reason)
{
    (void)reason;
#ifdef STOP_LOOP
    loop();
#endif
}

airs_result actor_handle(const airs_message *message)
{
    volatile uint32_t turns = 0;
    if (airs_equal(message->payload, airs_text("rude")))
        return airs_error(airs_text(RUDE));
    if (airs_equal(message->payload, airs_text("rude-trap")))
        rude_trap(&turns);
    if (airs_equal(message->payload, airs_text("rude-exit")))
        airs_exit(airs_error(airs_text(RUDE)));
    if (airs_equal(message->payload, airs_text("rude-log")))
        airs_log(airs_text(RUDE));
    if (airs_equal(message->payload, airs_text("grow")))
        (void)__builtin_wasm_memory_grow(0, 65535);
    if (airs_equal(message->payload, airs_text("trap")))
        __builtin_trap();
    while (airs_equal(message->payload, airs_text("loop")))
        turns++;
    return airs_answer(message->payload);
}
