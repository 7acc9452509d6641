// SPDX-License-Identifier: MIT OR Apache-2.0
/// The log of `airssys run` on its way to stdout.
///
/// Lines come from the workers, which must not wait for a slow reader of stdout: they are queued, and
/// a thread writes them. What does not fit the queue is counted, and the count is written.
#ifndef AIRS_CLI_JOURNAL_H
#define AIRS_CLI_JOURNAL_H

#include "airssys/system.h"
#include "cli/log_file.h"
#include "os/thread.h"

#include <pthread.h>

typedef struct cli_journal_line cli_journal_line;

typedef struct cli_journal {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    os_thread thread;
    cli_journal_line *first;
    cli_journal_line **last;
    size_t bytes;
    uint64_t dropped;
    /// Lines wait until the tree is drawn.
    bool held;
    bool ending;
    int name_width;
    /// Lines begin with the date too, as in a file that is read later.
    bool dated;
    /// What stdout is, when it is a file that is to be rotated; NULL: it is not. Borrowed.
    cli_log_file *file;
} cli_journal;

/// Starts the thread; lines are held until `cli_journal_release`. The journal stays where it is.
/// Errors: E_LIMIT, E_NOMEM.
AIRS_NODISCARD airs_status cli_journal_start(cli_journal *journal, int name_width);

/// Writes what was held, and from now on each line as it comes. The stream is the journal's until `stop`.
void cli_journal_release(cli_journal *journal);

/// Writes all that is left, ends the thread.
void cli_journal_stop(cli_journal *journal);

/// An `airs_log_fn` and an `airs_event_fn`; `user` is the journal.
void cli_journal_on_log(void *user, const airs_log_record *record);
void cli_journal_on_event(void *user, const airs_event *event);

/// Adds a line of this process itself, about no actor. Any thread.
void cli_journal_say(cli_journal *journal, airs_log_level level, const char *text);

#endif
