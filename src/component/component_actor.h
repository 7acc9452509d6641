// SPDX-License-Identifier: MIT OR Apache-2.0
/// A component as an actor: an actor, a Wasm instance, and what it was granted.
///
/// What the component exports says what kind of actor it is: `batch` (one long call that takes events
/// from the mailbox and parks in it), `actor` (a call for each event), `wasi:cli/run` (a task: ready
/// when it starts, done when it returns), or lifecycle alone.
///
/// The guest runs on a fiber of the engine; a poll of the actor's task polls the pending call. Host
/// functions (host.h) run on that fiber, as the actor's owner.
#ifndef COMPONENT_COMPONENT_ACTOR_H
#define COMPONENT_COMPONENT_ACTOR_H

#include "actor/cell.h"
#include "airssys/supervision.h"
#include "component/authority.h"
#include "component/log_limit.h"
#include "component/program.h"
#include "component/rate_limit.h"
#include "component/template_versions.h"
#include "engine.h"
#include "wasm/component.h"
#include "wasm/ticker.h"

typedef struct component_learner component_learner;

/// What instances may take that are no actor's own (upgrade_spare.c). Set when the engine is made.
typedef struct component_room {
    const engine *engine;
    uint32_t instances_max;
    /// Bytes of their memories, and what they have.
    uint64_t memory_max;
    BASE_ATOMIC(uint64_t) memory;
} component_room;

/// What all components of a system share.
typedef struct component_space {
    actor_space *actors;
    wasm_ticker *ticker;
    /// Is told of each decision. Outlives the components; NULL: nobody.
    const authority_observer *observer;
    /// Learns what they would have to be granted (learn.h). Set before the first is spawned; NULL: nobody does.
    component_learner *learner;
    /// authority_plain_create; NULL: each makes its own.
    const capability_policy *plain;
    /// What the imports do for an actor that is not being upgraded (host_upgrade.c).
    engine_host real;
    /// What templates of components make children of, where that has changed.
    template_versions versions;
    component_room room;
} component_space;

/// Templates, copied whole (template.h).
typedef struct template_list {
    airs_template *list;
    size_t count;
} template_list;

/// What a component may spawn of, and how many at once (children.h). The owner puts others in its place, under the
/// cell's `info_lock`.
typedef struct children_options {
    template_list templates;
    uint32_t max;
} children_options;

/// Rights without an object that were asked for, and allowed, since the grants have changed last.
typedef struct component_rights {
    uint64_t epoch;
    /// Bits by engine_right.
    uint32_t allowed;
} component_rights;

/// Where the guest is, between two polls.
typedef enum component_wait {
    /// In no host function, or in one that the engine waits in by itself (WASI).
    COMPONENT_WAIT_NONE,
    /// In `mailbox.next` or `take`, between two events.
    COMPONENT_WAIT_NEXT,
    /// In `messaging.ask`.
    COMPONENT_WAIT_ASK,
    /// In `messaging.send`, for a place in the receiver's mailbox.
    COMPONENT_WAIT_SEND,
} component_wait;

/// Why `tick` interrupted the guest.
typedef enum component_interrupt {
    COMPONENT_INTERRUPT_NONE,
    /// The actor was told to end: killed, or the time limit of start or stop.
    COMPONENT_INTERRUPT_CALLED,
    COMPONENT_INTERRUPT_EXECUTION,
    /// It was refused more often than max_refusals.
    COMPONENT_INTERRUPT_REFUSALS,
} component_interrupt;

typedef struct component_batch_head component_batch_head;

/// Events that the guest has taken several at a time; see batch.h.
typedef struct component_batch {
    /// Those that it has not begun, linked through their nodes.
    envelope *first;
    envelope *last;
    /// Where the list begins in the guest's memory; NULL while it has none.
    volatile component_batch_head *head;
    /// Events of the list, and those that were begun when it was last looked at.
    uint32_t count;
    uint32_t begun;
} component_batch;

