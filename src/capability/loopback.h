// SPDX-License-Identifier: MIT OR Apache-2.0
/// An address of this host that nobody else reaches, and a port: `127.0.0.1:9464`, `[::1]:9464`.
#ifndef CAPABILITY_LOOPBACK_H
#define CAPABILITY_LOOPBACK_H

#include "capability/address.h"

/// Reads one; port 0 is any that is free.
/// Errors: E_INVALID it is none, or its address is not a loopback one: `error` says which.
AIRS_NODISCARD airs_status capability_loopback_parse(const char *text, capability_address *ret_address,
                                                     uint16_t *ret_port, airs_error *error);

#endif
