// SPDX-License-Identifier: MIT OR Apache-2.0
#include "actor/links.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/bytes.h"

/// No place in a list.
#define NOWHERE UINT32_MAX
/// Entries that are taken out at a time.
#define TELL_BATCH 32u
#define INDEX_BITS 10u

_Static_assert(ACTOR_LINKS_MAX == 1u << INDEX_BITS, "an id has room for each record's index");

/// What an actor watches.
typedef struct relation {
    /// The monitor's id; links have one too. Its index in the lowest bits, never used again. 0: free.
    uint64_t id;
    uint64_t target;
    /// Where its entry is in the target's list. Of a free one: the next free one.
    uint32_t place;
    /// The watcher's.
    uint32_t incarnation;
    bool link;
    /// `mail` is in the mailbox; what it says may still change.
    bool queued;
    /// The target has ended for good, or it was a link: it goes when it has been told.
    bool over;
    /// There was no memory to tell it with; so ended the target then.
    bool owed;
    bool owed_restart;
    airs_exit owed_reason;
    /// NULL when there was no memory for another one.
    envelope *mail;
} relation;

/// Who is to be told.
typedef struct entry {
    /// 0: free.
    uint64_t watcher;
    /// Of a free one: the next free one.
    uint64_t relation;
    /// The incarnation of the target that it was made for.
    uint32_t incarnation;
    bool link;
} entry;

typedef struct actor_links {
    relation *relations;
    uint32_t capacity;
    uint32_t count;
    uint32_t free;
    /// Envelopes in the mailbox whose relation has ended.
    uint32_t stale;
    uint64_t made;
    entry *entries;
    uint32_t entries_capacity;
    uint32_t entries_free;
    /// One that it was linked to has failed, and it is to fail with it.
    bool broken;
    char broken_text[ACTOR_FAILURE_SIZE];
} actor_links;

// ---------------------------------------------------------------- locks

static void lock_both(actor *a, actor *b)
{
    os_mutex_lock(a->id < b->id ? &a->info_lock : &b->info_lock);
    os_mutex_lock(a->id < b->id ? &b->info_lock : &a->info_lock);
}

static void unlock_both(actor *a, actor *b)
{
    os_mutex_unlock(&a->info_lock);
    os_mutex_unlock(&b->info_lock);
}

// ---------------------------------------------------------------- records, under the watcher's lock

/// The actor's own, made now if there is none; NULL without memory.
static actor_links *links_of(actor *self)
{
    if (self->links != NULL)
        return self->links;
    actor_links *made = base_alloc_zeroed(self->space->allocator, sizeof *made);
    if (made != NULL) {
        made->free = NOWHERE;
        made->entries_free = NOWHERE;
    }
    self->links = made;
    return made;
}

static bool grow_relations(actor_links *links, const airs_allocator *allocator)
{
    uint32_t capacity = links->capacity == 0 ? 4 : 2 * links->capacity;
    relation *grown = base_realloc(allocator, links->relations, capacity * sizeof *grown);
    if (grown == NULL)
        return false;
    for (uint32_t i = capacity; i > links->capacity; i--) {
        grown[i - 1] = (relation){.place = links->free};
        links->free = i - 1;
    }
    links->relations = grown;
    links->capacity = capacity;
    return true;
}

/// What the watcher looks at before it takes its lock is set once: the envelope may lie in its mailbox when it is
/// written again.
static envelope *create_down(actor_space *space, const relation *at)
{
    envelope *mail = envelope_create(&space->envelopes, actor_space_cache(space));
    if (mail == NULL)
        return NULL;
    mail->kind = ENVELOPE_DOWN;
    mail->id = at->id;
    mail->sender = at->target;
    mail->request = at->link ? 0 : at->id;
    return mail;
}

static airs_status add_relation(actor *watcher, uint64_t target, bool link, relation **ret)
{
    const airs_allocator *allocator = watcher->space->allocator;
    actor_links *links = links_of(watcher);
    if (links == NULL)
        return AIRS_E_NOMEM;
    if (links->count + links->stale >= ACTOR_LINKS_MAX)
        return AIRS_E_LIMIT;
    if (links->free == NOWHERE && !grow_relations(links, allocator))
        return AIRS_E_NOMEM;
    uint32_t index = links->free;
    relation made = {.id = (links->made + 1) << INDEX_BITS | index,
                     .target = target,
                     .place = NOWHERE,
                     .incarnation = watcher->incarnation,
                     .link = link};
    made.mail = create_down(watcher->space, &made);
    if (made.mail == NULL)
        return AIRS_E_NOMEM;
    links->made++;
    links->count++;
    links->free = links->relations[index].place;
    links->relations[index] = made;
    *ret = &links->relations[index];
    return AIRS_OK;
}

