// SPDX-License-Identifier: MIT OR Apache-2.0
/// Other settings that are put back while everything goes wrong: whatever a guest does at that, its actor has an
/// instance with the settings of before, and answers. The guest is tests/guests/moody.c.
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "airssys/deploy.h"
#include "airssys/supervision.h"
#include "attack.h"
#include "os/thread.h"

static const airs_deploy_options brief = {.probation_ms = 1};
static const airs_setting calm[] = {{"mood", "calm"}}, merry[] = {{"mood", "merry"}};

static attack *here;

static airs_spawn_options options_of(const char *name)
{
    static const char *const all[] = {"*"};
    return (airs_spawn_options){.name = name,
                                .may_send = all,
                                .may_send_count = 1,
                                .may_subscribe = all,
                                .may_subscribe_count = 1,
                                .config = calm,
                                .config_count = 1,
                                .limits = {.max_execution_ms = 60000, .start_timeout_ms = 60000}};
}

static airs_actor_id spawn(const char *guest, const char *name)
{
    airs_spawn_options options = options_of(name);
    return attack_spawn(here, guest, &options);
}

static airs_deploy_change other_settings(airs_actor_id id, const airs_setting *setting)
{
    return (airs_deploy_change){.actor = id, .has_config = true, .config = setting, .config_count = 1};
}

static void wait_until_it_is(airs_actor_id id, const char *got)
{
    char text[256];
    do
        assert_int_equal(attack_ask(here, id, "get", text), AIRS_OK);
    while (strcmp(text, got) != 0);
}

// ---------------------------------------------------------------- put back with another one

/// "victim" and "other", and a deployment of settings for both that waits for the end of its probation.
typedef struct pair {
    airs_actor_id victim;
    airs_actor_id other;
    airs_setting mood;
    os_thread thread;
    airs_status status;
    airs_deploy_result result;
    airs_error error;
} pair;

static void deploy_both(void *user)
{
    pair *self = user;
    airs_deploy_change changes[] = {other_settings(self->victim, &self->mood), other_settings(self->other, merry)};
    airs_deploy_options options = {.probation_ms = 100000};
    self->status = airs_deploy_all(here->system, changes, 2, &options, &self->result, &self->error);
}

/// Both have their new settings when this returns.
static void pair_begin(pair *self, const char *guest, const char *mood, uint32_t max_execution_ms)
{
    here = attack_begin();
    airs_spawn_options options = options_of("victim");
    options.limits.max_execution_ms = max_execution_ms;
    *self =
        (pair){.victim = attack_spawn(here, guest, &options), .other = spawn("moody", "other"), .mood = {"mood", mood}};
    attack_expect(here, self->victim, "add", "1");
    attack_expect(here, self->other, "add", "1");
    assert_int_equal(os_thread_start(&self->thread, "deploys", 0, deploy_both, self), AIRS_OK);
    char got[64];
    (void)snprintf(got, sizeof got, "1 %s 1 fresh 1", mood);
    wait_until_it_is(self->victim, got);
    wait_until_it_is(self->other, "1 merry 1 fresh 1");
}

/// The other one fails, so both go back.
static void pair_fails(pair *self)
{
    assert_int_equal(airs_send(here->system, self->other, "die", 3), AIRS_OK);
    os_thread_join(&self->thread);
    assert_int_equal(self->status, AIRS_E_FAILED);
    attack_assert_text(self->error.text, "*other*");
    attack_expect(here, self->other, "get", "1 calm 1 upgraded 0");
}

static void pair_end(pair *self)
{
    attack_expect(here, self->victim, "add", "2");
    airs_actor_info info;
    assert_int_equal(airs_actor_get_info(here->system, self->victim, &info), AIRS_OK);
    assert_int_equal(info.state, AIRS_ACTOR_READY);
    // It is told settings as before.
    airs_deploy_change again = other_settings(self->victim, merry);
    assert_int_equal(airs_deploy_all(here->system, &again, 1, &brief, NULL, &self->error), AIRS_OK);
    attack_stop(here, self->victim, ATTACK_PATIENCE_MS);
    attack_stop(here, self->other, ATTACK_PATIENCE_MS);
    attack_end(here);
}

static const char *const guests[] = {"moody", "moody-actor"};

