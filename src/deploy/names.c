// SPDX-License-Identifier: MIT OR Apache-2.0
#include "deploy/document.h"

#include "base/bytes.h"
#include "base/name.h"

#include <string.h>

#define TOPIC_LEN_MAX 256

bool deploy_name_valid(const char *text, bool pattern)
{
    _Static_assert(DEPLOY_NAME_LEN_MAX == BASE_NAME_MAX, "names of the manifest are those of actors");
    return base_name_valid(base_bytes_of(text), pattern);
}

static bool level_valid(const char *level, size_t len, bool last)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)level[i];
        bool wild = c == '*' || (c == '>' && last);
        if (c <= ' ' || c == 0x7f || (c == '>' && !last) || (wild && len > 1))
            return false;
    }
    return len > 0;
}

bool deploy_topics_valid(const char *text)
{
    int levels = 0;
    for (const char *at = text;; levels++) {
        size_t len = strcspn(at, ".");
        bool last = at[len] == 0;
        if (!level_valid(at, len, last))
            return false;
        if (last)
            break;
        at += len + 1;
    }
    return levels < DEPLOY_TOPIC_LEVELS_MAX && strlen(text) <= TOPIC_LEN_MAX;
}
