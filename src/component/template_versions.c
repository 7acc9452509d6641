// SPDX-License-Identifier: MIT OR Apache-2.0
#include "component/template_versions.h"

#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "component/template.h"
#include "wasm/component.h"

/// Of one name.
typedef struct template_version {
    struct template_version *next;
    airs_component *now;
    airs_component *past;
    /// Of one, of which the options count; or none: those of who spawns.
    template_list made_of;
    /// Hashes of the components in whose place it stands.
    uint8_t (*replaced)[sizeof((airs_component *)NULL)->hash];
    size_t replaced_count;
    size_t replaced_room;
    /// What changes that are under way may add.
    size_t reserved;
    char name[];
} template_version;

bool template_versions_init(template_versions *self, const airs_allocator *allocator)
{
    *self = (template_versions){.allocator = allocator};
    pthread_rwlockattr_t attributes;
    if (pthread_rwlockattr_init(&attributes) != 0)
        return false;
    // Many who spawn must not keep a change waiting.
    (void)pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    bool made = pthread_rwlock_init(&self->lock, &attributes) == 0;
    (void)pthread_rwlockattr_destroy(&attributes);
    return made;
}

static void destroy(template_version *it, const airs_allocator *allocator)
{
    airs_component_release(it->now);
    airs_component_release(it->past);
    template_list_free(&it->made_of, allocator);
    base_free(allocator, it->replaced);
    base_free(allocator, it);
}

void template_versions_fini(template_versions *self)
{
    while (self->first != NULL) {
        template_version *it = self->first;
        self->first = it->next;
        destroy(it, self->allocator);
    }
    (void)pthread_rwlock_destroy(&self->lock);
}

static template_version *find(const template_versions *self, const char *name)
{
    template_version *it = self->first;
    while (it != NULL && strcmp(it->name, name) != 0)
        it = it->next;
    return it;
}

static bool replaces(const template_version *it, const airs_component *component)
{
    bool found = false;
    for (size_t i = 0; !found && i < it->replaced_count; i++)
        found = memcmp(it->replaced[i], component->hash, sizeof it->replaced[i]) == 0;
    return found;
}

void template_versions_enter(template_versions *self, const airs_template *of, airs_template *ret_now)
{
    *ret_now = *of;
    (void)pthread_rwlock_rdlock(&self->lock);
    const template_version *it = of->component == NULL ? NULL : find(self, of->name);
    if (it == NULL || !replaces(it, of->component))
        return;
    ret_now->component = it->now;
    if (it->made_of.count > 0)
        ret_now->options = it->made_of.list[0].options;
}

void template_versions_leave(template_versions *self)
{
    (void)pthread_rwlock_unlock(&self->lock);
}

void template_versions_look(template_versions *self, const char *name, airs_component **ret_now,
                            airs_component **ret_past)
{
    (void)pthread_rwlock_rdlock(&self->lock);
    const template_version *it = find(self, name);
    *ret_now = it == NULL ? NULL : it->now;
    *ret_past = it == NULL ? NULL : it->past;
    airs_component_retain(*ret_now);
    airs_component_retain(*ret_past);
    (void)pthread_rwlock_unlock(&self->lock);
}

// ---------------------------------------------------------------- changes

static template_version *find_or_make(template_versions *self, const char *name)
{
    template_version *it = find(self, name);
    if (it != NULL)
        return it;
    size_t size = strlen(name) + 1;
    it = base_alloc_zeroed(self->allocator, sizeof *it + size);
    if (it == NULL)
        return NULL;
    memcpy(it->name, name, size);
    it->next = self->first;
    self->first = it;
    return it;
}

bool template_versions_reserve(template_versions *self, const char *name, size_t count)
{
    (void)pthread_rwlock_wrlock(&self->lock);
    template_version *it = find_or_make(self, name);
    size_t room = it == NULL ? 0 : it->replaced_count + it->reserved + count;
    if (it != NULL && room > it->replaced_room) {
        void *more = base_realloc(self->allocator, it->replaced, room * sizeof it->replaced[0]);
        it->replaced = more == NULL ? it->replaced : more;
        it->replaced_room = more == NULL ? it->replaced_room : room;
    }
    bool reserved = it != NULL && room <= it->replaced_room;
    if (reserved)
        it->reserved += count;
    (void)pthread_rwlock_unlock(&self->lock);
    return reserved;
}

void template_versions_give_back(template_versions *self, const char *name, size_t count)
{
    (void)pthread_rwlock_wrlock(&self->lock);
    find(self, name)->reserved -= count;
    (void)pthread_rwlock_unlock(&self->lock);
}

static void add_replaced(template_version *it, const airs_component *component)
{
    if (component == NULL || replaces(it, component))
        return;
    AIRS_ASSERT(it->replaced_count < it->replaced_room);
    memcpy(it->replaced[it->replaced_count++], component->hash, sizeof it->replaced[0]);
}

void template_versions_change(template_versions *self, const char *name, airs_component *const *from, size_t count,
                              airs_component *to, airs_component *past, template_list *with)
{
    airs_component_retain(to);
    airs_component_retain(past);
    (void)pthread_rwlock_wrlock(&self->lock);
    template_version *it = find(self, name);
    for (size_t i = 0; i < count; i++)
        add_replaced(it, from[i]);
    add_replaced(it, it->now);
    airs_component *now_before = it->now;
    airs_component *past_before = it->past;
    it->now = to;
    it->past = past;
    if (with != NULL) {
        template_list made_of = it->made_of;
        it->made_of = *with;
        *with = made_of;
    }
    (void)pthread_rwlock_unlock(&self->lock);
    airs_component_release(now_before);
    airs_component_release(past_before);
}

void template_versions_forget(template_versions *self, const char *name)
{
    template_version *gone = NULL;
    (void)pthread_rwlock_wrlock(&self->lock);
    for (template_version **at = &self->first; *at != NULL && gone == NULL; at = gone == NULL ? &(*at)->next : at) {
        // Who changes it now is not done.
        if (strcmp((*at)->name, name) != 0 || (*at)->reserved > 0)
            continue;
        gone = *at;
        *at = gone->next;
    }
    (void)pthread_rwlock_unlock(&self->lock);
    if (gone != NULL)
        destroy(gone, self->allocator);
}

void template_versions_each(template_versions *self, void (*fn)(void *user, const airs_template *noted), void *user)
{
    (void)pthread_rwlock_rdlock(&self->lock);
    for (const template_version *it = self->first; it != NULL; it = it->next) {
        if (it->made_of.count > 0)
            fn(user, &it->made_of.list[0]);
    }
    (void)pthread_rwlock_unlock(&self->lock);
}

bool template_versions_set_past(template_versions *self, const char *name, airs_component *past)
{
    (void)pthread_rwlock_wrlock(&self->lock);
    template_version *it = find_or_make(self, name);
    if (it != NULL && it->past == NULL) {
        airs_component_retain(past);
        it->past = past;
    }
    (void)pthread_rwlock_unlock(&self->lock);
    return it != NULL;
}
