// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/host.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "node/events.h"
#include "node/logs.h"
#include "node/system.h"
#include "os/clock.h"

#include <stdio.h>
#include <string.h>

// ---------------------------------------------------------------- what it is made of

airs_status node_host_init(airs_node *self, airs_error *error)
{
    *self = (airs_node){.home = {.lock = -1}, .stopping = PTHREAD_MUTEX_INITIALIZER};
    self->apps = base_alloc_zeroed(base_allocator_default(), AIRS_NODE_APPS_MAX * sizeof *self->apps);
    if (!self->apps)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for the node");
    airs_status status = airs_bridge_create(&self->bridge, error);
    if (status != AIRS_OK)
        node_host_fini(self);
    return status;
}

void node_host_fini(airs_node *self)
{
    for (size_t i = 0; i < self->apps_count; i++) {
        node_feed_destroy(self->apps[i].events);
        node_feed_destroy(self->apps[i].logs);
        node_boot_fini(&self->apps[i].boot);
        node_ends_fini(&self->apps[i].ends);
    }
    base_free(base_allocator_default(), self->apps);
    airs_bridge_destroy(self->bridge);
    node_home_close(&self->home);
    pthread_mutex_destroy(&self->stopping);
    *self = (airs_node){.home = {.lock = -1}};
}

airs_status node_host_take_state(airs_node *self, const char *folder, airs_error *error)
{
    return node_home_open(&self->home, folder, self->down != NULL, error);
}

node_hosted *node_host_find(const airs_node *self, const char *app)
{
    if (!app)
        return self->apps_count == 1 ? &self->apps[0] : NULL;
    for (size_t i = 0; i < self->apps_count; i++) {
        if (strcmp(self->apps[i].durable.app, app) == 0)
            return &self->apps[i];
    }
    return NULL;
}

/// Takes an app that was loaded into the next place.
static airs_status add(airs_node *self, node_boot *boot, airs_error *error)
{
    node_hosted *it = &self->apps[self->apps_count];
    *it = (node_hosted){.node = self, .socket = {.fd = -1}};
    const char *name = boot->manifest.name.text;
    if (node_host_find(self, name))
        return base_error_set(error, AIRS_E_TAKEN, "two apps have the name %s: %s", name, boot->manifest.document.path);
    const char *between = boot->folder[0] ? "/" : "";
    if (self->home.store && snprintf(it->state, sizeof it->state, "%s%s%s", self->home.folder, between, boot->folder) >=
                                (int)sizeof it->state)
        return base_error_set(error, AIRS_E_TOO_LARGE, "the path of the node's state is too long: %s",
                              self->home.folder);
    it->events = node_events_create();
    it->logs = node_logs_create();
    if (!it->events || !it->logs) {
        node_feed_destroy(it->events);
        node_feed_destroy(it->logs);
        return base_error_set(error, AIRS_E_NOMEM, "no memory for the node");
    }
    it->boot = *boot;
    node_ends_init(&it->ends);
    it->durable = (node_durable){.store = self->home.store, .ends = &it->ends};
    base_text_copy(it->durable.app, sizeof it->durable.app, base_bytes_of(name));
    self->apps_count++;
    return AIRS_OK;
}

static airs_status check_room(const airs_node *self, size_t more, airs_error *error)
{
    return self->apps_count + more <= AIRS_NODE_APPS_MAX
               ? AIRS_OK
               : base_error_set(error, AIRS_E_LIMIT, "a node has at most %d apps", AIRS_NODE_APPS_MAX);
}

airs_status node_host_add(airs_node *self, const char *path, const char *folder, airs_error *error)
{
    node_boot boot;
    airs_status status = check_room(self, 1, error);
    if (status == AIRS_OK)
        status = node_boot_given(&boot, self->home.store, path, folder, error);
    if (status != AIRS_OK)
        return status;
    status = add(self, &boot, error);
    if (status != AIRS_OK)
        node_boot_fini(&boot);
    return status;
}

