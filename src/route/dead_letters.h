// SPDX-License-Identifier: MIT OR Apache-2.0
/// The last messages that reached nobody: a ring that can be looked at, and sent again from.
#ifndef ROUTE_DEAD_LETTERS_H
#define ROUTE_DEAD_LETTERS_H

#include "actor/cell.h"
#include "airssys/system.h"

/// Dead letters that are kept.
#define DEAD_LETTERS_MAX 1024u

typedef struct dead_letter {
    uint64_t number;
    uint64_t time_ns;
    airs_drop_reason reason;
    uint64_t receiver;
    char receiver_name[129];
    char text[128];
    /// NULL in a slot that was never used.
    envelope *mail;
} dead_letter;

typedef struct dead_letters {
    actor_space *space;
    os_mutex lock;
    // Under the lock.
    dead_letter *ring;
    uint64_t count;
} dead_letters;

/// Ended with `dead_letters_fini`.
void dead_letters_init(dead_letters *self, actor_space *space);
void dead_letters_fini(dead_letters *self);

/// Keeps a letter; the oldest goes for it. Without memory it is only counted. The envelope is taken. `receiver` may be
/// NULL; `text` is what a hook said of it, or "". Any thread, in a read section.
void dead_letters_add(dead_letters *self, const actor *receiver, envelope *mail, airs_drop_reason reason,
                      const char *text);

/// Calls `fn` for those that are kept, the oldest first, numbered above `after`; copies, so `fn` may take its time.
/// Stops when it returns false. Any thread.
void dead_letters_each(dead_letters *self, uint64_t after, airs_dead_letter_fn fn, void *user);

/// A copy of the message of a letter, for another try; NULL when it is not kept any more, or there is no memory.
envelope *dead_letters_copy(dead_letters *self, uint64_t number, uint64_t *ret_receiver);

/// Gives up the message of a letter. False when it is not kept. Any thread.
bool dead_letters_drop(dead_letters *self, uint64_t number);

/// Letters so far. Any thread.
uint64_t dead_letters_count(dead_letters *self);

#endif
