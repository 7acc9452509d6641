// SPDX-License-Identifier: MIT OR Apache-2.0
/// What a manifest says of one actor, template or supervisor: whether it makes sense, and as the library's options.
#include "deploy/manifest_check.h"

#include "base/quantity.h"
#include "deploy/condition.h"

#include <string.h>

// As airs_backoff has it.
#define BACKOFF_DELAY_MS 100u
#define BACKOFF_DELAY_MAX_MS 30000u

// ---------------------------------------------------------------- contradictions

/// A key of [….backoff] that only some kinds have.
typedef struct backoff_key {
    const char *key;
    deploy_place at;
    bool allowed;
} backoff_key;

airs_status deploy_manifest_check_backoff(const deploy_manifest *manifest, const deploy_backoff *backoff,
                                          airs_error *error)
{
    if (backoff->at.line == 0)
        return AIRS_OK;
    airs_backoff_kind kind = (airs_backoff_kind)(backoff->kind + 1);
    bool waits = kind != AIRS_BACKOFF_IMMEDIATE;
    bool grows = kind == AIRS_BACKOFF_LINEAR || kind == AIRS_BACKOFF_EXPONENTIAL;
    const backoff_key keys[] = {
        {"delay", backoff->delay_at, waits},
        {"factor", backoff->factor_at, kind == AIRS_BACKOFF_EXPONENTIAL},
        {"max", backoff->delay_max_at, waits},
        {"jitter", backoff->jitter_at, waits},
        {"reset_after", backoff->reset_after_at, grows},
    };
    static const char *const kinds[] = {"inherit", "immediate", "delay", "linear", "exponential"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (keys[i].at.line > 0 && !keys[i].allowed)
            return deploy_document_refuse(&manifest->document, keys[i].at, error,
                                          "`%s` means nothing with kind = \"%s\": take it out, or choose another kind",
                                          keys[i].key, kinds[kind]);
    }
    uint32_t delay_ms = backoff->delay_ms ? backoff->delay_ms : BACKOFF_DELAY_MS;
    uint32_t max_ms = backoff->delay_max_ms ? backoff->delay_max_ms : BACKOFF_DELAY_MAX_MS;
    if (waits && delay_ms > max_ms)
        return deploy_document_refuse(&manifest->document,
                                      backoff->delay_at.line > 0 ? backoff->delay_at : backoff->delay_max_at, error,
                                      "`delay` is %u ms%s, above `max`, which is %u ms%s", delay_ms,
                                      backoff->delay_ms ? "" : " when it is not given", max_ms,
                                      backoff->delay_max_ms ? "" : " when it is not given");
    return AIRS_OK;
}

/// What is always started again never ends for good, so that it would mean something.
static airs_status refuse_significant(const deploy_manifest *manifest, deploy_place at, airs_error *error)
{
    return deploy_document_refuse(&manifest->document, at, error,
                                  "`significant` of what is permanent, and so never ends for good: say restart = "
                                  "\"transient\" or \"temporary\"");
}

airs_status deploy_manifest_check_group(const deploy_manifest *manifest, const deploy_group *group, airs_error *error)
{
    if (group->significant && group->restart == AIRS_RESTART_PERMANENT)
        return refuse_significant(manifest, group->significant_at, error);
    return deploy_manifest_check_backoff(manifest, &group->supervision.backoff, error);
}

static airs_status check_restart(const deploy_manifest *manifest, const deploy_actor *actor, airs_error *error)
{
    const deploy_document *document = &manifest->document;
    if (actor->significant && actor->restart == AIRS_RESTART_PERMANENT)
        return refuse_significant(manifest, actor->significant_at, error);
    if (actor->restart != AIRS_RESTART_TEMPORARY)
        return AIRS_OK;
    if (actor->backoff.at.line > 0)
        return deploy_document_refuse(document, actor->backoff.at, error,
                                      "`backoff` of what is temporary, and so never started again");
    if (actor->on_failure.retries > 0)
        return deploy_document_refuse(document, actor->on_failure.retries_at, error,
                                      "`retries` of what is temporary: no incarnation follows that could handle "
                                      "the message again");
    return AIRS_OK;
}

static airs_status check_health(const deploy_manifest *manifest, const deploy_actor *actor, airs_error *error)
{
    const deploy_health *health = &actor->health;
    bool probed = health->check == AIRS_HEALTH_MESSAGE;
    if (health->message.text && !probed)
        return deploy_document_refuse(&manifest->document, health->message.at, error,
                                      "`message` goes with check = \"message\" only");
    if (!health->message.text && probed)
        return deploy_document_refuse(&manifest->document, health->at, error,
                                      "check = \"message\" needs `message`, the payload that the actor answers to");
    if (probed && actor->limits.max_message > 0 && strlen(health->message.text) > actor->limits.max_message)
        return deploy_document_refuse(&manifest->document, health->message.at, error,
                                      "`message` has %zu bytes, `max_message` of the actor allows %u",
                                      strlen(health->message.text), actor->limits.max_message);
    return AIRS_OK;
}

static airs_status check_memory(const deploy_manifest *manifest, const deploy_actor *actor, airs_error *error)
{
    uint64_t max = manifest->node.component_memory_max;
    uint64_t wanted = actor->limits.max_memory;
    char text[BASE_QUANTITY_MAX];
    if (max == 0 || wanted <= max)
        return AIRS_OK;
    return deploy_document_refuse(&manifest->document, actor->max_memory_at, error,
                                  "`max_memory` is above `component_memory_max` of [node], which is %s",
                                  base_size_format(text, max));
}

