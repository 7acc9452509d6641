// SPDX-License-Identifier: MIT OR Apache-2.0
#include "deploy/manifest.h"

#include "base/bytes.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/airssys-manifest-XXXXXX";

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int enter_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder) || chdir(folder) != 0)
        return -1;
    write_file("a.wasm", "any");
    write_file("b.wasm", "any");
    return mkdir("dir", 0700) || mkdir("build", 0700);
}

static int leave_folder(void **state)
{
    (void)state;
    unlink("a.wasm");
    unlink("b.wasm");
    unlink("dir/airssys.toml");
    unlink("build/shop.wasm");
    return rmdir("dir") || rmdir("build") || chdir("/") || rmdir(folder);
}

static airs_status parse(deploy_manifest *manifest, const char *text, airs_error *error)
{
    return deploy_manifest_parse(manifest, "airssys.toml", base_bytes_of(text), error);
}

#define APP "[app]\nname = \"x\"\n"
#define ACTOR "[[actor]]\nname = \"a\"\ncomponent = \"a.wasm\"\n"

typedef struct refusal {
    const char *text;
    /// Behind "airssys.toml:".
    const char *error;
} refusal;

// What stands in APP and ACTOR together is five lines long.
static const refusal refusals[] = {
    // The file as a whole.
    {"", "1:1: [app] is missing: this is neither an app nor a component's project"},
    {APP, "1:1: no [[actor]]: an app has at least one"},
    {ACTOR, "1:1: [app] is missing: it gives the app its `name`"},
    {"[build]\n", "1:1: [app] is missing: this is neither an app nor a component's project"},
    {"[component]\n", "1:1: `name` is missing in [component]"},
    {"[component]\nname = \"gone\"\n", "2:8: no such component file: build/gone.wasm: build it, or correct the path"},
    // [app]
    {"[app]\n" ACTOR, "1:1: `name` is missing in [app]"},
    {"[app]\nname = 3\n" ACTOR, "2:8: `name` must be a string, not an integer: name = \"…\""},
    {"[app]\nname = \"\"\n" ACTOR, "2:8: `name` must not be empty"},
    {"[app]\nname = \"a/b\"\n" ACTOR,
     "2:8: `name` is \"a/b\": the name of an app is 1 to 64 letters, digits and -_., and starts with none of -."},
    {"[app]\nname = \"..\"\n" ACTOR,
     "2:8: `name` is \"..\": the name of an app is 1 to 64 letters, digits and -_., and starts with none of -."},
    {"[app]\nname = \"x\\u0000y\"\n" ACTOR, "2:10: a text must not contain a NUL"},
    {"app = 1\n" ACTOR, "1:7: `app` must be a table, not a value of type integer"},
    // Unknown keys, with and without a neighbour.
    {APP "versoin = \"1\"\n" ACTOR, "3:1: unknown key `versoin` in [app]: did you mean `version`?"},
    {APP "colour = \"red\"\n" ACTOR,
     "3:1: unknown key `colour` in [app]: known are name, version, description, expose"},
    {"actors = []\n" APP ACTOR, "1:1: unknown key `actors`: did you mean `actor`?"},
    {"zzz = []\n" APP ACTOR, "1:1: unknown key `zzz`: known are app, supervisor, node, actor, template, "
                             "component, build"},
    {APP ACTOR "max-memory = 1\n",
     "6:1: unknown key `max-memory` in [actor]: known are name, component, restart, significant, config, env, args, "
     "stdin, limits, grants, backoff, health, on_failure, checkpoint, deploy, supervisor"},
    {APP ACTOR "[actor.limits]\nmax_open_files = 10001\n", "7:18: `max_open_files` must be from 1 to 10000, not 10001"},
    {APP ACTOR "[actor.limits]\nmax_memroy = \"1MiB\"\n",
     "7:1: unknown key `max_memroy` in [actor.limits]: did you mean `max_memory`?"},
    {APP ACTOR "[actor.limits]\nmax-memory = \"1MiB\"\n",
     "7:1: unknown key `max-memory` in [actor.limits]: did you mean `max_memory`?"},
    {APP ACTOR "[actor.grants.sockets]\n",
     "6:15: unknown key `sockets` in [actor.grants]: known are files, network, messaging, spawn, env, config, clock, "
     "random, stdio, custom"},
    // [supervisor]
    {APP ACTOR "[supervisor]\nmax_restarts = \"3\"\n",
     "7:16: `max_restarts` must be a whole number, not a string: max_restarts = 4"},
    {APP ACTOR "[supervisor]\nmax_restarts = -1\n", "7:16: `max_restarts` must be from 0 to 1000000, not -1"},
    {APP ACTOR "[supervisor]\nwindow = 5\n",
     "7:10: `window` must be a duration in quotes, not an integer: window = \"5s\""},
    {APP ACTOR "[supervisor]\nwindow = \"5 s\"\n",
     "7:10: `window` is \"5 s\": a duration is a whole number and ms, s, m or h, such as \"5s\""},
    {APP ACTOR "[supervisor]\nwindow = \"0s\"\n", "7:10: `window` must be from 1 ms to 49d 17h, not \"0s\""},
    {APP ACTOR "[supervisor]\nwindow = \"99999999999999999999s\"\n",
     "7:10: `window` is \"99999999999999999999s\": a duration is a whole number and ms, s, m or h, such as \"5s\""},
    // Groups.
    {APP ACTOR "[[supervisor.group]]\nparent = \"x\"\n", "6:1: `name` is missing in [supervisor.group]"},
    {APP ACTOR "[[supervisor.group]]\nname = \"g\"\nparent = \"x\"\n",
     "8:10: `parent` is \"x\", but there is no such group: add a [[supervisor.group]] of this name"},
    {APP ACTOR "[[supervisor.group]]\nname = \"g\"\nparent = \"g\"\n",
     "8:10: group \"g\" is below itself: following `parent` never reaches the root"},
    {APP ACTOR
     "[[supervisor.group]]\nname = \"g\"\nparent = \"h\"\n[[supervisor.group]]\nname = \"h\"\nparent = \"g\"\n",
     "8:10: group \"g\" is below itself: following `parent` never reaches the root"},
    {APP ACTOR "supervisor = \"wrokers\"\n[[supervisor.group]]\nname = \"workers\"\n",
     "6:14: `supervisor` is \"wrokers\", but there is no such group: did you mean \"workers\"?"},
    {APP ACTOR "[[supervisor.group]]\nname = \"a\"\n",
     "7:8: the name \"a\" is taken, by line 4: names are unique in an app"},
    {APP ACTOR "[supervisor.group]\nname = \"a\"\n",
     "6:1: `group` must be a list of tables, not a value of type table: write [[supervisor.group]]"},
    // Actors.
    {APP "actor = 1\n" ACTOR, "3:1: unknown key `actor` in [app]: known are name, version, description, expose"},
    {APP "[actor]\nname = \"a\"\n",
     "3:1: `actor` must be a list of tables, not a value of type table: write [[actor]]"},
    {APP "[[actor]]\ncomponent = \"a.wasm\"\n", "3:1: `name` is missing in [actor]"},
    {APP "[[actor]]\nname = \"a\"\n", "3:1: `component` is missing in [actor]"},
    {APP "[[actor]]\nname = \"a b\"\ncomponent = \"a.wasm\"\n",
     "4:8: `name` is \"a b\": a name is 1 to 128 letters, digits and -_.:/"},
    {APP ACTOR ACTOR, "7:8: the name \"a\" is taken, by line 4: names are unique in an app"},
    {APP "[[actor]]\nname = \"a\"\ncomponent = \"c.wasm\"\n",
     "5:13: no such component file: c.wasm: build it, or correct the path"},
    {APP "[[actor]]\nname = \"a\"\ncomponent = \"a.wasm/b\"\n",
     "5:13: no such component file: a.wasm/b: build it, or correct the path"},
    {APP "[[actor]]\nname = \"a\"\ncomponent = \"dir\"\n",
     "5:13: the component dir is a folder: name the .wasm file in it"},
    {APP "[[actor]]\nname = \"a\"\ncomponent = \"\"\n", "5:13: `component` must not be empty"},
    {APP ACTOR "restart = \"always\"\n",
     "6:11: `restart` is \"always\": must be one of: permanent transient temporary"},
    {APP ACTOR "restart = true\n", "6:11: `restart` must be a string, not a boolean: restart = \"…\""},
    {APP ACTOR "significant = \"yes\"\n",
     "6:15: `significant` must be true or false, not a string: significant = true"},
    {APP ACTOR "config = { n = 5 }\n",
     "6:16: `config.n` must be a string, not a value of type integer: put it in quotes"},
    {APP ACTOR "config = [1]\n",
     "6:10: `config` must be a table of strings, not an array: config = { key = \"value\" }"},
    // Limits.
    {APP ACTOR "[actor.limits]\nmailbox_max = 0\n", "7:15: `mailbox_max` must be from 1 to 16777216, not 0"},
    {APP ACTOR "[actor.limits]\nmailbox_max = 20000000\n",
     "7:15: `mailbox_max` must be from 1 to 16777216, not 20000000"},
    {APP ACTOR "[actor.limits]\nmax_refusals = 1000001\n",
     "7:16: `max_refusals` must be from 1 to 1000000, not 1000001"},
    {APP ACTOR "[actor.limits]\nlog_lines_per_second = 1000001\n",
     "7:24: `log_lines_per_second` must be from 1 to 1000000, not 1000001"},
    {APP ACTOR "[actor.limits]\nmax_park = \"25h\"\n", "7:12: `max_park` must be from 1 ms to 1d 0h, not \"25h\""},
    {APP ACTOR "[actor.limits]\nmailbox_max = 1.5\n",
     "7:15: `mailbox_max` must be a whole number, not a float: mailbox_max = 4"},
    {APP ACTOR "[actor.limits]\nmax_memory = \"64MB!\"\n",
     "7:14: `max_memory` is not a size: a whole number and B, KiB, MiB or GiB, such as \"64MiB\""},
    {APP ACTOR "[actor.limits]\nmax_memory = -1\n",
     "7:14: `max_memory` is not a size: a whole number and B, KiB, MiB or GiB, such as \"64MiB\""},
    {APP ACTOR "[actor.limits]\nmax_memory = true\n",
     "7:14: `max_memory` must be a size in quotes, not a boolean: max_memory = \"64MiB\""},
    {APP ACTOR "[actor.limits]\nmax_message = \"65MiB\"\n", "7:15: `max_message` must be from 1 B to 64 MiB"},
    {APP ACTOR "[actor.limits]\nmax_connections = 0\n", "7:19: `max_connections` must be from 1 to 65536, not 0"},
    {APP ACTOR "[actor.limits]\nmax_connections = 65537\n",
     "7:19: `max_connections` must be from 1 to 65536, not 65537"},
    {APP ACTOR "[actor.limits]\nmax_execution = \"1d\"\n",
     "7:17: `max_execution` is \"1d\": a duration is a whole number and ms, s, m or h, such as \"5s\""},
    // Grants.
    {APP ACTOR "[actor.grants.messaging]\nsend = \"b\"\n",
     "7:8: `send` must be a list of strings, not a string: send = [\"…\"]"},
    {APP ACTOR "[actor.grants.messaging]\nsend = [\"b\", 3]\n",
     "7:14: `send` must hold strings only, not a value of type integer"},
    {APP ACTOR "[actor.grants.messaging]\nsend = [\"b c\"]\n",
     "7:9: `send` has \"b c\": a name is 1 to 128 letters, digits and -_.:/, and * for any run of them"},
    {APP ACTOR "[actor.grants.messaging]\npublish = [\"a..b\"]\n",
     "7:12: `publish` has \"a..b\": a topic is 1 to 16 levels with dots between, where * is any one and > at the end "
     "all that follow"},
    {APP ACTOR "[actor.limits]\nmailbox_policy = \"drop\"\n",
     "7:18: `mailbox_policy` is \"drop\": must be one of: refuse drop_oldest drop_newest park_sender"},
    // [node]
    {APP ACTOR "[node]\nworkers = 0\n", "7:11: `workers` must be from 1 to 1024, not 0"},
    {APP ACTOR "[node]\nmax_memory = \"1KiB\"\n", "7:14: `max_memory` must be from 64 KiB to 64 TiB"},
    {APP "[node]\ncomponent_memory_max = \"1MiB\"\n" ACTOR "[actor.limits]\nmax_memory = \"2MiB\"\n",
     "9:14: `max_memory` is above `component_memory_max` of [node], which is 1 MiB"},
    {APP ACTOR "[[actor]]\nname = \"b\"\ncomponent = \"a.wasm\"\n[node]\ninstances_max = 1\n",
     "10:17: `instances_max` is 1, but 2 actors are permanent"},
    {APP ACTOR "[[supervisor.group]]\nname = \"g\"\n[node]\nactors_max = 2\n",
     "9:14: `actors_max` is 2, but the root, groups and permanent actors are 3"},
    {APP ACTOR "[node]\nmetrics = \"0.0.0.0:9464\"\n",
     "7:11: `metrics`: \"0.0.0.0:9464\" is no loopback address: only 127.0.0.0/8 and [::1], which other machines can't "
     "reach"},
    {APP ACTOR "[node]\nmetrics = \"9464\"\n",
     "7:11: `metrics`: \"9464\" is no address and port, such as 127.0.0.1:9464"},
    {APP ACTOR "[node]\nworker = 1\n", "7:1: unknown key `worker` in [node]: did you mean `workers`?"},
};

