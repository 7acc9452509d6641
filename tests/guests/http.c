// SPDX-License-Identifier: MIT OR Apache-2.0
// Sends an HTTP request to the authority in the message, which nobody granted. Answers "refused N" with the
// number of the error's case, or that it was answered.
#include <airssys/guest.h>

#define IMPORT(interface, name) __attribute__((import_module("wasi:http/" interface "@0.2.1"), import_name(name)))

IMPORT("types", "[constructor]fields") int32_t new_fields(void);
IMPORT("types", "[constructor]outgoing-request") int32_t new_request(int32_t fields);
IMPORT("types", "[method]outgoing-request.set-authority")
int32_t set_authority(int32_t request, int32_t is_some, const uint8_t *text, size_t len);
// `some(HTTP)` of the variant: self, is-some, case, and the text that another case has.
IMPORT("types", "[method]outgoing-request.set-scheme")
int32_t set_scheme(int32_t request, int32_t is_some, int32_t scheme, const uint8_t *text, size_t len);
IMPORT("types", "[method]outgoing-request.set-path-with-query")
int32_t set_path(int32_t request, int32_t is_some, const uint8_t *text, size_t len);
IMPORT("outgoing-handler", "handle")
void handle(int32_t request, int32_t has_options, int32_t options, void *result);

IMPORT("types", "[method]future-incoming-response.subscribe") int32_t subscribe(int32_t future);
IMPORT("types", "[method]future-incoming-response.get") void get(int32_t future, void *result);
__attribute__((import_module("wasi:io/poll@0.2.1"), import_name("[method]pollable.block"))) void block(
    int32_t pollable);

// All of these are aligned to 8: the largest case of the error has a 64-bit number.

/// `result<future-incoming-response, error-code>`
typedef struct sent {
    _Alignas(8) uint8_t is_error;
    union {
        _Alignas(8) int32_t future;
        uint8_t error;
        uint8_t rest[64];
    };
} sent;

/// `option<result<result<incoming-response, error-code>>>`
typedef struct answered {
    _Alignas(8) uint8_t is_some;
    _Alignas(8) uint8_t was_taken;
    _Alignas(8) uint8_t is_error;
    _Alignas(8) uint8_t error;
    uint8_t rest[63];
} answered;

static airs_result refused(uint8_t error)
{
    return airs_answer(airs_join(airs_text("refused "), airs_unsigned(error)));
}

airs_result actor_handle(const airs_message *message)
{
    int32_t request = new_request(new_fields());
    set_scheme(request, 1, 0, NULL, 0);
    set_path(request, 1, (const uint8_t *)"/", 1);
    if (set_authority(request, 1, message->payload.data, message->payload.len) != 0)
        return airs_error(airs_text("not an authority"));
    sent sent;
    handle(request, 0, 0, &sent);
    if (sent.is_error)
        return refused(sent.error);
    answered answer;
    block(subscribe(sent.future));
    get(sent.future, &answer);
    if (!answer.is_some || answer.was_taken)
        return airs_error(airs_text("no outcome"));
    return answer.is_error ? refused(answer.error) : airs_answer(airs_text("answered"));
}