static void what_takes_them_well_goes_on(void **user)
{
    (void)user;
    for (size_t i = 0; i < 2; i++) {
        pair it;
        pair_begin(&it, guests[i], "glad", 60000);
        pair_fails(&it);
        attack_expect(here, it.victim, "get", "1 calm 1 fresh 2");
        pair_end(&it);
    }
}

static void a_failure_on_the_way_back_starts_another(void **user)
{
    (void)user;
    static const char *const moods[] = {"traps", "loops", "exits"};
    for (size_t i = 0; i < 2; i++) {
        for (size_t k = 0; k < sizeof moods / sizeof *moods; k++) {
            pair it;
            pair_begin(&it, guests[i], moods[k], k == 1 ? 1000 : 60000);
            pair_fails(&it);
            // With the state as of the swap; to its supervisor nothing has happened.
            attack_expect(here, it.victim, "get", "1 calm 1 upgraded 0");
            airs_actor_info info;
            assert_int_equal(airs_actor_get_info(here->system, it.victim, &info), AIRS_OK);
            assert_int_equal(info.restarts, 0);
            pair_end(&it);
        }
    }
}

static void a_run_that_traps_on_its_way_out_goes_too(void **user)
{
    (void)user;
    pair it;
    pair_begin(&it, "moody-leaving", "falls-leaving", 60000);
    attack_expect(here, it.victim, "ripen", "1");
    pair_fails(&it);
    attack_expect(here, it.victim, "get", "1 calm 1 upgraded 0");
    pair_end(&it);
}

static void one_that_was_restarted_goes_back(void **user)
{
    (void)user;
    for (size_t i = 0; i < 2; i++) {
        pair it;
        pair_begin(&it, guests[i], "glad", 60000);
        assert_int_equal(airs_restart_actor(here->system, it.victim, NULL), AIRS_OK);
        attack_expect(here, it.victim, "get", "1 glad 0 restarted 0");
        attack_expect(here, it.victim, "add", "1");
        pair_fails(&it);
        attack_expect(here, it.victim, "get", "1 calm 1 restarted 1");
        pair_end(&it);
    }
}

/// While it waits to be started again there is nobody to be told: the next incarnation starts with what holds then.
static void one_at_rest_changes_and_goes_back(void **user)
{
    (void)user;
    for (int goes_back = 0; goes_back < 2; goes_back++) {
        here = attack_begin();
        airs_spawn_options options = options_of("victim");
        options.backoff = (airs_backoff){.kind = AIRS_BACKOFF_DELAY, .delay_ms = 600000, .delay_max_ms = 600000};
        options.checkpoint = (airs_checkpoint){.every_messages = 1};
        airs_setting glad[] = {{"mood", "glad"}};
        options.config = glad;
        airs_actor_id victim = attack_spawn(here, "moody", &options), other = spawn("moody", "other");
        attack_expect(here, victim, "add", "1");
        uint64_t failures = here->failures;
        assert_int_equal(airs_send(here->system, victim, "die", 3), AIRS_OK);
        attack_wait_failure(here, failures);
        // The other one says no when the first has its settings.
        const airs_setting ends[] = {{"mood", "exits-now"}};
        airs_deploy_change changes[] = {other_settings(victim, merry), other_settings(other, goes_back ? ends : merry)};
        changes[1].rank = 1;
        airs_error error = {0};
        assert_int_equal(airs_deploy_all(here->system, changes, 2, &brief, NULL, &error),
                         goes_back ? AIRS_E_FAILED : AIRS_OK);
        assert_int_equal(airs_restart_actor(here->system, victim, &error), AIRS_OK);
        attack_expect(here, victim, "get", goes_back ? "1 glad 1 restarted 0" : "1 merry 1 restarted 0");
        attack_stop(here, victim, ATTACK_PATIENCE_MS);
        attack_stop(here, other, ATTACK_PATIENCE_MS);
        attack_end(here);
    }
}

// ---------------------------------------------------------------- one alone

