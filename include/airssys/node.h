// SPDX-License-Identifier: MIT OR Apache-2.0
/// A node: apps of manifests, each a system of its own, and a state folder that brings them back as they were.
///
/// It is what `airssys up` runs, inside the program: the same apps, the same state folder, the same requests. What was
/// deployed, granted, revoked, stopped, removed and scaled through `airs_node_request` is in the state folder before it
/// is answered for, and is there again when another node is started with that folder, by this program or by `airssys
/// up`. A process may have several nodes; one uses a state folder at a time.
///
///     airs_node_create
///     airs_node_add_app …, airs_node_add_stored_apps
///     airs_node_start
///     airs_node_request, airs_node_follow, airs_node_system …
///     airs_node_stop
///     airs_node_destroy
///
/// Names of actors of one app are seen by another as `app/name` (airssys/bridge.h). What a node does to the process is
/// what its systems do (airssys/system.h), and for each app two threads or more that answer requests. It installs no
/// handlers for signals that end a process, and writes to no standard stream.
///
/// A process that is forked from the program has none of its threads: it may only call `exec`, or end with `_exit`. It
/// does not hold the state folder, the audit logs, or the sockets of a node that has been destroyed here.
///
/// `airssys down` stops a node in a program, and not the program: one with sockets, found by its app, its socket or
/// its state folder. `airs_node_wait` gives AIRS_FINISH_STOPPED then, and the program destroys the node. One without
/// sockets it can't reach, and says so.
#ifndef AIRSSYS_NODE_H
#define AIRSSYS_NODE_H

#include "airssys/system.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Apps of one node.
#define AIRS_NODE_APPS_MAX 64

typedef struct airs_node airs_node;

/// An `airs_log_fn` that is told of which app the line is. The same rules hold.
typedef void (*airs_node_log_fn)(void *user, const char *app, const airs_log_record *record);

/// An `airs_event_fn` that is told of which app the event is. The same rules hold.
typedef void (*airs_node_event_fn)(void *user, const char *app, const airs_event *event);

/// How to make a node; all zero (or NULL) gives the defaults behind each. All texts are copied; a
/// path is looked for from where the program is now.
typedef struct airs_node_options {
    /// The state folder, made when it is missing; NULL: nothing is kept, there is no audit log, and what needs a state
    /// folder (`deploy_app`, a component by its hash) is refused.
    const char *state_dir;
    /// Whether each app is reached by other processes too (`airssys ps`…), at a socket DIR/APP.sock, and its metrics at
    /// the port of `[node] metrics` in its manifest; false: it listens nowhere. They answer once all apps are ready.
    bool sockets;
    /// DIR, made when it is missing (0700); NULL: where `airssys` looks, $XDG_RUNTIME_DIR/airssys or /tmp/airssys-UID.
    const char *socket_dir;
    /// Bytes of memory of the components of all apps together, at least 65,536; 0: as each app says. Those that say
    /// what they need in [node] of their manifests get that, the others equal parts of the rest.
    uint64_t memory_max;
    /// Component instances of all apps together, at most 1,000,000, in the same way.
    uint32_t instances_max;
    /// How long `airs_node_start` waits until an app that has started is ready; 30,000 ms.
    uint32_t ready_timeout_ms;
    /// NULL: no log. Lines below `log_level` are not made, also not for the request `logs`.
    airs_node_log_fn log;
    void *log_user;
    airs_log_level log_level;
    /// NULL: nobody is told of events; those who ask for them (`events`) are.
    airs_node_event_fn event;
    void *event_user;
    /// A folder for compiled code, as of airs_system_options; NULL: the one of `airssys`, $XDG_CACHE_HOME/airssys or
    /// ~/.cache/airssys. "": compiled each time.
    const char *cache_dir;
    /// As of airs_system_options.
    const char *compiler_path;
} airs_node_options;

/// Makes a node without apps, and takes its state folder. `options` may be NULL.
/// Errors: E_INVALID an option is out of its range; of the state folder E_TAKEN another node uses it, the text has its
/// process; E_UNSUPPORTED it is of a newer format; E_TOO_LARGE its path is; E_IO. E_NOMEM.
/// Thread: any; ended with `airs_node_destroy`.
AIRS_API AIRS_NODISCARD airs_status airs_node_create(const airs_node_options *options, airs_node **ret_node,
                                                     airs_error *error);

