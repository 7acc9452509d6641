// SPDX-License-Identifier: MIT OR Apache-2.0
#include "storage/database.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"

/// How long another process (somebody who inspects it) may hold the file.
#define BUSY_MS 5000
#define BUSY_STEP_MS 5

struct storage_database {
    sqlite3 *handle;
    char *path;
};

storage_value storage_text(const char *text)
{
    if (text == NULL)
        return (storage_value){.kind = STORAGE_NOTHING};
    return (storage_value){.kind = STORAGE_TEXT, .bytes = base_bytes_of(text)};
}

// ---------------------------------------------------------------- what went wrong

static airs_status refuse(const storage_database *self, int code, airs_error *error)
{
    const char *why = self->handle == NULL ? sqlite3_errstr(code) : sqlite3_errmsg(self->handle);
    switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return base_error_set(
            error, AIRS_E_IO,
            "the database is damaged, and was left as it is: %s: %s: put a copy of its folder back, or "
            "move it away to begin anew",
            self->path, why);
    case SQLITE_NOMEM:
        return base_error_set(error, AIRS_E_NOMEM, "no memory for the database: %s", self->path);
    case SQLITE_FULL:
        return base_error_set(error, AIRS_E_IO, "no space is left for the database: %s", self->path);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return base_error_set(error, AIRS_E_IO, "another process holds the database: %s", self->path);
    default:
        break;
    }
    int reason = self->handle == NULL ? 0 : sqlite3_system_errno(self->handle);
    if (reason != 0)
        return base_error_errno(error, AIRS_E_IO, reason, "the database %s: %s", self->path, why);
    return base_error_set(error, AIRS_E_IO, "the database %s: %s", self->path, why);
}

// ---------------------------------------------------------------- rows

static sqlite3_stmt *statement_of(const storage_row *row)
{
    return (sqlite3_stmt *)(uintptr_t)row;
}

int64_t storage_row_number(const storage_row *row, int column)
{
    return sqlite3_column_int64(statement_of(row), column);
}

const char *storage_row_text(const storage_row *row, int column)
{
    const unsigned char *text = sqlite3_column_text(statement_of(row), column);
    return text == NULL ? "" : (const char *)text;
}

airs_bytes storage_row_bytes(const storage_row *row, int column)
{
    // The size is asked for behind the value, which may be converted first.
    const void *data = sqlite3_column_blob(statement_of(row), column);
    return (airs_bytes){data, (size_t)sqlite3_column_bytes(statement_of(row), column)};
}

// ---------------------------------------------------------------- statements

static int bind(sqlite3_stmt *statement, int place, const storage_value *value)
{
    switch (value->kind) {
    case STORAGE_NUMBER:
        return sqlite3_bind_int64(statement, place, value->number);
    case STORAGE_TEXT:
        return sqlite3_bind_text64(statement, place, (const char *)value->bytes.data, value->bytes.len, SQLITE_STATIC,
                                   SQLITE_UTF8);
    case STORAGE_BYTES:
        // Without a pointer it would be bound as nothing.
        return sqlite3_bind_blob64(statement, place, value->bytes.len == 0 ? (const void *)"" : value->bytes.data,
                                   value->bytes.len, SQLITE_STATIC);
    case STORAGE_NOTHING:
        break;
    }
    return sqlite3_bind_null(statement, place);
}

airs_status storage_run(storage_database *database, const char *text, const storage_value *values, size_t count,
                        storage_row_fn fn, void *user, airs_error *error)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(database->handle, text, -1, &statement, NULL);
    for (size_t i = 0; code == SQLITE_OK && i < count; i++)
        code = bind(statement, (int)i + 1, &values[i]);
    airs_status status = AIRS_OK;
    while (code == SQLITE_OK && status == AIRS_OK) {
        code = sqlite3_step(statement);
        if (code != SQLITE_ROW)
            break;
        code = SQLITE_OK;
        if (fn != NULL)
            status = fn(user, (const storage_row *)statement, error);
    }
    if (status == AIRS_OK && code != SQLITE_DONE && code != SQLITE_OK)
        status = refuse(database, code, error);
    (void)sqlite3_finalize(statement);
    return status;
}

