// SPDX-License-Identifier: MIT OR Apache-2.0
/// The node's key, with which it signs its audit log: Ed25519, in a file of its own.
#ifndef NODE_AUDIT_KEY_H
#define NODE_AUDIT_KEY_H

#include "capability/audit_format.h"

/// Reads the secret key, or makes it, and writes the public one beside it when that is not there. The file is one line
/// of hexadecimal digits, for its owner alone.
/// Errors: E_DENIED others may read it; E_INVALID it is no key; E_IO it can't be read or made. The text names the file.
AIRS_NODISCARD airs_status audit_key_load(const char *path, uint8_t ret_secret[AUDIT_SECRET_SIZE], airs_error *error);

#endif
