// SPDX-License-Identifier: MIT OR Apache-2.0
/// Canaries that go wrong at the worst time: one of the two versions traps, waits or says that it ends while the other
/// is being ended, checked or stopped. The guest is tests/guests/wayward.c; what it waits for stands behind "gate",
/// which a test opens when things have come to where it wants them.
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "airssys/deploy.h"
#include "airssys/supervision.h"
#include "attack.h"
#include "os/event.h"
#include "os/thread.h"

#define NOTES_MAX 64u
#define GATE_MAX 4u
#define REQUESTS 16u

typedef struct scene {
    attack *attack;
    airs_actor_id collector, gate, later, other;
    airs_actor_id id;
    /// Who waits at the gate: the gate's own, and how many there have been.
    airs_request_id waiting[GATE_MAX];
    uint32_t waiting_count;
    _Atomic uint32_t came;
    _Atomic uint32_t answered;
    os_mutex lock;
    // Under the lock.
    char notes[NOTES_MAX][48];
    uint32_t notes_count;
    // Of the deployment, which runs on a thread of its own, and of what is done to it.
    os_thread deploys, acts;
    airs_deploy_options options;
    os_event holds, over;
    airs_status status, acted;
    airs_deploy_result result;
    airs_error error;
} scene;

static scene here;

static const char *const pairs[][2] = {{"wayward-1", "wayward-2"}, {"wayward-1-actor", "wayward-2-actor"}};

// ---------------------------------------------------------------- the others

static airs_status collect(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)context;
    (void)error;
    os_mutex_lock(&here.lock);
    if (here.notes_count < NOTES_MAX)
        (void)snprintf(here.notes[here.notes_count++], sizeof here.notes[0], "%.*s", (int)message->payload.len,
                       (const char *)message->payload.data);
    os_mutex_unlock(&here.lock);
    return AIRS_OK;
}

/// Keeps who asks until it is told anything.
static airs_status keep_gate(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)error;
    if (message->request.raw != 0) {
        if (here.waiting_count < GATE_MAX)
            here.waiting[here.waiting_count++] = message->request;
        atomic_fetch_add(&here.came, 1u);
        return AIRS_OK;
    }
    // Who has ended meanwhile waits no more.
    for (; here.waiting_count > 0; here.waiting_count--)
        (void)!airs_context_reply(context, here.waiting[here.waiting_count - 1], "open", 4);
    return AIRS_OK;
}

static airs_status answer(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)error;
    airs_status status = airs_context_reply(context, message->request, "here", 4);
    atomic_fetch_add(&here.answered, 1u);
    return status;
}

static airs_status ignore_down(void *state, airs_context *context, const airs_down *down, airs_error *error)
{
    (void)state;
    (void)context;
    (void)down;
    (void)error;
    return AIRS_OK;
}

