// SPDX-License-Identifier: MIT OR Apache-2.0
/// An actor: id, mailbox, lifecycle, and the task that runs it.
///
/// Roles      The owner is the worker that polls the actor's task, one at a time. Everybody else pushes
///            envelopes, sets signals, and reads what is published in atomics.
/// Signals    What others want of the actor's life is a set of bits, so that telling it can't fail for
///            want of memory. The owner takes all bits at once before it goes on with messages.
/// Reports    What a child tells its supervisor is a set of bits too; the child is pushed as a node to
///            its supervisor when the set becomes non-empty.
/// Decisions  What becomes of a child whose incarnation has ended is its supervisor's to say: it writes `decision`,
///            signals DECIDED at once, and then, when its backoff is over, RESTART, or else END or REST.
/// Kinds      Native, component, supervisor: each embeds `actor` first and brings an `actor_kind`, the dual
///            contract as two tables of poll functions that each stand alone.
/// Memory     A cell is counted: by the registry until it has terminated, and by its supervisor until that has
///            taken its last report. Who finds it without a count does so in a read section.
#ifndef ACTOR_CELL_H
#define ACTOR_CELL_H

#include "actor/child.h"
#include "actor/envelope.h"
#include "actor/inbox.h"
#include "actor/lifecycle.h"
#include "actor/space.h"
#include "base/prefetch.h"
#include "ds/list.h"
#include "os/mutex.h"

#define ACTOR_FAILURE_SIZE 256u
/// Of the functions that a trap was in; what is more is left out.
#define ACTOR_BACKTRACE_SIZE 256u
/// Of what a check says.
#define ACTOR_HEALTH_SIZE 129u

/// How an incarnation ended.
typedef struct actor_failure {
    airs_exit reason;
    char text[ACTOR_FAILURE_SIZE];
    /// Of a trap: its functions as far as their names are known without looking them up, the innermost first, with line
    /// feeds between. Else "".
    char backtrace[ACTOR_BACKTRACE_SIZE];
    /// What the hook on_error said of it.
    airs_error_verdict verdict;
    /// The message in hand, 0 when there was none, and how often it had been handled then.
    uint64_t message;
    uint32_t attempt;
} actor_failure;

/// What a kind keeps of a trap until somebody asks for its lines; embedded in what the kind needs for that. The kind
/// leaves it in `self->trace` when it says ACTOR_FAILED; it belongs to the actor from then on.
typedef struct actor_trace {
    /// One line for each frame, the innermost first, each ended by a line feed; NULL when there is no memory. May take
    /// its time: off the workers, without any lock, by one thread at a time.
    char *(*describe)(const struct actor_trace *trace, const airs_allocator *allocator);
    void (*release)(struct actor_trace *trace, const airs_allocator *allocator);
    /// Of who looks at it now, and of the history. The actor's own.
    BASE_ATOMIC(uint32_t) references;
} actor_trace;

/// What a supervisor has decided about a child whose incarnation has ended.
typedef struct actor_decision {
    airs_action action;
    /// Another incarnation follows, now or after `delay_ms`.
    bool will_restart;
    /// None does, since it ended by itself as it did: not because it was told to.
    bool over;
    uint32_t delay_ms;
} actor_decision;

/// How a poll function has gone on.
typedef enum actor_progress {
    /// Of start and stop: it has come back. Of drain: nothing is left to do until the next message.
    ACTOR_DONE,
    /// It waits for something that will wake the task.
    ACTOR_WAITING,
    /// Its slice has ended; there is more to do.
    ACTOR_YIELDED,
    /// The actor says that it is done; `actor_exit` has been called.
    ACTOR_EXITED,
    /// The incarnation has failed; the failure is set.
    ACTOR_FAILED,
} actor_progress;

struct actor_upgrade;

/// In the number of an incarnation: it is a twin's, beside that of the actor.
#define ACTOR_TWIN_BIT (UINT32_C(1) << 31)
/// In the place of that number, of a reply: it is an event for none.
#define ACTOR_NO_INCARNATION 0u

