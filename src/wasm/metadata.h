// SPDX-License-Identifier: MIT OR Apache-2.0
/// A component's own name and version, read from its custom sections without parsing the rest.
///
/// The sections are those that wasm-tools writes: `component-name` (a name section whose subsection 0
/// holds the component's name) and `version` (plain text). Both are hostile input: what is not
/// well-formed, too long or not printable is taken as absent.
#ifndef WASM_METADATA_H
#define WASM_METADATA_H

#include "airssys/status.h"

typedef struct wasm_metadata {
    char name[129];
    char version[33];
} wasm_metadata;

/// "" for what is absent. Reads the headers of the outermost sections only.
void wasm_metadata_read(airs_bytes wasm, wasm_metadata *ret_metadata);

#endif
