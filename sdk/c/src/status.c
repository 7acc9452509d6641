// SPDX-License-Identifier: MIT OR Apache-2.0
#include "airssys/guest.h"

airs_bytes airs_status_text(airs_status status)
{
    static const airs_bytes texts[] = {
        [AIRS_OK] = airs_text("ok"),
        [AIRS_GONE] = airs_text("gone: no such actor, or it has ended for good"),
        [AIRS_FULL] = airs_text("full: the receiver's mailbox is at its limit"),
        [AIRS_TOO_LARGE] = airs_text("too large: the payload is over max_message"),
        [AIRS_DENIED] = airs_text("denied: no grant allows it"),
        [AIRS_INTERRUPTED] = airs_text("interrupted: this actor is being stopped"),
        [AIRS_TIMEOUT] = airs_text("timeout: no answer in time"),
        [AIRS_DEADLOCK] = airs_text("deadlock: the wait would never end"),
        [AIRS_FAILED] = airs_text("failed: the other side answered with an error, or ended"),
        [AIRS_INVALID] = airs_text("invalid: the name, pattern or topic is not well-formed"),
        [AIRS_LIMIT] = airs_text("limit: a limit of this actor is reached"),
        [AIRS_TAKEN] = airs_text("taken: the name has an owner"),
        [AIRS_UNKNOWN] = airs_text("unknown: the manifest declares no such template"),
    };
    if ((size_t)status >= sizeof texts / sizeof texts[0])
        return airs_text("?");
    return texts[status];
}
