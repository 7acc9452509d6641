// SPDX-License-Identifier: MIT OR Apache-2.0
/// The requests of include/airssys/node.h: each is a client of the app's server, within the process.
#include <cjson/cJSON.h>
#include <string.h>

#include "airssys/node.h"
#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/nearest.h"
#include "node/api_node.h"
#include "node/client.h"
#include "node/protocol.h"
#include "os/clock.h"

// How often who follows a stream is asked whether it still wants to, while nothing comes.
#define ASK_MS 100

static airs_status refuse(airs_error *error, airs_status status)
{
    return base_error_set(error, status, "%s", airs_status_text(status));
}

static airs_status no_such_app(const airs_node *node, const char *app, airs_error *error)
{
    if (app == NULL)
        return base_error_set(error, AIRS_E_INVALID, "the node has %zu apps: say which", node->apps_count);
    base_nearest nearest;
    base_nearest_init(&nearest, app);
    for (size_t i = 0; i < node->apps_count; i++)
        base_nearest_try(&nearest, node->apps[i].durable.app);
    const char *best = base_nearest_best(&nearest);
    if (best != NULL)
        return base_error_set(error, AIRS_E_NOT_FOUND, "the node has no app named %s: did you mean %s?", app, best);
    return base_error_set(error, AIRS_E_NOT_FOUND, "the node has no app named %s", app);
}

/// The keys of a request, without those that are the client's to set, and its verb. Both the caller's.
static airs_status read_request(const char *text, cJSON **ret_keys, cJSON **ret_verb, airs_error *error)
{
    airs_error why = {0};
    cJSON *keys = NULL;
    // As it is given: it may be shorter once it is printed anew.
    if (strnlen(text, NODE_LINE_MAX + 1) > NODE_LINE_MAX)
        return base_error_set(error, AIRS_E_TOO_LARGE, "the request: it is at most %u bytes", NODE_LINE_MAX);
    airs_status status = node_object_parse(base_bytes_of(text), &keys, &why);
    if (status != AIRS_OK)
        return base_error_set(error, status, "the request: %s", why.text);
    cJSON *verb = cJSON_DetachItemFromObjectCaseSensitive(keys, "verb");
    while (cJSON_GetObjectItemCaseSensitive(keys, "id") != NULL)
        cJSON_DeleteItemFromObjectCaseSensitive(keys, "id");
    if (cJSON_IsString(verb) && cJSON_GetObjectItemCaseSensitive(keys, "verb") == NULL) {
        *ret_keys = keys;
        *ret_verb = verb;
        return AIRS_OK;
    }
    cJSON_Delete(verb);
    cJSON_Delete(keys);
    return base_error_set(error, AIRS_E_INVALID, "the request: `verb` must be there once, and a text");
}

static airs_status check(const airs_node *node, airs_error *error)
{
    node_host_phase phase = base_atomic_load_acquire(&node->phase);
    if (phase == NODE_HOST_NEW)
        return base_error_set(error, AIRS_E_STOPPING, "the node was not started");
    if (api_node_is_inside(node))
        return refuse(error, AIRS_E_WOULD_BLOCK);
    return phase == NODE_HOST_RUNNING ? AIRS_OK : base_error_set(error, AIRS_E_STOPPING, "the node has stopped");
}

static airs_status connect_locked(node_hosted *it, int *ret_fd, airs_error *error)
{
    if (it->server == NULL)
        return base_error_set(error, AIRS_E_STOPPING, "the node has stopped");
    if (it->requests >= NODE_HOST_REQUESTS_MAX)
        return base_error_set(error, AIRS_E_LIMIT, "%d requests of this program are under way already",
                              NODE_HOST_REQUESTS_MAX);
    airs_status status = node_server_connect(it->server, ret_fd, error);
    if (status == AIRS_OK)
        it->requests++;
    return status;
}

/// Takes one of the places for requests. On success ended with `disconnect`.
static airs_status connect_to(airs_node *node, node_hosted *it, node_client *client, airs_error *error)
{
    int fd = -1;
    os_mutex_lock(&node->lock);
    airs_status status = connect_locked(it, &fd, error);
    os_mutex_unlock(&node->lock);
    if (status == AIRS_OK)
        node_client_take(client, fd);
    return status;
}

