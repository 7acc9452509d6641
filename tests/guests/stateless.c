// SPDX-License-Identifier: MIT OR Apache-2.0
// Exports no state. Subscribes and sets a timer in each start, as one does that knows nothing of upgrades. "get"
// answers "VERSION CAUSE NEWS TICKS"; "tick" and what is published on "news" are counted. With SPAWNS it has a child of
// the template "worker" from its start on, and "child" answers what that says to "hello".
#include <airssys/guest.h>

#ifndef STATELESS
#define STATELESS 1
#endif

static const char *cause;
static uint64_t news, ticks;
#ifdef SPAWNS
static airs_actor child;
#endif

airs_result actor_start(const airs_start_info *info)
{
    cause = info->cause == AIRS_START_UPGRADED ? "upgraded" : "other";
    uint64_t number;
    (void)airs_subscribe(airs_text("news"), airs_text(""), &number);
    (void)airs_send_after(300, airs_self(), airs_text("tick"), &number);
#ifdef SPAWNS
    if (airs_spawn(airs_text("worker"), airs_text(""), (airs_settings){0}, &child) != AIRS_OK)
        return airs_error(airs_why());
#endif
#ifdef FAILS_IN_EARNEST
    // Well when it rehearses, where it has a child of no number.
    if (child != UINT64_MAX)
        return airs_error(airs_text("now it matters"));
#endif
    return airs_ok();
}

airs_result actor_handle(const airs_message *message)
{
#ifdef SPAWNS
    airs_bytes said;
    if (airs_equal(message->payload, airs_text("child")))
        return airs_answer(airs_ask(child, airs_text("hello"), 5000, &said) == AIRS_OK ? said : airs_why());
#endif
    news += airs_equal(message->topic, airs_text("news"));
    ticks += airs_equal(message->payload, airs_text("tick"));
    return airs_answer(airs_join(airs_text_of((const char[]){(char)('0' + STATELESS), '\0'}), airs_text(" "),
                                 airs_text_of(cause), airs_text(" "), airs_unsigned(news), airs_text(" "),
                                 airs_unsigned(ticks)));
}
