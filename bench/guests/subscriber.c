// SPDX-License-Identifier: MIT OR Apache-2.0
// Subscribes to `bench.fan` and reads what is published there.
#include "read.h"

static uint64_t sum;

airs_result actor_start(const airs_start_info *info)
{
    (void)info;
    uint64_t subscription;
    airs_status status = airs_subscribe(airs_text("bench.fan"), airs_text(""), &subscription);
    return status == AIRS_OK ? airs_ok() : airs_error(airs_why());
}

airs_result actor_handle(const airs_message *message)
{
    sum += read_all(message->payload);
    return airs_ok();
}
