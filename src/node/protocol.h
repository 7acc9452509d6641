// SPDX-License-Identifier: MIT OR Apache-2.0
/// Lines of the node's protocol (docs/reference/node-protocol.md), as values: no sockets here.
///
/// A line is one JSON object. A request has an id, a verb and the verb's own keys; its reply has the
/// same id and either a result or an error. Client and server share this file.
#ifndef AIRS_NODE_PROTOCOL_H
#define AIRS_NODE_PROTOCOL_H

#include "airssys/actor.h"

struct cJSON;

/// Counted up when a client or a node of before would misunderstand.
#define NODE_PROTOCOL 1

/// Bytes of a payload that the socket takes, either way.
#define NODE_PAYLOAD_MAX (8u << 20)
/// Bytes of a line: a payload in base64, or escaped text, and the keys around it.
#define NODE_LINE_MAX (12u << 20)

/// How long a `call` waits when it does not say.
#define NODE_CALL_TIMEOUT_MS 5000

/// Parses what must be one JSON object and nothing else. On success freed with cJSON_Delete. Errors: E_INVALID.
AIRS_NODISCARD airs_status node_object_parse(airs_bytes text, struct cJSON **ret_json, airs_error *error);

typedef struct node_request {
    /// Owns what the members below point to.
    struct cJSON *json;
    uint64_t id;
    bool has_id;
    const char *verb;
} node_request;

/// Parses a line without its newline. Whatever the outcome, `ret_request` is ended with
/// `node_request_fini`; on failure it may still hold the id, for the reply.
/// Errors: E_INVALID, E_NOMEM.
AIRS_NODISCARD airs_status node_request_parse(node_request *ret_request, airs_bytes line, airs_error *error);

/// The same of a verb and the object with its keys, which may be empty: a request of HTTP. Its id is 0.
/// Errors: E_INVALID, E_NOMEM.
AIRS_NODISCARD airs_status node_request_make(node_request *ret_request, const char *verb, airs_bytes body,
                                             airs_error *error);

void node_request_fini(node_request *request);

/// A text of the request, which must be there. Errors: E_INVALID.
AIRS_NODISCARD airs_status node_request_text(const node_request *request, const char *key, const char **ret,
                                             airs_error *error);

/// A number of the request from `min` to `max`; `otherwise` when it is not there. Errors: E_INVALID.
AIRS_NODISCARD airs_status node_request_number(const node_request *request, const char *key, uint32_t min, uint32_t max,
                                               uint32_t otherwise, uint32_t *ret, airs_error *error);

/// The same up to 2^53 - 1. Errors: E_INVALID.
AIRS_NODISCARD airs_status node_request_whole(const node_request *request, const char *key, uint64_t otherwise,
                                              uint64_t *ret, airs_error *error);

/// Whether something is said to be so; not when it is missing. Errors: E_INVALID neither `true` nor `false`.
AIRS_NODISCARD airs_status node_request_flag(const node_request *request, const char *key, bool *ret,
                                             airs_error *error);

/// Settings of an actor that one request may have.
#define NODE_SETTINGS_MAX 64

/// An object of texts at `key`, none when it is missing; what is read is the JSON's. Errors: E_INVALID.
AIRS_NODISCARD airs_status node_settings_read(const struct cJSON *json, const char *key,
                                              airs_setting settings[NODE_SETTINGS_MAX], size_t *ret_count,
                                              airs_error *error);

/// The payload of `json`: `payload` (text) or `payload_base64`; empty when it has neither.
/// Owns:   `ret_payload` is the caller's.
/// Errors: E_INVALID both, or no base64; E_TOO_LARGE; E_NOMEM.
AIRS_NODISCARD airs_status node_payload_read(const struct cJSON *json, airs_buffer *ret_payload, airs_error *error);

/// Adds a payload to `json`: as text where it is UTF-8 without NUL, else as base64.
/// Errors: E_TOO_LARGE, E_NOMEM.
AIRS_NODISCARD airs_status node_payload_write(struct cJSON *json, airs_bytes payload, airs_error *error);

/// Makes the line of a reply, its newline included, as cJSON_free frees it; NULL when there is no memory.
/// Takes `result` (which may be NULL) and frees it.
char *node_reply_ok(const node_request *request, struct cJSON *result);
char *node_reply_error(const node_request *request, const airs_error *error);

/// Makes a line of any JSON, as above. Takes `json` (which may be NULL) and frees it.
char *node_line_print(struct cJSON *json);

/// Takes the line of a reply apart: the result on AIRS_OK, which the caller frees with cJSON_Delete;
/// else what the node said is wrong.
/// Errors: what the node said; E_INTERNAL when the line is no reply to `id`; E_NOMEM.
AIRS_NODISCARD airs_status node_reply_parse(airs_bytes line, uint64_t id, struct cJSON **ret_result, airs_error *error);

/// The same for a request that is answered by many lines: `*ret_is_more` says whether it is one of them, then
/// `*ret_json` is the whole line, or the reply at the end.
AIRS_NODISCARD airs_status node_answer_parse(airs_bytes line, uint64_t id, bool *ret_is_more, struct cJSON **ret_json,
                                             airs_error *error);

/// Adds a text; bytes that are not UTF-8 become `?`.
void node_json_add_text(struct cJSON *json, const char *key, const char *text);
void node_json_add_bytes(struct cJSON *json, const char *key, airs_bytes bytes);

/// Adds an id as a text: ids use all 64 bits, JSON's numbers hold 53.
void node_json_add_id(struct cJSON *json, const char *key, airs_actor_id id);

#endif
