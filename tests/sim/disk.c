// SPDX-License-Identifier: MIT OR Apache-2.0
/// What a node writes down of its actors: their versions and settings, all of a deployment at once. A disk that is full
/// or fails refuses that; a node that is killed writes nothing more, and another one begins with what is there.
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "world.h"

bool disk_writes(world *self)
{
    if (self->killed)
        return false;
    if (self->disk->failing == 0)
        return true;
    self->disk->failing--;
    self->tally->not_written++;
    return false;
}

const written *disk_of(const world *self, uint32_t index)
{
    return self->is_back && index < self->disk->count && self->disk->minds[index].there ? &self->disk->minds[index]
                                                                                        : NULL;
}

void disk_add(mind *self, uint32_t exports, uint32_t version)
{
    world *here = self->world;
    if (here->killed)
        return;
    written *it = &here->disk->minds[self->index];
    uint32_t setting = disk_of(here, self->index) != NULL ? it->setting : NONE;
    *it = (written){.there = true, .exports = exports, .version = version, .setting = setting};
    base_text_copy(it->name, sizeof it->name, base_bytes_of(self->name));
    if (self->index >= here->disk->count)
        here->disk->count = self->index + 1;
}

void disk_change(mind *self, uint32_t exports, uint32_t version, uint32_t setting)
{
    written *it = &self->world->disk->minds[self->index];
    it->exports = exports;
    it->version = version;
    it->setting = setting;
}

void disk_check(const world *self)
{
    if (self->killed)
        return;
    for (uint32_t i = 0; i < self->minds_count; i++) {
        const mind *it = &self->minds[i];
        const written *says = &self->disk->minds[i];
        actor *cell = it->component ? actor_find(&self->space, it->id) : NULL;
        if (cell == NULL || it->strayed || !deploys_is_left_alone(it))
            continue;
        uint32_t version = guest_version(component_actor_of(cell)->component);
        uint32_t setting = cell->config_count == 0 ? NONE : (uint32_t)strtoul(cell->config[0].value, NULL, 10);
        if (version != says->version || setting != says->setting)
            world_fail(self, "\"%s\" has version %u and settings %u; %u and %u are written down", it->name, version,
                       setting, says->version, says->setting);
    }
}
