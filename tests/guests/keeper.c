// SPDX-License-Identifier: MIT OR Apache-2.0
// Keeps a value, as its state too, and is asked how it is. Messages: "get", "set VALUE", "health WORD", "save WORD",
// "load WORD", "in WORD", "die". The words say what the next check, save and load do: see `misdeed`.
#include <airssys/guest.h>

#include <time.h>

#define VALUE_MAX 64u
#define WORD_MAX 16u

typedef struct word {
    char text[WORD_MAX];
    size_t len;
} word;

// All of it is the state.
static struct {
    char value[VALUE_MAX];
    size_t value_len;
    word load;
} kept;

static word health_word, save_word;
static const char *cause = "?";
static const char *loaded = "nothing";
static uint64_t checks, saves;
/// Inside a handler: nothing else may be called then.
static bool inside;

static bool is(const word *it, const char *text)
{
    return airs_equal((airs_bytes){(const uint8_t *)it->text, it->len}, airs_text_of(text));
}

static void keep_word(word *to, airs_bytes text)
{
    to->len = text.len < WORD_MAX ? text.len : WORD_MAX;
    for (size_t i = 0; i < to->len; i++)
        to->text[i] = (char)text.data[i];
}

/// True when the call is to give an error.
static bool misdeed(const word *it)
{
    airs_bytes ignored;
    if (inside)
        __builtin_trap();
    if (is(it, "trap"))
        __builtin_trap();
    if (is(it, "loop")) {
        for (volatile uint64_t i = 0;; i++)
            ;
    }
    if (is(it, "wait"))
        (void)nanosleep(&(struct timespec){.tv_sec = 3600}, NULL);
    // "silent" never answers.
    if (is(it, "pause"))
        (void)airs_ask(airs_lookup(airs_text("silent")), airs_text("hello?"), 50, &ignored);
    if (is(it, "exit"))
        airs_exit(airs_error(airs_text("enough")));
    return is(it, "error");
}

airs_result actor_start(const airs_start_info *info)
{
    cause = info->cause == AIRS_START_FRESH ? "fresh" : "restarted";
    uint64_t ignored;
    (void)airs_subscribe(airs_text("news"), airs_text(""), &ignored);
    return airs_ok();
}

void actor_stop(airs_stop_reason reason)
{
    (void)reason;
    // What is saved on stop is what was there before this.
    kept.value_len = 0;
}

static airs_result get(void)
{
    return airs_answer(airs_join((airs_bytes){(const uint8_t *)kept.value, kept.value_len}, airs_text(" "),
                                 airs_text_of(cause), airs_text(" "), airs_text_of(loaded)));
}

static void set(airs_bytes value)
{
    kept.value_len = value.len < VALUE_MAX ? value.len : VALUE_MAX;
    for (size_t i = 0; i < kept.value_len; i++)
        kept.value[i] = (char)value.data[i];
}

/// Waits in the middle of an event.
static void dawdle(void)
{
    airs_bytes ignored;
    inside = true;
    (void)airs_ask(airs_lookup(airs_text("silent")), airs_text("hello?"), 300, &ignored);
    inside = false;
}

airs_result actor_handle(const airs_message *message)
{
    airs_bytes rest;
    airs_bytes verb = airs_cut(message->payload, ' ', &rest);
    if (airs_equal(verb, airs_text("get")))
        return get();
    if (airs_equal(verb, airs_text("checks")))
        return airs_answer(airs_unsigned(checks));
    if (airs_equal(verb, airs_text("saves")))
        return airs_answer(airs_unsigned(saves));
    if (airs_equal(verb, airs_text("die")))
        __builtin_trap();
    if (airs_equal(verb, airs_text("set")))
        set(rest);
    else if (airs_equal(verb, airs_text("health")))
        keep_word(&health_word, rest);
    else if (airs_equal(verb, airs_text("save")))
        keep_word(&save_word, rest);
    else if (airs_equal(verb, airs_text("load")))
        keep_word(&kept.load, rest);
    else if (airs_equal(verb, airs_text("dawdle")))
        dawdle();
    return airs_answer(airs_text("ok"));
}

airs_health actor_health(void)
{
    checks++;
    (void)misdeed(&health_word);
    if (is(&health_word, "degraded"))
        return (airs_health){AIRS_DEGRADED, airs_text("slow\ntoday")};
    if (is(&health_word, "unhealthy"))
        return (airs_health){AIRS_UNHEALTHY, airs_text("the disk is gone")};
    return (airs_health){.tag = AIRS_HEALTHY};
}

airs_result actor_save(void)
{
    saves++;
    if (misdeed(&save_word))
        return airs_error(airs_text("not\nnow"));
    if (is(&save_word, "large"))
        return airs_answer((airs_bytes){airs_alloc(100000), 100000});
    return airs_answer((airs_bytes){(const uint8_t *)&kept, sizeof kept});
}

airs_result actor_load(airs_bytes from_version, airs_bytes state)
{
    if (state.len != sizeof kept || !airs_equal(from_version, airs_text("0.1.0")))
        return airs_error(airs_text("no state of mine"));
    for (size_t i = 0; i < state.len; i++)
        ((uint8_t *)&kept)[i] = state.data[i];
    if (misdeed(&kept.load))
        return airs_error(airs_text("not mine any more"));
    loaded = "loaded";
    return airs_ok();
}
