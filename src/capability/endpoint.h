// SPDX-License-Identifier: MIT OR Apache-2.0
/// Where a network grant lets a component go: `[scheme://]host[:port]`.
///
/// scheme   `tcp`, `udp`, `http` or `https`; none, or `*`, is any
/// host     a name; `*.` and a name: each name that ends so, not that name itself; `*`: any; an IPv4 address or range
///          (`10.0.0.0/8`); one of IPv6 in brackets (`[fd00::/8]`)
/// port     a number, a range (`8000-8010`) or `*`; with `http` and `https` it may be left out, and is 80 or 443
#ifndef CAPABILITY_ENDPOINT_H
#define CAPABILITY_ENDPOINT_H

#include "airssys/status.h"
#include "capability/address.h"

#define CAPABILITY_HOST_MAX 253u

typedef enum capability_scheme {
    CAPABILITY_SCHEME_ANY,
    CAPABILITY_SCHEME_TCP,
    CAPABILITY_SCHEME_UDP,
    CAPABILITY_SCHEME_HTTP,
    CAPABILITY_SCHEME_HTTPS,
} capability_scheme;

typedef enum capability_host_kind {
    CAPABILITY_HOST_ANY,
    CAPABILITY_HOST_NAME,
    CAPABILITY_HOST_SUFFIX,
    CAPABILITY_HOST_RANGE,
} capability_host_kind;

/// A name of a host in its normal form: small letters, no dot at the end.
typedef struct capability_host {
    char text[CAPABILITY_HOST_MAX + 1];
    uint8_t len;
} capability_host;

/// A pattern, ready to be compared with.
typedef struct capability_endpoint {
    capability_scheme scheme;
    capability_host_kind kind;
    /// The name, or what is behind `*.`.
    capability_host host;
    capability_range range;
    uint16_t port_low;
    uint16_t port_high;
    bool has_port;
} capability_endpoint;

/// Labels of letters, digits, `-` and `_`, 1 to 63 bytes each, with dots between, 253 in all; a dot at the end is left
/// out. What ends in a label that is a number (127.1, 0x7f000001) is no name: other programs take it for an address.
/// Errors: E_INVALID, `error` says why.
AIRS_NODISCARD airs_status capability_host_normalize(airs_bytes name, capability_host *ret_host, airs_error *error);

/// Reads a pattern. `with_port` is whether it needs a port; else it must have neither port nor scheme.
/// Errors: E_INVALID, `error` says what is wrong.
AIRS_NODISCARD airs_status capability_endpoint_parse(airs_bytes text, bool with_port, capability_endpoint *ret_endpoint,
                                                     airs_error *error);

/// Whether the name, in its normal form, matches. Ranges match no name.
bool capability_endpoint_matches_host(const capability_endpoint *endpoint, const capability_host *host);

/// Whether scheme and port match.
bool capability_endpoint_matches_port(const capability_endpoint *endpoint, capability_scheme scheme, uint16_t port);

/// Whether all that `wanted` matches is matched by `granted`.
bool capability_endpoint_covers(const capability_endpoint *granted, const capability_endpoint *wanted);

/// "tcp"…; "*" for CAPABILITY_SCHEME_ANY. Static.
const char *capability_scheme_name(capability_scheme scheme);

#endif
