// SPDX-License-Identifier: MIT OR Apache-2.0
/// Between the types of guest.h and those of the generated bindings, which name the same things by part.
#ifndef AIRSSYS_CONVERT_H
#define AIRSSYS_CONVERT_H

#include "airssys/guest.h"

/// A generated string or list of bytes as bytes.
#define bytes_of(generated) ((airs_bytes){(generated).ptr, (generated).len})

/// Bytes as one of the generated types, all of which are a pointer and a length. The bindings only read.
#define to_generated(type, bytes) ((type){(uint8_t *)(uintptr_t)(bytes).data, (bytes).len})

/// A generated list of settings has the layout of ours, so it is lent and not copied.
#define settings_of(generated) ((airs_settings){(const airs_setting *)(generated).ptr, (generated).len})

#define SETTING_LAYOUT_CHECK(type)                                                                                 \
    _Static_assert(sizeof(type) == sizeof(airs_setting) && offsetof(type, value) == offsetof(airs_setting, value), \
                   "a generated setting has our layout")

/// Each file of generated bindings asks that an object with its types be linked. `airssys build` tells
/// the types in another way: this satisfies the linker.
#define TYPES_ARE_TOLD_BY_BUILD(part)                     \
    void __component_type_object_force_link_##part(void); \
    void __component_type_object_force_link_##part(void)  \
    {                                                     \
    }

#endif
