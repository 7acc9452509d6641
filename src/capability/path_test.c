// SPDX-License-Identifier: MIT OR Apache-2.0
#include <string.h>

#include "base/bytes.h"
#include "base/testing.h"
#include "capability/path.h"

typedef struct path_case {
    const char *base;
    const char *path;
    /// NULL: refused with `status`.
    const char *normal;
    airs_status status;
    bool folder;
} path_case;

static const path_case cases[] = {
    {NULL, "/", "/", AIRS_OK, true},
    {NULL, "//", "/", AIRS_OK, true},
    {NULL, "/.", "/", AIRS_OK, true},
    {NULL, "/a", "/a", AIRS_OK, false},
    {NULL, "/a/", "/a", AIRS_OK, true},
    {NULL, "//a///b//", "/a/b", AIRS_OK, true},
    {NULL, "/a/./b", "/a/b", AIRS_OK, false},
    {NULL, "/a/b/.", "/a/b", AIRS_OK, true},
    {NULL, "/a/b/..", "/a", AIRS_OK, true},
    {NULL, "/a/../b", "/b", AIRS_OK, false},
    {NULL, "/a/b/../../c", "/c", AIRS_OK, false},
    {NULL, "/..a", "/..a", AIRS_OK, false},
    {NULL, "/...", "/...", AIRS_OK, false},
    {NULL, "/a\\..\\b", "/a\\..\\b", AIRS_OK, false},
    {NULL, "/..", NULL, AIRS_E_DENIED, false},
    {NULL, "/a/../..", NULL, AIRS_E_DENIED, false},
    {NULL, "/a/../../a", NULL, AIRS_E_DENIED, false},
    {NULL, "", NULL, AIRS_E_INVALID, false},
    {NULL, "a", NULL, AIRS_E_INVALID, false},
    {NULL, "./a", NULL, AIRS_E_INVALID, false},
    {NULL, "/\xff", NULL, AIRS_E_INVALID, false},
    {NULL, "/\xc0\xaf", NULL, AIRS_E_INVALID, false},
    {"/", "a", "/a", AIRS_OK, false},
    {"/", "..", NULL, AIRS_E_DENIED, false},
    {"/data", "a/b", "/data/a/b", AIRS_OK, false},
    {"/data", ".", "/data", AIRS_OK, true},
    {"/data", "a/..", "/data", AIRS_OK, true},
    {"/data", "..", NULL, AIRS_E_DENIED, false},
    {"/data", "../data/a", NULL, AIRS_E_DENIED, false},
    {"/data", "a/../../data", NULL, AIRS_E_DENIED, false},
    {"/data", "/data/a", NULL, AIRS_E_INVALID, false},
    {"/data", "", NULL, AIRS_E_INVALID, false},
};

static void paths_have_one_form(void **user)
{
    (void)user;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const path_case *each = &cases[i];
        capability_path path = {.text = "untouched"};
        airs_error error = {0};
        airs_status status = capability_path_normalize(each->base, base_bytes_of(each->path), &path, &error);
        const char *expected = each->normal == NULL ? "untouched" : each->normal;
        if (status != each->status || strcmp(path.text, expected) != 0)
            fail_msg("\"%s\": %s \"%s\"", each->path, airs_status_name(status), path.text);
        if (status == AIRS_OK) {
            assert_int_equal(path.folder, each->folder);
            assert_int_equal(path.len, strlen(path.text));
            assert_true(capability_path_is_normal(path.text));
        } else {
            assert_true(strlen(error.text) > 0);
        }
    }
}

static void a_nul_is_refused(void **user)
{
    (void)user;
    capability_path path;
    assert_int_equal(capability_path_normalize(NULL, (airs_bytes){(const uint8_t *)"/a\0/b", 5}, &path, NULL),
                     AIRS_E_INVALID);
    assert_int_equal(capability_path_normalize("/", (airs_bytes){(const uint8_t *)"a\0", 2}, &path, NULL),
                     AIRS_E_INVALID);
}

static airs_status of_length(size_t names, size_t name_len, char separator)
{
    static uint8_t text[8 * CAPABILITY_PATH_MAX];
    size_t len = 0;
    for (size_t i = 0; i < names; i++) {
        text[len++] = '/';
        memset(text + len, separator == '/' ? 'a' : separator, name_len);
        len += name_len;
    }
    capability_path path;
    airs_status status = capability_path_normalize(NULL, (airs_bytes){text, len}, &path, NULL);
    if (status == AIRS_OK)
        assert_int_equal(path.len, len);
    return status;
}

static void lengths_are_bounded(void **user)
{
    (void)user;
    assert_int_equal(of_length(1, 255, 'a'), AIRS_OK);
    assert_int_equal(of_length(1, 256, 'a'), AIRS_E_INVALID);
    assert_int_equal(of_length(16, 255, 'a'), AIRS_OK);
    assert_int_equal(of_length(2048, 1, 'a'), AIRS_OK);
    assert_int_equal(of_length(2049, 1, 'a'), AIRS_E_INVALID);
    assert_int_equal(of_length(8 * CAPABILITY_PATH_MAX / 256, 255, 'a'), AIRS_E_INVALID);
}

static void below_means_name_by_name(void **user)
{
    (void)user;
    const char *rest = NULL;
    assert_true(capability_path_is_below("/data/a", "/data", &rest));
    assert_string_equal(rest, "a");
    assert_true(capability_path_is_below("/data", "/data", &rest));
    assert_string_equal(rest, "");
    assert_true(capability_path_is_below("/data/a", "/", &rest));
    assert_string_equal(rest, "data/a");
    assert_true(capability_path_is_below("/", "/", &rest));
    assert_string_equal(rest, "");
    assert_false(capability_path_is_below("/database", "/data", &rest));
    assert_false(capability_path_is_below("/", "/data", &rest));
    assert_false(capability_path_is_normal("/a/"));
    assert_false(capability_path_is_normal("/a/../b"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_have_one_form),
        cmocka_unit_test(a_nul_is_refused),
        cmocka_unit_test(lengths_are_bounded),
        cmocka_unit_test(below_means_name_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
