// SPDX-License-Identifier: MIT OR Apache-2.0
// Waits for what never comes, or asks WASI for too much: "stdin" reads to the end, "sleep N" sleeps N ms in a
// pollable, "naps N" sleeps N times for a millisecond, "works N" naps and then counts to N million, "random N"
// wants N random bytes, "exit N" leaves.
#include <airssys/guest.h>

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void nap(uint64_t ms)
{
    struct timespec wait = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};
    nanosleep(&wait, NULL);
}

static airs_result random_bytes(uint64_t len)
{
    uint8_t *block = malloc((size_t)len);
    if (!block)
        return airs_error(airs_text("no memory"));
    for (uint64_t at = 0; at < len; at += 256)
        (void)getentropy(block + at, len - at < 256 ? (size_t)(len - at) : 256);
    free(block);
    return airs_answer(airs_unsigned(len));
}

static airs_result read_stdin(void)
{
    char block[64];
    uint64_t sum = 0;
    for (ssize_t got; (got = read(STDIN_FILENO, block, sizeof block)) > 0;)
        sum += (uint64_t)got;
    return airs_answer(airs_unsigned(sum));
}

airs_result actor_handle(const airs_message *message)
{
    airs_bytes rest;
    uint64_t number = 0;
    airs_bytes verb = airs_cut(message->payload, ' ', &rest);
    (void)airs_parse_unsigned(rest, &number);
    if (airs_equal(verb, airs_text("stdin")))
        return read_stdin();
    if (airs_equal(verb, airs_text("random")))
        return random_bytes(number);
    if (airs_equal(verb, airs_text("sleep")))
        nap(number);
    for (uint64_t i = 0; airs_equal(verb, airs_text("naps")) && i < number; i++)
        nap(1);
    if (airs_equal(verb, airs_text("works"))) {
        nap(1);
        for (volatile uint64_t turns = 0; turns < number * 1000000; turns++)
            ;
    }
    if (airs_equal(verb, airs_text("exit")))
        exit((int)number);
    return airs_answer(message->payload);
}
