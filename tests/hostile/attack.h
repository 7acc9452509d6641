// SPDX-License-Identifier: MIT OR Apache-2.0
/// What the tests of hostile guests share: a system under attack, a witness in it, and what must hold
/// after each attack.
///
/// After an attack (`attack_end`) nothing of it is left: the actors that were there before are there, the
/// engine's live counters are where they were, nothing panicked, and the witness, a component that counts, has
/// kept its count and answers.
#ifndef HOSTILE_ATTACK_H
#define HOSTILE_ATTACK_H

#include "base/testing.h"

#include "airssys/capability.h"
#include "airssys/system.h"
#include "engine.h"
#include "os/mutex.h"

#define ATTACK_LINES_MAX 8192u

/// Sanitizers make everything slower but the guests' own code.
#define ATTACK_PATIENCE_MS 60000u
/// No test takes longer.
#define ATTACK_TEST_MAX_S 200u

typedef struct attack_line {
    char actor[32];
    char source[16];
    airs_log_level level;
    char *text;
} attack_line;

typedef struct attack {
    airs_system *system;
    airs_component *counts;
    airs_actor_id witness;
    /// Messages that the witness has counted.
    uint64_t count;
    /// Of the engine and the tree, before the attack.
    engine_live live;
    size_t actors;

    os_mutex lock;
    // Under the lock.
    attack_line lines[ATTACK_LINES_MAX];
    size_t lines_count;
    /// The last failure that was told as an event.
    airs_actor_id failed;
    airs_exit reason;
    char text[256];
    uint64_t failures;
    uint64_t escalations;
} attack;

/// An attack on a system with 2 workers and 32 instances. The first thing of a test, which has a time limit from
/// now on: called within it and not as cmocka's set-up, because cmocka sets signal handlers around each of both,
/// and those that the engine needs have to be on top.
attack *attack_begin(void);
/// The same with other options; log and events are set here.
attack *attack_begin_with(const airs_system_options *options);
/// The same, and `fn` decides beside the grants.
attack *attack_begin_deciding(const airs_system_options *options, airs_decision_fn fn, void *user);
/// The last thing of a test.
void attack_end(attack *self);
/// The same after `airs_system_stop`: nothing at all is left.
void attack_end_stopped(attack *self);
/// All of `attack_end` that must hold between two attacks, once what has ended is gone.
void attack_check(attack *self);

/// A guest of tests/guests by its name.
airs_component *attack_load(attack *self, const char *guest);
/// The bytes of its file. Ended with `free`.
uint8_t *attack_read(const char *guest, size_t *ret_len);

/// Spawns and releases the component. Where it can't, the test fails.
airs_actor_id attack_spawn(attack *self, const char *guest, const airs_spawn_options *options);
/// Spawns what is expected not to start.
airs_status attack_spawn_fails(attack *self, const char *guest, const airs_spawn_options *options, airs_error *error);

/// Spawns "silent", a native actor that answers nothing, one of those that are there before an attack; and ends it.
airs_actor_id attack_spawn_silent(attack *self);
void attack_stop_silent(attack *self, airs_actor_id silent);

/// Asks with a text; the answer, or the error's text, is kept in `ret` (of 256 bytes, may be NULL).
airs_status attack_ask(attack *self, airs_actor_id to, const char *message, char *ret);
/// Asks, and expects this answer.
void attack_expect(attack *self, airs_actor_id to, const char *message, const char *answer);

/// Waits until the actor has been restarted so many times and is ready.
void attack_wait_restarted(attack *self, airs_actor_id id, uint64_t restarts);
/// Waits until all that was sent to the actor has been taken from its mailbox: with one message, until it is in hand.
void attack_wait_taken(attack *self, airs_actor_id id);
/// Waits until the actor has ended for good.
void attack_wait_gone(attack *self, airs_actor_id id);
/// Supervisors that have given up so far.
uint64_t attack_escalations(attack *self);

/// Waits until a failure was told after `failures` of them.
void attack_wait_failure(attack *self, uint64_t failures);

/// Stops it; that takes no longer than `max_ms`.
void attack_stop(attack *self, airs_actor_id id, uint32_t max_ms);

/// Has the witness count one more, and waits at most so long for that.
void attack_witness_counts(attack *self, uint32_t max_ms);

/// The answers to `attack_ask_many`, counted on workers.
typedef struct attack_answers {
    _Atomic uint32_t ok;
    _Atomic uint32_t failed;
    _Atomic uint32_t others;
} attack_answers;

/// Sends so many requests at once; false when one is refused.
bool attack_ask_many(attack *self, airs_actor_id to, const char *message, uint32_t count, attack_answers *answers);
/// Waits until so many have been answered.
void attack_wait_answers(const attack_answers *answers, uint32_t count);

/// Log lines of a source, of which the text contains this.
size_t attack_lines_with(attack *self, const char *source, const char *text);

/// Asserts that a text matches a pattern (`*` is any run of characters), and is one clear sentence:
/// not empty, of one line, without control characters, well-formed UTF-8.
void attack_assert_text(const char *text, const char *pattern);

uint64_t attack_now_ms(void);
void attack_sleep_ms(uint32_t ms);

/// One attack as a line of a table.
typedef struct attack_row {
    const char *guest;
    /// What is sent before, and has to be answered; NULL for nothing.
    const char *prepare;
    const char *message;
    /// Of the ask.
    airs_status status;
    /// How the incarnation ends; AIRS_EXIT_NORMAL when it lives on.
    airs_exit reason;
    /// Of the failure; of the answer, or the error, where it lives on.
    const char *text;
    airs_limits limits;
} attack_row;

/// Each row with an actor of its own. One that fails is restarted once, and answers "hello" again.
void attack_run_rows(attack *self, const attack_row *rows, size_t count);

#endif