/// What `start` and `stop` do, one after the other; which is next or pending.
typedef enum component_stage {
    COMPONENT_STAGE_INSTANTIATE,
    COMPONENT_STAGE_START,
    COMPONENT_STAGE_LOAD,
    COMPONENT_STAGE_STARTED,
    COMPONENT_STAGE_FINISH_EVENT = COMPONENT_STAGE_STARTED,
    COMPONENT_STAGE_SAVE,
    COMPONENT_STAGE_STOP,
    COMPONENT_STAGE_STOPPED,
} component_stage;

/// A call that is made between two events (aside.h).
typedef enum component_aside {
    COMPONENT_ASIDE_NONE,
    COMPONENT_ASIDE_CHECK,
    COMPONENT_ASIDE_SAVE,
} component_aside;

/// As whom the instance in the seat runs (host_upgrade.c).
typedef enum component_role {
    COMPONENT_ROLE_SELF,
    /// For trial: what it does to others is done to nobody.
    COMPONENT_ROLE_REHEARSAL,
    /// It is to stay, if it can: what it ends is kept for the other one until then.
    COMPONENT_ROLE_CANDIDATE,
    /// It stands beside the actor itself, and both live (canary.h).
    COMPONENT_ROLE_TWIN,
    /// It stops: what it would end is its successor's.
    COMPONENT_ROLE_LEAVING,
} component_role;

/// A state that was saved, and by which version. `data` is NULL when there is none, and not when it is empty.
typedef struct component_state {
    uint8_t *data;
    size_t len;
    char version[33];
} component_state;

struct component_actor {
    actor cell;
    component_space *space;
    /// Written by the owner, under the cell's `info_lock`.
    airs_component *component;
    /// What others are to see of that, under the lock too: while it has a twin, the old version. Retained by whatever
    /// retains that.
    airs_component *shown;
    authority authority;
    /// What is learned of it; NULL: nothing.
    struct learn_entry *learned;
    component_rights rights;
    log_limit log;
    rate_limit rate;
    rate_limit refusals;
    /// The cell's configuration as the engine takes it; NULL until the first start.
    engine_setting *settings;
    /// What it is told about files (host_files.c); NULL until it asks.
    struct file_access *files;
    /// NULL when its state is not saved.
    struct checkpoint *checkpoint;
    children_options children_of;
    /// The template that a component has made it of; NULL: it is no component's child.
    char *made_of;
    /// Its own variables, a copy in one block of memory; NULL: none.
    airs_setting *env;
    size_t env_count;
    component_program program;
    /// The largest `max_message` that it had before the one of now: messages of that size may still wait.
    uint32_t message_max_before;
    /// Of the deployment whose orders it has taken; NULL: none.
    struct component_upgrade *upgrade;
    /// The component that it had before its last deployment; under the cell's `info_lock`. NULL: none. And the state
    /// that was kept for it: the owner's.
    airs_component *past;
    component_state past_state;

    // Of this incarnation.
    engine_instance *instance;
    /// Of two instances beside each other, for the time of an upgrade; `seat` is this one's.
    engine_gauges gauges[2];
    uint32_t seat;
    component_role role;
    component_stage stage;
    /// A call is pending.
    bool calling;
    /// The guest took its slice: it wants to go on, not to wait.
    bool slice_ended;
    /// `supervision.exit` was called.
    bool exit_requested;
    /// In this call of `run` the guest has asked for an event.
    bool run_asked;
    /// The guest is not to take events: `mailbox.next` gives none.
    bool between;
    /// It was refused more often than max_refusals, and is to end.
    bool over_refusals;
    /// The call that is pending, where it is one of these.
    component_aside aside;
    component_wait wait;
    component_interrupt interrupt;
    component_batch batch;
    /// The request that `ask` waits for, and its outcome while the guest is given it.
    uint64_t asked;
    envelope *asked_reply;
    /// What `send` waits to put into a full mailbox.
    envelope *held;
    actor_parked parked;
    /// The children that this incarnation has spawned; NULL: none.
    struct children *children;
    /// What names resolved to; NULL: it has looked up none.
    capability_resolved *resolved;
    /// Requests of this incarnation of which the outcome has not come; as many as its mailbox has places.
    uint32_t requests_open;
    /// For what host functions give to the guest.
    char text[256];

