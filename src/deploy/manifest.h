// SPDX-License-Identifier: MIT OR Apache-2.0
/// The manifest of an app, airssys.toml: what docs/reference/manifest.md says, as structs.
///
/// What was read is checked as far as the file alone and the folder around it allow: names are
/// unique, groups, supervisors and templates exist and fit together, component files are there. Every refusal is
/// `file:line:column: what is wrong, and what would be right`.
#ifndef AIRS_DEPLOY_MANIFEST_H
#define AIRS_DEPLOY_MANIFEST_H

#include "airssys/supervision.h"
#include "deploy/document.h"

/// How long to wait before a failed child is started again; `[….backoff]`.
typedef struct deploy_backoff {
    /// Of the table; line 0: there is none, and the supervisor's is used.
    deploy_place at;
    /// An airs_backoff_kind, less one.
    int kind;
    uint32_t delay_ms;
    double factor;
    uint32_t delay_max_ms;
    uint32_t jitter_percent;
    uint32_t reset_after_ms;
    deploy_place delay_at;
    deploy_place factor_at;
    deploy_place delay_max_at;
    deploy_place jitter_at;
    deploy_place reset_after_at;
} deploy_backoff;

/// What a supervisor does about its children.
typedef struct deploy_supervision {
    /// An airs_strategy.
    int strategy;
    deploy_place strategy_at;
    uint32_t max_restarts;
    uint32_t window_ms;
    /// An airs_auto_shutdown.
    int auto_shutdown;
    deploy_backoff backoff;
} deploy_supervision;

/// A supervisor below the root.
typedef struct deploy_group {
    deploy_place at;
    deploy_text name;
    /// Another group; NULL: the root.
    deploy_text parent;
    deploy_supervision supervision;
    /// An airs_restart.
    int restart;
    bool significant;
    deploy_place significant_at;
    /// Of simple_one_for_one.
    deploy_text template_name;
    uint32_t max_children;
    deploy_place max_children_at;
} deploy_group;

/// `[….health]`.
typedef struct deploy_health {
    deploy_place at;
    /// An airs_health_kind.
    int check;
    uint32_t interval_ms;
    uint32_t timeout_ms;
    uint32_t failures;
    uint32_t start_grace_ms;
    deploy_text message;
} deploy_health;

/// `[….on_failure]`.
typedef struct deploy_on_failure {
    uint32_t retries;
    deploy_place retries_at;
    /// Whether to drop the message, and to clear the mailbox.
    int message;
    int mailbox;
} deploy_on_failure;

/// `[….checkpoint]`.
typedef struct deploy_checkpoint {
    /// Line 0: there is none.
    deploy_place at;
    uint32_t every_messages;
    uint32_t every_ms;
    bool on_stop;
    uint32_t max_state;
} deploy_checkpoint;

/// `[….deploy]`: of deployments that say nothing else; 0: the default.
typedef struct deploy_policy {
    uint32_t drain_timeout_ms;
    /// 0 where it is given (a line): none.
    uint32_t probation_ms;
    deploy_place probation_at;
    /// An airs_on_no_state, an airs_rollback_state.
    int on_no_state;
    int rollback_state;
    uint32_t parallel_max;
    /// Where it is given: a share, as `condition_parse_share` reads it. An airs_canary_by.
    deploy_text canary;
    int canary_by;
    deploy_text promote_when;
    deploy_text rollback_when;
} deploy_policy;

/// `[….grants.files]`.
typedef struct deploy_files {
    /// Guest folder to folder of the host.
    deploy_entries mounts;
    deploy_names read;
    deploy_names write;
    deploy_names create;
    deploy_names remove;
    deploy_names list;
} deploy_files;

/// `[….grants.network]`; there may be several.
typedef struct deploy_network {
    deploy_place at;
    deploy_names connect;
    deploy_names bind;
    deploy_names lookup;
    deploy_names zones;
} deploy_network;

/// `[….grants.spawn]`; there may be several.
typedef struct deploy_spawn_grant {
    deploy_names templates;
    uint32_t max_children;
} deploy_spawn_grant;

/// All of them together.
typedef struct deploy_spawn {
    deploy_names templates;
    /// Of each template.
    uint32_t *counts;
    uint32_t max_children;
} deploy_spawn;

