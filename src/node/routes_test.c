// SPDX-License-Identifier: MIT OR Apache-2.0
/// Topics, names, timers and dead letters through the public C API, with native actors.
#include <poll.h>
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

/// An actor that does what its messages say, `verb argument`.
typedef struct puppet {
    _Atomic int published;
    _Atomic int ticks;
    _Atomic int others;
    _Atomic uint64_t result;
    _Atomic int status;
    char last_topic[64];
} puppet;

static bool says(airs_bytes payload, const char *verb, char *ret_argument)
{
    size_t len = strlen(verb);
    if (payload.len < len || memcmp(payload.data, verb, len) != 0)
        return false;
    size_t rest = payload.len - len < 100 ? payload.len - len : 100;
    memcpy(ret_argument, payload.data + len, rest);
    ret_argument[rest] = '\0';
    return true;
}

static void obey(puppet *self, airs_context *context, airs_bytes order)
{
    char argument[128];
    uint64_t result = 0;
    airs_status status = AIRS_OK;
    if (says(order, "subscribe ", argument))
        status = airs_context_subscribe(context, argument, NULL, &result, NULL);
    else if (says(order, "group ", argument))
        status = airs_context_subscribe(context, argument, "workers", &result, NULL);
    else if (says(order, "unsubscribe", argument))
        status = airs_context_unsubscribe(context, self->result) ? AIRS_OK : AIRS_E_NOT_FOUND;
    else if (says(order, "register ", argument))
        status = airs_context_register(context, argument, NULL);
    else if (says(order, "unregister ", argument))
        status = airs_context_unregister(context, argument) ? AIRS_OK : AIRS_E_NOT_FOUND;
    else if (says(order, "after ", argument))
        status = airs_context_send_after(context, strtoull(argument, NULL, 10), airs_context_self(context), "tick", 4,
                                         &result);
    else if (says(order, "every ", argument))
        status = airs_context_send_every(context, strtoull(argument, NULL, 10), airs_context_self(context), "tick", 4,
                                         &result);
    else if (says(order, "cancel", argument))
        status = airs_context_cancel_timer(context, self->result) ? AIRS_OK : AIRS_E_NOT_FOUND;
    else if (says(order, "crash", argument))
        airs_context_exit(context, "as asked");
    else if (says(order, "tick", argument))
        self->ticks++;
    else
        self->others++;
    self->status = (int)status;
    if (result != 0)
        self->result = result;
}

static airs_status handle(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)error;
    puppet *self = airs_context_user(context);
    if (message->topic.data != NULL) {
        (void)snprintf(self->last_topic, sizeof self->last_topic, "%.*s", (int)message->topic.len,
                       (const char *)message->topic.data);
        self->published++;
        return AIRS_OK;
    }
    obey(self, context, message->payload);
    return message->request.raw == 0 ? AIRS_OK : airs_context_reply(context, message->request, "", 0);
}

static const airs_actor_fns actor_fns = {.handle = handle};

static airs_system *make(void)
{
    airs_system *system;
    airs_system_options options = {.workers = 2, .max_restarts = 100};
    assert_int_equal(airs_system_create(&options, &system, NULL), AIRS_OK);
    return system;
}

static airs_actor_id spawn(airs_system *system, puppet *self, airs_spawn_options options)
{
    airs_native native = {"puppet", NULL, &actor_fns, 0, self};
    airs_actor_id id;
    assert_int_equal(airs_spawn_native(system, &native, &options, &id, NULL), AIRS_OK);
    return id;
}

static airs_status tell(airs_system *system, airs_actor_id id, puppet *self, const char *order)
{
    airs_buffer reply = {0};
    assert_int_equal(airs_ask(system, id, order, strlen(order), 60000, &reply, NULL), AIRS_OK);
    airs_buffer_free(&reply);
    return (airs_status)self->status;
}

