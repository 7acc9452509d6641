// SPDX-License-Identifier: MIT OR Apache-2.0
/// Two systems on a bridge: each outcome of a message from one app to the other, with native actors.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "airssys/system.h"
#include "os/clock.h"
#include "os/thread.h"

#define TRACE "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

#define wait_until(condition)                                            \
    do {                                                                 \
        uint64_t deadline_ns = os_deadline_ms(os_clock_now_ns(), 60000); \
        while (!(condition) && os_clock_now_ns() < deadline_ns)          \
            os_thread_yield();                                           \
        assert_true(condition);                                          \
    } while (0)

// ---------------------------------------------------------------- an actor that answers, keeps, refuses

/// What a receiver has seen of the last message, read when `seen` has grown.
typedef struct ledger {
    _Atomic int seen;
    _Atomic uint64_t sender;
    _Atomic int late;
    char sender_name[200];
    char trace[56];
    char id[17];
    uint64_t deadline_ms;
    uint32_t attempt;
    size_t len;
    uint8_t first;
    bool has_trace;
    bool has_deadline;
    _Atomic uint64_t kept;
    /// Numbers that it was told, in this order.
    _Atomic int disorder;
    int last;
} ledger;

static void note(ledger *self, airs_context *context, const airs_message *message)
{
    if (!airs_context_sender_name(context, self->sender_name, sizeof self->sender_name))
        self->sender_name[0] = '\0';
    self->has_trace = airs_context_trace_parent(context, self->trace);
    self->has_deadline = airs_context_deadline_ms(context, &self->deadline_ms);
    airs_context_message_id(context, self->id);
    self->attempt = airs_context_attempt(context);
    self->len = message->payload.len;
    self->first = message->payload.len > 0 ? message->payload.data[0] : 0;
    self->sender = message->sender.raw;
}

static airs_status ledger_handle(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    ledger *self = airs_context_user(context);
    airs_status status = AIRS_OK;
    note(self, context, message);
    switch (self->first) {
    case 'n': {
        int number = (int)strtol((const char *)message->payload.data + 1, NULL, 10);
        self->disorder += number != self->last + 1;
        self->last = number;
        break;
    }
    case 'k':
        self->kept = message->request.raw;
        break;
    case 'a':
        status = airs_context_reply(context, (airs_request_id){self->kept}, "later", 5);
        self->late += status == AIRS_E_GONE;
        status = AIRS_OK;
        break;
    case 'f':
        snprintf(error->text, sizeof error->text, "no such account");
        status = AIRS_E_FAILED;
        break;
    case 'x':
        airs_context_exit(context, "broken");
        break;
    default:
        if (message->request.raw != 0)
            status = airs_context_reply(context, message->request, message->payload.data, message->payload.len);
        break;
    }
    self->seen++;
    return status;
}

static const airs_actor_fns ledger_fns = {.handle = ledger_handle};

// ---------------------------------------------------------------- an actor that sends

/// What a sender is to do next, told by a message from outside: `verb` to `to`.
typedef struct sender {
    _Atomic uint64_t to;
    _Atomic int status;
    _Atomic int done;
    _Atomic int replies;
    _Atomic uint64_t request;
    _Atomic int outcome;
    char payload[64];
    size_t len;
    char answer[512];
    uint8_t big[100000];
    uint32_t timeout_ms;
    bool traced;
} sender;

static airs_status sender_handle(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    sender *self = airs_context_user(context);
    airs_actor_id to = {self->to};
    const void *payload = self->len > sizeof self->payload ? self->big : (const void *)self->payload;
    airs_request_id request = {0};
    uint64_t timer;
    airs_status status = AIRS_OK;
    if (self->traced)
        status = airs_context_set_trace_parent(context, TRACE, error);
    assert_int_equal(status, AIRS_OK);
    switch (message->payload.data[0]) {
    case 's':
        status = airs_context_send(context, to, payload, self->len);
        break;
    case 'r':
        status = airs_context_request(context, to, payload, self->len, self->timeout_ms, &request);
        self->request = request.raw;
        break;
    case 'c':
        status = airs_context_cancel(context, (airs_request_id){self->request}) ? AIRS_OK : AIRS_E_GONE;
        break;
    case 't':
        status = airs_context_send_after(context, 0, to, payload, self->len, &timer);
        break;
    case 'h':
        status = airs_context_forward(context, to);
        break;
    case '1':
        for (int i = 1; i <= 1000 && status == AIRS_OK; i++) {
            char number[16];
            status = airs_context_send(context, to, number, (size_t)snprintf(number, sizeof number, "n%d", i) + 1);
        }
        break;
    default:
        break;
    }
    self->status = (int)status;
    self->done++;
    return AIRS_OK;
}

