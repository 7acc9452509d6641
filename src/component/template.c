// SPDX-License-Identifier: MIT OR Apache-2.0
#include "component/template.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "actor/native.h"
#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"

// ---------------------------------------------------------------- copies
// What is made is put in its place at once, so that what is half made can be freed. The lengths are set as the parts
// come to be.

/// What is the same on all levels of templates, but for how deep it is.
typedef struct copying {
    uint32_t depth;
    bool resolve;
} copying;

static char *copy_text(const airs_allocator *allocator, const char *text)
{
    return base_strndup(allocator, text, strlen(text));
}

static airs_status copy_texts(const char *const **texts, size_t *count, const char *what,
                              const airs_allocator *allocator, airs_error *error)
{
    const char *const *from = *texts;
    size_t wanted = *count;
    *texts = NULL;
    *count = 0;
    if (wanted == 0)
        return AIRS_OK;
    const char **made = from == NULL ? NULL : base_alloc_array(allocator, wanted, sizeof *made);
    *texts = made;
    for (size_t i = 0; made != NULL && i < wanted && from[i] != NULL; i++) {
        made[i] = copy_text(allocator, from[i]);
        if (made[i] == NULL)
            break;
        *count = i + 1;
    }
    if (*count == wanted)
        return AIRS_OK;
    if (from == NULL || (made != NULL && from[*count] == NULL))
        return base_error_set(error, AIRS_E_INVALID, "%s is NULL, or has a NULL text", what);
    return base_error_set(error, AIRS_E_NOMEM, "no memory for a template");
}

static void free_texts(const char *const *texts, size_t count, const airs_allocator *allocator)
{
    for (size_t i = 0; i < count; i++)
        base_free(allocator, (char *)(uintptr_t)texts[i]);
    base_free(allocator, (void *)(uintptr_t)texts);
}

/// `what` names them in errors.
static airs_status copy_settings(const airs_setting **settings, size_t *count, const char *what,
                                 const airs_allocator *allocator, airs_error *error)
{
    const airs_setting *from = *settings;
    size_t wanted = *count;
    *settings = NULL;
    *count = 0;
    if (wanted == 0)
        return AIRS_OK;
    airs_setting *made = from == NULL ? NULL : base_alloc_array(allocator, wanted, sizeof *made);
    *settings = made;
    for (size_t i = 0; made != NULL && i < wanted; i++) {
        made[i] = (airs_setting){0};
        *count = i + 1;
        if (from[i].key == NULL || from[i].value == NULL)
            return base_error_set(error, AIRS_E_INVALID, "%s[%zu] has a NULL key or value", what, i);
        made[i] = (airs_setting){copy_text(allocator, from[i].key), copy_text(allocator, from[i].value)};
        if (made[i].key == NULL || made[i].value == NULL)
            return base_error_set(error, AIRS_E_NOMEM, "no memory for a template");
    }
    if (from == NULL)
        return base_error_set(error, AIRS_E_INVALID, "%s is NULL", what);
    return made == NULL ? base_error_set(error, AIRS_E_NOMEM, "no memory for a template") : AIRS_OK;
}

static void free_settings(const airs_setting *settings, size_t count, const airs_allocator *allocator)
{
    for (size_t i = 0; i < count; i++) {
        base_free(allocator, (char *)(uintptr_t)settings[i].key);
        base_free(allocator, (char *)(uintptr_t)settings[i].value);
    }
    base_free(allocator, (void *)(uintptr_t)settings);
}

/// A copy of a text that may be NULL; false when there is no memory.
static bool copy_optional(const char **text, const airs_allocator *allocator)
{
    if (*text != NULL)
        *text = copy_text(allocator, *text);
    return *text != NULL;
}

static airs_status copy_grants(airs_spawn_options *options, const airs_allocator *allocator, airs_error *error)
{
    const airs_grant *from = options->grants;
    size_t wanted = options->grants_count;
    options->grants = NULL;
    options->grants_count = 0;
    if (wanted == 0)
        return AIRS_OK;
    if (from == NULL)
        return base_error_set(error, AIRS_E_INVALID, "grants is NULL");
    airs_grant *made = base_alloc_array(allocator, wanted, sizeof *made);
    options->grants = made;
    bool ok = made != NULL;
    for (size_t i = 0; ok && i < wanted; i++) {
        made[i] = from[i];
        options->grants_count = i + 1;
        bool pattern = copy_optional(&made[i].pattern, allocator) || from[i].pattern == NULL;
        ok = (copy_optional(&made[i].custom, allocator) || from[i].custom == NULL) && pattern;
    }
    return ok ? AIRS_OK : base_error_set(error, AIRS_E_NOMEM, "no memory for a template");
}

