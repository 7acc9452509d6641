// SPDX-License-Identifier: MIT OR Apache-2.0
/// Other settings for one that runs, and several changes as one deployment. The guest is tests/guests/teller.c.
#include <stdio.h>
#include <string.h>

#include "airssys/deploy.h"
#include "attack.h"
#include "os/thread.h"

static attack *here;

static airs_actor_id spawn_within(const char *guest, const char *name, uint32_t max_execution_ms)
{
    static const char *const all[] = {"*"}, *const news[] = {"news"};
    static const airs_setting calm[] = {{"mood", "calm"}};
    airs_spawn_options options = {.name = name,
                                  .may_send = all,
                                  .may_send_count = 1,
                                  .may_subscribe = news,
                                  .may_subscribe_count = 1,
                                  .may_register = all,
                                  .may_register_count = 1,
                                  .config = calm,
                                  .config_count = 1,
                                  .limits = {.max_execution_ms = max_execution_ms, .start_timeout_ms = 60000}};
    return attack_spawn(here, guest, &options);
}

static airs_actor_id spawn(const char *guest, const char *name)
{
    return spawn_within(guest, name, 60000);
}

static void expect(airs_actor_id id, const char *message, const char *answer)
{
    attack_expect(here, id, message, answer);
}

static airs_status give(airs_actor_id id, const char *mood, airs_deploy_options options, airs_deploy_result *ret_result,
                        airs_error *error)
{
    const airs_setting settings[] = {{"mood", mood}};
    return airs_reconfigure(here->system, id, settings, 1, &options, ret_result, error);
}

static const airs_deploy_options brief = {.probation_ms = 1};

static void takes(airs_actor_id id, const char *mood)
{
    airs_error error = {0};
    airs_deploy_result result;
    if (give(id, mood, brief, &result, &error) != AIRS_OK)
        fail_msg("%s: %s", mood, error.text);
    assert_true(result.deployed);
}

static void refuses(airs_actor_id id, const char *mood, const char *text)
{
    airs_error error = {0};
    airs_deploy_result result;
    assert_int_equal(give(id, mood, brief, &result, &error), AIRS_E_FAILED);
    print_message("%s: %s\n", mood, error.text);
    attack_assert_text(error.text, text);
    assert_false(result.deployed);
}

static void has_restarts(airs_actor_id id, uint32_t restarts)
{
    airs_actor_info info;
    assert_int_equal(airs_actor_get_info(here->system, id, &info), AIRS_OK);
    assert_int_equal(info.restarts, restarts);
    assert_int_equal(info.state, AIRS_ACTOR_READY);
}

static const char *const guests[] = {"teller-applies", "teller-applies-actor"};

// ---------------------------------------------------------------- one actor

static void it_is_told_and_goes_on(void **user)
{
    (void)user;
    for (size_t i = 0; i < 2; i++) {
        here = attack_begin();
        airs_actor_id id = spawn(guests[i], "victim");
        expect(id, "add", "1");
        expect(id, "mood", "calm 0");
        takes(id, "merry");
        expect(id, "mood", "merry 1");
        // It was not started anew.
        expect(id, "get", "1 1 fresh -");
        takes(id, "glad");
        expect(id, "mood", "glad 2");
        // Who starts anew has them still.
        assert_int_equal(airs_restart_actor(here->system, id, NULL), AIRS_OK);
        expect(id, "mood", "glad 0");
        attack_stop(here, id, ATTACK_PATIENCE_MS);
        attack_end(here);
    }
}

static void the_same_settings_change_nothing(void **user)
{
    (void)user;
    here = attack_begin();
    airs_actor_id id = spawn("teller-applies", "victim");
    takes(id, "calm");
    expect(id, "mood", "calm 0");
    attack_stop(here, id, ATTACK_PATIENCE_MS);
    attack_end(here);
}

static void without_the_export_it_is_swapped(void **user)
{
    (void)user;
    here = attack_begin();
    airs_actor_id id = spawn("teller-1", "victim");
    expect(id, "add", "1");
    takes(id, "merry");
    expect(id, "mood", "merry 0");
    expect(id, "get", "1 1 upgraded 1.0.0");
    takes(id, "ill-humoured");
    refuses(id, "ill", "*unhealthy: in an ill mood");
    expect(id, "mood", "ill-humoured 0");
    attack_stop(here, id, ATTACK_PATIENCE_MS);
    attack_end(here);
}

static void what_is_refused_changes_nothing(void **user)
{
    (void)user;
    static const char *const moods[][2] = {{"bad", "*taking its settings: not in this mood"},
                                           {"trap", "*taking its settings: *"},
                                           {"loop", "*taking its settings: *"},
                                           {"ill", "*unhealthy: in an ill mood"}};
    for (size_t i = 0; i < 2; i++) {
        here = attack_begin();
        airs_actor_id id = spawn_within(guests[i], "victim", 1000);
        expect(id, "add", "1");
        for (size_t k = 0; k < sizeof moods / sizeof *moods; k++) {
            refuses(id, moods[k][0], moods[k][1]);
            // All of that was found out in the rehearsal.
            expect(id, "get", "1 1 fresh -");
            expect(id, "mood", "calm 0");
        }
        airs_error error = {0};
        airs_deploy_options dry = {.dry_run = true};
        assert_int_equal(give(id, "merry", dry, NULL, &error), AIRS_OK);
        expect(id, "mood", "calm 0");
        has_restarts(id, 0);
        attack_stop(here, id, ATTACK_PATIENCE_MS);
        attack_end(here);
    }
}