airs_status storage_begin(storage_database *database, airs_error *error)
{
    return storage_run(database, "BEGIN IMMEDIATE", NULL, 0, NULL, NULL, error);
}

airs_status storage_end(storage_database *database, airs_status status, airs_error *error)
{
    if (status == AIRS_OK)
        status = storage_run(database, "COMMIT", NULL, 0, NULL, NULL, error);
    // A commit that failed may have ended the transaction by itself.
    if (status != AIRS_OK && sqlite3_get_autocommit(database->handle) == 0)
        (void)sqlite3_exec(database->handle, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

// ---------------------------------------------------------------- open and close

/// So that the file is its owner's from its first moment on; SQLite gives those beside it the same mode.
static airs_status make_file(const char *path, airs_error *error)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
    if (fd < 0)
        return base_error_errno(error, AIRS_E_IO, errno, "the database %s", path);
    (void)close(fd);
    return AIRS_OK;
}

static airs_status look_whole(void *user, const storage_row *row, airs_error *error)
{
    const storage_database *self = user;
    const char *word = storage_row_text(row, 0);
    if (strcmp(word, "ok") == 0)
        return AIRS_OK;
    return base_error_set(error, AIRS_E_IO,
                          "the database is damaged, and was left as it is: %s: %s: put a copy of its folder back, or "
                          "move it away to begin anew",
                          self->path, word);
}

/// Of several that ask for it at once in a new file SQLite refuses all but one without waiting, as they might wait for
/// each other: each asks again.
static airs_status use_wal(storage_database *self, airs_error *error)
{
    const struct timespec step = {.tv_nsec = BUSY_STEP_MS * 1000000L};
    int code;
    for (int waited = 0;; waited += BUSY_STEP_MS) {
        code = sqlite3_exec(self->handle, "PRAGMA journal_mode=WAL", NULL, NULL, NULL);
        if ((code & 0xff) != SQLITE_BUSY || waited >= BUSY_MS)
            break;
        (void)nanosleep(&step, NULL);
    }
    return code == SQLITE_OK ? AIRS_OK : refuse(self, code, error);
}

static airs_status prepare(storage_database *self, airs_error *error)
{
    int code = sqlite3_open_v2(self->path, &self->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code != SQLITE_OK)
        return refuse(self, code, error);
    (void)sqlite3_extended_result_codes(self->handle, 1);
    (void)sqlite3_busy_timeout(self->handle, BUSY_MS);
    airs_status status = storage_run(self, "PRAGMA quick_check(1)", NULL, 0, look_whole, self, error);
    if (status == AIRS_OK)
        status = use_wal(self, error);
    if (status == AIRS_OK)
        status = storage_run(self, "PRAGMA synchronous=FULL", NULL, 0, NULL, NULL, error);
    if (status == AIRS_OK)
        status = storage_run(self, "PRAGMA foreign_keys=ON", NULL, 0, NULL, NULL, error);
    return status;
}

airs_status storage_open(const char *path, storage_database **ret_database, airs_error *error)
{
    const airs_allocator *allocator = base_allocator_default();
    airs_status status = make_file(path, error);
    if (status != AIRS_OK)
        return status;
    storage_database *self = base_alloc_zeroed(allocator, sizeof *self);
    if (self != NULL)
        self->path = base_strndup(allocator, path, strlen(path));
    if (self == NULL || self->path == NULL)
        status = base_error_set(error, AIRS_E_NOMEM, "no memory for the database: %s", path);
    else
        status = prepare(self, error);
    if (status == AIRS_OK)
        *ret_database = self;
    else
        storage_close(self);
    return status;
}

void storage_close(storage_database *database)
{
    if (database == NULL)
        return;
    (void)sqlite3_close(database->handle);
    base_free(base_allocator_default(), database->path);
    base_free(base_allocator_default(), database);
}
