// SPDX-License-Identifier: MIT OR Apache-2.0
/// Messages that are sent later, once or again and again.
///
/// An alarm belongs to the incarnation that set it and ends with it. It fires on a worker, where the
/// message goes the way of every other one; a receiver that is gone ends a repeated alarm.
#ifndef ACTOR_ALARMS_H
#define ACTOR_ALARMS_H

#include "actor/cell.h"

/// Alarms that one actor may have pending.
#define ACTOR_ALARMS_MAX 100000u
/// Alarms of a system.
#define ALARMS_MAX (1u << 22)

typedef struct alarm_table {
    actor_space *space;
    ds_slotmap alarms;
    ds_pool pool;
} alarm_table;

/// Errors: E_NOMEM. Ended with `alarm_table_fini`, after the scheduler has stopped.
airs_status alarm_table_init(alarm_table *table, actor_space *space);
void alarm_table_fini(alarm_table *table);

/// Sends `payload` from `self` to `to` after `delay_ms`, and then every `period_ms` when that is not 0.
/// Errors: E_LIMIT; E_TOO_LARGE; E_NOMEM. The owner of `self`.
airs_status alarm_set(alarm_table *table, actor *self, uint64_t delay_ms, uint64_t period_ms, uint64_t to,
                      airs_bytes payload, uint64_t *ret_alarm);

/// False when it has fired, or is none of this actor's. The owner of `self`.
bool alarm_cancel(alarm_table *table, actor *self, uint64_t id);

/// Whether it is still to fire. Any thread, in a read section.
bool alarm_is_set(alarm_table *table, uint64_t id);

/// Ends all alarms of an incarnation. The owner of `self`.
void alarms_end(alarm_table *table, actor *self);

/// Cancels those alarms that `from` has set whose receivers `keep` says no to. Any thread, in a read section.
typedef bool (*alarms_keep_fn)(void *user, uint64_t to);
void alarms_review(alarm_table *table, uint64_t from, alarms_keep_fn keep, void *user);

/// Alarms that are pending. Any thread.
uint32_t alarms_count(const alarm_table *table);

#endif
