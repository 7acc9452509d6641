// SPDX-License-Identifier: MIT OR Apache-2.0
// Answers what the clerk hands on. The sender is who asked the clerk, and the answer goes there.
#include <airssys/guest.h>

// A name for what it does, beside the one it was started with. It ends with the incarnation.
airs_result actor_start(const airs_start_info *info)
{
    (void)info;
    return airs_register(airs_text("files")) == AIRS_OK ? airs_ok() : airs_error(airs_why());
}

airs_result actor_handle(const airs_message *message)
{
    airs_bytes who;
    if (!airs_sender_name(&who))
        who = airs_text("nobody I know");
    return airs_answer(airs_join(airs_text("the archive to "), who, airs_text(": "), message->payload));
}
