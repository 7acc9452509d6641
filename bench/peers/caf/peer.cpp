// SPDX-License-Identifier: MIT OR Apache-2.0
// What messages cost between actors of the C++ Actor Framework: payloads of 64 bytes, read by the receiver.
//   c++ -O2 -std=c++17 peer.cpp -lcaf_core -pthread && ./a.out
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <vector>

#include "caf/all.hpp"

struct ball {
    std::array<uint8_t, 64> bytes;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector &f, ball &x)
{
    return f(caf::meta::type_name("ball"), x.bytes);
}

CAF_BEGIN_TYPE_ID_BLOCK(peer, first_custom_type_id)
    CAF_ADD_TYPE_ID(peer, (ball))
CAF_END_TYPE_ID_BLOCK(peer)

namespace {

constexpr int rounds = 7;
constexpr uint64_t burst = 512;

double now_ns()
{
    using clock = std::chrono::steady_clock;
    return std::chrono::duration<double, std::nano>(clock::now().time_since_epoch()).count();
}

uint64_t look(const ball &x)
{
    uint64_t sum = 0;
    for (uint8_t byte : x.bytes)
        sum += byte;
    return sum;
}

void report(const char *name, const std::function<double()> &measure)
{
    (void)measure();
    std::vector<double> values;
    for (int i = 0; i < rounds; i++)
        values.push_back(measure());
    std::sort(values.begin(), values.end());
    std::printf("{\"name\":\"%s\",\"value\":%.3f,\"unit\":\"ns\",\"spread\":%.3f}\n", name, values[rounds / 2],
                (values[rounds * 3 / 4] - values[rounds / 4]) / 2);
    std::fflush(stdout);
}

caf::behavior pong(caf::event_based_actor *)
{
    return {[](const ball &x) { return x; }};
}

struct ping_state {
    uint64_t left = 0;
    uint64_t sum = 0;
};

caf::behavior ping(caf::stateful_actor<ping_state> *self, caf::actor other, uint64_t count, caf::actor boss)
{
    self->state.left = count;
    self->send(other, ball{});
    return {[=](const ball &x) {
        self->state.sum += look(x);
        if (--self->state.left == 0)
            self->send(boss, count);
        else
            self->send(other, x);
    }};
}

double round_trips(caf::actor_system &system, uint64_t count)
{
    caf::scoped_actor self{system};
    caf::actor other = system.spawn(pong);
    double begin = now_ns();
    caf::actor driver = system.spawn(ping, other, count, caf::actor_cast<caf::actor>(self));
    self->receive([](uint64_t) {});
    double elapsed = now_ns() - begin;
    caf::anon_send_exit(driver, caf::exit_reason::kill);
    caf::anon_send_exit(other, caf::exit_reason::kill);
    return elapsed / static_cast<double>(count);
}

struct sink_state {
    uint64_t sum = 0;
};

/// Answers a number, which comes behind a burst.
caf::behavior sink(caf::stateful_actor<sink_state> *self)
{
    return {[=](const ball &x) { self->state.sum += look(x); }, [](uint64_t number) { return number; }};
}

caf::behavior source(caf::stateful_actor<ping_state> *self, caf::actor other, uint64_t count, caf::actor boss)
{
    self->state.left = count / burst;
    auto send_burst = [=] {
        for (uint64_t i = 0; i < burst; i++)
            self->send(other, ball{});
        self->send(other, uint64_t{1});
    };
    send_burst();
    return {[=](uint64_t) {
        if (--self->state.left == 0)
            self->send(boss, count);
        else
            send_burst();
    }};
}

double one_way(caf::actor_system &system, uint64_t count)
{
    caf::scoped_actor self{system};
    caf::actor other = system.spawn(sink);
    double begin = now_ns();
    caf::actor driver = system.spawn(source, other, count, caf::actor_cast<caf::actor>(self));
    self->receive([](uint64_t) {});
    double elapsed = now_ns() - begin;
    caf::anon_send_exit(driver, caf::exit_reason::kill);
    caf::anon_send_exit(other, caf::exit_reason::kill);
    return elapsed / static_cast<double>(count);
}

caf::behavior quitter(caf::event_based_actor *self, caf::actor boss)
{
    self->send(boss, uint64_t{1});
    self->quit();
    return {};
}

/// Actors that start, say so, and end.
double spawns(caf::actor_system &system, uint64_t count)
{
    caf::scoped_actor self{system};
    caf::actor boss = caf::actor_cast<caf::actor>(self);
    double begin = now_ns();
    for (uint64_t i = 0; i < count; i++) {
        system.spawn(quitter, boss);
        self->receive([](uint64_t) {});
    }
    return (now_ns() - begin) / static_cast<double>(count);
}

} // namespace

void caf_main(caf::actor_system &system)
{
    report("caf.round_trip", [&] { return round_trips(system, 200000); });
    report("caf.one_way", [&] { return one_way(system, 512000); });
    report("caf.spawn", [&] { return spawns(system, 20000); });
}

CAF_MAIN(caf::id_block::peer)
