// SPDX-License-Identifier: MIT OR Apache-2.0
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/testing.h"
#include "storage/database.h"

typedef struct place {
    char folder[64];
    char path[96];
} place;

static int set_up(void **state)
{
    place *it = calloc(1, sizeof *it);
    (void)snprintf(it->folder, sizeof it->folder, "/tmp/airssys-storage-XXXXXX");
    assert_non_null(mkdtemp(it->folder));
    (void)snprintf(it->path, sizeof it->path, "%s/test.db", it->folder);
    *state = it;
    return 0;
}

static int tear_down(void **state)
{
    place *it = *state;
    char path[128];
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < 4; i++) {
        (void)snprintf(path, sizeof path, "%s%s", it->path, ends[i]);
        (void)unlink(path);
    }
    (void)rmdir(it->folder);
    free(it);
    return 0;
}

static airs_status count_row(void *user, const storage_row *row, airs_error *error)
{
    (void)error;
    *(int64_t *)user = storage_row_number(row, 0);
    return AIRS_OK;
}

static int64_t count(storage_database *database)
{
    int64_t found = -1;
    airs_error error;
    assert_int_equal(storage_run(database, "SELECT count(*) FROM t", NULL, 0, count_row, &found, &error), AIRS_OK);
    return found;
}

static airs_status check_row(void *user, const storage_row *row, airs_error *error)
{
    (void)error;
    ++*(int *)user;
    assert_int_equal(storage_row_number(row, 0), -5);
    assert_string_equal(storage_row_text(row, 1), "caf\xc3\xa9");
    airs_bytes bytes = storage_row_bytes(row, 2);
    assert_int_equal(bytes.len, 3);
    assert_memory_equal(bytes.data, "\0\1\2", 3);
    assert_string_equal(storage_row_text(row, 3), "");
    return AIRS_OK;
}

static storage_database *open_made(const place *it)
{
    storage_database *database = NULL;
    airs_error error = {0};
    if (storage_open(it->path, &database, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    assert_int_equal(storage_run(database, "CREATE TABLE IF NOT EXISTS t(a, b, c, d)", NULL, 0, NULL, NULL, &error),
                     AIRS_OK);
    return database;
}

static void values_come_back_as_they_went(void **state)
{
    const place *it = *state;
    storage_database *database = open_made(it);
    const storage_value values[] = {storage_number(-5), storage_text("caf\xc3\xa9"), storage_bytes("\0\1\2", 3),
                                    storage_text(NULL)};
    airs_error error;
    assert_int_equal(storage_run(database, "INSERT INTO t VALUES(?, ?, ?, ?)", values, 4, NULL, NULL, &error), AIRS_OK);
    storage_close(database);
    database = open_made(it);
    int rows = 0;
    assert_int_equal(storage_run(database, "SELECT * FROM t", NULL, 0, check_row, &rows, &error), AIRS_OK);
    assert_int_equal(rows, 1);
    struct stat about;
    assert_int_equal(stat(it->path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    storage_close(database);
}

static void a_transaction_is_all_or_nothing(void **state)
{
    storage_database *database = open_made(*state);
    airs_error error;
    assert_int_equal(storage_begin(database, &error), AIRS_OK);
    assert_int_equal(storage_run(database, "INSERT INTO t(a) VALUES(1)", NULL, 0, NULL, NULL, &error), AIRS_OK);
    assert_int_equal(storage_end(database, AIRS_E_FAILED, &error), AIRS_E_FAILED);
    assert_int_equal(count(database), 0);
    assert_int_equal(storage_begin(database, &error), AIRS_OK);
    assert_int_equal(storage_run(database, "INSERT INTO t(a) VALUES(1)", NULL, 0, NULL, NULL, &error), AIRS_OK);
    assert_int_equal(storage_end(database, AIRS_OK, &error), AIRS_OK);
    assert_int_equal(count(database), 1);
    storage_close(database);
}

static airs_status refuse_row(void *user, const storage_row *row, airs_error *error)
{
    (void)user;
    (void)row;
    (void)error;
    return AIRS_E_LIMIT;
}

static void errors_are_told(void **state)
{
    storage_database *database = open_made(*state);
    airs_error error;
    assert_int_equal(storage_run(database, "SELECT a FROM nowhere", NULL, 0, NULL, NULL, &error), AIRS_E_IO);
    assert_non_null(strstr(error.text, "no such table: nowhere"));
    assert_int_equal(storage_run(database, "SELECT 1", NULL, 0, refuse_row, NULL, &error), AIRS_E_LIMIT);
    storage_close(database);
    assert_int_equal(storage_open("/nowhere/at/all.db", &database, &error), AIRS_E_IO);
    assert_non_null(strstr(error.text, "/nowhere/at/all.db"));
}

static void write_over(const char *path, long at, const char *bytes, size_t len)
{
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, len, at), len);
    close(fd);
}

static void a_damaged_file_is_refused_and_left(void **state)
{
    const place *it = *state;
    storage_close(open_made(it));
    struct stat before, after;
    char noise[64];
    memset(noise, 'x', sizeof noise);
    write_over(it->path, 0, noise, sizeof noise);
    assert_int_equal(stat(it->path, &before), 0);
    storage_database *database = NULL;
    airs_error error;
    assert_int_equal(storage_open(it->path, &database, &error), AIRS_E_IO);
    assert_non_null(strstr(error.text, "damaged"));
    assert_non_null(strstr(error.text, it->path));
    assert_null(database);
    assert_int_equal(stat(it->path, &after), 0);
    assert_int_equal(before.st_size, after.st_size);
    assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
}

/// The limit on a file's size stands in for a full disk.
static void a_full_disk_takes_nothing_half(void **state)
{
    storage_database *database = open_made(*state);
    airs_error error = {0};
    struct rlimit before, tight = {4096, 4096};
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    tight.rlim_max = before.rlim_max;
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    assert_int_equal(storage_begin(database, &error), AIRS_OK);
    airs_status status =
        storage_run(database, "INSERT INTO t(a) VALUES(zeroblob(100000))", NULL, 0, NULL, NULL, &error);
    status = storage_end(database, status, &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(status, AIRS_E_IO);
    assert_int_equal(count(database), 0);
    assert_int_equal(storage_run(database, "INSERT INTO t(a) VALUES(1)", NULL, 0, NULL, NULL, &error), AIRS_OK);
    assert_int_equal(count(database), 1);
    storage_close(database);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(values_come_back_as_they_went, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_transaction_is_all_or_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(errors_are_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_damaged_file_is_refused_and_left, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_full_disk_takes_nothing_half, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
