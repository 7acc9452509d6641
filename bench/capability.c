// SPDX-License-Identifier: MIT OR Apache-2.0
/// What a decision costs, and what it costs to write it down.
///
/// capability.allow    what a send that is allowed pays: the epoch, and what is remembered of the receiver
/// capability.check_…  a decision that is not remembered
/// audit.all           a decision in the log, the log's thread included: processor time of both, and how many came
///                     through of 1,000,000 a second offered for ten seconds (SECONDS=n)
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "capability/audit.h"
#include "capability/audit_reader.h"
#include "capability/holder.h"

#define RIGHT(name) CAPABILITY_BIT(CAPABILITY_##name)

typedef struct world {
    capability_holder holder;
    capability_view view;
    capability_path path;
    volatile uint64_t sum;
} world;

static void world_init(world *self)
{
    static const capability_mount mounts[] = {{"/data", "/srv/data"}};
    static const capability_grant grants[] = {
        {.rights = RIGHT(MESSAGING_SEND), .pattern = "stock:*"},
        {.rights = RIGHT(FILES_READ), .pattern = "/data/**/*.csv"},
        {.rights = RIGHT(NETWORK_CONNECT), .pattern = "tcp://10.0.0.0/8:443"},
    };
    capability_policy_options options = {grants, 3, mounts, 1};
    capability_policy *policy;
    bench_check(capability_policy_create(&options, base_allocator_default(), &policy, NULL, NULL) == AIRS_OK,
                "a policy");
    *self = (world){.sum = 0};
    capability_holder_init(&self->holder, policy);
    bench_check(capability_path_normalize(NULL, base_bytes_of("/data/in/2026/report.csv"), &self->path, NULL) ==
                    AIRS_OK,
                "a path");
}

/// The loop without a check: what the others are held against.
static double nothing(void *user, uint64_t count)
{
    world *self = user;
    double begin = bench_now_ns();
    for (uint64_t i = 0; i < count; i++)
        self->sum += 40 + i % 4;
    return bench_now_ns() - begin;
}

static double allow(void *user, uint64_t count)
{
    world *self = user;
    uint32_t grant = 0;
    double begin = bench_now_ns();
    for (uint64_t i = 0; i < count; i++) {
        uint64_t to = 40 + i % 4;
        if (!capability_view_recall(&self->view, &self->holder, CAPABILITY_MESSAGING_SEND, to, &grant)) {
            capability_decision decision;
            const capability_policy *policy = capability_view_policy(&self->view, &self->holder);
            bench_check(capability_check_name(policy, CAPABILITY_MESSAGING_SEND, base_bytes_of("stock:1"), &decision),
                        "allowed");
            capability_view_remember(&self->view, &decision, to);
        }
        self->sum += to + grant;
    }
    return bench_now_ns() - begin;
}

static double check_file(void *user, uint64_t count)
{
    world *self = user;
    capability_decision decision;
    double begin = bench_now_ns();
    for (uint64_t i = 0; i < count; i++) {
        const capability_policy *policy = capability_view_policy(&self->view, &self->holder);
        bench_check(capability_check_file(policy, CAPABILITY_FILES_READ, &self->path, &decision), "allowed");
    }
    return bench_now_ns() - begin;
}

static double check_address(void *user, uint64_t count)
{
    world *self = user;
    capability_decision decision;
    capability_address address;
    bench_check(capability_address_parse(base_bytes_of("10.1.2.3"), &address), "an address");
    capability_target target = {.scheme = CAPABILITY_SCHEME_TCP, .address = &address, .port = 443};
    double begin = bench_now_ns();
    for (uint64_t i = 0; i < count; i++) {
        const capability_policy *policy = capability_view_policy(&self->view, &self->holder);
        bench_check(capability_check_target(policy, CAPABILITY_NETWORK_CONNECT, &target, &decision), "allowed");
    }
    return bench_now_ns() - begin;
}

// ---------------------------------------------------------------- the log

typedef struct log_world {
    char path[64];
    audit_folder folder;
    audit_log *log;
    audit_channel *channel;
    uint8_t key[AUDIT_KEY_SIZE];
    uint64_t written;
} log_world;

