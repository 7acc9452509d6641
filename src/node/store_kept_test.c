// SPDX-License-Identifier: MIT OR Apache-2.0
// What a store keeps while apps are deployed to, components removed and formats changed, and by whom it is opened.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/testing.h"
#include "node/store_impl.h"

typedef struct place {
    char folder[64];
    node_store *store;
    node_content old;
    node_content new;
} place;

static void remove_folder(const char *folder)
{
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf '%s'", folder);
    assert_int_equal(system(command), 0);
}

static void run(const place *it, const char *statement)
{
    airs_error error = {0};
    if (storage_run(it->store->database, statement, NULL, 0, NULL, NULL, &error) != AIRS_OK)
        fail_msg("%s: %s", statement, error.text);
}

static airs_status see_number(void *user, const storage_row *row, airs_error *error)
{
    (void)error;
    *(int64_t *)user = storage_row_number(row, 0);
    return AIRS_OK;
}

static int64_t number_of(const place *it, const char *statement)
{
    int64_t ret = -1;
    airs_error error = {0};
    if (storage_run(it->store->database, statement, NULL, 0, see_number, &ret, &error) != AIRS_OK)
        fail_msg("%s: %s", statement, error.text);
    return ret;
}

/// With the app shop, whose actors ada and ben are made of the old component.
static int set_up(void **state)
{
    place *it = calloc(1, sizeof *it);
    airs_error error = {0};
    (void)snprintf(it->folder, sizeof it->folder, "/tmp/airssys-kept-XXXXXX");
    assert_non_null(mkdtemp(it->folder));
    if (node_store_open(it->folder, &it->store, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    assert_int_equal(node_store_add(it->store, base_bytes_of("old"), &it->old, NULL, &error), AIRS_OK);
    assert_int_equal(node_store_add(it->store, base_bytes_of("new"), &it->new, NULL, &error), AIRS_OK);
    const node_stored_app app = {.name = "shop", .source = "/shop", .digest = it->old, .folder = "shop"};
    const node_stored_version versions[] = {{.kind = DEPLOY_KIND_ACTOR, .name = "ada", .content = it->old},
                                            {.kind = DEPLOY_KIND_TEMPLATE, .name = "ada", .content = it->old},
                                            {.kind = DEPLOY_KIND_ACTOR, .name = "ben", .content = it->old}};
    assert_int_equal(node_store_put_app(it->store, &app, versions, 3, &error), AIRS_OK);
    *state = it;
    return 0;
}

static int tear_down(void **state)
{
    place *it = *state;
    node_store_close(it->store);
    remove_folder(it->folder);
    free(it);
    return 0;
}

// ---------------------------------------------------------------- ways back

static void deploy_one(const place *it, uint64_t number, const node_content *content)
{
    int64_t row = 0;
    airs_error error;
    airs_deploy_record record = {.actor = "ada"};
    assert_int_equal(node_store_begin_deploy(it->store, "shop", &record, &row, &error), AIRS_OK);
    record.number = number;
    record.result.deployed = true;
    assert_int_equal(node_store_end_deploy(it->store, "shop", row, &record, DEPLOY_KIND_ACTOR, "ada", content, &error),
                     AIRS_OK);
}

static void deploy_app(const place *it, uint64_t number, const node_content *ada, const node_content *ben)
{
    int64_t row = 0;
    airs_error error = {0};
    airs_deploy_record record = {.actor = "app shop"};
    const node_stored_app app = {.name = "shop", .source = "/shop", .digest = *ada, .folder = "shop"};
    const node_stored_version versions[] = {{.kind = DEPLOY_KIND_ACTOR, .name = "ada", .content = *ada},
                                            {.kind = DEPLOY_KIND_ACTOR, .name = "ben", .content = *ben}};
    const node_stored_change change = {.app = &app, .versions = versions, .versions_count = 2};
    assert_int_equal(node_store_begin_deploy(it->store, "shop", &record, &row, &error), AIRS_OK);
    record.number = number;
    if (node_store_change_app(it->store, &change, row, &record, &error) != AIRS_OK)
        fail_msg("%s", error.text);
}

typedef struct versions {
    int count;
    node_stored_version ada;
    node_stored_version ben;
} versions;

static airs_status see_version(void *user, const node_stored_version *version, airs_error *error)
{
    (void)error;
    versions *it = user;
    it->count++;
    if (version->kind == DEPLOY_KIND_ACTOR)
        *(strcmp(version->name, "ada") == 0 ? &it->ada : &it->ben) = *version;
    return AIRS_OK;
}

static versions versions_of(const place *it)
{
    versions ret = {.count = 0};
    airs_error error;
    assert_int_equal(node_store_each_version(it->store, "shop", see_version, &ret, &error), AIRS_OK);
    return ret;
}

static void a_deployment_of_the_whole_app_leaves_the_way_back_of_what_stays(void **state)
{
    place *it = *state;
    airs_error error = {0};
    deploy_one(it, 1, &it->new);
    // Ben changes, ada is as it is; the template goes.
    deploy_app(it, 2, &it->new, &it->new);
    versions found = versions_of(it);
    assert_int_equal(found.count, 2);
    assert_true(found.ada.has_previous && node_content_equal(&found.ada.previous, &it->old));
    assert_true(found.ben.has_previous && node_content_equal(&found.ben.previous, &it->old));
    assert_true(node_content_equal(&found.ada.content, &it->new) && node_content_equal(&found.ben.content, &it->new));
    // Nor does another one, which changes nothing; and it is still there to be gone back to.
    deploy_app(it, 3, &it->new, &it->new);
    run(it, "UPDATE components SET added_ms = 1000");
    assert_int_equal(node_store_prune(it->store, 0, NULL, &error), AIRS_OK);
    found = versions_of(it);
    assert_true(found.ada.has_previous && node_content_equal(&found.ada.previous, &it->old));
    deploy_one(it, 4, &it->old);
    found = versions_of(it);
    assert_true(node_content_equal(&found.ada.content, &it->old));
    assert_true(found.ada.has_previous && node_content_equal(&found.ada.previous, &it->new));
}

static void a_deployment_of_an_app_that_was_forgotten_is_none(void **state)
{
    const place *it = *state;
    int64_t row = 0;
    airs_error error = {0};
    const airs_deploy_record record = {.actor = "ada"};
    assert_int_equal(node_store_begin_deploy(it->store, "shop", &record, &row, &error), AIRS_OK);
    assert_int_equal(node_store_prune(it->store, 0, NULL, &error), AIRS_E_TAKEN);
    assert_int_equal(node_store_remove_app(it->store, "shop", &error), AIRS_OK);
    assert_int_equal(node_store_prune(it->store, 0, NULL, &error), AIRS_OK);
}

// ---------------------------------------------------------------- many children

#define MANY 20000u

/// Time of the processor, not of the clock: many times what it takes, and less than a scan for each would.
static void check_quick(clock_t from)
{
    assert_true(clock() - from < 20 * CLOCKS_PER_SEC);
}

static void many_children_take_as_long_as_they_are_many(void **state)
{
    const place *it = *state;
    airs_error error = {0};
    node_stored_child *children = calloc(MANY, sizeof *children);
    uint64_t *actors = calloc(MANY, sizeof *actors);
    char(*names)[16] = calloc(MANY, sizeof *names);
    assert_true(children != NULL && actors != NULL && names != NULL);
    for (int named = 0; named < 2; named++) {
        for (uint32_t i = 0; i < MANY; i++) {
            (void)snprintf(names[i], sizeof names[i], "child-%u", i);
            actors[i] = 1000 + i;
            children[i] =
                (node_stored_child){.group = "pool", .name = named ? names[i] : "", .config = "{}", .actor = actors[i]};
        }
        clock_t from = clock();
        assert_int_equal(node_store_add_children(it->store, "shop", children, MANY, &error), AIRS_OK);
        check_quick(from);
        from = clock();
        assert_int_equal(node_store_remove_children(it->store, "shop", NULL, actors, MANY, &error), AIRS_OK);
        check_quick(from);
        assert_int_equal(number_of(it, "SELECT count(*) FROM children"), 0);
    }
    free(children);
    free(actors);
    free(names);
}

static void children_go_and_come_as_one(void **state)
{
    const place *it = *state;
    airs_error error = {0};
    bool has = false;
    const uint64_t gone = 7;
    const node_stored_child before = {.group = "pool", .name = "eve", .config = "{}", .actor = 7};
    // The second can't be written.
    const node_stored_child added[] = {{.group = "pool", .name = "", .config = "{}", .actor = 8},
                                       {.group = "pool", .name = "", .config = NULL, .actor = 9}};
    node_store_children_change change = {.gone = &gone, .gone_count = 1, .added = added, .added_count = 2};
    assert_int_equal(node_store_add_children(it->store, "shop", &before, 1, &error), AIRS_OK);
    assert_int_equal(node_store_change_children(it->store, "shop", &change, &error), AIRS_E_IO);
    assert_int_equal(number_of(it, "SELECT count(*) FROM children"), 1);
    assert_int_equal(node_store_has_child(it->store, "shop", 7, &has, &error), AIRS_OK);
    assert_true(has);
    change.added_count = 1;
    assert_int_equal(node_store_change_children(it->store, "shop", &change, &error), AIRS_OK);
    assert_int_equal(node_store_has_child(it->store, "shop", 7, &has, &error), AIRS_OK);
    assert_false(has);
    assert_int_equal(node_store_has_child(it->store, "shop", 8, &has, &error), AIRS_OK);
    assert_true(has);
    assert_int_equal(node_store_has_child(it->store, "tally", 8, &has, &error), AIRS_OK);
    assert_false(has);
}

// ---------------------------------------------------------------- grants of children

typedef struct granted {
    char texts[8][48];
    int count;
} granted;

static airs_status see_child_grant(void *user, int64_t child, const node_stored_grant *grant, airs_error *error)
{
    (void)error;
    granted *it = user;
    assert_true(child > 0 && it->count < 8);
    (void)snprintf(it->texts[it->count++], sizeof it->texts[0], "%s%s%s", grant->actor, grant->revoked ? "-" : "+",
                   grant->text);
    return AIRS_OK;
}

static granted grants_of(const place *it)
{
    granted ret = {.count = 0};
    airs_error error;
    assert_int_equal(node_store_each_child_grant(it->store, "shop", see_child_grant, &ret, &error), AIRS_OK);
    return ret;
}

static void revocations_that_cant_be_written_are_owed(void **state)
{
    const place *it = *state;
    airs_error error = {0};
    const node_stored_child eve = {.group = "pool", .name = "eve", .config = "{}", .actor = 7};
    const node_stored_grant given = {.actor = "eve", .text = "a", .id = 7};
    // The second can't be written, and none is.
    const node_stored_grant taken[] = {{.actor = "eve", .text = "a", .revoked = true, .id = 7},
                                       {.actor = "eve", .text = NULL, .id = 7}};
    assert_int_equal(node_store_add_children(it->store, "shop", &eve, 1, &error), AIRS_OK);
    assert_int_equal(node_store_add_grants(it->store, "shop", &given, 1, &error), AIRS_OK);
    assert_int_equal(node_store_add_grants(it->store, "shop", taken, 2, &error), AIRS_E_IO);
    assert_int_equal(grants_of(it).count, 1);
    // Another app is owed nothing.
    assert_int_equal(node_store_add_grants(it->store, "tally", NULL, 0, &error), AIRS_OK);
    assert_int_equal(grants_of(it).count, 1);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(node_store_add_grants(it->store, "shop", NULL, 0, &error), AIRS_OK);
        granted found = grants_of(it);
        assert_int_equal(found.count, 2);
        assert_string_equal(found.texts[1], "eve-a");
    }
    // In its order: what is given again after it holds.
    assert_int_equal(node_store_add_grants(it->store, "shop", taken, 2, &error), AIRS_E_IO);
    assert_int_equal(node_store_add_grants(it->store, "shop", &given, 1, &error), AIRS_OK);
    granted found = grants_of(it);
    assert_int_equal(found.count, 4);
    assert_string_equal(found.texts[2], "eve-a");
    assert_string_equal(found.texts[3], "eve+a");
    // With a deployment of the whole app, which leaves the children as they are.
    assert_int_equal(node_store_add_grants(it->store, "shop", taken, 2, &error), AIRS_E_IO);
    deploy_app(it, 1, &it->new, &it->new);
    assert_int_equal(grants_of(it).count, 5);
}

static void what_a_child_is_granted_goes_with_it(void **state)
{
    const place *it = *state;
    airs_error error = {0};
    const node_stored_child children[] = {{.group = "pool", .name = "eve", .config = "{}", .actor = 7},
                                          {.group = "pool", .name = "", .config = "{}", .actor = 8},
                                          {.group = "pool", .name = "ada", .config = "{}", .actor = 9}};
    const node_stored_grant grants[] = {{.actor = "", .text = "b", .id = 8},
                                        {.actor = "eve", .text = "a", .id = 7},
                                        {.actor = "eve", .text = "a", .revoked = true, .id = 7},
                                        {.actor = "ada", .text = "c", .id = 9}};
    assert_int_equal(node_store_add_children(it->store, "shop", children, 3, &error), AIRS_OK);
    assert_int_equal(node_store_add_grants(it->store, "shop", grants, 4, &error), AIRS_OK);
    granted found = grants_of(it);
    assert_int_equal(found.count, 4);
    assert_string_equal(found.texts[0], "eve+a");
    assert_string_equal(found.texts[1], "eve-a");
    assert_string_equal(found.texts[2], "+b");
    // Not of the actor of the app that has its name, nor of the app.
    assert_string_equal(found.texts[3], "ada+c");
    assert_int_equal(number_of(it, "SELECT count(*) FROM grants"), 0);
    // Somebody who is not known, with a name or without.
    const node_stored_grant none[] = {{.actor = "", .text = "b", .id = 77}, {.actor = "joe", .text = "b", .id = 78}};
    assert_int_equal(node_store_add_grants(it->store, "shop", none, 2, &error), AIRS_OK);
    assert_int_equal(grants_of(it).count, 4);
    assert_int_equal(number_of(it, "SELECT count(*) FROM grants"), 0);
    // A deployment of the whole app leaves the children as they are.
    deploy_app(it, 1, &it->new, &it->new);
    assert_int_equal(grants_of(it).count, 4);
    // Another one in its place has nothing of it, whatever its place in the table.
    const uint64_t gone = 9;
    assert_int_equal(node_store_add_children(it->store, "shop", &children[0], 1, &error), AIRS_OK);
    assert_int_equal(grants_of(it).count, 2);
    assert_int_equal(node_store_remove_children(it->store, "shop", NULL, &gone, 1, &error), AIRS_OK);
    assert_int_equal(node_store_add_children(it->store, "shop", &children[2], 1, &error), AIRS_OK);
    assert_int_equal(grants_of(it).count, 1);
    assert_int_equal(node_store_remove_app(it->store, "shop", &error), AIRS_OK);
    assert_int_equal(number_of(it, "SELECT count(*) FROM child_grants"), 0);
}

// ---------------------------------------------------------------- several that open it

#define OPENERS 6

/// All begin at once, when the last end of the pipe is closed; 0 of each that it was opened.
static void open_at_once(const char *folder)
{
    int go[2];
    assert_int_equal(pipe(go), 0);
    for (int i = 0; i < OPENERS; i++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child > 0)
            continue;
        char byte;
        node_store *store = NULL;
        airs_error error = {0};
        (void)close(go[1]);
        if (read(go[0], &byte, 1) < 0 || node_store_open(folder, &store, &error) != AIRS_OK) {
            (void)fprintf(stderr, "%s\n", error.text);
            _exit(1);
        }
        node_store_close(store);
        _exit(0);
    }
    (void)close(go[0]);
    (void)close(go[1]);
    for (int i = 0; i < OPENERS; i++) {
        int how = -1;
        assert_true(wait(&how) > 0);
        assert_int_equal(how, 0);
    }
}