static void what_is_wrong_is_said_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const refusal *r = &refusals[i];
        deploy_manifest manifest = {0};
        airs_error error = {0};
        airs_status status = parse(&manifest, r->text, &error);
        if (status == AIRS_OK)
            fail_msg("accepted: %s", r->text);
        assert_int_equal(status, AIRS_E_MANIFEST);
        assert_int_equal(strncmp(error.text, "airssys.toml:", 13), 0);
        if (strcmp(error.text + 13, r->error) != 0)
            fail_msg("of:\n%s\nexpected: %s\n  but got: %s", r->text, r->error, error.text + 13);
    }
}

static void what_toml_refuses_has_its_place(void **state)
{
    (void)state;
    static const refusal broken[] = {
        {APP "name = \"y\"\n", "3:1: "},   {APP "[app]\n", "3:"},          {"[app\n", "1:"},
        {"[app]\nname = \"x\n", "2:"},     {"[app]\nname = x\n", "2:8: "}, {"[app]\nname\n", "2:"},
        {"[app]\nname = \"\\q\"\n", "2:"}, {"\xff", "1:1: not UTF-8"},
    };
    // What TOML itself refuses is worded by its parser: only the place is ours.
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        deploy_manifest manifest = {0};
        airs_error error = {0};
        assert_int_equal(parse(&manifest, broken[i].text, &error), AIRS_E_MANIFEST);
        if (strncmp(error.text + 13, broken[i].error, strlen(broken[i].error)) != 0)
            fail_msg("of:\n%s\nexpected: %s\n  but got: %s", broken[i].text, broken[i].error, error.text + 13);
    }
}

