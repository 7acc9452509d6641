// SPDX-License-Identifier: MIT OR Apache-2.0
// Calls WASI from the deepest stack, through the C library: what the message names.
#include "deep.h"

#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static uint64_t call_print(void)
{
    printf("deep\n");
    return (uint64_t)fflush(stdout);
}

static uint64_t call_random(void)
{
    uint64_t dice = 0;
    return (uint64_t)getentropy(&dice, sizeof dice) + dice;
}

static uint64_t call_sleep(void)
{
    struct timespec wait = {.tv_nsec = 1};
    return (uint64_t)nanosleep(&wait, NULL);
}

static uint64_t call_clock(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_nsec;
}

static uint64_t call_stat(void)
{
    struct stat about;
    return (uint64_t)stat("/etc/passwd", &about);
}

static uint64_t call_stdin(void)
{
    char byte = 0;
    return (uint64_t)read(STDIN_FILENO, &byte, 1);
}

airs_result actor_handle(const airs_message *message)
{
    const named_call calls[] = {
        {airs_text("print"), call_print}, {airs_text("random"), call_random}, {airs_text("sleep"), call_sleep},
        {airs_text("clock"), call_clock}, {airs_text("stat"), call_stat},     {airs_text("stdin"), call_stdin},
    };
    return dive_by_name(message, calls, sizeof calls / sizeof *calls);
}
