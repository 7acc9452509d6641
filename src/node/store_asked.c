// SPDX-License-Identifier: MIT OR Apache-2.0
/// What operators have asked of an app beyond its manifest: what of it is not to be there, and children of its groups.
#include <string.h>

#include "base/error.h"
#include "node/store_impl.h"

// What format 2 has more than format 1, and format 3 more than that: indexes, and the grants of children.
static const char *const tables[] = {
    "CREATE TABLE IF NOT EXISTS absences(app TEXT NOT NULL REFERENCES apps(name) ON DELETE CASCADE, "
    "name TEXT NOT NULL, removed INTEGER NOT NULL, time_ms INTEGER NOT NULL, PRIMARY KEY(app, name)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS children(place INTEGER PRIMARY KEY, "
    "app TEXT NOT NULL REFERENCES apps(name) ON DELETE CASCADE, parent TEXT NOT NULL, name TEXT NOT NULL, "
    "config TEXT NOT NULL, actor INTEGER NOT NULL, time_ms INTEGER NOT NULL)",
    "CREATE INDEX IF NOT EXISTS children_of_app ON children(app, parent)",
    "CREATE INDEX IF NOT EXISTS children_by_actor ON children(app, actor)",
    "CREATE INDEX IF NOT EXISTS children_by_name ON children(app, name) WHERE name <> ''",
    "CREATE TABLE IF NOT EXISTS child_grants(place INTEGER PRIMARY KEY, "
    "child INTEGER NOT NULL REFERENCES children(place) ON DELETE CASCADE, "
    "grant TEXT NOT NULL, revoked INTEGER NOT NULL, time_ms INTEGER NOT NULL)",
    "CREATE INDEX IF NOT EXISTS child_grants_of ON child_grants(child)",
};

airs_status store_make_asked(storage_database *database, airs_error *error)
{
    return store_run_all(database, tables, sizeof tables / sizeof *tables, error);
}

airs_status store_forget_asked(storage_database *database, const char *app, airs_error *error)
{
    const storage_value value = storage_text(app);
    airs_status status = storage_run(database, "DELETE FROM absences WHERE app = ?", &value, 1, NULL, NULL, error);
    return status == AIRS_OK ? storage_run(database, "DELETE FROM children WHERE app = ?", &value, 1, NULL, NULL, error)
                             : status;
}

airs_status store_settle_asked(storage_database *database, const char *app, const char *const *names, size_t count,
                               airs_error *error)
{
    const storage_value value = storage_text(app);
    airs_status status =
        storage_run(database, "DELETE FROM absences WHERE app = ? AND removed", &value, 1, NULL, NULL, error);
    for (size_t i = 0; status == AIRS_OK && i < count; i++) {
        const storage_value values[] = {value, storage_text(names[i])};
        status = storage_run(database, "DELETE FROM absences WHERE app = ? AND name = ?", values, 2, NULL, NULL, error);
        if (status == AIRS_OK)
            status = storage_run(database, "DELETE FROM children WHERE app = ? AND parent = ?", values, 2, NULL, NULL,
                                 error);
    }
    return status;
}

// ---------------------------------------------------------------- absences

typedef struct absence_visit {
    node_stored_absence_fn fn;
    void *user;
} absence_visit;

static airs_status visit_absence(void *user, const storage_row *row, airs_error *error)
{
    const absence_visit *visit = user;
    return visit->fn(visit->user, storage_row_text(row, 0), storage_row_number(row, 1) != 0, error);
}

airs_status node_store_each_absence(node_store *store, const char *app, node_stored_absence_fn fn, void *user,
                                    airs_error *error)
{
    absence_visit visit = {fn, user};
    const storage_value value = storage_text(app);
    return store_run(store, "SELECT name, removed FROM absences WHERE app = ?", &value, 1, visit_absence, &visit,
                     error);
}

airs_status node_store_add_absence(node_store *store, const char *app, const char *name, bool removed,
                                   airs_error *error)
{
    const storage_value values[] = {storage_text(app), storage_text(name), storage_number(removed),
                                    storage_number(store_now_ms())};
    // Who stops what was removed does not bring it back.
    return store_run(store,
                     "INSERT INTO absences(app, name, removed, time_ms) VALUES(?, ?, ?, ?) ON CONFLICT(app, name) "
                     "DO UPDATE SET removed = max(removed, excluded.removed), time_ms = excluded.time_ms",
                     values, 4, NULL, NULL, error);
}

airs_status node_store_end_absences(node_store *store, const char *app, const char *const *names, size_t count,
                                    airs_error *error)
{
    (void)pthread_mutex_lock(&store->lock);
    airs_status status = storage_begin(store->database, error);
    if (status == AIRS_OK) {
        for (size_t i = 0; status == AIRS_OK && i < count; i++) {
            const storage_value values[] = {storage_text(app), storage_text(names[i])};
            status = storage_run(store->database, "DELETE FROM absences WHERE app = ? AND name = ? AND NOT removed",
                                 values, 2, NULL, NULL, error);
        }
        status = storage_end(store->database, status, error);
    }
    (void)pthread_mutex_unlock(&store->lock);
    return status;
}

// ---------------------------------------------------------------- children

typedef struct child_visit {
    node_stored_child_fn fn;
    void *user;
} child_visit;

static airs_status visit_child(void *user, const storage_row *row, airs_error *error)
{
    const child_visit *visit = user;
    const node_stored_child child = {.place = storage_row_number(row, 0),
                                     .group = storage_row_text(row, 1),
                                     .name = storage_row_text(row, 2),
                                     .config = storage_row_text(row, 3),
                                     .actor = (uint64_t)storage_row_number(row, 4)};
    return visit->fn(visit->user, &child, error);
}

