// SPDX-License-Identifier: MIT OR Apache-2.0
// Gives four lines to the line, the third of which the parser can't bear, and looks at what comes out.
#include <airssys/guest.h>

static int to_come;

// The lines are sent at once: those behind the bad one wait in the parser's mailbox while it is started again.
static void feed(const char *line)
{
    uint64_t request;
    if (airs_request(airs_lookup(airs_text("parser")), airs_text_of(line), 10000, &request) == AIRS_OK)
        to_come++;
}

airs_result actor_start(const airs_start_info *info)
{
    uint64_t subscription;
    if (airs_subscribe(airs_text("airssys.dead-letters.poison"), airs_text(""), &subscription) != AIRS_OK)
        return airs_error(airs_why());
    return airs_send(info->id, airs_text("begin")) == AIRS_OK ? airs_ok() : airs_error(airs_why());
}

static void end_when_done(void)
{
    if (to_come > 0)
        return;
    airs_bytes sum;
    if (airs_ask(airs_lookup(airs_text("adder")), airs_text("0"), 5000, &sum) != AIRS_OK)
        sum = airs_why();
    airs_log(airs_join(airs_text("the sum is "), sum));
    airs_exit(airs_ok());
}

airs_result actor_handle(const airs_message *message)
{
    if (message->topic.len > 0) {
        airs_log(airs_join(airs_text("a dead letter: "), message->payload));
        to_come--;
        end_when_done();
        return airs_ok();
    }
    feed("1");
    feed("2");
    feed("three");
    feed("4");
    // The dead letter is awaited too.
    to_come++;
    return airs_ok();
}

airs_result actor_handle_reply(const airs_answer_event *answer)
{
    airs_log(airs_join(answer->status == AIRS_OK ? airs_text("the sum so far: ") : airs_text("no sum: "),
                       answer->status == AIRS_OK ? answer->data : airs_status_text(answer->status)));
    to_come--;
    end_when_done();
    return airs_ok();
}
