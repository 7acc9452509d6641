// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/call_file.h"

#include "airssys/system.h"
#include "base/bytes.h"
#include "base/error.h"
#include "cli/output.h"
#include "deploy/file.h"
#include "node/app.h"
#include "wasm/component.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define PAYLOAD_MAX (64u << 20)
/// The default of airs_limits.
#define EXECUTION_MS 1000

/// Lines that the component writes go to stderr: stdout is the reply's.
static void on_log(void *user, const airs_log_record *record)
{
    (void)user;
    if (strcmp(record->source, "runtime") == 0)
        return;
    flockfile(stderr);
    cli_write_escaped(stderr, record->text, strlen(record->text));
    fputc('\n', stderr);
    funlockfile(stderr);
}

/// Reads the payload argument; `ret_buffer` is to be freed.
static airs_status read_payload(const char *argument, airs_buffer *ret_buffer, airs_bytes *ret_payload,
                                airs_error *error)
{
    *ret_payload = base_bytes_of(argument);
    if (!argument || strcmp(argument, "-") != 0)
        return AIRS_OK;
    airs_status status = deploy_file_read("-", PAYLOAD_MAX, ret_buffer, error);
    if (status == AIRS_OK)
        *ret_payload = (airs_bytes){ret_buffer->data, ret_buffer->len};
    return status;
}

static airs_status ask(airs_system *system, airs_component *component, airs_bytes payload, uint32_t timeout_ms,
                       airs_buffer *ret_reply, airs_error *error)
{
    const char *name = airs_component_name(component);
    airs_spawn_options options = {
        .name = name[0] == '\0' ? NULL : name,
        .restart = AIRS_RESTART_TEMPORARY,
        // What runs on after the reply, or for ever, does not hold us up.
        .limits = {.stop_timeout_ms = 200, .start_timeout_ms = timeout_ms},
    };
    // Who is patient means it of the computation too.
    if (timeout_ms < UINT32_MAX - EXECUTION_MS && timeout_ms > 5 * EXECUTION_MS)
        options.limits.max_execution_ms = timeout_ms + EXECUTION_MS;
    airs_actor_id id;
    airs_status status = airs_spawn_component(system, component, &options, &id, error);
    // What a component calls itself need not be a name that an actor may have.
    if (status == AIRS_E_INVALID) {
        options.name = NULL;
        status = airs_spawn_component(system, component, &options, &id, error);
    }
    if (status != AIRS_OK)
        return status;
    error->text[0] = 0;
    status = airs_ask(system, id, payload.data, payload.len, timeout_ms, ret_reply, error);
    // The file is there: it is its actor that is not any more.
    if (status == AIRS_E_GONE)
        return base_error_set(error, AIRS_E_FAILED, "it ended before it could answer");
    return status;
}

static airs_status load_and_ask(airs_system *system, const char *path, airs_bytes payload, uint32_t timeout_ms,
                                airs_buffer *ret_reply, airs_error *error)
{
    airs_component *component;
    airs_status status = airs_component_load_file(system, path, &component, error);
    if (status != AIRS_OK) {
        cli_error("%s", error->text);
        return status;
    }
    if ((component->exports & (ENGINE_EXPORT_ACTOR | ENGINE_EXPORT_BATCH)) == 0)
        status = base_error_set(error, AIRS_E_FAILED, "this %s takes no messages: `airssys run` runs it",
                                component->exports & ENGINE_EXPORT_MAIN ? "program" : "component");
    else
        status = ask(system, component, payload, timeout_ms, ret_reply, error);
    airs_component_release(component);
    if (status != AIRS_OK)
        cli_error("%s: %s", error->text[0] ? error->text : airs_status_text(status), path);
    return status;
}

cli_exit cli_call_file(const cli_args *args, uint32_t timeout_ms)
{
    airs_error error = {0};
    airs_buffer buffer = {0};
    airs_bytes payload;
    airs_status status = read_payload(cli_args_at(args, 1), &buffer, &payload, &error);
    char cache[PATH_MAX];
    // As small as it gets: what counts is the time from the start of the process to the reply. This thread runs the
    // system while it waits for that; waking another one would take as long as the call.
    airs_system_options options = {
        .workers = AIRS_WORKERS_NONE,
        .actors_max = 16,
        .instances_max = 1,
        .log = on_log,
        .log_level = AIRS_LOG_INFO,
        .cache_dir = node_cache_folder(cache, sizeof cache) ? cache : NULL,
        .compiler_path = CLI_OWN_PROGRAM,
    };
    airs_system *system = NULL;
    if (status == AIRS_OK)
        status = airs_system_create(&options, &system, &error);
    if (status != AIRS_OK) {
        cli_error("%s", error.text);
        airs_buffer_free(&buffer);
        return cli_exit_of(status);
    }
    airs_buffer reply = {0};
    status = load_and_ask(system, cli_args_at(args, 0), payload, timeout_ms, &reply, &error);
    cli_exit code = cli_exit_of(status);
    if (status == AIRS_OK)
        code = cli_call_print(args, (airs_bytes){reply.data, reply.len});
    // Who waits for the reply does not wait for the end of the system.
    (void)fflush(stdout);
    airs_system_destroy(system);
    airs_buffer_free(&reply);
    airs_buffer_free(&buffer);
    return code;
}
