// SPDX-License-Identifier: MIT OR Apache-2.0
/// Apps of a store that are deployed to as a whole: one is put in the place of another, which is kept for the way back.
#include <inttypes.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "node/store_impl.h"

// Unknown to an airssys of before, which reads the rest all the same.
static const char *const tables[] = {
    "CREATE TABLE IF NOT EXISTS past_apps(name TEXT PRIMARY KEY REFERENCES apps(name) ON DELETE CASCADE, "
    "source TEXT NOT NULL, manifest BLOB, digest BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS past_versions(app TEXT NOT NULL REFERENCES past_apps(name) ON DELETE CASCADE, "
    "kind INTEGER NOT NULL, name TEXT NOT NULL, hash BLOB NOT NULL REFERENCES components(hash), "
    "PRIMARY KEY(app, kind, name)) WITHOUT ROWID",
};

airs_status store_make_past(storage_database *database, airs_error *error)
{
    return store_run_all(database, tables, sizeof tables / sizeof *tables, error);
}

airs_status store_forget_past(storage_database *database, const char *app, airs_error *error)
{
    const storage_value value = storage_text(app);
    airs_status status = storage_run(database, "DELETE FROM past_versions WHERE app = ?", &value, 1, NULL, NULL, error);
    return status == AIRS_OK
               ? storage_run(database, "DELETE FROM past_apps WHERE name = ?", &value, 1, NULL, NULL, error)
               : status;
}

/// What it is now is what it was before.
static airs_status keep_past(storage_database *database, const char *app, airs_error *error)
{
    const storage_value value = storage_text(app);
    airs_status status = store_forget_past(database, app, error);
    if (status == AIRS_OK)
        status = storage_run(database,
                             "INSERT INTO past_apps(name, source, manifest, digest) SELECT name, source, manifest, "
                             "digest FROM apps WHERE name = ?",
                             &value, 1, NULL, NULL, error);
    if (status == AIRS_OK)
        status = storage_run(database,
                             "INSERT INTO past_versions(app, kind, name, hash) SELECT app, kind, name, hash FROM "
                             "versions WHERE app = ?",
                             &value, 1, NULL, NULL, error);
    return status;
}

// No kinds: of the past of an app to which an actor was added, and which has that actor, or has it not.
#define PAST_HAS_IT (-1)
#define PAST_HAS_IT_NOT (-2)

/// The way back changes this actor alone.
static airs_status mark_past(storage_database *database, const char *app, const char *actor, bool there,
                             airs_error *error)
{
    const storage_value values[] = {storage_text(app), storage_number(there ? PAST_HAS_IT : PAST_HAS_IT_NOT),
                                    storage_text(actor), storage_number(DEPLOY_KIND_ACTOR)};
    return storage_run(
        database,
        "INSERT INTO past_versions(app, kind, name, hash) SELECT app, ?2, name, hash FROM versions WHERE "
        "app = ?1 AND name = ?3 AND kind = ?4",
        values, 4, NULL, NULL, error);
}

/// NULL: there is none.
static const node_stored_version *version_of(const node_stored_change *change, const char *actor)
{
    for (size_t i = 0; i < change->versions_count; i++) {
        if (change->versions[i].kind == DEPLOY_KIND_ACTOR && strcmp(change->versions[i].name, actor) == 0)
            return &change->versions[i];
    }
    return NULL;
}

static airs_status put_manifest(storage_database *database, const node_stored_app *app, airs_error *error)
{
    const storage_value values[] = {storage_text(app->name), storage_bytes(app->manifest.data, app->manifest.len)};
    return storage_run(database, "UPDATE apps SET manifest = ?2 WHERE name = ?1", values, 2, NULL, NULL, error);
}

static airs_status put_version(storage_database *database, const char *app, const node_stored_version *version,
                               airs_error *error)
{
    const storage_value values[] = {storage_text(app), storage_text(version->name), storage_number(DEPLOY_KIND_ACTOR),
                                    store_content(&version->content)};
    return storage_run(database,
                       "INSERT INTO versions(app, name, kind, hash) VALUES(?, ?, ?, ?) ON CONFLICT(app, kind, "
                       "name) DO UPDATE SET previous = iif(hash = excluded.hash, previous, hash), hash = "
                       "excluded.hash",
                       values, 4, NULL, NULL, error);
}