/// The first half of the contract. Called by the owner only; none blocks.
typedef struct actor_child_fns {
    /// Begins an incarnation or goes on with that, until it is not WAITING or YIELDED.
    actor_progress (*start)(actor *self, airs_start_cause cause, actor_failure *ret_failure);
    /// Finishes the event in hand, then ends well; goes on until it is not WAITING or YIELDED.
    actor_progress (*stop)(actor *self, airs_stop_reason reason, actor_failure *ret_failure);
    /// Ends the incarnation at once, in whatever state it is. `failed` says that it did not stop well.
    void (*destroy)(actor *self, bool failed);
    /// Asks the incarnation how it is, or goes on with that, between two events only, until it is not WAITING or
    /// YIELDED; nothing is drained meanwhile. DONE: `*ret` is set, and `ret_text` of ACTOR_HEALTH_SIZE bytes when it
    /// has something to say. FAILED: `self->failure` is set. NULL when the kind has no such thing; one that has, but
    /// not this actor, is DONE at once, as healthy.
    actor_progress (*check)(actor *self, airs_health *ret, char *ret_text);

    // Versions (upgrade.h). All NULL when the kind has none.
    /// Whether the version of `order` could be that of this actor; on AIRS_OK `order->made` is memory of the space's
    /// allocator, which is plain until the first order. Errors: E_UNSUPPORTED, with what stands against it; E_NOMEM.
    /// Any thread, with a count on the actor.
    airs_status (*consider)(actor *self, struct actor_upgrade *order, airs_error *error);
    /// Carries out `order->order` or goes on with that, between two events only, until it is not WAITING or YIELDED.
    /// DONE: `order->on_new` says which version is there; `*ret_refused` when it could not be done, with `order->text`.
    /// FAILED: there is no incarnation any more that could go on.
    actor_progress (*upgrade)(actor *self, struct actor_upgrade *order, bool *ret_refused, actor_failure *ret_failure);
    /// Ends the incarnation of the new version, in whatever state it is; one of the old version follows.
    void (*leave)(actor *self);
    /// There is no incarnation: the next one is of the version of the order. Sets `order->on_new`.
    void (*adopt)(actor *self, struct actor_upgrade *order);
    /// The twin ends at once, while the other one is in the middle of an event maybe. There is one.
    void (*part)(actor *self, struct actor_upgrade *order);
    /// What its last order has left over is cleared away, if anything is left.
    void (*clear)(actor *self, struct actor_upgrade *order);
    /// Whoever ordered lets go: `order->made` and what was kept for a return are given back.
    void (*forget)(actor *self, struct actor_upgrade *order);
} actor_child_fns;

/// The second half: messages.
typedef struct actor_message_fns {
    /// Takes envelopes with `actor_take` until there is none, the slice ends, or it has to wait.
    actor_progress (*drain)(actor *self, actor_failure *ret_failure);
    /// It is paused, with no event in hand: what it was woken for is left to others, until `drain` is called again.
    /// NULL where there is nothing to do.
    void (*rest)(actor *self);
} actor_message_fns;

typedef struct actor_kind {
    airs_actor_kind kind;
    const actor_child_fns *child;
    const actor_message_fns *messages;
    /// Of a supervisor: a child has something to report. Any thread. NULL for the others.
    void (*take_report)(actor *self, actor *child);
    /// Of a supervisor: a child is about to be made under it; sets what the child has of its supervisor. An error, also
    /// E_LIMIT children_max, refuses it. `dismiss`: it was not made after all. Any thread, with a count on `self`.
    airs_status (*admit)(actor *self, actor *child, airs_error *error);
    void (*dismiss)(actor *self);
    /// It ends for good; `destroy` has been called when there was an incarnation. The owner. NULL where there is
    /// nothing to do.
    void (*ending)(actor *self);
    /// Nobody can find the actor any more. False: call again after another grace period. NULL where there is
    /// nothing to do.
    bool (*unreachable)(actor *self);
    /// What the kind has of its own and what other terms bring (`actor_terms.of_kind`) change places. False: it can't
    /// be now, and is to be tried again when the task runs next. The owner. NULL where a kind has nothing of its own.
    bool (*take_terms)(actor *self, void *of_kind);
    /// Gives back what the kind added to the cell; the last thing before its memory goes.
    void (*fini)(actor *self);
} actor_kind;