    // Running time of the event in hand, in ticks.
    uint64_t turn_ticks;
    uint64_t event_ticks;

    // Published by the owner, of all incarnations: the longest of these times, and what limits have refused.
    BASE_ATOMIC(uint64_t) longest_ticks;
    BASE_ATOMIC(uint64_t) sends_refused;
    BASE_ATOMIC(uint64_t) lines_dropped;

    /// Growths that were refused before the event in hand.
    uint64_t refused_before;
    uint64_t tables_refused_before;

    // Waiting time of the event in hand: what is left of it, and until when while it runs.
    uint32_t park_max_ms;
    uint64_t park_left_ns;
    bool park_runs;
    uint64_t park_deadline_ns;
    sched_timer park_timer;
};

/// Spawns a component with the grants, templates and checkpoint in `kind_options`; the actor retains the component.
/// `template_name` is of what template it is made, NULL: of none.
/// Errors: as `actor_spawn`; E_INVALID the grants, templates or checkpoint; E_UNSUPPORTED a checkpoint of a component
/// without `state`. Any thread.
airs_status component_actor_spawn(component_space *space, airs_component *component, const actor_options *options,
                                  const airs_spawn_options *kind_options, const char *template_name, uint64_t *ret_id,
                                  airs_error *error);

/// The same as a child of `parent`, which it may send to, and of whose grants it gets no more. The owner of `parent`.
airs_status component_actor_spawn_child(component_actor *parent, airs_component *component,
                                        const actor_options *options, const airs_spawn_options *kind_options,
                                        const char *template_name, uint64_t *ret_id, airs_error *error);

static inline component_actor *component_actor_of(actor *cell)
{
    return ds_container_of(cell, component_actor, cell);
}

static inline bool component_exports(const component_actor *self, uint32_t which)
{
    return (self->component->exports & which) != 0;
}

/// Whether it is a task: one call of wasi:cli/run, and no events.
static inline bool component_is_program(const component_actor *self)
{
    return component_exports(self, ENGINE_EXPORT_MAIN) && !component_exports(self, ENGINE_EXPORT_ACTOR) &&
           !component_exports(self, ENGINE_EXPORT_BATCH);
}

/// What is left of the event's waiting time runs from now on, if it does not run already.
void component_actor_run_park_limit(component_actor *self);
void component_actor_end_park_limit(component_actor *self);
bool component_actor_park_limit_has_passed(const component_actor *self);

/// The gauges of the instance that has the seat.
static inline engine_gauges *component_gauges(component_actor *self)
{
    return &self->gauges[self->seat];
}

/// Makes known how much memory it has. The owner.
void component_actor_publish_memory(component_actor *self);

/// The value of a variable of its own; NULL when there is none of this name. Any thread.
const char *component_actor_env(const component_actor *self, airs_bytes name);
/// Whether it may write one more line to the log; tells how many it might not. The owner.
bool component_may_log(component_actor *self);

/// Takes one message out of what max_rate allows. The owner.
/// Errors: E_DENIED, counted, with the reason in `self->text`.
airs_status component_actor_take_rate(component_actor *self);

/// A decision against it: with more than max_refusals allows, it is to end. The owner.
void component_actor_count_refusal(component_actor *self);

/// What it uses of its limits, but for its mailbox. Any thread, in a read section.
void component_actor_usage(const component_actor *self, airs_usage *ret);

/// `actor_take`, for this kind.
envelope *component_actor_take(component_actor *self, bool *ret_yield);

/// A new event is in hand: its running and waiting time begin. The owner.
void component_actor_event_begins(component_actor *self);
/// The same for an event that the guest has begun some time before: what it was refused since then is kept in mind.
void component_actor_renew_limits(component_actor *self);

#endif