static void a_format_of_before_is_brought_to_this_one_by_one_of_several(void **state)
{
    place *it = *state;
    airs_error error = {0};
    for (int round = 0; round < 10; round++) {
        run(it, "DROP TABLE child_grants");
        run(it, "DROP TABLE children");
        run(it, "DROP TABLE absences");
        run(it, "PRAGMA user_version=1");
        node_store_close(it->store);
        it->store = NULL;
        open_at_once(it->folder);
        assert_int_equal(node_store_open(it->folder, &it->store, &error), AIRS_OK);
        assert_int_equal(number_of(it, "PRAGMA user_version"), NODE_STORE_FORMAT);
        assert_int_equal(versions_of(it).count, 3);
    }
    // So is a folder that has none.
    for (int round = 0; round < 10; round++) {
        char folder[] = "/tmp/airssys-kept-XXXXXX";
        assert_non_null(mkdtemp(folder));
        open_at_once(folder);
        remove_folder(folder);
    }
}

static void the_children_of_the_second_format_are_those_of_this_one(void **state)
{
    place *it = *state;
    airs_error error = {0};
    const node_stored_child child = {.group = "pool", .name = "eve", .config = "{}", .actor = 7};
    assert_int_equal(node_store_add_children(it->store, "shop", &child, 1, &error), AIRS_OK);
    run(it, "DROP TABLE child_grants");
    run(it, "DROP INDEX children_by_actor");
    run(it, "DROP INDEX children_by_name");
    run(it, "PRAGMA user_version=2");
    node_store_close(it->store);
    it->store = NULL;
    assert_int_equal(node_store_open(it->folder, &it->store, &error), AIRS_OK);
    assert_int_equal(number_of(it, "PRAGMA user_version"), NODE_STORE_FORMAT);
    assert_int_equal(number_of(it, "SELECT count(*) FROM children WHERE actor = 7"), 1);
    assert_int_equal(number_of(it, "SELECT count(*) FROM child_grants"), 0);
}

