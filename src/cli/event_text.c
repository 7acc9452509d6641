// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/event_text.h"

#include "base/quantity.h"
#include "node/records.h"

#include <inttypes.h>
#include <string.h>

/// "failed (killed): killed" says it once too often.
static int failed_text(char *text, const airs_event *event)
{
    const char *reason = airs_exit_name(event->reason);
    bool said = event->text[0] && strcmp(event->text, reason) != 0;
    return snprintf(text, CLI_EVENT_TEXT_MAX, "failed (%s)%s%s", reason, said ? ": " : "", said ? event->text : "");
}

static int stopped_text(char *text, const airs_event *event)
{
    bool said = event->reason != AIRS_EXIT_NORMAL && event->reason != AIRS_EXIT_SHUTDOWN;
    return snprintf(text, CLI_EVENT_TEXT_MAX, "ended for good%s%s%s", said ? " (" : "",
                    said ? airs_exit_name(event->reason) : "", said ? ")" : "");
}

const char *cli_event_text(char text[CLI_EVENT_TEXT_MAX], const airs_event *event)
{
    char took[BASE_QUANTITY_MAX];
    base_duration_format(took, event->elapsed_ns);
    int len = -1;
    switch (event->kind) {
    case AIRS_EVENT_STARTED:
        len = snprintf(text, CLI_EVENT_TEXT_MAX, "started");
        break;
    case AIRS_EVENT_FAILED:
        len = failed_text(text, event);
        break;
    case AIRS_EVENT_RESTARTED:
        len = snprintf(text, CLI_EVENT_TEXT_MAX, "ready again after %s, restarts so far: %" PRIu64, took,
                       event->restarts);
        break;
    case AIRS_EVENT_STOPPED:
        len = stopped_text(text, event);
        break;
    case AIRS_EVENT_ESCALATED:
        len = snprintf(text, CLI_EVENT_TEXT_MAX, "gave up%s%s", event->text[0] ? ": " : "", event->text);
        break;
    case AIRS_EVENT_BACKOFF:
        len = snprintf(text, CLI_EVENT_TEXT_MAX, "starts again in %s", took);
        break;
    case AIRS_EVENT_HEALTH:
        len = snprintf(text, CLI_EVENT_TEXT_MAX, "is %s%s%s", node_health_name(event->health),
                       event->text[0] ? ": " : "", event->text);
        break;
    case AIRS_EVENT_PAUSED:
    case AIRS_EVENT_RESUMED:
    case AIRS_EVENT_QUARANTINED:
    case AIRS_EVENT_RELEASED:
        len = snprintf(text, CLI_EVENT_TEXT_MAX, "%s", airs_event_name(event->kind));
        break;
    case AIRS_EVENT_CANARY:
        len = snprintf(text, CLI_EVENT_TEXT_MAX, "a canary runs: %s", event->text);
        break;
    case AIRS_EVENT_DEPLOYED:
        len = snprintf(text, CLI_EVENT_TEXT_MAX, "deployed: %s", event->text);
        break;
    case AIRS_EVENT_ROLLED_BACK:
        len = snprintf(text, CLI_EVENT_TEXT_MAX, "rolled back: %s", event->text);
        break;
    case AIRS_EVENT_STATE:
        len = snprintf(text, CLI_EVENT_TEXT_MAX, "is %s", airs_actor_state_name(event->state));
        break;
    }
    if (len < 0)
        snprintf(text, CLI_EVENT_TEXT_MAX, "?");
    return text;
}

cli_style cli_event_style(const airs_event *event)
{
    switch (event->kind) {
    case AIRS_EVENT_FAILED:
    case AIRS_EVENT_ESCALATED:
    case AIRS_EVENT_QUARANTINED:
        return CLI_STYLE_RED;
    case AIRS_EVENT_BACKOFF:
    case AIRS_EVENT_PAUSED:
    case AIRS_EVENT_CANARY:
    case AIRS_EVENT_ROLLED_BACK:
        return CLI_STYLE_YELLOW;
    case AIRS_EVENT_HEALTH:
        return event->health == AIRS_HEALTH_HEALTHY    ? CLI_STYLE_GREEN
               : event->health == AIRS_HEALTH_DEGRADED ? CLI_STYLE_YELLOW
                                                       : CLI_STYLE_RED;
    case AIRS_EVENT_STARTED:
    case AIRS_EVENT_RESTARTED:
    case AIRS_EVENT_RESUMED:
    case AIRS_EVENT_RELEASED:
    case AIRS_EVENT_DEPLOYED:
        return CLI_STYLE_GREEN;
    case AIRS_EVENT_STOPPED:
    case AIRS_EVENT_STATE:
        break;
    }
    return CLI_STYLE_CYAN;
}
