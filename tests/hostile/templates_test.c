// SPDX-License-Identifier: MIT OR Apache-2.0
/// Another version for what components spawn of their own templates: the children that live are swapped, and those that
/// come are of it, also of templates inside of templates. The guests are tests/guests/family.c and teller.c.
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "airssys/deploy.h"
#include "airssys/supervision.h"
#include "attack.h"
#include "os/thread.h"

static const airs_deploy_options brief = {.probation_ms = 1};

/// Two that may spawn tellers, one also something that may, and a group that may.
typedef struct scene {
    attack *attack;
    airs_system *system;
    airs_actor_id first;
    airs_actor_id second;
} scene;

static scene here;

static airs_actor_id spawn_parent(const char *name, airs_component *family, airs_component *teller)
{
    static const char *const all[] = {"*"};
    airs_spawn_options child = {.may_send = all, .may_send_count = 1, .limits.start_timeout_ms = 30000};
    const airs_template kid = {.name = "kid", .component = teller, .options = child};
    airs_spawn_options nested = child;
    nested.templates = &kid;
    nested.templates_count = 1;
    const airs_template templates[] = {kid, {.name = "nanny", .component = family, .options = nested}};
    airs_spawn_options options = {.name = name,
                                  .may_send = all,
                                  .may_send_count = 1,
                                  .templates = templates,
                                  .templates_count = 2,
                                  .limits.start_timeout_ms = 30000};
    airs_actor_id id;
    airs_error error = {0};
    if (airs_spawn_component(here.system, family, &options, &id, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    return id;
}

static void begin(void)
{
    here = (scene){.attack = attack_begin()};
    here.system = here.attack->system;
    airs_component *family = attack_load(here.attack, "family");
    airs_component *teller = attack_load(here.attack, "teller-1");
    here.first = spawn_parent("first", family, teller);
    here.second = spawn_parent("second", family, teller);
    airs_component_release(teller);
    airs_component_release(family);
}

static void end(void)
{
    const airs_actor_id parents[] = {here.first, here.second};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(airs_stop(here.system, parents[i]), AIRS_OK);
        attack_wait_gone(here.attack, parents[i]);
    }
    // Their children end on their own.
    for (uint64_t since = attack_now_ms(); airs_actor_list(here.system, NULL, 0) > here.attack->actors;) {
        if (attack_now_ms() - since > ATTACK_PATIENCE_MS)
            fail_msg("its children are still there");
        attack_sleep_ms(1);
    }
    attack_end(here.attack);
}

/// A child of the template, ready.
static airs_actor_id spawn(airs_actor_id parent, const char *of)
{
    char message[64], text[256];
    (void)snprintf(message, sizeof message, "spawn %s", of);
    assert_int_equal(attack_ask(here.attack, parent, message, text), AIRS_OK);
    char *rest;
    airs_actor_id id = {strtoull(text, &rest, 10)};
    if (id.raw == 0 || *rest != '\0')
        fail_msg("\"%s\" is answered \"%s\"", message, text);
    return id;
}

static airs_status deploy(const char *guest, const char *name, airs_deploy_options options, airs_deploy_result *ret,
                          airs_error *error)
{
    airs_component *component = attack_load(here.attack, guest);
    const airs_deploy_target target = {.template_name = name};
    airs_status status = airs_deploy(here.system, component, &target, 1, &options, ret, error);
    airs_component_release(component);
    return status;
}

static void children_and_those_that_come_are_of_it(void **user)
{
    (void)user;
    begin();
    airs_error error = {0};
    airs_deploy_result result;
    airs_actor_id nanny = spawn(here.first, "nanny");
    const airs_actor_id before[] = {spawn(here.first, "kid"), spawn(here.second, "kid"), spawn(nanny, "kid")};
    for (size_t i = 0; i < 3; i++)
        attack_expect(here.attack, before[i], "add", "1");
    if (deploy("teller-2", "kid", brief, &result, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    assert_true(result.deployed);
    assert_int_equal(result.actors, 3);
    for (size_t i = 0; i < 3; i++)
        attack_expect(here.attack, before[i], "get", "2 1 upgraded 1.0.0");
    attack_expect(here.attack, spawn(here.first, "kid"), "get", "2 0 fresh -");
    attack_expect(here.attack, spawn(nanny, "kid"), "get", "2 0 fresh -");
    // Also of one that is made from now on: its templates are those of before.
    attack_expect(here.attack, spawn(spawn(here.second, "nanny"), "kid"), "get", "2 0 fresh -");
    assert_int_equal(deploy("teller-2", "kid", brief, &result, &error), AIRS_OK);
    assert_string_equal(result.text, "all of them have this component already");

    const airs_deploy_target target = {.template_name = "kid"};
    if (airs_rollback(here.system, &target, 1, &brief, &result, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    for (size_t i = 0; i < 3; i++)
        attack_expect(here.attack, before[i], "get", "1 1 upgraded 2.0.0");
    attack_expect(here.attack, spawn(here.first, "kid"), "get", "1 0 fresh -");
    // Forward again, as the first time.
    assert_int_equal(deploy("teller-2", "kid", brief, &result, &error), AIRS_OK);
    attack_expect(here.attack, spawn(here.second, "kid"), "get", "2 0 fresh -");
    end();
}

static void what_is_refused_changes_nothing(void **user)
{
    (void)user;
    begin();
    airs_error error = {0};
    airs_deploy_result result;
    airs_actor_id kid = spawn(here.first, "kid");
    assert_int_equal(deploy("teller-load-error", "kid", brief, &result, &error), AIRS_E_FAILED);
    attack_expect(here.attack, kid, "get", "1 0 fresh -");
    attack_expect(here.attack, spawn(here.second, "kid"), "get", "1 0 fresh -");
    // Nobody has such a one, and there is no way back.
    assert_int_equal(deploy("teller-2", "nobody", brief, &result, &error), AIRS_OK);
    const airs_deploy_target target = {.template_name = "kid"};
    assert_int_equal(airs_rollback(here.system, &target, 1, &brief, &result, &error), AIRS_OK);
    attack_expect(here.attack, kid, "get", "1 0 fresh -");
    // An actor and a template are two targets; neither is there twice.
    airs_component *second = attack_load(here.attack, "teller-2");
    const airs_deploy_target both = {.actor = kid, .template_name = "kid"};
    assert_int_equal(airs_deploy(here.system, second, &both, 1, &brief, NULL, &error), AIRS_E_INVALID);
    attack_assert_text(error.text, "target 0 is an actor and a template*");
    const airs_deploy_target twice[] = {{.template_name = "kid"}, {.template_name = "kid"}};
    assert_int_equal(airs_deploy(here.system, second, twice, 2, &brief, NULL, &error), AIRS_E_INVALID);
    assert_string_equal(error.text, "the template \"kid\" is named twice");
    const airs_deploy_target beside[] = {{.actor = kid}, {.template_name = "kid"}};
    assert_int_equal(airs_deploy(here.system, second, beside, 2, &brief, NULL, &error), AIRS_E_INVALID);
    attack_assert_text(error.text, "actor \"*\" is named twice: itself, and with \"kid\"");
    const airs_deploy_change settings = {.template_name = "kid", .component = second, .has_config = true};
    assert_int_equal(airs_deploy_all(here.system, &settings, 1, &brief, NULL, &error), AIRS_E_UNSUPPORTED);
    assert_string_equal(error.text, "the settings of what the template \"kid\" makes can't be changed");
    const airs_deploy_change nothing = {.template_name = "kid"};
    assert_int_equal(airs_deploy_all(here.system, &nothing, 1, &brief, NULL, &error), AIRS_E_INVALID);
    airs_component_release(second);
    end();
}

/// Spawns one after the other, until it is told to stop.
typedef struct spawner {
    _Atomic bool done;
    airs_actor_id ids[10];
    uint32_t count;
} spawner;

static void spawn_on(void *user)
{
    spawner *self = user;
    while (!atomic_load(&self->done) && self->count < 10) {
        self->ids[self->count++] = spawn(here.first, "kid");
        attack_sleep_ms(2);
    }
}

/// Whoever is made in the middle of it is of the new version at the end.
static void those_that_come_meanwhile_follow(void **user)
{
    (void)user;
    begin();
    spawner many = {.done = false};
    os_thread thread;
    airs_error error = {0};
    airs_actor_id kid = spawn(here.first, "kid");
    assert_int_equal(os_thread_start(&thread, "many", 0, spawn_on, &many), AIRS_OK);
    airs_status status = deploy("teller-2", "kid", (airs_deploy_options){.probation_ms = 20}, NULL, &error);
    atomic_store(&many.done, true);
    os_thread_join(&thread);
    if (status != AIRS_OK)
        fail_msg("%s", error.text);
    attack_expect(here.attack, kid, "get", "2 0 upgraded 1.0.0");
    for (uint32_t i = 0; i < many.count; i++)
        attack_expect(here.attack, many.ids[i], "get", "2 0 *");
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(children_and_those_that_come_are_of_it),
        cmocka_unit_test(what_is_refused_changes_nothing),
        cmocka_unit_test(those_that_come_meanwhile_follow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
