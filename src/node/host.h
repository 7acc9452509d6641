// SPDX-License-Identifier: MIT OR Apache-2.0
/// A node in this process: its state folder, its apps, the sockets at which they are reached, and its end.
///
/// Each app has a system, and a server that answers requests, with a socket of its own where that is wanted.
/// include/airssys/node.h is made of this, and so are `airssys run` and `airssys up`.
#ifndef NODE_HOST_H
#define NODE_HOST_H

#include "airssys/node.h"
#include "node/boot.h"
#include "node/durable.h"
#include "node/home.h"
#include "node/server.h"
#include "os/event.h"
#include "os/mutex.h"
#include "os/thread.h"

#include <pthread.h>

/// The least that an app can be given: one page of WebAssembly.
#define NODE_HOST_MEMORY_MIN 65536u
/// What a manifest may ask for.
#define NODE_HOST_INSTANCES_MAX 1000000u

typedef struct node_hosted {
    struct airs_node *node;
    node_boot boot;
    /// Kept for `events`.
    node_feed *events;
    /// Kept for `logs`.
    node_feed *logs;
    node_app app;
    node_durable durable;
    /// The app's, of `durable`.
    node_ends ends;
    node_socket socket;
    /// NULL: it does not run. Changed under the node's `lock`.
    node_server *server;
    /// Requests of this program to it that are under way (api_node_request.c). Under the node's `lock`.
    uint32_t requests;
    /// It has started, and its system is there.
    BASE_ATOMIC(bool) up;
    /// Under the node's `stopping`.
    bool stopped;
    /// Its part of the state folder; "": it keeps nothing.
    char state[NODE_STATE_PATH_MAX];
    /// What there was to count, as it ended.
    airs_metrics metrics;
} node_hosted;

/// What all apps of the node may use together: those that say what they need in [node] of their manifests get that, the
/// others equal parts of the rest. 0: as each says.
typedef struct node_host_limits {
    uint64_t memory_max;
    uint32_t instances_max;
    /// What errors call them.
    const char *memory_name;
    const char *instances_name;
} node_host_limits;

typedef enum node_host_phase {
    NODE_HOST_NEW,
    NODE_HOST_RUNNING,
    NODE_HOST_STOPPED,
    /// It did not come up: what has started is stopped, and stays until the node's end.
    NODE_HOST_FAILED,
} node_host_phase;

/// Requests of the program itself to an app at once.
#define NODE_HOST_REQUESTS_MAX 64

#define NODE_HOST_TEXTS_MAX 3

/// What of it is said from outside stands first; what a text points to is the user's.
struct airs_node {
    airs_node_log_fn log;
    void *log_user;
    airs_log_level log_level;
    airs_node_event_fn event;
    void *event_user;
    /// NULL: the user's. "": none.
    const char *cache_dir;
    const char *compiler_path;
    /// Whether apps have sockets; in this folder, NULL: the user's.
    bool sockets;
    const char *socket_dir;
    /// That of the only app; NULL: as above.
    const char *socket_path;
    /// Who learns what its actors would have to be granted; NULL: nobody.
    struct component_learner *learner;

    /// What `down` does, of a node in a program (api_node_down.c); NULL: such a request is refused.
    node_server_down_fn down;

    node_home home;
    /// Between the apps.
    airs_bridge *bridge;
    node_hosted *apps;
    size_t apps_count;
    /// Of who stops the node: the others wait.
    pthread_mutex_t stopping;
    /// Of `server` and `requests` of the apps.
    os_mutex lock;

    // Of a node of airs_node_create alone (api_node.c): its options, the texts being its own, and how far it is.
    node_host_limits limits;
    uint32_t ready_timeout_ms;
    char *texts[NODE_HOST_TEXTS_MAX];
    size_t texts_count;
    BASE_ATOMIC(node_host_phase) phase;
    /// `airs_node_start` is over.
    os_event start_over;
    // Of `down`: whether it was asked for, under the node's `lock`; the thread that stops the node then; and its end.
    bool down_asked;
    os_thread down_thread;
    os_event down_over;
};

/// A node without apps. On success ended with `node_host_fini`. Errors: E_NOMEM.
AIRS_NODISCARD airs_status node_host_init(airs_node *self, airs_error *error);
/// Its apps have ended. One that `node_host_init` has refused is allowed.
void node_host_fini(airs_node *self);

/// Takes the state folder. Errors: those of `node_home_open`.
AIRS_NODISCARD airs_status node_host_take_state(airs_node *self, const char *folder, airs_error *error);

/// Adds an app as it is given. `folder` is its part of the state folder where it is new; NULL: as it is named.
/// Errors: those of `node_boot_given`; E_TAKEN there is one of this name; E_LIMIT too many.
AIRS_NODISCARD airs_status node_host_add(airs_node *self, const char *path, const char *folder, airs_error *error);

/// Adds the apps of the state folder that were not added yet. Errors: those of `node_boot_stored`.
AIRS_NODISCARD airs_status node_host_add_stored(airs_node *self, airs_error *error);

/// The app of that name; NULL: the only one. NULL: there is none. Any thread.
node_hosted *node_host_find(const airs_node *self, const char *app);

/// Once, behind the last app. Errors: E_LIMIT it is not enough.
AIRS_NODISCARD airs_status node_host_share(airs_node *self, const node_host_limits *limits, airs_error *error);

/// Whether the socket of an app is to be had. Errors: those of `node_socket_listen`.
AIRS_NODISCARD airs_status node_host_check_socket(const airs_node *self, const char *app, airs_error *error);

/// Takes the app's socket before anything starts: two nodes of one app must not run side by side by accident. Nothing
/// where it has one, or no app has. Errors: those of `node_socket_listen`; E_INVALID one socket for several apps.
AIRS_NODISCARD airs_status node_hosted_listen(node_hosted *it, airs_error *error);

/// Starts the app, which is not served yet. Errors: those of `node_app_start` and `node_durable_resume`; it is stopped
/// again then.
AIRS_NODISCARD airs_status node_hosted_start(node_hosted *it, airs_error *error);

/// Once the last app has started: what is new to the state folder is kept there, and only then are requests answered.
/// An app that replaces one takes that one's deployments with it, which must not be for a node that does not come up.
/// `ret_app`, on an error: whose it is. Errors: those of `node_boot_keep` and `node_server_start`.
AIRS_NODISCARD airs_status node_host_serve(airs_node *self, const node_hosted **ret_app, airs_error *error);

/// Waits until the app is ready, which it is when all of its tree is. Each actor has been: one may be about to say so,
/// may have failed since, or the app may be done already, which is ready too. False: not within that time.
bool node_hosted_wait_ready(const node_hosted *it, uint32_t timeout_ms);

/// Where it listens, or is about to; "": nowhere. Borrowed.
const char *node_hosted_socket(const node_hosted *it);

/// Stops all apps, the last one first; their systems stay. Several threads: each waits.
void node_host_stop(airs_node *self);
/// Ends their systems, closes their sockets. They have been stopped, or were not started.
void node_host_end(airs_node *self);

#endif