#define wait_until(condition)                                            \
    do {                                                                 \
        uint64_t deadline_ns = os_deadline_ms(os_clock_now_ns(), 60000); \
        while (!(condition) && os_clock_now_ns() < deadline_ns)          \
            os_thread_yield();                                           \
        assert_true(condition);                                          \
    } while (0)

static uint32_t publish(airs_system *system, const char *topic, size_t len)
{
    static const char payload[1000] = {0};
    uint32_t reached = 0;
    assert_int_equal(airs_publish(system, topic, payload, len, &reached, NULL), AIRS_OK);
    return reached;
}

// ---------------------------------------------------------------- tests

static void publishing_reaches_who_subscribed(void **user)
{
    (void)user;
    airs_system *system = make();
    puppet puppets[3] = {0};
    airs_actor_id ids[3];
    for (int i = 0; i < 3; i++)
        ids[i] = spawn(system, &puppets[i], (airs_spawn_options){0});
    assert_int_equal(tell(system, ids[0], &puppets[0], "subscribe orders.*"), AIRS_OK);
    assert_int_equal(tell(system, ids[1], &puppets[1], "group orders.>"), AIRS_OK);
    assert_int_equal(tell(system, ids[2], &puppets[2], "group orders.>"), AIRS_OK);
    assert_int_equal(tell(system, ids[2], &puppets[2], "subscribe orders..x"), AIRS_E_INVALID);
    for (int i = 0; i < 10; i++)
        assert_int_equal(publish(system, "orders.new", i % 2 == 0 ? 10 : 1000), 2);
    wait_until(puppets[0].published == 10 && puppets[1].published == 5 && puppets[2].published == 5);
    assert_string_equal(puppets[0].last_topic, "orders.new");
    assert_int_equal(publish(system, "orders.new.eu", 10), 1);
    assert_int_equal(publish(system, "nobody", 10), 0);
    assert_int_equal(airs_publish(system, "orders.*", "", 0, NULL, NULL), AIRS_E_INVALID);

    assert_int_equal(tell(system, ids[0], &puppets[0], "unsubscribe"), AIRS_OK);
    assert_int_equal(tell(system, ids[0], &puppets[0], "unsubscribe"), AIRS_E_NOT_FOUND);
    assert_int_equal(publish(system, "orders.new", 10), 1);

    // A stop ends what an actor held.
    assert_int_equal(airs_stop(system, ids[1]), AIRS_OK);
    assert_int_equal(airs_stop(system, ids[2]), AIRS_OK);
    assert_int_equal(publish(system, "orders.new", 10), 0);
    airs_metrics metrics;
    airs_system_get_metrics(system, &metrics);
    assert_int_equal(metrics.subscriptions, 0);
    airs_system_destroy(system);
}

static void a_failed_incarnation_loses_what_it_held(void **user)
{
    (void)user;
    airs_system *system = make();
    puppet self = {0};
    airs_actor_id id = spawn(system, &self, (airs_spawn_options){.name = "own"});
    assert_int_equal(tell(system, id, &self, "subscribe a"), AIRS_OK);
    assert_int_equal(tell(system, id, &self, "register second"), AIRS_OK);
    assert_int_equal(tell(system, id, &self, "register own"), AIRS_E_TAKEN);
    assert_int_equal(tell(system, id, &self, "register no good"), AIRS_E_INVALID);
    assert_int_equal(tell(system, id, &self, "every 1000"), AIRS_OK);
    airs_actor_id found;
    assert_int_equal(airs_lookup(system, "second", &found), AIRS_OK);
    assert_true(airs_actor_id_equal(found, id));
    assert_int_equal(airs_send(system, id, "crash", 5), AIRS_OK);
    airs_actor_info info;
    wait_until(airs_actor_get_info(system, id, &info) == AIRS_OK && info.restarts == 1);
    assert_int_equal(airs_lookup(system, "second", &found), AIRS_E_NOT_FOUND);
    assert_int_equal(airs_lookup(system, "own", &found), AIRS_OK);
    assert_int_equal(publish(system, "a", 10), 0);
    airs_metrics metrics;
    airs_system_get_metrics(system, &metrics);
    assert_int_equal(metrics.timers, 0);
    assert_int_equal(tell(system, id, &self, "unregister second"), AIRS_E_NOT_FOUND);
    assert_int_equal(tell(system, id, &self, "register second"), AIRS_OK);
    assert_int_equal(tell(system, id, &self, "unregister second"), AIRS_OK);
    assert_int_equal(airs_lookup(system, "second", &found), AIRS_E_NOT_FOUND);
    airs_system_destroy(system);
}

