// SPDX-License-Identifier: MIT OR Apache-2.0
/// Another version in the place of the one that runs: what stays, what comes back, and that nothing is left of the
/// other one. The guests are tests/guests/teller.c and stateless.c.
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "airssys/deploy.h"
#include "attack.h"
#include "deploy/rollout.h"
#include "node/system.h"
#include "os/event.h"
#include "os/thread.h"

#define WORDS_MAX 32u

/// "herald" keeps what it is told, "later" keeps a request open, "echo" answers.
typedef struct scene {
    attack *attack;
    airs_actor_id herald, later, echo;
    airs_actor_id id;
    /// The actor is in the middle of an event when it is deployed to.
    bool dawdles;
    os_mutex lock;
    char words[WORDS_MAX][32];
    uint32_t words_count;
} scene;

static scene here;

static airs_status keep_word(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)context;
    (void)error;
    os_mutex_lock(&here.lock);
    if (here.words_count < WORDS_MAX)
        (void)snprintf(here.words[here.words_count++], sizeof here.words[0], "%.*s", (int)message->payload.len,
                       (const char *)message->payload.data);
    os_mutex_unlock(&here.lock);
    return AIRS_OK;
}

static airs_status echo(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)error;
    return message->request.raw == 0
               ? AIRS_OK
               : airs_context_reply(context, message->request, message->payload.data, message->payload.len);
}

/// The request that it was given last is answered when somebody says so.
static airs_status answer_later(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    airs_request_id *open = state;
    (void)error;
    if (message->payload.len == 3)
        return airs_context_reply(context, *open, "at last", 7);
    *open = message->request;
    return AIRS_OK;
}

static airs_actor_id spawn_native(const char *name,
                                  airs_status (*handle)(void *, airs_context *, const airs_message *, airs_error *),
                                  airs_actor_fns *fns, size_t state_size)
{
    *fns = (airs_actor_fns){.handle = handle};
    airs_native native = {.kind = name, .actor = fns, .state_size = state_size};
    airs_spawn_options options = {.name = name};
    airs_actor_id id = {0};
    assert_int_equal(airs_spawn_native(here.attack->system, &native, &options, &id, NULL), AIRS_OK);
    here.attack->actors++;
    return id;
}

static void begin(void)
{
    static airs_actor_fns fns[3];
    here = (scene){.attack = attack_begin()};
    here.herald = spawn_native("herald", keep_word, &fns[0], 1);
    here.later = spawn_native("later", answer_later, &fns[1], sizeof(airs_request_id));
    here.echo = spawn_native("echo", echo, &fns[2], 1);
}

static airs_actor_id spawn_limited(const char *guest, const char *name, airs_checkpoint checkpoint, airs_limits limits)
{
    static const char *const all[] = {"*"}, *const news[] = {"news"};
    airs_spawn_options options = {.name = name,
                                  .may_send = all,
                                  .may_send_count = 1,
                                  .may_subscribe = news,
                                  .may_subscribe_count = 1,
                                  .may_register = all,
                                  .may_register_count = 1,
                                  .checkpoint = checkpoint,
                                  .limits = limits};
    return attack_spawn(here.attack, guest, &options);
}

static airs_actor_id spawn_with(const char *guest, const char *name, airs_checkpoint checkpoint)
{
    return spawn_limited(guest, name, checkpoint, (airs_limits){.max_execution_ms = 300, .start_timeout_ms = 30000});
}

static void begin_with(const char *guest)
{
    begin();
    here.id = spawn_with(guest, "victim", (airs_checkpoint){0});
}

static void end(void)
{
    attack *self = here.attack;
    if (here.id.raw != 0)
        attack_stop(self, here.id, ATTACK_PATIENCE_MS);
    airs_actor_id natives[] = {here.herald, here.later, here.echo};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(airs_stop(self->system, natives[i]), AIRS_OK);
        self->actors--;
    }
    attack_end(self);
}

// ---------------------------------------------------------------- deploying

/// Whatever comes of it.
static void let(airs_status status)
{
    (void)status;
}

static airs_actor_info info(void)
{
    airs_actor_info ret;
    assert_int_equal(airs_actor_get_info(here.attack->system, here.id, &ret), AIRS_OK);
    return ret;
}

static uint32_t count_words(void)
{
    os_mutex_lock(&here.lock);
    uint32_t count = here.words_count;
    os_mutex_unlock(&here.lock);
    return count;
}

/// It says so to the herald.
static void begin_to_dawdle(void)
{
    uint32_t before = count_words();
    let(airs_send(here.attack->system, here.id, "dawdle", 6));
    for (uint64_t since = attack_now_ms(); count_words() == before; attack_sleep_ms(1)) {
        if (attack_now_ms() - since > ATTACK_PATIENCE_MS)
            fail_msg("it does not dawdle");
    }
}

static airs_status deploy_to(airs_actor_id id, const char *guest, airs_deploy_options options,
                             airs_deploy_result *ret_result, airs_error *error)
{
    airs_component *component = attack_load(here.attack, guest);
    // Now, because it takes a while to be compiled.
    if (here.dawdles)
        begin_to_dawdle();
    airs_deploy_target target = {.actor = id};
    airs_deploy_result result = {.number = 0};
    airs_status status = airs_deploy(here.attack->system, component, &target, 1, &options, &result, error);
    airs_component_release(component);
    if (ret_result != NULL)
        *ret_result = result;
    return status;
}

static const airs_deploy_options brief = {.probation_ms = 1};

static void deploys(const char *guest, airs_deploy_options options)
{
    airs_error error = {0};
    airs_deploy_result result;
    airs_status status = deploy_to(here.id, guest, options, &result, &error);
    if (status != AIRS_OK)
        fail_msg("%s: %s", guest, error.text);
    assert_true(result.deployed);
    assert_int_equal(result.actors, 1);
    assert_int_equal(result.reverted, 0);
}

