// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/top_view.h"

#include "cli/table.h"

#include <cjson/cJSON.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SECOND 1000000000ull

static void add(cJSON *actors, const char *id, const char *supervisor, const char *name, double handled, double mailbox,
                double memory)
{
    cJSON *actor = cJSON_CreateObject();
    cJSON_AddStringToObject(actor, "id", id);
    cJSON_AddStringToObject(actor, "supervisor", supervisor);
    cJSON_AddStringToObject(actor, "name", name);
    bool supervises = strcmp(name, "pool") == 0 || !*name;
    cJSON_AddStringToObject(actor, "kind", supervises ? "supervisor" : "component");
    cJSON_AddStringToObject(actor, "component", supervises ? "one_for_one" : "card");
    cJSON_AddStringToObject(actor, "state", "ready");
    cJSON_AddStringToObject(actor, "hold", "none");
    cJSON_AddNumberToObject(actor, "messages_handled", handled);
    cJSON_AddNumberToObject(actor, "execution_ms", handled);
    cJSON_AddNumberToObject(actor, "mailbox", mailbox);
    cJSON_AddNumberToObject(actor, "memory", memory);
    cJSON_AddNumberToObject(actor, "uptime_ms", 61000);
    cJSON_AddItemToArray(actors, actor);
}

/// A root, a group with two, and one more; each second they have handled so many messages more.
static void take(cli_top *top, double factor, uint64_t now_ns)
{
    cJSON *result = cJSON_CreateObject();
    cJSON_AddStringToObject(result, "app", "shop");
    cJSON_AddTrueToObject(result, "ready");
    cJSON *actors = cJSON_AddArrayToObject(result, "actors");
    add(actors, "1", "0", "", 0, 0, 0);
    add(actors, "2", "1", "pool", 0, 0, 0);
    add(actors, "3", "2", "quick", 100 * factor, 1, 65536);
    add(actors, "4", "2", "slow", 10 * factor, 7, 131072);
    add(actors, "5", "1", "es\033[2Jcape", factor, 3, 1);
    assert_true(cli_top_take(top, result, now_ns));
    cJSON_Delete(result);
}

static char *drawn(cli_top *top, unsigned width, unsigned height, bool styled)
{
    char *text = NULL;
    size_t len;
    FILE *stream = open_memstream(&text, &len);
    assert_non_null(stream);
    const cli_top_screen screen = {.width = width, .height = height, .styled = styled};
    cli_top_draw(top, &screen, stream);
    assert_int_equal(fclose(stream), 0);
    return text;
}

static void wide_and_narrow_screens_say_who_it_is(void **state)
{
    (void)state;
    cli_top top = {0};
    cJSON *result = cJSON_CreateObject();
    cJSON *actors = cJSON_AddArrayToObject(result, "actors");
    add(actors, "1", "0", "", 0, 0, 0);
    add(actors, "281474993487878", "1", "", 1, 1, 1);
    add(actors, "3", "1", "quick", 1, 1, 1);
    assert_true(cli_top_take(&top, result, SECOND));
    char *text = drawn(&top, 200, 0, false);
    assert_non_null(strstr(text, " UPTIME  COMPONENT\n"));
    // The name has its 48 columns, and no more.
    const char *quick = strstr(text, "\n  quick ");
    assert_non_null(quick);
    assert_memory_equal(quick + 1 + 48 + 1, "ready", 5);
    assert_non_null(strstr(quick, "  card\n"));
    free(text);
    text = drawn(&top, 80, 0, false);
    assert_null(strstr(text, "COMPONENT"));
    assert_non_null(strstr(text, "\n  #281474993487878 "));
    free(text);
    // Siblings differ at the end.
    text = drawn(&top, 29, 0, false);
    assert_non_null(strstr(text, "\n  #..74993487878"));
    free(text);
    cli_top_fini(&top);
    cJSON_Delete(result);
}

