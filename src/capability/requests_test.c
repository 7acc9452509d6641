// SPDX-License-Identifier: MIT OR Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "capability/requests.h"

static void count(void *user, const capability_grant *request, airs_bytes line)
{
    assert_true(line.len > 0 && request->rights != 0);
    ++*(uint32_t *)user;
}

static airs_status read_text(const char *text, size_t len, uint32_t *ret_count, airs_error *error)
{
    *ret_count = 0;
    *error = (airs_error){.text = ""};
    return capability_requests_read((airs_bytes){(const uint8_t *)text, len}, base_allocator_default(), count,
                                    ret_count, error);
}

static void requests_are_read(void **user)
{
    (void)user;
    static const char text[] =
        "files.read,list \"/data/**\"\n\nclock.wall\ncustom.led \"red\"\nspawn.start \"w\" max=3";
    uint32_t read;
    airs_error error;
    assert_int_equal(read_text("", 0, &read, &error), AIRS_OK);
    assert_int_equal(read, 0);
    assert_int_equal(read_text(text, sizeof text - 1, &read, &error), AIRS_OK);
    assert_int_equal(read, 4);
    assert_int_equal(capability_requests_read(base_bytes_of(text), base_allocator_default(), NULL, NULL, &error),
                     AIRS_OK);
}

static void refuse(const char *text, size_t len, const char *why)
{
    uint32_t read;
    airs_error error;
    assert_int_equal(read_text(text, len, &read, &error), AIRS_E_INVALID);
    assert_int_equal(read, 0);
    if (strncmp(error.text, why, strlen(why)) != 0)
        fail_msg("\"%s\" does not begin with \"%s\"", error.text, why);
    for (const char *at = error.text; *at != '\0'; at++)
        assert_true((unsigned char)*at >= ' ');
}

static void what_means_nothing_is_refused_as_a_whole(void **user)
{
    (void)user;
    static const char nul[] = "clock.wall\nenv.read \"A\0B\"";
    static char many[CAPABILITY_REQUESTS_MAX * 12 + 12];
    refuse("clock.wall\nfiles.eat \"/a\"", 25, "request 2: ");
    refuse("files.read \"relative\"", 21, "request 1: ");
    refuse("files.read", 10, "request 1: ");
    refuse("clock.wall \x1b[2J", 15, "request 1: ");
    refuse("\x1b[2J", 4, "request 1: ");
    refuse("env.read \"a\tb\"", 14, "request 1: ");
    refuse(nul, sizeof nul - 1, "request 2: ");
    for (size_t i = 0; i <= CAPABILITY_REQUESTS_MAX; i++)
        memcpy(many + i * 11, "clock.wall\n", 11);
    refuse(many, (CAPABILITY_REQUESTS_MAX + 1) * 11, "more than 256 requests");
}

static capability_policy *make(const char *const *grants, size_t grants_count)
{
    static const capability_mount mount = {.guest = "/data", .host = "/srv"};
    capability_grant_text texts[8];
    capability_grant list[8];
    airs_error error = {.text = ""};
    capability_policy *policy;
    for (size_t i = 0; i < grants_count; i++) {
        assert_int_equal(capability_grant_parse(base_bytes_of(grants[i]), &texts[i], &error), AIRS_OK);
        list[i] = texts[i].grant;
    }
    capability_policy_options options = {list, grants_count, &mount, 1};
    if (capability_policy_create(&options, base_allocator_default(), &policy, NULL, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    return policy;
}

static void requests_are_held_against_grants(void **user)
{
    (void)user;
    static const char *const grants[] = {"files.read \"/data/in/**\"", "messaging.send \"db-*\"", "clock.wall",
                                         "custom.led \"red\"", "network.connect \"tcp://db:5432\""};
    static const struct {
        const char *request;
        capability_verdict verdict;
    } cases[] = {
        {"files.read \"/data/in/a\"", CAPABILITY_REQUEST_GRANTED},
        {"files.read,write \"/data/in/a\"", CAPABILITY_REQUEST_PARTLY},
        {"files.read \"/data/**\"", CAPABILITY_REQUEST_PARTLY},
        {"files.write \"/data/in/a\"", CAPABILITY_REQUEST_REFUSED},
        // Nothing is mounted there.
        {"files.read \"/etc/passwd\"", CAPABILITY_REQUEST_REFUSED},
        {"messaging.send \"db-1\"", CAPABILITY_REQUEST_GRANTED},
        {"messaging.send,ask \"db-1\"", CAPABILITY_REQUEST_PARTLY},
        {"messaging.send \"*\"", CAPABILITY_REQUEST_PARTLY},
        {"messaging.send \"web\"", CAPABILITY_REQUEST_REFUSED},
        {"clock.wall,monotonic", CAPABILITY_REQUEST_PARTLY},
        {"clock.wall", CAPABILITY_REQUEST_GRANTED},
        {"random.secure", CAPABILITY_REQUEST_REFUSED},
        {"custom.led \"red\"", CAPABILITY_REQUEST_GRANTED},
        {"custom.led \"*\"", CAPABILITY_REQUEST_PARTLY},
        {"custom.lamp \"red\"", CAPABILITY_REQUEST_REFUSED},
        {"network.connect \"tcp://db:5432\"", CAPABILITY_REQUEST_GRANTED},
        {"network.connect \"tcp://db:1-65535\"", CAPABILITY_REQUEST_PARTLY},
    };
    capability_policy *policy = make(grants, sizeof grants / sizeof *grants);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        capability_grant_text request;
        capability_verdict verdict;
        assert_int_equal(capability_grant_parse(base_bytes_of(cases[i].request), &request, NULL), AIRS_OK);
        assert_int_equal(capability_request_judge(policy, &request.grant, base_allocator_default(), &verdict), AIRS_OK);
        if (verdict != cases[i].verdict)
            fail_msg("%s is %s", cases[i].request, capability_verdict_name(verdict));
    }
    capability_policy_release(policy);
}

static void without_a_mount_no_file_is_granted(void **user)
{
    (void)user;
    capability_policy_options options = {NULL, 0, NULL, 0};
    capability_policy *policy;
    capability_grant_text request;
    capability_verdict verdict;
    assert_int_equal(capability_policy_create(&options, base_allocator_default(), &policy, NULL, NULL), AIRS_OK);
    assert_int_equal(capability_grant_parse(base_bytes_of("files.read \"/**\""), &request, NULL), AIRS_OK);
    assert_int_equal(capability_request_judge(policy, &request.grant, base_allocator_default(), &verdict), AIRS_OK);
    assert_int_equal(verdict, CAPABILITY_REQUEST_REFUSED);
    capability_policy_release(policy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_read),
        cmocka_unit_test(what_means_nothing_is_refused_as_a_whole),
        cmocka_unit_test(requests_are_held_against_grants),
        cmocka_unit_test(without_a_mount_no_file_is_granted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
