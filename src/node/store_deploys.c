// SPDX-License-Identifier: MIT OR Apache-2.0
/// Deployments of a store: who, when, what, and what came of it.
#include <string.h>

#include "base/bytes.h"
#include "node/store_impl.h"

/// As many as a system keeps in memory (history.h).
#define KEPT "1000"
/// Of the column dry_run.
#define IS_DRY_RUN 1
#define IS_CANARY 2
#define COLUMNS                                                                                                        \
    "number, time_ms, took_ms, who, actor, component, from_version, to_version, rollback, dry_run, deployed, actors, " \
    "gone, reverted, handled_since, pause_max_ns, pause_mean_ns, rollback_ns, text"
#define COLUMNS_COUNT 19

static void values_of(const airs_deploy_record *record, storage_value values[COLUMNS_COUNT])
{
    const airs_deploy_result *result = &record->result;
    const storage_value made[COLUMNS_COUNT] = {
        record->number == 0 ? storage_text(NULL) : storage_number((int64_t)record->number),
        storage_number((int64_t)record->time_ms),
        storage_number((int64_t)record->took_ms),
        storage_text(record->by),
        storage_text(record->actor),
        storage_text(record->component),
        storage_text(record->from_version),
        storage_text(record->to_version),
        storage_number(record->rollback),
        storage_number((record->dry_run ? IS_DRY_RUN : 0) | (record->canary ? IS_CANARY : 0)),
        storage_number(result->deployed),
        storage_number(result->actors),
        storage_number(result->actors_gone),
        storage_number(result->reverted),
        storage_number((int64_t)result->handled_since),
        storage_number((int64_t)result->pause_max_ns),
        storage_number((int64_t)result->pause_mean_ns),
        storage_number((int64_t)result->rollback_ns),
        storage_text(result->text),
    };
    memcpy(values, made, sizeof made);
}

static airs_status read_row(void *user, const storage_row *row, airs_error *error)
{
    (void)error;
    *(int64_t *)user = storage_row_number(row, 0);
    return AIRS_OK;
}

airs_status node_store_begin_deploy(node_store *store, const char *app, const airs_deploy_record *record,
                                    int64_t *ret_row, airs_error *error)
{
    storage_value values[COLUMNS_COUNT + 1];
    values_of(record, values);
    values[0] = storage_text(NULL);
    values[COLUMNS_COUNT] = storage_text(app);
    return store_run(store,
                     "INSERT INTO deployments(" COLUMNS ", app) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                     "?, ?, ?, ?) RETURNING place",
                     values, COLUMNS_COUNT + 1, read_row, ret_row, error);
}

/// Where it has this component already, what it had before stays.
static airs_status change_version(node_store *store, const char *app, deploy_kind kind, const char *name,
                                  const node_content *content, airs_error *error)
{
    const storage_value values[] = {store_content(content), storage_text(app), storage_text(name),
                                    storage_number(kind)};
    return storage_run(store->database,
                       "UPDATE versions SET previous = hash, hash = ?1 WHERE app = ?2 AND name = ?3 AND kind = ?4 AND "
                       "hash <> ?1",
                       values, 4, NULL, NULL, error);
}

airs_status store_end_deploy(node_store *store, const char *app, int64_t row, const airs_deploy_record *record,
                             airs_error *error)
{
    storage_value values[COLUMNS_COUNT + 1];
    const storage_value name = storage_text(app);
    values_of(record, values);
    values[COLUMNS_COUNT] = storage_number(row);
    airs_status status =
        storage_run(store->database,
                    "UPDATE deployments SET (" COLUMNS ") = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                    "?, ?, ?, ?, ?) WHERE place = ?",
                    values, COLUMNS_COUNT + 1, NULL, NULL, error);
    if (status == AIRS_OK)
        status = storage_run(store->database,
                             "DELETE FROM deployments WHERE app = ?1 AND number <= (SELECT max(number) FROM "
                             "deployments WHERE app = ?1) - " KEPT,
                             &name, 1, NULL, NULL, error);
    return status;
}