// ---------------------------------------------------------------- an actor more

/// The app gets, or has, the actor eve of this component; `anew`: it was not there.
static airs_status add_eve(const place *it, uint64_t number, const node_content *content, bool anew, const char *past)
{
    int64_t row = 0;
    airs_error error = {0};
    airs_deploy_record record = {.actor = "eve"};
    static const char manifest[] = "with eve";
    const node_stored_app app = {.name = "shop",
                                 .source = "/shop",
                                 .manifest = {(const uint8_t *)manifest, strlen(manifest)},
                                 .has_manifest = true,
                                 .digest = it->old,
                                 .folder = "shop"};
    const node_stored_version list[] = {{.kind = DEPLOY_KIND_ACTOR, .name = "ada", .content = it->new},
                                        {.kind = DEPLOY_KIND_ACTOR, .name = "eve", .content = *content}};
    const char *const names[] = {"eve"};
    const node_stored_change change = {.app = &app,
                                       .versions = list,
                                       .versions_count = 2,
                                       .names = names,
                                       .names_count = anew,
                                       .added = "eve",
                                       .past = base_bytes_of(past)};
    assert_int_equal(node_store_begin_deploy(it->store, "shop", &record, &row, &error), AIRS_OK);
    record.number = number;
    return node_store_change_app(it->store, &change, row, &record, &error);
}