/// What it has in the mailbox is found to mean nothing when it is taken.
static void remove_relation(actor *watcher, relation *at)
{
    actor_links *links = watcher->links;
    if (at->queued)
        links->stale++;
    else
        actor_space_discard(watcher->space, at->mail);
    *at = (relation){.place = links->free};
    links->free = (uint32_t)(at - links->relations);
    links->count--;
}

static relation *find_relation(const actor *watcher, uint64_t id)
{
    const actor_links *links = watcher->links;
    uint32_t index = (uint32_t)(id & (ACTOR_LINKS_MAX - 1u));
    if (links == NULL || id == 0 || index >= links->capacity || links->relations[index].id != id)
        return NULL;
    return &links->relations[index];
}

static relation *find_link(const actor *watcher, uint64_t target)
{
    const actor_links *links = watcher->links;
    for (uint32_t i = 0; links != NULL && i < links->capacity; i++) {
        relation *at = &links->relations[i];
        if (at->id != 0 && at->link && at->target == target)
            return at;
    }
    return NULL;
}

// ---------------------------------------------------------------- entries, under the target's lock

static airs_status add_entry(actor *target, uint64_t watcher, relation *of)
{
    actor_links *links = links_of(target);
    if (links == NULL)
        return AIRS_E_NOMEM;
    if (links->entries_free == NOWHERE) {
        uint32_t capacity = links->entries_capacity == 0 ? 4 : 2 * links->entries_capacity;
        entry *grown = base_realloc(target->space->allocator, links->entries, capacity * sizeof *grown);
        if (grown == NULL)
            return AIRS_E_NOMEM;
        for (uint32_t i = capacity; i > links->entries_capacity; i--) {
            grown[i - 1] = (entry){.relation = links->entries_free};
            links->entries_free = i - 1;
        }
        links->entries = grown;
        links->entries_capacity = capacity;
    }
    of->place = links->entries_free;
    entry *added = &links->entries[of->place];
    links->entries_free = (uint32_t)added->relation;
    *added = (entry){.watcher = watcher, .relation = of->id, .incarnation = target->incarnation, .link = of->link};
    return AIRS_OK;
}

static void free_entry(actor_links *links, uint32_t place)
{
    links->entries[place] = (entry){.relation = links->entries_free};
    links->entries_free = place;
}

static void remove_entry(actor *target, uint64_t watcher, uint64_t id, uint32_t place)
{
    actor_links *links = target->links;
    if (links == NULL || place >= links->entries_capacity)
        return;
    const entry *at = &links->entries[place];
    if (at->watcher == watcher && at->relation == id)
        free_entry(links, place);
}

// ---------------------------------------------------------------- telling, under the watcher's lock

/// What a down event says: the sentence, and below it what is known of the functions that it was in.
static airs_bytes down_text(const actor_failure *end, char *room, size_t size)
{
    if (end->backtrace[0] == '\0')
        return base_bytes_of(end->text);
    (void)snprintf(room, size, "%s\n%s", end->text, end->backtrace);
    return base_bytes_of(room);
}

/// True when the watcher is to be woken.
static bool put_down(actor *watcher, relation *at, const actor_failure *end, bool will_restart)
{
    const airs_allocator *allocator = watcher->space->allocator;
    airs_exit reason = end->reason;
    if (at->mail == NULL)
        at->mail = create_down(watcher->space, at);
    if (at->mail == NULL) {
        at->owed = true;
        at->owed_reason = reason;
        at->owed_restart = will_restart;
        (void)base_atomic_fetch_or_acq_rel(&watcher->signals, (uint32_t)ACTOR_SIGNAL_LINK);
        return true;
    }
    envelope *mail = at->mail;
    at->owed = false;
    mail->status = (uint8_t)reason;
    mail->will_restart = will_restart;
    char room[ACTOR_FAILURE_SIZE + ACTOR_BACKTRACE_SIZE];
    airs_bytes text = down_text(end, room, sizeof room);
    // What fits into the envelope needs no memory.
    if (!envelope_fill(mail, allocator, text))
        (void)envelope_fill(mail, allocator, (airs_bytes){text.data, ENVELOPE_INLINE});
    if (at->queued)
        return false;
    at->queued = true;
    return inbox_put_uncounted(&watcher->inbox, mail);
}

