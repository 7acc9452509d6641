// SPDX-License-Identifier: MIT OR Apache-2.0
/// The outermost custom sections of a component, of which nothing else is parsed.
#ifndef WASM_SECTIONS_H
#define WASM_SECTIONS_H

#include "airssys/status.h"

/// Where a reading is.
typedef struct wasm_sections {
    airs_bytes rest;
} wasm_sections;

/// Begins behind the preamble. False when there is none.
bool wasm_sections_begin(wasm_sections *self, airs_bytes wasm);

/// The next custom section: its name and what is in it, borrowed from the bytes. False when there is no other
/// well-formed one.
bool wasm_sections_next(wasm_sections *self, airs_bytes *ret_name, airs_bytes *ret_content);

/// Takes `len` bytes off the front.
bool wasm_take(airs_bytes *from, size_t len, airs_bytes *ret);
/// Takes bytes behind their own length off the front.
bool wasm_take_counted(airs_bytes *from, airs_bytes *ret);

#endif
