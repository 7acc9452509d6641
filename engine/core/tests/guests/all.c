// SPDX-License-Identifier: MIT OR Apache-2.0
// Exports every contract but `batch`. What `handle` does is the first byte of the payload.
#include "guest.h"

IMPORT("messaging", "self-id") uint64_t self_id(void);
IMPORT("messaging", "send") void send(uint64_t to, const void *data, size_t len, void *ret);
IMPORT("messaging", "ask") void ask(uint64_t to, const void *data, size_t len, uint32_t timeout, void *ret);
IMPORT("messaging", "request") void request(uint64_t to, const void *data, size_t len, uint32_t timeout, void *ret);
IMPORT("messaging", "cancel") int cancel(uint64_t id);
IMPORT("messaging", "reply") void reply(uint64_t id, int err, const void *data, size_t len, void *ret);
IMPORT("messaging", "forward") void forward(uint64_t to, void *ret);
IMPORT("messaging", "subscribe")
void subscribe(const void *pattern, size_t len, int some, const void *group, size_t group_len, void *ret);
IMPORT("messaging", "unsubscribe") int unsubscribe(uint64_t id);
IMPORT("messaging", "publish")
void publish(const void *topic, size_t topic_len, const void *data, size_t len, void *ret);
IMPORT("messaging", "lookup") void lookup(const void *name, size_t len, void *ret);
IMPORT("messaging", "register") void register_name(const void *name, size_t len, void *ret);
IMPORT("messaging", "unregister") int unregister_name(const void *name, size_t len);
IMPORT("context", "message-id") void message_id(void *ret);
IMPORT("context", "attempt") uint32_t attempt(void);
IMPORT("context", "deadline-ms") void deadline_ms(void *ret);
IMPORT("context", "sender-name") void sender_name(void *ret);
IMPORT("context", "trace-parent") void trace_parent(void *ret);
IMPORT("capability", "check")
void check_custom(const void *name, size_t name_len, const void *object, size_t object_len, void *ret);
IMPORT("supervision", "spawn")
void spawn(const void *name, size_t len, int some, const void *as, size_t as_len, const void *config, size_t count,
           void *ret);
IMPORT("supervision", "stop") int stop_child(uint64_t id);
IMPORT("supervision", "exit") void exit_with(int err, const void *text, size_t len);
IMPORT("supervision", "monitor") uint64_t monitor(uint64_t id);
IMPORT("supervision", "demonitor") int demonitor(uint64_t id);
IMPORT("supervision", "link") void link_to(uint64_t id);
IMPORT("supervision", "unlink") void unlink_from(uint64_t id);
IMPORT("timers", "send-after") void send_after(uint64_t ms, uint64_t to, const void *data, size_t len, void *ret);
IMPORT("timers", "send-every") void send_every(uint64_t ms, uint64_t to, const void *data, size_t len, void *ret);
IMPORT("timers", "cancel") int cancel_timer(uint64_t id);

static int post_mode;
static uint32_t small[8] __attribute__((aligned(8)));

static void *ok(void)
{
    ret_area[0] = 0;
    return ret_area;
}

static void *error(const void *text, size_t len)
{
    ret_area[0] = 1;
    ret_area[1] = (uint32_t)(size_t)text;
    ret_area[2] = len;
    return ret_area;
}

static void *answer(const void *data, size_t len)
{
    ret_area[0] = 0;
    ret_area[1] = 1;
    ret_area[2] = (uint32_t)(size_t)data;
    ret_area[3] = len;
    return ret_area;
}

static void *none(void)
{
    ret_area[0] = 0;
    ret_area[1] = 0;
    return ret_area;
}

// Recursion without end that uses the engine's stack and not the guest's own in memory.
static volatile int deep = 1;

__attribute__((noinline)) static int dive(int depth)
{
    return deep ? dive(depth + 1) + deep : depth;
}

// The same, with a host call from each depth: the last one is made at the very end of the stack.
__attribute__((noinline)) static int dive_and_call(int depth)
{
    return self_id() != 0 ? dive_and_call(depth + 1) + deep : depth;
}

static uint32_t grow_all(void)
{
    uint32_t pages = 0;
    while (__builtin_wasm_memory_grow(0, 1) != (size_t)-1) {
        pages++;
    }
    return pages;
}

// Tags are one byte.
#define TAG(word) (*(uint8_t *)&area[word])

