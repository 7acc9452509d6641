// SPDX-License-Identifier: MIT OR Apache-2.0
/// Very many traps under load: each is one restart and one lost message, no other one is lost, siblings know nothing of
/// it, and memory is as before. `hostile_storm TRAPS` for so many.
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attack.h"

#define VICTIMS 4u
#define SIBLINGS 2u
/// Of each round, and victim: messages that are answered, and one that traps.
#define ECHOES 3u
/// Rounds that are under way at once.
#define ROUNDS 50u

/// Traps before memory is looked at. A multiple of those of ROUNDS.
#define WARM_UP 10000u

static uint64_t traps_wanted = TEST_ROUNDS(50000u);

/// Bytes of the system's allocator that are in use.
static _Atomic uint64_t bytes_in_use;

static void *count_alloc(void *user, size_t size)
{
    (void)user;
    void *memory = malloc(size);
    bytes_in_use += malloc_usable_size(memory);
    return memory;
}

static void *count_realloc(void *user, void *memory, size_t size)
{
    (void)user;
    uint64_t before = malloc_usable_size(memory);
    void *moved = realloc(memory, size);
    if (moved != NULL)
        bytes_in_use += malloc_usable_size(moved) - before;
    return moved;
}

static void count_free(void *user, void *memory)
{
    (void)user;
    bytes_in_use -= malloc_usable_size(memory);
    free(memory);
}

typedef struct storm {
    attack *attack;
    airs_actor_id above;
    airs_actor_id victims[VICTIMS];
    airs_actor_id siblings[SIBLINGS];
    uint64_t traps;
    uint64_t echoes;
    uint64_t adds;
} storm;

static void begin(storm *self)
{
    // A supervisor remembers the failures within its window, so that is short.
    airs_supervisor_options of = {.name = "above", .max_restarts = 1000000, .window_ms = 100};
    assert_int_equal(airs_spawn_supervisor(self->attack->system, &of, &self->above, NULL), AIRS_OK);
    airs_spawn_options options = {.supervisor = self->above};
    for (size_t i = 0; i < VICTIMS; i++)
        self->victims[i] = attack_spawn(self->attack, i % 2 == 0 ? "trap" : "trap-actor", &options);
    for (size_t i = 0; i < SIBLINGS; i++)
        self->siblings[i] = attack_spawn(self->attack, "counts", &options);
}

/// So many rounds at once, and the answers to all of it.
static void rage(storm *self, uint32_t rounds)
{
    attack_answers traps = {0}, echoes = {0}, adds = {0};
    for (uint32_t round = 0; round < rounds; round++) {
        for (size_t i = 0; i < VICTIMS; i++) {
            assert_true(attack_ask_many(self->attack, self->victims[i], "hello", ECHOES - 1, &echoes));
            assert_true(attack_ask_many(self->attack, self->victims[i], "trap", 1, &traps));
            assert_true(attack_ask_many(self->attack, self->victims[i], "hello", 1, &echoes));
        }
        assert_true(attack_ask_many(self->attack, self->siblings[round % SIBLINGS], "add", 1, &adds));
    }
    attack_wait_answers(&traps, rounds * VICTIMS);
    attack_wait_answers(&echoes, rounds * VICTIMS * ECHOES);
    attack_wait_answers(&adds, rounds);
    // Each trap is told to who asked for it, and to nobody else.
    assert_int_equal(traps.failed, rounds * VICTIMS);
    assert_int_equal(echoes.ok, rounds * VICTIMS * ECHOES);
    assert_int_equal(adds.ok, rounds);
    self->traps += (uint64_t)rounds * VICTIMS;
    self->echoes += (uint64_t)rounds * VICTIMS * ECHOES;
    self->adds += rounds;
}

static airs_actor_info info_of(const storm *self, airs_actor_id id)
{
    airs_actor_info info;
    assert_int_equal(airs_actor_get_info(self->attack->system, id, &info), AIRS_OK);
    return info;
}

