// SPDX-License-Identifier: MIT OR Apache-2.0
#include "deploy/document.h"

#include <string.h>

#define TOPIC_LEN_MAX 256

bool deploy_name_valid(const char *text, bool pattern)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/";
    size_t len = strlen(text);
    for (size_t i = 0; i < len; i++) {
        if (!strchr(allowed, text[i]) && !(pattern && text[i] == '*'))
            return false;
    }
    return len > 0 && len <= DEPLOY_NAME_LEN_MAX;
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
