// SPDX-License-Identifier: MIT OR Apache-2.0
/// Two manifests, and what lies between them.
#include "base/testing.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "deploy/difference.h"

#define ACTORS_MAX 8

#define HEAD "[app]\nname = \"shop\"\n"
#define ADA "[[actor]]\nname = \"ada\"\ncomponent = \"1.wasm\"\n"
#define BEN "[[actor]]\nname = \"ben\"\ncomponent = \"1.wasm\"\n"
#define EVE "[[actor]]\nname = \"eve\"\ncomponent = \"1.wasm\"\n"
#define ADA_2 "[[actor]]\nname = \"ada\"\ncomponent = \"2.wasm\"\n"
#define BEN_2 "[[actor]]\nname = \"ben\"\ncomponent = \"2.wasm\"\n"
#define EVE_2 "[[actor]]\nname = \"eve\"\ncomponent = \"2.wasm\"\n"
#define MAY_ASK(name) "[actor.grants.messaging]\nask = [\"" name "\"]\n"
#define GROUP                                                                                         \
    "[[supervisor.group]]\nname = \"crowd\"\nstrategy = \"simple_one_for_one\"\ntemplate = \"one\"\n" \
    "[[template]]\nname = \"one\"\n"
/// The same group, of another template.
#define GROUP_OF_OTHER                                                                                  \
    "[[supervisor.group]]\nname = \"crowd\"\nstrategy = \"simple_one_for_one\"\ntemplate = \"other\"\n" \
    "[[template]]\nname = \"one\"\n"
#define OTHER                                                                          \
    "[[template]]\nname = \"other\"\ncomponent = \"2.wasm\"\nconfig = { a = \"1\" }\n" \
    "limits = { mailbox_max = 9 }\n[template.grants.messaging]\nask = [\"eve\"]\n"

/// Two manifests, and what lies between them: an item a line, and why it can't be.
typedef struct row {
    const char *from;
    const char *to;
    const char *wanted;
} row;

