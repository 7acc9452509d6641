// SPDX-License-Identifier: MIT OR Apache-2.0
/// The bytes of an audit log. docs/reference/audit-log.md says them one by one; numbers are little-endian.
///
///   segment      a file: header, then frames
///   header       signed; says where the segment before ended, and with which hash
///   frame        a block of records, or a checkpoint; its end is the hash of the one before and of itself
///   checkpoint   signs all that is before it
///   head         a small file, in which the newest checkpoint is told again: who shortens the log has to change it
#ifndef CAPABILITY_AUDIT_FORMAT_H
#define CAPABILITY_AUDIT_FORMAT_H

#include "airssys/status.h"

#define AUDIT_HASH_SIZE 32u
#define AUDIT_KEY_SIZE 32u
#define AUDIT_SECRET_SIZE 64u
#define AUDIT_SIGNATURE_SIZE 64u
#define AUDIT_ID_SIZE 16u

typedef struct audit_hash {
    uint8_t bytes[AUDIT_HASH_SIZE];
} audit_hash;

typedef struct audit_header {
    uint32_t segment;
    uint64_t time_ns;
    uint8_t log_id[AUDIT_ID_SIZE];
    uint8_t key[AUDIT_KEY_SIZE];
    /// The number of the first record in it.
    uint64_t first_record;
    /// Of the segment before: how long it is, and its last hash; 0 in the first one.
    uint64_t before_len;
    audit_hash before;
} audit_header;

#define AUDIT_HEADER_SIZE 184u

typedef enum audit_frame_kind {
    AUDIT_BLOCK = 1,
    AUDIT_CHECKPOINT = 2,
} audit_frame_kind;

/// Flags of a checkpoint.
#define AUDIT_SEGMENT_ENDS 1u
#define AUDIT_LOG_CLOSED 2u

#define AUDIT_FRAME_HEAD 24u
/// What a frame takes beside its payload.
#define AUDIT_FRAME_EXTRA (AUDIT_FRAME_HEAD + AUDIT_HASH_SIZE)
#define AUDIT_CHECKPOINT_SIZE (AUDIT_FRAME_EXTRA + 8u + AUDIT_SIGNATURE_SIZE)

typedef struct audit_frame {
    audit_frame_kind kind;
    uint32_t flags;
    /// Of a block the number of its first record, of a checkpoint that of the next one.
    uint64_t record;
    /// Records in a block.
    uint32_t count;
    airs_bytes payload;
    audit_hash hash;
    /// Bytes of the whole frame.
    size_t size;
} audit_frame;

typedef struct audit_head {
    /// Checkpoints so far, from 1.
    uint64_t sequence;
    uint8_t log_id[AUDIT_ID_SIZE];
    uint8_t key[AUDIT_KEY_SIZE];
    /// The first segment that is kept, and the one with the checkpoint.
    uint32_t first_segment;
    uint32_t segment;
    /// Flags of the checkpoint.
    uint32_t flags;
    /// Where it ends, and with which hash.
    uint64_t end;
    audit_hash hash;
    uint64_t records;
} audit_head;

/// Two slots, far enough from each other not to be torn together.
#define AUDIT_HEAD_SIZE 192u
#define AUDIT_HEAD_STRIDE 4096u
#define AUDIT_HEAD_NAME "audit.head"

/// Starts libsodium; false when it does not.
bool audit_format_start(void);

/// "audit-00000001.log".
#define AUDIT_SEGMENT_NAME_MAX 32
void audit_segment_name(char name[AUDIT_SEGMENT_NAME_MAX], uint32_t segment);

void audit_header_encode(uint8_t out[AUDIT_HEADER_SIZE], const audit_header *header,
                         const uint8_t secret[AUDIT_SECRET_SIZE]);
/// False when it is none, or not signed by `key`.
bool audit_header_decode(const uint8_t in[AUDIT_HEADER_SIZE], const uint8_t key[AUDIT_KEY_SIZE],
                         audit_header *ret_header);
/// Where the chain of a segment begins.
audit_hash audit_header_hash(const uint8_t in[AUDIT_HEADER_SIZE]);

/// Fills in the head and the hash of a block whose payload already stands behind the head's place. Returns its size.
size_t audit_block_seal(uint8_t *at, uint64_t first_record, uint32_t count, size_t payload_len, audit_hash *chain);

/// What a checkpoint signs beside the chain.
typedef struct audit_place {
    const uint8_t *log_id;
    uint32_t segment;
    uint64_t offset;
} audit_place;

/// Writes a checkpoint; returns its size.
size_t audit_checkpoint_encode(uint8_t *at, const audit_place *place, uint64_t records, uint32_t flags,
                               uint64_t time_ns, const uint8_t secret[AUDIT_SECRET_SIZE], audit_hash *chain);

/// What the head of a frame at the front of `in` tells, whatever its hash is. The frame may be longer than `in`: then
/// its payload is what is there, and its hash all zero; else the hash is the one that stands behind it. False when it
/// is no head.
bool audit_frame_peek(airs_bytes in, audit_frame *ret_frame);

/// Gives a frame another number; its hash stays.
void audit_frame_renumber(uint8_t *frame, uint64_t record);

/// Reads the frame at the front of `in`, whose chain so far is `chain`. False when it is incomplete, or its hash wrong.
bool audit_frame_decode(airs_bytes in, const audit_hash *chain, audit_frame *ret_frame);
/// Whether a checkpoint is signed by `key`. `chain` is as before it.
bool audit_checkpoint_valid(const audit_frame *frame, const audit_place *place, const audit_hash *chain,
                            const uint8_t key[AUDIT_KEY_SIZE], uint64_t *ret_time_ns);

void audit_head_encode(uint8_t out[AUDIT_HEAD_SIZE], const audit_head *head, const uint8_t secret[AUDIT_SECRET_SIZE]);
/// The same for a head; without a key (NULL), it is held against the one that it names itself.
bool audit_head_decode(const uint8_t in[AUDIT_HEAD_SIZE], const uint8_t *key, audit_head *ret_head);

bool audit_hash_equal(const audit_hash *a, const audit_hash *b);

#endif
