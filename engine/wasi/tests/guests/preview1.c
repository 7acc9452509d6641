// SPDX-License-Identifier: MIT OR Apache-2.0
// A program as a standard toolchain makes it, on wasi_snapshot_preview1: the adapter makes WASI 0.2 of it.
// ACT says what it does.
#include <stddef.h>
#include <stdint.h>

#define P1(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name)))

typedef struct {
    const void *data;
    size_t len;
} span;

P1(fd_write) int fd_write(int fd, const span *spans, size_t count, size_t *written);
P1(fd_read) int fd_read(int fd, const span *spans, size_t count, size_t *got);
P1(fd_prestat_get) int fd_prestat_get(int fd, void *ret);
P1(environ_sizes_get) int environ_sizes_get(size_t *count, size_t *bytes);
P1(environ_get) int environ_get(char **list, char *texts);
P1(args_get) int args_get(char **list, char *texts);
P1(args_sizes_get) int args_sizes_get(size_t *count, size_t *bytes);
P1(random_get) int random_get(void *data, size_t len);
P1(clock_time_get) int clock_time_get(int id, uint64_t precision, uint64_t *ret);
P1(poll_oneoff) int poll_oneoff(const void *in, void *out, size_t count, size_t *ready);
P1(proc_exit) _Noreturn void proc_exit(int code);

enum {
    WRITE = 1,
    SLEEP,
    EXIT_3,
    EXIT_0,
    GRANTS,
    DICE,
    ENDLESS,
    VALUES,
    WALL
};

static void say(int fd, const char *text, size_t len)
{
    size_t written;
    span one = {text, len};
    fd_write(fd, &one, 1, &written);
}

static void write_lines(void)
{
    static char line[10000];
    say(1, "one\ntwo\nhal", 11);
    say(2, "error\n", 6);
    say(1, "f\n\n", 3);
    for (size_t i = 0; i < sizeof line; i++) {
        line[i] = 'x';
    }
    // The 4096th byte is within this character.
    line[4095] = '\xc3', line[4096] = '\xa4';
    for (size_t at = 0; at < sizeof line; at += 1000) {
        say(1, line + at, 1000);
    }
    say(1, "\nno end", 7);
}

static void sleep_ms(uint64_t ms)
{
    static struct {
        uint64_t user;
        uint8_t tag;
        uint32_t pad[1];
        uint32_t clock;
        uint64_t timeout, precision;
        uint16_t flags;
    } in;
    static uint8_t out[32];
    size_t ready;
    in.clock = 1;
    in.timeout = ms * 1000000;
    poll_oneoff(&in, out, 1, &ready);
}

/// 0, or which of the things that are not granted is there.
static int check_grants(void)
{
    size_t count = 9, bytes = 9;
    static uint8_t buffer[64], dice[16];
    span one = {buffer, sizeof buffer};
    uint64_t now = 0;
    if (environ_sizes_get(&count, &bytes) != 0 || count != 0)
        return 10;
    if (args_sizes_get(&count, &bytes) != 0 || count != 0)
        return 11;
    if (fd_prestat_get(3, buffer) != 8)
        return 12;
    if (fd_read(0, &one, 1, &count) != 0 || count != 0)
        return 13;
    if (random_get(dice, sizeof dice) != 0)
        return 14;
    uint8_t any = 0;
    for (size_t i = 0; i < sizeof dice; i++)
        any |= dice[i];
    if (any == 0)
        return 15;
    if (clock_time_get(0, 1, &now) != 0 || now == 0)
        return 16;
    return 0;
}

/// The variables, then the arguments, a line each.
static void tell_values(void)
{
    static char *list[8], texts[256];
    size_t count = 0, bytes = 0;
    environ_sizes_get(&count, &bytes);
    environ_get(list, texts);
    say(1, texts, bytes);
    say(1, "\n", 1);
    args_sizes_get(&count, &bytes);
    args_get(list, texts);
    say(1, texts, bytes);
    say(1, "\n", 1);
}

__attribute__((export_name("_start"))) void start(void)
{
    static uint8_t big[200 << 10];
    switch (ACT) {
    case WRITE:
        write_lines();
        break;
    case SLEEP:
        sleep_ms(30);
        say(1, "slept\n", 6);
        break;
    case EXIT_3:
        proc_exit(3);
    case EXIT_0:
        proc_exit(0);
    case GRANTS:
        if (check_grants() != 0)
            proc_exit(check_grants());
        break;
    case DICE:
        random_get(big, sizeof big);
        break;
    case VALUES:
        tell_values();
        break;
    case WALL:
        clock_time_get(0, 1, (uint64_t *)big);
        break;
    case ENDLESS:
        for (;;)
            sleep_ms(60000);
    }
}
