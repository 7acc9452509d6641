// SPDX-License-Identifier: MIT OR Apache-2.0
#include "route/bridge.h"

#include <string.h>

#include "actor/cell.h"
#include "actor/names.h"
#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "capability/pattern.h"
#include "os/clock.h"
#include "os/thread.h"

#define CLOSED (UINT32_C(1) << 31)

static const airs_allocator *allocator(void)
{
    return base_allocator_default();
}

// ---------------------------------------------------------------- the gate

/// Where this thread is, the last place last: an outcome may lead from one to the next. What is deeper than any chain
/// of outcomes gets is only counted.
enum {
    VISITS_MAX = 32
};

static _Thread_local const bridge_place *visits[VISITS_MAX];
static _Thread_local uint32_t visits_count;

bool bridge_is_visited_by_me(const actor_space *space)
{
    for (uint32_t i = 0; i < visits_count && i < VISITS_MAX; i++) {
        if (visits[i]->space == space)
            return true;
    }
    return false;
}

/// The space of a place, which stays there until `leave`; NULL when it has none.
static actor_space *enter(bridge_place *place)
{
    if ((base_atomic_fetch_add_acquire(&place->gate, 1u) & CLOSED) == 0) {
        if (visits_count < VISITS_MAX)
            visits[visits_count] = place;
        visits_count++;
        return place->space;
    }
    (void)base_atomic_fetch_sub_release(&place->gate, 1u);
    return NULL;
}

static void leave(bridge_place *place)
{
    visits_count--;
    (void)base_atomic_fetch_sub_release(&place->gate, 1u);
}

/// Whether the place is still the space's. Another thread may have closed it to the end, and a successor opened it.
static bool has_place(bridge_place *place, const actor_space *space)
{
    os_mutex_lock(&place->bridge->lock);
    bool has = place->space == space;
    os_mutex_unlock(&place->bridge->lock);
    return has;
}

void bridge_leave(bridge_place *place, const actor_space *space)
{
    os_mutex_lock(&place->bridge->lock);
    bool in_it = place->space == space;
    if (in_it)
        (void)base_atomic_fetch_or_acq_rel(&place->gate, CLOSED);
    os_mutex_unlock(&place->bridge->lock);
    if (!in_it)
        return;
    // Each of them is about to go, and has nothing to wait for.
    while (base_atomic_load_acquire(&place->gate) != CLOSED && has_place(place, space))
        os_thread_yield();
    os_mutex_lock(&place->bridge->lock);
    if (place->space == space)
        place->space = NULL;
    os_mutex_unlock(&place->bridge->lock);
}

// ---------------------------------------------------------------- places

static bridge_place *find_place(airs_bridge *bridge, airs_bytes app)
{
    // acquire, with the release of add_place: the place is there.
    uint32_t count = base_atomic_load_acquire(&bridge->count);
    for (uint32_t i = 0; i < count; i++) {
        bridge_place *place = base_atomic_load_relaxed(&bridge->places[i]);
        if (base_bytes_are(app, place->app))
            return place;
    }
    return NULL;
}

/// Where a far name leads; kept with it, since places stay.
static bridge_place *place_of(const bridge_place *from, actor_far *to)
{
    bridge_place *place = base_atomic_load_acquire(&to->place);
    if (place == NULL) {
        place = find_place(from->bridge, (airs_bytes){(const uint8_t *)to->text, to->app_len});
        base_atomic_store_release(&to->place, place);
    }
    return place;
}

static airs_bytes name_of(const actor_far *far)
{
    return base_bytes_of(far->text + far->app_len + 1);
}

// ---------------------------------------------------------------- what is exposed

static bool matches(bridge_place *place, airs_bytes name, uint64_t *ret_epoch)
{
    bool found = false;
    os_mutex_lock(&place->lock);
    *ret_epoch = base_atomic_load_relaxed(&place->epoch);
    for (size_t i = 0; i < place->exposed_count && !found; i++)
        found = capability_pattern_matches_bytes(base_bytes_of(place->exposed[i]), name);
    os_mutex_unlock(&place->lock);
    return found;
}

