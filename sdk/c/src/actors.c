// SPDX-License-Identifier: MIT OR Apache-2.0
#include "airssys/guest.h"
#include "convert.h"
#include "imports.h"
#include "why.h"

SETTING_LAYOUT_CHECK(airssys_actor_supervision_setting_t);

airs_status airs_spawn(airs_bytes template_name, airs_bytes name, airs_settings config, airs_actor *ret_actor)
{
    static const uint8_t statuses[] = {AIRS_UNKNOWN, AIRS_DENIED, AIRS_LIMIT, AIRS_TAKEN, AIRS_FAILED};
    imports_string_t template_text = to_generated(imports_string_t, template_name);
    imports_string_t name_text = to_generated(imports_string_t, name);
    airssys_actor_supervision_list_setting_t list = {(airssys_actor_supervision_setting_t *)(uintptr_t)config.list,
                                                     config.count};
    airssys_actor_supervision_spawn_error_t error;
    if (airssys_actor_supervision_spawn(&template_text, name.len > 0 ? &name_text : NULL, &list, ret_actor, &error))
        return AIRS_OK;
    bool has_text = error.tag != AIRSSYS_ACTOR_SUPERVISION_SPAWN_ERROR_TAKEN;
    return airs_why_set((airs_status)statuses[error.tag], has_text ? bytes_of(error.val.denied) : airs_text(""));
}

bool airs_stop_child(airs_actor child)
{
    return airssys_actor_supervision_stop(child);
}

void airs_exit(airs_result outcome)
{
    airssys_actor_supervision_result_void_string_t generated = {.is_err = outcome.tag == AIRS_RESULT_ERROR};
    generated.val.err = to_generated(imports_string_t, outcome.data);
    airssys_actor_supervision_exit(&generated);
}

uint64_t airs_monitor(airs_actor actor)
{
    return airssys_actor_supervision_monitor(actor);
}

bool airs_demonitor(uint64_t monitor)
{
    return airssys_actor_supervision_demonitor(monitor);
}

void airs_link(airs_actor actor)
{
    airssys_actor_supervision_link(actor);
}

void airs_unlink(airs_actor actor)
{
    airssys_actor_supervision_unlink(actor);
}
