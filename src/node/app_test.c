// SPDX-License-Identifier: MIT OR Apache-2.0
/// What may be changed of an app at once.
#include "base/testing.h"

#include <string.h>

#include "base/bytes.h"
#include "node/app.h"

static node_app_deploy to(const char *of)
{
    node_app_deploy ret = {.next = NULL};
    base_text_copy(ret.of, sizeof ret.of, base_bytes_of(of));
    return ret;
}

static void one_deployment_to_an_actor_at_a_time(void **state)
{
    (void)state;
    airs_error error = {0};
    node_app app = {.name = "shop"};
    node_app_deploy ada = to("actor \"ada\""), ben = to("actor \"ben\""), again = to("actor \"ada\"");
    assert_int_equal(node_app_begin_deploy(&app, &ada, &error), AIRS_OK);
    assert_int_equal(node_app_begin_deploy(&app, &ben, &error), AIRS_OK);
    assert_int_equal(node_app_begin_deploy(&app, &again, &error), AIRS_E_TAKEN);
    assert_string_equal(error.text, "actor \"ada\" is being deployed to");
    // What was refused is under way no more, the others are.
    assert_int_equal(node_app_begin_change(&app, true, &error), AIRS_E_TAKEN);
    node_app_end_deploy(&app, &ada);
    assert_int_equal(node_app_begin_deploy(&app, &again, &error), AIRS_OK);
    node_app_end_deploy(&app, &ben);
    node_app_end_deploy(&app, &again);
    assert_int_equal(node_app_begin_change(&app, true, &error), AIRS_OK);
    assert_int_equal(node_app_begin_deploy(&app, &ada, &error), AIRS_E_TAKEN);
    assert_non_null(strstr(error.text, "the app shop is being deployed to"));
    node_app_end_change(&app, true);
    assert_null(app.deploys);
    assert_int_equal(app.changes, 0);
}

// ---------------------------------------------------------------- what is asked for

static const char shop[] = "app = { name = \"shop\" }\n"
                           "[[supervisor.group]]\nname = \"hall\"\n"
                           "[[supervisor.group]]\nname = \"pool\"\nparent = \"hall\"\n"
                           "strategy = \"simple_one_for_one\"\ntemplate = \"worker\"\n"
                           "[[template]]\nname = \"worker\"\ncomponent = \"w.wasm\"\n"
                           "[[actor]]\nname = \"ada\"\ncomponent = \"w.wasm\"\n"
                           "[[actor]]\nname = \"ben\"\nsupervisor = \"hall\"\ncomponent = \"w.wasm\"\n";

static node_app_ask ask(node_app_asked what, const char *name)
{
    node_app_ask ret = {.what = what};
    base_text_copy(ret.name, sizeof ret.name, base_bytes_of(name));
    return ret;
}

static void assert_excluded(node_app *app, node_app_ask next, const char *why)
{
    airs_error error = {0};
    assert_int_equal(node_app_begin_ask(app, &next, &error), AIRS_E_TAKEN);
    assert_non_null(strstr(error.text, why));
}

static void assert_allowed(node_app *app, node_app_ask next)
{
    airs_error error = {0};
    assert_int_equal(node_app_begin_ask(app, &next, &error), AIRS_OK);
    node_app_end_ask(app, &next);
}

