// SPDX-License-Identifier: MIT OR Apache-2.0
#include "actor/envelope.h"

#include <string.h>

#include "base/alloc.h"

envelope *envelope_create(ds_pool *pool, uint32_t cache)
{
    envelope *made = ds_pool_alloc(pool, cache);
    if (made == NULL)
        return NULL;
    made->sender = 0;
    made->request = 0;
    made->block = NULL;
    made->topic = NULL;
    made->len = 0;
    made->incarnation = 0;
    made->kind = ENVELOPE_MESSAGE;
    made->counted = false;
    made->route = AIRS_ROUTES;
    made->traced = false;
    made->of_twin = false;
    made->status = AIRS_OK;
    made->will_restart = false;
    made->attempts = 0;
    return made;
}

/// With room behind the bytes.
static envelope_block *block_create(const airs_allocator *allocator, airs_bytes bytes, size_t room)
{
    envelope_block *block = base_alloc(allocator, sizeof *block + bytes.len + room);
    if (block == NULL)
        return NULL;
    base_atomic_init(&block->references, 1u);
    block->len = bytes.len;
    if (bytes.len > 0)
        memcpy(block->data, bytes.data, bytes.len);
    return block;
}

envelope_block *envelope_block_create(const airs_allocator *allocator, airs_bytes bytes)
{
    return block_create(allocator, bytes, 0);
}

void envelope_block_retain(envelope_block *block)
{
    if (block != NULL)
        (void)base_atomic_fetch_add_relaxed(&block->references, 1u);
}

void envelope_block_release(envelope_block *block, const airs_allocator *allocator)
{
    // acq_rel: what other holders read comes before the block's end.
    if (block != NULL && base_atomic_fetch_sub_acq_rel(&block->references, 1u) == 1)
        base_free(allocator, block);
}

bool envelope_fill(envelope *mail, const airs_allocator *allocator, airs_bytes payload)
{
    envelope_block_release(mail->block, allocator);
    mail->block = NULL;
    mail->len = 0;
    mail->traced = false;
    if (payload.len > ENVELOPE_INLINE) {
        mail->block = block_create(allocator, payload, TRACE_SIZE);
        if (mail->block == NULL)
            return false;
    } else if (payload.len > 0) {
        memcpy(mail->bytes, payload.data, payload.len);
    }
    mail->len = (uint32_t)payload.len;
    return true;
}

/// Where the trace parent lies.
static uint8_t *trace_place(const envelope *mail)
{
    const uint8_t *place =
        mail->block == NULL ? mail->bytes + ENVELOPE_INLINE - TRACE_SIZE : mail->block->data + mail->block->len;
    return (uint8_t *)(uintptr_t)place;
}

bool envelope_set_trace(envelope *mail, const airs_allocator *allocator, const trace_parent *trace)
{
    mail->traced = false;
    if (trace == NULL)
        return true;
    if (mail->block == NULL && mail->len + TRACE_SIZE > ENVELOPE_INLINE) {
        mail->block = block_create(allocator, (airs_bytes){mail->bytes, mail->len}, TRACE_SIZE);
        if (mail->block == NULL)
            return false;
    }
    memcpy(trace_place(mail), trace->bytes, TRACE_SIZE);
    mail->traced = true;
    return true;
}

const trace_parent *envelope_trace(const envelope *mail)
{
    // Of bytes only, so it may begin anywhere.
    return mail->traced ? (const trace_parent *)trace_place(mail) : NULL;
}

airs_bytes envelope_topic(const envelope *mail)
{
    return mail->topic == NULL ? (airs_bytes){0} : (airs_bytes){mail->topic->data, mail->topic->len};
}

envelope *envelope_share(const envelope *mail, ds_pool *pool, uint32_t cache)
{
    envelope *copy = envelope_create(pool, cache);
    if (copy == NULL)
        return NULL;
    copy->id = mail->id;
    copy->route = mail->route;
    copy->traced = mail->traced;
    copy->len = mail->len;
    copy->block = mail->block;
    copy->topic = mail->topic;
    envelope_block_retain(copy->block);
    envelope_block_retain(copy->topic);
    if (copy->block == NULL && copy->len > 0)
        memcpy(copy->bytes, mail->bytes, copy->len);
    if (copy->block == NULL && copy->traced)
        memcpy(trace_place(copy), trace_place(mail), TRACE_SIZE);
    return copy;
}

airs_bytes envelope_payload(const envelope *mail)
{
    return (airs_bytes){mail->block == NULL ? mail->bytes : mail->block->data, mail->len};
}

void envelope_destroy(envelope *mail, ds_pool *pool, uint32_t cache, const airs_allocator *allocator)
{
    if (mail == NULL)
        return;
    envelope_block_release(mail->block, allocator);
    envelope_block_release(mail->topic, allocator);
    ds_pool_free(pool, cache, mail);
}
