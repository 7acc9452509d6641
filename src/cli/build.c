// SPDX-License-Identifier: MIT OR Apache-2.0
/// airssys build: from a project to a component.
#include "base/quantity.h"
#include "cli/args.h"
#include "cli/describe.h"
#include "cli/guest_build.h"
#include "cli/input.h"
#include "cli/output.h"
#include "os/clock.h"

#include <cjson/cJSON.h>
#include <string.h>

#define COMPONENT_BYTES_MAX (256u << 20)

/// Describes what was made, from the file itself.
static airs_status describe(const char *path, cJSON **ret_json, airs_error *error)
{
    cli_input file;
    airs_status status = cli_input_read(path, COMPONENT_BYTES_MAX, &file, error);
    if (status != AIRS_OK)
        return status;
    status = cli_describe(NULL, (airs_bytes){file.data, file.len}, ret_json, error);
    cli_input_free(&file);
    return status;
}

static void print_result(const cli_project *project, const cJSON *component, uint64_t took_ns)
{
    char size[BASE_QUANTITY_MAX], duration[BASE_QUANTITY_MAX];
    double bytes = cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(component, "bytes"));
    printf("%s%s%s: %s, in %s\n", cli_style_on(stdout, CLI_STYLE_BOLD), project->output_path,
           cli_style_on(stdout, CLI_STYLE_PLAIN), base_size_format(size, (uint64_t)bytes),
           base_duration_format(duration, took_ns));
    puts("exports");
    cli_describe_interfaces(stdout, cJSON_GetObjectItemCaseSensitive(component, "exports"), false);
}

/// { "name", "version", "file", "bytes", "milliseconds", "contract", "exports", "imports" }
static bool write_json(const cli_project *project, const cJSON *component, uint64_t took_ns)
{
    static const char *const taken[] = {"bytes", "contract", "exports"};
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "name", project->name.text);
    cJSON_AddStringToObject(json, "version", project->version.text ? project->version.text : "");
    cJSON_AddStringToObject(json, "file", project->output_path);
    cJSON_AddNumberToObject(json, "milliseconds", (double)(took_ns / 1000) / 1000);
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
        cJSON *part = cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(component, taken[i]), true);
        cJSON_AddItemToObject(json, taken[i], part);
    }
    return cli_write_json(json);
}

static cli_exit failed(airs_status status, const airs_error *error)
{
    cli_error("%s", error->text);
    // A compiler that fails is no actor that fails.
    return status == AIRS_E_FAILED ? CLI_EXIT_FAILURE : cli_exit_of(status);
}

static cli_exit build_project(cli_project *project, bool json)
{
    airs_error error;
    cli_guest_built built;
    uint64_t begin = os_clock_now_ns();
    airs_status status = cli_guest_build(project, &built, &error);
    if (status != AIRS_OK)
        return failed(status, &error);
    uint64_t took_ns = os_clock_now_ns() - begin;
    if (*built.parts.warning)
        fprintf(stderr, "airssys: warning: %s\n", built.parts.warning);

    cJSON *component = NULL;
    status = describe(project->output_path, &component, &error);
    if (status != AIRS_OK)
        return failed(status, &error);
    bool written = true;
    if (json)
        written = write_json(project, component, took_ns);
    else
        print_result(project, component, took_ns);
    cJSON_Delete(component);
    return written ? CLI_EXIT_OK : CLI_EXIT_FAILURE;
}

static cli_exit build_run(const cli_args *args)
{
    const char *path = cli_args_at(args, 0);
    airs_error error;
    cli_project project;
    airs_status status = cli_project_open(&project, path ? path : ".", &error);
    if (status != AIRS_OK)
        return failed(status, &error);
    project.debug = cli_args_flag(args, "debug") != NULL;
    cli_exit code = build_project(&project, cli_args_json(args));
    cli_project_close(&project);
    return code;
}

const cli_command cli_command_build = {
    .name = "build",
    .arguments = "[DIR]",
    .arguments_max = 1,
    .complete = CLI_COMPLETE_FOLDER,
    .summary = "makes a component of a project",
    .details = "Compiles the sources of the project in DIR (this folder when it is left out),\n"
               "and makes a component of them that exports exactly those functions of\n"
               "airssys/guest.h that the sources define. Needs clang and wasm-ld; the\n"
               "variables AIRSSYS_CLANG and AIRSSYS_WASM_LD choose others than those in PATH.\n"
               "What the compiler says goes to stderr as it is.\n",
    .flags = {{.name = "debug", .letter = 'g', .help = "keep the lines: a trap is told with file and line"},
              CLI_FLAG_OUTPUT},
    .exits = CLI_EXIT_BIT(NOT_FOUND) | CLI_EXIT_BIT(INVALID) | CLI_EXIT_BIT(LIMIT),
    .run = build_run,
};