typedef enum actor_signal {
    ACTOR_SIGNAL_START = 1 << 0,
    ACTOR_SIGNAL_RESTART = 1 << 1,
    /// End this incarnation, but not the actor: its supervisor will restart or end it.
    ACTOR_SIGNAL_HALT = 1 << 2,
    ACTOR_SIGNAL_STOP = 1 << 3,
    ACTOR_SIGNAL_END = 1 << 4,
    ACTOR_SIGNAL_KILL = 1 << 5,
    /// The time limit of start or stop has passed.
    ACTOR_SIGNAL_TIMEOUT = 1 << 6,
    /// End this incarnation at once, as AIRS_EXIT_KILLED; the supervisor decides, as after a failure.
    ACTOR_SIGNAL_CRASH = 1 << 7,
    /// Finish the event in hand and take no other one, also in later incarnations; and go on.
    ACTOR_SIGNAL_PAUSE = 1 << 8,
    ACTOR_SIGNAL_RESUME = 1 << 9,
    /// From the supervisor, about an incarnation that has ended: `decision` is set.
    ACTOR_SIGNAL_DECIDED = 1 << 10,
    /// From the supervisor, when it has decided: it has ended as it should, and its place is kept. Its id and name
    /// stay, sends get AIRS_E_GONE, the mailbox is dropped; RESTART brings it back, END, STOP and KILL end it for good.
    ACTOR_SIGNAL_REST = 1 << 11,
    /// The health timer, and that of the mailbox's age.
    ACTOR_SIGNAL_HEALTH = 1 << 12,
    ACTOR_SIGNAL_AGE = 1 << 13,
    /// An actor that it is linked to has failed, and it has no way to be told: it fails too.
    ACTOR_SIGNAL_LINK = 1 << 14,
    /// From who deploys: an order (upgrade.h), other terms (terms.h).
    ACTOR_SIGNAL_UPGRADE = 1 << 15,
    ACTOR_SIGNAL_TERMS = 1 << 16,
} actor_signal;

/// In the order in which a supervisor looks at them.
typedef enum actor_report {
    ACTOR_REPORT_ADD = 1 << 0,
    ACTOR_REPORT_READY = 1 << 1,
    ACTOR_REPORT_ENDED = 1 << 2,
    /// Its backoff is over.
    ACTOR_REPORT_DUE = 1 << 3,
    ACTOR_REPORT_GONE = 1 << 4,
    /// Not a report: set by a supervisor that has ended. Nobody takes reports any more, and the child gives back the
    /// supervisor's count on it when it is gone.
    ACTOR_REPORT_ORPHAN = 1 << 5,
    /// It is to be started again on other terms (terms.h). Looked at behind ADD.
    ACTOR_REPORT_TERMS = 1 << 6,
} actor_report;

/// Told once: AIRS_OK at the first time it is ready, or why there was no such time.
typedef void (*actor_started_fn)(void *user, airs_status status, const char *text);

/// What can be waited for; bits.
typedef enum actor_mark {
    /// It has terminated for good. Always waited for.
    ACTOR_MARK_ENDED = 1 << 0,
    /// It has become ready.
    ACTOR_MARK_READY = 1 << 1,
    /// Its incarnation has ended.
    ACTOR_MARK_DOWN = 1 << 2,
    /// It was told to pause, and takes no event: it has come to rest, was at rest, or has no incarnation.
    ACTOR_MARK_PAUSED = 1 << 3,
} actor_mark;