char *template_mount_folder(const airs_allocator *allocator, const char *folder)
{
    char real[PATH_MAX];
    // One that is not there yet is looked for when it is needed.
    return copy_text(allocator, realpath(folder, real) == NULL ? folder : real);
}

static airs_status copy_mounts(airs_spawn_options *options, copying how, const airs_allocator *allocator,
                               airs_error *error)
{
    const airs_mount *from = options->mounts;
    size_t wanted = options->mounts_count;
    options->mounts = NULL;
    options->mounts_count = 0;
    if (wanted == 0)
        return AIRS_OK;
    airs_mount *made = from == NULL ? NULL : base_alloc_array(allocator, wanted, sizeof *made);
    options->mounts = made;
    for (size_t i = 0; made != NULL && i < wanted; i++) {
        options->mounts_count = i + 1;
        made[i] = (airs_mount){0};
        if (from[i].guest == NULL || from[i].host == NULL)
            return base_error_set(error, AIRS_E_INVALID, "mounts[%zu] has a NULL folder", i);
        made[i].guest = copy_text(allocator, from[i].guest);
        made[i].host =
            how.resolve ? template_mount_folder(allocator, from[i].host) : copy_text(allocator, from[i].host);
        if (made[i].guest == NULL || made[i].host == NULL)
            return base_error_set(error, AIRS_E_NOMEM, "no memory for a template");
    }
    if (from == NULL)
        return base_error_set(error, AIRS_E_INVALID, "mounts is NULL");
    return made == NULL ? base_error_set(error, AIRS_E_NOMEM, "no memory for a template") : AIRS_OK;
}

static void free_grants(const airs_spawn_options *options, const airs_allocator *allocator)
{
    for (size_t i = 0; i < options->grants_count; i++) {
        base_free(allocator, (char *)(uintptr_t)options->grants[i].pattern);
        base_free(allocator, (char *)(uintptr_t)options->grants[i].custom);
    }
    base_free(allocator, (void *)(uintptr_t)options->grants);
    for (size_t i = 0; i < options->mounts_count; i++) {
        base_free(allocator, (char *)(uintptr_t)options->mounts[i].guest);
        base_free(allocator, (char *)(uintptr_t)options->mounts[i].host);
    }
    base_free(allocator, (void *)(uintptr_t)options->mounts);
}

static airs_status copy_bytes(airs_bytes *bytes, const char *what, const airs_allocator *allocator, airs_error *error)
{
    airs_bytes from = *bytes;
    *bytes = (airs_bytes){0};
    if (from.len == 0)
        return AIRS_OK;
    if (from.data == NULL)
        return base_error_set(error, AIRS_E_INVALID, "%s is NULL", what);
    uint8_t *made = base_alloc(allocator, from.len);
    if (made == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for a template");
    memcpy(made, from.data, from.len);
    *bytes = (airs_bytes){made, from.len};
    return AIRS_OK;
}

static airs_status copy_list(template_list *ret_list, const airs_template *from, size_t count, copying how,
                             const airs_allocator *allocator, airs_error *error);
static void free_template(airs_template *it, const airs_allocator *allocator);

static airs_status copy_templates(airs_spawn_options *options, copying how, const airs_allocator *allocator,
                                  airs_error *error)
{
    template_list made = {0};
    airs_status status = copy_list(&made, options->templates, options->templates_count, how, allocator, error);
    options->templates = made.list;
    options->templates_count = made.count;
    return status;
}

static airs_status copy_options(airs_spawn_options *options, copying how, const airs_allocator *allocator,
                                airs_error *error)
{
    airs_status statuses[12];
    // Each part is put in its place, whatever became of the others.
    statuses[0] = copy_settings(&options->config, &options->config_count, "config", allocator, error);
    statuses[1] = copy_texts(&options->may_send, &options->may_send_count, "may_send", allocator, error);
    statuses[2] = copy_texts(&options->may_publish, &options->may_publish_count, "may_publish", allocator, error);
    statuses[3] = copy_texts(&options->may_subscribe, &options->may_subscribe_count, "may_subscribe", allocator, error);
    statuses[4] = copy_texts(&options->may_register, &options->may_register_count, "may_register", allocator, error);
    statuses[5] = copy_bytes(&options->health.probe, "health.probe", allocator, error);
    statuses[6] = copy_templates(options, how, allocator, error);
    statuses[7] = copy_grants(options, allocator, error);
    statuses[8] = copy_mounts(options, how, allocator, error);
    statuses[9] = copy_settings(&options->env, &options->env_count, "env", allocator, error);
    statuses[10] = copy_texts(&options->args, &options->args_count, "args", allocator, error);
    statuses[11] = copy_bytes(&options->input, "input", allocator, error);
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        if (statuses[i] != AIRS_OK)
            return statuses[i];
    }
    return AIRS_OK;
}

