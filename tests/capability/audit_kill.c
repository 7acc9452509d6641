// SPDX-License-Identifier: MIT OR Apache-2.0
/// Kills a process that writes an audit log, again and again, and reads the log after each: it is whole, and what is
/// missing of what was taken is no more than audit_sync_ms allows.
///     audit_kill ROUNDS [SEED]
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/atomics.h"
#include "base/bytes.h"
#include "base/random.h"
#include "capability/audit.h"
#include "capability/audit_reader.h"
#include "os/clock.h"
#include "os/thread.h"

#define WRITERS 2u
/// Records whose times are remembered; more are never open at once.
#define TIMES (1u << 20)

/// Shared with the process that is killed.
typedef struct board {
    struct {
        /// Records that were taken, and when.
        BASE_ATOMIC(uint64_t) taken;
        BASE_ATOMIC(uint64_t) times[TIMES];
    } writers[WRITERS];
} board;

typedef struct life {
    board *board;
    const char *path;
    const uint8_t *secret;
    uint32_t number;
    uint32_t sync_ms;
    audit_log *log;
} life;

typedef struct writer {
    const life *life;
    uint32_t index;
    os_thread thread;
} writer;

static void write_on(void *user)
{
    writer *self = user;
    audit_channel *channel;
    AIRS_ASSERT(audit_channel_open(self->life->log, &channel) == AIRS_OK);
    for (uint64_t i = 0;; i++) {
        audit_record record = {.actor = self->life->number * WRITERS + self->index + 1,
                               .name = base_bytes_of("writer"),
                               .what = CAPABILITY_FILES_WRITE,
                               .object = base_bytes_of("/data/out.csv"),
                               .allowed = true,
                               .message = i};
        AIRS_ASSERT(audit_log_write(channel, &record) == AIRS_OK);
        base_atomic_store_relaxed(&self->life->board->writers[self->index].times[i % TIMES], record.time_ns);
        base_atomic_store_release(&self->life->board->writers[self->index].taken, i + 1);
    }
}

/// The process that is killed; never returns.
_Noreturn static void live(life *self)
{
    audit_folder folder;
    airs_error error;
    if (audit_folder_open(&folder, self->path, true, &error) != AIRS_OK) {
        (void)fprintf(stderr, "%s\n", error.text);
        _exit(1);
    }
    audit_options options = {.files = audit_folder_files(&folder),
                             .allocator = base_allocator_default(),
                             .secret = self->secret,
                             .sync_ms = self->sync_ms,
                             .segment_max = 1 << 20,
                             .segments_max = 12};
    if (audit_log_open(&options, &self->log, &error) != AIRS_OK) {
        (void)fprintf(stderr, "%s\n", error.text);
        _exit(1);
    }
    static writer writers[WRITERS];
    for (uint32_t i = 0; i < WRITERS; i++) {
        writers[i] = (writer){.life = self, .index = i};
        AIRS_ASSERT(os_thread_start(&writers[i].thread, "writer", 0, write_on, &writers[i]) == AIRS_OK);
    }
    for (;;)
        (void)pause();
}

// ---------------------------------------------------------------- what is left

typedef struct tally {
    uint32_t number;
    /// Behind the last record of each writer of this life.
    uint64_t next[WRITERS];
    bool in_order;
} tally;

static bool count(void *user, const audit_record *record)
{
    tally *self = user;
    uint64_t first = (uint64_t)self->number * WRITERS + 1;
    if (record->actor < first || record->actor >= first + WRITERS)
        return true;
    uint64_t *next = &self->next[record->actor - first];
    // The first ones may have gone with their segment.
    self->in_order = self->in_order && (*next == 0 || *next == record->message);
    *next = record->message + 1;
    return true;
}

