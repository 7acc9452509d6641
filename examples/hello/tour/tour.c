// SPDX-License-Identifier: MIT OR Apache-2.0
// Asks the others, one after the other, and writes what they answer into the log. Then it ends, and the app with it.
#include <airssys/guest.h>

static void ask(const char *name, const char *question)
{
    airs_bytes to = airs_text_of(name);
    airs_bytes payload = airs_text_of(question);
    airs_bytes answer;
    airs_status status = airs_ask(airs_lookup(to), payload, 1000, &answer);
    if (status != AIRS_OK)
        answer = airs_join(airs_text("no answer: "), airs_why());
    airs_log(airs_join(to, airs_text("(\""), payload, airs_text("\") -> "), answer));
}

// An actor begins with a message, and this one has nobody else to send it one.
airs_result actor_start(const airs_start_info *info)
{
    return airs_send(info->id, airs_text("begin")) == AIRS_OK ? airs_ok() : airs_error(airs_why());
}

airs_result actor_handle(const airs_message *message)
{
    (void)message;
    ask("greeter", "World");
    ask("counter", "");
    ask("counter", "40");
    ask("flaky", "hello");
    ask("flaky", "boom");
    airs_log(airs_text("flaky has trapped; it answers again, and its siblings have kept their state:"));
    ask("flaky", "hello");
    ask("counter", "");
    ask("greeter", "again");
    airs_exit(airs_ok());
    return airs_ok();
}
