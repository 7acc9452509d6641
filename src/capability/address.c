// SPDX-License-Identifier: MIT OR Apache-2.0
#include "capability/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/error.h"

static const uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool capability_address_from_bytes(airs_bytes bytes, capability_address *ret_address)
{
    if (bytes.len != 4 && bytes.len != 16)
        return false;
    bool mapped = bytes.len == 16 && memcmp(bytes.data, mapped_prefix, sizeof mapped_prefix) == 0;
    capability_address made = {.version = bytes.len == 4 || mapped ? 4 : 6};
    if (mapped)
        memcpy(made.bytes, bytes.data + sizeof mapped_prefix, 4);
    else
        memcpy(made.bytes, bytes.data, bytes.len);
    *ret_address = made;
    return true;
}

/// Copies what could be an address; false when it is too long, or has a NUL in it.
static bool as_text(airs_bytes from, char text[64])
{
    if (from.len == 0 || from.len >= 64 || memchr(from.data, '\0', from.len) != NULL)
        return false;
    memcpy(text, from.data, from.len);
    text[from.len] = '\0';
    return true;
}

bool capability_address_parse(airs_bytes text, capability_address *ret_address)
{
    char copy[64];
    uint8_t bytes[16];
    if (!as_text(text, copy))
        return false;
    // inet_pton takes neither fewer than four numbers, nor other bases, nor leading zeros, nor a zone.
    size_t len = inet_pton(AF_INET, copy, bytes) == 1 ? 4u : inet_pton(AF_INET6, copy, bytes) == 1 ? 16u : 0u;
    return len != 0 && capability_address_from_bytes((airs_bytes){bytes, len}, ret_address);
}

// ---------------------------------------------------------------- ranges

static bool parse_bits(airs_bytes text, uint32_t max, uint32_t *ret_bits)
{
    if (text.len == 0 || text.len > 3 || (text.len > 1 && text.data[0] == '0'))
        return false;
    uint32_t bits = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        bits = bits * 10 + (uint32_t)(text.data[i] - '0');
    }
    if (bits > max)
        return false;
    *ret_bits = bits;
    return true;
}

static bool same_bits(const capability_address *a, const capability_address *b, uint32_t bits)
{
    uint32_t whole = bits / 8;
    if (a->version != b->version || memcmp(a->bytes, b->bytes, whole) != 0)
        return false;
    uint8_t mask = (uint8_t)(0xff00u >> (bits % 8));
    return bits % 8 == 0 || (a->bytes[whole] & mask) == (b->bytes[whole] & mask);
}

static airs_status check_tail(const capability_range *range, airs_error *error)
{
    capability_range hint = *range;
    uint32_t end = range->address.version == 4 ? 32 : 128;
    for (uint32_t bit = range->bits; bit < end; bit++)
        hint.address.bytes[bit / 8] &= (uint8_t) ~(0x80u >> (bit % 8));
    char text[CAPABILITY_ADDRESS_TEXT_MAX];
    if (capability_address_equal(&hint.address, &range->address))
        return AIRS_OK;
    return base_error_set(error, AIRS_E_INVALID, "bits are set behind the first %u; the range is %s", range->bits,
                          capability_range_format(text, &hint));
}

airs_status capability_range_parse(airs_bytes text, capability_range *ret_range, airs_error *error)
{
    const uint8_t *slash = text.len == 0 ? NULL : memchr(text.data, '/', text.len);
    airs_bytes address = {text.data, slash == NULL ? text.len : (size_t)(slash - text.data)};
    capability_range made = {0};
    if (!capability_address_parse(address, &made.address))
        return base_error_set(error, AIRS_E_INVALID, "\"%.*s\" is no address",
                              (int)(address.len < 80 ? address.len : 80), (const char *)address.data);
    // What was written with colons has 128 bits, also when it is an IPv4 address inside.
    bool colons = memchr(address.data, ':', address.len) != NULL;
    uint32_t written = colons ? 128 : 32;
    uint32_t bits = written;
    if (slash != NULL) {
        airs_bytes behind = {slash + 1, text.len - address.len - 1};
        if (!parse_bits(behind, written, &bits))
            return base_error_set(error, AIRS_E_INVALID, "behind `/` stands a number of bits, 0 to %u", written);
    }
    if (colons && made.address.version == 4) {
        if (bits < 96)
            return base_error_set(error, AIRS_E_INVALID, "IPv4 addresses in IPv6 need at least /96");
        bits -= 96;
    }
    made.bits = (uint8_t)bits;
    airs_status status = check_tail(&made, error);
    if (status == AIRS_OK)
        *ret_range = made;
    return status;
}

