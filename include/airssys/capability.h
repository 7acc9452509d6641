// SPDX-License-Identifier: MIT OR Apache-2.0
/// Grants of running components: reading them, giving more, taking them back, and deciding beside them.
///
/// What a component is granted at its start stands in `airs_spawn_options`. Grants have numbers, from 0 in their order;
/// one that is revoked keeps its number. Native actors are trusted and have none.
#ifndef AIRSSYS_CAPABILITY_H
#define AIRSSYS_CAPABILITY_H

#include "airssys/actor.h"
#include "airssys/grant.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Room for any pattern of a grant, and for the name of a custom capability, with their NULs.
#define AIRS_PATTERN_SIZE 1100
#define AIRS_CUSTOM_SIZE 132

/// A grant with its texts. `grant` points into it: it is not to be copied.
typedef struct airs_grant_text {
    char pattern[AIRS_PATTERN_SIZE];
    char custom[AIRS_CUSTOM_SIZE];
    airs_grant grant;
} airs_grant_text;

/// Reads a grant as `airssys grant` takes it: kind, a dot, rights, the pattern in quotes or without, and of network
/// `zones=…`, of spawn `max=…`: files.read,list "/data/**". Whether the pattern means something is seen when it is
/// granted.
/// Errors: E_INVALID, the text says what would be right. Any thread.
AIRS_API AIRS_NODISCARD airs_status airs_grant_parse(const char *text, airs_grant_text *ret_grant, airs_error *error);

/// Writes a grant the same way; cut where `size` is too small. Returns `text`. Any thread.
AIRS_API const char *airs_grant_format(char *text, size_t size, const airs_grant *grant);

/// One grant of a component, as it is now. Borrowed for the time of the call.
typedef struct airs_grant_info {
    uint32_t number;
    airs_grant grant;
    /// How often it has allowed something. What the runtime remembers of an earlier answer is counted too.
    uint64_t uses;
} airs_grant_info;

/// Called for one grant; false ends the visit.
typedef bool (*airs_grant_fn)(void *user, const airs_grant_info *info);

/// Calls `fn` for each grant of a component, in the order of their numbers, those that are revoked included.
/// Errors: E_GONE; E_UNSUPPORTED it is no component. Any thread.
AIRS_API AIRS_NODISCARD airs_status airs_actor_each_grant(airs_system *system, airs_actor_id actor, airs_grant_fn fn,
                                                          void *user);

/// How often the component was refused something. 0 of what is none. Any thread.
AIRS_API uint64_t airs_actor_refusals(airs_system *system, airs_actor_id actor);

/// Grants more to a component, all of it or nothing. Its children get nothing of it.
/// Owns:   `grants` are copied; `ret_number`, which may be NULL, is the number of the first.
/// Errors: E_INVALID a grant, the text says which one and why; E_LIMIT too many; E_GONE; E_UNSUPPORTED it is no
///         component; E_NOMEM. Any thread.
AIRS_API AIRS_NODISCARD airs_status airs_grant_add(airs_system *system, airs_actor_id actor, const airs_grant *grants,
                                                   size_t count, uint32_t *ret_number, airs_error *error);

/// Takes grants back, by number; one that is revoked already stays so. When this has returned, each use that begins is
/// refused, also of what was opened by the grant; subscriptions, timers that send to others and registered names that
/// no other grant covers have ended; and children have lost what their parent has.
/// Errors: E_NOT_FOUND there is no such grant; E_GONE; E_UNSUPPORTED it is no component; E_NOMEM. Any thread.
AIRS_API AIRS_NODISCARD airs_status airs_grant_revoke(airs_system *system, airs_actor_id actor, const uint32_t *numbers,
                                                      size_t count, airs_error *error);

// ---------------------------------------------------------------- in native actors

/// Whether the component that has sent the message in hand may use the custom capability `name` on `object`, by the
/// grants that it has now: for a native actor that does for components what needs a grant, and trusts none of them to
/// have asked itself. Decided and told like a `check` of the component's own, with the message in hand, and recorded
/// each time, also where the audit log has first uses only; a refusal counts against its `max_refusals`. It is not in
/// `uses`. Who is no component is trusted, and so is a message from outside: AIRS_OK, and nothing is recorded.
/// Errors: E_DENIED, the text says which grant is missing; E_GONE the sender has ended; E_INVALID no message in hand,
///         no name of a capability, more than 256 bytes.
/// Thread: the handler's. Where the audit log is slow, it waits for that, as components do.
AIRS_API AIRS_NODISCARD airs_status airs_context_sender_allowed(airs_context *context, const char *name,
                                                                const void *object, size_t len, airs_error *error);

// ---------------------------------------------------------------- decisions

/// `grant` of a decision that no grant allows.
#define AIRS_GRANT_NONE UINT32_MAX

/// One decision about a component. Borrowed for the time of the call.
typedef struct airs_decision {
    /// Who, and its name; "" when it has none.
    airs_actor_id actor;
    const char *name;
    /// What: one right. Of AIRS_RIGHT_CUSTOM_USE `custom` is the capability's name, "" when the component gave one that
    /// can be none's; else NULL.
    airs_right right;
    const char *custom;
    /// On what: a path, a name, a topic, a key, an endpoint, as the component's grants have it; empty where there is
    /// none. Chosen by the component: any bytes.
    airs_bytes object;
    /// What the grants say, and the number of the one that allows it. AIRS_GRANT_NONE although it is allowed: what
    /// needs no grant, a message to itself, to who spawned it or to its own children.
    bool allowed;
    uint32_t grant;
    /// Of a refusal: which grant is missing, one sentence; else "".
    const char *why;
    /// The number of the message in whose handling it is, as in the audit log; 0 for none.
    uint64_t message;
} airs_decision;

/// Sees a decision. Of one that is allowed, false refuses it: the component gets what it gets without the grant, and
/// the audit log says refused. What the grants refuse stays refused: the result does not count then.
typedef bool (*airs_decision_fn)(void *user, const airs_decision *decision);

/// Sets who decides beside the grants; NULL for nobody. Before the first spawn.
///
/// Called before each use that a component makes of a right: each message, publication, subscription, lookup,
/// connection, opened or named file, spawn, clock, random number, each `check` of a custom capability, also by
/// `airs_context_sender_allowed`. Not for what is
/// held already: reads and writes of an open file or connection, until the grants change. And before the audit log,
/// which has the outcome.
/// Threads: on workers, inside the component's call, several components at once. It must not block, must not call the
/// library, and has 4 KiB of stack. Native actors are not asked about.
/// Cost:    answers are not remembered any more: each send of a component is a question and a call of `fn`.
AIRS_API void airs_system_on_decision(airs_system *system, airs_decision_fn fn, void *user);

#ifdef __cplusplus
}
#endif

#endif
