// SPDX-License-Identifier: MIT OR Apache-2.0
/// Guests on the engine alone: no actors, no mailboxes, no scheduler, no rights, one thread.
///
/// A host that only copies a message from who sends it to who takes it, and polls in turn whoever has some. What
/// it costs is what Wasmtime and the guests cost; the rest of a message between actors is the runtime's.
#ifndef BENCH_BARE_H
#define BENCH_BARE_H

#include "engine.h"

typedef struct bare bare;

/// Instances of the benchmarks' guests that take their events as lists: `names` has one for each, `count` in all.
bare *bare_create(const engine_config *config, const char *const *names, uint32_t count);
void bare_destroy(bare *self);

/// A bench_fn: the first guest is asked to do its work `count` times, and it has answered. ping sends echo so many
/// messages of 64 bytes, one after the other, and each comes back; asker asks pong as often.
double bare_round_trips(void *self, uint64_t count);

/// A bench_fn: all are sent 64 bytes, and have read them, `count` times.
double bare_fan_out(void *self, uint64_t count);

/// Of guests `mesh`: gives each `in_flight` messages with so many hops, and runs until they are done. Nanoseconds.
double bare_mesh(bare *self, uint32_t in_flight, uint32_t hops);

#endif
