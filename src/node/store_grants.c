// SPDX-License-Identifier: MIT OR Apache-2.0
/// Grants that were given or taken back while an app ran, and revocations that the disk has not taken yet.
#include "node/store.h"

#include <string.h>

#include "base/alloc.h"
#include "node/store_impl.h"

static airs_status note_kept(void *user, const storage_row *row, airs_error *error)
{
    bool *kept = user;
    (void)row, (void)error;
    *kept = true;
    return AIRS_OK;
}

typedef struct grant_visit {
    node_stored_grant_fn fn;
    void *user;
} grant_visit;

static airs_status visit_grant(void *user, const storage_row *row, airs_error *error)
{
    const grant_visit *visit = user;
    const node_stored_grant grant = {.actor = storage_row_text(row, 0),
                                     .text = storage_row_text(row, 1),
                                     .revoked = storage_row_number(row, 2) != 0};
    return visit->fn(visit->user, &grant, error);
}

airs_status node_store_each_grant(node_store *store, const char *app, node_stored_grant_fn fn, void *user,
                                  airs_error *error)
{
    grant_visit visit = {fn, user};
    const storage_value value = storage_text(app);
    return store_run(store, "SELECT actor, grant, revoked FROM grants WHERE app = ? ORDER BY place", &value, 1,
                     visit_grant, &visit, error);
}

/// A child is looked for first: its name may be one that the app has too.
static airs_status insert_grant(storage_database *database, const char *app, const node_stored_grant *grant,
                                airs_error *error)
{
    const storage_value values[] = {storage_text(app),
                                    storage_text(grant->actor),
                                    storage_text(grant->text),
                                    storage_number(grant->revoked),
                                    storage_number(store_now_ms()),
                                    storage_number((int64_t)grant->id)};
    bool kept = false;
    airs_status status = AIRS_OK;
    if (grant->id != 0)
        status = storage_run(database,
                             "INSERT INTO child_grants(child, grant, revoked, time_ms) SELECT place, ?3, ?4, ?5 FROM "
                             "children WHERE app = ?1 AND actor = ?6 RETURNING 1",
                             values, 6, note_kept, &kept, error);
    if (status == AIRS_OK && !kept)
        status = storage_run(database,
                             "INSERT INTO grants(app, actor, grant, revoked, time_ms) SELECT ?1, ?2, ?3, ?4, ?5 WHERE "
                             "?2 = '' AND ?6 = 0 OR EXISTS(SELECT 1 FROM versions WHERE app = ?1 AND name = ?2 AND "
                             "kind = 1)",
                             values, 6, NULL, NULL, error);
    return status;
}

// ---------------------------------------------------------------- what is owed

static char *put_text(char **at, const char *text)
{
    size_t size = strlen(text) + 1;
    char *put = memcpy(*at, text, size);
    *at += size;
    return put;
}

/// Without memory it is forgotten. Under the lock.
static void owe(node_store *store, const char *app, const node_stored_grant *grant)
{
    store_owed *made = base_alloc_zeroed(base_allocator_default(),
                                         sizeof *made + strlen(app) + strlen(grant->actor) + strlen(grant->text) + 3);
    store_owed **last = &store->owed;
    if (made == NULL)
        return;
    char *at = made->texts;
    made->grant = *grant;
    made->app = put_text(&at, app);
    made->grant.actor = put_text(&at, grant->actor);
    made->grant.text = put_text(&at, grant->text);
    while (*last != NULL)
        last = &(*last)->next;
    *last = made;
}

airs_status store_write_owed(node_store *store, const char *app, airs_error *error)
{
    airs_status status = AIRS_OK;
    for (const store_owed *it = store->owed; status == AIRS_OK && it != NULL; it = it->next) {
        if (strcmp(it->app, app) == 0)
            status = insert_grant(store->database, app, &it->grant, error);
    }
    return status;
}

void store_forget_owed(node_store *store, const char *app)
{
    for (store_owed **at = &store->owed; *at != NULL;) {
        store_owed *it = *at;
        if (app != NULL && strcmp(it->app, app) != 0) {
            at = &it->next;
            continue;
        }
        *at = it->next;
        base_free(base_allocator_default(), it);
    }
}

airs_status node_store_add_grants(node_store *store, const char *app, const node_stored_grant *grants, size_t count,
                                  airs_error *error)
{
    (void)pthread_mutex_lock(&store->lock);
    airs_status status = storage_begin(store->database, error);
    if (status == AIRS_OK) {
        status = store_write_owed(store, app, error);
        for (size_t i = 0; status == AIRS_OK && i < count; i++)
            status = insert_grant(store->database, app, &grants[i], error);
        status = storage_end(store->database, status, error);
    }
    if (status == AIRS_OK)
        store_forget_owed(store, app);
    for (size_t i = 0; status != AIRS_OK && i < count; i++) {
        if (grants[i].revoked)
            owe(store, app, &grants[i]);
    }
    (void)pthread_mutex_unlock(&store->lock);
    return status;
}
