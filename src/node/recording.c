// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/recording.h"

#include "base/bytes.h"
#include "base/error.h"
#include "node/system.h"

airs_status recording_options(const deploy_node *node, const char *state_dir, recording_paths *paths,
                              airs_audit_options *ret_options, airs_error *error)
{
    static const airs_audit_mode modes[] = {[DEPLOY_AUDIT_FIRST_USE] = AIRS_AUDIT_FIRST_USE,
                                            [DEPLOY_AUDIT_REFUSED] = AIRS_AUDIT_REFUSALS,
                                            [DEPLOY_AUDIT_ALL] = AIRS_AUDIT_ALL,
                                            [DEPLOY_AUDIT_OFF] = AIRS_AUDIT_OFF};
    if (state_dir == NULL || node->audit == DEPLOY_AUDIT_OFF)
        return AIRS_OK;
    airs_status status = node_state_make(state_dir, error);
    if (status == AIRS_OK)
        status = node_state_path(paths->folder, state_dir, "audit", error);
    if (status == AIRS_OK)
        status = node_state_path(paths->key_file, state_dir, "node.key", error);
    if (status != AIRS_OK)
        return status;
    *ret_options = (airs_audit_options){
        .mode = modes[node->audit],
        .folder = node->audit_path == NULL ? paths->folder : node->audit_path,
        .key_file = paths->key_file,
        .sync_ms = node->audit_sync_ms == 0 ? AIRS_AUDIT_SYNC_EACH : node->audit_sync_ms,
        .segment_max = node->audit_segment,
        .segments_max = node->audit_segments,
        .on_failure = (airs_audit_failure)node->audit_on_failure,
    };
    return AIRS_OK;
}

airs_status recording_started(airs_system *system, const char *app, airs_error *error)
{
    airs_status status = node_audit_event(&system->audit, AUDIT_EVENT_NODE_START, base_bytes_of(app));
    return status == AIRS_OK ? AIRS_OK : base_error_set(error, status, "the start is not in the audit log");
}

void recording_stops(airs_system *system, const char *app)
{
    if (system == NULL)
        return;
    if (node_audit_event(&system->audit, AUDIT_EVENT_NODE_STOP, base_bytes_of(app)) != AIRS_OK)
        base_log_write(&system->log, AIRS_LOG_WARN, NULL, "the end of the app is not in the audit log");
}