static void *call_everything(uint64_t to)
{
    static uint32_t area[16] __attribute__((aligned(8)));
    static const struct {
        const char *key;
        uint32_t key_len;
        const char *value;
        uint32_t value_len;
    } config = {"k", 1, "v", 1};
    uint32_t sum = 0;
    sum += self_id() == 7;
    request(to, "req", 3, 50, area), sum += TAG(0) == 0 && area[2] == 11;
    sum += (uint32_t)cancel(11);
    reply(5, 0, "rep", 3, area), sum += TAG(0) == 0;
    reply(5, 1, "bad", 3, area), sum += TAG(0) == 1 && TAG(1) == 0;
    forward(to, area), sum += TAG(0) == 0;
    subscribe("a.*", 3, 1, "grp", 3, area), sum += TAG(0) == 0 && area[2] == 12;
    subscribe("bad", 3, 0, 0, 0, area), sum += TAG(0) == 1 && TAG(2) == 0 && area[4] == 3;
    sum += (uint32_t)unsubscribe(12);
    publish("a.b", 3, "pub", 3, area), sum += TAG(0) == 0 && area[1] == 4;
    lookup("name", 4, area), sum += TAG(0) == 1 && area[2] == 13;
    lookup("nobody", 6, area), sum += TAG(0) == 0;
    register_name("name", 4, area), sum += TAG(0) == 0;
    sum += (uint32_t)unregister_name("name", 4);
    message_id(area), sum += area[1] == 2;
    sum += attempt() == 3;
    deadline_ms(area), sum += TAG(0) == 1 && area[2] == 250;
    sender_name(area), sum += TAG(0) == 1 && area[2] == 3;
    trace_parent(area), sum += TAG(0) == 0;
    check_custom("led", 3, "red", 3, area), sum += TAG(0) == 0;
    check_custom("led", 3, "blue", 4, area), sum += TAG(0) == 1 && area[2] == 8;
    spawn("tpl", 3, 1, "kid", 3, &config, 1, area), sum += TAG(0) == 0 && area[2] == 14;
    sum += (uint32_t)stop_child(14);
    sum += monitor(9) == 15;
    sum += (uint32_t)demonitor(15);
    link_to(9), unlink_from(9), sum += 1;
    send_after(10, to, "aft", 3, area), sum += TAG(0) == 0 && area[2] == 16;
    send_every(20, to, "evr", 3, area), sum += TAG(0) == 1;
    sum += (uint32_t)cancel_timer(16);
    exit_with(1, "bye", 3), sum += 1;
    small[0] = sum;
    return answer(small, 4);
}

static void *ask_and_answer(uint64_t to, const uint8_t *data, size_t len)
{
    ask(to, data, len, 100, small);
    if ((small[0] & 0xff) == 0) {
        return answer((void *)(size_t)small[1], small[2]);
    }
    return error("ask failed", 10);
}

static void *spoil_heap(uint8_t how)
{
    switch (how) {
    case 't':
        heap_mode = HEAP_TRAPS;
        return none();
    case 'i':
        heap_mode = HEAP_LOOPS;
        return none();
    case 'y':
        heap_mode = HEAP_LIES;
        return none();
    default:
        return error("unknown", 7);
    }
}

EXPORT("airssys:actor/actor@0.1.0#handle")
void *handle(uint64_t sender, uint64_t id, int has_topic, const char *topic, size_t topic_len, const uint8_t *data,
             size_t len)
{
    (void)id;
    switch (len == 0 ? 'n' : data[0]) {
    case 'n':
        return none();
    case 'e':
        return answer(data, len);
    case 'T':
        return has_topic ? answer(topic, topic_len) : none();
    case 'E':
        return error(data + 1, len - 1);
    case 'u':
        __builtin_trap();
    case 'o':
        return answer((void *)(*(volatile uint32_t *)0xfffffff0u), 1);
    case 'z':
        return answer((void *)(size_t)(100u / (len - 1)), 1);
    case 'f':
        return ((void *(*)(float))(size_t)len)(1.0f);
    case 'l':
        for (;;) {
            *(volatile int *)heap = 1;
        }
    case 'r':
        return answer(data, (size_t)dive(0));
    case 'R':
        return answer(data, (size_t)dive_and_call(0));
    case 'p':
        return answer((void *)0xfffffff0u, 100);
    case 'b':
        return answer(heap, HEAP_BYTES);
    case '8':
        return error("\xff\xfe", 2);
    case 'd':
        ret_area[0] = 7;
        return ret_area;
    case 'a':
        return (void *)3;
    case 'm':
        small[0] = grow_all();
        return answer(small, 4);
    case 's':
        send(sender, data, len, small);
        return (small[0] & 0xff) == 0 ? none() : error("send failed", 11);
    case 'S':
        send(sender, (void *)0xfffffff0u, 100, small);
        return none();
    case 'B':
        send(sender, heap, HEAP_BYTES, small);
        return none();
    case 'L':
        lookup("\xff\xfe", 2, small);
        return none();
    case 'k':
        return ask_and_answer(sender, data, len);
    case 'c':
        return call_everything(sender);
    case 'P':
        post_mode = 1;
        return answer(data, len);
    default:
        return spoil_heap(data[0]);
    }
}

