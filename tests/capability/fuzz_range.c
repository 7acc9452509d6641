// SPDX-License-Identifier: MIT OR Apache-2.0
/// Three lines: a range of addresses, another one, an address.
#include "fuzz.h"

#include "base/bytes.h"
#include "capability/address.h"

static void check_range(const capability_range *range)
{
    char text[CAPABILITY_ADDRESS_TEXT_MAX];
    capability_range again;
    airs_bytes written = base_bytes_of(capability_range_format(text, range));
    AIRS_ASSERT(capability_range_parse(written, &again, NULL) == AIRS_OK);
    AIRS_ASSERT(again.bits == range->bits && capability_address_equal(&again.address, &range->address));
    AIRS_ASSERT(capability_range_contains(range, &range->address) && capability_range_covers(range, range));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    airs_bytes rest = {data, size};
    static char text[256];
    capability_range outer;
    capability_range inner;
    capability_address address;
    bool outer_ok = capability_range_parse(fuzz_take_line(&rest, text, sizeof text), &outer, NULL) == AIRS_OK;
    bool inner_ok = capability_range_parse(fuzz_take_line(&rest, text, sizeof text), &inner, NULL) == AIRS_OK;
    bool address_ok = capability_address_parse(fuzz_take_line(&rest, text, sizeof text), &address);
    if (outer_ok)
        check_range(&outer);
    if (address_ok) {
        capability_range listed;
        uint32_t zone = capability_address_zone(&address, &listed);
        AIRS_ASSERT(zone == 0 || (capability_zone_name(zone) != NULL && capability_range_contains(&listed, &address)));
        AIRS_ASSERT(capability_address_parse(base_bytes_of(capability_address_format(text, &address)), &address));
    }
    if (outer_ok && inner_ok && address_ok && capability_range_covers(&outer, &inner) &&
        capability_range_contains(&inner, &address)) {
        AIRS_ASSERT(capability_range_contains(&outer, &address));
        AIRS_ASSERT(capability_range_names_no_more(&inner, 0, &inner));
    }
    return 0;
}
