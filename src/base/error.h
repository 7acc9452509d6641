// SPDX-License-Identifier: MIT OR Apache-2.0
/// Filling in an `airs_error`. Any thread.
#ifndef AIRS_BASE_ERROR_H
#define AIRS_BASE_ERROR_H

#include "airssys/status.h"

/// Writes the sentence and returns `status`, so that failing is one statement:
///     return base_error_set(error, AIRS_E_GONE, "actor %" PRIu64 " has ended", id.raw);
/// `error` may be NULL. A text that does not fit is cut.
airs_status base_error_set(airs_error *error, airs_status status, const char *format, ...) AIRS_PRINTF(3, 4);

/// The same, with ": " and the meaning of `system_errno` at the end.
airs_status base_error_errno(airs_error *error, airs_status status, int system_errno, const char *format, ...)
    AIRS_PRINTF(4, 5);

/// Puts "text: " before what is already written. `error` may be NULL.
void base_error_prefix(airs_error *error, const char *format, ...) AIRS_PRINTF(2, 3);

#endif
