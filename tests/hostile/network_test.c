// SPDX-License-Identifier: MIT OR Apache-2.0
/// The network under grants: what a guest tries to get past them, with a resolver that lies and servers on loopback.
/// A refusal is the number of wasi:sockets' error: 1 access-denied, 3 invalid-argument, 10 new-socket-limit.
#include "attack.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "component/authority.h"
#include "component/component_actor.h"
#include "node/system.h"

#define LOOKUP_MS 300u
#define CONNECT AIRS_RIGHT_NETWORK_CONNECT
#define LOOKUP AIRS_RIGHT_NETWORK_LOOKUP
#define BIND AIRS_RIGHT_NETWORK_BIND

// ---------------------------------------------------------------- a resolver that lies

typedef struct liar {
    /// How often `rebind.test` was asked for.
    _Atomic uint32_t turn;
    _Atomic uint32_t asked;
    /// `never.test` does not answer until this is set.
    _Atomic bool released;
    _Atomic uint32_t waiting;
} liar;

static airs_address version4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
    return (airs_address){.version = 4, .bytes = {a, b, c, d}};
}

static airs_status lie(void *user, const char *name, airs_address *ret, size_t max, size_t *ret_count)
{
    liar *self = user;
    atomic_fetch_add(&self->asked, 1);
    assert_true(max >= 2);
    *ret_count = 1;
    ret[0] = version4(127, 0, 0, 1);
    if (strcmp(name, "never.test") == 0) {
        atomic_fetch_add(&self->waiting, 1);
        while (!atomic_load(&self->released))
            attack_sleep_ms(2);
        atomic_fetch_sub(&self->waiting, 1);
    } else if (strcmp(name, "rebind.test") == 0) {
        static const uint8_t turns[][4] = {{93, 184, 216, 34}, {127, 0, 0, 1}, {10, 0, 0, 1}, {169, 254, 169, 254}};
        uint32_t turn = atomic_fetch_add(&self->turn, 1);
        memcpy(ret[0].bytes, turns[turn % 4], 4);
    } else if (strcmp(name, "mapped.test") == 0) {
        ret[0] = (airs_address){.version = 6, .bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1}};
    } else if (strcmp(name, "many.test") == 0) {
        for (size_t i = 0; i < max; i++)
            ret[i] = version4(127, 0, 0, (uint8_t)(i + 1));
        *ret_count = max + 1000;
    } else if (strcmp(name, "busy.test") == 0) {
        return AIRS_E_TIMEOUT;
    } else if (strcmp(name, "service.test") != 0) {
        return AIRS_E_NOT_FOUND;
    }
    return AIRS_OK;
}

static attack *begin(liar *resolver)
{
    airs_system_options options = {.workers = 2,
                                   .instances_max = 32,
                                   .max_restarts = 256,
                                   .resolve = lie,
                                   .resolve_user = resolver,
                                   .lookup_timeout_ms = LOOKUP_MS};
    return attack_begin_with(&options);
}

// ---------------------------------------------------------------- guests and servers

#define GRANT_MAX 4u

typedef struct rule {
    uint32_t rights;
    const char *host;
    /// 0: no port is written.
    uint16_t port;
    uint32_t zones;
} rule;

static airs_actor_id spawn_with(attack *self, const rule *rules, size_t count, airs_limits limits)
{
    char patterns[GRANT_MAX][64];
    airs_grant grants[GRANT_MAX];
    assert_true(count <= GRANT_MAX);
    for (size_t i = 0; i < count; i++) {
        if (rules[i].port == 0)
            (void)snprintf(patterns[i], sizeof patterns[i], "%s", rules[i].host);
        else
            (void)snprintf(patterns[i], sizeof patterns[i], "%s:%u", rules[i].host, rules[i].port);
        grants[i] = (airs_grant){.rights = rules[i].rights, .pattern = patterns[i], .zones = rules[i].zones};
    }
    airs_spawn_options options = {.limits = limits, .grants = grants, .grants_count = count};
    return attack_spawn(self, "sockets", &options);
}

#define SPAWN(self, ...) \
    spawn_with(self, (const rule[]){__VA_ARGS__}, sizeof((const rule[]){__VA_ARGS__}) / sizeof(rule), (airs_limits){0})

