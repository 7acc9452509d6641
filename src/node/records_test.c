// SPDX-License-Identifier: MIT OR Apache-2.0
/// What goes over the socket of actors, failures, dead letters and events, there and back.
#include "node/records.h"

#include "base/bytes.h"
#include "node/events.h"

#include <cjson/cJSON.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void an_actor_comes_back_as_it_went(void **state)
{
    (void)state;
    airs_actor_info info = {.id = {UINT64_MAX},
                            .supervisor = {UINT64_MAX - 1},
                            .kind = AIRS_KIND_SUPERVISOR,
                            .state = AIRS_ACTOR_TERMINATED,
                            .uptime_ms = 1,
                            .restarts = 2,
                            .messages_handled = 3,
                            .messages_failed = 4,
                            .mailbox_len = 5,
                            .memory = 1ull << 40,
                            .execution_ms = 123456789,
                            .connections = 9,
                            .last_exit = AIRS_EXIT_FAILED,
                            .hold = AIRS_HOLD_ENDED,
                            .restart_due_ms = 6,
                            .health = AIRS_HEALTH_UNHEALTHY,
                            .restart = AIRS_RESTART_TEMPORARY,
                            .significant = true,
                            .children = 7};
    snprintf(info.name, sizeof info.name, "a");
    snprintf(info.component, sizeof info.component, "b");
    snprintf(info.version, sizeof info.version, "1.2.3");
    snprintf(info.health_text, sizeof info.health_text, "no \"disk\"");
    snprintf(info.last_failure, sizeof info.last_failure, "x\ny");
    cJSON *json = node_actor_json(&info);
    airs_actor_info back;
    memset(&back, 0xff, sizeof back);
    node_actor_parse(json, &back);
    cJSON_Delete(json);
    assert_int_equal(back.id.raw, info.id.raw);
    assert_int_equal(back.supervisor.raw, info.supervisor.raw);
    assert_int_equal(back.kind, info.kind);
    assert_int_equal(back.state, info.state);
    assert_string_equal(back.name, info.name);
    assert_string_equal(back.component, info.component);
    assert_string_equal(back.version, info.version);
    assert_int_equal(back.uptime_ms, 1);
    assert_int_equal(back.restarts, 2);
    assert_int_equal(back.messages_handled, 3);
    assert_int_equal(back.messages_failed, 4);
    assert_int_equal(back.mailbox_len, 5);
    assert_int_equal(back.memory, info.memory);
    assert_int_equal(back.execution_ms, info.execution_ms);
    assert_int_equal(back.connections, info.connections);
    assert_int_equal(back.last_exit, info.last_exit);
    assert_string_equal(back.last_failure, info.last_failure);
    assert_int_equal(back.hold, info.hold);
    assert_int_equal(back.restart_due_ms, 6);
    assert_int_equal(back.health, info.health);
    assert_string_equal(back.health_text, info.health_text);
    assert_int_equal(back.restart, info.restart);
    assert_true(back.significant);
    assert_int_equal(back.children, 7);
}

static void what_a_node_leaves_out_is_nothing(void **state)
{
    (void)state;
    airs_actor_info info;
    cJSON *json = cJSON_Parse("{\"id\":5,\"state\":\"unheard-of\",\"hold\":7,\"restarts\":-1,\"memory\":1e300}");
    node_actor_parse(json, &info);
    cJSON_Delete(json);
    assert_int_equal(info.id.raw, 0);
    assert_int_equal(info.state, AIRS_ACTOR_CREATING);
    assert_int_equal(info.hold, AIRS_HOLD_NONE);
    assert_int_equal(info.health, AIRS_HEALTH_HEALTHY);
    assert_int_equal(info.restarts, 0);
    assert_int_equal(info.memory, 0);
    assert_string_equal(info.name, "");
}

static const char *text_at(const cJSON *json, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, key));
    return text ? text : "(none)";
}

static void a_failure_says_all_of_it(void **state)
{
    (void)state;
    const airs_failure failure = {.number = 4,
                                  .time_ns = 1700000000123456789,
                                  .reason = AIRS_EXIT_TRAP,
                                  .text = "unreachable",
                                  .backtrace = "handle (a.c:3)\nmain",
                                  .message_id = "00000000000000a1",
                                  .attempt = 2,
                                  .action = AIRS_ACTION_RESTARTED,
                                  .delay_ms = 200};
    cJSON *json = node_failure_json(&failure);
    char *text = cJSON_PrintUnformatted(json);
    assert_string_equal(text, "{\"number\":4,\"time_ms\":1700000000123,\"reason\":\"trap\",\"text\":\"unreachable\","
                              "\"backtrace\":\"handle (a.c:3)\\nmain\",\"message_id\":\"00000000000000a1\","
                              "\"attempt\":2,\"action\":\"restarted\",\"delay_ms\":200}");
    cJSON_free(text);
    cJSON_Delete(json);
}

