// SPDX-License-Identifier: MIT OR Apache-2.0
/// What a store is, for store*.c.
#ifndef NODE_STORE_IMPL_H
#define NODE_STORE_IMPL_H

#include <pthread.h>

#include "node/store.h"
#include "storage/database.h"

/// A revocation that could not be written down.
typedef struct store_owed {
    struct store_owed *next;
    node_stored_grant grant;
    char *app;
    char texts[];
} store_owed;

struct node_store {
    /// Held while the disk is waited for, so that it is one a thread sleeps at.
    pthread_mutex_t lock;
    storage_database *database;
    /// In their order.
    store_owed *owed;
    char folder[NODE_STATE_PATH_MAX];
};

static inline storage_value store_content(const node_content *content)
{
    return storage_bytes(content->hash, sizeof content->hash);
}

/// Milliseconds since 1970.
int64_t store_now_ms(void);

/// One statement under the lock.
airs_status store_run(node_store *store, const char *statement, const storage_value *values, size_t count,
                      storage_row_fn fn, void *user, airs_error *error);

/// Statements without values, until one fails, within a transaction.
airs_status store_run_all(storage_database *database, const char *const *statements, size_t count, airs_error *error);

/// A hash of a row. Errors: E_IO it has another size.
airs_status store_read_content(const node_store *store, const storage_row *row, int column, node_content *ret,
                               airs_error *error);

/// Puts an app in the place of one of the same name, within a transaction. What an actor or a template was made of
/// before it is so by name: the component of the app before, or the one before that where it is the same.
airs_status store_replace_app(storage_database *database, const node_stored_app *app,
                              const node_stored_version *versions, size_t count, airs_error *error);

/// Writes down what is owed to an app, within a transaction; to be forgotten once that has ended well.
airs_status store_write_owed(node_store *store, const char *app, airs_error *error);
/// Nothing is owed to an app any more, or with NULL to all (store_grants.c). Under the lock.
void store_forget_owed(node_store *store, const char *app);

/// The record of a deployment that has ended, within a transaction.
airs_status store_end_deploy(node_store *store, const char *app, int64_t row, const airs_deploy_record *record,
                             airs_error *error);

/// What apps were before their last deployment as a whole (store_apps.c).
airs_status store_make_past(storage_database *database, airs_error *error);
airs_status store_forget_past(storage_database *database, const char *app, airs_error *error);

/// What operators have asked for (store_asked.c): its tables; all of it forgotten; and after a deployment of the whole
/// app, in which these names have come or gone. Within a transaction.
airs_status store_make_asked(storage_database *database, airs_error *error);
airs_status store_forget_asked(storage_database *database, const char *app, airs_error *error);
airs_status store_settle_asked(storage_database *database, const char *app, const char *const *names, size_t count,
                               airs_error *error);

#endif
