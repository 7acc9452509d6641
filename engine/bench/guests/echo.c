// SPDX-License-Identifier: MIT OR Apache-2.0
// The least a guest can do: answers a message with its payload, and takes events and drops them. Lowered
// by hand, with an allocator that is reset after each: what is measured is the way in and out.
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))

static uint8_t heap[1 << 16] __attribute__((aligned(16)));
static size_t top;
static uint32_t ret[4];

EXPORT("cabi_realloc") void *cabi_realloc(void *old, size_t old_len, size_t align, size_t len)
{
    (void)old, (void)old_len;
    top = (top + align - 1) & ~(align - 1);
    void *at = heap + top;
    top += len;
    return at;
}

EXPORT("airssys:actor/actor@0.1.0#handle")
void *handle(uint64_t sender, uint64_t id, int has_topic, uint32_t topic, uint32_t topic_len, uint32_t data,
             uint32_t len)
{
    (void)sender, (void)id, (void)has_topic, (void)topic, (void)topic_len;
    ret[0] = 0, ret[1] = 1, ret[2] = data, ret[3] = len;
    return ret;
}

EXPORT("cabi_post_airssys:actor/actor@0.1.0#handle") void post_handle(void *given)
{
    (void)given;
    top = 0;
}

typedef struct option_event {
    uint8_t some, pad0[7], kind, pad1[7];
    uint64_t first, second;
    uint8_t tag, pad2[3];
    uint32_t a, b, c, d;
} option_event;

__attribute__((import_module("airssys:actor/mailbox@0.1.0"), import_name("next"))) void next(int err, int some,
                                                                                             uint32_t data,
                                                                                             uint32_t len,
                                                                                             option_event *event);

static uint32_t sum;

EXPORT("airssys:actor/batch@0.1.0#run") void run(void)
{
    option_event event;
    for (;;) {
        top = 0;
        next(0, 0, 0, 0, &event);
        if (!event.some) {
            return;
        }
        sum += *(uint8_t *)(size_t)event.c;
    }
}

EXPORT("airssys:actor/child@0.1.0#start")
void *start(uint64_t id, uint32_t name, uint32_t len, int cause, uint32_t restarts, uint32_t config, uint32_t count)
{
    (void)id, (void)name, (void)len, (void)cause, (void)restarts, (void)config, (void)count;
    ret[0] = 0;
    top = 0;
    return ret;
}

EXPORT("airssys:actor/child@0.1.0#stop") void stop(int reason)
{
    (void)reason;
}
