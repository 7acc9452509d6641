// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/deploy_told.h"

#include <inttypes.h>
#include <stdio.h>

#include "actor/log.h"
#include "base/quantity.h"

/// With a count on it; NULL: it has ended.
static actor *find(airs_system *system, uint64_t id)
{
    sched_read read = sched_read_enter(system->sched);
    actor *found = actor_find(&system->actors, id);
    if (found != NULL && !actor_retain(found))
        found = NULL;
    sched_read_leave(system->sched, read);
    return found;
}

static void tell(airs_system *system, uint64_t first, airs_log_level level, airs_event_kind kind, const char *what,
                 const char *text)
{
    actor *about = find(system, first);
    if (about == NULL) {
        base_log_write(&system->log, level, NULL, "%s: %s", what, text);
        return;
    }
    actor_log(about, 0, level, "%s: %s", what, text);
    actor_emit(about, kind, AIRS_EXIT_NORMAL, text, 0);
    actor_release(about);
}

void deploy_told_canary(airs_system *system, uint64_t first, const airs_canary_info *canary)
{
    char text[sizeof canary->new_version + 64];
    char share[BASE_QUANTITY_MAX];
    (void)snprintf(text, sizeof text, "%s%% of %s by %s", base_number_format(share, (double)canary->ppm / 10000.0, 4),
                   canary->new_version, airs_canary_by_name(canary->by));
    tell(system, first, AIRS_LOG_INFO, AIRS_EVENT_CANARY, "a canary runs", text);
}

void deploy_told_end(airs_system *system, uint64_t first, const airs_deploy_record *record)
{
    const airs_deploy_result *result = &record->result;
    bool deployed = result->deployed;
    char text[sizeof result->text + sizeof record->from_version + sizeof record->to_version + 48];
    if (record->dry_run)
        return;
    os_mutex_lock(&system->deploy_lock);
    system->deployed += deployed;
    system->deploys_failed += !deployed;
    os_mutex_unlock(&system->deploy_lock);
    // What was not there before had no version.
    bool any = record->from_version[0] != '\0';
    (void)snprintf(text, sizeof text, "%s%s%s, as number %" PRIu64 "%s%s",
                   !any       ? ""
                   : deployed ? record->from_version
                              : record->to_version,
                   any ? " -> " : "", deployed || !any ? record->to_version : record->from_version, result->number,
                   result->text[0] == '\0' ? "" : ": ", result->text);
    bool rolled_back = record->rollback || !deployed;
    tell(system, first, deployed ? AIRS_LOG_INFO : AIRS_LOG_WARN,
         rolled_back ? AIRS_EVENT_ROLLED_BACK : AIRS_EVENT_DEPLOYED, rolled_back ? "rolled back" : "deployed", text);
}
