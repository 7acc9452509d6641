// SPDX-License-Identifier: MIT OR Apache-2.0
// Says of its health what it was told to: "healthy", "degraded WHY", "unhealthy WHY". "trap", "done" and "fail WHY" end
// it; "count" counts. Any answer is the count. Its state is kept where the manifest says so.
#include <airssys/guest.h>

#define WHY_MAX 64u

static uint64_t count;
static int mood;
static uint8_t why[WHY_MAX];
static size_t why_len;

airs_health actor_health(void)
{
    airs_health health = {AIRS_HEALTHY, {why, why_len}};
    if (mood != 0)
        health.tag = mood == 1 ? AIRS_DEGRADED : AIRS_UNHEALTHY;
    return health;
}

airs_result actor_save(void)
{
    return airs_answer(airs_unsigned(count));
}

airs_result actor_load(airs_bytes from_version, airs_bytes state)
{
    (void)from_version;
    count = 0;
    for (size_t i = 0; i < state.len; i++)
        count = count * 10 + (uint64_t)(state.data[i] - '0');
    return airs_ok();
}

static void feel(int tag, airs_bytes text)
{
    mood = tag;
    why_len = text.len < WHY_MAX ? text.len : WHY_MAX;
    for (size_t i = 0; i < why_len; i++)
        why[i] = text.data[i];
}

airs_result actor_handle(const airs_message *message)
{
    airs_bytes rest;
    airs_bytes verb = airs_cut(message->payload, ' ', &rest);
    if (airs_equal(verb, airs_text("trap")))
        __builtin_trap();
    if (airs_equal(verb, airs_text("done")))
        airs_exit(airs_ok());
    if (airs_equal(verb, airs_text("fail")))
        airs_exit(airs_error(rest));
    if (airs_equal(verb, airs_text("healthy")))
        feel(0, airs_text(""));
    if (airs_equal(verb, airs_text("degraded")))
        feel(1, rest);
    if (airs_equal(verb, airs_text("unhealthy")))
        feel(2, rest);
    if (airs_equal(verb, airs_text("count")))
        count++;
    return airs_answer(airs_unsigned(count));
}
