// SPDX-License-Identifier: MIT OR Apache-2.0
/// From the functions that an author defines to what the component exports. Pure.
#ifndef AIRS_CLI_GUEST_PARTS_H
#define AIRS_CLI_GUEST_PARTS_H

#include "cli/project.h"

/// X(name, text): the interfaces of airssys:actor that a component may export. Each is a file of
/// generated bindings and one of the SDK.
#define CLI_PART_MAP(X)   \
    X(CHILD, "child")     \
    X(ACTOR, "actor")     \
    X(BATCH, "batch")     \
    X(REPLIES, "replies") \
    X(SIGNALS, "signals") \
    X(HEALTH, "health")   \
    X(STATE, "state")     \
    X(RECONFIGURE, "reconfigure")

typedef enum cli_part {
#define CLI_PART_ENUM(name, text) CLI_PART_##name,
    CLI_PART_MAP(CLI_PART_ENUM)
#undef CLI_PART_ENUM
    CLI_PARTS_COUNT
} cli_part;

/// "child", "actor"…
const char *cli_part_name(cli_part part);

typedef struct cli_guest_parts {
    /// Functions of guest.h that are defined, a bit each.
    uint32_t defined;
    /// A program: it has a `main`.
    bool is_program;
    /// What was defined and looks like a misspelling: a warning for the author, "" when there is none.
    char warning[256];
} cli_guest_parts;

/// Takes in the names of functions that an object file defines, one a line.
void cli_guest_parts_add(cli_guest_parts *parts, airs_bytes lines);

/// What is to be exported, a bit (1 << cli_part) each.
uint32_t cli_guest_parts_exports(const cli_guest_parts *parts, cli_contract contract);

/// Whether that makes a component. Errors: E_COMPONENT, with what is missing.
AIRS_NODISCARD airs_status cli_guest_parts_check(const cli_guest_parts *parts, const cli_project *project,
                                                 airs_error *error);

#define CLI_WORLD_MAX 4096

/// Writes the world of the component as a WIT document; returns its length.
size_t cli_guest_parts_world(const cli_guest_parts *parts, const cli_project *project, char world[CLI_WORLD_MAX]);

#endif
