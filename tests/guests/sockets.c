// SPDX-License-Identifier: MIT OR Apache-2.0
// Does with the network what it is told, and answers with what came of it: "refused N" is an error's number.
//   resolve NAME             the addresses, with spaces between
//   ask NAME                 the same, but does not wait: "asked"
//   connect ADDRESS PORT     "connected"; an address of version 6 is eight hexadecimal numbers with colons between
//   say TEXT, hear, pour N   over that connection, or the one that was accepted last
//   listen ADDRESS PORT, accept
//   udp ADDRESS PORT         binds: "bound PORT"; then
//   peer ADDRESS PORT        sends and receives of this one only
//   send ADDRESS PORT TEXT, receive, receive-now
//   open N                   opens N sockets at once: how many there came to be
//   close                    drops all of them
#include <airssys/guest.h>

#define SOCKETS(interface, name) __attribute__((import_module("wasi:sockets/" interface "@0.2.1"), import_name(name)))
#define IO(interface, name) __attribute__((import_module("wasi:io/" interface "@0.2.1"), import_name(name)))
/// An `ip-socket-address` as arguments: its case, and 11 numbers.
#define ADDRESS \
    int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t
#define GIVE(at)                                                                                             \
    (at).version6, (at).words[0], (at).words[1], (at).words[2], (at).words[3], (at).words[4], (at).words[5], \
        (at).words[6], (at).words[7], (at).words[8], (at).words[9], (at).words[10]

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
SOCKETS("tcp", "[method]tcp-socket.local-address") void tcp_local_address(int32_t, void *);
SOCKETS("tcp", "[method]tcp-socket.subscribe") int32_t subscribe_tcp(int32_t);
SOCKETS("tcp", "[resource-drop]tcp-socket") void drop_tcp(int32_t);
SOCKETS("udp-create-socket", "create-udp-socket") void create_udp_socket(int32_t family, void *);
SOCKETS("udp", "[method]udp-socket.start-bind") void udp_start_bind(int32_t, int32_t, ADDRESS, void *);
SOCKETS("udp", "[method]udp-socket.finish-bind") void udp_finish_bind(int32_t, void *);
SOCKETS("udp", "[method]udp-socket.stream") void udp_stream(int32_t, int32_t some, ADDRESS, void *);
SOCKETS("udp", "[method]udp-socket.local-address") void udp_local_address(int32_t, void *);
SOCKETS("udp", "[resource-drop]udp-socket") void drop_udp(int32_t);
SOCKETS("udp", "[method]incoming-datagram-stream.receive") void receive(int32_t, uint64_t max, void *);
SOCKETS("udp", "[method]incoming-datagram-stream.subscribe") int32_t subscribe_incoming(int32_t);
SOCKETS("udp", "[resource-drop]incoming-datagram-stream") void drop_incoming(int32_t);
SOCKETS("udp", "[method]outgoing-datagram-stream.check-send") void check_send(int32_t, void *);
SOCKETS("udp", "[method]outgoing-datagram-stream.send") void send_datagrams(int32_t, const void *, size_t, void *);
SOCKETS("udp", "[resource-drop]outgoing-datagram-stream") void drop_outgoing(int32_t);
IO("poll", "[method]pollable.block") void block(int32_t);
IO("poll", "[resource-drop]pollable") void drop_pollable(int32_t);
IO("error", "[method]error.to-debug-string") void error_text(int32_t, void *);
IO("error", "[resource-drop]error") void drop_error(int32_t);
IO("streams", "[method]input-stream.blocking-read") void blocking_read(int32_t, uint64_t len, void *);
IO("streams", "[resource-drop]input-stream") void drop_input(int32_t);
IO("streams", "[method]output-stream.blocking-write-and-flush")
void write_and_flush(int32_t, const uint8_t *, size_t, void *);
IO("streams", "[resource-drop]output-stream") void drop_output(int32_t);

#define WOULD_BLOCK 8
#define SOCKETS_MAX 4096

/// An `ip-socket-address`: of version 4 the port and four numbers, of version 6 the port, the flow, eight, the scope.
typedef struct address {
    int32_t version6;
    int32_t words[11];
} address;

