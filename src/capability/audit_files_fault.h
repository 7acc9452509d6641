// SPDX-License-Identifier: MIT OR Apache-2.0
/// A folder in memory for tests, of which each call can be made to fail.
#ifndef CAPABILITY_AUDIT_FILES_FAULT_H
#define CAPABILITY_AUDIT_FILES_FAULT_H

#include "base/atomics.h"
#include "capability/audit_files.h"
#include "os/mutex.h"

#define AUDIT_FAULT_FILES 64u

typedef struct audit_fault_file {
    char name[32];
    uint8_t *data;
    size_t len;
    size_t room;
} audit_fault_file;

typedef struct audit_files_fault {
    const airs_allocator *allocator;
    os_mutex lock;
    audit_fault_file files[AUDIT_FAULT_FILES];
    /// Calls so far; the call with this number (from 1) and `fail_count - 1` behind it fail with `fail_errno`. A write
    /// that fails writes half of its bytes before.
    BASE_ATOMIC(uint64_t) calls;
    BASE_ATOMIC(uint64_t) fail_at;
    BASE_ATOMIC(uint64_t) fail_count;
    int fail_errno;
    /// Each write takes at most so many bytes; 0: all.
    size_t write_max;
    /// What all files may have together; 0: no limit. Past it a write is short, and then ENOSPC.
    BASE_ATOMIC(size_t) room;
    BASE_ATOMIC(uint64_t) failed;
} audit_files_fault;

void audit_files_fault_init(audit_files_fault *self, const airs_allocator *allocator);
void audit_files_fault_fini(audit_files_fault *self);
/// Counts calls from 0 again; call `at`, and `count - 1` behind it, fail.
void audit_files_fault_arm(audit_files_fault *self, uint64_t at, uint64_t count, int failure);
/// The table, whose user is `self`, which must not move.
audit_files audit_files_fault_table(audit_files_fault *self);
/// NULL when there is no such file.
audit_fault_file *audit_files_fault_find(audit_files_fault *self, const char *name);

#endif