static airs_status sender_reply(void *state, airs_context *context, const airs_reply *reply, airs_error *error)
{
    (void)state;
    (void)error;
    sender *self = airs_context_user(context);
    self->outcome = (int)reply->status;
    snprintf(self->answer, sizeof self->answer, "%.*s", (int)reply->payload.len, (const char *)reply->payload.data);
    self->replies++;
    return AIRS_OK;
}

static const airs_actor_fns sender_fns = {.handle = sender_handle, .handle_reply = sender_reply};

// ---------------------------------------------------------------- the two apps

typedef struct apps {
    airs_bridge *bridge;
    airs_system *shop;
    airs_system *billing;
    ledger ledger;
    sender cart;
    airs_actor_id ledger_id;
    airs_actor_id cart_id;
} apps;

static airs_actor_id spawn(airs_system *system, const airs_actor_fns *fns, void *user, airs_spawn_options options)
{
    airs_native native = {"test", NULL, fns, 0, user};
    airs_actor_id id;
    assert_int_equal(airs_spawn_native(system, &native, &options, &id, NULL), AIRS_OK);
    return id;
}

static airs_system *make(void)
{
    airs_system *system;
    airs_system_options options = {.workers = 2, .max_restarts = 1000};
    assert_int_equal(airs_system_create(&options, &system, NULL), AIRS_OK);
    return system;
}

static void start_billing(apps *self, airs_spawn_options options, const char *exposed)
{
    airs_error error = {0};
    options.name = "ledger";
    self->billing = make();
    self->ledger_id = spawn(self->billing, &ledger_fns, &self->ledger, options);
    assert_int_equal(airs_bridge_join(self->bridge, self->billing, "billing", &exposed, exposed != NULL, &error),
                     AIRS_OK);
}

static void begin_with(apps *self, airs_spawn_options options, const char *exposed)
{
    *self = (apps){.cart = {.timeout_ms = 60000}};
    assert_int_equal(airs_bridge_create(&self->bridge, NULL), AIRS_OK);
    self->shop = make();
    // Both apps have an actor of this name.
    (void)spawn(self->shop, &ledger_fns, &self->ledger, (airs_spawn_options){.name = "ledger"});
    self->cart_id = spawn(self->shop, &sender_fns, &self->cart, (airs_spawn_options){.name = "cart"});
    assert_int_equal(airs_bridge_join(self->bridge, self->shop, "shop", NULL, 0, NULL), AIRS_OK);
    start_billing(self, options, exposed);
}

static void begin(apps *self)
{
    begin_with(self, (airs_spawn_options){0}, "ledger");
}

static void end(apps *self)
{
    airs_system_destroy(self->shop);
    airs_system_destroy(self->billing);
    airs_bridge_destroy(self->bridge);
}

static airs_status look(apps *self, const char *name, uint64_t *ret_id)
{
    airs_actor_id id = {0};
    airs_status status = airs_lookup(self->shop, name, &id);
    *ret_id = id.raw;
    return status;
}

/// Lets the cart do something, and waits until it has.
static airs_status cart_does(apps *self, const char *verb, const char *payload)
{
    sender *cart = &self->cart;
    int before = cart->done;
    if (payload != NULL) {
        cart->len = strlen(payload);
        memcpy(cart->payload, payload, cart->len + 1);
    }
    assert_int_equal(airs_send(self->shop, self->cart_id, verb, 1), AIRS_OK);
    wait_until(cart->done > before);
    return (airs_status)cart->status;
}

/// The same with a request, whose outcome is waited for.
static airs_status cart_asks(apps *self, const char *payload)
{
    int before = self->cart.replies;
    assert_int_equal(cart_does(self, "r", payload), AIRS_OK);
    wait_until(self->cart.replies > before);
    return (airs_status)self->cart.outcome;
}

static uint64_t find_ledger(apps *self)
{
    uint64_t id;
    assert_int_equal(look(self, "billing/ledger", &id), AIRS_OK);
    self->cart.to = id;
    return id;
}

