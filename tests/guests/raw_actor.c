// SPDX-License-Identifier: MIT OR Apache-2.0
// `airssys:actor/actor` without the SDK: what it gives back is no value of the contract. The message says
// how; anything else is echoed.
//   result-*, option-*, list-*, text-*    the value that `handle` returns
//   call-*                                what it gives to a host function
//   realloc-*                             what its allocator does from the next event on; with "now" behind,
//                                         in a host function of this one
//   post-*                                what it does after its answer was read
#include "contract.h"

#define PAGE 65536u

IMPORT("messaging", "self-id") uint64_t self_id(void);
IMPORT("messaging", "send") void send(uint64_t to, word data, word len, word result);
IMPORT("messaging", "reply") void reply(uint64_t request, word is_error, word data, word len, word result);
IMPORT("messaging", "lookup") void lookup(word name, word len, word result);
IMPORT("context", "message-id") void message_id(word result);
IMPORT("supervision", "exit") void exit_self(word is_error, word data, word len);

static enum {
    SOUND,
    TRAPS,
    LOOPS,
    CALLS,
    MISALIGNED,
    OUTSIDE,
    WRAPS,
    NOTHING
} realloc_mood, post_mood;
static uint8_t heap[2 * PAGE];
static word heap_used;
static settled answer;
static word result[8];

static word memory_len(void)
{
    return (word)__builtin_wasm_memory_size(0) * PAGE;
}

static void loop(void)
{
    for (volatile word turns = 0;;)
        turns++;
}

EXPORT("cabi_realloc") word cabi_realloc(word old, word old_len, word align, word len)
{
    (void)old;
    (void)old_len;
    switch (realloc_mood) {
    case TRAPS:
        __builtin_trap();
    case LOOPS:
        loop();
        break;
    case CALLS:
        return (word)self_id();
    case MISALIGNED:
        return (word)(uintptr_t)heap + 1;
    case OUTSIDE:
        return memory_len() - 1;
    case WRAPS:
        return UINT32_MAX & ~(align - 1);
    case NOTHING:
        return 0;
    case SOUND:
        break;
    }
    heap_used = (heap_used + align - 1) & ~(align - 1);
    if (len > sizeof heap - heap_used)
        __builtin_trap();
    word block = (word)(uintptr_t)&heap[heap_used];
    heap_used += len;
    return block;
}

EXPORT("cabi_post_airssys:actor/actor@0.1.0#handle") void after_handle(word given)
{
    (void)given;
    heap_used = 0;
    if (post_mood == TRAPS)
        __builtin_trap();
    if (post_mood == LOOPS)
        loop();
    if (post_mood == CALLS)
        (void)self_id();
}

static word give(word data, word len)
{
    answer = (settled){.is_some = 1, .data = data, .len = len};
    return (word)(uintptr_t)&answer;
}

static word fail(word text, word len)
{
    answer = (settled){.is_error = 1, .text = text, .text_len = len};
    return (word)(uintptr_t)&answer;
}

#define IS(text) bytes_equal((const uint8_t *)(uintptr_t)data, len, text)
#define AT(object) ((word)(uintptr_t)(object))

/// 0 where the message is none of these.
static word wrong_result(word data, word len)
{
    if (IS("result-misaligned"))
        return give(data, len) + 1;
    if (IS("result-outside"))
        return memory_len() - 4;
    if (IS("result-wraps"))
        return UINT32_MAX & ~3u;
    if (IS("result-case")) {
        answer = (settled){.is_error = 7};
        return AT(&answer);
    }
    if (IS("option-case")) {
        answer = (settled){.is_some = 9};
        return AT(&answer);
    }
    if (IS("list-outside"))
        return give(memory_len() - 16, 17);
    if (IS("list-wraps"))
        return give(UINT32_MAX - 15, 32);
    if (IS("list-longest"))
        return give(16, UINT32_MAX);
    if (IS("list-all"))
        return give(0, memory_len());
    if (IS("text-outside"))
        return fail(memory_len(), 1);
    if (IS("text-wraps"))
        return fail(UINT32_MAX, UINT32_MAX);
    if (IS("text-not-utf8"))
        return fail(AT("\xed\xa0\x80"), 3);
    return 0;
}

static bool wrong_call(word data, word len)
{
    if (IS("call-misaligned"))
        send(0, data, len, AT(result) + 2);
    else if (IS("call-result-outside"))
        send(0, data, len, memory_len() - 4);
    else if (IS("call-outside"))
        send(0, memory_len() - 1, 2, AT(result));
    else if (IS("call-wraps"))
        send(0, UINT32_MAX, UINT32_MAX, AT(result));
    else if (IS("call-case"))
        reply(1, 5, data, len, AT(result));
    else if (IS("call-exit-case"))
        exit_self(3, data, len);
    else if (IS("call-not-utf8"))
        lookup(AT("\xff"), 1, AT(result));
    else
        return false;
    return true;
}

static void choose_moods(word data, word len)
{
    static const struct {
        const char *text;
        int mood;
    } moods[] = {
        {"trap", TRAPS},      {"loop", LOOPS},  {"call", CALLS},   {"misaligned", MISALIGNED},
        {"outside", OUTSIDE}, {"wraps", WRAPS}, {"null", NOTHING},
    };
    const uint8_t *at = (const uint8_t *)(uintptr_t)data;
    for (word i = 0; i < sizeof moods / sizeof *moods; i++) {
        if (len > 5 && bytes_equal(at, 5, "post-") && bytes_equal(at + 5, len - 5, moods[i].text))
            post_mood = moods[i].mood;
        if (len > 8 && bytes_equal(at, 8, "realloc-") && bytes_equal(at + 8, len - 8, moods[i].text))
            realloc_mood = moods[i].mood;
        if (len > 12 && bytes_equal(at, 8, "realloc-") && bytes_equal(at + 8, len - 12, moods[i].text)) {
            realloc_mood = moods[i].mood;
            message_id(AT(result));
        }
    }
}

EXPORT("airssys:actor/actor@0.1.0#handle")
word handle(uint64_t sender, uint64_t request, word has_topic, word topic, word topic_len, word data, word len)
{
    (void)sender, (void)request, (void)has_topic, (void)topic, (void)topic_len;
    word wrong = wrong_result(data, len);
    if (wrong != 0)
        return wrong;
    if (wrong_call(data, len))
        return give(AT("it came back"), 12);
    choose_moods(data, len);
    return give(data, len);
}
