// SPDX-License-Identifier: MIT OR Apache-2.0
/// Canaries: who handles what, that each sender's messages keep their order and none is lost or comes twice, and that
/// nothing is left of a canary that has failed. The guest is tests/guests/twin.c.
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "airssys/deploy.h"
#include "airssys/supervision.h"
#include "attack.h"
#include "os/event.h"
#include "os/thread.h"

#define SENDERS 400u
#define EACH 25u
#define ALL (SENDERS * EACH)
#define NOTES_MAX 256u
/// So many that the chance that one version meets none of them is nothing.
#define MANY 32u

typedef struct sender {
    airs_actor_id id;
    uint32_t index;
    /// What has come of its messages.
    uint32_t next;
    uint32_t by[3];
} sender;

typedef struct scene {
    attack *attack;
    airs_actor_id collector, later;
    airs_actor_id id;
    sender senders[SENDERS];
    os_mutex lock;
    // Under the lock.
    uint32_t collected;
    uint32_t by[3];
    bool disordered;
    char notes[NOTES_MAX][48];
    uint32_t notes_count;
    // Of the deployment that runs on a thread of its own.
    os_thread thread;
    const char *guest;
    airs_deploy_options options;
    os_event holds;
    os_event over;
    airs_status status;
    airs_deploy_result result;
    airs_error error;
} scene;

static scene here;

// ---------------------------------------------------------------- the others

/// "VERSION SENDER NUMBER" of those that were passed on; else a note.
static airs_status collect(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)context;
    (void)error;
    char text[48];
    uint32_t version, from, number;
    (void)snprintf(text, sizeof text, "%.*s", (int)message->payload.len, (const char *)message->payload.data);
    os_mutex_lock(&here.lock);
    if (sscanf(text, "%" SCNu32 " %" SCNu32 " %" SCNu32, &version, &from, &number) == 3 && from < SENDERS &&
        version < 3) {
        sender *of = &here.senders[from];
        here.disordered |= number != of->next;
        of->next++;
        of->by[version]++;
        here.by[version]++;
        here.collected++;
    } else if (here.notes_count < NOTES_MAX) {
        memcpy(here.notes[here.notes_count++], text, sizeof text);
    }
    os_mutex_unlock(&here.lock);
    return AIRS_OK;
}

/// Told "FIRST COUNT", passes so many to the victim; any other text is sent as it is.
static airs_status send_on(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)error;
    (void)state;
    const sender *self = airs_context_user(context);
    char text[48];
    uint32_t first, count;
    (void)snprintf(text, sizeof text, "%.*s", (int)message->payload.len, (const char *)message->payload.data);
    if (sscanf(text, "%" SCNu32 " %" SCNu32, &first, &count) != 2)
        return airs_context_send(context, here.id, text, strlen(text));
    for (uint32_t i = 0; i < count; i++) {
        int len = snprintf(text, sizeof text, "pass %" PRIu32 " %" PRIu32, self->index, first + i);
        airs_status status = airs_context_send(context, here.id, text, (size_t)len);
        if (status != AIRS_OK)
            return status;
    }
    return AIRS_OK;
}

static airs_status answer_later(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)error;
    return message->request.raw == 0 ? AIRS_OK : airs_context_reply(context, message->request, "here", 4);
}

