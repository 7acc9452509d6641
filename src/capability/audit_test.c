// SPDX-License-Identifier: MIT OR Apache-2.0
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/random.h"
#include "base/testing.h"
#include "capability/audit.h"
#include "capability/audit_files_fault.h"
#include "capability/audit_reader.h"
#include "capability/audit_segment.h"
#include "os/clock.h"
#include "os/futex.h"
#include "os/thread.h"

typedef struct world {
    audit_files_fault disk;
    uint8_t secret[AUDIT_SECRET_SIZE];
    uint8_t key[AUDIT_KEY_SIZE];
    audit_log *log;
    audit_channel *channel;
    /// What `failed` was told.
    BASE_ATOMIC(uint32_t) failures;
    BASE_ATOMIC(uint32_t) recoveries;
} world;

static void world_init(world *self)
{
    assert_true(audit_format_start());
    *self = (world){.log = NULL};
    audit_files_fault_init(&self->disk, base_allocator_default());
    assert_int_equal(crypto_sign_keypair(self->key, self->secret), 0);
}

static void told(void *user, const char *text)
{
    world *self = user;
    (void)base_atomic_fetch_add_relaxed(text == NULL ? &self->recoveries : &self->failures, 1u);
}

static audit_options options_of(world *self)
{
    return (audit_options){.files = audit_files_fault_table(&self->disk),
                           .allocator = base_allocator_default(),
                           .secret = self->secret,
                           .sync_ms = 100,
                           .failed = told,
                           .user = self};
}

static airs_status open_log(world *self, const audit_options *options)
{
    airs_status status = audit_log_open(options, &self->log, NULL);
    if (status == AIRS_OK)
        assert_int_equal(audit_channel_open(self->log, &self->channel), AIRS_OK);
    return status;
}

static airs_status write_one(world *self, uint64_t message)
{
    audit_record record = {.actor = 7,
                           .name = base_bytes_of("basket"),
                           .what = message % 3 == 0 ? CAPABILITY_FILES_READ : CAPABILITY_MESSAGING_SEND,
                           .object = base_bytes_of("/data/\"a\"\n"),
                           .allowed = message % 5 != 0,
                           .grant = message % 5 != 0 ? (uint32_t)message : AUDIT_NO_GRANT,
                           .epoch = 2,
                           .message = message};
    return audit_log_write(self->channel, &record);
}

static void write_from(world *self, uint64_t first, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        assert_int_equal(write_one(self, first + i), AIRS_OK);
}

typedef struct seen {
    uint64_t count;
    uint64_t next_message;
    bool in_order;
    uint64_t stop_after;
} seen;

static bool see(void *user, const audit_record *record)
{
    seen *self = user;
    self->in_order = self->in_order && record->message == self->next_message && record->number == self->count;
    self->next_message++;
    self->count++;
    return self->count != self->stop_after;
}

static airs_status read_log(world *self, audit_report *report, seen *records, airs_error *error)
{
    *records = (seen){.in_order = true};
    audit_read_options options = {.files = audit_files_fault_table(&self->disk),
                                  .allocator = base_allocator_default(),
                                  .key = self->key,
                                  .record = see,
                                  .user = records};
    return audit_read(&options, report, error);
}