bool capability_address_equal(const capability_address *a, const capability_address *b)
{
    return a->version == b->version && memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

bool capability_range_contains(const capability_range *range, const capability_address *address)
{
    return same_bits(&range->address, address, range->bits);
}

bool capability_range_covers(const capability_range *outer, const capability_range *inner)
{
    return outer->bits <= inner->bits && capability_range_contains(outer, &inner->address);
}

// ---------------------------------------------------------------- zones

// From the registries of special-purpose addresses (RFC 6890 and after it) and what the clouds document; a range inside
// another one stands before it.
static const struct {
    uint8_t version;
    uint8_t bits;
    uint8_t zone;
    uint8_t bytes[16];
} zones[] = {
    {4, 32, CAPABILITY_ZONE_METADATA, {169, 254, 169, 254}},
    {4, 32, CAPABILITY_ZONE_METADATA, {169, 254, 170, 2}},
    {4, 32, CAPABILITY_ZONE_METADATA, {100, 100, 100, 200}},
    {4, 32, CAPABILITY_ZONE_METADATA, {168, 63, 129, 16}},
    {4, 32, CAPABILITY_ZONE_METADATA, {192, 0, 0, 192}},
    {4, 8, CAPABILITY_ZONE_UNSPECIFIED, {0}},
    {4, 8, CAPABILITY_ZONE_LOOPBACK, {127}},
    {4, 16, CAPABILITY_ZONE_LINK_LOCAL, {169, 254}},
    {4, 8, CAPABILITY_ZONE_PRIVATE, {10}},
    {4, 12, CAPABILITY_ZONE_PRIVATE, {172, 16}},
    {4, 16, CAPABILITY_ZONE_PRIVATE, {192, 168}},
    {4, 10, CAPABILITY_ZONE_PRIVATE, {100, 64}},
    {4, 24, CAPABILITY_ZONE_RESERVED, {192, 0, 0}},
    {4, 24, CAPABILITY_ZONE_RESERVED, {192, 0, 2}},
    {4, 24, CAPABILITY_ZONE_RESERVED, {192, 88, 99}},
    {4, 15, CAPABILITY_ZONE_RESERVED, {198, 18}},
    {4, 24, CAPABILITY_ZONE_RESERVED, {198, 51, 100}},
    {4, 24, CAPABILITY_ZONE_RESERVED, {203, 0, 113}},
    {4, 4, CAPABILITY_ZONE_MULTICAST, {224}},
    {4, 32, CAPABILITY_ZONE_MULTICAST, {255, 255, 255, 255}},
    {4, 4, CAPABILITY_ZONE_RESERVED, {240}},
    {6, 128, CAPABILITY_ZONE_METADATA, {0xfd, 0, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54}},
    {6, 128, CAPABILITY_ZONE_METADATA, {0xfd, 0x20, 0, 0xce, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54}},
    {6, 128, CAPABILITY_ZONE_UNSPECIFIED, {0}},
    {6, 128, CAPABILITY_ZONE_LOOPBACK, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}},
    {6, 96, CAPABILITY_ZONE_RESERVED, {0}},
    {6, 96, CAPABILITY_ZONE_RESERVED, {0, 0x64, 0xff, 0x9b}},
    {6, 48, CAPABILITY_ZONE_RESERVED, {0, 0x64, 0xff, 0x9b, 0, 1}},
    {6, 64, CAPABILITY_ZONE_RESERVED, {0x01, 0}},
    {6, 23, CAPABILITY_ZONE_RESERVED, {0x20, 0x01}},
    {6, 32, CAPABILITY_ZONE_RESERVED, {0x20, 0x01, 0x0d, 0xb8}},
    {6, 16, CAPABILITY_ZONE_RESERVED, {0x20, 0x02}},
    {6, 7, CAPABILITY_ZONE_PRIVATE, {0xfc}},
    {6, 10, CAPABILITY_ZONE_PRIVATE, {0xfe, 0xc0}},
    {6, 10, CAPABILITY_ZONE_LINK_LOCAL, {0xfe, 0x80}},
    {6, 8, CAPABILITY_ZONE_MULTICAST, {0xff}},
};

