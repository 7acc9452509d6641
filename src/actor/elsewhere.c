// SPDX-License-Identifier: MIT OR Apache-2.0
#include "actor/elsewhere.h"

#include <stdio.h>
#include <string.h>

#include "actor/cell.h"
#include "actor/names.h"
#include "base/alloc.h"
#include "base/bytes.h"
#include "base/hash.h"

#define NAME_MAX_LEN (FAR_TEXT_SIZE - FAR_APP_SIZE - 1u)

void far_table_init(far_table *table, actor_space *space)
{
    os_mutex_init(&table->lock);
    ds_namemap_init(&table->by_text, space->names.key, sched_retirer(space->sched), space->allocator);
}

void far_table_fini(far_table *table, const airs_allocator *allocator)
{
    if (table->by_text.allocator == NULL)
        return;
    uint32_t count = base_atomic_load_relaxed(&table->count);
    for (uint32_t i = 0; i < count; i++)
        base_free(allocator, base_atomic_load_relaxed(&table->chunks[i / FAR_CHUNK])[i % FAR_CHUNK]);
    for (uint32_t i = 0; i < FAR_CHUNKS; i++)
        base_free(allocator, base_atomic_load_relaxed(&table->chunks[i]));
    ds_namemap_fini(&table->by_text);
    *table = (far_table){0};
}

void actor_elsewhere_set(actor_space *space, const actor_elsewhere *elsewhere)
{
    // release: who finds it finds what it is made of.
    base_atomic_store_release(&space->elsewhere, elsewhere);
}

bool actor_far_split(airs_bytes text, airs_bytes *ret_app, airs_bytes *ret_name)
{
    const uint8_t *slash = text.len == 0 ? NULL : memchr(text.data, '/', text.len);
    if (slash == NULL)
        return false;
    size_t app_len = (size_t)(slash - text.data);
    size_t name_len = text.len - app_len - 1;
    if (app_len == 0 || app_len >= FAR_APP_SIZE || name_len == 0 || name_len > NAME_MAX_LEN)
        return false;
    *ret_app = (airs_bytes){text.data, app_len};
    *ret_name = (airs_bytes){slash + 1, name_len};
    return true;
}

// ---------------------------------------------------------------- the table

static uint64_t id_of(const actor_space *space, uint32_t index)
{
    return (uint64_t)space->owner << 48 | (index + 1u);
}

actor_far *actor_far_find(const actor_space *space, uint64_t id)
{
    if (!actor_id_is_far(id) || id >> 48 != space->owner)
        return NULL;
    uint32_t index = (uint32_t)(id & 0xffffffu) - 1u;
    // acquire, with the release of add: the entry is there.
    if (index >= base_atomic_load_acquire(&space->far.count))
        return NULL;
    return base_atomic_load_relaxed(&space->far.chunks[index / FAR_CHUNK])[index % FAR_CHUNK];
}

/// Makes one more entry. NULL: no memory, or no place. Under the lock.
static actor_far *add(actor_space *space, airs_bytes app, airs_bytes text)
{
    far_table *table = &space->far;
    uint32_t index = base_atomic_load_relaxed(&table->count);
    if (index >= FAR_CHUNK * FAR_CHUNKS)
        return NULL;
    actor_far **chunk = base_atomic_load_relaxed(&table->chunks[index / FAR_CHUNK]);
    if (chunk == NULL) {
        chunk = base_alloc_array(space->allocator, FAR_CHUNK, sizeof(actor_far *));
        if (chunk == NULL)
            return NULL;
        base_atomic_store_relaxed(&table->chunks[index / FAR_CHUNK], chunk);
    }
    actor_far *made = base_alloc_zeroed(space->allocator, sizeof *made + text.len + 1);
    if (made == NULL)
        return NULL;
    made->id = id_of(space, index);
    made->app_len = app.len;
    memcpy(made->text, text.data, text.len);
    if (ds_namemap_insert(&table->by_text, text, made->id) != AIRS_OK) {
        base_free(space->allocator, made);
        return NULL;
    }
    chunk[index % FAR_CHUNK] = made;
    base_atomic_store_release(&table->count, index + 1u);
    return made;
}

