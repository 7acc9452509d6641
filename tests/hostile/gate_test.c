// SPDX-License-Identifier: MIT OR Apache-2.0
/// How many are between their versions at once, where the new version has to wait in its start: it asks "echo", which
/// answers when it is told to. The guest is tests/guests/teller.c.
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "airssys/deploy.h"
#include "attack.h"
#include "os/thread.h"

#define ACTORS 7u
#define AT_ONCE 2u

typedef struct scene {
    attack *attack;
    airs_actor_id echo;
    airs_actor_id actors[ACTORS];
    airs_component *next;
    airs_deploy_result result;
    airs_error error;
    airs_status status;
    _Atomic bool ended;
    /// Requests that "echo" keeps. One that rehearses asks nobody.
    _Atomic uint32_t asked;
} scene;

static scene here;

typedef struct keeper {
    airs_request_id open[ACTORS];
    uint32_t count;
} keeper;

/// Keeps requests; "yes" answers those that it has, "no" fails them.
static airs_status keep(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)error;
    keeper *self = state;
    if (message->request.raw != 0) {
        self->open[self->count++] = message->request;
        atomic_store(&here.asked, self->count);
        return AIRS_OK;
    }
    bool yes = message->payload.len == 3;
    for (uint32_t i = 0; i < self->count; i++) {
        airs_status status = yes ? airs_context_reply(context, self->open[i], "here", 4)
                                 : airs_context_refuse(context, self->open[i], "no");
        (void)status;
    }
    self->count = 0;
    atomic_store(&here.asked, 0);
    return AIRS_OK;
}

static void begin(void)
{
    static const airs_actor_fns fns = {.handle = keep};
    static const char *const all[] = {"*"};
    here = (scene){.attack = attack_begin()};
    const airs_native native = {.kind = "keeper", .actor = &fns, .state_size = sizeof(keeper)};
    assert_int_equal(
        airs_spawn_native(here.attack->system, &native, &(airs_spawn_options){.name = "echo"}, &here.echo, NULL),
        AIRS_OK);
    for (uint32_t i = 0; i < ACTORS; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "g%u", i);
        airs_spawn_options options = {.name = name,
                                      .may_send = all,
                                      .may_send_count = 1,
                                      .may_register = all,
                                      .may_register_count = 1,
                                      .may_subscribe = all,
                                      .may_subscribe_count = 1,
                                      .restart = AIRS_RESTART_TEMPORARY,
                                      .limits = {.start_timeout_ms = 60000}};
        here.actors[i] = attack_spawn(here.attack, "teller-1", &options);
        attack_expect(here.attack, here.actors[i], "add", "1");
    }
    here.next = attack_load(here.attack, "teller-start-ask");
}

static void end(void)
{
    airs_component_release(here.next);
    for (uint32_t i = 0; i < ACTORS; i++) {
        if (here.actors[i].raw != 0)
            attack_stop(here.attack, here.actors[i], ATTACK_PATIENCE_MS);
    }
    attack_stop(here.attack, here.echo, ATTACK_PATIENCE_MS);
    attack_end(here.attack);
}

static void deploy(void *user)
{
    (void)user;
    airs_deploy_target targets[ACTORS];
    for (uint32_t i = 0; i < ACTORS; i++)
        targets[i] = (airs_deploy_target){.actor = here.actors[i]};
    airs_deploy_options options = {.probation_ms = AIRS_NO_PROBATION, .parallel_max = AT_ONCE};
    here.status = airs_deploy(here.attack->system, here.next, targets, ACTORS, &options, &here.result, &here.error);
    atomic_store(&here.ended, true);
}

/// Bit i: actor i is between its versions.
static uint32_t between(uint32_t *ret_count)
{
    uint32_t which = 0;
    *ret_count = 0;
    for (uint32_t i = 0; i < ACTORS; i++) {
        airs_actor_info info;
        if (here.actors[i].raw == 0 || airs_actor_get_info(here.attack->system, here.actors[i], &info) != AIRS_OK ||
            info.state != AIRS_ACTOR_UPGRADING)
            continue;
        which |= 1u << i;
        ++*ret_count;
    }
    return which;
}