static void grant(const place *it, const char *actor)
{
    airs_error error = {0};
    const node_stored_grant one = {.actor = actor, .text = "clock.wall"};
    assert_int_equal(node_store_add_grants(it->store, "shop", &one, 1, &error), AIRS_OK);
}

static void an_actor_more_leaves_the_others_as_they_are(void **state)
{
    place *it = *state;
    airs_error error = {0};
    const node_stored_child child = {.group = "pool", .name = "kid", .config = "{}", .actor = 7};
    deploy_one(it, 1, &it->new);
    grant(it, "ada");
    assert_int_equal(node_store_add_children(it->store, "shop", &child, 1, &error), AIRS_OK);
    assert_int_equal(node_store_add_absence(it->store, "shop", "ben", true, &error), AIRS_OK);
    assert_int_equal(add_eve(it, 2, &it->old, true, "before"), AIRS_OK);
    versions now = versions_of(it);
    assert_int_equal(now.count, 4);
    assert_true(node_content_equal(&now.ada.content, &it->new) && now.ada.has_previous);
    assert_int_equal(number_of(it, "SELECT count(*) FROM apps WHERE manifest = CAST('with eve' AS BLOB)"), 1);
    assert_int_equal(number_of(it, "SELECT count(*) FROM grants WHERE actor = 'ada'"), 1);
    assert_int_equal(number_of(it, "SELECT count(*) FROM absences WHERE name = 'ben' AND removed"), 1);
    assert_int_equal(number_of(it, "SELECT count(*) FROM children"), 1);
    assert_int_equal(number_of(it, "SELECT count(*) FROM versions WHERE name = 'eve' AND previous IS NULL"), 1);
    // What it was before is the way back.
    assert_int_equal(number_of(it, "SELECT count(*) FROM past_apps WHERE manifest = CAST('before' AS BLOB)"), 1);
    assert_int_equal(number_of(it, "SELECT count(*) FROM past_versions WHERE name = 'eve' AND kind >= 0"), 0);
    // Another component of it has a way back of its own, and what it was granted stays.
    grant(it, "eve");
    assert_int_equal(add_eve(it, 3, &it->new, false, "before"), AIRS_OK);
    assert_int_equal(add_eve(it, 4, &it->new, false, "before"), AIRS_OK);
    assert_int_equal(number_of(it, "SELECT count(*) FROM versions JOIN components ON components.hash = previous WHERE "
                                   "name = 'eve' AND kind = 1 AND previous <> versions.hash"),
                     1);
    assert_int_equal(number_of(it, "SELECT count(*) FROM grants WHERE actor = 'eve'"), 1);
}

