// SPDX-License-Identifier: MIT OR Apache-2.0
/// A canary in one actor: the new version stands beside the old one, and each event is handled by one of the two.
///
/// Both are instances of the same actor: one id, one name, one mailbox, one tree of grants. Who is to handle an event
/// is decided when it is taken, and where that is not who has the seat, the two change places first, between two
/// events. So what one sender has sent is handled in its order whoever handles it, and nothing is ever in two hands.
///
///   a message        by a hash of its sender, or of its own id
///   a message of the actor to itself, a timer's too     by who has sent it
///   a reply          who has made the request
///   a down           the twin, of what it monitors; else the old version
///
/// What the twin makes (subscriptions, timers, requests, names, monitors, and children where it has not the state of
/// the other's) is noted, and ended with it. What the old version has made it can't end. All functions are the owner's.
#ifndef COMPONENT_CANARY_H
#define COMPONENT_CANARY_H

#include "actor/meter.h"
#include "actor/names.h"
#include "component/component_actor.h"
#include "component/holdings.h"

struct actor_upgrade;

/// Part of a `component_upgrade`.
typedef struct canary {
    /// There is a twin; it has the seat; the next event is for who has not.
    bool lives;
    bool acts;
    bool turns;
    bool by_message;
    uint32_t share_ppm;
    uint64_t salt;
    /// What the twin has made.
    actor_ids made[HELD_SORTS];
    actor_ids monitors;
    char *names[ACTOR_NAMES_MAX];
    uint32_t names_count;
    /// Those of who has not the seat. Where the twin has the state of the old version it has its children too.
    bool own_children;
    struct children *children;
    /// It has said that it ends; the requests of which it has no outcome yet.
    bool exits;
    uint32_t requests_open;
    /// What the other one's events are noted in.
    struct actor_journal *journal;
    /// How the old version is, while the twin is asked.
    bool asks_twin;
    airs_health health;
    char health_text[ACTOR_HEALTH_SIZE];
} canary;

/// Of an actor that has a twin; else NULL.
canary *canary_of(const component_actor *self);
/// Whether the twin has the seat.
bool canary_acts(const component_actor *self);
/// Whether who has the seat is to leave it: the next event is the other one's.
bool canary_turns(const component_actor *self);

/// The twin is about to be made, and has the seat from now on.
void canary_begin(component_actor *self, const struct actor_upgrade *order);
/// It has come up: the old version has the seat again, and events are split.
void canary_split(component_actor *self);
/// Who has the seat and who has not change places. No call is pending, and no event in hand.
void canary_turn(component_actor *self);
/// The same where `canary_turns` says so and nothing stands against it. True: it did.
bool canary_turn_if_due(component_actor *self);
/// The twin ends with what it has made, and the old version has the seat. The order is told what the twin has handled.
/// Nothing where there is none.
void canary_end(component_actor *self);

/// Comes to where no call is pending, and has the old version take the seat.
actor_progress canary_go_home(component_actor *self, actor_failure *failure);

/// The number of the incarnation that has the seat.
uint32_t canary_incarnation(const component_actor *self);

/// The twin has made something; false when there is no memory to note it.
bool canary_note(component_actor *self, held_sort sort, uint64_t id);
bool canary_note_monitor(component_actor *self, uint64_t id);
bool canary_note_name(component_actor *self, airs_bytes name);
/// It is the twin's; it is that no more.
bool canary_has(const component_actor *self, held_sort sort, uint64_t id);
void canary_forget(component_actor *self, held_sort sort, uint64_t id);
bool canary_forget_monitor(component_actor *self, uint64_t id);
bool canary_forget_name(component_actor *self, airs_bytes name);

#endif
