// SPDX-License-Identifier: MIT OR Apache-2.0
#include "airssys/guest.h"
#include "convert.h"
#include "imports.h"

bool airs_allowed(airs_bytes name, airs_bytes object, airs_bytes *ret_why)
{
    imports_string_t given = to_generated(imports_string_t, name);
    imports_string_t on = to_generated(imports_string_t, object);
    imports_string_t why;
    if (airssys_actor_capability_check(&given, &on, &why))
        return true;
    if (ret_why)
        *ret_why = bytes_of(why);
    return false;
}
