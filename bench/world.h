// SPDX-License-Identifier: MIT OR Apache-2.0
/// What the benchmarks of actors share: a system, guests of bench/guests as actors, and questions to them.
/// Each function ends the program when it fails.
#ifndef BENCH_WORLD_H
#define BENCH_WORLD_H

#include "bench.h"

#include "airssys/system.h"

/// Bytes of each message that is measured.
#define WORLD_PAYLOAD 64u

airs_system *world_create(uint32_t workers, uint32_t instances_max);
airs_system *world_create_with(const airs_system_options *options);

/// bench/guests/GUEST.c. Ended with `airs_component_release`.
airs_component *world_load(airs_system *system, const char *guest);

/// An actor of it, which may send to each name that the pattern `may_send` matches (NULL: to none).
airs_actor_id world_spawn(airs_system *system, airs_component *component, const char *name, const char *may_send);

/// Both, under the guest's own name.
airs_actor_id world_spawn_guest(airs_system *system, const char *guest, const char *may_send);

/// A native actor whose handler is `handle`, with `state_size` bytes of its own.
airs_actor_id world_spawn_native(airs_system *system, const char *name, const airs_actor_fns *actor, size_t state_size,
                                 void *user);

/// Asks with a number as text and gives the number in the reply.
uint64_t world_ask(airs_system *system, airs_actor_id to, uint64_t number);

/// A side that runs `work` on a worker, in the handler of a native actor, where reading takes no lock and no count.
/// `work` measures itself.
typedef struct world_job {
    bench_side work;
    airs_system *system;
    airs_actor_id actor;
} world_job;

/// Makes `job`, which must stay where it is, a side. Ends with the system.
bench_side world_on_worker(world_job *job, airs_system *system, bench_side work);

#endif