static void it_exits_in_earnest(void **user)
{
    (void)user;
    for (size_t i = 0; i < 2; i++) {
        here = attack_begin();
        airs_actor_id id = spawn(guests[i], "victim");
        attack_expect(here, id, "add", "1");
        const airs_setting exits[] = {{"mood", "exits-now"}};
        airs_deploy_change change = other_settings(id, exits);
        airs_error error = {0};
        assert_int_equal(airs_deploy_all(here->system, &change, 1, &brief, NULL, &error), AIRS_E_FAILED);
        attack_assert_text(error.text, "*taking its settings: *");
        attack_expect(here, id, "get", "1 calm 1 upgraded 0");
        attack_stop(here, id, ATTACK_PATIENCE_MS);
        attack_end(here);
    }
}

/// It says no, and that it ends: both count.
static void it_has_had_enough(void **user)
{
    (void)user;
    for (size_t i = 0; i < 2; i++) {
        here = attack_begin();
        airs_actor_id id = spawn(guests[i], "victim");
        const airs_setting ends[] = {{"mood", "ends-now"}};
        airs_deploy_change change = other_settings(id, ends);
        airs_error error = {0};
        assert_int_equal(airs_deploy_all(here->system, &change, 1, &brief, NULL, &error), AIRS_E_FAILED);
        attack_assert_text(error.text, "*taking its settings: not any more");
        attack_wait_restarted(here, id, 1);
        os_mutex_lock(&here->lock);
        assert_int_equal(here->reason, AIRS_EXIT_FAILED);
        assert_string_equal(here->text, "had enough");
        os_mutex_unlock(&here->lock);
        attack_expect(here, id, "get", "1 calm 0 restarted 0");
        attack_stop(here, id, ATTACK_PATIENCE_MS);
        attack_end(here);
    }
}

// ---------------------------------------------------------------- beside a group

typedef struct crowd {
    airs_actor_id group;
    /// There before; and deployed to by itself before.
    airs_actor_id child;
    airs_actor_id ahead;
    /// Comes in the middle of the deployment, with this mood.
    airs_setting mood;
    airs_actor_id late;
    os_thread thread;
    _Atomic bool due;
    _Atomic bool there;
} crowd;