static void log_open(log_world *self)
{
    uint8_t secret[AUDIT_SECRET_SIZE];
    bench_check(audit_format_start() && crypto_sign_keypair(self->key, secret) == 0, "a key");
    (void)snprintf(self->path, sizeof self->path, "/tmp/airssys-bench-XXXXXX");
    bench_check(mkdtemp(self->path) != NULL && audit_folder_open(&self->folder, self->path, true, NULL) == AIRS_OK,
                "a folder");
    audit_options options = {.files = audit_folder_files(&self->folder),
                             .allocator = base_allocator_default(),
                             .secret = secret,
                             .sync_ms = 1000,
                             .ring_size = 32u << 20};
    bench_check(audit_log_open(&options, &self->log, NULL) == AIRS_OK, "a log");
    bench_check(audit_channel_open(self->log, &self->channel) == AIRS_OK, "a channel");
}

static void log_write(log_world *self, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        audit_record record = {.actor = 42,
                               .name = {(const uint8_t *)"basket", 6},
                               .what = CAPABILITY_MESSAGING_SEND,
                               .object = {(const uint8_t *)"stock:1", 7},
                               .allowed = true,
                               .message = self->written++};
        bench_check(audit_log_write(self->channel, &record) == AIRS_OK, "a record");
    }
}

static double cpu_now_ns(void)
{
    struct timespec now;
    bench_check(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) == 0, "the processor's time");
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/// Processor time of both threads, until all is on the disk.
static double audit_all(void *user, uint64_t count)
{
    log_world *self = user;
    double begin = cpu_now_ns();
    log_write(self, count);
    bench_check(audit_channel_sync(self->channel) == AIRS_OK, "a sync");
    return cpu_now_ns() - begin;
}

/// Offers a million a second, in steps of a millisecond; what is offered while the log makes wait is offered late, not
/// left out. Prints how long it took beyond the time, and how many are missing in the end.
static void offer(log_world *self, uint64_t seconds)
{
    uint64_t first = self->written;
    uint64_t steps = seconds * 1000;
    double begin = bench_now_ns();
    for (uint64_t step = 0; step < steps; step++) {
        while (bench_now_ns() - begin < (double)step * 1e6) {
            struct timespec rest = {.tv_nsec = 100000};
            (void)nanosleep(&rest, NULL);
        }
        log_write(self, 1000);
    }
    bench_check(audit_channel_sync(self->channel) == AIRS_OK, "a sync");
    double late = (bench_now_ns() - begin) / 1e6 - (double)steps;
    uint64_t offered = self->written - first;
    bench_print("audit.offered", "records", (double[]){(double)offered}, 1);
    bench_print("audit.late", "ms", (double[]){late < 0 ? 0 : late}, 1);
}

static void log_close(log_world *self)
{
    audit_report report = {.records = 0};
    airs_error error = {0};
    bench_check(audit_log_close(self->log, NULL) == AIRS_OK, "the end of the log");
    audit_files files = audit_folder_files(&self->folder);
    audit_read_options options = {.files = files, .allocator = base_allocator_default(), .key = self->key};
    bench_check(audit_read(&options, &report, &error) == AIRS_OK, "a log that verifies");
    bench_print("audit.lost", "records", (double[]){(double)(self->written - report.records)}, 1);
    for (uint32_t segment = report.first_segment; segment <= report.last_segment; segment++) {
        char name[AUDIT_SEGMENT_NAME_MAX];
        audit_segment_name(name, segment);
        (void)files.remove(files.user, name);
    }
    (void)files.remove(files.user, AUDIT_HEAD_NAME);
    audit_folder_close(&self->folder);
    bench_check(rmdir(self->path) == 0, "an empty folder");
}

int main(void)
{
    static world rules;
    world_init(&rules);
    bench_side floor = {nothing, &rules};
    bench_ratio("capability.allow", (bench_side){allow, &rules}, "no check", floor, 5000000);
    bench_value("capability.check_file", (bench_side){check_file, &rules}, 1000000);
    bench_value("capability.check_address", (bench_side){check_address, &rules}, 1000000);
    static log_world log;
    log_open(&log);
    bench_value("audit.all", (bench_side){audit_all, &log}, 500000);
    const char *seconds = getenv("SECONDS");
    offer(&log, seconds == NULL ? 10 : strtoull(seconds, NULL, 10));
    log_close(&log);
    capability_view_fini(&rules.view);
    capability_holder_fini(&rules.holder);
    return 0;
}