/// Told once, at the first of what it waits for, on a worker. Embedded in what waits.
typedef struct actor_watch {
    ds_list link;
    /// Bits of actor_mark besides ENDED.
    uint32_t marks;
    /// Which of them it was, set before the call.
    uint32_t mark;
    /// `end` is how its last incarnation ended; means nothing with READY and PAUSED.
    void (*fn)(struct actor_watch *watch, const actor_failure *end);
} actor_watch;

/// Names that an actor has besides the one it was spawned with. NULL until the first.
typedef struct actor_names {
    char **texts;
    uint32_t count;
} actor_names;

/// Which trace parent an actor gives to what it sends.
typedef enum actor_tracing {
    ACTOR_TRACING_EVENT = 0,
    ACTOR_TRACING_OWN = 1,
    ACTOR_TRACING_NONE = 2,
} actor_tracing;

/// Ids of things that an actor holds.
typedef struct actor_ids {
    uint64_t *ids;
    uint32_t len;
    uint32_t capacity;
} actor_ids;

struct actor {
    // Touched by everybody.
    sched_task task;
    BASE_ATOMIC(uint32_t) signals;
    BASE_ATOMIC(uint32_t) reports;
    BASE_ATOMIC(uint32_t) references;
    /// airs_actor_state, as others see it.
    BASE_ATOMIC(uint32_t) state;
    /// 0: the space's. Else one more than the airs_log_level from which lines of it are made (log.h).
    BASE_ATOMIC(uint32_t) log_level;
    /// While it is parked in an ask: whom it waits for, and its request; 0 while that is not open yet.
    BASE_ATOMIC(uint64_t) waits_for;
    BASE_ATOMIC(uint64_t) waits_in;
    /// Senders that wait for a place in its mailbox.
    BASE_ATOMIC(uint32_t) parked_senders;
    /// They themselves, the first to come first; under the space's `parking_lock`.
    ds_list parked;
    /// In the supervisor's queue of reports.
    ds_mailbox_node report_node;

    // Written before it is published, then only read, but for what other terms (terms.h) bring.
    actor_space *space;
    const actor_kind *kind;
    uint64_t id;
    /// In the order of spawning.
    uint64_t serial;
    /// NULL for the root. Counted.
    actor *supervisor;
    // Written by the owner, under `info_lock`; it reads them without.
    airs_restart restart;
    bool significant;
    /// Complete: nothing in it is 0 that has a default.
    airs_backoff backoff;
    airs_limits limits;
    /// The owner's.
    airs_on_failure on_failure;
    /// NULL: none. Those of the actor itself, else the system's.
    const airs_hooks *hooks;
    /// `airs_native.user`, for hooks.
    void *user;
    /// Whether it is told of the failure of one that it is linked to, or fails itself.
    BASE_ATOMIC(bool) takes_downs;
    char *name;
    airs_setting *config;
    uint32_t config_count;

    inbox inbox;

