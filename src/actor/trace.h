// SPDX-License-Identifier: MIT OR Apache-2.0
/// The W3C trace parent of a message: which trace it belongs to, and who is the parent of what it leads to.
///
/// As text `00-<32 hex digits of the trace>-<16 of the parent>-<2 of flags>`; kept as its 25 bytes.
#ifndef ACTOR_TRACE_H
#define ACTOR_TRACE_H

#include "airssys/status.h"

#define TRACE_SIZE 25u
/// 55 characters and a NUL.
#define TRACE_TEXT_SIZE 56u

typedef struct trace_parent {
    uint8_t bytes[TRACE_SIZE];
} trace_parent;

/// Reads a text of version 00. Errors: E_INVALID, `error` says what is wrong with it.
airs_status trace_parse(airs_bytes text, trace_parent *ret_trace, airs_error *error);

void trace_print(const trace_parent *trace, char ret_text[TRACE_TEXT_SIZE]);

#endif