static void timers_fire_and_are_cancelled(void **user)
{
    (void)user;
    airs_system *system = make();
    puppet self = {0};
    airs_actor_id id = spawn(system, &self, (airs_spawn_options){0});
    assert_int_equal(tell(system, id, &self, "after 5"), AIRS_OK);
    wait_until(self.ticks == 1);
    assert_int_equal(tell(system, id, &self, "cancel"), AIRS_E_NOT_FOUND);
    assert_int_equal(tell(system, id, &self, "after 60000"), AIRS_OK);
    assert_int_equal(tell(system, id, &self, "cancel"), AIRS_OK);
    assert_int_equal(tell(system, id, &self, "every 2"), AIRS_OK);
    wait_until(self.ticks >= 6);
    assert_int_equal(tell(system, id, &self, "cancel"), AIRS_OK);
    int ticks = self.ticks;
    struct timespec pause = {.tv_nsec = 20000000};
    nanosleep(&pause, NULL);
    assert_in_range(self.ticks, ticks, ticks + 1);
    assert_int_equal(tell(system, id, &self, "every 0"), AIRS_E_INVALID);
    airs_system_destroy(system);
}

typedef struct letters {
    int count;
    airs_dead_letter last;
    char name[130];
    char payload[130];
} letters;

static bool keep_letter(void *user, const airs_dead_letter *letter)
{
    letters *kept = user;
    kept->count++;
    kept->last = *letter;
    (void)snprintf(kept->name, sizeof kept->name, "%s", letter->receiver_name);
    (void)snprintf(kept->payload, sizeof kept->payload, "%.*s", (int)letter->payload.len,
                   (const char *)letter->payload.data);
    return true;
}

static void what_reaches_nobody_is_kept_and_sent_again(void **user)
{
    (void)user;
    airs_system *system = make();
    puppet self = {0};
    puppet other = {0};
    puppet watcher = {0};
    airs_actor_id id = spawn(system, &self, (airs_spawn_options){.name = "crashing"});
    airs_actor_id other_id = spawn(system, &other, (airs_spawn_options){0});
    airs_actor_id watcher_id = spawn(system, &watcher, (airs_spawn_options){0});
    assert_int_equal(tell(system, watcher_id, &watcher, "subscribe airssys.dead-letters.>"), AIRS_OK);

    // Waiting for an actor that ends for good.
    assert_int_equal(tell(system, id, &self, "after 60000"), AIRS_OK);
    for (int i = 0; i < 100; i++)
        assert_int_equal(airs_send(system, id, "hello", 5), AIRS_OK);
    assert_int_equal(airs_stop(system, id), AIRS_OK);
    airs_metrics metrics;
    airs_system_get_metrics(system, &metrics);
    letters kept = {0};
    uint64_t total = airs_dead_letters(system, 0, keep_letter, &kept);
    assert_int_equal(total, kept.count);
    assert_int_equal((uint64_t)self.others + metrics.messages_dropped, 100);
    assert_int_equal(total, metrics.messages_dropped);
    wait_until((uint64_t)watcher.published == total);
    if (total > 0) {
        assert_int_equal(kept.last.reason, AIRS_DROP_GONE);
        assert_string_equal(kept.name, "crashing");
        assert_string_equal(kept.payload, "hello");
        assert_string_equal(watcher.last_topic, "airssys.dead-letters.gone");
        assert_int_equal(airs_dead_letter_resend(system, total, (airs_actor_id){0}), AIRS_E_GONE);
        assert_int_equal(airs_dead_letter_resend(system, total, other_id), AIRS_OK);
        wait_until(other.others == 1);
        // One that is dropped is kept no more; the others are, and it stays counted.
        assert_int_equal(airs_dead_letter_drop(system, total), AIRS_OK);
        assert_int_equal(airs_dead_letter_drop(system, total), AIRS_E_NOT_FOUND);
        assert_int_equal(airs_dead_letter_resend(system, total, other_id), AIRS_E_NOT_FOUND);
        letters rest = {0};
        assert_int_equal(airs_dead_letters(system, 0, keep_letter, &rest), total);
        assert_int_equal(rest.count, total - 1);
    }
    assert_int_equal(airs_dead_letter_drop(system, total + 1), AIRS_E_NOT_FOUND);
    assert_int_equal(airs_dead_letter_drop(system, 0), AIRS_E_NOT_FOUND);
    assert_int_equal(airs_dead_letter_resend(system, total + 1, other_id), AIRS_E_NOT_FOUND);
    assert_int_equal(airs_dead_letter_resend(system, 0, other_id), AIRS_E_NOT_FOUND);
    airs_system_destroy(system);
}

