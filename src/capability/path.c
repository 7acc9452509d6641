// SPDX-License-Identifier: MIT OR Apache-2.0
#include "capability/path.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"

/// A path in the making.
typedef struct draft {
    char text[CAPABILITY_PATH_MAX + 1];
    size_t len;
    /// `..` never takes anything of this part away.
    size_t base_len;
} draft;

static airs_status check_text(const char *base, airs_bytes path, airs_error *error)
{
    if (path.len == 0)
        return base_error_set(error, AIRS_E_INVALID, "the path is empty");
    // Far past what a normal path may have, so that nobody is kept busy with slashes.
    if (path.len > 4u * CAPABILITY_PATH_MAX)
        return base_error_set(error, AIRS_E_INVALID, "the path has %zu bytes", path.len);
    if (memchr(path.data, '\0', path.len) != NULL)
        return base_error_set(error, AIRS_E_INVALID, "there is a NUL in the path");
    if (!base_utf8_valid(path))
        return base_error_set(error, AIRS_E_INVALID, "the path is not UTF-8");
    bool absolute = path.data[0] == '/';
    if (absolute && base != NULL)
        return base_error_set(error, AIRS_E_INVALID, "the path is absolute");
    if (!absolute && base == NULL)
        return base_error_set(error, AIRS_E_INVALID, "the path is not absolute");
    return AIRS_OK;
}

/// Takes the last name away; false when that would lead out.
static bool go_up(draft *self)
{
    if (self->len <= self->base_len)
        return false;
    while (self->text[self->len - 1] != '/')
        self->len--;
    self->len--;
    return true;
}

static airs_status append(draft *self, airs_bytes name, airs_error *error)
{
    if (name.len > CAPABILITY_PATH_NAME_MAX)
        return base_error_set(error, AIRS_E_INVALID, "a name in the path has %zu bytes, the limit is %u", name.len,
                              CAPABILITY_PATH_NAME_MAX);
    if (self->len + 1 + name.len > CAPABILITY_PATH_MAX)
        return base_error_set(error, AIRS_E_INVALID, "the path has more than %u bytes", CAPABILITY_PATH_MAX);
    self->text[self->len++] = '/';
    memcpy(self->text + self->len, name.data, name.len);
    self->len += name.len;
    return AIRS_OK;
}

static airs_status walk(draft *self, airs_bytes path, bool *ret_folder, airs_error *error)
{
    size_t at = 0;
    while (at < path.len) {
        const uint8_t *slash = memchr(path.data + at, '/', path.len - at);
        size_t end = slash == NULL ? path.len : (size_t)(slash - path.data);
        airs_bytes name = {path.data + at, end - at};
        bool here = name.len == 0 || base_bytes_are(name, ".");
        bool up = base_bytes_are(name, "..");
        if (up && !go_up(self))
            return base_error_set(error, AIRS_E_DENIED, "`..` leads out of the folder");
        if (!here && !up) {
            airs_status status = append(self, name, error);
            if (status != AIRS_OK)
                return status;
        }
        *ret_folder = here || up || slash != NULL;
        at = slash == NULL ? path.len : end + 1;
    }
    return AIRS_OK;
}

airs_status capability_path_normalize(const char *base, airs_bytes path, capability_path *ret_path, airs_error *error)
{
    airs_status status = check_text(base, path, error);
    if (status != AIRS_OK)
        return status;
    draft made = {.len = 0};
    // The root is no bytes here, so that a name is always put behind a slash.
    if (base != NULL && strcmp(base, "/") != 0) {
        made.len = strlen(base);
        if (made.len > CAPABILITY_PATH_MAX)
            return base_error_set(error, AIRS_E_INVALID, "the folder's path is too long");
        memcpy(made.text, base, made.len);
        made.base_len = made.len;
    }
    bool folder = false;
    status = walk(&made, path, &folder, error);
    if (status != AIRS_OK)
        return status;
    if (made.len == 0)
        made.text[made.len++] = '/';
    memcpy(ret_path->text, made.text, made.len);
    ret_path->text[made.len] = '\0';
    ret_path->len = (uint32_t)made.len;
    ret_path->folder = folder || made.len == 1;
    return AIRS_OK;
}

bool capability_path_is_normal(const char *text)
{
    capability_path path;
    return capability_path_normalize(NULL, base_bytes_of(text), &path, NULL) == AIRS_OK && strcmp(path.text, text) == 0;
}

bool capability_path_is_below(const char *path, const char *folder, const char **ret_rest)
{
    size_t len = strcmp(folder, "/") == 0 ? 0 : strlen(folder);
    if (strncmp(path, folder, len) != 0 || (path[len] != '\0' && path[len] != '/'))
        return false;
    if (ret_rest != NULL)
        *ret_rest = path[len] == '/' ? path + len + 1 : path + len;
    return true;
}
