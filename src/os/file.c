// SPDX-License-Identifier: MIT OR Apache-2.0
#include "os/file.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "os/poller.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_CAPACITY 65536u

airs_status os_file_open(const char *path, os_file_kind kind, int *ret_fd, airs_error *error)
{
    // Without O_NONBLOCK a FIFO that nobody writes to would hold the caller for ever.
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return base_error_set(error, AIRS_E_NOT_FOUND, "no such file: %s", path);
    if (fd < 0)
        return base_error_errno(error, AIRS_E_IO, errno, "cannot open %s", path);
    struct stat about;
    airs_status status = AIRS_OK;
    if (fstat(fd, &about) != 0)
        status = base_error_errno(error, AIRS_E_IO, errno, "cannot read %s", path);
    else if (S_ISDIR(about.st_mode))
        status = base_error_set(error, AIRS_E_IO, "a folder, not a file: %s", path);
    else if (kind == OS_FILE_REGULAR && !S_ISREG(about.st_mode))
        status = base_error_set(error, AIRS_E_IO, "not a regular file: %s", path);
    if (status == AIRS_OK)
        *ret_fd = fd;
    else
        os_fd_close(fd);
    return status;
}

/// The size that a descriptor seems to have; 0 when it says nothing of it.
static uint64_t expected_size(int fd)
{
    struct stat about;
    if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0)
        return (uint64_t)about.st_size;
    return 0;
}

static airs_status too_large(uint64_t max, const char *name, airs_error *error)
{
    return base_error_set(error, AIRS_E_TOO_LARGE, "larger than %llu bytes: %s", (unsigned long long)max, name);
}

/// Reads some more into `data`, which has room for it. 0 at the end, -1 with errno.
static ssize_t read_some(int fd, uint8_t *data, size_t room)
{
    ssize_t got;
    do
        got = read(fd, data, room);
    while (got < 0 && errno == EINTR);
    return got;
}

airs_status os_fd_read(const airs_allocator *allocator, int fd, const char *name, uint64_t max, airs_buffer *ret_bytes,
                       airs_error *error)
{
    uint64_t expected = expected_size(fd);
    if (expected > max)
        return too_large(max, name, error);
    // A file of a known size is read in one go. One byte more than it may have is enough to know that it is too large.
    size_t capacity = expected > 0 ? (size_t)expected + 2 : max < FIRST_CAPACITY ? (size_t)max + 2 : FIRST_CAPACITY;
    uint8_t *data = base_alloc(allocator, capacity);
    size_t len = 0;
    while (data) {
        ssize_t got = read_some(fd, data + len, capacity - len - 1);
        len += got > 0 ? (size_t)got : 0;
        airs_status status = AIRS_OK;
        if (got < 0)
            status = base_error_errno(error, AIRS_E_IO, errno, "cannot read %s", name);
        else if (len > max)
            status = too_large(max, name, error);
        if (status != AIRS_OK) {
            base_free(allocator, data);
            return status;
        }
        if (got == 0) {
            data[len] = 0;
            *ret_bytes = base_buffer_adopt(allocator, data, len);
            return AIRS_OK;
        }
        if (len + 1 == capacity) {
            capacity *= 2;
            uint8_t *grown = base_realloc(allocator, data, capacity);
            if (!grown)
                base_free(allocator, data);
            data = grown;
        }
    }
    return base_error_set(error, AIRS_E_NOMEM, "out of memory: %s", name);
}

airs_status os_file_read(const airs_allocator *allocator, const char *path, os_file_kind kind, uint64_t max,
                         airs_buffer *ret_bytes, airs_error *error)
{
    int fd;
    airs_status status = os_file_open(path, kind, &fd, error);
    if (status != AIRS_OK)
        return status;
    status = os_fd_read(allocator, fd, path, max, ret_bytes, error);
    os_fd_close(fd);
    return status;
}