/// What one of that name has left behind, here and, unless it is to `stay` there, in what the app goes back to.
static airs_status forget_name(storage_database *database, const storage_value values[3], bool stay, airs_error *error)
{
    static const char *const statements[] = {"DELETE FROM absences WHERE app = ?1 AND name = ?2",
                                             "DELETE FROM grants WHERE app = ?1 AND actor = ?2",
                                             "DELETE FROM versions WHERE app = ?1 AND name = ?2 AND kind = ?3",
                                             "DELETE FROM past_versions WHERE app = ?1 AND name = ?2 AND kind = ?3"};
    airs_status status = AIRS_OK;
    size_t count = sizeof statements / sizeof *statements - (stay ? 1 : 0);
    for (size_t i = 0; status == AIRS_OK && i < count; i++)
        status = storage_run(database, statements[i], values, i < 2 ? 2 : 3, NULL, NULL, error);
    return status;
}

/// The manifest with the actor, and what that is made of: nothing of the others changes.
static airs_status add_actor(storage_database *database, const node_stored_change *change, airs_error *error)
{
    const char *name = change->app->name;
    const storage_value app = storage_text(name);
    const storage_value kind = storage_number(DEPLOY_KIND_ACTOR);
    const storage_value past[] = {app, storage_bytes(change->past.data, change->past.len)};
    bool anew = false;
    airs_status status = put_manifest(database, change->app, error);
    if (status == AIRS_OK)
        status =
            storage_run(database, "UPDATE past_apps SET manifest = ?2 WHERE name = ?1", past, 2, NULL, NULL, error);
    for (size_t i = 0; status == AIRS_OK && i < change->names_count; i++) {
        const storage_value named[] = {app, storage_text(change->names[i]), kind};
        bool is_it = strcmp(change->names[i], change->added) == 0;
        status = forget_name(database, named, change->past_has_added && is_it, error);
        anew = anew || is_it;
    }
    for (size_t i = 0; status == AIRS_OK && i < change->said_count; i++) {
        const storage_value grant[] = {app, storage_text(change->added), storage_text(change->said[i])};
        status = storage_run(database, "DELETE FROM grants WHERE app = ? AND actor = ? AND grant = ?", grant, 3, NULL,
                             NULL, error);
    }
    if (status == AIRS_OK)
        status = put_version(database, name, version_of(change, change->added), error);
    return status == AIRS_OK ? mark_past(database, name, change->added, !anew, error) : status;
}

/// The way back of that, which changes nothing of the others either.
static airs_status undo_actor(storage_database *database, const node_stored_change *change, airs_error *error)
{
    const char *name = change->app->name;
    const node_stored_version *version = version_of(change, change->undone);
    const storage_value values[] = {storage_text(name), storage_text(change->undone), storage_number(DEPLOY_KIND_ACTOR),
                                    storage_number(store_now_ms())};
    airs_status status = mark_past(database, name, change->undone, change->undone_was_there, error);
    if (status == AIRS_OK)
        status = put_manifest(database, change->app, error);
    if (status == AIRS_OK && change->undone_there != change->undone_was_there)
        status = forget_name(database, values, true, error);
    if (status == AIRS_OK && version != NULL)
        status = put_version(database, name, version, error);
    // Another one names it: it is one that was removed.
    if (status == AIRS_OK && version != NULL && !change->undone_there)
        status =
            storage_run(database, "INSERT OR REPLACE INTO absences(app, name, removed, time_ms) VALUES(?1, ?2, 1, ?4)",
                        values, 4, NULL, NULL, error);
    return status;
}

static airs_status replace_app(storage_database *database, const node_stored_change *change, airs_error *error)
{
    const node_stored_app *app = change->app;
    if (change->added != NULL)
        return add_actor(database, change, error);
    if (change->undone != NULL)
        return undo_actor(database, change, error);
    airs_status status = store_replace_app(database, app, change->versions, change->versions_count, error);
    return status == AIRS_OK ? store_settle_asked(database, app->name, change->names, change->names_count, error)
                             : status;
}

