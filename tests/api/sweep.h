// SPDX-License-Identifier: MIT OR Apache-2.0
/// Bad input for every function of the C API, from every place it can be called from.
///
/// A row is one function of include/airssys: it is called with what is not allowed (NULL, ids of nobody, texts that are
/// too long, payloads that are too large…) and with what just is, and has to give what its header says. All rows run
/// in each place: outside, on another thread, inside handlers, while the system stops and after it.
/// tests/api/names fails when a function has no row.
#ifndef API_SWEEP_H
#define API_SWEEP_H

#include "airssys/system.h"

/// The largest payload that any actor takes.
#define SWEEP_PAYLOAD_MAX ((size_t)64 << 20)
/// The largest that one with default limits does.
#define SWEEP_PAYLOAD_DEFAULT ((size_t)1 << 20)

/// A place, and what is there.
typedef struct sweep {
    const char *place;
    /// In a handler: `context` and `self` are its own; NULL and 0 outside.
    bool inside;
    airs_context *context;
    airs_actor_id self;
    /// The request in hand, where one is.
    airs_request_id owed;
    /// `airs_system_stop` has been called; and has returned.
    bool stopping;
    bool stopped;

    airs_system *system;
    /// Answers with what it is sent; called `echo`. Keeps requests. Takes the largest payload.
    airs_actor_id echo;
    airs_actor_id mute;
    airs_actor_id large;
    /// Of an actor that is alive, on a thread that is not its own. NULL when it has ended.
    airs_context *stranger;
    airs_component *component;
    airs_component *strange_component;
} sweep;

typedef struct sweep_row {
    const char *name;
    void (*run)(const sweep *self);
} sweep_row;

#define SWEEP_ROW(function)         \
    {                               \
#function, sweep_##function \
    }

/// The rows of each file, ended by one without a name.
extern const sweep_row sweep_rows_actors[];
extern const sweep_row sweep_rows_audit[];
extern const sweep_row sweep_rows_bridge[];
extern const sweep_row sweep_rows_context[];
extern const sweep_row sweep_rows_deploy[];
extern const sweep_row sweep_rows_grants[];
extern const sweep_row sweep_rows_looking[];
extern const sweep_row sweep_rows_messages[];
extern const sweep_row sweep_rows_node[];
extern const sweep_row sweep_rows_spawn[];
extern const sweep_row sweep_rows_supervision[];
extern const sweep_row sweep_rows_system[];

/// `got` has to be `wanted`; what is not is printed and counted. Any thread.
void sweep_check(const sweep *self, const char *file, int line, const char *what, long long got, long long wanted);
#define EXPECT(what, got, wanted) sweep_check(self, __FILE__, __LINE__, (what), (long long)(got), (long long)(wanted))

/// A status with an error that has to say so in one sentence.
void sweep_check_error(const sweep *self, const char *file, int line, const char *what, airs_status got,
                       airs_status wanted, airs_error *error);
#define EXPECT_ERROR(what, got, wanted, error) \
    sweep_check_error(self, __FILE__, __LINE__, (what), (got), (wanted), (error))

/// What a call from outside gives here that would give `otherwise` while the system runs.
airs_status sweep_outside(const sweep *self, airs_status otherwise);
/// The same of one that blocks.
airs_status sweep_blocking(const sweep *self, airs_status otherwise);

// ---------------------------------------------------------------- what is bad

typedef struct bad_id {
    const char *what;
    airs_actor_id id;
} bad_id;

/// Ids of nobody: 0, the largest, of one that has ended, of another system, never given out. Ended by a `what` of NULL.
extern bad_id sweep_bad_ids[];

typedef struct bad_text {
    const char *what;
    const char *text;
} bad_text;

/// Ended by a `what` of NULL.
extern const bad_text sweep_bad_names[];
extern const bad_text sweep_bad_topics[];
extern const bad_text sweep_bad_patterns[];
extern const bad_text sweep_bad_traces[];
#define SWEEP_TRACE "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

/// SWEEP_PAYLOAD_MAX + 1 bytes.
extern uint8_t *sweep_payload;

/// A system of its own for what would end the one under test.
airs_system *sweep_system_create(uint32_t workers);

#endif