static void is_refused(const char *guest, airs_deploy_options options, const char *text)
{
    airs_error error = {0};
    airs_deploy_result result;
    airs_status status = deploy_to(here.id, guest, options, &result, &error);
    print_message("%s: %s\n", guest, error.text);
    assert_int_equal(status, AIRS_E_FAILED);
    assert_false(result.deployed);
    attack_assert_text(error.text, text);
    assert_string_equal(error.text, result.text);
}

static void rolls_back(airs_deploy_options options)
{
    airs_error error = {0};
    airs_deploy_target target = {.actor = here.id};
    airs_status status = airs_rollback(here.attack->system, &target, 1, &options, NULL, &error);
    if (status != AIRS_OK)
        fail_msg("%s", error.text);
}

static void expect(const char *message, const char *answer)
{
    attack_expect(here.attack, here.id, message, answer);
}

/// It serves, has its state, and to its supervisor nothing has happened.
static void serves(const char *version, const char *got)
{
    expect("get", got);
    airs_actor_info now = info();
    assert_string_equal(now.version, version);
    assert_int_equal(now.restarts, 0);
    assert_int_equal(now.state, AIRS_ACTOR_READY);
}

static void count_to(uint32_t to)
{
    char answer[16];
    for (uint32_t i = 1; i <= to; i++) {
        (void)snprintf(answer, sizeof answer, "%" PRIu32, i);
        expect("add", answer);
    }
}

/// The herald was told so in all. Waits for that.
static void herald_heard(const char *all)
{
    char heard[WORDS_MAX * 32];
    for (uint64_t since = attack_now_ms();; attack_sleep_ms(1)) {
        size_t len = 0;
        heard[0] = '\0';
        os_mutex_lock(&here.lock);
        for (uint32_t i = 0; i < here.words_count; i++)
            len += (size_t)snprintf(heard + len, sizeof heard - len, "%s%s", i == 0 ? "" : ", ", here.words[i]);
        os_mutex_unlock(&here.lock);
        if (strcmp(heard, all) == 0)
            return;
        if (attack_now_ms() - since > ATTACK_PATIENCE_MS)
            fail_msg("heard \"%s\", not \"%s\"", heard, all);
    }
}

static void seen_of(uint64_t *ret_ticks, uint64_t *ret_news, uint64_t *ret_replies)
{
    char text[256];
    assert_int_equal(attack_ask(here.attack, here.id, "seen", text), AIRS_OK);
    assert_int_equal(sscanf(text, "%" SCNu64 " %" SCNu64 " %" SCNu64, ret_ticks, ret_news, ret_replies), 3);
}

static void publishes_once(void)
{
    uint64_t ticks, before, after, replies;
    uint32_t reached = 0;
    seen_of(&ticks, &before, &replies);
    assert_int_equal(airs_publish(here.attack->system, "news", "x", 1, &reached, NULL), AIRS_OK);
    assert_int_equal(reached, 1);
    seen_of(&ticks, &after, &replies);
    assert_int_equal(after, before + 1);
}

// ---------------------------------------------------------------- what stays

static void everything_stays_but_the_version(void **user)
{
    (void)user;
    static const char *const guests[][2] = {{"teller-1", "teller-2"}, {"teller-1-actor", "teller-2-actor"}};
    for (size_t i = 0; i < 2; i++) {
        begin_with(guests[i][0]);
        count_to(3);
        publishes_once();
        deploys(guests[i][1], brief);
        serves("2.0.0", "2 3 upgraded 1.0.0");
        expect("add", "4");
        // It was rehearsed, and nobody has heard of that.
        herald_heard("start 1, start 2, upgrade 1");
        // The subscription that it asked for again is the one it had; its predecessor's stop did not end it.
        publishes_once();
        airs_actor_id alias = {0};
        assert_int_equal(airs_lookup(here.attack->system, "victim/alias", &alias), AIRS_OK);
        assert_int_equal(alias.raw, here.id.raw);
        // So does the timer go on, that the old one set.
        uint64_t ticks, before, ignored;
        seen_of(&before, &ignored, &ignored);
        do
            seen_of(&ticks, &ignored, &ignored);
        while (ticks < before + 3);
        end();
    }
}

static void replies_to_what_was_asked_before_arrive_after(void **user)
{
    (void)user;
    static const char *const guests[][2] = {{"teller-1", "teller-2"}, {"teller-1-actor", "teller-2-actor"}};
    for (size_t i = 0; i < 2; i++) {
        begin_with(guests[i][0]);
        expect("request later", "1");
        deploys(guests[i][1], brief);
        assert_int_equal(airs_send(here.attack->system, here.later, "now", 3), AIRS_OK);
        uint64_t ignored, replies = 0;
        while (replies == 0)
            seen_of(&ignored, &ignored, &replies);
        assert_int_equal(replies, 1);
        serves("2.0.0", "2 1 upgraded 1.0.0");
        end();
    }
}

static void many_upgrades_in_a_row(void **user)
{
    (void)user;
    begin_with("teller-1");
    for (uint32_t i = 0; i < 20; i++) {
        char answer[16];
        (void)snprintf(answer, sizeof answer, "%" PRIu32, i + 1);
        expect("add", answer);
        deploys(i % 2 == 0 ? "teller-2" : "teller-1", brief);
    }
    serves("1.0.0", "1 20 upgraded 2.0.0");
    publishes_once();
    end();
}

static void one_that_is_there_already(void **user)
{
    (void)user;
    begin_with("teller-1");
    airs_deploy_result result;
    assert_int_equal(deploy_to(here.id, "teller-1", brief, &result, NULL), AIRS_OK);
    assert_true(result.deployed);
    assert_string_equal(result.text, "all of them have this component already");
    assert_int_equal(airs_deploy_history(here.attack->system, 0, NULL, NULL), 0);
    serves("1.0.0", "1 0 fresh -");
    end();
}