/// The last answer is kept with the name: the epoch, and in the lowest bit the answer.
static bool place_exposes(bridge_place *place, actor_far *to)
{
    uint64_t kept = base_atomic_load_relaxed(&to->exposed);
    uint64_t epoch = base_atomic_load_acquire(&place->epoch);
    if (kept >> 1 == epoch)
        return (kept & 1u) != 0;
    bool exposed = matches(place, name_of(to), &epoch);
    base_atomic_store_relaxed(&to->exposed, epoch << 1 | exposed);
    return exposed;
}

static void free_list(char **list, size_t count)
{
    for (size_t i = 0; list != NULL && i < count; i++)
        base_free(allocator(), list[i]);
    base_free(allocator(), list);
}

static airs_status check_pattern(const char *pattern, airs_error *error)
{
    char name[FAR_TEXT_SIZE];
    airs_error wrong;
    size_t len = pattern == NULL ? 0 : strlen(pattern);
    if (pattern == NULL)
        return base_error_set(error, AIRS_E_INVALID, "a pattern of what is exposed is NULL");
    if (len < sizeof name) {
        // A star stands for characters of a name.
        for (size_t i = 0; i <= len; i++)
            name[i] = pattern[i] == '*' ? 'a' : pattern[i];
        if (actor_name_check(base_bytes_of(name), &wrong) == AIRS_OK)
            return AIRS_OK;
    }
    return base_error_set(error, AIRS_E_INVALID,
                          "expose: \"%.150s\" is no pattern of names: 1 to 128 letters, digits, -_.:/ and *", pattern);
}

