// SPDX-License-Identifier: MIT OR Apache-2.0
/// What all components of a node may use together: instances, and memory. One too many is refused with the name of
/// the limit, those that are there go on, and there is room again when one has ended.
#include "attack.h"

#include <stdlib.h>

#define MEMORY_MAX (16u << 20)
#define PAGE 65536u

static void more_instances_than_there_may_be(void **user)
{
    (void)user;
    airs_system_options options = {.workers = 2, .instances_max = 3};
    attack *self = attack_begin_with(&options);
    airs_spawn_options none = {0};
    // The witness is one.
    airs_actor_id first = attack_spawn(self, "memory", &none);
    for (int i = 0; i < 3; i++) {
        airs_actor_id second = attack_spawn(self, "memory", &none);
        airs_error error = {0};
        assert_int_equal(attack_spawn_fails(self, "memory", &none, &error), AIRS_E_LIMIT);
        attack_assert_text(error.text, "*instances_max is reached*limit of 3*");
        attack_expect(self, first, "hello", "*");
        attack_stop(self, second, ATTACK_PATIENCE_MS);
    }
    attack_stop(self, first, ATTACK_PATIENCE_MS);
    attack_end(self);
}

static void more_memory_than_there_may_be(void **user)
{
    (void)user;
    airs_system_options options = {.workers = 2, .instances_max = 8, .memory_max = MEMORY_MAX};
    attack *self = attack_begin_with(&options);
    airs_spawn_options large = {.limits = {.max_memory = 64u << 20, .max_execution_ms = 20000}};
    for (int i = 0; i < 3; i++) {
        airs_actor_id greedy = attack_spawn(self, "memory", &large);
        char pages[256];
        assert_int_equal(attack_ask(self, greedy, "fill", pages), AIRS_OK);
        uint64_t taken = strtoull(pages, NULL, 10) * PAGE;
        assert_true(taken > MEMORY_MAX / 2 && taken < MEMORY_MAX);
        airs_error error = {0};
        assert_int_equal(attack_spawn_fails(self, "memory", &large, &error), AIRS_E_LIMIT);
        attack_assert_text(error.text, "*all components together, 16777216 bytes, has no room for it*");
        // Who has it all goes on, and so does the witness (attack_end).
        attack_expect(self, greedy, "hello", pages);
        attack_stop(self, greedy, ATTACK_PATIENCE_MS);
    }
    attack_end(self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_instances_than_there_may_be),
        cmocka_unit_test(more_memory_than_there_may_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