static void a_component_without_state_starts_anew(void **user)
{
    (void)user;
    begin_with("stateless-1");
    expect("hello", "1 other 0 0");
    deploys("stateless-2", brief);
    // One subscription, not two; and the timer of the new one alone.
    uint32_t reached = 0;
    assert_int_equal(airs_publish(here.attack->system, "news", "x", 1, &reached, NULL), AIRS_OK);
    assert_int_equal(reached, 1);
    char text[256];
    do
        assert_int_equal(attack_ask(here.attack, here.id, "hello", text), AIRS_OK);
    while (strcmp(text, "2 upgraded 1 0") == 0);
    assert_string_equal(text, "2 upgraded 1 1");
    attack_sleep_ms(350);
    expect("hello", "2 upgraded 1 1");
    airs_error error = {0};
    airs_deploy_options refuse = {.on_no_state = AIRS_NO_STATE_REFUSE};
    assert_int_equal(deploy_to(here.id, "stateless-1", refuse, NULL, &error), AIRS_E_UNSUPPORTED);
    attack_assert_text(error.text,
                       "actor \"victim\": the old version does not export `state`, and on_no_state is refuse");
    end();
}

/// Only "worker" and what the attack has.
static void one_child_is_left(size_t others)
{
    for (uint64_t since = attack_now_ms(); airs_actor_list(here.attack->system, NULL, 0) != others; attack_sleep_ms(1))
        if (attack_now_ms() - since > ATTACK_PATIENCE_MS)
            fail_msg("there are %zu actors", airs_actor_list(here.attack->system, NULL, 0));
}

/// Children that a version without state spawns in its start are its own: they stay when it does, and go when it goes.
static void children_of_one_that_starts_anew(void **user)
{
    (void)user;
    begin();
    airs_component *counts = attack_load(here.attack, "counts");
    static const char *const all[] = {"*"};
    airs_template worker = {.name = "worker", .component = counts};
    airs_spawn_options options = {.name = "victim",
                                  .may_send = all,
                                  .may_send_count = 1,
                                  .templates = &worker,
                                  .templates_count = 1,
                                  .may_subscribe = all,
                                  .may_subscribe_count = 1,
                                  .limits.start_timeout_ms = 30000};
    here.id = attack_spawn(here.attack, "parent-1", &options);
    airs_component_release(counts);
    size_t actors = airs_actor_list(here.attack->system, NULL, 0);
    expect("child", "0");
    deploys("parent-2", brief);
    expect("child", "0");
    one_child_is_left(actors);
    is_refused("parent-second", brief, "actor victim: start: now it matters");
    expect("child", "0");
    one_child_is_left(actors);
    rolls_back(brief);
    expect("child", "0");
    assert_string_equal(info().version, "1.0.0");
    one_child_is_left(actors);
    attack_stop(here.attack, here.id, ATTACK_PATIENCE_MS);
    here.id.raw = 0;
    one_child_is_left(actors - 3);
    end();
}

static void a_state_is_not_lost_without_saying_so(void **user)
{
    (void)user;
    begin_with("teller-1");
    count_to(2);
    airs_error error = {0};
    assert_int_equal(deploy_to(here.id, "stateless-2", brief, NULL, &error), AIRS_E_UNSUPPORTED);
    attack_assert_text(error.text,
                       "actor \"victim\": the new version does not export `state`: its state would be lost*");
    serves("1.0.0", "1 2 fresh -");
    airs_deploy_options fresh = {.probation_ms = 1, .on_no_state = AIRS_NO_STATE_FRESH};
    deploys("stateless-2", fresh);
    // What the old timer had sent before it ended is counted too.
    char text[256];
    assert_int_equal(attack_ask(here.attack, here.id, "hello", text), AIRS_OK);
    assert_memory_equal(text, "2 upgraded 0 ", 13);
    airs_actor_id alias;
    assert_int_equal(airs_lookup(here.attack->system, "victim/alias", &alias), AIRS_E_NOT_FOUND);
    end();
}

// ---------------------------------------------------------------- what can't be

/// A version that does not come up is found out before anything has changed.
static void refused_in_the_rehearsal(void **user)
{
    (void)user;
    static const struct {
        const char *guest;
        const char *text;
    } cases[] = {
        {"teller-start-error", "actor victim: start: not today"},
        {"teller-start-trap", "actor victim: *unreachable*"},
        {"teller-start-loop", "actor victim: it ran longer than max_execution, 300 ms"},
        {"teller-load-error", "actor victim: loading the state: another format"},
        {"teller-load-trap", "actor victim: loading the state: *unreachable*"},
        {"teller-load-memory", "actor victim: loading the state: *"},
        {"teller-unwell", "actor victim: unhealthy: born ill"},
    };
    begin_with("teller-1");
    count_to(3);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        is_refused(cases[i].guest, brief, cases[i].text);
        serves("1.0.0", "1 3 fresh -");
        publishes_once();
    }
    herald_heard("start 1");
    end();
}

/// What only fails when it matters leaves the old one where it was, with all that it had.
static void refused_at_the_swap(void **user)
{
    (void)user;
    begin_with("teller-1");
    count_to(3);
    is_refused("teller-second", brief, "actor victim: start: now it matters");
    serves("1.0.0", "1 3 fresh -");
    publishes_once();
    end();
}

static void a_start_that_asks_is_rehearsed_so_far(void **user)
{
    (void)user;
    begin_with("teller-1");
    count_to(1);
    deploys("teller-start-ask", brief);
    serves("3.0.0", "3 1 upgraded 1.0.0");
    end();
}