/// What one member of a group has no room for goes to another, and is no dead letter; what is too large for who has
/// subscribed is one, with that reason.
static void a_group_passes_over_who_has_no_room(void **user)
{
    (void)user;
    airs_system *system = make();
    puppet narrow = {0};
    puppet wide = {0};
    airs_actor_id narrow_id = spawn(system, &narrow, (airs_spawn_options){.limits = {.max_message = 32}});
    airs_actor_id wide_id = spawn(system, &wide, (airs_spawn_options){0});
    assert_int_equal(tell(system, narrow_id, &narrow, "group t"), AIRS_OK);
    assert_int_equal(tell(system, wide_id, &wide, "group t"), AIRS_OK);
    for (int i = 0; i < 10; i++)
        assert_int_equal(publish(system, "t", 33), 1);
    wait_until(wide.published == 10);
    letters kept = {0};
    assert_int_equal(airs_dead_letters(system, 0, keep_letter, &kept), 0);

    assert_int_equal(airs_stop(system, wide_id), AIRS_OK);
    assert_int_equal(publish(system, "t", 33), 0);
    assert_int_equal(airs_dead_letters(system, 0, keep_letter, &kept), 1);
    assert_int_equal(kept.last.reason, AIRS_DROP_TOO_LARGE);
    assert_int_equal(narrow.published, 0);
    airs_system_destroy(system);
}

static void a_slow_subscriber_does_not_hold_up_the_others(void **user)
{
    (void)user;
    airs_system *system = make();
    puppet slow = {0};
    puppet fast = {0};
    airs_actor_id slow_id = spawn(system, &slow, (airs_spawn_options){.limits = {.mailbox_max = 1}});
    airs_actor_id fast_id = spawn(system, &fast, (airs_spawn_options){.limits = {.mailbox_max = 1u << 20}});
    assert_int_equal(tell(system, slow_id, &slow, "subscribe t"), AIRS_OK);
    assert_int_equal(tell(system, fast_id, &fast, "subscribe t"), AIRS_OK);
    uint64_t reached = 0;
    for (int i = 0; i < 20000; i++)
        reached += publish(system, "t", 10);
    wait_until(fast.published == 20000);
    wait_until((uint64_t)slow.published + 20000 == reached);
    airs_metrics metrics;
    airs_system_get_metrics(system, &metrics);
    assert_int_equal(metrics.dead_letters, 40000 - reached);
    airs_system_destroy(system);
}

/// What a handler saw of its message.
typedef struct seen {
    char id[17];
    uint32_t attempt;
    bool has_deadline;
    uint64_t deadline_ms;
    bool named;
} seen;