/// What it was before eve was added, or, `there`, is with her again.
static void undo_eve(const place *it, uint64_t number, bool there)
{
    int64_t row = 0;
    airs_error error = {0};
    airs_deploy_record record = {.actor = "app shop"};
    const char *manifest = there ? "with eve" : "before";
    const node_stored_app app = {.name = "shop", .manifest = base_bytes_of(manifest), .has_manifest = true};
    const node_stored_version list[] = {{.kind = DEPLOY_KIND_ACTOR, .name = "ada", .content = it->new},
                                        {.kind = DEPLOY_KIND_ACTOR, .name = "eve", .content = it->old}};
    const node_stored_change change = {.app = &app,
                                       .versions = list,
                                       .versions_count = there ? 2 : 1,
                                       .undone = "eve",
                                       .undone_there = there,
                                       .undone_was_there = !there};
    assert_int_equal(node_store_begin_deploy(it->store, "shop", &record, &row, &error), AIRS_OK);
    record.number = number;
    assert_int_equal(node_store_change_app(it->store, &change, row, &record, &error), AIRS_OK);
}

static void the_way_back_of_an_addition_leaves_the_others_as_they_are(void **state)
{
    place *it = *state;
    airs_error error = {0};
    node_stored_addition addition;
    deploy_one(it, 1, &it->new);
    assert_int_equal(node_store_past_addition(it->store, "shop", &addition, &error), AIRS_OK);
    assert_string_equal(addition.name, "");
    assert_int_equal(add_eve(it, 2, &it->old, true, "before"), AIRS_OK);
    assert_int_equal(node_store_past_addition(it->store, "shop", &addition, &error), AIRS_OK);
    assert_string_equal(addition.name, "eve");
    assert_false(addition.there);
    grant(it, "ada");
    grant(it, "eve");
    assert_int_equal(node_store_add_absence(it->store, "shop", "ben", true, &error), AIRS_OK);
    undo_eve(it, 3, false);
    assert_int_equal(number_of(it, "SELECT count(*) FROM apps WHERE manifest = CAST('before' AS BLOB)"), 1);
    assert_int_equal(number_of(it, "SELECT count(*) FROM versions WHERE name = 'eve'"), 0);
    assert_int_equal(number_of(it, "SELECT count(*) FROM grants WHERE actor = 'eve'"), 0);
    assert_int_equal(number_of(it, "SELECT count(*) FROM grants WHERE actor = 'ada'"), 1);
    assert_int_equal(number_of(it, "SELECT count(*) FROM absences WHERE name = 'ben' AND removed"), 1);
    assert_true(versions_of(it).ada.has_previous);
    // And forward again.
    assert_int_equal(node_store_past_addition(it->store, "shop", &addition, &error), AIRS_OK);
    assert_string_equal(addition.name, "eve");
    assert_true(addition.there);
    undo_eve(it, 4, true);
    assert_int_equal(number_of(it, "SELECT count(*) FROM apps WHERE manifest = CAST('with eve' AS BLOB)"), 1);
    assert_int_equal(number_of(it, "SELECT count(*) FROM versions WHERE name = 'eve'"), 1);
    assert_int_equal(number_of(it, "SELECT count(*) FROM grants WHERE actor = 'ada'"), 1);
    assert_int_equal(node_store_past_addition(it->store, "shop", &addition, &error), AIRS_OK);
    assert_false(addition.there);
}

