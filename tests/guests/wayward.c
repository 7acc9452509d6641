// SPDX-License-Identifier: MIT OR Apache-2.0
// One of two versions of a component that do wrong at the worst time, for the tests of canaries. "add" counts; "who"
// answers "VERSION COUNT"; "arm WHAT" has it do wrong later; "die" waits for "gate", and traps in the second version;
// "requests N" makes so many to "later" and answers how many it could make, "requests-die N" does that and then as
// "die"; "shout" publishes to itself, "forward" sends a message to itself and hands that on to itself; "watch NAME"
// monitors, "link NAME" links; "note TEXT" tells "collector".
#include <airssys/guest.h>

#ifndef TWIN
#define TWIN 1
#endif

#define VERSION ((const char[]){(char)('0' + TWIN), '\0'})

static uint64_t count;
static bool was_back;
/// What it is armed with.
static enum {
    TAME,
    SAVE_TRAPS,
    SAVE_WAITS,
    HEALTH_EXITS,
    HEALTH_WAITS,
    HEALTH_ILL,
    DOWN_TRAPS
} armed;

static airs_bytes version(void)
{
    return airs_text_of(VERSION);
}

static void tell(airs_bytes text)
{
    (void)airs_send(airs_lookup(airs_text("collector")), airs_join(text, airs_text(" "), version()));
}

static void wait_at_gate(void)
{
    airs_bytes ignored;
    (void)airs_ask(airs_lookup(airs_text("gate")), airs_text("?"), 60000, &ignored);
}

airs_result actor_start(const airs_start_info *info)
{
    (void)info;
    uint64_t ignored;
    (void)airs_subscribe(airs_text("news"), airs_text(""), &ignored);
#ifdef ENDS
    airs_exit(airs_error(airs_text("had enough")));
#endif
    return airs_ok();
}

void actor_stop(airs_stop_reason reason)
{
    tell(reason == AIRS_STOP_UPGRADE ? airs_text("upgrade") : airs_text("stop"));
}

static void arm(airs_bytes with)
{
    static const char *const names[] = {"nothing",      "save-traps", "save-waits", "health-exits",
                                        "health-waits", "health-ill", "down-traps"};
    for (int i = TAME; i <= DOWN_TRAPS; i++) {
        if (airs_equal(with, airs_text_of(names[i])))
            armed = i;
    }
}

static airs_result make_requests(airs_bytes how_many)
{
    uint64_t left = 0, made = 0, id;
    (void)airs_parse_unsigned(how_many, &left);
    for (; left > 0; left--)
        made += airs_request(airs_lookup(airs_text("later")), airs_text("later"), 60000, &id) == AIRS_OK;
    return airs_answer(airs_unsigned(made));
}

static void die(void)
{
    wait_at_gate();
#if TWIN == 2
    __builtin_trap();
#endif
}

airs_result actor_handle(const airs_message *message)
{
    airs_bytes rest;
    airs_bytes verb = airs_cut(message->payload, ' ', &rest);
    if (airs_equal(verb, airs_text("who")))
        return airs_answer(airs_join(version(), airs_text(" "), airs_unsigned(count)));
    if (airs_equal(verb, airs_text("add"))) {
        count++;
    } else if (airs_equal(verb, airs_text("arm"))) {
        arm(rest);
    } else if (airs_equal(verb, airs_text("die"))) {
        die();
    } else if (airs_equal(verb, airs_text("requests"))) {
        return make_requests(rest);
    } else if (airs_equal(verb, airs_text("requests-die"))) {
        airs_result made = make_requests(rest);
        die();
        return made;
    } else if (airs_equal(verb, airs_text("shout"))) {
        (void)airs_publish(airs_text("news"), airs_join(airs_text("heard "), version()), NULL);
    } else if (airs_equal(verb, airs_text("heard"))) {
        tell(message->payload);
    } else if (airs_equal(verb, airs_text("forward"))) {
        (void)airs_send(airs_lookup(airs_text("victim")), airs_join(airs_text("back "), version()));
    } else if (airs_equal(verb, airs_text("back"))) {
        if (was_back)
            tell(message->payload);
        else
            (void)airs_forward(airs_lookup(airs_text("victim")));
        was_back = true;
    } else if (airs_equal(verb, airs_text("watch"))) {
        (void)airs_monitor(airs_lookup(rest));
    } else if (airs_equal(verb, airs_text("link"))) {
        airs_link(airs_lookup(rest));
    } else if (airs_equal(verb, airs_text("note"))) {
        tell(rest);
    }
    return airs_answer(version());
}

airs_result actor_handle_reply(const airs_answer_event *answer)
{
    (void)answer;
    return airs_ok();
}

airs_result actor_handle_down(const airs_down *down)
{
    (void)down;
    if (armed == DOWN_TRAPS)
        __builtin_trap();
    tell(airs_text("down"));
    return airs_ok();
}

airs_health actor_health(void)
{
    if (armed == HEALTH_EXITS)
        airs_exit(airs_ok());
    if (armed == HEALTH_WAITS) {
        armed = TAME;
        wait_at_gate();
    }
    if (armed == HEALTH_ILL)
        return (airs_health){AIRS_UNHEALTHY, airs_text("it was told to")};
    return (airs_health){.tag = AIRS_HEALTHY};
}

airs_result actor_save(void)
{
    if (armed == SAVE_TRAPS || armed == SAVE_WAITS)
        wait_at_gate();
    if (armed == SAVE_TRAPS)
        __builtin_trap();
    if (armed == SAVE_WAITS)
        armed = TAME;
    return airs_answer(airs_unsigned(count));
}

airs_result actor_load(airs_bytes from_version, airs_bytes state)
{
    (void)from_version;
    return airs_parse_unsigned(state, &count) ? airs_ok() : airs_error(airs_text("no state of a wayward one"));
}
