// SPDX-License-Identifier: MIT OR Apache-2.0
// A disk that is full, or fails, at each write of the store in turn: what is there afterwards is old or new, and what
// was acknowledged is there.
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/testing.h"
#include "node/store.h"

// ---------------------------------------------------------------- a disk that fails

/// A file of the system's, behind one that counts.
typedef struct fault_file {
    sqlite3_file base;
    sqlite3_file *real;
} fault_file;

static sqlite3_vfs *real_vfs;
static sqlite3_vfs fault_vfs;
/// Writes and syncs so far; the one that fails, 0 none; with what, and whether all after it do.
static int done_count;
static int fail_at;
static int fail_code;

static bool fails(void)
{
    done_count++;
    return fail_at != 0 && done_count >= fail_at;
}

static sqlite3_file *real_of(sqlite3_file *file)
{
    return ((fault_file *)file)->real;
}

static int fault_close(sqlite3_file *file)
{
    sqlite3_file *real = real_of(file);
    int code = real->pMethods == NULL ? SQLITE_OK : real->pMethods->xClose(real);
    free(real);
    return code;
}

static int fault_read(sqlite3_file *file, void *to, int size, sqlite3_int64 at)
{
    return real_of(file)->pMethods->xRead(real_of(file), to, size, at);
}

static int fault_write(sqlite3_file *file, const void *from, int size, sqlite3_int64 at)
{
    // Half of it: as a disk that becomes full in the middle.
    if (fails()) {
        if (size > 1)
            (void)real_of(file)->pMethods->xWrite(real_of(file), from, size / 2, at);
        return fail_code;
    }
    return real_of(file)->pMethods->xWrite(real_of(file), from, size, at);
}

static int fault_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    return fails() ? SQLITE_IOERR_TRUNCATE : real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int fault_sync(sqlite3_file *file, int flags)
{
    // The process goes on: nothing depends on the disk having it.
    (void)file, (void)flags;
    return fails() ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

static int fault_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int fault_lock(sqlite3_file *file, int how)
{
    return real_of(file)->pMethods->xLock(real_of(file), how);
}

static int fault_unlock(sqlite3_file *file, int how)
{
    return real_of(file)->pMethods->xUnlock(real_of(file), how);
}

static int fault_check(sqlite3_file *file, int *ret)
{
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), ret);
}

static int fault_control(sqlite3_file *file, int what, void *with)
{
    return real_of(file)->pMethods->xFileControl(real_of(file), what, with);
}

static int fault_sector(sqlite3_file *file)
{
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int fault_traits(sqlite3_file *file)
{
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int fault_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **ret)
{
    return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, ret);
}

static int fault_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}

static void fault_shm_barrier(sqlite3_file *file)
{
    real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int fault_shm_unmap(sqlite3_file *file, int remove_it)
{
    return real_of(file)->pMethods->xShmUnmap(real_of(file), remove_it);
}

static const sqlite3_io_methods fault_methods = {
    .iVersion = 2,
    .xClose = fault_close,
    .xRead = fault_read,
    .xWrite = fault_write,
    .xTruncate = fault_truncate,
    .xSync = fault_sync,
    .xFileSize = fault_size,
    .xLock = fault_lock,
    .xUnlock = fault_unlock,
    .xCheckReservedLock = fault_check,
    .xFileControl = fault_control,
    .xSectorSize = fault_sector,
    .xDeviceCharacteristics = fault_traits,
    .xShmMap = fault_shm_map,
    .xShmLock = fault_shm_lock,
    .xShmBarrier = fault_shm_barrier,
    .xShmUnmap = fault_shm_unmap,
};

static int fault_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *ret_flags)
{
    (void)vfs;
    fault_file *it = (fault_file *)file;
    it->base.pMethods = NULL;
    it->real = calloc(1, (size_t)real_vfs->szOsFile);
    if (it->real == NULL)
        return SQLITE_NOMEM;
    int code = real_vfs->xOpen(real_vfs, path, it->real, flags, ret_flags);
    if (code == SQLITE_OK)
        it->base.pMethods = &fault_methods;
    else
        free(it->real);
    return code;
}

// ---------------------------------------------------------------- a store under it

typedef struct place {
    char folder[64];
    node_content old;
    node_content new;
} place;

static void remove_folder(const place *it)
{
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf '%s'", it->folder);
    assert_int_equal(system(command), 0);
}

