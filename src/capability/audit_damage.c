// SPDX-License-Identifier: MIT OR Apache-2.0
#include "capability/audit_damage.h"

#include <string.h>

#include "base/alloc.h"
#include "capability/audit_record.h"

/// Blocks are much smaller: what is longer has a length that was changed.
#define BLOCK_MAX (16u << 20)

const char *audit_damage_name(audit_damage damage)
{
    static const char *const names[AUDIT_DAMAGES] = {"whole", "changed", "removed", "reordered", "truncated"};
    return (uint32_t)damage < AUDIT_DAMAGES ? names[damage] : "?";
}

static airs_bytes bytes_from(const audit_segment *segment, size_t at)
{
    return (airs_bytes){segment->data + at, segment->len - at};
}

/// A frame as its head tells, whatever its hash; at a place where a head fits.
static bool frame_at(const audit_segment *segment, size_t at, audit_frame *ret_frame)
{
    return at < segment->len && audit_frame_peek(bytes_from(segment, at), ret_frame) && ret_frame->size <= BLOCK_MAX;
}

/// The next place from `from` on where a frame with this record stands whole; 0: none.
static size_t find_frame(const audit_segment *segment, size_t from, uint64_t record)
{
    audit_frame frame;
    for (size_t at = from; at + AUDIT_FRAME_EXTRA <= segment->len; at++) {
        if (frame_at(segment, at, &frame) && frame.record == record && frame.size <= segment->len - at)
            return at;
    }
    return 0;
}

// ---------------------------------------------------------------- a block that is not what was hashed

/// How many records `bytes` are; `ret_all`: they are nothing else.
static uint32_t count_records(airs_bytes bytes, bool *ret_all)
{
    audit_record record;
    uint32_t count = 0;
    while (bytes.len > 0 && audit_record_decode(&bytes, &record))
        count++;
    *ret_all = bytes.len == 0;
    return count;
}

/// Whether the block's records end where the frame at `next` begins, so that only its length says otherwise.
static bool only_length_lies(const audit_segment *segment, const audit_frame *frame, size_t next)
{
    bool all;
    size_t begin = segment->bad_at + AUDIT_FRAME_HEAD;
    if (frame->kind != AUDIT_BLOCK || next < begin + AUDIT_HASH_SIZE)
        return false;
    airs_bytes payload = {segment->data + begin, next - AUDIT_HASH_SIZE - begin};
    return count_records(payload, &all) == frame->count && all;
}

/// Whether the block is right again when two neighbours change places. Works on a copy, `frame` of `size` bytes.
static bool swap_explains(uint8_t *frame, size_t size, const audit_hash *chain)
{
    uint8_t held[AUDIT_RECORD_MAX];
    airs_bytes rest = {frame + AUDIT_FRAME_HEAD, size - AUDIT_FRAME_EXTRA};
    audit_record record;
    audit_frame decoded;
    uint8_t *before = NULL;
    size_t before_len = 0;
    while (rest.len > 0) {
        uint8_t *here = frame + (rest.data - frame);
        if (!audit_record_decode(&rest, &record))
            return false;
        size_t len = (size_t)(rest.data - here);
        if (before != NULL) {
            memcpy(held, before, before_len);
            memmove(before, here, len);
            memcpy(before + len, held, before_len);
            if (audit_frame_decode((airs_bytes){frame, size}, chain, &decoded))
                return true;
            memcpy(held, before, len);
            memmove(before, before + len, before_len);
            memcpy(before + before_len, held, len);
        }
        before = here;
        before_len = len;
    }
    return false;
}

/// A copy of the frame at `bad_at`; NULL when there is no memory for it.
static uint8_t *copy_frame(const audit_segment *segment, size_t size)
{
    uint8_t *copy = base_alloc(segment->allocator, size);
    if (copy != NULL)
        memcpy(copy, segment->data + segment->bad_at, size);
    return copy;
}

static bool records_are_swapped(const audit_segment *segment, const audit_frame *frame)
{
    uint8_t *copy = copy_frame(segment, frame->size);
    bool swapped = copy != NULL && swap_explains(copy, frame->size, &segment->bad_chain);
    base_free(segment->allocator, copy);
    return swapped;
}

