// SPDX-License-Identifier: MIT OR Apache-2.0
/// What an actor is granted: what comes of each table, and what is refused with its place.
#include "base/testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "capability/policy.h"
#include "deploy/manifest.h"

static char folder[] = "/tmp/airssys-grants-XXXXXX";

static void write_file(const char *path)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
}

static int enter_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder) || chdir(folder) != 0)
        return -1;
    write_file("a.wasm");
    return mkdir("data", 0700);
}

static int leave_folder(void **state)
{
    (void)state;
    return unlink("a.wasm") || rmdir("data") || chdir("/") || rmdir(folder);
}

// Five lines, and in what follows the grants begin with line 6.
#define APP "[app]\nname = \"x\"\n[[actor]]\nname = \"a\"\ncomponent = \"a.wasm\"\n"
#define ACTOR(name) "[[actor]]\nname = \"" name "\"\ncomponent = \"a.wasm\"\n"
#define TEMPLATE(name) "[[template]]\nname = \"" name "\"\ncomponent = \"a.wasm\"\n"
#define FILES "[actor.grants.files]\nmounts = { \"/data\" = \"data\" }\n"

static airs_status parse(deploy_manifest *manifest, const char *text, airs_error *error)
{
    return deploy_manifest_parse(manifest, "airssys.toml", base_bytes_of(text), error);
}

static void parse_well(deploy_manifest *manifest, const char *text)
{
    airs_error error = {.text = ""};
    if (parse(manifest, text, &error) != AIRS_OK)
        fail_msg("%s", error.text);
}

/// The grants of the first actor as text, a line each, without what is given without a word.
static void expect_grants(const char *text, const char *expected)
{
    deploy_manifest manifest;
    parse_well(&manifest, text);
    airs_spawn_options options = deploy_actor_options(&manifest.actors[0], (airs_actor_id){0});
    char all[2000] = "";
    for (size_t i = 0; i < options.grants_count; i++) {
        size_t len = strlen(all);
        char one[200];
        const airs_grant *grant = &options.grants[i];
        (void)snprintf(all + len, sizeof all - len, "%s", capability_grant_format(one, sizeof one, grant));
        len = strlen(all);
        (void)snprintf(all + len, sizeof all - len, "\n");
    }
    assert_string_equal(all, expected);
    assert_true(options.nothing_by_default);
    deploy_manifest_close(&manifest);
}

#define DEFAULTS "config.read \"*\"\nclock.wall,monotonic\nrandom.secure,insecure\nstdio.out,err\n"

static void an_actor_without_a_word_has_the_defaults(void **state)
{
    (void)state;
    expect_grants(APP, DEFAULTS);
    expect_grants(APP "[actor.grants]\nconfig = []\nclock = []\nrandom = []\nstdio = []\n", "");
    expect_grants(APP "[actor.grants]\nconfig = []\nclock = []\nrandom = []\nstdio = []\n"
                      "[actor.grants.messaging]\nregister = [\"a\"]\n",
                  "messaging.register \"a\"\n");
    expect_grants(APP "[actor.grants]\nconfig = [\"a*\"]\nclock = [\"monotonic\"]\nrandom = [\"insecure\"]\n"
                      "stdio = [\"in\", \"err\"]\n",
                  "config.read \"a*\"\nclock.monotonic\nrandom.insecure\nstdio.in,err\n");
}

