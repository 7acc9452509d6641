// SPDX-License-Identifier: MIT OR Apache-2.0
#include "airssys/guest.h"
#include "convert.h"
#include "imports.h"

airs_bytes airs_message_id(void)
{
    imports_string_t text;
    airssys_actor_context_message_id(&text);
    return bytes_of(text);
}

uint32_t airs_attempt(void)
{
    return airssys_actor_context_attempt();
}

bool airs_deadline_ms(uint64_t *ret)
{
    return airssys_actor_context_deadline_ms(ret);
}

bool airs_sender_name(airs_bytes *ret)
{
    imports_string_t text;
    if (!airssys_actor_context_sender_name(&text))
        return false;
    *ret = bytes_of(text);
    return true;
}

bool airs_trace_parent(airs_bytes *ret)
{
    imports_string_t text;
    if (!airssys_actor_context_trace_parent(&text))
        return false;
    *ret = bytes_of(text);
    return true;
}