/// `it` is a copy of the struct, of which the parts are copied here.
static airs_status copy_parts(airs_template *it, copying how, const airs_allocator *allocator, airs_error *error)
{
    const airs_native *native = it->native;
    it->native = NULL;
    it->options.name = NULL;
    it->options.supervisor = (airs_actor_id){0};
    if (it->component != NULL)
        airs_component_retain(it->component);
    airs_status status = copy_options(&it->options, how, allocator, error);
    it->name = copy_text(allocator, it->name);
    if (native != NULL) {
        airs_native *made = base_alloc(allocator, sizeof *made);
        if (made != NULL)
            *made = *native;
        it->native = made;
    }
    if (status == AIRS_OK && (it->name == NULL || (native != NULL && it->native == NULL)))
        status = base_error_set(error, AIRS_E_NOMEM, "no memory for a template");
    return status;
}

static airs_status check(const airs_template *from, size_t i, airs_error *error)
{
    if (from[i].name == NULL || from[i].name[0] == '\0')
        return base_error_set(error, AIRS_E_INVALID, "a template has no name");
    if ((from[i].native == NULL) == (from[i].component == NULL))
        return base_error_set(error, AIRS_E_INVALID, "template \"%.100s\": not one of native and component",
                              from[i].name);
    for (size_t other = 0; other < i; other++) {
        if (strcmp(from[other].name, from[i].name) == 0)
            return base_error_set(error, AIRS_E_INVALID, "template \"%.100s\" is there twice", from[i].name);
    }
    return AIRS_OK;
}