static void each_kind_is_read(void **state)
{
    (void)state;
    expect_grants(APP FILES "read = [\"/data/**\", \"/data/x\"]\nlist = [\"/data/**\"]\nwrite = [\"/data/out/*\"]\n"
                            "create = [\"/data/out/*\"]\ndelete = [\"/data/out/?\"]\n",
                  "files.read,list \"/data/**\"\nfiles.read \"/data/x\"\nfiles.write,create \"/data/out/*\"\n"
                  "files.delete \"/data/out/?\"\n" DEFAULTS);
    expect_grants(APP "[[actor.grants.network]]\nconnect = [\"https://example.org\"]\nlookup = [\"example.org\"]\n"
                      "[[actor.grants.network]]\nconnect = [\"db:5432\"]\nbind = [\"0.0.0.0:80\"]\n"
                      "zones = [\"private\", \"loopback\"]\n",
                  "network.connect \"https://example.org\"\nnetwork.lookup \"example.org\"\n"
                  "network.connect \"db:5432\" zones=loopback,private\n"
                  "network.bind \"0.0.0.0:80\" zones=loopback,private\n" DEFAULTS);
    expect_grants(APP "[actor.grants.network]\nconnect = [\"10.0.0.0/8:1-9\"]\n",
                  "network.connect \"10.0.0.0/8:1-9\"\n" DEFAULTS);
    expect_grants(APP "[actor.grants]\nenv = [\"LC_*\"]\n[actor.grants.custom]\nled = [\"red\", \"green\"]\nfan = []\n"
                      "[actor.env]\nHOME = \"/\"\n",
                  "env.read \"LC_*\"\ncustom.led \"red\"\ncustom.led \"green\"\n" DEFAULTS);
}

static void who_may_send_may_ask(void **state)
{
    (void)state;
    expect_grants(APP "[actor.grants.messaging]\nsend = [\"a\"]\n", "messaging.send,ask \"a\"\n" DEFAULTS);
    expect_grants(APP "[actor.grants.messaging]\nsend = [\"a\"]\nask = []\n", "messaging.send \"a\"\n" DEFAULTS);
    expect_grants(APP "[actor.grants.messaging]\nsend = [\"a\", \"b*\"]\nask = [\"b*\", \"a*\"]\nregister = [\"b*\"]\n",
                  "messaging.send \"a\"\nmessaging.send,ask,register \"b*\"\nmessaging.ask \"a*\"\n" DEFAULTS);
    expect_grants(APP "[actor.grants.messaging]\npublish = [\"a.*\"]\nsubscribe = [\"a.*\", \">\"]\n",
                  "messaging.publish,subscribe \"a.*\"\nmessaging.subscribe \">\"\n" DEFAULTS);
}

static void what_may_be_spawned_has_a_number(void **state)
{
    (void)state;
    expect_grants(APP "[actor.grants.spawn]\ntemplates = [\"t\"]\n" TEMPLATE("t"),
                  "spawn.start \"t\" max=100\n" DEFAULTS);
    static const char two[] = APP "[[actor.grants.spawn]]\ntemplates = [\"t\"]\nmax_children = 2\n"
                                  "[[actor.grants.spawn]]\ntemplates = [\"u\", \"v\"]\nmax_children = 3\n" TEMPLATE("t")
                                      TEMPLATE("u") TEMPLATE("v");
    expect_grants(two, "spawn.start \"t\" max=2\nspawn.start \"u\" max=3\nspawn.start \"v\" max=3\n" DEFAULTS);
    deploy_manifest manifest;
    parse_well(&manifest, two);
    assert_int_equal(manifest.actors[0].spawn.templates.count, 3);
    assert_int_equal(deploy_actor_options(&manifest.actors[0], (airs_actor_id){0}).children_max, 5);
    deploy_manifest_close(&manifest);
}

