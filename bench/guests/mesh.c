// SPDX-License-Identifier: MIT OR Apache-2.0
#include "mesh.h"

airs_result actor_handle(const airs_message *message)
{
    return hop(message);
}
