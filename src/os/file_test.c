// SPDX-License-Identifier: MIT OR Apache-2.0
#include "os/file.h"

#include "base/alloc.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/airssys-file-XXXXXX";

static int enter_folder(void **state)
{
    (void)state;
    return !mkdtemp(folder) || chdir(folder) != 0;
}

static int leave_folder(void **state)
{
    (void)state;
    unlink("file");
    unlink("pipe");
    return chdir("/") || rmdir(folder);
}

static void write_file(size_t size)
{
    FILE *file = fopen("file", "w");
    assert_non_null(file);
    for (size_t i = 0; i < size; i++)
        fputc((int)('a' + i % 26), file);
    assert_int_equal(fclose(file), 0);
}

static airs_status read_file(const char *path, os_file_kind kind, uint64_t max, airs_buffer *ret, airs_error *error)
{
    return os_file_read(base_allocator_default(), path, kind, max, ret, error);
}

static void a_file_is_read_whole(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 2, 4095, 4096, 65534, 65535, 65536, 65537, 200000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t size = sizes[i];
        write_file(size);
        airs_buffer bytes = {0};
        airs_error error;
        assert_int_equal(read_file("file", OS_FILE_REGULAR, size, &bytes, &error), AIRS_OK);
        assert_int_equal(bytes.len, size);
        assert_int_equal(bytes.data[size], 0);
        for (size_t at = 0; at < size; at++)
            assert_int_equal(bytes.data[at], 'a' + at % 26);
        airs_buffer_free(&bytes);
        if (size == 0)
            continue;
        assert_int_equal(read_file("file", OS_FILE_ANY, size - 1, &bytes, &error), AIRS_E_TOO_LARGE);
        assert_null(bytes.data);
    }
}

static void what_is_no_file_is_said(void **state)
{
    (void)state;
    airs_buffer bytes = {0};
    airs_error error;
    assert_int_equal(read_file("none", OS_FILE_ANY, 9, &bytes, &error), AIRS_E_NOT_FOUND);
    assert_string_equal(error.text, "no such file: none");
    write_file(1);
    assert_int_equal(read_file("file/below", OS_FILE_ANY, 9, &bytes, &error), AIRS_E_NOT_FOUND);
    assert_int_equal(read_file(".", OS_FILE_ANY, 9, &bytes, &error), AIRS_E_IO);
    assert_string_equal(error.text, "a folder, not a file: .");
    write_file(10);
    assert_int_equal(read_file("file", OS_FILE_ANY, 9, &bytes, &error), AIRS_E_TOO_LARGE);
    assert_string_equal(error.text, "larger than 9 bytes: file");
    assert_int_equal(mkfifo("pipe", 0600), 0);
    assert_int_equal(read_file("pipe", OS_FILE_REGULAR, 9, &bytes, &error), AIRS_E_IO);
    assert_string_equal(error.text, "not a regular file: pipe");
    assert_null(bytes.data);
}

/// What says nothing of its size is read too: pipes grow while they are read, devices never end.
static void what_has_no_size_is_bounded(void **state)
{
    (void)state;
    airs_buffer bytes = {0};
    airs_error error;
    assert_int_equal(read_file("/dev/zero", OS_FILE_ANY, 300000, &bytes, &error), AIRS_E_TOO_LARGE);
    assert_int_equal(read_file("/dev/null", OS_FILE_ANY, 0, &bytes, &error), AIRS_OK);
    assert_int_equal(bytes.len, 0);
    airs_buffer_free(&bytes);
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(write(ends[1], "hello", 5), 5);
    close(ends[1]);
    assert_int_equal(os_fd_read(base_allocator_default(), ends[0], "a pipe", 5, &bytes, &error), AIRS_OK);
    assert_string_equal((const char *)bytes.data, "hello");
    airs_buffer_free(&bytes);
    close(ends[0]);
    assert_int_equal(os_fd_read(base_allocator_default(), ends[0], "a pipe", 5, &bytes, &error), AIRS_E_IO);
    assert_non_null(strstr(error.text, "cannot read a pipe: "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_read_whole),
        cmocka_unit_test(what_is_no_file_is_said),
        cmocka_unit_test(what_has_no_size_is_bounded),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