// As a guest's `free` may: what was given out is gone.
EXPORT("cabi_post_airssys:actor/actor@0.1.0#handle") void post_handle(uint32_t *ret)
{
    if (post_mode == 1) {
        __builtin_trap();
    }
    if (ret[0] == 0 && ret[1] == 1 && ret[3] < HEAP_BYTES) {
        __builtin_memset((void *)(size_t)ret[2], 0xaa, ret[3]);
    }
    heap_top = 0;
}

EXPORT("airssys:actor/child@0.1.0#start")
void *start(uint64_t id, const char *name, size_t len, int cause, uint32_t restarts, const uint32_t *config,
            size_t count)
{
    // The sum of all that came is the error's text, so that a test sees each field.
    if (id == 1) {
        return ok();
    }
    static uint8_t text[64];
    size_t n = 0;
    text[n++] = (uint8_t)('0' + id);
    for (size_t i = 0; i < len; i++) {
        text[n++] = (uint8_t)name[i];
    }
    text[n++] = (uint8_t)('0' + cause);
    text[n++] = (uint8_t)('0' + restarts);
    for (size_t i = 0; i < count * 2; i++) {
        for (size_t j = 0; j < config[2 * i + 1]; j++) {
            text[n++] = ((uint8_t *)(size_t)config[2 * i])[j];
        }
    }
    return error(text, n);
}

static int stopped_with = -1;

EXPORT("airssys:actor/child@0.1.0#stop") void stop(int reason)
{
    if (reason == 3) {
        __builtin_trap();
    }
    stopped_with = reason;
}

EXPORT("airssys:actor/replies@0.1.0#handle-reply")
void *handle_reply(uint64_t id, int err, uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
    (void)d;
    if (id == 21) {
        return err == 0 && b == 2 ? ok() : error("reply", 5);
    }
    // A request error: send(denied("no")).
    return err == 1 && a == 0 && b == 3 && ((char *)(size_t)c)[0] == 'n' ? ok() : error("reply error", 11);
}

EXPORT("airssys:actor/signals@0.1.0#handle-down")
void *handle_down(uint64_t mon, uint64_t actor, int reason, const char *text, size_t len, int restart)
{
    return mon == 31 && actor == 32 && reason == 6 && len == 4 && text[3] == 't' && restart == 1 ? ok()
                                                                                                 : error("down", 4);
}

EXPORT("airssys:actor/health@0.1.0#check") void *check(void)
{
    // Healthy until it was stopped; then as its reason says.
    ret_area[0] = stopped_with == -1 ? 0 : stopped_with == 0 ? 1 : 2;
    ret_area[1] = (uint32_t)(size_t) "so so";
    ret_area[2] = 5;
    return ret_area;
}

static uint8_t saved[64];
static size_t saved_len;

EXPORT("airssys:actor/state@0.1.0#save") void *save(void)
{
    ret_area[0] = 0;
    ret_area[1] = (uint32_t)(size_t)saved;
    ret_area[2] = saved_len;
    return ret_area;
}

EXPORT("airssys:actor/state@0.1.0#load")
void *load(const char *version, size_t version_len, const void *state, size_t len)
{
    if (version_len != 3 || version[0] != '1' || len > sizeof saved) {
        return error("load", 4);
    }
    __builtin_memcpy(saved, state, len);
    saved_len = len;
    return ok();
}

EXPORT("airssys:actor/reconfigure@0.1.0#apply") void *apply(const uint32_t *config, size_t count)
{
    return count == 1 && *(char *)(size_t)config[0] == 'k' ? ok() : error("apply", 5);
}
