// SPDX-License-Identifier: MIT OR Apache-2.0
// The interface `batch`, the fast path: one call that takes list after list of events and waits inside
// `mailbox.take` for more. What an author does not define is weak here.
#include "arena.h"
#include "batch.h"
#include "event.h"
#include "imports.h"

TYPES_ARE_TOLD_BY_BUILD(batch)

__attribute__((weak)) airs_result actor_handle(const airs_message *message)
{
    (void)message;
    return airs_error(airs_text("this actor takes no messages"));
}

__attribute__((weak)) airs_result actor_handle_reply(const airs_answer_event *answer)
{
    (void)answer;
    return airs_ok();
}

__attribute__((weak)) airs_result actor_handle_down(const airs_down *down)
{
    (void)down;
    return airs_ok();
}

// ---------------------------------------------------------------- lists of events

/// What the runtime gives, as docs/reference/event-list.md says: a head that both sides write to, then the events.
typedef struct list_head {
    /// How many events were begun. The runtime reads it when it has to know which one is in hand.
    volatile uint32_t begun;
    /// How many may be begun. The runtime makes it smaller when it wants this call to end.
    volatile uint32_t limit;
} list_head;

enum {
    EVENT_MESSAGE = 0,
    EVENT_REPLY = 1,
    EVENT_DOWN = 2,
    REQUEST_OK = 4
};

typedef struct event_head {
    uint8_t kind;
    uint8_t tag;
    uint8_t detail;
    uint8_t unused;
    uint32_t len;
    uint64_t id;
    uint64_t other;
    uint32_t topic_len;
    uint32_t has_topic;
} event_head;

_Static_assert(sizeof(list_head) == 8 && sizeof(event_head) == 32, "as the runtime writes them");

static size_t padded(uint32_t len)
{
    return ((size_t)len + 7) & ~(size_t)7;
}

static airs_bytes data_of(const event_head *event)
{
    return (airs_bytes){(const uint8_t *)(event + 1), event->len};
}

static const event_head *behind(const event_head *event)
{
    return (const event_head *)((const uint8_t *)(event + 1) + padded(event->len) + padded(event->topic_len));
}

static airs_result on_message(const event_head *event)
{
    airs_bytes data = data_of(event);
    airs_message message = {
        .sender = event->id,
        .request = event->other,
        .topic = {data.data + padded(event->len), event->topic_len},
        .payload = data,
    };
    return actor_handle(&message);
}

static airs_result on_reply(const event_head *event)
{
    bool ok = event->tag == REQUEST_OK;
    airs_answer_event answer = {.request = event->id, .status = AIRS_OK, .data = data_of(event)};
    if (!ok) {
        answer.status = status_of_request(event->tag, event->detail);
        answer.data = words_of(answer.status, answer.data);
    }
    return actor_handle_reply(&answer);
}

static airs_result on_down(const event_head *event)
{
    airs_down down = {
        .monitor = event->id,
        .actor = event->other,
        .reason = (airs_exit_reason)event->tag,
        .text = data_of(event),
        .will_restart = event->detail != 0,
    };
    return actor_handle_down(&down);
}

static airs_result on_event(const event_head *event)
{
    switch (event->kind) {
    case EVENT_MESSAGE:
        return on_message(event);
    case EVENT_REPLY:
        return on_reply(event);
    case EVENT_DOWN:
        return on_down(event);
    default:
        __builtin_trap();
    }
}

typedef airssys_actor_mailbox_result_option_list_u8_string_t settled;

static settled settled_of(airs_result result)
{
    settled given = {.is_err = result.tag == AIRS_RESULT_ERROR};
    if (given.is_err) {
        given.val.err = to_generated(imports_string_t, result.data);
    } else {
        given.val.ok.is_some = result.tag == AIRS_RESULT_ANSWER;
        given.val.ok.val = to_generated(imports_list_u8_t, result.data);
    }
    return given;
}

/// `variant event-list`. The bindings would copy its words one by one.
static struct {
    uint8_t tag;
    _Alignas(8) union {
        uint64_t words[64];
        uint64_t *list;
    };
} taken;

enum {
    TAKEN_NONE = 0,
    TAKEN_SHORT = 1
};

__attribute__((import_module("airssys:actor/mailbox@0.1.0"), import_name("take"))) extern void
__wasm_import_airssys_actor_mailbox_take(int32_t is_err, uint8_t *some_or_text, uint8_t *data_or_len, size_t len,
                                         uint8_t *ret);

/// Settles the event in hand and gives the next list; NULL when there is none.
static uint64_t *take(const settled *last)
{
    const imports_list_u8_t *data = &last->val.ok.val;
    const imports_string_t *text = &last->val.err;
    uint8_t *ret = (uint8_t *)&taken;
    if (last->is_err)
        __wasm_import_airssys_actor_mailbox_take(1, text->ptr, (uint8_t *)text->len, 0, ret);
    else
        __wasm_import_airssys_actor_mailbox_take(0, (uint8_t *)(uintptr_t)last->val.ok.is_some, data->ptr, data->len,
                                                 ret);
    return taken.tag == TAKEN_NONE ? NULL : taken.tag == TAKEN_SHORT ? taken.words : taken.list;
}

/// Handles the events of a list. The outcome of the last one goes with the wish for the next list.
static settled handle_list(uint64_t *list)
{
    list_head *head = (list_head *)list;
    const event_head *event = (const event_head *)(head + 1);
    uintptr_t top = airs_arena_top();
    for (uint32_t begun = 1;;) {
        airs_result result = on_event(event);
        settled outcome = settled_of(result);
        if (begun < head->limit && result.tag != AIRS_RESULT_OK) {
            airssys_actor_mailbox_settle(&outcome);
            outcome = (settled){.is_err = false};
        }
        // Not before: `settle` may have made it smaller.
        if (begun >= head->limit)
            return outcome;
        airs_arena_rewind(top);
        event = behind(event);
        head->begun = ++begun;
    }
}

void exports_airssys_actor_batch_run(void)
{
    airs_guest_enter();
    settled last = {.is_err = false};
    for (;;) {
        // The settled bytes stay where they are until the runtime has read them.
        airs_arena_reset();
        uint64_t *list = take(&last);
        if (list == NULL)
            break;
        last = handle_list(list);
    }
    airs_guest_leave();
}
