// SPDX-License-Identifier: MIT OR Apache-2.0
#include "capability/audit_files_fault.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"

void audit_files_fault_init(audit_files_fault *self, const airs_allocator *allocator)
{
    *self = (audit_files_fault){.allocator = allocator};
}

void audit_files_fault_fini(audit_files_fault *self)
{
    for (uint32_t i = 0; i < AUDIT_FAULT_FILES; i++)
        base_free(self->allocator, self->files[i].data);
}

void audit_files_fault_arm(audit_files_fault *self, uint64_t at, uint64_t count, int failure)
{
    self->fail_errno = failure;
    base_atomic_store_relaxed(&self->calls, 0);
    base_atomic_store_relaxed(&self->failed, 0);
    base_atomic_store_relaxed(&self->fail_count, count);
    base_atomic_store_release(&self->fail_at, at);
}

audit_fault_file *audit_files_fault_find(audit_files_fault *self, const char *name)
{
    for (uint32_t i = 0; i < AUDIT_FAULT_FILES; i++) {
        if (self->files[i].name[0] != '\0' && strcmp(self->files[i].name, name) == 0)
            return &self->files[i];
    }
    return NULL;
}

static bool fails(audit_files_fault *self)
{
    uint64_t call = base_atomic_fetch_add_relaxed(&self->calls, 1u) + 1;
    uint64_t at = base_atomic_load_acquire(&self->fail_at);
    bool hit = at != 0 && call >= at && call - at < base_atomic_load_relaxed(&self->fail_count);
    if (hit)
        (void)base_atomic_fetch_add_relaxed(&self->failed, 1u);
    return hit;
}

static int fault_open(void *user, const char *name, bool create)
{
    audit_files_fault *self = user;
    if (fails(self))
        return -self->fail_errno;
    os_mutex_lock(&self->lock);
    audit_fault_file *file = audit_files_fault_find(self, name);
    for (uint32_t i = 0; i < AUDIT_FAULT_FILES && file == NULL && create; i++)
        file = self->files[i].name[0] == '\0' ? &self->files[i] : NULL;
    if (file != NULL && create) {
        (void)snprintf(file->name, sizeof file->name, "%s", name);
        file->len = 0;
    }
    os_mutex_unlock(&self->lock);
    return file == NULL ? -ENOENT : (int)(file - self->files);
}

static int fault_close(void *user, int file)
{
    (void)file;
    return fails(user) ? -((audit_files_fault *)user)->fail_errno : 0;
}

/// How many of `len` bytes at `offset` there is room for on the disk.
static size_t fits(audit_files_fault *self, const audit_fault_file *file, size_t len, uint64_t offset)
{
    size_t used = 0;
    for (uint32_t i = 0; i < AUDIT_FAULT_FILES; i++)
        used += self->files[i].len;
    size_t limit = base_atomic_load_relaxed(&self->room);
    size_t inside = offset < file->len ? file->len - offset : 0;
    size_t left = limit == 0 ? SIZE_MAX - inside : limit > used ? limit - used : 0;
    return len < inside + left ? len : inside + left;
}

static int64_t fault_write_at(void *user, int index, const void *data, size_t len, uint64_t offset)
{
    audit_files_fault *self = user;
    audit_fault_file *file = &self->files[index];
    bool failing = fails(self);
    size_t part = failing ? len / 2 : len;
    os_mutex_lock(&self->lock);
    part = self->write_max != 0 && part > self->write_max ? self->write_max : part;
    part = fits(self, file, part, offset);
    if (offset + part > file->room) {
        size_t room = (size_t)(offset + part) * 2;
        uint8_t *grown = base_realloc(self->allocator, file->data, room);
        AIRS_ASSERT(grown != NULL);
        file->data = grown;
        file->room = room;
    }
    if (offset > file->len)
        memset(file->data + file->len, 0, offset - file->len);
    if (part > 0) {
        memcpy(file->data + offset, data, part);
        file->len = file->len > offset + part ? file->len : (size_t)offset + part;
    }
    os_mutex_unlock(&self->lock);
    if (failing)
        return -self->fail_errno;
    return part == 0 ? -ENOSPC : (int64_t)part;
}

static int64_t fault_read_at(void *user, int index, void *data, size_t len, uint64_t offset)
{
    audit_files_fault *self = user;
    if (fails(self))
        return -self->fail_errno;
    os_mutex_lock(&self->lock);
    const audit_fault_file *file = &self->files[index];
    size_t there = offset < file->len ? file->len - (size_t)offset : 0;
    size_t part = len < there ? len : there;
    if (part > 0)
        memcpy(data, file->data + offset, part);
    os_mutex_unlock(&self->lock);
    return (int64_t)part;
}

static int64_t fault_size(void *user, int index)
{
    audit_files_fault *self = user;
    if (fails(self))
        return -self->fail_errno;
    os_mutex_lock(&self->lock);
    int64_t size = (int64_t)self->files[index].len;
    os_mutex_unlock(&self->lock);
    return size;
}

static int fault_sync(void *user, int file)
{
    (void)file;
    return fails(user) ? -((audit_files_fault *)user)->fail_errno : 0;
}

static int fault_remove(void *user, const char *name)
{
    audit_files_fault *self = user;
    if (fails(self))
        return -self->fail_errno;
    os_mutex_lock(&self->lock);
    audit_fault_file *file = audit_files_fault_find(self, name);
    if (file != NULL) {
        file->name[0] = '\0';
        file->len = 0;
    }
    os_mutex_unlock(&self->lock);
    return file == NULL ? -ENOENT : 0;
}

audit_files audit_files_fault_table(audit_files_fault *self)
{
    return (audit_files){.open = fault_open,
                         .close = fault_close,
                         .write_at = fault_write_at,
                         .read_at = fault_read_at,
                         .size = fault_size,
                         .sync = fault_sync,
                         .remove = fault_remove,
                         .user = self};
}
