// SPDX-License-Identifier: MIT OR Apache-2.0
/// Deployment. Nothing here may change what is there.
#include "sweep.h"

static void sweep_airs_on_no_state_name(const sweep *self)
{
    EXPECT("none", airs_on_no_state_name((airs_on_no_state)99)[0], '?');
    EXPECT("negative", airs_on_no_state_name((airs_on_no_state)-1)[0], '?');
    EXPECT("one", airs_on_no_state_name(AIRS_NO_STATE_REFUSE)[0], 'r');
}

static void sweep_airs_rollback_state_name(const sweep *self)
{
    EXPECT("none", airs_rollback_state_name((airs_rollback_state)99)[0], '?');
    EXPECT("negative", airs_rollback_state_name((airs_rollback_state)-1)[0], '?');
    EXPECT("one", airs_rollback_state_name(AIRS_ROLLBACK_CARRY)[0], 'c');
}

static void sweep_airs_deploy_phase_name(const sweep *self)
{
    EXPECT("none", airs_deploy_phase_name((airs_deploy_phase)99)[0], '?');
    EXPECT("negative", airs_deploy_phase_name((airs_deploy_phase)-1)[0], '?');
    EXPECT("one", airs_deploy_phase_name(AIRS_DEPLOY_DONE)[0], 'd');
}

static void sweep_airs_deploy_compare(const sweep *self)
{
    airs_deploy_difference difference = {.same = true};
    airs_error error;
    airs_system *system = self->system;
    airs_component *component = self->component;
    EXPECT_ERROR("NULL system", airs_deploy_compare(NULL, component, self->echo, NULL, &difference, &error),
                 AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL component", airs_deploy_compare(system, NULL, self->echo, NULL, &difference, &error),
                 AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL ret", airs_deploy_compare(system, component, self->echo, NULL, NULL, &error), AIRS_E_INVALID,
                 &error);
    for (const bad_id *bad = sweep_bad_ids; bad->what != NULL; bad++)
        EXPECT_ERROR(bad->what, airs_deploy_compare(system, component, bad->id, NULL, &difference, &error), AIRS_E_GONE,
                     &error);
    if (!self->stopped)
        EXPECT_ERROR("a native", airs_deploy_compare(system, component, self->echo, NULL, &difference, &error),
                     AIRS_E_UNSUPPORTED, &error);
    EXPECT("untouched", difference.same, true);
}

/// What both functions that deploy refuse.
static void sweep_options(const sweep *self, const char *what, airs_deploy_options options)
{
    airs_error error;
    airs_deploy_target target = {.actor = self->echo};
    airs_deploy_result result = {.number = 77};
    airs_status wanted = sweep_blocking(self, AIRS_E_INVALID);
    EXPECT_ERROR(what, airs_deploy(self->system, self->component, &target, 1, &options, &result, &error), wanted,
                 &error);
    EXPECT_ERROR(what, airs_rollback(self->system, &target, 1, &options, &result, &error), wanted, &error);
    EXPECT("untouched", result.number, 77);
}

static void sweep_airs_deploy(const sweep *self)
{
    airs_error error;
    airs_deploy_target target = {.actor = self->echo};
    airs_deploy_result result = {.number = 77};
    airs_system *system = self->system;
    airs_component *component = self->component;
    EXPECT_ERROR("NULL system", airs_deploy(NULL, component, &target, 1, NULL, &result, &error), AIRS_E_INVALID,
                 &error);
    EXPECT_ERROR("NULL targets", airs_deploy(system, component, NULL, 1, NULL, &result, &error), AIRS_E_INVALID,
                 &error);
    EXPECT_ERROR("no target", airs_deploy(system, component, &target, 0, NULL, &result, &error), AIRS_E_INVALID,
                 &error);
    EXPECT_ERROR("NULL component", airs_deploy(system, NULL, &target, 1, NULL, &result, &error),
                 sweep_blocking(self, AIRS_E_INVALID), &error);
    EXPECT_ERROR("of another system", airs_deploy(system, self->strange_component, &target, 1, NULL, &result, &error),
                 sweep_blocking(self, AIRS_E_INVALID), &error);
    EXPECT_ERROR("a native", airs_deploy(system, component, &target, 1, NULL, &result, &error),
                 sweep_blocking(self, AIRS_E_UNSUPPORTED), &error);
    for (const bad_id *bad = sweep_bad_ids; bad->what != NULL; bad++) {
        target.actor = bad->id;
        EXPECT_ERROR(bad->what, airs_deploy(system, component, &target, 1, NULL, &result, &error),
                     sweep_blocking(self, AIRS_E_GONE), &error);
    }
    sweep_options(self, "drain_timeout", (airs_deploy_options){.drain_timeout_ms = UINT32_MAX});
    sweep_options(self, "probation", (airs_deploy_options){.probation_ms = UINT32_MAX - 1});
    sweep_options(self, "on_no_state", (airs_deploy_options){.on_no_state = (airs_on_no_state)99});
    sweep_options(self, "rollback_state", (airs_deploy_options){.rollback_state = (airs_rollback_state)99});
    sweep_options(self, "share", (airs_deploy_options){.canary = true, .canary_ppm = 1000001});
    sweep_options(self, "canary_by", (airs_deploy_options){.canary = true, .canary_by = (airs_canary_by)99});
    sweep_options(self, "no canary", (airs_deploy_options){.promote_when = "errors<1%"});
    sweep_options(self, "promote_when", (airs_deploy_options){.canary = true, .promote_when = "errors<1"});
    sweep_options(self, "rollback_when", (airs_deploy_options){.canary = true, .rollback_when = "p99"});
    EXPECT("untouched", result.number, 77);
}

