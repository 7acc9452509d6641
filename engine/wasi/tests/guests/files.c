// SPDX-License-Identifier: MIT OR Apache-2.0
// Does with files what it is told, and measures the stack between two commands.
#include "../../../core/tests/guests/guest.h"

#include "../../../../tests/guests/wasi_files.h"

IMPORT("messaging", "self-id") uint64_t self_id(void);

EXPORT("airssys:actor/actor@0.1.0#handle")
void *handle(uint64_t sender, uint64_t id, int has_topic, const char *topic, size_t topic_len, const char *data,
             size_t len)
{
    (void)sender, (void)id, (void)has_topic, (void)topic, (void)topic_len;
    self_id();
    files_do(data, len);
    ret_area[0] = 0, ret_area[1] = 1, ret_area[2] = (uint32_t)(size_t)files_reply;
    ret_area[3] = (uint32_t)files_reply_len;
    return ret_area;
}

EXPORT("cabi_post_airssys:actor/actor@0.1.0#handle") void post_handle(void *result)
{
    (void)result;
    heap_top = 0;
}