/// `result<T, error-code>` of what has handles, as it lies in memory.
typedef struct outcome {
    uint8_t is_error;
    union {
        uint8_t error;
        int32_t handles[3];
    };
} outcome;

/// `result<_, error-code>`.
typedef struct empty_outcome {
    uint8_t is_error;
    uint8_t error;
} empty_outcome;

/// `result<ip-socket-address, error-code>`.
typedef struct address_outcome {
    _Alignas(4) uint8_t is_error;
    uint8_t gap[3];
    uint8_t version6_or_error;
    uint8_t gap6[3];
    uint16_t port;
    uint8_t rest[26];
} address_outcome;

static struct {
    int32_t tcp;
    int32_t listener;
    int32_t input;
    int32_t output;
    int32_t udp;
    int32_t incoming;
    int32_t outgoing;
    int32_t lookup;
    int32_t opened[SOCKETS_MAX];
    uint32_t opened_count;
} held;

static airs_result refused(uint8_t error)
{
    return airs_answer(airs_join(airs_text("refused "), airs_unsigned(error)));
}

static void wait_for(int32_t pollable)
{
    block(pollable);
    drop_pollable(pollable);
}

static uint64_t number_of(airs_bytes text)
{
    uint64_t number = 0;
    (void)airs_parse_unsigned(text, &number);
    return number;
}

static int32_t hex_of(airs_bytes text)
{
    int32_t number = 0;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t digit = text.data[i];
        number = number * 16 + (digit <= '9' ? digit - '0' : digit - 'a' + 10);
    }
    return number;
}

/// `ADDRESS PORT…`; `rest` is what stands behind.
static address parse_address(airs_bytes text, airs_bytes *rest)
{
    airs_bytes port;
    airs_bytes numbers = airs_cut(text, ' ', &port);
    address at = {0};
    for (size_t i = 0; i < numbers.len; i++)
        at.version6 |= numbers.data[i] == ':';
    at.words[0] = (int32_t)number_of(airs_cut(port, ' ', rest));
    for (size_t i = 0; i < (at.version6 ? 8 : 4); i++) {
        airs_bytes number = airs_cut(numbers, at.version6 ? ':' : '.', &numbers);
        at.words[(at.version6 ? 2 : 1) + i] = at.version6 ? hex_of(number) : (int32_t)number_of(number);
    }
    return at;
}

// ---------------------------------------------------------------- names

static airs_result ask(airs_bytes name, bool waits)
{
    outcome stream;
    resolve_addresses(instance_network(), name.data, name.len, &stream);
    if (stream.is_error)
        return refused(stream.error);
    if (!waits)
        return airs_answer(airs_text("asked"));
    wait_for(subscribe_lookup(stream.handles[0]));
    airs_bytes all = {0};
    for (;;) {
        // `result<option<ip-address>, error-code>`: two cases, one more, and from 6 on the numbers.
        _Alignas(2) uint8_t next[24];
        next_address(stream.handles[0], next);
        if (next[0] || !next[2]) {
            drop_lookup(stream.handles[0]);
            return next[0] ? refused(next[2]) : airs_answer(all.len ? all : airs_text("none"));
        }
        all = airs_join(all, all.len ? airs_text(" ") : airs_text(""), airs_unsigned(next[6]), airs_text("."),
                        airs_unsigned(next[7]), airs_text("."), airs_unsigned(next[8]), airs_text("."),
                        airs_unsigned(next[9]));
    }
}

// ---------------------------------------------------------------- TCP

static void drop_streams(void)
{
    if (held.input)
        drop_input(held.input);
    if (held.output)
        drop_output(held.output);
    if (held.tcp)
        drop_tcp(held.tcp);
    held.input = held.output = held.tcp = 0;
}

static airs_result connect_to(airs_bytes to)
{
    address at = parse_address(to, NULL);
    outcome socket;
    drop_streams();
    create_tcp_socket(at.version6, &socket);
    if (socket.is_error)
        return refused(socket.error);
    held.tcp = socket.handles[0];
    empty_outcome started;
    start_connect(held.tcp, instance_network(), GIVE(at), &started);
    if (started.is_error)
        return refused(started.error);
    wait_for(subscribe_tcp(held.tcp));
    outcome streams;
    finish_connect(held.tcp, &streams);
    if (streams.is_error)
        return refused(streams.error);
    held.input = streams.handles[0];
    held.output = streams.handles[1];
    return airs_answer(airs_text("connected"));
}