static uint64_t routed(airs_system *system, airs_route route, airs_outcome outcome)
{
    airs_routes routes;
    airs_system_get_routes(system, &routes);
    return routes.count[route][outcome];
}

// ---------------------------------------------------------------- tests

static void names_are_found_in_the_other_app(void **user)
{
    (void)user;
    apps self;
    begin_with(&self, (airs_spawn_options){0}, "*");
    uint64_t id;
    uint64_t again;
    assert_int_equal(look(&self, "billing/ledger", &id), AIRS_OK);
    assert_int_equal(look(&self, "billing/ledger", &again), AIRS_OK);
    assert_true(id == again);
    // One's own app by its name is the app itself; and a name of its own is its own.
    assert_int_equal(look(&self, "ledger", &again), AIRS_OK);
    assert_int_equal(look(&self, "shop/ledger", &id), AIRS_OK);
    assert_true(id == again);
    assert_int_equal(airs_register(self.shop, "billing/ledger", (airs_actor_id){again}, NULL), AIRS_OK);
    assert_int_equal(look(&self, "billing/ledger", &id), AIRS_OK);
    assert_true(id == again);

    static const char *const bad[] = {
        "nobody/ledger", "billing/nobody", "/ledger", "billing/", "billing", "/", "shop/nobody", "", "nobody//ledger"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(look(&self, bad[i], &id), AIRS_E_NOT_FOUND);
    end(&self);
}

static void long_names_are_nobodys(void **user)
{
    (void)user;
    apps self;
    begin_with(&self, (airs_spawn_options){0}, "*");
    char name[400];
    uint64_t id;
    // 128 characters of a name are allowed, and 64 of an app.
    memset(name, 'n', sizeof name);
    memcpy(name, "billing/", 8);
    name[8 + 129] = '\0';
    assert_int_equal(look(&self, name, &id), AIRS_E_NOT_FOUND);
    name[8 + 128] = '\0';
    assert_int_equal(look(&self, name, &id), AIRS_E_NOT_FOUND);
    assert_int_equal(airs_register(self.billing, name + 8, self.ledger_id, NULL), AIRS_OK);
    assert_int_equal(look(&self, name, &id), AIRS_OK);
    memset(name, 'a', 80);
    memcpy(name + 80, "/ledger", 8);
    assert_int_equal(look(&self, name, &id), AIRS_E_NOT_FOUND);
    // A name may have slashes of its own: the app is what stands before the first.
    assert_int_equal(airs_register(self.billing, "a/b", self.ledger_id, NULL), AIRS_OK);
    assert_int_equal(look(&self, "billing/a/b", &id), AIRS_OK);
    assert_int_equal(look(&self, "billing/a/c", &id), AIRS_E_NOT_FOUND);
    end(&self);
}

static void a_message_comes_with_its_context(void **user)
{
    (void)user;
    apps self;
    begin(&self);
    find_ledger(&self);
    self.cart.traced = true;
    assert_int_equal(cart_does(&self, "s", "hello"), AIRS_OK);
    wait_until(self.ledger.seen == 1);
    assert_string_equal(self.ledger.sender_name, "shop/cart");
    assert_true(self.ledger.has_trace);
    assert_string_equal(self.ledger.trace, TRACE);
    assert_false(self.ledger.has_deadline);
    assert_int_equal(self.ledger.attempt, 1);
    assert_int_equal(strlen(self.ledger.id), 16);
    // The id is one of the receiver's system, for the sender's name: not exposed, so there is no way back.
    assert_int_equal(airs_send(self.billing, (airs_actor_id){self.ledger.sender}, "x", 1), AIRS_E_DENIED);
    assert_int_equal(airs_send(self.billing, self.cart_id, "x", 1), AIRS_E_GONE);
    assert_int_equal(airs_send(self.billing, (airs_actor_id){self.cart.to}, "x", 1), AIRS_E_GONE);
    static const char *const carts[] = {"cart"};
    assert_int_equal(airs_bridge_expose(self.shop, carts, 1, NULL), AIRS_OK);
    int before = self.cart.done;
    assert_int_equal(airs_send(self.billing, (airs_actor_id){self.ledger.sender}, "x", 1), AIRS_OK);
    wait_until(self.cart.done > before);

    assert_int_equal(routed(self.shop, AIRS_ROUTE_APP, AIRS_OUTCOME_DELIVERED), 1);
    assert_int_equal(routed(self.billing, AIRS_ROUTE_NAME, AIRS_OUTCOME_DELIVERED), 1);
    assert_int_equal(routed(self.billing, AIRS_ROUTE_NAME, AIRS_OUTCOME_HANDLED), 1);
    end(&self);
}

static void payloads_of_each_size_arrive(void **user)
{
    (void)user;
    apps self;
    begin(&self);
    find_ledger(&self);
    static const size_t sizes[] = {0, 1, 64, 65, 127, 128, 129, 5000, 100000};
    self.cart.traced = true;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        int before = self.ledger.seen;
        self.cart.len = sizes[i];
        memset(self.cart.payload, 'p', sizeof self.cart.payload);
        memset(self.cart.big, 'p', sizeof self.cart.big);
        assert_int_equal(cart_does(&self, "s", NULL), AIRS_OK);
        wait_until(self.ledger.seen > before);
        assert_int_equal(self.ledger.len, sizes[i]);
        assert_true(self.ledger.has_trace);
    }
    end(&self);
}

