// SPDX-License-Identifier: MIT OR Apache-2.0
// A client: looks up a name, connects to what it resolved to, and then to where nobody granted it to go.
#include "tcp.h"

/// The first address of IPv4 that the name has.
static bool look_up(airs_bytes name, ip *ret)
{
    outcome stream;
    bool found = false;
    resolve_addresses(instance_network(), name.data, name.len, &stream);
    if (stream.is_error)
        return false;
    wait_for(subscribe_lookup(stream.handles[0]));
    // `result<option<ip-address>, error-code>`: two cases, two more, which version, and the numbers.
    _Alignas(2) uint8_t next[24];
    for (next_address(stream.handles[0], next); !next[0] && next[2] && !found; next_address(stream.handles[0], next)) {
        found = next[4] == 0;
        *ret = (ip){{next[6], next[7], next[8], next[9]}};
    }
    drop_lookup(stream.handles[0]);
    return found;
}

/// 0, or the error.
static uint8_t connect_to(ip address, uint64_t port, connection *ret)
{
    outcome socket;
    plain_outcome started;
    outcome streams;
    create_tcp_socket(0, &socket);
    if (socket.is_error)
        return socket.error;
    start_connect(socket.handles[0], instance_network(), GIVE(address, port), &started);
    if (started.is_error)
        return started.error;
    wait_for(subscribe_tcp(socket.handles[0]));
    finish_connect(socket.handles[0], &streams);
    if (streams.is_error) {
        drop_tcp(socket.handles[0]);
        return streams.error;
    }
    *ret = (connection){socket.handles[0], streams.handles[0], streams.handles[1]};
    return 0;
}

static void call(ip address, uint64_t port)
{
    connection greeter;
    uint8_t error = connect_to(address, port, &greeter);
    if (error) {
        airs_log(airs_join(ip_text(address), error == ACCESS_DENIED ? airs_text(": access-denied") : airs_text(": ?")));
        return;
    }
    if (write_text(&greeter, airs_text("hello")))
        airs_log(airs_join(ip_text(address), airs_text(": "), read_some(&greeter)));
    hang_up(&greeter);
}

/// The message is the port.
airs_result actor_handle(const airs_message *message)
{
    uint64_t port = 0;
    ip address;
    if (!airs_parse_unsigned(message->payload, &port))
        return airs_error(airs_text("a port, please"));
    // Right in itself; but only the name is granted, and it was not looked up yet.
    call((ip){{127, 0, 0, 1}}, port);
    if (!look_up(airs_text("localhost"), &address))
        return airs_error(airs_text("localhost is not to be found"));
    call(address, port);
    call((ip){{127, 0, 0, 2}}, port);
    call((ip){{169, 254, 169, 254}}, 80);
    airs_exit(airs_ok());
    return airs_ok();
}
