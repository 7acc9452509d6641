// SPDX-License-Identifier: MIT OR Apache-2.0
/// A file of SQLite, as far as this program needs it: statements with values, rows, transactions.
///
/// What has been committed is on the disk (WAL, synchronous=FULL): it outlives the process and the power. One thread
/// at a time.
#ifndef STORAGE_DATABASE_H
#define STORAGE_DATABASE_H

#include "airssys/status.h"

typedef struct storage_database storage_database;

typedef enum storage_kind {
    STORAGE_NOTHING = 0,
    STORAGE_NUMBER,
    STORAGE_TEXT,
    STORAGE_BYTES,
} storage_kind;

/// What is bound to a `?` of a statement; borrowed for the time of the call.
typedef struct storage_value {
    storage_kind kind;
    int64_t number;
    airs_bytes bytes;
} storage_value;

static inline storage_value storage_number(int64_t number)
{
    return (storage_value){.kind = STORAGE_NUMBER, .number = number};
}

/// NULL is bound as nothing.
storage_value storage_text(const char *text);

static inline storage_value storage_bytes(const void *data, size_t len)
{
    return (storage_value){.kind = STORAGE_BYTES, .bytes = {data, len}};
}

/// A row of an answer; columns count from 0. What it gives is borrowed for the time of the visit.
typedef struct storage_row storage_row;
int64_t storage_row_number(const storage_row *row, int column);
/// "" where there is nothing.
const char *storage_row_text(const storage_row *row, int column);
airs_bytes storage_row_bytes(const storage_row *row, int column);

/// Told each row of an answer. An error ends the visit, and is what `storage_run` returns; it has set the text.
typedef airs_status (*storage_row_fn)(void *user, const storage_row *row, airs_error *error);

/// Opens a database, made where it is missing, for its owner alone (0600), and looks whether it is whole.
/// Errors: E_IO it can't be opened, or is damaged: nothing of it is changed then; E_NOMEM. Texts name the file. On
/// success closed with `storage_close`.
AIRS_NODISCARD airs_status storage_open(const char *path, storage_database **ret_database, airs_error *error);

/// NULL is allowed.
void storage_close(storage_database *database);

/// Runs one statement; `fn` may be NULL.
/// Errors: E_IO the disk is full or fails, or the database is damaged; E_NOMEM; those of `fn`. Texts name the file.
AIRS_NODISCARD airs_status storage_run(storage_database *database, const char *statement, const storage_value *values,
                                       size_t count, storage_row_fn fn, void *user, airs_error *error);

/// Begins a transaction, in which nothing of what follows counts until it is committed.
AIRS_NODISCARD airs_status storage_begin(storage_database *database, airs_error *error);

/// Ends the transaction: commits when `status` is AIRS_OK, else takes all of it back and returns `status`.
/// Errors: those of `storage_run`; then nothing of it has happened.
AIRS_NODISCARD airs_status storage_end(storage_database *database, airs_status status, airs_error *error);

#endif