static const row rows[] = {
    {HEAD ADA, HEAD ADA, ""},
    {HEAD ADA, HEAD ADA "[actor.deploy]\nprobation = \"1s\"\n", "other\n"},
    {HEAD ADA, HEAD "version = \"2\"\n" ADA, "other\n"},
    {HEAD ADA, HEAD ADA_2, "changed ada: component\n"},
    {HEAD ADA "[actor.config]\na = \"1\"\n", HEAD ADA "[actor.config]\na = \"2\"\n", "changed ada: config\n"},
    {HEAD ADA, HEAD ADA BEN, "added ben:\n"},
    {HEAD ADA BEN, HEAD ADA, "removed ben:\n"},
    // What is added comes first, what is removed last, and the last that was started before the others.
    {HEAD ADA BEN EVE, HEAD "[[actor]]\nname = \"zoe\"\ncomponent = \"1.wasm\"\n" ADA_2,
     "added zoe:\nchanged ada: component\nremoved eve:\nremoved ben:\n"},
    // Grants, by name; those that everybody has are not asked about.
    {HEAD ADA BEN, HEAD ADA MAY_ASK("ben") BEN, "changed ada: +messaging.ask \"ben\"\n"},
    {HEAD ADA MAY_ASK("ben") BEN, HEAD ADA BEN, "changed ada: -messaging.ask \"ben\"\n"},
    {HEAD BEN, HEAD BEN ADA MAY_ASK("ben"), "added ada: +messaging.ask \"ben\"\n"},
    {HEAD ADA, HEAD ADA "[actor.grants]\nclock = []\n", "changed ada: -clock"},
    // Who is asked is swapped before who asks; a circle has no beginning.
    {HEAD ADA MAY_ASK("ben") BEN MAY_ASK("eve") EVE, HEAD ADA_2 MAY_ASK("ben") BEN_2 MAY_ASK("eve") EVE_2,
     "changed ada: component rank 2\nchanged ben: component rank 1\nchanged eve: component\n"},
    // All else by its key, and how: another instance brings it, or it changes while it goes on.
    {HEAD ADA, HEAD ADA "restart = \"temporary\"\n[actor.limits]\nmax_memory = \"1MiB\"\nmailbox_max = 7\n",
     "changed ada: ~limits.max_memory default -> 1 MiB !restart permanent -> temporary "
     "!limits.mailbox_max default -> 7\n"},
    {HEAD ADA, HEAD ADA "[actor.limits]\nmax_message = \"2KiB\"\n",
     "changed ada: ~limits.max_message default -> 2 KiB, of the mailbox too\n"},
    {HEAD ADA "env = {A = \"1\", B = \"1\"}\n", HEAD ADA "env = {B = \"2\", C = \"1\"}\n",
     "changed ada: ~env +env C -env A\n"},
    {HEAD ADA, HEAD ADA "args = [\"a\"]\n", "changed ada: ~args\n"},
    {HEAD ADA, HEAD ADA "[actor.health]\ninterval = \"1s\"\n", "changed ada: !health.interval default -> 1 s\n"},
    {HEAD ADA, HEAD ADA "[actor.backoff]\nkind = \"immediate\"\n", "changed ada: !backoff\n"},
    {HEAD ADA, HEAD ADA "[actor.on_failure]\nretries = 2\n", "changed ada: !on_failure.retries default -> 2\n"},
    {HEAD ADA, HEAD ADA "[actor.checkpoint]\nevery_messages = 1\n",
     "changed ada: ~checkpoint.every_messages default -> 1\n"},
    {HEAD ADA, HEAD "expose = [\"ada\"]\n" ADA, "expose\n"},
    {HEAD ADA, HEAD "[supervisor]\nmax_restarts = 9\n" ADA, "root supervisor.max_restarts 3 -> 9\n"},
    {HEAD EVE "[[supervisor.group]]\nname = \"crew\"\n",
     HEAD EVE "[[supervisor.group]]\nname = \"crew\"\nstrategy = \"one_for_all\"\nmax_restarts = 9\n",
     "changed crew: !strategy one_for_one -> one_for_all !max_restarts 3 -> 9\n"},
    {HEAD ADA, HEAD "[node]\nworkers = 3\naudit = \"all\"\naudit_sync_ms = 5\n" ADA,
     "next node.workers default -> 3\nnext node.audit first_use -> all\nnext node.audit_sync_ms 100 -> 5\n"},
    // What can't change while it runs.
    {HEAD "[node]\naudit = \"off\"\n" ADA, HEAD "[node]\naudit = \"all\"\nworkers = 3\n" ADA,
     "next node.workers default -> 3\n[node] (audit) takes a restart of the node"},
    {HEAD ADA, HEAD "[node]\ncompile_time = \"30s\"\n" ADA, "root node.compile_time default -> 30 s\n"},
    {HEAD ADA, HEAD "[node]\ncompile_time = \"30s\"\nactors_max = 3\n" ADA,
     "root node.compile_time default -> 30 s\n[node] (actors_max) takes a restart of the node, and so nothing is "
     "deployed"},
    {HEAD ADA, HEAD "[node]\nactors_max = 3\n" ADA, "[node] (actors_max) takes a restart of the node"},
    {HEAD "[[supervisor.group]]\nname = \"crew\"\n" ADA,
     HEAD "[[supervisor.group]]\nname = \"crew\"\n" ADA "supervisor = \"crew\"\n",
     "changed ada: [supervisor]\nada: supervisor can't change while it runs: `airssys rm ada` ends it"},
    {HEAD ADA, HEAD ADA "[actor.grants.files]\nmounts = {\"/data\" = \"/tmp\"}\n",
     "changed ada: [grants.files.mounts]\nada: grants.files.mounts can't change"},
    {HEAD EVE GROUP "component = \"1.wasm\"\n" OTHER, HEAD EVE GROUP_OF_OTHER "component = \"1.wasm\"\n" OTHER,
     "changed crowd: component config +messaging.ask \"eve\" !template one -> other !limits.mailbox_max default -> "
     "9\n"},
    {HEAD EVE GROUP "component = \"1.wasm\"\n" OTHER,
     HEAD EVE GROUP_OF_OTHER "component = \"1.wasm\"\n" OTHER "[template.grants.spawn]\ntemplates = [\"one\"]\n",
     "changed crowd: component config +messaging.ask \"eve\" +spawn.start \"one\" max=100 !template one -> other "
     "!limits.mailbox_max default -> 9 !grants.spawn [template (grants.spawn)]\n"},
    {HEAD EVE GROUP "component = \"1.wasm\"\n", HEAD EVE GROUP "component = \"2.wasm\"\n", "changed one: component\n"},
    {HEAD EVE GROUP "component = \"1.wasm\"\n", HEAD EVE GROUP "component = \"1.wasm\"\n[template.config]\na = \"1\"\n",
     "changed one: config\n"},
    {HEAD EVE GROUP "component = \"1.wasm\"\n" ADA "[actor.grants.spawn]\ntemplates = [\"one\"]\n",
     HEAD EVE GROUP "component = \"2.wasm\"\n" ADA "[actor.grants.spawn]\ntemplates = [\"one\"]\n",
     "changed one: component\n"},
    {HEAD EVE GROUP "component = \"1.wasm\"\n" ADA "[actor.grants.spawn]\ntemplates = [\"one\"]\n",
     HEAD EVE GROUP "component = \"1.wasm\"\n[template.config]\na = \"1\"\n" ADA
                    "[actor.grants.spawn]\ntemplates = [\"one\"]\n",
     "changed one: config\n"},
    {HEAD EVE GROUP "component = \"1.wasm\"\n" ADA,
     HEAD EVE GROUP "component = \"1.wasm\"\n" ADA "[actor.grants.spawn]\ntemplates = [\"one\"]\nmax_children = 3\n",
     "changed ada: +spawn.start \"one\" max=3 !grants.spawn\n"},
    {HEAD EVE "[[supervisor.group]]\nname = \"ada\"\n", HEAD EVE ADA, "ada is something else in the app that runs"},
};