/// A text of a canary that can't be read is refused where it stands.
static airs_status refuse_text(const deploy_manifest *manifest, const deploy_text *text, airs_status status,
                               const airs_error *why, airs_error *error)
{
    return status == AIRS_OK ? AIRS_OK : deploy_document_refuse(&manifest->document, text->at, error, "%s", why->text);
}

static airs_status check_canary(const deploy_manifest *manifest, const deploy_policy *policy, airs_error *error)
{
    airs_error why = {0};
    uint32_t ignored_share;
    condition ignored;
    const deploy_text *alone = policy->promote_when.text ? &policy->promote_when : &policy->rollback_when;
    if (!policy->canary.text)
        return !alone->text ? AIRS_OK
                            : deploy_document_refuse(&manifest->document, alone->at, error,
                                                     "`%s` is of a canary: give `canary`, its share",
                                                     alone == &policy->promote_when ? "promote_when" : "rollback_when");
    airs_status status = condition_parse_share(policy->canary.text, "`canary`", &ignored_share, &why);
    status = refuse_text(manifest, &policy->canary, status, &why, error);
    if (status == AIRS_OK && policy->promote_when.text)
        status = refuse_text(manifest, &policy->promote_when,
                             condition_parse(policy->promote_when.text, "`promote_when`", &ignored, &why), &why, error);
    if (status == AIRS_OK && policy->rollback_when.text)
        status =
            refuse_text(manifest, &policy->rollback_when,
                        condition_parse(policy->rollback_when.text, "`rollback_when`", &ignored, &why), &why, error);
    return status;
}

airs_status deploy_manifest_check_actor(const deploy_manifest *manifest, const deploy_actor *actor, airs_error *error)
{
    const deploy_checkpoint *checkpoint = &actor->checkpoint;
    airs_status status = check_restart(manifest, actor, error);
    if (status == AIRS_OK)
        status = deploy_manifest_check_backoff(manifest, &actor->backoff, error);
    if (status == AIRS_OK)
        status = check_health(manifest, actor, error);
    if (status == AIRS_OK)
        status = check_memory(manifest, actor, error);
    if (status == AIRS_OK)
        status = check_canary(manifest, &actor->policy, error);
    if (status == AIRS_OK && checkpoint->at.line > 0 && checkpoint->every_messages == 0 && checkpoint->every_ms == 0 &&
        !checkpoint->on_stop)
        return deploy_document_refuse(&manifest->document, checkpoint->at, error,
                                      "a checkpoint at no time: give `every_messages`, `every` or on_stop = true");
    return status;
}

// ---------------------------------------------------------------- options

airs_backoff deploy_backoff_options(const deploy_backoff *backoff)
{
    if (backoff->at.line == 0)
        return (airs_backoff){.kind = AIRS_BACKOFF_INHERIT};
    return (airs_backoff){.kind = (airs_backoff_kind)(backoff->kind + 1),
                          .delay_ms = backoff->delay_ms,
                          .factor = backoff->factor,
                          .delay_max_ms = backoff->delay_max_ms,
                          .jitter_percent = backoff->jitter_percent,
                          .reset_after_ms = backoff->reset_after_ms};
}

static airs_health_options health_options(const deploy_health *health)
{
    const char *message = health->message.text;
    return (airs_health_options){.kind = (airs_health_kind)health->check,
                                 .interval_ms = health->interval_ms,
                                 .timeout_ms = health->timeout_ms,
                                 .failures_max = health->failures,
                                 .start_grace_ms = health->start_grace_ms,
                                 .probe = {(const uint8_t *)message, message ? strlen(message) : 0}};
}

airs_spawn_options deploy_actor_options(const deploy_actor *actor, airs_actor_id supervisor)
{
    airs_limits limits = actor->limits;
    limits.mailbox_policy = (airs_mailbox_policy)actor->mailbox_policy;
    return (airs_spawn_options){.name = actor->name.text,
                                .supervisor = supervisor,
                                .restart = (airs_restart)actor->restart,
                                .significant = actor->significant,
                                .limits = limits,
                                .config = actor->config.items,
                                .config_count = actor->config.count,
                                .env = actor->variables,
                                .env_count = actor->env.count,
                                .args = actor->arguments,
                                .args_count = actor->args.count,
                                .input = actor->input,
                                .grants = actor->grants.made,
                                .grants_count = actor->grants.made_count,
                                .mounts = actor->grants.mounts,
                                .mounts_count = actor->grants.mounts_count,
                                // Those are among them; of a component alone there is nothing but its streams.
                                .nothing_by_default = actor->grants.complete && !actor->bare,
                                .backoff = deploy_backoff_options(&actor->backoff),
                                .health = health_options(&actor->health),
                                .on_failure = {.retries = actor->on_failure.retries,
                                               .drop_message = actor->on_failure.message == 1,
                                               .clear_mailbox = actor->on_failure.mailbox == 1},
                                .checkpoint = {.every_messages = actor->checkpoint.every_messages,
                                               .every_ms = actor->checkpoint.every_ms,
                                               .on_stop = actor->checkpoint.on_stop,
                                               .max_state = actor->checkpoint.max_state},
                                .children_max = actor->spawn.max_children};
}

airs_supervisor_options deploy_group_options(const deploy_group *group, airs_actor_id supervisor)
{
    return (airs_supervisor_options){.name = group->name.text,
                                     .supervisor = supervisor,
                                     .max_restarts = group->supervision.max_restarts,
                                     .window_ms = group->supervision.window_ms,
                                     .strategy = (airs_strategy)group->supervision.strategy,
                                     .auto_shutdown = (airs_auto_shutdown)group->supervision.auto_shutdown,
                                     .restart = (airs_restart)group->restart,
                                     .significant = group->significant,
                                     .backoff = deploy_backoff_options(&group->supervision.backoff),
                                     .children_max = group->max_children};
}
