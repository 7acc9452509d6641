// SPDX-License-Identifier: MIT OR Apache-2.0
/// The simulator's own books, kept apart from the core's counters: each letter that was sent and what became of it,
/// each question that was asked and how it was settled, each restart that a supervisor decided.
#ifndef SIM_LEDGER_H
#define SIM_LEDGER_H

#include "actor/cell.h"

#define LETTERS_MAX 4096u
#define QUESTIONS_MAX 2048u
/// Answers that are tried for one question at most.
#define ANSWERS_MAX 30u
#define NONE UINT32_MAX

typedef enum letter_kind {
    LETTER_SEND,
    LETTER_REQUEST,
    LETTER_PUBLISH,
    LETTER_AFTER,
    LETTER_EVERY,
} letter_kind;

typedef struct letter {
    letter_kind kind;
    /// A mind's index, or HOST.
    uint32_t from;
    uint64_t to;
    uint32_t len;
    uint32_t question;
    const char *topic;
    /// It went another way than from its sender straight to its receiver, so its order says nothing.
    bool rerouted;
    /// How often it was put into a mailbox, as far as statuses say.
    uint32_t put;
    /// How often a handler saw it, and how often it ended unseen: with its receiver, by policy, as poison, or because
    /// the receiver takes no messages.
    uint32_t seen;
    uint32_t dropped;
    /// Became a dead letter without having been in a mailbox.
    uint32_t refused;
} letter;

typedef struct question {
    request_kind kind;
    uint32_t letter;
    uint32_t asker;
    uint32_t asker_incarnation;
    /// The number of the twin that has asked; 0: none.
    uint32_t asker_twin;
    /// Its asker was a candidate, of which it was not known then whether it stays.
    bool of_candidate;
    /// Who has to answer; changes when it is forwarded.
    uint64_t receiver;
    /// 0 while it is not known: that of an ask is first seen by its receiver.
    uint64_t id;
    uint64_t deadline_ns;
    /// A send error: it was never opened.
    bool failed_to_open;
    bool cancelled;
    /// Its asker has ended; the outcome is nobody's.
    bool abandoned;
    uint32_t outcomes;
    /// Answers that were tried, that were taken (at most one), and that were refused; bit sets.
    uint32_t tried;
    uint32_t taken;
    uint32_t refused;
    uint32_t answers;
} question;

typedef struct ledger {
    letter letters[LETTERS_MAX];
    uint32_t letters_count;
    question questions[QUESTIONS_MAX];
    uint32_t questions_count;

    // Dead letters about dead letters carry a letter a second time; they are only counted.
    uint64_t announced;
    /// Events that handlers saw, or that ended on the way to them.
    uint64_t messages_seen;
    uint64_t replies_seen;
    uint64_t replies_unseen;
    uint64_t downs_seen;
    /// Messages that were seen, were to be tried again, and ended before that.
    uint64_t seen_and_lost;
    uint64_t dead_gone;
    uint64_t dead_full;
    uint64_t dead_poison;
    uint64_t dead_refused;
} ledger;

/// What every payload begins with; the rest is filled by the letter's number.
typedef struct letter_head {
    uint32_t magic;
    uint32_t letter;
    uint32_t len;
    /// Of a reply: which answer.
    uint32_t answer;
} letter_head;

/// NONE when the books are full.
uint32_t ledger_letter(ledger *self, letter_kind kind, uint32_t from, uint64_t to);
uint32_t ledger_question(ledger *self, request_kind kind, uint32_t number, uint32_t asker, uint32_t incarnation);

/// Writes a payload of `len` bytes, at least a head's.
void ledger_write(uint8_t *payload, uint32_t len, bool reply, uint32_t number, uint32_t answer);

/// Reads one; false when it is none, or not whole.
bool ledger_read(airs_bytes payload, bool reply, letter_head *ret_head);

/// One more answer is tried to a question; its number, or NONE when there were too many.
uint32_t ledger_answer(ledger *self, uint32_t number);

#endif
