// SPDX-License-Identifier: MIT OR Apache-2.0
/// What is drawn for people: trees, tables, text of strangers.
#include "cli/draw.h"
#include "cli/output.h"
#include "cli/table.h"

#include <cjson/cJSON.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static FILE *stream;
static char *text;
static size_t text_len;

static int open_text(void **state)
{
    (void)state;
    stream = open_memstream(&text, &text_len);
    return stream == NULL;
}

static int close_text(void **state)
{
    (void)state;
    fclose(stream);
    free(text);
    return 0;
}

static const char *written(void)
{
    fflush(stream);
    return text;
}

static airs_actor_info actor(uint64_t id, uint64_t supervisor, airs_actor_kind kind, const char *name)
{
    airs_actor_info info = {.id = {id}, .supervisor = {supervisor}, .kind = kind, .state = AIRS_ACTOR_READY};
    snprintf(info.name, sizeof info.name, "%s", name);
    snprintf(info.component, sizeof info.component, "%s", kind == AIRS_KIND_SUPERVISOR ? "one_for_all" : name);
    if (kind == AIRS_KIND_COMPONENT)
        snprintf(info.version, sizeof info.version, "1.0.0");
    return info;
}

static size_t make_actors(airs_actor_info *actors)
{
    actors[0] = actor(1, 0, AIRS_KIND_SUPERVISOR, "");
    actors[1] = actor(2, 1, AIRS_KIND_SUPERVISOR, "outer");
    actors[2] = actor(3, 2, AIRS_KIND_SUPERVISOR, "inner");
    actors[3] = actor(4, 3, AIRS_KIND_COMPONENT, "deep");
    actors[4] = actor(5, 2, AIRS_KIND_COMPONENT, "middle");
    actors[5] = actor(6, 1, AIRS_KIND_COMPONENT, "last");
    actors[5].state = AIRS_ACTOR_FAILED;
    return 6;
}

static void a_tree_is_drawn(void **state)
{
    (void)state;
    airs_actor_info actors[6];
    assert_true(cli_draw_tree(stream, actors, NULL, make_actors(actors), false, false));
    assert_string_equal(written(), "|- outer         ready      supervisor one_for_all\n"
                                   "|  |- inner      ready      supervisor one_for_all\n"
                                   "|  |  `- deep    ready      deep 1.0.0\n"
                                   "|  `- middle     ready      middle 1.0.0\n"
                                   "`- last          failed     last 1.0.0\n");
}

/// An actor as the node shows it, with a canary.
static cJSON *with_canary(double ppm, double age_ms)
{
    cJSON *json = cJSON_CreateObject();
    cJSON *canary = cJSON_AddObjectToObject(json, "canary");
    cJSON_AddNumberToObject(canary, "ppm", ppm);
    cJSON_AddStringToObject(canary, "by", "sender");
    cJSON_AddStringToObject(canary, "new_version", "2.0.0");
    cJSON_AddNumberToObject(canary, "age_ms", age_ms);
    return json;
}

static void a_canary_is_said_in_a_line(void **state)
{
    (void)state;
    char canary[CLI_CANARY_MAX];
    cJSON *json = with_canary(50000, 12000);
    assert_string_equal(cli_canary_text(canary, json), "5% of 2.0.0 by sender for 12 s");
    assert_true(cli_canary_share(json) == 5);
    cJSON_Delete(json);
    json = with_canary(125000, 61000);
    assert_string_equal(cli_canary_text(canary, json), "12.5% of 2.0.0 by sender for 1m 1s");
    cJSON_Delete(json);
    json = with_canary(1000000, 0);
    assert_true(cli_canary_share(json) == 100);
    cJSON_DeleteItemFromObject(json, "canary");
    assert_string_equal(cli_canary_text(canary, json), "");
    assert_true(cli_canary_share(json) < 0);
    cJSON_Delete(json);
    airs_actor_info actors[6];
    const char *notes[6] = {[4] = "canary 5%\x1b"};
    assert_true(cli_draw_tree(stream, actors, notes, make_actors(actors), false, false));
    assert_non_null(strstr(written(), "|  `- middle     ready      middle 1.0.0, canary 5%\\x1b\n"));
}

static void with_boxes_too(void **state)
{
    (void)state;
    airs_actor_info actors[6];
    assert_true(cli_draw_tree(stream, actors, NULL, make_actors(actors), false, true));
    assert_string_equal(written(), "├─ outer         ready      supervisor one_for_all\n"
                                   "│  ├─ inner      ready      supervisor one_for_all\n"
                                   "│  │  └─ deep    ready      deep 1.0.0\n"
                                   "│  └─ middle     ready      middle 1.0.0\n"
                                   "└─ last          failed     last 1.0.0\n");
}

static void a_tree_of_nothing_is_nothing(void **state)
{
    (void)state;
    assert_true(cli_draw_tree(stream, NULL, NULL, 0, false, true));
    airs_actor_info nameless = actor(7, 1, AIRS_KIND_NATIVE, "");
    airs_actor_info actors[2] = {actor(1, 0, AIRS_KIND_SUPERVISOR, ""), nameless};
    assert_true(cli_draw_tree(stream, actors, NULL, 2, false, false));
    assert_string_equal(written(), "`- #7            ready      \n");
}