/// `[….grants]`, as it is written, and what comes of it.
typedef struct deploy_grants {
    deploy_files files;
    /// Of deploy_network.
    deploy_records network;
    deploy_names send;
    deploy_names ask;
    deploy_names publish;
    deploy_names subscribe;
    deploy_names registers;
    /// Of deploy_spawn_grant.
    deploy_records spawn;
    deploy_names env;
    deploy_names config;
    deploy_names clock;
    deploy_names random;
    deploy_names stdio;
    deploy_lists custom;

    /// In the order above, and what is given without a word.
    airs_grant *made;
    size_t made_count;
    airs_mount *mounts;
    size_t mounts_count;
    /// They are all that it has, also when there are none. False of a bare component, of which nothing is said.
    bool complete;
} deploy_grants;

/// An actor; or a template, which has no supervisor.
typedef struct deploy_actor {
    deploy_place at;
    deploy_text name;
    /// As in the manifest.
    deploy_text component;
    /// The same, from where this process runs.
    const char *component_path;
    /// An airs_restart.
    int restart;
    bool significant;
    deploy_place significant_at;
    /// A group; NULL: the root.
    deploy_text supervisor;
    deploy_settings config;
    /// Variables of its own; as settings too.
    deploy_entries env;
    airs_setting *variables;
    /// Arguments; also as the library takes them.
    deploy_names args;
    const char *const *arguments;
    /// The file that is its standard input, as in the manifest, and what is in it.
    deploy_text standard_input;
    airs_bytes input;
    /// No grants were written down, and none are missing.
    bool bare;
    airs_limits limits;
    deploy_place max_memory_at;
    /// An airs_mailbox_policy.
    int mailbox_policy;
    deploy_grants grants;
    deploy_spawn spawn;
    deploy_backoff backoff;
    deploy_health health;
    deploy_on_failure on_failure;
    deploy_checkpoint checkpoint;
    deploy_policy policy;
} deploy_actor;

typedef enum deploy_kind {
    DEPLOY_KIND_GROUP,
    DEPLOY_KIND_ACTOR,
    DEPLOY_KIND_TEMPLATE,
} deploy_kind;

/// Something that has a name: `place` is that in the manifest's list of its kind.
typedef struct deploy_named {
    const deploy_text *name;
    deploy_kind kind;
    size_t place;
} deploy_named;

/// Which decisions are recorded, in the order of the manifest's words.
typedef enum deploy_audit {
    DEPLOY_AUDIT_FIRST_USE,
    DEPLOY_AUDIT_REFUSED,
    DEPLOY_AUDIT_ALL,
    DEPLOY_AUDIT_OFF,
} deploy_audit;

#define DEPLOY_AUDIT_SYNC_MS 100u

/// What the manifest says of the node that runs the app; 0: the default.
typedef struct deploy_node {
    uint32_t workers;
    uint32_t actors_max;
    deploy_place actors_max_at;
    uint32_t instances_max;
    deploy_place instances_max_at;
    uint64_t component_memory_max;
    /// Of all components together.
    uint64_t max_memory;
    /// Of the audit log: a deploy_audit, and how it is written.
    int audit;
    deploy_text audit_dir;
    /// The same, from where this process runs.
    const char *audit_path;
    uint32_t audit_sync_ms;
    uint64_t audit_segment;
    uint32_t audit_segments;
    /// An airs_audit_failure.
    int audit_on_failure;
    /// Of one component: its file, and what compiling it may take.
    uint64_t component_max;
    uint64_t compile_memory;
    uint32_t compile_time_ms;
    /// The loopback address and port at which metrics are told; NULL: none.
    deploy_text metrics;
} deploy_node;

/// All lists are in the order of the file.
typedef struct deploy_manifest {
    deploy_document document;
    /// What it was read from; nothing of an app that is a component alone.
    airs_bytes source;
    /// Its components are somewhere else than it says.
    bool kept;
    deploy_text name;
    deploy_text version;
    deploy_text description;
    /// Patterns of the names that actors of other apps of the node may send to.
    deploy_names expose;
    /// It is that of a component alone: nothing was written down.
    bool bare;
    deploy_supervision root;
    deploy_node node;
    deploy_group *groups;
    size_t groups_count;
    deploy_actor *actors;
    size_t actors_count;
    deploy_actor *templates;
    size_t templates_count;
    /// All of them, by name.
    deploy_named *names;
    size_t names_count;
    /// Groups and actors in the order of their start: that of the file, but a group before whatever belongs to it.
    deploy_named *starts;
    size_t starts_count;
} deploy_manifest;

