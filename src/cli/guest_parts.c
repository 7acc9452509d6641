// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/guest_parts.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/nearest.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PREFIX "actor_"
#define CONTRACT_PACKAGE "airssys:actor"
#define CONTRACT_VERSION "0.1.0"

/// A function of guest.h, and the interface it belongs to under each contract.
typedef struct guest_function {
    const char *name;
    cli_part batch;
    cli_part actor;
} guest_function;

enum {
    SAVE = 6,
    LOAD = 7
};

static const guest_function functions[] = {
    {"actor_start", CLI_PART_CHILD, CLI_PART_CHILD},
    {"actor_stop", CLI_PART_CHILD, CLI_PART_CHILD},
    {"actor_handle", CLI_PART_BATCH, CLI_PART_ACTOR},
    {"actor_handle_reply", CLI_PART_BATCH, CLI_PART_REPLIES},
    {"actor_handle_down", CLI_PART_BATCH, CLI_PART_SIGNALS},
    {"actor_health", CLI_PART_HEALTH, CLI_PART_HEALTH},
    [SAVE] = {"actor_save", CLI_PART_STATE, CLI_PART_STATE},
    [LOAD] = {"actor_load", CLI_PART_STATE, CLI_PART_STATE},
    {"actor_apply", CLI_PART_RECONFIGURE, CLI_PART_RECONFIGURE},
};
#define FUNCTIONS_COUNT (sizeof functions / sizeof *functions)

/// What clang calls `main`, by its arguments and age.
static const char *const mains[] = {"main", "__main_void", "__main_argc_argv", "__original_main"};

/// What a guest may import of the contract and, for `airs_log`, of WASI.
static const char *const imports[] = {
    CONTRACT_PACKAGE "/mailbox@" CONTRACT_VERSION,
    CONTRACT_PACKAGE "/messaging@" CONTRACT_VERSION,
    CONTRACT_PACKAGE "/context@" CONTRACT_VERSION,
    CONTRACT_PACKAGE "/capability@" CONTRACT_VERSION,
    CONTRACT_PACKAGE "/supervision@" CONTRACT_VERSION,
    CONTRACT_PACKAGE "/timers@" CONTRACT_VERSION,
    "wasi:cli/stderr@0.2.0",
};
#define IMPORTS_COUNT (sizeof imports / sizeof *imports)

const char *cli_part_name(cli_part part)
{
    static const char *const names[] = {
#define CLI_PART_TEXT(name, text) text,
        CLI_PART_MAP(CLI_PART_TEXT)
#undef CLI_PART_TEXT
    };
    return names[part];
}

/// The author's own names may begin as ours do: only a near miss is worth a warning.
static void warn_of_misspelling(cli_guest_parts *parts, const char *name)
{
    base_nearest nearest;
    base_nearest_init(&nearest, name + strlen(PREFIX));
    for (size_t i = 0; i < FUNCTIONS_COUNT; i++)
        base_nearest_try(&nearest, functions[i].name + strlen(PREFIX));
    const char *best = base_nearest_best(&nearest);
    if (best)
        snprintf(parts->warning, sizeof parts->warning,
                 "%s is no function of airssys/guest.h and is not exported: did you mean " PREFIX "%s?", name, best);
}

static void add_name(cli_guest_parts *parts, const char *name)
{
    for (size_t i = 0; i < sizeof mains / sizeof *mains; i++) {
        if (strcmp(mains[i], name) == 0)
            parts->is_program = true;
    }
    for (size_t i = 0; i < FUNCTIONS_COUNT; i++) {
        if (strcmp(functions[i].name, name) == 0) {
            parts->defined |= 1u << i;
            return;
        }
    }
    if (strncmp(name, PREFIX, strlen(PREFIX)) == 0)
        warn_of_misspelling(parts, name);
}

void cli_guest_parts_add(cli_guest_parts *parts, airs_bytes lines)
{
    const char *at = (const char *)lines.data;
    const char *end = at + lines.len;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((newline ? newline : end) - at);
        char name[64];
        // No name of ours is longer.
        if (len < sizeof name) {
            base_text_copy(name, sizeof name, (airs_bytes){(const uint8_t *)at, len});
            add_name(parts, name);
        }
        at += len + 1;
    }
}

uint32_t cli_guest_parts_exports(const cli_guest_parts *parts, cli_contract contract)
{
    uint32_t exports = 0;
    for (size_t i = 0; i < FUNCTIONS_COUNT; i++) {
        if (parts->defined & 1u << i)
            exports |= 1u << (contract == CLI_CONTRACT_BATCH ? functions[i].batch : functions[i].actor);
    }
    return exports;
}

airs_status cli_guest_parts_check(const cli_guest_parts *parts, const cli_project *project, airs_error *error)
{
    bool save = parts->defined & 1u << SAVE, load = parts->defined & 1u << LOAD;
    if (save != load)
        return base_error_set(error, AIRS_E_COMPONENT, "the sources define %s and not %s: define both or neither",
                              functions[save ? SAVE : LOAD].name, functions[save ? LOAD : SAVE].name);
    if (parts->is_program && parts->defined)
        return base_error_set(error, AIRS_E_COMPONENT,
                              "the sources define main and actor functions: a component is a program or an actor");
    if (parts->is_program && project->libc == CLI_LIBC_NONE)
        return base_error_set(error, AIRS_E_COMPONENT,
                              "the sources define main: a program needs `libc = \"wasi\"` in [build]");
    if (!parts->is_program && !parts->defined && !project->world.text)
        return base_error_set(error, AIRS_E_COMPONENT,
                              "the sources define none of the functions of airssys/guest.h: define actor_handle, "
                              "actor_start or another");
    return AIRS_OK;
}

static void put(char world[CLI_WORLD_MAX], size_t *len, const char *format, ...) AIRS_PRINTF(3, 4);

/// Appends as much as fits; what does not, no WIT parser takes for a whole document.
static void put(char world[CLI_WORLD_MAX], size_t *len, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int wanted = vsnprintf(world + *len, CLI_WORLD_MAX - *len, format, list);
    va_end(list);
    size_t room = CLI_WORLD_MAX - *len - 1;
    if (wanted > 0)
        *len += (size_t)wanted < room ? (size_t)wanted : room;
}

size_t cli_guest_parts_world(const cli_guest_parts *parts, const cli_project *project, char world[CLI_WORLD_MAX])
{
    uint32_t exports = cli_guest_parts_exports(parts, (cli_contract)project->contract);
    size_t len = 0;
    put(world, &len, "// Written by `airssys build` from what the sources of %s define.\n", project->name.text);
    put(world, &len, "package airssys:guest;\n\nworld guest {\n");
    put(world, &len, "    // What is not called is not imported.\n");
    for (size_t i = 0; i < IMPORTS_COUNT; i++)
        put(world, &len, "    import %s;\n", imports[i]);
    for (cli_part part = 0; part < CLI_PARTS_COUNT; part++) {
        if (exports & 1u << part)
            put(world, &len, "    export " CONTRACT_PACKAGE "/%s@" CONTRACT_VERSION ";\n", cli_part_name(part));
    }
    if (project->world.text)
        put(world, &len, "    include %s;\n", project->world.text);
    put(world, &len, "}\n");
    return len;
}
