// SPDX-License-Identifier: MIT OR Apache-2.0
// Does with files what it is told; wasi_files.h has the language.
#include <airssys/guest.h>

#include "wasi_files.h"

airs_result actor_handle(const airs_message *message)
{
    files_do((const char *)message->payload.data, message->payload.len);
    return airs_answer((airs_bytes){(const uint8_t *)files_reply, files_reply_len});
}
