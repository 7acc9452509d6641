// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/doctor.h"

#include "airssys/system.h"
#include "base/quantity.h"
#include "cli/args.h"
#include "cli/output.h"
#include "cli/toolchain.h"
#include "node/app.h"
#include "node/socket.h"
#include "wasm/cache.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// The defaults of airs_system_options.
#define INSTANCES_MAX 1000
#define COMPONENT_MEMORY_MAX (UINT64_C(4) << 30)

typedef enum doctor_verdict {
    VERDICT_OK,
    /// Good to know, but nothing is wrong with it; or only needed to build guests.
    VERDICT_NOTE,
    /// airssys will not work well like this.
    VERDICT_BAD,
} doctor_verdict;

typedef struct doctor_report {
    bool json;
    cJSON *checks;
    bool bad;
} doctor_report;

static void say(doctor_report *report, doctor_verdict verdict, const char *name, const char *value, const char *advice)
{
    static const char *const words[] = {"ok", "note", "bad"};
    static const cli_style styles[] = {CLI_STYLE_GREEN, CLI_STYLE_YELLOW, CLI_STYLE_RED};
    report->bad = report->bad || verdict == VERDICT_BAD;
    if (report->json) {
        cJSON *check = cJSON_CreateObject();
        cJSON_AddStringToObject(check, "name", name);
        cJSON_AddStringToObject(check, "verdict", words[verdict]);
        cJSON_AddStringToObject(check, "value", value);
        if (*advice)
            cJSON_AddStringToObject(check, "advice", advice);
        cJSON_AddItemToArray(report->checks, check);
        return;
    }
    printf("%s%-5s%s %-22s ", cli_style_on(stdout, styles[verdict]), words[verdict],
           cli_style_on(stdout, CLI_STYLE_PLAIN), name);
    cli_write_escaped(stdout, value, strlen(value));
    putchar('\n');
    if (*advice)
        printf("      %-22s %s\n", "", advice);
}

static const char *number_text(char text[BASE_QUANTITY_MAX], uint64_t number)
{
    if (number == UINT64_MAX)
        return "unlimited";
    snprintf(text, BASE_QUANTITY_MAX, "%" PRIu64, number);
    return text;
}

static const char *size_text(char text[BASE_QUANTITY_MAX], uint64_t bytes)
{
    return bytes == UINT64_MAX ? "unlimited" : base_size_format(text, bytes);
}

static void say_limits(doctor_report *report, const cli_doctor_facts *facts)
{
    static const char *const overcommit[] = {"0 (heuristic)", "1 (always)", "2 (never)"};
    char a[BASE_QUANTITY_MAX];
    char b[BASE_QUANTITY_MAX];
    char text[2 * BASE_QUANTITY_MAX + 16];
    say(report, VERDICT_OK, "cores", number_text(a, facts->cores), "");
    snprintf(text, sizeof text, "%s, %s available", size_text(a, facts->memory), size_text(b, facts->memory_available));
    say(report, VERDICT_OK, "memory", text, "");
    bool few_maps = facts->max_map_count < 65530;
    say(report, few_maps ? VERDICT_BAD : VERDICT_OK, "vm.max_map_count", number_text(a, facts->max_map_count),
        few_maps ? "raise it: sysctl -w vm.max_map_count=1048576" : "");
    bool strict = facts->overcommit == 2;
    say(report, strict ? VERDICT_BAD : VERDICT_OK, "vm.overcommit_memory",
        facts->overcommit < 3 ? overcommit[facts->overcommit] : "?",
        strict ? "address space for memories can't be reserved: sysctl -w vm.overcommit_memory=0" : "");
    bool small = facts->address_space != UINT64_MAX;
    say(report, small ? VERDICT_NOTE : VERDICT_OK, "RLIMIT_AS", size_text(a, facts->address_space),
        small ? "each instance reserves gigabytes of address space: ulimit -v unlimited" : "");
    bool few_files = facts->open_files < 256;
    say(report, few_files ? VERDICT_BAD : VERDICT_OK, "RLIMIT_NOFILE", number_text(a, facts->open_files),
        few_files ? "raise it: ulimit -n 1024" : "");
    say(report, VERDICT_OK, "RLIMIT_MEMLOCK", size_text(a, facts->locked_memory), "");
    say(report, VERDICT_OK, "RLIMIT_NPROC", number_text(a, facts->threads), "");
}

static void say_capacity(doctor_report *report, const cli_doctor_facts *facts)
{
    char text[96];
    cli_doctor_capacity capacity = cli_doctor_capacity_of(facts, COMPONENT_MEMORY_MAX);
    snprintf(text, sizeof text, "%" PRIu64 ", then the limit is: %s", capacity.instances, capacity.first_limit);
    say(report, capacity.instances < INSTANCES_MAX ? VERDICT_NOTE : VERDICT_OK, "instances that fit", text,
        capacity.instances < INSTANCES_MAX ? "fewer than the default of 1000: set [node] instances_max in the manifest"
                                           : "");
    capacity = cli_doctor_capacity_of(facts, UINT64_C(64) << 20);
    snprintf(text, sizeof text, "%" PRIu64 ", then the limit is: %s", capacity.instances, capacity.first_limit);
    say(report, VERDICT_OK, "  of at most 64 MiB", text, "");
}

