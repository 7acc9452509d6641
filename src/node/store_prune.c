// SPDX-License-Identifier: MIT OR Apache-2.0
/// Components of a store that nothing needs any more: their rows and their files.
#include <dirent.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/error.h"
#include "node/store_impl.h"

/// Between a component that is kept and the deployment of it that is noted lies at most its compilation.
#define GRACE_MS (60 * 60 * 1000)

// What runs, what an actor was before, and what the app was before. `?1`: so many others, the newest, stay; `?2`: those
// that were given since then stay too.
#define NOT_NEEDED                                                                                              \
    "hash NOT IN (SELECT hash FROM versions) AND hash NOT IN (SELECT previous FROM versions WHERE previous IS " \
    "NOT NULL) AND hash NOT IN (SELECT hash FROM past_versions)"
#define DELETE_UNUSED                                                                                       \
    "DELETE FROM components WHERE added_ms < ?2 AND hash IN (SELECT hash FROM components WHERE " NOT_NEEDED \
    " ORDER BY added_ms DESC, hash LIMIT -1 OFFSET ?1) RETURNING hash, size"

typedef struct pruning {
    node_store *store;
    node_content *removed;
    node_pruned result;
} pruning;

static airs_status count_row(void *user, const storage_row *row, airs_error *error)
{
    (void)error;
    *(int64_t *)user = storage_row_number(row, 0);
    return AIRS_OK;
}

static airs_status note_removed(void *user, const storage_row *row, airs_error *error)
{
    pruning *it = user;
    node_content *more = base_realloc(base_allocator_default(), it->removed, (it->result.count + 1) * sizeof *more);
    if (more == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory to remove components");
    it->removed = more;
    airs_status status = store_read_content(it->store, row, 0, &more[it->result.count], error);
    it->result.count += status == AIRS_OK;
    it->result.bytes += (uint64_t)storage_row_number(row, 1);
    return status;
}

static airs_status remove_file(const char *path, airs_error *error)
{
    return unlink(path) == 0 || errno == ENOENT ? AIRS_OK
                                                : base_error_errno(error, AIRS_E_IO, errno, "removing %s", path);
}

static airs_status remove_files(const pruning *it, airs_error *error)
{
    airs_status status = AIRS_OK;
    for (uint32_t i = 0; status == AIRS_OK && i < it->result.count; i++) {
        char path[NODE_STATE_PATH_MAX];
        status = node_store_path(it->store, &it->removed[i], path, error);
        if (status == AIRS_OK)
            status = remove_file(path, error);
    }
    return status;
}

/// Whether a file has the name of a component, and, `*ret_half`, is one that was not written to its end.
static bool is_component(const char *name, bool *ret_half)
{
    size_t digits = strspn(name, "0123456789abcdef");
    size_t len = strlen(name);
    if (digits != NODE_CONTENT_DIGITS || strncmp(name + digits, ".wasm", 5) != 0)
        return false;
    *ret_half = len > digits + 9 && strcmp(name + len - 4, ".new") == 0;
    return *ret_half || name[digits + 5] == '\0';
}

/// Files without a row: a process was killed while it kept them. Nobody writes one meanwhile: that takes the same lock.
static airs_status remove_strays(node_store *store, airs_error *error)
{
    char folder[NODE_STATE_PATH_MAX];
    char path[NODE_STATE_PATH_MAX];
    bool half;
    airs_status status = node_state_path(folder, store->folder, "components", error);
    DIR *open_folder = status == AIRS_OK ? opendir(folder) : NULL;
    if (open_folder == NULL)
        return status == AIRS_OK ? base_error_errno(error, AIRS_E_IO, errno, "%s", folder) : status;
    for (const struct dirent *it; status == AIRS_OK && (it = readdir(open_folder)) != NULL;) {
        if (!is_component(it->d_name, &half))
            continue;
        node_content content;
        int64_t rows = 0;
        (void)sodium_hex2bin(content.hash, sizeof content.hash, it->d_name, NODE_CONTENT_DIGITS, NULL, NULL, NULL);
        const storage_value value = store_content(&content);
        if (!half)
            status = storage_run(store->database, "SELECT count(*) FROM components WHERE hash = ?", &value, 1,
                                 count_row, &rows, error);
        if (status == AIRS_OK && rows == 0)
            status = node_state_path(path, folder, it->d_name, error);
        if (status == AIRS_OK && rows == 0)
            status = remove_file(path, error);
    }
    (void)closedir(open_folder);
    return status;
}

/// Within a transaction. The files go before it is committed: until then nobody else can keep one of them anew, and of
/// what was not committed only rows are left that nothing needs.
static airs_status prune(pruning *it, uint32_t keep, airs_error *error)
{
    storage_database *database = it->store->database;
    int64_t under_way = 0;
    const storage_value values[] = {storage_number(keep), storage_number(store_now_ms() - GRACE_MS)};
    // One of an app that was forgotten ends no more.
    airs_status status = storage_run(
        database, "SELECT count(*) FROM deployments WHERE number IS NULL AND app IN (SELECT name FROM apps)", NULL, 0,
        count_row, &under_way, error);
    if (status == AIRS_OK && under_way > 0)
        return base_error_set(
            error, AIRS_E_TAKEN,
            "a deployment is under way, or was when the node ended: when it has ended, or the node is "
            "started again, components can be removed");
    if (status == AIRS_OK)
        status = storage_run(database, DELETE_UNUSED, values, 2, note_removed, it, error);
    if (status == AIRS_OK)
        status = remove_files(it, error);
    return status == AIRS_OK ? remove_strays(it->store, error) : status;
}

airs_status node_store_prune(node_store *store, uint32_t keep, node_pruned *ret_pruned, airs_error *error)
{
    pruning it = {.store = store};
    (void)pthread_mutex_lock(&store->lock);
    airs_status status = storage_begin(store->database, error);
    if (status == AIRS_OK)
        status = storage_end(store->database, prune(&it, keep, error), error);
    (void)pthread_mutex_unlock(&store->lock);
    base_free(base_allocator_default(), it.removed);
    if (status == AIRS_OK && ret_pruned != NULL)
        *ret_pruned = it.result;
    return status;
}