static void a_request_has_each_of_its_outcomes(void **user)
{
    (void)user;
    apps self;
    begin(&self);
    find_ledger(&self);
    assert_int_equal(cart_asks(&self, "what"), AIRS_OK);
    assert_string_equal(self.cart.answer, "what");
    assert_true(self.ledger.has_deadline);
    assert_in_range(self.ledger.deadline_ms, 1, 60001);
    assert_int_equal(cart_asks(&self, "f"), AIRS_E_FAILED);
    assert_string_equal(self.cart.answer, "no such account");
    end(&self);
}

static void a_request_that_is_kept_is_answered_later_or_too_late(void **user)
{
    (void)user;
    apps self;
    begin(&self);
    find_ledger(&self);
    assert_int_equal(cart_does(&self, "r", "k"), AIRS_OK);
    wait_until(self.ledger.kept != 0);
    assert_int_equal(cart_does(&self, "s", "a"), AIRS_OK);
    wait_until(self.cart.replies == 1);
    assert_string_equal(self.cart.answer, "later");

    self.ledger.kept = 0;
    self.cart.timeout_ms = 1000;
    assert_int_equal(cart_asks(&self, "k"), AIRS_E_TIMEOUT);
    wait_until(self.ledger.kept != 0);
    int before = self.ledger.seen;
    // The answerer's side has the same time limit; a moment later at most.
    wait_until(routed(self.billing, AIRS_ROUTE_NAME, AIRS_OUTCOME_TIMEOUT) == 1);
    assert_int_equal(cart_does(&self, "s", "a"), AIRS_OK);
    wait_until(self.ledger.seen > before);
    assert_int_equal(self.ledger.late, 1);
    airs_metrics metrics;
    airs_system_get_metrics(self.billing, &metrics);
    assert_int_equal(metrics.replies_late, 1);
    assert_int_equal(self.cart.replies, 2);
    end(&self);
}

static void a_request_that_is_given_up_is_given_up_there(void **user)
{
    (void)user;
    apps self;
    begin(&self);
    find_ledger(&self);
    assert_int_equal(cart_does(&self, "r", "k"), AIRS_OK);
    wait_until(self.ledger.kept != 0);
    assert_int_equal(cart_does(&self, "c", "a"), AIRS_OK);
    assert_int_equal(cart_does(&self, "s", "a"), AIRS_OK);
    wait_until(self.ledger.late == 1);
    assert_int_equal(self.cart.replies, 0);
    end(&self);
}

static void an_incarnation_that_ends_is_told_with_its_reason(void **user)
{
    (void)user;
    apps self;
    begin(&self);
    find_ledger(&self);
    assert_int_equal(cart_does(&self, "r", "k"), AIRS_OK);
    wait_until(self.ledger.kept != 0);
    assert_int_equal(cart_does(&self, "s", "x"), AIRS_OK);
    wait_until(self.cart.replies == 1);
    assert_int_equal(self.cart.outcome, AIRS_E_FAILED);
    assert_non_null(strstr(self.cart.answer, "broken"));
    // An actor that has ended for good has no name any more.
    assert_int_equal(airs_stop(self.billing, self.ledger_id), AIRS_OK);
    assert_int_equal(cart_does(&self, "s", "hello"), AIRS_E_GONE);
    assert_int_equal(cart_does(&self, "r", "hello"), AIRS_E_GONE);
    assert_int_equal(routed(self.shop, AIRS_ROUTE_APP, AIRS_OUTCOME_GONE), 2);
    end(&self);
}

