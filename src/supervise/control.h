// SPDX-License-Identifier: MIT OR Apache-2.0
/// What operators want of a child, on its way to the child's supervisor and back.
///
/// Any thread sends; the supervisor takes them in the order in which they came, keeps them until its machine has the
/// answer, and answers all that are about one child at once. One that is not answered yet can be taken back.
#ifndef SUPERVISE_CONTROL_H
#define SUPERVISE_CONTROL_H

#include "actor/cell.h"

typedef enum supervise_verb {
    SUPERVISE_VERB_RESTART,
    SUPERVISE_VERB_QUARANTINE,
    SUPERVISE_VERB_RELEASE,
} supervise_verb;

/// Embedded in what waits.
typedef struct supervise_control {
    ds_list link;
    supervise_verb verb;
    /// Counted from when it is sent until it is answered or taken back.
    actor *child;
    /// Called once, on a worker: AIRS_OK; AIRS_E_FAILED or AIRS_E_TIMEOUT it did not start, `text` says why;
    /// AIRS_E_INVALID it is not quarantined; AIRS_E_GONE.
    void (*fn)(struct supervise_control *control, airs_status status, const char *text);
} supervise_control;

/// A supervisor's.
typedef struct supervise_controls {
    os_mutex lock;
    /// Not taken in yet, and those that wait for the machine's answer.
    ds_list sent;
    ds_list taken;
    /// The one that was taken last, while it is there.
    supervise_control *last;
    bool closed;
} supervise_controls;

void supervise_controls_init(supervise_controls *self);

/// False when the supervisor has ended. Any thread.
bool supervise_controls_push(supervise_controls *self, supervise_control *control);

/// False when it has been answered, or is being answered right now. Any thread.
bool supervise_controls_take_back(supervise_controls *self, supervise_control *control);

/// Takes the next one that is about a child of which the supervisor has heard already. `*ret_child` is counted once
/// more. False when there is none. The supervisor.
bool supervise_controls_take(supervise_controls *self, supervise_verb *ret_verb, actor **ret_child);

/// Answers the one that was taken last, unless it has been taken back. The supervisor.
void supervise_controls_answer_last(supervise_controls *self, airs_status status);

/// Answers all that were taken and are about this child. The supervisor.
void supervise_controls_answer(supervise_controls *self, const actor *child, airs_status status, const char *text);

/// Answers all with AIRS_E_FAILED. Any thread.
void supervise_controls_fail(supervise_controls *self, const char *text);

/// Answers all with AIRS_E_GONE, and takes no more.
void supervise_controls_close(supervise_controls *self);

#endif