/// Does what `run` does before the first component: an empty file is none, but the engine is made for it.
static void say_engine(doctor_report *report)
{
    airs_system *system = NULL;
    airs_component *component = NULL;
    airs_error error = {0};
    const airs_system_options options = {.workers = 1, .compiler_path = CLI_OWN_PROGRAM};
    airs_status status = airs_system_create(&options, &system, &error);
    if (status == AIRS_OK)
        status = airs_component_load(system, "", 0, &component, &error);
    if (status == AIRS_E_COMPONENT)
        say(report, VERDICT_OK, "engine", "a system for 1000 instances can be made", "");
    else
        say(report, VERDICT_BAD, "engine", error.text, "see the limits above");
    airs_component_release(component);
    airs_system_destroy(system);
}

/// The folder, and what is in it.
static void say_cache(doctor_report *report, const char *folder)
{
    char text[PATH_MAX + 3 * BASE_QUANTITY_MAX + 32];
    char used[BASE_QUANTITY_MAX];
    char max[BASE_QUANTITY_MAX];
    uint64_t bytes = 0;
    uint64_t count = 0;
    if (!wasm_cache_measure(folder, &bytes, &count)) {
        say(report, VERDICT_OK, "cache of compiled code", folder, "");
        return;
    }
    snprintf(text, sizeof text, "%s, %s of %s in %" PRIu64 " components", folder, size_text(used, bytes),
             size_text(max, WASM_CACHE_TOTAL_MAX), count);
    say(report, VERDICT_OK, "cache of compiled code", text, "");
}

static void say_folders(doctor_report *report)
{
    node_socket_path path;
    airs_error error = {0};
    if (node_socket_folder(true, &path, &error) == AIRS_OK)
        say(report, VERDICT_OK, "socket folder", path.text, "");
    else
        say(report, VERDICT_BAD, "socket folder", error.text, "set XDG_RUNTIME_DIR, or use --socket");
    char cache[PATH_MAX];
    if (!node_cache_folder(cache, sizeof cache))
        say(report, VERDICT_NOTE, "cache of compiled code", "none", "set HOME or XDG_CACHE_HOME");
    else if (access(cache, W_OK) != 0 && errno != ENOENT)
        say(report, VERDICT_NOTE, "cache of compiled code", cache, "it can't be written to: starts are slow");
    else
        say_cache(report, cache);
}

static void say_tools(doctor_report *report)
{
    cli_toolchain tools;
    airs_error error = {0};
    char text[2 * CLI_PATH_MAX + 2];
    if (cli_toolchain_find(&tools, &error) == AIRS_OK) {
        snprintf(text, sizeof text, "%s %s", tools.clang, tools.wasm_ld);
        say(report, VERDICT_OK, "build tools", text, "");
    } else {
        say(report, VERDICT_NOTE, "build tools", error.text, "only needed for `airssys build`");
    }
    bool libc = access("/usr/include/wasm32-wasi/stdio.h", R_OK) == 0;
    say(report, libc ? VERDICT_OK : VERDICT_NOTE, "wasi-libc", libc ? "installed" : "not installed",
        libc ? "" : "only needed for guests with `libc = \"wasi\"`: apt install wasi-libc");
}

static cli_exit doctor_run(const cli_args *args)
{
    doctor_report report = {.json = cli_args_json(args), .checks = cJSON_CreateArray()};
    cli_doctor_facts facts;
    cli_doctor_look(&facts);
    say_limits(&report, &facts);
    say_capacity(&report, &facts);
    say_engine(&report);
    say_folders(&report);
    say_tools(&report);
    bool written = true;
    if (report.json) {
        cJSON *json = cJSON_CreateObject();
        cJSON_AddBoolToObject(json, "ok", !report.bad);
        cJSON_AddItemToObject(json, "checks", report.checks);
        cli_doctor_capacity capacity = cli_doctor_capacity_of(&facts, COMPONENT_MEMORY_MAX);
        cJSON_AddNumberToObject(json, "instances", (double)capacity.instances);
        cJSON_AddStringToObject(json, "first_limit", capacity.first_limit);
        written = cli_write_json(json);
    } else {
        cJSON_Delete(report.checks);
    }
    return report.bad || !written ? CLI_EXIT_FAILURE : CLI_EXIT_OK;
}

const cli_command cli_command_doctor = {
    .name = "doctor",
    .arguments = "",
    .summary = "looks whether this machine is fit for airssys",
    .details = "Looks at the limits of the kernel and of this process, at the folders that\n"
               "airssys uses and at the tools for building components, and says how many\n"
               "component instances fit and which limit comes first.\n"
               "\n"
               "Exit code 1 when something is bad. A note is no more than that: what it names\n"
               "is only needed for some uses.\n",
    .flags = {CLI_FLAG_OUTPUT},
    .run = doctor_run,
};