static void a_full_mailbox_is_full_whatever_its_policy(void **user)
{
    (void)user;
    for (int policy = AIRS_MAILBOX_REFUSE; policy <= AIRS_MAILBOX_PARK_SENDER; policy++) {
        apps self;
        airs_spawn_options options = {
            .limits = {.mailbox_max = 2, .mailbox_policy = (airs_mailbox_policy)policy, .max_message = 1000}};
        begin_with(&self, options, "led*");
        find_ledger(&self);
        assert_int_equal(airs_pause(self.billing, self.ledger_id), AIRS_OK);
        bool drops = policy == AIRS_MAILBOX_DROP_OLDEST || policy == AIRS_MAILBOX_DROP_NEWEST;
        assert_int_equal(cart_does(&self, "s", "one"), AIRS_OK);
        assert_int_equal(cart_does(&self, "s", "two"), AIRS_OK);
        assert_int_equal(cart_does(&self, "s", "three"), drops ? AIRS_OK : AIRS_E_FULL);
        assert_int_equal(airs_dead_letters(self.billing, 0, NULL, NULL), drops);
        assert_int_equal(airs_dead_letters(self.shop, 0, NULL, NULL), 0);
        // A request that its policy drops has an outcome.
        if (policy == AIRS_MAILBOX_DROP_NEWEST)
            assert_int_equal(cart_asks(&self, "four"), AIRS_E_FULL);
        self.cart.len = 1001;
        assert_int_equal(cart_does(&self, "s", NULL), AIRS_E_TOO_LARGE);
        end(&self);
    }
}

static void what_is_not_exposed_is_denied(void **user)
{
    (void)user;
    apps self;
    begin_with(&self, (airs_spawn_options){0}, NULL);
    // It is looked up all the same: whether somebody has the name is not told.
    uint64_t id;
    assert_int_equal(look(&self, "billing/nobody", &id), AIRS_OK);
    find_ledger(&self);
    assert_int_equal(cart_does(&self, "s", "hello"), AIRS_E_DENIED);
    assert_int_equal(cart_does(&self, "r", "hello"), AIRS_E_DENIED);
    assert_int_equal(routed(self.shop, AIRS_ROUTE_APP, AIRS_OUTCOME_DENIED), 2);
    static const char *const all[] = {"led*", "other"};
    assert_int_equal(airs_bridge_expose(self.billing, all, 2, NULL), AIRS_OK);
    assert_int_equal(cart_does(&self, "s", "hello"), AIRS_OK);
    assert_int_equal(airs_bridge_expose(self.billing, all + 1, 1, NULL), AIRS_OK);
    assert_int_equal(cart_does(&self, "s", "hello"), AIRS_E_DENIED);
    wait_until(self.ledger.seen == 1);
    end(&self);
}

static void timers_and_handing_on_cross_too(void **user)
{
    (void)user;
    apps self;
    begin(&self);
    find_ledger(&self);
    assert_int_equal(cart_does(&self, "t", "tick"), AIRS_OK);
    wait_until(self.ledger.seen == 1);
    assert_string_equal(self.ledger.sender_name, "shop/cart");
    // What is handed on is asked by who asked first.
    airs_buffer reply = {0};
    airs_error error = {0};
    assert_int_equal(airs_ask(self.shop, self.cart_id, "h", 1, 60000, &reply, &error), AIRS_OK);
    assert_int_equal(reply.len, 1);
    airs_buffer_free(&reply);
    // From outside, nobody's name is known.
    assert_string_equal(self.ledger.sender_name, "shop");
    assert_int_equal(airs_bridge_expose(self.billing, NULL, 0, NULL), AIRS_OK);
    assert_int_equal(cart_does(&self, "t", "tick"), AIRS_OK);
    wait_until(airs_dead_letters(self.shop, 0, NULL, NULL) == 1);
    end(&self);
}

/// Hands each request on to the other app, and answers the one that it can't hand on.
typedef struct ball {
    _Atomic uint64_t to;
    _Atomic int hops;
} ball;

static airs_status ball_handle(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)error;
    ball *self = airs_context_user(context);
    self->hops++;
    if (airs_context_forward(context, (airs_actor_id){self->to}) == AIRS_OK)
        return AIRS_OK;
    return airs_context_reply(context, message->request, "caught", 6);
}