static void __attribute__((format(printf, 4, 5)))
expect(attack *self, airs_actor_id id, const char *answer, const char *format, ...)
{
    char message[256];
    va_list values;
    va_start(values, format);
    (void)vsnprintf(message, sizeof message, format, values);
    va_end(values);
    attack_expect(self, id, message, answer);
}

/// A socket of the test's own on 127.0.0.1; `ret_port` is where.
static int serve(int type, uint16_t *ret_port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    if (type == SOCK_STREAM)
        assert_int_equal(listen(fd, 16), 0);
    *ret_port = ntohs(at.sin_port);
    return fd;
}

static struct sockaddr_in loopback(uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void wait_readable(int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&ready, 1, (int)ATTACK_PATIENCE_MS), 1);
}

static int take(int server)
{
    wait_readable(server);
    int fd = accept(server, NULL, NULL);
    assert_true(fd >= 0);
    return fd;
}

static void expect_heard(int fd, const char *text)
{
    char got[64] = "";
    wait_readable(fd);
    ssize_t len = recv(fd, got, sizeof got - 1, 0);
    assert_int_equal(len, (ssize_t)strlen(text));
    assert_string_equal(got, text);
}

static void expect_silent(int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&ready, 1, 0), 0);
}

/// Revokes grant number `grant`, as the operator does: from another thread than the actor's.
static void revoke_grant(attack *self, airs_actor_id id, uint32_t grant)
{
    capability_change change = {.revoked = &grant, .revoked_count = 1};
    sched_read read = sched_read_enter(self->system->sched);
    actor *cell = actor_find(&self->system->actors, id.raw);
    assert_non_null(cell);
    airs_status status = authority_change(component_actor_of(cell), &change, NULL, NULL);
    sched_read_leave(self->system->sched, read);
    assert_int_equal(status, AIRS_OK);
}

/// Decisions against the actor so far.
static uint64_t refused(attack *self, airs_actor_id id)
{
    sched_read read = sched_read_enter(self->system->sched);
    actor *cell = actor_find(&self->system->actors, id.raw);
    assert_non_null(cell);
    uint64_t count = base_atomic_load_relaxed(&component_actor_of(cell)->authority.refused);
    sched_read_leave(self->system->sched, read);
    return count;
}

static uint32_t connections(attack *self, airs_actor_id id)
{
    airs_actor_info info;
    assert_int_equal(airs_actor_get_info(self->system, id, &info), AIRS_OK);
    return info.connections;
}

