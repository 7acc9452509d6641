// SPDX-License-Identifier: MIT OR Apache-2.0
#include "base/testing.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "capability/grant_text.h"

/// What is read of `text`, as it is shown.
static void expect(const char *text, const char *shown)
{
    capability_grant_text made;
    airs_error error = {.text = ""};
    if (capability_grant_parse(base_bytes_of(text), &made, &error) != AIRS_OK)
        fail_msg("%s: %s", text, error.text);
    char again[200];
    assert_string_equal(capability_grant_format(again, sizeof again, &made.grant), shown);
}

static void refuse(const char *text, const char *why)
{
    capability_grant_text made;
    airs_error error = {.text = ""};
    assert_int_equal(capability_grant_parse(base_bytes_of(text), &made, &error), AIRS_E_INVALID);
    if (strncmp(error.text, why, strlen(why)) != 0)
        fail_msg("%s: %s", text, error.text);
}

static void grants_are_read_as_they_are_shown(void **user)
{
    (void)user;
    static const char *const same[] = {
        "files.read,list \"/data/**\"",
        "network.connect \"tcp://db:5432\" zones=loopback,private",
        "network.lookup \"*.example.org\"",
        "messaging.send,ask,register \"stock:*\"",
        "spawn.start \"worker\" max=3",
        "env.read \"LC_*\"",
        "clock.wall,monotonic",
        "stdio.in",
        "custom.led \"bright red\"",
        "custom.sql a\"b\"",
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        expect(same[i], same[i]);
    expect("  files.list,read   /data/**  ", "files.read,list \"/data/**\"");
    expect("network.bind zones=private 0.0.0.0:80", "network.bind \"0.0.0.0:80\" zones=private");
    expect("spawn.start worker", "spawn.start \"worker\" max=100");
    expect("env.read max=3", "env.read \"max=3\"");
}

static void what_is_wrong_is_said(void **user)
{
    (void)user;
    refuse("", "there is no kind \"\"");
    refuse("file.read /x", "there is no kind \"file\": did you mean files?");
    refuse("files.reed /x", "files has no right \"reed\": did you mean read?");
    refuse("files /x", "files has no right \"\": there is read, write, create, delete, list");
    refuse("files.read /a /b", "\"/b\" behind the pattern");
    refuse("network.connect a:1 zones=inner", "there is no zone \"inner\"");
    refuse("spawn.start a max=0", "max is a number");
    refuse("spawn.start a max=4294967296", "max is a number");
    refuse("custom", "a custom capability has a name");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grants_are_read_as_they_are_shown),
        cmocka_unit_test(what_is_wrong_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
