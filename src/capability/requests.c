// SPDX-License-Identifier: MIT OR Apache-2.0
#include "capability/requests.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"

/// Takes a line off the front, without its line feed; false when there is none. Empty ones are left out.
static bool take_line(airs_bytes *text, airs_bytes *ret)
{
    while (text->len > 0) {
        const uint8_t *end = memchr(text->data, '\n', text->len);
        *ret = (airs_bytes){text->data, end == NULL ? text->len : (size_t)(end - text->data)};
        size_t taken = ret->len + (end != NULL);
        text->data += taken;
        text->len -= taken;
        if (ret->len > 0)
            return true;
    }
    return false;
}

/// The component sees its folders wherever the operator mounts them: here all paths are some mount's.
static const capability_mount everywhere = {.guest = "/", .host = "/"};

/// Whether it means something.
static airs_status check(const capability_grant *grant, const airs_allocator *allocator, airs_error *error)
{
    capability_policy_options options = {grant, 1, &everywhere, 1};
    capability_policy *policy;
    airs_status status = capability_policy_create(&options, allocator, &policy, NULL, error);
    if (status == AIRS_OK)
        capability_policy_release(policy);
    return status;
}

static airs_status read_one(airs_bytes line, const airs_allocator *allocator, capability_grant_text *ret,
                            airs_error *error)
{
    airs_status status = capability_grant_parse(line, ret, error);
    return status == AIRS_OK ? check(&ret->grant, allocator, error) : status;
}

airs_status capability_requests_read(airs_bytes text, const airs_allocator *allocator, capability_request_fn fn,
                                     void *user, airs_error *error)
{
    uint32_t number = 0;
    airs_bytes line;
    capability_grant_text request;
    for (airs_bytes rest = text; take_line(&rest, &line);) {
        if (++number > CAPABILITY_REQUESTS_MAX)
            return base_error_set(error, AIRS_E_INVALID, "more than %u requests", CAPABILITY_REQUESTS_MAX);
        airs_status status = read_one(line, allocator, &request, error);
        if (status == AIRS_E_INVALID && error != NULL) {
            // It may quote what is in the component.
            base_text_tidy(error->text);
            base_error_prefix(error, "request %u", number);
        }
        if (status != AIRS_OK)
            return status;
    }
    for (airs_bytes rest = text; fn != NULL && take_line(&rest, &line);) {
        // It went well before.
        if (capability_grant_parse(line, &request, NULL) == AIRS_OK)
            fn(user, &request.grant, line);
    }
    return AIRS_OK;
}

const char *capability_verdict_name(capability_verdict verdict)
{
    static const char *const names[] = {"refused", "partly", "granted"};
    return names[verdict];
}

/// The request as a policy, with the mounts of `granted`. E_INVALID: it is about files below none of them.
static airs_status make_wanted(const capability_policy *granted, const capability_grant *request,
                               const airs_allocator *allocator, capability_policy **ret)
{
    capability_mount mounts[CAPABILITY_MOUNTS_MAX];
    uint32_t count = capability_policy_mount_count(granted);
    for (uint32_t i = 0; i < count; i++)
        mounts[i] = *capability_policy_mount(granted, i);
    capability_policy_options options = {request, 1, mounts, count};
    return capability_policy_create(&options, allocator, ret, NULL, NULL);
}

airs_status capability_request_judge(const capability_policy *granted, const capability_grant *request,
                                     const airs_allocator *allocator, capability_verdict *ret_verdict)
{
    capability_policy *wanted;
    capability_policy *given;
    *ret_verdict = CAPABILITY_REQUEST_REFUSED;
    airs_status status = make_wanted(granted, request, allocator, &wanted);
    if (status != AIRS_OK)
        return status == AIRS_E_NOMEM ? status : AIRS_OK;
    if (capability_policy_covers(granted, wanted, NULL)) {
        *ret_verdict = CAPABILITY_REQUEST_GRANTED;
    } else {
        status = capability_policy_attenuate(granted, wanted, &given, NULL);
        if (status == AIRS_OK) {
            *ret_verdict =
                capability_policy_grant_count(given) > 0 ? CAPABILITY_REQUEST_PARTLY : CAPABILITY_REQUEST_REFUSED;
            capability_policy_release(given);
        }
    }
    capability_policy_release(wanted);
    return status;
}