static void a_canary_is_seen_in_the_state(void **state)
{
    (void)state;
    static const struct {
        double ppm;
        const char *word;
    } cases[] = {{50000, " canary 5% "},
                 {125000, " canary 12% "},
                 {500, " canary <0.1% "},
                 {0, " canary 0% "},
                 {1000000, " canary 100% "}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cli_top top = {0};
        cJSON *result = cJSON_CreateObject();
        cJSON *actors = cJSON_AddArrayToObject(result, "actors");
        add(actors, "3", "0", "quick", 1, 1, 1);
        add(actors, "4", "0", "slow", 1, 1, 1);
        cJSON *canary = cJSON_AddObjectToObject(cJSON_GetArrayItem(actors, 0), "canary");
        cJSON_AddNumberToObject(canary, "ppm", cases[i].ppm);
        assert_true(cli_top_take(&top, result, SECOND));
        char *text = drawn(&top, 80, 0, false);
        assert_non_null(strstr(strstr(text, "quick"), cases[i].word));
        assert_non_null(strstr(strstr(text, "slow"), " ready "));
        free(text);
        cli_top_fini(&top);
        cJSON_Delete(result);
    }
}

static const char *name_at(const cli_top *top, size_t place)
{
    assert_true(place < top->shown_count);
    return top->rows[top->shown[place]].actor.name;
}

static void rates_are_those_between_two_pictures(void **state)
{
    (void)state;
    cli_top top = {0};
    take(&top, 1, SECOND);
    assert_true(top.rows[2].rate < 0);
    take(&top, 3, 3 * SECOND);
    assert_true(top.rows[2].rate == 100);
    // 200 ms of running in 2 s.
    assert_true(top.rows[2].cpu == 10);
    // Another incarnation of the numbers is no rate below zero.
    take(&top, 1, 4 * SECOND);
    assert_true(top.rows[2].rate == 0);
    char *text = drawn(&top, 80, 0, false);
    assert_non_null(strstr(text, "shop  ready  5 actors  0 msg/s  11 waiting  192 KiB  0 restarts\n"));
    free(text);
    cli_top_fini(&top);
}

static void rows_are_ordered_filtered_and_marked(void **state)
{
    (void)state;
    cli_top top = {0};
    take(&top, 1, SECOND);
    assert_int_equal(top.shown_count, 5);
    assert_int_equal(top.rows[top.shown[2]].depth, 2);
    assert_int_equal(top.rows[top.shown[4]].depth, 1);
    cli_top_move(&top, 3);
    assert_string_equal(cli_top_selected(&top)->actor.name, "slow");
    // The mark follows its actor.
    top.sort = CLI_TOP_SORT_MAILBOX;
    cli_top_arrange(&top);
    assert_string_equal(name_at(&top, 0), "slow");
    assert_int_equal(top.selected, 0);
    take(&top, 3, 2 * SECOND);
    top.sort = CLI_TOP_SORT_RATE;
    cli_top_arrange(&top);
    assert_string_equal(name_at(&top, 0), "quick");
    assert_string_equal(cli_top_selected(&top)->actor.name, "slow");
    top.sort = CLI_TOP_SORT_MEMORY;
    cli_top_arrange(&top);
    assert_string_equal(name_at(&top, 0), "slow");
    // A part of a name, or a pattern, or what it is.
    snprintf(top.filter, sizeof top.filter, "%s", "QUI");
    cli_top_arrange(&top);
    assert_int_equal(top.shown_count, 1);
    assert_string_equal(cli_top_selected(&top)->actor.name, "quick");
    snprintf(top.filter, sizeof top.filter, "%s", "*low");
    cli_top_arrange(&top);
    assert_int_equal(top.shown_count, 1);
    snprintf(top.filter, sizeof top.filter, "%s", "card");
    cli_top_arrange(&top);
    assert_int_equal(top.shown_count, 3);
    snprintf(top.filter, sizeof top.filter, "%s", "nobody");
    cli_top_arrange(&top);
    assert_null(cli_top_selected(&top));
    cli_top_move(&top, 5);
    cli_top_move(&top, -5);
    free(drawn(&top, 80, 24, true));
    top.filter[0] = '\0';
    cli_top_arrange(&top);
    cli_top_move(&top, -1000);
    assert_int_equal(top.selected, 0);
    cli_top_move(&top, 1000);
    assert_int_equal(top.selected, 4);
    cli_top_fini(&top);
}

