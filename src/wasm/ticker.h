// SPDX-License-Identifier: MIT OR Apache-2.0
/// The thread that gives running guests their time slices: every WASM_TICK_NS it advances the engine's
/// epoch, and each running guest then asks whether it may go on. It sleeps while no worker runs.
#ifndef WASM_TICKER_H
#define WASM_TICKER_H

#include "airssys/status.h"
#include "base/atomics.h"
#include "engine.h"
#include "os/thread.h"

#define WASM_TICK_NS 1000000u

typedef struct wasm_ticker {
    /// Ticks so far: a clock that costs one load. Stands still while no worker runs.
    BASE_ATOMIC(uint64_t) ticks;
    /// A wasm_ticker_mode; what the thread sleeps on.
    BASE_ATOMIC(uint32_t) mode;
    engine *machine;
    os_thread thread;
} wasm_ticker;

/// Starts the thread, asleep. Errors: E_LIMIT no more threads. `machine` must outlive it.
airs_status wasm_ticker_start(wasm_ticker *ticker, engine *machine);
/// Ends the thread. Only after a start that went well.
void wasm_ticker_stop(wasm_ticker *ticker);

/// Workers run, or all are parked. In turns, any thread; cheap when the mode is the same.
void wasm_ticker_run(wasm_ticker *ticker);
void wasm_ticker_rest(wasm_ticker *ticker);

#endif