static void read_manifest(deploy_manifest *manifest, const char *text, deploy_hash hashes[ACTORS_MAX])
{
    airs_error error = {0};
    if (deploy_manifest_parse_kept(manifest, "airssys.toml", base_bytes_of(text), &error) != AIRS_OK)
        fail_msg("%s\n%s", error.text, text);
    for (size_t i = 0; i < manifest->actors_count + manifest->templates_count; i++) {
        const deploy_actor *of =
            i < manifest->actors_count ? &manifest->actors[i] : &manifest->templates[i - manifest->actors_count];
        hashes[i] = (deploy_hash){.bytes = {(uint8_t)of->component.text[0]}};
    }
}

static void say(char *to, size_t size, const char *format, const char *text)
{
    size_t len = strlen(to);
    (void)snprintf(to + len, size - len, format, text);
}

static void say_item(char *to, size_t size, const deploy_item *item)
{
    static const char *const whats[] = {"added ", "changed ", "removed "};
    char number[16];
    say(to, size, "%s", whats[item->what]);
    say(to, size, "%s:", item->name);
    if (item->component)
        say(to, size, "%s", " component");
    if (item->config)
        say(to, size, "%s", " config");
    for (size_t i = 0; i < item->gains.count; i++)
        say(to, size, " +%s", item->gains.items[i]);
    for (size_t i = 0; i < item->loses.count; i++)
        say(to, size, " -%s", item->loses.items[i]);
    for (size_t i = 0; i < item->swapped.count; i++)
        say(to, size, " ~%s", item->swapped.items[i]);
    say(to, size, "%s", item->max_message ? ", of the mailbox too" : "");
    for (size_t i = 0; i < item->live.count; i++)
        say(to, size, " !%s", item->live.items[i]);
    for (size_t i = 0; i < item->variables_gained.count; i++)
        say(to, size, " +env %s", item->variables_gained.items[i]);
    for (size_t i = 0; i < item->variables_lost.count; i++)
        say(to, size, " -env %s", item->variables_lost.items[i]);
    if (item->fixed[0] != '\0')
        say(to, size, " [%s]", item->fixed);
    (void)snprintf(number, sizeof number, "%u", item->rank);
    if (item->rank > 0)
        say(to, size, " rank %s", number);
    say(to, size, "%s", "\n");
}