static void break_link(actor *watcher, uint64_t target, const actor_failure *end)
{
    actor_links *links = watcher->links;
    if (!links->broken)
        (void)snprintf(links->broken_text, sizeof links->broken_text,
                       "actor %016" PRIx64 ", to which it is linked, ended (%s): %.160s", target,
                       airs_exit_name(end->reason), end->text);
    links->broken = true;
    (void)base_atomic_fetch_or_acq_rel(&watcher->signals, (uint32_t)ACTOR_SIGNAL_LINK);
}

/// True when the watcher is to be woken.
static bool tell_relation(actor *watcher, relation *at, const actor_failure *end, bool will_restart)
{
    at->over = at->link || !will_restart;
    if (base_atomic_load_relaxed(&watcher->takes_downs))
        return put_down(watcher, at, end, will_restart);
    // A supervisor ends by its children only.
    bool breaks = at->link && actor_exit_is_failure(end->reason) && watcher->kind->kind != AIRS_KIND_SUPERVISOR;
    if (breaks)
        break_link(watcher, at->target, end);
    if (at->over)
        remove_relation(watcher, at);
    return breaks;
}

// ---------------------------------------------------------------- making and ending relations

/// The target has ended before: the watcher is told at once.
static void tell_at_once(actor *watcher, relation *at, const actor *target)
{
    static const actor_failure no_such_actor = {.reason = AIRS_EXIT_FAILED, .text = "there is no such actor"};
    bool failed = target != NULL && actor_exit_is_failure(target->last_end.reason);
    if (tell_relation(watcher, at, failed ? &target->last_end : &no_such_actor, false))
        sched_wake(watcher->space->sched, &watcher->task);
}

/// Under both locks, or the watcher's when there is no target.
static airs_status watch(actor *watcher, actor *target, uint64_t target_id, bool link, relation **ret)
{
    airs_status status = add_relation(watcher, target_id, link, ret);
    if (status != AIRS_OK || target == NULL || target->terminated)
        return status;
    status = add_entry(target, watcher->id, *ret);
    if (status != AIRS_OK)
        remove_relation(watcher, *ret);
    return status;
}

static void unwatch(actor *watcher, actor *target, relation *at)
{
    if (target != NULL)
        remove_entry(target, watcher->id, at->id, at->place);
    remove_relation(watcher, at);
}

/// Locks the one, and the other when it exists.
static actor *find_and_lock(actor *self, uint64_t target)
{
    actor *found = actor_find(self->space, target);
    if (found == NULL)
        os_mutex_lock(&self->info_lock);
    else
        lock_both(self, found);
    return found;
}

static void unlock(actor *self, actor *target)
{
    if (target == NULL)
        os_mutex_unlock(&self->info_lock);
    else
        unlock_both(self, target);
}

airs_status actor_monitor(actor *self, uint64_t target, uint64_t *ret_monitor)
{
    if (target == 0 || target == self->id)
        return AIRS_E_INVALID;
    sched_read read = sched_read_enter(self->space->sched);
    actor *found = find_and_lock(self, target);
    relation *made;
    airs_status status = watch(self, found, target, false, &made);
    if (status == AIRS_OK) {
        *ret_monitor = made->id;
        if (found == NULL || found->terminated)
            tell_at_once(self, made, found);
    }
    unlock(self, found);
    sched_read_leave(self->space->sched, read);
    return status;
}

bool actor_demonitor(actor *self, uint64_t monitor)
{
    // Only the owner makes and ends its monitors, so the record stays what it is while nothing is locked.
    os_mutex_lock(&self->info_lock);
    const relation *at = find_relation(self, monitor);
    uint64_t target = at == NULL || at->link ? 0 : at->target;
    os_mutex_unlock(&self->info_lock);
    if (target == 0)
        return false;
    sched_read read = sched_read_enter(self->space->sched);
    actor *found = find_and_lock(self, target);
    relation *ending = find_relation(self, monitor);
    if (ending != NULL)
        unwatch(self, found, ending);
    unlock(self, found);
    sched_read_leave(self->space->sched, read);
    return true;
}