/// Loads what `airssys run` is given: a folder with an airssys.toml, a manifest, or a component
/// (an app of one actor that is named after the file).
/// Errors: E_MANIFEST, E_NOT_FOUND, E_IO, E_TOO_LARGE, E_NOMEM. On success ended with `deploy_manifest_close`.
AIRS_NODISCARD airs_status deploy_manifest_load(deploy_manifest *manifest, const char *path, airs_error *error);

/// Reads a manifest from its text. `path` is what errors call it, and where relative files start.
/// Errors: E_MANIFEST, E_NOMEM. On success ended with `deploy_manifest_close`.
AIRS_NODISCARD airs_status deploy_manifest_parse(deploy_manifest *manifest, const char *path, airs_bytes text,
                                                 airs_error *error);

/// The same of a manifest that was kept, and whose components lie somewhere else than it says: whether their files are
/// there is not looked at.
AIRS_NODISCARD airs_status deploy_manifest_parse_kept(deploy_manifest *manifest, const char *path, airs_bytes text,
                                                      airs_error *error);

/// Makes the manifest of an app whose only actor is the component at `path`, which is not looked at.
/// Errors: E_NOMEM. On success ended with `deploy_manifest_close`.
AIRS_NODISCARD airs_status deploy_manifest_of_component(deploy_manifest *manifest, const char *path, const char *name,
                                                        airs_error *error);

/// What is given to a component as a program, from outside.
typedef struct deploy_program {
    const char *const *args;
    size_t args_count;
    /// Whether it may read `input`.
    bool reads;
    airs_bytes input;
} deploy_program;

/// Gives it to the one actor of `deploy_manifest_of_component`; what it points to must outlive the manifest.
/// Errors: E_INVALID a manifest that is none of a component alone, or more arguments than AIRS_ARGS_MAX; E_NOMEM.
AIRS_NODISCARD airs_status deploy_manifest_give(deploy_manifest *manifest, const deploy_program *program,
                                                airs_error *error);

/// All zero is allowed.
void deploy_manifest_close(deploy_manifest *manifest);

/// How to spawn an actor, or what to spawn of a template; what it points to is the manifest's. `supervisor` is the id
/// of the actor's group. The templates it may spawn of are left out: they need their components.
airs_spawn_options deploy_actor_options(const deploy_actor *actor, airs_actor_id supervisor);

/// How to make a group's supervisor; its template is left out. `supervisor` is the id of its parent.
airs_supervisor_options deploy_group_options(const deploy_group *group, airs_actor_id supervisor);

/// A table of the manifest, as the library takes it.
airs_backoff deploy_backoff_options(const deploy_backoff *backoff);

/// What is named so, of any kind; NULL: nothing is. After the tree.
const deploy_named *deploy_manifest_find(const deploy_manifest *manifest, const char *name);

/// The group that an actor or a group belongs to; NULL: the root.
const char *deploy_manifest_group_of(const deploy_manifest *manifest, const deploy_named *named);

/// Whether an actor or a group is the one of that name, or belongs to it. After the tree has been checked.
bool deploy_manifest_belongs(const deploy_manifest *manifest, const deploy_named *named, const char *name);

/// The place of what is named so in the list of its kind. It must be there: the manifest has been checked.
size_t deploy_place_of(const deploy_manifest *manifest, deploy_kind kind, const char *name);

/// The keys of a table of grants, into a deploy_grants: also those that a component requests.
extern const deploy_field deploy_grants_fields[];

/// Makes the text of a component's requests (capability/requests.h) of what `[component.requests]` says; the
/// document's.
/// Errors: E_MANIFEST a request that means nothing, that has mounts, which are the operator's, or that can't be written
///         on one line; too many. E_NOMEM.
AIRS_NODISCARD airs_status deploy_requests_make(deploy_document *document, deploy_grants *requests,
                                                const char **ret_text, airs_error *error);

/// What the file may hold, for the test that compares it with the JSON schema.
const deploy_field *deploy_manifest_fields(void);

#endif
