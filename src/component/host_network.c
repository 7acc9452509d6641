// SPDX-License-Identifier: MIT OR Apache-2.0
#include "component/network.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/bytes.h"
#include "component/host.h"

/// How long a name that was looked up stands for its addresses. Longer than a connection may take to be made.
#define RESOLVED_NS (300 * 1000000000ull)
/// Room for `udp://[address]:port`.
#define OBJECT_MAX (CAPABILITY_ADDRESS_TEXT_MAX + 16)

_Static_assert(ENGINE_RESOLVED_MAX <= CAPABILITY_RESOLVED_ADDRESSES_MAX,
               "each address that a guest gets is remembered");

// ---------------------------------------------------------------- how many

static bool is_granted_some(const capability_policy *policy)
{
    const uint32_t rights = CAPABILITY_BIT(CAPABILITY_NETWORK_CONNECT) | CAPABILITY_BIT(CAPABILITY_NETWORK_BIND) |
                            CAPABILITY_BIT(CAPABILITY_NETWORK_LOOKUP);
    for (uint32_t i = 0; i < capability_policy_grant_count(policy); i++) {
        const capability_grant *grant = capability_policy_grant(policy, i);
        if (!grant->revoked && (grant->rights & rights) != 0)
            return true;
    }
    return false;
}

static engine_network_answer open_one(component_actor *self)
{
    uint32_t open = base_atomic_load_relaxed(&self->cell.connections);
    // Who learns wants to see where it would go.
    if (self->space->learner == NULL && !is_granted_some(authority_policy(self))) {
        authority_refuse(self, CAPABILITY_NETWORK_CONNECT, (airs_bytes){0}, "no grant: none is of the network");
        return ENGINE_NETWORK_DENIED;
    }
    if (open >= self->cell.limits.max_connections) {
        char text[64];
        (void)snprintf(text, sizeof text, "max_connections: %" PRIu32 " are open", open);
        authority_refuse(self, CAPABILITY_NETWORK_CONNECT, (airs_bytes){0}, text);
        return ENGINE_NETWORK_FULL;
    }
    base_atomic_store_relaxed(&self->cell.connections, open + 1);
    return ENGINE_NETWORK_GRANTED;
}

static void close_one(component_actor *self)
{
    uint32_t open = base_atomic_load_relaxed(&self->cell.connections);
    AIRS_ASSERT(open > 0);
    base_atomic_store_relaxed(&self->cell.connections, open - 1);
}

void component_network_reset(component_actor *self)
{
    base_atomic_store_relaxed(&self->cell.connections, 0u);
    if (self->resolved == NULL)
        return;
    const airs_allocator *allocator = self->resolved->allocator;
    capability_resolved_fini(self->resolved);
    base_free(allocator, self->resolved);
    self->resolved = NULL;
}

// ---------------------------------------------------------------- where

static bool is_udp(engine_network_use use)
{
    return use == ENGINE_NETWORK_UDP_BIND || use == ENGINE_NETWORK_UDP_SEND || use == ENGINE_NETWORK_UDP_RECEIVE;
}

static capability_right right_of(engine_network_use use)
{
    bool goes =
        use == ENGINE_NETWORK_TCP_CONNECT || use == ENGINE_NETWORK_UDP_SEND || use == ENGINE_NETWORK_UDP_RECEIVE;
    return goes ? CAPABILITY_NETWORK_CONNECT : CAPABILITY_NETWORK_BIND;
}

static capability_address to_address(const engine_endpoint *endpoint)
{
    capability_address address;
    bool valid =
        capability_address_from_bytes((airs_bytes){endpoint->address, endpoint->version == 4 ? 4 : 16}, &address);
    AIRS_ASSERT(valid);
    return address;
}

/// Any address and any port: the system gives each socket one that has none when it is first used, and a client of UDP
/// asks for it. What comes of it is decided by where it goes, by whom it hears, and when it listens.
static bool is_left_to_system(engine_network_use use, const engine_endpoint *endpoint)
{
    static const uint8_t any[sizeof endpoint->address];
    return (use == ENGINE_NETWORK_TCP_BIND || use == ENGINE_NETWORK_UDP_BIND) && endpoint->port == 0 &&
           memcmp(endpoint->address, any, sizeof any) == 0;
}

/// Whether what a socket was allowed with still stands.
static bool pass_holds(component_actor *self, engine_pass *pass)
{
    const capability_policy *policy = authority_policy(self);
    uint64_t epoch = self->authority.view.epoch;
    if (pass->epoch == 0)
        return false;
    bool stands = pass->epoch == epoch || (pass->grant < capability_policy_grant_count(policy) &&
                                           !capability_policy_grant(policy, pass->grant)->revoked);
    if (stands)
        pass->epoch = epoch;
    return stands;
}

