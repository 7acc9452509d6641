// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/app_digest.h"

#include <string.h>

#include "base/bytes.h"
#include "wasm/cache.h"

/// The digest of what was there so far, and of this behind it.
static void add(node_content *to, airs_bytes part)
{
    uint8_t both[2 * sizeof to->hash];
    memcpy(both, to->hash, sizeof to->hash);
    wasm_cache_hash(part, both + sizeof to->hash);
    wasm_cache_hash((airs_bytes){both, sizeof both}, to->hash);
}

static void add_number(node_content *to, size_t number)
{
    add(to, (airs_bytes){(const uint8_t *)&number, sizeof number});
}

static void add_lines(node_content *to, const deploy_lines *lines)
{
    add_number(to, lines->count);
    for (size_t i = 0; i < lines->count; i++)
        add(to, base_bytes_of(lines->items[i]));
}

static void add_item(node_content *to, const deploy_item *item)
{
    const deploy_lines *lists[] = {&item->gains,          &item->loses,   &item->variables_gained,
                                   &item->variables_lost, &item->swapped, &item->live};
    const size_t numbers[] = {(size_t)item->what, (size_t)item->kind, item->component, item->config, item->retemplated};
    add(to, base_bytes_of(item->name));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        add_number(to, numbers[i]);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        add_lines(to, lists[i]);
    add(to, base_bytes_of(item->fixed));
}

static void add_side(node_content *to, const node_boot *side)
{
    const deploy_names *expose = &side->manifest.expose;
    add(to, (airs_bytes){side->digest.hash, sizeof side->digest.hash});
    // With an actor that was added it is another one than the app was given with.
    add(to, side->manifest.source);
    // Of those that run: what was deployed to one of them since is no part of the app's own digest.
    add_number(to, side->versions_count);
    for (size_t i = 0; i < side->versions_count; i++)
        add(to, (airs_bytes){side->versions[i].content.hash, sizeof side->versions[i].content.hash});
    add_number(to, expose->count);
    for (size_t i = 0; i < expose->count; i++)
        add(to, base_bytes_of(expose->items[i].text));
}

void app_digest_make(const node_app_plan *plan, node_content *ret_digest)
{
    const deploy_difference *difference = &plan->difference;
    memset(ret_digest, 0, sizeof *ret_digest);
    add_number(ret_digest, plan->back);
    add_number(ret_digest, plan->to.added_anew);
    add_side(ret_digest, &plan->from);
    add_side(ret_digest, &plan->to);
    add_number(ret_digest, difference->count);
    for (size_t i = 0; i < difference->count; i++)
        add_item(ret_digest, &difference->items[i]);
    add_lines(ret_digest, &difference->root);
    add_lines(ret_digest, &difference->next_start);
    add_number(ret_digest, difference->expose);
    add(ret_digest, base_bytes_of(difference->refused));
}
