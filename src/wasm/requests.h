// SPDX-License-Identifier: MIT OR Apache-2.0
/// What a component asks to be granted: a custom section of it, which `airssys build` writes.
///
/// Its text is one grant a line, as grant_text.h reads them. A request gives nothing: it is for the operator to see.
#ifndef WASM_REQUESTS_H
#define WASM_REQUESTS_H

#include "airssys/status.h"

#define WASM_REQUESTS_NAME "airssys-requests"
#define WASM_REQUESTS_MAX (64u << 10)

/// Finds the text of the section among the outermost ones; `data` is NULL when there is none. Borrowed from `wasm`,
/// which is hostile.
/// Errors: E_COMPONENT there are two, it has more than WASM_REQUESTS_MAX bytes, or it is not UTF-8.
AIRS_NODISCARD airs_status wasm_requests_find(airs_bytes wasm, airs_bytes *ret_text, airs_error *error);

/// Room for what stands in front of the text in such a section.
#define WASM_REQUESTS_HEAD_MAX 32u

/// Writes that, for a text of at most WASM_REQUESTS_MAX bytes; returns its length. Head and text are put behind a
/// component without one.
size_t wasm_requests_head(uint8_t head[WASM_REQUESTS_HEAD_MAX], size_t text_len);

#endif
