// SPDX-License-Identifier: MIT OR Apache-2.0
/// Instances that are made ready before a swap and destroyed after it: nobody sees them, none is left, and where there
/// is no room for them it goes without. The guests are tests/guests/teller.c.
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "airssys/deploy.h"
#include "attack.h"
#include "node/system.h"
#include "os/thread.h"

#define TROUPE 8u

typedef struct scene {
    attack *attack;
    airs_deploy_target targets[TROUPE];
    airs_component *next;
    airs_deploy_options options;
    airs_deploy_result result;
    airs_error error;
    airs_status status;
    _Atomic bool on_probation;
    /// Most instances that were there when an actor had swapped.
    _Atomic uint64_t most;
} scene;

static scene here;

static uint64_t stores(void)
{
    engine *machine = NULL;
    engine_live live;
    assert_int_equal(system_engine(here.attack->system, &machine, NULL), AIRS_OK);
    engine_live_counts(machine, &live);
    return live.stores;
}

static void begin(uint32_t instances_max)
{
    airs_system_options options = {.workers = 2, .instances_max = instances_max};
    here = (scene){.attack = attack_begin_with(&options)};
    for (uint32_t i = 0; i < TROUPE; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "t%u", i);
        airs_spawn_options victim = {.name = name, .limits = {.max_execution_ms = 300, .start_timeout_ms = 30000}};
        here.targets[i] = (airs_deploy_target){.actor = attack_spawn(here.attack, "teller-1", &victim)};
        attack_expect(here.attack, here.targets[i].actor, "add", "1");
    }
}

static void end(void)
{
    for (uint32_t i = 0; i < TROUPE; i++)
        attack_stop(here.attack, here.targets[i].actor, ATTACK_PATIENCE_MS);
    attack_end(here.attack);
}

static void deploy(void *user)
{
    here.next = attack_load(here.attack, user);
    here.status =
        airs_deploy(here.attack->system, here.next, here.targets, TROUPE, &here.options, &here.result, &here.error);
    airs_component_release(here.next);
}

static void all_answer(const char *answer)
{
    for (uint32_t i = 0; i < TROUPE; i++)
        attack_expect(here.attack, here.targets[i].actor, "get", answer);
}

static void look(void *user, const airs_deploy_event *event)
{
    (void)user;
    uint64_t now = stores();
    if (event->phase == AIRS_DEPLOY_SWAPPING && now > atomic_load(&here.most))
        atomic_store(&here.most, now);
    if (event->phase == AIRS_DEPLOY_PROBATION)
        atomic_store(&here.on_probation, true);
}

// ---------------------------------------------------------------- the tests

/// They are there for the time of the swap, and not for that of the probation.
static void none_is_left_on_probation(void **user)
{
    (void)user;
    begin(64);
    uint64_t before = stores();
    here.options = (airs_deploy_options){.probation_ms = 60000, .on_event = look};
    os_thread thread;
    assert_int_equal(os_thread_start(&thread, "deploy", 0, deploy, "teller-falls"), AIRS_OK);
    for (uint64_t since = attack_now_ms(); !atomic_load(&here.on_probation) || stores() != before; attack_sleep_ms(1)) {
        if (attack_now_ms() - since > ATTACK_PATIENCE_MS)
            fail_msg("%lu instances on probation, not %lu", (unsigned long)stores(), (unsigned long)before);
    }
    // One that was made ready and one that was spent have been there, for each but those that are swapped just now.
    assert_true(atomic_load(&here.most) > before + TROUPE / 2);
    all_answer("3 1 upgraded 1.0.0");
    // At its third message it falls, and the old one counts that.
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(airs_send(here.attack->system, here.targets[0].actor, "add", 3), AIRS_OK);
    os_thread_join(&thread);
    assert_int_equal(here.status, AIRS_E_FAILED);
    assert_int_equal(here.result.reverted, TROUPE);
    attack_expect(here.attack, here.targets[0].actor, "get", "1 2 upgraded 1.0.0");
    for (uint32_t i = 1; i < TROUPE; i++)
        attack_expect(here.attack, here.targets[i].actor, "get", "1 1 upgraded 3.0.0");
    end();
}

