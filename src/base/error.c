// SPDX-License-Identifier: MIT OR Apache-2.0
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

airs_status base_error_set(airs_error *error, airs_status status, const char *format, ...)
{
    if (error == NULL)
        return status;
    error->status = status;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->text, sizeof(error->text), format, arguments);
    va_end(arguments);
    return status;
}

airs_status base_error_errno(airs_error *error, airs_status status, int system_errno, const char *format, ...)
{
    if (error == NULL)
        return status;
    error->status = status;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->text, sizeof(error->text), format, arguments);
    va_end(arguments);

    char meaning[128];
    size_t len = strlen(error->text);
    snprintf(error->text + len, sizeof(error->text) - len, ": %s", strerror_r(system_errno, meaning, sizeof(meaning)));
    return status;
}

void base_error_prefix(airs_error *error, const char *format, ...)
{
    if (error == NULL)
        return;
    char text[sizeof(error->text)];
    va_list arguments;
    va_start(arguments, format);
    int prefix = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (prefix >= 0 && (size_t)prefix < sizeof(text)) {
        size_t room = sizeof(text) - (size_t)prefix;
        // What does not fit is cut on purpose.
        int written = snprintf(text + prefix, room, ": %.*s", (int)room, error->text);
        (void)written;
    }
    memcpy(error->text, text, sizeof(text));
}
