// SPDX-License-Identifier: MIT OR Apache-2.0
/// What an event is in one sentence.
#ifndef AIRS_CLI_EVENT_TEXT_H
#define AIRS_CLI_EVENT_TEXT_H

#include "airssys/system.h"
#include "cli/output.h"

#define CLI_EVENT_TEXT_MAX 1280

/// "failed (trap): …", "starts again in 200 ms"…; the actor's name is not in it. Not escaped. Returns `text`.
const char *cli_event_text(char text[CLI_EVENT_TEXT_MAX], const airs_event *event);

/// How bad it is.
cli_style cli_event_style(const airs_event *event);

#endif