static void a_dead_letter_is_shown_and_not_moved(void **state)
{
    (void)state;
    static uint8_t payload[1025];
    memset(payload, 'x', sizeof payload);
    airs_dead_letter letter = {.number = 1,
                               .time_ns = 1700000000123456789,
                               .reason = AIRS_DROP_FULL,
                               .sender = {5},
                               .receiver = {6},
                               .receiver_name = "r",
                               .text = "",
                               .topic = base_bytes_of("a.b"),
                               .payload = {payload, 1024}};
    cJSON *json = node_dead_letter_json(&letter, NODE_LETTER_SHOWN_MAX);
    assert_string_equal(text_at(json, "reason"), "full");
    assert_string_equal(text_at(json, "sender"), "5");
    assert_string_equal(text_at(json, "receiver"), "6");
    assert_string_equal(text_at(json, "topic"), "a.b");
    assert_int_equal(strlen(text_at(json, "payload")), 1024);
    cJSON_Delete(json);
    letter.payload.len = 1025;
    letter.topic = (airs_bytes){0};
    json = node_dead_letter_json(&letter, NODE_LETTER_SHOWN_MAX);
    assert_false(cJSON_HasObjectItem(json, "payload"));
    assert_false(cJSON_HasObjectItem(json, "topic"));
    assert_true(cJSON_GetNumberValue(cJSON_GetObjectItem(json, "payload_size")) == 1025);
    cJSON_Delete(json);
}

/// Puts an event into a feed and takes it out as a client does.
static bool there_and_back(const airs_event *event, airs_event *ret_event, cJSON **ret_json)
{
    node_feed *feed = node_events_create();
    assert_non_null(feed);
    node_events_on_event(feed, event);
    uint64_t cursor = 0;
    node_feed_item item = {0};
    bool told = node_feed_next(feed, &cursor, &item) == NODE_FEED_RECORD;
    if (told) {
        uint64_t time_ms = 0;
        *ret_json = node_event_json(item.record);
        assert_true(node_event_parse(*ret_json, ret_event, &time_ms));
        assert_true(time_ms > 1600000000000);
        node_feed_item_fini(&item);
    }
    node_feed_destroy(feed);
    return told;
}

static void events_come_back_as_they_went(void **state)
{
    (void)state;
    for (int kind = AIRS_EVENT_STARTED; kind <= AIRS_EVENT_ROLLED_BACK; kind++) {
        const airs_event event = {.kind = (airs_event_kind)kind,
                                  .actor = {77},
                                  .name = "a",
                                  .reason = AIRS_EXIT_LIMIT,
                                  .text = "why",
                                  .restarts = 3,
                                  .elapsed_ns = 5000000,
                                  .health = AIRS_HEALTH_DEGRADED};
        airs_event back = {0};
        cJSON *json = NULL;
        bool told = there_and_back(&event, &back, &json);
        // States are too many to be kept.
        assert_int_equal(told, kind != AIRS_EVENT_STATE);
        if (!told)
            continue;
        assert_int_equal(back.kind, kind);
        assert_int_equal(back.actor.raw, 77);
        assert_string_equal(back.name, "a");
        assert_string_equal(back.text, "why");
        assert_int_equal(back.restarts, 3);
        bool lasts = kind == AIRS_EVENT_RESTARTED || kind == AIRS_EVENT_BACKOFF;
        assert_int_equal(back.elapsed_ns, lasts ? 5000000 : 0);
        assert_int_equal(back.health, kind == AIRS_EVENT_HEALTH ? AIRS_HEALTH_DEGRADED : AIRS_HEALTH_HEALTHY);
        bool ends = kind == AIRS_EVENT_FAILED || kind == AIRS_EVENT_STOPPED || kind == AIRS_EVENT_ESCALATED;
        assert_int_equal(back.reason, ends ? AIRS_EXIT_LIMIT : AIRS_EXIT_NORMAL);
        cJSON_Delete(json);
    }
    airs_event none;
    uint64_t time_ms;
    cJSON *json = cJSON_Parse("{\"kind\":\"unheard-of\"}");
    assert_false(node_event_parse(json, &none, &time_ms));
    cJSON_Delete(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_actor_comes_back_as_it_went), cmocka_unit_test(what_a_node_leaves_out_is_nothing),
        cmocka_unit_test(a_failure_says_all_of_it),       cmocka_unit_test(a_dead_letter_is_shown_and_not_moved),
        cmocka_unit_test(events_come_back_as_they_went),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
