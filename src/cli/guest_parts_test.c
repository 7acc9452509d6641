// SPDX-License-Identifier: MIT OR Apache-2.0
// From the functions that an author defines to what is exported.
#include "cli/guest_parts.h"

#include "base/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BIT(part) (1u << CLI_PART_##part)

static cli_guest_parts parts_of(const char *lines)
{
    cli_guest_parts parts = {0};
    cli_guest_parts_add(&parts, base_bytes_of(lines));
    return parts;
}

static void each_function_belongs_to_an_interface(void **state)
{
    (void)state;
    static const struct {
        const char *lines;
        uint32_t batch;
        uint32_t actor;
    } cases[] = {
        {"", 0, 0},
        {"helper\n", 0, 0},
        {"actor_start\n", BIT(CHILD), BIT(CHILD)},
        {"actor_stop", BIT(CHILD), BIT(CHILD)},
        {"actor_handle\n", BIT(BATCH), BIT(ACTOR)},
        {"actor_handle_reply\n", BIT(BATCH), BIT(REPLIES)},
        {"actor_handle_down\n", BIT(BATCH), BIT(SIGNALS)},
        {"actor_health\n", BIT(HEALTH), BIT(HEALTH)},
        {"actor_load\nactor_save\n", BIT(STATE), BIT(STATE)},
        {"actor_apply\n", BIT(RECONFIGURE), BIT(RECONFIGURE)},
        {"x\nactor_handle\ny\nactor_start\n", BIT(BATCH) | BIT(CHILD), BIT(ACTOR) | BIT(CHILD)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cli_guest_parts parts = parts_of(cases[i].lines);
        assert_int_equal(cli_guest_parts_exports(&parts, CLI_CONTRACT_BATCH), cases[i].batch);
        assert_int_equal(cli_guest_parts_exports(&parts, CLI_CONTRACT_ACTOR), cases[i].actor);
        assert_string_equal(parts.warning, "");
    }
}

static void a_misspelling_is_a_warning(void **state)
{
    (void)state;
    cli_guest_parts parts = parts_of("actor_hanlde\n");
    assert_non_null(strstr(parts.warning, "did you mean actor_handle?"));
    // A name of the author's own that only begins alike is none.
    parts = parts_of("actor_table_initialise\n");
    assert_string_equal(parts.warning, "");
}

static void what_makes_no_component_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *lines;
        const char *text;
    } cases[] = {
        {"", "define none of the functions"},
        {"actor_save\n", "define actor_save and not actor_load"},
        {"actor_load\n", "define actor_load and not actor_save"},
        {"__main_void\n", "a program needs `libc = \"wasi\"`"},
        {"main\nactor_handle\n", "a program or an actor"},
    };
    cli_project project = {.name = {"p", {0}}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cli_guest_parts parts = parts_of(cases[i].lines);
        airs_error error;
        assert_int_equal(cli_guest_parts_check(&parts, &project, &error), AIRS_E_COMPONENT);
        assert_non_null(strstr(error.text, cases[i].text));
    }
    airs_error error;
    cli_guest_parts parts = parts_of("__main_argc_argv\n");
    project.libc = CLI_LIBC_WASI;
    assert_int_equal(cli_guest_parts_check(&parts, &project, &error), AIRS_OK);
    // An author's own world may export what no function of ours stands for.
    parts = parts_of("greet\n");
    project.world.text = "a:b/c";
    assert_int_equal(cli_guest_parts_check(&parts, &project, &error), AIRS_OK);
}

static void the_world_names_what_is_exported(void **state)
{
    (void)state;
    cli_project project = {.name = {"p", {0}}, .world = {"a:b/c@1.0.0", {0}}};
    cli_guest_parts parts = parts_of("actor_start\nactor_handle\n");
    char world[CLI_WORLD_MAX];
    size_t len = cli_guest_parts_world(&parts, &project, world);
    assert_int_equal(len, strlen(world));
    assert_non_null(strstr(world, "    export airssys:actor/child@0.1.0;\n"));
    assert_non_null(strstr(world, "    export airssys:actor/batch@0.1.0;\n"));
    assert_non_null(strstr(world, "    include a:b/c@1.0.0;\n}\n"));
    assert_null(strstr(world, "actor/state"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_function_belongs_to_an_interface),
        cmocka_unit_test(a_misspelling_is_a_warning),
        cmocka_unit_test(what_makes_no_component_is_refused),
        cmocka_unit_test(the_world_names_what_is_exported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
