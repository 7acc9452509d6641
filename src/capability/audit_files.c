// SPDX-License-Identifier: MIT OR Apache-2.0
#include "capability/audit_files.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

static int folder_of(void *user)
{
    return ((const audit_folder *)user)->descriptor;
}

static int files_open(void *user, const char *name, bool create)
{
    int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | (create ? O_CREAT | O_TRUNC : 0);
    int file = openat(folder_of(user), name, flags, 0600);
    // Who only reads the log may have no right to write.
    if (file < 0 && !create && (errno == EACCES || errno == EROFS))
        file = openat(folder_of(user), name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0)
        return -errno;
    // A file that is not in its folder after a power cut is as good as none.
    if (create && fsync(folder_of(user)) != 0) {
        int failure = errno;
        (void)close(file);
        return -failure;
    }
    return file;
}

static int files_close(void *user, int file)
{
    (void)user;
    return close(file) == 0 ? 0 : -errno;
}

static int64_t files_write_at(void *user, int file, const void *data, size_t len, uint64_t offset)
{
    (void)user;
    ssize_t written;
    do
        written = pwrite(file, data, len, (off_t)offset);
    while (written < 0 && errno == EINTR);
    return written < 0 ? -errno : written;
}

static int64_t files_read_at(void *user, int file, void *data, size_t len, uint64_t offset)
{
    (void)user;
    ssize_t got;
    do
        got = pread(file, data, len, (off_t)offset);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

static int64_t files_size(void *user, int file)
{
    (void)user;
    struct stat info;
    return fstat(file, &info) == 0 ? (int64_t)info.st_size : -errno;
}

static int files_sync(void *user, int file)
{
    (void)user;
    return fdatasync(file) == 0 ? 0 : -errno;
}

static int files_remove(void *user, const char *name)
{
    return unlinkat(folder_of(user), name, 0) == 0 ? 0 : -errno;
}

airs_status audit_folder_open(audit_folder *self, const char *path, bool to_write, airs_error *error)
{
    if (to_write && mkdir(path, 0700) != 0 && errno != EEXIST)
        return base_error_errno(error, AIRS_E_IO, errno, "the audit log's folder \"%s\"", path);
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return base_error_errno(error,
                                errno == ENOENT   ? AIRS_E_NOT_FOUND
                                : errno == EACCES ? AIRS_E_DENIED
                                                  : AIRS_E_IO,
                                errno, "the audit log's folder \"%s\"", path);
    if (to_write && flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        int failure = errno;
        (void)close(descriptor);
        if (failure == EWOULDBLOCK)
            return base_error_set(error, AIRS_E_TAKEN, "another node writes the audit log in \"%s\"", path);
        return base_error_errno(error, AIRS_E_IO, failure, "locking the audit log's folder \"%s\"", path);
    }
    self->descriptor = descriptor;
    return AIRS_OK;
}

void audit_folder_close(audit_folder *self)
{
    // Closing it is not enough: a child that was forked meanwhile has the same description.
    (void)flock(self->descriptor, LOCK_UN);
    (void)close(self->descriptor);
    self->descriptor = -1;
}

audit_files audit_folder_files(audit_folder *self)
{
    return (audit_files){.open = files_open,
                         .close = files_close,
                         .write_at = files_write_at,
                         .read_at = files_read_at,
                         .size = files_size,
                         .sync = files_sync,
                         .remove = files_remove,
                         .user = self};
}
