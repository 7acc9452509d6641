// SPDX-License-Identifier: MIT OR Apache-2.0
/// Deployment: another version of a component in the place of the one that runs, while the system runs.
///
/// A deployment gives actors that are components another component. Each keeps its id, name, mailbox, links, monitors,
/// subscriptions, timers and place in the tree, and its state where both versions export `state`. It goes on in steps,
/// and each step may fail; whatever happens, at its end all of the actors that still live have the new version, or all
/// have the old one.
///
///   rehearse   each actor, between two events: its state is saved, and the new version is brought up on the copy, once
///              for trial: what it does to others is done to nobody. Then the old one goes on. A version that can't
///              start, can't load the state, or says that it is unhealthy is found out here, when nothing has changed.
///   swap       each actor, between two events: saved, brought up, loaded, asked how it is; then the old one is told to
///              stop, for the reason `upgrade`. Messages wait in the mailbox meanwhile.
///   probation  for a time the failure of a new version (a trap, a limit, bad health) puts the old one back at once,
///              in this actor and then in all.
///   prove      each is asked once more how it is.
///
///
/// With a canary only a part gets the new version at first, until somebody or a condition promotes it to all, or rolls
/// it back:
///
///   try        by instance: so many of a group's children are swapped. By sender or by message: the actor gets a twin,
///              which is the new version beside the old one, with the same id, name and mailbox; each event is handled
///              by one of the two. 0 % brings twins up that handle nothing: blue and green.
///   hold       the canary runs. A failure of the new version ends it at once, as on probation.
///   promote    then all others are swapped, and from there it goes on as above.
///
/// An actor within an event is waited for: `drain_timeout_ms`. What the pages call docs/explanation/swap.md has the
/// state diagram, and what is kept and what is not.
#ifndef AIRSSYS_DEPLOY_H
#define AIRSSYS_DEPLOY_H

#include "airssys/component.h"

