// SPDX-License-Identifier: MIT OR Apache-2.0
#include "capability/endpoint.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"

// ---------------------------------------------------------------- names of hosts

#define LABEL_MAX 63u

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f');
}

static bool is_label_character(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}

/// Whether the label would be read as a number: 127, 0x7f, 0x.
static bool is_number(const char *label)
{
    size_t len = strlen(label);
    bool hex = len >= 2 && label[0] == '0' && label[1] == 'x';
    for (size_t i = hex ? 2 : 0; i < len; i++) {
        if (hex ? !is_hex(label[i]) : !is_digit(label[i]))
            return false;
    }
    return true;
}

static airs_status check_labels(const capability_host *host, airs_error *error)
{
    size_t label = 0;
    for (size_t i = 0; i <= host->len; i++) {
        char c = host->text[i];
        if (c != '.' && c != '\0') {
            if (!is_label_character(c))
                return base_error_set(error, AIRS_E_INVALID,
                                      "character %zu is not allowed in the name of a host; "
                                      "names beyond ASCII are written as xn--…",
                                      i + 1);
            continue;
        }
        if (i == label || i - label > LABEL_MAX)
            return base_error_set(error, AIRS_E_INVALID, "between dots stand 1 to %u characters", LABEL_MAX);
        if (c == '.')
            label = i + 1;
    }
    if (is_number(host->text + label))
        return base_error_set(error, AIRS_E_INVALID, "a name that ends in a number could be taken for an address");
    return AIRS_OK;
}