static airs_actor_id spawn_native(const char *name, const airs_native *native)
{
    airs_error error = {0};
    airs_actor_id id = {0};
    airs_spawn_options options = {.name = name, .limits = {.mailbox_max = 100000}};
    if (airs_spawn_native(here.attack->system, native, &options, &id, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    here.attack->actors++;
    return id;
}

static airs_spawn_options victim_options(const char *name)
{
    static const char *const all[] = {"*"}, *const topics[] = {"news", "more/news"};
    return (airs_spawn_options){.name = name,
                                .may_send = all,
                                .may_send_count = 1,
                                .may_subscribe = topics,
                                .may_subscribe_count = 2,
                                .may_register = all,
                                .may_register_count = 1,
                                .limits = {.max_execution_ms = 30000, .mailbox_max = 100000}};
}

static void begin(const char *guest)
{
    static const airs_actor_fns collects = {.handle = collect}, answers = {.handle = answer_later};
    here = (scene){.attack = attack_begin()};
    os_mutex_init(&here.lock);
    here.collector = spawn_native("collector", &(airs_native){.kind = "collector", .actor = &collects});
    here.later = spawn_native("later", &(airs_native){.kind = "later", .actor = &answers});
    airs_spawn_options options = victim_options("victim");
    if (guest != NULL)
        here.id = attack_spawn(here.attack, guest, &options);
}

static void spawn_senders(void)
{
    static const airs_actor_fns fns = {.handle = send_on};
    for (uint32_t i = 0; i < SENDERS; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "s%" PRIu32, i);
        here.senders[i].index = i;
        const airs_native native = {.kind = "sender", .actor = &fns, .user = &here.senders[i]};
        here.senders[i].id = spawn_native(name, &native);
    }
}

static void stop_native(airs_actor_id id)
{
    assert_int_equal(airs_stop(here.attack->system, id), AIRS_OK);
    here.attack->actors--;
}

static void end(void)
{
    if (here.id.raw != 0)
        attack_stop(here.attack, here.id, ATTACK_PATIENCE_MS);
    stop_native(here.collector);
    stop_native(here.later);
    for (uint32_t i = 0; i < SENDERS && here.senders[i].id.raw != 0; i++)
        stop_native(here.senders[i].id);
    attack_end(here.attack);
}

static void tell(airs_actor_id to, const char *text)
{
    airs_status status = airs_send(here.attack->system, to, text, strlen(text));
    assert_int_equal(status, AIRS_OK);
}

/// Each sender passes on so many more.
static void all_pass(uint32_t first, uint32_t count)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%" PRIu32 " %" PRIu32, first, count);
    for (uint32_t i = 0; i < SENDERS; i++)
        tell(here.senders[i].id, text);
}

static void wait_collected(uint32_t count)
{
    for (uint64_t since = attack_now_ms();; attack_sleep_ms(1)) {
        os_mutex_lock(&here.lock);
        uint32_t collected = here.collected;
        os_mutex_unlock(&here.lock);
        if (collected == count)
            return;
        if (collected > count || attack_now_ms() - since > ATTACK_PATIENCE_MS)
            fail_msg("%" PRIu32 " came, not %" PRIu32, collected, count);
    }
}

/// How often the collector was told this.
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

/// Deploys, and waits until its canary runs.
static void begin_canary(const char *guest, airs_deploy_options options)
{
    airs_component *component = attack_load(here.attack, guest);
    here.options = options;
    here.options.canary = true;
    here.options.on_event = on_event;
    if (here.options.probation_ms == 0)
        here.options.probation_ms = 1;
    os_event_init(&here.holds);
    os_event_init(&here.over);
    here.result = (airs_deploy_result){.number = 0};
    here.error = (airs_error){0};
    assert_int_equal(os_thread_start(&here.thread, "deploys", 0, deploy, component), AIRS_OK);
    for (uint64_t since = attack_now_ms(); !os_event_is_set(&here.holds); attack_sleep_ms(1)) {
        if (os_event_is_set(&here.over) || attack_now_ms() - since > ATTACK_PATIENCE_MS)
            fail_msg("there is no canary: %s", here.error.text);
    }
    airs_component_release(component);
}

static void wait_over(void)
{
    for (uint64_t since = attack_now_ms(); !os_event_is_set(&here.over); attack_sleep_ms(1)) {
        if (attack_now_ms() - since > ATTACK_PATIENCE_MS)
            fail_msg("the deployment does not end");
    }
    os_thread_join(&here.thread);
}

