// SPDX-License-Identifier: MIT OR Apache-2.0
/// The export `state`: saved when it is time, loaded by the next incarnation, and never the reason of a crash loop.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "attack.h"

static const char *const guests[] = {"keeper", "keeper-actor"};

static airs_actor_id spawn(attack *self, size_t guest, airs_checkpoint checkpoint)
{
    static const char *const topics[] = {"news"};
    airs_spawn_options options = {.name = "victim",
                                  .may_subscribe = topics,
                                  .may_subscribe_count = 1,
                                  .checkpoint = checkpoint,
                                  .limits = {.max_execution_ms = 200, .max_park_ms = 300, .start_timeout_ms = 60000}};
    return attack_spawn(self, guests[guest], &options);
}

static airs_metrics metrics_of(attack *self)
{
    airs_metrics metrics;
    airs_system_get_metrics(self->system, &metrics);
    return metrics;
}

static void wait_saved(attack *self, uint64_t saved, uint64_t failed)
{
    for (uint64_t begin = attack_now_ms(); attack_now_ms() - begin < ATTACK_PATIENCE_MS; attack_sleep_ms(1)) {
        airs_metrics metrics = metrics_of(self);
        if (metrics.checkpoints >= saved && metrics.checkpoints_failed >= failed)
            return;
    }
    fail_msg("%" PRIu64 " states were saved, and %" PRIu64 " not", metrics_of(self).checkpoints,
             metrics_of(self).checkpoints_failed);
}

/// It traps, and is ready again.
static void die(attack *self, airs_actor_id id, uint64_t restarts)
{
    assert_int_equal(attack_ask(self, id, "die", NULL), AIRS_E_FAILED);
    attack_wait_restarted(self, id, restarts);
}

static void every_so_many_messages(void **user)
{
    (void)user;
    attack *self = attack_begin();
    for (size_t i = 0; i < 2; i++) {
        uint64_t before = metrics_of(self).checkpoints;
        airs_actor_id id = spawn(self, i, (airs_checkpoint){.every_messages = 2});
        attack_expect(self, id, "set one", "ok");
        attack_expect(self, id, "set two", "ok");
        wait_saved(self, before + 1, 0);
        // The third is not saved: what comes back is the second.
        attack_expect(self, id, "set three", "ok");
        assert_int_equal(metrics_of(self).checkpoints, before + 1);
        die(self, id, 1);
        attack_expect(self, id, "get", "two restarted loaded");
        // It goes on from there, and again.
        attack_expect(self, id, "set four", "ok");
        wait_saved(self, before + 2, 0);
        die(self, id, 2);
        attack_expect(self, id, "get", "four restarted loaded");
        attack_stop(self, id, ATTACK_PATIENCE_MS);
        attack_check(self);
    }
    assert_int_equal(metrics_of(self).checkpoints_failed, 0);
    attack_end(self);
}

/// None is saved while nothing happens.
static void after_a_time(void **user)
{
    (void)user;
    attack *self = attack_begin();
    for (size_t i = 0; i < 2; i++) {
        uint64_t before = metrics_of(self).checkpoints;
        airs_actor_id id = spawn(self, i, (airs_checkpoint){.every_ms = 30});
        attack_sleep_ms(100);
        assert_int_equal(metrics_of(self).checkpoints, before);
        attack_expect(self, id, "set one", "ok");
        wait_saved(self, before + 1, 0);
        attack_sleep_ms(100);
        assert_int_equal(metrics_of(self).checkpoints, before + 1);
        die(self, id, 1);
        attack_expect(self, id, "get", "one restarted loaded");
        attack_stop(self, id, ATTACK_PATIENCE_MS);
        attack_check(self);
    }
    attack_end(self);
}

/// What is there before its own `stop`, and only when there will be another incarnation.
static void when_it_stops(void **user)
{
    (void)user;
    attack *self = attack_begin();
    for (size_t i = 0; i < 2; i++) {
        uint64_t before = metrics_of(self).checkpoints;
        airs_actor_id id = spawn(self, i, (airs_checkpoint){.on_stop = true});
        attack_expect(self, id, "set one", "ok");
        assert_int_equal(metrics_of(self).checkpoints, before);
        assert_int_equal(airs_restart_actor(self->system, id, NULL), AIRS_OK);
        assert_int_equal(metrics_of(self).checkpoints, before + 1);
        attack_expect(self, id, "get", "one restarted loaded");
        attack_stop(self, id, ATTACK_PATIENCE_MS);
        assert_int_equal(metrics_of(self).checkpoints, before + 1);
        attack_check(self);
    }
    attack_end(self);
}

