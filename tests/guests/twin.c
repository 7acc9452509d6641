// SPDX-License-Identifier: MIT OR Apache-2.0
// One of two versions of a component that run beside each other, for the tests of canaries. It says which version
// handles what: "pass TEXT" sends "VERSION TEXT" to "collector"; "who" answers "VERSION COUNT", the count being of what
// it has passed. "tick" has a timer send to the actor, "ask NAME" makes a request, "watch NAME" monitors, "keep" leaves
// its request without an answer; what comes of that, it tells the collector: "timer A B", "reply A B", "down A B" (A
// made it, B handles it). "slow" waits for "silent". What only the second one does wrong: "err" is an error, "die" a
// trap, "loop" a hang, "leave" ends it, "sick" makes it ill, "hold" makes a name, a subscription and a timer of an
// hour.
#include <airssys/guest.h>

#ifndef TWIN
#define TWIN 1
#endif

#define VERSION ((const char[]){(char)('0' + TWIN), '\0'})

static uint64_t count;
static uint64_t requests[256], monitors[256];
static uint32_t requests_count, monitors_count;
#if TWIN == 2
static bool sick;
#endif

static airs_bytes version(void)
{
    return airs_text_of(VERSION);
}

static void tell(airs_bytes text)
{
    (void)airs_send(airs_lookup(airs_text("collector")), text);
}

airs_result actor_start(const airs_start_info *info)
{
    (void)info;
    uint64_t ignored;
    (void)airs_subscribe(airs_text("news"), airs_text(""), &ignored);
    return airs_ok();
}

void actor_stop(airs_stop_reason reason)
{
    tell(airs_join(airs_text_of(reason == AIRS_STOP_UPGRADE ? "upgrade " : "stop "), version()));
}

#if TWIN == 2
static void hold(void)
{
    uint64_t ignored;
    (void)airs_register(airs_text("held/name"));
    (void)airs_subscribe(airs_text("more/news"), airs_text(""), &ignored);
    (void)airs_send_every(3600000, airs_self(), airs_text("never"), &ignored);
}

/// True when it was something that only this version does.
static bool misbehave(airs_bytes verb, airs_result *ret)
{
    *ret = airs_ok();
    if (airs_equal(verb, airs_text("err")))
        *ret = airs_error(airs_text("no"));
    else if (airs_equal(verb, airs_text("die")))
        __builtin_trap();
    else if (airs_equal(verb, airs_text("loop")))
        for (volatile uint64_t i = 0;; i++)
            ;
    else if (airs_equal(verb, airs_text("leave")))
        airs_exit(airs_ok());
    else if (airs_equal(verb, airs_text("sick")))
        sick = true;
    else if (airs_equal(verb, airs_text("hold")))
        hold();
    else
        return false;
    return true;
}
#endif

static bool is_mine(const uint64_t *list, uint32_t len, uint64_t id)
{
    for (uint32_t i = 0; i < len; i++) {
        if (list[i] == id)
            return true;
    }
    return false;
}

static airs_result answer_who(void)
{
    return airs_answer(airs_join(version(), airs_text(" "), airs_unsigned(count)));
}

static void wait_a_while(void)
{
    airs_bytes ignored;
    (void)airs_ask(airs_lookup(airs_text("silent")), airs_text("hello?"), 300, &ignored);
}

airs_result actor_handle(const airs_message *message)
{
    airs_bytes rest;
    airs_bytes verb = airs_cut(message->payload, ' ', &rest);
    uint64_t id = 0;
#if TWIN == 2
    airs_result result;
    if (misbehave(verb, &result))
        return result;
#endif
    if (airs_equal(verb, airs_text("who")))
        return answer_who();
    if (airs_equal(verb, airs_text("keep"))) {
        tell(airs_join(airs_text("kept "), version()));
        return airs_ok();
    }
    if (airs_equal(verb, airs_text("pass"))) {
        count++;
        tell(airs_join(version(), airs_text(" "), rest));
    } else if (airs_equal(verb, airs_text("tick"))) {
        (void)airs_send_after(1, airs_self(), airs_join(airs_text("timer "), version()), &id);
    } else if (airs_equal(verb, airs_text("timer"))) {
        tell(airs_join(message->payload, airs_text(" "), version()));
    } else if (airs_equal(verb, airs_text("ask"))) {
        if (airs_request(airs_lookup(rest), airs_text("later"), 60000, &id) == AIRS_OK && requests_count < 256)
            requests[requests_count++] = id;
    } else if (airs_equal(verb, airs_text("watch"))) {
        id = airs_monitor(airs_lookup(rest));
        if (id != 0 && monitors_count < 256)
            monitors[monitors_count++] = id;
        tell(airs_join(airs_text("watches "), version()));
    } else if (airs_equal(verb, airs_text("slow"))) {
        tell(airs_join(airs_text("slow "), version()));
        wait_a_while();
    }
    return airs_answer(version());
}

airs_result actor_handle_reply(const airs_answer_event *answer)
{
    bool mine = is_mine(requests, requests_count, answer->request);
    tell(airs_join(mine ? airs_text("reply mine ") : airs_text("reply other "), version()));
    return airs_ok();
}

airs_result actor_handle_down(const airs_down *down)
{
    bool mine = is_mine(monitors, monitors_count, down->monitor);
    tell(airs_join(mine ? airs_text("down mine ") : airs_text("down other "), version()));
    return airs_ok();
}

airs_health actor_health(void)
{
#if TWIN == 2
    if (sick)
        return (airs_health){AIRS_UNHEALTHY, airs_text("work made it ill")};
#endif
    return (airs_health){.tag = AIRS_HEALTHY};
}

#ifndef FORGETS
airs_result actor_save(void)
{
    return airs_answer(airs_unsigned(count));
}

airs_result actor_load(airs_bytes from_version, airs_bytes state)
{
    (void)from_version;
    return airs_parse_unsigned(state, &count) ? airs_ok() : airs_error(airs_text("no state of a twin"));
}
#endif
