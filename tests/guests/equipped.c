// SPDX-License-Identifier: MIT OR Apache-2.0
// What an instance is made with, as it sees it: "env NAME" answers its variable of that name, "keep N" keeps N bytes,
// which are its state, and "kept" answers how many and how it was started; "die".
#include <airssys/guest.h>

#include <stdlib.h>
#include <string.h>

static airs_start_cause cause;
static uint8_t *kept;
static size_t kept_len;

airs_result actor_start(const airs_start_info *info)
{
    cause = info->cause;
    return airs_ok();
}

static airs_result keep(size_t len)
{
    uint8_t *made = malloc(len + 1);
    if (made == NULL)
        return airs_error(airs_text("no room for what it keeps"));
    memset(made, 'k', len);
    free(kept);
    kept = made;
    kept_len = len;
    return airs_ok();
}

static airs_bytes variable(airs_bytes name)
{
    char text[64] = "";
    if (name.len >= sizeof text)
        return airs_text("too long");
    memcpy(text, name.data, name.len);
    const char *value = getenv(text);
    return value == NULL ? airs_text("none") : airs_text_of(value);
}

airs_result actor_handle(const airs_message *message)
{
    static const char *const causes[] = {"fresh", "restarted", "upgraded", "woken"};
    airs_bytes rest;
    airs_bytes verb = airs_cut(message->payload, ' ', &rest);
    uint64_t len;
    if (airs_equal(verb, airs_text("env")))
        return airs_answer(variable(rest));
    if (airs_equal(verb, airs_text("die")))
        __builtin_trap();
    if (airs_equal(verb, airs_text("keep")) && airs_parse_unsigned(rest, &len)) {
        airs_result done = keep((size_t)len);
        if (done.tag != AIRS_RESULT_OK)
            return done;
    }
    return airs_answer(airs_join(airs_unsigned(kept_len), airs_text(" "), airs_text_of(causes[cause])));
}

airs_result actor_save(void)
{
    return airs_answer((airs_bytes){kept, kept_len});
}

airs_result actor_load(airs_bytes from_version, airs_bytes state)
{
    (void)from_version;
    return keep(state.len);
}
