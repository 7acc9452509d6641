// SPDX-License-Identifier: MIT OR Apache-2.0
// Asks in each of the ways there are: waits for the answer, or lets it come as an event.
#include <airssys/guest.h>

static airs_actor clerk;
static uint64_t first, second;
static int outcomes_to_come;

static void ask(airs_actor to, const char *what, uint32_t timeout_ms)
{
    airs_bytes answer;
    if (airs_ask(to, airs_text_of(what), timeout_ms, &answer) != AIRS_OK)
        answer = airs_why();
    airs_log(airs_join(airs_text("ask \""), airs_text_of(what), airs_text("\" -> "), answer));
}

// Goes on at once; the outcome comes to `actor_handle_reply`, with this number.
static uint64_t request(const char *what, uint32_t timeout_ms)
{
    uint64_t number = 0;
    if (airs_request(clerk, airs_text_of(what), timeout_ms, &number) != AIRS_OK)
        airs_log(airs_join(airs_text("not sent: "), airs_why()));
    else
        outcomes_to_come++;
    return number;
}

// A start must not take long, so the work begins with a message to ourselves.
airs_result actor_start(const airs_start_info *info)
{
    return airs_send(info->id, airs_text("begin")) == AIRS_OK ? airs_ok() : airs_error(airs_why());
}

airs_result actor_handle(const airs_message *message)
{
    if (message->sender != airs_self())
        return airs_error(airs_text("I only ask"));
    clerk = airs_lookup(airs_text("clerk"));
    ask(clerk, "now", 1000);
    ask(clerk, "later", 1000);
    ask(clerk, "later", 10);
    ask(clerk, "later", 1000);
    ask(clerk, "the file of 1984", 1000);
    ask(clerk, "nonsense", 1000);
    ask(clerk, "ask me back", 1000);
    ask(airs_self(), "who am I?", 1000);
    ask(clerk, "crash", 1000);
    ask(airs_lookup(airs_text("nobody")), "hello?", 1000);

    first = request("later", 1000);
    second = request("now", 1000);
    if (airs_cancel(request("never", 1000)))
        outcomes_to_come--;
    (void)request("never", 400);
    airs_log(airs_text("three requests are on their way"));
    return airs_ok();
}

airs_result actor_handle_reply(const airs_answer_event *answer)
{
    airs_bytes which = answer->request == first    ? airs_text("first")
                       : answer->request == second ? airs_text("second")
                                                   : airs_text("third");
    // Of a failure the data are its words.
    airs_log(airs_join(airs_text("the "), which, airs_text(" request -> "), answer->data));
    if (--outcomes_to_come == 0)
        airs_exit(airs_ok());
    return airs_ok();
}