static void a_trap_in_earnest_brings_the_old_ones_back(void **user)
{
    (void)user;
    for (size_t i = 0; i < 2; i++) {
        here = attack_begin();
        airs_actor_id id = spawn(guests[i], "victim");
        expect(id, "add", "1");
        refuses(id, "later", "*taking its settings: *");
        // Another instance, with the state and the settings of before; to its supervisor nothing has happened.
        expect(id, "get", "1 1 upgraded 1.0.0");
        expect(id, "mood", "calm 0");
        has_restarts(id, 0);
        takes(id, "merry");
        expect(id, "mood", "merry 1");
        attack_stop(here, id, ATTACK_PATIENCE_MS);
        attack_end(here);
    }
}

typedef struct deploying {
    airs_actor_id id;
    airs_deploy_options options;
    airs_status status;
} deploying;

static void deploy_merry(void *user)
{
    deploying *it = user;
    it->status = give(it->id, "merry", it->options, NULL, NULL);
}

static void a_failure_on_probation_brings_the_old_ones_back(void **user)
{
    (void)user;
    here = attack_begin();
    airs_actor_id id = spawn("teller-applies", "victim");
    expect(id, "add", "1");
    airs_deploy_options options = {.probation_ms = 60000};
    deploying it = {.id = id, .options = options};
    os_thread thread;
    assert_int_equal(os_thread_start(&thread, "deploys", 0, deploy_merry, &it), AIRS_OK);
    // It is not under way before the settings are there.
    char text[256];
    do
        assert_int_equal(attack_ask(here, id, "mood", text), AIRS_OK);
    while (strcmp(text, "merry 1") != 0);
    assert_int_equal(airs_send(here->system, id, "die", 3), AIRS_OK);
    os_thread_join(&thread);
    assert_int_equal(it.status, AIRS_E_FAILED);
    expect(id, "mood", "calm 0");
    attack_stop(here, id, ATTACK_PATIENCE_MS);
    attack_end(here);
}

// ---------------------------------------------------------------- several

static void all_or_none(void **user)
{
    (void)user;
    here = attack_begin();
    airs_actor_id told = spawn("teller-applies", "told"), stubborn = spawn("teller-applies", "stubborn"),
                  swapped = spawn("teller-1", "swapped");
    airs_component *good = attack_load(here, "teller-2"), *bad = attack_load(here, "teller-second");
    const airs_setting merry[] = {{"mood", "merry"}}, will_not[] = {{"mood", "stubborn"}};
    airs_deploy_change changes[] = {
        {.actor = told, .has_config = true, .config = merry, .config_count = 1},
        {.actor = stubborn, .has_config = true, .config = will_not, .config_count = 1},
        {.actor = swapped, .rank = 1, .component = bad, .has_config = true, .config = merry, .config_count = 1},
    };
    airs_error error = {0};
    airs_deploy_result result;
    expect(told, "add", "1");
    expect(stubborn, "add", "1");
    expect(swapped, "add", "1");
    assert_int_equal(airs_deploy_all(here->system, changes, 3, &brief, &result, &error), AIRS_E_FAILED);
    attack_assert_text(error.text, "*swapped*now it matters");
    assert_int_equal(result.reverted, 2);
    expect(told, "mood", "calm 2");
    expect(told, "get", "1 1 fresh -");
    // This one does not take the old ones back: another instance does, with its state.
    expect(stubborn, "mood", "calm 0");
    expect(stubborn, "get", "1 1 upgraded 1.0.0");
    expect(swapped, "mood", "calm 0");
    expect(swapped, "get", "1 1 fresh -");
    changes[2].component = good;
    assert_int_equal(airs_deploy_all(here->system, changes, 3, &brief, &result, &error), AIRS_OK);
    assert_true(result.deployed);
    assert_int_equal(result.actors, 3);
    expect(told, "mood", "merry 3");
    expect(swapped, "mood", "merry 0");
    expect(swapped, "get", "2 1 upgraded 1.0.0");
    airs_component_release(good);
    airs_component_release(bad);
    attack_stop(here, told, ATTACK_PATIENCE_MS);
    attack_stop(here, stubborn, ATTACK_PATIENCE_MS);
    attack_stop(here, swapped, ATTACK_PATIENCE_MS);
    attack_end(here);
}

static void policies_of_their_own(void **user)
{
    (void)user;
    here = attack_begin();
    airs_actor_id fresh = spawn("teller-1", "fresh"), other = spawn("teller-1", "other");
    airs_component *without = attack_load(here, "stateless-1");
    airs_deploy_options may = {.on_no_state = AIRS_NO_STATE_FRESH}, none = {.on_no_state = (airs_on_no_state)9};
    airs_deploy_change changes[] = {{.actor = fresh, .component = without, .options = &may},
                                    {.actor = other, .component = without}};
    airs_error error = {0};
    assert_int_equal(airs_deploy_all(here->system, changes, 2, &brief, NULL, &error), AIRS_E_UNSUPPORTED);
    attack_assert_text(error.text, "*\"other\"*on_no_state*");
    assert_int_equal(airs_deploy_all(here->system, changes, 1, &brief, NULL, &error), AIRS_OK);
    changes[1].options = &none;
    assert_int_equal(airs_deploy_all(here->system, changes, 2, &brief, NULL, &error), AIRS_E_INVALID);
    airs_component_release(without);
    attack_stop(here, fresh, ATTACK_PATIENCE_MS);
    attack_stop(here, other, ATTACK_PATIENCE_MS);
    attack_end(here);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_told_and_goes_on),
        cmocka_unit_test(the_same_settings_change_nothing),
        cmocka_unit_test(without_the_export_it_is_swapped),
        cmocka_unit_test(what_is_refused_changes_nothing),
        cmocka_unit_test(a_trap_in_earnest_brings_the_old_ones_back),
        cmocka_unit_test(a_failure_on_probation_brings_the_old_ones_back),
        cmocka_unit_test(all_or_none),
        cmocka_unit_test(policies_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
