// SPDX-License-Identifier: MIT OR Apache-2.0
// A component that is told its settings while it runs, and goes wrong at that by what `mood` was or is to be, for
// tests/hostile/moods_test.c. Messages: "add" counts; "get" answers "VERSION MOOD COUNT CAUSE APPLIED"; "ripen" has a
// mood of "falls-leaving" trap when `run` comes back; "die" traps, but in a calm mood.
// On the way back from the moods "traps", "loops" and "exits" it does that. "exits-now" exits, and "ends-now" has had
// enough and says no, but not in a rehearsal.
#include <airssys/guest.h>

#include <stdlib.h>

#ifdef SECOND
#define VERSION "2"
#else
#define VERSION "1"
#endif

static uint8_t mood[16];
static size_t mood_len;
static uint64_t count, applied, subscription;
static airs_start_cause cause;
static bool ripe;

static bool is(const char *text)
{
    return airs_equal((airs_bytes){mood, mood_len}, airs_text_of(text));
}

static void take_mood(airs_settings settings)
{
    mood_len = 0;
    for (size_t i = 0; i < settings.count; i++) {
        if (!airs_equal(settings.list[i].key, airs_text("mood")))
            continue;
        for (; mood_len < settings.list[i].value.len && mood_len < sizeof mood; mood_len++)
            mood[mood_len] = settings.list[i].value.data[mood_len];
    }
}

/// In a rehearsal a subscription has a number that no other has.
static bool in_earnest(void)
{
    return subscription != UINT64_MAX;
}

airs_result actor_start(const airs_start_info *info)
{
    cause = info->cause;
    take_mood(info->config);
    (void)airs_subscribe(airs_text("news"), airs_text(""), &subscription);
#ifdef SECOND
    if (is("late"))
        return airs_error(airs_text("too late for this"));
#endif
    return airs_ok();
}

airs_result actor_apply(airs_settings settings)
{
    if (is("traps"))
        __builtin_trap();
    if (is("loops")) {
        for (volatile uint64_t i = 0;; i++)
            ;
    }
    if (is("exits"))
        exit(1);
    take_mood(settings);
    if (is("exits-now") && in_earnest())
        exit(1);
    if (is("ends-now") && in_earnest()) {
        airs_exit(airs_error(airs_text("had enough")));
        return airs_error(airs_text("not any more"));
    }
    applied++;
    return airs_ok();
}

static airs_bytes get(void)
{
    static const char *const causes[] = {"fresh", "restarted", "upgraded", "woken"};
    return airs_join(airs_text(VERSION " "), (airs_bytes){mood, mood_len}, airs_text(" "), airs_unsigned(count),
                     airs_text(" "), airs_text_of(causes[cause]), airs_text(" "), airs_unsigned(applied));
}

airs_result actor_handle(const airs_message *message)
{
    if (airs_equal(message->payload, airs_text("get")))
        return airs_answer(get());
    if (airs_equal(message->payload, airs_text("die")) && !is("calm"))
        __builtin_trap();
    ripe |= airs_equal(message->payload, airs_text("ripen"));
    count += airs_equal(message->payload, airs_text("add"));
    return airs_answer(airs_unsigned(count));
}

airs_result actor_save(void)
{
    return airs_answer(airs_unsigned(count));
}

airs_result actor_load(airs_bytes from_version, airs_bytes state)
{
    (void)from_version;
    return airs_parse_unsigned(state, &count) ? airs_ok() : airs_error(airs_text("no number"));
}

#ifdef TRAPS_LEAVING
// The linker puts it in the place of what ends each export, `run` too.
void __real_airs_guest_leave(void);
void __wrap_airs_guest_leave(void);
void __wrap_airs_guest_leave(void)
{
    if (ripe && is("falls-leaving"))
        __builtin_trap();
    __real_airs_guest_leave();
}
#endif
