// SPDX-License-Identifier: MIT OR Apache-2.0
// What messages and processes cost between components of RUSM: payloads of 64 bytes, read by the receiver. Writes its
// results as log lines: a JSON object each, and `done` at the end.
#include "rusm.h"

#define ROUNDS 7
#define BURST 512u
#define TEXT(literal) literal, sizeof literal - 1
#define LOG_ERROR 0u
#define LOG_INFO 2u

typedef struct text {
    char bytes[256];
    size_t len;
} text;

static void add(text *self, const char *what)
{
    while (*what && self->len < sizeof self->bytes)
        self->bytes[self->len++] = *what++;
}

static void add_number(text *self, uint64_t number, unsigned digits_at_least)
{
    char digits[24];
    unsigned count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0 || count < digits_at_least);
    while (count > 0 && self->len < sizeof self->bytes)
        self->bytes[self->len++] = digits[--count];
}

/// Thousandths, as a decimal number.
static void add_milli(text *self, uint64_t milli)
{
    add_number(self, milli / 1000, 1);
    add(self, ".");
    add_number(self, milli % 1000, 3);
}

static void fail(const char *what)
{
    text line = {.len = 0};
    add(&line, what);
    log_line(LOG_ERROR, line.bytes, line.len);
    __builtin_trap();
}

static pid start(const char *name, size_t len)
{
    spawned result;
    spawn_named(name, len, &result);
    if (result.failed)
        fail("a process could not be started");
    return result.is.child;
}

/// Nanoseconds of `count` of something.
typedef uint64_t (*measure_fn)(uint64_t count);

static void report(const char *name, measure_fn measure, uint64_t count)
{
    uint64_t values[ROUNDS];
    (void)measure(count);
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t value = measure(count) * 1000 / count;
        int at = i;
        for (; at > 0 && values[at - 1] > value; at--)
            values[at] = values[at - 1];
        values[at] = value;
    }
    text line = {.len = 0};
    add(&line, "{\"name\":\"");
    add(&line, name);
    add(&line, "\",\"value\":");
    add_milli(&line, values[ROUNDS / 2]);
    add(&line, ",\"unit\":\"ns\",\"spread\":");
    add_milli(&line, (values[ROUNDS * 3 / 4] - values[ROUNDS / 4]) / 2);
    add(&line, "}");
    log_line(LOG_INFO, line.bytes, line.len);
}

static uint64_t round_trips(uint64_t count)
{
    pid other = start(TEXT("pong"));
    ball it = {.answer_to = own_pid()};
    uint64_t begin = now_ns();
    for (uint64_t i = 0; i < count; i++) {
        bytes answer;
        send_to(other, (const uint8_t *)&it, sizeof it);
        (void)take(&answer);
    }
    uint64_t elapsed = now_ns() - begin;
    (void)kill_process(other);
    return elapsed;
}

/// Bursts, of which the last message is answered when all have been handled.
static uint64_t one_way(uint64_t count)
{
    pid other = start(TEXT("pong"));
    ball silent = {.answer_to = 0};
    ball last = {.answer_to = own_pid()};
    uint64_t begin = now_ns();
    for (uint64_t sent = 0; sent < count; sent += BURST) {
        bytes answer;
        for (uint32_t i = 1; i < BURST; i++)
            send_to(other, (const uint8_t *)&silent, sizeof silent);
        send_to(other, (const uint8_t *)&last, sizeof last);
        (void)take(&answer);
    }
    uint64_t elapsed = now_ns() - begin;
    (void)kill_process(other);
    return elapsed;
}

static uint64_t spawns(uint64_t count)
{
    ball it = {.answer_to = own_pid()};
    uint64_t begin = now_ns();
    for (uint64_t i = 0; i < count; i++) {
        bytes answer;
        send_to(start(TEXT("once")), (const uint8_t *)&it, sizeof it);
        (void)take(&answer);
    }
    return now_ns() - begin;
}

void run(void)
{
    report("rusm.round_trip", round_trips, 100000);
    report("rusm.one_way", one_way, 512u * 400);
    report("rusm.spawn", spawns, 5000);
    log_line(LOG_INFO, TEXT("done"));
    // A process that ends is started again.
    bytes never;
    receive(&never);
}
