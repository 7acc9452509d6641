// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/subscriber.h"

#include "airssys/system.h"
#include "node/feed.h"
#include "node/protocol.h"
#include "os/clock.h"

#include <cjson/cJSON.h>
#include <string.h>

#define MESSAGES_KEPT 1024
#define MESSAGES_BYTES_MAX (2 * NODE_PAYLOAD_MAX)
#define MAILBOX_MAX 8192
#define MESSAGE_MAX (64u << 20)

/// The topic and the payload stand behind it.
typedef struct message_head {
    uint64_t time_ns;
    airs_actor_id sender;
    size_t topic_len;
} message_head;

static airs_status start(void *state, airs_context *context, const airs_start_info *info, airs_error *error)
{
    (void)state;
    (void)info;
    const node_letter *letter = airs_context_user(context);
    uint64_t subscription;
    return airs_context_subscribe(context, letter->text, NULL, &subscription, error);
}

/// Also when the node ends, or somebody stops it: the client is told that nothing more comes.
static void stop(void *state, airs_context *context, airs_stop_reason reason)
{
    (void)state;
    (void)reason;
    const node_letter *letter = airs_context_user(context);
    node_feed_close(letter->feed);
}

static airs_status handle(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)error;
    const node_letter *letter = airs_context_user(context);
    // It is known by its id to whoever lists the actors: what was sent to it was not published.
    if (!message->topic.data)
        return AIRS_OK;
    const message_head head = {os_clock_wall_ns(), message->sender, message->topic.len};
    const airs_bytes parts[] = {{(const uint8_t *)&head, sizeof head}, message->topic, message->payload};
    node_feed_put(letter->feed, parts, 3);
    return AIRS_OK;
}

void node_subscriber_start(airs_system *system, node_letter *letter)
{
    static const airs_child_fns child = {.start = start, .stop = stop};
    static const airs_actor_fns actor = {.handle = handle};
    const airs_native native = {.kind = "subscriber", .child = &child, .actor = &actor, .user = letter};
    const airs_spawn_options options = {.restart = AIRS_RESTART_TEMPORARY,
                                        .limits = {.mailbox_max = MAILBOX_MAX, .max_message = MESSAGE_MAX}};
    airs_error error = {0};
    airs_status status = airs_spawn_native(system, &native, &options, &letter->actor, &error);
    node_letter_set(letter, status, &error);
}

void node_subscriber_stop(airs_system *system, node_letter *letter)
{
    // One that has ended already is as good.
    letter->status = airs_stop(system, letter->actor);
    letter->actor = (airs_actor_id){0};
}

node_feed *node_subscriber_feed(void)
{
    return node_feed_create(MESSAGES_KEPT, MESSAGES_BYTES_MAX);
}

cJSON *node_subscriber_json(airs_bytes record)
{
    message_head head;
    memcpy(&head, record.data, sizeof head);
    const uint8_t *topic = record.data + sizeof head;
    airs_bytes payload = {topic + head.topic_len, record.len - sizeof head - head.topic_len};
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "time_ms", (double)(head.time_ns / 1000000u));
    node_json_add_bytes(json, "topic", (airs_bytes){topic, head.topic_len});
    node_json_add_id(json, "sender", head.sender);
    airs_error error;
    if (node_payload_write(json, payload, &error) != AIRS_OK)
        cJSON_AddNumberToObject(json, "payload_size", (double)payload.len);
    return json;
}