static void two_manifests_and_what_lies_between(void **user)
{
    (void)user;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        deploy_manifest from, to;
        deploy_hash old_hashes[ACTORS_MAX], new_hashes[ACTORS_MAX];
        deploy_difference difference;
        char said[4096] = "";
        read_manifest(&from, rows[i].from, old_hashes);
        read_manifest(&to, rows[i].to, new_hashes);
        assert_int_equal(deploy_difference_make(&difference, &(deploy_side){&from, old_hashes, NULL},
                                                &(deploy_side){&to, new_hashes, NULL}, NULL),
                         AIRS_OK);
        for (size_t k = 0; k < difference.count; k++)
            say_item(said, sizeof said, &difference.items[k]);
        for (size_t k = 0; k < difference.root.count; k++)
            say(said, sizeof said, "root %s\n", difference.root.items[k]);
        for (size_t k = 0; k < difference.next_start.count; k++)
            say(said, sizeof said, "next %s\n", difference.next_start.items[k]);
        say(said, sizeof said, "%s", difference.expose ? "expose\n" : "");
        assert_true(deploy_difference_is_none(&difference) == (said[0] == '\0' && !difference.other));
        if (difference.count == 0 && difference.other)
            say(said, sizeof said, "%s", "other\n");
        say(said, sizeof said, "%s", difference.refused);
        print_message("%zu: %s\n", i, said);
        if (rows[i].wanted[0] == '\0')
            assert_string_equal(said, "");
        else if (strncmp(said, rows[i].wanted, strlen(rows[i].wanted)) != 0)
            fail_msg("row %zu: wanted %s\nsaid   %s", i, rows[i].wanted, said);
        deploy_difference_fini(&difference);
        deploy_manifest_close(&from);
        deploy_manifest_close(&to);
    }
}

static void a_circle_of_those_who_ask(void **user)
{
    (void)user;
    deploy_manifest from, to;
    deploy_hash old_hashes[ACTORS_MAX], new_hashes[ACTORS_MAX];
    deploy_difference difference;
    read_manifest(&from, HEAD ADA MAY_ASK("ben") BEN MAY_ASK("ada"), old_hashes);
    read_manifest(&to, HEAD ADA_2 MAY_ASK("ben") BEN_2 MAY_ASK("ada"), new_hashes);
    assert_int_equal(deploy_difference_make(&difference, &(deploy_side){&from, old_hashes, NULL},
                                            &(deploy_side){&to, new_hashes, NULL}, NULL),
                     AIRS_OK);
    assert_int_equal(difference.count, 2);
    assert_true(difference.items[0].rank <= 2 && difference.items[1].rank <= 2);
    assert_string_equal(difference.refused, "");
    deploy_difference_fini(&difference);
    deploy_manifest_close(&from);
    deploy_manifest_close(&to);
}

static void what_was_removed_by_hand_is_added_where_the_new_one_has_it(void **user)
{
    (void)user;
    deploy_manifest from, to;
    deploy_hash old_hashes[ACTORS_MAX], new_hashes[ACTORS_MAX];
    deploy_difference difference;
    char said[4096] = "";
    read_manifest(&from, HEAD ADA BEN EVE, old_hashes);
    read_manifest(&to, HEAD ADA BEN_2, new_hashes);
    // By name: ada, ben, eve.
    const bool removed[] = {false, true, true};
    assert_int_equal(deploy_difference_make(&difference, &(deploy_side){&from, old_hashes, removed},
                                            &(deploy_side){&to, new_hashes, NULL}, NULL),
                     AIRS_OK);
    for (size_t k = 0; k < difference.count; k++)
        say_item(said, sizeof said, &difference.items[k]);
    assert_string_equal(said, "added ben:\n");
    assert_string_equal(difference.refused, "");
    deploy_difference_fini(&difference);
    deploy_manifest_close(&from);
    deploy_manifest_close(&to);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_manifests_and_what_lies_between),
        cmocka_unit_test(a_circle_of_those_who_ask),
        cmocka_unit_test(what_was_removed_by_hand_is_added_where_the_new_one_has_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
