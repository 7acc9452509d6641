// SPDX-License-Identifier: MIT OR Apache-2.0
#include "capability/loopback.h"

#include <string.h>

#include "base/testing.h"

static void only_loopback_addresses_with_a_port(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
        uint8_t version;
        uint16_t port;
    } cases[] = {
        {"127.0.0.1:9464", true, 4, 9464},
        {"127.9.8.7:0", true, 4, 0},
        {"[::1]:65535", true, 6, 65535},
        {"0.0.0.0:1", false, 0, 0},
        {"10.0.0.1:1", false, 0, 0},
        {"[::]:1", false, 0, 0},
        {"[fe80::1]:1", false, 0, 0},
        {"8.8.8.8:53", false, 0, 0},
        {"128.0.0.1:1", false, 0, 0},
        {"::1:1", false, 0, 0},
        {"localhost:1", false, 0, 0},
        {"[127.0.0.1]:1", false, 0, 0},
        {"127.0.0.1", false, 0, 0},
        {"127.0.0.1:", false, 0, 0},
        {"127.0.0.1:65536", false, 0, 0},
        {"127.0.0.1:-1", false, 0, 0},
        {"127.0.0.1:+1", false, 0, 0},
        {"127.0.0.1:080", false, 0, 0},
        {"127.0.0.1: 1", false, 0, 0},
        {"127.1:1", false, 0, 0},
        {":9464", false, 0, 0},
        {"", false, 0, 0},
        {":", false, 0, 0},
        {"[]:1", false, 0, 0},
        {"127.0.0.1:99999999999999999999", false, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        capability_address address = {0};
        uint16_t port = 0;
        airs_error error = {0};
        airs_status status = capability_loopback_parse(cases[i].text, &address, &port, &error);
        if (status != (cases[i].good ? AIRS_OK : AIRS_E_INVALID))
            fail_msg("%s: %s", cases[i].text, airs_status_name(status));
        assert_int_equal(port, cases[i].port);
        assert_int_equal(address.version, cases[i].version);
        if (!cases[i].good)
            assert_non_null(strstr(error.text, cases[i].text));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(only_loopback_addresses_with_a_port)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