static void sweep_airs_rollback(const sweep *self)
{
    airs_error error;
    airs_deploy_target target = {.actor = self->echo};
    airs_deploy_result result = {.number = 77};
    EXPECT_ERROR("NULL system", airs_rollback(NULL, &target, 1, NULL, &result, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL targets", airs_rollback(self->system, NULL, 1, NULL, &result, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("no target", airs_rollback(self->system, &target, 0, NULL, &result, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("a native", airs_rollback(self->system, &target, 1, NULL, &result, &error),
                 sweep_blocking(self, AIRS_E_UNSUPPORTED), &error);
    for (const bad_id *bad = sweep_bad_ids; bad->what != NULL; bad++) {
        target.actor = bad->id;
        EXPECT_ERROR(bad->what, airs_rollback(self->system, &target, 1, NULL, &result, &error),
                     sweep_blocking(self, AIRS_E_GONE), &error);
    }
    EXPECT("untouched", result.number, 77);
}

static void sweep_airs_canary_by_name(const sweep *self)
{
    EXPECT("none", airs_canary_by_name((airs_canary_by)99)[0], '?');
    EXPECT("negative", airs_canary_by_name((airs_canary_by)-1)[0], '?');
    EXPECT("one", airs_canary_by_name(AIRS_CANARY_BY_SENDER)[0], 's');
}

static void sweep_airs_canary_get_info(const sweep *self)
{
    airs_canary_info info = {.ppm = 77};
    EXPECT("NULL system", airs_canary_get_info(NULL, self->echo, &info), AIRS_E_INVALID);
    EXPECT("NULL ret", airs_canary_get_info(self->system, self->echo, NULL), AIRS_E_INVALID);
    EXPECT("a native", airs_canary_get_info(self->system, self->echo, &info), AIRS_E_NOT_FOUND);
    for (const bad_id *bad = sweep_bad_ids; bad->what != NULL; bad++)
        EXPECT(bad->what, airs_canary_get_info(self->system, bad->id, &info), AIRS_E_NOT_FOUND);
    EXPECT("untouched", info.ppm, 77);
}

static void sweep_airs_promote(const sweep *self)
{
    airs_error error;
    airs_deploy_result result = {.number = 77};
    EXPECT_ERROR("NULL system", airs_promote(NULL, self->echo, &result, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("a native", airs_promote(self->system, self->echo, &result, &error),
                 sweep_blocking(self, AIRS_E_NOT_FOUND), &error);
    for (const bad_id *bad = sweep_bad_ids; bad->what != NULL; bad++)
        EXPECT_ERROR(bad->what, airs_promote(self->system, bad->id, &result, &error),
                     sweep_blocking(self, AIRS_E_NOT_FOUND), &error);
    EXPECT("untouched", result.number, 77);
}

static void sweep_airs_canary_rollback(const sweep *self)
{
    airs_error error;
    airs_deploy_result result = {.number = 77};
    EXPECT_ERROR("NULL system", airs_canary_rollback(NULL, self->echo, NULL, &result, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("a native", airs_canary_rollback(self->system, self->echo, "", &result, &error),
                 sweep_blocking(self, AIRS_E_NOT_FOUND), &error);
    for (const bad_id *bad = sweep_bad_ids; bad->what != NULL; bad++)
        EXPECT_ERROR(bad->what, airs_canary_rollback(self->system, bad->id, NULL, &result, &error),
                     sweep_blocking(self, AIRS_E_NOT_FOUND), &error);
    EXPECT("untouched", result.number, 77);
}

static void sweep_airs_deploy_all(const sweep *self)
{
    static const airs_setting no_key[] = {{NULL, "x"}};
    airs_error error;
    airs_deploy_options none = {.on_no_state = (airs_on_no_state)99};
    airs_deploy_change change = {.actor = self->echo, .component = self->component};
    airs_deploy_change strange = {.actor = self->echo, .component = self->strange_component};
    airs_deploy_change keyless = {.actor = self->echo, .has_config = true, .config = no_key, .config_count = 1};
    airs_deploy_change listless = {.actor = self->echo, .has_config = true, .config_count = 1};
    airs_deploy_change optioned = {.actor = self->echo, .component = self->component, .options = &none};
    airs_deploy_result result = {.number = 77};
    airs_system *system = self->system;
    airs_status invalid = sweep_blocking(self, AIRS_E_INVALID);
    EXPECT_ERROR("NULL system", airs_deploy_all(NULL, &change, 1, NULL, &result, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL changes", airs_deploy_all(system, NULL, 1, NULL, &result, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("no change", airs_deploy_all(system, &change, 0, NULL, &result, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("of another system", airs_deploy_all(system, &strange, 1, NULL, &result, &error), invalid, &error);
    EXPECT_ERROR("NULL key", airs_deploy_all(system, &keyless, 1, NULL, &result, &error), invalid, &error);
    EXPECT_ERROR("NULL config", airs_deploy_all(system, &listless, 1, NULL, &result, &error), invalid, &error);
    EXPECT_ERROR("options", airs_deploy_all(system, &optioned, 1, NULL, &result, &error), invalid, &error);
    EXPECT_ERROR("a native", airs_deploy_all(system, &change, 1, NULL, &result, &error),
                 sweep_blocking(self, AIRS_E_UNSUPPORTED), &error);
    for (const bad_id *bad = sweep_bad_ids; bad->what != NULL; bad++) {
        change.actor = bad->id;
        EXPECT_ERROR(bad->what, airs_deploy_all(system, &change, 1, NULL, &result, &error),
                     sweep_blocking(self, AIRS_E_GONE), &error);
    }
    EXPECT("untouched", result.number, 77);
}

static void sweep_airs_reconfigure(const sweep *self)
{
    static const airs_setting good[] = {{"mood", "merry"}}, no_value[] = {{"mood", NULL}};
    airs_error error;
    airs_deploy_result result = {.number = 77};
    airs_system *system = self->system;
    EXPECT_ERROR("NULL system", airs_reconfigure(NULL, self->echo, good, 1, NULL, &result, &error), AIRS_E_INVALID,
                 &error);
    EXPECT_ERROR("NULL config", airs_reconfigure(system, self->echo, NULL, 1, NULL, &result, &error),
                 sweep_blocking(self, AIRS_E_INVALID), &error);
    EXPECT_ERROR("NULL value", airs_reconfigure(system, self->echo, no_value, 1, NULL, &result, &error),
                 sweep_blocking(self, AIRS_E_INVALID), &error);
    EXPECT_ERROR("a native", airs_reconfigure(system, self->echo, good, 1, NULL, &result, &error),
                 sweep_blocking(self, AIRS_E_UNSUPPORTED), &error);
    for (const bad_id *bad = sweep_bad_ids; bad->what != NULL; bad++)
        EXPECT_ERROR(bad->what, airs_reconfigure(system, bad->id, good, 1, NULL, &result, &error),
                     sweep_blocking(self, AIRS_E_GONE), &error);
    EXPECT("untouched", result.number, 77);
}

static bool see_record(void *user, const airs_deploy_record *record)
{
    (void)record;
    *(int *)user += 1;
    return true;
}

static void sweep_airs_deploy_history(const sweep *self)
{
    int seen = 0;
    EXPECT("NULL system", airs_deploy_history(NULL, 0, see_record, &seen), 0);
    EXPECT("NULL function", airs_deploy_history(self->system, 0, NULL, NULL), 0);
    EXPECT("none yet", airs_deploy_history(self->system, 0, see_record, &seen), 0);
    EXPECT("after all", airs_deploy_history(self->system, UINT64_MAX, see_record, &seen), 0);
    EXPECT("seen", seen, 0);
}

static bool see_lost(void *user, const airs_lost_message *message)
{
    (void)message;
    *(int *)user += 1;
    return true;
}

static void sweep_airs_deploy_lost(const sweep *self)
{
    int seen = 0;
    EXPECT("NULL system", airs_deploy_lost(NULL, 1, see_lost, &seen), 0);
    EXPECT("NULL function", airs_deploy_lost(self->system, 1, NULL, NULL), 0);
    EXPECT("no number", airs_deploy_lost(self->system, 0, see_lost, &seen), 0);
    EXPECT("none yet", airs_deploy_lost(self->system, 1, see_lost, &seen), 0);
    EXPECT("the last of all", airs_deploy_lost(self->system, UINT64_MAX, see_lost, &seen), 0);
    EXPECT("seen", seen, 0);
}

const sweep_row sweep_rows_deploy[] = {
    SWEEP_ROW(airs_on_no_state_name),
    SWEEP_ROW(airs_rollback_state_name),
    SWEEP_ROW(airs_deploy_phase_name),
    SWEEP_ROW(airs_deploy_compare),
    SWEEP_ROW(airs_deploy),
    SWEEP_ROW(airs_deploy_all),
    SWEEP_ROW(airs_reconfigure),
    SWEEP_ROW(airs_rollback),
    SWEEP_ROW(airs_canary_by_name),
    SWEEP_ROW(airs_canary_get_info),
    SWEEP_ROW(airs_promote),
    SWEEP_ROW(airs_canary_rollback),
    SWEEP_ROW(airs_deploy_history),
    SWEEP_ROW(airs_deploy_lost),
    {0},
};
