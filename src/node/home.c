// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/home.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "os/poller.h"

airs_status node_home_folder(char path[NODE_STATE_PATH_MAX], airs_error *error)
{
    return node_state_folder(path, "node", error);
}

static pid_t read_pid(const char *folder)
{
    char path[NODE_STATE_PATH_MAX];
    char digits[24] = "";
    if (node_state_path(path, folder, "node.pid", NULL) != AIRS_OK)
        return 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return 0;
    ssize_t len = read(fd, digits, sizeof digits - 1);
    os_fd_close(fd);
    long pid = len > 0 ? strtol(digits, NULL, 10) : 0;
    return pid > 0 ? (pid_t)pid : 0;
}

pid_t node_home_owner(const char *folder)
{
    char path[NODE_STATE_PATH_MAX];
    if (node_state_path(path, folder, "node.lock", NULL) != AIRS_OK)
        return 0;
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return 0;
    // Only asked for: taking it, for however short a time, would keep a node from starting.
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    bool used = fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    os_fd_close(fd);
    return used ? read_pid(folder) : 0;
}

static airs_status write_pid(const char *folder, airs_error *error)
{
    char path[NODE_STATE_PATH_MAX];
    char digits[24];
    airs_status status = node_state_path(path, folder, "node.pid", error);
    if (status != AIRS_OK)
        return status;
    int len = snprintf(digits, sizeof digits, "%ld\n", (long)getpid());
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0)
        return base_error_errno(error, AIRS_E_IO, errno, "the node's process file %s", path);
    bool written = write(fd, digits, (size_t)len) == len;
    int reason = errno;
    os_fd_close(fd);
    return written ? AIRS_OK : base_error_errno(error, AIRS_E_IO, reason, "the node's process file %s", path);
}

static airs_status take_lock(node_home *home, airs_error *error)
{
    char path[NODE_STATE_PATH_MAX];
    airs_status status = node_state_path(path, home->folder, "node.lock", error);
    if (status != AIRS_OK)
        return status;
    home->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (home->lock < 0)
        return base_error_errno(error, AIRS_E_IO, errno, "the lock of the node's state %s", path);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(home->lock, F_OFD_SETLK, &lock) == 0)
        return AIRS_OK;
    int reason = errno;
    os_fd_close(home->lock);
    home->lock = -1;
    if (reason != EAGAIN && reason != EACCES)
        return base_error_errno(error, AIRS_E_IO, reason, "the lock of the node's state %s", path);
    pid_t owner = read_pid(home->folder);
    if (owner > 0)
        return base_error_set(error, AIRS_E_TAKEN, "another node, process %ld, uses the state folder %s", (long)owner,
                              home->folder);
    return base_error_set(error, AIRS_E_TAKEN, "another node uses the state folder %s", home->folder);
}

airs_status node_home_open(node_home *home, const char *folder, airs_error *error)
{
    *home = (node_home){.lock = -1};
    if (strlen(folder) >= sizeof home->folder)
        return base_error_set(error, AIRS_E_TOO_LARGE, "the path of the node's state is too long: %s", folder);
    base_text_copy(home->folder, sizeof home->folder, base_bytes_of(folder));
    airs_status status = node_state_make(folder, error);
    if (status == AIRS_OK)
        status = take_lock(home, error);
    if (status != AIRS_OK)
        return status;
    status = write_pid(home->folder, error);
    if (status == AIRS_OK)
        status = node_store_open(home->folder, &home->store, error);
    if (status != AIRS_OK)
        node_home_close(home);
    return status;
}

void node_home_close(node_home *home)
{
    if (home->lock < 0)
        return;
    char path[NODE_STATE_PATH_MAX];
    node_store_close(home->store);
    home->store = NULL;
    if (node_state_path(path, home->folder, "node.pid", NULL) == AIRS_OK)
        (void)unlink(path);
    // Closing it is not enough: a child that was forked meanwhile has the same description.
    struct flock lock = {.l_type = F_UNLCK, .l_whence = SEEK_SET};
    (void)fcntl(home->lock, F_OFD_SETLK, &lock);
    os_fd_close(home->lock);
    home->lock = -1;
}
