// SPDX-License-Identifier: MIT OR Apache-2.0
// Hands each amount to the ledger of another app, and answers with what that says.
#include <airssys/guest.h>

airs_result actor_handle(const airs_message *message)
{
    airs_bytes answer;
    airs_actor ledger = airs_lookup(airs_text("billing/ledger"));
    if (airs_ask(ledger, airs_join(airs_text("book "), message->payload), 5000, &answer) != AIRS_OK)
        return airs_error(airs_why());
    return airs_answer(answer);
}
