// SPDX-License-Identifier: MIT OR Apache-2.0
// One of several versions of a component that counts, for tests/deploy. Messages: "add" counts and answers the count;
// "pass TEXT" counts and sends TEXT to "collector"; "get" answers "VERSION COUNT CAUSE LOADED-FROM"; "seen" answers
// what came of timers, topics and replies; "request NAME" asks without waiting; "watch NAME" monitors, and "downs"
// answers how many ends that has told; "mood" answers the setting of that name, and how often it was told settings
// while it ran; "pry" asks once for what it may not have; "dawdle" waits inside of the handler;
// "die".
// What a version does wrong is said by a macro.
#include <airssys/guest.h>

#ifndef TELLER
#define TELLER 1
#endif

#define DIGIT(number) ((const char[]){(char)('0' + (number)), '\0'})

/// The state.
static uint64_t count, ticks, news, replies;
/// Not in it.
static uint64_t downs;

static airs_start_cause cause;
static uint8_t mood[16];
static size_t mood_len;
static uint64_t applied;
static airs_bytes loaded_from;
static uint64_t handled;
static uint64_t subscription;

#ifdef EAGER
// Does something to others before it is asked to.
__attribute__((constructor)) static void begin_early(void)
{
    airs_actor herald = airs_lookup(airs_text("herald"));
    (void)airs_send(herald, airs_text_of(DIGIT(TELLER)));
}
#endif

static const char *cause_text(void)
{
    static const char *const texts[] = {"fresh", "restarted", "upgraded", "woken"};
    return texts[cause];
}

static void loop(void)
{
    for (volatile uint64_t i = 0;; i++)
        ;
}

