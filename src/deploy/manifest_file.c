// SPDX-License-Identifier: MIT OR Apache-2.0
/// The keys of airssys.toml. A key is added here, in docs/reference/manifest.md and in
/// schema/airssys.schema.json; a test compares this list with the schema.
#include "deploy/manifest_file.h"

#define DEFAULT_SUPERVISION                  \
    {                                        \
        .max_restarts = 3, .window_ms = 5000 \
    }

const deploy_manifest_file deploy_manifest_file_initial = {.supervisor = {.supervision = DEFAULT_SUPERVISION},
                                                           .node = {.audit_sync_ms = DEPLOY_AUDIT_SYNC_MS}};
const deploy_actor deploy_actor_initial = {.health = {.check = AIRS_HEALTH_CHECK}};
static const deploy_group group_initial = {.supervision = DEFAULT_SUPERVISION};

// Each in the order of its enum: airs_restart, airs_mailbox_policy, airs_strategy, airs_auto_shutdown,
// airs_backoff_kind from its second on, airs_health_kind, deploy_audit, airs_audit_failure.
#define RESTARTS "permanent transient temporary"
#define POLICIES "refuse drop_oldest drop_newest park_sender"
#define STRATEGIES "one_for_one one_for_all rest_for_one simple_one_for_one"
#define AUTO_SHUTDOWNS "any all never"
#define BACKOFFS "immediate delay linear exponential"
#define CHECKS "none export message"
#define NO_STATES "auto fresh refuse"
#define STATES "carry snapshot"
#define CANARIES "auto instance sender message"
#define AUDITS "first_use refused all off"
#define FAILURES "refuse stop"
#define ZONES "unspecified loopback link-local private metadata multicast reserved"

#define KIB 1024u
#define MIB (1024u * KIB)
#define GIB (1024u * (uint64_t)MIB)

#define AT(type, member) .offset = offsetof(type, member)
#define PLACE_AT(type, member) .place_offset = offsetof(type, member)

static const deploy_field backoff_fields[] = {
    {.kind = DEPLOY_FIELD_PLACE, AT(deploy_backoff, at)},
    {.key = "kind", .kind = DEPLOY_FIELD_CHOICE, .required = true, .choices = BACKOFFS, AT(deploy_backoff, kind)},
    {.key = "delay",
     .kind = DEPLOY_FIELD_DURATION,
     .min = 1,
     AT(deploy_backoff, delay_ms),
     PLACE_AT(deploy_backoff, delay_at)},
    {.key = "factor",
     .kind = DEPLOY_FIELD_NUMBER,
     .min = 1,
     .max = 100,
     AT(deploy_backoff, factor),
     PLACE_AT(deploy_backoff, factor_at)},
    {.key = "max",
     .kind = DEPLOY_FIELD_DURATION,
     .min = 1,
     AT(deploy_backoff, delay_max_ms),
     PLACE_AT(deploy_backoff, delay_max_at)},
    {.key = "jitter",
     .kind = DEPLOY_FIELD_COUNT,
     .max = 100,
     AT(deploy_backoff, jitter_percent),
     PLACE_AT(deploy_backoff, jitter_at)},
    {.key = "reset_after",
     .kind = DEPLOY_FIELD_DURATION,
     .min = 1,
     AT(deploy_backoff, reset_after_ms),
     PLACE_AT(deploy_backoff, reset_after_at)},
    {0},
};

#define SUPERVISION_FIELDS(type, member)                                                                           \
    {.key = "strategy",                                                                                            \
     .kind = DEPLOY_FIELD_CHOICE,                                                                                  \
     .choices = STRATEGIES,                                                                                        \
     AT(type, member.strategy),                                                                                    \
     PLACE_AT(type, member.strategy_at)},                                                                          \
        {.key = "max_restarts", .kind = DEPLOY_FIELD_COUNT, .max = 1000000, AT(type, member.max_restarts)},        \
        {.key = "window", .kind = DEPLOY_FIELD_DURATION, .min = 1, .max = UINT32_MAX, AT(type, member.window_ms)}, \
        {.key = "auto_shutdown",                                                                                   \
         .kind = DEPLOY_FIELD_CHOICE,                                                                              \
         .choices = AUTO_SHUTDOWNS,                                                                                \
         AT(type, member.auto_shutdown)},                                                                          \
    {                                                                                                              \
        .key = "backoff", .kind = DEPLOY_FIELD_TABLE, .fields = backoff_fields, AT(type, member.backoff)           \
    }

