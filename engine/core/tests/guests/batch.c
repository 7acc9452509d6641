// SPDX-License-Identifier: MIT OR Apache-2.0
// Takes its events itself. A message is answered with its payload; "u" traps, "l" loops, "s" sends to
// the sender from within, "t" takes a list, adds its words to the trace, writes 7 into the first one and settles with
// its payload. Each event leaves a trace in the checksum that a message "?" is answered with.
#include "guest.h"

typedef struct option_event {
    uint8_t some;
    uint8_t pad0[7];
    uint8_t kind;
    uint8_t pad1[7];
    uint64_t first;
    uint64_t second;
    uint8_t tag;
    uint8_t pad2[3];
    uint32_t a, b, c, d;
} option_event;

IMPORT("mailbox", "next") void next(int err, int some, uint32_t data, uint32_t len, option_event *ret);
IMPORT("messaging", "send") void send(uint64_t to, const void *data, size_t len, void *ret);

/// `event-list`: the words of a short one, or where a long one is.
typedef struct event_list {
    uint8_t tag;
    uint8_t pad[7];
    union {
        uint64_t words[64];
        struct {
            uint32_t data;
            uint32_t count;
        };
    };
} event_list;

IMPORT("mailbox", "take") void take(int err, int some, uint32_t data, uint32_t len, event_list *ret);
IMPORT("mailbox", "settle") void settle(int err, int some, uint32_t data, uint32_t len);

static uint32_t trace;

/// Of a short list the first three words; of a long one all.
static void take_list(void)
{
    static event_list list;
    take(0, 0, 0, 0, &list);
    volatile uint64_t *words = list.tag == 2 ? (volatile uint64_t *)(size_t)list.data : list.words;
    uint32_t count = list.tag == 2 ? list.count : list.tag == 1 ? 3 : 0;
    for (uint32_t i = 0; i < count; i++) {
        trace += (uint32_t)words[i];
    }
    if (count > 0) {
        words[0] = 7;
    }
}

EXPORT("airssys:actor/batch@0.1.0#run") void run(void)
{
    static uint32_t area[4];
    option_event event;
    int err = 0, some = 0;
    uint32_t data = 0, len = 0;
    for (;;) {
        next(err, some, data, len, &event);
        err = some = 0;
        if (!event.some) {
            return;
        }
        trace = trace * 10 + event.kind + 1;
        if (event.kind != 0) {
            heap_top = 0;
            continue;
        }
        data = event.c, len = event.d, some = 1;
        switch (len == 0 ? 0 : *(uint8_t *)(size_t)data) {
        case 'u':
            __builtin_trap();
        case 'l':
            for (;;) {
                *(volatile int *)heap = 1;
            }
        case 's':
            send(event.first, (void *)(size_t)data, len, area);
            break;
        case 't':
            take_list();
            settle(0, 1, data, len);
            break;
        case '?':
            data = (uint32_t)(size_t)&trace, len = 4;
            break;
        case 'E':
            err = 1, some = (int)data, data = len;
            break;
        }
        heap_top = 0;
    }
}
