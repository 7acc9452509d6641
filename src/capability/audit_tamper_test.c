// SPDX-License-Identifier: MIT OR Apache-2.0
// A log of 10,000 records, and every single thing that could be done to it: each is found.
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/random.h"
#include "base/testing.h"
#include "capability/audit.h"
#include "capability/audit_files_fault.h"
#include "capability/audit_reader.h"

#define RECORDS 10000u

static uint8_t secret[AUDIT_SECRET_SIZE];
static uint8_t key[AUDIT_KEY_SIZE];
static audit_files_fault disk;
/// Where each record stands: its file, its place there, its length.
static struct {
    audit_fault_file *file;
    size_t at;
    size_t len;
} places[RECORDS];
static uint32_t place_count;
/// Each byte after which the log could be cut at a frame.
static struct {
    audit_fault_file *file;
    size_t at;
} frames[RECORDS];
static uint32_t frame_count;
static base_random chance = {11};

/// What the last `verify` found.
static audit_finding finding;

static airs_status verify_as(bool diagnose)
{
    audit_read_options options = {.files = audit_files_fault_table(&disk),
                                  .allocator = base_allocator_default(),
                                  .key = key,
                                  .diagnose = diagnose};
    audit_report report;
    airs_error error;
    airs_status status = audit_read(&options, &report, &error);
    finding = report.finding;
    assert_true(status == AIRS_OK ? finding.damage == AUDIT_WHOLE
                                  : status != AIRS_E_INVALID || finding.damage != AUDIT_WHOLE);
    return status == AIRS_OK && report.records != RECORDS ? AIRS_E_INTERNAL : status;
}

static airs_status verify(void)
{
    return verify_as(false);
}

static void find_places(audit_fault_file *file)
{
    uint8_t chain_bytes[AUDIT_HEADER_SIZE];
    memcpy(chain_bytes, file->data, sizeof chain_bytes);
    audit_hash chain = audit_header_hash(chain_bytes);
    size_t at = AUDIT_HEADER_SIZE;
    audit_frame frame;
    while (audit_frame_decode((airs_bytes){file->data + at, file->len - at}, &chain, &frame)) {
        frames[frame_count].file = file;
        frames[frame_count++].at = at;
        airs_bytes rest = frame.payload;
        audit_record record;
        while (frame.kind == AUDIT_BLOCK && rest.len > 0) {
            const uint8_t *begin = rest.data;
            assert_true(audit_record_decode(&rest, &record));
            places[place_count].file = file;
            places[place_count].at = (size_t)(begin - file->data);
            places[place_count++].len = (size_t)(rest.data - begin);
        }
        chain = frame.hash;
        at += frame.size;
    }
    assert_int_equal(at, file->len);
}

/// Writes the log, on the disk after each `sync_each` records, and finds out what stands where.
static void make_log(uint32_t sync_each, uint64_t segment_max)
{
    place_count = 0;
    frame_count = 0;
    assert_true(audit_format_start());
    audit_files_fault_init(&disk, base_allocator_default());
    assert_int_equal(crypto_sign_keypair(key, secret), 0);
    audit_options options = {.files = audit_files_fault_table(&disk),
                             .allocator = base_allocator_default(),
                             .secret = secret,
                             .sync_ms = 20000,
                             .segment_max = segment_max};
    audit_log *log;
    audit_channel *channel;
    assert_int_equal(audit_log_open(&options, &log, NULL), AIRS_OK);
    assert_int_equal(audit_channel_open(log, &channel), AIRS_OK);
    for (uint32_t i = 0; i < RECORDS; i++) {
        audit_record record = {.actor = 1 + i % 7,
                               .name = base_bytes_of(i % 2 == 0 ? "a" : "bc"),
                               .what = CAPABILITY_FILES_READ,
                               .object = base_bytes_of(i % 3 == 0 ? "/a" : "/a/b"),
                               .allowed = i % 4 != 0,
                               .grant = i % 4 != 0 ? i % 5 : AUDIT_NO_GRANT,
                               .message = i};
        assert_int_equal(audit_log_write(channel, &record), AIRS_OK);
        if (i % sync_each == sync_each - 1)
            assert_int_equal(audit_channel_sync(channel), AIRS_OK);
    }
    assert_int_equal(audit_log_close(log, NULL), AIRS_OK);
    for (uint32_t segment = 1;; segment++) {
        char name[AUDIT_SEGMENT_NAME_MAX];
        audit_segment_name(name, segment);
        audit_fault_file *file = audit_files_fault_find(&disk, name);
        if (file == NULL)
            break;
        find_places(file);
    }
    assert_int_equal(place_count, RECORDS);
    assert_int_equal(verify(), AIRS_OK);
}

/// One piece: few signatures, so that each record has its turn.
static int make_plain(void **user)
{
    (void)user;
    make_log(RECORDS, 1 << 30);
    return 0;
}

/// Many checkpoints, some segments.
static int make_pieces(void **user)
{
    (void)user;
    make_log(500, 60000);
    return 0;
}

static int end_log(void **user)
{
    (void)user;
    audit_files_fault_fini(&disk);
    return 0;
}