/// Adds an app: a folder with an airssys.toml, a manifest, or a component (.wasm), which is then its only actor. One
/// that the state folder has counts as the same as long as its manifest and its components are; else it replaces that
/// one, without what was deployed and granted to it, once it has started.
/// Errors: E_NOT_FOUND there is no such file; E_MANIFEST it has a fault, the text says where; E_COMPONENT; E_TAKEN the
///         node has an app of this name; E_LIMIT it has AIRS_NODE_APPS_MAX; E_INVALID it was started already; E_IO;
///         E_TOO_LARGE the path is, or a file of it; E_NOMEM. The node is as it was.
/// Thread: any, one at a time, as of all functions up to `airs_node_start`.
AIRS_API AIRS_NODISCARD airs_status airs_node_add_app(airs_node *node, const char *path, airs_error *error);

/// Adds the apps of the state folder that were not added yet; none without one.
/// Errors: E_LIMIT; E_INVALID it was started already; E_IO, E_MANIFEST something of the folder is damaged; E_NOMEM.
/// Those before the one that fails have been added.
AIRS_API AIRS_NODISCARD airs_status airs_node_add_stored_apps(airs_node *node, airs_error *error);

/// Takes an app out of the state folder, with what was deployed and granted to it. Its audit log stays.
/// Errors: E_NOT_FOUND the folder has none of this name; E_UNSUPPORTED the node keeps no state; E_INVALID the app was
///         added, or the node was started; E_IO.
AIRS_API AIRS_NODISCARD airs_status airs_node_forget_app(airs_node *node, const char *app, airs_error *error);

/// Starts the apps in the order in which they were added, and waits until all of them are ready, or are done by
/// themselves; that can't be ended before. When one is not, all are stopped again, the state folder is as it was, and
/// the node can only be destroyed.
/// Errors: the text begins with the app: what starting its actors says, E_MANIFEST, E_COMPONENT, E_DENIED, E_IO…;
///         E_TIMEOUT it is not ready within `ready_timeout_ms`; E_FAILED it has failed meanwhile; E_TAKEN another node
///         listens at its socket, or at its port for metrics, or another system writes its audit log; E_INVALID the
///         path of its socket is too long, or there is something that is no socket. E_INVALID the node has no app, or
///         was started already; E_LIMIT `memory_max` or `instances_max` is too little for its apps.
AIRS_API AIRS_NODISCARD airs_status airs_node_start(airs_node *node, airs_error *error);

/// Waits until all apps have ended by themselves, at most `timeout_ms` (0: only looks). AIRS_FINISH_FAILED: at least
/// one has failed, and `error` says which, and why. AIRS_FINISH_STOPPED: the node was told to stop, by `airssys down`
/// or the request `down`, and has. Stopping it from the program is no end by itself: AIRS_FINISH_RUNNING also
/// afterwards; `airs_system_wait` tells of one app. Thread: any, once it was started; inside a handler it only looks.
AIRS_API airs_finish airs_node_wait(airs_node *node, uint32_t timeout_ms, airs_error *error);

/// Stops the apps, the one that was added last first, as `airs_system_stop` does: each actor within its stop timeout.
/// Requests under way are answered, sockets are removed. May be called again, and by several threads: each waits. The
/// state folder stays the node's. NULL is allowed. Thread: any, but not while `airs_node_start` is under way; inside a
/// handler it does nothing.
AIRS_API void airs_node_stop(airs_node *node);

/// Stops, frees everything, and gives the state folder back. NULL is allowed. Components that were loaded into its
/// systems must have been released. Thread: any; inside a handler it does nothing. No other call may be under way.
AIRS_API void airs_node_destroy(airs_node *node);

/// How many apps were added. Thread: any, but not while one is added, as of the next three.
AIRS_API size_t airs_node_app_count(const airs_node *node);

/// The name of the app at a place, in the order in which they were added. Borrowed from the node; NULL: there is none.
AIRS_API const char *airs_node_app_name(const airs_node *node, size_t place);

/// Where an app listens; "" when it does not, or there is no such app. `app` may be NULL when there is only one.
/// Borrowed from the node.
AIRS_API const char *airs_node_app_socket(const airs_node *node, const char *app);

/// The system of an app, once `airs_node_start` has given AIRS_OK, until the node is destroyed: to send and to ask, to
/// look, to spawn native actors beside those of the manifest, to wait for its end. NULL: there is no such app, or the
/// node did not start. `app` may be NULL when there is only one. Borrowed: only the node stops and destroys it, and
/// says who is told of its events (`airs_system_on_event` is not for it).
///
/// What is done to the system itself is not written down: after `airs_deploy`, `airs_rollback`, `airs_promote`,
/// `airs_grant_add`, `airs_grant_revoke`, `airs_bridge_expose`, `airs_spawn_…` and `airs_stop` the next start of the
/// node knows nothing of it. `airs_node_request` is the durable way: `deploy`, `rollback`, `promote`, `grant`,
/// `revoke`, `expose`, `hide`, `spawn`, `scale`, `stop`, `start` and `rm`.
AIRS_API airs_system *airs_node_system(const airs_node *node, const char *app);

