// SPDX-License-Identifier: MIT OR Apache-2.0
/// What the audit log costs a component's sends, in their real path: each send is decided, and recorded or not.
///
/// audit.send_first_use   one message from a component to another, with the log as it is without a word, over no log
/// audit.send_all         the same with a record for each send, over no log
/// audit.send_lost        records that are missing of those in the end
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SENDS 100000u

typedef struct pair {
    airs_system *system;
    airs_actor_id source;
    uint64_t sent;
    char folder[64];
} pair;

static double send_many(void *user, uint64_t count)
{
    pair *it = user;
    double begin = bench_now_ns();
    uint64_t handled = world_ask(it->system, it->source, count);
    double elapsed = bench_now_ns() - begin;
    it->sent += count;
    bench_check(handled == it->sent, "each message is handled");
    return elapsed;
}

static void pair_start(pair *it, airs_audit_mode mode)
{
    char key[80];
    (void)snprintf(it->folder, sizeof it->folder, "/tmp/airssys-bench-XXXXXX");
    bench_check(mkdtemp(it->folder) != NULL, "a folder");
    (void)snprintf(key, sizeof key, "%s.key", it->folder);
    airs_system_options options = {.workers = 2,
                                   .instances_max = 10,
                                   .audit = {.mode = mode, .folder = it->folder, .key_file = key, .sync_ms = 1000}};
    it->system = world_create_with(&options);
    (void)world_spawn_guest(it->system, "sink", NULL);
    it->source = world_spawn_guest(it->system, "source", "sink");
}

static bool count_record(void *user, const airs_audit_record *record)
{
    (void)record;
    *(uint64_t *)user += 1;
    return true;
}

static uint64_t count_sends(const pair *it)
{
    uint64_t count = 0;
    airs_error error = {.text = ""};
    airs_audit_report report;
    airs_audit_filter filter = {.right = "messaging.send", .outcome = AIRS_AUDIT_ALLOWED};
    airs_audit_read_options options = {.folder = it->folder, .filter = &filter, .record = count_record, .user = &count};
    bench_check(airs_audit_read(&options, &report, &error) == AIRS_OK, error.text);
    return count;
}

static void pair_end(pair *it)
{
    char command[256];
    (void)snprintf(command, sizeof command, "rm -rf '%s' '%s.key' '%s.key.pub'", it->folder, it->folder, it->folder);
    bench_check(system(command) == 0, "an end without a trace");
}

int main(void)
{
    static pair off;
    static pair first_use;
    static pair all;
    pair_start(&off, AIRS_AUDIT_OFF);
    pair_start(&first_use, AIRS_AUDIT_FIRST_USE);
    pair_start(&all, AIRS_AUDIT_ALL);
    bench_side floor = {send_many, &off};
    bench_ratio("audit.send_first_use", (bench_side){send_many, &first_use}, "off", floor, SENDS);
    bench_ratio("audit.send_all", (bench_side){send_many, &all}, "off", floor, SENDS);
    airs_system_destroy(off.system);
    airs_system_destroy(first_use.system);
    airs_system_destroy(all.system);
    bench_check(count_sends(&first_use) == 1, "the first use is recorded once");
    bench_print("audit.send_lost", "records", (double[]){(double)(all.sent - count_sends(&all))}, 1);
    pair_end(&off);
    pair_end(&first_use);
    pair_end(&all);
    return 0;
}
