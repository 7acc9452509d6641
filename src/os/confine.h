// SPDX-License-Identifier: MIT OR Apache-2.0
/// Gives up what this process does not need, for good: for one that works on what nobody trusts.
#ifndef AIRS_OS_CONFINE_H
#define AIRS_OS_CONFINE_H

#include <stdbool.h>
#include <stdint.h>

/// From now on this process, which has one thread,
///   - may map `memory` bytes more than it has mapped, and use its processor for `cpu_s` seconds more (SIGXCPU);
///   - opens no descriptor, writes to no file, dumps no core, and gains no privilege by what it executes;
///   - is allowed, by a filter of seccomp, the system calls with which a program computes, reads and writes the
///     descriptors that it has, and ends; any other one fails with EPERM: no file, no network, no other process;
///   - gives way to others where they and it want the same processor;
///   - is killed when the thread that started it ends.
/// False with errno when the process can't be confined so. A kernel, or an architecture, without filters is none of
/// these: all else is done then.
bool os_confine(uint64_t memory, uint64_t cpu_s);

#endif
