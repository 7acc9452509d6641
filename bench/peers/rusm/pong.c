// SPDX-License-Identifier: MIT OR Apache-2.0
// Answers each message that wants it with the message itself: the other one of a pair, and the receiver of bursts.
#include "rusm.h"

void run(void)
{
    for (;;) {
        bytes message;
        uint64_t to = take(&message);
        if (to != 0)
            send_to(to, message.data, message.len);
    }
}