static const deploy_field app_fields[] = {
    {.key = "name", .kind = DEPLOY_FIELD_TEXT, .required = true, AT(deploy_manifest_file, app.name)},
    {.key = "version", .kind = DEPLOY_FIELD_TEXT, AT(deploy_manifest_file, app.version)},
    {.key = "description", .kind = DEPLOY_FIELD_TEXT, AT(deploy_manifest_file, app.description)},
    {.key = "expose", .kind = DEPLOY_FIELD_PATTERNS, AT(deploy_manifest_file, app.expose)},
    {0},
};

static const deploy_field group_fields[] = {
    {.kind = DEPLOY_FIELD_PLACE, AT(deploy_group, at)},
    {.key = "name", .kind = DEPLOY_FIELD_NAME, .required = true, AT(deploy_group, name)},
    {.key = "parent", .kind = DEPLOY_FIELD_NAME, AT(deploy_group, parent)},
    SUPERVISION_FIELDS(deploy_group, supervision),
    {.key = "restart", .kind = DEPLOY_FIELD_CHOICE, .choices = RESTARTS, AT(deploy_group, restart)},
    {.key = "significant",
     .kind = DEPLOY_FIELD_FLAG,
     AT(deploy_group, significant),
     PLACE_AT(deploy_group, significant_at)},
    {.key = "template", .kind = DEPLOY_FIELD_NAME, AT(deploy_group, template_name)},
    {.key = "max_children",
     .kind = DEPLOY_FIELD_COUNT,
     .min = 1,
     AT(deploy_group, max_children),
     PLACE_AT(deploy_group, max_children_at)},
    {0},
};

static const deploy_field supervisor_fields[] = {
    SUPERVISION_FIELDS(deploy_manifest_file, supervisor.supervision),
    {.key = "group",
     .kind = DEPLOY_FIELD_TABLES,
     .fields = group_fields,
     .size = sizeof(deploy_group),
     .initial = &group_initial,
     AT(deploy_manifest_file, supervisor.groups)},
    {0},
};

static const deploy_field node_fields[] = {
    {.key = "workers", .kind = DEPLOY_FIELD_COUNT, .min = 1, .max = 1024, AT(deploy_manifest_file, node.workers)},
    {.key = "actors_max",
     .kind = DEPLOY_FIELD_COUNT,
     .min = 1,
     AT(deploy_manifest_file, node.actors_max),
     PLACE_AT(deploy_manifest_file, node.actors_max_at)},
    {.key = "instances_max",
     .kind = DEPLOY_FIELD_COUNT,
     .min = 1,
     .max = 1000000,
     AT(deploy_manifest_file, node.instances_max),
     PLACE_AT(deploy_manifest_file, node.instances_max_at)},
    {.key = "component_memory_max",
     .kind = DEPLOY_FIELD_SIZE64,
     .min = 64 * KIB,
     .max = 4 * GIB,
     AT(deploy_manifest_file, node.component_memory_max)},
    {.key = "max_memory",
     .kind = DEPLOY_FIELD_SIZE64,
     .min = 64 * KIB,
     .max = 65536 * GIB,
     AT(deploy_manifest_file, node.max_memory)},
    {.key = "audit", .kind = DEPLOY_FIELD_CHOICE, .choices = AUDITS, AT(deploy_manifest_file, node.audit)},
    {.key = "audit_dir", .kind = DEPLOY_FIELD_TEXT, AT(deploy_manifest_file, node.audit_dir)},
    {.key = "audit_sync_ms", .kind = DEPLOY_FIELD_COUNT, .max = 60000, AT(deploy_manifest_file, node.audit_sync_ms)},
    {.key = "audit_segment",
     .kind = DEPLOY_FIELD_SIZE64,
     .min = 64 * KIB,
     .max = 1 * GIB,
     AT(deploy_manifest_file, node.audit_segment)},
    {.key = "audit_segments",
     .kind = DEPLOY_FIELD_COUNT,
     .min = 2,
     .max = 1000000,
     AT(deploy_manifest_file, node.audit_segments)},
    {.key = "audit_on_failure",
     .kind = DEPLOY_FIELD_CHOICE,
     .choices = FAILURES,
     AT(deploy_manifest_file, node.audit_on_failure)},
    {.key = "component_max",
     .kind = DEPLOY_FIELD_SIZE64,
     .min = 1,
     .max = GIB,
     AT(deploy_manifest_file, node.component_max)},
    {.key = "compile_memory",
     .kind = DEPLOY_FIELD_SIZE64,
     .min = 16 * MIB,
     .max = 65536 * GIB,
     AT(deploy_manifest_file, node.compile_memory)},
    {.key = "compile_time", .kind = DEPLOY_FIELD_DURATION, .min = 1, AT(deploy_manifest_file, node.compile_time_ms)},
    {.key = "metrics", .kind = DEPLOY_FIELD_TEXT, AT(deploy_manifest_file, node.metrics)},
    {0},
};

