// SPDX-License-Identifier: MIT OR Apache-2.0
/// Shows what a component is: for `inspect`, and after a `build`.
#ifndef AIRS_CLI_DESCRIBE_H
#define AIRS_CLI_DESCRIBE_H

#include "airssys/status.h"
#include "engine.h"

#include <stdio.h>

struct cJSON;

/// Takes a component or a core module apart, as `engine_kit_inspect` does. `offering` may be NULL: then
/// nothing counts as offered.
/// Errors: E_COMPONENT, E_NOMEM. On success `ret_json` is ended with cJSON_Delete.
AIRS_NODISCARD airs_status cli_describe(const engine *offering, airs_bytes wasm, struct cJSON **ret_json,
                                        airs_error *error);

/// Prints interfaces of "exports" or "imports", a line each with its functions. With `offers`, each line
/// says whether the runtime has it, and at which version.
void cli_describe_interfaces(FILE *stream, const struct cJSON *list, bool offers);

/// A text of the description, "" when it is null or absent.
const char *cli_describe_text(const struct cJSON *object, const char *key);

#endif
