// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/socket.h"

#include "base/error.h"
#include "os/poller.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define LISTEN_BACKLOG 64
#define SUFFIX ".sock"

// ---------------------------------------------------------------- the folder

/// The folder must be ours and closed to others: who may write to it could put a socket of their own there.
static airs_status check_folder(const char *path, airs_error *error)
{
    struct stat about;
    if (lstat(path, &about) != 0)
        return base_error_errno(error, errno == ENOENT ? AIRS_E_NOT_FOUND : AIRS_E_IO, errno, "socket folder %s", path);
    if (!S_ISDIR(about.st_mode))
        return base_error_set(error, AIRS_E_IO, "socket folder %s: not a folder", path);
    if (about.st_uid != geteuid())
        return base_error_set(error, AIRS_E_DENIED, "socket folder %s: belongs to another user", path);
    if (about.st_mode & (S_IWGRP | S_IWOTH))
        return base_error_set(error, AIRS_E_DENIED, "socket folder %s: others may write to it: chmod 700 it", path);
    return AIRS_OK;
}

static airs_status make_folder(const char *path, airs_error *error)
{
    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        return AIRS_OK;
    return base_error_errno(error, AIRS_E_IO, errno, "cannot make the socket folder %s", path);
}

airs_status node_socket_folder(bool make, node_socket_path *ret_path, airs_error *error)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    node_socket_path path;
    int len = runtime && runtime[0] == '/'
                  ? snprintf(path.text, sizeof path.text, "%s/airssys", runtime)
                  : snprintf(path.text, sizeof path.text, "/tmp/airssys-%u", (unsigned)geteuid());
    if (len >= (int)sizeof path.text)
        return base_error_set(error, AIRS_E_INVALID, "XDG_RUNTIME_DIR is too long");
    airs_status status = make ? make_folder(path.text, error) : AIRS_OK;
    if (status == AIRS_OK)
        status = check_folder(path.text, error);
    if (status == AIRS_OK)
        *ret_path = path;
    return status;
}

static airs_status name_socket(const char *folder, const char *app, node_socket_path *ret_path, airs_error *error)
{
    if (snprintf(ret_path->text, sizeof ret_path->text, "%s/%s" SUFFIX, folder, app) < (int)sizeof ret_path->text)
        return AIRS_OK;
    return base_error_set(error, AIRS_E_INVALID, "the path of the socket is too long: %s", folder);
}

airs_status node_socket_of_app(const char *app, bool make, node_socket_path *ret_path, airs_error *error)
{
    node_socket_path folder;
    airs_status status = node_socket_folder(make, &folder, error);
    return status == AIRS_OK ? name_socket(folder.text, app, ret_path, error) : status;
}

airs_status node_socket_in_folder(const char *folder, const char *app, node_socket_path *ret_path, airs_error *error)
{
    node_socket_path path;
    airs_status status = make_folder(folder, error);
    if (status == AIRS_OK && !realpath(folder, path.text))
        status = base_error_errno(error, AIRS_E_IO, errno, "socket folder %s", folder);
    if (status == AIRS_OK)
        status = check_folder(path.text, error);
    return status == AIRS_OK ? name_socket(path.text, app, ret_path, error) : status;
}

// ---------------------------------------------------------------- connecting

static airs_status make_address(const char *path, struct sockaddr_un *ret_address, airs_error *error)
{
    *ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
    size_t len = strlen(path);
    if (len >= sizeof ret_address->sun_path)
        return base_error_set(error, AIRS_E_INVALID, "the path of the socket is longer than %zu bytes: %s",
                              sizeof ret_address->sun_path - 1, path);
    memcpy(ret_address->sun_path, path, len + 1);
    return AIRS_OK;
}

airs_status node_socket_connect(const char *path, int *ret_fd, airs_error *error)
{
    struct sockaddr_un address;
    airs_status status = make_address(path, &address, error);
    if (status != AIRS_OK)
        return status;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return base_error_errno(error, AIRS_E_IO, errno, "cannot make a socket");
    // A node whose backlog is full must not hold us for ever.
    struct timeval patience = {.tv_sec = 5};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0) {
        *ret_fd = fd;
        return AIRS_OK;
    }
    int reason = errno;
    close(fd);
    if (reason == ENOENT || reason == ENOTDIR)
        return base_error_set(error, AIRS_E_NOT_FOUND, "no node is running: no socket at %s", path);
    if (reason == ECONNREFUSED)
        return base_error_set(error, AIRS_E_NOT_FOUND, "no node is running: nobody listens at %s", path);
    if (reason == EACCES || reason == EPERM)
        return base_error_set(error, AIRS_E_DENIED, "the node belongs to another user: %s", path);
    return base_error_errno(error, AIRS_E_IO, reason, "cannot connect to %s", path);
}

