// SPDX-License-Identifier: MIT OR Apache-2.0
/// Reads events, which come by two ways: from the mailbox, or as a call of their own. Their types are
/// generated once for each way, alike but for their names, so these are macros over what is alike.
#ifndef AIRSSYS_EVENT_H
#define AIRSSYS_EVENT_H

#include "convert.h"

enum {
    SEND_DENIED = 3,
    REQUEST_SEND = 0,
    REQUEST_FAILED = 3,
    EXIT_TRAP = 2,
    EXIT_LIMIT = 3,
    EXIT_FAILED = 6
};

static inline airs_status status_of_send(uint8_t tag)
{
    static const uint8_t statuses[] = {AIRS_GONE, AIRS_FULL, AIRS_TOO_LARGE, AIRS_DENIED, AIRS_INTERRUPTED};
    return tag < sizeof statuses ? (airs_status)statuses[tag] : AIRS_FAILED;
}

static inline airs_status status_of_request(uint8_t tag, uint8_t send_tag)
{
    static const uint8_t statuses[] = {AIRS_FAILED, AIRS_TIMEOUT, AIRS_DEADLOCK, AIRS_FAILED};
    if (tag == REQUEST_SEND)
        return status_of_send(send_tag);
    return tag < sizeof statuses ? (airs_status)statuses[tag] : AIRS_FAILED;
}

#define message_of(generated)                                                                   \
    ((airs_message){                                                                            \
        .sender = (generated)->sender,                                                          \
        .request = (generated)->request,                                                        \
        .topic = (generated)->topic.is_some ? bytes_of((generated)->topic.val) : airs_text(""), \
        .payload = bytes_of((generated)->payload),                                              \
    })

/// The words of a generated send-error; empty when it has none.
#define send_error_text(error) ((error)->tag == SEND_DENIED ? bytes_of((error)->val.denied) : airs_text(""))

#define request_error_status(error) status_of_request((error)->tag, (error)->val.send.tag)

/// The words of a generated request-error.
#define request_error_text(error)                                         \
    ((error)->tag == REQUEST_FAILED ? bytes_of((error)->val.failed)       \
     : (error)->tag == REQUEST_SEND ? send_error_text(&(error)->val.send) \
                                    : airs_text(""))

/// The words that a failure came with, else those of its status.
static inline airs_bytes words_of(airs_status status, airs_bytes text)
{
    return text.len > 0 ? text : airs_status_text(status);
}

/// The words of a reply that is an error.
#define failure_words_of(error) words_of(request_error_status(error), request_error_text(error))

#define answer_of(reply)                                                                                               \
    ((airs_answer_event){                                                                                              \
        .request = (reply)->request,                                                                                   \
        .status = (reply)->outcome.is_err ? request_error_status(&(reply)->outcome.val.err) : AIRS_OK,                 \
        .data =                                                                                                        \
            (reply)->outcome.is_err ? failure_words_of(&(reply)->outcome.val.err) : bytes_of((reply)->outcome.val.ok), \
    })

/// All reasons with a text hold it at the same place.
#define exit_text(exit)                                                                  \
    ((exit)->tag == EXIT_TRAP || (exit)->tag == EXIT_LIMIT || (exit)->tag == EXIT_FAILED \
         ? bytes_of((exit)->val.failed)                                                  \
         : airs_text(""))

#define down_of(down)                                   \
    ((airs_down){                                       \
        .monitor = (down)->monitor,                     \
        .actor = (down)->actor,                         \
        .reason = (airs_exit_reason)(down)->reason.tag, \
        .text = exit_text(&(down)->reason),             \
        .will_restart = (down)->will_restart,           \
    })

#endif
