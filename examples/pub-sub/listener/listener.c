// SPDX-License-Identifier: MIT OR Apache-2.0
// Subscribes to the pattern in its settings, keeps what comes, and answers a question with it.
#include <airssys/guest.h>

static uint8_t kept[512];
static size_t kept_len;

// Subscriptions end with the incarnation, so each start makes them anew.
airs_result actor_start(const airs_start_info *info)
{
    airs_bytes pattern = airs_text("");
    airs_bytes group = airs_text("");
    uint64_t subscription;
    (void)airs_setting_find(info->config, airs_text("pattern"), &pattern);
    (void)airs_setting_find(info->config, airs_text("group"), &group);
    return airs_subscribe(pattern, group, &subscription) == AIRS_OK ? airs_ok() : airs_error(airs_why());
}

static void keep(airs_bytes text)
{
    for (size_t i = 0; i < text.len && kept_len < sizeof kept; i++)
        kept[kept_len++] = text.data[i];
}

airs_result actor_handle(const airs_message *message)
{
    // What was sent has no topic.
    if (message->topic.len == 0)
        return airs_answer((airs_bytes){kept, kept_len});
    keep(airs_join(kept_len > 0 ? airs_text(", ") : airs_text(""), message->topic, airs_text(" "), message->payload));
    return airs_ok();
}