airs_status capability_host_normalize(airs_bytes name, capability_host *ret_host, airs_error *error)
{
    size_t len = name.len > 0 && name.data[name.len - 1] == '.' ? name.len - 1 : name.len;
    if (len == 0 || len > CAPABILITY_HOST_MAX)
        return base_error_set(error, AIRS_E_INVALID, "the name of a host has 1 to %u characters", CAPABILITY_HOST_MAX);
    capability_host host = {.len = (uint8_t)len};
    for (size_t i = 0; i < len; i++) {
        char c = (char)name.data[i];
        // A NUL would end the name for whoever reads it next.
        if (c == '\0')
            return base_error_set(error, AIRS_E_INVALID, "there is a NUL in the name of a host");
        host.text[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    airs_status status = check_labels(&host, error);
    if (status == AIRS_OK)
        *ret_host = host;
    return status;
}

// ---------------------------------------------------------------- reading a pattern

static const char *const scheme_names[] = {"*", "tcp", "udp", "http", "https"};

const char *capability_scheme_name(capability_scheme scheme)
{
    return scheme_names[scheme];
}

/// Takes `scheme://` off the front, when there is one.
static airs_status take_scheme(airs_bytes *text, capability_endpoint *endpoint, airs_error *error)
{
    const uint8_t *mark = text->len < 3 ? NULL : memmem(text->data, text->len, "://", 3);
    if (mark == NULL)
        return AIRS_OK;
    airs_bytes name = {text->data, (size_t)(mark - text->data)};
    for (uint32_t i = 0; i < sizeof scheme_names / sizeof scheme_names[0]; i++) {
        if (base_bytes_are(name, scheme_names[i])) {
            endpoint->scheme = (capability_scheme)i;
            *text = (airs_bytes){mark + 3, text->len - name.len - 3};
            return AIRS_OK;
        }
    }
    return base_error_set(error, AIRS_E_INVALID, "unknown scheme \"%.*s\"; there are tcp, udp, http, https and *",
                          (int)(name.len < 40 ? name.len : 40), (const char *)name.data);
}

static airs_status parse_port(airs_bytes text, capability_endpoint *endpoint, airs_error *error)
{
    endpoint->has_port = true;
    endpoint->port_low = 0;
    endpoint->port_high = UINT16_MAX;
    if (base_bytes_are(text, "*"))
        return AIRS_OK;
    const uint8_t *dash = text.len == 0 ? NULL : memchr(text.data, '-', text.len);
    airs_bytes low = {text.data, dash == NULL ? text.len : (size_t)(dash - text.data)};
    airs_bytes high = dash == NULL ? low : (airs_bytes){dash + 1, text.len - low.len - 1};
    if (!capability_port_parse(low, &endpoint->port_low) || !capability_port_parse(high, &endpoint->port_high))
        return base_error_set(error, AIRS_E_INVALID, "a port is a number up to 65535, two with `-` between, or `*`");
    if (endpoint->port_low > endpoint->port_high)
        return base_error_set(error, AIRS_E_INVALID, "a range of ports upside down");
    return AIRS_OK;
}

/// Splits `host:port`, where the host may stand in brackets.
static airs_status split(airs_bytes text, airs_bytes *ret_host, airs_bytes *ret_port, airs_error *error)
{
    size_t end;
    if (text.len > 0 && text.data[0] == '[') {
        const uint8_t *bracket = memchr(text.data, ']', text.len);
        if (bracket == NULL)
            return base_error_set(error, AIRS_E_INVALID, "`[` without `]`");
        *ret_host = (airs_bytes){text.data + 1, (size_t)(bracket - text.data) - 1};
        end = ret_host->len + 2;
        if (end < text.len && text.data[end] != ':')
            return base_error_set(error, AIRS_E_INVALID, "behind `]` stands nothing, or `:` and a port");
    } else {
        const uint8_t *colon = text.len == 0 ? NULL : memchr(text.data, ':', text.len);
        end = colon == NULL ? text.len : (size_t)(colon - text.data);
        *ret_host = (airs_bytes){text.data, end};
        if (colon != NULL && memchr(colon + 1, ':', text.len - end - 1) != NULL)
            return base_error_set(error, AIRS_E_INVALID, "an IPv6 address stands in brackets, as in `[::1]:80`");
    }
    *ret_port = end < text.len ? (airs_bytes){text.data + end + 1, text.len - end - 1} : (airs_bytes){0};
    return AIRS_OK;
}

static airs_status parse_host(airs_bytes text, bool bracketed, capability_endpoint *endpoint, airs_error *error)
{
    bool suffix = text.len > 2 && text.data[0] == '*' && text.data[1] == '.';
    bool slash = text.len > 0 && memchr(text.data, '/', text.len) != NULL;
    capability_address ignored;
    if (!bracketed && base_bytes_are(text, "*")) {
        endpoint->kind = CAPABILITY_HOST_ANY;
        return AIRS_OK;
    }
    if (bracketed || slash || capability_address_parse(text, &ignored)) {
        if (bracketed && memchr(text.data, ':', text.len) == NULL)
            return base_error_set(error, AIRS_E_INVALID, "in brackets stands an IPv6 address");
        endpoint->kind = CAPABILITY_HOST_RANGE;
        return capability_range_parse(text, &endpoint->range, error);
    }
    endpoint->kind = suffix ? CAPABILITY_HOST_SUFFIX : CAPABILITY_HOST_NAME;
    airs_bytes name = suffix ? (airs_bytes){text.data + 2, text.len - 2} : text;
    if (name.len > 0 && memchr(name.data, '*', name.len) != NULL)
        return base_error_set(error, AIRS_E_INVALID, "`*` stands alone, or before a dot at the beginning");
    return capability_host_normalize(name, &endpoint->host, error);
}

/// The port that was left out.
static airs_status default_port(capability_endpoint *endpoint, airs_error *error)
{
    uint16_t port = endpoint->scheme == CAPABILITY_SCHEME_HTTP ? 80 : 443;
    if (endpoint->scheme != CAPABILITY_SCHEME_HTTP && endpoint->scheme != CAPABILITY_SCHEME_HTTPS)
        return base_error_set(error, AIRS_E_INVALID, "it needs a port; for all of them write `:*`");
    endpoint->has_port = true;
    endpoint->port_low = endpoint->port_high = port;
    return AIRS_OK;
}

airs_status capability_endpoint_parse(airs_bytes text, bool with_port, capability_endpoint *ret_endpoint,
                                      airs_error *error)
{
    capability_endpoint made = {.scheme = CAPABILITY_SCHEME_ANY};
    airs_bytes rest = text;
    airs_bytes host = {0};
    airs_bytes port = {0};
    airs_status status = take_scheme(&rest, &made, error);
    bool has_scheme = rest.len != text.len;
    if (status == AIRS_OK)
        status = split(rest, &host, &port, error);
    if (status != AIRS_OK)
        return status;
    if (!with_port && (has_scheme || port.data != NULL))
        return base_error_set(error, AIRS_E_INVALID, "what is looked up is a name alone, without scheme and port");
    status = parse_host(host, rest.len > 0 && rest.data[0] == '[', &made, error);
    if (status == AIRS_OK && with_port)
        status = port.data == NULL ? default_port(&made, error) : parse_port(port, &made, error);
    if (status == AIRS_OK)
        *ret_endpoint = made;
    return status;
}

// ---------------------------------------------------------------- matching

static bool ends_with_label(const capability_host *host, const capability_host *suffix)
{
    if (host->len <= suffix->len)
        return false;
    size_t at = (size_t)(host->len - suffix->len);
    return host->text[at - 1] == '.' && memcmp(host->text + at, suffix->text, suffix->len) == 0;
}

static bool same_host(const capability_host *a, const capability_host *b)
{
    return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

bool capability_endpoint_matches_host(const capability_endpoint *endpoint, const capability_host *host)
{
    switch (endpoint->kind) {
    case CAPABILITY_HOST_ANY:
        return true;
    case CAPABILITY_HOST_NAME:
        return same_host(&endpoint->host, host);
    case CAPABILITY_HOST_SUFFIX:
        return ends_with_label(host, &endpoint->host);
    case CAPABILITY_HOST_RANGE:
        break;
    }
    return false;
}

bool capability_endpoint_matches_port(const capability_endpoint *endpoint, capability_scheme scheme, uint16_t port)
{
    return endpoint->has_port && port >= endpoint->port_low && port <= endpoint->port_high &&
           (endpoint->scheme == CAPABILITY_SCHEME_ANY || endpoint->scheme == scheme);
}

static bool host_covers(const capability_endpoint *granted, const capability_endpoint *wanted)
{
    if (granted->kind == CAPABILITY_HOST_ANY)
        return true;
    if (granted->kind == CAPABILITY_HOST_RANGE)
        return wanted->kind == CAPABILITY_HOST_RANGE && capability_range_covers(&granted->range, &wanted->range);
    if (wanted->kind == CAPABILITY_HOST_NAME)
        return capability_endpoint_matches_host(granted, &wanted->host);
    return granted->kind == CAPABILITY_HOST_SUFFIX && wanted->kind == CAPABILITY_HOST_SUFFIX &&
           (same_host(&granted->host, &wanted->host) || ends_with_label(&wanted->host, &granted->host));
}

bool capability_endpoint_covers(const capability_endpoint *granted, const capability_endpoint *wanted)
{
    if (granted->scheme != CAPABILITY_SCHEME_ANY && granted->scheme != wanted->scheme)
        return false;
    if (wanted->has_port &&
        !(granted->has_port && granted->port_low <= wanted->port_low && wanted->port_high <= granted->port_high))
        return false;
    return host_covers(granted, wanted);
}