    // The owner's.
    lifecycle life;
    actor_failure failure;
    airs_start_cause cause;
    airs_stop_reason stop_reason;
    bool ever_ready;
    /// There is something for `destroy` to end.
    bool incarnate;
    /// `start` has been called for it.
    bool start_called;
    /// It was told to pause; `hold` says whether it has come to rest.
    bool pausing;
    /// Others are to be told how the last incarnation ended, when it is known what becomes of the actor.
    bool owes_down;
    uint32_t incarnation;
    uint64_t failed_ns;
    /// Whether the time limit of start or stop runs.
    bool limit_runs;
    uint64_t limit_deadline_ns;
    sched_timer limit_timer;
    envelope *in_hand;
    /// What was in hand when the hook on_error said that the incarnation is to end with it.
    envelope *spoiled;
    /// The incarnation is to fail when `drain` has come back; the failure is set.
    bool fails_after_drain;
    /// Each message goes through the hook on_message first.
    bool filters;
    /// What it has handled since its version came (upgrade.h); NULL: nobody wants to know.
    struct actor_journal *journal;
    /// While a canary runs (meter.h); NULL: nobody counts.
    struct actor_meter *meter;
    /// The number of the incarnation that is a twin's, and its requests that it has taken and not answered; 0: there is
    /// none. `twin_acts`: it is the one that handles the event in hand.
    uint32_t twin;
    uint32_t twins;
    bool twin_acts;
    actor_ids twin_unanswered;
    /// Of the trap that ended the incarnation, until it is in the history. NULL: none.
    actor_trace *trace;
    /// Of whom it has taken an order; NULL: of nobody.
    struct actor_upgrade *ordered;
    /// It has been given other terms, and has not come to take them yet.
    bool terms_wait;
    /// NULL when its health is not looked after (health.h), and when there is no limit to its mailbox's age (age.h).
    struct actor_health *health;
    struct actor_age *age;
    /// Requests that it has taken and not answered.
    actor_ids unanswered;
    /// Requests of which the outcome comes as an event; settled ones are among them.
    actor_ids requests;
    /// Those whose outcome is on its way, and for nobody any more: who has asked has gone, and the incarnation has not.
    actor_ids unwanted;
    /// What ends with the incarnation: subscriptions, timers, and names that it registered itself.
    actor_ids subscriptions;
    actor_ids alarms;
    actor_names names;
    uint32_t slice_left;
    /// In the turn that runs: it was interrupted in the middle of an event.
    bool preempted;
    /// The trace parent of what it sends, until its next event: that of the event unless it has set one, or none.
    actor_tracing tracing;
    trace_parent own_trace;

    // The supervisor's.
    actor_child place;
    uint32_t window_restarts;
    /// Runs while `backoff_due_ns` is not 0.
    sched_timer backoff_timer;
    uint64_t backoff_due_ns;

    // Published by the owner.
    BASE_ATOMIC(uint64_t) ready_ns;
    BASE_ATOMIC(uint64_t) restarts;
    BASE_ATOMIC(uint64_t) handled;
    BASE_ATOMIC(uint64_t) failed;
    BASE_ATOMIC(uint64_t) memory;
    BASE_ATOMIC(uint32_t) connections;
    /// Running time, in the kind's ticks.
    BASE_ATOMIC(uint64_t) ran_ticks;
    /// airs_hold. PAUSED is written by the owner, while there is an incarnation; the others by the supervisor, while
    /// there is none; the owner takes them away when it starts again.
    BASE_ATOMIC(uint32_t) hold;
    /// By the scheduler's clock; 0: none. Written by the supervisor with AIRS_HOLD_BACKOFF.
    BASE_ATOMIC(uint64_t) restart_due_ns;
    /// airs_health, as last known.
    BASE_ATOMIC(uint32_t) health_shown;
    os_mutex info_lock;
    // Under the lock.
    /// Written by the owner, which reads them without.
    char component_name[129];
    char component_version[33];
    /// Who deploys to it; NULL: nobody.
    struct actor_upgrade *upgrade;
    /// What it is to be kept on; NULL: nobody wants others.
    struct actor_terms *terms;
    /// The owner looks whether they can be exchanged now.
    bool terms_taken;
    /// How the last incarnation ended.
    actor_failure last_end;
    /// The supervisor's, about that end.
    actor_decision decision;
    /// Names that others gave it, until it ends.
    actor_names bound;
    ds_list watches;
    bool terminated;
    /// The last failures (failures.h), and whom it monitors and who monitors it (links.h). NULL until the first.
    struct actor_history *history;
    struct actor_links *links;

    actor_started_fn started_fn;
    void *started_user;

    base_retired retired;
};

// ---------------------------------------------------------------- making