/// An actor shows that it has been restarted before it is counted.
static uint64_t counted_restarts(const storm *self)
{
    airs_metrics metrics;
    for (uint64_t begin = attack_now_ms();; attack_sleep_ms(1)) {
        airs_system_get_metrics(self->attack->system, &metrics);
        if (metrics.restarts >= self->traps || attack_now_ms() - begin > ATTACK_PATIENCE_MS)
            return metrics.restarts;
    }
}

/// The books: each message was handled or failed, each failure was one restart.
static void check(const storm *self)
{
    uint64_t restarts = 0, failures = 0, handled = 0, failed = 0;
    for (size_t i = 0; i < VICTIMS; i++) {
        // The last answer may be there before the last restart.
        attack_wait_restarted(self->attack, self->victims[i], self->traps / VICTIMS);
        airs_actor_info info = info_of(self, self->victims[i]);
        restarts += info.restarts;
        handled += info.messages_handled;
        failed += info.messages_failed;
        failures += airs_actor_failures(self->attack->system, self->victims[i], NULL, NULL);
    }
    assert_int_equal(restarts, self->traps);
    assert_int_equal(failures, self->traps);
    assert_int_equal(failed, self->traps);
    assert_int_equal(handled, self->echoes);
    uint64_t adds = 0;
    for (size_t i = 0; i < SIBLINGS; i++) {
        char text[256];
        assert_int_equal(attack_ask(self->attack, self->siblings[i], "count", text), AIRS_OK);
        adds += strtoull(text, NULL, 10);
        assert_int_equal(info_of(self, self->siblings[i]).restarts, 0);
    }
    assert_int_equal(adds, self->adds);
    assert_int_equal(info_of(self, self->above).restarts, 0);
    assert_int_equal(attack_escalations(self->attack), 0);
    assert_int_equal(counted_restarts(self), self->traps);
}

static uint64_t resident_bytes(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    uint64_t size, resident;
    assert_int_equal(fscanf(file, "%" SCNu64 " %" SCNu64, &size, &resident), 2);
    (void)fclose(file);
    return resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void assert_within(uint64_t now, uint64_t before, const char *what)
{
    print_message("    %s: %" PRIu64 " before, %" PRIu64 " now\n", what, before, now);
    if (now > before + before / 50)
        fail_msg("more than 2 %% more %s", what);
}

static void very_many_traps(void **user)
{
    (void)user;
    const airs_allocator counted = {count_alloc, count_realloc, count_free, NULL};
    airs_system_options options = {
        .workers = 2, .instances_max = 32, .log_level = AIRS_LOG_ERROR, .allocator = &counted};
    storm self = {.attack = attack_begin_with(&options)};
    (void)alarm(0);
    begin(&self);
    // What is made once is made, what is kept is full, and the pages that are kept are touched.
    while (self.traps < WARM_UP)
        rage(&self, 2 * ROUNDS);
    check(&self);
    uint64_t bytes = bytes_in_use;
    uint64_t resident = resident_bytes();
    uint64_t began = attack_now_ms();
    while (self.traps - WARM_UP < traps_wanted)
        rage(&self, ROUNDS);
    uint64_t took = attack_now_ms() - began;
    check(&self);
    print_message("    %" PRIu64 " traps in %" PRIu64 " ms\n", self.traps - WARM_UP, took);
    assert_within(bytes_in_use, bytes, "bytes of the allocator");
    // Sanitizers keep what was freed.
    if (TEST_ROUNDS(10) == 10)
        assert_within(resident_bytes(), resident, "bytes of memory");
    assert_int_equal(airs_stop(self.attack->system, self.above), AIRS_OK);
    attack_end(self.attack);
    assert_int_equal(bytes_in_use, 0);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        traps_wanted = strtoull(argv[1], NULL, 10);
    const struct CMUnitTest tests[] = {cmocka_unit_test(very_many_traps)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
