// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/store.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "node/store_impl.h"

/// "airs": whose file it is.
#define APPLICATION 0x61697273

// What format 1 was.
static const char *const tables[] = {
    "CREATE TABLE components(hash BLOB PRIMARY KEY, size INTEGER NOT NULL, added_ms INTEGER NOT NULL)",
    "CREATE TABLE apps(place INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, source TEXT NOT NULL, manifest BLOB, "
    "digest BLOB NOT NULL, folder TEXT NOT NULL, added_ms INTEGER NOT NULL)",
    "CREATE TABLE versions(app TEXT NOT NULL REFERENCES apps(name) ON DELETE CASCADE, kind INTEGER NOT NULL, "
    "name TEXT NOT NULL, hash BLOB NOT NULL REFERENCES components(hash), previous BLOB REFERENCES components(hash), "
    "PRIMARY KEY(app, kind, name)) WITHOUT ROWID",
    "CREATE TABLE grants(place INTEGER PRIMARY KEY, app TEXT NOT NULL REFERENCES apps(name) ON DELETE CASCADE, "
    "actor TEXT NOT NULL, grant TEXT NOT NULL, revoked INTEGER NOT NULL, time_ms INTEGER NOT NULL)",
    "CREATE TABLE deployments(place INTEGER PRIMARY KEY, app TEXT NOT NULL, number INTEGER, time_ms INTEGER NOT NULL, "
    "took_ms INTEGER NOT NULL, who TEXT NOT NULL, actor TEXT NOT NULL, component TEXT NOT NULL, "
    "from_version TEXT NOT NULL, to_version TEXT NOT NULL, rollback INTEGER NOT NULL, dry_run INTEGER NOT NULL, "
    "deployed INTEGER NOT NULL, actors INTEGER NOT NULL, gone INTEGER NOT NULL, reverted INTEGER NOT NULL, "
    "handled_since INTEGER NOT NULL, pause_max_ns INTEGER NOT NULL, pause_mean_ns INTEGER NOT NULL, "
    "rollback_ns INTEGER NOT NULL, text TEXT NOT NULL)",
    "CREATE INDEX deployments_of_app ON deployments(app, number)",
};

int64_t store_now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

airs_status store_run(node_store *store, const char *statement, const storage_value *values, size_t count,
                      storage_row_fn fn, void *user, airs_error *error)
{
    (void)pthread_mutex_lock(&store->lock);
    airs_status status = storage_run(store->database, statement, values, count, fn, user, error);
    (void)pthread_mutex_unlock(&store->lock);
    return status;
}

airs_status store_run_all(storage_database *database, const char *const *statements, size_t count, airs_error *error)
{
    airs_status status = AIRS_OK;
    for (size_t i = 0; status == AIRS_OK && i < count; i++)
        status = storage_run(database, statements[i], NULL, 0, NULL, NULL, error);
    return status;
}

airs_status store_read_content(const node_store *store, const storage_row *row, int column, node_content *ret,
                               airs_error *error)
{
    airs_bytes bytes = storage_row_bytes(row, column);
    if (bytes.len != sizeof ret->hash)
        return base_error_set(error, AIRS_E_IO, "the database is damaged: %s/node.db: a hash of %zu bytes",
                              store->folder, bytes.len);
    memcpy(ret->hash, bytes.data, sizeof ret->hash);
    return AIRS_OK;
}

// ---------------------------------------------------------------- the format

static airs_status read_number(void *user, const storage_row *row, airs_error *error)
{
    (void)error;
    *(int64_t *)user = storage_row_number(row, 0);
    return AIRS_OK;
}

static airs_status make_first(storage_database *database, airs_error *error)
{
    airs_status status = store_run_all(database, tables, sizeof tables / sizeof *tables, error);
    // A pragma takes no values.
    return status == AIRS_OK ? storage_run(database, "PRAGMA application_id=1634300531", NULL, 0, NULL, NULL, error)
                             : status;
}

/// What a file is, before anything is done to it.
typedef struct looked {
    int64_t application;
    int64_t format;
    int64_t objects;
} looked;

static airs_status look(storage_database *database, looked *ret, airs_error *error)
{
    airs_status status = storage_run(database, "PRAGMA application_id", NULL, 0, read_number, &ret->application, error);
    if (status == AIRS_OK)
        status = storage_run(database, "PRAGMA user_version", NULL, 0, read_number, &ret->format, error);
    if (status == AIRS_OK)
        status =
            storage_run(database, "SELECT count(*) FROM sqlite_schema", NULL, 0, read_number, &ret->objects, error);
    return status;
}

