// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/stream.h"

#include "node/connection.h"
#include "node/http.h"
#include "node/protocol.h"

#include <cjson/cJSON.h>

// What a client may have to read before lines are kept from it.
#define UNSENT_MAX (64u << 10)

/// Takes the line, NULL when there was no memory for it.
static void queue(node_connection *connection, cJSON *line)
{
    char *text = node_line_print(line);
    node_connection_queue(connection, text);
    cJSON_free(text);
}

static cJSON *begin_line(const node_stream *stream)
{
    cJSON *line = cJSON_CreateObject();
    cJSON_AddNumberToObject(line, "id", (double)stream->request);
    return line;
}

void node_stream_open(node_connection *connection, const node_stream *stream)
{
    connection->stream = *stream;
    if (connection->http)
        node_http_begin_stream(connection);
    cJSON *line = begin_line(stream);
    cJSON_AddTrueToObject(line, "open");
    queue(connection, line);
}

static void queue_item(node_connection *connection, const node_feed_item *item)
{
    const node_stream *stream = &connection->stream;
    cJSON *line = begin_line(stream);
    if (item->missed > 0) {
        cJSON_AddNumberToObject(line, "missed", (double)item->missed);
    } else {
        cJSON_AddNumberToObject(line, "number", (double)item->number);
        cJSON_AddItemToObject(line, stream->key, stream->render(item->record));
    }
    queue(connection, line);
}

bool node_stream_has_more(const node_connection *connection)
{
    return connection->stream.feed && !connection->stream.drained && !connection->dead &&
           node_connection_unsent(connection) < UNSENT_MAX;
}

bool node_stream_pump(node_connection *connection, bool last)
{
    node_stream *stream = &connection->stream;
    stream->drained = false;
    while (stream->feed && !connection->dead && (last || node_connection_unsent(connection) < UNSENT_MAX)) {
        node_feed_item item = {0};
        node_feed_step step = node_feed_next(stream->feed, &stream->cursor, &item);
        if (step == NODE_FEED_RECORD || step == NODE_FEED_MISSED) {
            bool wanted = step == NODE_FEED_MISSED || !stream->wants || stream->wants(stream->pattern, item.record);
            if (wanted)
                queue_item(connection, &item);
            node_feed_item_fini(&item);
            continue;
        }
        stream->drained = true;
        if (step == NODE_FEED_NOTHING && stream->follow && !last)
            return false;
        const node_request request = {.id = stream->request, .has_id = true};
        char *reply = node_reply_ok(&request, NULL);
        node_connection_queue(connection, reply);
        cJSON_free(reply);
        connection->pending--;
        connection->closing = connection->closing || connection->http;
        *stream = (node_stream){0};
        return true;
    }
    return false;
}