/// `result<T, stream-error>`: two cases, two more, and an error.
typedef struct stream_outcome {
    uint8_t is_error;
    union {
        struct {
            uint8_t is_closed;
            int32_t error;
        };
        airs_bytes bytes;
    };
} stream_outcome;

static airs_result stream_error(const stream_outcome *outcome)
{
    if (outcome->is_closed)
        return airs_answer(airs_text("closed"));
    airs_bytes text;
    error_text(outcome->error, &text);
    drop_error(outcome->error);
    return airs_answer(airs_join(airs_text("failed: "), text));
}

static airs_result say(airs_bytes text)
{
    stream_outcome outcome;
    write_and_flush(held.output, text.data, text.len, &outcome);
    return outcome.is_error ? stream_error(&outcome) : airs_answer(airs_text("said"));
}

/// N blocks of 4,096 bytes, whether anybody reads them or not.
static airs_result pour(uint64_t blocks)
{
    static const uint8_t block_of_zeros[4096];
    stream_outcome outcome = {0};
    for (uint64_t i = 0; i < blocks && !outcome.is_error; i++)
        write_and_flush(held.output, block_of_zeros, sizeof block_of_zeros, &outcome);
    return outcome.is_error ? stream_error(&outcome) : airs_answer(airs_text("poured"));
}

static airs_result hear(void)
{
    stream_outcome outcome;
    blocking_read(held.input, 256, &outcome);
    return outcome.is_error ? stream_error(&outcome) : airs_answer(outcome.bytes);
}

static airs_result listen_at(airs_bytes where)
{
    address at = parse_address(where, NULL);
    outcome socket;
    empty_outcome done;
    create_tcp_socket(at.version6, &socket);
    if (socket.is_error)
        return refused(socket.error);
    held.listener = socket.handles[0];
    start_bind(held.listener, instance_network(), GIVE(at), &done);
    if (!done.is_error)
        finish_bind(held.listener, &done);
    if (!done.is_error)
        start_listen(held.listener, &done);
    if (!done.is_error)
        finish_listen(held.listener, &done);
    if (done.is_error)
        return refused(done.error);
    address_outcome local;
    tcp_local_address(held.listener, &local);
    return airs_answer(airs_join(airs_text("listening "), airs_unsigned(local.port)));
}

static airs_result accept_one(void)
{
    drop_streams();
    for (;;) {
        outcome accepted;
        accept_socket(held.listener, &accepted);
        if (!accepted.is_error) {
            held.tcp = accepted.handles[0];
            held.input = accepted.handles[1];
            held.output = accepted.handles[2];
            return airs_answer(airs_text("accepted"));
        }
        if (accepted.error != WOULD_BLOCK)
            return refused(accepted.error);
        wait_for(subscribe_tcp(held.listener));
    }
}

// ---------------------------------------------------------------- UDP

static void drop_datagrams(void)
{
    if (held.incoming)
        drop_incoming(held.incoming);
    if (held.outgoing)
        drop_outgoing(held.outgoing);
    held.incoming = held.outgoing = 0;
}

static airs_result stream_of(bool some, address to)
{
    outcome streams;
    drop_datagrams();
    udp_stream(held.udp, some, GIVE(to), &streams);
    if (streams.is_error)
        return refused(streams.error);
    held.incoming = streams.handles[0];
    held.outgoing = streams.handles[1];
    address_outcome local;
    udp_local_address(held.udp, &local);
    return airs_answer(airs_join(airs_text("bound "), airs_unsigned(local.port)));
}

static airs_result bind_udp(airs_bytes where)
{
    address at = parse_address(where, NULL);
    outcome socket;
    empty_outcome done;
    create_udp_socket(at.version6, &socket);
    if (socket.is_error)
        return refused(socket.error);
    held.udp = socket.handles[0];
    udp_start_bind(held.udp, instance_network(), GIVE(at), &done);
    if (!done.is_error)
        udp_finish_bind(held.udp, &done);
    return done.is_error ? refused(done.error) : stream_of(false, (address){0});
}

