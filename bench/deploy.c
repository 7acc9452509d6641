// SPDX-License-Identifier: MIT OR Apache-2.0
/// What it costs to put another version in the place of one that runs. 1,000 components with a state pass messages to
/// each other all the while, at half the rate that they reach when nothing holds them back.
///
/// deploy.pause_one       messages to an actor that is deployed to every 10 ms, against the same in peace: what is
///                        added to the time, from the sending until they are passed on, that 999 of 1,000 stay below
/// deploy.swap_1000       from the first order to swap until all 1,000 have the new version, against Erlang's suspend,
///                        code_change and resume of 1,000 gen_servers under half of what they reach; the rehearsal is
///                        beside it, and both without any load (swap_1000_idle)
/// deploy.rollback_auto   from the failure of a new version until the old one serves again
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"
#include "world.h"

#define ACTORS 1000u
#define HOPS 40u
/// Of the calibration, and the most that may be under way when load is given.
#define IN_FLIGHT ((uint64_t)ACTORS * 16u * (HOPS + 1u))
#define SLICE_NS 1000000
#define PROBE_NS 100000
#define PROBES 8000u
#define DEPLOY_EVERY_NS 10000000
#define PAUSE_ROUNDS 7u
#define SWAP_ROUNDS BENCH_ROUNDS

typedef struct stage {
    airs_system *system;
    airs_component *versions[2];
    airs_component *fails;
    airs_actor_id actors[ACTORS];
    airs_actor_id probed;
    /// Of the two, which one is there.
    unsigned at;
    pthread_t loader;
    double messages_per_slice;
    _Atomic bool ended;
} stage;