static void without_a_checkpoint_it_starts_anew(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_actor_id id = spawn(self, 0, (airs_checkpoint){0});
    attack_expect(self, id, "set one", "ok");
    die(self, id, 1);
    attack_expect(self, id, "get", " restarted nothing");
    attack_expect(self, id, "saves", "0");
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
}

static void what_can_t_be_saved_leaves_the_older_one(void **user)
{
    (void)user;
    attack *self = attack_begin();
    static const struct {
        const char *word;
        const char *line;
    } cases[] = {
        {"save error", "its state was not saved: not now; the one that was saved before is kept"},
        {"save large", "its state was not saved: 100000 bytes are over max_state, 1000; the one"},
    };
    for (size_t i = 0; i < 4; i++) {
        airs_metrics before = metrics_of(self);
        airs_actor_id id = spawn(self, i % 2, (airs_checkpoint){.every_messages = 1, .max_state = 1000});
        attack_expect(self, id, "set one", "ok");
        wait_saved(self, before.checkpoints + 1, 0);
        size_t lines = attack_lines_with(self, "runtime", cases[i / 2].line);
        attack_expect(self, id, cases[i / 2].word, "ok");
        wait_saved(self, 0, before.checkpoints_failed + 1);
        assert_int_equal(attack_lines_with(self, "runtime", cases[i / 2].line), lines + 1);
        attack_expect(self, id, "set two", "ok");
        assert_int_equal(metrics_of(self).restarts, before.restarts);
        die(self, id, 1);
        attack_expect(self, id, "get", "one restarted loaded");
        attack_stop(self, id, ATTACK_PATIENCE_MS);
        attack_check(self);
    }
    attack_end(self);
}

/// A trap or a hang is the end of the incarnation; the next one gets the state before it.
static void what_fails_while_it_saves(void **user)
{
    (void)user;
    attack *self = attack_begin();
    static const struct {
        const char *word;
        airs_exit reason;
        const char *text;
    } cases[] = {
        {"save trap", AIRS_EXIT_TRAP, "saving its state: *wasm `unreachable` instruction executed*"},
        {"save loop", AIRS_EXIT_LIMIT, "saving its state: it ran longer than max_execution, 200 ms"},
        {"save wait", AIRS_EXIT_LIMIT, "saving its state: it waited longer than max_park, 300 ms"},
        {"save exit", AIRS_EXIT_FAILED, "enough"},
    };
    for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
        print_message("    %s: %s\n", guests[i % 2], cases[i / 2].word);
        uint64_t before = metrics_of(self).checkpoints;
        airs_actor_id id = spawn(self, i % 2, (airs_checkpoint){.every_messages = 1});
        attack_expect(self, id, "set one", "ok");
        wait_saved(self, before + 1, 0);
        uint64_t failures = self->failures;
        attack_expect(self, id, cases[i / 2].word, "ok");
        attack_wait_failure(self, failures);
        assert_string_equal(airs_exit_name(self->reason), airs_exit_name(cases[i / 2].reason));
        attack_assert_text(self->text, cases[i / 2].text);
        attack_wait_restarted(self, id, 1);
        attack_expect(self, id, "get", "one restarted loaded");
        attack_stop(self, id, ATTACK_PATIENCE_MS);
        attack_check(self);
    }
    attack_end(self);
}

typedef struct seen_failures {
    size_t count;
    airs_exit reasons[16];
    char texts[16][256];
} seen_failures;

static bool see(void *user, const airs_failure *failure)
{
    seen_failures *seen = user;
    assert_int_equal(failure->action, AIRS_ACTION_RESTARTED);
    seen->reasons[seen->count] = failure->reason;
    (void)snprintf(seen->texts[seen->count++], 256, "%s", failure->text);
    return true;
}

