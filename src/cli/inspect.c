// SPDX-License-Identifier: MIT OR Apache-2.0
/// airssys inspect: what a component is, says of itself, needs and offers; of an actor see inspect_actor.h.
#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/quantity.h"
#include "capability/requests.h"
#include "cli/args.h"
#include "cli/describe.h"
#include "cli/input.h"
#include "cli/inspect_actor.h"
#include "cli/output.h"
#include "cli/remote.h"
#include "component/host.h"
#include "wasm/requests.h"

#include <cjson/cJSON.h>
#include <string.h>

#define COMPONENT_BYTES_MAX (256u << 20)
// Longer than any grant as text.
#define CLI_REQUEST_MAX 1500

/// An engine that runs nothing: only asked what it offers.
static airs_status make_engine(engine **ret, airs_error *error)
{
    const engine_config config = {
        .instances_max = 1,
        .core_instances_per_component = 4,
        .memories_per_component = 1,
        .tables_per_component = 1,
        .table_elements_max = 1024,
        .memory_max = 1u << 20,
        .memory_reservation = 1u << 20,
        .guest_stack_max = 256u << 10,
    };
    engine_host host;
    component_host_init(NULL, &host);
    engine_error refusal;
    if (engine_create(&config, &host, ret, &refusal) != ENGINE_OK)
        return base_error_set(error, AIRS_E_INTERNAL, "cannot make an engine: %s", refusal.text);
    return AIRS_OK;
}

static void add_request(void *user, const capability_grant *request, airs_bytes line)
{
    char text[CLI_REQUEST_MAX];
    (void)request;
    base_text_copy(text, sizeof text, line);
    cJSON_AddItemToArray(user, cJSON_CreateString(text));
}

/// What it asks to be granted: `requests`.
static airs_status add_requests(airs_bytes wasm, cJSON *json, airs_error *error)
{
    airs_bytes text;
    airs_status status = wasm_requests_find(wasm, &text, error);
    cJSON *list = cJSON_AddArrayToObject(json, "requests");
    if (status == AIRS_OK)
        status = capability_requests_read(text, base_allocator_default(), add_request, list, error);
    if (status != AIRS_E_INVALID)
        return status;
    base_error_prefix(error, "the section " WASM_REQUESTS_NAME);
    return error->status = AIRS_E_COMPONENT;
}

static airs_status inspect(const char *path, cJSON **ret_json, airs_error *error)
{
    cli_input file;
    airs_status status = cli_input_read(path, COMPONENT_BYTES_MAX, &file, error);
    if (status != AIRS_OK)
        return status;
    engine *asked = NULL;
    status = make_engine(&asked, error);
    if (status == AIRS_OK)
        status = cli_describe(asked, (airs_bytes){file.data, file.len}, ret_json, error);
    if (status == AIRS_OK) {
        status = add_requests((airs_bytes){file.data, file.len}, *ret_json, error);
        if (status != AIRS_OK)
            cJSON_Delete(*ret_json);
    }
    if (status == AIRS_E_COMPONENT)
        base_error_prefix(error, "%s", path);
    engine_destroy(asked);
    cli_input_free(&file);
    return status;
}

static void print_heading(const char *text)
{
    printf("\n%s%s%s\n", cli_style_on(stdout, CLI_STYLE_BOLD), text, cli_style_on(stdout, CLI_STYLE_PLAIN));
}

static void print_text(const char *label, const char *text)
{
    if (!*text)
        return;
    printf("%-13s", label);
    cli_write_escaped(stdout, text, strlen(text));
    putchar('\n');
}

static void print_list(const char *label, const cJSON *list)
{
    if (cJSON_GetArraySize(list) == 0)
        return;
    printf("%-13s", label);
    const char *separator = "";
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
    {
        fputs(separator, stdout);
        const char *text = cJSON_GetStringValue(item);
        cli_write_escaped(stdout, text, strlen(text));
        separator = ", ";
    }
    putchar('\n');
}

/// What it says of itself, a line each.
static void print_metadata(const cJSON *json)
{
    static const char *const keys[] = {"description", "authors", "licenses", "source", "homepage", "revision"};
    const cJSON *metadata = cJSON_GetObjectItemCaseSensitive(json, "metadata");
    const char *name = cli_describe_text(metadata, "name");
    const char *version = cli_describe_text(metadata, "version");
    char title[256];
    snprintf(title, sizeof title, "%s%s%s", *name ? name : "(no name)", *version ? " " : "", version);
    print_text("name", title);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        print_text(keys[i], cli_describe_text(metadata, keys[i]));
    print_list("language", cJSON_GetObjectItemCaseSensitive(metadata, "language"));
    print_list("made with", cJSON_GetObjectItemCaseSensitive(metadata, "processed_by"));
}

