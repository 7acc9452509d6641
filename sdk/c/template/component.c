// SPDX-License-Identifier: MIT OR Apache-2.0
// @NAME@: an actor that remembers how often it was called, and says hello.
#include <airssys/guest.h>

// An actor handles one message at a time, so plain variables need no lock. They live until the actor
// stops, or fails and is started anew.
static uint64_t calls;

// Define any of the actor_ functions of airssys/guest.h: what you define is what this component exports.
// This one is called once, before any message.
airs_result actor_start(const airs_start_info *info)
{
    airs_log(airs_join(airs_text("started as "), info->name));
    return airs_ok();
}

// Called for each message. Try it: airssys call build/@NAME@.wasm world
airs_result actor_handle(const airs_message *message)
{
    // This message fails, with this text as its answer; the actor goes on.
    if (message->payload.len == 0)
        return airs_error(airs_text("say who you are"));

    calls++;
    // What airs_join makes lives until this function has returned: there is nothing to free.
    return airs_answer(airs_join(airs_text("Hello, "), message->payload, airs_text("! Call number "),
                                 airs_unsigned(calls), airs_text(".")));
}

// Called once, after the last message.
void actor_stop(airs_stop_reason reason)
{
    (void)reason;
    airs_log(airs_text("good bye"));
}