static void promote(void)
{
    airs_error error = {0};
    airs_deploy_result result;
    if (airs_promote(here.attack->system, here.id, &result, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    assert_true(result.deployed);
    wait_over();
    assert_int_equal(here.status, AIRS_OK);
    assert_int_equal(here.result.number, result.number);
    assert_string_equal(here.result.text, "promoted by hand");
}

static void roll_back(void)
{
    airs_error error = {0};
    airs_deploy_result result;
    if (airs_canary_rollback(here.attack->system, here.id, "me", &result, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    assert_false(result.deployed);
    assert_string_equal(error.text, "");
    wait_over();
    assert_int_equal(here.status, AIRS_E_FAILED);
    assert_string_equal(here.result.text, "the canary was rolled back by hand, by me");
}

/// It ended by itself.
static void ends_with(const char *text)
{
    wait_over();
    assert_int_equal(here.status, AIRS_E_FAILED);
    assert_false(here.result.deployed);
    attack_assert_text(here.result.text, text);
}

static airs_canary_info canary(void)
{
    airs_canary_info info = {.ppm = 0};
    assert_int_equal(airs_canary_get_info(here.attack->system, here.id, &info), AIRS_OK);
    return info;
}

/// An event counts when it has been settled, which may be after it was answered.
static airs_canary_info canary_that_handled(uint64_t new_ones)
{
    airs_canary_info info;
    for (uint64_t since = attack_now_ms(); (info = canary()).new_counts.handled != new_ones; attack_sleep_ms(1)) {
        if (attack_now_ms() - since > ATTACK_PATIENCE_MS)
            fail_msg("it has handled %" PRIu64 ", not %" PRIu64, info.new_counts.handled, new_ones);
    }
    return info;
}

static void no_canary_is_left(void)
{
    airs_canary_info ignored;
    airs_error error = {0};
    assert_int_equal(airs_canary_get_info(here.attack->system, here.id, &ignored), AIRS_E_NOT_FOUND);
    assert_int_equal(airs_promote(here.attack->system, here.id, NULL, &error), AIRS_E_NOT_FOUND);
    assert_string_equal(error.text, "no canary runs there");
    assert_int_equal(airs_canary_rollback(here.attack->system, here.id, NULL, NULL, &error), AIRS_E_NOT_FOUND);
}

static void has_version(const char *version)
{
    airs_actor_info info;
    assert_int_equal(airs_actor_get_info(here.attack->system, here.id, &info), AIRS_OK);
    assert_string_equal(info.version, version);
    assert_int_equal(info.restarts, 0);
    assert_int_equal(info.state, AIRS_ACTOR_READY);
}

// ---------------------------------------------------------------- who handles what

static const char *const pairs[][2] = {{"twin-1", "twin-2"}, {"twin-1-actor", "twin-2-actor"}};

static void one_sender_meets_one_version(void **user)
{
    (void)user;
    for (size_t i = 0; i < 2; i++) {
        begin(pairs[i][0]);
        spawn_senders();
        begin_canary(pairs[i][1], (airs_deploy_options){.canary_ppm = 250000});
        all_pass(0, EACH);
        wait_collected(ALL);
        uint32_t with_new = 0;
        for (uint32_t k = 0; k < SENDERS; k++) {
            const sender *it = &here.senders[k];
            assert_int_equal(it->next, EACH);
            assert_true(it->by[1] == EACH || it->by[2] == EACH);
            with_new += it->by[2] == EACH;
        }
        assert_false(here.disordered);
        // A quarter of 400 and six standard deviations around that.
        print_message("%" PRIu32 " of %u senders met the new version\n", with_new, SENDERS);
        assert_in_range(with_new, 48, 152);
        (void)canary_that_handled(here.by[2]);
        airs_canary_info info;
        for (uint64_t since = attack_now_ms(); (info = canary()).old_counts.handled != here.by[1]; attack_sleep_ms(1))
            assert_true(attack_now_ms() - since < ATTACK_PATIENCE_MS);
        assert_int_equal(info.by, AIRS_CANARY_BY_SENDER);
        assert_int_equal(info.new_counts.failed, 0);
        assert_true(info.new_counts.p50_ns > 0 && info.new_counts.p99_ns >= info.new_counts.p50_ns);
        assert_string_equal(info.old_version, "1.0.0");
        assert_string_equal(info.new_version, "2.0.0");
        assert_int_equal(info.actors, 1);
        has_version("1.0.0");
        promote();
        // What the twin has handled is counted, and listed.
        assert_int_equal(here.result.handled_since, here.by[2]);
        assert_int_equal(airs_deploy_lost(here.attack->system, here.result.number, NULL, NULL), here.by[2]);
        has_version("2.0.0");
        char answer[32];
        (void)snprintf(answer, sizeof answer, "2 %" PRIu32, here.by[1]);
        attack_expect(here.attack, here.id, "who", answer);
        no_canary_is_left();
        end();
    }
}

static void each_message_for_itself(void **user)
{
    (void)user;
    begin("twin-1-forgets");
    spawn_senders();
    begin_canary("twin-2-forgets", (airs_deploy_options){.canary_ppm = 50000});
    all_pass(0, EACH);
    wait_collected(ALL);
    assert_false(here.disordered);
    print_message("%" PRIu32 " of %u messages met the new version\n", here.by[2], ALL);
    assert_in_range(here.by[2], 370, 630);
    assert_int_equal(canary().by, AIRS_CANARY_BY_MESSAGE);
    roll_back();
    assert_int_equal(here.result.handled_since, 0);
    wait_noted("upgrade 2");
    has_version("1.0.0");
    no_canary_is_left();
    end();
}

/// From the very beginning of the canary to behind its end, with messages on their way all the time.
static void nothing_is_lost_whatever_comes_of_it(void **user)
{
    (void)user;
    for (int way = 0; way < 6; way++) {
        begin(pairs[way % 2][0]);
        spawn_senders();
        all_pass(0, EACH);
        begin_canary(pairs[way % 2][1], (airs_deploy_options){.canary_ppm = 500000});
        all_pass(EACH, EACH);
        if (way < 2) {
            promote();
        } else if (way < 4) {
            roll_back();
        } else {
            // Half of them meet the new version, which traps; the old one knows of no "die".
            for (uint32_t i = 0; i < 64; i++)
                tell(here.senders[i].id, "die");
            ends_with("actor victim: failed (trap): *");
        }
        all_pass(2 * EACH, EACH);
        wait_collected(3 * ALL);
        assert_false(here.disordered);
        for (uint32_t i = 0; i < SENDERS; i++)
            assert_int_equal(here.senders[i].next, 3 * EACH);
        has_version(way < 2 ? "2.0.0" : "1.0.0");
        no_canary_is_left();
        end();
    }
}

static void blue_and_green(void **user)
{
    (void)user;
    for (size_t i = 0; i < 2; i++) {
        begin(pairs[i][0]);
        spawn_senders();
        begin_canary(pairs[i][1], (airs_deploy_options){.canary_ppm = 0});
        all_pass(0, EACH);
        wait_collected(ALL);
        assert_int_equal(here.by[2], 0);
        assert_int_equal(canary().new_counts.handled, 0);
        promote();
        assert_int_equal(here.result.handled_since, 0);
        all_pass(EACH, 1);
        wait_collected(ALL + SENDERS);
        assert_int_equal(here.by[2], SENDERS);
        attack_expect(here.attack, here.id, "who", "2 10400");
        end();
    }
}

static void all_of_it(void **user)
{
    (void)user;
    begin("twin-1");
    begin_canary("twin-2", (airs_deploy_options){.canary_ppm = 1000000});
    attack_expect(here.attack, here.id, "who", "2 0");
    roll_back();
    attack_expect(here.attack, here.id, "who", "1 0");
    end();
}

// ---------------------------------------------------------------- what belongs to whom

static void what_one_began_comes_back_to_it(void **user)
{
    (void)user;
    for (size_t i = 0; i < 2; i++) {
        begin(pairs[i][0]);
        spawn_senders();
        begin_canary(pairs[i][1], (airs_deploy_options){.canary_ppm = 500000});
        for (uint32_t k = 0; k < MANY; k++)
            tell(here.senders[k].id, "tick");
        wait_noted("timer 1 1");
        wait_noted("timer 2 2");
        assert_int_equal(noted("timer 1 2") + noted("timer 2 1"), 0);
        for (uint32_t k = 0; k < MANY; k++)
            tell(here.senders[k].id, "ask later");
        wait_noted("reply mine 1");
        wait_noted("reply mine 2");
        assert_int_equal(noted("reply other 1") + noted("reply other 2"), 0);
        os_mutex_lock(&here.lock);
        here.notes_count = 0;
        os_mutex_unlock(&here.lock);
        for (uint32_t k = 0; k < MANY; k++)
            tell(here.senders[k].id, "watch s399");
        wait_noted("watches 1");
        wait_noted("watches 2");
        for (uint64_t since = attack_now_ms(); noted("watches 1") + noted("watches 2") < MANY; attack_sleep_ms(1))
            assert_true(attack_now_ms() - since < ATTACK_PATIENCE_MS);
        stop_native(here.senders[399].id);
        here.senders[399].id.raw = 0;
        wait_noted("down mine 1");
        wait_noted("down mine 2");
        assert_int_equal(noted("down other 1") + noted("down other 2"), 0);
        roll_back();
        end();
    }
}

/// What the new version has made ends with it; who waits for its answer is told.
static void nothing_is_left_of_it(void **user)
{
    (void)user;
    for (size_t i = 0; i < 2; i++) {
        begin(pairs[i][0]);
        begin_canary(pairs[i][1], (airs_deploy_options){.canary_ppm = 1000000});
        tell(here.id, "hold");
        attack_expect(here.attack, here.id, "who", "2 0");
        airs_actor_id held = {0};
        assert_int_equal(airs_lookup(here.attack->system, "held/name", &held), AIRS_OK);
        assert_int_equal(held.raw, here.id.raw);
        uint32_t reached = 0;
        assert_int_equal(airs_publish(here.attack->system, "more/news", "x", 1, &reached, NULL), AIRS_OK);
        assert_int_equal(reached, 1);
        attack_answers answers = {0};
        assert_true(attack_ask_many(here.attack, here.id, "keep", 3, &answers));
        for (uint64_t since = attack_now_ms(); noted("kept 2") < 3; attack_sleep_ms(1))
            assert_true(attack_now_ms() - since < ATTACK_PATIENCE_MS);
        roll_back();
        attack_wait_answers(&answers, 3);
        assert_int_equal(answers.failed, 3);
        assert_int_equal(airs_lookup(here.attack->system, "held/name", &held), AIRS_E_NOT_FOUND);
        assert_int_equal(airs_publish(here.attack->system, "more/news", "x", 1, &reached, NULL), AIRS_OK);
        assert_int_equal(reached, 0);
        assert_int_equal(airs_publish(here.attack->system, "news", "x", 1, &reached, NULL), AIRS_OK);
        assert_int_equal(reached, 1);
        attack_expect(here.attack, here.id, "who", "1 0");
        end();
    }
}

// ---------------------------------------------------------------- failures

static void a_canary_that_fails_ends(void **user)
{
    (void)user;
    static const struct {
        const char *message;
        const char *text;
        /// Who says that it ends has handled that.
        uint32_t handled;
    } rows[] = {
        {"die", "actor victim: failed (trap): *", 1},
        {"loop", "actor victim: failed (limit): it ran longer than max_execution, 300 ms*", 1},
        {"leave", "actor victim: failed (failed): the canary has said that it ends", 2},
    };
    for (size_t i = 0; i < 2; i++) {
        for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
            begin(NULL);
            airs_spawn_options options = victim_options("victim");
            if (strcmp(rows[k].message, "loop") == 0)
                options.limits.max_execution_ms = 300;
            here.id = attack_spawn(here.attack, pairs[i][0], &options);
            begin_canary(pairs[i][1], (airs_deploy_options){.canary_ppm = 1000000});
            attack_expect(here.attack, here.id, "pass x", "2");
            tell(here.id, rows[k].message);
            ends_with(rows[k].text);
            assert_int_equal(here.result.handled_since, rows[k].handled);
            // The old one has it in hand next, and knows of nothing bad in it.
            attack_expect(here.attack, here.id, "who", "1 0");
            has_version("1.0.0");
            no_canary_is_left();
            end();
        }
    }
}

static void one_that_is_not_well(void **user)
{
    (void)user;
    for (size_t i = 0; i < 2; i++) {
        begin(NULL);
        airs_spawn_options options = victim_options("victim");
        options.health = (airs_health_options){.kind = AIRS_HEALTH_CHECK, .interval_ms = 20};
        here.id = attack_spawn(here.attack, pairs[i][0], &options);
        begin_canary(pairs[i][1], (airs_deploy_options){.canary_ppm = 1000000});
        attack_expect(here.attack, here.id, "pass x", "2");
        tell(here.id, "sick");
        ends_with("actor victim: failed (failed): *unhealthy: work made it ill");
        attack_expect(here.attack, here.id, "who", "1 0");
        has_version("1.0.0");
        end();
    }
}

static void errors_end_it_by_a_condition(void **user)
{
    (void)user;
    begin("twin-1");
    begin_canary("twin-2", (airs_deploy_options){.canary_ppm = 1000000, .rollback_when = "errors>10% messages>=5"});
    for (int i = 0; i < 3; i++)
        tell(here.id, "err");
    attack_expect(here.attack, here.id, "pass x", "2");
    assert_int_equal(canary_that_handled(1).new_counts.failed, 3);
    // Looked at more than once.
    attack_sleep_ms(250);
    assert_false(os_event_is_set(&here.over));
    tell(here.id, "err");
    ends_with("rollback_when: errors 80% (>10%), messages 5 (>=5)");
    has_version("1.0.0");
    end();
}

static void it_is_promoted_by_a_condition(void **user)
{
    (void)user;
    begin("twin-1");
    begin_canary("twin-2", (airs_deploy_options){.canary_ppm = 1000000,
                                                 .promote_when = "errors<1% p99<30s messages>=1 for 200ms"});
    for (uint64_t since = attack_now_ms(); !os_event_is_set(&here.over); attack_sleep_ms(1)) {
        assert_true(attack_now_ms() - since < ATTACK_PATIENCE_MS);
        attack_expect(here.attack, here.id, "get", "2");
    }
    wait_over();
    assert_int_equal(here.status, AIRS_OK);
    assert_true(here.result.deployed);
    attack_assert_text(here.result.text, "promote_when: errors 0% (<1%), p99 *, messages *");
    has_version("2.0.0");
    end();
}

/// The canary goes with the incarnation that it stands beside.
static void the_old_version_fails_beside_it(void **user)
{
    (void)user;
    for (size_t i = 0; i < 2; i++) {
        begin(pairs[i][0]);
        begin_canary(pairs[i][1], (airs_deploy_options){.canary_ppm = 500000});
        assert_int_equal(airs_kill(here.attack->system, here.id), AIRS_OK);
        ends_with("actor victim: the old version has ended beside its canary (killed): killed");
        attack_expect(here.attack, here.id, "who", "1 0");
        no_canary_is_left();
        end();
    }
    begin("twin-1");
    begin_canary("twin-2", (airs_deploy_options){.canary_ppm = 500000});
    assert_int_equal(airs_restart_actor(here.attack->system, here.id, NULL), AIRS_OK);
    ends_with("actor victim: the old version has ended beside its canary *");
    attack_expect(here.attack, here.id, "who", "1 0");
    no_canary_is_left();
    end();
}

/// What the twin has handled has come to the collector.
static void wait_by_new(uint64_t count)
{
    for (uint64_t since = attack_now_ms();; attack_sleep_ms(1)) {
        os_mutex_lock(&here.lock);
        uint32_t by_new = here.by[2];
        os_mutex_unlock(&here.lock);
        if (by_new == count)
            return;
        if (attack_now_ms() - since > ATTACK_PATIENCE_MS)
            fail_msg("the new version has passed %" PRIu32 " on, and handled %" PRIu64, by_new, count);
    }
}

static void it_stops_in_the_middle_of_it(void **user)
{
    (void)user;
    for (size_t i = 0; i < 2; i++) {
        begin(pairs[i][0]);
        spawn_senders();
        begin_canary(pairs[i][1], (airs_deploy_options){.canary_ppm = 500000});
        all_pass(0, 2);
        attack_stop(here.attack, here.id, ATTACK_PATIENCE_MS);
        here.id.raw = 0;
        wait_over();
        assert_int_equal(here.status, AIRS_E_FAILED);
        assert_string_equal(here.result.text, "all of its actors have ended");
        wait_noted("stop 1");
        wait_by_new(here.result.handled_since);
        end();
    }
}

static void a_second_deployment_is_refused(void **user)
{
    (void)user;
    begin("twin-1");
    begin_canary("twin-2", (airs_deploy_options){.canary_ppm = 500000});
    airs_component *other = attack_load(here.attack, "teller-2");
    airs_deploy_target target = {.actor = here.id};
    airs_error error = {0};
    assert_int_equal(airs_deploy(here.attack->system, other, &target, 1, NULL, NULL, &error), AIRS_E_TAKEN);
    assert_string_equal(error.text, "a canary runs on actor \"victim\": promote it, or roll it back");
    assert_int_equal(airs_rollback(here.attack->system, &target, 1, NULL, NULL, &error), AIRS_E_TAKEN);
    airs_component_release(other);
    roll_back();
    end();
}

// ---------------------------------------------------------------- groups

#define CHILDREN 8u

static airs_actor_id children[CHILDREN];

static void begin_group(void)
{
    begin(NULL);
    airs_component *component = attack_load(here.attack, "twin-1");
    airs_spawn_options options = victim_options(NULL);
    airs_template made = {.name = "worker", .component = component, .options = options};
    airs_supervisor_options supervisor = {
        .name = "group", .strategy = AIRS_SIMPLE_ONE_FOR_ONE, .child_template = &made};
    airs_error error = {0};
    if (airs_spawn_supervisor(here.attack->system, &supervisor, &here.id, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    here.attack->actors++;
    airs_component_release(component);
    for (uint32_t i = 0; i < CHILDREN; i++) {
        if (airs_spawn_child(here.attack->system, here.id, NULL, NULL, 0, &children[i], &error) != AIRS_OK)
            fail_msg("%s", error.text);
    }
}

static void end_group(void)
{
    stop_native(here.id);
    attack_wait_gone(here.attack, here.id);
    here.id.raw = 0;
    end();
}

static uint32_t children_of_version(const char *version)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < CHILDREN; i++) {
        char answer[256];
        assert_int_equal(attack_ask(here.attack, children[i], "who", answer), AIRS_OK);
        count += answer[0] == version[0];
    }
    return count;
}

static void a_share_of_the_children(void **user)
{
    (void)user;
    static const struct {
        uint32_t ppm;
        uint32_t chosen;
    } rows[] = {{10000, 1}, {250000, 2}, {300000, 2}, {1000000, CHILDREN}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        begin_group();
        begin_canary("twin-2", (airs_deploy_options){.canary_ppm = rows[i].ppm});
        assert_int_equal(children_of_version("2"), rows[i].chosen);
        airs_canary_info info = canary_that_handled(rows[i].chosen);
        assert_int_equal(info.by, AIRS_CANARY_BY_INSTANCE);
        assert_int_equal(info.actors, rows[i].chosen);
        assert_int_equal(info.actors_all, CHILDREN);
        if (i % 2 == 0)
            promote();
        else
            roll_back();
        assert_int_equal(children_of_version("2"), i % 2 == 0 ? CHILDREN : 0);
        end_group();
    }
}

static void one_child_of_them_fails(void **user)
{
    (void)user;
    begin_group();
    begin_canary("twin-2", (airs_deploy_options){.canary_ppm = 500000});
    for (uint32_t i = 0; i < CHILDREN; i++)
        tell(children[i], "die");
    ends_with("actor *: failed (trap): *");
    assert_int_equal(children_of_version("1"), CHILDREN);
    end_group();
}

/// The only one that had the new version ends for good: there is nothing to promote, and nobody has failed.
static void the_chosen_child_ends(void **user)
{
    (void)user;
    begin_group();
    begin_canary("twin-2", (airs_deploy_options){.canary_ppm = 10000});
    for (uint32_t i = 0; i < CHILDREN; i++) {
        char answer[256];
        assert_int_equal(attack_ask(here.attack, children[i], "who", answer), AIRS_OK);
        if (answer[0] == '2')
            assert_int_equal(airs_stop(here.attack->system, children[i]), AIRS_OK);
    }
    ends_with("those that had the new version have ended");
    end_group();
}

static void a_group_of_blue_and_green(void **user)
{
    (void)user;
    begin_group();
    begin_canary("twin-2", (airs_deploy_options){.canary_ppm = 0});
    assert_int_equal(children_of_version("1"), CHILDREN);
    assert_int_equal(canary().actors, CHILDREN);
    promote();
    assert_int_equal(children_of_version("2"), CHILDREN);
    end_group();
}

// ---------------------------------------------------------------- what is refused

static void what_does_not_go_together(void **user)
{
    (void)user;
    begin("twin-1");
    static const struct {
        airs_deploy_options options;
        airs_status status;
        const char *text;
    } rows[] = {
        {{.canary = true, .canary_ppm = 1000001},
         AIRS_E_INVALID,
         "the canary's share is 1000001 millionths, more than all"},
        {{.canary = true, .canary_by = (airs_canary_by)9}, AIRS_E_INVALID, "canary_by 9 is none"},
        {{.promote_when = "errors<1%"}, AIRS_E_INVALID, "promote_when is of a canary, and there is none"},
        {{.rollback_when = "errors<1%"}, AIRS_E_INVALID, "rollback_when is of a canary, and there is none"},
        {{.canary = true, .promote_when = "errors<1"},
         AIRS_E_INVALID,
         "promote_when: column 9: errors are a share: the number needs a %"},
        {{.canary = true, .rollback_when = "for 5s"},
         AIRS_E_INVALID,
         "rollback_when: column 1: a metric is expected before `for`"},
        {{.canary = true, .canary_by = AIRS_CANARY_BY_INSTANCE}, AIRS_E_INVALID, "canary_by instance is for a group *"},
        {{.canary = true, .canary_by = AIRS_CANARY_BY_MESSAGE},
         AIRS_E_UNSUPPORTED,
         "canary_by message is for components without `state`*"},
        {{.canary = true, .dry_run = true, .canary_by = AIRS_CANARY_BY_MESSAGE},
         AIRS_E_UNSUPPORTED,
         "canary_by message is for components without `state`*"},
    };
    airs_component *component = attack_load(here.attack, "twin-2");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        airs_deploy_target target = {.actor = here.id};
        airs_error error = {0};
        airs_status status = airs_deploy(here.attack->system, component, &target, 1, &rows[i].options, NULL, &error);
        assert_int_equal(status, rows[i].status);
        attack_assert_text(error.text, rows[i].text);
    }
    airs_component_release(component);
    attack_expect(here.attack, here.id, "who", "1 0");
    end();
}

static void a_version_that_does_not_come_up(void **user)
{
    (void)user;
    begin("teller-1");
    static const char *const guests[] = {"teller-start-error", "teller-load-trap", "teller-unwell", "teller-second"};
    for (size_t i = 0; i < sizeof guests / sizeof *guests; i++) {
        airs_component *component = attack_load(here.attack, guests[i]);
        airs_deploy_target target = {.actor = here.id};
        airs_deploy_options options = {.canary = true, .canary_ppm = 500000};
        airs_error error = {0};
        airs_deploy_result result;
        assert_int_equal(airs_deploy(here.attack->system, component, &target, 1, &options, &result, &error),
                         AIRS_E_FAILED);
        assert_false(result.deployed);
        airs_component_release(component);
        has_version("1.0.0");
        no_canary_is_left();
    }
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_sender_meets_one_version),
        cmocka_unit_test(each_message_for_itself),
        cmocka_unit_test(nothing_is_lost_whatever_comes_of_it),
        cmocka_unit_test(blue_and_green),
        cmocka_unit_test(all_of_it),
        cmocka_unit_test(what_one_began_comes_back_to_it),
        cmocka_unit_test(nothing_is_left_of_it),
        cmocka_unit_test(a_canary_that_fails_ends),
        cmocka_unit_test(one_that_is_not_well),
        cmocka_unit_test(errors_end_it_by_a_condition),
        cmocka_unit_test(it_is_promoted_by_a_condition),
        cmocka_unit_test(the_old_version_fails_beside_it),
        cmocka_unit_test(it_stops_in_the_middle_of_it),
        cmocka_unit_test(a_second_deployment_is_refused),
        cmocka_unit_test(a_share_of_the_children),
        cmocka_unit_test(one_child_of_them_fails),
        cmocka_unit_test(the_chosen_child_ends),
        cmocka_unit_test(a_group_of_blue_and_green),
        cmocka_unit_test(what_does_not_go_together),
        cmocka_unit_test(a_version_that_does_not_come_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