typedef struct actor_options {
    const char *name;
    /// Raw id; 0 only for the root.
    uint64_t supervisor;
    airs_restart restart;
    bool significant;
    airs_limits limits;
    /// As in airs_spawn_options. `hooks` NULL: the system's.
    airs_backoff backoff;
    airs_health_options health;
    airs_on_failure on_failure;
    const airs_hooks *hooks;
    /// The kind's: see the cell.
    void *user;
    bool takes_downs;
    const airs_setting *config;
    size_t config_count;
    const char *component_name;
    const char *component_version;
    /// May be NULL.
    actor_started_fn started_fn;
    void *started_user;
    /// Waits from before it starts (`actor_watch_add`), so that no end is missed; nothing when it is not spawned. NULL:
    /// nobody does.
    actor_watch *watch;
} actor_options;

/// Fills in the defaults of limits that are 0.
/// Errors: E_INVALID one is out of its range; `error` names it.
airs_status actor_limits_complete(airs_limits *limits, airs_error *error);

/// The same for a backoff. `delay_ms` over `delay_max_ms` is out of its range, where both are given.
airs_status actor_backoff_complete(airs_backoff *backoff, airs_error *error);

/// Makes `memory` (of the kind's size, zeroed, from the space's allocator) an actor that can be found, and hands it to
/// its supervisor, who starts it.
/// Owns:    on AIRS_OK the cell owns itself; else the caller still owns `memory` and what the kind put there.
/// Errors:  E_INVALID, E_TAKEN, E_GONE, E_LIMIT, E_NOMEM, E_STOPPING. `started_fn` is not called on an error.
/// Thread:  any.
airs_status actor_spawn(actor_space *space, actor *memory, const actor_kind *kind, const actor_options *options,
                        uint64_t *ret_id, airs_error *error);

/// Makes the state that the lifecycle is in known: to who looks, and to who is told of events. Thread: the owner's,
/// or the one that spawns, before anybody can find the actor.
void actor_publish_state(actor *self);

/// Prepares the task and the timer of a new cell.
void actor_init_task(actor *self);

// ---------------------------------------------------------------- finding

/// The actor of an id, or NULL. Only in a read section.
actor *actor_find(const actor_space *space, uint64_t id);

/// One more count on an actor that was found in a read section; false when it is at its end.
bool actor_retain(actor *self);
void actor_release(actor *self);

// ---------------------------------------------------------------- telling

void actor_signal_send(actor *self, actor_signal signal);

/// Reports to the supervisor. The owner only, but for ADD and DUE.
void actor_report_send(actor *self, uint32_t reports);

/// Wakes the task of an actor, if there is one. Any thread.
void actor_wake_id(actor_space *space, uint64_t id);

/// Puts an envelope into an actor's mailbox.
/// Owns:    on AIRS_OK the mailbox does, else the caller still does.
/// Errors:  E_GONE; E_FULL; E_TOO_LARGE over the receiver's max_message. Any thread.
airs_status actor_send(actor_space *space, uint64_t to, envelope *mail);

/// The same for who may wait and try again: not counted, and `*ret_policy` is the receiver's, when there is one.
airs_status actor_try_send(actor_space *space, uint64_t to, envelope *mail, airs_mailbox_policy *ret_policy);
/// There is going to be an `actor_put` to this one, if it was found: the processor may begin with that.
static inline void actor_expect_put(const actor *target)
{
    if (target != NULL)
        base_prefetch_to_write(&target->inbox);
}

/// The same to an actor that was found, or was not (NULL). In a read section.
airs_status actor_put(actor *target, envelope *mail, airs_mailbox_policy *ret_policy);
void actor_count_send(actor_space *space, airs_route route, airs_status status);

/// Delivers a reply, which never counts against the limit; drops it when the asker has ended. Any thread.
void actor_post_reply(actor_space *space, uint64_t asker, envelope *reply);

/// Calls `watch->fn` at the first mark it waits for, or when the actor has terminated; false when it has already, and
/// never will. Marks are told when they happen: it is added before the signal that leads to them. Any thread.
bool actor_watch_add(actor *self, actor_watch *watch);