/// Whether the frame is right but for its number.
static bool only_number_lies(const audit_segment *segment, const audit_frame *frame)
{
    if (frame->size > segment->len - segment->bad_at)
        return false;
    audit_frame decoded;
    uint8_t *copy = copy_frame(segment, frame->size);
    bool lies = false;
    if (copy != NULL) {
        audit_frame_renumber(copy, segment->bad_record);
        lies = audit_frame_decode((airs_bytes){copy, frame->size}, &segment->bad_chain, &decoded);
    }
    base_free(segment->allocator, copy);
    return lies;
}

/// Whether the next checkpoint was signed one checkpoint's length further on: then one is missing before it.
static bool checkpoint_is_missing(const audit_segment *segment, const uint8_t *key)
{
    audit_frame frame;
    audit_hash chain = segment->bad_chain;
    for (size_t at = segment->bad_at; frame_at(segment, at, &frame) && frame.size <= segment->len - at;
         at += frame.size) {
        uint64_t time_ns;
        audit_place place = {segment->header.log_id, segment->header.segment, at + AUDIT_CHECKPOINT_SIZE};
        if (frame.kind == AUDIT_CHECKPOINT)
            return audit_checkpoint_valid(&frame, &place, &chain, key, &time_ns);
        chain = frame.hash;
    }
    return false;
}

/// A block of the right number whose hash is wrong.
static audit_damage damage_of_block(const audit_segment *segment, const audit_frame *frame)
{
    audit_frame next;
    bool all;
    size_t end = segment->bad_at + frame->size;
    uint64_t behind = frame->record + frame->count;
    uint32_t records = count_records(frame->payload, &all);
    bool has_next = frame_at(segment, end, &next);
    if (has_next && all && records != frame->count && next.record == frame->record + records)
        return AUDIT_CHANGED;
    if (has_next && next.record < behind)
        return AUDIT_REORDERED;
    size_t found = find_frame(segment, segment->bad_at + AUDIT_FRAME_HEAD, behind);
    if (found != 0 && found != end)
        return only_length_lies(segment, frame, found) || found > end ? AUDIT_CHANGED : AUDIT_REMOVED;
    if (all && records < frame->count)
        return AUDIT_REMOVED;
    return records_are_swapped(segment, frame) ? AUDIT_REORDERED : AUDIT_CHANGED;
}

/// A frame of the right number whose hash is wrong, or whose signature is.
static audit_damage damage_of_frame(const audit_segment *segment, const audit_frame *frame, const uint8_t *key)
{
    audit_frame decoded;
    if (audit_frame_decode(bytes_from(segment, segment->bad_at), &segment->bad_chain, &decoded))
        return AUDIT_CHANGED;
    if (checkpoint_is_missing(segment, key))
        return AUDIT_REMOVED;
    return frame->kind == AUDIT_BLOCK ? damage_of_block(segment, frame) : AUDIT_CHANGED;
}

// ---------------------------------------------------------------- at a place

audit_damage audit_damage_find(const audit_segment *segment, const uint8_t key[AUDIT_KEY_SIZE])
{
    size_t at = segment->bad_at;
    size_t left = segment->len - at;
    audit_frame frame;
    if (left < AUDIT_FRAME_HEAD)
        return AUDIT_TRUNCATED;
    if (!frame_at(segment, at, &frame))
        return left < AUDIT_FRAME_EXTRA ? AUDIT_TRUNCATED : AUDIT_CHANGED;
    if (frame.record != segment->bad_record && only_number_lies(segment, &frame))
        return AUDIT_CHANGED;
    if (frame.record < segment->bad_record)
        return AUDIT_REORDERED;
    if (frame.record > segment->bad_record)
        return find_frame(segment, at, segment->bad_record) != 0 ? AUDIT_REORDERED : AUDIT_REMOVED;
    if (frame.size <= left)
        return damage_of_frame(segment, &frame, key);
    size_t next = find_frame(segment, at + AUDIT_FRAME_HEAD, frame.record + frame.count);
    if (next == 0)
        return AUDIT_TRUNCATED;
    return only_length_lies(segment, &frame, next) ? AUDIT_CHANGED : AUDIT_REMOVED;
}