static airs_status look(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)error;
    seen *it = airs_context_user(context);
    char name[129];
    airs_context_message_id(context, it->id);
    it->attempt = airs_context_attempt(context);
    it->has_deadline = airs_context_deadline_ms(context, &it->deadline_ms);
    it->named = airs_context_sender_name(context, name, sizeof name);
    return airs_context_reply(context, message->request, "", 0);
}

static void a_message_has_a_context(void **user)
{
    (void)user;
    airs_system *system = make();
    static const airs_actor_fns looking = {.handle = look};
    seen it = {0};
    airs_native native = {"looking", NULL, &looking, 0, &it};
    airs_actor_id id;
    assert_int_equal(airs_spawn_native(system, &native, NULL, &id, NULL), AIRS_OK);
    char first[17] = "";
    for (int i = 0; i < 2; i++) {
        airs_buffer reply = {0};
        assert_int_equal(airs_ask(system, id, "", 0, 5000, &reply, NULL), AIRS_OK);
        airs_buffer_free(&reply);
        assert_int_equal(strlen(it.id), 16);
        assert_string_not_equal(it.id, first);
        memcpy(first, it.id, sizeof first);
        assert_int_equal(it.attempt, 1);
        assert_true(it.has_deadline && it.deadline_ms > 3000 && it.deadline_ms <= 5000);
        assert_false(it.named);
    }
    airs_system_destroy(system);
}

static bool count_name(void *user, const char *name, airs_actor_id actor)
{
    (void)name;
    (void)actor;
    (*(int *)user)++;
    return true;
}

static int count_names(airs_system *system, const char *pattern)
{
    int count = 0;
    airs_names(system, pattern, count_name, &count);
    return count;
}

/// Counts the names that still lead somewhere when an actor's end is made known.
typedef struct end_watch {
    airs_system *system;
    _Atomic int ends;
    _Atomic int stale;
} end_watch;

static void look_at_names(void *user, const airs_event *event)
{
    end_watch *watch = user;
    if (event->kind != AIRS_EVENT_STOPPED)
        return;
    airs_actor_id found;
    watch->ends++;
    if (airs_lookup(watch->system, event->name, &found) == AIRS_OK)
        watch->stale++;
    if (airs_lookup(watch->system, "alias", &found) == AIRS_OK)
        watch->stale++;
}

static void who_is_told_of_an_end_finds_no_name(void **user)
{
    (void)user;
    airs_system *system = make();
    end_watch watch = {.system = system};
    airs_system_on_event(system, look_at_names, &watch);
    puppet a = {0};
    airs_actor_id id = spawn(system, &a, (airs_spawn_options){.name = "service"});
    assert_int_equal(airs_register(system, "alias", id, NULL), AIRS_OK);
    assert_int_equal(airs_stop(system, id), AIRS_OK);
    airs_actor_id found;
    assert_int_equal(airs_lookup(system, "alias", &found), AIRS_E_NOT_FOUND);
    assert_int_equal(watch.ends, 1);
    assert_int_equal(watch.stale, 0);
    airs_system_destroy(system);
}