/// Waits no more. False: it has been taken out already, and `watch->fn` has been called, is running, or is about to be:
/// its memory must stay until then. Any thread.
bool actor_watch_remove(actor *self, actor_watch *watch);

/// Tells who is told of events (airs_system_on_event) something about the actor, with its state and health. The owner,
/// and the supervisor while there is no incarnation.
void actor_emit(actor *self, airs_event_kind kind, airs_exit reason, const char *text, uint64_t elapsed_ns);

/// Whether an end for this reason is a failure.
static inline bool actor_exit_is_failure(airs_exit reason)
{
    return reason != AIRS_EXIT_NORMAL && reason != AIRS_EXIT_SHUTDOWN;
}

/// Ends a message that reaches nobody: who asked is told, and it becomes a dead letter. `receiver` may be NULL, when it
/// does not exist. The envelope is taken. Any thread, in a read section.
void actor_drop(actor_space *space, const actor *receiver, envelope *mail, airs_drop_reason reason);

/// The same with what is to be said about it, for AIRS_DROP_HOOK.
void actor_drop_for(actor_space *space, const actor *receiver, envelope *mail, airs_drop_reason reason,
                    const char *text);

/// The same for what could not be sent, with the status that `actor_send` gave.
void actor_drop_unsent(actor_space *space, uint64_t to, envelope *mail, airs_status status);

/// Whether an ask of `asker` to `to` would never end: `to` waits for the asker, or for who waits for it…
/// The asker's `waits_for` is set before, its `waits_in` when the request is open. The asker's owner.
bool actor_would_deadlock(const actor *asker, uint64_t to);

/// It does not wait any more. The asker's owner.
void actor_waits_no_more(actor *asker);

/// Keeps in mind that the incarnation has asked for an outcome as an event; false when there is no memory. The owner.
bool actor_remember_request(actor *self, uint64_t request);

/// Gives all of these up, at the end of the incarnation. The owner.
void actor_cancel_requests(actor *self);

/// Adds to a list; false when there is no memory.
bool actor_ids_add(actor_ids *list, const airs_allocator *allocator, uint64_t id);
/// So many more can be added without asking for memory; false when there is none.
bool actor_ids_reserve(actor_ids *list, const airs_allocator *allocator, uint32_t count);
/// False when it is not in it.
bool actor_ids_remove(actor_ids *list, uint64_t id);

// ---------------------------------------------------------------- senders that wait for a place

/// Embedded in a sender.
typedef struct actor_parked {
    ds_list link;
    actor *sender;
    /// Where it is in the list, for its count; NULL when it is in none.
    actor *receiver;
    /// Who woke it for a place that it has not tried to take since; 0: nobody.
    uint64_t woken_by;
} actor_parked;

void actor_parked_init(actor_parked *self, actor *sender);

/// Puts a sender in the list of a receiver, which wakes its task when there are places. AIRS_E_GONE when the
/// receiver has ended. The sender tries again after this, and only then waits. The sender's owner.
airs_status actor_park_sender(actor_parked *self, uint64_t receiver);

/// Takes it out of the list again; nothing when it is in none. One that was woken and does not try leaves the place to
/// the next. The sender's owner.
void actor_unpark_sender(actor_space *space, actor_parked *self);

/// Wakes up to `places` of the waiting senders. Any thread, in a read section.
void actor_wake_parked_senders(actor *self, uint32_t places);

// ---------------------------------------------------------------- for kinds, as the owner

/// The next envelope, kept in `self->in_hand`; NULL when there is none, or the slice has ended
/// (`*ret_yield`). Drops what is not for this incarnation.
envelope *actor_take(actor *self, bool *ret_yield);

/// One more of those that wait, for who takes several at a time: not in hand yet, and its place still taken. NULL when
/// there is none at once, the slice has ended, senders may still take it out again (DROP_OLDEST), or it has to be
/// looked at when its turn comes.
envelope *actor_take_ahead(actor *self);