static size_t open_files(void)
{
    size_t count = 0;
    DIR *folder = opendir("/proc/self/fd");
    assert_non_null(folder);
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

/// What the I/O thread still holds of sockets that were dropped ends in its own time.
static void wait_open_files(size_t count)
{
    uint64_t until = attack_now_ms() + ATTACK_PATIENCE_MS;
    while (open_files() > count && attack_now_ms() < until)
        attack_sleep_ms(2);
    assert_true(open_files() <= count);
}

// ---------------------------------------------------------------- names and addresses

static void a_name_is_the_addresses_that_it_resolved_to(void **user)
{
    (void)user;
    liar resolver = {0};
    uint16_t port;
    int server = serve(SOCK_STREAM, &port);
    attack *self = begin(&resolver);
    rule named = {CONNECT | LOOKUP, "tcp://service.test", port, AIRS_ZONE_LOOPBACK};
    airs_actor_id id = SPAWN(self, named);
    airs_actor_id other = SPAWN(self, named);
    // By address, when only the name is granted.
    expect(self, id, "refused 1", "connect 127.0.0.1 %u", port);
    attack_expect(self, id, "resolve service.test", "127.0.0.1");
    attack_expect(self, id, "resolve Service.TEST.", "127.0.0.1");
    expect(self, id, "connected", "connect 127.0.0.1 %u", port);
    int taken = take(server);
    attack_expect(self, id, "say hello", "said");
    expect_heard(taken, "hello");
    assert_int_equal(send(taken, "back", 4, 0), 4);
    attack_expect(self, id, "hear", "back");
    close(taken);
    attack_expect(self, id, "hear", "closed");
    // What one has resolved is nothing to another one, and neither is an address that was asked for as a name.
    expect(self, other, "refused 1", "connect 127.0.0.1 %u", port);
    attack_expect(self, other, "resolve 127.0.0.1", "127.0.0.1");
    expect(self, other, "refused 1", "connect 127.0.0.1 %u", port);
    expect(self, id, "refused 1", "connect 127.0.0.2 %u", port);
    expect(self, id, "refused 1", "connect 127.0.0.1 %u", port + 1);
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_stop(self, other, ATTACK_PATIENCE_MS);
    attack_end(self);
    close(server);
}

static void a_name_that_is_rebound(void **user)
{
    (void)user;
    liar resolver = {0};
    uint16_t port;
    int server = serve(SOCK_STREAM, &port);
    attack *self = begin(&resolver);
    airs_actor_id id = SPAWN(self, {CONNECT | LOOKUP, "tcp://*.test", port, 0});
    attack_expect(self, id, "resolve rebind.test", "93.184.216.34");
    expect(self, id, "refused 1", "connect 127.0.0.1 %u", port);
    attack_expect(self, id, "resolve rebind.test", "127.0.0.1");
    expect(self, id, "refused 1", "connect 127.0.0.1 %u", port);
    attack_expect(self, id, "resolve rebind.test", "10.0.0.1");
    expect(self, id, "refused 1", "connect 10.0.0.1 %u", port);
    attack_expect(self, id, "resolve rebind.test", "169.254.169.254");
    expect(self, id, "refused 1", "connect 169.254.169.254 %u", port);
    attack_expect(self, id, "resolve mapped.test", "127.0.0.1");
    expect(self, id, "refused 1", "connect 127.0.0.1 %u", port);
    expect(self, id, "refused 3", "connect 0:0:0:0:0:ffff:7f00:1 %u", port);
    expect_silent(server);
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
    close(server);
}

static void addresses_that_a_grant_of_all_does_not_reach(void **user)
{
    (void)user;
    static const char *const addresses[] = {
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",
        "0.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.1.1",
        "169.254.169.254",
        "169.254.170.2",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "198.18.0.1",
        "0:0:0:0:0:0:0:1",
        "0:0:0:0:0:0:0:0",
        "fe80:0:0:0:0:0:0:1",
        "fc00:0:0:0:0:0:0:1",
        "fd00:ec2:0:0:0:0:0:254",
        "0:0:0:0:0:ffff:7f00:1",
        "0:0:0:0:0:ffff:a9fe:a9fe",
        "64:ff9b:0:0:0:0:7f00:1",
        "0:0:0:0:0:0:7f00:1",
        "2002:7f00:1:0:0:0:0:1",
        "ff02:0:0:0:0:0:0:1",
    };
    liar resolver = {0};
    uint16_t port;
    int server = serve(SOCK_STREAM, &port);
    attack *self = begin(&resolver);
    airs_actor_id id = SPAWN(self, {CONNECT | LOOKUP, "*://*:*", 0, 0});
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
        expect(self, id, "refused *", "connect %s %u", addresses[i], port);
    expect_silent(server);
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
    close(server);
}

static void names_that_are_none_or_not_granted(void **user)
{
    (void)user;
    liar resolver = {0};
    attack *self = begin(&resolver);
    airs_actor_id id = SPAWN(self, {LOOKUP, "*.test", 0, 0});
    static const char *const none[] = {"127.1",    "0x7f000001",    "2130706433", "a..test",       "-\xc3\xa4.test",
                                       "a b.test", "service.test/", "[::1]",      "@service.test", "service.test:80"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        expect(self, id, "refused 3", "resolve %s", none[i]);
    static const char *const denied[] = {"test", "service.test.example", "localhost", "metadata.google.internal"};
    for (size_t i = 0; i < sizeof denied / sizeof *denied; i++)
        expect(self, id, "refused 1", "resolve %s", denied[i]);
    // Nobody was asked.
    assert_int_equal(atomic_load(&resolver.asked), 0);
    attack_expect(self, id, "resolve unknown.test", "refused 18");
    attack_expect(self, id, "resolve busy.test", "refused 19");
    assert_int_equal(atomic_load(&resolver.asked), 2);
    // No more than there may be, whatever the resolver says that it has written.
    attack_expect(self, id, "resolve many.test", "127.0.0.1 127.0.0.2 * 127.0.0.16");
    // A lookup is no right to go there.
    attack_expect(self, id, "resolve service.test", "127.0.0.1");
    attack_expect(self, id, "connect 127.0.0.1 80", "refused 1");
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
}

// ---------------------------------------------------------------- ports, schemes, rights

static void ports_and_schemes_beside_the_granted_ones(void **user)
{
    (void)user;
    liar resolver = {0};
    uint16_t port;
    int server = serve(SOCK_STREAM, &port);
    attack *self = begin(&resolver);
    airs_actor_id id = SPAWN(self, {CONNECT, "tcp://127.0.0.1", port, 0});
    airs_actor_id other = SPAWN(self, {CONNECT, "udp://127.0.0.1", port, 0}, {CONNECT, "https://127.0.0.1", port, 0});
    expect(self, id, "connected", "connect 127.0.0.1 %u", port);
    expect(self, id, "refused 1", "connect 127.0.0.1 %u", port - 1);
    expect(self, id, "refused 1", "connect 127.0.0.1 %u", port + 1);
    expect(self, id, "refused 3", "connect 127.0.0.1 0");
    expect(self, id, "refused 1", "connect 127.0.0.2 %u", port);
    expect(self, other, "refused 1", "connect 127.0.0.1 %u", port);
    attack_expect(self, id, "udp 0.0.0.0 0", "bound *");
    expect(self, id, "refused 1", "send 127.0.0.1 %u hello", port);
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_stop(self, other, ATTACK_PATIENCE_MS);
    attack_end(self);
    close(server);
}

static void to_bind_without_the_right(void **user)
{
    (void)user;
    liar resolver = {0};
    attack *self = begin(&resolver);
    airs_actor_id id = SPAWN(self, {CONNECT, "*://*:*", 0, 127});
    static const char *const places[] = {"127.0.0.1 0",  "127.0.0.1 8080",    "0.0.0.0 0",
                                         "0.0.0.0 8080", "0:0:0:0:0:0:0:1 0", "0:0:0:0:0:0:0:0 0"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        expect(self, id, "refused 1", "listen %s", places[i]);
        attack_expect(self, id, "close", "closed");
    }
    expect(self, id, "refused 1", "udp 127.0.0.1 0");
    expect(self, id, "refused 1", "udp 0.0.0.0 5353");
    // Each of them is a decision that is told.
    assert_int_equal(refused(self, id), sizeof places / sizeof *places + 2);
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    // A range is one for the port that it listens at, not for any.
    uint16_t free_port;
    close(serve(SOCK_STREAM, &free_port));
    airs_actor_id server = SPAWN(self, {BIND, "tcp://127.0.0.1", free_port, 0});
    expect(self, server, "refused 1", "listen 127.0.0.1 0");
    expect(self, server, "refused 1", "listen 127.0.0.1 %u", free_port + 1);
    expect(self, server, "refused 1", "listen 127.0.0.2 %u", free_port);
    expect(self, server, "refused 1", "listen 0.0.0.0 %u", free_port);
    expect(self, server, "listening *", "listen 127.0.0.1 %u", free_port);
    expect(self, server, "refused 1", "connect 127.0.0.1 %u", free_port);
    attack_stop(self, server, ATTACK_PATIENCE_MS);
    attack_end(self);
}

static void datagrams_to_and_from_others(void **user)
{
    (void)user;
    liar resolver = {0};
    uint16_t port;
    uint16_t strange_port;
    uint16_t guest_port;
    int server = serve(SOCK_DGRAM, &port);
    int stranger = serve(SOCK_DGRAM, &strange_port);
    attack *self = begin(&resolver);
    airs_actor_id id = SPAWN(self, {CONNECT, "udp://127.0.0.1", port, 0}, {BIND, "udp://127.0.0.1:*", 0, 0});
    char bound[256];
    assert_int_equal(attack_ask(self, id, "udp 127.0.0.1 0", bound), AIRS_OK);
    assert_int_equal(sscanf(bound, "bound %hu", &guest_port), 1);
    expect(self, id, "refused 1", "send 127.0.0.1 %u hello", strange_port);
    expect(self, id, "refused 1", "send 10.0.0.1 %u hello", port);
    expect(self, id, "refused 1", "peer 127.0.0.1 %u", strange_port);
    // That has ended its streams; here are others.
    expect(self, id, "bound *", "peer 127.0.0.1 %u", port);
    expect(self, id, "sent 1", "send 127.0.0.1 %u hello", port);
    expect_heard(server, "hello");
    expect_silent(stranger);
    attack_expect(self, id, "close", "closed");
    // Of an unconnected one each source counts.
    assert_int_equal(attack_ask(self, id, "udp 127.0.0.1 0", bound), AIRS_OK);
    assert_int_equal(sscanf(bound, "bound %hu", &guest_port), 1);
    struct sockaddr_in guest = loopback(guest_port);
    for (int i = 0; i < 3; i++)
        assert_int_equal(sendto(stranger, "from a stranger", 15, 0, (struct sockaddr *)&guest, sizeof guest), 15);
    assert_int_equal(sendto(server, "from the server", 15, 0, (struct sockaddr *)&guest, sizeof guest), 15);
    attack_expect(self, id, "receive", "from the server");
    assert_int_equal(sendto(stranger, "from a stranger", 15, 0, (struct sockaddr *)&guest, sizeof guest), 15);
    for (int i = 0; i < 20; i++)
        attack_expect(self, id, "receive-now", "nothing");
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
    close(server);
    close(stranger);
}

// ---------------------------------------------------------------- revocation

static void a_connection_whose_grant_is_revoked(void **user)
{
    (void)user;
    liar resolver = {0};
    uint16_t port;
    int server = serve(SOCK_STREAM, &port);
    attack *self = begin(&resolver);
    airs_actor_id id = SPAWN(self, {CONNECT, "tcp://127.0.0.1", port, 0}, {CONNECT, "udp://127.0.0.1", port, 0});
    airs_actor_id other = SPAWN(self, {CONNECT, "tcp://127.0.0.1", port, 0});
    expect(self, id, "connected", "connect 127.0.0.1 %u", port);
    int taken = take(server);
    expect(self, other, "connected", "connect 127.0.0.1 %u", port);
    int taken_other = take(server);
    attack_expect(self, id, "say one", "said");
    expect_heard(taken, "one");
    // Another grant is nothing to it.
    revoke_grant(self, id, 1);
    attack_expect(self, id, "say two", "said");
    expect_heard(taken, "two");
    revoke_grant(self, id, 0);
    attack_expect(self, id, "say three", "failed: *the grant was revoked*");
    assert_int_equal(send(taken, "secret", 6, 0), 6);
    attack_expect(self, id, "hear", "failed: *the grant was revoked*");
    expect_silent(taken);
    expect(self, id, "refused 1", "connect 127.0.0.1 %u", port);
    // A neighbour with the same grant goes on.
    attack_expect(self, other, "say four", "said");
    expect_heard(taken_other, "four");
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_stop(self, other, ATTACK_PATIENCE_MS);
    attack_end(self);
    close(taken);
    close(taken_other);
    close(server);
}

static int call(uint16_t port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in at = loopback(port);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    return fd;
}

static void a_server_whose_grant_is_revoked(void **user)
{
    (void)user;
    liar resolver = {0};
    attack *self = begin(&resolver);
    airs_actor_id id = SPAWN(self, {BIND, "tcp://127.0.0.1:*", 0, 0});
    char answer[256];
    uint16_t port;
    assert_int_equal(attack_ask(self, id, "listen 127.0.0.1 0", answer), AIRS_OK);
    assert_int_equal(sscanf(answer, "listening %hu", &port), 1);
    int first = call(port);
    attack_expect(self, id, "accept", "accepted");
    assert_int_equal(send(first, "hello", 5, 0), 5);
    attack_expect(self, id, "hear", "hello");
    attack_expect(self, id, "say welcome", "said");
    expect_heard(first, "welcome");
    int second = call(port);
    revoke_grant(self, id, 0);
    attack_expect(self, id, "say more", "failed: *the grant was revoked*");
    attack_expect(self, id, "hear", "failed: *the grant was revoked*");
    attack_expect(self, id, "accept", "refused 1");
    expect_silent(second);
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
    close(first);
    close(second);
}

static void datagrams_whose_grant_is_revoked(void **user)
{
    (void)user;
    liar resolver = {0};
    uint16_t port;
    int server = serve(SOCK_DGRAM, &port);
    attack *self = begin(&resolver);
    airs_actor_id id = SPAWN(self, {CONNECT, "udp://127.0.0.1", port, 0});
    char bound[256];
    uint16_t guest_port;
    assert_int_equal(attack_ask(self, id, "udp 0.0.0.0 0", bound), AIRS_OK);
    assert_int_equal(sscanf(bound, "bound %hu", &guest_port), 1);
    expect(self, id, "sent 1", "send 127.0.0.1 %u one", port);
    expect_heard(server, "one");
    revoke_grant(self, id, 0);
    expect(self, id, "refused 1", "send 127.0.0.1 %u two", port);
    struct sockaddr_in guest = loopback(guest_port);
    assert_int_equal(sendto(server, "three", 5, 0, (struct sockaddr *)&guest, sizeof guest), 5);
    for (int i = 0; i < 20; i++)
        attack_expect(self, id, "receive-now", "nothing");
    expect_silent(server);
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
    close(server);
}

// ---------------------------------------------------------------- too many

static void more_sockets_than_allowed(void **user)
{
    (void)user;
    liar resolver = {0};
    uint16_t port;
    int server = serve(SOCK_STREAM, &port);
    size_t before = open_files();
    attack *self = begin(&resolver);
    const rule rules[] = {{CONNECT, "*://127.0.0.1", port, 0}, {BIND, "tcp://127.0.0.1:*", 0, 0}};
    airs_limits limits = {.max_connections = 8, .max_park_ms = 5000};
    airs_actor_id id = spawn_with(self, rules, 2, limits);
    attack_expect(self, id, "open 1000", "8 refused 10");
    attack_expect(self, id, "open 1", "0 refused 10");
    assert_int_equal(connections(self, id), 8);
    attack_expect(self, id, "resolve 127.0.0.1", "refused 10");
    attack_expect(self, id, "close", "closed");
    attack_expect(self, id, "open 8", "8");
    attack_expect(self, id, "close", "closed");
    // What is refused is not counted, nor what was accepted and ended.
    for (int i = 0; i < 20; i++)
        expect(self, id, "refused 1", "connect 127.0.0.1 %u", port + 1);
    attack_expect(self, id, "close", "closed");
    char answer[256];
    uint16_t guest_port;
    assert_int_equal(attack_ask(self, id, "listen 127.0.0.1 0", answer), AIRS_OK);
    assert_int_equal(sscanf(answer, "listening %hu", &guest_port), 1);
    for (int i = 0; i < 20; i++) {
        int caller = call(guest_port);
        attack_expect(self, id, "accept", "accepted");
        close(caller);
    }
    attack_expect(self, id, "open 6", "6");
    int caller = call(guest_port);
    attack_expect(self, id, "accept", "accepted");
    close(caller);
    attack_expect(self, id, "open 1", "0 refused 10");
    // They end with the incarnation, which waits here for longer than it may.
    uint64_t failures = self->failures;
    expect(self, id, "*", "close");
    expect(self, id, "connected", "connect 127.0.0.1 %u", port);
    attack_expect(self, id, "open 7", "7");
    assert_int_equal(attack_ask(self, id, "hear", answer), AIRS_E_FAILED);
    attack_wait_failure(self, failures);
    attack_wait_restarted(self, id, 1);
    attack_expect(self, id, "open 9", "8 refused 10");
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
    wait_open_files(before);
    close(server);
}

static void many_instances_with_many_sockets(void **user)
{
    (void)user;
    enum {
        INSTANCES = 24
    };
    liar resolver = {0};
    size_t before = open_files();
    attack *self = begin(&resolver);
    airs_actor_id ids[INSTANCES];
    const rule rules[] = {{CONNECT, "*://127.0.0.1:*", 0, 0}};
    attack_answers answers = {0};
    for (size_t i = 0; i < INSTANCES; i++)
        ids[i] = spawn_with(self, rules, 1, (airs_limits){.max_connections = 10});
    for (size_t i = 0; i < INSTANCES; i++)
        assert_true(attack_ask_many(self, ids[i], "open 100", 4, &answers));
    attack_wait_answers(&answers, INSTANCES * 4);
    assert_true(open_files() <= before + INSTANCES * 10 + 64);
    for (size_t i = 0; i < INSTANCES; i++) {
        attack_expect(self, ids[i], "open 1", "0 refused 10");
        attack_stop(self, ids[i], ATTACK_PATIENCE_MS);
    }
    attack_end(self);
    wait_open_files(before);
}

/// Who writes to somebody that does not read is parked, and what the host holds for it stays small.
static void a_connection_that_nobody_reads(void **user)
{
    (void)user;
    liar resolver = {0};
    uint16_t port;
    int server = serve(SOCK_STREAM, &port);
    attack *self = begin(&resolver);
    const rule rules[] = {{CONNECT, "tcp://127.0.0.1", port, 0}};
    airs_limits limits = {.max_park_ms = 300, .max_execution_ms = 60000};
    airs_actor_id id = spawn_with(self, rules, 1, limits);
    expect(self, id, "connected", "connect 127.0.0.1 %u", port);
    assert_int_equal(connections(self, id), 1);
    uint64_t failures = self->failures;
    char answer[256];
    // A gigabyte.
    assert_int_equal(attack_ask(self, id, "pour 262144", answer), AIRS_E_FAILED);
    attack_wait_failure(self, failures);
    attack_assert_text(self->text, "it waited longer than max_park, 300 ms");
    attack_wait_restarted(self, id, 1);
    assert_int_equal(connections(self, id), 0);
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
    close(server);
}

static void a_flood_of_datagrams_from_a_stranger(void **user)
{
    (void)user;
    liar resolver = {0};
    uint16_t port;
    uint16_t strange_port;
    uint16_t guest_port;
    int server = serve(SOCK_DGRAM, &port);
    int stranger = serve(SOCK_DGRAM, &strange_port);
    attack *self = begin(&resolver);
    airs_actor_id id = SPAWN(self, {CONNECT, "udp://127.0.0.1", port, 0});
    char bound[256];
    assert_int_equal(attack_ask(self, id, "udp 0.0.0.0 0", bound), AIRS_OK);
    assert_int_equal(sscanf(bound, "bound %hu", &guest_port), 1);
    struct sockaddr_in guest = loopback(guest_port);
    static const char flood[8192];
    for (int i = 0; i < 5000; i++)
        assert_int_equal(sendto(stranger, flood, sizeof flood, 0, (struct sockaddr *)&guest, sizeof guest),
                         (ssize_t)sizeof flood);
    // What the system had no room for is lost: until there is room again.
    attack_answers answers = {0};
    assert_true(attack_ask_many(self, id, "receive", 1, &answers));
    uint64_t until = attack_now_ms() + ATTACK_PATIENCE_MS;
    while (atomic_load(&answers.ok) == 0 && attack_now_ms() < until) {
        assert_int_equal(sendto(server, "at last", 7, 0, (struct sockaddr *)&guest, sizeof guest), 7);
        attack_sleep_ms(5);
    }
    attack_wait_answers(&answers, 1);
    assert_int_equal(atomic_load(&answers.ok), 1);
    attack_witness_counts(self, ATTACK_PATIENCE_MS);
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
    close(server);
    close(stranger);
}

// ---------------------------------------------------------------- names that do not answer

static void names_that_never_answer(void **user)
{
    (void)user;
    enum {
        FLOODERS = 6
    };
    liar resolver = {0};
    attack *self = begin(&resolver);
    airs_actor_id flooders[FLOODERS];
    const rule rules[] = {{LOOKUP, "*.test", 0, 0}};
    for (size_t i = 0; i < FLOODERS; i++) {
        flooders[i] = spawn_with(self, rules, 1, (airs_limits){.max_connections = 20});
        // As many as it may have, at once; of them two are asked for.
        for (size_t n = 0; n < 20; n++)
            attack_expect(self, flooders[i], "ask never.test", "asked");
        attack_expect(self, flooders[i], "ask never.test", "refused 10");
    }
    // No worker waits for them, and no more threads than eight.
    attack_witness_counts(self, ATTACK_PATIENCE_MS);
    assert_true(atomic_load(&resolver.waiting) <= 8);
    // Each has its time limit; who asks is told so, although nobody has answered.
    airs_actor_id id = spawn_with(self, rules, 1, (airs_limits){0});
    attack_expect(self, id, "resolve never.test", "refused 19");
    // It ends at once.
    for (size_t i = 0; i < FLOODERS; i++)
        attack_stop(self, flooders[i], ATTACK_PATIENCE_MS);
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    atomic_store(&resolver.released, true);
    airs_actor_id last = spawn_with(self, rules, 1, (airs_limits){0});
    uint64_t until = attack_now_ms() + ATTACK_PATIENCE_MS;
    char answer[256] = "";
    while (strcmp(answer, "127.0.0.1") != 0 && attack_now_ms() < until)
        assert_int_equal(attack_ask(self, last, "resolve service.test", answer), AIRS_OK);
    assert_string_equal(answer, "127.0.0.1");
    attack_stop(self, last, ATTACK_PATIENCE_MS);
    attack_end(self);
}

/// Whoever ends while its lookups hang does not get new turns by that.
static void names_that_hang_take_no_others_turns(void **user)
{
    (void)user;
    liar resolver = {0};
    attack *self = begin(&resolver);
    const rule rules[] = {{LOOKUP, "*.test", 0, 0}};
    airs_actor_id flooder = spawn_with(self, rules, 1, (airs_limits){.max_connections = 20});
    for (uint32_t round = 1; round <= 10; round++) {
        for (size_t n = 0; n < 20; n++)
            attack_expect(self, flooder, "ask never.test", "asked");
        assert_int_equal(airs_kill(self->system, flooder), AIRS_OK);
        attack_wait_restarted(self, flooder, round);
    }
    airs_actor_id id = spawn_with(self, rules, 1, (airs_limits){0});
    uint64_t until = attack_now_ms() + ATTACK_PATIENCE_MS;
    char answer[256] = "";
    while (strcmp(answer, "127.0.0.1") != 0 && attack_now_ms() < until)
        assert_int_equal(attack_ask(self, id, "resolve service.test", answer), AIRS_OK);
    assert_string_equal(answer, "127.0.0.1");
    assert_true(atomic_load(&resolver.waiting) <= 2);
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_stop(self, flooder, ATTACK_PATIENCE_MS);
    atomic_store(&resolver.released, true);
    attack_end(self);
}

static void an_actor_that_ends_while_it_waits(void **user)
{
    (void)user;
    liar resolver = {0};
    uint16_t port;
    int server = serve(SOCK_STREAM, &port);
    attack *self = begin(&resolver);
    const rule rules[] = {{CONNECT, "tcp://127.0.0.1", port, 0}, {LOOKUP, "*.test", 0, 0}};
    airs_limits limits = {.stop_timeout_ms = 50};
    static const char *const waits[] = {"resolve never.test", "hear"};
    for (size_t i = 0; i < 2; i++) {
        airs_actor_id id = spawn_with(self, rules, 2, limits);
        expect(self, id, "connected", "connect 127.0.0.1 %u", port);
        attack_answers answers = {0};
        assert_true(attack_ask_many(self, id, waits[i], 1, &answers));
        attack_stop(self, id, ATTACK_PATIENCE_MS);
        attack_wait_answers(&answers, 1);
        attack_check(self);
    }
    atomic_store(&resolver.released, true);
    attack_end(self);
    close(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_the_addresses_that_it_resolved_to),
        cmocka_unit_test(a_name_that_is_rebound),
        cmocka_unit_test(addresses_that_a_grant_of_all_does_not_reach),
        cmocka_unit_test(names_that_are_none_or_not_granted),
        cmocka_unit_test(ports_and_schemes_beside_the_granted_ones),
        cmocka_unit_test(to_bind_without_the_right),
        cmocka_unit_test(datagrams_to_and_from_others),
        cmocka_unit_test(a_connection_whose_grant_is_revoked),
        cmocka_unit_test(a_server_whose_grant_is_revoked),
        cmocka_unit_test(datagrams_whose_grant_is_revoked),
        cmocka_unit_test(more_sockets_than_allowed),
        cmocka_unit_test(many_instances_with_many_sockets),
        cmocka_unit_test(a_connection_that_nobody_reads),
        cmocka_unit_test(a_flood_of_datagrams_from_a_stranger),
        cmocka_unit_test(names_that_never_answer),
        cmocka_unit_test(names_that_hang_take_no_others_turns),
        cmocka_unit_test(an_actor_that_ends_while_it_waits),
    };
    return cmocka_run_group_tests_name("hostile network", tests, NULL, NULL);
}
