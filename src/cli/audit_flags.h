// SPDX-License-Identifier: MIT OR Apache-2.0
/// The flags of `airssys audit`: which records, which key, which anchor.
#ifndef AIRS_CLI_AUDIT_FLAGS_H
#define AIRS_CLI_AUDIT_FLAGS_H

#include "cli/args.h"

#include "airssys/audit.h"

typedef struct cli_audit_flags {
    /// Its texts are those of the arguments.
    airs_audit_filter filter;
    bool has_key;
    bool has_anchor;
    uint8_t key[AIRS_AUDIT_KEY_SIZE];
    uint8_t anchor[AIRS_AUDIT_HASH_SIZE];
} cli_audit_flags;

/// Reads the flags; `no_filter`: those that choose records are refused. Errors: E_INVALID.
AIRS_NODISCARD airs_status cli_audit_flags_parse(cli_audit_flags *self, const cli_args *args, bool no_filter,
                                                 airs_error *error);

/// A key in hexadecimal digits.
bool cli_audit_key_parse(const char *text, uint8_t ret_key[AIRS_AUDIT_KEY_SIZE]);

/// A time as people write it, in nanoseconds since 1970: a date and time, or how long before `now_ns`.
bool cli_time_parse(const char *text, uint64_t now_ns, uint64_t *ret_ns);

#endif
