// SPDX-License-Identifier: MIT OR Apache-2.0
#include "wasm/sections.h"

#define PREAMBLE_SIZE 8u
#define SECTION_CUSTOM 0u

bool wasm_take(airs_bytes *from, size_t len, airs_bytes *ret)
{
    if (len > from->len)
        return false;
    *ret = (airs_bytes){from->data, len};
    from->data += len;
    from->len -= len;
    return true;
}

/// An unsigned LEB128 number of at most 32 bits.
static bool take_number(airs_bytes *from, uint32_t *ret)
{
    uint64_t number = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
        airs_bytes byte;
        if (!wasm_take(from, 1, &byte))
            return false;
        number |= (uint64_t)(byte.data[0] & 0x7f) << shift;
        if ((byte.data[0] & 0x80) == 0) {
            *ret = (uint32_t)number;
            return number <= UINT32_MAX;
        }
    }
    return false;
}

bool wasm_take_counted(airs_bytes *from, airs_bytes *ret)
{
    uint32_t len;
    return take_number(from, &len) && wasm_take(from, len, ret);
}

bool wasm_sections_begin(wasm_sections *self, airs_bytes wasm)
{
    airs_bytes preamble;
    self->rest = wasm;
    return wasm_take(&self->rest, PREAMBLE_SIZE, &preamble);
}

bool wasm_sections_next(wasm_sections *self, airs_bytes *ret_name, airs_bytes *ret_content)
{
    airs_bytes id;
    airs_bytes section;
    while (wasm_take(&self->rest, 1, &id) && wasm_take_counted(&self->rest, &section)) {
        if (id.data[0] != SECTION_CUSTOM || !wasm_take_counted(&section, ret_name))
            continue;
        *ret_content = section;
        return true;
    }
    return false;
}
