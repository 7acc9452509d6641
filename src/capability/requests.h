// SPDX-License-Identifier: MIT OR Apache-2.0
/// What a component asks for, held against what it is granted. A request gives nothing by itself.
///
/// The text has one grant a line, as grant_text.h reads them; it comes with the component, and is hostile.
#ifndef CAPABILITY_REQUESTS_H
#define CAPABILITY_REQUESTS_H

#include "capability/grant_text.h"

#define CAPABILITY_REQUESTS_MAX 256u

/// Called for each request, which is borrowed for the call. `line` is its text.
typedef void (*capability_request_fn)(void *user, const capability_grant *request, airs_bytes line);

/// Reads all requests; `fn` is called only when each one is well-formed: rights, pattern and all. It may be NULL.
/// Errors: E_INVALID, "request 3: …"; also for more than CAPABILITY_REQUESTS_MAX. E_NOMEM.
AIRS_NODISCARD airs_status capability_requests_read(airs_bytes text, const airs_allocator *allocator,
                                                    capability_request_fn fn, void *user, airs_error *error);

typedef enum capability_verdict {
    /// No part of it is granted.
    CAPABILITY_REQUEST_REFUSED,
    /// Some of its rights, or on some of what it is about.
    CAPABILITY_REQUEST_PARTLY,
    CAPABILITY_REQUEST_GRANTED,
} capability_verdict;

/// "refused", "partly", "granted". Static.
const char *capability_verdict_name(capability_verdict verdict);

/// What of the request `granted` gives, grant by grant, as for a child that wants it: "granted" and "partly" are true,
/// what only two grants cover together is "partly".
/// Errors: E_NOMEM.
AIRS_NODISCARD airs_status capability_request_judge(const capability_policy *granted, const capability_grant *request,
                                                    const airs_allocator *allocator, capability_verdict *ret_verdict);

#endif
