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

/// Reads node.pid: up to three lines.
static void read_user(const char *folder, node_home_user *ret_user)
{
    char path[NODE_STATE_PATH_MAX];
    char text[NODE_STATE_PATH_MAX + 64];
    *ret_user = (node_home_user){.pid = 0};
    if (node_state_path(path, folder, "node.pid", NULL) != AIRS_OK)
        return;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return;
    ssize_t len = read(fd, text, sizeof text - 1);
    os_fd_close(fd);
    if (len <= 0)
        return;
    text[len] = '\0';
    char *rest = text;
    long pid = strtol(strsep(&rest, "\n"), NULL, 10);
    ret_user->pid = pid > 0 ? (pid_t)pid : 0;
    const char *mark = rest != NULL ? strsep(&rest, "\n") : "";
    ret_user->in_program = strcmp(mark, "program") == 0;
    const char *socket = rest != NULL ? strsep(&rest, "\n") : "";
    base_text_copy(ret_user->socket, sizeof ret_user->socket, base_bytes_of(socket));
}

void node_home_find_user(const char *folder, node_home_user *ret_user)
{
    char path[NODE_STATE_PATH_MAX];
    *ret_user = (node_home_user){.pid = 0};
    if (node_state_path(path, folder, "node.lock", NULL) != AIRS_OK)
        return;
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return;
    // Only asked for: taking it, for however short a time, would keep a node from starting.
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    bool used = fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    os_fd_close(fd);
    if (used)
        read_user(folder, ret_user);
}

pid_t node_home_owner(const char *folder)
{
    node_home_user user;
    node_home_find_user(folder, &user);
    return user.pid;
}

/// Writes a text into node.pid, at its beginning or, with O_APPEND, behind what is there.
static airs_status write_text(const char *folder, const char *text, int how, airs_error *error)
{
    char path[NODE_STATE_PATH_MAX];
    airs_status status = node_state_path(path, folder, "node.pid", error);
    if (status != AIRS_OK)
        return status;
    ssize_t len = (ssize_t)strlen(text);
    int fd = open(path, O_WRONLY | O_CREAT | how | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0)
        return base_error_errno(error, AIRS_E_IO, errno, "the node's process file %s", path);
    bool written = write(fd, text, (size_t)len) == len;
    int reason = errno;
    os_fd_close(fd);
    return written ? AIRS_OK : base_error_errno(error, AIRS_E_IO, reason, "the node's process file %s", path);
}

static airs_status write_pid(const char *folder, bool in_program, airs_error *error)
{
    char text[48];
    (void)snprintf(text, sizeof text, "%ld\n%s", (long)getpid(), in_program ? "program\n" : "");
    return write_text(folder, text, O_TRUNC, error);
}

airs_status node_home_tell_socket(const node_home *home, const char *path, airs_error *error)
{
    char line[NODE_STATE_PATH_MAX + 1];
    if (snprintf(line, sizeof line, "%s\n", path) >= (int)sizeof line)
        return base_error_set(error, AIRS_E_TOO_LARGE, "the path of the socket is too long: %s", path);
    return write_text(home->folder, line, O_APPEND, error);
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
    node_home_user user;
    read_user(home->folder, &user);
    if (user.pid > 0)
        return base_error_set(error, AIRS_E_TAKEN, "another node, process %ld, uses the state folder %s",
                              (long)user.pid, home->folder);
    return base_error_set(error, AIRS_E_TAKEN, "another node uses the state folder %s", home->folder);
}

airs_status node_home_open(node_home *home, const char *folder, bool in_program, airs_error *error)
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
    status = write_pid(home->folder, in_program, error);
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