static void rest_until(double when_ns)
{
    struct timespec at = {.tv_sec = (time_t)(when_ns / 1e9), .tv_nsec = (long)((uint64_t)when_ns % 1000000000u)};
    (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

static uint64_t handled(airs_system *system)
{
    airs_metrics metrics;
    airs_system_get_metrics(system, &metrics);
    return metrics.messages_handled + metrics.messages_failed;
}

// ---------------------------------------------------------------- load

static void send_into_mesh(stage *self, uint64_t number)
{
    uint8_t payload[WORLD_PAYLOAD] = {0};
    memcpy(payload, &(uint32_t){HOPS}, sizeof(uint32_t));
    bench_check(airs_send(self->system, self->actors[number % ACTORS], payload, sizeof payload) == AIRS_OK, "load");
}

/// Messages a slice of time when all go on as fast as they can.
static double find_rate(stage *self)
{
    uint64_t end = handled(self->system) + IN_FLIGHT;
    double begin = bench_now_ns();
    for (uint64_t i = 0; i < IN_FLIGHT / (HOPS + 1u); i++)
        send_into_mesh(self, i);
    while (handled(self->system) < end)
        rest_until(bench_now_ns() + 200000);
    return (double)IN_FLIGHT / (bench_now_ns() - begin) * SLICE_NS;
}

/// Half of that, in small portions. What could not be given in its time is not caught up with.
static void *load(void *user)
{
    stage *self = user;
    uint64_t given = 0, before = handled(self->system);
    double owed = 0;
    for (double at = bench_now_ns(); !atomic_load(&self->ended); at += SLICE_NS) {
        rest_until(at);
        if (bench_now_ns() - at > SLICE_NS)
            at = bench_now_ns();
        for (owed += self->messages_per_slice / 2; owed >= HOPS + 1; owed -= HOPS + 1) {
            if (given * (HOPS + 1) < handled(self->system) - before + IN_FLIGHT)
                send_into_mesh(self, given++);
        }
    }
    return NULL;
}

// ---------------------------------------------------------------- deploying

/// When it came to which phase.
typedef struct phases {
    double began_ns[AIRS_DEPLOY_DONE + 1];
} phases;

static void on_event(void *user, const airs_deploy_event *event)
{
    phases *self = user;
    if (event->actor.raw == 0 && self->began_ns[event->phase] == 0)
        self->began_ns[event->phase] = bench_now_ns();
}

static airs_deploy_result deploy(stage *self, airs_component *what, uint32_t count, const airs_actor_id *actors,
                                 phases *ret_phases)
{
    airs_deploy_target targets[ACTORS];
    for (uint32_t i = 0; i < count; i++)
        targets[i] = (airs_deploy_target){.actor = actors[i]};
    airs_deploy_options options = {.probation_ms = AIRS_NO_PROBATION, .on_event = on_event, .user = ret_phases};
    airs_deploy_result result = {0};
    airs_error error = {.text = ""};
    airs_status status = airs_deploy(self->system, what, targets, count, &options, &result, &error);
    bench_check(status == AIRS_OK, error.text);
    return result;
}

static airs_component *other(stage *self)
{
    self->at ^= 1u;
    return self->versions[self->at];
}

// ---------------------------------------------------------------- one actor

typedef struct probes {
    stage *stage;
    _Atomic uint64_t count;
    double took_ns[PROBES];
} probes;

static probes watched;

/// Native, and beside the mesh: what a probe says is when it was sent.
static airs_status take_probe(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)context;
    (void)error;
    double sent_ns;
    memcpy(&sent_ns, message->payload.data, sizeof sent_ns);
    uint64_t at = atomic_load(&watched.count);
    watched.took_ns[at % PROBES] = bench_now_ns() - sent_ns;
    atomic_store(&watched.count, at + 1);
    return AIRS_OK;
}

static void *send_probes(void *user)
{
    stage *self = user;
    double at = bench_now_ns();
    for (uint32_t i = 0; i < PROBES; i++, at += PROBE_NS) {
        rest_until(at);
        double payload[2] = {bench_now_ns()};
        bench_check(airs_send(self->system, self->probed, payload, sizeof payload) == AIRS_OK, "a probe");
    }
    return NULL;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/// The time that 999 of 1,000 probes stay below, in milliseconds; the pauses of swaps are added to the list.
static double probe(stage *self, bool deploys, double *pauses, uint32_t *pauses_count, uint32_t pauses_max)
{
    pthread_t prober;
    atomic_store(&watched.count, 0);
    bench_check(pthread_create(&prober, NULL, send_probes, self) == 0, "a thread");
    for (double at = bench_now_ns(); atomic_load(&watched.count) < PROBES; at += DEPLOY_EVERY_NS) {
        rest_until(at);
        if (!deploys || atomic_load(&watched.count) > PROBES - PROBES / 50)
            continue;
        airs_deploy_result result = deploy(self, other(self), 1, &self->probed, &(phases){0});
        if (*pauses_count < pauses_max)
            pauses[(*pauses_count)++] = (double)result.pause_max_ns;
    }
    bench_check(pthread_join(prober, NULL) == 0, "a thread");
    qsort(watched.took_ns, PROBES, sizeof *watched.took_ns, compare);
    return watched.took_ns[PROBES - 1 - PROBES / 1000] / 1e6;
}

static void measure_pause(stage *self)
{
    static double pauses[10000];
    uint32_t pauses_count = 0;
    double added[PAUSE_ROUNDS], without[PAUSE_ROUNDS], with[PAUSE_ROUNDS];
    (void)probe(self, true, pauses, &(uint32_t){0}, 0);
    for (uint32_t i = 0; i < PAUSE_ROUNDS; i++) {
        without[i] = probe(self, false, NULL, NULL, 0);
        with[i] = probe(self, true, pauses, &pauses_count, 10000);
        added[i] = with[i] - without[i];
    }
    // As the others are.
    if (self->at != 0)
        (void)deploy(self, other(self), 1, &self->probed, &(phases){0});
    bench_print("deploy.pause_one", "ms", added, PAUSE_ROUNDS);
    bench_print_ratio("deploy.p999", "ms", with, "not deployed to", without, PAUSE_ROUNDS);
    bench_print("deploy.pause", "ns", pauses, pauses_count);
}

// ---------------------------------------------------------------- all of them

/// Both in milliseconds.
typedef struct erlang {
    bool there;
    double idle[SWAP_ROUNDS];
    double loaded[SWAP_ROUNDS];
} erlang;

static void measure_erlang(erlang *ret)
{
    char command[600];
    if (system("command -v escript >/dev/null") != 0)
        return;
    (void)snprintf(command, sizeof command, "escript " BENCH_PEERS "/erlang/swap.escript %u %u", ACTORS, SWAP_ROUNDS);
    FILE *peer = popen(command, "r");
    bench_check(peer != NULL, "Erlang");
    for (uint32_t i = 0; i < SWAP_ROUNDS; i++) {
        bench_check(fscanf(peer, "%lf %lf", &ret->idle[i], &ret->loaded[i]) == 2, "Erlang");
        ret->idle[i] /= 1e6;
        ret->loaded[i] /= 1e6;
    }
    bench_check(pclose(peer) == 0, "Erlang");
    ret->there = true;
}

static void print_swaps(const char *name, double *swaps, const erlang *peer, const char *peer_name, double *peer_swaps)
{
    if (peer->there)
        bench_print_ratio(name, "ms", swaps, peer_name, peer_swaps, SWAP_ROUNDS);
    else
        bench_print(name, "ms", swaps, SWAP_ROUNDS);
}

static void measure_swap(stage *self, bool is_idle, erlang *peer)
{
    double swaps[SWAP_ROUNDS], rehearsals[SWAP_ROUNDS], pauses[SWAP_ROUNDS];
    for (uint32_t i = 0; i <= SWAP_ROUNDS; i++) {
        rest_until(bench_now_ns() + 100e6);
        phases when = {0};
        airs_deploy_result result = deploy(self, other(self), ACTORS, self->actors, &when);
        bench_check(result.deployed && result.actors == ACTORS, "all of them");
        // The first one is not counted.
        uint32_t at = i == 0 ? 0 : i - 1;
        double end_ns = when.began_ns[AIRS_DEPLOY_PROBATION];
        for (unsigned phase = AIRS_DEPLOY_PROBATION; end_ns == 0 && phase <= AIRS_DEPLOY_DONE; phase++)
            end_ns = when.began_ns[phase];
        swaps[at] = (end_ns - when.began_ns[AIRS_DEPLOY_SWAPPING]) / 1e6;
        rehearsals[at] = (when.began_ns[AIRS_DEPLOY_SWAPPING] - when.began_ns[AIRS_DEPLOY_REHEARSING]) / 1e6;
        pauses[at] = (double)result.pause_mean_ns;
    }
    if (is_idle) {
        print_swaps("deploy.swap_1000_idle", swaps, peer, "Erlang, idle gen_servers", peer->idle);
        return;
    }
    print_swaps("deploy.swap_1000", swaps, peer, "Erlang, gen_servers under half of their load", peer->loaded);
    bench_print("deploy.rehearse_1000", "ms", rehearsals, SWAP_ROUNDS);
    bench_print("deploy.swap_1000.pause", "ns", pauses, SWAP_ROUNDS);
}

typedef struct poison {
    stage *stage;
    phases when;
} poison;

/// Once the new version serves, a message that it fails with.
static void on_serving(void *user, const airs_deploy_event *event)
{
    poison *self = user;
    on_event(&self->when, event);
    if (event->phase == AIRS_DEPLOY_PROBATION && event->actor.raw == 0)
        bench_check(airs_send(self->stage->system, self->stage->probed, "!", 1) == AIRS_OK, "a message");
}

static double rollback(stage *self, uint32_t count, const airs_actor_id *actors)
{
    airs_deploy_target targets[ACTORS];
    for (uint32_t i = 0; i < count; i++)
        targets[i] = (airs_deploy_target){.actor = actors[i]};
    poison it = {.stage = self};
    airs_deploy_options options = {.probation_ms = 60000, .on_event = on_serving, .user = &it};
    airs_deploy_result result = {0};
    airs_error error = {.text = ""};
    airs_status status = airs_deploy(self->system, self->fails, targets, count, &options, &result, &error);
    bench_check(status == AIRS_E_FAILED && result.reverted == count, error.text);
    return (double)result.rollback_ns / 1e6;
}

static void measure_rollback(stage *self)
{
    double one[BENCH_ROUNDS], all[BENCH_ROUNDS];
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        rest_until(bench_now_ns() + 20e6);
        one[i] = rollback(self, 1, &self->probed);
        rest_until(bench_now_ns() + 100e6);
        all[i] = rollback(self, ACTORS, self->actors);
    }
    bench_print("deploy.rollback_auto", "ms", one, BENCH_ROUNDS);
    bench_print("deploy.rollback_1000", "ms", all, BENCH_ROUNDS);
}

// ---------------------------------------------------------------- making

static void make(stage *self)
{
    static const airs_actor_fns clock_fns = {.handle = take_probe};
    self->system = world_create(2, 2 * ACTORS + 300);
    self->versions[0] = world_load(self->system, "swap-1");
    self->versions[1] = world_load(self->system, "swap-2");
    self->fails = world_load(self->system, "swap-fails");
    (void)world_spawn_native(self->system, "clock", &clock_fns, 0, NULL);
    for (uint32_t i = 0; i < ACTORS; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "m-%u", i);
        self->actors[i] = world_spawn(self->system, self->versions[0], name, "*");
    }
    self->probed = self->actors[0];
}

