// SPDX-License-Identifier: MIT OR Apache-2.0
/// What WASI has without a name, under grants: each is there or not by itself, also while the component runs.
#include <stdio.h>
#include <string.h>

#include "mounted.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct {
    const char *command;
    uint32_t right;
    const char *why;
} rights[] = {
    {"wall", AIRS_RIGHT_CLOCK_WALL, "no grant: clock.wall*"},
    {"monotonic", AIRS_RIGHT_CLOCK_MONOTONIC, "no grant: clock.monotonic*"},
    {"secure", AIRS_RIGHT_RANDOM_SECURE, "no grant: random.secure*"},
    {"insecure", AIRS_RIGHT_RANDOM_INSECURE, "no grant: random.insecure*"},
    {"seed", AIRS_RIGHT_RANDOM_INSECURE, "no grant: random.insecure*"},
};

static void without_a_word_they_are_there(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_actor_id id = attack_spawn(self, "settings", NULL);
    for (size_t i = 0; i < COUNT(rights); i++)
        attack_expect(self, id, rights[i].command, "done");
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
}

/// Each right alone; asking for another one is a trap that says which is missing.
static void each_is_there_by_itself(void **user)
{
    (void)user;
    attack *self = attack_begin();
    for (size_t has = 0; has < COUNT(rights); has++) {
        const airs_grant grant = {.rights = rights[has].right};
        airs_spawn_options options = {.grants = &grant, .grants_count = 1, .nothing_by_default = true};
        airs_actor_id id = attack_spawn(self, "settings", &options);
        uint64_t restarts = 0;
        for (size_t i = 0; i < COUNT(rights); i++) {
            if (rights[i].right == rights[has].right) {
                attack_expect(self, id, rights[i].command, "done");
                continue;
            }
            uint64_t failures = self->failures;
            char got[256];
            assert_int_equal(attack_ask(self, id, rights[i].command, got), AIRS_E_FAILED);
            attack_wait_failure(self, failures);
            attack_wait_restarted(self, id, ++restarts);
            assert_int_equal(self->reason, AIRS_EXIT_TRAP);
            attack_assert_text(self->text, rights[i].why);
        }
        attack_stop(self, id, ATTACK_PATIENCE_MS);
    }
    attack_end(self);
}

static void they_are_revoked_while_it_runs(void **user)
{
    (void)user;
    attack *self = attack_begin();
    mounted tree = {.attack = self};
    airs_actor_id id = attack_spawn(self, "settings", NULL);
    attack_expect(self, id, "wall", "done");
    attack_expect(self, id, "log before", "done");
    mounted_revoke(&tree, id);
    attack_expect(self, id, "log after", "done");
    uint64_t failures = self->failures;
    char got[256];
    assert_int_equal(attack_ask(self, id, "wall", got), AIRS_E_FAILED);
    attack_wait_failure(self, failures);
    attack_wait_restarted(self, id, 1);
    assert_int_equal(attack_lines_with(self, "log", "before"), 1);
    assert_int_equal(attack_lines_with(self, "log", "after"), 0);
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
}

static void output_without_a_right_is_closed(void **user)
{
    (void)user;
    attack *self = attack_begin();
    const airs_grant grants[] = {{.rights = AIRS_RIGHT_STDIO_ERR}, {.rights = AIRS_RIGHT_CLOCK_WALL}};
    airs_spawn_options options = {.name = "quiet", .grants = grants, .grants_count = 2, .nothing_by_default = true};
    airs_actor_id id = attack_spawn(self, "prints", &options);
    attack_expect(self, id, "lines 10", "*");
    attack_expect(self, id, "open", "*");
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    assert_int_equal(attack_lines_with(self, "stdout", ""), 0);
    attack_end(self);
}

/// Runs the program to its end, and gives how many lines of its output there are now that contain this.
static size_t run_program(attack *self, const airs_spawn_options *options, const char *line)
{
    size_t before = attack_lines_with(self, "stdout", line);
    airs_actor_id id = attack_spawn(self, "program-reads", options);
    attack_wait_gone(self, id);
    return attack_lines_with(self, "stdout", line) - before;
}

