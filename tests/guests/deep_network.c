// SPDX-License-Identifier: MIT OR Apache-2.0
// Tries the network from the deepest stack: "socket" or "resolve".
#include "deep.h"

#define IMPORT(module, name) __attribute__((import_module("wasi:sockets/" module "@0.2.1"), import_name(name)))

IMPORT("instance-network", "instance-network") int32_t instance_network(void);
IMPORT("network", "[resource-drop]network") void drop_network(int32_t);
IMPORT("ip-name-lookup", "resolve-addresses") void resolve_addresses(int32_t, const uint8_t *, size_t, void *);
IMPORT("tcp-create-socket", "create-tcp-socket") void create_tcp_socket(int32_t family, void *result);

static int32_t result[2];

static uint64_t call_socket(void)
{
    create_tcp_socket(0, result);
    return (uint64_t)result[0];
}

static uint64_t call_resolve(void)
{
    int32_t network = instance_network();
    resolve_addresses(network, (const uint8_t *)"localhost", 9, result);
    drop_network(network);
    return (uint64_t)result[0];
}

airs_result actor_handle(const airs_message *message)
{
    const named_call calls[] = {{airs_text("socket"), call_socket}, {airs_text("resolve"), call_resolve}};
    return dive_by_name(message, calls, sizeof calls / sizeof *calls);
}