#ifdef __cplusplus
extern "C" {
#endif

/// What becomes of an actor that can't take its state with it, because one of the two versions does not export `state`.
typedef enum airs_on_no_state {
    /// It starts without where the old version has no state to save; else it is refused.
    AIRS_NO_STATE_AUTO = 0,
    /// It starts without. Timers, and names that the old version registered, end with that.
    AIRS_NO_STATE_FRESH = 1,
    AIRS_NO_STATE_REFUSE = 2,
} airs_on_no_state;

/// With which state an old version comes back.
typedef enum airs_rollback_state {
    /// That of the new version, which saves it; the state as of the swap where that can't be: the new one has failed,
    /// or the old one can't load what it saved.
    AIRS_ROLLBACK_CARRY = 0,
    /// The state as of the swap. What was handled since is counted, `airs_deploy_result.handled_since`, and the last
    /// 1,000 of that can be looked at: `airs_deploy_lost`. They are noted from the swap on, and go on to be when the
    /// deployment has ended, for an `airs_rollback`: up to 200 KiB for each actor.
    AIRS_ROLLBACK_SNAPSHOT = 1,
} airs_rollback_state;

/// "auto", "fresh", "refuse"; "carry", "snapshot". Static. Any thread.
AIRS_API const char *airs_on_no_state_name(airs_on_no_state policy);
AIRS_API const char *airs_rollback_state_name(airs_rollback_state policy);

typedef enum airs_deploy_phase {
    AIRS_DEPLOY_REHEARSING = 0,
    AIRS_DEPLOY_SWAPPING = 1,
    AIRS_DEPLOY_PROBATION = 2,
    AIRS_DEPLOY_PROVING = 3,
    AIRS_DEPLOY_ROLLING_BACK = 4,
    /// It has ended; what is there stays.
    AIRS_DEPLOY_DONE = 5,
    /// Of a canary, between REHEARSING and SWAPPING: those that are chosen get the new version; and it runs.
    AIRS_DEPLOY_TRYING = 6,
    AIRS_DEPLOY_CANARY = 7,
} airs_deploy_phase;

/// "rehearsing", "swapping"… Static. Any thread.
AIRS_API const char *airs_deploy_phase_name(airs_deploy_phase phase);

/// What a canary is chosen by.
typedef enum airs_canary_by {
    /// A group by instance. An actor by sender where the new or the old version exports `state`, else by message.
    AIRS_CANARY_BY_AUTO = 0,
    /// Children of a group: that share of those that live then, at least one, get the new version.
    AIRS_CANARY_BY_INSTANCE = 1,
    /// Each sender's messages are all handled by one of the two. All that comes from outside of the system, without an
    /// actor that sends it, is one sender's.
    AIRS_CANARY_BY_SENDER = 2,
    /// Each message for itself. Not of a component with `state`.
    AIRS_CANARY_BY_MESSAGE = 3,
} airs_canary_by;

/// "auto", "instance", "sender", "message". Static. Any thread.
AIRS_API const char *airs_canary_by_name(airs_canary_by by);

/// What an observer is told.
typedef struct airs_deploy_event {
    airs_deploy_phase phase;
    /// The actor it is about; 0: the deployment has come to this phase.
    airs_actor_id actor;
    /// Of the phase CANARY, with actor 0, by what it was chosen: "sender". Else
    /// "rehearsed", "swapped", "proved", "reverted", "failed: …", "waits for the end of an event"… Borrowed for the
    /// time of the call.
    const char *text;
    /// Of an actor that was swapped or put back: how long it took no messages.
    uint64_t pause_ns;
} airs_deploy_event;

typedef void (*airs_deploy_event_fn)(void *user, const airs_deploy_event *event);

/// All zero is allowed.
typedef struct airs_deploy_options {
    /// How long an actor is waited for that is inside of an event. 5 s when 0.
    uint32_t drain_timeout_ms;
    /// 10 s when 0; AIRS_NO_PROBATION: none.
    uint32_t probation_ms;
    airs_on_no_state on_no_state;
    airs_rollback_state rollback_state;
    /// Actors that are between their versions at once, but for those that fall back because they failed. 64 when 0.
    uint32_t parallel_max;
    /// Ends after the rehearsal, well or not; nothing has changed.
    bool dry_run;
    /// Begin with a canary: so many millionths of what comes, or of the children, get the new version. 0: none, until
    /// the promotion. What is promoted, or rolled back, is all that is deployed to by this call.
    bool canary;
    uint32_t canary_ppm;
    airs_canary_by canary_by;
    /// Conditions, as docs/guides/canary.md has them: "errors<0.1% p99<2ms for 60s". NULL or "": none. They are looked
    /// at while the canary runs, `rollback_when` first. Copied.
    const char *promote_when;
    const char *rollback_when;
    /// For the history; NULL: "". Copied, up to 64 bytes.
    const char *by;
    /// Called from any thread, one call at a time; must not block, and must not call functions of this header.
    airs_deploy_event_fn on_event;
    void *user;
} airs_deploy_options;

#define AIRS_NO_PROBATION UINT32_MAX

/// One actor of a deployment. All with the same `rank` are swapped together, those of a smaller one before. A
/// simple_one_for_one supervisor stands for all its children, and for its template: those that live are swapped, and
/// those that are made from then on are of the new version. Where one of them can't be swapped, none is, and the
/// template stays. With a `template_name` it is no actor (which is 0 then): all children that components have spawned
/// of their templates of this name (`airs_spawn_options.templates`) are, and those templates themselves, as of a
/// supervisor. Where there is no such template there is nothing to do.
typedef struct airs_deploy_target {
    airs_actor_id actor;
    uint32_t rank;
    const char *template_name;
} airs_deploy_target;

/// What one actor is given: another component, other settings, or both.
typedef struct airs_deploy_change {
    /// As of airs_deploy_target. The settings of a supervisor's children can't be changed.
    airs_actor_id actor;
    uint32_t rank;
    /// NULL: it keeps the one that it has; of a supervisor, each child does.
    airs_component *component;
    /// All of its settings from then on; without `has_config` it keeps those that it has.
    bool has_config;
    const airs_setting *config;
    size_t config_count;
    /// Of these, `drain_timeout_ms`, `on_no_state` and `rollback_state` count. NULL: those of the deployment.
    const airs_deploy_options *options;
    /// As of airs_deploy_target; then there is a component.
    const char *template_name;
} airs_deploy_change;

/// How a deployment has ended.
typedef struct airs_deploy_result {
    /// Its number in the history.
    uint64_t number;
    /// The actors have the new version. False: they have the old one, and `text` says why; or it was a dry run.
    bool deployed;
    /// Actors that live, and those that have ended meanwhile.
    uint32_t actors;
    uint32_t actors_gone;
    /// Put back after they had been swapped; and messages that the new version had handled until then, where their
    /// state was not carried. Of a rollback to a state of before (AIRS_ROLLBACK_SNAPSHOT): those handled since then.
    uint32_t reverted;
    uint64_t handled_since;
    /// The longest and the mean time that an actor took no messages for its swap.
    uint64_t pause_max_ns;
    uint64_t pause_mean_ns;
    /// From the first failure until the old version served again everywhere; 0 when none was put back.
    uint64_t rollback_ns;
    char text[512];
} airs_deploy_result;

/// What would change for an actor.
typedef struct airs_deploy_difference {
    char old_name[129];
    char old_version[33];
    char new_name[129];
    char new_version[33];
    /// It has this very component: there is nothing to do.
    bool same;
    /// Its state goes with it; if not, whether it would start without, by `on_no_state`.
    bool carries_state;
    bool starts_fresh;
    /// Exports that it gains and loses: "health, state", as one text. "" for none.
    char gains[128];
    char loses[128];
    /// Why it can't be: it would take no messages any more, say. "" when it can.
    char refused[256];
} airs_deploy_difference;

/// Errors: E_GONE; E_UNSUPPORTED the actor is no component. Thread: any.
AIRS_API AIRS_NODISCARD airs_status airs_deploy_compare(airs_system *system, airs_component *component,
                                                        airs_actor_id actor, const airs_deploy_options *options,
                                                        airs_deploy_difference *ret_difference, airs_error *error);

/// Deploys, and waits until that has ended: longer than the probation. Actors that have this very component are left
/// alone. With none left, it has ended well at once, and `text` says so.
/// Owns:    the component is retained by the actors; `options` and `targets` are read, not kept.
/// Errors:  E_INVALID no target, one twice (also with its group), one that is an actor and a template, the component of
/// another system, options that do not go together: the text names them; E_GONE a target does not exist; E_UNSUPPORTED
/// one is no component, or can't take this one (`airs_deploy_compare`); E_TAKEN one is being deployed to: the text
/// names it; E_FAILED it was tried, and the old version is there, or all of the actors have ended meanwhile:
/// `ret_result` says why, and so does the text; E_WOULD_BLOCK; E_STOPPING; E_NOMEM. `ret_result` (may be NULL) is
/// written on AIRS_OK and E_FAILED.
/// Thread:  any but a handler's.
AIRS_API AIRS_NODISCARD airs_status airs_deploy(airs_system *system, airs_component *component,
                                                const airs_deploy_target *targets, size_t count,
                                                const airs_deploy_options *options, airs_deploy_result *ret_result,
                                                airs_error *error);

/// Carries out several changes as one deployment: all of them, or none. Where only the settings of a component change
/// and it exports `reconfigure`, it is told them between two events, and goes on; an error of its own, a trap or a time
/// limit refuses them, and the old ones stay. Who fails in the middle of that is followed by an instance with the state
/// of before, or with none where it does not export `state`: `on_no_state` is not asked. Otherwise settings are changed
/// as a component is: a new instance starts with them, and is given the state.
/// Owns:    as `airs_deploy`; settings are copied.
/// Errors:  as `airs_deploy`; also E_INVALID a key or value that is NULL, options that are none; E_UNSUPPORTED settings
///          for the children of a supervisor, or with a canary.
/// Thread:  any but a handler's.
AIRS_API AIRS_NODISCARD airs_status airs_deploy_all(airs_system *system, const airs_deploy_change *changes,
                                                    size_t count, const airs_deploy_options *options,
                                                    airs_deploy_result *ret_result, airs_error *error);

/// `airs_deploy_all` of other settings for one actor.
AIRS_API AIRS_NODISCARD airs_status airs_reconfigure(airs_system *system, airs_actor_id actor,
                                                     const airs_setting *config, size_t config_count,
                                                     const airs_deploy_options *options, airs_deploy_result *ret_result,
                                                     airs_error *error);

/// Deploys to each target the component that it had before its last deployment that ended well. With
/// AIRS_ROLLBACK_SNAPSHOT, and where that deployment had it too, it comes back with the state as of then. Settings stay
/// as they are, and a deployment of settings alone does not count; but after one there is no state as of then any more,
/// and that of now goes along. While a canary runs on a target it is E_TAKEN: see `airs_canary_rollback`.
/// Errors: as `airs_deploy`; E_NOT_FOUND a target has had no other.
AIRS_API AIRS_NODISCARD airs_status airs_rollback(airs_system *system, const airs_deploy_target *targets, size_t count,
                                                  const airs_deploy_options *options, airs_deploy_result *ret_result,
                                                  airs_error *error);

// ---------------------------------------------------------------- canaries

/// What one version has done since the canary began.
typedef struct airs_canary_counts {
    uint64_t handled;
    uint64_t failed;
    /// How long an event was in hand; 0 when there was none.
    uint64_t p50_ns;
    uint64_t p99_ns;
} airs_canary_counts;

/// A canary that runs.
typedef struct airs_canary_info {
    airs_canary_by by;
    uint32_t ppm;
    /// Actors with the new version, or a twin of it, and all that are deployed to.
    uint32_t actors;
    uint32_t actors_all;
    uint64_t age_ms;
    char old_version[33];
    char new_version[33];
    airs_canary_counts old_counts;
    airs_canary_counts new_counts;
    uint64_t new_restarts;
    char promote_when[256];
    char rollback_when[256];
} airs_canary_info;

/// Of the canary that runs on an actor, or on a group. Errors: E_INVALID; E_NOT_FOUND there is none. Thread: any.
AIRS_API AIRS_NODISCARD airs_status airs_canary_get_info(airs_system *system, airs_actor_id actor,
                                                         airs_canary_info *ret_info);

/// Promotes the canary that runs on an actor, or on a group: all that its deployment is about get the new version.
/// Waits until that deployment has ended, the probation too.
/// What a twin has handled is not in the state of the old version, which is the one that goes along: it is counted, and
/// can be looked at (`airs_deploy_lost`).
/// Errors: E_INVALID; E_NOT_FOUND no canary runs there; E_FAILED the old version is there: `ret_result` (may be NULL)
/// and the text say why; E_WOULD_BLOCK; E_STOPPING. `ret_result` is written on AIRS_OK and E_FAILED.
/// Thread:  any but a handler's.
AIRS_API AIRS_NODISCARD airs_status airs_promote(airs_system *system, airs_actor_id actor,
                                                 airs_deploy_result *ret_result, airs_error *error);

/// Ends the canary that runs on an actor, or on a group, and waits until the old version is everywhere. `by` is for the
/// history, and may be NULL.
/// Errors: E_INVALID; E_NOT_FOUND no canary runs there, or it has been promoted before; E_WOULD_BLOCK; E_STOPPING.
/// Thread:  any but a handler's.
AIRS_API AIRS_NODISCARD airs_status airs_canary_rollback(airs_system *system, airs_actor_id actor, const char *by,
                                                         airs_deploy_result *ret_result, airs_error *error);

/// One deployment that has ended.
typedef struct airs_deploy_record {
    uint64_t number;
    /// Milliseconds since 1970.
    uint64_t time_ms;
    uint64_t took_ms;
    char by[65];
    /// The name of the first actor, or its id.
    char actor[129];
    char from_version[33];
    char to_version[33];
    char component[129];
    /// It was a rollback that somebody asked for; a dry run.
    bool rollback;
    bool dry_run;
    /// It began with a canary.
    bool canary;
    airs_deploy_result result;
} airs_deploy_record;

/// False ends the visit.
typedef bool (*airs_deploy_record_fn)(void *user, const airs_deploy_record *record);

/// Visits the last 1,000 with a number over `after`, the oldest first; `fn` gets copies. Gives how many there have
/// been. Thread: any.
AIRS_API uint64_t airs_deploy_history(airs_system *system, uint64_t after, airs_deploy_record_fn fn, void *user);

/// An event that was handled, and of which the state that has come back knows nothing. Borrowed for the call.
typedef struct airs_lost_message {
    /// Counts what its actor had handled, from the swap on.
    uint64_t number;
    /// When it was handled: milliseconds since 1970.
    uint64_t time_ms;
    /// Who had handled it, and its name ("" when it has none).
    airs_actor_id actor;
    const char *name;
    /// Of the message; "": it was a reply, or the end of another actor.
    char message_id[17];
    airs_actor_id sender;
    /// Up to 63 bytes; "" when it was sent.
    const char *topic;
    /// Up to the first 64 bytes, of `payload_size`.
    airs_bytes payload;
    size_t payload_size;
} airs_lost_message;

/// False ends the visit.
typedef bool (*airs_lost_message_fn)(void *user, const airs_lost_message *message);

/// Visits what the deployment `number` of the history has lost by bringing a state back (AIRS_ROLLBACK_SNAPSHOT): the
/// last 1,000 of all its actors, the oldest first. Kept of the last 16 deployments that have lost something. Gives how
/// many were lost, listed or not; 0 for a number that the history does not have. Thread: any.
AIRS_API uint64_t airs_deploy_lost(airs_system *system, uint64_t number, airs_lost_message_fn fn, void *user);

#ifdef __cplusplus
}
#endif

#endif
