// SPDX-License-Identifier: MIT OR Apache-2.0
/// One decision, as it stands in the audit log.
#ifndef CAPABILITY_AUDIT_RECORD_H
#define CAPABILITY_AUDIT_RECORD_H

#include "airssys/status.h"
#include "capability/right.h"

/// What is longer is cut, and says so.
#define AUDIT_NAME_MAX 128u
#define AUDIT_OBJECT_MAX 1024u
/// Room for any encoded record.
#define AUDIT_RECORD_MAX 1280u
/// `grant` when there was none.
#define AUDIT_NO_GRANT UINT32_MAX

/// X(name, number, kind, text). What no component does, but who runs the node. The numbers stand behind those of the
/// rights, and are never given anew either.
#define AUDIT_EVENT_MAP(X)                \
    X(NODE_START, 32, "node", "start")    \
    X(NODE_STOP, 33, "node", "stop")      \
    X(GRANT, 34, "operator", "grant")     \
    X(REVOKE, 35, "operator", "revoke")   \
    X(COMMAND, 36, "operator", "command") \
    X(MISSED, 37, "node", "missed")

typedef enum audit_event {
#define AUDIT_EVENT_ENUM(name, number, kind, text) AUDIT_EVENT_##name = number,
    AUDIT_EVENT_MAP(AUDIT_EVENT_ENUM)
#undef AUDIT_EVENT_ENUM
    AUDIT_WHATS,
} audit_event;

_Static_assert((int)CAPABILITY_RIGHTS <= (int)AUDIT_EVENT_NODE_START && AUDIT_WHATS <= 64,
               "numbers for both, in a set");

/// A right or an event as a member of a set.
#define AUDIT_BIT(what) (1ull << (what))

typedef struct audit_record {
    /// Its place in the log, from 0. Only read.
    uint64_t number;
    /// Wall clock, nanoseconds since 1970. Filled in when it is written.
    uint64_t time_ns;
    /// Who: the actor's id, and its name, which may be empty.
    uint64_t actor;
    airs_bytes name;
    /// What, a capability_right or an audit_event; and on what.
    uint32_t what;
    airs_bytes object;
    /// The number and the epoch of the policy that decided.
    bool allowed;
    uint32_t grant;
    uint64_t epoch;
    /// The message, in whose handling it was; 0 for none.
    uint64_t message;
    /// The name or the object was longer. Only read.
    bool cut;
    /// It was refused, and done all the same: what a node that learns lets a component do in memory.
    bool learned;
} audit_record;

/// Writes the record, with its length in front; returns how many bytes it took.
size_t audit_record_encode(uint8_t out[AUDIT_RECORD_MAX], const audit_record *record);

/// Takes a record off the front of `rest`; its texts point into it. False when there is no well-formed record.
bool audit_record_decode(airs_bytes *rest, audit_record *ret_record);

/// Whether the number is that of a right or an event.
bool audit_what_exists(uint32_t what);

/// "files" and "read", "operator" and "grant"…; "?" for a number that is none. Static.
const char *audit_what_kind(uint32_t what);
const char *audit_what_name(uint32_t what);

/// The set of all of this kind and this name; NULL: of any. 0: there is none.
uint64_t audit_what_find(const char *kind, const char *name);

/// Room for any line of JSON.
#define AUDIT_JSON_MAX 8192u

/// Writes the record as one JSON object without a newline, NUL-terminated; returns its length. What is no UTF-8 becomes
/// U+FFFD.
size_t audit_record_to_json(char out[AUDIT_JSON_MAX], const audit_record *record);

#endif
