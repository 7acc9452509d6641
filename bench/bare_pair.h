// SPDX-License-Identifier: MIT OR Apache-2.0
/// Two guests on the engine alone: no actors, no mailboxes, no scheduler, no rights, one thread.
///
/// A host that only copies a message from who sends it to who takes it, and polls the two in turns. What
/// it costs is what Wasmtime and the guests cost; the rest of a message between actors is the runtime's.
#ifndef BENCH_BARE_PAIR_H
#define BENCH_BARE_PAIR_H

#include "engine.h"

typedef struct bare_pair bare_pair;

/// Loads the benchmarks' guests ping and echo, which take their events as lists.
bare_pair *bare_pair_create(const engine_config *config);
void bare_pair_destroy(bare_pair *pair);

/// A bench_fn: ping sends `count` messages of 64 bytes, one after the other, and each comes back.
double bare_pair_round_trips(void *pair, uint64_t count);

#endif