static const airs_actor_fns ball_fns = {.handle = ball_handle};

static airs_actor_id begin_ball(airs_system *system, ball *self)
{
    static const char *const exposed = "ball";
    assert_int_equal(airs_bridge_expose(system, &exposed, 1, NULL), AIRS_OK);
    return spawn(system, &ball_fns, self, (airs_spawn_options){.name = "ball"});
}

static void what_is_handed_to_and_fro_is_caught(void **user)
{
    (void)user;
    apps self;
    begin(&self);
    ball here = {0};
    ball there = {0};
    airs_actor_id id = begin_ball(self.shop, &here);
    (void)begin_ball(self.billing, &there);
    airs_actor_id far;
    assert_int_equal(airs_lookup(self.shop, "billing/ball", &far), AIRS_OK);
    here.to = far.raw;
    assert_int_equal(airs_lookup(self.billing, "shop/ball", &far), AIRS_OK);
    there.to = far.raw;
    airs_buffer reply = {0};
    airs_error error = {0};
    assert_int_equal(airs_ask(self.shop, id, "x", 1, 60000, &reply, &error), AIRS_OK);
    assert_int_equal(reply.len, 6);
    airs_buffer_free(&reply);
    assert_int_equal(here.hops + there.hops, 9);
    end(&self);
}

/// What a callback may not do, on whichever thread it is called.
typedef struct visitor {
    apps *apps;
    _Atomic int asked;
    _Atomic bool done;
} visitor;

static void on_outcome(void *user, const airs_reply *outcome)
{
    visitor *self = user;
    (void)outcome;
    airs_buffer reply = {0};
    airs_error error = {0};
    self->asked = (int)airs_ask(self->apps->shop, self->apps->cart_id, "s", 1, 1000, &reply, &error);
    airs_system_stop(self->apps->shop);
    self->done = true;
}

static void who_is_called_back_does_not_wait(void **user)
{
    (void)user;
    apps self;
    begin(&self);
    visitor it = {.apps = &self};
    airs_actor_id far;
    assert_int_equal(airs_lookup(self.shop, "billing/ledger", &far), AIRS_OK);
    assert_int_equal(airs_ask_async(self.shop, far, "hello", 5, 60000, on_outcome, &it), AIRS_OK);
    wait_until(it.done);
    assert_int_equal(it.asked, AIRS_E_WOULD_BLOCK);
    // It has not been stopped.
    find_ledger(&self);
    assert_int_equal(cart_does(&self, "s", "still here"), AIRS_OK);
    end(&self);
}

static void from_outside_by_name(void **user)
{
    (void)user;
    apps self;
    begin(&self);
    airs_letter letter = {.name = "billing/ledger", .payload = "out", .len = 3};
    assert_int_equal(airs_post(self.shop, &letter, NULL, NULL), AIRS_OK);
    wait_until(self.ledger.seen == 1);
    assert_string_equal(self.ledger.sender_name, "shop");
    letter.name = "billing/nobody";
    // It is not exposed: that it is nobody's is not told.
    assert_int_equal(airs_post(self.shop, &letter, NULL, NULL), AIRS_E_DENIED);
    end(&self);
}

static void order_holds(void **user)
{
    (void)user;
    apps self;
    begin(&self);
    find_ledger(&self);
    assert_int_equal(cart_does(&self, "1", "x"), AIRS_OK);
    wait_until(self.ledger.seen == 1000);
    assert_int_equal(self.ledger.disorder, 0);
    end(&self);
}

static void an_app_that_stops_is_gone_and_comes_back(void **user)
{
    (void)user;
    apps self;
    begin(&self);
    uint64_t id = find_ledger(&self);
    assert_int_equal(cart_does(&self, "r", "k"), AIRS_OK);
    wait_until(self.ledger.kept != 0);
    airs_system_stop(self.billing);
    // At once: its time limit is a minute.
    wait_until(self.cart.replies == 1);
    assert_int_equal(self.cart.outcome, AIRS_E_GONE);
    assert_int_equal(cart_does(&self, "s", "hello"), AIRS_E_GONE);
    uint64_t found;
    assert_int_equal(look(&self, "billing/ledger", &found), AIRS_E_NOT_FOUND);
    airs_system_destroy(self.billing);
    assert_int_equal(cart_does(&self, "s", "hello"), AIRS_E_GONE);

    self.ledger.kept = 0;
    start_billing(&self, (airs_spawn_options){0}, "ledger");
    assert_int_equal(look(&self, "billing/ledger", &found), AIRS_OK);
    assert_true(found == id);
    assert_int_equal(cart_asks(&self, "welcome"), AIRS_OK);
    assert_string_equal(self.cart.answer, "welcome");
    end(&self);
}

