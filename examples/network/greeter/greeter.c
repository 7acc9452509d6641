// SPDX-License-Identifier: MIT OR Apache-2.0
// A server: listens at a port that the system chooses, tells the caller which one, and answers whoever connects.
#include "tcp.h"

static int32_t listener;

static bool listen_at(ip address)
{
    outcome socket;
    plain_outcome done;
    create_tcp_socket(0, &socket);
    if (socket.is_error)
        return false;
    listener = socket.handles[0];
    start_bind(listener, instance_network(), GIVE(address, 0), &done);
    if (!done.is_error)
        finish_bind(listener, &done);
    if (!done.is_error)
        start_listen(listener, &done);
    if (!done.is_error)
        finish_listen(listener, &done);
    return !done.is_error;
}

static uint16_t port_of(int32_t socket)
{
    // `result<ip-socket-address, error-code>`: two cases, two more, and the port is behind both.
    _Alignas(4) uint8_t at[36];
    local_address(socket, at);
    return (uint16_t)(at[8] | at[9] << 8);
}

static connection accept_one(void)
{
    outcome accepted;
    for (;;) {
        accept_socket(listener, &accepted);
        if (!accepted.is_error)
            return (connection){accepted.handles[0], accepted.handles[1], accepted.handles[2]};
        wait_for(subscribe_tcp(listener));
    }
}

airs_result actor_start(const airs_start_info *info)
{
    if (!listen_at((ip){{127, 0, 0, 1}}))
        return airs_error(airs_text("it may not listen"));
    if (airs_send(info->id, airs_text("serve")) != AIRS_OK ||
        airs_send(airs_lookup(airs_text("caller")), airs_unsigned(port_of(listener))) != AIRS_OK)
        return airs_error(airs_why());
    return airs_ok();
}

airs_result actor_handle(const airs_message *message)
{
    (void)message;
    connection caller = accept_one();
    airs_log(airs_join(airs_text("somebody says: "), read_some(&caller)));
    bool written = write_text(&caller, airs_text("welcome"));
    hang_up(&caller);
    return written ? airs_ok() : airs_error(airs_text("it has gone"));
}
