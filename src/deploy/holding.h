// SPDX-License-Identifier: MIT OR Apache-2.0
/// Looks after a canary that runs: whether what its conditions say has come about. Pure but for its memory.
#ifndef DEPLOY_HOLDING_H
#define DEPLOY_HOLDING_H

#include "deploy/condition.h"

typedef enum holding_verdict {
    HOLDING_GO_ON,
    HOLDING_PROMOTE,
    HOLDING_ROLL_BACK,
} holding_verdict;

/// What was there at some times, in steps of a part of the window.
typedef struct holding_mark {
    uint64_t time_ns;
    condition_facts facts;
} holding_mark;

/// Steps in a window.
#define HOLDING_STEPS 16u
/// One is behind the window, and one is being written.
#define HOLDING_MARKS (HOLDING_STEPS + 2)

typedef struct holding_rule {
    /// Of no clause: none.
    condition condition;
    /// NULL where there is no window. The next one goes to `count % HOLDING_MARKS`.
    holding_mark *marks;
    uint64_t count;
} holding_rule;

typedef struct holding {
    const airs_allocator *allocator;
    holding_rule rollback;
    holding_rule promote;
    uint64_t began_ns;
} holding;

/// Reads the conditions of the options; NULL and "" are none. Errors: E_INVALID, as `condition_parse`; E_NOMEM.
airs_status holding_init(holding *self, const airs_deploy_options *options, const airs_allocator *allocator,
                         airs_error *error);
void holding_fini(holding *self);

/// How often it is to be looked at, from 20 ms to a second; 0: there are no conditions.
uint32_t holding_step_ms(const holding *self);

/// The canary begins to run.
void holding_begin(holding *self, uint64_t now_ns);

/// What is to be done; `ret_text` (of CONDITION_TEXT_MAX bytes) says why, where it is something. What rolls back comes
/// first.
holding_verdict holding_look(holding *self, const condition_facts *now, uint64_t now_ns, char *ret_text);

#endif