/// From no format at all, or one before, to this one, within a transaction.
static airs_status bring_up(storage_database *database, int64_t format, airs_error *error)
{
    airs_status status = format == 0 ? make_first(database, error) : AIRS_OK;
    // Part of the first format since some version of it.
    if (status == AIRS_OK)
        status = store_make_past(database, error);
    if (status == AIRS_OK)
        status = store_make_asked(database, error);
    return status == AIRS_OK ? storage_run(database, "PRAGMA user_version=3", NULL, 0, NULL, NULL, error) : status;
}

/// Within a transaction, so that nobody else does the same, or has done a part of it.
static airs_status take_format(node_store *self, airs_error *error)
{
    looked now = {0};
    airs_status status = look(self->database, &now, error);
    if (status != AIRS_OK)
        return status;
    if (now.application == 0 && now.format == 0 && now.objects == 0)
        return bring_up(self->database, 0, error);
    if (now.application != APPLICATION)
        return base_error_set(error, AIRS_E_IO, "%s/node.db is a database of something else: say another --state-dir",
                              self->folder);
    if (now.format > 0 && now.format < NODE_STORE_FORMAT)
        return bring_up(self->database, now.format, error);
    if (now.format == NODE_STORE_FORMAT)
        return AIRS_OK;
    return base_error_set(error, AIRS_E_UNSUPPORTED,
                          "the state folder %s has format %" PRId64 ", this airssys (%s) knows format %d: use the "
                          "airssys that made it, or a newer one",
                          self->folder, now.format, AIRS_VERSION_TEXT, NODE_STORE_FORMAT);
}

static airs_status check_format(node_store *self, airs_error *error)
{
    _Static_assert(APPLICATION == 1634300531 && NODE_STORE_FORMAT == 3, "as the pragmas have it");
    looked now = {0};
    airs_status status = look(self->database, &now, error);
    if (status != AIRS_OK || (now.application == APPLICATION && now.format == NODE_STORE_FORMAT))
        return status;
    status = storage_begin(self->database, error);
    return status == AIRS_OK ? storage_end(self->database, take_format(self, error), error) : status;
}

// ---------------------------------------------------------------- open and close

