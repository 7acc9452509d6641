// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/child_template.h"

#include <string.h>

#include "airssys/capability.h"
#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "component/checkpoint.h"
#include "os/mutex.h"

// Room for any grant as text.
#define GRANT_TEXT_MAX 1400

struct child_template {
    os_mutex lock;
    /// Of one, which changes under the lock.
    template_list templates;
    /// Under the lock. NULL: there was no change.
    airs_component *past;
};

static void release(void *made, const airs_allocator *allocator)
{
    child_template *self = made;
    airs_component_release(self->past);
    template_list_free(&self->templates, allocator);
    base_free(allocator, self);
}

airs_status child_template_copy(const airs_supervisor_options *options, const airs_allocator *allocator,
                                supervisor_template *ret_template, airs_error *error)
{
    bool simple = options->strategy == AIRS_SIMPLE_ONE_FOR_ONE;
    if (simple != (options->child_template != NULL))
        return base_error_set(error, AIRS_E_INVALID, simple ? "%s needs a child_template" : "%s has no child_template",
                              airs_strategy_name(options->strategy));
    if (!simple)
        return AIRS_OK;
    airs_template from = *options->child_template;
    if (from.name == NULL)
        from.name = "child";
    child_template *made = base_alloc_zeroed(allocator, sizeof *made);
    if (made == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for a supervisor");
    os_mutex_init(&made->lock);
    airs_status status = template_list_copy(&made->templates, &from, 1, true, allocator, error);
    if (status != AIRS_OK) {
        base_free(allocator, made);
        return status;
    }
    *ret_template = (supervisor_template){made, release};
    return AIRS_OK;
}

child_template *child_template_of(const actor *cell)
{
    return supervisor_is(cell) ? supervisor_template_of(cell) : NULL;
}

/// False: none of them reads so. That of a variable of the template's own is none of them.
static bool take_back(airs_grant *all, size_t count, const airs_grant *grant)
{
    char text[GRANT_TEXT_MAX];
    char other[GRANT_TEXT_MAX];
    airs_grant wanted = *grant;
    wanted.revoked = false;
    (void)airs_grant_format(text, sizeof text, &wanted);
    for (size_t i = 0; i < count; i++) {
        if (!all[i].revoked && strcmp(airs_grant_format(other, sizeof other, &all[i]), text) == 0) {
            all[i].revoked = true;
            return true;
        }
    }
    return false;
}

/// NULL without memory. The texts are those of the template and of `grants`.
static airs_grant *merge(const airs_spawn_options *options, const child_grants *grants, const airs_allocator *allocator,
                         size_t *ret_count)
{
    size_t count = options->grants_count;
    airs_grant *all = base_alloc_array(allocator, count + grants->count + 1, sizeof *all);
    if (all == NULL)
        return NULL;
    if (count > 0)
        memcpy(all, options->grants, count * sizeof *all);
    for (size_t i = 0; i < grants->count; i++) {
        const airs_grant *grant = &grants->list[i];
        if (!grant->revoked || (!take_back(all, count, grant) && grant->rights == AIRS_RIGHT_ENV_READ))
            all[count++] = *grant;
    }
    *ret_count = count;
    return all;
}

static airs_status spawn(const airs_template *of, component_space *space, const template_child *child,
                         const child_grants *grants, uint64_t *ret_id, airs_error *error)
{
    if (grants == NULL || grants->count == 0)
        return template_spawn(space, of, child, ret_id, error);
    airs_template own = *of;
    airs_grant *all = merge(&of->options, grants, space->actors->allocator, &own.options.grants_count);
    if (all == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for the grants of a child");
    own.options.grants = all;
    airs_status status = template_spawn(space, &own, child, ret_id, error);
    base_free(space->actors->allocator, all);
    return status;
}

airs_status child_template_spawn(child_template *self, component_space *space, const template_child *child,
                                 const child_grants *grants, uint64_t *ret_id, airs_error *error)
{
    os_mutex_lock(&self->lock);
    airs_status status = spawn(&self->templates.list[0], space, child, grants, ret_id, error);
    os_mutex_unlock(&self->lock);
    return status;
}

void child_template_look(child_template *self, airs_component **ret_now, airs_component **ret_past)
{
    os_mutex_lock(&self->lock);
    *ret_now = self->templates.list[0].component;
    *ret_past = self->past;
    airs_component_retain(*ret_now);
    airs_component_retain(*ret_past);
    os_mutex_unlock(&self->lock);
}

bool child_template_saves(const child_template *self)
{
    // The lock is no part of what is looked at.
    os_mutex *lock = (os_mutex *)(uintptr_t)&self->lock;
    os_mutex_lock(lock);
    bool saves = checkpoint_saves(&self->templates.list[0].options.checkpoint);
    os_mutex_unlock(lock);
    return saves;
}

void child_template_change(child_template *self, airs_component *to)
{
    airs_component_retain(to);
    os_mutex_lock(&self->lock);
    airs_component *before = self->past;
    self->past = self->templates.list[0].component;
    self->templates.list[0].component = to;
    os_mutex_unlock(&self->lock);
    airs_component_release(before);
}

void child_template_exchange(child_template *self, template_list *with)
{
    os_mutex_lock(&self->lock);
    airs_template *has = &self->templates.list[0];
    airs_template before = *has;
    *has = with->list[0];
    with->list[0] = before;
    airs_component *past = NULL;
    if (has->component != before.component) {
        past = self->past;
        self->past = before.component;
        airs_component_retain(self->past);
    }
    os_mutex_unlock(&self->lock);
    airs_component_release(past);
}

const char *child_template_name(const child_template *self, char ret[CHILD_TEMPLATE_NAME_SIZE])
{
    // The lock is no part of what is looked at.
    os_mutex *lock = (os_mutex *)(uintptr_t)&self->lock;
    os_mutex_lock(lock);
    base_text_copy(ret, CHILD_TEMPLATE_NAME_SIZE, base_bytes_of(self->templates.list[0].name));
    os_mutex_unlock(lock);
    return ret;
}

void child_template_show(child_template *self, void (*fn)(void *user, const airs_template *of), void *user)
{
    os_mutex_lock(&self->lock);
    fn(user, &self->templates.list[0]);
    os_mutex_unlock(&self->lock);
}

void child_template_set_past(child_template *self, airs_component *component)
{
    os_mutex_lock(&self->lock);
    if (self->past == NULL) {
        airs_component_retain(component);
        self->past = component;
    }
    os_mutex_unlock(&self->lock);
}