/// `result<u64, error-code>`.
typedef struct count_outcome {
    uint8_t is_error;
    union {
        uint8_t error;
        uint64_t count;
    };
} count_outcome;

static airs_result send_to(airs_bytes to)
{
    airs_bytes text;
    address at = parse_address(to, &text);
    struct {
        airs_bytes data;
        uint8_t some;
        uint8_t gap[3];
        uint8_t version6;
        uint8_t gap6[3];
        uint16_t port;
        uint8_t numbers[26];
    } datagram = {.data = text, .some = 1, .version6 = (uint8_t)at.version6, .port = (uint16_t)at.words[0]};
    for (size_t i = 0; i < 4 && !at.version6; i++)
        datagram.numbers[i] = (uint8_t)at.words[1 + i];
    count_outcome sent;
    check_send(held.outgoing, &sent);
    if (sent.is_error)
        return refused(sent.error);
    send_datagrams(held.outgoing, &datagram, 1, &sent);
    return sent.is_error ? refused(sent.error) : airs_answer(airs_join(airs_text("sent "), airs_unsigned(sent.count)));
}

static airs_result receive_one(bool waits)
{
    for (;;) {
        struct {
            uint8_t is_error;
            uint8_t gap[3];
            // Of an error it is the error's first byte.
            union {
                uint8_t error;
                struct {
                    const airs_bytes *list;
                    size_t count;
                };
            };
        } got;
        receive(held.incoming, 1, &got);
        if (got.is_error)
            return refused(got.error);
        if (got.count)
            return airs_answer(got.list[0]);
        if (!waits)
            return airs_answer(airs_text("nothing"));
        wait_for(subscribe_incoming(held.incoming));
    }
}

// ---------------------------------------------------------------- many

static airs_result open_many(uint64_t count)
{
    outcome socket = {0};
    uint64_t opened = 0;
    while (opened < count && held.opened_count < SOCKETS_MAX) {
        (opened % 2 ? create_udp_socket : create_tcp_socket)(0, &socket);
        if (socket.is_error)
            return airs_answer(airs_join(airs_unsigned(opened), airs_text(" refused "), airs_unsigned(socket.error)));
        held.opened[held.opened_count++] = opened % 2 ? -socket.handles[0] : socket.handles[0];
        opened++;
    }
    return airs_answer(airs_unsigned(opened));
}

static airs_result close_all(void)
{
    drop_streams();
    drop_datagrams();
    if (held.listener)
        drop_tcp(held.listener);
    if (held.udp)
        drop_udp(held.udp);
    held.listener = held.udp = 0;
    for (; held.opened_count; held.opened_count--) {
        int32_t socket = held.opened[held.opened_count - 1];
        socket < 0 ? drop_udp(-socket) : drop_tcp(socket);
    }
    return airs_answer(airs_text("closed"));
}

airs_result actor_handle(const airs_message *message)
{
    airs_bytes rest;
    airs_bytes verb = airs_cut(message->payload, ' ', &rest);
    if (airs_equal(verb, airs_text("resolve")) || airs_equal(verb, airs_text("ask")))
        return ask(rest, airs_equal(verb, airs_text("resolve")));
    if (airs_equal(verb, airs_text("connect")))
        return connect_to(rest);
    if (airs_equal(verb, airs_text("say")))
        return say(rest);
    if (airs_equal(verb, airs_text("hear")))
        return hear();
    if (airs_equal(verb, airs_text("pour")))
        return pour(number_of(rest));
    if (airs_equal(verb, airs_text("listen")))
        return listen_at(rest);
    if (airs_equal(verb, airs_text("accept")))
        return accept_one();
    if (airs_equal(verb, airs_text("udp")))
        return bind_udp(rest);
    if (airs_equal(verb, airs_text("peer")))
        return stream_of(true, parse_address(rest, NULL));
    if (airs_equal(verb, airs_text("send")))
        return send_to(rest);
    if (airs_equal(verb, airs_text("receive")) || airs_equal(verb, airs_text("receive-now")))
        return receive_one(airs_equal(verb, airs_text("receive")));
    if (airs_equal(verb, airs_text("open")))
        return open_many(number_of(rest));
    if (airs_equal(verb, airs_text("close")))
        return close_all();
    return airs_answer(message->payload);
}
