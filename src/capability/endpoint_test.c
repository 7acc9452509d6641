// SPDX-License-Identifier: MIT OR Apache-2.0
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/testing.h"
#include "capability/endpoint.h"
#include "capability/resolved.h"

static capability_address address_of(const char *text)
{
    capability_address address;
    if (!capability_address_parse(base_bytes_of(text), &address))
        fail_msg("\"%s\"", text);
    return address;
}

static capability_host host_of(const char *text)
{
    capability_host host;
    airs_error error = {0};
    if (capability_host_normalize(base_bytes_of(text), &host, &error) != AIRS_OK)
        fail_msg("\"%s\": %s", text, error.text);
    return host;
}

static capability_endpoint endpoint_of(const char *text)
{
    capability_endpoint endpoint;
    airs_error error = {0};
    if (capability_endpoint_parse(base_bytes_of(text), true, &endpoint, &error) != AIRS_OK)
        fail_msg("\"%s\": %s", text, error.text);
    return endpoint;
}

static void addresses_have_one_form(void **user)
{
    (void)user;
    static const char *const wrong[] = {"",           "1.2.3",    "1.2.3.4.5", "01.2.3.4",   "1.2.3.256",
                                        "0x7f.0.0.1", "1.2.3.4 ", "::1%eth0",  ":::",        "1::2::3",
                                        "12345::",    "[::1]",    "1.2.3.4/8", "2130706433", "::ffff:1.2.3",
                                        "1.2.3.-4",   "\xff"};
    capability_address address;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        if (capability_address_parse(base_bytes_of(wrong[i]), &address))
            fail_msg("\"%s\" is taken", wrong[i]);
    }
    assert_false(capability_address_parse((airs_bytes){(const uint8_t *)"1.2.3.4\0", 8}, &address));
    capability_address plain = address_of("10.1.2.3");
    capability_address mapped = address_of("::ffff:10.1.2.3");
    capability_address hex = address_of("0:0:0:0:0:FFFF:0a01:0203");
    assert_true(capability_address_equal(&plain, &mapped));
    assert_true(capability_address_equal(&plain, &hex));
    capability_address compatible = address_of("::10.1.2.3");
    assert_false(capability_address_equal(&plain, &compatible));
    char text[CAPABILITY_ADDRESS_TEXT_MAX];
    assert_string_equal(capability_address_format(text, &mapped), "10.1.2.3");
    uint8_t bytes[16] = {0};
    assert_false(capability_address_from_bytes((airs_bytes){bytes, 5}, &address));
    assert_true(capability_address_from_bytes((airs_bytes){bytes, 16}, &address));
    assert_int_equal(address.version, 6);
}