static void cut_anywhere_it_is_refused_or_read(void **state)
{
    (void)state;
    static const char whole[] = APP ACTOR "restart = \"transient\"\n[actor.limits]\nmax_memory = \"1MiB\"\n"
                                          "[actor.grants.messaging]\nsend = [\"b*\"]\n";
    for (size_t len = 0; len < sizeof whole; len++) {
        deploy_manifest manifest = {0};
        airs_error error = {0};
        airs_bytes text = {(const uint8_t *)whole, len};
        if (deploy_manifest_parse(&manifest, "airssys.toml", text, &error) == AIRS_OK)
            deploy_manifest_close(&manifest);
        else
            assert_int_equal(error.status, AIRS_E_MANIFEST);
    }
}

static void check_node(const deploy_node *node)
{
    assert_int_equal(node->workers, 3);
    assert_int_equal(node->instances_max, 50);
    assert_int_equal(node->component_memory_max, 1u << 30);
    assert_int_equal(node->max_memory, UINT64_C(8) << 30);
    assert_int_equal(node->component_max, 2u << 20);
    assert_int_equal(node->compile_memory, 300u << 20);
    assert_int_equal(node->compile_time_ms, 7000);
    assert_string_equal(node->metrics.text, "[::1]:0");
}

static void all_of_it_is_read(void **state)
{
    (void)state;
    deploy_manifest manifest = {0};
    airs_error error = {0};
    airs_status status = parse(&manifest,
                               "[app]\nname = \"shop\"\nversion = \"1.2.0\"\ndescription = \"d\"\n"
                               "[supervisor]\nmax_restarts = 7\nwindow = \"2m\"\nstrategy = \"rest_for_one\"\n"
                               "[[supervisor.group]]\nname = \"inner\"\nparent = \"outer\"\nwindow = \"500ms\"\n"
                               "[[supervisor.group]]\nname = \"outer\"\n"
                               "[node]\nworkers = 3\ninstances_max = 50\nactors_max = 60\nmetrics = \"[::1]:0\"\n"
                               "component_memory_max = \"1GiB\"\nmax_memory = \"8GiB\"\n"
                               "component_max = \"2MiB\"\ncompile_memory = \"300MiB\"\ncompile_time = \"7s\"\n"
                               "[[actor]]\nname = \"first\"\ncomponent = \"a.wasm\"\n"
                               "[[actor]]\nname = \"second\"\ncomponent = \"./b.wasm\"\nrestart = \"temporary\"\n"
                               "significant = true\nsupervisor = \"inner\"\nconfig = { b = \"2\", a = \"1\" }\n"
                               "[actor.limits]\nmailbox_max = 9\nmax_message = 100\nmax_memory = \"2MiB\"\n"
                               "max_execution = \"3s\"\nmax_park = \"4s\"\nstart_timeout = \"5s\"\n"
                               "stop_timeout = \"6ms\"\nlog_lines_per_second = 8\nmax_tables = 77\nmax_rate = 55\n"
                               "mailbox_policy = \"park_sender\"\nmax_refusals = 66\n"
                               "[actor.grants.messaging]\nsend = [\"first\", \"f*\"]\npublish = [\"orders.>\"]\n"
                               "subscribe = [\"orders.*.new\", \"a\"]\nregister = [\"x*\"]\n",
                               &error);
    if (status != AIRS_OK)
        fail_msg("%s", error.text);
    assert_string_equal(manifest.name.text, "shop");
    assert_string_equal(manifest.version.text, "1.2.0");
    assert_int_equal(manifest.root.max_restarts, 7);
    assert_int_equal(manifest.root.window_ms, 120000);
    check_node(&manifest.node);
    assert_int_equal(manifest.root.strategy, AIRS_REST_FOR_ONE);
    assert_int_equal(manifest.groups_count, 2);
    assert_string_equal(manifest.groups[0].name.text, "inner");
    assert_string_equal(manifest.groups[1].name.text, "outer");
    assert_int_equal(manifest.groups[0].supervision.window_ms, 500);
    assert_int_equal(manifest.groups[1].supervision.max_restarts, 3);

    assert_int_equal(manifest.actors_count, 2);
    assert_int_equal(manifest.actors[0].at.line, 25);
    airs_spawn_options first = deploy_actor_options(&manifest.actors[0], (airs_actor_id){1});
    assert_string_equal(first.name, "first");
    assert_int_equal(first.restart, AIRS_RESTART_PERMANENT);
    assert_false(first.significant);
    assert_int_equal(first.limits.max_memory, 0);
    airs_spawn_options second = deploy_actor_options(&manifest.actors[1], (airs_actor_id){2});
    assert_int_equal(second.supervisor.raw, 2);
    assert_int_equal(second.restart, AIRS_RESTART_TEMPORARY);
    assert_true(second.significant);
    assert_int_equal(second.limits.mailbox_max, 9);
    assert_int_equal(second.limits.max_tables, 77);
    assert_true(second.limits.max_rate == 55 && second.limits.max_refusals == 66);
    assert_int_equal(second.limits.max_message, 100);
    assert_int_equal(second.limits.max_memory, 2 << 20);
    assert_int_equal(second.limits.max_execution_ms, 3000);
    assert_int_equal(second.limits.stop_timeout_ms, 6);
    assert_int_equal(second.config_count, 2);
    assert_string_equal(second.config[0].key, "b");
    assert_string_equal(second.config[1].value, "1");
    assert_true(second.nothing_by_default);
    assert_int_equal(second.grants_count, 6 + 4);
    assert_string_equal(second.grants[1].pattern, "f*");
    assert_int_equal(second.grants[1].rights, AIRS_RIGHT_MESSAGING_SEND | AIRS_RIGHT_MESSAGING_ASK);
    assert_int_equal(second.limits.mailbox_policy, AIRS_MAILBOX_PARK_SENDER);
    assert_int_equal(first.limits.mailbox_policy, AIRS_MAILBOX_REFUSE);
    assert_string_equal(second.grants[2].pattern, "x*");
    assert_int_equal(second.grants[2].rights, AIRS_RIGHT_MESSAGING_REGISTER);
    assert_string_equal(second.grants[3].pattern, "orders.>");
    assert_int_equal(second.grants[3].rights, AIRS_RIGHT_MESSAGING_PUBLISH);
    assert_string_equal(second.grants[5].pattern, "a");
    assert_int_equal(second.grants[5].rights, AIRS_RIGHT_MESSAGING_SUBSCRIBE);
    deploy_manifest_close(&manifest);
}