static void check_writer(const life *self, uint32_t index, uint64_t kept)
{
    uint64_t taken = base_atomic_load_acquire(&self->board->writers[index].taken);
    // One may have been taken and not yet counted.
    AIRS_ASSERT(kept <= taken + 1);
    if (kept >= taken)
        return;
    AIRS_ASSERT(self->sync_ms > 0 && taken - kept < TIMES);
    uint64_t first_lost = base_atomic_load_relaxed(&self->board->writers[index].times[kept % TIMES]);
    uint64_t last = base_atomic_load_relaxed(&self->board->writers[index].times[(taken - 1) % TIMES]);
    if (last - first_lost > self->sync_ms * 1000000ull) {
        (void)fprintf(stderr, "life %u: %llu records over %llu us are lost, %u ms are allowed\n", self->number,
                      (unsigned long long)(taken - kept), (unsigned long long)(last - first_lost) / 1000,
                      self->sync_ms);
        exit(1);
    }
}

static void check(const life *self, const uint8_t *key)
{
    audit_folder folder;
    airs_error error;
    AIRS_ASSERT(audit_folder_open(&folder, self->path, false, NULL) == AIRS_OK);
    tally records = {.number = self->number, .in_order = true};
    audit_read_options options = {.files = audit_folder_files(&folder),
                                  .allocator = base_allocator_default(),
                                  .key = key,
                                  .record = count,
                                  .user = &records};
    audit_report report;
    if (audit_read(&options, &report, &error) != AIRS_OK) {
        (void)fprintf(stderr, "life %u: %s\n", self->number, error.text);
        exit(1);
    }
    audit_folder_close(&folder);
    AIRS_ASSERT(records.in_order);
    for (uint32_t i = 0; i < WRITERS; i++)
        check_writer(self, i, records.next[i]);
}

static void one_life(life *self, const uint8_t *key, base_random *random)
{
    for (uint32_t i = 0; i < WRITERS; i++)
        base_atomic_store_relaxed(&self->board->writers[i].taken, 0);
    // The first lives wait for each record; a kill may also come before the log is open.
    self->sync_ms = self->number % 4 == 0 ? 0 : 1 + base_random_below(random, 30);
    uint64_t least = self->number % 8 == 7 ? 0 : base_random_below(random, self->sync_ms == 0 ? 20 : 20000);
    pid_t child = fork();
    AIRS_ASSERT(child >= 0);
    if (child == 0)
        live(self);
    uint64_t deadline = os_clock_now_ns() + 100000000000u;
    int state = 0;
    while (base_atomic_load_relaxed(&self->board->writers[0].taken) < least && os_clock_now_ns() < deadline &&
           waitpid(child, &state, WNOHANG) == 0)
        os_thread_yield();
    AIRS_ASSERT(kill(child, SIGKILL) == 0);
    AIRS_ASSERT(waitpid(child, &state, 0) == child && WIFSIGNALED(state));
    AIRS_ASSERT(base_atomic_load_relaxed(&self->board->writers[0].taken) >= least);
    if (least > 0)
        check(self, key);
}

static void remove_all(const char *path)
{
    audit_folder folder;
    AIRS_ASSERT(audit_folder_open(&folder, path, false, NULL) == AIRS_OK);
    audit_files files = audit_folder_files(&folder);
    for (uint32_t segment = 1; segment < 100000; segment++) {
        char name[AUDIT_SEGMENT_NAME_MAX];
        audit_segment_name(name, segment);
        (void)files.remove(files.user, name);
    }
    (void)files.remove(files.user, AUDIT_HEAD_NAME);
    audit_folder_close(&folder);
    AIRS_ASSERT(rmdir(path) == 0);
}

int main(int argc, char **argv)
{
    AIRS_ASSERT(argc >= 2 && audit_format_start());
    uint32_t rounds = (uint32_t)strtoul(argv[1], NULL, 10);
    base_random random = {argc > 2 ? strtoull(argv[2], NULL, 10) : 1};
    char path[] = "/tmp/airssys-audit-XXXXXX";
    AIRS_ASSERT(mkdtemp(path) != NULL);
    uint8_t secret[AUDIT_SECRET_SIZE];
    uint8_t key[AUDIT_KEY_SIZE];
    AIRS_ASSERT(crypto_sign_keypair(key, secret) == 0);
    board *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    AIRS_ASSERT(shared != MAP_FAILED);
    life self = {.board = shared, .path = path, .secret = secret};
    for (self.number = 0; self.number < rounds; self.number++)
        one_life(&self, key, &random);
    remove_all(path);
    printf("killed %u times: each time the log was whole, and lost no more than allowed\n", rounds);
    return 0;
}
