// SPDX-License-Identifier: MIT OR Apache-2.0
/// Many at once: instances up to the limit and past it, storms of spawns and traps, and the end of a system in
/// which guests do not want to end.
#include "attack.h"

#include <string.h>

#include "os/thread.h"

static void one_instance_too_many(void **user)
{
    (void)user;
    airs_system_options small = {.workers = 2, .instances_max = 8};
    attack *self = attack_begin_with(&small);
    airs_component *component = attack_load(self, "counts");
    airs_actor_id ids[7];
    airs_actor_id refused = {0};
    airs_error error = {0};
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < 7; i++)
            assert_int_equal(airs_spawn_component(self->system, component, NULL, &ids[i], NULL), AIRS_OK);
        for (int i = 0; i < 5; i++)
            assert_int_equal(airs_spawn_component(self->system, component, NULL, &refused, &error), AIRS_E_LIMIT);
        attack_assert_text(error.text, "*8*instances*");
        assert_int_equal(refused.raw, 0);
        attack_stop(self, ids[3], ATTACK_PATIENCE_MS);
        assert_int_equal(airs_spawn_component(self->system, component, NULL, &ids[3], NULL), AIRS_OK);
        for (size_t i = 0; i < 7; i++) {
            attack_expect(self, ids[i], "add", "1");
            attack_stop(self, ids[i], ATTACK_PATIENCE_MS);
        }
        attack_check(self);
    }
    airs_component_release(component);
    attack_end(self);
}

/// One that trapped gives its place back before it is started again: all of them together come back.
static void a_full_house_restarts(void **user)
{
    (void)user;
    airs_system_options small = {.workers = 2, .instances_max = 8, .max_restarts = 256};
    attack *self = attack_begin_with(&small);
    airs_actor_id ids[7];
    for (size_t i = 0; i < 7; i++)
        ids[i] = attack_spawn(self, "trap", NULL);
    for (uint64_t round = 1; round <= 5; round++) {
        for (size_t i = 0; i < 7; i++)
            assert_int_equal(airs_send(self->system, ids[i], "trap", 4), AIRS_OK);
        for (size_t i = 0; i < 7; i++)
            attack_wait_restarted(self, ids[i], round);
    }
    for (size_t i = 0; i < 7; i++) {
        attack_expect(self, ids[i], "hello", "hello");
        attack_stop(self, ids[i], ATTACK_PATIENCE_MS);
    }
    attack_end(self);
}

// ---------------------------------------------------------------- storms

typedef struct storm {
    attack *self;
    airs_component *component;
    uint32_t rounds;
    _Atomic uint32_t spawned;
    _Atomic uint32_t wrong;
} storm;

static void run_storm(void *user)
{
    storm *all = user;
    airs_system *system = all->self->system;
    for (uint32_t i = 0; i < all->rounds; i++) {
        airs_spawn_options options = {.restart = AIRS_RESTART_TEMPORARY, .limits = {.stop_timeout_ms = 60000}};
        airs_actor_id id;
        airs_status status = airs_spawn_component(system, all->component, &options, &id, NULL);
        if (status == AIRS_E_LIMIT)
            continue;
        all->wrong += status != AIRS_OK;
        if (status != AIRS_OK)
            continue;
        all->spawned++;
        airs_buffer reply = {0};
        if (i % 3 != 0)
            all->wrong += airs_ask(system, id, "add", 3, ATTACK_PATIENCE_MS, &reply, NULL) != AIRS_OK;
        airs_buffer_free(&reply);
        all->wrong += airs_stop(system, id) != AIRS_OK;
        all->wrong += airs_send(system, id, "add", 3) != AIRS_E_GONE;
    }
}

static void spawns_and_stops(void **user)
{
    (void)user;
    airs_system_options small = {.workers = 2, .instances_max = 6};
    attack *self = attack_begin_with(&small);
    storm all = {.self = self, .component = attack_load(self, "counts"), .rounds = TEST_ROUNDS(1000)};
    os_thread threads[8];
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(os_thread_start(&threads[i], "storm", 0, run_storm, &all), AIRS_OK);
    for (size_t i = 0; i < 8; i++)
        os_thread_join(&threads[i]);
    print_message("    %u of %u were spawned\n", all.spawned, 8 * all.rounds);
    assert_int_equal(all.wrong, 0);
    assert_true(all.spawned > 0);
    airs_component_release(all.component);
    attack_end(self);
}

static void restarts_without_end(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_supervisor_options patience = {.name = "patience", .max_restarts = 4, .window_ms = 60000};
    airs_actor_id supervisor;
    assert_int_equal(airs_spawn_supervisor(self->system, &patience, &supervisor, NULL), AIRS_OK);
    airs_spawn_options options = {.name = "victim", .supervisor = supervisor};
    airs_actor_id id = attack_spawn(self, "trap", &options);
    for (uint64_t restarts = 1; restarts <= 4; restarts++) {
        assert_int_equal(airs_send(self->system, id, "trap", 4), AIRS_OK);
        attack_wait_restarted(self, id, restarts);
        assert_int_equal(self->escalations, 0);
    }
    uint64_t failures = self->failures;
    assert_int_equal(airs_send(self->system, id, "trap", 4), AIRS_OK);
    // The actor, and then its supervisor.
    attack_wait_failure(self, failures + 1);
    assert_int_equal(self->escalations, 1);
    attack_assert_text(self->text, "more than 4 restarts within 60000 ms, the last of \"victim\" (trap): *");
    attack_stop(self, supervisor, ATTACK_PATIENCE_MS);
    attack_end(self);
}

