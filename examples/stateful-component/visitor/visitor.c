// SPDX-License-Identifier: MIT OR Apache-2.0
// Does the same with each notebook: changes it four times, lets it crash, and reads what is left.
#include <airssys/guest.h>

static airs_bytes ask(airs_bytes name, const char *what)
{
    airs_bytes answer;
    if (airs_ask(airs_lookup(name), airs_text_of(what), 5000, &answer) != AIRS_OK)
        answer = airs_text("no answer");
    return answer;
}

static void visit(airs_bytes name)
{
    (void)ask(name, "add 5");
    (void)ask(name, "add 2");
    (void)ask(name, "replace 40");
    airs_bytes before = ask(name, "add 1");
    airs_bytes crash = ask(name, "crash");
    airs_log(airs_join(name, airs_text(": "), before, airs_text(" before, "), crash,
                       airs_text(" to the crash, after it "), ask(name, "read")));
}

airs_result actor_start(const airs_start_info *info)
{
    return airs_send(info->id, airs_text("begin")) == AIRS_OK ? airs_ok() : airs_error(airs_why());
}

airs_result actor_handle(const airs_message *message)
{
    (void)message;
    visit(airs_text("careful"));
    visit(airs_text("thrifty"));
    visit(airs_text("forgetful"));
    airs_exit(airs_ok());
    return airs_ok();
}