static airs_bytes format_object(char text[OBJECT_MAX], const capability_target *target)
{
    char address[CAPABILITY_ADDRESS_TEXT_MAX];
    bool six = target->address->version == 6;
    int len = snprintf(text, OBJECT_MAX, "%s://%s%s%s:%u", capability_scheme_name(target->scheme), six ? "[" : "",
                       capability_address_format(address, target->address), six ? "]" : "", target->port);
    return (airs_bytes){(const uint8_t *)text, (size_t)len};
}

/// Asks the policy. Told is what the component does: not that somebody sent it a datagram; nor, a second time, that it
/// uses the connection that it was allowed to make.
static bool decide(component_actor *self, engine_network_use use, const engine_endpoint *endpoint, engine_pass *pass)
{
    capability_address address = to_address(endpoint);
    capability_target target = {.scheme = is_udp(use) ? CAPABILITY_SCHEME_UDP : CAPABILITY_SCHEME_TCP,
                                .address = &address,
                                .port = endpoint->port,
                                .resolved = self->resolved,
                                .now_ns = sched_now_ns(self->cell.space->sched)};
    capability_decision decision;
    bool allowed = capability_check_target(authority_policy(self), right_of(use), &target, &decision);
    decision.learn = CAPABILITY_LEARN_NOTED;
    bool again = allowed && use == ENGINE_NETWORK_TCP_CONNECT && pass != NULL && pass->epoch == 0;
    char object[OBJECT_MAX];
    if (use != ENGINE_NETWORK_UDP_RECEIVE && !again)
        allowed = authority_tell(self, &decision, format_object(object, &target));
    // Who learns has no network, whatever is granted.
    allowed = allowed && self->space->learner == NULL;
    if (allowed && pass != NULL)
        *pass = (engine_pass){.epoch = self->authority.view.epoch, .grant = decision.grant};
    return allowed;
}

static engine_network_answer network(void *user, engine_network_use use, const engine_endpoint *endpoint,
                                     engine_pass *pass)
{
    component_actor *self = user;
    if (use == ENGINE_NETWORK_OPEN)
        return open_one(self);
    if (use == ENGINE_NETWORK_CLOSE) {
        close_one(self);
        return ENGINE_NETWORK_GRANTED;
    }
    bool allowed = is_left_to_system(use, endpoint) || (pass != NULL && pass_holds(self, pass)) ||
                   decide(self, use, endpoint, pass);
    return allowed ? ENGINE_NETWORK_GRANTED : ENGINE_NETWORK_DENIED;
}

// ---------------------------------------------------------------- names

static engine_network_answer network_lookup(void *user, engine_bytes name, engine_bytes *ret_name)
{
    component_actor *self = user;
    capability_host host;
    if (capability_host_normalize((airs_bytes){name.data, name.len}, &host, NULL) != AIRS_OK)
        return ENGINE_NETWORK_INVALID;
    capability_decision decision;
    (void)capability_check_lookup(authority_policy(self), &host, &decision);
    if (!authority_tell(self, &decision, (airs_bytes){(const uint8_t *)host.text, host.len}))
        return ENGINE_NETWORK_DENIED;
    _Static_assert(sizeof self->text > CAPABILITY_HOST_MAX, "a name has room");
    base_text_copy(self->text, sizeof self->text, (airs_bytes){(const uint8_t *)host.text, host.len});
    *ret_name = (engine_bytes){(const uint8_t *)self->text, host.len};
    return ENGINE_NETWORK_GRANTED;
}

/// What is remembered of names; NULL: no memory.
static capability_resolved *resolved_of(component_actor *self)
{
    const airs_allocator *allocator = self->cell.space->allocator;
    if (self->resolved == NULL) {
        self->resolved = base_alloc(allocator, sizeof *self->resolved);
        if (self->resolved != NULL)
            capability_resolved_init(self->resolved, allocator);
    }
    return self->resolved;
}

static void network_resolved(void *user, engine_bytes name, const engine_endpoint *addresses, size_t count)
{
    component_actor *self = user;
    capability_host host;
    capability_address known[ENGINE_RESOLVED_MAX];
    capability_resolved *resolved = resolved_of(self);
    airs_status status = capability_host_normalize((airs_bytes){name.data, name.len}, &host, NULL);
    AIRS_ASSERT(status == AIRS_OK && count <= ENGINE_RESOLVED_MAX);
    for (size_t i = 0; i < count; i++)
        known[i] = to_address(&addresses[i]);
    // Without memory the name stands for nothing, and the connection will be refused.
    if (resolved != NULL) {
        uint64_t until_ns = sched_now_ns(self->cell.space->sched) + RESOLVED_NS;
        status = capability_resolved_add(resolved, &host, known, count, until_ns);
        (void)status;
    }
}

void component_host_init_network(engine_host *host)
{
    host->network = network;
    host->network_lookup = network_lookup;
    host->network_resolved = network_resolved;
}
