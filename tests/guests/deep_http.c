// SPDX-License-Identifier: MIT OR Apache-2.0
// Sends an HTTP request, which is refused, from the deepest stack: "request".
#include "deep.h"

#define IMPORT(interface, name) __attribute__((import_module("wasi:http/" interface "@0.2.1"), import_name(name)))

IMPORT("types", "[constructor]fields") int32_t new_fields(void);
IMPORT("types", "[constructor]outgoing-request") int32_t new_request(int32_t fields);
IMPORT("types", "[method]outgoing-request.set-authority")
int32_t set_authority(int32_t request, int32_t is_some, const uint8_t *text, size_t len);
IMPORT("outgoing-handler", "handle")
void handle(int32_t request, int32_t has_options, int32_t options, void *result);

static _Alignas(8) uint8_t result[128];

static uint64_t call_request(void)
{
    int32_t request = new_request(new_fields());
    (void)set_authority(request, 1, (const uint8_t *)"localhost:80", 12);
    handle(request, 0, 0, result);
    return result[0];
}

airs_result actor_handle(const airs_message *message)
{
    const named_call calls[] = {{airs_text("request"), call_request}};
    return dive_by_name(message, calls, sizeof calls / sizeof *calls);
}
