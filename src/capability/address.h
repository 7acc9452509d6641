// SPDX-License-Identifier: MIT OR Apache-2.0
/// Addresses of IPv4 and IPv6, ranges of them, and the ranges that nobody should reach by accident.
#ifndef CAPABILITY_ADDRESS_H
#define CAPABILITY_ADDRESS_H

#include "airssys/status.h"

/// Always canonical: an IPv4-mapped IPv6 address (::ffff:a.b.c.d) is the IPv4 address a.b.c.d.
typedef struct capability_address {
    /// 4 or 6.
    uint8_t version;
    /// The first 4 or all 16, in network order; the others are 0.
    uint8_t bytes[16];
} capability_address;

/// An address and how many of its first bits count.
typedef struct capability_range {
    capability_address address;
    uint8_t bits;
} capability_range;

/// Kinds of addresses that a grant must name. Numbers are bits.
typedef enum capability_zone {
    /// 0.0.0.0/8 and ::, which mean this host, or all of it.
    CAPABILITY_ZONE_UNSPECIFIED = 1,
    CAPABILITY_ZONE_LOOPBACK = 2,
    CAPABILITY_ZONE_LINK_LOCAL = 4,
    CAPABILITY_ZONE_PRIVATE = 8,
    /// Where clouds tell a machine its secrets.
    CAPABILITY_ZONE_METADATA = 16,
    CAPABILITY_ZONE_MULTICAST = 32,
    /// For documentation, tests, later; and IPv6 addresses in which an IPv4 address is hidden.
    CAPABILITY_ZONE_RESERVED = 64,
    CAPABILITY_ZONES_ALL = 127,
} capability_zone;

/// Room for any text of an address with its range.
#define CAPABILITY_ADDRESS_TEXT_MAX 56

/// From the bytes that the system has: 4 or 16; false for any other number.
bool capability_address_from_bytes(airs_bytes bytes, capability_address *ret_address);

/// Four numbers without leading zeros and dots between, or IPv6 as in RFC 4291, without a zone (`%eth0`).
/// False for anything else.
bool capability_address_parse(airs_bytes text, capability_address *ret_address);

/// A port: digits alone, at most 65535, without a zero in front of others. False for anything else.
bool capability_port_parse(airs_bytes text, uint16_t *ret_port);

/// An address, with `/bits` behind or without. E_INVALID: `error` says why, also when bits behind the range are set.
AIRS_NODISCARD airs_status capability_range_parse(airs_bytes text, capability_range *ret_range, airs_error *error);

bool capability_address_equal(const capability_address *a, const capability_address *b);
bool capability_range_contains(const capability_range *range, const capability_address *address);
/// Whether all of `inner` is in `outer`.
bool capability_range_covers(const capability_range *outer, const capability_range *inner);

/// The zone of an address, 0 for a public one. `ret_range`, which may be NULL, is set to the narrowest listed range
/// that the address is in, when there is one.
uint32_t capability_address_zone(const capability_address *address, capability_range *ret_range);

/// Whether the zones that `inner` lies in, and so names, are all named by `outer` too, or are in `allowed`. `outer` may
/// be NULL: it is no range.
bool capability_range_names_no_more(const capability_range *outer, uint32_t allowed, const capability_range *inner);

/// "loopback"…; NULL for what is none. Static.
const char *capability_zone_name(uint32_t zone);
/// The zone of that name, 0 when there is none.
uint32_t capability_zone_find(airs_bytes name);

/// Returns `text`.
const char *capability_address_format(char text[CAPABILITY_ADDRESS_TEXT_MAX], const capability_address *address);
const char *capability_range_format(char text[CAPABILITY_ADDRESS_TEXT_MAX], const capability_range *range);

#endif
