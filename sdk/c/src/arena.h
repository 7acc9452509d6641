// SPDX-License-Identifier: MIT OR Apache-2.0
/// Where all memory of an event comes from, and when it is taken back.
///
/// The runtime allocates through `cabi_realloc` for what it lowers into this guest: arguments before an
/// export is called, results during an import. All of it, and what the author allocates, is one arena
/// that is emptied when the next event comes:
///
///   guest calls `mailbox.take`    its argument (the settled event) is lifted by the runtime before the
///                                 next list is lowered: the arena may be emptied before the call
///   an event of a list has ended  what was taken since the list is free again, and the list stays
///   runtime calls an export       the first `cabi_realloc`, or the export itself when it has no
///                                 arguments in memory, finds the guest idle and empties the arena.
///                                 What the last export returned was read before that.
#ifndef AIRSSYS_ARENA_H
#define AIRSSYS_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// `size` bytes at a multiple of `align`, a power of two. Never NULL: traps when there is no memory.
void *airs_arena_take(size_t size, size_t align);

/// Makes the last block that was taken longer, in place. False when it cannot be.
bool airs_arena_extend(void *block, size_t old_size, size_t new_size);

/// Everything taken is free again.
void airs_arena_reset(void);

/// How far it is filled, and back to there.
uintptr_t airs_arena_top(void);
void airs_arena_rewind(uintptr_t to);

/// Around each export.
void airs_guest_enter(void);
void airs_guest_leave(void);

#endif
