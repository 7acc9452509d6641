// SPDX-License-Identifier: MIT OR Apache-2.0
// Tries to reach the network that nobody granted: "connect PORT" on the loopback address, "resolve NAME".
// Answers "refused N" with the error's number, or that it got through.
#include <airssys/guest.h>

#define IMPORT(module, name) __attribute__((import_module("wasi:sockets/" module "@0.2.1"), import_name(name)))

IMPORT("instance-network", "instance-network") int32_t instance_network(void);
IMPORT("ip-name-lookup", "resolve-addresses") void resolve_addresses(int32_t, const uint8_t *, size_t, void *);
IMPORT("tcp-create-socket", "create-tcp-socket") void create_tcp_socket(int32_t family, void *result);
// self, network, then an address of version 4: its case, port, four numbers, and five that version 6 has.
IMPORT("tcp", "[method]tcp-socket.start-connect")
void start_connect(int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t,
                   int32_t, int32_t, int32_t, void *result);

/// `result<own, error-code>` as it lies in memory.
typedef struct handle_result {
    uint8_t is_error;
    union {
        int32_t handle;
        uint8_t error;
    };
} handle_result;

typedef struct empty_result {
    uint8_t is_error;
    uint8_t error;
} empty_result;

static airs_result refused(uint8_t error)
{
    return airs_answer(airs_join(airs_text("refused "), airs_unsigned(error)));
}

static airs_result connect_to(uint64_t port)
{
    handle_result socket;
    empty_result connected;
    create_tcp_socket(0, &socket);
    if (socket.is_error)
        return refused(socket.error);
    start_connect(socket.handle, instance_network(), 0, (int32_t)port, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, &connected);
    return connected.is_error ? refused(connected.error) : airs_answer(airs_text("connecting"));
}

static airs_result resolve(airs_bytes name)
{
    handle_result stream;
    resolve_addresses(instance_network(), name.data, name.len, &stream);
    return stream.is_error ? refused(stream.error) : airs_answer(airs_text("resolving"));
}

airs_result actor_handle(const airs_message *message)
{
    airs_bytes rest;
    uint64_t port;
    airs_bytes verb = airs_cut(message->payload, ' ', &rest);
    if (airs_equal(verb, airs_text("connect")) && airs_parse_unsigned(rest, &port))
        return connect_to(port);
    if (airs_equal(verb, airs_text("resolve")))
        return resolve(rest);
    return airs_error(airs_text("connect PORT, or resolve NAME"));
}
