// SPDX-License-Identifier: MIT OR Apache-2.0
/// The folder of an audit log: all that the log asks of the operating system, as a table, so that a test can let each
/// call fail.
#ifndef CAPABILITY_AUDIT_FILES_H
#define CAPABILITY_AUDIT_FILES_H

#include "airssys/status.h"

/// Each function gives what it says, or a negated errno. One thread at a time.
typedef struct audit_files {
    /// A number for the file, from 0. With `create` it is made when it is not there, and emptied when it is; the folder
    /// is on the disk when this returns.
    int (*open)(void *user, const char *name, bool create);
    int (*close)(void *user, int file);
    /// How many bytes were written, which may be fewer.
    int64_t (*write_at)(void *user, int file, const void *data, size_t len, uint64_t offset);
    /// How many bytes were read; 0 at the end.
    int64_t (*read_at)(void *user, int file, void *data, size_t len, uint64_t offset);
    int64_t (*size)(void *user, int file);
    /// Returns when what was written is on the disk.
    int (*sync)(void *user, int file);
    int (*remove)(void *user, const char *name);
    void *user;
} audit_files;

/// A folder of the file system.
typedef struct audit_folder {
    int descriptor;
} audit_folder;

/// Opens the folder; to write, it is made when it is not there, readable for its owner alone, and locked: one log at a
/// time writes into it.
/// Errors: E_TAKEN it is locked; E_NOT_FOUND, E_DENIED, E_IO.
AIRS_NODISCARD airs_status audit_folder_open(audit_folder *self, const char *path, bool to_write, airs_error *error);
void audit_folder_close(audit_folder *self);

/// The table for the folder, which must not move.
audit_files audit_folder_files(audit_folder *self);

#endif