/// Its stop, its save: what the old one does wrong.
static void an_old_version_that_misbehaves(void **user)
{
    (void)user;
    begin_with("teller-stop-trap");
    count_to(2);
    deploys("teller-2", brief);
    serves("2.0.0", "2 2 upgraded 3.0.0");
    end();

    begin_with("teller-save-error");
    count_to(2);
    is_refused("teller-2", brief, "actor victim: its state is not saved: no pen");
    serves("3.0.0", "3 2 fresh -");
    end();

    // The incarnation fails, as it would at a checkpoint; the version does not change.
    begin_with("teller-save-trap");
    is_refused("teller-2", brief, "actor victim: *");
    attack_wait_restarted(here.attack, here.id, 1);
    expect("get", "3 0 restarted -");
    end();
}

static void begin_with_refusals(const char *guest)
{
    begin();
    here.id = spawn_limited(guest, "victim", (airs_checkpoint){0},
                            (airs_limits){.max_execution_ms = 60000, .start_timeout_ms = 60000, .max_refusals = 2});
}

/// What one version was refused is not held against the other: it still may be as often as max_refusals says.
static void refusals_of_one_version_are_its_own(void **user)
{
    (void)user;
    // A call for each event: after each it is looked at whether it has been refused too often.
    begin_with_refusals("teller-1-actor");
    count_to(1);
    is_refused("teller-start-pries", brief, "actor victim: it was refused more often than max_refusals, 2 in a second");
    expect("pry", "2");
    expect("pry", "3");
    serves("1.0.0", "1 3 fresh -");
    end();

    begin_with_refusals("teller-stop-pries");
    count_to(1);
    deploys("teller-2-actor", brief);
    expect("pry", "2");
    expect("pry", "3");
    serves("2.0.0", "2 3 upgraded 1.0.0");
    end();
}

// ---------------------------------------------------------------- falling back

static void ask_when_swapped(void *user, const airs_deploy_event *event)
{
    if (event->actor.raw != 0 && strcmp(event->text, "swapped") == 0 &&
        !attack_ask_many(here.attack, here.id, "add", 10, user))
        abort();
}

/// The message that it falls with is answered by the version before, which counts on from the swap.
static void a_trap_on_probation_puts_the_old_one_back(void **user)
{
    (void)user;
    static const char *const guests[][2] = {{"teller-1", "teller-falls"}, {"teller-1-actor", "teller-falls-actor"}};
    for (size_t i = 0; i < 2; i++) {
        begin_with(guests[i][0]);
        count_to(3);
        attack_answers answers = {0};
        airs_deploy_options options = {.probation_ms = 60000};
        assert_true(attack_ask_many(here.attack, here.id, "add", 50, &answers));
        attack_wait_answers(&answers, 50);
        expect("get", "1 53 fresh -");
        // Asked from the observer, as soon as it was swapped.
        airs_deploy_result result;
        airs_error error = {0};
        options.on_event = ask_when_swapped;
        options.user = &answers;
        assert_int_equal(deploy_to(here.id, guests[i][1], options, &result, &error), AIRS_E_FAILED);
        attack_assert_text(error.text, "actor victim: failed (trap): *");
        attack_wait_answers(&answers, 60);
        assert_int_equal(atomic_load(&answers.failed) + atomic_load(&answers.others), 0);
        // Two were counted by the new one, whose state is gone; the third and those behind it by the old one.
        serves("1.0.0", "1 61 upgraded 1.0.0");
        assert_int_equal(result.reverted, 1);
        assert_true(result.handled_since >= 2);
        assert_true(result.rollback_ns > 0);
        end();
    }
}

static void end_the_watched(void *user, const airs_deploy_event *event)
{
    if (event->actor.raw != 0 && strcmp(event->text, "swapped") == 0)
        atomic_store((_Atomic bool *)user, true);
}

static void stop_silent(void *user)
{
    while (!atomic_load((_Atomic bool *)user))
        attack_sleep_ms(1);
    airs_actor_id silent;
    assert_int_equal(airs_lookup(here.attack->system, "silent", &silent), AIRS_OK);
    attack_stop_silent(here.attack, silent);
}

/// What the new one was told of the end of another, and failed with, the old one is told.
static void a_down_that_it_falls_with_comes_again(void **user)
{
    (void)user;
    static const char *const guests[][2] = {{"teller-1", "teller-deaf"}, {"teller-1-actor", "teller-deaf-actor"}};
    for (size_t i = 0; i < 2; i++) {
        begin_with(guests[i][0]);
        (void)attack_spawn_silent(here.attack);
        expect("watch silent", "1");
        _Atomic bool swapped = false;
        os_thread thread;
        assert_int_equal(os_thread_start(&thread, "stopper", 0, stop_silent, &swapped), AIRS_OK);
        airs_deploy_options options = {.probation_ms = 60000, .on_event = end_the_watched, .user = &swapped};
        is_refused(guests[i][1], options, "actor victim: failed (trap): *");
        os_thread_join(&thread);
        expect("downs", "1");
        serves("1.0.0", "1 1 upgraded 1.0.0");
        end();
    }
}

static airs_error_verdict restart_always(const airs_hook_info *info, airs_exit reason, const char *text)
{
    (void)info;
    (void)reason;
    (void)text;
    return AIRS_ERROR_RESTART;
}

static void answer_when_swapped(void *user, const airs_deploy_event *event)
{
    (void)user;
    if (event->actor.raw != 0 && strcmp(event->text, "swapped") == 0)
        let(airs_send(here.attack->system, here.later, "now", 3));
}

