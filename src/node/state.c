// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/state.h"

#include "base/error.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static airs_status fits(int len, const char *name, airs_error *error)
{
    return len >= 0 && len < NODE_STATE_PATH_MAX
               ? AIRS_OK
               : base_error_set(error, AIRS_E_TOO_LARGE, "the path of the node's state is too long: %s", name);
}

airs_status node_state_folder(char path[NODE_STATE_PATH_MAX], const char *app, airs_error *error)
{
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    // As the XDG rules say, a relative path is as good as none.
    if (state && state[0] == '/')
        return fits(snprintf(path, NODE_STATE_PATH_MAX, "%s/airssys/%s", state, app), app, error);
    if (home && home[0] == '/')
        return fits(snprintf(path, NODE_STATE_PATH_MAX, "%s/.local/state/airssys/%s", home, app), app, error);
    return base_error_set(error, AIRS_E_IO,
                          "no folder for the node's state: set HOME or XDG_STATE_HOME, or say --state-dir");
}

airs_status node_state_make(const char *path, airs_error *error)
{
    char part[NODE_STATE_PATH_MAX];
    size_t len = strlen(path);
    if (len >= sizeof part)
        return fits(-1, path, error);
    memcpy(part, path, len + 1);
    for (size_t i = 1; i <= len; i++) {
        if (part[i] != '/' && part[i] != '\0')
            continue;
        bool last = part[i] == '\0';
        part[i] = '\0';
        if (mkdir(part, last ? 0700 : 0755) != 0 && errno != EEXIST)
            return base_error_errno(error, AIRS_E_IO, errno, "cannot make the folder of the node's state, %s", part);
        part[i] = path[i];
    }
    return AIRS_OK;
}

airs_status node_state_path(char path[NODE_STATE_PATH_MAX], const char *folder, const char *name, airs_error *error)
{
    return fits(snprintf(path, NODE_STATE_PATH_MAX, "%s/%s", folder, name), folder, error);
}
