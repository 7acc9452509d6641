// SPDX-License-Identifier: MIT OR Apache-2.0
// Answers each message with a greeting.
#include <airssys/guest.h>

static airs_bytes greeting;

// Called once, before any message. The app's manifest may set another greeting.
airs_result actor_start(const airs_start_info *info)
{
    static uint8_t kept[64];
    greeting = airs_text("Hello");
    airs_bytes wanted;
    if (airs_setting_find(info->config, airs_text("greeting"), &wanted)) {
        // What a call hands us is gone when it returns: what we keep is copied.
        if (wanted.len > sizeof kept)
            return airs_error(airs_text("the greeting is longer than 64 bytes"));
        for (size_t i = 0; i < wanted.len; i++)
            kept[i] = wanted.data[i];
        greeting = (airs_bytes){kept, wanted.len};
    }
    return airs_ok();
}

airs_result actor_handle(const airs_message *message)
{
    if (message->payload.len == 0)
        return airs_error(airs_text("whom shall I greet?"));
    return airs_answer(airs_join(greeting, airs_text(", "), message->payload, airs_text("!")));
}