typedef struct names {
    const airs_node *node;
    char found[AIRS_NODE_APPS_MAX][65];
    size_t count;
} names;

static airs_status note_name(void *user, const node_stored_app *app, airs_error *error)
{
    names *it = user;
    if (node_host_find(it->node, app->name))
        return AIRS_OK;
    airs_status status = check_room(it->node, it->count + 1, error);
    if (status == AIRS_OK)
        base_text_copy(it->found[it->count++], sizeof it->found[0], base_bytes_of(app->name));
    return status;
}

airs_status node_host_add_stored(airs_node *self, airs_error *error)
{
    names it = {.node = self};
    if (!self->home.store)
        return AIRS_OK;
    airs_status status = node_store_each_app(self->home.store, note_name, &it, error);
    for (size_t i = 0; status == AIRS_OK && i < it.count; i++) {
        node_boot boot;
        status = node_boot_stored(&boot, self->home.store, it.found[i], error);
        if (status != AIRS_OK)
            return status;
        status = add(self, &boot, error);
        if (status != AIRS_OK)
            node_boot_fini(&boot);
    }
    return status;
}

// ---------------------------------------------------------------- sockets

static airs_status find_socket(const airs_node *self, const char *app, node_socket_path *ret_path, airs_error *error)
{
    if (self->socket_dir)
        return node_socket_in_folder(self->socket_dir, app, ret_path, error);
    return node_socket_of_app(app, true, ret_path, error);
}

airs_status node_host_check_socket(const airs_node *self, const char *app, airs_error *error)
{
    const char *path = self->socket_path;
    node_socket_path of_app;
    node_socket taken = {.fd = -1};
    airs_status status = AIRS_OK;
    if (!path) {
        status = find_socket(self, app, &of_app, error);
        path = of_app.text;
    }
    if (status == AIRS_OK)
        status = node_socket_listen(path, &taken, error);
    node_socket_close(&taken);
    return status == AIRS_E_NOT_FOUND ? AIRS_E_IO : status;
}

airs_status node_hosted_listen(node_hosted *it, airs_error *error)
{
    const airs_node *node = it->node;
    const char *path = node->socket_path;
    node_socket_path of_app;
    airs_status status = AIRS_OK;
    if (!node->sockets || it->socket.fd >= 0)
        return AIRS_OK;
    if (path && node->apps_count > 1)
        return base_error_set(error, AIRS_E_INVALID, "one socket for %zu apps: each has one of its own: %s",
                              node->apps_count, path);
    if (!path) {
        status = find_socket(node, it->durable.app, &of_app, error);
        path = of_app.text;
    }
    return status == AIRS_OK ? node_socket_listen(path, &it->socket, error) : status;
}

const char *node_hosted_socket(const node_hosted *it)
{
    return it->socket.path.text;
}

// ---------------------------------------------------------------- up and down

static void on_log(void *user, const airs_log_record *record)
{
    node_hosted *it = user;
    if (it->node->log)
        it->node->log(it->node->log_user, it->durable.app, record);
    node_logs_put(it->logs, it->durable.app, record);
}

static void on_event(void *user, const airs_event *event)
{
    node_hosted *it = user;
    if (it->node->event)
        it->node->event(it->node->event_user, it->durable.app, event);
    node_events_on_event(it->events, event);
    if (event->kind == AIRS_EVENT_STOPPED && event->over && it->durable.store)
        node_ends_put(&it->ends, event->actor.raw);
}

/// Where compiled code is kept; NULL: nowhere.
static const char *cache_folder(const airs_node *self, char *path, size_t size)
{
    if (self->cache_dir)
        return self->cache_dir[0] ? self->cache_dir : NULL;
    return node_cache_folder(path, size) ? path : NULL;
}

