// SPDX-License-Identifier: MIT OR Apache-2.0
// Asks for what is not granted, by WASI 0.2 itself, and answers with what it was told.
#include "../../../core/tests/guests/guest.h"

#define WASI(interface, name) __attribute__((import_module("wasi:" interface "@0.2.3"), import_name(name)))

WASI("clocks/monotonic-clock", "subscribe-duration") uint32_t subscribe_duration(uint64_t ns);
WASI("io/poll", "[method]pollable.block") void block(uint32_t pollable);
WASI("io/poll", "[resource-drop]pollable") void drop_pollable(uint32_t pollable);
WASI("sockets/tcp-create-socket", "create-tcp-socket") void create_tcp_socket(int family, void *ret);
WASI("http/types", "[constructor]fields") uint32_t new_fields(void);
WASI("http/types", "[constructor]outgoing-request") uint32_t new_request(uint32_t fields);
WASI("http/types", "[method]outgoing-request.set-authority")
int set_authority(uint32_t request, int some, const char *text, size_t len);
WASI("http/types", "[method]outgoing-request.set-path-with-query")
int set_path(uint32_t request, int some, const char *text, size_t len);
WASI("http/types", "[method]future-incoming-response.subscribe") uint32_t subscribe(uint32_t future);
WASI("http/types", "[method]future-incoming-response.get") void get(uint32_t future, void *ret);
WASI("http/outgoing-handler", "handle") void send(uint32_t request, int some, uint32_t options, void *ret);

IMPORT("messaging", "self-id") uint64_t self_id(void);

static uint8_t area[64] __attribute__((aligned(8)));

/// 100 + the error of the request that was sent, or less when it was not refused as it should be.
static uint32_t request(void)
{
    uint32_t request = new_request(new_fields());
    if (set_authority(request, 1, "localhost", 9) != 0 || set_path(request, 1, "/", 1) != 0) {
        return 40;
    }
    send(request, 0, 0, area);
    if (area[0] != 0) {
        return 50;
    }
    uint32_t future = *(uint32_t *)(area + 8);
    uint32_t ready = subscribe(future);
    block(ready);
    drop_pollable(ready);
    get(future, area);
    return area[0] == 1 && area[8] == 0 && area[16] == 1 ? 100u + area[24] : 60;
}

EXPORT("airssys:actor/actor@0.1.0#handle")
void *handle(uint64_t sender, uint64_t id, int has_topic, const char *topic, size_t topic_len, const uint8_t *data,
             size_t len)
{
    (void)sender, (void)id, (void)has_topic, (void)topic, (void)topic_len;
    uint32_t told = 0;
    // The test measures the stack between two of these.
    self_id();
    switch (len == 0 ? 0 : data[0]) {
    case 'h':
        told = request();
        break;
    case 't':
        create_tcp_socket(0, area), told = area[0] == 1 ? area[4] : 99;
        break;
    case 's':
        block(subscribe_duration(20000000));
        break;
    case 'r':
        for (;;)
            subscribe_duration(1000000000);
        break;
    }
    ret_area[8] = told;
    ret_area[0] = 0, ret_area[1] = 1, ret_area[2] = (uint32_t)(size_t)&ret_area[8], ret_area[3] = 4;
    return ret_area;
}
