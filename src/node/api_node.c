// SPDX-License-Identifier: MIT OR Apache-2.0
/// include/airssys/node.h, but for its requests (api_node_request.c).
#include "airssys/node.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/error.h"
#include "node/api_node.h"
#include "node/system.h"
#include "node/verbs.h"
#include "os/clock.h"

#define READY_TIMEOUT_MS 30000u

static airs_status refuse(airs_error *error, airs_status status)
{
    return base_error_set(error, status, "%s", airs_status_text(status));
}

bool api_node_is_inside(const airs_node *node)
{
    for (size_t i = 0; i < node->apps_count; i++) {
        airs_system *system = api_node_system(&node->apps[i]);
        if (system != NULL && system_is_worker(system))
            return true;
    }
    return false;
}

airs_system *api_node_system(const node_hosted *it)
{
    return base_atomic_load_acquire(&it->up) ? it->app.system : NULL;
}

// ---------------------------------------------------------------- making

static airs_status check_options(const airs_node_options *options, airs_error *error)
{
    if (options->state_dir != NULL && options->state_dir[0] == '\0')
        return base_error_set(error, AIRS_E_INVALID, "state_dir is empty");
    if (options->socket_dir != NULL && options->socket_dir[0] == '\0')
        return base_error_set(error, AIRS_E_INVALID, "socket_dir is empty");
    if (options->memory_max != 0 && options->memory_max < NODE_HOST_MEMORY_MIN)
        return base_error_set(error, AIRS_E_INVALID, "memory_max must be at least %u", NODE_HOST_MEMORY_MIN);
    if (options->instances_max > NODE_HOST_INSTANCES_MAX)
        return base_error_set(error, AIRS_E_INVALID, "instances_max must be at most %u", NODE_HOST_INSTANCES_MAX);
    if ((unsigned)options->log_level > AIRS_LOG_ERROR)
        return base_error_set(error, AIRS_E_INVALID, "log_level is none");
    return AIRS_OK;
}

/// A copy of a text of the options, which the node frees. False: no memory.
static bool keep(airs_node *node, const char **text)
{
    if (*text == NULL)
        return true;
    char *copy = base_strndup(base_allocator_default(), *text, strlen(*text));
    *text = copy;
    if (copy != NULL)
        node->texts[node->texts_count++] = copy;
    return copy != NULL;
}

/// The same of a path: the program may be in another folder when it is used.
static bool keep_path(airs_node *node, const char **path)
{
    char whole[PATH_MAX];
    char *folder = *path != NULL && **path != '\0' && **path != '/' ? getcwd(whole, sizeof whole) : NULL;
    if (folder == NULL)
        return keep(node, path);
    size_t size = strlen(folder) + strlen(*path) + 2;
    char *copy = base_alloc(base_allocator_default(), size);
    if (copy == NULL)
        return false;
    (void)snprintf(copy, size, "%s/%s", folder, *path);
    *path = node->texts[node->texts_count++] = copy;
    return true;
}

static airs_status take_options(airs_node *node, const airs_node_options *options, airs_error *error)
{
    node->log = options->log;
    node->log_user = options->log_user;
    node->log_level = options->log_level;
    node->event = options->event;
    node->event_user = options->event_user;
    node->cache_dir = options->cache_dir;
    node->compiler_path = options->compiler_path;
    node->sockets = options->sockets;
    node->down = api_node_down;
    node->socket_dir = options->socket_dir;
    node->limits = (node_host_limits){options->memory_max, options->instances_max, "memory_max", "instances_max"};
    node->ready_timeout_ms = options->ready_timeout_ms == 0 ? READY_TIMEOUT_MS : options->ready_timeout_ms;
    if (!keep_path(node, &node->cache_dir) || !keep_path(node, &node->compiler_path) ||
        !keep_path(node, &node->socket_dir))
        return base_error_set(error, AIRS_E_NOMEM, "no memory for the node");
    return AIRS_OK;
}

/// The folder may be named from where the program is now; later it may be elsewhere.
static airs_status take_state(airs_node *node, const char *folder, airs_error *error)
{
    airs_status status = node_state_make(folder, error);
    if (status != AIRS_OK)
        return status;
    char path[PATH_MAX];
    if (realpath(folder, path) == NULL)
        return base_error_errno(error, AIRS_E_IO, errno, "the state folder %s", folder);
    return node_host_take_state(node, path, error);
}

static void end(airs_node *node)
{
    for (size_t i = 0; i < node->texts_count; i++)
        base_free(base_allocator_default(), node->texts[i]);
    node_host_fini(node);
    base_free(base_allocator_default(), node);
}

