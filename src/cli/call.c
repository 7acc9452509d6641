// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/args.h"
#include "cli/call_file.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/remote.h"

#include "base/bytes.h"
#include "node/protocol.h"

#include <cjson/cJSON.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CALL_TIMEOUT_MS 5000
// For the way there and back, so that it is the node that says "timeout" and not us.
#define CALL_MARGIN_MS 2000

/// Whether stdout and stderr go to the same file or pipe.
static bool outputs_are_one(void)
{
    struct stat out;
    struct stat err;
    return fstat(STDOUT_FILENO, &out) == 0 && fstat(STDERR_FILENO, &err) == 0 && out.st_dev == err.st_dev &&
           out.st_ino == err.st_ino;
}

cli_exit cli_call_print(const cli_args *args, airs_bytes reply)
{
    if (cli_args_json(args)) {
        cJSON *json = cJSON_CreateObject();
        airs_error error;
        if (node_payload_write(json, reply, &error) == AIRS_OK)
            return cli_write_json(json) ? CLI_EXIT_OK : CLI_EXIT_FAILURE;
        cJSON_Delete(json);
        cli_error("%s: the reply", error.text);
        return CLI_EXIT_FAILURE;
    }
    bool terminal = isatty(STDOUT_FILENO);
    if (terminal)
        cli_write_text(stdout, reply.data, reply.len);
    else if (reply.len > 0)
        fwrite(reply.data, 1, reply.len, stdout);
    // Where the log goes to the same place, its next line does not stand behind the reply.
    bool ended = reply.len > 0 && reply.data[reply.len - 1] == '\n';
    if (!ended && (terminal || outputs_are_one()))
        putchar('\n');
    return CLI_EXIT_OK;
}

static cli_exit call_node(const cli_args *args, uint32_t timeout_ms)
{
    const char *name = cli_args_at(args, 0);
    cJSON *request = cli_remote_request(name);
    cJSON_AddNumberToObject(request, "timeout_ms", timeout_ms);
    cli_exit code = cli_remote_add_payload(request, cli_args_at(args, 1));
    if (code != CLI_EXIT_OK) {
        cJSON_Delete(request);
        return code;
    }
    cJSON *result = NULL;
    code = cli_remote_ask(args, "call", request, name, (uint64_t)timeout_ms + CALL_MARGIN_MS, &result);
    if (code != CLI_EXIT_OK)
        return code;
    airs_buffer reply = {0};
    airs_error error = {0};
    airs_status status = node_payload_read(result, &reply, &error);
    cJSON_Delete(result);
    if (status != AIRS_OK) {
        cli_error("the node's reply: %s", error.text);
        return CLI_EXIT_FAILURE;
    }
    code = cli_call_print(args, (airs_bytes){reply.data, reply.len});
    airs_buffer_free(&reply);
    return code;
}

static cli_exit call_run(const cli_args *args)
{
    uint32_t timeout_ms;
    airs_error error;
    if (cli_args_duration_ms(args, "timeout", CALL_TIMEOUT_MS, &timeout_ms, &error) != AIRS_OK)
        return cli_args_refuse(&error);
    if (cli_is_component_file(cli_args_at(args, 0)))
        return cli_call_file(args, timeout_ms);
    return call_node(args, timeout_ms);
}

const cli_command cli_command_call = {
    .name = "call",
    .arguments = "NAME|COMPONENT.wasm [PAYLOAD|-]",
    .arguments_min = 1,
    .arguments_max = 2,
    .complete = CLI_COMPLETE_ACTOR,
    .summary = "asks an actor, or a component file, and prints the reply",
    .details = "Sends a request to an actor of a running node and prints the reply. When the\n"
               "argument is a file, or ends in .wasm, no node is needed: the component is\n"
               "started, asked once and stopped.\n"
               "\n"
               "The payload is the text given, or what comes from stdin with `-`, or empty.\n"
               "The reply goes to stdout as it is; on a terminal its control characters are\n"
               "escaped and a newline is added. That is added too where stderr goes to the\n"
               "same file as stdout.\n",
    .flags = {{.name = "timeout", .letter = 't', .value = "TIME", .help = "how long to wait for the reply (5s)"},
              CLI_FLAG_OUTPUT,
              CLI_FLAG_NODE,
              CLI_FLAG_SOCKET},
    .exits = CLI_EXIT_BIT(NOT_FOUND) | CLI_EXIT_BIT(INVALID) | CLI_EXIT_BIT(DENIED) | CLI_EXIT_BIT(FAILED) |
             CLI_EXIT_BIT(TIMEOUT) | CLI_EXIT_BIT(LIMIT),
    .run = call_run,
};