/// A state that can't be loaded costs one failure in the history, no restart more, and is gone for good.
static void what_can_t_be_loaded_is_thrown_away(void **user)
{
    (void)user;
    attack *self = attack_begin();
    static const struct {
        const char *word;
        airs_exit reason;
        const char *text;
    } cases[] = {
        {"load error", AIRS_EXIT_FAILED, "loading its state: not mine any more"},
        {"load trap", AIRS_EXIT_TRAP, "loading its state: *wasm `unreachable` instruction executed*"},
        {"load loop", AIRS_EXIT_LIMIT, "loading its state: it ran longer than max_execution, 200 ms"},
        {"load wait", AIRS_EXIT_LIMIT, "loading its state: it waited longer than max_park, 300 ms"},
    };
    for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
        print_message("    %s: %s\n", guests[i % 2], cases[i / 2].word);
        airs_actor_id id = spawn(self, i % 2, (airs_checkpoint){.every_messages = 1});
        attack_expect(self, id, "set one", "ok");
        attack_expect(self, id, cases[i / 2].word, "ok");
        // The trap, and the load after it: one restart.
        die(self, id, 1);
        attack_expect(self, id, "get", " restarted nothing");
        seen_failures seen = {0};
        assert_int_equal(airs_actor_failures(self->system, id, see, &seen), 2);
        assert_string_equal(airs_exit_name(seen.reasons[0]), "trap");
        assert_string_equal(airs_exit_name(seen.reasons[1]), airs_exit_name(cases[i / 2].reason));
        attack_assert_text(seen.texts[1], cases[i / 2].text);
        assert_true(attack_lines_with(self, "runtime", "starts without its state: loading its state") > i);
        // What the first start subscribed to is gone with it: this arrives once.
        uint32_t reached;
        assert_int_equal(airs_publish(self->system, "news", "get", 3, &reached, NULL), AIRS_OK);
        assert_int_equal(reached, 1);
        // It is saved anew, and loaded.
        attack_expect(self, id, "set two", "ok");
        die(self, id, 2);
        attack_expect(self, id, "get", "two restarted loaded");
        attack_stop(self, id, ATTACK_PATIENCE_MS);
        attack_check(self);
    }
    attack_end(self);
}

/// Where the start's own limit ends it, the next start is without the state too.
static void a_load_that_takes_the_whole_start(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_spawn_options options = {.name = "victim",
                                  .checkpoint = {.every_messages = 1},
                                  .limits = {.max_execution_ms = 60000, .start_timeout_ms = 300}};
    airs_actor_id id = attack_spawn(self, "keeper", &options);
    attack_expect(self, id, "set one", "ok");
    attack_expect(self, id, "load loop", "ok");
    uint64_t failures = self->failures;
    assert_int_equal(attack_ask(self, id, "die", NULL), AIRS_E_FAILED);
    attack_wait_failure(self, failures + 1);
    assert_int_equal(self->reason, AIRS_EXIT_TIMEOUT);
    attack_wait_restarted(self, id, 1);
    attack_expect(self, id, "get", " restarted nothing");
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
}

/// A guest that waits in `load` has half of the start's time.
static void a_load_that_waits_for_ever(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_spawn_options options = {
        .name = "victim", .checkpoint = {.every_messages = 1}, .limits = {.start_timeout_ms = 600}};
    airs_actor_id id = attack_spawn(self, "keeper", &options);
    attack_expect(self, id, "load wait", "ok");
    die(self, id, 1);
    attack_expect(self, id, "get", " restarted nothing");
    seen_failures seen = {0};
    assert_int_equal(airs_actor_failures(self->system, id, see, &seen), 2);
    attack_assert_text(seen.texts[1], "loading its state: it waited longer than half of start_timeout, 300 ms");
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
}

static void what_makes_no_sense_is_refused(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_error error = {0};
    airs_spawn_options options = {.checkpoint = {.every_messages = 1}};
    assert_int_equal(attack_spawn_fails(self, "only-messages", &options, &error), AIRS_E_UNSUPPORTED);
    attack_assert_text(error.text, "checkpoint: the component does not export `state`");
    options.checkpoint.max_state = (64u << 20) + 1;
    assert_int_equal(attack_spawn_fails(self, "keeper", &options, &error), AIRS_E_INVALID);
    attack_assert_text(error.text, "checkpoint: max_state, 67108865 bytes, is over 67108864");
    attack_end(self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_so_many_messages),
        cmocka_unit_test(after_a_time),
        cmocka_unit_test(when_it_stops),
        cmocka_unit_test(without_a_checkpoint_it_starts_anew),
        cmocka_unit_test(what_can_t_be_saved_leaves_the_older_one),
        cmocka_unit_test(what_fails_while_it_saves),
        cmocka_unit_test(what_can_t_be_loaded_is_thrown_away),
        cmocka_unit_test(a_load_that_takes_the_whole_start),
        cmocka_unit_test(a_load_that_waits_for_ever),
        cmocka_unit_test(what_makes_no_sense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
