// SPDX-License-Identifier: MIT OR Apache-2.0
/// What is sent to actors of other systems: names of the form `app/name` that nobody here has.
///
/// Roles      `actor_elsewhere` is the plug: who knows the other systems gives it to a space, once. The actors know
///            only this table. Of a space without one nothing leaves.
/// Far ids    Actors send to ids, so a far name gets one: of this space, and of it alone. It names the text, not
///            whoever has the name now: what becomes of a message is found out each time. No actor's id is ever a far
///            one: its generation is 0, which no handle has.
/// Authority  A far id carries none, and in another space it is nobody's.
/// Bounds     Far names are kept as long as the space. Of one app FAR_NAMES_MAX are, of which names that nobody here
///            was granted take FAR_ASKED_MAX at most: who guesses keeps nobody else from what he may.
#ifndef ACTOR_ELSEWHERE_H
#define ACTOR_ELSEWHERE_H

#include "actor/envelope.h"
#include "base/atomics.h"
#include "ds/namemap.h"
#include "os/mutex.h"

typedef struct actor_space actor_space;

/// Bytes of an app's name, and of `app/name`, with their NULs.
#define FAR_APP_SIZE 65u
#define FAR_TEXT_SIZE (FAR_APP_SIZE + 129u)
/// Names of one app that a space keeps, and those of them that were only asked for.
#define FAR_NAMES_MAX 4096u
#define FAR_ASKED_MAX 1024u
/// Far names of a space.
#define FAR_CHUNK 256u
#define FAR_CHUNKS 256u

/// A name elsewhere, or an app as such: then it stands for whoever of it has no name. Immutable but for what says so;
/// kept as long as the space.
typedef struct actor_far {
    uint64_t id;
    size_t app_len;
    /// Of the plug: where the app is, once that was looked up. NULL before.
    BASE_ATOMIC(void *) place;
    /// Of the plug: the last answer to whether the name is exposed.
    BASE_ATOMIC(uint64_t) exposed;
    // Of an app as such, under the table's lock: how many names of it there are, and how many were only asked for.
    uint32_t names;
    uint32_t asked;
    /// `app/name`, or `app`.
    char text[];
} actor_far;

/// What is known of a name elsewhere.
typedef enum actor_far_state {
    /// There is no such app, or it does not run.
    ACTOR_FAR_UNKNOWN,
    /// It does not expose the name, whether somebody has it or not.
    ACTOR_FAR_HIDDEN,
    /// It does, and nobody has the name.
    ACTOR_FAR_NOBODY,
    ACTOR_FAR_THERE,
} actor_far_state;

/// The plug. Functions are called from any thread, in a read section of the space; none blocks.
typedef struct actor_elsewhere {
    void *user;
    /// What the others call this space: `app`.
    const char *app;
    actor_far_state (*look)(void *user, airs_bytes app, airs_bytes name);
    /// Whether the other app exposes the name; true where the app is not there.
    bool (*exposes)(void *user, actor_far *to);
    /// Delivers a message of this space. `mail->request` is a request of it; its outcome comes by `request_settle`, as
    /// if by the runtime. Owns: the envelope stays the caller's.
    /// Errors: E_GONE the app or the name is not there; E_DENIED not exposed; E_FULL, whatever the receiver's policy
    /// is; E_TOO_LARGE; E_LIMIT; E_NOMEM.
    airs_status (*deliver)(void *user, actor_space *here, actor_far *to, envelope *mail);
    /// Nobody waits for the outcome of `request` any more, which was sent on as `far_request`.
    void (*cancel)(void *user, actor_far *to, uint64_t request, uint64_t far_request);
} actor_elsewhere;

/// The far names of a space. All zero is empty.
typedef struct far_table {
    os_mutex lock;
    ds_namemap by_text;
    BASE_ATOMIC(actor_far **) chunks[FAR_CHUNKS];
    /// Release when one is added.
    BASE_ATOMIC(uint32_t) count;
} far_table;

/// Why a far name is kept.
typedef enum far_use {
    /// Somebody asked for it without a grant.
    FAR_ASKED,
    /// Somebody may send to it, or it has sent.
    FAR_USED,
} far_use;

/// Gives the space its plug, which outlives it. Once, before anybody sends.
void actor_elsewhere_set(actor_space *space, const actor_elsewhere *elsewhere);

/// Splits `app/name` at its first slash. False when it has none, or one of the two is empty or too long.
bool actor_far_split(airs_bytes text, airs_bytes *ret_app, airs_bytes *ret_name);

/// Whether an id is one that far names have; of this space or not.
static inline bool actor_id_is_far(uint64_t id)
{
    return (id >> 24 & 0xffffffu) == 0 && (id & 0xffffffu) != 0;
}

/// What a far id stands for; NULL when it is none of this space's. Any thread.
actor_far *actor_far_find(const actor_space *space, uint64_t id);

/// The far id of `app/name`, made when there is none yet; that of the app alone where `name` is empty, or there is no
/// room for one more. 0: none. Any thread, in a read section.
uint64_t actor_far_intern(actor_space *space, airs_bytes app, airs_bytes name, far_use use);

/// `actor_put` to a far id. Owns: on AIRS_OK the envelope is taken. In a read section.
airs_status actor_far_put(actor_space *space, uint64_t to, envelope *mail);

/// Who has a name now: an actor of this space; else, of `app/name` where the app is known elsewhere, a far id. Where
/// `may` is true and nobody has the name there, there is none; where it is false the other app is not asked.
/// Any thread.
bool actor_lookup(actor_space *space, airs_bytes name, bool may, uint64_t *ret_id);

void far_table_init(far_table *table, actor_space *space);
void far_table_fini(far_table *table, const airs_allocator *allocator);

#endif