static const deploy_field limits_fields[] = {
    {.key = "mailbox_max",
     .kind = DEPLOY_FIELD_COUNT,
     .min = 1,
     .max = AIRS_MAILBOX_MAX,
     AT(deploy_actor, limits.mailbox_max)},
    {.key = "mailbox_policy", .kind = DEPLOY_FIELD_CHOICE, .choices = POLICIES, AT(deploy_actor, mailbox_policy)},
    {.key = "max_message",
     .kind = DEPLOY_FIELD_SIZE32,
     .min = 1,
     .max = 64 * MIB,
     AT(deploy_actor, limits.max_message)},
    {.key = "max_memory",
     .kind = DEPLOY_FIELD_SIZE64,
     .min = 64 * KIB,
     .max = 4 * GIB,
     AT(deploy_actor, limits.max_memory),
     PLACE_AT(deploy_actor, max_memory_at)},
    {.key = "max_execution", .kind = DEPLOY_FIELD_DURATION, .min = 1, AT(deploy_actor, limits.max_execution_ms)},
    {.key = "max_park", .kind = DEPLOY_FIELD_DURATION, .min = 1, AT(deploy_actor, limits.max_park_ms)},
    {.key = "start_timeout", .kind = DEPLOY_FIELD_DURATION, .min = 1, AT(deploy_actor, limits.start_timeout_ms)},
    {.key = "stop_timeout", .kind = DEPLOY_FIELD_DURATION, .min = 1, AT(deploy_actor, limits.stop_timeout_ms)},
    {.key = "max_mailbox_age", .kind = DEPLOY_FIELD_DURATION, .min = 1, AT(deploy_actor, limits.max_mailbox_age_ms)},
    {.key = "max_tables",
     .kind = DEPLOY_FIELD_COUNT,
     .min = 1,
     .max = AIRS_TABLES_MAX,
     AT(deploy_actor, limits.max_tables)},
    {.key = "max_rate", .kind = DEPLOY_FIELD_COUNT, .min = 1, .max = AIRS_RATE_MAX, AT(deploy_actor, limits.max_rate)},
    {.key = "max_refusals",
     .kind = DEPLOY_FIELD_COUNT,
     .min = 1,
     .max = AIRS_REFUSALS_MAX,
     AT(deploy_actor, limits.max_refusals)},
    {.key = "max_open_files",
     .kind = DEPLOY_FIELD_COUNT,
     .min = 1,
     .max = AIRS_OPEN_FILES_MAX,
     AT(deploy_actor, limits.max_open_files)},
    {.key = "log_lines_per_second",
     .kind = DEPLOY_FIELD_COUNT,
     .min = 1,
     .max = AIRS_LOG_LINES_MAX,
     AT(deploy_actor, limits.log_lines_per_second)},
    {.key = "max_connections",
     .kind = DEPLOY_FIELD_COUNT,
     .min = 1,
     .max = AIRS_CONNECTIONS_MAX,
     AT(deploy_actor, limits.max_connections)},
    {0},
};

