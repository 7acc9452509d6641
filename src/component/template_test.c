// SPDX-License-Identifier: MIT OR Apache-2.0
#include "base/testing.h"

#include <string.h>

#include "base/alloc.h"
#include "base/alloc_fault.h"
#include "base/bytes.h"
#include "component/template.h"

static const airs_native native = {.kind = "child"};
static const airs_grant grants[] = {{.rights = AIRS_RIGHT_CUSTOM_USE, .pattern = "red", .custom = "led"},
                                    {.rights = AIRS_RIGHT_CLOCK_WALL}};
static const airs_mount mount = {"/data", "/tmp"};

/// A template with something in each part, and one inside of it.
static airs_template make(airs_template *inner, airs_setting *setting, const char **pattern)
{
    *inner = (airs_template){.name = "inner", .native = &native};
    return (airs_template){
        .name = "outer",
        .native = &native,
        .options = {.name = "not read",
                    .restart = AIRS_RESTART_TRANSIENT,
                    .config = setting,
                    .config_count = 1,
                    .env = setting,
                    .env_count = 1,
                    .may_send = pattern,
                    .may_send_count = 1,
                    .may_publish = pattern,
                    .may_publish_count = 1,
                    .may_subscribe = pattern,
                    .may_subscribe_count = 1,
                    .may_register = pattern,
                    .may_register_count = 1,
                    .grants = grants,
                    .grants_count = 2,
                    .mounts = &mount,
                    .mounts_count = 1,
                    .nothing_by_default = true,
                    .health = {.kind = AIRS_HEALTH_MESSAGE, .probe = base_bytes_of("ping")},
                    .templates = inner,
                    .templates_count = 1,
                    .children_max = 7},
    };
}

static void a_copy_is_whole(void **user)
{
    (void)user;
    char key[] = "key", value[] = "value", text[] = "pattern";
    const char *pattern = text;
    airs_setting setting = {key, value};
    airs_template inner;
    airs_template of = make(&inner, &setting, &pattern);
    template_list copy;
    assert_int_equal(template_list_copy(&copy, &of, 1, true, base_allocator_default(), NULL), AIRS_OK);
    // Nothing of what it was made of is needed any more.
    key[0] = value[0] = text[0] = '?';
    inner.name = NULL;
    const airs_template *it = template_list_find(&copy, base_bytes_of("outer"));
    assert_non_null(it);
    assert_null(template_list_find(&copy, base_bytes_of("oute")));
    assert_null(it->options.name);
    assert_int_equal(it->options.restart, AIRS_RESTART_TRANSIENT);
    assert_int_equal(it->options.children_max, 7);
    assert_string_equal(it->options.config[0].key, "key");
    assert_string_equal(it->options.config[0].value, "value");
    assert_string_equal(it->options.env[0].value, "value");
    assert_string_equal(it->options.may_send[0], "pattern");
    assert_string_equal(it->options.may_publish[0], "pattern");
    assert_string_equal(it->options.may_subscribe[0], "pattern");
    assert_string_equal(it->options.may_register[0], "pattern");
    assert_int_equal(it->options.grants_count, 2);
    assert_true(it->options.grants != grants);
    assert_string_equal(it->options.grants[0].pattern, "red");
    assert_string_equal(it->options.grants[0].custom, "led");
    assert_null(it->options.grants[1].pattern);
    assert_int_equal(it->options.grants[1].rights, AIRS_RIGHT_CLOCK_WALL);
    assert_string_equal(it->options.mounts[0].guest, "/data");
    assert_string_equal(it->options.mounts[0].host, "/tmp");
    assert_true(it->options.nothing_by_default);
    assert_true(base_bytes_are(it->options.health.probe, "ping"));
    assert_string_equal(it->options.templates[0].name, "inner");
    assert_true(it->native != &native);
    assert_string_equal(it->native->kind, "child");
    template_list_free(&copy, base_allocator_default());
}

static void refuse(const airs_template *of, size_t count, const char *text)
{
    airs_error error = {0};
    template_list copy;
    assert_int_equal(template_list_copy(&copy, of, count, true, base_allocator_default(), &error), AIRS_E_INVALID);
    assert_string_equal(error.text, text);
    assert_int_equal(copy.count, 0);
}

static void what_makes_no_sense_is_refused(void **user)
{
    (void)user;
    refuse(NULL, 1, "templates is NULL");
    refuse(&(airs_template){.native = &native}, 1, "a template has no name");
    refuse(&(airs_template){.name = "one"}, 1, "template \"one\": not one of native and component");
    const airs_template twice[] = {{.name = "one", .native = &native}, {.name = "one", .native = &native}};
    refuse(twice, 2, "template \"one\" is there twice");
    airs_template no_value = {.name = "one", .native = &native};
    no_value.options.config = &(airs_setting){"key", NULL};
    no_value.options.config_count = 1;
    refuse(&no_value, 1, "template \"one\": config[0] has a NULL key or value");
    const char *nothing = NULL;
    airs_template no_pattern = {.name = "one", .native = &native};
    no_pattern.options.may_send = &nothing;
    no_pattern.options.may_send_count = 1;
    refuse(&no_pattern, 1, "template \"one\": may_send is NULL, or has a NULL text");
    airs_template no_grants = {.name = "one", .native = &native, .options = {.grants_count = 1}};
    refuse(&no_grants, 1, "template \"one\": grants is NULL");
    airs_template no_mounts = {.name = "one", .native = &native, .options = {.mounts_count = 1}};
    refuse(&no_mounts, 1, "template \"one\": mounts is NULL");
    airs_template no_folder = {
        .name = "one", .native = &native, .options = {.mounts = &(airs_mount){"/data", NULL}, .mounts_count = 1}};
    refuse(&no_folder, 1, "template \"one\": mounts[0] has a NULL folder");
    airs_template itself = {.name = "one", .native = &native};
    itself.options.templates = &itself;
    itself.options.templates_count = 1;
    airs_error error = {0};
    template_list copy;
    assert_int_equal(template_list_copy(&copy, &itself, 1, true, base_allocator_default(), &error), AIRS_E_INVALID);
    assert_non_null(strstr(error.text, "more than 8 deep"));
}

static void no_memory_leaves_nothing(void **user)
{
    (void)user;
    const char *pattern = "pattern";
    airs_setting setting = {"key", "value"};
    airs_template inner;
    airs_template of = make(&inner, &setting, &pattern);
    base_alloc_fault memory;
    base_alloc_fault_init(&memory);
    airs_status status;
    uint64_t at = 0;
    do {
        base_alloc_fault_arm(&memory, ++at, 1);
        template_list copy;
        status = template_list_copy(&copy, &of, 1, true, &memory.allocator, NULL);
        assert_int_equal(status, base_alloc_fault_hit(&memory) ? AIRS_E_NOMEM : AIRS_OK);
        if (status == AIRS_OK)
            template_list_free(&copy, &memory.allocator);
        assert_int_equal(base_alloc_fault_live(&memory), 0);
    } while (status != AIRS_OK);
    assert_true(at > 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_is_whole),
        cmocka_unit_test(what_makes_no_sense_is_refused),
        cmocka_unit_test(no_memory_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