static void what_is_not_well_says_why(void **state)
{
    (void)state;
    airs_actor_info actors[6];
    make_actors(actors);
    actors[2].restarts = 1;
    actors[3].hold = AIRS_HOLD_BACKOFF;
    actors[3].state = AIRS_ACTOR_FAILED;
    actors[3].restarts = 12;
    actors[3].restart_due_ms = 1200;
    snprintf(actors[3].last_failure, sizeof actors[3].last_failure, "%s", "wasm trap: unreachable\033");
    actors[4].health = AIRS_HEALTH_DEGRADED;
    snprintf(actors[4].health_text, sizeof actors[4].health_text, "%s", "the cache is cold");
    actors[5].state = AIRS_ACTOR_TERMINATED;
    actors[5].hold = AIRS_HOLD_QUARANTINED;
    assert_true(cli_draw_tree(stream, actors, NULL, 6, false, false));
    assert_string_equal(written(),
                        "|- outer         ready        supervisor one_for_all\n"
                        "|  |- inner      ready        supervisor one_for_all, 1 restart\n"
                        "|  |  `- deep    backoff      deep 1.0.0, 12 restarts, starts in 1.2 s, failed: wasm trap: "
                        "unreachable\\x1b\n"
                        "|  `- middle     degraded     middle 1.0.0, the cache is cold\n"
                        "`- last          quarantined  last 1.0.0\n");
}

static void a_branch_is_drawn_with_its_top(void **state)
{
    (void)state;
    airs_actor_info actors[6];
    make_actors(actors);
    actors[3].hold = AIRS_HOLD_PAUSED;
    assert_true(cli_draw_tree(stream, &actors[2], NULL, 2, true, false));
    assert_string_equal(written(), "`- inner         ready      supervisor one_for_all\n"
                                   "   `- deep       paused     deep 1.0.0\n");
}

static void a_very_deep_tree_is_drawn_too(void **state)
{
    (void)state;
    static airs_actor_info actors[100];
    for (size_t i = 0; i < 100; i++)
        actors[i] = actor(i + 1, i, AIRS_KIND_SUPERVISOR, "x");
    assert_true(cli_draw_tree(stream, actors, NULL, 100, false, false));
    size_t lines = 0;
    for (const char *at = written(); *at; at++)
        lines += *at == '\n';
    assert_int_equal(lines, 99);
}

static void columns_line_up(void **state)
{
    (void)state;
    static const cli_column columns[] = {{"NAME", false}, {"SIZE", true}, {"STATE", false}};
    cli_table table;
    cli_table_init(&table, columns, 3);
    static const char *const cells[] = {"é", "1", "ready", "longer\033[1m", "10000", "x"};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        cli_table_add(&table, cells[i]);
    assert_true(cli_table_print(&table, stream));
    cli_table_fini(&table);
    assert_string_equal(written(), "NAME            SIZE  STATE\n"
                                   "é                  1  ready\n"
                                   "longer\\x1b[1m  10000  x\n");
}

#define BYTES(literal) (literal), sizeof(literal) - 1

static void terminals_are_not_driven(void **state)
{
    (void)state;
    cli_write_escaped(stream, BYTES("a\033[2Jb\r\n\t\x7f\0c"));
    // UTF-8 passes; what is none, C1 controls and bidirectional overrides do not.
    cli_write_escaped(stream, BYTES("é€😀\xff\xc0\xaf\xed\xa0\x80\xc2\x9b\xe2\x80\xae\xe2\x82"));
    assert_string_equal(written(), "a\\x1b[2Jb\\x0d\\n\\t\\x7f\\x00c"
                                   "é€😀\\xff\\xc0\\xaf\\xed\\xa0\\x80\\xc2\\x9b\\xe2\\x80\\xae\\xe2\\x82");
}

static void whole_texts_keep_their_lines(void **state)
{
    (void)state;
    cli_write_text(stream, BYTES("one\n\ttwo\033\n"));
    assert_string_equal(written(), "one\n\ttwo\\x1b\n");
}

int main(void)
{
#define TEXT_TEST(test) cmocka_unit_test_setup_teardown(test, open_text, close_text)
    const struct CMUnitTest tests[] = {
        TEXT_TEST(what_is_not_well_says_why),
        TEXT_TEST(a_branch_is_drawn_with_its_top),
        TEXT_TEST(a_very_deep_tree_is_drawn_too),
        TEXT_TEST(a_tree_is_drawn),
        TEXT_TEST(with_boxes_too),
        TEXT_TEST(a_canary_is_said_in_a_line),
        TEXT_TEST(a_tree_of_nothing_is_nothing),
        TEXT_TEST(columns_line_up),
        TEXT_TEST(terminals_are_not_driven),
        TEXT_TEST(whole_texts_keep_their_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
