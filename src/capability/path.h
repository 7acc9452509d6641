// SPDX-License-Identifier: MIT OR Apache-2.0
/// The normal form of the paths that guests give: what grants are compared with, and what is passed on to the system.
///
/// A normal path begins with `/`, has single slashes, no `.`, no `..` and no slash at its end, but for the root `/`.
/// It is made from the text alone: `a/../b` is `b`, whatever `a` is. That is no way around a grant, because the normal
/// path, not the guest's text, is what is opened.
#ifndef CAPABILITY_PATH_H
#define CAPABILITY_PATH_H

#include "airssys/status.h"

/// Bytes of a normal path, and of one name in it.
#define CAPABILITY_PATH_MAX 4096u
#define CAPABILITY_PATH_NAME_MAX 255u

typedef struct capability_path {
    char text[CAPABILITY_PATH_MAX + 1];
    uint32_t len;
    /// It was written with `/`, `.` or `..` at its end: it only means a folder.
    bool folder;
} capability_path;

/// Normalizes `path`. With `base`, a normal path, it is relative to that folder and must stay inside; without (NULL) it
/// is absolute.
/// Errors: E_INVALID empty, a NUL, no UTF-8, too long, relative without a base, absolute with one;
///         E_DENIED `..` leads out of `base`, or above the root. Any thread.
AIRS_NODISCARD airs_status capability_path_normalize(const char *base, airs_bytes path, capability_path *ret_path,
                                                     airs_error *error);

/// Whether `text` is a normal path as it stands.
bool capability_path_is_normal(const char *text);

/// Whether the normal path is `folder`, normal too, or below it. `ret_rest`, which may be NULL, is set to what is
/// behind `folder`, without a slash before it.
bool capability_path_is_below(const char *path, const char *folder, const char **ret_rest);

#endif
