// SPDX-License-Identifier: MIT OR Apache-2.0
/// The audit log of a system: which decisions go into it, and what becomes of the system when they can't.
///
/// Each worker has a channel of its own, made when it records for the first time; all other threads share one, under
/// a lock. Whoever decides waits when the disk does not keep up: that is the back-pressure which keeps anything from
/// being lost, and with AIRS_AUDIT_SYNC_EACH it waits for the disk each time. Not for ever: behind a disk that hangs
/// for 10 s no worker waits, and what can't be recorded is refused. Refusals that are not in the log are counted there.
#ifndef NODE_AUDIT_H
#define NODE_AUDIT_H

#include "airssys/audit.h"
#include "capability/audit.h"
#include "component/authority.h"
#include "sched/sched.h"

typedef struct node_audit {
    airs_system *system;
    /// NULL: nothing is recorded.
    audit_log *log;
    airs_audit_mode mode;
    audit_folder folder;
    /// Absolute; owned.
    char *path;
    uint8_t key[AUDIT_KEY_SIZE];
    authority_observer observer;
    /// By the worker, who alone reads and writes his.
    audit_channel *channels[SCHED_WORKERS_MAX];
    os_mutex shared_lock;
    audit_channel *shared;
    /// Refusals that could not be recorded, since the last record that says so.
    BASE_ATOMIC(uint64_t) missed;
    /// When it was last said that the disk hangs; 0: never.
    BASE_ATOMIC(uint64_t) said_slow_ns;
    /// The log failed, and the system has been told to stop: `problem` says why, and is written before.
    BASE_ATOMIC(bool) stopped;
    char problem[256];
} node_audit;

/// Whether the options make sense. Errors: E_INVALID.
AIRS_NODISCARD airs_status node_audit_check(const airs_audit_options *options, airs_error *error);

/// Opens the log of a system whose scheduler runs, and hangs it into its components; with AIRS_AUDIT_OFF nothing is
/// done. All zero before. Errors: see `airs_system_create`.
AIRS_NODISCARD airs_status node_audit_open(node_audit *self, airs_system *system, airs_error *error);

/// Ends it: nobody decides any more. What could not be written is said in the system's log. All zero is allowed.
void node_audit_close(node_audit *self);

/// Records what an operator did, or is about to: `object` says to whom. Errors: E_IO it can't be recorded, and must not
/// be done. Any thread but a worker that runs a guest.
AIRS_NODISCARD airs_status node_audit_event(node_audit *self, audit_event event, airs_bytes object);

#endif