/// Lines, and the widest of them.
static unsigned measure(const char *text, size_t *ret_width)
{
    unsigned lines = 0;
    *ret_width = 0;
    while (*text) {
        char line[2048];
        size_t len = strcspn(text, "\n");
        assert_true(len < sizeof line);
        memcpy(line, text, len);
        line[len] = '\0';
        size_t width = cli_text_width(line);
        *ret_width = width > *ret_width ? width : *ret_width;
        lines++;
        text += len + (text[len] == '\n');
    }
    return lines;
}

static void it_fits_the_screen(void **state)
{
    (void)state;
    cli_top top = {0};
    take(&top, 1, SECOND);
    for (unsigned width = 1; width <= 200; width += width < 90 ? 1 : 37) {
        for (unsigned height = 1; height <= 30; height += 3) {
            size_t widest;
            char *text = drawn(&top, width, height, false);
            unsigned lines = measure(text, &widest);
            assert_true(widest <= width);
            assert_true(lines <= (height < 4 ? 4 : height));
            free(text);
        }
    }
    // With four lines there is one row, which the mark is on.
    cli_top_move(&top, 3);
    char *text = drawn(&top, 80, 4, false);
    assert_non_null(strstr(text, "\n    slow "));
    assert_null(strstr(text, "quick"));
    free(text);
    // Text of strangers does not drive the terminal.
    text = drawn(&top, 80, 24, true);
    assert_null(strstr(text, "\033[2J"));
    assert_non_null(strstr(text, "es\\x1b[2Jcape"));
    free(text);
    cli_top_fini(&top);
}

static void one_actor_fits_too(void **state)
{
    (void)state;
    cJSON *result =
        cJSON_Parse("{\"id\":\"7\",\"name\":\"card\",\"kind\":\"component\",\"component\":\"card\","
                    "\"version\":\"1.0.0\",\"state\":\"ready\",\"last_failure\":\"a\\u001b[2Jb\","
                    "\"limits\":[{\"name\":\"max_memory\",\"unit\":\"bytes\",\"used\":65536,\"max\":131072},"
                    "{\"name\":\"max_park\",\"unit\":\"ms\",\"max\":30000},{\"name\":\"max_rate\"}]}");
    assert_non_null(result);
    for (unsigned height = 1; height < 30; height++) {
        char *text = NULL;
        size_t len;
        size_t widest;
        FILE *stream = open_memstream(&text, &len);
        assert_non_null(stream);
        const cli_top_screen screen = {.width = 60, .height = height};
        cli_top_draw_actor(result, &screen, stream);
        assert_int_equal(fclose(stream), 0);
        assert_true(measure(text, &widest) <= (height < 2 ? 2 : height));
        assert_true(widest <= 60);
        assert_null(strchr(text, '\033'));
        if (height > 20) {
            assert_non_null(strstr(text, "max_memory            64 KiB of 128 KiB\n"));
            assert_non_null(strstr(text, "max_park              - of 30000 ms\n"));
        }
        free(text);
    }
    cJSON_Delete(result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_are_those_between_two_pictures),
        cmocka_unit_test(rows_are_ordered_filtered_and_marked),
        cmocka_unit_test(a_canary_is_seen_in_the_state),
        cmocka_unit_test(wide_and_narrow_screens_say_who_it_is),
        cmocka_unit_test(it_fits_the_screen),
        cmocka_unit_test(one_actor_fits_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