static airs_actor_id spawn_child(const crowd *self, const airs_setting *config)
{
    airs_actor_id id = {0};
    airs_error error = {0};
    if (airs_spawn_child(here->system, self->group, NULL, config, 1, &id, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    return id;
}

static void deploy_alone(airs_actor_id id, const char *guest)
{
    airs_component *component = attack_load(here, guest);
    airs_deploy_target target = {.actor = id};
    airs_error error = {0};
    if (airs_deploy(here->system, component, &target, 1, &brief, NULL, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    airs_component_release(component);
}

static void come_late(void *user)
{
    crowd *self = user;
    while (!atomic_load(&self->due))
        attack_sleep_ms(1);
    self->late = spawn_child(self, &self->mood);
    atomic_store(&self->there, true);
}

/// Holds up the deployment until the child is there: something that only a test may do.
static void hold_up(void *user, const airs_deploy_event *event)
{
    crowd *self = user;
    if (event->phase != AIRS_DEPLOY_PROBATION)
        return;
    atomic_store(&self->due, true);
    while (!atomic_load(&self->there))
        attack_sleep_ms(1);
}

static void crowd_begin(crowd *self, const char *mood)
{
    here = attack_begin();
    *self = (crowd){.mood = {"mood", mood}};
    airs_template of = {.component = attack_load(here, "moody"), .options = options_of(NULL)};
    airs_supervisor_options options = {.name = "group", .strategy = AIRS_SIMPLE_ONE_FOR_ONE, .child_template = &of};
    assert_int_equal(airs_spawn_supervisor(here->system, &options, &self->group, NULL), AIRS_OK);
    airs_component_release(of.component);
    self->child = spawn_child(self, calm);
    self->ahead = spawn_child(self, calm);
    assert_int_equal(os_thread_start(&self->thread, "late", 0, come_late, self), AIRS_OK);
}

static airs_status crowd_deploy(crowd *self, const airs_deploy_change *changes, size_t count,
                                airs_deploy_result *ret_result, airs_error *error)
{
    airs_deploy_options options = {.probation_ms = 1, .on_event = hold_up, .user = self};
    airs_status status = airs_deploy_all(here->system, changes, count, &options, ret_result, error);
    os_thread_join(&self->thread);
    return status;
}

static void crowd_end(crowd *self)
{
    assert_int_equal(airs_stop(here->system, self->group), AIRS_OK);
    attack_wait_gone(here, self->group);
    attack_end(here);
}

static void all_go_back_for_a_late_child(void **user)
{
    (void)user;
    crowd it;
    crowd_begin(&it, "late");
    deploy_alone(it.ahead, "moody-2");
    airs_actor_id told = spawn("moody", "told"), other = spawn("moody", "other"),
                  swapped = spawn("teller-1", "swapped");
    // What this one had before has nothing to do with its settings.
    deploy_alone(other, "moody-2");
    airs_component *second = attack_load(here, "moody-2"), *teller = attack_load(here, "teller-2");
    airs_deploy_change changes[] = {{.actor = it.group, .component = second},
                                    other_settings(told, merry),
                                    other_settings(other, merry),
                                    other_settings(swapped, merry)};
    changes[3].component = teller;
    airs_deploy_result result;
    airs_error error = {0};
    attack_expect(here, told, "add", "1");
    assert_int_equal(crowd_deploy(&it, changes, 4, &result, &error), AIRS_E_FAILED);
    attack_assert_text(error.text, "*too late for this");
    assert_null(strstr(error.text, "can't be put back"));
    assert_false(result.deployed);
    assert_int_equal(result.reverted, 4);
    attack_expect(here, it.child, "get", "1 calm 0 upgraded 0");
    attack_expect(here, it.late, "get", "1 late 0 fresh 0");
    // Whoever had the new version before has it still.
    attack_expect(here, it.ahead, "get", "2 calm 0 upgraded 0");
    attack_expect(here, told, "get", "1 calm 1 fresh 2");
    attack_expect(here, other, "get", "2 calm 0 upgraded 2");
    attack_expect(here, swapped, "mood", "calm 0");
    attack_expect(here, swapped, "get", "1 0 upgraded 2.0.0");
    attack_expect(here, spawn_child(&it, calm), "get", "1 calm 0 fresh 0");
    airs_component_release(second);
    airs_component_release(teller);
    attack_stop(here, told, ATTACK_PATIENCE_MS);
    attack_stop(here, other, ATTACK_PATIENCE_MS);
    attack_stop(here, swapped, ATTACK_PATIENCE_MS);
    crowd_end(&it);
}

static void a_late_child_has_the_policy_of_its_group(void **user)
{
    (void)user;
    crowd it;
    crowd_begin(&it, "calm");
    airs_component *without = attack_load(here, "stateless-1");
    airs_deploy_options may = {.on_no_state = AIRS_NO_STATE_FRESH};
    airs_deploy_change change = {.actor = it.group, .component = without, .options = &may};
    airs_deploy_result result;
    airs_error error = {0};
    if (crowd_deploy(&it, &change, 1, &result, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    assert_int_equal(result.actors, 3);
    airs_component_release(without);
    crowd_end(&it);
}

static void a_group_that_is_given_nothing_stays(void **user)
{
    (void)user;
    crowd it;
    crowd_begin(&it, "calm");
    atomic_store(&it.due, true);
    deploy_alone(it.ahead, "moody-2");
    airs_actor_id told = spawn("moody", "told");
    airs_deploy_change changes[] = {{.actor = it.group}, other_settings(told, merry)};
    airs_error error = {0};
    if (crowd_deploy(&it, changes, 2, NULL, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    attack_expect(here, it.child, "get", "1 calm 0 fresh 0");
    attack_expect(here, it.ahead, "get", "2 calm 0 upgraded 0");
    attack_expect(here, told, "get", "1 merry 0 fresh 1");
    attack_stop(here, told, ATTACK_PATIENCE_MS);
    crowd_end(&it);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_takes_them_well_goes_on),
        cmocka_unit_test(a_failure_on_the_way_back_starts_another),
        cmocka_unit_test(a_run_that_traps_on_its_way_out_goes_too),
        cmocka_unit_test(one_that_was_restarted_goes_back),
        cmocka_unit_test(one_at_rest_changes_and_goes_back),
        cmocka_unit_test(it_exits_in_earnest),
        cmocka_unit_test(it_has_had_enough),
        cmocka_unit_test(all_go_back_for_a_late_child),
        cmocka_unit_test(a_late_child_has_the_policy_of_its_group),
        cmocka_unit_test(a_group_that_is_given_nothing_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
