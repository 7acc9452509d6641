// SPDX-License-Identifier: MIT OR Apache-2.0
#include <string.h>

#include "base/assert.h"
#include "capability/audit_impl.h"

/// A block is sealed when it has so many bytes: what is changed in it is looked for in so many.
#define BLOCK_MAX (64u << 10)

bool audit_buffer_has_room(const audit_buffer *self)
{
    // The head of a new block, the record, the seal of the block, and the checkpoint.
    return self->size - self->len >= AUDIT_FRAME_EXTRA + AUDIT_RECORD_MAX + AUDIT_FRAME_EXTRA + AUDIT_CHECKPOINT_SIZE;
}

void audit_buffer_add(audit_buffer *self, const uint8_t *record, size_t len)
{
    AIRS_ASSERT(audit_buffer_has_room(self));
    if (self->block_count == 0) {
        self->block = self->len;
        self->len += AUDIT_FRAME_HEAD;
    }
    memcpy(self->data + self->len, record, len);
    self->len += len;
    self->block_count++;
    self->records++;
    self->next_record++;
    if (self->len - self->block >= BLOCK_MAX)
        audit_buffer_seal(self);
}

void audit_buffer_seal(audit_buffer *self)
{
    if (self->block_count == 0)
        return;
    size_t payload = self->len - self->block - AUDIT_FRAME_HEAD;
    uint64_t first = self->next_record - self->block_count;
    self->len =
        self->block + audit_block_seal(self->data + self->block, first, self->block_count, payload, &self->chain);
    self->block_count = 0;
}
