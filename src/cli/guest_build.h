// SPDX-License-Identifier: MIT OR Apache-2.0
/// Makes a component of a project: compile, see what is defined, link, componentize.
///
/// Everything on the way stays in the project's build folder, to be looked at:
///   build/sdk/         the SDK, unpacked from this binary
///   build/obj/         object files
///   build/world.wit    the world that was written
///   build/NAME.core.wasm    the core module
///   build/NAME.wasm    the component (or where `output` says)
#ifndef AIRS_CLI_GUEST_BUILD_H
#define AIRS_CLI_GUEST_BUILD_H

#include "cli/guest_parts.h"

typedef struct cli_guest_built {
    cli_guest_parts parts;
    size_t component_bytes;
} cli_guest_built;

/// What the compiler and the linker print goes to stderr as it is.
/// Errors: E_FAILED when one of them failed, E_NOT_FOUND when one is not installed, E_COMPONENT when what
/// is defined makes no component, E_IO, E_TOO_LARGE, E_NOMEM.
AIRS_NODISCARD airs_status cli_guest_build(cli_project *project, cli_guest_built *ret_built, airs_error *error);

#endif
