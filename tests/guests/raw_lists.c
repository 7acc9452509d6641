// SPDX-License-Identifier: MIT OR Apache-2.0
// `mailbox.take` without the SDK: a `run` that does not keep to docs/reference/event-list.md. The first message of a
// list says how; anything else is echoed, one event a list.
//   ahead    says that it has begun all of the list, and many more than there are
//   back     says that it has begun none
//   over     goes on behind the limit: begins what it may not, and settles it
//   again    settles the same event many times
//   trap-2   begins the second event of the list, and traps
//   spin     counts its events up and down for ever
//   outside  wants the list written outside of its memory
//   odd      wants it written where no list can be
#include "contract.h"

IMPORT("mailbox", "take") void take(word is_error, word is_some, word data, word len, word result);
IMPORT("mailbox", "settle") void settle(word is_error, word is_some, word data, word len);

#define AT(object) ((word)(uintptr_t)(object))

/// `event-list`, as long as it is short.
static struct {
    uint8_t tag;
    _Alignas(8) volatile uint32_t begun;
    volatile uint32_t limit;
    uint32_t kind;
    uint32_t len;
    uint64_t id, other, topic;
    uint8_t rest[480];
} taken;

static uint8_t heap[65536];

EXPORT("cabi_realloc") word cabi_realloc(word old, word old_len, word align, word len)
{
    (void)old, (void)old_len, (void)align, (void)len;
    return AT(heap);
}

static bool says(const char *text)
{
    return bytes_equal(taken.rest, taken.len, text);
}

static void misbehave(void)
{
    if (says("ahead"))
        taken.begun = UINT32_MAX;
    if (says("back"))
        taken.begun = 0;
    if (says("over")) {
        for (word begun = 2; begun < 1000; begun++) {
            taken.begun = begun;
            settle(0, 1, AT(taken.rest), taken.len);
        }
    }
    for (int i = 0; i < 1000 && says("again"); i++)
        settle(0, 1, AT(taken.rest), taken.len);
    if (says("trap-2")) {
        taken.begun = 2;
        __builtin_trap();
    }
    for (word turns = 0; says("spin"); turns++)
        taken.begun = turns % 100;
    if (says("outside"))
        take(0, 1, AT(taken.rest), taken.len, (word)__builtin_wasm_memory_size(0) * 65536 - 64);
    if (says("odd"))
        take(0, 1, AT(taken.rest), taken.len, AT(&taken) + 1);
}

EXPORT("airssys:actor/batch@0.1.0#run") void run(void)
{
    take(0, 0, 0, 0, AT(&taken));
    while (taken.tag == 1) {
        misbehave();
        take(0, 1, AT(taken.rest), taken.len, AT(&taken));
    }
}
