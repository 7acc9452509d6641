// SPDX-License-Identifier: MIT OR Apache-2.0
#include "component/learn.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"

airs_status learner_init(component_learner *self, const airs_allocator *allocator, const char *scratch,
                         airs_error *error)
{
    *self = (component_learner){.allocator = allocator, .scratch_fd = -1};
    os_mutex_init(&self->lock);
    self->scratch = base_strndup(allocator, scratch, strlen(scratch));
    if (self->scratch == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for what is learned");
    self->scratch_fd = open(scratch, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (self->scratch_fd >= 0)
        return AIRS_OK;
    airs_status status = base_error_errno(error, AIRS_E_IO, errno, "the scratch folder %s", scratch);
    learner_fini(self);
    return status;
}

void learner_fini(component_learner *self)
{
    for (uint32_t i = 0; i < self->count; i++) {
        learned_set_fini(&self->entries[i]->uses);
        base_free(self->allocator, self->entries[i]->name);
        base_free(self->allocator, self->entries[i]);
    }
    self->count = 0;
    base_free(self->allocator, self->scratch);
    self->scratch = NULL;
    if (self->scratch_fd >= 0)
        close(self->scratch_fd);
    self->scratch_fd = -1;
}

// ---------------------------------------------------------------- entries

static learn_entry *find(const component_learner *self, const learn_entry *parent, const char *name, bool is_template)
{
    for (uint32_t i = 0; i < self->count; i++) {
        learn_entry *it = self->entries[i];
        if (it->parent == parent && it->is_template == is_template && strcmp(it->name, name) == 0)
            return it;
    }
    return NULL;
}

static learn_entry *make(component_learner *self, learn_entry *parent, const char *name, bool is_template)
{
    learn_entry *made = self->count == LEARN_ENTRIES_MAX ? NULL : base_alloc_zeroed(self->allocator, sizeof *made);
    if (made == NULL)
        return NULL;
    made->name = base_strndup(self->allocator, name, strlen(name));
    if (made->name == NULL) {
        base_free(self->allocator, made);
        return NULL;
    }
    made->parent = parent;
    made->is_template = is_template;
    learned_set_init(&made->uses, self->allocator);
    self->entries[self->count++] = made;
    return made;
}

learn_entry *learner_enter(component_learner *self, learn_entry *parent, const char *name, const char *template_name)
{
    const char *of = template_name != NULL ? template_name : name != NULL ? name : "";
    os_mutex_lock(&self->lock);
    learn_entry *it = find(self, parent, of, template_name != NULL);
    if (it == NULL)
        it = make(self, parent, of, template_name != NULL);
    if (it == NULL)
        self->cut++;
    os_mutex_unlock(&self->lock);
    return it;
}

// ---------------------------------------------------------------- uses

static bool is_noted(component_learner *self, learn_entry *entry, const capability_decision *decision,
                     airs_bytes object)
{
    os_mutex_lock(&self->lock);
    airs_status status = learned_set_add(&entry->uses, decision, object);
    os_mutex_unlock(&self->lock);
    return status == AIRS_OK;
}

void component_learn(component_actor *self, capability_decision *decision, airs_bytes object)
{
    decision->learned = false;
    bool needs_none = decision->allowed && decision->grant == CAPABILITY_NONE;
    if (self->learned == NULL || needs_none || (!decision->allowed && decision->learn == CAPABILITY_LEARN_NOT))
        return;
    // Its own variables stand beside the grants.
    if (decision->right == CAPABILITY_ENV_READ && component_actor_env(self, object) != NULL)
        return;
    bool noted = is_noted(self->space->learner, self->learned, decision, object);
    decision->learned = noted && !decision->allowed && decision->learn == CAPABILITY_LEARN_DONE;
}

// ---------------------------------------------------------------- the scratch folder

/// Opens the folder `name` of `at`, which it closes but for the first. -1: there is none; with `make_it`, none is made.
static int step_into(const component_learner *self, int at, const char *name, bool make_it)
{
    bool there = !make_it || mkdirat(at, name, 0700) == 0 || errno == EEXIST;
    int next = there ? openat(at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
    if (at != self->scratch_fd)
        close(at);
    return next;
}

static void leave(const component_learner *self, int at)
{
    if (at >= 0 && at != self->scratch_fd)
        close(at);
}

/// Opens the folder above the last name of the path, which is `ret_name` then; -1: there is none.
static int open_above(const component_learner *self, capability_path *path, bool make_them, char **ret_name)
{
    int at = self->scratch_fd;
    char *name = path->text + 1;
    for (char *end; at >= 0 && (end = strchr(name, '/')) != NULL; name = end + 1) {
        *end = '\0';
        at = step_into(self, at, name, make_them);
        *end = '/';
    }
    *ret_name = name;
    return at;
}

void learner_make_folders(const component_learner *self, capability_path *path, bool whole)
{
    char *name;
    int at = open_above(self, path, true, &name);
    if (at >= 0 && whole && *name != '\0')
        (void)mkdirat(at, name, 0700);
    leave(self, at);
}

bool learner_has(const component_learner *self, capability_path *path)
{
    char *name;
    struct stat about;
    int at = open_above(self, path, false, &name);
    bool found = at >= 0 && *name != '\0' && fstatat(at, name, &about, AT_SYMLINK_NOFOLLOW) == 0;
    leave(self, at);
    return found;
}

// ---------------------------------------------------------------- what comes of it

static bool is_below(const learn_entry *entry, const learn_entry *of)
{
    for (const learn_entry *at = entry->parent; at != NULL; at = at->parent) {
        if (at == of)
            return true;
    }
    return false;
}

bool learner_knows(const component_learner *self, const char *name, bool is_template)
{
    bool found = false;
    for (uint32_t i = 0; i < self->count && !found; i++)
        found = self->entries[i]->is_template == is_template && strcmp(self->entries[i]->name, name) == 0;
    return found;
}

airs_status learner_collect(const component_learner *self, const char *name, bool is_template, learned_set *ret_uses)
{
    airs_status status = AIRS_OK;
    learned_set_init(ret_uses, self->allocator);
    for (uint32_t i = 0; i < self->count && status == AIRS_OK; i++) {
        const learn_entry *of = self->entries[i];
        if (of->is_template != is_template || strcmp(of->name, name) != 0)
            continue;
        status = learned_set_add_all(ret_uses, &of->uses);
        for (uint32_t k = 0; k < self->count && status == AIRS_OK; k++) {
            if (is_below(self->entries[k], of))
                status = learned_set_add_child(ret_uses, &self->entries[k]->uses);
        }
    }
    return status;
}