bool node_socket_peer_allowed(int fd)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return false;
    return peer.uid == geteuid() || peer.uid == 0;
}

// ---------------------------------------------------------------- finding

static bool is_alive(const char *path)
{
    int fd;
    if (node_socket_connect(path, &fd, NULL) != AIRS_OK)
        return false;
    close(fd);
    return true;
}

static bool is_socket_name(const char *name)
{
    size_t len = strlen(name);
    return len >= sizeof SUFFIX && strcmp(name + len - (sizeof SUFFIX - 1), SUFFIX) == 0;
}

void node_socket_each(node_socket_fn fn, void *user)
{
    node_socket_path folder;
    if (node_socket_folder(false, &folder, NULL) != AIRS_OK)
        return;
    DIR *dir = opendir(folder.text);
    bool more = true;
    for (struct dirent *entry; more && dir && (entry = readdir(dir));) {
        node_socket_path path;
        if (!is_socket_name(entry->d_name) ||
            snprintf(path.text, sizeof path.text, "%s/%s", folder.text, entry->d_name) >= (int)sizeof path.text)
            continue;
        if (is_alive(path.text))
            more = fn(user, path.text);
    }
    if (dir)
        closedir(dir);
}

/// Looks at each socket of the folder; `names` becomes a list of the apps whose nodes answer.
static size_t find_alive(const char *folder, node_socket_path *ret_path, char *names, size_t names_size)
{
    size_t found = 0;
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        size_t len = strlen(entry->d_name);
        size_t name_len = len - (sizeof SUFFIX - 1);
        if (!is_socket_name(entry->d_name))
            continue;
        node_socket_path path;
        if (snprintf(path.text, sizeof path.text, "%s/%s", folder, entry->d_name) >= (int)sizeof path.text ||
            !is_alive(path.text))
            continue;
        size_t used = strlen(names);
        snprintf(names + used, names_size - used, "%s%.*s", used ? ", " : "", (int)name_len, entry->d_name);
        *ret_path = path;
        found++;
    }
    if (dir)
        closedir(dir);
    return found;
}

airs_status node_socket_find(const char *app, node_socket_path *ret_path, airs_error *error)
{
    node_socket_path folder;
    airs_status status = node_socket_folder(false, &folder, error);
    if (status == AIRS_E_NOT_FOUND)
        return base_error_set(error, status, "no node is running: start one with `airssys up APP`");
    if (status != AIRS_OK)
        return status;
    char names[512] = "";
    node_socket_path only;
    size_t found = find_alive(folder.text, &only, names, sizeof names);
    if (app) {
        status = node_socket_of_app(app, false, ret_path, error);
        if (status == AIRS_OK && !is_alive(ret_path->text))
            return base_error_set(error, AIRS_E_NOT_FOUND, "no node runs the app %s: running: %s", app,
                                  found ? names : "none");
        return status;
    }
    if (found == 0)
        return base_error_set(error, AIRS_E_NOT_FOUND, "no node is running: start one with `airssys up APP`");
    if (found > 1)
        return base_error_set(error, AIRS_E_INVALID, "several nodes are running: say which with --node: %s", names);
    *ret_path = only;
    return AIRS_OK;
}

// ---------------------------------------------------------------- listening

