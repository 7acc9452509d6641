// SPDX-License-Identifier: MIT OR Apache-2.0
/// Writes an audit log for the tests of `airssys audit`, and prints the key that it is signed with.
///     audit_make FOLDER RECORDS
/// Record i is of the actor 1 + i % 3 and in the handling of message i + 1. Each third is
/// refused. The last one has a name and an object that would drive a terminal.
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/bytes.h"
#include "capability/audit.h"

static void write_one(audit_channel *channel, uint64_t i, bool last)
{
    static const char *const names[] = {"basket", "card", "stock"};
    static const uint32_t whats[] = {CAPABILITY_FILES_READ, CAPABILITY_MESSAGING_SEND, CAPABILITY_NETWORK_CONNECT};
    char object[64];
    (void)snprintf(object, sizeof object, "/data/%llu", (unsigned long long)i);
    audit_record record = {.actor = 1 + i % 3,
                           .name = base_bytes_of(names[i % 3]),
                           .what = whats[i % 3],
                           .object = base_bytes_of(object),
                           .allowed = i % 3 != 2,
                           .grant = i % 3 != 2 ? (uint32_t)(i % 5) : AUDIT_NO_GRANT,
                           .epoch = 1,
                           .message = i + 1};
    if (last) {
        record.name = base_bytes_of("evil\x1b[2J\nforged");
        record.object = base_bytes_of("/a\r\n2026-01-01 allowed \xff\x9b");
    }
    AIRS_ASSERT(audit_log_write(channel, &record) == AIRS_OK);
}

int main(int argc, char **argv)
{
    uint8_t key[AUDIT_KEY_SIZE];
    uint8_t secret[AUDIT_SECRET_SIZE];
    audit_folder folder;
    audit_log *log;
    audit_channel *channel;
    AIRS_ASSERT(argc == 3 && audit_format_start() && crypto_sign_keypair(key, secret) == 0);
    uint64_t count = strtoull(argv[2], NULL, 10);
    AIRS_ASSERT(audit_folder_open(&folder, argv[1], true, NULL) == AIRS_OK);
    audit_options options = {.files = audit_folder_files(&folder),
                             .allocator = base_allocator_default(),
                             .secret = secret,
                             .sync_ms = 10000,
                             .segment_max = 10000};
    AIRS_ASSERT(audit_log_open(&options, &log, NULL) == AIRS_OK);
    AIRS_ASSERT(audit_channel_open(log, &channel) == AIRS_OK);
    for (uint64_t i = 0; i < count; i++) {
        write_one(channel, i, i + 1 == count);
        if (i % 100 == 99)
            AIRS_ASSERT(audit_channel_sync(channel) == AIRS_OK);
    }
    AIRS_ASSERT(audit_log_close(log, NULL) == AIRS_OK);
    audit_folder_close(&folder);
    for (size_t i = 0; i < sizeof key; i++)
        printf("%02x", key[i]);
    putchar('\n');
    return 0;
}
