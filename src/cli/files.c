// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/files.h"

#include "base/error.h"
#include "cli/input.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

airs_status cli_path_join(char path[CLI_PATH_MAX], const char *folder, const char *name, airs_error *error)
{
    bool alone = name[0] == '/' || folder[0] == '\0' || strcmp(folder, ".") == 0;
    size_t folder_len = alone ? 0 : strlen(folder);
    const char *slash = folder_len > 0 && folder[folder_len - 1] != '/' ? "/" : "";
    int len = snprintf(path, CLI_PATH_MAX, "%s%s%s", alone ? "" : folder, slash, name);
    if (len < 0 || (size_t)len >= CLI_PATH_MAX)
        return base_error_set(error, AIRS_E_TOO_LARGE, "the path is too long: %s", name);
    return AIRS_OK;
}

const char *cli_path_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

airs_status cli_folder_make(const char *path, airs_error *error)
{
    char part[CLI_PATH_MAX];
    size_t len = strlen(path);
    if (len >= sizeof part)
        return base_error_set(error, AIRS_E_TOO_LARGE, "the path is too long: %s", path);
    memcpy(part, path, len + 1);
    for (size_t i = 1; i <= len; i++) {
        if (part[i] != '/' && part[i] != '\0')
            continue;
        part[i] = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            return base_error_errno(error, AIRS_E_IO, errno, "cannot make the folder %s", part);
        part[i] = path[i];
    }
    struct stat about;
    if (stat(path, &about) == 0 && !S_ISDIR(about.st_mode))
        return base_error_set(error, AIRS_E_IO, "cannot make the folder %s: a file is there", path);
    return AIRS_OK;
}

bool cli_folder_is_empty(const char *path)
{
    DIR *folder = opendir(path);
    if (!folder)
        return errno == ENOENT;
    const struct dirent *entry;
    bool empty = true;
    while (empty && (entry = readdir(folder)))
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    closedir(folder);
    return empty;
}

static airs_status make_folder_above(const char *path, airs_error *error)
{
    char folder[CLI_PATH_MAX];
    const char *slash = strrchr(path, '/');
    if (!slash || slash == path)
        return AIRS_OK;
    size_t len = (size_t)(slash - path);
    if (len >= sizeof folder)
        return base_error_set(error, AIRS_E_TOO_LARGE, "the path is too long: %s", path);
    memcpy(folder, path, len);
    folder[len] = '\0';
    return cli_folder_make(folder, error);
}

static airs_status write_all(int fd, airs_bytes bytes, const char *path, airs_error *error)
{
    while (bytes.len > 0) {
        ssize_t put = write(fd, bytes.data, bytes.len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return base_error_errno(error, AIRS_E_IO, errno, "cannot write %s", path);
        bytes.data += put;
        bytes.len -= (size_t)put;
    }
    return AIRS_OK;
}

airs_status cli_file_write(const char *path, airs_bytes bytes, airs_error *error)
{
    if (cli_file_compare(path, bytes) == CLI_FILE_SAME)
        return AIRS_OK;
    airs_status status = make_folder_above(path, error);
    if (status != AIRS_OK)
        return status;
    char part[CLI_PATH_MAX];
    int len = snprintf(part, sizeof part, "%s.%d.part", path, (int)getpid());
    if (len < 0 || (size_t)len >= sizeof part)
        return base_error_set(error, AIRS_E_TOO_LARGE, "the path is too long: %s", path);
    int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd < 0)
        return base_error_errno(error, AIRS_E_IO, errno, "cannot write %s", path);
    status = write_all(fd, bytes, path, error);
    if (close(fd) != 0 && status == AIRS_OK)
        status = base_error_errno(error, AIRS_E_IO, errno, "cannot write %s", path);
    if (status == AIRS_OK && rename(part, path) != 0)
        status = base_error_errno(error, AIRS_E_IO, errno, "cannot write %s", path);
    if (status != AIRS_OK)
        unlink(part);
    return status;
}

cli_file_state cli_file_compare(const char *path, airs_bytes bytes)
{
    cli_input there;
    airs_error ignored;
    airs_status status = cli_input_read(path, bytes.len, &there, &ignored);
    if (status == AIRS_E_NOT_FOUND)
        return CLI_FILE_ABSENT;
    if (status != AIRS_OK)
        return CLI_FILE_DIFFERENT;
    bool same = there.len == bytes.len && (bytes.len == 0 || memcmp(there.data, bytes.data, bytes.len) == 0);
    cli_input_free(&there);
    return same ? CLI_FILE_SAME : CLI_FILE_DIFFERENT;
}