static void a_root_that_gives_up(void **user)
{
    (void)user;
    airs_system_options options = {.workers = 2, .instances_max = 8, .max_restarts = 2, .window_ms = 60000};
    attack *self = attack_begin_with(&options);
    airs_spawn_options victim = {.name = "victim"};
    airs_actor_id id = attack_spawn(self, "trap", &victim);
    for (int i = 0; i < 3; i++)
        assert_int_equal(airs_send(self->system, id, "trap", 4), AIRS_OK);
    airs_error error = {0};
    assert_int_equal(airs_system_wait(self->system, ATTACK_PATIENCE_MS, &error), AIRS_FINISH_FAILED);
    attack_assert_text(error.text, "more than 2 restarts within 60000 ms, the last of \"victim\" (trap): *");
    airs_system_stop(self->system);
    attack_end_stopped(self);
}

// ---------------------------------------------------------------- the end of a system

typedef struct unwilling {
    const char *guest;
    const char *message;
} unwilling;

static void stop_among(const unwilling *guests, size_t count, uint32_t max_ms)
{
    attack *self = attack_begin();
    static const char *const anyone[] = {"*"};
    attack_answers answers = {0};
    uint32_t asked = 0;
    airs_spawn_options mute = {.name = "mute"};
    (void)attack_spawn(self, "loop-handle", &mute);
    for (size_t i = 0; i < count; i++) {
        airs_spawn_options options = {
            .may_send = anyone,
            .may_send_count = 1,
            .limits = {.stop_timeout_ms = 100, .max_execution_ms = 60000, .max_park_ms = 60000},
        };
        airs_actor_id id = attack_spawn(self, guests[i].guest, &options);
        if (guests[i].message == NULL)
            continue;
        assert_true(attack_ask_many(self, id, guests[i].message, 3, &answers));
        asked += 3;
    }
    attack_sleep_ms(30);
    uint64_t begin = attack_now_ms();
    airs_system_stop(self->system);
    uint64_t took = attack_now_ms() - begin;
    print_message("    %zu unwilling guests: stopped in %llu ms\n", count, (unsigned long long)took);
    assert_true(took <= max_ms);
    attack_wait_answers(&answers, asked);
    assert_int_equal(answers.ok, 0);
    airs_actor_id none;
    airs_native nothing = {.kind = "nothing"};
    assert_int_equal(airs_spawn_native(self->system, &nothing, NULL, &none, NULL), AIRS_E_STOPPING);
    attack_end_stopped(self);
}

static void stopped_while_guests_spin(void **user)
{
    (void)user;
    static const unwilling guests[] = {
        {"loop-handle", "loop"}, {"loop-handle-actor", "loop"},
        {"loop-handle", "loop"}, {"raw-actor", "realloc-loop now"},
        {"run-loop", NULL},      {"loop-stop", NULL},
    };
    stop_among(guests, sizeof guests / sizeof *guests, 8000);
}

static void stopped_while_guests_wait(void **user)
{
    (void)user;
    static const unwilling guests[] = {
        {"sleeps", "3600000"},
        {"program-sleeps", NULL},
        {"blocks", "naps 1000000"},
        {"sleeps", "3600000"},
    };
    stop_among(guests, sizeof guests / sizeof *guests, 8000);
}

/// The one asked spins: who waits for it is stopped all the same.
static void stopped_while_guests_ask(void **user)
{
    (void)user;
    attack *self = attack_begin();
    static const char *const anyone[] = {"*"};
    airs_spawn_options busy = {.name = "busy", .limits = {.stop_timeout_ms = 100, .max_execution_ms = 60000}};
    airs_spawn_options asks = {.may_send = anyone, .may_send_count = 1, .limits = {.stop_timeout_ms = 100}};
    airs_actor_id target = attack_spawn(self, "loop-handle", &busy);
    attack_answers answers = {0};
    assert_true(attack_ask_many(self, target, "loop", 1, &answers));
    for (int i = 0; i < 4; i++) {
        airs_actor_id id = attack_spawn(self, i % 2 == 0 ? "misbehaves" : "misbehaves-actor", &asks);
        assert_true(attack_ask_many(self, id, "ask busy 60000", 1, &answers));
    }
    attack_sleep_ms(30);
    uint64_t begin = attack_now_ms();
    airs_system_stop(self->system);
    assert_true(attack_now_ms() - begin <= 8000);
    attack_wait_answers(&answers, 5);
    attack_end_stopped(self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_instance_too_many),     cmocka_unit_test(a_full_house_restarts),
        cmocka_unit_test(spawns_and_stops),          cmocka_unit_test(restarts_without_end),
        cmocka_unit_test(a_root_that_gives_up),      cmocka_unit_test(stopped_while_guests_spin),
        cmocka_unit_test(stopped_while_guests_wait), cmocka_unit_test(stopped_while_guests_ask),
    };
    return cmocka_run_group_tests_name("hostile crowd", tests, NULL, NULL);
}
