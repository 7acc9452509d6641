// SPDX-License-Identifier: MIT OR Apache-2.0
/// What `airs_why` returns.
#ifndef AIRSSYS_WHY_H
#define AIRSSYS_WHY_H

#include "airssys/guest.h"

/// Remembers the words of a failure and returns its status.
airs_status airs_why_set(airs_status status, airs_bytes text);

#endif
