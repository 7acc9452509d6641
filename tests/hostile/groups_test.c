// SPDX-License-Identifier: MIT OR Apache-2.0
/// Another version for the children of a template: those that live are swapped, and those that come are of it. The
/// guest is tests/guests/teller.c.
#include <stdatomic.h>
#include <string.h>

#include "airssys/deploy.h"
#include "airssys/supervision.h"
#include "attack.h"
#include "os/thread.h"

#define CHILDREN 4u

static const airs_deploy_options brief = {.probation_ms = 1};

typedef struct scene {
    attack *attack;
    airs_system *system;
    /// Of simple_one_for_one, and its children.
    airs_actor_id group;
    airs_actor_id ids[CHILDREN];
} scene;

static scene here;

static airs_actor_id spawn_child(void)
{
    airs_actor_id id = {0};
    airs_error error = {0};
    if (airs_spawn_child(here.system, here.group, NULL, NULL, 0, &id, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    return id;
}

static void begin(void)
{
    here = (scene){.attack = attack_begin()};
    here.system = here.attack->system;
    airs_component *first = attack_load(here.attack, "teller-1");
    static const char *const all[] = {"*"};
    airs_template of = {.component = first,
                        .options = {.may_send = all, .may_send_count = 1, .limits.start_timeout_ms = 30000}};
    airs_supervisor_options options = {.name = "group", .strategy = AIRS_SIMPLE_ONE_FOR_ONE, .child_template = &of};
    assert_int_equal(airs_spawn_supervisor(here.system, &options, &here.group, NULL), AIRS_OK);
    airs_component_release(first);
    for (uint32_t i = 0; i < CHILDREN; i++) {
        here.ids[i] = spawn_child();
        attack_expect(here.attack, here.ids[i], "add", "1");
    }
}

static void end(void)
{
    assert_int_equal(airs_stop(here.system, here.group), AIRS_OK);
    attack_wait_gone(here.attack, here.group);
    attack_end(here.attack);
}

static airs_status deploy(const char *guest, airs_deploy_options options, airs_deploy_result *ret, airs_error *error)
{
    airs_component *component = attack_load(here.attack, guest);
    airs_deploy_target target = {.actor = here.group};
    airs_status status = airs_deploy(here.system, component, &target, 1, &options, ret, error);
    airs_component_release(component);
    return status;
}

static void all_are(const char *got)
{
    for (uint32_t i = 0; i < CHILDREN; i++)
        attack_expect(here.attack, here.ids[i], "get", got);
}

/// One more is so; it goes again.
static void the_next_is(const char *got)
{
    airs_actor_id id = spawn_child();
    attack_expect(here.attack, id, "get", got);
    attack_stop(here.attack, id, ATTACK_PATIENCE_MS);
}

static bool keep_record(void *user, const airs_deploy_record *record)
{
    *(airs_deploy_record *)user = *record;
    return true;
}

static void it_swaps_with_its_template(void **user)
{
    (void)user;
    begin();
    airs_error error = {0};
    airs_deploy_result result;
    if (deploy("teller-2", brief, &result, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    assert_true(result.deployed);
    assert_int_equal(result.actors, CHILDREN);
    all_are("2 1 upgraded 1.0.0");
    the_next_is("2 0 fresh -");
    airs_deploy_record record;
    assert_int_equal(airs_deploy_history(here.system, 0, keep_record, &record), 1);
    assert_string_equal(record.from_version, "1.0.0");
    assert_string_equal(record.to_version, "2.0.0");
    // There already.
    assert_int_equal(deploy("teller-2", brief, &result, &error), AIRS_OK);
    assert_string_equal(result.text, "all of them have this component already");
    // And back.
    airs_deploy_target target = {.actor = here.group};
    if (airs_rollback(here.system, &target, 1, &brief, &result, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    all_are("1 1 upgraded 2.0.0");
    the_next_is("1 0 fresh -");
    end();
}

static void what_is_refused_changes_nothing(void **user)
{
    (void)user;
    begin();
    airs_error error = {0};
    assert_int_equal(deploy("teller-load-error", brief, NULL, &error), AIRS_E_FAILED);
    attack_assert_text(error.text, "actor *: loading the state: another format");
    all_are("1 1 fresh -");
    the_next_is("1 0 fresh -");
    airs_deploy_options dry = {.dry_run = true};
    assert_int_equal(deploy("teller-2", dry, NULL, &error), AIRS_OK);
    all_are("1 1 fresh -");
    the_next_is("1 0 fresh -");
    airs_deploy_target target = {.actor = here.group};
    assert_int_equal(airs_rollback(here.system, &target, 1, &brief, NULL, &error), AIRS_E_NOT_FOUND);
    attack_assert_text(error.text, "the children of \"group\" have had no other version");
    // A child that is named beside its group would be there twice.
    airs_deploy_target both[] = {{.actor = here.ids[0]}, {.actor = here.group}};
    airs_component *second = attack_load(here.attack, "teller-2");
    assert_int_equal(airs_deploy(here.system, second, both, 2, &brief, NULL, &error), AIRS_E_INVALID);
    attack_assert_text(error.text, "actor \"*\" is named twice: itself, and with \"group\"");
    airs_component_release(second);
    end();
}

typedef struct latecomer {
    _Atomic bool due;
    airs_actor_id id;
    airs_status status;
    airs_error error;
} latecomer;

static void tell_probation(void *user, const airs_deploy_event *event)
{
    latecomer *self = user;
    if (event->phase == AIRS_DEPLOY_PROBATION)
        atomic_store(&self->due, true);
}

static void come_late(void *user)
{
    latecomer *self = user;
    while (!atomic_load(&self->due))
        attack_sleep_ms(1);
    self->id = spawn_child();
}

/// One that is made in the middle of a deployment is of the version before, or after, and of the new one at the end.
static void a_child_that_comes_meanwhile_follows(void **user)
{
    (void)user;
    begin();
    latecomer late = {.due = false};
    os_thread thread;
    assert_int_equal(os_thread_start(&thread, "late", 0, come_late, &late), AIRS_OK);
    airs_deploy_options options = {.probation_ms = 300, .on_event = tell_probation, .user = &late};
    airs_error error = {0};
    if (deploy("teller-2", options, NULL, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    os_thread_join(&thread);
    all_are("2 1 upgraded 1.0.0");
    attack_expect(here.attack, late.id, "get", "2 0 *");
    end();
}

static void deploy_the_same(void *user)
{
    latecomer *self = user;
    while (!atomic_load(&self->due))
        attack_sleep_ms(1);
    self->status = deploy("teller-2", brief, NULL, &self->error);
    // By this the first one ends.
    (void)attack_ask(here.attack, here.ids[0], "die", NULL);
}

/// Its children are made of that already, and go back in the end: nobody is told that it is deployed.
static void two_at_once(void **user)
{
    (void)user;
    begin();
    latecomer second = {.due = false};
    os_thread thread;
    assert_int_equal(os_thread_start(&thread, "second", 0, deploy_the_same, &second), AIRS_OK);
    airs_deploy_options options = {.probation_ms = 60000, .on_event = tell_probation, .user = &second};
    airs_error error = {0};
    assert_int_equal(deploy("teller-2", options, NULL, &error), AIRS_E_FAILED);
    os_thread_join(&thread);
    assert_int_equal(second.status, AIRS_E_TAKEN);
    attack_assert_text(second.error.text, "actor \"*\" is being deployed to");
    the_next_is("1 0 fresh -");
    end();
}

/// Without a child there is still what the next one is made of.
static void it_may_have_no_children(void **user)
{
    (void)user;
    begin();
    for (uint32_t i = 0; i < CHILDREN; i++)
        attack_stop(here.attack, here.ids[i], ATTACK_PATIENCE_MS);
    airs_error error = {0};
    airs_deploy_difference difference;
    airs_component *second = attack_load(here.attack, "teller-2");
    assert_int_equal(airs_deploy_compare(here.system, second, here.group, NULL, &difference, &error), AIRS_OK);
    assert_string_equal(difference.old_version, "1.0.0");
    assert_string_equal(difference.new_version, "2.0.0");
    airs_component_release(second);
    airs_deploy_result result;
    assert_int_equal(deploy("teller-2", brief, &result, &error), AIRS_OK);
    assert_true(result.deployed);
    assert_int_equal(result.actors, 0);
    the_next_is("2 0 fresh -");
    end();
}

static airs_status say_nothing(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)context;
    (void)message;
    (void)error;
    return AIRS_OK;
}

static void natives_are_no_components(void **user)
{
    (void)user;
    begin();
    static const airs_actor_fns fns = {.handle = say_nothing};
    static const airs_native native = {.kind = "silent", .actor = &fns};
    airs_template of = {.native = &native};
    airs_supervisor_options options = {.name = "natives", .strategy = AIRS_SIMPLE_ONE_FOR_ONE, .child_template = &of};
    airs_deploy_target target = {.rank = 0};
    assert_int_equal(airs_spawn_supervisor(here.system, &options, &target.actor, NULL), AIRS_OK);
    airs_error error = {0};
    airs_component *second = attack_load(here.attack, "teller-2");
    assert_int_equal(airs_deploy(here.system, second, &target, 1, &brief, NULL, &error), AIRS_E_UNSUPPORTED);
    attack_assert_text(error.text, "the children of \"natives\" are no components");
    airs_component_release(second);
    assert_int_equal(airs_stop(here.system, target.actor), AIRS_OK);
    attack_wait_gone(here.attack, target.actor);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_swaps_with_its_template),
        cmocka_unit_test(what_is_refused_changes_nothing),
        cmocka_unit_test(a_child_that_comes_meanwhile_follows),
        cmocka_unit_test(two_at_once),
        cmocka_unit_test(it_may_have_no_children),
        cmocka_unit_test(natives_are_no_components),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
