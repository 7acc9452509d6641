// SPDX-License-Identifier: MIT OR Apache-2.0
/// Telling who has started this process how it is: systemd's protocol of NOTIFY_SOCKET, a datagram of lines KEY=VALUE.
#ifndef AIRS_OS_NOTIFY_H
#define AIRS_OS_NOTIFY_H

#include "airssys/status.h"

/// Sends "READY=1", say, to the socket of the variable NOTIFY_SOCKET: a path, or an abstract name behind an `@`.
/// Without the variable nothing is done. Never waits: somebody who does not read misses it.
/// Errors: E_IO it could not be sent. Any thread, as long as nobody changes the environment.
AIRS_NODISCARD airs_status os_notify(const char *text, airs_error *error);

/// How often "WATCHDOG=1" is expected at least, of WATCHDOG_USEC; 0: not at all, or not of this process (WATCHDOG_PID).
uint32_t os_notify_watchdog_ms(void);

#endif
