// SPDX-License-Identifier: MIT OR Apache-2.0
/// A node in this process: its state folder, its apps, the sockets at which they are reached, and its end.
///
/// Each app has a system and a socket of its own. Names of one are seen by another as `app/name` (airssys/bridge.h).
/// `airssys run` and `airssys up`
/// are both this.
#ifndef AIRS_CLI_HOST_H
#define AIRS_CLI_HOST_H

#include "cli/args.h"
#include "cli/journal.h"

#include "node/boot.h"
#include "node/durable.h"
#include "node/home.h"
#include "node/server.h"

#define CLI_HOST_APPS_MAX 64
/// The least that an app can be given: one page of WebAssembly.
#define CLI_HOST_MEMORY_MIN 65536u

typedef struct cli_host_app {
    struct cli_host *host;
    node_boot boot;
    /// Kept for `airssys events`.
    node_feed *events;
    /// Kept for `airssys logs`.
    node_feed *logs;
    node_app app;
    node_durable durable;
    node_socket socket;
    node_server *server;
    /// Its part of the state folder; "": it keeps nothing.
    char state[NODE_STATE_PATH_MAX];
    /// How often in a row the tree was not ready when it was looked at, up to LOOKS_MISSED_MAX.
    uint32_t looks_missed;
    /// How it has ended; AIRS_FINISH_RUNNING: it was told to, or runs.
    airs_finish finish;
    airs_error end;
    /// What there was to count, as it ended.
    airs_metrics metrics;
} cli_host_app;

typedef struct cli_host {
    /// Its flags name a socket, maybe.
    const cli_args *args;
    cli_journal journal;
    node_home home;
    /// Between the apps.
    airs_bridge *bridge;
    cli_host_app *apps;
    size_t apps_count;
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

/// A host without apps. On success ended with `cli_host_fini`.
/// Errors: E_NOMEM.
AIRS_NODISCARD airs_status cli_host_init(cli_host *host, const cli_args *args, airs_error *error);
void cli_host_fini(cli_host *host);

/// What all apps of the node may use together: those that say what they need in [node] of their manifests get that, the
/// others equal parts of the rest. 0: as each says. Once, behind the last app.
/// Errors: E_LIMIT it is not enough.
AIRS_NODISCARD airs_status cli_host_share(cli_host *host, uint64_t max_memory, uint32_t instances_max,
                                          airs_error *error);

/// Holds back the signals that end a node: before anything else.
void cli_host_hold_signals(void);

/// Whether the socket of an app is to be had. Errors: those of `node_socket_listen`.
AIRS_NODISCARD airs_status cli_host_check_socket(const cli_host *host, const char *app, airs_error *error);

/// Takes the state folder. Errors: those of `node_home_open`.
AIRS_NODISCARD airs_status cli_host_take_state(cli_host *host, const char *folder, airs_error *error);

/// Adds an app as it is given. `folder` is its part of the state folder where it is new; NULL: as it is named.
/// Errors: those of `node_boot_given`; E_TAKEN there is one of this name; E_LIMIT too many.
AIRS_NODISCARD airs_status cli_host_add(cli_host *host, const char *path, const char *folder, airs_error *error);

/// Adds the apps of the state folder that were not added yet. Errors: those of `node_boot_stored`.
AIRS_NODISCARD airs_status cli_host_add_stored(cli_host *host, airs_error *error);

/// Starts the apps, serves them until all have ended or a signal comes, and ends them. Prints what goes wrong.
cli_exit cli_host_run(cli_host *host);

/// The code for a node that does not come up, once the reason is printed.
cli_exit cli_host_refuse(airs_status status, const airs_error *error);

#endif