static void names_are_bound_from_outside(void **user)
{
    (void)user;
    airs_system *system = make();
    puppet a = {0};
    puppet b = {0};
    airs_actor_id a_id = spawn(system, &a, (airs_spawn_options){.name = "service-1"});
    airs_actor_id b_id = spawn(system, &b, (airs_spawn_options){.name = "service-2"});
    airs_actor_id found;
    airs_error error;
    assert_int_equal(airs_register(system, "service", a_id, &error), AIRS_OK);
    assert_int_equal(airs_register(system, "service", b_id, &error), AIRS_E_TAKEN);
    assert_int_equal(airs_register(system, "no good", b_id, &error), AIRS_E_INVALID);
    assert_int_equal(airs_register(system, "other", (airs_actor_id){77}, &error), AIRS_E_GONE);
    assert_int_equal(count_names(system, NULL), 3);
    assert_int_equal(count_names(system, "service-*"), 2);
    assert_int_equal(count_names(system, "x*"), 0);

    // It outlives a restart, and moves at once.
    assert_int_equal(airs_send(system, a_id, "crash", 5), AIRS_OK);
    airs_actor_info info;
    wait_until(airs_actor_get_info(system, a_id, &info) == AIRS_OK && info.restarts == 1);
    assert_int_equal(airs_rebind(system, "service", b_id, a_id, &error), AIRS_E_NOT_FOUND);
    assert_int_equal(airs_rebind(system, "service", a_id, b_id, &error), AIRS_OK);
    assert_int_equal(airs_lookup(system, "service", &found), AIRS_OK);
    assert_true(airs_actor_id_equal(found, b_id));
    assert_int_equal(airs_stop(system, a_id), AIRS_OK);
    assert_int_equal(airs_lookup(system, "service", &found), AIRS_OK);
    assert_true(airs_unregister(system, "service"));
    assert_false(airs_unregister(system, "service"));
    assert_false(airs_unregister(system, "service-2"));

    assert_int_equal(airs_register(system, "service", b_id, &error), AIRS_OK);
    assert_int_equal(airs_stop(system, b_id), AIRS_OK);
    assert_int_equal(airs_lookup(system, "service", &found), AIRS_E_NOT_FOUND);
    assert_int_equal(count_names(system, NULL), 0);
    airs_system_destroy(system);
}

/// The program's own loop: waits on the descriptor, runs what is ready.
static void a_system_runs_in_the_programs_own_loop(void **user)
{
    (void)user;
    airs_system *system;
    airs_system_options options = {.workers = AIRS_WORKERS_NONE};
    assert_int_equal(airs_system_create(&options, &system, NULL), AIRS_OK);
    puppet self = {0};
    airs_actor_id id = spawn(system, &self, (airs_spawn_options){0});
    assert_int_equal(tell(system, id, &self, "every 3"), AIRS_OK);
    int fd = airs_system_fd(system);
    assert_true(fd >= 0);
    uint64_t deadline_ns = os_deadline_ms(os_clock_now_ns(), 2000);
    while (self.ticks < 5 && os_clock_now_ns() < deadline_ns) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        assert_in_range(poll(&ready, 1, 1000), 1, 1);
        assert_int_equal(airs_system_run_once(system, 0), AIRS_OK);
    }
    assert_in_range(self.ticks, 5, 1000);
    // What is sent from this thread makes the descriptor readable too.
    assert_int_equal(tell(system, id, &self, "cancel"), AIRS_OK);
    while (airs_system_run_once(system, 0) == AIRS_OK && poll(&(struct pollfd){fd, POLLIN, 0}, 1, 0) == 1)
        continue;
    assert_int_equal(airs_send(system, id, "other", 5), AIRS_OK);
    assert_int_equal(poll(&(struct pollfd){fd, POLLIN, 0}, 1, 1000), 1);
    assert_int_equal(self.others, 0);
    assert_int_equal(airs_system_run_once(system, 0), AIRS_OK);
    assert_int_equal(self.others, 1);
    airs_system_destroy(system);

    system = make();
    assert_int_equal(airs_system_fd(system), -1);
    assert_int_equal(airs_system_run_once(system, 0), AIRS_E_INVALID);
    airs_system_destroy(system);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(publishing_reaches_who_subscribed),
        cmocka_unit_test(a_failed_incarnation_loses_what_it_held),
        cmocka_unit_test(timers_fire_and_are_cancelled),
        cmocka_unit_test(what_reaches_nobody_is_kept_and_sent_again),
        cmocka_unit_test(a_message_has_a_context),
        cmocka_unit_test(who_is_told_of_an_end_finds_no_name),
        cmocka_unit_test(names_are_bound_from_outside),
        cmocka_unit_test(a_system_runs_in_the_programs_own_loop),
        cmocka_unit_test(a_group_passes_over_who_has_no_room),
        cmocka_unit_test(a_slow_subscriber_does_not_hold_up_the_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