/// The file as it was, to be put back.
static uint8_t saved[1 << 20];
static size_t saved_len;

static void save(const audit_fault_file *file)
{
    assert_true(file->len <= sizeof saved);
    memcpy(saved, file->data, file->len);
    saved_len = file->len;
}

#define DAMAGE(name) (1u << AUDIT_##name)

/// It is found, as one of the `damages`.
static void expect_found(audit_fault_file *file, const char *what, size_t where, uint32_t damages)
{
    // Finding out what it was takes its time: of some.
    static uint32_t turn;
    bool diagnose = turn++ % 200 == 0;
    if (verify_as(diagnose) != AIRS_E_INVALID)
        fail_msg("%s at %zu of %s is not found", what, where, file->name);
    if (diagnose && (damages & 1u << finding.damage) == 0)
        fail_msg("%s at %zu of %s is taken for %s", what, where, file->name, audit_damage_name(finding.damage));
    memcpy(file->data, saved, saved_len);
    file->len = saved_len;
}

/// From record to record; under a sanitizer not each one.
static uint32_t step(void)
{
    return RECORDS / TEST_ROUNDS(RECORDS);
}

static void each_edit_is_found(void **user)
{
    (void)user;
    for (uint32_t i = 0; i < RECORDS; i += step()) {
        audit_fault_file *file = places[i].file;
        size_t at = places[i].at + base_random_below(&chance, (uint32_t)places[i].len);
        save(file);
        file->data[at] ^= (uint8_t)(1u << base_random_below(&chance, 8));
        expect_found(file, "an edit", at, DAMAGE(CHANGED));
    }
}

static void edits_of_what_is_no_record_are_found(void **user)
{
    (void)user;
    for (uint32_t i = 0; i < frame_count; i++) {
        audit_fault_file *file = frames[i].file;
        for (size_t byte = 0; byte < AUDIT_FRAME_HEAD; byte++) {
            save(file);
            file->data[frames[i].at + byte] ^= (uint8_t)(1u << base_random_below(&chance, 8));
            expect_found(file, "an edit", frames[i].at + byte, DAMAGE(CHANGED));
        }
    }
    for (size_t at = 0; at < AUDIT_HEADER_SIZE; at++) {
        audit_fault_file *file = places[RECORDS - 1].file;
        save(file);
        file->data[at] ^= 0x10;
        expect_found(file, "an edit", at, DAMAGE(CHANGED));
    }
}

static void remove_bytes(audit_fault_file *file, size_t at, size_t len)
{
    memmove(file->data + at, file->data + at + len, file->len - at - len);
    file->len -= len;
}

static void each_removal_is_found(void **user)
{
    (void)user;
    for (uint32_t i = 0; i < RECORDS; i += step()) {
        save(places[i].file);
        remove_bytes(places[i].file, places[i].at, places[i].len);
        expect_found(places[i].file, "a removal", places[i].at, DAMAGE(REMOVED));
    }
}

static void removals_of_frames_are_found(void **user)
{
    (void)user;
    for (uint32_t i = 0; i < frame_count; i++) {
        bool last = i + 1 == frame_count || frames[i + 1].file != frames[i].file;
        size_t end = last ? frames[i].file->len : frames[i + 1].at;
        save(frames[i].file);
        remove_bytes(frames[i].file, frames[i].at, end - frames[i].at);
        expect_found(frames[i].file, "a frame's removal", frames[i].at, last ? DAMAGE(TRUNCATED) : DAMAGE(REMOVED));
    }
}

static void each_swap_is_found(void **user)
{
    (void)user;
    for (uint32_t i = 0; i + 1 < RECORDS; i += step()) {
        // With the next record, when they stand side by side.
        audit_fault_file *file = places[i].file;
        if (places[i + 1].file != file || places[i + 1].at != places[i].at + places[i].len)
            continue;
        save(file);
        memcpy(file->data + places[i].at, saved + places[i + 1].at, places[i + 1].len);
        memcpy(file->data + places[i].at + places[i + 1].len, saved + places[i].at, places[i].len);
        expect_found(file, "a swap", places[i].at, DAMAGE(REORDERED));
    }
}

static void each_truncation_is_found(void **user)
{
    (void)user;
    for (uint32_t i = 0; i < RECORDS; i += step()) {
        save(places[i].file);
        places[i].file->len = places[i].at;
        expect_found(places[i].file, "a cut", places[i].at, DAMAGE(TRUNCATED));
    }
}

static void cuts_at_frames_are_found(void **user)
{
    (void)user;
    for (uint32_t i = 0; i < frame_count; i++) {
        save(frames[i].file);
        frames[i].file->len = frames[i].at;
        expect_found(frames[i].file, "a cut at a frame", frames[i].at, DAMAGE(TRUNCATED));
    }
    audit_fault_file *file = places[RECORDS - 1].file;
    for (uint32_t i = 1; i < 400; i++) {
        save(file);
        file->len -= i;
        expect_found(file, "a cut", file->len, DAMAGE(TRUNCATED));
    }
    save(file);
    file->data[file->len++] = 0;
    expect_found(file, "a byte more", file->len, DAMAGE(CHANGED));
}

