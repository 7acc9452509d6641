// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/app_compare.h"

#include <stdio.h>

#include "base/bytes.h"
#include "component/upgrade.h"
#include "node/app_settings.h"
#include "node/deploy_changes.h"

typedef struct comparing {
    airs_system *system;
    const deploy_item *item;
    airs_component *component;
    const airs_checkpoint *when;
    airs_on_no_state on_no_state;
    app_comparison *ret;
} comparing;

static void name_of(airs_system *system, airs_actor_id id, char ret[sizeof((airs_actor_info){0}).name])
{
    airs_actor_info info;
    ret[0] = '\0';
    if (airs_actor_get_info(system, id, &info) == AIRS_OK)
        base_text_copy(ret, sizeof info.name, base_bytes_of(info.name));
}

static bool compare_one(void *user, airs_actor_id id)
{
    comparing *it = user;
    app_comparison *ret = it->ret;
    airs_deploy_difference difference;
    // One that has ended meanwhile needs nothing.
    if (deploy_compare(it->system, it->component, id, it->when, it->on_no_state, &difference, NULL) != AIRS_OK)
        return true;
    ret->difference = difference;
    ret->has_versions = it->item->component;
    // Of other settings alone the versions say nothing, but that a program has no place for another instance.
    if (difference.refused[0] == '\0' || (!it->item->component && !component_only_runs(it->component)))
        return true;
    char name[sizeof((airs_actor_info){0}).name];
    name_of(it->system, id, name);
    if (it->item->kind == DEPLOY_KIND_ACTOR || name[0] == '\0')
        base_text_copy(ret->refused, sizeof ret->refused, base_bytes_of(difference.refused));
    else
        (void)snprintf(ret->refused, sizeof ret->refused, "its child %.128s: %s", name, difference.refused);
    return false;
}

static bool needs_instance(const deploy_item *item)
{
    return app_settings_respawns(item) && (item->component || item->config || item->swapped.count > 0);
}

bool app_compare(airs_system *system, const node_app_plan *plan, const deploy_item *item, airs_on_no_state asked,
                 app_comparison *ret)
{
    *ret = (app_comparison){0};
    airs_error error = {0};
    if (!needs_instance(item))
        return false;
    const deploy_actor *to = deploy_item_described(item, &plan->to.manifest);
    const airs_spawn_options options = deploy_actor_options(to, (airs_actor_id){0});
    comparing it = {.system = system,
                    .item = item,
                    .when = &options.checkpoint,
                    .on_no_state = asked == AIRS_NO_STATE_AUTO ? (airs_on_no_state)to->policy.on_no_state : asked,
                    .ret = ret};
    if (airs_component_load_file(system, to->component_path, &it.component, &error) != AIRS_OK) {
        base_text_copy(ret->refused, sizeof ret->refused, base_bytes_of(error.text));
        return true;
    }
    app_settings_each(plan, system, item, compare_one, &it);
    airs_component_release(it.component);
    return ret->has_versions || ret->refused[0] != '\0';
}