static const deploy_field files_fields[] = {
    {.key = "mounts", .kind = DEPLOY_FIELD_ENTRIES, AT(deploy_files, mounts)},
    {.key = "read", .kind = DEPLOY_FIELD_PLACED_TEXTS, AT(deploy_files, read)},
    {.key = "write", .kind = DEPLOY_FIELD_PLACED_TEXTS, AT(deploy_files, write)},
    {.key = "create", .kind = DEPLOY_FIELD_PLACED_TEXTS, AT(deploy_files, create)},
    {.key = "delete", .kind = DEPLOY_FIELD_PLACED_TEXTS, AT(deploy_files, remove)},
    {.key = "list", .kind = DEPLOY_FIELD_PLACED_TEXTS, AT(deploy_files, list)},
    {0},
};

static const deploy_field network_fields[] = {
    {.kind = DEPLOY_FIELD_PLACE, AT(deploy_network, at)},
    {.key = "connect", .kind = DEPLOY_FIELD_PLACED_TEXTS, AT(deploy_network, connect)},
    {.key = "bind", .kind = DEPLOY_FIELD_PLACED_TEXTS, AT(deploy_network, bind)},
    {.key = "lookup", .kind = DEPLOY_FIELD_PLACED_TEXTS, AT(deploy_network, lookup)},
    {.key = "zones", .kind = DEPLOY_FIELD_WORDS, .choices = ZONES, AT(deploy_network, zones)},
    {0},
};

static const deploy_field messaging_fields[] = {
    {.key = "send", .kind = DEPLOY_FIELD_PATTERNS, AT(deploy_grants, send)},
    {.key = "ask", .kind = DEPLOY_FIELD_PATTERNS, AT(deploy_grants, ask)},
    {.key = "publish", .kind = DEPLOY_FIELD_TOPICS, AT(deploy_grants, publish)},
    {.key = "subscribe", .kind = DEPLOY_FIELD_TOPICS, AT(deploy_grants, subscribe)},
    {.key = "register", .kind = DEPLOY_FIELD_PATTERNS, AT(deploy_grants, registers)},
    {0},
};

static const deploy_field spawn_fields[] = {
    {.key = "templates", .kind = DEPLOY_FIELD_NAMES, .required = true, AT(deploy_spawn_grant, templates)},
    {.key = "max_children", .kind = DEPLOY_FIELD_COUNT, .min = 1, AT(deploy_spawn_grant, max_children)},
    {0},
};

// The fields of a table that has no offset count from the start of the grants.
const deploy_field deploy_grants_fields[] = {
    {.key = "files", .kind = DEPLOY_FIELD_TABLE, .fields = files_fields, AT(deploy_grants, files)},
    {.key = "network",
     .kind = DEPLOY_FIELD_TABLE_OR_TABLES,
     .fields = network_fields,
     .size = sizeof(deploy_network),
     AT(deploy_grants, network)},
    {.key = "messaging", .kind = DEPLOY_FIELD_TABLE, .fields = messaging_fields},
    {.key = "spawn",
     .kind = DEPLOY_FIELD_TABLE_OR_TABLES,
     .fields = spawn_fields,
     .size = sizeof(deploy_spawn_grant),
     AT(deploy_grants, spawn)},
    {.key = "env", .kind = DEPLOY_FIELD_PLACED_TEXTS, AT(deploy_grants, env)},
    {.key = "config", .kind = DEPLOY_FIELD_PLACED_TEXTS, AT(deploy_grants, config)},
    {.key = "clock", .kind = DEPLOY_FIELD_WORDS, .choices = "wall monotonic", AT(deploy_grants, clock)},
    {.key = "random", .kind = DEPLOY_FIELD_WORDS, .choices = "secure insecure", AT(deploy_grants, random)},
    {.key = "stdio", .kind = DEPLOY_FIELD_WORDS, .choices = "in out err", AT(deploy_grants, stdio)},
    {.key = "custom", .kind = DEPLOY_FIELD_LISTS, AT(deploy_grants, custom)},
    {0},
};

