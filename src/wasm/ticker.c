// SPDX-License-Identifier: MIT OR Apache-2.0
#include "wasm/ticker.h"

#include "os/clock.h"
#include "os/futex.h"

/// RESTING: nobody needs ticks. ASLEEP: the thread has seen that, and has to be woken.
enum {
    MODE_RUNNING,
    MODE_RESTING,
    MODE_ASLEEP,
    MODE_ENDED
};

static void tick(wasm_ticker *self)
{
    // A wait on a word that only changes at the end: a sleep that can be cut short.
    (void)os_futex_wait(&self->mode, MODE_RUNNING, os_deadline_ns(os_clock_now_ns(), WASM_TICK_NS));
    (void)base_atomic_fetch_add_relaxed(&self->ticks, 1u);
    engine_tick_all(self->machine);
}

static void run(void *user)
{
    wasm_ticker *self = user;
    for (;;) {
        uint32_t mode = base_atomic_load_acquire(&self->mode);
        if (mode == MODE_ENDED)
            return;
        if (mode == MODE_RUNNING)
            tick(self);
        else if (mode == MODE_ASLEEP || base_atomic_cas_acq_rel(&self->mode, &mode, (uint32_t)MODE_ASLEEP))
            (void)os_futex_wait(&self->mode, MODE_ASLEEP, OS_NEVER);
    }
}

airs_status wasm_ticker_start(wasm_ticker *ticker, engine *machine)
{
    ticker->machine = machine;
    base_atomic_init(&ticker->ticks, 0u);
    base_atomic_init(&ticker->mode, (uint32_t)MODE_RESTING);
    return os_thread_start(&ticker->thread, "airs-ticker", 0, run, ticker);
}

void wasm_ticker_stop(wasm_ticker *ticker)
{
    base_atomic_store_release(&ticker->mode, (uint32_t)MODE_ENDED);
    os_futex_wake(&ticker->mode, 1);
    os_thread_join(&ticker->thread);
}

/// Changes the mode unless the ticker is at its end; gives the mode from before.
static uint32_t change(wasm_ticker *ticker, uint32_t to)
{
    uint32_t mode = base_atomic_load_relaxed(&ticker->mode);
    while (mode != MODE_ENDED && !base_atomic_cas_weak_acq_rel(&ticker->mode, &mode, to))
        continue;
    return mode;
}

void wasm_ticker_run(wasm_ticker *ticker)
{
    if (change(ticker, MODE_RUNNING) == MODE_ASLEEP)
        os_futex_wake(&ticker->mode, 1);
}

void wasm_ticker_rest(wasm_ticker *ticker)
{
    // Not woken for that: it sees it at its next tick.
    (void)change(ticker, MODE_RESTING);
}
