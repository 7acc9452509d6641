// SPDX-License-Identifier: MIT OR Apache-2.0
// One of the actors m-0 to m-999. A message of 64 bytes begins with the number of hops that it has left; each hop goes
// to one of them at random.
#ifndef BENCH_MESH_H
#define BENCH_MESH_H

#include "read.h"

#define ACTORS 1000u

static airs_actor ids[ACTORS];
static uint64_t seed;
static uint64_t sum;

static uint32_t random_below(uint32_t limit)
{
    if (seed == 0)
        seed = airs_self() * 0x9e3779b97f4a7c15u | 1u;
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 32) * limit >> 32);
}

// The one that is next is picked when the one before is sent to, so that looking its id up and sending go on side by
// side.
static airs_actor next;

static airs_actor pick(void)
{
    uint32_t number = random_below(ACTORS);
    if (ids[number] == 0)
        ids[number] = airs_lookup(airs_join(airs_text("m-"), airs_unsigned(number)));
    return ids[number];
}

static airs_result hop(const airs_message *message)
{
    uint8_t payload[64];
    if (message->payload.len != sizeof payload)
        return airs_error(airs_text("64 bytes"));
    sum += read_all(message->payload);
    __builtin_memcpy(payload, message->payload.data, sizeof payload);
    uint32_t hops;
    __builtin_memcpy(&hops, payload, sizeof hops);
    if (hops == 0)
        return airs_ok();
    hops--;
    __builtin_memcpy(payload, &hops, sizeof hops);
    airs_actor to = next != 0 ? next : pick();
    next = pick();
    return airs_send(to, (airs_bytes){payload, sizeof payload}) == AIRS_OK ? airs_ok()
                                                                           : airs_error(airs_text("refused"));
}

#endif
