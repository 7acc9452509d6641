// SPDX-License-Identifier: MIT OR Apache-2.0
/// airssys:actor/supervision: children, monitors, links, and the end of oneself.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "actor/links.h"
#include "actor/log.h"
#include "actor/names.h"
#include "base/alloc.h"
#include "base/bytes.h"
#include "component/batch.h"
#include "component/children.h"
#include "component/exchange.h"
#include "component/host.h"

// ---------------------------------------------------------------- children

static engine_spawn_tag spawn_tag_of(airs_status status)
{
    switch (status) {
    case AIRS_OK:
        return ENGINE_SPAWN_OK;
    case AIRS_E_NOT_FOUND:
        return ENGINE_SPAWN_UNKNOWN_TEMPLATE;
    case AIRS_E_DENIED:
        return ENGINE_SPAWN_DENIED;
    case AIRS_E_LIMIT:
    case AIRS_E_NOMEM:
        return ENGINE_SPAWN_LIMIT;
    case AIRS_E_TAKEN:
        return ENGINE_SPAWN_TAKEN;
    default:
        return ENGINE_SPAWN_FAILED;
    }
}

/// Texts as C has them, all in one block of memory behind the list; NULL when there is no memory.
static airs_setting *copy_config(const airs_allocator *allocator, const engine_setting *config, size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += config[i].key.len + config[i].value.len + 2;
    airs_setting *list = base_alloc_zeroed(allocator, count * sizeof *list + bytes + 1);
    if (list == NULL)
        return NULL;
    char *text = (char *)(list + count);
    for (size_t i = 0; i < count; i++) {
        const engine_bytes parts[] = {config[i].key, config[i].value};
        const char **ends[] = {&list[i].key, &list[i].value};
        for (size_t part = 0; part < 2; part++) {
            if (parts[part].len > 0)
                memcpy(text, parts[part].data, parts[part].len);
            *ends[part] = text;
            text += parts[part].len + 1;
        }
    }
    return list;
}

/// The name of a child is the parent's to give where it may register it itself.
static airs_status check_name(component_actor *self, airs_bytes name, char ret_name[130], airs_error *error)
{
    airs_status status = actor_name_check(name, error);
    if (status == AIRS_OK)
        status = authority_check_name(self, name);
    if (status == AIRS_E_DENIED)
        base_text_copy(error->text, sizeof error->text, base_bytes_of(self->text));
    if (status == AIRS_OK)
        base_text_copy(ret_name, 130, name);
    return status;
}

static airs_status spawn_child(component_actor *self, airs_bytes template_name, const airs_bytes *name,
                               const engine_setting *config, size_t config_count, uint64_t *ret_id, airs_error *error)
{
    const airs_template *of = template_list_find(&self->children_of.templates, template_name);
    if (of == NULL) {
        int len = (int)(template_name.len < 100 ? template_name.len : 100);
        (void)snprintf(error->text, sizeof error->text, "no template \"%.*s\" for this actor", len,
                       (const char *)template_name.data);
        base_text_tidy(error->text);
        authority_refuse(self, CAPABILITY_SPAWN_START, template_name, error->text);
        return AIRS_E_NOT_FOUND;
    }
    char name_text[130];
    airs_status status = name == NULL ? AIRS_OK : check_name(self, *name, name_text, error);
    if (status != AIRS_OK)
        return status;
    const airs_allocator *allocator = self->cell.space->allocator;
    template_child child = {.name = name == NULL ? NULL : name_text, .config_count = config_count};
    airs_setting *settings = copy_config(allocator, config, config_count);
    if (settings == NULL)
        return AIRS_E_NOMEM;
    child.config = settings;
    status = children_spawn(self, of, &child, ret_id, error);
    base_free(allocator, settings);
    return status;
}

static void spawn(void *user, engine_bytes template_name, bool has_name, engine_bytes name,
                  const engine_setting *config, size_t config_count, engine_number_outcome *ret)
{
    component_actor *self = user;
    airs_error error = {.text = ""};
    uint64_t id = 0;
    airs_bytes wanted = exchange_from_engine(name);
    airs_status status = spawn_child(self, exchange_from_engine(template_name), has_name ? &wanted : NULL, config,
                                     config_count, &id, &error);
    base_text_copy(self->text, sizeof self->text,
                   base_bytes_of(error.text[0] == '\0' ? airs_status_text(status) : error.text));
    *ret = (engine_number_outcome){spawn_tag_of(status), id, exchange_to_engine(base_bytes_of(self->text))};
}

static bool stop_child(void *user, uint64_t id)
{
    component_actor *self = user;
    actor_space *space = self->cell.space;
    sched_read read = sched_read_enter(space->sched);
    actor *child = actor_find(space, id);
    bool own = child != NULL && children_has(self, child);
    if (own)
        actor_signal_send(child, ACTOR_SIGNAL_STOP);
    sched_read_leave(space->sched, read);
    return own;
}

static void exit_self(void *user, bool ok, engine_bytes text)
{
    component_actor *self = user;
    batch_cut(self);
    base_text_copy(self->text, sizeof self->text, exchange_from_engine(text));
    actor_exit(&self->cell, ok ? NULL : self->text);
    self->exit_requested = true;
}

// ---------------------------------------------------------------- monitors and links

/// Says why nothing came of a call that can't tell.
static void warn(component_actor *self, const char *call, uint64_t target, const char *why)
{
    actor_log(&self->cell, actor_message_in_hand(&self->cell), AIRS_LOG_WARN, "%s of actor %" PRIu64 ": %s", call,
              target, why);
}

/// Whom it may send to it may look at; one that has ended too.
static bool may_monitor(component_actor *self, const char *call, uint64_t target)
{
    if (authority_check_look(self, target))
        return true;
    warn(self, call, target, self->text);
    return false;
}

/// A link may end the other side: only where that is told of it, or is a child of this actor's own.
static bool may_link(component_actor *self, uint64_t target)
{
    if (!may_monitor(self, "link", target))
        return false;
    actor_space *space = self->cell.space;
    sched_read read = sched_read_enter(space->sched);
    const actor *other = actor_find(space, target);
    bool may = other == NULL || base_atomic_load_relaxed(&other->takes_downs) || children_has(self, other);
    sched_read_leave(space->sched, read);
    if (!may)
        warn(self, "link", target, "it has no way to be told, and would end with this actor, whose child it is not");
    return may;
}

static uint64_t monitor(void *user, uint64_t target)
{
    component_actor *self = user;
    uint64_t id = 0;
    if (!may_monitor(self, "monitor", target))
        return 0;
    airs_status status = actor_monitor(&self->cell, target, &id);
    if (status != AIRS_OK)
        warn(self, "monitor", target, airs_status_text(status));
    return status == AIRS_OK ? id : 0;
}

static bool demonitor(void *user, uint64_t id)
{
    component_actor *self = user;
    return actor_demonitor(&self->cell, id);
}

static void link_with(void *user, uint64_t target)
{
    component_actor *self = user;
    airs_status status = may_link(self, target) ? actor_link(&self->cell, target) : AIRS_OK;
    if (status != AIRS_OK)
        warn(self, "link", target, airs_status_text(status));
}

static void unlink_from(void *user, uint64_t target)
{
    component_actor *self = user;
    actor_unlink(&self->cell, target);
}

void component_host_init_supervision(engine_host *host)
{
    host->spawn = spawn;
    host->stop_child = stop_child;
    host->exit = exit_self;
    host->monitor = monitor;
    host->demonitor = demonitor;
    host->link = link_with;
    host->unlink = unlink_from;
}