airs_status airs_node_create(const airs_node_options *options, airs_node **ret_node, airs_error *error)
{
    static const airs_node_options defaults = {0};
    if (ret_node == NULL)
        return base_error_set(error, AIRS_E_INVALID, "ret_node is NULL");
    if (options == NULL)
        options = &defaults;
    airs_status status = check_options(options, error);
    if (status != AIRS_OK)
        return status;
    airs_node *node = base_alloc_zeroed(base_allocator_default(), sizeof *node);
    if (node == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for the node");
    status = node_host_init(node, error);
    if (status == AIRS_OK)
        status = take_options(node, options, error);
    if (status == AIRS_OK && options->state_dir != NULL)
        status = take_state(node, options->state_dir, error);
    if (status == AIRS_OK)
        *ret_node = node;
    else
        end(node);
    return status;
}

void airs_node_destroy(airs_node *node)
{
    if (node == NULL || api_node_is_inside(node))
        return;
    airs_node_stop(node);
    api_node_end_down(node);
    node_host_end(node);
    end(node);
}

// ---------------------------------------------------------------- its apps

static airs_status check_new(const airs_node *node, airs_error *error)
{
    return base_atomic_load_acquire(&node->phase) == NODE_HOST_NEW
               ? AIRS_OK
               : base_error_set(error, AIRS_E_INVALID, "the node was started already");
}

airs_status airs_node_add_app(airs_node *node, const char *path, airs_error *error)
{
    if (node == NULL || path == NULL)
        return refuse(error, AIRS_E_INVALID);
    airs_status status = check_new(node, error);
    if (status != AIRS_OK)
        return status;
    // Its components are loaded when it starts, and later: the program may be in another folder by then.
    char whole[PATH_MAX];
    return node_host_add(node, realpath(path, whole) != NULL ? whole : path, NULL, error);
}

airs_status airs_node_add_stored_apps(airs_node *node, airs_error *error)
{
    if (node == NULL)
        return refuse(error, AIRS_E_INVALID);
    airs_status status = check_new(node, error);
    return status == AIRS_OK ? node_host_add_stored(node, error) : status;
}

airs_status airs_node_forget_app(airs_node *node, const char *app, airs_error *error)
{
    if (node == NULL || app == NULL)
        return refuse(error, AIRS_E_INVALID);
    airs_status status = check_new(node, error);
    if (status != AIRS_OK)
        return status;
    if (node_host_find(node, app) != NULL)
        return base_error_set(error, AIRS_E_INVALID, "the app %s was added to the node", app);
    if (node->home.store == NULL)
        return base_error_set(error, AIRS_E_UNSUPPORTED, "the node keeps no state");
    return node_store_remove_app(node->home.store, app, error);
}

size_t airs_node_app_count(const airs_node *node)
{
    return node == NULL ? 0 : node->apps_count;
}

const char *airs_node_app_name(const airs_node *node, size_t place)
{
    return node == NULL || place >= node->apps_count ? NULL : node->apps[place].durable.app;
}

const char *airs_node_app_socket(const airs_node *node, const char *app)
{
    const node_hosted *it = node == NULL ? NULL : node_host_find(node, app);
    bool runs = it != NULL && base_atomic_load_acquire(&node->phase) == NODE_HOST_RUNNING;
    return runs ? node_hosted_socket(it) : "";
}

airs_system *airs_node_system(const airs_node *node, const char *app)
{
    const node_hosted *it = node == NULL ? NULL : node_host_find(node, app);
    node_host_phase phase = it == NULL ? NODE_HOST_NEW : base_atomic_load_acquire(&node->phase);
    return phase == NODE_HOST_RUNNING || phase == NODE_HOST_STOPPED ? api_node_system(it) : NULL;
}

// ---------------------------------------------------------------- up and down

/// The first actor that is not ready, and why not.
static airs_status say_not_ready(const node_hosted *it, uint32_t timeout_ms, airs_error *error)
{
    airs_actor_info info = {.name = ""};
    bool found = false;
    size_t count = 0;
    airs_actor_id *ids = node_list_actors(it->app.system, &count);
    for (size_t i = 0; ids != NULL && i < count && !found; i++)
        found = !airs_actor_is_ready(it->app.system, ids[i]) &&
                airs_actor_get_info(it->app.system, ids[i], &info) == AIRS_OK && info.kind != AIRS_KIND_SUPERVISOR;
    base_free(base_allocator_default(), ids);
    if (!found)
        return base_error_set(error, AIRS_E_TIMEOUT, "not ready within %" PRIu32 " ms", timeout_ms);
    const char *between = info.last_failure[0] != '\0' ? ", its last failure: " : "";
    return base_error_set(error, AIRS_E_TIMEOUT, "not ready within %" PRIu32 " ms: the actor %s is %s%s%s", timeout_ms,
                          info.name, airs_actor_state_name(info.state), between, info.last_failure);
}

static airs_status wait_until_ready(const node_hosted *it, airs_error *error)
{
    uint32_t timeout_ms = it->node->ready_timeout_ms;
    airs_error why = {0};
    if (!node_hosted_wait_ready(it, timeout_ms))
        return say_not_ready(it, timeout_ms, error);
    if (airs_system_wait(it->app.system, 0, &why) != AIRS_FINISH_FAILED)
        return AIRS_OK;
    return base_error_set(error, AIRS_E_FAILED, "the app has failed: %s", why.text);
}

/// Says in the log what the state folder forgets.
static void say_replaced(const node_hosted *it)
{
    const airs_node *node = it->node;
    const airs_log_record record = {
        .level = AIRS_LOG_INFO,
        .time_ns = os_clock_wall_ns(),
        .actor = "",
        .source = "runtime",
        .text = "the app is not the one of before: what was deployed and granted to that is forgotten",
        .version = "",
        .message_id = ""};
    if (it->boot.replaces && node->log != NULL && node->log_level <= AIRS_LOG_INFO)
        node->log(node->log_user, it->durable.app, &record);
}

static airs_status start(airs_node *node, airs_error *error)
{
    airs_status status = node_host_share(node, &node->limits, error);
    if (status != AIRS_OK)
        return status;
    const node_hosted *it = NULL;
    for (size_t i = 0; status == AIRS_OK && i < node->apps_count; i++) {
        it = &node->apps[i];
        status = node_hosted_listen(&node->apps[i], error);
        if (status == AIRS_OK && i == 0 && node->sockets && node->home.lock >= 0)
            status = node_home_tell_socket(&node->home, node_hosted_socket(it), error);
    }
    for (size_t i = 0; status == AIRS_OK && i < node->apps_count; i++) {
        it = &node->apps[i];
        status = node_hosted_start(&node->apps[i], error);
    }
    for (size_t i = 0; status == AIRS_OK && i < node->apps_count; i++) {
        it = &node->apps[i];
        status = wait_until_ready(it, error);
    }
    if (status == AIRS_OK)
        status = node_host_serve(node, &it, error);
    for (size_t i = 0; status == AIRS_OK && i < node->apps_count; i++)
        say_replaced(&node->apps[i]);
    if (status != AIRS_OK)
        base_error_prefix(error, "%s", it->durable.app);
    return status;
}

airs_status airs_node_start(airs_node *node, airs_error *error)
{
    if (node == NULL)
        return refuse(error, AIRS_E_INVALID);
    airs_status status = check_new(node, error);
    if (status != AIRS_OK)
        return status;
    if (node->apps_count == 0)
        return base_error_set(error, AIRS_E_INVALID, "the node has no app");
    airs_error why = {0};
    status = start(node, &why);
    // Another thread may be about to find out that it can't ask: the systems stay until the node is destroyed.
    if (status != AIRS_OK)
        node_host_stop(node);
    base_atomic_store_release(&node->phase, status == AIRS_OK ? NODE_HOST_RUNNING : NODE_HOST_FAILED);
    os_event_set(&node->start_over);
    return status == AIRS_OK ? AIRS_OK : base_error_set(error, status, "%s", why.text);
}

/// The apps have ended, but not by themselves: because the node was told to stop, or else by the program.
static airs_finish wait_for_down(airs_node *node, uint64_t deadline_ns)
{
    bool down = api_node_down_asked(node) && os_event_wait(&node->down_over, deadline_ns);
    return down ? AIRS_FINISH_STOPPED : AIRS_FINISH_RUNNING;
}

airs_finish airs_node_wait(airs_node *node, uint32_t timeout_ms, airs_error *error)
{
    if (node == NULL || node->apps_count == 0)
        return AIRS_FINISH_RUNNING;
    uint64_t deadline_ns = os_deadline_ms(os_clock_now_ns(), api_node_is_inside(node) ? 0 : timeout_ms);
    airs_finish finish = AIRS_FINISH_DONE;
    for (size_t i = 0; i < node->apps_count; i++) {
        const node_hosted *it = &node->apps[i];
        airs_error why = {0};
        uint64_t now_ns = os_clock_now_ns();
        uint64_t left_ms = deadline_ns > now_ns ? (deadline_ns - now_ns - 1) / 1000000 + 1 : 0;
        airs_finish of_app = airs_system_wait(api_node_system(it), (uint32_t)left_ms, &why);
        if (of_app == AIRS_FINISH_RUNNING)
            return wait_for_down(node, deadline_ns);
        if (of_app == AIRS_FINISH_FAILED && finish == AIRS_FINISH_DONE) {
            finish = AIRS_FINISH_FAILED;
            base_error_set(error, AIRS_E_FAILED, "%s: %s", it->durable.app, why.text);
        }
    }
    return finish;
}

void airs_node_stop(airs_node *node)
{
    if (node == NULL || api_node_is_inside(node))
        return;
    node_host_phase running = NODE_HOST_RUNNING;
    (void)base_atomic_cas_acq_rel(&node->phase, &running, NODE_HOST_STOPPED);
    node_host_stop(node);
}