static void who_has_asked_may_go_first(void **user)
{
    (void)user;
    apps self;
    begin(&self);
    find_ledger(&self);
    assert_int_equal(cart_does(&self, "r", "k"), AIRS_OK);
    wait_until(self.ledger.kept != 0);
    airs_system_destroy(self.shop);
    self.shop = NULL;
    assert_int_equal(airs_send(self.billing, self.ledger_id, "a", 1), AIRS_OK);
    wait_until(self.ledger.late == 1);
    // The bridge stays as long as there is a system on it.
    airs_bridge_destroy(self.bridge);
    airs_system_destroy(self.billing);
}

static void two_apps_have_two_names(void **user)
{
    (void)user;
    apps self;
    begin(&self);
    airs_system *third = make();
    airs_error error = {0};
    assert_int_equal(airs_bridge_join(self.bridge, third, "billing", NULL, 0, &error), AIRS_E_TAKEN);
    assert_non_null(strstr(error.text, "billing"));
    static const char *const bad[] = {
        "", "a/b", "a b", "a:b", "a*", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(airs_bridge_join(self.bridge, third, bad[i], NULL, 0, &error), AIRS_E_INVALID);
    static const char *const patterns[] = {"a b"};
    assert_int_equal(airs_bridge_join(self.bridge, third, "third", patterns, 1, &error), AIRS_E_INVALID);
    assert_non_null(strstr(error.text, "a b"));
    assert_int_equal(airs_bridge_expose(third, patterns, 1, &error), AIRS_E_INVALID);
    assert_int_equal(airs_bridge_join(self.bridge, third, "third", NULL, 0, &error), AIRS_OK);
    assert_int_equal(airs_bridge_join(self.bridge, third, "fourth", NULL, 0, &error), AIRS_E_INVALID);
    airs_system_stop(third);
    assert_int_equal(airs_bridge_expose(third, NULL, 0, &error), AIRS_E_STOPPING);
    airs_system_destroy(third);
    end(&self);
}

static void who_guesses_names_fills_no_memory(void **user)
{
    (void)user;
    apps self;
    begin_with(&self, (airs_spawn_options){0}, NULL);
    char name[64];
    int found = 0;
    uint64_t id;
    for (int i = 0; i < 6000; i++) {
        snprintf(name, sizeof name, "billing/guess-%d", i);
        found += look(&self, name, &id) == AIRS_OK;
    }
    // Granted or not: there is nobody that could be used.
    assert_int_equal(found, 1024);
    // What was found before is found still.
    assert_int_equal(look(&self, "billing/guess-7", &id), AIRS_OK);
    end(&self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_found_in_the_other_app),
        cmocka_unit_test(long_names_are_nobodys),
        cmocka_unit_test(a_message_comes_with_its_context),
        cmocka_unit_test(payloads_of_each_size_arrive),
        cmocka_unit_test(a_request_has_each_of_its_outcomes),
        cmocka_unit_test(a_request_that_is_kept_is_answered_later_or_too_late),
        cmocka_unit_test(a_request_that_is_given_up_is_given_up_there),
        cmocka_unit_test(an_incarnation_that_ends_is_told_with_its_reason),
        cmocka_unit_test(a_full_mailbox_is_full_whatever_its_policy),
        cmocka_unit_test(what_is_not_exposed_is_denied),
        cmocka_unit_test(timers_and_handing_on_cross_too),
        cmocka_unit_test(what_is_handed_to_and_fro_is_caught),
        cmocka_unit_test(who_is_called_back_does_not_wait),
        cmocka_unit_test(from_outside_by_name),
        cmocka_unit_test(order_holds),
        cmocka_unit_test(an_app_that_stops_is_gone_and_comes_back),
        cmocka_unit_test(who_has_asked_may_go_first),
        cmocka_unit_test(two_apps_have_two_names),
        cmocka_unit_test(who_guesses_names_fills_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