/// A reply that on_error has it fall with is given to the old one, and is one that it waits for as before.
static void a_reply_that_it_falls_with_comes_again(void **user)
{
    (void)user;
    static const char *const guests[][2] = {{"teller-1", "teller-deaf"}, {"teller-1-actor", "teller-deaf-actor"}};
    static const airs_hooks hooks = {.on_error = restart_always, .timeout_ms = 60000};
    static const char *const all[] = {"*"};
    for (size_t i = 0; i < 2; i++) {
        begin();
        airs_spawn_options spawn = {.name = "victim",
                                    .may_send = all,
                                    .may_send_count = 1,
                                    .hooks = &hooks,
                                    .limits = {.max_execution_ms = 10000, .start_timeout_ms = 30000}};
        here.id = attack_spawn(here.attack, guests[i][0], &spawn);
        expect("request later", "1");
        airs_deploy_options options = {.probation_ms = 60000, .on_event = answer_when_swapped};
        is_refused(guests[i][1], options, "actor victim: failed (failed): no ear");
        uint64_t ignored, replies = 0;
        while (replies == 0)
            seen_of(&ignored, &ignored, &replies);
        assert_int_equal(replies, 1);
        expect("request later", "2");
        serves("1.0.0", "1 2 upgraded 1.0.0");
        end();
    }
}

static void ask_something(void *user, const airs_deploy_event *event)
{
    if (event->actor.raw != 0 && strcmp(event->text, "swapped") == 0)
        let(airs_send(here.attack->system, here.id, user, strlen(user)));
}