/// Waits until as many as may be are between their versions, each waits for its answer, and they are others than
/// `before`.
static uint32_t wait_for_others(uint32_t before)
{
    uint32_t count = 0;
    for (uint64_t since = attack_now_ms();; attack_sleep_ms(1)) {
        uint32_t which = between(&count);
        assert_true(count <= AT_ONCE);
        if (count == AT_ONCE && (which & before) == 0 && atomic_load(&here.asked) == AT_ONCE)
            return which;
        if (attack_now_ms() - since > ATTACK_PATIENCE_MS)
            fail_msg("%u are between their versions", count);
    }
}

static void say(const char *word)
{
    assert_int_equal(airs_send(here.attack->system, here.echo, word, strlen(word)), AIRS_OK);
}

static void have_version(const char *version)
{
    for (uint32_t i = 0; i < ACTORS; i++) {
        airs_actor_info info;
        if (here.actors[i].raw == 0)
            continue;
        assert_int_equal(airs_actor_get_info(here.attack->system, here.actors[i], &info), AIRS_OK);
        assert_string_equal(info.version, version);
    }
}

static void begin_to_deploy(os_thread *ret_thread)
{
    assert_int_equal(os_thread_start(ret_thread, "deploy", 0, deploy, NULL), AIRS_OK);
}

/// Until it is over, whoever asks is answered so.
static void finish(os_thread *thread, const char *word)
{
    for (uint64_t since = attack_now_ms(); !atomic_load(&here.ended); attack_sleep_ms(1)) {
        uint32_t count;
        (void)between(&count);
        assert_true(count <= AT_ONCE);
        say(word);
        assert_true(attack_now_ms() - since < ATTACK_PATIENCE_MS);
    }
    os_thread_join(thread);
}

static void no_more_than_allowed_and_the_others_go_on(void **user)
{
    (void)user;
    begin();
    os_thread thread;
    begin_to_deploy(&thread);
    uint32_t first = wait_for_others(0);
    // They wait for nothing but their turn.
    for (uint32_t round = 0; round < 3; round++) {
        for (uint32_t i = 0; i < ACTORS; i++) {
            if ((first >> i & 1) == 0)
                attack_expect(here.attack, here.actors[i], "add", (const char *[]){"2", "3", "4"}[round]);
        }
    }
    say("yes");
    uint32_t second = wait_for_others(first);
    for (uint32_t i = 0; i < ACTORS; i++) {
        if ((first >> i & 1) != 0)
            attack_expect(here.attack, here.actors[i], "add", "2");
        else if ((second >> i & 1) == 0)
            attack_expect(here.attack, here.actors[i], "add", "5");
    }
    finish(&thread, "yes");
    assert_int_equal(here.status, AIRS_OK);
    assert_int_equal(here.result.actors, ACTORS);
    have_version("3.0.0");
    end();
}

static void who_ends_while_it_waits_is_waited_for_no_more(void **user)
{
    (void)user;
    begin();
    os_thread thread;
    begin_to_deploy(&thread);
    uint32_t first = wait_for_others(0), gone = 0;
    for (uint32_t i = 0; i < ACTORS && gone < 3; i++) {
        if ((first >> i & 1) != 0)
            continue;
        assert_int_equal(airs_kill(here.attack->system, here.actors[i]), AIRS_OK);
        attack_wait_gone(here.attack, here.actors[i]);
        here.actors[i].raw = 0;
        gone++;
    }
    say("yes");
    (void)wait_for_others(first);
    finish(&thread, "yes");
    assert_int_equal(here.status, AIRS_OK);
    assert_int_equal(here.result.actors, ACTORS - gone);
    assert_int_equal(here.result.actors_gone, gone);
    have_version("3.0.0");
    end();
}

static void after_a_failure_nobody_begins_any_more(void **user)
{
    (void)user;
    begin();
    os_thread thread;
    begin_to_deploy(&thread);
    (void)wait_for_others(0);
    finish(&thread, "no");
    assert_int_equal(here.status, AIRS_E_FAILED);
    assert_int_equal(here.result.reverted, 0);
    have_version("1.0.0");
    for (uint32_t i = 0; i < ACTORS; i++)
        attack_expect(here.attack, here.actors[i], "add", "2");
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_more_than_allowed_and_the_others_go_on),
        cmocka_unit_test(who_ends_while_it_waits_is_waited_for_no_more),
        cmocka_unit_test(after_a_failure_nobody_begins_any_more),
    };
    return cmocka_run_group_tests_name("hostile gate", tests, NULL, NULL);
}
