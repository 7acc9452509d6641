// SPDX-License-Identifier: MIT OR Apache-2.0
/// A node of this process (node/host.h) with a terminal or a log file, a service manager, and signals that end it.
/// `airssys run` and `airssys up` are both this.
#ifndef AIRS_CLI_HOST_H
#define AIRS_CLI_HOST_H

#include "cli/args.h"
#include "cli/journal.h"

#include "node/host.h"

/// What there is to say of an app.
typedef struct cli_host_app {
    /// How often in a row the tree was not ready when it was looked at, up to LOOKS_MISSED_MAX.
    uint32_t looks_missed;
    /// How it has ended; AIRS_FINISH_RUNNING: it was told to, or runs.
    airs_finish finish;
    airs_error end;
} cli_host_app;

typedef struct cli_host {
    cli_journal journal;
    airs_node node;
    /// In the order of the node's.
    cli_host_app *apps;
    uint64_t started_ns;
    /// How long it may take to become ready before that is said; READY_MS when 0.
    uint32_t ready_ms;
    /// Told once, when all apps have started: whether they are ready, and if not, why not. May be NULL.
    void (*started)(void *user, bool ready, const char *why);
    void *user;
    /// What stdout is; NULL: whatever it is. Borrowed.
    cli_log_file *log;
    /// Sends WATCHDOG=1 each time that so many milliseconds have passed; 0: never.
    uint32_t watchdog_ms;
    /// `airssys run --learn`; NULL: nothing is learned. Borrowed.
    struct cli_learn *learn;
    uint64_t watched_ns;
} cli_host;

/// A host of a node without apps; the flags name a socket, maybe. It stays where it is, ended with `cli_host_fini`,
/// also when it is refused. Errors: E_NOMEM.
AIRS_NODISCARD airs_status cli_host_init(cli_host *host, const cli_args *args, struct cli_learn *learn,
                                         airs_error *error);
void cli_host_fini(cli_host *host);

/// Holds back the signals that end a node: before anything else.
void cli_host_hold_signals(void);

/// Starts the apps, serves them until all have ended or a signal comes, and ends them. Prints what goes wrong.
cli_exit cli_host_run(cli_host *host);

/// The code for a node that does not come up, once the reason is printed.
cli_exit cli_host_refuse(airs_status status, const airs_error *error);

#endif