/// A store with an app whose one actor has the old component.
static void make_old(place *it)
{
    node_store *store = NULL;
    airs_error error = {0};
    assert_int_equal(mkdir(it->folder, 0700), 0);
    if (node_store_open(it->folder, &store, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    assert_int_equal(node_store_add(store, base_bytes_of("old"), &it->old, NULL, &error), AIRS_OK);
    const node_stored_app app = {.name = "shop", .source = "/shop", .digest = it->old, .folder = "shop"};
    const node_stored_version version = {.kind = DEPLOY_KIND_ACTOR, .name = "ada", .content = it->old};
    assert_int_equal(node_store_put_app(store, &app, &version, 1, &error), AIRS_OK);
    node_store_close(store);
}

/// What was said to be done.
typedef struct said {
    bool deployed;
    bool granted;
    bool put;
} said;

static const node_stored_grant grant = {.actor = "ada", .text = "messaging.send \"ben\""};

/// All that a node writes, as far as it gets.
static said do_all(place *it)
{
    said ret = {false, false, false};
    node_store *store = NULL;
    airs_error error = {0};
    airs_deploy_record record = {.time_ms = 1, .by = "me", .actor = "ada"};
    int64_t row = 0;
    if (node_store_open(it->folder, &store, &error) != AIRS_OK) {
        assert_true(error.text[0] != '\0');
        return ret;
    }
    airs_status status = node_store_add(store, base_bytes_of("new"), &it->new, NULL, &error);
    if (status == AIRS_OK)
        status = node_store_begin_deploy(store, "shop", &record, &row, &error);
    if (status == AIRS_OK) {
        record.number = 1;
        record.result = (airs_deploy_result){.number = 1, .deployed = true};
        status = node_store_end_deploy(store, "shop", row, &record, DEPLOY_KIND_ACTOR, "ada", &it->new, &error);
    }
    ret.deployed = status == AIRS_OK;
    ret.granted = node_store_add_grants(store, "shop", &grant, 1, &error) == AIRS_OK;
    const node_stored_app app = {.name = "tally", .source = "/tally", .digest = it->old, .folder = "tally"};
    const node_stored_version version = {.kind = DEPLOY_KIND_ACTOR, .name = "ben", .content = it->old};
    ret.put = node_store_put_app(store, &app, &version, 1, &error) == AIRS_OK;
    node_store_close(store);
    return ret;
}

typedef struct found {
    place *it;
    int apps, versions, grants, deploys;
    bool is_old, is_new;
} found;

static airs_status see_app(void *user, const node_stored_app *app, airs_error *error)
{
    (void)app, (void)error;
    ((found *)user)->apps++;
    return AIRS_OK;
}

static airs_status see_version(void *user, const node_stored_version *version, airs_error *error)
{
    (void)error;
    found *it = user;
    it->versions++;
    it->is_old = node_content_equal(&version->content, &it->it->old);
    it->is_new = !it->is_old && node_content_equal(&version->content, &it->it->new);
    return AIRS_OK;
}

static airs_status see_grant(void *user, const node_stored_grant *one, airs_error *error)
{
    (void)error;
    ((found *)user)->grants++;
    assert_string_equal(one->text, grant.text);
    return AIRS_OK;
}

static airs_status see_deploy(void *user, const airs_deploy_record *record, airs_error *error)
{
    (void)error;
    found *it = user;
    it->deploys++;
    assert_int_equal(record->number, 1);
    assert_true(record->result.deployed || strstr(record->result.text, "the old version stays") != NULL);
    return AIRS_OK;
}

/// The node comes up again, on a disk that is well.
static void check(place *it, const said *was)
{
    node_store *store = NULL;
    airs_error error = {0};
    found seen = {.it = it};
    airs_buffer wasm;
    if (node_store_open(it->folder, &store, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    assert_int_equal(node_store_settle_deploys(store, "shop", &error), AIRS_OK);
    assert_int_equal(node_store_each_app(store, see_app, &seen, &error), AIRS_OK);
    assert_int_equal(node_store_each_version(store, "shop", see_version, &seen, &error), AIRS_OK);
    assert_int_equal(node_store_each_grant(store, "shop", see_grant, &seen, &error), AIRS_OK);
    assert_int_equal(node_store_each_deploy(store, "shop", see_deploy, &seen, &error), AIRS_OK);
    assert_int_equal(seen.versions, 1);
    assert_true(seen.is_old || seen.is_new);
    assert_true(seen.is_new || !was->deployed);
    assert_true(seen.grants == 1 || !was->granted);
    assert_true(seen.apps == 2 || !was->put);
    assert_true(seen.deploys <= 1);
    assert_int_equal(node_store_read(store, seen.is_new ? &it->new : &it->old, &wasm, &error), AIRS_OK);
    airs_buffer_free(&wasm);
    // It takes all of it again.
    const node_stored_app app = {.name = "tally", .source = "/tally", .digest = it->old, .folder = "tally"};
    assert_int_equal(node_store_put_app(store, &app, NULL, 0, &error), AIRS_OK);
    node_store_close(store);
}

/// Each write in turn, until one is asked for that there is not.
static void sweep(int code)
{
    int rounds = 0;
    for (bool reached = true; reached; rounds++) {
        place it = {.folder = ""};
        (void)snprintf(it.folder, sizeof it.folder, "/tmp/airssys-faults-%ld-%d", (long)getpid(), rounds);
        make_old(&it);
        done_count = 0;
        fail_at = rounds + 1;
        fail_code = code;
        said was = do_all(&it);
        reached = done_count >= fail_at;
        fail_at = 0;
        assert_true(reached || (was.deployed && was.granted && was.put));
        check(&it, &was);
        remove_folder(&it);
    }
    assert_true(rounds > 10);
}

static void a_full_disk_leaves_old_or_new(void **state)
{
    (void)state;
    sweep(SQLITE_FULL);
}

static void a_disk_that_fails_leaves_old_or_new(void **state)
{
    (void)state;
    sweep(SQLITE_IOERR_WRITE);
}

static int set_up(void **state)
{
    (void)state;
    real_vfs = sqlite3_vfs_find(NULL);
    fault_vfs = *real_vfs;
    fault_vfs.zName = "fault";
    fault_vfs.pNext = NULL;
    fault_vfs.szOsFile = (int)sizeof(fault_file);
    fault_vfs.xOpen = fault_open;
    return sqlite3_vfs_register(&fault_vfs, 1) == SQLITE_OK ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_disk_leaves_old_or_new),
        cmocka_unit_test(a_disk_that_fails_leaves_old_or_new),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
