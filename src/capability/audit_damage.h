// SPDX-License-Identifier: MIT OR Apache-2.0
/// What was done to an audit log that does not verify, as far as its bytes tell. That something was done is proved by
/// hashes and signatures; what it was is found by looking at what is left.
#ifndef CAPABILITY_AUDIT_DAMAGE_H
#define CAPABILITY_AUDIT_DAMAGE_H

#include "capability/audit_segment.h"

typedef enum audit_damage {
    AUDIT_WHOLE,
    AUDIT_CHANGED,
    AUDIT_REMOVED,
    AUDIT_REORDERED,
    AUDIT_TRUNCATED,
    AUDIT_DAMAGES,
} audit_damage;

/// Where the log stops to be whole.
typedef struct audit_finding {
    audit_damage damage;
    /// 0: in audit.head.
    uint32_t segment;
    uint64_t byte;
    /// The first record that nothing vouches for.
    uint64_t record;
} audit_finding;

/// "whole", "changed", "removed", "reordered", "truncated". Static.
const char *audit_damage_name(audit_damage damage);

/// What stands at `segment->bad_at`, where a frame of this log should; at the end of the bytes it is AUDIT_TRUNCATED.
audit_damage audit_damage_find(const audit_segment *segment, const uint8_t key[AUDIT_KEY_SIZE]);

#endif
