// SPDX-License-Identifier: MIT OR Apache-2.0
/// How long to wait before a failed child is started again: pure, with a generator that is handed in.
#ifndef SUPERVISE_BACKOFF_H
#define SUPERVISE_BACKOFF_H

#include "airssys/actor.h"
#include "base/random.h"

/// The delay before start number `attempt` (from 1) since the child was healthy. `backoff` is complete; INHERIT counts
/// as IMMEDIATE. `random` is used only where there is jitter.
uint32_t supervise_backoff_delay_ms(const airs_backoff *backoff, uint32_t attempt, base_random *random);

#endif
