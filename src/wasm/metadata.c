// SPDX-License-Identifier: MIT OR Apache-2.0
#include "wasm/metadata.h"

#include <string.h>

#define PREAMBLE_SIZE 8u
#define SECTION_CUSTOM 0u
#define SUBSECTION_COMPONENT_NAME 0u

/// Takes `len` bytes off the front.
static bool take(airs_bytes *from, size_t len, airs_bytes *ret)
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
        if (!take(from, 1, &byte))
            return false;
        number |= (uint64_t)(byte.data[0] & 0x7f) << shift;
        if ((byte.data[0] & 0x80) == 0) {
            *ret = (uint32_t)number;
            return number <= UINT32_MAX;
        }
    }
    return false;
}

/// Bytes behind their own length.
static bool take_counted(airs_bytes *from, airs_bytes *ret)
{
    uint32_t len;
    return take_number(from, &len) && take(from, len, ret);
}

static bool is(airs_bytes bytes, const char *text)
{
    return bytes.len == strlen(text) && memcmp(bytes.data, text, bytes.len) == 0;
}

/// Keeps a text that is short and printable ASCII: it goes to terminals, logs and names.
static void keep(airs_bytes text, char *ret, size_t size)
{
    if (text.len >= size)
        return;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < 0x20 || text.data[i] > 0x7e)
            return;
    }
    memcpy(ret, text.data, text.len);
    ret[text.len] = '\0';
}

static void read_name_section(airs_bytes section, wasm_metadata *metadata)
{
    airs_bytes id;
    airs_bytes subsection;
    while (take(&section, 1, &id) && take_counted(&section, &subsection)) {
        airs_bytes name;
        if (id.data[0] == SUBSECTION_COMPONENT_NAME && take_counted(&subsection, &name))
            keep(name, metadata->name, sizeof metadata->name);
    }
}

void wasm_metadata_read(airs_bytes wasm, wasm_metadata *ret_metadata)
{
    *ret_metadata = (wasm_metadata){0};
    airs_bytes preamble;
    airs_bytes id;
    airs_bytes section;
    if (!take(&wasm, PREAMBLE_SIZE, &preamble))
        return;
    while (take(&wasm, 1, &id) && take_counted(&wasm, &section)) {
        airs_bytes name;
        if (id.data[0] != SECTION_CUSTOM || !take_counted(&section, &name))
            continue;
        if (is(name, "component-name"))
            read_name_section(section, ret_metadata);
        else if (is(name, "version"))
            keep(section, ret_metadata->version, sizeof ret_metadata->version);
    }
}