/// Locks the folder of a path, so that two nodes do not take over one stale socket at once. -1: not to be had.
static int lock_folder_of(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    if (!slash)
        snprintf(folder, sizeof folder, ".");
    else
        snprintf(folder, sizeof folder, "%.*s", slash == path ? 1 : (int)(slash - path), path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0 && flock(fd, LOCK_EX) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/// Closing it is not enough: a child that was forked meanwhile has the same description. -1 is allowed.
static void unlock_folder(int lock)
{
    if (lock >= 0)
        (void)flock(lock, LOCK_UN);
    os_fd_close(lock);
}

static airs_status refuse_owner(int fd, const char *path, airs_error *error)
{
    struct ucred peer = {0};
    socklen_t size = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid > 0)
        return base_error_set(error, AIRS_E_TAKEN, "a node of process %d is running there: %s", (int)peer.pid, path);
    return base_error_set(error, AIRS_E_TAKEN, "a node is running there: %s", path);
}

/// Removes what a node that has died left behind; nothing else.
static airs_status clear_stale(const char *path, airs_error *error)
{
    struct stat about;
    if (lstat(path, &about) != 0)
        return errno == ENOENT ? AIRS_OK : base_error_errno(error, AIRS_E_IO, errno, "cannot look at %s", path);
    if (!S_ISSOCK(about.st_mode))
        return base_error_set(error, AIRS_E_INVALID, "there is something that is no socket: %s", path);
    int fd;
    airs_error why = {0};
    airs_status status = node_socket_connect(path, &fd, &why);
    if (status == AIRS_OK) {
        status = refuse_owner(fd, path, error);
        close(fd);
        return status;
    }
    if (status != AIRS_E_NOT_FOUND)
        return base_error_set(error, status, "%s", why.text);
    if (unlink(path) != 0 && errno != ENOENT)
        return base_error_errno(error, errno == EACCES || errno == EPERM ? AIRS_E_DENIED : AIRS_E_IO, errno,
                                "cannot remove the stale socket %s", path);
    return AIRS_OK;
}

static airs_status bind_and_listen(int fd, const char *path, airs_error *error)
{
    struct sockaddr_un address;
    airs_status status = make_address(path, &address, error);
    if (status != AIRS_OK)
        return status;
    // The mode of the file is that of the descriptor at bind, so there is no moment at which it is open to others.
    if (fchmod(fd, 0600) != 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) != 0)
        return base_error_errno(error, errno == EACCES || errno == EPERM ? AIRS_E_DENIED : AIRS_E_IO, errno,
                                "cannot listen at %s", path);
    if (chmod(path, 0600) != 0 || listen(fd, LISTEN_BACKLOG) != 0) {
        int reason = errno;
        unlink(path);
        return base_error_errno(error, AIRS_E_IO, reason, "cannot listen at %s", path);
    }
    return AIRS_OK;
}

static airs_status listen_locked(const char *path, node_socket *ret_socket, airs_error *error)
{
    airs_status status = clear_stale(path, error);
    if (status != AIRS_OK)
        return status;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return base_error_errno(error, AIRS_E_IO, errno, "cannot make a socket");
    status = bind_and_listen(fd, path, error);
    struct stat about;
    if (status == AIRS_OK && lstat(path, &about) != 0)
        status = base_error_errno(error, AIRS_E_IO, errno, "cannot look at %s", path);
    if (status != AIRS_OK) {
        os_fd_close(fd);
        return status;
    }
    *ret_socket = (node_socket){.fd = fd, .device = about.st_dev, .inode = about.st_ino, .made = about.st_mtim};
    snprintf(ret_socket->path.text, sizeof ret_socket->path.text, "%s", path);
    return AIRS_OK;
}

airs_status node_socket_listen(const char *path, node_socket *ret_socket, airs_error *error)
{
    struct sockaddr_un address;
    airs_status status = make_address(path, &address, error);
    if (status != AIRS_OK)
        return status;
    int lock = lock_folder_of(path);
    if (lock < 0)
        return base_error_errno(error, errno == ENOENT ? AIRS_E_NOT_FOUND : AIRS_E_IO, errno,
                                "the folder of the socket %s", path);
    status = listen_locked(path, ret_socket, error);
    unlock_folder(lock);
    return status;
}

static bool is_still_ours(const node_socket *socket)
{
    struct stat about;
    return lstat(socket->path.text, &about) == 0 && about.st_dev == socket->device && about.st_ino == socket->inode &&
           about.st_mtim.tv_sec == socket->made.tv_sec && about.st_mtim.tv_nsec == socket->made.tv_nsec;
}

void node_socket_close(node_socket *socket)
{
    if (socket->fd < 0)
        return;
    int lock = lock_folder_of(socket->path.text);
    if (is_still_ours(socket))
        unlink(socket->path.text);
    // Only now: while we still listen, nobody takes our socket for a stale one.
    os_fd_close(socket->fd);
    unlock_folder(lock);
    socket->fd = -1;
}