static void expect_whole(world *self, uint64_t count, bool closed)
{
    audit_report report;
    seen records;
    airs_error error = {0};
    if (read_log(self, &report, &records, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    assert_int_equal(report.records, count);
    assert_int_equal(records.count, count);
    assert_true(records.in_order);
    assert_int_equal(report.closed, closed);
}

// ---------------------------------------------------------------- records

static void records_are_as_they_were(void **user)
{
    (void)user;
    base_random random = {5};
    uint8_t texts[2048];
    for (size_t i = 0; i < sizeof texts; i++)
        texts[i] = (uint8_t)base_random_next(&random);
    for (int i = 0; i < 2000; i++) {
        audit_record in = {.time_ns = base_random_next(&random),
                           .actor = base_random_next(&random),
                           .name = {texts, base_random_below(&random, 160)},
                           .what = (uint32_t)base_random_below(&random, CAPABILITY_RIGHTS),
                           .object = {texts + 3, base_random_below(&random, 1100)},
                           .allowed = i % 2 == 0,
                           .grant = i % 3 == 0 ? AUDIT_NO_GRANT : base_random_below(&random, 70000),
                           .epoch = base_random_next(&random) >> base_random_below(&random, 64),
                           .message = base_random_next(&random) >> base_random_below(&random, 64)};
        uint8_t bytes[AUDIT_RECORD_MAX];
        size_t len = audit_record_encode(bytes, &in);
        audit_record out;
        airs_bytes rest = {bytes, len};
        assert_true(audit_record_decode(&rest, &out));
        assert_int_equal(rest.len, 0);
        assert_true(out.time_ns == in.time_ns && out.actor == in.actor && out.what == in.what &&
                    out.allowed == in.allowed && out.grant == in.grant && out.epoch == in.epoch &&
                    out.message == in.message);
        assert_int_equal(out.name.len, in.name.len < AUDIT_NAME_MAX ? in.name.len : AUDIT_NAME_MAX);
        assert_int_equal(out.object.len, in.object.len < AUDIT_OBJECT_MAX ? in.object.len : AUDIT_OBJECT_MAX);
        assert_int_equal(out.cut, in.name.len > AUDIT_NAME_MAX || in.object.len > AUDIT_OBJECT_MAX);
        for (size_t cut = 0; cut < len; cut += 7) {
            rest = (airs_bytes){bytes, cut};
            assert_false(audit_record_decode(&rest, &out));
        }
    }
}

static void json_is_json_whatever_guests_write(void **user)
{
    (void)user;
    static const uint8_t name[] = "a\"b\\c\n\x01\xff\xc3\xa4";
    audit_record record = {.number = 12,
                           .time_ns = 1700000000000000005u,
                           .actor = 18446744073709551615u,
                           .name = {name, sizeof name - 1},
                           .what = CAPABILITY_NETWORK_CONNECT,
                           .object = base_bytes_of("tcp://x:1"),
                           .grant = AUDIT_NO_GRANT,
                           .epoch = 3,
                           .message = 9};
    char text[AUDIT_JSON_MAX];
    size_t len = audit_record_to_json(text, &record);
    assert_int_equal(len, strlen(text));
    assert_string_equal(text, "{\"record\":12,\"time\":\"2023-11-14T22:13:20.000000005Z\",\"actor\":"
                              "\"18446744073709551615\",\"name\":\"a\\\"b\\\\c\\u000a\\u0001\\ufffd\xc3\xa4\","
                              "\"what\":\"network.connect\",\"on\":\"tcp://x:1\",\"allowed\":false,\"grant\":null,"
                              "\"epoch\":3,\"message\":\"9\"}");
    uint8_t bytes[AUDIT_OBJECT_MAX];
    memset(bytes, 1, sizeof bytes);
    record.name = (airs_bytes){bytes, AUDIT_NAME_MAX};
    record.object = (airs_bytes){bytes, AUDIT_OBJECT_MAX};
    assert_true(audit_record_to_json(text, &record) < AUDIT_JSON_MAX);
}

// ---------------------------------------------------------------- writing and reading

static void what_is_written_is_read(void **user)
{
    (void)user;
    world self;
    world_init(&self);
    audit_options options = options_of(&self);
    options.segment_max = 20000;
    assert_int_equal(open_log(&self, &options), AIRS_OK);
    expect_whole(&self, 0, false);
    for (uint64_t i = 0; i < 10; i++) {
        write_from(&self, i * 200, 200);
        assert_int_equal(audit_channel_sync(self.channel), AIRS_OK);
        expect_whole(&self, (i + 1) * 200, false);
    }
    assert_int_equal(audit_log_close(self.log, NULL), AIRS_OK);
    expect_whole(&self, 2000, true);
    assert_non_null(audit_files_fault_find(&self.disk, "audit-00000003.log"));
    // Opened again it goes on.
    assert_int_equal(open_log(&self, &options), AIRS_OK);
    write_from(&self, 2000, 10);
    audit_channel_close(self.channel);
    assert_int_equal(audit_log_close(self.log, NULL), AIRS_OK);
    expect_whole(&self, 2010, true);
    audit_files_fault_fini(&self.disk);
}

static void filters_choose(void **user)
{
    (void)user;
    world self;
    world_init(&self);
    audit_options options = options_of(&self);
    assert_int_equal(open_log(&self, &options), AIRS_OK);
    write_from(&self, 0, 300);
    assert_int_equal(audit_log_close(self.log, NULL), AIRS_OK);
    const struct {
        audit_filter filter;
        uint64_t count;
    } cases[] = {
        {{.actor = 7}, 300},
        {{.actor = 8}, 0},
        {{.name = "bask*"}, 300},
        {{.name = "card"}, 0},
        {{.object = "/data/*"}, 300},
        {{.outcome = AUDIT_REFUSED}, 60},
        {{.outcome = AUDIT_ALLOWED}, 240},
        {{.whats = AUDIT_BIT(CAPABILITY_FILES_READ)}, 100},
        {{.whats = AUDIT_BIT(CAPABILITY_FILES_READ), .outcome = AUDIT_REFUSED}, 20},
        {{.message = 17}, 1},
        {{.until_ns = 1}, 0},
        {{.from_ns = 1}, 300},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        seen records = {.in_order = true};
        audit_report report;
        audit_read_options read = {.files = options.files,
                                   .allocator = options.allocator,
                                   .filter = &cases[i].filter,
                                   .record = see,
                                   .user = &records};
        assert_int_equal(audit_read(&read, &report, NULL), AIRS_OK);
        assert_int_equal(records.count, cases[i].count);
        assert_int_equal(report.records, 300);
    }
    seen first = {.stop_after = 5};
    audit_report report;
    audit_read_options read = {options.files, options.allocator, self.key, NULL, see, &first, NULL, false};
    assert_int_equal(audit_read(&read, &report, NULL), AIRS_OK);
    assert_int_equal(first.count, 5);
    audit_files_fault_fini(&self.disk);
}

static void keys_and_anchors_are_checked(void **user)
{
    (void)user;
    world self;
    world_init(&self);
    audit_options options = options_of(&self);
    audit_report early;
    audit_report report;
    seen records;
    airs_error error;
    assert_int_equal(read_log(&self, &report, &records, &error), AIRS_E_NOT_FOUND);
    assert_int_equal(open_log(&self, &options), AIRS_OK);
    write_from(&self, 0, 10);
    assert_int_equal(audit_channel_sync(self.channel), AIRS_OK);
    assert_int_equal(read_log(&self, &early, &records, &error), AIRS_OK);
    write_from(&self, 10, 10);
    assert_int_equal(audit_log_close(self.log, NULL), AIRS_OK);
    audit_read_options read = {.files = options.files, .allocator = options.allocator, .anchor = &early.anchor};
    assert_int_equal(audit_read(&read, &report, &error), AIRS_OK);
    audit_hash foreign = {{1}};
    read.anchor = &foreign;
    assert_int_equal(audit_read(&read, &report, &error), AIRS_E_INVALID);
    uint8_t other_key[AUDIT_KEY_SIZE];
    uint8_t other_secret[AUDIT_SECRET_SIZE];
    assert_int_equal(crypto_sign_keypair(other_key, other_secret), 0);
    read = (audit_read_options){.files = options.files, .allocator = options.allocator, .key = other_key};
    assert_int_equal(audit_read(&read, &report, &error), AIRS_E_INVALID);
    // Nor is it written on with another key.
    options.secret = other_secret;
    assert_int_equal(audit_log_open(&options, &self.log, &error), AIRS_E_INVALID);
    expect_whole(&self, 20, true);
    audit_files_fault_fini(&self.disk);
}

/// Neither a new log nor one that a crash left before its first head is a failure.
static void what_is_opened_tells_no_error(void **user)
{
    (void)user;
    for (int torn = 0; torn < 2; torn++) {
        world self;
        world_init(&self);
        audit_options options = options_of(&self);
        if (torn) {
            int file = options.files.open(options.files.user, AUDIT_HEAD_NAME, true);
            assert_true(file >= 0);
            (void)options.files.close(options.files.user, file);
            file = options.files.open(options.files.user, "audit-00000001.log", true);
            assert_true(file >= 0);
            (void)options.files.close(options.files.user, file);
        }
        airs_error error = {.text = "as before"};
        assert_int_equal(audit_log_open(&options, &self.log, &error), AIRS_OK);
        assert_string_equal(error.text, "as before");
        assert_int_equal(audit_log_close(self.log, &error), AIRS_OK);
        assert_string_equal(error.text, "as before");
        audit_files_fault_fini(&self.disk);
    }
}

static void old_segments_go(void **user)
{
    (void)user;
    world self;
    world_init(&self);
    audit_options options = options_of(&self);
    options.segment_max = 5000;
    options.segments_max = 3;
    assert_int_equal(open_log(&self, &options), AIRS_OK);
    for (uint64_t i = 0; i < 40; i++) {
        write_from(&self, i * 50, 50);
        assert_int_equal(audit_channel_sync(self.channel), AIRS_OK);
    }
    assert_int_equal(audit_log_close(self.log, NULL), AIRS_OK);
    audit_report report;
    seen records;
    airs_error error = {0};
    assert_int_equal(read_log(&self, &report, &records, &error), AIRS_OK);
    // Also without its first segment it is a log: not begun anew by whoever has no key to it.
    uint8_t key[AUDIT_KEY_SIZE];
    uint8_t secret[AUDIT_SECRET_SIZE];
    audit_options stranger = options;
    assert_int_equal(crypto_sign_keypair(key, secret), 0);
    stranger.secret = secret;
    assert_int_equal(audit_log_open(&stranger, &self.log, &error), AIRS_E_INVALID);
    assert_int_equal(report.last_segment - report.first_segment + 1, 3);
    assert_int_equal(report.records, 2000);
    assert_int_equal(records.count, 2000 - report.first_record);
    assert_null(audit_files_fault_find(&self.disk, "audit-00000001.log"));
    audit_files_fault_fini(&self.disk);
}

/// A disk that hangs in each sync as long as it is told to.
typedef struct slow_disk {
    audit_files below;
    BASE_ATOMIC(uint32_t) hangs;
} slow_disk;

static int slow_sync(void *user, int file)
{
    slow_disk *self = user;
    while (base_atomic_load_seq_cst(&self->hangs) != 0)
        (void)os_futex_wait(&self->hangs, 1, OS_NEVER);
    return self->below.sync(self->below.user, file);
}

static int slow_open(void *user, const char *name, bool create)
{
    slow_disk *self = user;
    return self->below.open(self->below.user, name, create);
}

static int slow_close(void *user, int file)
{
    slow_disk *self = user;
    return self->below.close(self->below.user, file);
}

static int64_t slow_write(void *user, int file, const void *data, size_t len, uint64_t offset)
{
    slow_disk *self = user;
    return self->below.write_at(self->below.user, file, data, len, offset);
}

static int64_t slow_read(void *user, int file, void *data, size_t len, uint64_t offset)
{
    slow_disk *self = user;
    return self->below.read_at(self->below.user, file, data, len, offset);
}

static int64_t slow_size(void *user, int file)
{
    slow_disk *self = user;
    return self->below.size(self->below.user, file);
}

static int slow_remove(void *user, const char *name)
{
    slow_disk *self = user;
    return self->below.remove(self->below.user, name);
}

/// Writes until it is refused, and gives how many records were taken.
static uint64_t write_until_refused(world *self)
{
    for (uint64_t count = 0;; count++) {
        airs_status status = write_one(self, count);
        if (status == AIRS_OK)
            continue;
        assert_int_equal(status, AIRS_E_TIMEOUT);
        return count;
    }
}

/// Nobody waits for a disk for ever, and what was taken before it hung comes to it.
static void a_disk_that_hangs_is_no_trap(void **user)
{
    (void)user;
    for (uint32_t each = 0; each < 2; each++) {
        world self;
        world_init(&self);
        audit_options options = options_of(&self);
        slow_disk disk = {.below = options.files};
        options.files =
            (audit_files){slow_open, slow_close, slow_write, slow_read, slow_size, slow_sync, slow_remove, &disk};
        // A ring that fills up soon; or each record by itself.
        options.ring_size = 1;
        options.sync_ms = each != 0 ? 0 : 60000;
        options.wait_max_ms = 50;
        assert_int_equal(open_log(&self, &options), AIRS_OK);
        base_atomic_store_seq_cst(&disk.hangs, 1u);
        uint64_t taken = write_until_refused(&self);
        assert_true(each != 0 ? taken == 0 : taken > 0);
        // From then on nobody waits as long: all of these would take minutes.
        for (int i = 0; each == 0 && i < 2000; i++)
            assert_int_equal(write_one(&self, taken), AIRS_E_TIMEOUT);
        base_atomic_store_seq_cst(&disk.hangs, 0u);
        os_futex_wake(&disk.hangs, 1);
        assert_int_equal(audit_channel_sync(self.channel), AIRS_OK);
        // What was refused while it waited for the disk is there, what found no room is not.
        taken += each;
        airs_status status = write_one(&self, taken);
        assert_true(status == AIRS_OK || (each != 0 && status == AIRS_E_TIMEOUT));
        assert_int_equal(audit_log_close(self.log, NULL), AIRS_OK);
        expect_whole(&self, taken + 1, true);
        audit_files_fault_fini(&self.disk);
    }
}

static void the_first_use_of_a_grant_is_told_once(void **user)
{
    (void)user;
    audit_seen used = {0};
    assert_true(audit_wants(AUDIT_FIRST_USE, &used, true, 3, 1));
    assert_false(audit_wants(AUDIT_FIRST_USE, &used, true, 3, 1));
    assert_true(audit_wants(AUDIT_FIRST_USE, &used, false, AUDIT_NO_GRANT, 1));
    assert_true(audit_wants(AUDIT_FIRST_USE, &used, true, 4, 1));
    assert_true(audit_wants(AUDIT_FIRST_USE, &used, true, 3, 2));
    assert_false(audit_wants(AUDIT_REFUSALS, &used, true, 9, 2));
    assert_true(audit_wants(AUDIT_REFUSALS, &used, false, AUDIT_NO_GRANT, 2));
    assert_true(audit_wants(AUDIT_ALL, &used, true, 3, 2));
    assert_true(audit_wants(AUDIT_FIRST_USE, &used, true, AUDIT_SEEN_GRANTS, 2));
}

// ---------------------------------------------------------------- faults

/// Waits until what was told is at least that.
static void wait_for(const BASE_ATOMIC(uint32_t) *counter, uint32_t least)
{
    uint64_t deadline = os_clock_now_ns() + 60000000000u;
    while (base_atomic_load_relaxed(counter) < least && os_clock_now_ns() < deadline)
        os_thread_yield();
    assert_true(base_atomic_load_relaxed(counter) >= least);
}

static void a_full_disk_refuses_and_loses_nothing(void **user)
{
    (void)user;
    world self;
    world_init(&self);
    audit_options options = options_of(&self);
    options.sync_ms = 4;
    base_atomic_store_relaxed(&self.disk.room, 50000);
    assert_int_equal(open_log(&self, &options), AIRS_OK);
    uint64_t taken = 0;
    while (write_one(&self, taken) == AIRS_OK)
        taken++;
    wait_for(&self.failures, 1);
    assert_int_equal(write_one(&self, taken), AIRS_E_IO);
    // What stands on the disk is whole, and what was taken comes when there is room.
    audit_report report;
    seen records;
    airs_error error = {0};
    assert_int_equal(read_log(&self, &report, &records, &error), AIRS_OK);
    assert_true(report.records <= taken);
    base_atomic_store_relaxed(&self.disk.room, 0);
    wait_for(&self.recoveries, 1);
    assert_int_equal(write_one(&self, taken), AIRS_OK);
    assert_int_equal(audit_log_close(self.log, NULL), AIRS_OK);
    expect_whole(&self, taken + 1, true);
    audit_files_fault_fini(&self.disk);
}

static void configured_to_stop_it_stops(void **user)
{
    (void)user;
    world self;
    world_init(&self);
    audit_options options = options_of(&self);
    options.stop_on_failure = true;
    options.sync_ms = 4;
    assert_int_equal(open_log(&self, &options), AIRS_OK);
    audit_files_fault_arm(&self.disk, 1, 1, EIO);
    while (write_one(&self, 0) == AIRS_OK)
        continue;
    wait_for(&self.failures, 1);
    assert_int_equal(write_one(&self, 0), AIRS_E_IO);
    assert_int_equal(audit_channel_sync(self.channel), AIRS_E_IO);
    airs_error error = {0};
    assert_int_equal(audit_log_close(self.log, &error), AIRS_E_IO);
    assert_non_null(strstr(error.text, "Input/output error"));
    audit_files_fault_fini(&self.disk);
}

/// A life of a log with the fault armed: opened, written, synced, closed. How many records were promised to be on the
/// disk, and how many were taken at all.
static void live_with_fault(world *self, uint64_t at, uint64_t count, int failure, uint64_t *ret_promised,
                            uint64_t *ret_taken)
{
    audit_options options = options_of(self);
    options.segment_max = 3000;
    options.segments_max = 3;
    options.stop_on_failure = count == UINT64_MAX;
    audit_files_fault_arm(&self->disk, at, count, failure);
    *ret_promised = 0;
    *ret_taken = 0;
    if (open_log(self, &options) != AIRS_OK)
        return;
    bool failed = false;
    for (uint64_t round = 0; round < 6 && !failed; round++) {
        for (uint64_t i = 0; i < 20 && !failed; i++) {
            failed = write_one(self, *ret_taken) != AIRS_OK;
            *ret_taken += failed ? 0 : 1;
        }
        if (audit_channel_sync(self->channel) == AIRS_OK)
            *ret_promised = *ret_taken;
    }
    if (audit_log_close(self->log, NULL) == AIRS_OK)
        *ret_promised = *ret_taken;
}

/// What is on the disk now is whole, has what was promised, and goes on.
static void expect_promise(world *self, uint64_t promised, uint64_t taken)
{
    audit_report report;
    seen records;
    airs_error error = {0};
    audit_files_fault_arm(&self->disk, 0, 0, 0);
    airs_status status = read_log(self, &report, &records, &error);
    // When the log could not be opened at all, there may be half a head.
    bool none = taken == 0 && (status == AIRS_E_NOT_FOUND || status == AIRS_E_INVALID);
    if (status != AIRS_OK && !none)
        fail_msg("%s", error.text);
    if (!none && (report.records < promised || report.records > taken))
        fail_msg("%u records, promised %u, taken %u", (unsigned)report.records, (unsigned)promised, (unsigned)taken);
    audit_options options = options_of(self);
    assert_int_equal(open_log(self, &options), AIRS_OK);
    assert_int_equal(audit_log_close(self->log, NULL), AIRS_OK);
    assert_int_equal(read_log(self, &report, &records, &error), AIRS_OK);
}

static void each_call_may_fail(void **user)
{
    (void)user;
    static const int failures[] = {EIO, ENOSPC};
    static const uint64_t counts[] = {1, UINT64_MAX};
    for (int variant = 0; variant < 8; variant++) {
        bool hit = true;
        for (uint64_t at = 1; hit; at++) {
            world self;
            world_init(&self);
            self.disk.write_max = variant >= 4 ? 100 : 0;
            uint64_t promised;
            uint64_t taken;
            live_with_fault(&self, at, counts[variant / 2 % 2], failures[variant % 2], &promised, &taken);
            hit = base_atomic_load_relaxed(&self.disk.failed) > 0;
            expect_promise(&self, promised, taken);
            audit_files_fault_fini(&self.disk);
            // With short writes there are many calls more of the same kind.
            at += variant >= 4 ? 3 : 0;
        }
    }
}

// ---------------------------------------------------------------- the file system

static void folders_have_one_writer(void **user)
{
    (void)user;
    char path[] = "/tmp/airssys-audit-XXXXXX";
    assert_non_null(mkdtemp(path));
    audit_folder folder;
    audit_folder second;
    assert_int_equal(audit_folder_open(&folder, path, true, NULL), AIRS_OK);
    airs_error error;
    assert_int_equal(audit_folder_open(&second, path, true, &error), AIRS_E_TAKEN);
    assert_int_equal(audit_folder_open(&second, "/nonexistent/x", false, &error), AIRS_E_NOT_FOUND);
    world self;
    world_init(&self);
    audit_options options = options_of(&self);
    options.files = audit_folder_files(&folder);
    options.sync_ms = 0;
    options.segment_max = 3000;
    options.segments_max = 2;
    assert_int_equal(open_log(&self, &options), AIRS_OK);
    write_from(&self, 0, 100);
    assert_int_equal(audit_folder_open(&second, path, false, &error), AIRS_OK);
    audit_read_options read = {.files = audit_folder_files(&second), .allocator = options.allocator, .key = self.key};
    audit_report report;
    // Each record was on the disk before the next one was taken.
    assert_int_equal(audit_read(&read, &report, NULL), AIRS_OK);
    assert_int_equal(report.records, 100);
    assert_int_equal(audit_log_close(self.log, NULL), AIRS_OK);
    assert_int_equal(audit_read(&read, &report, NULL), AIRS_OK);
    assert_true(report.closed && report.last_segment - report.first_segment == 1);
    audit_folder_close(&second);
    for (uint32_t i = report.first_segment; i <= report.last_segment; i++) {
        char name[AUDIT_SEGMENT_NAME_MAX];
        audit_segment_name(name, i);
        assert_int_equal(options.files.remove(options.files.user, name), 0);
    }
    assert_int_equal(options.files.remove(options.files.user, AUDIT_HEAD_NAME), 0);
    audit_folder_close(&folder);
    assert_int_equal(rmdir(path), 0);
    audit_files_fault_fini(&self.disk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_as_they_were),
        cmocka_unit_test(json_is_json_whatever_guests_write),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(filters_choose),
        cmocka_unit_test(keys_and_anchors_are_checked),
        cmocka_unit_test(a_disk_that_hangs_is_no_trap),
        cmocka_unit_test(what_is_opened_tells_no_error),
        cmocka_unit_test(old_segments_go),
        cmocka_unit_test(the_first_use_of_a_grant_is_told_once),
        cmocka_unit_test(a_full_disk_refuses_and_loses_nothing),
        cmocka_unit_test(configured_to_stop_it_stops),
        cmocka_unit_test(each_call_may_fail),
        cmocka_unit_test(folders_have_one_writer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
