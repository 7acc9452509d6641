// SPDX-License-Identifier: MIT OR Apache-2.0
#include "deploy/addition.h"

#include "base/bytes.h"
#include "capability/grant_text.h"
#include "deploy/manifest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

// Without a newline at its end.
#define APP                                                                                                            \
    "[app]\nname = \"x\"\n[[template]]\nname = \"kid\"\ncomponent = \"k.wasm\"\n[[actor]]\nname = \"a\"\ncomponent = " \
    "\"a.wasm\""

static airs_bytes bytes_of(const airs_buffer *buffer)
{
    return (airs_bytes){buffer->data, buffer->len};
}

static airs_buffer write_it(const deploy_addition *of, airs_bytes text)
{
    airs_buffer made = {0};
    airs_error error = {.text = ""};
    if (deploy_addition_write(of, text, &made, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    return made;
}

static deploy_manifest parse(const airs_buffer *text)
{
    deploy_manifest manifest = {0};
    airs_error error = {.text = ""};
    if (deploy_manifest_parse_kept(&manifest, "airssys.toml", bytes_of(text), &error) != AIRS_OK)
        fail_msg("%s in:\n%.*s", error.text, (int)text->len, (const char *)text->data);
    return manifest;
}

static const deploy_actor *actor_named(const deploy_manifest *manifest, const char *name)
{
    const deploy_named *named = deploy_manifest_find(manifest, name);
    assert_non_null(named);
    assert_int_equal(named->kind, DEPLOY_KIND_ACTOR);
    return &manifest->actors[named->place];
}

static bool has_grant(const deploy_actor *of, const char *text)
{
    char made[1400];
    bool found = false;
    for (size_t i = 0; !found && i < of->grants.made_count; i++)
        found = strcmp(capability_grant_format(made, sizeof made, &of->grants.made[i]), text) == 0;
    return found;
}

static void a_text_with_it_is_a_manifest_that_has_it(void **state)
{
    (void)state;
    const airs_setting config[] = {{"mood", "calm"}, {"odd key", "a \"b\"\\\n\tc\x7f = # é"}, {"empty", ""}};
    const deploy_addition add = {
        .name = "new/one", .component = "/srv/\"b\".wasm", .config = config, .config_count = 3};
    airs_buffer text = write_it(&add, base_bytes_of(APP));
    deploy_manifest manifest = parse(&text);
    assert_int_equal(manifest.actors_count, 2);
    const deploy_actor *made = actor_named(&manifest, "new/one");
    assert_ptr_equal(made, &manifest.actors[1]);
    assert_string_equal(made->component.text, "/srv/\"b\".wasm");
    assert_int_equal(made->config.count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(made->config.items[i].key, config[i].key);
        assert_string_equal(made->config.items[i].value, config[i].value);
    }
    deploy_manifest_close(&manifest);
    airs_buffer_free(&text);
}

static void it_is_granted_what_was_said(void **state)
{
    (void)state;
    static const char *const texts[] = {"messaging.send \"a\"",
                                        "messaging.send,ask \"b*\"",
                                        "messaging.publish,subscribe \"news.>\"",
                                        "messaging.register \"reg-*\"",
                                        "network.connect \"tcp://localhost:80\" zones=loopback,private",
                                        "network.lookup \"*.example.org\"",
                                        "spawn.start \"kid\" max=3",
                                        "env.read \"HOME\"",
                                        "custom.led \"red\"",
                                        "custom.led \"blue*\"",
                                        "custom.big-horn \"*\"",
                                        "stdio.in,out,err",
                                        "clock.wall"};
    enum {
        COUNT = sizeof texts / sizeof *texts
    };
    static capability_grant_text parsed[COUNT];
    airs_grant grants[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        airs_error error = {.text = ""};
        if (capability_grant_parse(base_bytes_of(texts[i]), &parsed[i], &error) != AIRS_OK)
            fail_msg("%s: %s", texts[i], error.text);
        grants[i] = parsed[i].grant;
    }
    const deploy_addition add = {.name = "n", .component = "/n.wasm", .grants = grants, .grants_count = COUNT};
    airs_buffer text = write_it(&add, base_bytes_of(APP));
    deploy_manifest manifest = parse(&text);
    const deploy_actor *made = actor_named(&manifest, "n");
    // All but the last, which every actor has with more.
    for (size_t i = 0; i + 1 < COUNT; i++) {
        if (!has_grant(made, texts[i]))
            fail_msg("it has not: %s in:\n%.*s", texts[i], (int)text.len, (const char *)text.data);
    }
    // Who may be sent to may be asked only where that is said.
    assert_false(has_grant(made, "messaging.send,ask \"a\""));
    assert_true(has_grant(made, "clock.wall,monotonic"));
    assert_true(has_grant(made, "config.read \"*\""));
    assert_false(has_grant(actor_named(&manifest, "a"), "custom.led \"red\""));
    // And the defaults of config, clock and random.
    assert_int_equal(made->grants.made_count, COUNT - 1 + 3);
    deploy_manifest_close(&manifest);
    airs_buffer_free(&text);
}

static void it_comes_in_the_place_of_itself(void **state)
{
    (void)state;
    const airs_setting config[] = {{"mood", "calm"}};
    const deploy_addition first = {.name = "n", .component = "/1.wasm", .config = config, .config_count = 1};
    const deploy_addition other = {.name = "n-2", .component = "/2.wasm"};
    const deploy_addition second = {.name = "n", .component = "/3.wasm"};
    airs_buffer one = write_it(&first, base_bytes_of(APP));
    airs_buffer two = write_it(&other, bytes_of(&one));
    airs_buffer three = write_it(&second, bytes_of(&two));
    deploy_manifest manifest = parse(&three);
    assert_int_equal(manifest.actors_count, 3);
    assert_string_equal(actor_named(&manifest, "n")->component.text, "/3.wasm");
    assert_int_equal(actor_named(&manifest, "n")->config.count, 0);
    // Actors start, and are started again, in the order of the text.
    assert_ptr_equal(actor_named(&manifest, "n"), &manifest.actors[1]);
    assert_string_equal(actor_named(&manifest, "n-2")->component.text, "/2.wasm");
    deploy_manifest_close(&manifest);
    airs_buffer_free(&three);
    airs_buffer_free(&two);
    airs_buffer_free(&one);
}

static void what_is_cut_out_leaves_the_rest(void **state)
{
    (void)state;
    const deploy_addition add = {.name = "n", .component = "/1.wasm"};
    const deploy_addition other = {.name = "m", .component = "/2.wasm"};
    airs_buffer one = write_it(&add, base_bytes_of(APP "\n"));
    airs_buffer two = write_it(&other, bytes_of(&one));
    airs_buffer without = {0};
    assert_true(deploy_addition_is_in(bytes_of(&two), "n"));
    assert_true(deploy_addition_is_in(bytes_of(&two), "m"));
    assert_int_equal(deploy_addition_cut(bytes_of(&two), "m", &without, NULL), AIRS_OK);
    assert_true(base_bytes_equal(bytes_of(&without), bytes_of(&one)));
    airs_buffer_free(&without);
    assert_int_equal(deploy_addition_cut(bytes_of(&one), "n", &without, NULL), AIRS_OK);
    assert_true(base_bytes_equal(bytes_of(&without), base_bytes_of(APP "\n")));
    airs_buffer_free(&without);
    // What the manifest has by itself is none.
    assert_false(deploy_addition_is_in(bytes_of(&two), "a"));
    assert_int_equal(deploy_addition_cut(bytes_of(&two), "a", &without, NULL), AIRS_OK);
    assert_true(base_bytes_equal(bytes_of(&without), bytes_of(&two)));
    airs_buffer_free(&without);
    airs_buffer_free(&two);
    airs_buffer_free(&one);
}

static void a_grant_that_means_nothing_is_refused(void **state)
{
    (void)state;
    static const char *const refused[][2] = {{"files.read \"/x\"", "folders are mounted by a manifest only"},
                                             {"network.connect \"://\"", ""},
                                             {"messaging.send \"a b\"", ""}};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        capability_grant_text grant;
        airs_error error = {.text = ""};
        assert_int_equal(capability_grant_parse(base_bytes_of(refused[i][0]), &grant, &error), AIRS_OK);
        assert_int_equal(deploy_addition_check_grant(&grant.grant, &error), AIRS_E_INVALID);
        assert_non_null(strstr(error.text, refused[i][1]));
        assert_int_not_equal(error.text[0], '\0');
    }
}

static void a_list_of_actors_takes_no_more(void **state)
{
    (void)state;
    static const char *const lists[] = {
        "actor = [{name = \"a\", component = \"a.wasm\"}, {name = \"b\", component = \"b.wasm\"}]\n"
        "[app]\nname = \"x\"\n",
        "# Grüße\n\"actor\" = [ # all\n  {name = \"a\", component = \"a.wasm\"}]\napp.name = \"x\"\n"};
    const deploy_addition add = {.name = "n", .component = "/n.wasm"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        deploy_manifest manifest = {0};
        airs_error error = {.text = ""};
        assert_int_equal(deploy_manifest_parse_kept(&manifest, "airssys.toml", base_bytes_of(lists[i]), &error),
                         AIRS_OK);
        assert_int_equal(deploy_addition_check_manifest(&manifest, &error), AIRS_E_UNSUPPORTED);
        assert_string_equal(error.text,
                            "the manifest of x has its actors as a list, `actor = [...]`, to which none can "
                            "be added: write each as [[actor]], and `airssys deploy APP` first");
        deploy_manifest_close(&manifest);
    }
    // As tables they take one, and one more.
    airs_buffer text = write_it(&add, base_bytes_of(APP));
    deploy_manifest manifest = parse(&text);
    assert_int_equal(deploy_addition_check_manifest(&manifest, NULL), AIRS_OK);
    deploy_manifest_close(&manifest);
    airs_buffer_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_with_it_is_a_manifest_that_has_it), cmocka_unit_test(it_is_granted_what_was_said),
        cmocka_unit_test(it_comes_in_the_place_of_itself),          cmocka_unit_test(what_is_cut_out_leaves_the_rest),
        cmocka_unit_test(a_grant_that_means_nothing_is_refused),    cmocka_unit_test(a_list_of_actors_takes_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