static void other_failures_on_probation(void **user)
{
    (void)user;
    static const struct {
        const char *guest;
        const char *message;
        const char *text;
    } cases[] = {
        {"teller-2", "loop", "actor victim: failed (limit): it ran longer than max_execution, 300 ms"},
        {"teller-2", "die", "actor victim: failed (trap): *"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        begin_with("teller-1");
        count_to(3);
        airs_deploy_options options = {.probation_ms = 60000, .on_event = ask_something};
        options.user = (void *)(uintptr_t)cases[i].message;
        is_refused(cases[i].guest, options, cases[i].text);
        // The old one is given what the new one failed with, and fails with it too: that is its supervisor's affair.
        attack_wait_restarted(here.attack, here.id, 1);
        expect("get", "1 0 restarted -");
        end();
    }
}

/// Ill at the end of the probation, when nobody has noticed before.
static void ill_at_the_end_of_the_probation(void **user)
{
    (void)user;
    begin_with("teller-1");
    count_to(3);
    airs_deploy_options options = {.probation_ms = 200, .on_event = ask_something, .user = "add"};
    is_refused("teller-sickens", options, "actor victim: unhealthy: work made it ill");
    // The new one could still save: what it counted is carried.
    serves("1.0.0", "1 4 upgraded 3.0.0");
    end();
}

static void a_snapshot_instead(void **user)
{
    (void)user;
    begin_with("teller-1");
    count_to(3);
    airs_deploy_options options = {
        .probation_ms = 200, .rollback_state = AIRS_ROLLBACK_SNAPSHOT, .on_event = ask_something, .user = "add"};
    airs_deploy_result result;
    assert_int_equal(deploy_to(here.id, "teller-sickens", options, &result, NULL), AIRS_E_FAILED);
    serves("1.0.0", "1 3 upgraded 1.0.0");
    assert_true(result.handled_since >= 1);
    end();
}

#define LOST_MAX 600

typedef struct lost_notes {
    uint32_t count;
    uint64_t first;
    uint64_t last;
    char payload[65];
} lost_notes;

static bool keep_lost(void *user, const airs_lost_message *message)
{
    lost_notes *notes = user;
    assert_string_equal(message->name, "victim");
    assert_int_equal(message->actor.raw, here.id.raw);
    assert_true(strlen(message->message_id) == 16 || message->message_id[0] == '\0');
    assert_true(message->time_ms > 0 && message->payload.len <= message->payload_size);
    if (notes->count++ == 0)
        notes->first = message->number;
    else
        assert_int_equal(message->number, notes->last + 1);
    notes->last = message->number;
    (void)snprintf(notes->payload, sizeof notes->payload, "%.*s", (int)message->payload.len,
                   (const char *)message->payload.data);
    return true;
}

static void add_many(void *user, const airs_deploy_event *event)
{
    if (event->actor.raw != 0 && strcmp(event->text, "swapped") == 0 &&
        !attack_ask_many(here.attack, here.id, "add", LOST_MAX, user))
        abort();
}

/// Its timer ticks too, so there may be more than the messages of the test.
static void what_a_snapshot_loses_is_listed(void **user)
{
    (void)user;
    begin_with("teller-1");
    count_to(3);
    attack_answers answers = {0};
    airs_deploy_options options = {
        .probation_ms = 3000, .rollback_state = AIRS_ROLLBACK_SNAPSHOT, .on_event = add_many, .user = &answers};
    airs_deploy_result result;
    assert_int_equal(deploy_to(here.id, "teller-sickens", options, &result, NULL), AIRS_E_FAILED);
    attack_wait_answers(&answers, LOST_MAX);
    lost_notes notes = {0};
    assert_int_equal(airs_deploy_lost(here.attack->system, result.number, keep_lost, &notes), result.handled_since);
    assert_true(result.handled_since > 0);
    assert_int_equal(notes.count, result.handled_since < 1000 ? result.handled_since : 1000);
    assert_int_equal(notes.last, result.handled_since);
    assert_int_equal(airs_deploy_lost(here.attack->system, result.number + 1, keep_lost, &notes), 0);
    end();
}

// ---------------------------------------------------------------- rolling back by hand

static void back_by_hand(void **user)
{
    (void)user;
    begin_with("teller-1");
    airs_error error = {0};
    airs_deploy_target target = {.actor = here.id};
    assert_int_equal(airs_rollback(here.attack->system, &target, 1, &brief, NULL, &error), AIRS_E_NOT_FOUND);
    attack_assert_text(error.text, "actor \"victim\" has had no other version");
    count_to(3);
    deploys("teller-2", brief);
    expect("add", "4");
    rolls_back(brief);
    serves("1.0.0", "1 4 upgraded 2.0.0");
    // And there again.
    rolls_back(brief);
    serves("2.0.0", "2 4 upgraded 1.0.0");
    end();
}

/// What the new version saves, the old one can't load; the state of the swap was kept.
static void back_by_hand_to_a_snapshot(void **user)
{
    (void)user;
    begin_with("teller-1");
    count_to(3);
    airs_deploy_options snapshot = {.probation_ms = 1, .rollback_state = AIRS_ROLLBACK_SNAPSHOT};
    deploys("teller-other", snapshot);
    expect("add", "4");
    airs_deploy_target target = {.actor = here.id};
    airs_deploy_result result;
    assert_int_equal(airs_rollback(here.attack->system, &target, 1, &snapshot, &result, NULL), AIRS_OK);
    serves("1.0.0", "1 3 upgraded 1.0.0");
    // What was handled in between is lost by that.
    lost_notes notes = {0};
    assert_int_equal(airs_deploy_lost(here.attack->system, result.number, keep_lost, &notes), result.handled_since);
    assert_true(result.handled_since >= 1 && notes.count == result.handled_since);
    end();
}

/// Who wants the state carried gets that, whatever the deployment before had asked for.
static void back_by_hand_with_the_state(void **user)
{
    (void)user;
    begin_with("teller-1");
    count_to(3);
    airs_deploy_options snapshot = {.probation_ms = 1, .rollback_state = AIRS_ROLLBACK_SNAPSHOT};
    deploys("teller-2", snapshot);
    expect("add", "4");
    airs_deploy_target target = {.actor = here.id};
    airs_deploy_result result;
    assert_int_equal(airs_rollback(here.attack->system, &target, 1, &brief, &result, NULL), AIRS_OK);
    serves("1.0.0", "1 4 upgraded 2.0.0");
    assert_int_equal(result.handled_since, 0);
    assert_int_equal(airs_deploy_lost(here.attack->system, result.number, NULL, NULL), 0);
    end();
}

// ---------------------------------------------------------------- time, others, and the end

static void in_the_middle_of_an_event(void **user)
{
    (void)user;
    begin_with("teller-1");
    airs_actor_id silent = attack_spawn_silent(here.attack);
    here.dawdles = true;
    airs_deploy_options hasty = {.probation_ms = 1, .drain_timeout_ms = 20};
    is_refused("teller-2", hasty, "actor victim: it did not come to the end of an event within drain_timeout");
    serves("1.0.0", "1 1 fresh -");
    // Who has time gets it.
    here.dawdles = true;
    airs_deploy_options patient = {.probation_ms = 1, .drain_timeout_ms = 60000};
    deploys("teller-2", patient);
    serves("2.0.0", "2 2 upgraded 1.0.0");
    attack_stop_silent(here.attack, silent);
    end();
}

static void a_dry_run_changes_nothing(void **user)
{
    (void)user;
    begin_with("teller-1");
    count_to(3);
    airs_deploy_result result;
    airs_deploy_options dry = {.dry_run = true};
    assert_int_equal(deploy_to(here.id, "teller-2", dry, &result, NULL), AIRS_OK);
    assert_false(result.deployed);
    assert_string_equal(result.text, "");
    is_refused("teller-load-error", dry, "actor victim: loading the state: another format");
    serves("1.0.0", "1 3 fresh -");
    herald_heard("start 1");
    end();
}

static airs_status second_status, same_status;
static airs_error second_error, same_error;

static void deploy_again(void *user, const airs_deploy_event *event)
{
    (void)user;
    if (event->phase == AIRS_DEPLOY_PROBATION && event->actor.raw == 0)
        atomic_store((_Atomic bool *)user, true);
}

static void second_deployer(void *user)
{
    while (!atomic_load((_Atomic bool *)user))
        attack_sleep_ms(1);
    second_status = deploy_to(here.id, "teller-start-ask", brief, NULL, &second_error);
    // It is made of that now, and may yet not stay so.
    same_status = deploy_to(here.id, "teller-2", brief, NULL, &same_error);
    // Nothing has come of that: the first one goes on, and ends by this.
    let(airs_send(here.attack->system, here.id, "die", 3));
}

/// When the old one says that it stops; whoever is late does it afterwards.
static void wait_for_its_stop(void)
{
    for (uint64_t since = attack_now_ms(); attack_now_ms() - since < ATTACK_PATIENCE_MS; attack_sleep_ms(1)) {
        bool stops = false;
        os_mutex_lock(&here.lock);
        for (uint32_t i = 0; i < here.words_count; i++)
            stops = stops || strcmp(here.words[i], "upgrade 1") == 0;
        os_mutex_unlock(&here.lock);
        if (stops)
            return;
    }
}

static void kill_when_it_stops(void *user)
{
    (void)user;
    wait_for_its_stop();
    let(airs_kill(here.attack->system, here.id));
}

static void restart_when_it_stops(void *user)
{
    (void)user;
    wait_for_its_stop();
    let(airs_restart_actor(here.attack->system, here.id, NULL));
}

static _Atomic int stopped_for;

static airs_status note_stop(const airs_hook_info *info, airs_exit reason, airs_error *error)
{
    (void)info;
    (void)error;
    atomic_store(&stopped_for, (int)reason);
    return AIRS_OK;
}

/// The old one is in its `stop` meanwhile: the new one has come to stay, and is what is started again.
static void hit_in_the_stop_of_the_old_one(void (*hit)(void *), airs_exit reason)
{
    static const airs_hooks hooks = {.post_stop = note_stop, .timeout_ms = 60000};
    static const char *const all[] = {"*"};
    begin();
    airs_spawn_options options = {
        .name = "victim", .may_send = all, .may_send_count = 1, .hooks = &hooks, .limits.start_timeout_ms = 30000};
    here.id = attack_spawn(here.attack, "teller-stop-waits", &options);
    airs_actor_id silent = attack_spawn_silent(here.attack);
    count_to(2);
    os_thread thread;
    assert_int_equal(os_thread_start(&thread, "hit", 0, hit, NULL), AIRS_OK);
    airs_error error = {0};
    airs_deploy_result result;
    airs_status status = deploy_to(here.id, "teller-2", brief, &result, &error);
    os_thread_join(&thread);
    if (status != AIRS_OK)
        fail_msg("%s", error.text);
    assert_true(result.deployed);
    attack_wait_restarted(here.attack, here.id, 1);
    expect("get", "2 0 restarted -");
    assert_string_equal(info().version, "2.0.0");
    assert_string_equal(airs_exit_name((airs_exit)atomic_load(&stopped_for)), airs_exit_name(reason));
    attack_stop_silent(here.attack, silent);
    end();
}

static void killed_in_the_stop_of_the_old_one(void **user)
{
    (void)user;
    hit_in_the_stop_of_the_old_one(kill_when_it_stops, AIRS_EXIT_KILLED);
}

static void restarted_in_the_stop_of_the_old_one(void **user)
{
    (void)user;
    hit_in_the_stop_of_the_old_one(restart_when_it_stops, AIRS_EXIT_SHUTDOWN);
}

static void two_at_once(void **user)
{
    (void)user;
    begin_with("teller-1");
    count_to(3);
    _Atomic bool begun = false;
    os_thread thread;
    assert_int_equal(os_thread_start(&thread, "second", 0, second_deployer, &begun), AIRS_OK);
    airs_deploy_options options = {.probation_ms = 60000, .on_event = deploy_again, .user = &begun};
    assert_int_equal(deploy_to(here.id, "teller-2", options, NULL, NULL), AIRS_E_FAILED);
    os_thread_join(&thread);
    assert_int_equal(second_status, AIRS_E_TAKEN);
    attack_assert_text(second_error.text, "actor \"victim\" is being deployed to");
    assert_int_equal(same_status, AIRS_E_TAKEN);
    attack_assert_text(same_error.text, "actor \"victim\" is being deployed to");
    attack_wait_restarted(here.attack, here.id, 1);
    end();
}

typedef enum blow {
    BLOW_KILL,
    BLOW_STOP,
    BLOW_RESTART,
    BLOWS,
} blow;

typedef struct blows {
    blow which;
    airs_deploy_phase phase;
    _Atomic bool due;
} blows;

static void tell_blow(void *user, const airs_deploy_event *event)
{
    blows *self = user;
    if (event->phase == self->phase)
        atomic_store(&self->due, true);
}

static void strike(void *user)
{
    blows *self = user;
    while (!atomic_load(&self->due))
        attack_sleep_ms(0);
    airs_system *system = here.attack->system;
    if (self->which == BLOW_KILL)
        let(airs_kill(system, here.id));
    else if (self->which == BLOW_STOP)
        let(airs_stop(system, here.id));
    else
        let(airs_restart_actor(system, here.id, NULL));
}

/// Whenever it is killed, stopped or restarted, there is one version or the other, or nothing, and nothing is stuck.
static void killed_stopped_and_restarted_meanwhile(void **user)
{
    (void)user;
    for (int which = 0; which < BLOWS; which++) {
        for (int phase = AIRS_DEPLOY_REHEARSING; phase <= AIRS_DEPLOY_PROVING; phase++) {
            begin_with("teller-1");
            blows it = {.which = (blow)which, .phase = (airs_deploy_phase)phase};
            os_thread thread;
            assert_int_equal(os_thread_start(&thread, "strike", 0, strike, &it), AIRS_OK);
            airs_deploy_options options = {.probation_ms = 20, .on_event = tell_blow, .user = &it};
            airs_deploy_result result;
            airs_status status = deploy_to(here.id, "teller-2", options, &result, NULL);
            assert_true(status == AIRS_OK || status == AIRS_E_FAILED || status == AIRS_E_GONE);
            atomic_store(&it.due, true);
            os_thread_join(&thread);
            if (which == BLOW_STOP) {
                here.id.raw = 0;
            } else {
                expect("hello", "1");
                assert_string_equal(info().version, result.deployed ? "2.0.0" : "1.0.0");
            }
            end();
        }
    }
}

static void a_checkpoint_goes_along(void **user)
{
    (void)user;
    begin();
    here.id = spawn_with("teller-1", "victim", (airs_checkpoint){.every_messages = 1000});
    count_to(3);
    deploys("teller-2", brief);
    // The state of the swap is what its next incarnation gets.
    assert_int_equal(attack_ask(here.attack, here.id, "die", NULL), AIRS_E_FAILED);
    attack_wait_restarted(here.attack, here.id, 1);
    expect("get", "2 3 restarted 1.0.0");
    end();
}

// ---------------------------------------------------------------- several

#define TROUPE 20u

static void several_swap_or_none(void **user)
{
    (void)user;
    begin();
    airs_deploy_target targets[TROUPE];
    for (uint32_t i = 0; i < TROUPE; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "t%" PRIu32, i);
        // The last but one is another version, with a state that can't be saved.
        airs_actor_id spawned = spawn_with("teller-1", name, (airs_checkpoint){0});
        targets[i] = (airs_deploy_target){.actor = spawned, .rank = i % 3};
        attack_expect(here.attack, targets[i].actor, "add", "1");
    }
    airs_component *second = attack_load(here.attack, "teller-2");
    airs_component *falls = attack_load(here.attack, "teller-second");
    airs_error error = {0};
    airs_deploy_result result;
    airs_deploy_options options = {.probation_ms = 1, .parallel_max = 4};
    // All rehearse well, and the first that swaps does not.
    assert_int_equal(airs_deploy(here.attack->system, falls, targets, TROUPE, &options, &result, &error),
                     AIRS_E_FAILED);
    for (uint32_t i = 0; i < TROUPE; i++)
        attack_expect(here.attack, targets[i].actor, "add", "2");
    assert_int_equal(airs_deploy(here.attack->system, second, targets, TROUPE, &options, &result, &error), AIRS_OK);
    assert_int_equal(result.actors, TROUPE);
    for (uint32_t i = 0; i < TROUPE; i++) {
        attack_expect(here.attack, targets[i].actor, "get", "2 2 upgraded 1.0.0");
        attack_stop(here.attack, targets[i].actor, ATTACK_PATIENCE_MS);
    }
    airs_component_release(second);
    airs_component_release(falls);
    assert_int_equal(airs_deploy(here.attack->system, second, targets, 0, &options, &result, &error), AIRS_E_INVALID);
    end();
}