static void pry(uint32_t times)
{
    uint64_t ignored;
    for (uint32_t i = 0; i < times; i++)
        (void)airs_subscribe(airs_text("secrets"), airs_text(""), &ignored);
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

#ifdef APPLIES
airs_result actor_apply(airs_settings settings)
{
    airs_bytes before = {mood, mood_len};
    bool was_stubborn = airs_equal(before, airs_text("stubborn"));
    take_mood(settings);
    airs_bytes now = {mood, mood_len};
    if (airs_equal(now, airs_text("bad")) || was_stubborn) {
        mood_len = 0;
        return airs_error(airs_text("not in this mood"));
    }
    if (airs_equal(now, airs_text("trap")))
        __builtin_trap();
    if (airs_equal(now, airs_text("loop")))
        loop();
    // Well when it rehearses, where it has nothing to do with its name.
    if (airs_equal(now, airs_text("later")) && subscription != UINT64_MAX)
        __builtin_trap();
    applied++;
    return airs_ok();
}
#endif

airs_result actor_start(const airs_start_info *info)
{
    cause = info->cause;
    take_mood(info->config);
    loaded_from = airs_text("-");
#if defined START_ERROR
    return airs_error(airs_text("not today"));
#elif defined START_TRAP
    __builtin_trap();
#elif defined START_LOOP
    loop();
#endif
    // All of this is there already when another version comes: it is asked for again all the same.
    (void)airs_subscribe(airs_text("news"), airs_text(""), &subscription);
    (void)airs_register(airs_join(info->name, airs_text("/alias")));
    uint64_t timer;
    if (cause != AIRS_START_UPGRADED)
        (void)airs_send_every(5, airs_self(), airs_text("tick"), &timer);
    (void)airs_send(airs_lookup(airs_text("herald")), airs_join(airs_text("start "), airs_text_of(DIGIT(TELLER))));
#ifdef START_ASK
    airs_bytes answer;
    if (airs_ask(airs_lookup(airs_text("echo")), airs_text("are you there?"), 5000, &answer) != AIRS_OK)
        return airs_error(airs_text("nobody is there"));
#endif
#ifdef START_PRIES
    pry(100);
#endif
#ifdef FAILS_IN_EARNEST
    // Well when it rehearses, where it has a subscription of no number.
    if (subscription != UINT64_MAX)
        return airs_error(airs_text("now it matters"));
#endif
    return airs_ok();
}

void actor_stop(airs_stop_reason reason)
{
    // What it ends is its successor's by now.
    (void)airs_unsubscribe(subscription);
    airs_bytes why = reason == AIRS_STOP_UPGRADE ? airs_text("upgrade ") : airs_text("stop ");
    (void)airs_send(airs_lookup(airs_text("herald")), airs_join(why, airs_text_of(DIGIT(TELLER))));
#ifdef STOP_TRAP
    __builtin_trap();
#elif defined STOP_PRIES
    pry(100);
#elif defined STOP_WAITS
    airs_bytes ignored;
    (void)airs_ask(airs_lookup(airs_text("silent")), airs_text("hello?"), 1000, &ignored);
#endif
}

static airs_bytes get(void)
{
    return airs_join(airs_text_of(DIGIT(TELLER)), airs_text(" "), airs_unsigned(count), airs_text(" "),
                     airs_text_of(cause_text()), airs_text(" "), loaded_from);
}

static airs_bytes seen(void)
{
    return airs_join(airs_unsigned(ticks), airs_text(" "), airs_unsigned(news), airs_text(" "), airs_unsigned(replies));
}

static void misbehave(void)
{
    handled++;
#if defined FALLS
    if (handled == 3)
        __builtin_trap();
#elif defined HANGS
    if (handled == 3)
        loop();
#endif
}

/// Waits in the middle of an event.
static void dawdle(void)
{
    airs_bytes ignored;
    (void)airs_send(airs_lookup(airs_text("herald")), airs_text("dawdles"));
    (void)airs_ask(airs_lookup(airs_text("silent")), airs_text("hello?"), 1000, &ignored);
}

static airs_result answer_count(void)
{
    count++;
    return airs_answer(airs_unsigned(count));
}

airs_result actor_handle(const airs_message *message)
{
    airs_bytes rest;
    airs_bytes verb = airs_cut(message->payload, ' ', &rest);
    if (airs_equal(message->topic, airs_text("news"))) {
        news++;
        return airs_ok();
    }
    if (airs_equal(verb, airs_text("tick"))) {
        ticks++;
        return airs_ok();
    }
    if (airs_equal(verb, airs_text("get")))
        return airs_answer(get());
    if (airs_equal(verb, airs_text("seen")))
        return airs_answer(seen());
    if (airs_equal(verb, airs_text("mood")))
        return airs_answer(airs_join((airs_bytes){mood, mood_len}, airs_text(" "), airs_unsigned(applied)));
    if (airs_equal(verb, airs_text("downs")))
        return airs_answer(airs_unsigned(downs));
    misbehave();
    uint64_t number;
    if (airs_equal(verb, airs_text("pass")))
        (void)airs_send(airs_lookup(airs_text("collector")), rest);
    else if (airs_equal(verb, airs_text("request")) &&
             airs_request(airs_lookup(rest), airs_text("later"), 60000, &number) != AIRS_OK)
        return airs_answer(airs_text("refused"));
    else if (airs_equal(verb, airs_text("watch")))
        (void)airs_monitor(airs_lookup(rest));
    else if (airs_equal(verb, airs_text("pry")))
        pry(1);
    else if (airs_equal(verb, airs_text("dawdle")))
        dawdle();
    else if (airs_equal(verb, airs_text("die")))
        __builtin_trap();
    else if (airs_equal(verb, airs_text("loop")))
        loop();
    return answer_count();
}

airs_result actor_handle_reply(const airs_answer_event *answer)
{
#ifdef DEAF
    return airs_error(airs_text("no ear"));
#endif
    replies += answer->status == AIRS_OK;
    return airs_ok();
}

airs_result actor_handle_down(const airs_down *down)
{
#ifdef DEAF
    __builtin_trap();
#endif
    downs += !down->will_restart;
    return airs_ok();
}

airs_health actor_health(void)
{
#if defined UNWELL
    return (airs_health){AIRS_UNHEALTHY, airs_text("born ill")};
#elif defined SICKENS
    if (handled > 0)
        return (airs_health){AIRS_UNHEALTHY, airs_text("work made it ill")};
#endif
    if (airs_equal((airs_bytes){mood, mood_len}, airs_text("ill")))
        return (airs_health){AIRS_UNHEALTHY, airs_text("in an ill mood")};
    return (airs_health){.tag = AIRS_HEALTHY};
}

airs_result actor_save(void)
{
#if defined SAVE_TRAP
    __builtin_trap();
#elif defined SAVE_ERROR
    return airs_error(airs_text("no pen"));
#elif defined OTHER_FORMAT
    return airs_answer(airs_join(airs_text("three "), airs_unsigned(count)));
#endif
    return airs_answer(airs_join(airs_unsigned(count), airs_text(" "), seen()));
}

static bool take(airs_bytes *rest, uint64_t *ret)
{
    return airs_parse_unsigned(airs_cut(*rest, ' ', rest), ret);
}

airs_result actor_load(airs_bytes from_version, airs_bytes state)
{
#if defined LOAD_ERROR
    return airs_error(airs_text("another format"));
#elif defined LOAD_TRAP
    __builtin_trap();
#elif defined LOAD_MEMORY
    for (;;)
        *(volatile uint8_t *)airs_alloc(1u << 20) = 1;
#endif
    airs_bytes rest = state;
    if (!take(&rest, &count) || !take(&rest, &ticks) || !take(&rest, &news) || !take(&rest, &replies))
        return airs_error(airs_text("no state of a teller"));
    static uint8_t kept[16];
    for (size_t i = 0; i < from_version.len && i < sizeof kept; i++)
        kept[i] = from_version.data[i];
    loaded_from = (airs_bytes){kept, from_version.len < sizeof kept ? from_version.len : sizeof kept};
    return airs_ok();
}
