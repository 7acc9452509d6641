// SPDX-License-Identifier: MIT OR Apache-2.0
// Dead letters are published, each on the topic of its reason: whoever has the grant may subscribe.
#include <airssys/guest.h>

static uint8_t kept[512];
static size_t kept_len;

airs_result actor_start(const airs_start_info *info)
{
    (void)info;
    uint64_t subscription;
    airs_status status = airs_subscribe(airs_text("airssys.dead-letters.>"), airs_text(""), &subscription);
    return status == AIRS_OK ? airs_ok() : airs_error(airs_why());
}

airs_result actor_handle(const airs_message *message)
{
    if (message->topic.len == 0)
        return airs_answer((airs_bytes){kept, kept_len});
    airs_bytes line =
        airs_join(kept_len > 0 ? airs_text(", ") : airs_text(""), message->topic, airs_text(" "), message->payload);
    for (size_t i = 0; i < line.len && kept_len < sizeof kept; i++)
        kept[kept_len++] = line.data[i];
    return airs_ok();
}
