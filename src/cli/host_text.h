// SPDX-License-Identifier: MIT OR Apache-2.0
/// What a node in the foreground shows of an app.
#ifndef AIRS_CLI_HOST_TEXT_H
#define AIRS_CLI_HOST_TEXT_H

#include "airssys/system.h"
#include "deploy/manifest.h"

/// How wide a column of the names of its actors is to be.
int cli_host_name_width(const deploy_manifest *manifest);

/// "shop 1.0  one_for_one, at most 3 restarts in 5 s"
void cli_host_print_heading(const deploy_manifest *manifest);

/// "ready after 12 ms"
void cli_host_print_readiness(bool ready, uint64_t took_ns);

/// "done after 3 s: messages 5 (failed 0), …"
void cli_host_print_summary(airs_finish finish, uint64_t took_ns, const airs_metrics *metrics);

#endif