/// What was taken ahead is in hand now.
void actor_begin(actor *self, envelope *mail);

/// The event in hand has been handled; where it is a request that was not answered, the actor owes the answer.
/// The envelope is gone after this.
void actor_settle(actor *self);

/// The message in hand has failed with this text: who asked is told.
void actor_settle_failed(actor *self, airs_bytes text);

/// Answers a request that this actor has been given. E_GONE, E_TOO_LARGE.
airs_status actor_answer(actor *self, uint64_t request, airs_status status, airs_bytes payload);

/// Sends as this actor. Errors: as `actor_send`, E_NOMEM.
airs_status actor_send_bytes(actor_space *space, uint64_t from, uint64_t to, airs_bytes payload);

/// An envelope from this actor, with the trace parent that what it sends has. Errors: E_NOMEM, E_TOO_LARGE over
/// ACTOR_MESSAGE_MAX. The owner.
airs_status actor_make_message(const actor *self, airs_bytes payload, envelope **ret_mail);

/// The trace parent of what the actor sends now; NULL when it has none. Valid until its next event. The owner.
const trace_parent *actor_trace_parent(const actor *self);
/// Sets it until the next event; NULL for none.
void actor_set_trace(actor *self, const trace_parent *trace);

/// Opens a request and sends it. Errors: as `actor_send`, and E_LIMIT, E_NOMEM; nothing arrives then.
airs_status actor_request(actor_space *space, const request_options *options, airs_bytes payload,
                          uint64_t *ret_request);

/// Hands the message in hand on, its sender and request kept.
airs_status actor_forward(actor *self, uint64_t to);

/// The actor wants to end: well with `text` NULL.
void actor_exit(actor *self, const char *text);

/// Whether it was told to end, for good or by its supervisor, and has not come to that: it is still starting, or being
/// upgraded. The owner, as the two below.
bool actor_is_told_to_end(const actor *self);
/// How long a start may take, in ms: start_timeout, or stop_timeout of one that was told to end, where that is less.
uint32_t actor_start_limit(const actor *self);
/// It took longer.
actor_progress actor_fail_start_limit(const actor *self, actor_failure *failure);

/// Sets the failure: "<text>".
actor_progress actor_fail(actor_failure *failure, airs_exit reason, const char *format, ...) AIRS_PRINTF(3, 4);

/// Gives back the places of the mailbox's limit that were taken out.
void actor_give_places_back(actor *self);

/// The twin is gone: who waits for an answer that it owes gets AIRS_E_FAILED, with this text.
void actor_end_twin(actor *self, airs_bytes why);

/// The next incarnation has the event in hand first, however often it was tried. Nothing without one.
void actor_put_back_in_hand(actor *self);

/// What the actor is made of has other names from now on. The owner.
void actor_set_component(actor *self, const char *name, const char *version, bool takes_downs);

/// The incarnation has ended: what becomes of the message in hand and of those that wait is as `on_failure` says, when
/// it `failed`; all who wait for an answer of it are told that none will come.
void actor_end_messages(actor *self, bool failed);

/// Ends what the incarnation holds beside messages: monitors, links, requests, subscriptions, timers, its own names.
/// For a kind that makes its incarnation anew within one start.
void actor_end_holdings(actor *self);

/// Drops what nobody will handle any more: one that was in the mailbox, and all that are.
void actor_drop_waiting(actor *self, envelope *mail);
void actor_drop_inbox(actor *self);

/// Lets the incarnation fail when `drain` has come back; `self->failure` is set. Nothing more is taken until then.
void actor_fail_after_drain(actor *self);

/// Whether the owner is to come to an end soon: stop, kill or a time limit has been signalled.
bool actor_is_called(const actor *self);

static inline const char *actor_name(const actor *self)
{
    return self->name == NULL ? "" : self->name;
}

#endif
