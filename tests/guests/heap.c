// SPDX-License-Identifier: MIT OR Apache-2.0
// A guest with a C library: malloc, printf into a buffer, and memory that it keeps between messages.
// "keep N" keeps N KiB more; "drop" frees all of it; the answer is what is kept.
#include <airssys/guest.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct kept {
    struct kept *next;
    size_t size;
    char bytes[];
} kept;

static kept *list;

static size_t keep(size_t kib)
{
    kept *added = malloc(sizeof *added + kib * 1024);
    if (!added)
        return 0;
    memset(added->bytes, 'k', kib * 1024);
    *added = (kept){.next = list, .size = kib};
    list = added;
    return kib;
}

static void drop(void)
{
    while (list) {
        kept *next = list->next;
        free(list);
        list = next;
    }
}

airs_result actor_handle(const airs_message *message)
{
    airs_bytes rest;
    uint64_t kib;
    airs_bytes verb = airs_cut(message->payload, ' ', &rest);
    if (airs_equal(verb, airs_text("keep")) && airs_parse_unsigned(rest, &kib) && keep((size_t)kib) != kib)
        return airs_error(airs_text("no memory"));
    if (airs_equal(verb, airs_text("drop")))
        drop();
    size_t sum = 0;
    for (const kept *at = list; at; at = at->next)
        sum += at->size;
    char text[64];
    snprintf(text, sizeof text, "%zu KiB kept", sum);
    return airs_answer(airs_copy(airs_text_of(text)));
}