airs_status node_store_open(const char *folder, node_store **ret_store, airs_error *error)
{
    char path[NODE_STATE_PATH_MAX];
    airs_status status = node_state_path(path, folder, "components", error);
    if (status == AIRS_OK)
        status = node_state_make(path, error);
    if (status == AIRS_OK)
        status = node_state_path(path, folder, "node.db", error);
    if (status != AIRS_OK)
        return status;
    node_store *self = base_alloc_zeroed(base_allocator_default(), sizeof *self);
    if (self == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for the store of the node");
    (void)pthread_mutex_init(&self->lock, NULL);
    base_text_copy(self->folder, sizeof self->folder, base_bytes_of(folder));
    status = storage_open(path, &self->database, error);
    if (status == AIRS_OK)
        status = check_format(self, error);
    if (status == AIRS_OK)
        *ret_store = self;
    else
        node_store_close(self);
    return status;
}

bool node_store_is_there(const char *folder)
{
    char path[NODE_STATE_PATH_MAX];
    return node_state_path(path, folder, "node.db", NULL) == AIRS_OK && access(path, F_OK) == 0;
}

void node_store_close(node_store *store)
{
    if (store == NULL)
        return;
    storage_close(store->database);
    store_forget_owed(store, NULL);
    (void)pthread_mutex_destroy(&store->lock);
    base_free(base_allocator_default(), store);
}

// ---------------------------------------------------------------- apps

typedef struct app_visit {
    const node_store *store;
    node_stored_app_fn fn;
    void *user;
} app_visit;

static airs_status visit_app(void *user, const storage_row *row, airs_error *error)
{
    const app_visit *visit = user;
    node_stored_app app = {.name = storage_row_text(row, 0),
                           .source = storage_row_text(row, 1),
                           .manifest = storage_row_bytes(row, 2),
                           .has_manifest = storage_row_number(row, 3) != 0,
                           .folder = storage_row_text(row, 5)};
    airs_status status = store_read_content(visit->store, row, 4, &app.digest, error);
    return status == AIRS_OK ? visit->fn(visit->user, &app, error) : status;
}

airs_status node_store_each_app(node_store *store, node_stored_app_fn fn, void *user, airs_error *error)
{
    app_visit visit = {store, fn, user};
    return store_run(store,
                     "SELECT name, source, manifest, manifest IS NOT NULL, digest, folder FROM apps ORDER BY place",
                     NULL, 0, visit_app, &visit, error);
}

typedef struct version_visit {
    const node_store *store;
    node_stored_version_fn fn;
    void *user;
} version_visit;

static airs_status visit_version(void *user, const storage_row *row, airs_error *error)
{
    const version_visit *visit = user;
    node_stored_version version = {.kind = (deploy_kind)storage_row_number(row, 0),
                                   .name = storage_row_text(row, 1),
                                   .has_previous = storage_row_bytes(row, 3).len > 0};
    airs_status status = store_read_content(visit->store, row, 2, &version.content, error);
    if (status == AIRS_OK && version.has_previous)
        status = store_read_content(visit->store, row, 3, &version.previous, error);
    return status == AIRS_OK ? visit->fn(visit->user, &version, error) : status;
}

airs_status node_store_each_version(node_store *store, const char *app, node_stored_version_fn fn, void *user,
                                    airs_error *error)
{
    version_visit visit = {store, fn, user};
    const storage_value value = storage_text(app);
    return store_run(store, "SELECT kind, name, hash, previous FROM versions WHERE app = ?", &value, 1, visit_version,
                     &visit, error);
}

static airs_status insert_app(storage_database *database, const node_stored_app *app, airs_error *error)
{
    const storage_value values[] = {
        storage_text(app->name),
        storage_text(app->source),
        app->has_manifest ? storage_bytes(app->manifest.data, app->manifest.len) : storage_text(NULL),
        store_content(&app->digest),
        storage_text(app->folder),
        storage_number(store_now_ms()),
    };
    return storage_run(database,
                       "INSERT INTO apps(name, source, manifest, digest, folder, added_ms) VALUES(?, ?, ?, ?, ?, ?) "
                       "ON CONFLICT(name) DO UPDATE SET source = excluded.source, manifest = excluded.manifest, "
                       "digest = excluded.digest, added_ms = excluded.added_ms",
                       values, 6, NULL, NULL, error);
}

airs_status store_replace_app(storage_database *database, const node_stored_app *app,
                              const node_stored_version *versions, size_t count, airs_error *error)
{
    const storage_value name = storage_text(app->name);
    airs_status status = insert_app(database, app, error);
    // Out of the way of the new ones, which ask them for what was before.
    if (status == AIRS_OK)
        status =
            storage_run(database, "UPDATE versions SET kind = -1 - kind WHERE app = ?", &name, 1, NULL, NULL, error);
    if (status == AIRS_OK)
        status = storage_run(database, "DELETE FROM grants WHERE app = ?", &name, 1, NULL, NULL, error);
    for (size_t i = 0; status == AIRS_OK && i < count; i++) {
        const storage_value values[] = {name, storage_number(versions[i].kind), storage_text(versions[i].name),
                                        store_content(&versions[i].content)};
        status = storage_run(database,
                             "INSERT INTO versions(app, kind, name, hash, previous) VALUES(?1, ?2, ?3, ?4, (SELECT "
                             "iif(hash = ?4, previous, hash) FROM versions WHERE app = ?1 AND kind = -1 - ?2 AND name "
                             "= ?3))",
                             values, 4, NULL, NULL, error);
    }
    return status == AIRS_OK
               ? storage_run(database, "DELETE FROM versions WHERE app = ? AND kind < 0", &name, 1, NULL, NULL, error)
               : status;
}

airs_status node_store_put_app(node_store *store, const node_stored_app *app, const node_stored_version *versions,
                               size_t count, airs_error *error)
{
    (void)pthread_mutex_lock(&store->lock);
    airs_status status = storage_begin(store->database, error);
    if (status == AIRS_OK) {
        const storage_value name = storage_text(app->name);
        status = storage_run(store->database, "DELETE FROM versions WHERE app = ?", &name, 1, NULL, NULL, error);
        if (status == AIRS_OK)
            status = store_replace_app(store->database, app, versions, count, error);
        if (status == AIRS_OK)
            status = store_forget_past(store->database, app->name, error);
        if (status == AIRS_OK)
            status = store_forget_asked(store->database, app->name, error);
        status = storage_end(store->database, status, error);
    }
    if (status == AIRS_OK)
        store_forget_owed(store, app->name);
    (void)pthread_mutex_unlock(&store->lock);
    return status;
}

airs_status node_store_remove_app(node_store *store, const char *app, airs_error *error)
{
    int64_t found = 0;
    const storage_value value = storage_text(app);
    airs_status status =
        store_run(store, "DELETE FROM apps WHERE name = ? RETURNING 1", &value, 1, read_number, &found, error);
    if (status == AIRS_OK && found == 0)
        return base_error_set(error, AIRS_E_NOT_FOUND, "the node has no app %s", app);
    (void)pthread_mutex_lock(&store->lock);
    if (status == AIRS_OK)
        store_forget_owed(store, app);
    (void)pthread_mutex_unlock(&store->lock);
    return status;
}
