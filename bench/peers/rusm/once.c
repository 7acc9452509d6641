// SPDX-License-Identifier: MIT OR Apache-2.0
// A process that starts, is told who waits for it, says that it is there, and ends.
#include "rusm.h"

void run(void)
{
    bytes message;
    uint64_t to = take(&message);
    send_to(to, message.data, message.len);
}
