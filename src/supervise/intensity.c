// SPDX-License-Identifier: MIT OR Apache-2.0
#include "supervise/intensity.h"

#include "base/alloc.h"

void supervise_intensity_init(supervise_intensity *self, uint32_t max_restarts, uint32_t window_ms,
                              const airs_allocator *allocator)
{
    *self = (supervise_intensity){.max_restarts = max_restarts,
                                  .window_ms = window_ms,
                                  .allocator = allocator,
                                  .capacity = SUPERVISE_INTENSITY_FEW};
}

void supervise_intensity_fini(supervise_intensity *self)
{
    supervise_intensity_reset(self);
}

void supervise_intensity_reset(supervise_intensity *self)
{
    base_free(self->allocator, self->marks);
    supervise_intensity_init(self, self->max_restarts, self->window_ms, self->allocator);
}

/// The mark at `index` places after the oldest.
static supervise_mark *mark_at(supervise_intensity *self, uint32_t index)
{
    supervise_mark *marks = self->marks == NULL ? self->few : self->marks;
    return &marks[(self->head + index) & (self->capacity - 1)];
}

static void drop_oldest(supervise_intensity *self)
{
    self->head = (self->head + 1) & (self->capacity - 1);
    self->len--;
}

static bool grow(supervise_intensity *self)
{
    supervise_mark *made = base_alloc_array(self->allocator, (size_t)self->capacity * 2, sizeof *made);
    if (made == NULL)
        return false;
    for (uint32_t i = 0; i < self->len; i++)
        made[i] = *mark_at(self, i);
    base_free(self->allocator, self->marks);
    self->marks = made;
    self->capacity *= 2;
    self->head = 0;
    return true;
}

uint32_t supervise_intensity_count(supervise_intensity *self, uint64_t now_ms)
{
    while (self->len > 0 && now_ms - mark_at(self, 0)->time_ms >= self->window_ms) {
        self->count -= mark_at(self, 0)->count;
        drop_oldest(self);
    }
    return self->count;
}

bool supervise_intensity_add(supervise_intensity *self, uint64_t now_ms)
{
    if (supervise_intensity_count(self, now_ms) >= self->max_restarts)
        return false;
    self->count++;
    if (self->len > 0 && mark_at(self, self->len - 1)->time_ms == now_ms) {
        mark_at(self, self->len - 1)->count++;
        return true;
    }
    if (self->len == self->capacity && !grow(self)) {
        mark_at(self, 1)->count += mark_at(self, 0)->count;
        drop_oldest(self);
    }
    *mark_at(self, self->len++) = (supervise_mark){now_ms, 1};
    return true;
}