static void a_folder_a_file_and_a_component_are_apps(void **state)
{
    (void)state;
    deploy_manifest manifest = {0};
    airs_error error = {0};
    assert_int_equal(deploy_manifest_load(&manifest, "dir", &error), AIRS_E_NOT_FOUND);
    assert_string_equal(error.text, "no airssys.toml in the folder: dir");
    assert_int_equal(deploy_manifest_load(&manifest, "none.toml", &error), AIRS_E_NOT_FOUND);
    assert_string_equal(error.text, "no such file: none.toml");

    write_file("dir/airssys.toml", APP "[[actor]]\nname = \"a\"\ncomponent = \"../a.wasm\"\n");
    assert_int_equal(deploy_manifest_load(&manifest, "dir/", &error), AIRS_OK);
    assert_string_equal(manifest.actors[0].component_path, "dir/../a.wasm");
    deploy_manifest_close(&manifest);
    assert_int_equal(deploy_manifest_load(&manifest, "dir/airssys.toml", &error), AIRS_OK);
    deploy_manifest_close(&manifest);

    assert_int_equal(deploy_manifest_load(&manifest, "./some thing-2.wasm", &error), AIRS_OK);
    assert_string_equal(manifest.name.text, "some_thing-2");
    assert_string_equal(manifest.actors[0].component_path, "./some thing-2.wasm");
    assert_true(manifest.actors[0].significant);
    deploy_manifest_close(&manifest);
}

