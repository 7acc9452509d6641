// SPDX-License-Identifier: MIT OR Apache-2.0
// A circuit breaker. Closed, it hands requests on. After some failures in a row, or when it hears that the service has
// ended, it opens: requests are refused at once, and the service is spared. After a while it is half open: one request
// is let through as a trial, and its outcome decides.
#include <airssys/guest.h>

typedef enum breaker_state {
    CLOSED,
    OPEN,
    HALF_OPEN,
    TRIAL
} breaker_state;

static airs_actor service;
static uint64_t failures_max, open_ms;
static breaker_state state;
static uint64_t failures;

// Whom an answer of the service is for.
#define WAITING_MAX 64
static struct {
    uint64_t asked;
    uint64_t client;
} waiting[WAITING_MAX];

static void become(breaker_state next, const char *what)
{
    state = next;
    failures = 0;
    airs_log(airs_text_of(what));
}

static void open_for_a_while(const char *why)
{
    if (state != OPEN && airs_send_after(open_ms, airs_self(), airs_text("try again"), NULL) == AIRS_OK)
        become(OPEN, why);
}

static uint64_t setting(airs_settings config, const char *key, uint64_t otherwise)
{
    airs_bytes text;
    uint64_t number = otherwise;
    if (airs_setting_find(config, airs_text_of(key), &text))
        (void)airs_parse_unsigned(text, &number);
    return number;
}

airs_result actor_start(const airs_start_info *info)
{
    airs_bytes name = airs_text("service");
    (void)airs_setting_find(info->config, airs_text("service"), &name);
    service = airs_lookup(name);
    failures_max = setting(info->config, "failures", 5);
    open_ms = setting(info->config, "open_ms", 1000);
    // It is told of each end of the service, as soon as it is known.
    return airs_monitor(service) != 0 ? airs_ok() : airs_error(airs_text("no such service"));
}

static airs_result hand_on(const airs_message *message)
{
    for (int i = 0; i < WAITING_MAX; i++) {
        if (waiting[i].asked != 0)
            continue;
        if (airs_request(service, message->payload, 1000, &waiting[i].asked) != AIRS_OK)
            return airs_error(airs_why());
        waiting[i].client = message->request;
        return airs_ok();
    }
    return airs_error(airs_text("too many requests at once"));
}

airs_result actor_handle(const airs_message *message)
{
    if (message->sender == airs_self()) {
        become(HALF_OPEN, "half open: the next request is a trial");
        return airs_ok();
    }
    if (state == OPEN || state == TRIAL)
        return airs_error(airs_text("the breaker is open"));
    if (state == HALF_OPEN)
        state = TRIAL;
    return hand_on(message);
}

static void count(airs_status status)
{
    if (status == AIRS_OK && state == TRIAL)
        become(CLOSED, "closed: the service is well again");
    else if (status == AIRS_OK)
        failures = 0;
    else if (state == TRIAL)
        open_for_a_while("open: the trial has failed");
    else if (++failures >= failures_max)
        open_for_a_while("open: too many failures");
}

airs_result actor_handle_reply(const airs_answer_event *answer)
{
    count(answer->status);
    for (int i = 0; i < WAITING_MAX; i++) {
        if (waiting[i].asked != answer->request)
            continue;
        waiting[i].asked = 0;
        if (answer->status == AIRS_OK)
            (void)airs_reply(waiting[i].client, answer->data);
        else
            (void)airs_reply_error(waiting[i].client, answer->data);
    }
    return airs_ok();
}

airs_result actor_handle_down(const airs_down *down)
{
    open_for_a_while(down->will_restart ? "open: the service has crashed, and is started again"
                                        : "open: the service has ended");
    return airs_ok();
}