airs_status node_store_change_app(node_store *store, const node_stored_change *change, int64_t row,
                                  const airs_deploy_record *record, airs_error *error)
{
    const node_stored_app *app = change->app;
    (void)pthread_mutex_lock(&store->lock);
    airs_status status = storage_begin(store->database, error);
    if (status == AIRS_OK) {
        // Some of them outlive it, those of children.
        status = store_write_owed(store, app->name, error);
        if (status == AIRS_OK)
            status = keep_past(store->database, app->name, error);
        if (status == AIRS_OK)
            status = replace_app(store->database, change, error);
        if (status == AIRS_OK)
            status = store_end_deploy(store, app->name, row, record, error);
        status = storage_end(store->database, status, error);
    }
    if (status == AIRS_OK)
        store_forget_owed(store, app->name);
    (void)pthread_mutex_unlock(&store->lock);
    return status;
}

airs_status node_store_take_app(node_store *store, const node_stored_app *app, airs_error *error)
{
    const storage_value values[] = {storage_text(app->name), storage_text(app->source),
                                    storage_bytes(app->manifest.data, app->manifest.len), store_content(&app->digest)};
    (void)pthread_mutex_lock(&store->lock);
    airs_status status = storage_begin(store->database, error);
    if (status == AIRS_OK) {
        status = storage_run(store->database, "UPDATE apps SET source = ?2, manifest = ?3, digest = ?4 WHERE name = ?1",
                             values, 4, NULL, NULL, error);
        if (status == AIRS_OK)
            status = storage_run(store->database, "DELETE FROM grants WHERE app = ? AND NOT revoked", values, 1, NULL,
                                 NULL, error);
        status = storage_end(store->database, status, error);
    }
    (void)pthread_mutex_unlock(&store->lock);
    return status;
}

// ---------------------------------------------------------------- the way back

typedef struct past_visit {
    const node_store *store;
    const char *app;
    node_stored_app_fn fn;
    node_stored_version_fn version_fn;
    void *user;
    bool found;
} past_visit;

static airs_status visit_app(void *user, const storage_row *row, airs_error *error)
{
    past_visit *visit = user;
    node_stored_app app = {.name = visit->app,
                           .source = storage_row_text(row, 0),
                           .manifest = storage_row_bytes(row, 1),
                           .has_manifest = storage_row_number(row, 2) != 0,
                           .folder = storage_row_text(row, 4)};
    visit->found = true;
    airs_status status = store_read_content(visit->store, row, 3, &app.digest, error);
    return status == AIRS_OK ? visit->fn(visit->user, &app, error) : status;
}

static airs_status visit_version(void *user, const storage_row *row, airs_error *error)
{
    const past_visit *visit = user;
    node_stored_version version = {.kind = (deploy_kind)storage_row_number(row, 0), .name = storage_row_text(row, 1)};
    airs_status status = store_read_content(visit->store, row, 2, &version.content, error);
    return status == AIRS_OK ? visit->version_fn(visit->user, &version, error) : status;
}

airs_status node_store_past_app(node_store *store, const char *app, node_stored_app_fn fn,
                                node_stored_version_fn version_fn, void *user, airs_error *error)
{
    past_visit visit = {store, app, fn, version_fn, user, false};
    const storage_value value = storage_text(app);
    airs_status status =
        store_run(store,
                  "SELECT past.source, past.manifest, past.manifest IS NOT NULL, past.digest, apps.folder FROM "
                  "past_apps AS past JOIN apps ON apps.name = past.name WHERE past.name = ?",
                  &value, 1, visit_app, &visit, error);
    if (status == AIRS_OK && !visit.found)
        return base_error_set(error, AIRS_E_NOT_FOUND,
                              "the app %s has not been deployed to as a whole since it was given", app);
    return status == AIRS_OK
               ? store_run(store, "SELECT kind, name, hash FROM past_versions WHERE app = ? AND kind >= 0", &value, 1,
                           visit_version, &visit, error)
               : status;
}

static airs_status note_addition(void *user, const storage_row *row, airs_error *error)
{
    node_stored_addition *found = user;
    (void)error;
    base_text_copy(found->name, sizeof found->name, base_bytes_of(storage_row_text(row, 1)));
    found->there = storage_row_number(row, 0) == PAST_HAS_IT;
    return AIRS_OK;
}

airs_status node_store_past_addition(node_store *store, const char *app, node_stored_addition *ret, airs_error *error)
{
    const storage_value value = storage_text(app);
    *ret = (node_stored_addition){.name = ""};
    return store_run(store, "SELECT kind, name FROM past_versions WHERE app = ? AND kind < 0", &value, 1, note_addition,
                     ret, error);
}