static void disconnect(airs_node *node, node_hosted *it, node_client *client)
{
    node_client_close(client);
    os_mutex_lock(&node->lock);
    it->requests--;
    os_mutex_unlock(&node->lock);
}

static airs_status exchange(airs_node *node, const char *app, const char *request, node_line_fn fn, void *user,
                            cJSON **ret_result, airs_error *error)
{
    node_client client;
    cJSON *keys = NULL;
    cJSON *verb = NULL;
    airs_status status = check(node, error);
    if (status == AIRS_OK)
        status = read_request(request, &keys, &verb, error);
    if (status != AIRS_OK)
        return status;
    node_hosted *it = node_host_find(node, app);
    status = it != NULL ? connect_to(node, it, &client, error) : no_such_app(node, app, error);
    if (status != AIRS_OK) {
        cJSON_Delete(keys);
        cJSON_Delete(verb);
        return status;
    }
    airs_error why = {0};
    status = node_client_exchange(&client, verb->valuestring, keys, ASK_MS, fn, user, ret_result, &why);
    bool stopped = status != AIRS_OK && base_atomic_load_acquire(&node->phase) == NODE_HOST_STOPPED;
    bool cut = client.ended;
    disconnect(node, it, &client);
    cJSON_Delete(verb);
    if (stopped && cut)
        return base_error_set(error, AIRS_E_STOPPING, "the node has stopped");
    // Whatever an actor that ends meanwhile makes of it.
    if (stopped)
        return base_error_set(error, AIRS_E_STOPPING, "the node has stopped: %s", why.text);
    return status == AIRS_OK ? AIRS_OK : base_error_set(error, status, "%s", why.text);
}

/// As JSON, with a NUL behind it; without a result an empty object.
static airs_status print(const cJSON *result, airs_buffer *ret_text, airs_error *error)
{
    char *text = result != NULL ? cJSON_PrintUnformatted(result) : NULL;
    const char *said = result != NULL ? text : "{}";
    size_t len = said != NULL ? strlen(said) : 0;
    uint8_t *copy = said != NULL ? base_alloc(base_allocator_default(), len + 1) : NULL;
    if (copy != NULL) {
        memcpy(copy, said, len + 1);
        *ret_text = base_buffer_adopt(base_allocator_default(), copy, len);
    }
    cJSON_free(text);
    return copy != NULL ? AIRS_OK : base_error_set(error, AIRS_E_NOMEM, "no memory for the result");
}

airs_status airs_node_request(airs_node *node, const char *app, const char *request, airs_buffer *ret_result,
                              airs_error *error)
{
    if (node == NULL || request == NULL)
        return refuse(error, AIRS_E_INVALID);
    cJSON *result = NULL;
    airs_status status = exchange(node, app, request, NULL, NULL, &result, error);
    if (status == AIRS_OK && ret_result != NULL)
        status = print(result, ret_result, error);
    cJSON_Delete(result);
    return status;
}

typedef struct follower {
    airs_node_line_fn fn;
    void *user;
    /// There was no memory for a line.
    bool cut;
} follower;

static bool tell_line(void *user, cJSON *line)
{
    follower *it = user;
    if (line == NULL)
        return it->fn(it->user, NULL);
    char *text = cJSON_PrintUnformatted(line);
    it->cut = text == NULL;
    bool more = text != NULL && it->fn(it->user, text);
    cJSON_free(text);
    return more;
}

airs_status airs_node_follow(airs_node *node, const char *app, const char *request, airs_node_line_fn fn, void *user,
                             airs_error *error)
{
    if (node == NULL || request == NULL || fn == NULL)
        return refuse(error, AIRS_E_INVALID);
    cJSON *result = NULL;
    follower it = {.fn = fn, .user = user};
    airs_status status = exchange(node, app, request, tell_line, &it, &result, error);
    cJSON_Delete(result);
    if (status == AIRS_OK && it.cut)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for a line");
    return status;
}