static const deploy_field health_fields[] = {
    {.kind = DEPLOY_FIELD_PLACE, AT(deploy_health, at)},
    {.key = "check", .kind = DEPLOY_FIELD_CHOICE, .choices = CHECKS, AT(deploy_health, check)},
    {.key = "interval", .kind = DEPLOY_FIELD_DURATION, .min = 1, AT(deploy_health, interval_ms)},
    {.key = "timeout", .kind = DEPLOY_FIELD_DURATION, .min = 1, AT(deploy_health, timeout_ms)},
    {.key = "failures",
     .kind = DEPLOY_FIELD_COUNT,
     .min = 1,
     .max = AIRS_HEALTH_FAILURES_MAX,
     AT(deploy_health, failures)},
    {.key = "start_grace", .kind = DEPLOY_FIELD_DURATION, AT(deploy_health, start_grace_ms)},
    {.key = "message", .kind = DEPLOY_FIELD_TEXT, AT(deploy_health, message)},
    {0},
};

static const deploy_field on_failure_fields[] = {
    {.key = "retries",
     .kind = DEPLOY_FIELD_COUNT,
     AT(deploy_on_failure, retries),
     PLACE_AT(deploy_on_failure, retries_at)},
    {.key = "message", .kind = DEPLOY_FIELD_CHOICE, .choices = "dead_letter drop", AT(deploy_on_failure, message)},
    {.key = "mailbox", .kind = DEPLOY_FIELD_CHOICE, .choices = "keep clear", AT(deploy_on_failure, mailbox)},
    {0},
};

static const deploy_field checkpoint_fields[] = {
    {.kind = DEPLOY_FIELD_PLACE, AT(deploy_checkpoint, at)},
    {.key = "every_messages", .kind = DEPLOY_FIELD_COUNT, .min = 1, AT(deploy_checkpoint, every_messages)},
    {.key = "every", .kind = DEPLOY_FIELD_DURATION, .min = 1, AT(deploy_checkpoint, every_ms)},
    {.key = "on_stop", .kind = DEPLOY_FIELD_FLAG, AT(deploy_checkpoint, on_stop)},
    {.key = "max_state", .kind = DEPLOY_FIELD_SIZE32, .min = 1, .max = 64 * MIB, AT(deploy_checkpoint, max_state)},
    {0},
};

static const deploy_field policy_fields[] = {
    {.key = "drain_timeout", .kind = DEPLOY_FIELD_DURATION, .min = 1, AT(deploy_policy, drain_timeout_ms)},
    {.key = "probation",
     .kind = DEPLOY_FIELD_DURATION,
     AT(deploy_policy, probation_ms),
     PLACE_AT(deploy_policy, probation_at)},
    {.key = "on_no_state", .kind = DEPLOY_FIELD_CHOICE, .choices = NO_STATES, AT(deploy_policy, on_no_state)},
    {.key = "rollback_state", .kind = DEPLOY_FIELD_CHOICE, .choices = STATES, AT(deploy_policy, rollback_state)},
    {.key = "parallel", .kind = DEPLOY_FIELD_COUNT, .min = 1, AT(deploy_policy, parallel_max)},
    {.key = "canary", .kind = DEPLOY_FIELD_TEXT, AT(deploy_policy, canary)},
    {.key = "canary_by", .kind = DEPLOY_FIELD_CHOICE, .choices = CANARIES, AT(deploy_policy, canary_by)},
    {.key = "promote_when", .kind = DEPLOY_FIELD_TEXT, AT(deploy_policy, promote_when)},
    {.key = "rollback_when", .kind = DEPLOY_FIELD_TEXT, AT(deploy_policy, rollback_when)},
    {0},
};

