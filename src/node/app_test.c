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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_deployment_to_an_actor_at_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
