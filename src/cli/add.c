// SPDX-License-Identifier: MIT OR Apache-2.0
/// `airssys add`: a component into the state folder of a node.
#include "cli/host.h"
#include "cli/output.h"
#include "cli/remote.h"

#include "base/alloc.h"
#include "base/error.h"
#include "os/file.h"
#include "wasm/metadata.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#define COMPONENT_BYTES_MAX (64u << 20)

static airs_status find_folder(const cli_args *args, char path[NODE_STATE_PATH_MAX], const char **ret_folder,
                               airs_error *error)
{
    *ret_folder = cli_args_flag(args, "state-dir");
    if (*ret_folder)
        return AIRS_OK;
    *ret_folder = path;
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

static cli_exit show(const cli_args *args, const node_content *content, airs_bytes wasm, bool known)
{
    char digits[NODE_CONTENT_DIGITS + 1];
    wasm_metadata about;
    node_content_format(content, digits);
    wasm_metadata_read(wasm, &about);
    if (!cli_args_json(args)) {
        printf("%s  ", digits);
        cli_write_escaped(stdout, about.name, strlen(about.name));
        putchar(' ');
        cli_write_escaped(stdout, about.version, strlen(about.version));
        puts(known ? "  (was there already)" : "");
        return CLI_EXIT_OK;
    }
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "hash", digits);
    cJSON_AddStringToObject(json, "component", about.name);
    cJSON_AddStringToObject(json, "version", about.version);
    cJSON_AddNumberToObject(json, "size", (double)wasm.len);
    cJSON_AddBoolToObject(json, "known", known);
    return cli_write_json(json) ? CLI_EXIT_OK : CLI_EXIT_FAILURE;
}

static cli_exit add_run(const cli_args *args)
{
    char path[NODE_STATE_PATH_MAX];
    const char *folder;
    const char *name = cli_args_at(args, 0);
    airs_error error = {0};
    airs_buffer file = {0};
    node_store *store = NULL;
    node_content content;
    bool known = false;
    airs_status status =
        os_file_read(base_allocator_default(), name, OS_FILE_REGULAR, COMPONENT_BYTES_MAX, &file, &error);
    airs_bytes wasm = {file.data, file.len};
    if (status == AIRS_OK)
        status = check(name, wasm, &error);
    if (status == AIRS_OK)
        status = find_folder(args, path, &folder, &error);
    if (status == AIRS_OK)
        status = node_state_make(folder, &error);
    // A node may use the folder meanwhile: the database sees to it that one writes at a time.
    if (status == AIRS_OK)
        status = node_store_open(folder, &store, &error);
    if (status == AIRS_OK)
        status = node_store_add(store, wasm, &content, &known, &error);
    cli_exit code;
    if (status == AIRS_OK) {
        code = show(args, &content, wasm, known);
    } else {
        cli_error("%s", error.text);
        code = cli_exit_of(status);
    }
    node_store_close(store);
    airs_buffer_free(&file);
    return code;
}

const cli_command cli_command_add = {
    .name = "add",
    .arguments = "COMPONENT.wasm",
    .arguments_min = 1,
    .arguments_max = 1,
    .complete = CLI_COMPLETE_FILE,
    .summary = "keeps a component in the state folder of a node",
    .details = "Keeps a component in the state folder of a node, once by its content, and prints\n"
               "its hash: `airssys deploy` takes that, or its beginning (8 digits), in the place\n"
               "of a file. The node may run, or not.\n",
    .flags = {{.name = "state-dir",
               .value = "DIR",
               .complete = CLI_COMPLETE_FOLDER,
               .help = "the state folder ($XDG_STATE_HOME/airssys/node)"},
              CLI_FLAG_OUTPUT},
    .exits = CLI_EXIT_BIT(NOT_FOUND) | CLI_EXIT_BIT(INVALID) | CLI_EXIT_BIT(LIMIT),
    .run = add_run,
};
