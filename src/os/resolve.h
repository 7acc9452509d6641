// SPDX-License-Identifier: MIT OR Apache-2.0
/// The addresses of names, as the system has them: /etc/hosts, DNS, what else it is told to ask.
#ifndef OS_RESOLVE_H
#define OS_RESOLVE_H

#include "airssys/system.h"

/// An `airs_resolve_fn`; `user` is not looked at. Waits for the network. Any thread.
airs_status os_resolve(void *user, const char *name, airs_address *ret_addresses, size_t max, size_t *ret_count);

#endif