static void folders_are_found_from_the_manifest(void **state)
{
    (void)state;
    deploy_manifest manifest;
    airs_error error = {.text = ""};
    char path[100];
    (void)snprintf(path, sizeof path, "%s/data/../airssys.toml", folder);
    airs_bytes text = base_bytes_of(APP "[actor.grants.files]\nmounts = { \"/d\" = \"data/.\", \"/\" = \".\" }\n");
    // The component is named from there too.
    if (deploy_manifest_parse(&manifest, path, text, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    airs_spawn_options options = deploy_actor_options(&manifest.actors[0], (airs_actor_id){0});
    assert_int_equal(options.mounts_count, 2);
    assert_string_equal(options.mounts[0].guest, "/d");
    (void)snprintf(path, sizeof path, "%s/data", folder);
    assert_string_equal(options.mounts[0].host, path);
    assert_string_equal(options.mounts[1].guest, "/");
    assert_string_equal(options.mounts[1].host, folder);
    deploy_manifest_close(&manifest);
}

static void names_that_may_come_to_be_are_fine(void **state)
{
    (void)state;
    static const char *const fine[] = {
        APP "[actor.grants.messaging]\nsend = [\"a\"]\n",
        APP "[actor.grants.messaging]\nsend = [\"later*\"]\n",
        APP
        "[actor.grants.messaging]\nsend = [\"b-1\"]\n" ACTOR("b") "[actor.grants.messaging]\nregister = [\"b-*\"]\n",
        APP "[actor.grants.messaging]\nsend = [\"t-1\"]\n" TEMPLATE("t") "[template.grants.messaging]\n"
                                                                         "register = [\"t-*\"]\n",
        APP "[actor.grants.messaging]\nask = [\"room\"]\n[[supervisor.group]]\nname = \"g\"\n"
            "strategy = \"simple_one_for_one\"\ntemplate = \"t\"\n" TEMPLATE("t"),
        APP "[actor.grants.messaging]\nask = [\"g\"]\n[[supervisor.group]]\nname = \"g\"\n",
    };
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++) {
        deploy_manifest manifest;
        parse_well(&manifest, fine[i]);
        deploy_manifest_close(&manifest);
    }
}

typedef struct refusal {
    const char *text;
    /// Behind "airssys.toml:".
    const char *error;
} refusal;

static const refusal refusals[] = {
    // Files.
    {APP FILES "reed = []\n", "8:1: unknown key `reed` in [actor.grants.files]: did you mean `read`?"},
    {APP FILES "read = \"/data\"\n", "8:8: `read` must be a list of strings, not a string: read = [\"…\"]"},
    {APP FILES "read = [\"/data/[z-a]\"]\n",
     "8:9: `read` has \"/data/[z-a]\": byte 8: a range upside down: a path of the guest, such as \"/data/**\""},
    {APP FILES "read = [\"/data/a\"]\nwrite = [\"data/*\"]\n",
     "9:10: `write` has \"data/*\": a pattern of paths begins with `/`: a path of the guest, such as \"/data/**\""},
    {APP FILES "list = [\"/data\", \"/etc/**\"]\n",
     "8:18: `list` has \"/etc/**\": nothing is mounted where it could match: give the folder in `mounts`, such as "
     "mounts = { \"/data\" = \"data\" }"},
    {APP "[actor.grants.files]\nread = [\"/data/**\"]\n",
     "7:9: `read` has \"/data/**\": nothing is mounted where it could match: give the folder in `mounts`, such as "
     "mounts = { \"/data\" = \"data\" }"},
    {APP "[actor.grants.files]\nmounts = { \"/data\" = \"gone\" }\n",
     "7:22: no such folder: gone: make it, or correct the path, which begins at the folder of the manifest"},
    {APP "[actor.grants.files]\nmounts = { \"/data\" = \"a.wasm\" }\n",
     "7:22: a.wasm is no folder: mount the folder that it is in, and grant the file"},
    {APP "[actor.grants.files]\nmounts = { \"/data\" = \"\" }\n",
     "7:22: the folder of the mount \"/data\" is empty: \".\" is that of the manifest"},
    {APP "[actor.grants.files]\nmounts = { \"/data/\" = \"data\" }\n",
     "7:12: `mounts`: the folder \"/data/\" of a mount is no normal path: it begins with / and does not end with it, "
     "such as \"/data\""},
    {APP "[actor.grants.files]\nmounts = { \"/data\" = 1 }\n",
     "7:22: `mounts./data` must be a string, not a value of type integer: put it in quotes"},
    {APP "[actor.grants.files]\nmounts = [\"/data\"]\n",
     "7:10: `mounts` must be a table of strings, not an array: mounts = { key = \"value\" }"},
    // Network.
    {APP "[actor.grants.network]\nconnect = [\"example.org\"]\n",
     "7:12: `connect` has \"example.org\": it needs a port; for all of them write `:*`: such as "
     "\"tcp://db.example.org:5432\", "
     "\"https://example.org\" or \"10.0.0.0/8:8000-8010\""},
    {APP "[actor.grants.network]\nconnect = [\"db:90-80\"]\n",
     "7:12: `connect` has \"db:90-80\": a range of ports upside down: such as \"tcp://db.example.org:5432\", "
     "\"https://example.org\" or \"10.0.0.0/8:8000-8010\""},
    {APP "[actor.grants.network]\nbind = [\"localhost:80\"]\n",
     "7:9: `bind` has \"localhost:80\": addresses are bound, not names: an address and a port, such as "
     "\"127.0.0.1:8080\""},
    {APP "[actor.grants.network]\nlookup = [\"10.0.0.1\"]\n",
     "7:11: `lookup` has \"10.0.0.1\": names are looked up, not addresses: a host, such as \"db.example.org\" or "
     "\"*.example.org\""},
    {APP "[actor.grants.network]\nzones = [\"local\"]\n",
     "7:10: `zones` is \"local\": must be one of: unspecified loopback link-local private metadata multicast "
     "reserved"},
    {APP "[actor.grants]\nnetwork = [1]\n", "7:12: `network` must hold tables only: write [[actor.grants.network]]"},
    {APP "[actor.grants]\nnetwork = 1\n",
     "7:11: `network` must be a list of tables, not a value of type integer: write [[actor.grants.network]]"},
    // Rights that have no pattern.
    {APP "[actor.grants]\nclock = [\"wal\"]\n",
     "7:10: `clock` is \"wal\": did you mean \"wall\"? It is one of: wall monotonic"},
    {APP "[actor.grants]\nstdio = [\"stdout\"]\n", "7:10: `stdio` is \"stdout\": must be one of: in out err"},
    {APP "[actor.grants]\nrandom = true\n",
     "7:10: `random` must be a list of strings, not a boolean: random = [\"…\"]"},
    // Keys.
    {APP "[actor.grants]\nenv = [\"\"]\n",
     "7:8: `env` has \"\": a pattern of keys has 1 to 256 bytes: a key, such as \"APP_HOME\" or \"APP_*\""},
    {APP "[actor.grants.custom]\n\"l e d\" = [\"red\"]\n",
     "7:12: `l e d` has \"red\": character 2: a pattern of names has letters, digits, `-_.:/` and `*`: a pattern of "
     "what it is about, such as \"red*\""},
    {APP "[actor.grants.custom]\nled = \"red\"\n", "7:7: `led` must be a list of strings, not a string: led = [\"…\"]"},
    {APP "stdin = \"\"\n", "6:9: `stdin` is empty: it is the path of a file"},
    {APP "stdin = \"f\"\n", "6:9: `stdin` is given, but not the right to read it: add \"in\" to `stdio` in the grants "
                            "of \"a\", such as stdio = "
                            "[\"in\", \"out\", \"err\"]"},
    {APP "stdin = \"/no/such\"\n[actor.grants]\nstdio = [\"in\"]\n", "6:9: `stdin`: no such file: /no/such"},
    {APP "stdin = \"/dev\"\n[actor.grants]\nstdio = [\"in\"]\n", "6:9: `stdin`: a folder, not a file: /dev"},
    {APP "stdin = \"/dev/zero\"\n[actor.grants]\nstdio = [\"in\"]\n", "6:9: `stdin`: not a regular file: /dev/zero"},
    {APP "[actor.env]\n\"A*\" = \"x\"\n",
     "7:1: `env` has the variable \"A*\": a name has 1 to 256 bytes, none of them `*`, `=` or a control character"},
    // Who does not exist.
    {APP "[actor.grants.messaging]\nsend = [\"crad\"]\n" ACTOR("card"),
     "7:9: `send` has \"crad\", but there is no such actor, and none may register the name: did you mean \"card\"?"},
    {APP "[actor.grants.messaging]\nask = [\"a\", \"nobody\"]\n",
     "7:13: `ask` has \"nobody\", but there is no such actor, and none may register the name: add it, or write a "
     "pattern with `*` for one that comes from outside"},
    {APP "[actor.grants.messaging]\nsend = [\"t\"]\n" TEMPLATE("t"),
     "7:9: `send` has \"t\", which is a template: children have names of their own, write a pattern of these, or "
     "nothing: they can be sent to by whoever spawned them"},
    {APP TEMPLATE("t") "[template.grants.messaging]\nsend = [\"nobody\"]\n",
     "10:9: `send` has \"nobody\", but there is no such actor, and none may register the name: add it, or write a "
     "pattern with `*` for one that comes from outside"},
    // One of the own app, by the app's name.
    {APP "[actor.grants.messaging]\nsend = [\"x/nobody\"]\n",
     "7:9: `send` has \"x/nobody\", but there is no such actor, and none may register the name: add it, or write a "
     "pattern with `*` for one that comes from outside"},
    {APP "[actor.grants.messaging]\nsend = [\"/nobody\"]\n",
     "7:9: `send` has \"/nobody\", but there is no such actor, and none may register the name: add it, or write a "
     "pattern with `*` for one that comes from outside"},
    {"[app]\nname = \"x\"\nexpose = [\"a\", \"crad\"]\n" ACTOR("a") ACTOR("card"),
     "3:16: `expose` has \"crad\", but there is no such actor, and none may register the name: did you mean \"card\"?"},
    {"[app]\nname = \"x\"\nexpose = [\"a b\"]\n" ACTOR("a"),
     "3:11: `expose` has \"a b\": a name is 1 to 128 letters, digits and -_.:/, and * for any run of them"},
    {"[app]\nname = \"x\"\nexpose = \"a\"\n" ACTOR("a"),
     "3:10: `expose` must be a list of strings, not a string: expose = [\"…\"]"},
    {APP "[actor.grants.spawn]\ntemplates = [\"u\"]\n" TEMPLATE("t"),
     "7:14: `templates` is \"u\", but there is no such template: add a [[template]] of this name"},
    // What contradicts itself.
    {APP "[[actor.grants.spawn]]\ntemplates = [\"t\"]\nmax_children = 2\n"
         "[[actor.grants.spawn]]\ntemplates = [\"t\"]\nmax_children = 3\n" TEMPLATE("t"),
     "10:14: `templates` names \"t\" twice"},
    {APP FILES "[[actor.grants.files]]\n", "8:"},
};

static void another_apps_names_are_not_looked_for(void **state)
{
    (void)state;
    deploy_manifest manifest;
    parse_well(&manifest, "[app]\nname = \"x\"\nexpose = [\"a\", \"b-*\"]\n" ACTOR(
                              "a") "[actor.grants.messaging]\nsend = [\"y/b\", \"y/*\", \"x/a\"]\n");
    assert_int_equal(manifest.expose.count, 2);
    assert_string_equal(manifest.expose.items[1].text, "b-*");
    // The own app's name in front is no part of a name.
    assert_string_equal(manifest.actors[0].grants.send.items[1].text, "y/*");
    assert_string_equal(manifest.actors[0].grants.send.items[2].text, "a");
    deploy_manifest_close(&manifest);
    parse_well(&manifest, "[app]\nname = \"x\"\n" ACTOR("a"));
    assert_int_equal(manifest.expose.count, 0);
    deploy_manifest_close(&manifest);
}

static void what_is_wrong_is_said_with_its_place(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const refusal *r = &refusals[i];
        deploy_manifest manifest = {0};
        airs_error error = {.text = ""};
        if (parse(&manifest, r->text, &error) == AIRS_OK)
            fail_msg("accepted: %s", r->text);
        assert_int_equal(error.status, AIRS_E_MANIFEST);
        assert_int_equal(strncmp(error.text, "airssys.toml:", 13), 0);
        // What TOML itself refuses is worded by its parser.
        size_t len = r->error[strlen(r->error) - 1] == ':' ? strlen(r->error) : sizeof error.text;
        if (strncmp(error.text + 13, r->error, len) == 0)
            continue;
        print_error("of:\n%s\nexpected: %s\n  but got: %s\n", r->text, r->error, error.text + 13);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_actor_without_a_word_has_the_defaults),
        cmocka_unit_test(each_kind_is_read),
        cmocka_unit_test(who_may_send_may_ask),
        cmocka_unit_test(what_may_be_spawned_has_a_number),
        cmocka_unit_test(folders_are_found_from_the_manifest),
        cmocka_unit_test(names_that_may_come_to_be_are_fine),
        cmocka_unit_test(another_apps_names_are_not_looked_for),
        cmocka_unit_test(what_is_wrong_is_said_with_its_place),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
