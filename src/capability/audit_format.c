// SPDX-License-Identifier: MIT OR Apache-2.0
#include "capability/audit_format.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/assert.h"

_Static_assert(AUDIT_KEY_SIZE == crypto_sign_PUBLICKEYBYTES && AUDIT_SECRET_SIZE == crypto_sign_SECRETKEYBYTES &&
                   AUDIT_SIGNATURE_SIZE == crypto_sign_BYTES,
               "the sizes of Ed25519");

static const char header_magic[8] = "AIRSAUD1";
static const char head_magic[8] = "AIRSHEA1";
static const char checkpoint_magic[8] = "AIRSCHK1";

// ---------------------------------------------------------------- numbers

static void put32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

static void put64(uint8_t *at, uint64_t value)
{
    put32(at, (uint32_t)value);
    put32(at + 4, (uint32_t)(value >> 32));
}

static uint32_t get32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint64_t get64(const uint8_t *at)
{
    return get32(at) | (uint64_t)get32(at + 4) << 32;
}

bool audit_format_start(void)
{
    return sodium_init() >= 0;
}

bool audit_hash_equal(const audit_hash *a, const audit_hash *b)
{
    return memcmp(a->bytes, b->bytes, AUDIT_HASH_SIZE) == 0;
}

void audit_segment_name(char name[AUDIT_SEGMENT_NAME_MAX], uint32_t segment)
{
    (void)snprintf(name, AUDIT_SEGMENT_NAME_MAX, "audit-%08" PRIu32 ".log", segment);
}

static void sign(uint8_t *signature, const uint8_t *data, size_t len, const uint8_t *secret)
{
    AIRS_ASSERT(crypto_sign_detached(signature, NULL, data, len, secret) == 0);
}

static bool is_signed(const uint8_t *signature, const uint8_t *data, size_t len, const uint8_t *key)
{
    return crypto_sign_verify_detached(signature, data, len, key) == 0;
}

static bool all_zero(const uint8_t *data, size_t len)
{
    return sodium_is_zero(data, len) == 1;
}

// ---------------------------------------------------------------- header

// magic 0, segment 8, zero 12, time 16, log 24, key 40, first record 72, before: length 80, hash 88; signature 120
#define HEADER_SIGNED (AUDIT_HEADER_SIZE - AUDIT_SIGNATURE_SIZE)

void audit_header_encode(uint8_t out[AUDIT_HEADER_SIZE], const audit_header *header,
                         const uint8_t secret[AUDIT_SECRET_SIZE])
{
    memcpy(out, header_magic, sizeof header_magic);
    put32(out + 8, header->segment);
    put32(out + 12, 0);
    put64(out + 16, header->time_ns);
    memcpy(out + 24, header->log_id, AUDIT_ID_SIZE);
    memcpy(out + 40, header->key, AUDIT_KEY_SIZE);
    put64(out + 72, header->first_record);
    put64(out + 80, header->before_len);
    memcpy(out + 88, header->before.bytes, AUDIT_HASH_SIZE);
    sign(out + HEADER_SIGNED, out, HEADER_SIGNED, secret);
}

bool audit_header_decode(const uint8_t in[AUDIT_HEADER_SIZE], const uint8_t key[AUDIT_KEY_SIZE],
                         audit_header *ret_header)
{
    if (memcmp(in, header_magic, sizeof header_magic) != 0 || get32(in + 12) != 0 ||
        !is_signed(in + HEADER_SIGNED, in, HEADER_SIGNED, key))
        return false;
    ret_header->segment = get32(in + 8);
    ret_header->time_ns = get64(in + 16);
    memcpy(ret_header->log_id, in + 24, AUDIT_ID_SIZE);
    memcpy(ret_header->key, in + 40, AUDIT_KEY_SIZE);
    ret_header->first_record = get64(in + 72);
    ret_header->before_len = get64(in + 80);
    memcpy(ret_header->before.bytes, in + 88, AUDIT_HASH_SIZE);
    return memcmp(ret_header->key, key, AUDIT_KEY_SIZE) == 0;
}

