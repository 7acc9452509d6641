// SPDX-License-Identifier: MIT OR Apache-2.0
/// Memory that readers without a lock may still look at: handed to somebody who knows when they have
/// gone on. The scheduler is that somebody (`sched_defer`); structures only know this interface.
#ifndef AIRS_BASE_RETIRE_H
#define AIRS_BASE_RETIRE_H

typedef struct base_retired base_retired;

/// Ends what `retired` is embedded in. No reader is left.
typedef void (*base_retired_fn)(base_retired *retired);

/// Embedded in what is retired.
struct base_retired {
    base_retired *next;
    base_retired_fn fn;
};

/// Takes what nobody can newly find any more, and calls `fn` once no reader can still hold it.
/// Never fails. Any thread.
typedef struct base_retirer {
    void (*retire)(void *user, base_retired *retired, base_retired_fn fn);
    void *user;
} base_retirer;

#endif