static airs_status copy_list(const char *const *from, size_t count, char ***ret_list, airs_error *error)
{
    if (count > BRIDGE_EXPOSED_MAX)
        return base_error_set(error, AIRS_E_LIMIT, "an app exposes at most %u patterns", BRIDGE_EXPOSED_MAX);
    if (from == NULL && count > 0)
        return base_error_set(error, AIRS_E_INVALID, "the list of what is exposed is NULL");
    for (size_t i = 0; i < count; i++) {
        airs_status status = check_pattern(from[i], error);
        if (status != AIRS_OK)
            return status;
    }
    char **list = base_alloc_zeroed(allocator(), (count + 1) * sizeof *list);
    for (size_t i = 0; list != NULL && i < count; i++) {
        list[i] = base_strndup(allocator(), from[i], strlen(from[i]));
        if (list[i] != NULL)
            continue;
        free_list(list, count);
        list = NULL;
    }
    if (list == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for what is exposed");
    *ret_list = list;
    return AIRS_OK;
}

/// Under the bridge's lock.
static airs_status set_exposed(bridge_place *place, const char *const *exposed, size_t count, airs_error *error)
{
    char **list = NULL;
    airs_status status = copy_list(exposed, count, &list, error);
    if (status != AIRS_OK)
        return status;
    os_mutex_lock(&place->lock);
    char **before = place->exposed;
    size_t before_count = place->exposed_count;
    place->exposed = list;
    place->exposed_count = count;
    base_atomic_store_release(&place->epoch, base_atomic_load_relaxed(&place->epoch) + 1u);
    os_mutex_unlock(&place->lock);
    free_list(before, before_count);
    return AIRS_OK;
}

airs_status bridge_expose(bridge_place *place, const actor_space *space, const char *const *exposed, size_t count,
                          airs_error *error)
{
    os_mutex_lock(&place->bridge->lock);
    airs_status status = place->space == space
                             ? set_exposed(place, exposed, count, error)
                             : base_error_set(error, AIRS_E_STOPPING, "%s", airs_status_text(AIRS_E_STOPPING));
    os_mutex_unlock(&place->bridge->lock);
    return status;
}

static size_t find_pattern(const char *const *list, size_t count, const char *pattern)
{
    size_t at = 0;
    while (at < count && (list[at] == NULL || strcmp(list[at], pattern) != 0))
        at++;
    return at;
}

/// What is exposed then; the texts are borrowed. Under the bridge's lock.
static airs_status apply(const char **list, size_t *count, bool hide, const char *const *patterns,
                         size_t patterns_count, airs_error *error)
{
    for (size_t i = 0; i < patterns_count; i++) {
        size_t at = find_pattern(list, *count, patterns[i]);
        if (hide && at == *count)
            return base_error_set(error, AIRS_E_NOT_FOUND, "\"%.150s\" is not exposed", patterns[i]);
        if (hide) {
            (*count)--;
            memmove(&list[at], &list[at + 1], (*count - at) * sizeof *list);
        } else if (at == *count) {
            list[(*count)++] = patterns[i];
        }
    }
    return AIRS_OK;
}

airs_status bridge_change(bridge_place *place, const actor_space *space, bool hide, const char *const *patterns,
                          size_t count, airs_error *error)
{
    os_mutex_lock(&place->bridge->lock);
    size_t now = place->exposed_count;
    const char **list = base_alloc_array(allocator(), now + count + 1, sizeof *list);
    airs_status status = AIRS_OK;
    if (list == NULL)
        status = base_error_set(error, AIRS_E_NOMEM, "no memory for what is exposed");
    else if (place->space != space)
        status = base_error_set(error, AIRS_E_STOPPING, "%s", airs_status_text(AIRS_E_STOPPING));
    for (size_t i = 0; status == AIRS_OK && i < now; i++)
        list[i] = place->exposed[i];
    if (status == AIRS_OK)
        status = apply(list, &now, hide, patterns, count, error);
    if (status == AIRS_OK)
        status = set_exposed(place, list, now, error);
    os_mutex_unlock(&place->bridge->lock);
    base_free(allocator(), (void *)list);
    return status;
}

void bridge_each_exposed(bridge_place *place, void (*fn)(void *user, const char *pattern), void *user)
{
    os_mutex_lock(&place->lock);
    for (size_t i = 0; i < place->exposed_count; i++)
        fn(user, place->exposed[i]);
    os_mutex_unlock(&place->lock);
}

// ---------------------------------------------------------------- the plug

static actor_far_state look(void *user, airs_bytes app, airs_bytes name)
{
    const bridge_place *from = user;
    bridge_place *place = find_place(from->bridge, app);
    actor_space *there = place == NULL ? NULL : enter(place);
    if (there == NULL)
        return ACTOR_FAR_UNKNOWN;
    uint64_t ignored;
    actor_far_state state = ACTOR_FAR_HIDDEN;
    if (matches(place, name, &ignored)) {
        sched_read read = sched_read_enter(there->sched);
        state = ds_namemap_find(&there->names, name, &ignored) ? ACTOR_FAR_THERE : ACTOR_FAR_NOBODY;
        sched_read_leave(there->sched, read);
    }
    leave(place);
    return state;
}

static bool exposes(void *user, actor_far *to)
{
    bridge_place *place = place_of(user, to);
    if (place == NULL || enter(place) == NULL)
        return true;
    bool exposed = place_exposes(place, to);
    leave(place);
    return exposed;
}

/// As whom the receiver sees the sender: `app/name` of a sender that has a name, else its app.
static uint64_t sender_there(const bridge_place *from, const actor_space *here, actor_space *there, uint64_t sender)
{
    char name[FAR_TEXT_SIZE] = "";
    airs_bytes app = base_bytes_of(from->app);
    airs_bytes as = {(const uint8_t *)name, 0};
    const actor_far *far = actor_far_find(here, sender);
    if (far != NULL) {
        // It was handed on: who has sent it first is of another app, or of the one that it goes to.
        app = (airs_bytes){(const uint8_t *)far->text, far->app_len};
        as = far->text[far->app_len] == '\0' ? as : name_of(far);
        const actor_elsewhere *theirs = base_atomic_load_acquire(&there->elsewhere);
        if (theirs != NULL && base_bytes_are(app, theirs->app)) {
            // Back where it came from: the actor itself, if it is still there.
            uint64_t own;
            return as.len > 0 && ds_namemap_find(&there->names, as, &own) ? own : 0;
        }
    } else if (sender != 0) {
        const actor *self = actor_find(here, sender);
        base_text_copy(name, sizeof name, base_bytes_of(self == NULL ? "" : actor_name(self)));
        as.len = strlen(name);
    }
    return actor_far_intern(there, app, as, FAR_USED);
}

/// The outcome of a request, back to the system that it came from.
static bool take_outcome(void *user, uint64_t asker, airs_status status, airs_bytes payload)
{
    bridge_place *place = user;
    actor_space *space = enter(place);
    if (space == NULL)
        return false;
    bool taken = request_settle(space, asker, 0, status, payload);
    leave(place);
    return taken;
}

/// The message as an envelope of the other system. A large payload is shared where both have one allocator.
static envelope *carry(const actor_space *here, actor_space *there, const envelope *mail)
{
    if (here->allocator == there->allocator)
        return envelope_share(mail, &there->envelopes, actor_space_cache(there));
    envelope *copy = envelope_create(&there->envelopes, actor_space_cache(there));
    if (copy == NULL)
        return NULL;
    copy->id = mail->id;
    if (envelope_fill(copy, there->allocator, envelope_payload(mail)) &&
        envelope_set_trace(copy, there->allocator, envelope_trace(mail)))
        return copy;
    actor_space_discard(there, copy);
    return NULL;
}

/// Opens the request there too: with the time that is left here. 0 in `*ret_request`: nobody waits any more.
/// Errors: E_LIMIT it was handed on from app to app too often; else those of `request_open`.
static airs_status open_there(bridge_place *from, actor_space *here, actor_space *there, uint64_t receiver,
                              const envelope *mail, uint64_t *ret_request)
{
    uint64_t left_ns = request_time_left_ns(here, mail->request);
    *ret_request = 0;
    if (left_ns == 0)
        return AIRS_OK;
    uint32_t hops = request_hops(here, mail->request) + 1u;
    if (hops > BRIDGE_HOPS_MAX)
        return AIRS_E_LIMIT;
    const request_options options = {.kind = REQUEST_FAR,
                                     .asker = mail->request,
                                     .receiver = receiver,
                                     .timeout_ms = (left_ns + 999999u) / 1000000u,
                                     .far_fn = take_outcome,
                                     .hops = hops,
                                     .user = from,
                                     .route = AIRS_ROUTE_NAME};
    return request_open(there, &options, ret_request);
}

/// In read sections of both.
static airs_status put(bridge_place *from, actor_space *here, actor_space *there, const actor_far *to,
                       const envelope *mail)
{
    uint64_t receiver;
    if (base_atomic_load_acquire(&there->stopping) || !ds_namemap_find(&there->names, name_of(to), &receiver))
        return AIRS_E_GONE;
    envelope *copy = carry(here, there, mail);
    if (copy == NULL)
        return AIRS_E_NOMEM;
    copy->sender = sender_there(from, here, there, mail->sender);
    copy->route = AIRS_ROUTE_NAME;
    uint64_t request = 0;
    airs_status status = AIRS_OK;
    if (mail->request != 0)
        status = open_there(from, here, there, receiver, mail, &request);
    copy->request = request;
    airs_mailbox_policy policy;
    if (status == AIRS_OK)
        status = actor_put(actor_find(there, receiver), copy, &policy);
    if (status == AIRS_OK && request != 0)
        request_set_far(here, mail->request, request);
    if (status != AIRS_OK) {
        if (request != 0)
            (void)request_cancel(there, request, mail->request);
        actor_space_discard(there, copy);
    }
    return status;
}

static airs_status deliver(void *user, actor_space *here, actor_far *to, envelope *mail)
{
    bridge_place *from = user;
    bridge_place *place = place_of(from, to);
    actor_space *there = place == NULL ? NULL : enter(place);
    if (there == NULL)
        return AIRS_E_GONE;
    airs_status status = AIRS_E_DENIED;
    if (place_exposes(place, to)) {
        sched_read read = sched_read_enter(there->sched);
        status = put(from, here, there, to, mail);
        actor_count_send(there, AIRS_ROUTE_NAME, status);
        sched_read_leave(there->sched, read);
    }
    leave(place);
    return status;
}

static void cancel(void *user, actor_far *to, uint64_t request, uint64_t far_request)
{
    bridge_place *place = place_of(user, to);
    actor_space *there = place == NULL ? NULL : enter(place);
    if (there == NULL)
        return;
    (void)request_cancel(there, far_request, request);
    leave(place);
}

// ---------------------------------------------------------------- making and joining

airs_status bridge_create(airs_bridge **ret_bridge)
{
    airs_bridge *bridge = base_alloc_zeroed(allocator(), sizeof *bridge);
    if (bridge == NULL)
        return AIRS_E_NOMEM;
    base_atomic_init(&bridge->references, 1u);
    os_mutex_init(&bridge->lock);
    *ret_bridge = bridge;
    return AIRS_OK;
}

void bridge_release(airs_bridge *bridge)
{
    if (base_atomic_fetch_sub_acq_rel(&bridge->references, 1u) != 1)
        return;
    uint32_t count = base_atomic_load_relaxed(&bridge->count);
    for (uint32_t i = 0; i < count; i++) {
        bridge_place *place = base_atomic_load_relaxed(&bridge->places[i]);
        free_list(place->exposed, place->exposed_count);
        base_free(allocator(), place);
    }
    base_free(allocator(), bridge);
}

airs_status bridge_check_app(airs_bytes app, airs_error *error)
{
    bool right = app.len > 0 && app.len < FAR_APP_SIZE && memchr(app.data, '/', app.len) == NULL &&
                 memchr(app.data, ':', app.len) == NULL;
    if (right && actor_name_check(app, NULL) == AIRS_OK)
        return AIRS_OK;
    return base_error_set(error, AIRS_E_INVALID, "the name of an app is 1 to %u letters, digits and -_.",
                          FAR_APP_SIZE - 1u);
}

/// Under the bridge's lock.
static airs_status add_place(airs_bridge *bridge, const char *app, bridge_place **ret_place, airs_error *error)
{
    uint32_t count = base_atomic_load_relaxed(&bridge->count);
    if (count == BRIDGE_PLACES_MAX)
        return base_error_set(error, AIRS_E_LIMIT, "a bridge has at most %u apps", BRIDGE_PLACES_MAX);
    bridge_place *place = base_alloc_zeroed(allocator(), sizeof *place);
    if (place == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for an app on a bridge");
    place->bridge = bridge;
    base_text_copy(place->app, sizeof place->app, base_bytes_of(app));
    place->plug = (actor_elsewhere){
        .user = place, .app = place->app, .look = look, .exposes = exposes, .deliver = deliver, .cancel = cancel};
    os_mutex_init(&place->lock);
    base_atomic_init(&place->epoch, 0u);
    base_atomic_init(&place->gate, CLOSED);
    base_atomic_store_relaxed(&bridge->places[count], place);
    base_atomic_store_release(&bridge->count, count + 1u);
    *ret_place = place;
    return AIRS_OK;
}

/// Under the bridge's lock.
static airs_status join(airs_bridge *bridge, actor_space *space, const char *app, const char *const *exposed,
                        size_t count, bridge_place **ret_place, airs_error *error)
{
    bridge_place *place = find_place(bridge, base_bytes_of(app));
    if (place != NULL && place->space != NULL)
        return base_error_set(error, AIRS_E_TAKEN, "a system of the name %s is on the bridge", app);
    airs_status status = place == NULL ? add_place(bridge, app, &place, error) : AIRS_OK;
    if (status == AIRS_OK)
        status = set_exposed(place, exposed, count, error);
    if (status != AIRS_OK)
        return status;
    (void)base_atomic_fetch_add_relaxed(&bridge->references, 1u);
    place->space = space;
    actor_elsewhere_set(space, &place->plug);
    (void)base_atomic_fetch_and_acq_rel(&place->gate, ~CLOSED);
    *ret_place = place;
    return AIRS_OK;
}

airs_status bridge_join(airs_bridge *bridge, actor_space *space, const char *app, const char *const *exposed,
                        size_t count, bridge_place **ret_place, airs_error *error)
{
    airs_status status = bridge_check_app(base_bytes_of(app), error);
    if (status != AIRS_OK)
        return status;
    os_mutex_lock(&bridge->lock);
    status = join(bridge, space, app, exposed, count, ret_place, error);
    os_mutex_unlock(&bridge->lock);
    return status;
}