static void print_description(const cJSON *json)
{
    char size[BASE_QUANTITY_MAX];
    double bytes = cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(json, "bytes"));
    print_metadata(json);
    print_text("kind", cli_describe_text(json, "kind"));
    print_text("size", base_size_format(size, (uint64_t)bytes));
    const cJSON *contract = cJSON_GetObjectItemCaseSensitive(json, "contract");
    if (cJSON_GetArraySize(contract) == 0)
        print_text("contract", "none that this runtime knows");
    print_list("contract", contract);
    print_heading("Exports");
    cli_describe_interfaces(stdout, cJSON_GetObjectItemCaseSensitive(json, "exports"), false);
    print_heading("Imports");
    cli_describe_interfaces(stdout, cJSON_GetObjectItemCaseSensitive(json, "imports"), true);
    const cJSON *requests = cJSON_GetObjectItemCaseSensitive(json, "requests");
    if (cJSON_GetArraySize(requests) > 0)
        print_heading("Requests");
    const cJSON *request;
    cJSON_ArrayForEach(request, requests)
    {
        const char *text = cJSON_GetStringValue(request);
        fputs("  ", stdout);
        cli_write_escaped(stdout, text, strlen(text));
        putchar('\n');
    }
}

/// A path that leads nowhere is still a path: no actor's name is likely to begin so.
static bool means_file(const char *argument)
{
    return strcmp(argument, "-") == 0 || cli_is_component_file(argument) || argument[0] == '/' || argument[0] == '.';
}

static cli_exit inspect_run(const cli_args *args)
{
    const char *path = cli_args_at(args, 0);
    if (!means_file(path))
        return cli_inspect_actor(args);
    airs_error error;
    cJSON *json = NULL;
    airs_status status = inspect(path, &json, &error);
    if (status != AIRS_OK) {
        cli_error("%s", error.text);
        return cli_exit_of(status);
    }
    bool is_module = strcmp(cli_describe_text(json, "kind"), "module") == 0;
    bool written = true;
    if (cli_args_json(args)) {
        written = cli_write_json(json);
    } else {
        print_description(json);
        cJSON_Delete(json);
    }
    if (is_module) {
        cli_error("%s: a core module, not a component: `airssys build` makes one of C sources, "
                  "`wasm-tools component new` of a module",
                  path);
        return CLI_EXIT_INVALID;
    }
    return written ? CLI_EXIT_OK : CLI_EXIT_FAILURE;
}

const cli_command cli_command_inspect = {
    .name = "inspect",
    .arguments = "NAME|COMPONENT.wasm",
    .arguments_min = 1,
    .arguments_max = 1,
    .complete = CLI_COMPLETE_ACTOR,
    .summary = "shows an actor and its limits, or what a component file is",
    .details = "Shows an actor of a running node: id, kind, component and version, state,\n"
               "restarts, and each of its limits: what it uses, what it may use, and how often\n"
               "that was not enough. Of `max_execution` the longest event is shown, of\n"
               "`max_rate` the messages that count against it right now. Of each grant that its\n"
               "component asks for: whether it has it, whole, partly or not.\n"
               "\n"
               "When the argument is a file, ends in .wasm, begins with `/` or `.`, or is `-`\n"
               "(stdin), no node is needed. Shows a component: what it says of itself, which\n"
               "contract it speaks, what it exports, and for each import whether this runtime\n"
               "offers it and at which version, and what it asks to be granted. Nothing of it is\n"
               "run.\n"
               "\n"
               "With `-o json` the limits are a list, `limits`, of `name`, `unit`, `used`, `max`\n"
               "(missing where there is no limit) and `refused`; `requests` is a list, of an\n"
               "actor with `verdict`: granted, partly or refused.\n",
    .flags = {CLI_FLAG_OUTPUT, CLI_FLAG_NODE, CLI_FLAG_SOCKET},
    .exits = CLI_EXIT_BIT(NOT_FOUND) | CLI_EXIT_BIT(INVALID) | CLI_EXIT_BIT(DENIED) | CLI_EXIT_BIT(TIMEOUT) |
             CLI_EXIT_BIT(LIMIT),
    .run = inspect_run,
};
