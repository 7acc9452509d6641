// SPDX-License-Identifier: MIT OR Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/testing.h"
#include "node/home.h"
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

static int set_up(void **state)
{
    place *it = calloc(1, sizeof *it);
    airs_error error = {0};
    (void)snprintf(it->folder, sizeof it->folder, "/tmp/airssys-store-XXXXXX");
    assert_non_null(mkdtemp(it->folder));
    if (node_store_open(it->folder, &it->store, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    assert_int_equal(node_store_add(it->store, base_bytes_of("old"), &it->old, NULL, &error), AIRS_OK);
    assert_int_equal(node_store_add(it->store, base_bytes_of("new"), &it->new, NULL, &error), AIRS_OK);
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

static void put(place *it, const char *name)
{
    airs_error error = {0};
    const node_stored_app app = {.name = name,
                                 .source = "/apps/shop/airssys.toml",
                                 .manifest = base_bytes_of("[app]"),
                                 .has_manifest = true,
                                 .digest = it->old,
                                 .folder = name};
    const node_stored_version versions[] = {{.kind = DEPLOY_KIND_ACTOR, .name = "ada", .content = it->old},
                                            {.kind = DEPLOY_KIND_TEMPLATE, .name = "ada", .content = it->old}};
    if (node_store_put_app(it->store, &app, versions, 2, &error) != AIRS_OK)
        fail_msg("%s", error.text);
}

static void components_are_kept_once_and_found_by_their_digits(void **state)
{
    place *it = *state;
    bool known = false;
    node_content again, found;
    airs_error error;
    char digits[NODE_CONTENT_DIGITS + 1], beginning[9], path[NODE_STATE_PATH_MAX];
    assert_int_equal(node_store_add(it->store, base_bytes_of("old"), &again, &known, &error), AIRS_OK);
    assert_true(known && node_content_equal(&again, &it->old));
    node_content_format(&it->old, digits);
    assert_int_equal(strlen(digits), 64);
    base_text_copy(beginning, sizeof beginning, base_bytes_of(digits));
    assert_int_equal(node_store_find(it->store, digits, &found, &error), AIRS_OK);
    assert_int_equal(node_store_find(it->store, beginning, &found, &error), AIRS_OK);
    assert_true(node_content_equal(&found, &it->old));
    assert_int_equal(node_store_find(it->store, "0123456", &found, &error), AIRS_E_INVALID);
    assert_int_equal(node_store_find(it->store, "XYZXYZXYZ", &found, &error), AIRS_E_INVALID);
    assert_int_equal(node_store_find(it->store, "0123456789", &found, &error), AIRS_E_NOT_FOUND);

    // One that was changed is refused by its file, and mended by the same component.
    airs_buffer wasm;
    assert_int_equal(node_store_path(it->store, &it->old, path, &error), AIRS_OK);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    (void)fputs("damaged", file);
    (void)fclose(file);
    assert_int_equal(node_store_read(it->store, &it->old, &wasm, &error), AIRS_E_IO);
    assert_non_null(strstr(error.text, path));
    assert_int_equal(node_store_add(it->store, base_bytes_of("old"), &again, &known, &error), AIRS_OK);
    assert_false(known);
    assert_int_equal(node_store_read(it->store, &it->old, &wasm, &error), AIRS_OK);
    assert_true(base_bytes_are((airs_bytes){wasm.data, wasm.len}, "old"));
    airs_buffer_free(&wasm);
}

typedef struct seen {
    const place *it;
    int apps, grants, deploys;
    uint64_t last;
    char texts[4][64];
    bool is_new, has_previous;
} seen;

static airs_status see_app(void *user, const node_stored_app *app, airs_error *error)
{
    (void)error;
    seen *it = user;
    it->apps++;
    assert_true(app->has_manifest && base_bytes_are(app->manifest, "[app]"));
    assert_string_equal(app->source, "/apps/shop/airssys.toml");
    assert_string_equal(app->folder, app->name);
    return AIRS_OK;
}

static airs_status see_version(void *user, const node_stored_version *version, airs_error *error)
{
    (void)error;
    seen *it = user;
    if (version->kind != DEPLOY_KIND_ACTOR) {
        assert_true(node_content_equal(&version->content, &it->it->old));
        return AIRS_OK;
    }
    it->is_new = node_content_equal(&version->content, &it->it->new);
    it->has_previous = version->has_previous;
    return AIRS_OK;
}

static airs_status see_grant(void *user, const node_stored_grant *grant, airs_error *error)
{
    (void)error;
    seen *it = user;
    (void)snprintf(it->texts[it->grants++ % 4], sizeof it->texts[0], "%s%s", grant->revoked ? "-" : "+", grant->text);
    return AIRS_OK;
}

static airs_status see_deploy(void *user, const airs_deploy_record *record, airs_error *error)
{
    (void)error;
    seen *it = user;
    it->deploys++;
    assert_true(record->number > it->last);
    it->last = record->number;
    return AIRS_OK;
}

static seen look(const place *it, const char *app)
{
    seen ret = {.it = it};
    airs_error error;
    assert_int_equal(node_store_each_app(it->store, see_app, &ret, &error), AIRS_OK);
    assert_int_equal(node_store_each_version(it->store, app, see_version, &ret, &error), AIRS_OK);
    assert_int_equal(node_store_each_grant(it->store, app, see_grant, &ret, &error), AIRS_OK);
    assert_int_equal(node_store_each_deploy(it->store, app, see_deploy, &ret, &error), AIRS_OK);
    return ret;
}

/// A deployment that is begun, and ended where it has a number.
static void deploy(place *it, uint64_t number, const node_content *content)
{
    airs_error error;
    int64_t row = 0;
    airs_deploy_record record = {.time_ms = number, .by = "me", .actor = "ada"};
    assert_int_equal(node_store_begin_deploy(it->store, "shop", &record, &row, &error), AIRS_OK);
    if (number == 0)
        return;
    record.number = record.result.number = number;
    record.result.deployed = content != NULL;
    assert_int_equal(node_store_end_deploy(it->store, "shop", row, &record, DEPLOY_KIND_ACTOR, "ada", content, &error),
                     AIRS_OK);
}

static void what_changes_is_there_again(void **state)
{
    place *it = *state;
    airs_error error;
    put(it, "shop");
    put(it, "tally");
    const node_stored_grant grants[] = {{.actor = "ada", .text = "clock.wall"},
                                        {.actor = "ada", .text = "clock.wall", .revoked = true},
                                        {.actor = "child", .text = "x"}};
    assert_int_equal(node_store_add_grants(it->store, "shop", grants, 3, &error), AIRS_OK);
    deploy(it, 1, &it->new);
    deploy(it, 2, &it->new);
    node_store_close(it->store);
    it->store = NULL;
    assert_int_equal(node_store_open(it->folder, &it->store, &error), AIRS_OK);
    seen found = look(it, "shop");
    assert_int_equal(found.apps, 2);
    // Of a child that the app does not name, nothing is kept.
    assert_int_equal(found.grants, 2);
    assert_string_equal(found.texts[0], "+clock.wall");
    assert_string_equal(found.texts[1], "-clock.wall");
    assert_true(found.is_new && found.has_previous);
    assert_int_equal(found.deploys, 2);
    assert_false(look(it, "tally").is_new);

    // Given anew it begins anew, but for its history; and it can be forgotten.
    put(it, "shop");
    found = look(it, "shop");
    assert_true(!found.is_new && !found.has_previous && found.grants == 0 && found.deploys == 2);
    assert_int_equal(node_store_remove_app(it->store, "shop", &error), AIRS_OK);
    assert_int_equal(node_store_remove_app(it->store, "shop", &error), AIRS_E_NOT_FOUND);
    assert_int_equal(look(it, "tally").apps, 1);
}

static void deployments_that_were_not_ended_get_numbers_and_the_oldest_go(void **state)
{
    place *it = *state;
    airs_error error;
    put(it, "shop");
    deploy(it, 7, NULL);
    deploy(it, 0, NULL);
    deploy(it, 0, NULL);
    assert_int_equal(look(it, "shop").deploys, 1);
    assert_int_equal(node_store_settle_deploys(it->store, "shop", &error), AIRS_OK);
    seen found = look(it, "shop");
    assert_int_equal(found.deploys, 3);
    assert_int_equal(found.last, 9);
    // One that never began is forgotten; one that has ended is not.
    int64_t row = 0;
    const airs_deploy_record record = {.actor = "ada"};
    assert_int_equal(node_store_begin_deploy(it->store, "shop", &record, &row, &error), AIRS_OK);
    assert_int_equal(node_store_drop_deploy(it->store, row, &error), AIRS_OK);
    assert_int_equal(node_store_settle_deploys(it->store, "shop", &error), AIRS_OK);
    assert_int_equal(look(it, "shop").deploys, 3);
    deploy(it, 1008, NULL);
    found = look(it, "shop");
    assert_int_equal(found.deploys, 2);
    assert_int_equal(found.last, 1008);
}

// ---------------------------------------------------------------- what was asked for

typedef struct asked {
    /// "-ada" was removed, "ada" was stopped.
    char absences[4][16];
    int absences_count;
    node_stored_child children[4];
    char texts[4][64];
    int children_count;
} asked;

static airs_status see_absence(void *user, const char *name, bool removed, airs_error *error)
{
    (void)error;
    asked *it = user;
    assert_true(it->absences_count < 4);
    (void)snprintf(it->absences[it->absences_count++], sizeof it->absences[0], "%s%s", removed ? "-" : "", name);
    return AIRS_OK;
}

static airs_status see_child(void *user, const node_stored_child *child, airs_error *error)
{
    (void)error;
    asked *it = user;
    assert_true(it->children_count < 4);
    it->children[it->children_count] = *child;
    (void)snprintf(it->texts[it->children_count++], sizeof it->texts[0], "%s %s %s %d", child->group, child->name,
                   child->config, (int)child->actor);
    return AIRS_OK;
}

static asked look_asked(const place *it, const char *app)
{
    asked ret = {.absences_count = 0};
    airs_error error;
    assert_int_equal(node_store_each_absence(it->store, app, see_absence, &ret, &error), AIRS_OK);
    assert_int_equal(node_store_each_child(it->store, app, see_child, &ret, &error), AIRS_OK);
    return ret;
}

/// The second of two stopped, the third removed, and three children of two groups.
static void ask(place *it)
{
    airs_error error;
    const node_stored_child children[] = {{.group = "crowd", .name = "eve", .config = "{}", .actor = 7},
                                          {.group = "crowd", .name = "", .config = "{\"a\":\"1\"}", .actor = 8},
                                          {.group = "pool", .name = "", .config = "{}", .actor = 9}};
    assert_int_equal(node_store_add_absence(it->store, "shop", "ada", false, &error), AIRS_OK);
    assert_int_equal(node_store_add_absence(it->store, "shop", "ben", false, &error), AIRS_OK);
    assert_int_equal(node_store_add_absence(it->store, "shop", "zoe", true, &error), AIRS_OK);
    // To stop it once more does not bring it back.
    assert_int_equal(node_store_add_absence(it->store, "shop", "zoe", false, &error), AIRS_OK);
    assert_int_equal(node_store_add_children(it->store, "shop", children, 3, &error), AIRS_OK);
}

static void what_was_asked_for_is_there_until_it_is_not_asked_for(void **state)
{
    place *it = *state;
    airs_error error;
    put(it, "shop");
    put(it, "tally");
    ask(it);
    node_store_close(it->store);
    it->store = NULL;
    assert_int_equal(node_store_open(it->folder, &it->store, &error), AIRS_OK);
    asked found = look_asked(it, "shop");
    assert_int_equal(found.absences_count, 3);
    assert_string_equal(found.absences[0], "ada");
    assert_string_equal(found.absences[2], "-zoe");
    assert_int_equal(found.children_count, 3);
    assert_string_equal(found.texts[0], "crowd eve {} 7");
    assert_string_equal(found.texts[1], "crowd  {\"a\":\"1\"} 8");
    assert_int_equal(look_asked(it, "tally").absences_count, 0);
    assert_int_equal(look_asked(it, "tally").children_count, 0);

    // What was removed is not started; what was stopped is.
    const char *const names[] = {"ben", "zoe"};
    assert_int_equal(node_store_end_absences(it->store, "shop", names, 2, &error), AIRS_OK);
    found = look_asked(it, "shop");
    assert_int_equal(found.absences_count, 2);
    assert_string_equal(found.absences[0], "ada");
    assert_string_equal(found.absences[1], "-zoe");

    // A name is there once; those that were not started go with a group only.
    const node_stored_child eve = {.group = "pool", .name = "eve", .config = "{}", .actor = 10};
    found.children[1].actor = 0;
    assert_int_equal(node_store_add_children(it->store, "shop", &eve, 1, &error), AIRS_OK);
    assert_int_equal(node_store_place_children(it->store, "shop", &found.children[1], 1, &error), AIRS_OK);
    const uint64_t gone = 9;
    assert_int_equal(node_store_remove_children(it->store, "shop", NULL, &gone, 1, &error), AIRS_OK);
    found = look_asked(it, "shop");
    assert_int_equal(found.children_count, 2);
    assert_string_equal(found.texts[0], "crowd  {\"a\":\"1\"} 0");
    assert_string_equal(found.texts[1], "pool eve {} 10");
    assert_int_equal(node_store_remove_children(it->store, "shop", "crowd", NULL, 0, &error), AIRS_OK);
    assert_int_equal(look_asked(it, "shop").children_count, 1);
    put(it, "shop");
    assert_int_equal(look_asked(it, "shop").absences_count + look_asked(it, "shop").children_count, 0);
}

static void a_deployment_of_the_whole_app_brings_back_what_was_removed(void **state)
{
    place *it = *state;
    airs_error error;
    int64_t row = 0;
    airs_deploy_record record = {.actor = "app shop"};
    put(it, "shop");
    ask(it);
    const node_stored_app app = {.name = "shop", .source = "/shop", .digest = it->new, .folder = "shop"};
    const char *const names[] = {"ben", "crowd"};
    const node_stored_change change = {.app = &app, .names = names, .names_count = 2};
    assert_int_equal(node_store_begin_deploy(it->store, "shop", &record, &row, &error), AIRS_OK);
    record.number = 1;
    assert_int_equal(node_store_change_app(it->store, &change, row, &record, &error), AIRS_OK);
    asked found = look_asked(it, "shop");
    assert_int_equal(found.absences_count, 1);
    assert_string_equal(found.absences[0], "ada");
    assert_int_equal(found.children_count, 1);
    assert_string_equal(found.texts[0], "pool  {} 9");
}

static airs_status see_number(void *user, const storage_row *row, airs_error *error)
{
    (void)error;
    *(int64_t *)user = storage_row_number(row, 0);
    return AIRS_OK;
}

static void a_store_of_the_first_format_is_brought_to_this_one(void **state)
{
    place *it = *state;
    airs_error error = {0};
    static const char *const before[] = {"DROP TABLE absences", "DROP TABLE children", "DROP TABLE past_versions",
                                         "DROP TABLE past_apps", "PRAGMA user_version=1"};
    put(it, "shop");
    deploy(it, 1, &it->new);
    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        assert_int_equal(storage_run(it->store->database, before[i], NULL, 0, NULL, NULL, &error), AIRS_OK);
    for (int i = 0; i < 2; i++) {
        node_store_close(it->store);
        it->store = NULL;
        if (node_store_open(it->folder, &it->store, &error) != AIRS_OK)
            fail_msg("%s", error.text);
        int64_t format = 0;
        assert_int_equal(storage_run(it->store->database, "PRAGMA user_version", NULL, 0, see_number, &format, &error),
                         AIRS_OK);
        assert_int_equal(format, NODE_STORE_FORMAT);
        seen found = look(it, "shop");
        assert_true(found.apps == 1 && found.is_new && found.has_previous && found.deploys == 1);
    }
    ask(it);
    assert_int_equal(look_asked(it, "shop").children_count, 3);
}

// ---------------------------------------------------------------- what nothing needs

static bool has_file(const place *it, const node_content *content)
{
    char path[NODE_STATE_PATH_MAX];
    airs_error error;
    assert_int_equal(node_store_path(it->store, content, path, &error), AIRS_OK);
    return access(path, F_OK) == 0;
}

/// All components were given so long ago, the later the number the later.
static void make_old(const place *it)
{
    airs_error error;
    assert_int_equal(
        storage_run(it->store->database, "UPDATE components SET added_ms = 1000 + rowid", NULL, 0, NULL, NULL, &error),
        AIRS_OK);
}

static uint32_t prune(const place *it, uint32_t keep)
{
    airs_error error = {0};
    node_pruned pruned;
    if (node_store_prune(it->store, keep, &pruned, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    return pruned.count;
}

static void what_nothing_needs_is_removed(void **state)
{
    place *it = *state;
    airs_error error = {0};
    node_content third, fourth, found;
    put(it, "shop");
    deploy(it, 1, &it->new);
    assert_int_equal(node_store_add(it->store, base_bytes_of("third"), &third, NULL, &error), AIRS_OK);
    // What was just given is about to be deployed.
    assert_int_equal(prune(it, 0), 0);
    make_old(it);
    assert_int_equal(node_store_add(it->store, base_bytes_of("fourth"), &fourth, NULL, &error), AIRS_OK);
    assert_int_equal(prune(it, 2), 0);
    assert_int_equal(prune(it, 1), 1);
    assert_true(has_file(it, &it->old) && has_file(it, &it->new) && has_file(it, &fourth) && !has_file(it, &third));
    char digits[NODE_CONTENT_DIGITS + 1];
    node_content_format(&third, digits);
    assert_int_equal(node_store_find(it->store, digits, &found, &error), AIRS_E_NOT_FOUND);

    // While something is deployed nothing goes; what was before the last deployment of all is a way back.
    make_old(it);
    int64_t row = 0;
    airs_deploy_record record = {.actor = "app shop"};
    assert_int_equal(node_store_begin_deploy(it->store, "shop", &record, &row, &error), AIRS_OK);
    assert_int_equal(node_store_prune(it->store, 0, NULL, &error), AIRS_E_TAKEN);
    const node_stored_app app = {.name = "shop", .source = "/shop", .digest = fourth, .folder = "shop"};
    const node_stored_version versions[] = {{.kind = DEPLOY_KIND_ACTOR, .name = "eve", .content = fourth}};
    const node_stored_change change = {.app = &app, .versions = versions, .versions_count = 1};
    record.number = 2;
    assert_int_equal(node_store_change_app(it->store, &change, row, &record, &error), AIRS_OK);
    assert_int_equal(prune(it, 0), 0);
    put(it, "shop");
    assert_int_equal(prune(it, 0), 2);
    assert_true(has_file(it, &it->old) && !has_file(it, &it->new) && !has_file(it, &fourth));
}

static void what_was_left_half_done_is_removed(void **state)
{
    place *it = *state;
    airs_error error = {0};
    char path[NODE_STATE_PATH_MAX], other[NODE_STATE_PATH_MAX + 16];
    node_content content;
    put(it, "shop");
    // A file without a row, one that was not written to its end, and what is none of the store's.
    wasm_cache_hash(base_bytes_of("stray"), content.hash);
    assert_int_equal(node_store_path(it->store, &content, path, &error), AIRS_OK);
    static const char *const endings[] = {"", ".123.new", ".mine"};
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(other, sizeof other, "%s%s", path, endings[i]);
        FILE *file = fopen(other, "we");
        assert_non_null(file);
        (void)fclose(file);
    }
    // A row without a file: it was removed, and that was not written down.
    assert_int_equal(node_store_path(it->store, &it->new, path, &error), AIRS_OK);
    assert_int_equal(unlink(path), 0);
    make_old(it);
    assert_int_equal(prune(it, 0), 1);
    assert_int_equal(node_store_path(it->store, &content, path, &error), AIRS_OK);
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(other, sizeof other, "%s%s", path, endings[i]);
        assert_int_equal(access(other, F_OK), i < 2 ? -1 : 0);
    }
    assert_true(has_file(it, &it->old));
    airs_buffer wasm;
    assert_int_equal(node_store_add(it->store, base_bytes_of("new"), &content, NULL, &error), AIRS_OK);
    assert_int_equal(node_store_read(it->store, &it->new, &wasm, &error), AIRS_OK);
    airs_buffer_free(&wasm);
}

static void one_node_uses_a_folder_at_a_time(void **state)
{
    (void)state;
    char folder[] = "/tmp/airssys-home-XXXXXX";
    node_home home, second;
    airs_error error = {0};
    char text[32];
    assert_non_null(mkdtemp(folder));
    assert_int_equal(node_home_owner(folder), 0);
    assert_int_equal(node_home_open(&home, folder, false, &error), AIRS_OK);
    assert_int_equal(node_home_owner(folder), getpid());
    assert_int_equal(node_home_open(&second, folder, false, &error), AIRS_E_TAKEN);
    (void)snprintf(text, sizeof text, "process %ld,", (long)getpid());
    assert_non_null(strstr(error.text, text));
    assert_non_null(strstr(error.text, folder));
    node_home_close(&second);
    assert_int_equal(node_home_owner(folder), getpid());
    node_home_close(&home);
    assert_int_equal(node_home_owner(folder), 0);

    // A newer format is refused by name, and left as it is.
    assert_int_equal(node_home_open(&home, folder, false, &error), AIRS_OK);
    assert_int_equal(storage_run(home.store->database, "PRAGMA user_version=4", NULL, 0, NULL, NULL, &error), AIRS_OK);
    node_home_close(&home);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(node_home_open(&home, folder, false, &error), AIRS_E_UNSUPPORTED);
        assert_non_null(strstr(error.text, "has format 4"));
        assert_int_equal(node_home_owner(folder), 0);
    }
    remove_folder(folder);
    assert_int_equal(node_home_open(&home, "/dev/null/state", false, &error), AIRS_E_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(components_are_kept_once_and_found_by_their_digits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_changes_is_there_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(deployments_that_were_not_ended_get_numbers_and_the_oldest_go, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_was_asked_for_is_there_until_it_is_not_asked_for, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_deployment_of_the_whole_app_brings_back_what_was_removed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_store_of_the_first_format_is_brought_to_this_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_nothing_needs_is_removed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_left_half_done_is_removed, set_up, tear_down),
        cmocka_unit_test(one_node_uses_a_folder_at_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
