// SPDX-License-Identifier: MIT OR Apache-2.0
// Many threads, small rings: nothing is lost, nothing twice, each thread's records in its order.
#include <sodium.h>

#include "base/alloc.h"
#include "base/alloc_fault.h"
#include "base/bytes.h"
#include "base/testing.h"
#include "capability/audit.h"
#include "capability/audit_files_fault.h"
#include "capability/audit_reader.h"
#include "os/thread.h"

#define THREADS 4u

typedef struct world {
    base_alloc_fault memory;
    audit_files_fault disk;
    audit_log *log;
    uint64_t each;
    /// Channels that each thread uses, one after the other.
    uint64_t channels;
    bool sync;
} world;

typedef struct writer {
    world *world;
    os_thread thread;
    uint64_t actor;
} writer;

static void write_all(void *user)
{
    writer *self = user;
    audit_channel *channel = NULL;
    for (uint64_t i = 0; i < self->world->each; i++) {
        if (i % (self->world->each / self->world->channels) == 0) {
            // Only within a channel there is an order.
            if (channel != NULL) {
                assert_int_equal(audit_channel_sync(channel), AIRS_OK);
                audit_channel_close(channel);
            }
            assert_int_equal(audit_channel_open(self->world->log, &channel), AIRS_OK);
        }
        audit_record record = {.actor = self->actor,
                               .name = base_bytes_of("a name that takes its room in the ring"),
                               .what = CAPABILITY_ENV_READ,
                               .grant = AUDIT_NO_GRANT,
                               .message = i};
        assert_int_equal(audit_log_write(channel, &record), AIRS_OK);
        if (self->world->sync && i % 64 == 0)
            assert_int_equal(audit_channel_sync(channel), AIRS_OK);
    }
    audit_channel_close(channel);
}

typedef struct tally {
    uint64_t next[THREADS];
    uint64_t wrong;
} tally;

static bool count(void *user, const audit_record *record)
{
    tally *self = user;
    uint64_t thread = record->actor - 1;
    self->wrong += thread >= THREADS || self->next[thread] != record->message;
    if (thread < THREADS)
        self->next[thread]++;
    return true;
}

static void run_world(uint32_t sync_ms, uint64_t each, uint64_t channels, bool sync)
{
    static uint8_t secret[AUDIT_SECRET_SIZE];
    static uint8_t key[AUDIT_KEY_SIZE];
    assert_true(audit_format_start());
    assert_int_equal(crypto_sign_keypair(key, secret), 0);
    world self = {.each = each, .channels = channels, .sync = sync};
    base_alloc_fault_init(&self.memory);
    audit_files_fault_init(&self.disk, base_allocator_default());
    audit_options options = {.files = audit_files_fault_table(&self.disk),
                             .allocator = &self.memory.allocator,
                             .secret = secret,
                             .sync_ms = sync_ms,
                             .ring_size = 1};
    assert_int_equal(audit_log_open(&options, &self.log, NULL), AIRS_OK);
    writer writers[THREADS];
    for (uint32_t i = 0; i < THREADS; i++) {
        writers[i] = (writer){.world = &self, .actor = i + 1};
        assert_int_equal(os_thread_start(&writers[i].thread, "writer", 0, write_all, &writers[i]), AIRS_OK);
    }
    for (uint32_t i = 0; i < THREADS; i++)
        os_thread_join(&writers[i].thread);
    assert_int_equal(audit_log_close(self.log, NULL), AIRS_OK);
    assert_int_equal(base_alloc_fault_live(&self.memory), 0);
    tally records = {.wrong = 0};
    audit_report report;
    audit_read_options read = {options.files, base_allocator_default(), key, NULL, count, &records, NULL, false};
    assert_int_equal(audit_read(&read, &report, NULL), AIRS_OK);
    assert_int_equal(report.records, THREADS * each);
    assert_int_equal(records.wrong, 0);
    audit_files_fault_fini(&self.disk);
}

static void nothing_is_lost(void **user)
{
    (void)user;
    run_world(100, TEST_ROUNDS(50000u), 1, false);
}

static void waiting_for_the_disk_ends(void **user)
{
    (void)user;
    run_world(0, TEST_ROUNDS(300u), 1, false);
    run_world(3, TEST_ROUNDS(4000u), 4, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_lost),
        cmocka_unit_test(waiting_for_the_disk_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
