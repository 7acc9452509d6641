// SPDX-License-Identifier: MIT OR Apache-2.0
// wasi:sockets as C sees it, as much of it as the two components use. What has to wait blocks the actor, no thread.
#ifndef TCP_H
#define TCP_H

#include <airssys/guest.h>

#define SOCKETS(interface, name) __attribute__((import_module("wasi:sockets/" interface "@0.2.1"), import_name(name)))
#define IO(interface, name) __attribute__((import_module("wasi:io/" interface "@0.2.1"), import_name(name)))
/// An address of IPv4 as arguments: its case, the port, four numbers, and six that only IPv6 has.
#define ADDRESS \
    int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t
#define GIVE(ip, port) 0, (int32_t)(port), (ip).n[0], (ip).n[1], (ip).n[2], (ip).n[3], 0, 0, 0, 0, 0, 0

SOCKETS("instance-network", "instance-network") int32_t instance_network(void);
SOCKETS("ip-name-lookup", "resolve-addresses") void resolve_addresses(int32_t, const uint8_t *, size_t, void *);
SOCKETS("ip-name-lookup", "[method]resolve-address-stream.resolve-next-address") void next_address(int32_t, void *);
SOCKETS("ip-name-lookup", "[method]resolve-address-stream.subscribe") int32_t subscribe_lookup(int32_t);
SOCKETS("ip-name-lookup", "[resource-drop]resolve-address-stream") void drop_lookup(int32_t);
SOCKETS("tcp-create-socket", "create-tcp-socket") void create_tcp_socket(int32_t family, void *);
SOCKETS("tcp", "[method]tcp-socket.start-bind") void start_bind(int32_t, int32_t, ADDRESS, void *);
SOCKETS("tcp", "[method]tcp-socket.finish-bind") void finish_bind(int32_t, void *);
SOCKETS("tcp", "[method]tcp-socket.start-connect") void start_connect(int32_t, int32_t, ADDRESS, void *);
SOCKETS("tcp", "[method]tcp-socket.finish-connect") void finish_connect(int32_t, void *);
SOCKETS("tcp", "[method]tcp-socket.start-listen") void start_listen(int32_t, void *);
SOCKETS("tcp", "[method]tcp-socket.finish-listen") void finish_listen(int32_t, void *);
SOCKETS("tcp", "[method]tcp-socket.accept") void accept_socket(int32_t, void *);
SOCKETS("tcp", "[method]tcp-socket.local-address") void local_address(int32_t, void *);
SOCKETS("tcp", "[method]tcp-socket.subscribe") int32_t subscribe_tcp(int32_t);
SOCKETS("tcp", "[resource-drop]tcp-socket") void drop_tcp(int32_t);
IO("poll", "[method]pollable.block") void block(int32_t);
IO("poll", "[resource-drop]pollable") void drop_pollable(int32_t);
IO("streams", "[method]input-stream.blocking-read") void blocking_read(int32_t, uint64_t len, void *);
IO("streams", "[resource-drop]input-stream") void drop_input(int32_t);
IO("streams", "[method]output-stream.blocking-write-and-flush")
void write_and_flush(int32_t, const uint8_t *, size_t, void *);
IO("streams", "[resource-drop]output-stream") void drop_output(int32_t);

/// Two of wasi:sockets' errors.
enum {
    ACCESS_DENIED = 1,
    WOULD_BLOCK = 8
};

typedef struct ip {
    uint8_t n[4];
} ip;

/// A `result` as it lies in memory: an error, or up to three handles.
typedef struct outcome {
    uint8_t is_error;
    union {
        uint8_t error;
        int32_t handles[3];
    };
} outcome;

/// A `result` without a value, or of an enumeration.
typedef struct plain_outcome {
    uint8_t is_error;
    uint8_t error;
} plain_outcome;

/// A `result` of a stream: an error, or bytes.
typedef struct stream_outcome {
    uint8_t is_error;
    union {
        uint8_t is_closed;
        airs_bytes bytes;
    };
} stream_outcome;

typedef struct connection {
    int32_t socket;
    int32_t input;
    int32_t output;
} connection;

static inline void wait_for(int32_t pollable)
{
    block(pollable);
    drop_pollable(pollable);
}

static inline bool write_text(const connection *to, airs_bytes text)
{
    stream_outcome written;
    write_and_flush(to->output, text.data, text.len, &written);
    return !written.is_error;
}

/// Empty at the end.
static inline airs_bytes read_some(const connection *from)
{
    stream_outcome got;
    blocking_read(from->input, 256, &got);
    return got.is_error ? (airs_bytes){0} : got.bytes;
}

static inline void hang_up(const connection *it)
{
    drop_input(it->input);
    drop_output(it->output);
    drop_tcp(it->socket);
}

static inline airs_bytes ip_text(ip at)
{
    return airs_join(airs_unsigned(at.n[0]), airs_text("."), airs_unsigned(at.n[1]), airs_text("."),
                     airs_unsigned(at.n[2]), airs_text("."), airs_unsigned(at.n[3]));
}

#endif