static void one_that_was_removed_leaves_nothing_to_one_of_its_name(void **state)
{
    place *it = *state;
    airs_error error = {0};
    assert_int_equal(add_eve(it, 1, &it->old, true, "before"), AIRS_OK);
    grant(it, "eve");
    assert_int_equal(node_store_add_absence(it->store, "shop", "eve", true, &error), AIRS_OK);
    assert_int_equal(add_eve(it, 2, &it->new, true, "without eve"), AIRS_OK);
    assert_int_equal(number_of(it, "SELECT count(*) FROM absences"), 0);
    assert_int_equal(number_of(it, "SELECT count(*) FROM grants"), 0);
    assert_int_equal(number_of(it, "SELECT count(*) FROM versions WHERE name = 'eve' AND previous IS NULL"), 1);
    assert_int_equal(number_of(it, "SELECT count(*) FROM past_apps WHERE manifest = CAST('without eve' AS BLOB)"), 1);
    assert_int_equal(number_of(it, "SELECT count(*) FROM past_versions WHERE name = 'eve' AND kind >= 0"), 0);
    assert_int_equal(number_of(it, "SELECT count(*) FROM past_versions WHERE name = 'ada' AND kind >= 0"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_deployment_of_the_whole_app_leaves_the_way_back_of_what_stays, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_deployment_of_an_app_that_was_forgotten_is_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_children_take_as_long_as_they_are_many, set_up, tear_down),
        cmocka_unit_test_setup_teardown(children_go_and_come_as_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(revocations_that_cant_be_written_are_owed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_a_child_is_granted_goes_with_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_format_of_before_is_brought_to_this_one_by_one_of_several, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_children_of_the_second_format_are_those_of_this_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_actor_more_leaves_the_others_as_they_are, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_way_back_of_an_addition_leaves_the_others_as_they_are, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_that_was_removed_leaves_nothing_to_one_of_its_name, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