static void input_takes_its_right_and_arguments_none(void **user)
{
    (void)user;
    attack *self = attack_begin();
    static const char *const args[] = {"-a", "", "b c"};
    static const airs_grant grants[] = {{.rights = AIRS_RIGHT_STDIO_IN | AIRS_RIGHT_STDIO_OUT}};
    airs_spawn_options options = {.name = "reader",
                                  .restart = AIRS_RESTART_TEMPORARY,
                                  .args = args,
                                  .args_count = COUNT(args),
                                  .input = {(const uint8_t *)"one\ntwo", 7}};
    // It is not given without a word.
    assert_int_equal(run_program(self, &options, "0 bytes, to the end"), 1);
    assert_int_equal(attack_lines_with(self, "stdout", "argument 0: reader"), 1);
    assert_int_equal(attack_lines_with(self, "stdout", "argument 1: -a"), 1);
    assert_int_equal(attack_lines_with(self, "stdout", "argument 3: b c"), 1);
    assert_int_equal(attack_lines_with(self, "stdout", "argument 4"), 0);
    options.grants = grants;
    options.grants_count = 1;
    assert_int_equal(run_program(self, &options, "7 bytes, to the end"), 1);
    assert_int_equal(attack_lines_with(self, "stdout", "read: two"), 1);
    // Too much, or nothing where there should be something.
    airs_error error = {0};
    options.input.len = AIRS_INPUT_MAX + 1;
    assert_int_equal(attack_spawn_fails(self, "program-reads", &options, &error), AIRS_E_INVALID);
    attack_assert_text(error.text, "input has 16777217 bytes, the most are 16777216");
    options.input.data = NULL;
    assert_int_equal(attack_spawn_fails(self, "program-reads", &options, &error), AIRS_E_INVALID);
    options.input.len = 0;
    static char lengthy[AIRS_ARGS_MAX + 1];
    memset(lengthy, 'x', sizeof lengthy - 1);
    options.args = (const char *const[]){lengthy};
    options.args_count = 1;
    assert_int_equal(attack_spawn_fails(self, "program-reads", &options, &error), AIRS_E_INVALID);
    attack_assert_text(error.text, "args have more than 65536 bytes");
    attack_end(self);
}

// ---------------------------------------------------------------- settings and log

static void settings_are_those_that_are_granted(void **user)
{
    (void)user;
    attack *self = attack_begin();
    static const airs_setting config[] = {{"db.host", "h"}, {"db.password", "p"}, {"name", "n"}};
    static const char *const guests[] = {"settings", "settings-older"};
    for (size_t i = 0; i < 2; i++) {
        const airs_grant grants[] = {{.rights = AIRS_RIGHT_CONFIG_READ, .pattern = "*.host"},
                                     {.rights = AIRS_RIGHT_CONFIG_READ, .pattern = "nam*"}};
        airs_spawn_options options = {.config = config, .config_count = 3, .grants = grants, .grants_count = 2};
        airs_actor_id id = attack_spawn(self, guests[i], &options);
        attack_expect(self, id, "get db.host", "is h");
        attack_expect(self, id, "get name", "is n");
        attack_expect(self, id, "get nameless", "none");
        attack_expect(self, id, "get db.password", "error no grant: config.read does not match \"db.password\"");
        attack_expect(self, id, "get *", "error no grant: *");
        attack_expect(self, id, "all", "all db.host=h name=n");
        attack_stop(self, id, ATTACK_PATIENCE_MS);
        options = (airs_spawn_options){.config = config, .config_count = 3};
        id = attack_spawn(self, guests[i], &options);
        attack_expect(self, id, "all", "all db.host=h db.password=p name=n");
        attack_expect(self, id, "get db.password", "is p");
        attack_stop(self, id, ATTACK_PATIENCE_MS);
    }
    attack_end(self);
}

static void what_is_logged_is_one_line_and_bounded(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_spawn_options options = {.name = "logs", .limits = {.log_lines_per_second = 5}};
    airs_actor_id id = attack_spawn(self, "settings", &options);
    attack_expect(self, id, "log a\x1b[31mb\nc", "done");
    assert_int_equal(attack_lines_with(self, "log", "here: a\\x1b[31mb\\x0ac"), 1);
    char flood[8000] = "log ";
    memset(flood + 4, 'x', sizeof flood - 5);
    flood[sizeof flood - 1] = '\0';
    for (uint32_t i = 0; i < 50; i++)
        attack_expect(self, id, flood, "done");
    for (size_t i = 0; i < self->lines_count; i++)
        assert_true(strlen(self->lines[i].text) <= 4096);
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_word_they_are_there),
        cmocka_unit_test(each_is_there_by_itself),
        cmocka_unit_test(they_are_revoked_while_it_runs),
        cmocka_unit_test(input_takes_its_right_and_arguments_none),
        cmocka_unit_test(output_without_a_right_is_closed),
        cmocka_unit_test(settings_are_those_that_are_granted),
        cmocka_unit_test(what_is_logged_is_one_line_and_bounded),
    };
    return cmocka_run_group_tests_name("hostile rights", tests, NULL, NULL);
}