/// The entry of a text, made when there is none. Under the lock.
static actor_far *find_or_add(actor_space *space, airs_bytes app, airs_bytes text)
{
    uint64_t id;
    if (ds_namemap_find(&space->far.by_text, text, &id))
        return actor_far_find(space, id);
    return add(space, app, text);
}

static bool has_room(const actor_far *app, far_use use)
{
    return app->names < FAR_NAMES_MAX && (use == FAR_USED || app->asked < FAR_ASKED_MAX);
}

/// The id of a name that was not there a moment ago.
static uint64_t intern_new(actor_space *space, airs_bytes app, airs_bytes text, far_use use)
{
    far_table *table = &space->far;
    os_mutex_lock(&table->lock);
    actor_far *of = find_or_add(space, app, app);
    actor_far *it = of;
    uint64_t id;
    if (of != NULL && text.len > app.len) {
        bool known = ds_namemap_find(&table->by_text, text, &id);
        it = known || has_room(of, use) ? find_or_add(space, app, text) : NULL;
        if (it != NULL && !known) {
            of->names++;
            of->asked += use == FAR_ASKED;
        }
    }
    os_mutex_unlock(&table->lock);
    // Where there is no place left, who has sent is of that app at least.
    if (it == NULL && use == FAR_USED)
        it = of;
    return it == NULL ? 0 : it->id;
}

uint64_t actor_far_intern(actor_space *space, airs_bytes app, airs_bytes name, far_use use)
{
    char text[FAR_TEXT_SIZE];
    if (app.len == 0 || app.len >= FAR_APP_SIZE || name.len > NAME_MAX_LEN)
        return 0;
    memcpy(text, app.data, app.len);
    airs_bytes whole = {(const uint8_t *)text, app.len};
    if (name.len > 0) {
        text[app.len] = '/';
        memcpy(text + app.len + 1, name.data, name.len);
        whole.len += 1 + name.len;
    }
    uint64_t id;
    if (ds_namemap_find(&space->far.by_text, whole, &id) && actor_far_find(space, id) != NULL)
        return id;
    return intern_new(space, app, whole, use);
}

// ---------------------------------------------------------------- messages

airs_status actor_far_put(actor_space *space, uint64_t to, envelope *mail)
{
    const actor_elsewhere *elsewhere = base_atomic_load_acquire(&space->elsewhere);
    actor_far *far = actor_far_find(space, to);
    // An app as such is nobody.
    if (elsewhere == NULL || far == NULL || far->text[far->app_len] == '\0')
        return AIRS_E_GONE;
    airs_status status = elsewhere->deliver(elsewhere->user, space, far, mail);
    if (status == AIRS_OK)
        actor_space_discard(space, mail);
    return status;
}

/// What `actor_lookup` finds elsewhere. In a read section.
static bool look_elsewhere(actor_space *space, airs_bytes text, bool may, uint64_t *ret_id)
{
    const actor_elsewhere *elsewhere = base_atomic_load_acquire(&space->elsewhere);
    airs_bytes app;
    airs_bytes name;
    if (elsewhere == NULL || !actor_far_split(text, &app, &name) || actor_name_check(name, NULL) != AIRS_OK)
        return false;
    if (base_bytes_are(app, elsewhere->app))
        return ds_namemap_find(&space->names, name, ret_id);
    actor_far_state state = elsewhere->look(elsewhere->user, app, name);
    if (state == ACTOR_FAR_UNKNOWN || (may && state == ACTOR_FAR_NOBODY))
        return false;
    // A wide grant is no reason to keep what may not be used anyway.
    bool uses = may && state == ACTOR_FAR_THERE;
    uint64_t id = actor_far_intern(space, app, name, uses ? FAR_USED : FAR_ASKED);
    const actor_far *far = actor_far_find(space, id);
    // That of the app alone is no answer.
    if (far == NULL || far->text[far->app_len] == '\0')
        return false;
    *ret_id = id;
    return true;
}

bool actor_lookup(actor_space *space, airs_bytes name, bool may, uint64_t *ret_id)
{
    sched_read read = sched_read_enter(space->sched);
    bool found = ds_namemap_find(&space->names, name, ret_id) || look_elsewhere(space, name, may, ret_id);
    sched_read_leave(space->sched, read);
    return found;
}
