// SPDX-License-Identifier: MIT OR Apache-2.0
// Holds a consumer up until it is opened, and says when that consumer has handled all it expects.
#include <airssys/guest.h>

static bool is_open, is_done;
// The requests that are not answered yet: of the consumer that waits, of who has opened and waits for the end.
static uint64_t held, opener;

static void answer(uint64_t *request)
{
    // A request that has been given up is no harm.
    if (*request != 0)
        (void)airs_reply(*request, airs_text(""));
    *request = 0;
}

airs_result actor_handle(const airs_message *message)
{
    airs_bytes what = message->payload;
    if (airs_equal(what, airs_text("open in a while"))) {
        airs_status status = airs_send_after(100, airs_self(), airs_text("open"), NULL);
        return status == AIRS_OK ? airs_ok() : airs_error(airs_why());
    }
    if (airs_equal(what, airs_text("may I go on?")))
        held = message->request;
    if (airs_equal(what, airs_text("done")))
        is_done = true;
    if (airs_equal(what, airs_text("open"))) {
        is_open = true;
        opener = message->request != 0 ? message->request : opener;
    }
    if (is_open)
        answer(&held);
    if (is_done && opener != 0) {
        answer(&opener);
        is_open = is_done = false;
    }
    return airs_ok();
}
