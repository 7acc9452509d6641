// SPDX-License-Identifier: MIT OR Apache-2.0
#include <stdio.h>
#include <string.h>

#include "base/testing.h"
#include "capability/glob.h"

static void globs_match_what_they_say(void **user)
{
    (void)user;
    static const struct {
        const char *glob;
        const char *path;
        bool matches;
    } cases[] = {
        {"/", "/", true},
        {"/", "/a", false},
        {"/a", "/a", true},
        {"/a", "/A", false},
        {"/a", "/ab", false},
        {"/*", "/a", true},
        {"/*", "/", false},
        {"/*", "/a/b", false},
        {"/*", "/.hidden", true},
        {"/a*", "/a", true},
        {"/*a*b*", "/xaxbx", true},
        {"/*a*b*", "/xbxax", false},
        {"/*.txt", "/a.txt", true},
        {"/*.txt", "/.txt", true},
        {"/*.txt", "/a.txt.gz", false},
        {"/*.txt", "/d/a.txt", false},
        {"/?", "/a", true},
        {"/?", "/ab", false},
        {"/?", "/\xc3\xa4", true},
        {"/??", "/\xc3\xa4", false},
        {"/a?c", "/a/c", false},
        {"/[abc]", "/b", true},
        {"/[abc]", "/d", false},
        {"/[a-c]x", "/bx", true},
        {"/[a-cx-z]", "/y", true},
        {"/[!a-c]", "/d", true},
        {"/[!a-c]", "/b", false},
        {"/a[!b]c", "/a/c", false},
        {"/[]]", "/]", true},
        {"/[!]]", "/]", false},
        {"/[!]]", "/a", true},
        {"/[]-a]", "/^", true},
        {"/[a-]", "/-", true},
        {"/[-a]", "/-", true},
        {"/[*]", "/*", true},
        {"/[*]", "/a", false},
        {"/[\\]", "/\\", true},
        {"/[\xc3\xa4-\xc3\xbc]", "/\xc3\xb6", true},
        {"/[\xc3\xa4-\xc3\xbc]", "/z", false},
        {"/**", "/", true},
        {"/**", "/a/b/c", true},
        {"/a/**", "/a", true},
        {"/a/**", "/a/b", true},
        {"/a/**", "/a/b/c", true},
        {"/a/**", "/ab", false},
        {"/**/b", "/b", true},
        {"/**/b", "/a/a/b", true},
        {"/**/b", "/a/bb", false},
        {"/a/**/b", "/a/b", true},
        {"/a/**/b", "/a/x/y/b", true},
        {"/a/**/b", "/a/x/y/b/z", false},
        {"/a/**/*.c", "/a/x.c", true},
        {"/a/**/*.c", "/a/b/x.h/y.c", true},
        {"/**/a/**/b/**", "/x/a/y/a/z/b", true},
        {"/**/a/**/b/**", "/x/b/y/a", false},
        {"/**/**", "/", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(capability_glob_check(cases[i].glob, NULL), AIRS_OK);
        if (capability_glob_matches(cases[i].glob, cases[i].path) != cases[i].matches)
            fail_msg("\"%s\" on \"%s\"", cases[i].glob, cases[i].path);
    }
}

static void what_is_no_glob_is_refused(void **user)
{
    (void)user;
    static const char *const wrong[] = {
        "",     "a",       "a/b",    "/a/",  "//",  "/a//b", "/.",      "/a/../b",   "/a**",        "/**a",
        "/***", "/a/b**/", "/[",     "/[a",  "/[]", "/[!]",  "/[z-a]",  "/[a/b]",    "/a\\*",       "/[^a]",
        "/a[b", "/\xff",   "/[\xc3", "/[a-", "/..", "/***/", "/[c-a]x", "/a/[!b-a]", "/[a-b-a]x\\",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        airs_error error = {0};
        if (capability_glob_check(wrong[i], &error) != AIRS_E_INVALID || error.text[0] == '\0')
            fail_msg("\"%s\" is taken", wrong[i]);
    }
    char longest[CAPABILITY_GLOB_MAX + 2];
    memset(longest, 'a', sizeof longest);
    longest[0] = '/';
    longest[CAPABILITY_GLOB_MAX] = '\0';
    assert_int_equal(capability_glob_check(longest, NULL), AIRS_OK);
    longest[CAPABILITY_GLOB_MAX] = 'a';
    longest[CAPABILITY_GLOB_MAX + 1] = '\0';
    assert_int_equal(capability_glob_check(longest, NULL), AIRS_E_INVALID);
}

static void globs_cover_globs(void **user)
{
    (void)user;
    static const struct {
        const char *granted;
        const char *wanted;
        bool covers;
    } cases[] = {
        {"/a", "/a", true},           {"/a", "/b", false},          {"/*", "/a", true},
        {"/*", "/*", true},           {"/*", "/a*b", true},         {"/a", "/*", false},
        {"/a*", "/*", false},         {"/*", "/**", false},         {"/*", "/a/b", false},
        {"/**", "/**", true},         {"/**", "/a/**/b", true},     {"/**", "/", true},
        {"/a/**", "/a", true},        {"/a/**", "/a/*/c", true},    {"/a/**", "/**", false},
        {"/**/b", "/a/**/b", true},   {"/a/*/b", "/a/**/b", false}, {"/a/**/b", "/a/*/b", true},
        {"/?", "/[a-z]", true},       {"/[a-z]", "/?", false},      {"/[a-z]", "/[b-d]", true},
        {"/[a-z]", "/[b-d0]", false}, {"/[!a]", "/[b-d]", true},    {"/[!a]", "/[a-d]", false},
        {"/[!a]", "/[!a-d]", true},   {"/[!a-d]", "/[!a]", false},  {"/[a-d]", "/[!a]", false},
        {"/[a-d]", "/c", true},       {"/a*", "/a?c", true},        {"/*b*", "/a*", false},
        {"/*b*", "/a*b?", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (capability_glob_covers(cases[i].granted, cases[i].wanted) != cases[i].covers)
            fail_msg("\"%s\" over \"%s\"", cases[i].granted, cases[i].wanted);
    }
}

static void no_pattern_takes_for_ever(void **user)
{
    (void)user;
    // Stars that all have to be tried would take longer than the universe has.
    char glob[CAPABILITY_GLOB_MAX + 1] = "";
    char path[4096] = "";
    size_t len = 0;
    for (int i = 0; i < 40; i++)
        len += (size_t)snprintf(glob + len, sizeof glob - len, "/**/*a*a*a*a*b");
    len = 0;
    for (int i = 0; i < 15; i++)
        len += (size_t)snprintf(path + len, sizeof path - len, "/%0240d", 0);
    for (char *c = path; *c != '\0'; c++)
        *c = *c == '0' ? 'a' : *c;
    assert_int_equal(capability_glob_check(glob, NULL), AIRS_OK);
    assert_false(capability_glob_matches(glob, path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(globs_match_what_they_say),
        cmocka_unit_test(what_is_no_glob_is_refused),
        cmocka_unit_test(globs_cover_globs),
        cmocka_unit_test(no_pattern_takes_for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
