// SPDX-License-Identifier: MIT OR Apache-2.0
/// Components of a store: a file each, under the hash of its bytes, and a row.
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "node/store_impl.h"
#include "os/file.h"

#define COMPONENT_BYTES_MAX (512u << 20)

void node_content_format(const node_content *content, char ret_digits[NODE_CONTENT_DIGITS + 1])
{
    (void)sodium_bin2hex(ret_digits, NODE_CONTENT_DIGITS + 1, content->hash, sizeof content->hash);
}

bool node_content_equal(const node_content *a, const node_content *b)
{
    return memcmp(a->hash, b->hash, sizeof a->hash) == 0;
}

airs_status node_store_path(const node_store *store, const node_content *content, char ret_path[NODE_STATE_PATH_MAX],
                            airs_error *error)
{
    char digits[NODE_CONTENT_DIGITS + 1];
    node_content_format(content, digits);
    char name[sizeof digits + 16];
    (void)snprintf(name, sizeof name, "components/%s.wasm", digits);
    return node_state_path(ret_path, store->folder, name, error);
}

airs_status node_store_read(node_store *store, const node_content *content, airs_buffer *ret_wasm, airs_error *error)
{
    char path[NODE_STATE_PATH_MAX];
    airs_buffer read;
    airs_status status = node_store_path(store, content, path, error);
    if (status == AIRS_OK)
        status = os_file_read(base_allocator_default(), path, OS_FILE_REGULAR, COMPONENT_BYTES_MAX, &read, error);
    if (status != AIRS_OK)
        return status;
    node_content found;
    wasm_cache_hash((airs_bytes){read.data, read.len}, found.hash);
    if (!node_content_equal(&found, content)) {
        airs_buffer_free(&read);
        return base_error_set(error, AIRS_E_IO,
                              "the component is damaged: %s: its bytes are not those of its name: `airssys add` the "
                              "component again",
                              path);
    }
    *ret_wasm = read;
    return AIRS_OK;
}

// ---------------------------------------------------------------- adding

static airs_status write_whole(int fd, airs_bytes bytes)
{
    for (size_t at = 0; at < bytes.len;) {
        ssize_t put = write(fd, bytes.data + at, bytes.len - at);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return AIRS_E_IO;
        at += (size_t)put;
    }
    return AIRS_OK;
}

/// So that the name of a file that was made or moved is on the disk too.
static bool sync_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool ok = fsync(fd) == 0;
    (void)close(fd);
    return ok;
}

/// Written beside, then moved into its place: whoever looks finds all of it, or nothing.
static airs_status write_file(const node_store *store, const char *path, airs_bytes wasm, airs_error *error)
{
    char beside[NODE_STATE_PATH_MAX + 32];
    char folder[NODE_STATE_PATH_MAX];
    airs_status status = node_state_path(folder, store->folder, "components", error);
    if (status != AIRS_OK)
        return status;
    // Another process may be at the same.
    (void)snprintf(beside, sizeof beside, "%s.%ld.new", path, (long)getpid());
    int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return base_error_errno(error, AIRS_E_IO, errno, "keeping a component: %s", beside);
    bool written = write_whole(fd, wasm) == AIRS_OK && fsync(fd) == 0;
    int reason = errno;
    (void)close(fd);
    if (written && rename(beside, path) != 0) {
        reason = errno;
        written = false;
    }
    if (!written) {
        (void)unlink(beside);
        return base_error_errno(error, AIRS_E_IO, reason, "keeping a component: %s", path);
    }
    if (!sync_folder(folder))
        return base_error_errno(error, AIRS_E_IO, errno, "keeping a component: %s", folder);
    return AIRS_OK;
}

/// Whether the file is there, with these bytes.
static bool is_kept(node_store *store, const node_content *content)
{
    airs_buffer found;
    airs_error ignored;
    if (node_store_read(store, content, &found, &ignored) != AIRS_OK)
        return false;
    airs_buffer_free(&found);
    return true;
}

static airs_status count_row(void *user, const storage_row *row, airs_error *error)
{
    (void)row;
    (void)error;
    ++*(int *)user;
    return AIRS_OK;
}

/// Within a transaction, so that two who add the same do not write into one file, and nobody removes what is found.
static airs_status add_locked(node_store *store, airs_bytes wasm, const node_content *content, bool *ret_known,
                              airs_error *error)
{
    char path[NODE_STATE_PATH_MAX];
    int rows = 0;
    const storage_value values[] = {store_content(content), storage_number((int64_t)wasm.len),
                                    storage_number(store_now_ms())};
    airs_status status = node_store_path(store, content, path, error);
    if (status == AIRS_OK)
        status =
            storage_run(store->database, "SELECT 1 FROM components WHERE hash = ?", values, 1, count_row, &rows, error);
    if (status != AIRS_OK)
        return status;
    bool kept = is_kept(store, content);
    *ret_known = kept && rows > 0;
    if (!kept)
        status = write_file(store, path, wasm, error);
    // When it was given last.
    if (status == AIRS_OK)
        status = storage_run(store->database,
                             "INSERT INTO components(hash, size, added_ms) VALUES(?, ?, ?) ON CONFLICT(hash) DO UPDATE "
                             "SET added_ms = excluded.added_ms",
                             values, 3, NULL, NULL, error);
    return status;
}

airs_status node_store_add(node_store *store, airs_bytes wasm, node_content *ret_content, bool *ret_known,
                           airs_error *error)
{
    bool known;
    wasm_cache_hash(wasm, ret_content->hash);
    (void)pthread_mutex_lock(&store->lock);
    airs_status status = storage_begin(store->database, error);
    if (status == AIRS_OK)
        status =
            storage_end(store->database,
                        add_locked(store, wasm, ret_content, ret_known == NULL ? &known : ret_known, error), error);
    (void)pthread_mutex_unlock(&store->lock);
    return status;
}

// ---------------------------------------------------------------- finding

typedef struct search {
    const node_store *store;
    node_content found;
    int count;
} search;

static airs_status note(void *user, const storage_row *row, airs_error *error)
{
    search *it = user;
    it->count++;
    return store_read_content(it->store, row, 0, &it->found, error);
}

airs_status node_store_find(node_store *store, const char *digits, node_content *ret_content, airs_error *error)
{
    size_t len = strlen(digits);
    if (len < NODE_CONTENT_DIGITS_MIN || len > NODE_CONTENT_DIGITS || strspn(digits, "0123456789abcdef") != len)
        return base_error_set(error, AIRS_E_INVALID, "%s is no hash: at least %d of its digits, 0 to 9 and a to f",
                              digits, NODE_CONTENT_DIGITS_MIN);
    search it = {.store = store};
    const storage_value values[] = {storage_number((int64_t)len), storage_text(digits)};
    airs_status status =
        store_run(store, "SELECT hash FROM components WHERE substr(lower(hex(hash)), 1, ?) = ? LIMIT 2", values, 2,
                  note, &it, error);
    if (status != AIRS_OK)
        return status;
    if (it.count == 0)
        return base_error_set(error, AIRS_E_NOT_FOUND, "the node has no component %s: see `airssys add`", digits);
    if (it.count > 1)
        return base_error_set(error, AIRS_E_INVALID, "several components begin with %s: say more digits", digits);
    *ret_content = it.found;
    return AIRS_OK;
}
