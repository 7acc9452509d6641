// SPDX-License-Identifier: MIT OR Apache-2.0
#include "component/outfit.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "component/checkpoint.h"
#include "component/file_access.h"

// ---------------------------------------------------------------- making

/// Copies a text to where there is room for it, and moves on behind it.
static const char *put_text(char **at, const char *text)
{
    size_t size = strlen(text) + 1;
    char *put = memcpy(*at, text, size);
    *at += size;
    return put;
}

airs_status component_outfit_copy_env(airs_setting **ret, size_t *ret_count, const airs_spawn_options *from,
                                      const airs_allocator *allocator, airs_error *error)
{
    size_t bytes = 0;
    for (size_t i = 0; i < from->env_count; i++)
        bytes += strlen(from->env[i].key) + strlen(from->env[i].value) + 2;
    if (from->env_count == 0)
        return AIRS_OK;
    airs_setting *made = base_alloc_zeroed(allocator, from->env_count * sizeof *made + bytes);
    if (made == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for an environment");
    char *text = (char *)(made + from->env_count);
    for (size_t i = 0; i < from->env_count; i++) {
        made[i].key = put_text(&text, from->env[i].key);
        made[i].value = put_text(&text, from->env[i].value);
    }
    *ret = made;
    *ret_count = from->env_count;
    return AIRS_OK;
}

static airs_status init_checkpoint(component_outfit *self, component_actor *of, const airs_component *version,
                                   airs_error *error)
{
    if (!checkpoint_saves(&self->when))
        return AIRS_OK;
    if ((version->exports & ENGINE_EXPORT_STATE) == 0)
        return base_error_set(error, AIRS_E_UNSUPPORTED, "checkpoint: the component does not export `state`");
    airs_status status = checkpoint_complete(&self->when, error);
    if (status != AIRS_OK)
        return status;
    // Whether it is needed is known when it is settled.
    self->checkpoint = checkpoint_create(of->cell.space->allocator, &of->cell, &self->when);
    return self->checkpoint == NULL ? base_error_set(error, AIRS_E_NOMEM, "no memory for a checkpoint") : AIRS_OK;
}

airs_status component_outfit_init(component_outfit *self, const airs_spawn_options *options, component_actor *of,
                                  const airs_component *version, airs_error *error)
{
    const airs_allocator *allocator = of->cell.space->allocator;
    component_outfit made = {.limits = options->limits, .when = options->checkpoint};
    airs_status status = actor_limits_complete(&made.limits, error);
    if (status == AIRS_OK)
        status = component_outfit_copy_env(&made.env, &made.env_count, options, allocator, error);
    if (status == AIRS_OK)
        status = component_program_init(&made.program, options, allocator, error);
    if (status == AIRS_OK)
        status = init_checkpoint(&made, of, version, error);
    if (status == AIRS_OK)
        *self = made;
    else
        component_outfit_fini(&made, allocator);
    return status;
}

void component_outfit_fini(component_outfit *self, const airs_allocator *allocator)
{
    base_free(allocator, self->env);
    component_program_fini(&self->program, allocator);
    checkpoint_destroy(self->checkpoint, allocator);
    *self = (component_outfit){0};
}

uint64_t component_outfit_state_max(const component_outfit *self)
{
    return self->checkpoint == NULL ? checkpoint_state_max(NULL) : self->when.max_state;
}

// ---------------------------------------------------------------- putting it in place

void component_outfit_apply_limits(component_actor *self)
{
    const airs_limits *limits = &self->cell.limits;
    self->log.lines_per_second = limits->log_lines_per_second;
    base_atomic_store_relaxed(&self->rate.per_second, limits->max_rate);
    base_atomic_store_relaxed(&self->refusals.per_second, limits->max_refusals);
    if (self->files != NULL)
        self->files->open_max = limits->max_open_files;
}

static void exchange_limits(component_outfit *self, component_actor *with)
{
    airs_limits *of = &with->cell.limits;
    airs_limits before = *of;
    os_mutex_lock(&with->cell.info_lock);
    *of = self->limits;
    of->mailbox_max = before.mailbox_max;
    of->mailbox_policy = before.mailbox_policy;
    of->max_mailbox_age_ms = before.max_mailbox_age_ms;
    os_mutex_unlock(&with->cell.info_lock);
    self->limits = before;
    if (before.max_message > with->message_max_before)
        with->message_max_before = before.max_message;
    component_outfit_apply_limits(with);
}

void component_outfit_exchange(component_outfit *self, component_actor *with)
{
    exchange_limits(self, with);
    airs_setting *env = with->env;
    size_t env_count = with->env_count;
    with->env = self->env;
    with->env_count = self->env_count;
    self->env = env;
    self->env_count = env_count;
    component_program program = with->program;
    with->program = self->program;
    self->program = program;
    if (with->checkpoint == NULL)
        return;
    os_mutex_lock(&with->cell.info_lock);
    airs_checkpoint when = with->checkpoint->when;
    with->checkpoint->when = self->when;
    os_mutex_unlock(&with->cell.info_lock);
    self->when = when;
}

void component_outfit_settle(component_outfit *self, component_actor *of)
{
    checkpoint *has = of->checkpoint;
    if (has == NULL) {
        os_mutex_lock(&of->cell.info_lock);
        of->checkpoint = self->checkpoint;
        os_mutex_unlock(&of->cell.info_lock);
        self->checkpoint = NULL;
    } else if (!checkpoint_saves(&has->when)) {
        checkpoint_pause(has, &of->cell);
        checkpoint_drop(has, of->cell.space->allocator);
    }
}