/// Does what a request of docs/reference/node-protocol.md asks for, as for a client of the socket, and waits until it
/// is done, as long as that takes: `{"verb": "deploy", "actor": "ada", "component": "/srv/ada-2.wasm"}`. Needs no
/// socket, no `hello` and no `id`. `app` may be NULL when there is only one.
/// Owns:   `ret_result` is the caller's: the `result` as JSON, `{}` where there is none, with a NUL behind its bytes.
///         It may be NULL: nobody wants it.
/// Errors: those of the verb, with its text; E_INVALID it is no JSON object, or has no verb; E_NOT_FOUND there is no
///         such app, or no such verb; E_TOO_LARGE it is over 12 MiB; E_UNSUPPORTED it is answered by a stream
///         (`airs_node_follow`); E_LIMIT 64 requests of the program are under way to that app; E_STOPPING the node was
///         not started, or has stopped; E_IO; E_NOMEM.
/// Thread: any; inside a handler of one of its actors E_WOULD_BLOCK.
AIRS_API AIRS_NODISCARD airs_status airs_node_request(airs_node *node, const char *app, const char *request,
                                                      airs_buffer *ret_result, airs_error *error);

/// Is told each line of a stream as JSON, without its id: `{"number": 17, "event": {…}}`, or how many were
/// `{"missed": 12}`. Borrowed. With NULL it is asked, while nothing comes, about each 100 ms. False ends the stream.
typedef bool (*airs_node_line_fn)(void *user, const char *line);

/// The same for a request that is answered by a stream: `events`, `logs`, `subscribe`. Tells `fn` of each line, on this
/// thread, until the node says that it was the last (without `follow` when all that is kept was told, with it when the
/// node stops) or `fn` gives false, which are both AIRS_OK. `fn` may call the library. When it takes too long it finds
/// lines `missed`; past 10 s the stream is cut.
/// Errors: as of `airs_node_request`, but for E_UNSUPPORTED: an answer that is no stream is dropped. E_IO it was cut.
/// Thread: as `airs_node_request`.
AIRS_API AIRS_NODISCARD airs_status airs_node_follow(airs_node *node, const char *app, const char *request,
                                                     airs_node_line_fn fn, void *user, airs_error *error);

// ---------------------------------------------------------------- a state folder, without a node

/// A component as a state folder keeps it.
typedef struct airs_state_component {
    /// The BLAKE2b-256 of its bytes in 64 digits, of which 8 name it, where no other begins with them.
    char hash[65];
    /// Its own name and version; "" where it has none.
    char name[129];
    char version[33];
    /// Bytes of its file.
    uint64_t size;
    /// The folder had it already.
    bool known;
} airs_state_component;

/// Keeps a component (.wasm, at most 64 MiB) in a state folder, once by its content, to be deployed by its hash:
/// `{"verb": "deploy", "actor": "ada", "component": "1b4f0e98"}`. The folder is made when it is missing. What the
/// component needs is looked at when it is deployed. `state_dir` may be NULL: the folder of `airssys up`,
/// $XDG_STATE_HOME/airssys/node or ~/.local/state/airssys/node; of a path that is not absolute it is looked for from
/// where the program is now. `ret_component` may be NULL.
/// Errors: E_NOT_FOUND there is no such file; E_COMPONENT it is none; E_TOO_LARGE it is, or a path; E_UNSUPPORTED the
///         folder is of a newer format; E_INVALID; E_IO; E_NOMEM.
/// Thread: any, also while a node of this program or of another uses the folder. It waits for the disk: not for a
///         handler. So it is of the next.
AIRS_API AIRS_NODISCARD airs_status airs_state_add_component(const char *state_dir, const char *path,
                                                             airs_state_component *ret_component, airs_error *error);

typedef struct airs_state_pruned {
    /// Components that were removed, and the bytes of their files.
    uint32_t count;
    uint64_t bytes;
} airs_state_pruned;

/// Removes the components of a state folder that no app is made of, and to which nothing can be rolled back, but for
/// the `keep` newest of them, and those that were added within the last hour. A node does so by itself after each
/// deployment, with 32 to keep. `state_dir` as above; `ret_pruned` may be NULL.
/// Errors: E_NOT_FOUND the folder has no state of a node; E_TAKEN a deployment is under way; E_UNSUPPORTED it is of a
///         newer format; E_INVALID; E_TOO_LARGE; E_IO some may have been removed; E_NOMEM.
AIRS_API AIRS_NODISCARD airs_status airs_state_prune(const char *state_dir, uint32_t keep,
                                                     airs_state_pruned *ret_pruned, airs_error *error);

#ifdef __cplusplus
}
#endif

#endif