void actor_forget_monitors(actor *self, actor_ids *list)
{
    uint32_t kept = 0;
    os_mutex_lock(&self->info_lock);
    for (uint32_t i = 0; i < list->len; i++) {
        if (find_relation(self, list->ids[i]) != NULL)
            list->ids[kept++] = list->ids[i];
    }
    os_mutex_unlock(&self->info_lock);
    list->len = kept;
}

/// Whether the two are linked, in the incarnations that they have now. Under both locks.
static bool are_linked(const actor *self, const actor *target)
{
    const relation *at = find_link(self, target->id);
    if (at == NULL || at->over || at->incarnation != self->incarnation || target->links == NULL ||
        at->place >= target->links->entries_capacity)
        return false;
    const entry *its = &target->links->entries[at->place];
    return its->watcher == self->id && its->relation == at->id && its->incarnation == target->incarnation;
}

/// Ends each half of a link that is there. Under both locks.
static void end_link(actor *self, actor *target, uint64_t target_id)
{
    // Several, when one was made after an earlier one had ended and before that was told.
    relation *at;
    while ((at = find_link(self, target_id)) != NULL)
        unwatch(self, target, at);
    while (target != NULL && (at = find_link(target, self->id)) != NULL)
        unwatch(target, self, at);
}

static airs_status link_both(actor *self, actor *target)
{
    if (are_linked(self, target))
        return AIRS_OK;
    relation *there;
    relation *back;
    airs_status status = watch(self, target, target->id, true, &there);
    if (status != AIRS_OK)
        return status;
    uint64_t id = there->id;
    status = watch(target, self, self->id, true, &back);
    if (status != AIRS_OK)
        unwatch(self, target, find_relation(self, id));
    return status;
}

airs_status actor_link(actor *self, uint64_t target)
{
    if (target == 0 || target == self->id)
        return AIRS_E_INVALID;
    sched_read read = sched_read_enter(self->space->sched);
    actor *found = find_and_lock(self, target);
    airs_status status;
    if (found != NULL && !found->terminated) {
        status = link_both(self, found);
    } else {
        relation *made;
        status = watch(self, found, target, true, &made);
        if (status == AIRS_OK)
            tell_at_once(self, made, found);
    }
    unlock(self, found);
    sched_read_leave(self->space->sched, read);
    return status;
}

void actor_unlink(actor *self, uint64_t target)
{
    if (target == 0 || target == self->id)
        return;
    sched_read read = sched_read_enter(self->space->sched);
    actor *found = find_and_lock(self, target);
    end_link(self, found, target);
    unlock(self, found);
    sched_read_leave(self->space->sched, read);
}

// ---------------------------------------------------------------- the watcher's side

/// One that was taken before and put back is an event of the incarnation that had it; a monitor that was to tell more
/// has not been ended since.
static bool is_put_back(const actor *self, const envelope *down)
{
    bool goes_on = down->will_restart && down->request != 0;
    return down->incarnation == self->incarnation && (!goes_on || find_relation(self, down->id) != NULL);
}

static bool take_again(actor *self, envelope *down)
{
    os_mutex_lock(&self->info_lock);
    bool means_something = is_put_back(self, down);
    os_mutex_unlock(&self->info_lock);
    if (!means_something)
        actor_space_discard(self->space, down);
    return means_something;
}

bool actor_links_take(actor *self, envelope *down)
{
    // Of no incarnation is what no one has taken yet.
    if (down->incarnation != 0)
        return take_again(self, down);
    os_mutex_lock(&self->info_lock);
    relation *at = find_relation(self, down->id);
    bool means_something = at != NULL && at->mail == down;
    if (means_something) {
        at->queued = false;
        at->mail = NULL;
        if (at->over)
            remove_relation(self, at);
        else
            at->mail = create_down(self->space, at);
    } else {
        self->links->stale--;
    }
    os_mutex_unlock(&self->info_lock);
    if (!means_something)
        actor_space_discard(self->space, down);
    return means_something;
}