airs_status node_store_each_child(node_store *store, const char *app, node_stored_child_fn fn, void *user,
                                  airs_error *error)
{
    child_visit visit = {fn, user};
    const storage_value value = storage_text(app);
    return store_run(store, "SELECT place, parent, name, config, actor FROM children WHERE app = ? ORDER BY place",
                     &value, 1, visit_child, &visit, error);
}

static airs_status see_one(void *user, const storage_row *row, airs_error *error)
{
    (void)row, (void)error;
    *(bool *)user = true;
    return AIRS_OK;
}

typedef struct child_grant_visit {
    node_stored_child_grant_fn fn;
    void *user;
} child_grant_visit;

static airs_status visit_child_grant(void *user, const storage_row *row, airs_error *error)
{
    const child_grant_visit *visit = user;
    const node_stored_grant grant = {.actor = storage_row_text(row, 1),
                                     .text = storage_row_text(row, 2),
                                     .revoked = storage_row_number(row, 3) != 0,
                                     .id = (uint64_t)storage_row_number(row, 4)};
    return visit->fn(visit->user, storage_row_number(row, 0), &grant, error);
}

airs_status node_store_each_child_grant(node_store *store, const char *app, node_stored_child_grant_fn fn, void *user,
                                        airs_error *error)
{
    child_grant_visit visit = {fn, user};
    const storage_value value = storage_text(app);
    return store_run(store,
                     "SELECT children.place, name, grant, revoked, actor FROM children JOIN child_grants ON child = "
                     "children.place WHERE app = ? ORDER BY children.place, child_grants.place",
                     &value, 1, visit_child_grant, &visit, error);
}

static airs_status insert_child(storage_database *database, const char *app, const node_stored_child *child,
                                airs_error *error)
{
    const storage_value values[] = {storage_text(app),
                                    storage_text(child->group),
                                    storage_text(child->name),
                                    storage_text(child->config),
                                    storage_number((int64_t)child->actor),
                                    storage_number(store_now_ms())};
    airs_status status = AIRS_OK;
    if (child->name[0] != '\0')
        status = storage_run(database, "DELETE FROM children WHERE app = ?1 AND name = ?3 AND name <> ''", values, 3,
                             NULL, NULL, error);
    if (status != AIRS_OK)
        return status;
    return storage_run(database,
                       "INSERT INTO children(app, parent, name, config, actor, time_ms) VALUES(?, ?, ?, ?, ?, ?)",
                       values, 6, NULL, NULL, error);
}

static airs_status delete_children(storage_database *database, const char *app, const char *group,
                                   const uint64_t *actors, size_t count, airs_error *error)
{
    const storage_value of_group[] = {storage_text(app), storage_text(group)};
    airs_status status = AIRS_OK;
    if (group != NULL)
        status = storage_run(database, "DELETE FROM children WHERE app = ? AND parent = ? AND actor = 0", of_group, 2,
                             NULL, NULL, error);
    for (size_t i = 0; status == AIRS_OK && i < count; i++) {
        const storage_value values[] = {storage_text(app), storage_number((int64_t)actors[i])};
        status =
            storage_run(database, "DELETE FROM children WHERE app = ? AND actor = ?", values, 2, NULL, NULL, error);
    }
    return status;
}

airs_status node_store_change_children(node_store *store, const char *app, const node_store_children_change *change,
                                       airs_error *error)
{
    (void)pthread_mutex_lock(&store->lock);
    airs_status status = storage_begin(store->database, error);
    if (status == AIRS_OK) {
        status = delete_children(store->database, app, change->group, change->gone, change->gone_count, error);
        for (size_t i = 0; status == AIRS_OK && i < change->added_count; i++)
            status = insert_child(store->database, app, &change->added[i], error);
        status = storage_end(store->database, status, error);
    }
    (void)pthread_mutex_unlock(&store->lock);
    return status;
}

airs_status node_store_add_children(node_store *store, const char *app, const node_stored_child *children, size_t count,
                                    airs_error *error)
{
    const node_store_children_change change = {.added = children, .added_count = count};
    return node_store_change_children(store, app, &change, error);
}

airs_status node_store_remove_children(node_store *store, const char *app, const char *group, const uint64_t *actors,
                                       size_t count, airs_error *error)
{
    const node_store_children_change change = {.group = group, .gone = actors, .gone_count = count};
    return node_store_change_children(store, app, &change, error);
}

airs_status node_store_has_child(node_store *store, const char *app, uint64_t actor, bool *ret_has, airs_error *error)
{
    const storage_value values[] = {storage_text(app), storage_number((int64_t)actor)};
    *ret_has = false;
    return store_run(store, "SELECT 1 FROM children WHERE app = ? AND actor = ? LIMIT 1", values, 2, see_one, ret_has,
                     error);
}

airs_status node_store_place_children(node_store *store, const char *app, const node_stored_child *children,
                                      size_t count, airs_error *error)
{
    (void)pthread_mutex_lock(&store->lock);
    airs_status status = storage_begin(store->database, error);
    if (status == AIRS_OK) {
        for (size_t i = 0; status == AIRS_OK && i < count; i++) {
            const storage_value values[] = {storage_text(app), storage_number(children[i].place),
                                            storage_number((int64_t)children[i].actor)};
            status = storage_run(store->database, "UPDATE children SET actor = ?3 WHERE app = ?1 AND place = ?2",
                                 values, 3, NULL, NULL, error);
        }
        status = storage_end(store->database, status, error);
    }
    (void)pthread_mutex_unlock(&store->lock);
    return status;
}
