// SPDX-License-Identifier: MIT OR Apache-2.0
/// What a component may do: its grants, and the one place through which each decision about them goes.
///
/// Roles     The holder is changed from any thread (`authority_change`); all else is the owner's, but for what says so.
/// Questions A host function asks capability/policy.h about `authority_policy`, hands the answer to `authority_tell`,
///           and goes on only where that says so. What is used again and again without a new question (an open file, a
///           socket) keeps the epoch that it was allowed in, and asks again when `authority_epoch` is another.
/// Messages  An id carries no authority: the name it was spawned with must match a grant, or a name that is granted as
///           it stands, without `*`, is bound to it now, or it is the actor itself, its supervisor, the component that
///           spawned it or a child that it has spawned. An answer to a request needs no grant. Of a name of another app
///           (actor/elsewhere.h) a grant must name that app, and the app expose the name.
#ifndef COMPONENT_AUTHORITY_H
#define COMPONENT_AUTHORITY_H

#include "actor/cell.h"
#include "base/name.h"
#include "capability/holder.h"

typedef struct component_actor component_actor;
struct component_space;

#define AUTHORITY_PREFIXES 2u
/// The longest object of a custom capability; and a name, a blank and that.
#define AUTHORITY_OBJECT_MAX 256u
#define AUTHORITY_CUSTOM_SIZE (BASE_NAME_MAX + 1u + AUTHORITY_OBJECT_MAX)

/// A pattern `prefix*` of at most 8 bytes before the `*`, which can be compared at once: names begin as `head` does,
/// where `mask` is set.
typedef struct authority_prefix {
    uint64_t head;
    uint64_t mask;
    uint32_t rights;
    uint32_t grant;
} authority_prefix;

/// Who is told of each decision, of all components of a system. Called by the owner of the component, inside of a host
/// function: at most 8 KiB of stack, no waiting but for a lock that is held shortly.
typedef struct authority_observer {
    /// `object` is what the decision is about: a path, a name, a topic, an endpoint, of a custom capability its name, a
    /// blank and the object; empty where there is none. `first` is whether its grant allows something for the first
    /// time. False: what was allowed is not done, and `decision` says so in its text; it has no grant any more where it
    /// was refused, and still has it where it can't be told.
    bool (*tell)(void *user, component_actor *self, capability_decision *decision, airs_bytes object, bool first);
    void *user;
    /// It is told of those that were remembered too; without it each is told once as long as the grants do not change.
    bool wants_all;
} authority_observer;

typedef struct authority {
    capability_holder holder;
    capability_view view;
    /// Those of the view's grants of send and ask that are so short.
    authority_prefix prefixes[AUTHORITY_PREFIXES];
    uint32_t prefixes_count;
    /// How often each grant has allowed something, by number; NULL until the first question. The owner writes, replaces
    /// it under `holder.lock`, and so reads it without; others read it under that.
    uint32_t uses_count;
    BASE_ATOMIC(uint64_t) *uses;
    /// Decisions against it. Written by the owner.
    BASE_ATOMIC(uint64_t) refused;
    /// Those that others have asked for, until the owner takes them over. Counted up by any thread.
    BASE_ATOMIC(uint32_t) refused_elsewhere;
    /// The component at the top of those that have spawned each other down to this one; 0: itself.
    uint64_t origin;
    /// The component that spawned it, 0: none. And the supervisor of those that it has spawned, which the owner writes.
    uint64_t parent;
    BASE_ATOMIC(uint64_t) children;
} authority;

/// The policy of all who ask for nothing of their own: what is given without a word. Made once for a system. The caller
/// owns the reference; NULL: no memory.
const capability_policy *authority_plain_create(const airs_allocator *allocator);

/// Makes the policy of `options`; of a child, at most that of `parent`, whose owner this is; NULL: none. The order of
/// the grants is may_send, may_publish, may_subscribe, may_register, those to read each variable of `env`, grants,
/// those to spawn of `templates` where `grants` has none of these, and of theirs, which it can only hand on, and what
/// is given without a word. That of `space`, where there is one, is shared by those that ask for nothing. Where
/// somebody learns, the scratch folder is the root of one that has none mounted, and templates grant nothing.
/// Errors: E_INVALID a grant or a mount, `error` names it; E_LIMIT too many; E_NOMEM. `authority_fini` is allowed after
/// each.
airs_status authority_init(authority *self, const airs_allocator *allocator, const airs_spawn_options *options,
                           component_actor *parent, const struct component_space *space, airs_error *error);
void authority_fini(authority *self, const airs_allocator *allocator);

// ---------------------------------------------------------------- what holds

/// The slow half of `authority_policy`.
void authority_refresh(component_actor *self);

/// The grants that hold now. Borrowed until the next call with this component. The owner.
const capability_policy *authority_policy(component_actor *self);

/// Another number after each change of the grants. Any thread.
uint64_t authority_epoch(const component_actor *self);