static void set_event(void *user)
{
    os_event_set(user);
}

static void roll_out(const rollout_target *targets, uint32_t count, airs_deploy_result *ret_result)
{
    os_event ended;
    os_event_init(&ended);
    rollout *made = NULL;
    airs_error error = {0};
    airs_deploy_options options = brief;
    assert_int_equal(rollout_complete(&options, &error), AIRS_OK);
    if (rollout_start(&here.attack->system->actors, targets, count, &options, set_event, &ended, &made, &error) !=
        AIRS_OK)
        fail_msg("%s", error.text);
    assert_true(os_event_wait(&ended, OS_NEVER));
    rollout_result(made, ret_result);
    rollout_release(made);
}

/// Between the choice and the beginning: as if it ended meanwhile.
static void one_that_has_ended_before_the_start(void **user)
{
    (void)user;
    begin_with("teller-1");
    count_to(1);
    airs_actor_id gone = spawn_with("teller-1", "gone", (airs_checkpoint){0});
    attack_stop(here.attack, gone, ATTACK_PATIENCE_MS);
    airs_component *second = attack_load(here.attack, "teller-2");
    rollout_target targets[] = {{.actor = gone.raw, .component = second}, {.actor = here.id.raw, .component = second}};
    airs_deploy_result result;
    roll_out(targets, 2, &result);
    assert_true(result.deployed);
    assert_int_equal(result.actors, 1);
    assert_int_equal(result.actors_gone, 1);
    serves("2.0.0", "2 1 upgraded 1.0.0");
    roll_out(targets, 1, &result);
    assert_false(result.deployed);
    assert_int_equal(result.actors_gone, 1);
    assert_string_equal(result.text, "all of its actors have ended");
    airs_component_release(second);
    end();
}