static void topics_have_levels(void **state)
{
    (void)state;
    static const char *const good[] = {"a", "a.b", "*", ">", "a.*.c", "a.>", "é.b", "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p"};
    static const char *const bad[] = {
        "", ".", "a.", ".a", "a..b", ">.a", "a.b>", "a*.b", "a b", "a.\n", "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(deploy_topics_valid(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(deploy_topics_valid(bad[i]));
}

static void a_components_project_is_an_app_of_one(void **state)
{
    (void)state;
    deploy_manifest manifest = {0};
    airs_error error = {0};
    write_file("build/shop.wasm", "any");
    assert_int_equal(parse(&manifest, "[component]\nname = \"shop\"\nversion = \"1.0.0\"\n", &error), AIRS_OK);
    assert_string_equal(manifest.name.text, "shop");
    assert_string_equal(manifest.version.text, "1.0.0");
    assert_string_equal(manifest.actors[0].component_path, "build/shop.wasm");
    deploy_manifest_close(&manifest);
    assert_int_equal(parse(&manifest, "[component]\nname = \"shop\"\n[build]\noutput = \"a.wasm\"\n", &error), AIRS_OK);
    assert_string_equal(manifest.actors[0].component_path, "a.wasm");
    deploy_manifest_close(&manifest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_is_said_with_its_place),     cmocka_unit_test(what_toml_refuses_has_its_place),
        cmocka_unit_test(cut_anywhere_it_is_refused_or_read),       cmocka_unit_test(all_of_it_is_read),
        cmocka_unit_test(a_folder_a_file_and_a_component_are_apps), cmocka_unit_test(topics_have_levels),
        cmocka_unit_test(a_components_project_is_an_app_of_one),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
