// SPDX-License-Identifier: MIT OR Apache-2.0
/// Actors that monitor, link and unlink each other while each of them fails at any moment.
#include "node/life_testing.h"

#define ACTORS 6
#define CIRCLES 400

static void whoever_is_linked_ends_and_comes_back(void **user)
{
    (void)user;
    airs_system *system;
    airs_system_options options = {.workers = 4, .max_restarts = 1000000, .window_ms = 1};
    assert_int_equal(airs_system_create(&options, &system, NULL), AIRS_OK);
    static life_notes notes[ACTORS];
    airs_actor_id ids[ACTORS];
    for (int i = 0; i < ACTORS; i++)
        ids[i] = life_spawn(system, &notes[i], i % 2 == 0, (airs_spawn_options){.limits.mailbox_max = 1u << 20});
    static const life_verb verbs[] = {LIFE_LINK, LIFE_MONITOR, LIFE_LINK, LIFE_UNLINK, LIFE_CRASH, LIFE_DEMONITOR};
    uint64_t random = 88172645463325252u;
    for (int round = 0; round < TEST_ROUNDS(CIRCLES) * 10; round++) {
        for (int i = 0; i < ACTORS; i++) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            life_verb verb = verbs[random % (sizeof verbs / sizeof verbs[0])];
            life_order order = {.verb = verb, .actor = ids[(random >> 20) % ACTORS]};
            assert_int_equal(airs_send(system, ids[i], &order, sizeof order), AIRS_OK);
        }
    }
    // Each still answers, whatever came before.
    for (int i = 0; i < ACTORS; i++) {
        airs_buffer reply = {0};
        airs_error error;
        airs_status status;
        do {
            status = airs_ask(system, ids[i], "?", 1, 60000, &reply, &error);
        } while (status == AIRS_E_FAILED);
        assert_int_equal(status, AIRS_OK);
        airs_buffer_free(&reply);
    }
    airs_system_destroy(system);
}

/// Two link each other and fail at once: both come down, and both come back.
static void two_die_together(void **user)
{
    (void)user;
    for (int round = 0; round < TEST_ROUNDS(CIRCLES); round++) {
        airs_system *system = life_system(2);
        life_notes notes[3] = {{0}};
        airs_actor_id a = life_spawn(system, &notes[0], true, (airs_spawn_options){.restart = AIRS_RESTART_TEMPORARY});
        airs_actor_id b = life_spawn(system, &notes[1], true, (airs_spawn_options){.restart = AIRS_RESTART_TEMPORARY});
        airs_actor_id c = life_spawn(system, &notes[2], false, (airs_spawn_options){0});
        life_send(system, c, LIFE_MONITOR, a);
        life_send(system, c, LIFE_MONITOR, b);
        life_send(system, a, LIFE_LINK, b);
        life_send(system, b, LIFE_LINK, a);
        airs_status first = airs_send(system, a, &(life_order){.verb = LIFE_CRASH}, sizeof(life_order));
        assert_int_equal(first, AIRS_OK);
        life_order order = {.verb = LIFE_CRASH};
        airs_status status = airs_send(system, b, &order, sizeof order);
        assert_true(status == AIRS_OK || status == AIRS_E_GONE);
        // Whichever was first, neither outlives the other, and the third hears of both exactly once.
        WAIT_FOR(life_info(system, a).state == AIRS_ACTOR_TERMINATED);
        WAIT_FOR(life_info(system, b).state == AIRS_ACTOR_TERMINATED);
        WAIT_FOR(notes[2].downs == 2);
        airs_system_destroy(system);
        assert_int_equal(notes[2].downs, 2);
        assert_int_equal(notes[0].stops, 1);
        assert_int_equal(notes[1].stops, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whoever_is_linked_ends_and_comes_back),
        cmocka_unit_test(two_die_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