static void one_thing_at_a_time_of_what_belongs_together(void **state)
{
    node_app *app = *state;
    airs_error error = {0};
    node_app_ask starts = ask(NODE_APP_START, "hall");
    assert_int_equal(node_app_begin_ask(app, &starts, &error), AIRS_OK);
    assert_excluded(app, ask(NODE_APP_START, "hall"), "hall is being started: try again when that has ended");
    assert_excluded(app, ask(NODE_APP_START, "ben"), "hall is being started");
    assert_excluded(app, ask(NODE_APP_SCALE, "pool"), "hall is being started");
    assert_excluded(app, ask(NODE_APP_SPAWN, "pool"), "hall is being started");
    // What hangs can be stopped, but not a child that is not written down yet.
    assert_allowed(app, ask(NODE_APP_STOP, "ben"));
    assert_allowed(app, ask(NODE_APP_STOP, "hall"));
    node_app_ask child = ask(NODE_APP_STOP, "eve");
    base_text_copy(child.group, sizeof child.group, base_bytes_of("pool"));
    assert_excluded(app, child, "hall is being started");
    assert_allowed(app, ask(NODE_APP_START, "ada"));
    assert_int_equal(node_app_begin_change(app, true, &error), AIRS_E_TAKEN);
    node_app_end_ask(app, &starts);
    assert_allowed(app, child);

    node_app_ask stops = ask(NODE_APP_STOP, "hall");
    assert_int_equal(node_app_begin_ask(app, &stops, &error), AIRS_OK);
    assert_excluded(app, ask(NODE_APP_START, "ben"), "hall is being stopped");
    assert_excluded(app, ask(NODE_APP_SPAWN, "pool"), "hall is being stopped");
    assert_allowed(app, ask(NODE_APP_STOP, "hall"));
    node_app_end_ask(app, &stops);

    node_app_ask spawns = ask(NODE_APP_SPAWN, "pool");
    assert_int_equal(node_app_begin_ask(app, &spawns, &error), AIRS_OK);
    assert_allowed(app, ask(NODE_APP_SPAWN, "pool"));
    assert_excluded(app, ask(NODE_APP_SCALE, "pool"), "a child of pool is being started");
    assert_excluded(app, ask(NODE_APP_START, "hall"), "a child of pool is being started");
    node_app_end_ask(app, &spawns);

    node_app_ask scales = ask(NODE_APP_SCALE, "pool");
    assert_int_equal(node_app_begin_ask(app, &scales, &error), AIRS_OK);
    assert_excluded(app, ask(NODE_APP_SPAWN, "pool"), "pool is being scaled");
    node_app_end_ask(app, &scales);

    assert_int_equal(node_app_begin_change(app, true, &error), AIRS_OK);
    assert_excluded(app, ask(NODE_APP_STOP, "ada"), "the app shop is being deployed to");
    assert_excluded(app, ask(NODE_APP_START, "ada"), "the app shop is being deployed to");
    node_app_end_change(app, true);
    assert_null(app->asks);
    assert_int_equal(app->changes, 0);
}

static void what_a_deployment_changes_is_not_made_meanwhile(void **state)
{
    node_app *app = *state;
    airs_error error = {0};
    node_app_deploy worker = to("template \"worker\""), ada = to("actor \"ada\"");
    assert_int_equal(node_app_begin_deploy(app, &worker, &error), AIRS_OK);
    assert_excluded(app, ask(NODE_APP_START, "hall"), "template \"worker\" is being deployed to");
    assert_excluded(app, ask(NODE_APP_START, "pool"), "template \"worker\" is being deployed to");
    assert_allowed(app, ask(NODE_APP_START, "ben"));
    assert_allowed(app, ask(NODE_APP_START, "ada"));
    // One that is there is only released, or restarted.
    node_app_ask there = ask(NODE_APP_START, "pool");
    there.is_there = true;
    assert_allowed(app, there);
    node_app_end_deploy(app, &worker);

    node_app_ask starts = ask(NODE_APP_START, "pool");
    assert_int_equal(node_app_begin_ask(app, &starts, &error), AIRS_OK);
    assert_int_equal(node_app_begin_deploy(app, &worker, &error), AIRS_E_TAKEN);
    assert_non_null(strstr(error.text, "pool is being started"));
    assert_int_equal(node_app_begin_deploy(app, &ada, &error), AIRS_OK);
    node_app_end_deploy(app, &ada);
    node_app_end_ask(app, &starts);
    assert_int_equal(app->changes, 0);
}

static int read_shop(void **state)
{
    static node_app app;
    static deploy_manifest manifest;
    airs_error error = {0};
    app = (node_app){.name = "shop", .manifest = &manifest};
    *state = &app;
    return deploy_manifest_parse_kept(&manifest, "/shop/airssys.toml", base_bytes_of(shop), &error) != AIRS_OK;
}

static int close_shop(void **state)
{
    node_app *app = *state;
    deploy_manifest_close((deploy_manifest *)(uintptr_t)app->manifest);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_deployment_to_an_actor_at_a_time),
        cmocka_unit_test_setup_teardown(one_thing_at_a_time_of_what_belongs_together, read_shop, close_shop),
        cmocka_unit_test_setup_teardown(what_a_deployment_changes_is_not_made_meanwhile, read_shop, close_shop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
