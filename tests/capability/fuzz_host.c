// SPDX-License-Identifier: MIT OR Apache-2.0
/// Three lines: an endpoint, another one, the name of a host.
#include "fuzz.h"

#include "capability/endpoint.h"

static void check_pair(const capability_endpoint *granted, const capability_endpoint *wanted,
                       const capability_host *host)
{
    AIRS_ASSERT(capability_endpoint_covers(granted, granted));
    if (!capability_endpoint_covers(granted, wanted))
        return;
    if (host != NULL && capability_endpoint_matches_host(wanted, host))
        AIRS_ASSERT(capability_endpoint_matches_host(granted, host));
    for (uint32_t scheme = CAPABILITY_SCHEME_TCP; scheme <= CAPABILITY_SCHEME_HTTPS; scheme++) {
        uint16_t ports[] = {wanted->port_low, wanted->port_high};
        for (int i = 0; i < 2; i++) {
            if (capability_endpoint_matches_port(wanted, (capability_scheme)scheme, ports[i]))
                AIRS_ASSERT(capability_endpoint_matches_port(granted, (capability_scheme)scheme, ports[i]));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    airs_bytes rest = {data, size};
    static char text[1024];
    capability_endpoint granted;
    capability_endpoint wanted;
    capability_host host;
    bool granted_ok =
        capability_endpoint_parse(fuzz_take_line(&rest, text, sizeof text), true, &granted, NULL) == AIRS_OK;
    bool wanted_ok =
        capability_endpoint_parse(fuzz_take_line(&rest, text, sizeof text), true, &wanted, NULL) == AIRS_OK;
    airs_bytes raw = fuzz_take_line(&rest, text, sizeof text);
    bool host_ok = capability_host_normalize(raw, &host, NULL) == AIRS_OK;
    if (host_ok) {
        capability_host again;
        airs_bytes normal = {(const uint8_t *)host.text, host.len};
        AIRS_ASSERT(strlen(host.text) == host.len && host.len <= CAPABILITY_HOST_MAX);
        AIRS_ASSERT(capability_host_normalize(normal, &again, NULL) == AIRS_OK && strcmp(again.text, host.text) == 0);
        // What is a name is never read as an address.
        capability_address address;
        AIRS_ASSERT(!capability_address_parse(raw, &address));
    }
    if (granted_ok && wanted_ok)
        check_pair(&granted, &wanted, host_ok ? &host : NULL);
    return 0;
}