static airs_status serve(node_hosted *it, airs_error *error)
{
    node_server_options options = {.system = it->app.system,
                                   .app = it->durable.app,
                                   .durable = &it->durable,
                                   .events = it->events,
                                   .logs = it->logs,
                                   .tree = &it->app,
                                   .held = true,
                                   .down = it->node->down,
                                   .down_user = it->node,
                                   .metrics = it->node->sockets ? it->boot.manifest.node.metrics.text : NULL};
    node_server *server;
    airs_status status = node_server_start(&options, &it->socket, &server, error);
    if (status != AIRS_OK)
        return status;
    os_mutex_lock(&it->node->lock);
    it->server = server;
    os_mutex_unlock(&it->node->lock);
    return AIRS_OK;
}

airs_status node_hosted_start(node_hosted *it, airs_error *error)
{
    char cache[PATH_MAX];
    const airs_node *node = it->node;
    node_app_options options = {.log = on_log,
                                .log_user = it,
                                .log_level = node->log_level,
                                .event = on_event,
                                .event_user = it,
                                .cache_dir = cache_folder(node, cache, sizeof cache),
                                .compiler_path = node->compiler_path,
                                .state_dir = it->state[0] ? it->state : NULL,
                                .bridge = node->bridge,
                                .learner = node->learner,
                                .absences = it->boot.absences,
                                .absences_count = it->boot.absences_count};
    airs_status status = node_app_start(&it->app, &it->boot.manifest, &options, error);
    if (status != AIRS_OK)
        return status;
    status = node_durable_resume(&it->durable, it->app.system, &it->boot, error);
    if (status == AIRS_OK)
        base_atomic_store_release(&it->up, true);
    else
        node_app_stop(&it->app);
    return status;
}

airs_status node_host_serve(airs_node *self, const node_hosted **ret_app, airs_error *error)
{
    airs_status status = AIRS_OK;
    for (size_t i = 0; status == AIRS_OK && i < self->apps_count; i++) {
        *ret_app = &self->apps[i];
        status = serve(&self->apps[i], error);
    }
    for (size_t i = 0; status == AIRS_OK && i < self->apps_count; i++) {
        *ret_app = &self->apps[i];
        status = node_boot_keep(&self->apps[i].boot, &self->apps[i].app, error);
    }
    for (size_t i = 0; status == AIRS_OK && i < self->apps_count; i++)
        node_server_release(self->apps[i].server);
    return status;
}

bool node_hosted_wait_ready(const node_hosted *it, uint32_t timeout_ms)
{
    uint64_t deadline_ns = os_deadline_ms(os_clock_now_ns(), timeout_ms);
    while (!airs_actor_is_ready(it->app.system, it->app.tree[0].id) &&
           airs_system_wait(it->app.system, 1, NULL) == AIRS_FINISH_RUNNING) {
        if (os_clock_now_ns() >= deadline_ns)
            return false;
    }
    return true;
}

static void stop(node_hosted *it)
{
    // That of one that is not served yet.
    node_socket_close(&it->socket);
    if (!base_atomic_load_acquire(&it->up) || it->stopped)
        return;
    it->stopped = true;
    airs_system_get_metrics(it->app.system, &it->metrics);
    // The system first: requests that still wait are then settled, and the server can say so to its clients.
    airs_system_stop(it->app.system);
    os_mutex_lock(&it->node->lock);
    node_server *server = it->server;
    it->server = NULL;
    os_mutex_unlock(&it->node->lock);
    node_server_stop(server);
    node_durable_forget_ended(&it->durable, it->app.system);
}

void node_host_stop(airs_node *self)
{
    pthread_mutex_lock(&self->stopping);
    for (size_t i = self->apps_count; i-- > 0;)
        stop(&self->apps[i]);
    pthread_mutex_unlock(&self->stopping);
}

void node_host_end(airs_node *self)
{
    for (size_t i = self->apps_count; i-- > 0;) {
        base_atomic_store_release(&self->apps[i].up, false);
        node_app_stop(&self->apps[i].app);
        node_socket_close(&self->apps[i].socket);
    }
}