/// With one place beside those that are there, each swap makes its instance when its turn comes.
static void without_room_it_goes_without(void **user)
{
    (void)user;
    begin(TROUPE + 2);
    uint64_t before = stores();
    assert_int_equal(before, TROUPE + 1);
    here.options = (airs_deploy_options){.probation_ms = 1, .parallel_max = 1, .on_event = look};
    deploy("teller-2");
    if (here.status != AIRS_OK)
        fail_msg("%s", here.error.text);
    assert_int_equal(here.result.actors, TROUPE);
    assert_true(atomic_load(&here.most) <= TROUPE + 2);
    assert_int_equal(stores(), before);
    all_answer("2 1 upgraded 1.0.0");
    end();
}

/// The others have one ready when one is refused, or nothing is to be swapped at all.
static void none_is_left_of_a_rehearsal(void **user)
{
    (void)user;
    begin(64);
    uint64_t before = stores();
    here.options = (airs_deploy_options){.probation_ms = 1, .dry_run = true};
    deploy("teller-2");
    assert_int_equal(stores(), before);
    // One whose state can't be saved.
    airs_deploy_target last = here.targets[TROUPE - 1];
    airs_spawn_options full = {.name = "full", .limits = {.max_execution_ms = 300, .start_timeout_ms = 30000}};
    here.targets[TROUPE - 1].actor = attack_spawn(here.attack, "teller-save-error", &full);
    before = stores();
    here.options = (airs_deploy_options){.probation_ms = 1, .parallel_max = TROUPE};
    deploy("teller-2");
    assert_int_equal(here.status, AIRS_E_FAILED);
    assert_int_equal(stores(), before);
    attack_stop(here.attack, here.targets[TROUPE - 1].actor, ATTACK_PATIENCE_MS);
    here.targets[TROUPE - 1] = last;
    all_answer("1 1 fresh -");
    end();
}

static uint32_t told[3];
static _Atomic uint32_t told_count;

static airs_status keep_digit(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)context;
    (void)error;
    // What it says in its start, and in its stop, is longer.
    if (message->payload.len != 1)
        return AIRS_OK;
    uint32_t count = atomic_load(&told_count);
    if (count < 3)
        told[count] = (uint32_t)(message->payload.data[0] - '0');
    atomic_store(&told_count, count + 1);
    return AIRS_OK;
}

/// What initialisers do to others is done when the instance comes to stay, and once.
static void initialisers_that_do_something(void **user)
{
    (void)user;
    static const airs_actor_fns fns = {.handle = keep_digit};
    static const char *const all[] = {"*"};
    airs_system_options options = {.workers = 2, .instances_max = 64};
    here = (scene){.attack = attack_begin_with(&options)};
    atomic_store(&told_count, 0);
    airs_actor_id herald;
    const airs_native native = {.kind = "herald", .actor = &fns, .state_size = 1};
    assert_int_equal(
        airs_spawn_native(here.attack->system, &native, &(airs_spawn_options){.name = "herald"}, &herald, NULL),
        AIRS_OK);
    here.attack->actors++;
    airs_spawn_options victim = {.name = "victim",
                                 .may_send = all,
                                 .may_send_count = 1,
                                 .limits = {.max_execution_ms = 300, .start_timeout_ms = 30000}};
    airs_deploy_target target = {.actor = attack_spawn(here.attack, "teller-eager-1", &victim)};
    here.next = attack_load(here.attack, "teller-eager-2");
    airs_deploy_options brief = {.probation_ms = 1};
    if (airs_deploy(here.attack->system, here.next, &target, 1, &brief, NULL, &here.error) != AIRS_OK)
        fail_msg("%s", here.error.text);
    airs_component_release(here.next);
    attack_expect(here.attack, target.actor, "get", "2 0 upgraded 1.0.0");
    attack_stop(here.attack, target.actor, ATTACK_PATIENCE_MS);
    assert_int_equal(airs_stop(here.attack->system, herald), AIRS_OK);
    here.attack->actors--;
    attack_end(here.attack);
    assert_int_equal(atomic_load(&told_count), 2);
    assert_int_equal(told[0], 1);
    assert_int_equal(told[1], 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(none_is_left_on_probation),
        cmocka_unit_test(without_room_it_goes_without),
        cmocka_unit_test(none_is_left_of_a_rehearsal),
        cmocka_unit_test(initialisers_that_do_something),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