/// With a name: only that part.
int main(int argc, char **argv)
{
    static stage it;
    static const char *const names[] = {"pause", "swap", "rollback"};
    bool wanted[3] = {argc < 2, argc < 2, argc < 2};
    for (int i = 1; i < argc; i++) {
        for (size_t at = 0; at < sizeof wanted / sizeof *wanted; at++)
            wanted[at] |= strcmp(argv[i], names[at]) == 0;
    }
    static erlang peer;
    if (wanted[1])
        measure_erlang(&peer);
    make(&it);
    if (wanted[1])
        measure_swap(&it, true, &peer);
    (void)find_rate(&it);
    it.messages_per_slice = find_rate(&it);
    double rate = it.messages_per_slice / 2 / (double)SLICE_NS * 1e3;
    bench_print("deploy.load", "M/s", &rate, 1);
    bench_check(pthread_create(&it.loader, NULL, load, &it) == 0, "a thread");
    if (wanted[0])
        measure_pause(&it);
    if (wanted[1])
        measure_swap(&it, false, &peer);
    if (wanted[2])
        measure_rollback(&it);
    atomic_store(&it.ended, true);
    bench_check(pthread_join(it.loader, NULL) == 0, "a thread");
    airs_component_release(it.versions[0]);
    airs_component_release(it.versions[1]);
    airs_component_release(it.fails);
    airs_system_destroy(it.system);
    return 0;
}
