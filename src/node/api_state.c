// SPDX-License-Identifier: MIT OR Apache-2.0
/// include/airssys/node.h: what is done to a state folder without a node.
#include <string.h>

#include "airssys/node.h"
#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "node/home.h"
#include "os/file.h"
#include "wasm/metadata.h"

#define COMPONENT_BYTES_MAX (64u << 20)

_Static_assert(sizeof((airs_state_component *)0)->hash == NODE_CONTENT_DIGITS + 1, "a hash in digits");
_Static_assert(sizeof((airs_state_component *)0)->name == sizeof((wasm_metadata *)0)->name, "the same text");
_Static_assert(sizeof((airs_state_component *)0)->version == sizeof((wasm_metadata *)0)->version, "the same text");

/// The folder that is meant; `path` is room for the one of the user.
static airs_status find_folder(const char **folder, char path[NODE_STATE_PATH_MAX], airs_error *error)
{
    if (*folder != NULL)
        return **folder != '\0' ? AIRS_OK : base_error_set(error, AIRS_E_INVALID, "state_dir is empty");
    *folder = path;
    return node_home_folder(path, error);
}

/// A component is a WebAssembly file of layer 1; what is in it is looked at when it is deployed.
static airs_status check(const char *path, airs_bytes wasm, airs_error *error)
{
    static const unsigned char magic[] = {0, 'a', 's', 'm'};
    if (wasm.len < 8 || memcmp(wasm.data, magic, sizeof magic) != 0)
        return base_error_set(error, AIRS_E_COMPONENT, "no WebAssembly: %s", path);
    if (wasm.data[6] != 1)
        return base_error_set(error, AIRS_E_COMPONENT, "a core module, not a component: %s", path);
    return AIRS_OK;
}

static airs_status add(const char *folder, airs_bytes wasm, airs_state_component *ret_component, airs_error *error)
{
    node_store *store = NULL;
    node_content content;
    bool known = false;
    airs_status status = node_state_make(folder, error);
    // A node may use the folder meanwhile: the database sees to it that one writes at a time.
    if (status == AIRS_OK)
        status = node_store_open(folder, &store, error);
    if (status == AIRS_OK)
        status = node_store_add(store, wasm, &content, &known, error);
    node_store_close(store);
    if (status != AIRS_OK || ret_component == NULL)
        return status;
    wasm_metadata about;
    wasm_metadata_read(wasm, &about);
    *ret_component = (airs_state_component){.size = wasm.len, .known = known};
    node_content_format(&content, ret_component->hash);
    base_text_copy(ret_component->name, sizeof ret_component->name, base_bytes_of(about.name));
    base_text_copy(ret_component->version, sizeof ret_component->version, base_bytes_of(about.version));
    return AIRS_OK;
}

airs_status airs_state_add_component(const char *state_dir, const char *path, airs_state_component *ret_component,
                                     airs_error *error)
{
    char folder[NODE_STATE_PATH_MAX];
    airs_buffer file = {0};
    if (path == NULL)
        return base_error_set(error, AIRS_E_INVALID, "path is NULL");
    airs_status status = find_folder(&state_dir, folder, error);
    if (status == AIRS_OK)
        status = os_file_read(base_allocator_default(), path, OS_FILE_REGULAR, COMPONENT_BYTES_MAX, &file, error);
    airs_bytes wasm = {file.data, file.len};
    if (status == AIRS_OK)
        status = check(path, wasm, error);
    if (status == AIRS_OK)
        status = add(state_dir, wasm, ret_component, error);
    airs_buffer_free(&file);
    return status;
}

airs_status airs_state_prune(const char *state_dir, uint32_t keep, airs_state_pruned *ret_pruned, airs_error *error)
{
    char folder[NODE_STATE_PATH_MAX];
    node_store *store = NULL;
    node_pruned pruned = {0};
    airs_status status = find_folder(&state_dir, folder, error);
    // A folder that no node has had is not made one.
    if (status == AIRS_OK && !node_store_is_there(state_dir))
        status = base_error_set(error, AIRS_E_NOT_FOUND, "no state of a node: %s", state_dir);
    if (status == AIRS_OK)
        status = node_store_open(state_dir, &store, error);
    if (status == AIRS_OK)
        status = node_store_prune(store, keep, &pruned, error);
    node_store_close(store);
    if (status == AIRS_OK && ret_pruned != NULL)
        *ret_pruned = (airs_state_pruned){pruned.count, pruned.bytes};
    return status;
}
