// SPDX-License-Identifier: MIT OR Apache-2.0
#include "component/settings.h"

#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"

void component_settings_free(component_settings *self, const airs_allocator *allocator)
{
    for (uint32_t i = 0; i < self->count; i++) {
        base_free(allocator, (void *)(uintptr_t)self->list[i].key);
        base_free(allocator, (void *)(uintptr_t)self->list[i].value);
    }
    base_free(allocator, self->list);
    base_free(allocator, self->made);
    *self = (component_settings){0};
}

bool component_settings_copy(component_settings *self, const airs_setting *list, size_t count,
                             const airs_allocator *allocator)
{
    if (count == 0)
        return true;
    self->list = base_alloc_array(allocator, count, sizeof *self->list);
    for (size_t i = 0; self->list != NULL && i < count; i++) {
        airs_setting *to = &self->list[self->count++];
        to->key = base_strndup(allocator, list[i].key, strlen(list[i].key));
        to->value = base_strndup(allocator, list[i].value, strlen(list[i].value));
        if (to->key == NULL || to->value == NULL) {
            component_settings_free(self, allocator);
            return false;
        }
    }
    return self->list != NULL;
}

bool component_settings_copy_of(component_settings *self, component_actor *of, const airs_allocator *allocator)
{
    os_mutex_lock(&of->cell.info_lock);
    bool copied = component_settings_copy(self, of->cell.config, of->cell.config_count, allocator);
    os_mutex_unlock(&of->cell.info_lock);
    return copied;
}

void component_settings_exchange(component_settings *self, component_actor *with)
{
    os_mutex_lock(&with->cell.info_lock);
    component_settings before = {with->cell.config, with->cell.config_count, with->settings};
    with->cell.config = self->list;
    with->cell.config_count = self->count;
    with->settings = self->made;
    *self = before;
    os_mutex_unlock(&with->cell.info_lock);
}

bool component_settings_are(component_actor *of, const airs_setting *list, size_t count)
{
    const actor *cell = &of->cell;
    os_mutex_lock(&of->cell.info_lock);
    bool same = cell->config_count == count;
    for (size_t i = 0; same && i < count; i++)
        same = strcmp(cell->config[i].key, list[i].key) == 0 && strcmp(cell->config[i].value, list[i].value) == 0;
    os_mutex_unlock(&of->cell.info_lock);
    return same;
}

airs_status component_settings_make(component_actor *with)
{
    const actor *cell = &with->cell;
    if (with->settings != NULL || cell->config_count == 0)
        return AIRS_OK;
    with->settings = base_alloc_array(cell->space->allocator, cell->config_count, sizeof *with->settings);
    if (with->settings == NULL)
        return AIRS_E_NOMEM;
    for (uint32_t i = 0; i < cell->config_count; i++) {
        airs_bytes key = base_bytes_of(cell->config[i].key);
        airs_bytes value = base_bytes_of(cell->config[i].value);
        with->settings[i] = (engine_setting){{key.data, key.len}, {value.data, value.len}};
    }
    return AIRS_OK;
}
