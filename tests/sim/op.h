// SPDX-License-Identifier: MIT OR Apache-2.0
/// What a participant does next, and how that went: natives do it with the actor's own functions, scripted guests
/// with the imports of the contract.
#ifndef SIM_OP_H
#define SIM_OP_H

#include "airssys/status.h"

#define OP_PAYLOAD_MAX 1024u

/// X(name)
#define OP_MAP(X)                                                                                                   \
    X(SEND)                                                                                                         \
    X(REQUEST)                                                                                                      \
    /* Parks until the outcome is there: guests only. */                                                            \
    X(ASK)                                                                                                          \
    X(CANCEL)                                                                                                       \
    /* Answers a request taken earlier, or one that is not its own to answer. */                                    \
    X(REPLY)                                                                                                        \
    X(FORWARD)                                                                                                      \
    X(PUBLISH)                                                                                                      \
    X(SUBSCRIBE)                                                                                                    \
    X(UNSUBSCRIBE)                                                                                                  \
    X(REGISTER)                                                                                                     \
    X(UNREGISTER)                                                                                                   \
    X(SEND_AFTER)                                                                                                   \
    X(SEND_EVERY)                                                                                                   \
    X(CANCEL_TIMER)                                                                                                 \
    X(SPAWN)                                                                                                        \
    X(STOP)                                                                                                         \
    X(KILL)                                                                                                         \
    X(EXIT)                                                                                                         \
    /* Runs for a number of ticks. Guests only, as the next three. */                                               \
    X(SPIN)                                                                                                         \
    /* Waits for something that is none of the runtime's business, as WASI does. */                                 \
    X(SLEEP)                                                                                                        \
    X(TRAP)                                                                                                         \
    /* Settles the event in hand and asks for the next one; of a guest with `batch`. */                             \
    X(NEXT)                                                                                                         \
    /* The end of the event in hand, with an outcome; of a guest also the end of the call. */                       \
    X(RETURN)                                                                                                       \
    /* Natives only, as the next three. Those from here on are drawn after all others: seeds stay what they are. */ \
    X(MONITOR)                                                                                                      \
    X(DEMONITOR)                                                                                                    \
    X(LINK)                                                                                                         \
    X(UNLINK)

typedef enum op_kind {
#define OP_ENUM(name) OP_##name,
    OP_MAP(OP_ENUM)
#undef OP_ENUM
    OP_COUNT,
} op_kind;

typedef enum op_settle {
    SETTLE_DONE,
    SETTLE_REPLY,
    SETTLE_ERROR,
} op_settle;

typedef struct op {
    op_kind kind;
    /// Of SEND, REQUEST, ASK, FORWARD, STOP, KILL, the alarms, MONITOR, LINK and UNLINK.
    uint64_t to;
    /// The request, subscription, timer or monitor it is about.
    uint64_t number;
    uint32_t timeout_ms;
    uint64_t delay_ms;
    uint32_t ticks;
    /// Of RETURN, NEXT, REPLY.
    op_settle settle;
    /// Of EXIT.
    bool well;
    /// Of TRAP: for want of memory.
    bool starved;
    /// The topic, pattern or name; static or the mind's.
    const char *text;
    /// NULL: no group.
    const char *group;
    uint8_t payload[OP_PAYLOAD_MAX];
    uint32_t len;

    // The ledger's: the letter and the question that go out with it, whether an ask would close a circle, and the
    // number of an answer.
    uint32_t letter;
    uint32_t question;
    uint32_t answer;
    bool circle;
    /// It is about something of another one, and must have no effect.
    bool strange;
    /// Of a rehearsal: it is done to nobody.
    bool rehearsed;
} op;

typedef struct op_result {
    airs_status status;
    /// The id of what was made, or how many were reached.
    uint64_t number;
    /// The reply of an ask, or the text of its failure.
    airs_bytes payload;
} op_result;

#endif