static void whole_segments_are_missed(void **user)
{
    (void)user;
    for (uint32_t segment = 1;; segment++) {
        char name[AUDIT_SEGMENT_NAME_MAX];
        audit_segment_name(name, segment);
        audit_fault_file *file = audit_files_fault_find(&disk, name);
        if (file == NULL)
            break;
        file->name[0] = 'x';
        assert_int_equal(verify(), AIRS_E_INVALID);
        bool last = file == frames[frame_count - 1].file;
        assert_int_equal(finding.damage, last ? AUDIT_TRUNCATED : AUDIT_REMOVED);
        assert_int_equal(finding.segment, segment);
        file->name[0] = 'a';
    }
    audit_fault_file *head = audit_files_fault_find(&disk, AUDIT_HEAD_NAME);
    head->name[0] = 'x';
    assert_int_equal(verify(), AIRS_E_NOT_FOUND);
    head->name[0] = 'a';
    for (size_t slot = 0; slot < 2; slot++) {
        for (size_t at = 0; at < AUDIT_HEAD_SIZE; at++) {
            // Each half of it is as a crash may leave it: then the log itself must reach further than the other half.
            save(head);
            head->data[slot * AUDIT_HEAD_STRIDE + at] ^= 1;
            airs_status status = verify();
            assert_true(status == AIRS_E_INVALID || status == AIRS_OK);
            audit_fault_file *last = frames[frame_count - 1].file;
            size_t len = last->len;
            last->len = frames[frame_count - 1].at;
            assert_int_equal(verify(), AIRS_E_INVALID);
            last->len = len;
            memcpy(head->data, saved, saved_len);
        }
    }
    assert_int_equal(verify(), AIRS_OK);
}

/// Who edits a record and makes all hashes anew still lacks the key.
static void hashes_made_anew_are_found(void **user)
{
    (void)user;
    for (uint32_t i = 0; i < RECORDS; i += 997) {
        audit_fault_file *file = places[i].file;
        save(file);
        file->data[places[i].at + 5] ^= 1;
        audit_hash chain = audit_header_hash(file->data);
        for (size_t at = AUDIT_HEADER_SIZE; at < file->len;) {
            size_t payload = (size_t)file->data[at + 4] | (size_t)file->data[at + 5] << 8 |
                             (size_t)file->data[at + 6] << 16 | (size_t)file->data[at + 7] << 24;
            crypto_generichash_state state;
            (void)crypto_generichash_init(&state, NULL, 0, AUDIT_HASH_SIZE);
            (void)crypto_generichash_update(&state, chain.bytes, AUDIT_HASH_SIZE);
            (void)crypto_generichash_update(&state, file->data + at, AUDIT_FRAME_HEAD + payload);
            (void)crypto_generichash_final(&state, chain.bytes, AUDIT_HASH_SIZE);
            memcpy(file->data + at + AUDIT_FRAME_HEAD + payload, chain.bytes, AUDIT_HASH_SIZE);
            at += AUDIT_FRAME_EXTRA + payload;
        }
        expect_found(file, "an edit with new hashes", places[i].at, DAMAGE(CHANGED));
    }
}

/// Bytes from before, or of another place, signed as they are.
static void older_and_foreign_parts_are_found(void **user)
{
    (void)user;
    audit_fault_file *first = audit_files_fault_find(&disk, "audit-00000001.log");
    audit_fault_file *second = audit_files_fault_find(&disk, "audit-00000002.log");
    assert_non_null(second);
    save(first);
    assert_true(second->len <= first->room);
    memcpy(first->data, second->data, second->len);
    first->len = second->len;
    expect_found(first, "another segment", 0, DAMAGE(REORDERED));
    // The last file without its last flush: signed checkpoints all the way, but the head knows better.
    audit_fault_file *last = frames[frame_count - 1].file;
    save(last);
    for (uint32_t i = frame_count; i-- > 0 && frames[i].file == last;) {
        if (last->data[frames[i].at] == AUDIT_CHECKPOINT && i + 1 < frame_count) {
            last->len = frames[i].at + AUDIT_CHECKPOINT_SIZE;
            expect_found(last, "an older state", last->len, DAMAGE(TRUNCATED));
        }
    }
}

int main(void)
{
    const struct CMUnitTest of_records[] = {
        cmocka_unit_test(each_edit_is_found),
        cmocka_unit_test(each_removal_is_found),
        cmocka_unit_test(each_swap_is_found),
        cmocka_unit_test(each_truncation_is_found),
    };
    const struct CMUnitTest of_pieces[] = {
        cmocka_unit_test(edits_of_what_is_no_record_are_found),
        cmocka_unit_test(removals_of_frames_are_found),
        cmocka_unit_test(cuts_at_frames_are_found),
        cmocka_unit_test(whole_segments_are_missed),
        cmocka_unit_test(hashes_made_anew_are_found),
        cmocka_unit_test(older_and_foreign_parts_are_found),
    };
    return cmocka_run_group_tests(of_records, make_plain, end_log) +
           cmocka_run_group_tests(of_pieces, make_pieces, end_log);
}
