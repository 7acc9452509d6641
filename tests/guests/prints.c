// SPDX-License-Identifier: MIT OR Apache-2.0
// Writes what the message says: "lines N" N lines to stdout and stderr, "long N" one line of N bytes,
// "open" a line without an end, "binary" bytes that are no text and drive terminals.
#include <airssys/guest.h>

#include <stdio.h>

static void lines(uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        printf("stdout line %llu\n", (unsigned long long)i);
        fprintf(stderr, "stderr line %llu\n", (unsigned long long)i);
    }
}

airs_result actor_handle(const airs_message *message)
{
    airs_bytes rest;
    airs_bytes verb = airs_cut(message->payload, ' ', &rest);
    uint64_t number = 0;
    bool has_number = airs_parse_unsigned(rest, &number);
    if (airs_equal(verb, airs_text("lines")) && has_number) {
        lines(number);
    } else if (airs_equal(verb, airs_text("long")) && has_number) {
        for (uint64_t i = 0; i < number; i++)
            putchar('x');
        putchar('\n');
    } else if (airs_equal(verb, airs_text("open"))) {
        printf("this line has no end");
        fflush(stdout);
    } else if (airs_equal(verb, airs_text("binary"))) {
        printf("a\x1b[31m\xff\xfe\rb%c\n", 0);
    } else {
        return airs_error(airs_text("lines N, long N, open or binary"));
    }
    return airs_answer(airs_text("written"));
}