/// Under the lock.
static void tell_owed(actor *self)
{
    actor_links *links = self->links;
    for (uint32_t i = 0; i < links->capacity; i++) {
        relation *at = &links->relations[i];
        const actor_failure end = {.reason = at->owed_reason};
        if (at->id != 0 && at->owed)
            (void)put_down(self, at, &end, at->owed_restart);
    }
}

bool actor_links_are_broken(actor *self, actor_failure *ret_failure)
{
    char text[ACTOR_FAILURE_SIZE];
    os_mutex_lock(&self->info_lock);
    bool broken = self->links != NULL && self->links->broken;
    if (broken)
        (void)snprintf(text, sizeof text, "%s", self->links->broken_text);
    else if (self->links != NULL)
        tell_owed(self);
    os_mutex_unlock(&self->info_lock);
    if (broken)
        (void)actor_fail(ret_failure, AIRS_EXIT_FAILED, "%s", text);
    return broken;
}

/// Takes out what past incarnations watch, one after the other. False when there is no more.
static bool pop_relation(actor *self, uint32_t *at, relation *ret)
{
    os_mutex_lock(&self->info_lock);
    actor_links *links = self->links;
    while (links != NULL && *at < links->capacity &&
           (links->relations[*at].id == 0 ||
            (links->relations[*at].incarnation == self->incarnation && !self->terminated)))
        ++*at;
    bool found = links != NULL && *at < links->capacity;
    if (found) {
        *ret = links->relations[*at];
        remove_relation(self, &links->relations[*at]);
    } else if (links != NULL) {
        links->broken = false;
    }
    os_mutex_unlock(&self->info_lock);
    return found;
}

void actor_links_end(actor *self)
{
    relation ended;
    for (uint32_t at = 0; pop_relation(self, &at, &ended);) {
        if (ended.place == NOWHERE)
            continue;
        actor *target = actor_find(self->space, ended.target);
        if (target == NULL)
            continue;
        os_mutex_lock(&target->info_lock);
        remove_entry(target, self->id, ended.id, ended.place);
        os_mutex_unlock(&target->info_lock);
    }
}

// ---------------------------------------------------------------- the target's side

/// Copies entries that are to be told, from `*at` on; those whose relation ends by that are taken out.
static uint32_t next_entries(actor *self, bool will_restart, uint32_t *at, entry ret[TELL_BATCH])
{
    uint32_t count = 0;
    os_mutex_lock(&self->info_lock);
    actor_links *links = self->links;
    for (; *at < links->entries_capacity && count < TELL_BATCH; ++*at) {
        entry *it = &links->entries[*at];
        // One of the next incarnation is told of that one's end.
        if (it->watcher == 0 || (will_restart && it->incarnation == self->incarnation))
            continue;
        ret[count++] = *it;
        if (it->link || !will_restart)
            free_entry(links, *at);
    }
    os_mutex_unlock(&self->info_lock);
    return count;
}

static void tell_entry(actor *self, const entry *it, bool will_restart)
{
    actor *watcher = actor_find(self->space, it->watcher);
    if (watcher == NULL)
        return;
    os_mutex_lock(&watcher->info_lock);
    relation *at = find_relation(watcher, it->relation);
    bool wake = at != NULL && tell_relation(watcher, at, &self->failure, will_restart);
    os_mutex_unlock(&watcher->info_lock);
    if (wake)
        sched_wake(self->space->sched, &watcher->task);
}

void actor_links_tell(actor *self, bool will_restart)
{
    // Who comes later than this look sees that the actor has ended, or is of the next incarnation.
    os_mutex_lock(&self->info_lock);
    bool any = self->links != NULL;
    os_mutex_unlock(&self->info_lock);
    entry told[TELL_BATCH];
    uint32_t at = 0;
    for (uint32_t count = any ? 1 : 0; count > 0;) {
        count = next_entries(self, will_restart, &at, told);
        for (uint32_t i = 0; i < count; i++)
            tell_entry(self, &told[i], will_restart);
    }
}

void actor_links_fini(actor *self)
{
    actor_links *links = self->links;
    if (links == NULL)
        return;
    AIRS_ASSERT(links->count == 0);
    base_free(self->space->allocator, links->relations);
    base_free(self->space->allocator, links->entries);
    base_free(self->space->allocator, links);
    self->links = NULL;
}