/// Changes the grants. What was revoked is refused from the first use that begins after this has returned; what it was
/// used to get and is still held (subscriptions, timers to others, names, grants of children) has ended then.
/// Errors: as capability_policy_change. E_NOMEM also when the grants of a child could not be taken: they still hold.
/// Any thread that is in no read section.
airs_status authority_change(component_actor *self, capability_change *change, uint32_t *ret_wrong, airs_error *error);

/// The same of what a deployment changes: a component's child gets no more of what is added than its parent has, and
/// nothing changes where that has ended.
airs_status authority_change_child(component_actor *self, const capability_change *change, airs_error *error);

/// The grants to spawn of one that is spawned with `options` in the place of those that it has: of what it may spawn
/// of, and what it can only hand on. Nothing happens where they are the same. Errors: as authority_change_child.
airs_status authority_change_spawning(component_actor *self, const airs_spawn_options *options, airs_error *error);

/// Whether the grants are still those that the last question was asked of. To be asked behind what was got by them and
/// is held: where not, the question is asked again, and what was got given back. The owner.
bool authority_still(component_actor *self);

/// The same for a child that was spawned with the grants that `parent` had: where these are others now, it has no more,
/// and what it has got by them meanwhile ends. The owner of `parent`.
void authority_born(component_actor *parent, uint64_t child);

/// How often grant number `grant` has allowed something. Any thread.
uint64_t authority_uses(component_actor *self, uint32_t grant);

// ---------------------------------------------------------------- decisions

/// Whether each use is told, those included of which the answer is remembered. The owner.
bool authority_tells_all(const component_actor *self);

/// Each decision goes through here, once: it is counted and told. One against it that is over max_refusals is told like
/// the others, and ends the incarnation: before it goes on from the next tick, or from what it waits for. Returns
/// whether what it is about is to be done; when not, `self->text` says why: what the decision says, or that it could
/// not be told. What is learned (learn.h) is refused, and to be done. The owner.
bool authority_tell(component_actor *self, capability_decision *decision, airs_bytes object);

/// A use of a grant. CAPABILITY_NONE is not counted. The owner.
static inline void authority_count(authority *self, uint32_t grant)
{
    // One writer.
    if (grant < self->uses_count)
        base_atomic_store_relaxed(&self->uses[grant], base_atomic_load_relaxed(&self->uses[grant]) + 1);
}

/// The same for what no grant can allow: `text` is why.
void authority_refuse(component_actor *self, capability_right right, airs_bytes object, const char *text);

/// Whether it may send to `to`, or ask it, as `right` says. When not, `self->text` says which grant is missing; an
/// actor that does not exist is AIRS_E_GONE. The owner.
airs_status authority_check_send(component_actor *self, capability_right right, uint64_t to);

/// The same for the actor `target` of the id `to`; NULL when there is none. In a read section.
airs_status authority_check_target(component_actor *self, capability_right right, uint64_t to, const actor *target);

/// Whether the grants of `policy` would let it send, without being told anybody. Any thread, in a read section.
bool authority_would_send(const component_actor *self, const capability_policy *policy, capability_right right,
                          uint64_t to);

/// Whether it may send to or ask `name`, `app/name` of another app, without anybody being told. The owner.
bool authority_may_look_up(component_actor *self, airs_bytes name);

/// Whether it is granted a custom capability now, asked for by somebody else, who handles `message`. Told like a first
/// use, with that message. Errors: E_DENIED, the text says why. Any thread, not in a read section; the actor is
/// retained, `name` is one (base/name.h), and `object` has at most AUTHORITY_OBJECT_MAX bytes.
airs_status authority_check_elsewhere(component_actor *self, airs_bytes name, airs_bytes object, uint64_t message,
                                      airs_error *error);

/// Refusals of that kind are the component's own from now on, also for max_refusals. The owner.
void authority_take_elsewhere(component_actor *self);

/// The message in whose handling the decision is; 0: in none's. Whoever decides.
static inline uint64_t authority_message_of(const actor *cell, const capability_decision *decision)
{
    if (decision->elsewhere)
        return decision->message;
    return cell->in_hand == NULL ? 0 : cell->in_hand->id;
}

/// Whether it may look at `to` (monitor, link): whoever it may send to or ask, and one that has ended. The owner.
bool authority_check_look(component_actor *self, uint64_t to);

/// Whether a topic to publish on, a pattern to subscribe to, a name to register is granted. When not, AIRS_E_DENIED and
/// `self->text`. The owner.
airs_status authority_check_publish(component_actor *self, airs_bytes topic);
airs_status authority_check_subscribe(component_actor *self, airs_bytes pattern);
airs_status authority_check_name(component_actor *self, airs_bytes name);

/// Whether one more child of the template may be spawned, when `alive` says how many of a grant's are; which grant
/// allows it. When not, AIRS_E_DENIED, or AIRS_E_LIMIT when only their number is against it, and `self->text`. The
/// owner.
airs_status authority_check_spawn(component_actor *self, airs_bytes template_name, capability_alive_fn alive,
                                  uint32_t *ret_grant);

#endif
