// SPDX-License-Identifier: MIT OR Apache-2.0
/// A scripted engine: engine.h without Wasm. A "guest" does what its brain says, one op after the other, through the
/// host's functions, and suspends where a guest on a fiber would: in a host function that says PENDING, at a tick, and
/// while what a host function gave to it is copied.
///
/// The "Wasm" it loads is the four bytes of what the component exports (bits of engine_export, little-endian), and
/// SCRIPT_TAKES_LISTS, with the version of the component between them.
#ifndef SIM_ENGINE_SCRIPT_H
#define SIM_ENGINE_SCRIPT_H

#include "engine.h"
#include "op.h"
#include "sched/sched.h"

/// It takes its events with `take`, not with `next`.
#define SCRIPT_TAKES_LISTS (1u << 31)
/// The version is SCRIPT_VERSION times its number, which is under 256.
#define SCRIPT_VERSION (1u << 16)
#define SCRIPT_VERSION_MASK (255u << 16)

typedef enum script_call {
    SCRIPT_NONE,
    SCRIPT_INSTANTIATE,
    SCRIPT_START,
    SCRIPT_STOP,
    SCRIPT_HANDLE,
    SCRIPT_HANDLE_REPLY,
    SCRIPT_RUN,
    SCRIPT_MAIN,
    SCRIPT_CHECK,
    SCRIPT_SAVE,
    SCRIPT_LOAD,
    SCRIPT_APPLY,
} script_call;

/// What an instance knows: messages that it, or those before it whose state it has loaded, have seen. And which version
/// of the component has saved that.
typedef struct script_state {
    uint64_t seen;
    uint64_t version;
} script_state;

/// Who decides. `actor` is the pointer given at `engine_instance_create`.
typedef struct script_brain {
    sched *sched;
    /// A tick of the engine's clock passes while a guest runs.
    void (*tick_passes)(void *user);
    /// Whether copying something into or out of the guest uses up a tick right now.
    bool (*copies_slowly)(void *user);
    /// A call begins that brings no event.
    void (*begins)(void *user, void *actor, script_call call);
    /// The guest sees an event; `none` is one without either. Before it the instance knew of so many messages.
    void (*sees)(void *user, void *actor, const engine_message *message, const engine_reply *reply, uint64_t knew);
    /// Which version of the component decides, is in `version`. SAVE ends well with RETURN of SETTLE_DONE, CHECK too.
    void (*decide)(void *user, void *actor, script_call call, uint32_t version, op *ret_op);
    /// It has ended well: SAVE has given the state, LOAD was given it.
    void (*saves)(void *user, void *actor, script_state state);
    void (*loads)(void *user, void *actor, script_state state);
    void (*done)(void *user, void *actor, const op *done, const op_result *result);
    /// The incarnation ends while `pending` waits; NULL: while an event was on its way, that the guest never sees.
    void (*dropped)(void *user, void *actor, const op *pending);
    void *user;
} script_brain;

/// No two have the same; 0: of NULL.
uint64_t script_number(const engine_instance *of);

/// For all engines of this process from now on; it must outlive them.
void script_use(const script_brain *brain);

#endif
