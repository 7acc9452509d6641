// SPDX-License-Identifier: MIT OR Apache-2.0
// Answers a request; any other message keeps it busy until it is ended.
#include <airssys/guest.h>

airs_result actor_handle(const airs_message *message)
{
    if (message->request != 0)
        return airs_answer(message->payload);
    for (volatile uint64_t turns = 0;; turns = turns + 1)
        continue;
}