audit_hash audit_header_hash(const uint8_t in[AUDIT_HEADER_SIZE])
{
    audit_hash hash;
    AIRS_ASSERT(crypto_generichash(hash.bytes, sizeof hash.bytes, in, AUDIT_HEADER_SIZE, NULL, 0) == 0);
    return hash;
}

// ---------------------------------------------------------------- frames

// kind 0, flags 1, zero 2, payload length 4, record 8, count 16, zero 20; payload 24; hash
static audit_hash frame_hash(const audit_hash *chain, const uint8_t *frame, size_t len)
{
    crypto_generichash_state state;
    audit_hash hash;
    AIRS_ASSERT(crypto_generichash_init(&state, NULL, 0, sizeof hash.bytes) == 0);
    AIRS_ASSERT(crypto_generichash_update(&state, chain->bytes, sizeof chain->bytes) == 0);
    AIRS_ASSERT(crypto_generichash_update(&state, frame, len) == 0);
    AIRS_ASSERT(crypto_generichash_final(&state, hash.bytes, sizeof hash.bytes) == 0);
    return hash;
}

static size_t seal(uint8_t *at, const audit_frame *frame, size_t payload_len, audit_hash *chain)
{
    at[0] = (uint8_t)frame->kind;
    at[1] = (uint8_t)frame->flags;
    at[2] = 0;
    at[3] = 0;
    put32(at + 4, (uint32_t)payload_len);
    put64(at + 8, frame->record);
    put32(at + 16, frame->count);
    put32(at + 20, 0);
    *chain = frame_hash(chain, at, AUDIT_FRAME_HEAD + payload_len);
    memcpy(at + AUDIT_FRAME_HEAD + payload_len, chain->bytes, AUDIT_HASH_SIZE);
    return AUDIT_FRAME_EXTRA + payload_len;
}

size_t audit_block_seal(uint8_t *at, uint64_t first_record, uint32_t count, size_t payload_len, audit_hash *chain)
{
    audit_frame frame = {.kind = AUDIT_BLOCK, .record = first_record, .count = count};
    return seal(at, &frame, payload_len, chain);
}

// magic 0, log 8, segment 24, flags 28, offset 32, records 40, time 48, hash 56
#define SIGNED_CHECKPOINT 88u

static void checkpoint_text(uint8_t out[SIGNED_CHECKPOINT], const audit_place *place, uint64_t records, uint32_t flags,
                            uint64_t time_ns, const audit_hash *chain)
{
    memcpy(out, checkpoint_magic, sizeof checkpoint_magic);
    memcpy(out + 8, place->log_id, AUDIT_ID_SIZE);
    put32(out + 24, place->segment);
    put32(out + 28, flags);
    put64(out + 32, place->offset);
    put64(out + 40, records);
    put64(out + 48, time_ns);
    memcpy(out + 56, chain->bytes, AUDIT_HASH_SIZE);
}

size_t audit_checkpoint_encode(uint8_t *at, const audit_place *place, uint64_t records, uint32_t flags,
                               uint64_t time_ns, const uint8_t secret[AUDIT_SECRET_SIZE], audit_hash *chain)
{
    uint8_t text[SIGNED_CHECKPOINT];
    checkpoint_text(text, place, records, flags, time_ns, chain);
    put64(at + AUDIT_FRAME_HEAD, time_ns);
    sign(at + AUDIT_FRAME_HEAD + 8, text, sizeof text, secret);
    audit_frame frame = {.kind = AUDIT_CHECKPOINT, .flags = flags, .record = records};
    return seal(at, &frame, 8 + AUDIT_SIGNATURE_SIZE, chain);
}