static void ranges_are_read_and_written(void **user)
{
    (void)user;
    static const struct {
        const char *text;
        /// NULL: refused.
        const char *written;
    } cases[] = {
        {"10.0.0.0/8", "10.0.0.0/8"},
        {"1.2.3.4", "1.2.3.4"},
        {"1.2.3.4/32", "1.2.3.4"},
        {"0.0.0.0/0", "0.0.0.0/0"},
        {"fd00::/8", "fd00::/8"},
        {"::/0", "::/0"},
        {"::ffff:10.0.0.0/104", "10.0.0.0/8"},
        {"::ffff:0.0.0.0/96", "0.0.0.0/0"},
        {"::ffff:0.0.0.0/95", NULL},
        {"10.0.0.1/8", NULL},
        {"10.0.0.0/33", NULL},
        {"10.0.0.0/", NULL},
        {"10.0.0.0/08", NULL},
        {"10.0.0.0/-1", NULL},
        {"10.0.0.0/8/8", NULL},
        {"fd00::/129", NULL},
        {"/8", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        capability_range range;
        char text[CAPABILITY_ADDRESS_TEXT_MAX];
        airs_status status = capability_range_parse(base_bytes_of(cases[i].text), &range, NULL);
        assert_int_equal(status, cases[i].written == NULL ? AIRS_E_INVALID : AIRS_OK);
        if (status == AIRS_OK)
            assert_string_equal(capability_range_format(text, &range), cases[i].written);
    }
    airs_error error;
    capability_range range;
    assert_int_equal(capability_range_parse(base_bytes_of("10.1.2.3/12"), &range, &error), AIRS_E_INVALID);
    assert_non_null(strstr(error.text, "10.0.0.0/12"));
}

static void addresses_lie_in_zones(void **user)
{
    (void)user;
    static const struct {
        const char *address;
        uint32_t zone;
    } cases[] = {
        {"8.8.8.8", 0},
        {"2a00:1450::1", 0},
        {"127.0.0.1", CAPABILITY_ZONE_LOOPBACK},
        {"127.255.255.255", CAPABILITY_ZONE_LOOPBACK},
        {"::ffff:127.0.0.1", CAPABILITY_ZONE_LOOPBACK},
        {"::1", CAPABILITY_ZONE_LOOPBACK},
        {"0.0.0.0", CAPABILITY_ZONE_UNSPECIFIED},
        {"::", CAPABILITY_ZONE_UNSPECIFIED},
        {"10.255.0.1", CAPABILITY_ZONE_PRIVATE},
        {"172.15.255.255", 0},
        {"172.16.0.0", CAPABILITY_ZONE_PRIVATE},
        {"172.31.255.255", CAPABILITY_ZONE_PRIVATE},
        {"172.32.0.0", 0},
        {"192.168.1.1", CAPABILITY_ZONE_PRIVATE},
        {"100.64.0.1", CAPABILITY_ZONE_PRIVATE},
        {"100.100.100.200", CAPABILITY_ZONE_METADATA},
        {"169.254.0.1", CAPABILITY_ZONE_LINK_LOCAL},
        {"169.254.169.254", CAPABILITY_ZONE_METADATA},
        {"::ffff:169.254.169.254", CAPABILITY_ZONE_METADATA},
        {"fd00:ec2::254", CAPABILITY_ZONE_METADATA},
        {"fd20:ce::254", CAPABILITY_ZONE_METADATA},
        {"fd00::1", CAPABILITY_ZONE_PRIVATE},
        {"fe80::1", CAPABILITY_ZONE_LINK_LOCAL},
        {"224.0.0.1", CAPABILITY_ZONE_MULTICAST},
        {"255.255.255.255", CAPABILITY_ZONE_MULTICAST},
        {"ff02::1", CAPABILITY_ZONE_MULTICAST},
        {"240.0.0.1", CAPABILITY_ZONE_RESERVED},
        {"192.0.2.1", CAPABILITY_ZONE_RESERVED},
        {"64:ff9b::7f00:1", CAPABILITY_ZONE_RESERVED},
        {"2002:7f00:1::", CAPABILITY_ZONE_RESERVED},
        {"2001:0:1::", CAPABILITY_ZONE_RESERVED},
        {"::7f00:1", CAPABILITY_ZONE_RESERVED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        capability_address address = address_of(cases[i].address);
        capability_range range;
        uint32_t zone = capability_address_zone(&address, &range);
        if (zone != cases[i].zone)
            fail_msg("%s is in zone %u", cases[i].address, zone);
        assert_true(zone == 0 || capability_range_contains(&range, &address));
    }
    for (uint32_t zone = 1; zone <= CAPABILITY_ZONES_ALL; zone <<= 1)
        assert_int_equal(capability_zone_find(base_bytes_of(capability_zone_name(zone))), zone);
    assert_null(capability_zone_name(3));
    assert_int_equal(capability_zone_find(base_bytes_of("home")), 0);
}

static void names_of_hosts_have_one_form(void **user)
{
    (void)user;
    static const char *const wrong[] = {"",  ".",    "a..b",  ".a",          "a b", "a/b", "127.1", "0x7f000001",
                                        "1", "a.0x", "a.017", "\xc3\xa4.de", "a:1", "*.a", "a@b",   "[::1]"};
    capability_host host;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        if (capability_host_normalize(base_bytes_of(wrong[i]), &host, NULL) != AIRS_E_INVALID)
            fail_msg("\"%s\" is taken", wrong[i]);
    }
    assert_int_equal(capability_host_normalize((airs_bytes){(const uint8_t *)"a\0b", 3}, &host, NULL), AIRS_E_INVALID);
    assert_string_equal(host_of("API.Example.ORG.").text, "api.example.org");
    assert_string_equal(host_of("_dns.1a").text, "_dns.1a");
    char text[300];
    memset(text, 'a', sizeof text);
    assert_int_equal(capability_host_normalize((airs_bytes){(const uint8_t *)text, 64}, &host, NULL), AIRS_E_INVALID);
    for (size_t i = 63; i < sizeof text; i += 64)
        text[i] = '.';
    assert_int_equal(capability_host_normalize((airs_bytes){(const uint8_t *)text, 253}, &host, NULL), AIRS_OK);
    assert_int_equal(capability_host_normalize((airs_bytes){(const uint8_t *)text, 254}, &host, NULL), AIRS_E_INVALID);
}

static void endpoints_are_read(void **user)
{
    (void)user;
    capability_endpoint one = endpoint_of("https://*.Example.org");
    assert_int_equal(one.kind, CAPABILITY_HOST_SUFFIX);
    assert_string_equal(one.host.text, "example.org");
    assert_int_equal(one.port_low, 443);
    assert_int_equal(one.port_high, 443);
    one = endpoint_of("http://example.org");
    assert_int_equal(one.port_low, 80);
    one = endpoint_of("udp://[fd00::/8]:5000-5010");
    assert_int_equal(one.kind, CAPABILITY_HOST_RANGE);
    assert_int_equal(one.range.bits, 8);
    assert_int_equal(one.port_low, 5000);
    assert_int_equal(one.port_high, 5010);
    one = endpoint_of("*:*");
    assert_int_equal(one.kind, CAPABILITY_HOST_ANY);
    assert_int_equal(one.port_high, 65535);
    one = endpoint_of("10.0.0.0/8:80");
    assert_int_equal(one.range.address.version, 4);
    static const char *const wrong[] = {
        "",           "example.org", ":80",       "a:",          "a:65536",   "a:080",        "a:9-8",         "a:1-",
        "a:-1",       "a:1-2-3",     "ftp://a:1", "tcp://a",     "a*b:1",     "*.*.a:1",      "*.:1",          "::1:80",
        "[::1:80",    "[::1]80",     "[a]:80",    "[1.2.3.4]:1", "[::1%0]:1", "10.0.0.1/8:1", "10.0.0.0/33:1", "a/b:1",
        "http://a/b", "http://u@a",  "://a:1",    "http:// a",   "1.2.3:1",   "*.1.2.3.4:1",  "http://[::1",   "a:0x50",
        "[]:1",       "**:1",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        airs_error error = {0};
        if (capability_endpoint_parse(base_bytes_of(wrong[i]), true, &one, &error) != AIRS_E_INVALID ||
            error.text[0] == '\0')
            fail_msg("\"%s\" is taken", wrong[i]);
    }
    assert_int_equal(capability_endpoint_parse(base_bytes_of("*.a"), false, &one, NULL), AIRS_OK);
    assert_int_equal(capability_endpoint_parse(base_bytes_of("a:1"), false, &one, NULL), AIRS_E_INVALID);
    assert_int_equal(capability_endpoint_parse(base_bytes_of("http://a"), false, &one, NULL), AIRS_E_INVALID);
}

static void hosts_and_ports_match(void **user)
{
    (void)user;
    capability_endpoint suffix = endpoint_of("tcp://*.example.org:80-90");
    capability_host inner = host_of("a.b.example.org");
    capability_host itself = host_of("example.org");
    capability_host other = host_of("badexample.org");
    assert_true(capability_endpoint_matches_host(&suffix, &inner));
    assert_false(capability_endpoint_matches_host(&suffix, &itself));
    assert_false(capability_endpoint_matches_host(&suffix, &other));
    assert_true(capability_endpoint_matches_port(&suffix, CAPABILITY_SCHEME_TCP, 80));
    assert_true(capability_endpoint_matches_port(&suffix, CAPABILITY_SCHEME_TCP, 90));
    assert_false(capability_endpoint_matches_port(&suffix, CAPABILITY_SCHEME_TCP, 91));
    assert_false(capability_endpoint_matches_port(&suffix, CAPABILITY_SCHEME_UDP, 80));
}

static void endpoints_cover_endpoints(void **user)
{
    (void)user;
    static const struct {
        const char *granted;
        const char *wanted;
        bool covers;
    } cases[] = {
        {"a.b:80", "a.b:80", true},
        {"a.b:80", "tcp://a.b:80", true},
        {"tcp://a.b:80", "a.b:80", false},
        {"a.b:80-90", "a.b:85", true},
        {"a.b:85", "a.b:80-90", false},
        {"*.b:1", "a.b:1", true},
        {"*.b:1", "*.a.b:1", true},
        {"*.a.b:1", "*.b:1", false},
        {"*.b:1", "b:1", false},
        {"*:1", "*.b:1", true},
        {"*.b:1", "*:1", false},
        {"*:1", "10.0.0.0/8:1", true},
        {"10.0.0.0/8:1", "10.1.0.0/16:1", true},
        {"10.1.0.0/16:1", "10.0.0.0/8:1", false},
        {"10.0.0.0/8:1", "a.b:1", false},
        {"a.b:1", "10.0.0.1:1", false},
        {"*.b:1", "*.ab:1", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        capability_endpoint granted = endpoint_of(cases[i].granted);
        capability_endpoint wanted = endpoint_of(cases[i].wanted);
        if (capability_endpoint_covers(&granted, &wanted) != cases[i].covers)
            fail_msg("\"%s\" over \"%s\"", cases[i].granted, cases[i].wanted);
    }
}

static void only_what_was_resolved_is_known(void **user)
{
    (void)user;
    capability_resolved resolved;
    capability_resolved_init(&resolved, base_allocator_default());
    capability_endpoint endpoint = endpoint_of("*.example.org:80");
    capability_host host = host_of("www.example.org");
    capability_host foreign = host_of("www.example.net");
    capability_address addresses[20];
    for (uint8_t i = 0; i < 20; i++)
        addresses[i] = (capability_address){.version = 4, .bytes = {1, 1, 1, i}};
    assert_false(capability_resolved_has(NULL, &endpoint, &addresses[0], 0));
    assert_false(capability_resolved_has(&resolved, &endpoint, &addresses[0], 0));
    assert_int_equal(capability_resolved_add(&resolved, &host, addresses, 20, 100), AIRS_OK);
    assert_true(capability_resolved_has(&resolved, &endpoint, &addresses[15], 99));
    assert_false(capability_resolved_has(&resolved, &endpoint, &addresses[16], 99));
    assert_false(capability_resolved_has(&resolved, &endpoint, &addresses[0], 100));
    // What the name resolves to now counts, not what it did.
    assert_int_equal(capability_resolved_add(&resolved, &host, addresses + 18, 1, 100), AIRS_OK);
    assert_true(capability_resolved_has(&resolved, &endpoint, &addresses[18], 0));
    assert_false(capability_resolved_has(&resolved, &endpoint, &addresses[0], 0));
    assert_int_equal(capability_resolved_add(&resolved, &foreign, addresses, 1, 100), AIRS_OK);
    assert_false(capability_resolved_has(&resolved, &endpoint, &addresses[0], 0));
    // The oldest makes room.
    for (uint32_t i = 0; i < CAPABILITY_RESOLVED_NAMES_MAX; i++) {
        capability_host many = {.len = 2, .text = {'n', (char)('0' + i), '\0'}};
        assert_int_equal(capability_resolved_add(&resolved, &many, addresses, 1, 100), AIRS_OK);
    }
    assert_false(capability_resolved_has(&resolved, &endpoint, &addresses[18], 0));
    capability_resolved_fini(&resolved);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_have_one_form),   cmocka_unit_test(ranges_are_read_and_written),
        cmocka_unit_test(addresses_lie_in_zones),    cmocka_unit_test(names_of_hosts_have_one_form),
        cmocka_unit_test(endpoints_are_read),        cmocka_unit_test(hosts_and_ports_match),
        cmocka_unit_test(endpoints_cover_endpoints), cmocka_unit_test(only_what_was_resolved_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