static airs_actor_id spawn_native(const char *name, const airs_actor_fns *fns)
{
    const airs_native native = {.kind = "native", .actor = fns};
    airs_spawn_options options = {.name = name};
    airs_error error = {0};
    airs_actor_id id = {0};
    if (airs_spawn_native(here.attack->system, &native, &options, &id, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    here.attack->actors++;
    return id;
}

static void stop_native(airs_actor_id *id)
{
    if (id->raw == 0)
        return;
    assert_int_equal(airs_stop(here.attack->system, *id), AIRS_OK);
    attack_wait_gone(here.attack, *id);
    here.attack->actors--;
    id->raw = 0;
}

static void begin(const char *guest, airs_spawn_options with)
{
    static const char *const all[] = {"*"}, *const topics[] = {"news"};
    static const airs_actor_fns collects = {.handle = collect}, gates = {.handle = keep_gate},
                                answers = {.handle = answer}, others = {.handle = answer, .handle_down = ignore_down};
    here = (scene){.attack = attack_begin()};
    os_mutex_init(&here.lock);
    here.collector = spawn_native("collector", &collects);
    here.gate = spawn_native("gate", &gates);
    here.later = spawn_native("later", &answers);
    here.other = spawn_native("other", &others);
    with.name = "victim";
    with.may_send = all;
    with.may_send_count = 1;
    with.may_subscribe = with.may_publish = topics;
    with.may_subscribe_count = with.may_publish_count = 1;
    with.limits.mailbox_max = REQUESTS;
    with.limits.max_execution_ms = 30000;
    with.limits.max_park_ms = 60000;
    if (with.limits.start_timeout_ms == 0)
        with.limits.start_timeout_ms = 60000;
    with.limits.stop_timeout_ms = 60000;
    here.id = attack_spawn(here.attack, guest, &with);
}

static void end(void)
{
    attack_stop(here.attack, here.id, ATTACK_PATIENCE_MS);
    stop_native(&here.collector);
    stop_native(&here.gate);
    stop_native(&here.later);
    stop_native(&here.other);
    attack_end(here.attack);
}

static void tell(airs_actor_id to, const char *text)
{
    airs_status status = airs_send(here.attack->system, to, text, strlen(text));
    assert_int_equal(status, AIRS_OK);
}

static void expect(const char *message, const char *answer_text)
{
    attack_expect(here.attack, here.id, message, answer_text);
}

static void wait_until(const _Atomic uint32_t *count, uint32_t value)
{
    for (uint64_t since = attack_now_ms(); atomic_load(count) < value; attack_sleep_ms(1)) {
        if (attack_now_ms() - since > ATTACK_PATIENCE_MS)
            fail_msg("%u came, not %u", atomic_load(count), value);
    }
}

static void wait_state(airs_actor_state state)
{
    airs_actor_info info = {.state = AIRS_ACTOR_CREATING};
    for (uint64_t since = attack_now_ms(); info.state != state; attack_sleep_ms(1)) {
        assert_int_equal(airs_actor_get_info(here.attack->system, here.id, &info), AIRS_OK);
        if (attack_now_ms() - since > ATTACK_PATIENCE_MS)
            fail_msg("it is in state %d, not %d", (int)info.state, (int)state);
    }
}

static uint32_t noted(const char *text)
{
    uint32_t count = 0;
    os_mutex_lock(&here.lock);
    for (uint32_t i = 0; i < here.notes_count; i++)
        count += strcmp(here.notes[i], text) == 0;
    os_mutex_unlock(&here.lock);
    return count;
}

static void wait_noted(const char *text)
{
    for (uint64_t since = attack_now_ms(); noted(text) == 0; attack_sleep_ms(1)) {
        if (attack_now_ms() - since > ATTACK_PATIENCE_MS)
            fail_msg("the collector was not told \"%s\"", text);
    }
}

/// All that it has told the collector so far has come; what it is now says so.
static void flush(const char *version)
{
    char text[16];
    tell(here.id, "note flush");
    (void)snprintf(text, sizeof text, "flush %s", version);
    wait_noted(text);
}

// ---------------------------------------------------------------- a deployment that runs

static void on_event(void *user, const airs_deploy_event *event)
{
    (void)user;
    if (event->phase == AIRS_DEPLOY_CANARY && event->actor.raw == 0)
        os_event_set(&here.holds);
}

static void deploy(void *user)
{
    airs_component *component = user;
    airs_deploy_target target = {.actor = here.id};
    here.status = airs_deploy(here.attack->system, component, &target, 1, &here.options, &here.result, &here.error);
    os_event_set(&here.over);
}

/// Waits until its canary runs.
static void begin_canary(const char *guest, uint32_t ppm)
{
    airs_component *component = attack_load(here.attack, guest);
    here.options = (airs_deploy_options){.canary = true, .canary_ppm = ppm, .on_event = on_event, .probation_ms = 1};
    os_event_init(&here.holds);
    os_event_init(&here.over);
    assert_int_equal(os_thread_start(&here.deploys, "deploys", 0, deploy, component), AIRS_OK);
    for (uint64_t since = attack_now_ms(); !os_event_is_set(&here.holds); attack_sleep_ms(1)) {
        if (os_event_is_set(&here.over) || attack_now_ms() - since > ATTACK_PATIENCE_MS)
            fail_msg("there is no canary: %s", here.error.text);
    }
    airs_component_release(component);
}

static void ends_with(const char *text)
{
    for (uint64_t since = attack_now_ms(); !os_event_is_set(&here.over); attack_sleep_ms(1)) {
        if (attack_now_ms() - since > ATTACK_PATIENCE_MS)
            fail_msg("the deployment does not end");
    }
    os_thread_join(&here.deploys);
    assert_int_equal(here.status, AIRS_E_FAILED);
    attack_assert_text(here.result.text, text);
}

static void roll_back(void *user)
{
    (void)user;
    here.acted = airs_canary_rollback(here.attack->system, here.id, NULL, NULL, NULL);
}

static void restart(void *user)
{
    (void)user;
    here.acted = airs_restart_actor(here.attack->system, here.id, NULL);
}

/// Does that on a thread of its own, and waits until the actor has begun with it.
static void begin_to(void (*what)(void *user), airs_actor_state state)
{
    assert_int_equal(os_thread_start(&here.acts, "acts", 0, what, NULL), AIRS_OK);
    wait_state(state);
}

static void it_is_done(void)
{
    os_thread_join(&here.acts);
    assert_int_equal(here.acted, AIRS_OK);
}

static uint64_t restarts(void)
{
    airs_actor_info info;
    assert_int_equal(airs_actor_get_info(here.attack->system, here.id, &info), AIRS_OK);
    assert_int_equal(info.state, AIRS_ACTOR_READY);
    assert_string_equal(info.version, "1.0.0");
    return info.restarts;
}

// ---------------------------------------------------------------- the twin is rolled back

/// The old version traps on its way out of what it does between two events. That ends its incarnation, as always.
static void the_old_version_traps_at_a_rollback(void **user)
{
    (void)user;
    for (size_t i = 0; i < 2; i++) {
        begin(pairs[i][0], (airs_spawn_options){.checkpoint = {.every_messages = 1}});
        begin_canary(pairs[i][1], 0);
        tell(here.id, "arm save-traps");
        wait_until(&here.came, 1);
        begin_to(roll_back, AIRS_ACTOR_UPGRADING);
        tell(here.gate, "open");
        it_is_done();
        ends_with("the canary was rolled back by hand");
        attack_wait_restarted(here.attack, here.id, 1);
        expect("who", "1 0");
        expect("add", "1");
        expect("who", "1 1");
        end();
    }
}

/// It takes longer than it may. It goes on with that, alone.
static void the_old_version_waits_at_a_rollback(void **user)
{
    (void)user;
    for (size_t i = 0; i < 2; i++) {
        begin(pairs[i][0],
              (airs_spawn_options){.checkpoint = {.every_messages = 1}, .limits = {.start_timeout_ms = 3000}});
        expect("add", "1");
        begin_canary(pairs[i][1], 0);
        tell(here.id, "arm save-waits");
        wait_until(&here.came, 1);
        begin_to(roll_back, AIRS_ACTOR_UPGRADING);
        it_is_done();
        ends_with("the canary was rolled back by hand");
        tell(here.gate, "open");
        expect("who", "1 1");
        assert_int_equal(restarts(), 0);
        end();
    }
}

/// How the old version is does not matter then: it is the one that is to be there.
static void the_old_version_is_ill_at_a_rollback(void **user)
{
    (void)user;
    for (size_t i = 0; i < 2; i++) {
        begin(pairs[i][0], (airs_spawn_options){0});
        begin_canary(pairs[i][1], 0);
        expect("arm health-ill", "1");
        expect("add", "1");
        begin_to(roll_back, AIRS_ACTOR_READY);
        it_is_done();
        ends_with("the canary was rolled back by hand");
        expect("who", "1 1");
        assert_int_equal(restarts(), 0);
        end();
    }
}

// ---------------------------------------------------------------- the twin says that it ends

static void it_ends_in_its_start(void **user)
{
    (void)user;
    for (size_t i = 0; i < 2; i++) {
        begin(pairs[i][0], (airs_spawn_options){0});
        airs_component *component = attack_load(here.attack, "wayward-2-ends");
        airs_deploy_target target = {.actor = here.id};
        airs_deploy_options options = {.canary = true, .canary_ppm = 500000};
        airs_status status =
            airs_deploy(here.attack->system, component, &target, 1, &options, &here.result, &here.error);
        assert_int_equal(status, AIRS_E_FAILED);
        attack_assert_text(here.result.text, "actor victim: it has said that it ends");
        airs_component_release(component);
        expect("add", "1");
        expect("who", "1 1");
        assert_int_equal(restarts(), 0);
        end();
    }
}

static void it_ends_in_its_health_check(void **user)
{
    (void)user;
    for (size_t i = 0; i < 2; i++) {
        begin(pairs[i][0], (airs_spawn_options){.health = {.kind = AIRS_HEALTH_CHECK, .interval_ms = 20}});
        begin_canary(pairs[i][1], 1000000);
        tell(here.id, "arm health-exits");
        ends_with("actor victim: failed (failed): *the canary has said that it ends");
        expect("add", "1");
        expect("who", "1 1");
        assert_int_equal(restarts(), 0);
        end();
    }
}

// ---------------------------------------------------------------- the actor stops

/// Whatever the twin is in the middle of: it is the old version whose state is saved, and whose `stop` is called.
static void it_is_restarted_while_the_twin_acts(void **user)
{
    (void)user;
    static const char *const messages[] = {"arm health-waits", "die"};
    for (size_t i = 0; i < 4; i++) {
        const char *const *pair = pairs[i % 2];
        begin(pair[0], (airs_spawn_options){.checkpoint = {.on_stop = true},
                                            .health = {.kind = AIRS_HEALTH_CHECK, .interval_ms = 20}});
        for (int k = 0; k < 3; k++)
            expect("add", "1");
        begin_canary(pair[1], 1000000);
        expect("add", "2");
        expect("who", "2 4");
        tell(here.id, messages[i / 2]);
        wait_until(&here.came, 1);
        begin_to(restart, AIRS_ACTOR_STOPPING);
        tell(here.gate, "open");
        it_is_done();
        ends_with("actor victim: the old version has ended beside its canary *");
        // The message that the twin has failed in comes once more.
        tell(here.gate, "open");
        for (uint64_t since = attack_now_ms(); i / 2 == 1 && atomic_load(&here.came) < 2; attack_sleep_ms(1))
            assert_true(attack_now_ms() - since < ATTACK_PATIENCE_MS);
        tell(here.gate, "open");
        expect("who", "1 3");
        wait_noted("stop 1");
        assert_int_equal(noted("stop 2"), 0);
        end();
    }
}

// ---------------------------------------------------------------- what is whose

/// Replies to the twin that wait when it fails don't count as requests of the old version.
static void its_requests_are_its_own(void **user)
{
    (void)user;
    for (size_t i = 0; i < 2; i++) {
        begin(pairs[i][0], (airs_spawn_options){0});
        begin_canary(pairs[i][1], 1000000);
        tell(here.id, "requests-die 16");
        wait_until(&here.came, 1);
        wait_until(&here.answered, REQUESTS);
        tell(here.gate, "open");
        ends_with("actor victim: failed (trap): *");
        wait_until(&here.came, 2);
        tell(here.gate, "open");
        wait_until(&here.answered, 2 * REQUESTS);
        expect("who", "1 0");
        expect("requests 16", "16");
        end();
    }
}

static void what_it_sends_to_itself_is_its_own(void **user)
{
    (void)user;
    for (size_t i = 0; i < 2; i++) {
        begin(pairs[i][0], (airs_spawn_options){0});
        begin_canary(pairs[i][1], 1000000);
        expect("shout", "2");
        expect("forward", "2");
        wait_noted("heard 2 2");
        wait_noted("back 2 2");
        begin_to(roll_back, AIRS_ACTOR_READY);
        it_is_done();
        ends_with("the canary was rolled back by hand");
        flush("1");
        assert_int_equal(noted("heard 2 1") + noted("back 2 1"), 0);
        end();
    }
}

/// What it watches is no event of the old version's when it fails in that; and it is linked to nobody.
static void its_relations_end_with_it(void **user)
{
    (void)user;
    for (size_t i = 0; i < 2; i++) {
        begin(pairs[i][0], (airs_spawn_options){0});
        begin_canary(pairs[i][1], 1000000);
        expect("watch other", "2");
        expect("link other", "2");
        expect("arm down-traps", "2");
        stop_native(&here.other);
        ends_with("actor victim: failed (trap): *");
        expect("who", "1 0");
        flush("1");
        assert_int_equal(noted("down 1"), 0);
        end();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_old_version_traps_at_a_rollback),
        cmocka_unit_test(the_old_version_waits_at_a_rollback),
        cmocka_unit_test(the_old_version_is_ill_at_a_rollback),
        cmocka_unit_test(it_ends_in_its_start),
        cmocka_unit_test(it_ends_in_its_health_check),
        cmocka_unit_test(it_is_restarted_while_the_twin_acts),
        cmocka_unit_test(its_requests_are_its_own),
        cmocka_unit_test(what_it_sends_to_itself_is_its_own),
        cmocka_unit_test(its_relations_end_with_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
