// SPDX-License-Identifier: MIT OR Apache-2.0
// The mesh with a state that goes along, in versions that are swapped: counts, and how many probes came. A probe is a
// message of 16 bytes, which goes on to "clock" as it is.
#ifndef BENCH_SWAP_H
#define BENCH_SWAP_H

#include "mesh.h"

static struct {
    uint64_t seed;
    uint64_t sum;
    uint64_t probes;
    airs_actor clock;
    airs_actor next;
    airs_actor ids[ACTORS];
} kept;

static airs_result pass_probe(const airs_message *message)
{
    if (kept.clock == 0)
        kept.clock = airs_lookup(airs_text("clock"));
    kept.probes++;
    return airs_send(kept.clock, message->payload) == AIRS_OK ? airs_ok() : airs_error(airs_text("no clock"));
}

airs_result actor_handle(const airs_message *message)
{
#ifdef FAILS
    // Good until it is told: no rehearsal finds that.
    if (message->payload.len == 1)
        __builtin_trap();
#endif
    return message->payload.len == 64 ? hop(message) : message->payload.len == 16 ? pass_probe(message) : airs_ok();
}

airs_result actor_save(void)
{
    kept.seed = seed;
    kept.sum = sum;
    kept.next = next;
    __builtin_memcpy(kept.ids, ids, sizeof ids);
    return airs_answer((airs_bytes){(const uint8_t *)&kept, sizeof kept});
}

airs_result actor_load(airs_bytes from_version, airs_bytes state)
{
    (void)from_version;
    if (state.len != sizeof kept)
        return airs_error(airs_text("another format"));
    __builtin_memcpy(&kept, state.data, sizeof kept);
    seed = kept.seed;
    sum = kept.sum;
    next = kept.next;
    __builtin_memcpy(ids, kept.ids, sizeof ids);
    return airs_ok();
}

#endif