#define ACTOR_FIELDS                                                                                                  \
    {.kind = DEPLOY_FIELD_PLACE, AT(deploy_actor, at)},                                                               \
        {.key = "name", .kind = DEPLOY_FIELD_NAME, .required = true, AT(deploy_actor, name)},                         \
        {.key = "component", .kind = DEPLOY_FIELD_TEXT, .required = true, AT(deploy_actor, component)},               \
        {.key = "restart", .kind = DEPLOY_FIELD_CHOICE, .choices = RESTARTS, AT(deploy_actor, restart)},              \
        {.key = "significant",                                                                                        \
         .kind = DEPLOY_FIELD_FLAG,                                                                                   \
         AT(deploy_actor, significant),                                                                               \
         PLACE_AT(deploy_actor, significant_at)},                                                                     \
        {.key = "config", .kind = DEPLOY_FIELD_SETTINGS, AT(deploy_actor, config)},                                   \
        {.key = "env", .kind = DEPLOY_FIELD_ENTRIES, AT(deploy_actor, env)},                                          \
        {.key = "args", .kind = DEPLOY_FIELD_PLACED_TEXTS, AT(deploy_actor, args)},                                   \
        {.key = "stdin", .kind = DEPLOY_FIELD_TEXT, AT(deploy_actor, standard_input)},                                \
        {.key = "limits", .kind = DEPLOY_FIELD_TABLE, .fields = limits_fields},                                       \
        {.key = "grants", .kind = DEPLOY_FIELD_TABLE, .fields = deploy_grants_fields, AT(deploy_actor, grants)},      \
        {.key = "backoff", .kind = DEPLOY_FIELD_TABLE, .fields = backoff_fields, AT(deploy_actor, backoff)},          \
        {.key = "health", .kind = DEPLOY_FIELD_TABLE, .fields = health_fields, AT(deploy_actor, health)},             \
        {.key = "on_failure", .kind = DEPLOY_FIELD_TABLE, .fields = on_failure_fields, AT(deploy_actor, on_failure)}, \
        {.key = "checkpoint", .kind = DEPLOY_FIELD_TABLE, .fields = checkpoint_fields, AT(deploy_actor, checkpoint)}, \
    {                                                                                                                 \
        .key = "deploy", .kind = DEPLOY_FIELD_TABLE, .fields = policy_fields, AT(deploy_actor, policy)                \
    }

static const deploy_field actor_fields[] = {
    ACTOR_FIELDS,
    {.key = "supervisor", .kind = DEPLOY_FIELD_NAME, AT(deploy_actor, supervisor)},
    {0},
};

static const deploy_field template_fields[] = {ACTOR_FIELDS, {0}};

static const deploy_field file_fields[] = {
    {.key = "app", .kind = DEPLOY_FIELD_TABLE, .fields = app_fields},
    {.key = "supervisor", .kind = DEPLOY_FIELD_TABLE, .fields = supervisor_fields},
    {.key = "node", .kind = DEPLOY_FIELD_TABLE, .fields = node_fields},
    {.key = "actor",
     .kind = DEPLOY_FIELD_TABLES,
     .fields = actor_fields,
     .size = sizeof(deploy_actor),
     .initial = &deploy_actor_initial,
     AT(deploy_manifest_file, actors)},
    {.key = "template",
     .kind = DEPLOY_FIELD_TABLES,
     .fields = template_fields,
     .size = sizeof(deploy_actor),
     .initial = &deploy_actor_initial,
     AT(deploy_manifest_file, templates)},
    {.key = "component", .kind = DEPLOY_FIELD_ELSEWHERE, AT(deploy_manifest_file, component)},
    {.key = "build", .kind = DEPLOY_FIELD_ELSEWHERE, AT(deploy_manifest_file, build)},
    {0},
};

const deploy_field *deploy_manifest_fields(void)
{
    return file_fields;
}