static airs_status copy_list(template_list *ret_list, const airs_template *from, size_t count, copying how,
                             const airs_allocator *allocator, airs_error *error)
{
    *ret_list = (template_list){0};
    if (count == 0)
        return AIRS_OK;
    if (from == NULL)
        return base_error_set(error, AIRS_E_INVALID, "templates is NULL");
    if (how.depth == TEMPLATE_DEPTH_MAX)
        return base_error_set(error, AIRS_E_INVALID, "templates of templates are more than %u deep",
                              TEMPLATE_DEPTH_MAX);
    ret_list->list = base_alloc_array(allocator, count, sizeof *ret_list->list);
    if (ret_list->list == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for a template");
    airs_status status = AIRS_OK;
    for (size_t i = 0; i < count && status == AIRS_OK; i++) {
        status = check(from, i, error);
        if (status != AIRS_OK)
            break;
        airs_template *it = &ret_list->list[ret_list->count++];
        *it = from[i];
        status = copy_parts(it, (copying){how.depth + 1, how.resolve}, allocator, error);
        if (status != AIRS_OK)
            base_error_prefix(error, "template \"%.100s\"", from[i].name);
    }
    return status;
}

static void free_template(airs_template *it, const airs_allocator *allocator)
{
    airs_spawn_options *options = &it->options;
    free_settings(options->config, options->config_count, allocator);
    free_settings(options->env, options->env_count, allocator);
    free_texts(options->may_send, options->may_send_count, allocator);
    free_texts(options->may_publish, options->may_publish_count, allocator);
    free_texts(options->may_subscribe, options->may_subscribe_count, allocator);
    free_texts(options->may_register, options->may_register_count, allocator);
    free_grants(options, allocator);
    free_texts(options->args, options->args_count, allocator);
    base_free(allocator, (void *)(uintptr_t)options->health.probe.data);
    base_free(allocator, (void *)(uintptr_t)options->input.data);
    template_list inner = {(airs_template *)(uintptr_t)options->templates, options->templates_count};
    template_list_free(&inner, allocator);
    base_free(allocator, (char *)(uintptr_t)it->name);
    base_free(allocator, (void *)(uintptr_t)it->native);
    airs_component_release(it->component);
}

airs_status template_list_copy(template_list *ret_list, const airs_template *from, size_t count, bool resolve,
                               const airs_allocator *allocator, airs_error *error)
{
    airs_status status = copy_list(ret_list, from, count, (copying){0, resolve}, allocator, error);
    if (status != AIRS_OK)
        template_list_free(ret_list, allocator);
    return status;
}

void template_list_free(template_list *list, const airs_allocator *allocator)
{
    for (size_t i = 0; i < list->count; i++)
        free_template(&list->list[i], allocator);
    base_free(allocator, list->list);
    *list = (template_list){0};
}

const airs_template *template_list_find(const template_list *list, airs_bytes name)
{
    for (size_t i = 0; i < list->count; i++) {
        if (base_bytes_are(name, list->list[i].name))
            return &list->list[i];
    }
    return NULL;
}

// ---------------------------------------------------------------- children

actor_options template_actor_options(const airs_spawn_options *from)
{
    return (actor_options){
        .name = from->name,
        .supervisor = from->supervisor.raw,
        .restart = from->restart,
        .significant = from->significant,
        .limits = from->limits,
        .backoff = from->backoff,
        .health = from->health,
        .on_failure = from->on_failure,
        .hooks = from->hooks,
        .config = from->config,
        .config_count = from->config_count,
    };
}

/// The settings of the child before those of the template that it does not have. NULL when there is no memory.
static airs_setting *merge(const airs_template *of, const template_child *child, const airs_allocator *allocator,
                           size_t *ret_count)
{
    size_t count = 0;
    airs_setting *all = base_alloc_array(allocator, child->config_count + of->options.config_count + 1, sizeof *all);
    for (; all != NULL && count < child->config_count; count++)
        all[count] = child->config[count];
    for (size_t i = 0; all != NULL && i < of->options.config_count; i++) {
        bool has = false;
        for (size_t own = 0; own < child->config_count && !has; own++)
            has = strcmp(child->config[own].key, of->options.config[i].key) == 0;
        if (!has)
            all[count++] = of->options.config[i];
    }
    *ret_count = count;
    return all;
}

static airs_status spawn_as(component_space *space, const airs_template *of, const template_child *child,
                            uint64_t *ret_id, airs_error *error)
{
    const airs_allocator *allocator = space->actors->allocator;
    actor_options options = template_actor_options(&of->options);
    airs_setting *config = merge(of, child, allocator, &options.config_count);
    if (config == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for an actor");
    options.config = config;
    options.name = child->name;
    options.supervisor = child->supervisor;
    options.started_fn = child->started_fn;
    options.started_user = child->started_user;
    airs_status status;
    if (of->native != NULL)
        status = native_spawn(space->actors, of->native, &options, ret_id, error);
    else if (child->parent != NULL)
        status =
            component_actor_spawn_child(child->parent, of->component, &options, &of->options, of->name, ret_id, error);
    else
        status = component_actor_spawn(space, of->component, &options, &of->options, of->name, ret_id, error);
    base_free(allocator, config);
    return status;
}

airs_status template_spawn(component_space *space, const airs_template *of, const template_child *child,
                           uint64_t *ret_id, airs_error *error)
{
    if (child->parent == NULL)
        return spawn_as(space, of, child, ret_id, error);
    // A component's template stays as it was; what is made of it may have changed.
    airs_template now;
    template_versions_enter(&space->versions, of, &now);
    airs_status status = spawn_as(space, &now, child, ret_id, error);
    template_versions_leave(&space->versions);
    return status;
}