bool audit_frame_peek(airs_bytes in, audit_frame *ret_frame)
{
    if (in.len < AUDIT_FRAME_HEAD)
        return false;
    size_t payload_len = get32(in.data + 4);
    bool block = in.data[0] == AUDIT_BLOCK && in.data[1] == 0 && get32(in.data + 16) > 0;
    bool checkpoint = in.data[0] == AUDIT_CHECKPOINT && payload_len == 8 + AUDIT_SIGNATURE_SIZE &&
                      in.data[1] <= (AUDIT_SEGMENT_ENDS | AUDIT_LOG_CLOSED) && get32(in.data + 16) == 0;
    if ((!block && !checkpoint) || !all_zero(in.data + 2, 2) || !all_zero(in.data + 20, 4))
        return false;
    size_t there = in.len - AUDIT_FRAME_HEAD;
    *ret_frame = (audit_frame){.kind = (audit_frame_kind)in.data[0],
                               .flags = in.data[1],
                               .record = get64(in.data + 8),
                               .count = get32(in.data + 16),
                               .payload = {in.data + AUDIT_FRAME_HEAD, payload_len < there ? payload_len : there},
                               .size = AUDIT_FRAME_EXTRA + payload_len};
    if (ret_frame->size <= in.len)
        memcpy(ret_frame->hash.bytes, in.data + AUDIT_FRAME_HEAD + payload_len, AUDIT_HASH_SIZE);
    return true;
}

void audit_frame_renumber(uint8_t *frame, uint64_t record)
{
    put64(frame + 8, record);
}

bool audit_frame_decode(airs_bytes in, const audit_hash *chain, audit_frame *ret_frame)
{
    audit_frame frame;
    if (!audit_frame_peek(in, &frame) || frame.size > in.len)
        return false;
    audit_hash hash = frame_hash(chain, in.data, AUDIT_FRAME_HEAD + frame.payload.len);
    if (!audit_hash_equal(&hash, &frame.hash))
        return false;
    *ret_frame = frame;
    return true;
}

bool audit_checkpoint_valid(const audit_frame *frame, const audit_place *place, const audit_hash *chain,
                            const uint8_t key[AUDIT_KEY_SIZE], uint64_t *ret_time_ns)
{
    uint8_t text[SIGNED_CHECKPOINT];
    uint64_t time_ns = get64(frame->payload.data);
    checkpoint_text(text, place, frame->record, frame->flags, time_ns, chain);
    if (!is_signed(frame->payload.data + 8, text, sizeof text, key))
        return false;
    *ret_time_ns = time_ns;
    return true;
}

// ---------------------------------------------------------------- head

// magic 0, sequence 8, log 16, first segment 32, segment 36, flags 40, zero 44, end 48, records 56, hash 64, key 96;
// signature 128
#define HEAD_SIGNED (AUDIT_HEAD_SIZE - AUDIT_SIGNATURE_SIZE)

void audit_head_encode(uint8_t out[AUDIT_HEAD_SIZE], const audit_head *head, const uint8_t secret[AUDIT_SECRET_SIZE])
{
    memcpy(out, head_magic, sizeof head_magic);
    put64(out + 8, head->sequence);
    memcpy(out + 16, head->log_id, AUDIT_ID_SIZE);
    put32(out + 32, head->first_segment);
    put32(out + 36, head->segment);
    put32(out + 40, head->flags);
    put32(out + 44, 0);
    put64(out + 48, head->end);
    put64(out + 56, head->records);
    memcpy(out + 64, head->hash.bytes, AUDIT_HASH_SIZE);
    memcpy(out + 96, head->key, AUDIT_KEY_SIZE);
    sign(out + HEAD_SIGNED, out, HEAD_SIGNED, secret);
}

bool audit_head_decode(const uint8_t in[AUDIT_HEAD_SIZE], const uint8_t *key, audit_head *ret_head)
{
    if (memcmp(in, head_magic, sizeof head_magic) != 0 || get32(in + 44) != 0 ||
        !is_signed(in + HEAD_SIGNED, in, HEAD_SIGNED, key == NULL ? in + 96 : key))
        return false;
    memcpy(ret_head->key, in + 96, AUDIT_KEY_SIZE);
    ret_head->sequence = get64(in + 8);
    memcpy(ret_head->log_id, in + 16, AUDIT_ID_SIZE);
    ret_head->first_segment = get32(in + 32);
    ret_head->segment = get32(in + 36);
    ret_head->flags = get32(in + 40);
    ret_head->end = get64(in + 48);
    ret_head->records = get64(in + 56);
    memcpy(ret_head->hash.bytes, in + 64, AUDIT_HASH_SIZE);
    return true;
}
