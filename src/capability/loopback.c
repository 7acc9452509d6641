// SPDX-License-Identifier: MIT OR Apache-2.0
#include "capability/loopback.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"

airs_status capability_loopback_parse(const char *text, capability_address *ret_address, uint16_t *ret_port,
                                      airs_error *error)
{
    const char *colon = strrchr(text, ':');
    const char *from = text;
    size_t len = colon == NULL ? 0 : (size_t)(colon - text);
    bool bracketed = len > 2 && text[0] == '[' && text[len - 1] == ']';
    if (bracketed) {
        from++;
        len -= 2;
    }
    capability_address address;
    uint16_t port;
    // Without brackets nobody knows where an address of IPv6 ends.
    bool read = colon != NULL && capability_address_parse((airs_bytes){(const uint8_t *)from, len}, &address) &&
                bracketed == (memchr(from, ':', len) != NULL) && capability_port_parse(base_bytes_of(colon + 1), &port);
    if (!read)
        return base_error_set(error, AIRS_E_INVALID, "\"%s\" is no address and port, such as 127.0.0.1:9464", text);
    if (capability_address_zone(&address, NULL) != CAPABILITY_ZONE_LOOPBACK)
        return base_error_set(
            error, AIRS_E_INVALID,
            "\"%s\" is no loopback address: only 127.0.0.0/8 and [::1], which other machines can't reach", text);
    *ret_address = address;
    *ret_port = port;
    return AIRS_OK;
}