typedef struct told_records {
    uint32_t count;
    airs_deploy_record last;
} told_records;

static bool keep_record(void *user, const airs_deploy_record *record)
{
    told_records *self = user;
    self->count++;
    self->last = *record;
    return true;
}

static void the_history_says_who_and_what(void **user)
{
    (void)user;
    begin_with("teller-1");
    airs_deploy_options options = {.probation_ms = 1, .by = "ada"};
    deploys("teller-2", options);
    is_refused("teller-load-error", options, "*another format");
    rolls_back(options);
    told_records records = {0};
    assert_int_equal(airs_deploy_history(here.attack->system, 0, keep_record, &records), 3);
    assert_int_equal(records.count, 3);
    assert_int_equal(records.last.number, 3);
    assert_true(records.last.rollback && records.last.result.deployed);
    assert_string_equal(records.last.by, "ada");
    assert_string_equal(records.last.actor, "victim");
    assert_string_equal(records.last.from_version, "2.0.0");
    assert_string_equal(records.last.to_version, "1.0.0");
    records = (told_records){0};
    assert_int_equal(airs_deploy_history(here.attack->system, 2, keep_record, &records), 3);
    assert_int_equal(records.count, 1);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_stays_but_the_version),
        cmocka_unit_test(replies_to_what_was_asked_before_arrive_after),
        cmocka_unit_test(many_upgrades_in_a_row),
        cmocka_unit_test(one_that_is_there_already),
        cmocka_unit_test(a_component_without_state_starts_anew),
        cmocka_unit_test(children_of_one_that_starts_anew),
        cmocka_unit_test(a_state_is_not_lost_without_saying_so),
        cmocka_unit_test(refused_in_the_rehearsal),
        cmocka_unit_test(refused_at_the_swap),
        cmocka_unit_test(a_start_that_asks_is_rehearsed_so_far),
        cmocka_unit_test(an_old_version_that_misbehaves),
        cmocka_unit_test(refusals_of_one_version_are_its_own),
        cmocka_unit_test(a_trap_on_probation_puts_the_old_one_back),
        cmocka_unit_test(a_down_that_it_falls_with_comes_again),
        cmocka_unit_test(a_reply_that_it_falls_with_comes_again),
        cmocka_unit_test(other_failures_on_probation),
        cmocka_unit_test(ill_at_the_end_of_the_probation),
        cmocka_unit_test(a_snapshot_instead),
        cmocka_unit_test(back_by_hand),
        cmocka_unit_test(what_a_snapshot_loses_is_listed),
        cmocka_unit_test(back_by_hand_to_a_snapshot),
        cmocka_unit_test(back_by_hand_with_the_state),
        cmocka_unit_test(in_the_middle_of_an_event),
        cmocka_unit_test(a_dry_run_changes_nothing),
        cmocka_unit_test(two_at_once),
        cmocka_unit_test(killed_stopped_and_restarted_meanwhile),
        cmocka_unit_test(killed_in_the_stop_of_the_old_one),
        cmocka_unit_test(restarted_in_the_stop_of_the_old_one),
        cmocka_unit_test(a_checkpoint_goes_along),
        cmocka_unit_test(several_swap_or_none),
        cmocka_unit_test(one_that_has_ended_before_the_start),
        cmocka_unit_test(the_history_says_who_and_what),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
