// SPDX-License-Identifier: MIT OR Apache-2.0
// Is held up by the gate while its mailbox fills, then handles what is in it, until as much has come as it expects.
#include <airssys/guest.h>

static uint8_t kept[64];
static size_t kept_len;
static uint64_t expected, handled;

airs_result actor_start(const airs_start_info *info)
{
    airs_bytes value;
    bool told = airs_setting_find(info->config, airs_text("expects"), &value) && airs_parse_unsigned(value, &expected);
    return told ? airs_ok() : airs_error(airs_text("the setting `expects` is missing, or no number"));
}

// The answer goes out first; then this actor waits, with all that comes meanwhile in its mailbox.
static airs_result wait_at_gate(uint64_t request)
{
    airs_bytes nothing;
    if (airs_reply(request, airs_text("I am busy now")) != AIRS_OK ||
        airs_ask(airs_lookup(airs_text("gate")), airs_text("may I go on?"), 10000, &nothing) != AIRS_OK)
        return airs_error(airs_why());
    return airs_ok();
}

static void keep(airs_bytes text)
{
    for (size_t i = 0; i < text.len && kept_len < sizeof kept; i++)
        kept[kept_len++] = text.data[i];
}

airs_result actor_handle(const airs_message *message)
{
    if (message->request != 0)
        return wait_at_gate(message->request);
    keep(airs_join(airs_text(" "), message->payload));
    if (++handled < expected)
        return airs_ok();
    airs_log(airs_join(airs_text("handled"), (airs_bytes){kept, kept_len}));
    return airs_send(airs_lookup(airs_text("gate")), airs_text("done")) == AIRS_OK ? airs_ok() : airs_error(airs_why());
}