airs_status node_store_end_deploy(node_store *store, const char *app, int64_t row, const airs_deploy_record *record,
                                  deploy_kind kind, const char *name, const node_content *content, airs_error *error)
{
    (void)pthread_mutex_lock(&store->lock);
    airs_status status = storage_begin(store->database, error);
    if (status == AIRS_OK) {
        status = store_end_deploy(store, app, row, record, error);
        if (status == AIRS_OK && content != NULL)
            status = change_version(store, app, kind, name, content, error);
        status = storage_end(store->database, status, error);
    }
    (void)pthread_mutex_unlock(&store->lock);
    return status;
}

airs_status node_store_drop_deploy(node_store *store, int64_t row, airs_error *error)
{
    const storage_value value = storage_number(row);
    return store_run(store, "DELETE FROM deployments WHERE place = ? AND number IS NULL", &value, 1, NULL, NULL, error);
}

airs_status node_store_settle_deploys(node_store *store, const char *app, airs_error *error)
{
    const storage_value values[] = {storage_text(app),
                                    storage_text("the node ended before it was done: the old version stays"),
                                    storage_text("the node ended while its canary ran: the old version stays")};
    return store_run(store,
                     "UPDATE deployments SET deployed = 0, text = iif(dry_run & 2, ?3, ?2), number = later.number FROM "
                     "(SELECT place, (SELECT "
                     "ifnull(max(number), 0) FROM deployments WHERE app = ?1) + row_number() OVER (ORDER BY place) AS "
                     "number FROM deployments WHERE app = ?1 AND number IS NULL) AS later WHERE deployments.place = "
                     "later.place",
                     values, 3, NULL, NULL, error);
}

typedef struct deploy_visit {
    node_stored_deploy_fn fn;
    void *user;
} deploy_visit;

static void read_text(char *to, size_t size, const storage_row *row, int column)
{
    base_text_copy(to, size, base_bytes_of(storage_row_text(row, column)));
}

static airs_status visit_deploy(void *user, const storage_row *row, airs_error *error)
{
    const deploy_visit *visit = user;
    airs_deploy_record record = {
        .number = (uint64_t)storage_row_number(row, 0),
        .time_ms = (uint64_t)storage_row_number(row, 1),
        .took_ms = (uint64_t)storage_row_number(row, 2),
        .rollback = storage_row_number(row, 8) != 0,
        .dry_run = (storage_row_number(row, 9) & IS_DRY_RUN) != 0,
        .canary = (storage_row_number(row, 9) & IS_CANARY) != 0,
        .result = {.number = (uint64_t)storage_row_number(row, 0),
                   .deployed = storage_row_number(row, 10) != 0,
                   .actors = (uint32_t)storage_row_number(row, 11),
                   .actors_gone = (uint32_t)storage_row_number(row, 12),
                   .reverted = (uint32_t)storage_row_number(row, 13),
                   .handled_since = (uint64_t)storage_row_number(row, 14),
                   .pause_max_ns = (uint64_t)storage_row_number(row, 15),
                   .pause_mean_ns = (uint64_t)storage_row_number(row, 16),
                   .rollback_ns = (uint64_t)storage_row_number(row, 17)},
    };
    read_text(record.by, sizeof record.by, row, 3);
    read_text(record.actor, sizeof record.actor, row, 4);
    read_text(record.component, sizeof record.component, row, 5);
    read_text(record.from_version, sizeof record.from_version, row, 6);
    read_text(record.to_version, sizeof record.to_version, row, 7);
    read_text(record.result.text, sizeof record.result.text, row, 18);
    return visit->fn(visit->user, &record, error);
}

airs_status node_store_each_deploy(node_store *store, const char *app, node_stored_deploy_fn fn, void *user,
                                   airs_error *error)
{
    deploy_visit visit = {fn, user};
    const storage_value value = storage_text(app);
    return store_run(store,
                     "SELECT " COLUMNS " FROM (SELECT * FROM deployments WHERE app = ? AND number IS NOT NULL ORDER BY "
                     "number DESC LIMIT " KEPT ") ORDER BY number",
                     &value, 1, visit_deploy, &visit, error);
}
