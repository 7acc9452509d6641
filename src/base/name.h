// SPDX-License-Identifier: MIT OR Apache-2.0
/// The letters of names: of actors, templates, groups, custom capabilities; and of patterns of them.
#ifndef AIRS_BASE_NAME_H
#define AIRS_BASE_NAME_H

#include "airssys/status.h"

#include <stdbool.h>

#define BASE_NAME_MAX 128u

/// Where the first byte is that can't stand in a name: none of letters, digits and `-_.:/`; with `pattern`, `*` may
/// too. `text.len` when there is none.
size_t base_name_span(airs_bytes text, bool pattern);

/// Whether it is a name, or a pattern of names: 1 to BASE_NAME_MAX such bytes.
bool base_name_valid(airs_bytes text, bool pattern);

#endif