#define ZONE_COUNT (sizeof zones / sizeof zones[0])

static capability_range zone_range(size_t i)
{
    capability_range range = {.address = {.version = zones[i].version}, .bits = zones[i].bits};
    memcpy(range.address.bytes, zones[i].bytes, sizeof range.address.bytes);
    return range;
}

uint32_t capability_address_zone(const capability_address *address, capability_range *ret_range)
{
    for (size_t i = 0; i < ZONE_COUNT; i++) {
        capability_range range = zone_range(i);
        if (!capability_range_contains(&range, address))
            continue;
        if (ret_range != NULL)
            *ret_range = range;
        return zones[i].zone;
    }
    return 0;
}

bool capability_range_names_no_more(const capability_range *outer, uint32_t allowed, const capability_range *inner)
{
    for (size_t i = 0; i < ZONE_COUNT; i++) {
        capability_range range = zone_range(i);
        bool named = capability_range_covers(&range, inner);
        bool by_outer = outer != NULL && capability_range_covers(&range, outer);
        if (named && !by_outer && (zones[i].zone & allowed) == 0)
            return false;
    }
    return true;
}

static const struct {
    const char *name;
    uint32_t zone;
} zone_names[] = {
    {"unspecified", CAPABILITY_ZONE_UNSPECIFIED}, {"loopback", CAPABILITY_ZONE_LOOPBACK},
    {"link-local", CAPABILITY_ZONE_LINK_LOCAL},   {"private", CAPABILITY_ZONE_PRIVATE},
    {"metadata", CAPABILITY_ZONE_METADATA},       {"multicast", CAPABILITY_ZONE_MULTICAST},
    {"reserved", CAPABILITY_ZONE_RESERVED},
};

const char *capability_zone_name(uint32_t zone)
{
    for (size_t i = 0; i < sizeof zone_names / sizeof zone_names[0]; i++) {
        if (zone_names[i].zone == zone)
            return zone_names[i].name;
    }
    return NULL;
}

uint32_t capability_zone_find(airs_bytes name)
{
    for (size_t i = 0; i < sizeof zone_names / sizeof zone_names[0]; i++) {
        if (base_bytes_are(name, zone_names[i].name))
            return zone_names[i].zone;
    }
    return 0;
}

// ---------------------------------------------------------------- as text

const char *capability_address_format(char text[CAPABILITY_ADDRESS_TEXT_MAX], const capability_address *address)
{
    int family = address->version == 4 ? AF_INET : AF_INET6;
    AIRS_ASSERT(inet_ntop(family, address->bytes, text, CAPABILITY_ADDRESS_TEXT_MAX) != NULL);
    return text;
}

const char *capability_range_format(char text[CAPABILITY_ADDRESS_TEXT_MAX], const capability_range *range)
{
    char address[CAPABILITY_ADDRESS_TEXT_MAX];
    bool whole = range->bits == (range->address.version == 4 ? 32 : 128);
    capability_address_format(address, &range->address);
    if (whole)
        (void)snprintf(text, CAPABILITY_ADDRESS_TEXT_MAX, "%.46s", address);
    else
        (void)snprintf(text, CAPABILITY_ADDRESS_TEXT_MAX, "%.46s/%u", address, range->bits);
    return text;
}

bool capability_port_parse(airs_bytes text, uint16_t *ret_port)
{
    uint32_t value = 0;
    if (text.len == 0 || text.len > 5 || (text.len > 1 && text.data[0] == '0'))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        value = value * 10 + (uint32_t)(text.data[i] - '0');
    }
    if (value > UINT16_MAX)
        return false;
    *ret_port = (uint16_t)value;
    return true;
}
