// SPDX-License-Identifier: MIT OR Apache-2.0
#include "wasm/metadata.h"

#include <string.h>

#include "wasm/sections.h"

#define SUBSECTION_COMPONENT_NAME 0u

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
    while (wasm_take(&section, 1, &id) && wasm_take_counted(&section, &subsection)) {
        airs_bytes name;
        if (id.data[0] == SUBSECTION_COMPONENT_NAME && wasm_take_counted(&subsection, &name))
            keep(name, metadata->name, sizeof metadata->name);
    }
}

void wasm_metadata_read(airs_bytes wasm, wasm_metadata *ret_metadata)
{
    *ret_metadata = (wasm_metadata){0};
    wasm_sections sections;
    airs_bytes name;
    airs_bytes section;
    if (!wasm_sections_begin(&sections, wasm))
        return;
    while (wasm_sections_next(&sections, &name, &section)) {
        if (is(name, "component-name"))
            read_name_section(section, ret_metadata);
        else if (is(name, "version"))
            keep(section, ret_metadata->version, sizeof ret_metadata->version);
    }
}
