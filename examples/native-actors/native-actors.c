// SPDX-License-Identifier: MIT OR Apache-2.0
// Native actors: sensors that publish by the clock, a thermometer that listens, a desk that asks it for others.
#include <airssys/system.h>
#include <err.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>

#define READINGS 5u

static bool is(airs_bytes payload, const char *text)
{
    return payload.len == strlen(text) && memcmp(payload.data, text, payload.len) == 0;
}

// ---------------------------------------------------------------- sensor: a timer, a topic

// What a kind of actor is given at spawn, as `user`; the same for each of its incarnations.
typedef struct place {
    const char *topic;
    int lowest;
} place;

typedef struct sensor {
    uint64_t timer;
    unsigned readings;
} sensor;

static airs_status sensor_start(void *state, airs_context *context, const airs_start_info *info, airs_error *error)
{
    (void)error;
    sensor *self = state;
    return airs_context_send_every(context, 10, info->id, "measure", 7, &self->timer);
}

static airs_status sensor_handle(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)message, (void)error;
    sensor *self = state;
    const place *where = airs_context_user(context);
    int reading = where->lowest + (int)self->readings;
    if (++self->readings == READINGS)
        airs_context_exit(context, NULL);
    return airs_context_publish(context, where->topic, &reading, sizeof reading, NULL, NULL);
}

static const airs_child_fns sensor_child = {.start = sensor_start};
static const airs_actor_fns sensor_actor = {.handle = sensor_handle};

// ---------------------------------------------------------------- thermometer: a subscription, a name, answers

typedef struct thermometer {
    int sum;
    int count;
} thermometer;

// Subscriptions and registered names end with the incarnation: each start makes them anew.
static airs_status thermometer_start(void *state, airs_context *context, const airs_start_info *info, airs_error *error)
{
    (void)state, (void)info;
    uint64_t subscription;
    airs_status status = airs_context_subscribe(context, "sensors.*.temperature", NULL, &subscription, error);
    return status == AIRS_OK ? airs_context_register(context, "temperature", error) : status;
}

static airs_status thermometer_handle(void *state, airs_context *context, const airs_message *message,
                                      airs_error *error)
{
    (void)error;
    thermometer *self = state;
    if (message->topic.data != NULL && message->payload.len == sizeof(int)) {
        int reading;
        memcpy(&reading, message->payload.data, sizeof reading);
        self->sum += reading;
        self->count++;
        return AIRS_OK;
    }
    if (is(message->payload, "break")) {
        airs_context_exit(context, "the glass is broken");
        return AIRS_OK;
    }
    if (self->count == 0)
        return airs_context_refuse(context, message->request, "no reading yet");
    char text[64];
    int len = snprintf(text, sizeof text, "%d readings, %d degrees", self->count, self->sum / self->count);
    return airs_context_reply(context, message->request, text, (size_t)len);
}

static const airs_child_fns thermometer_child = {.start = thermometer_start};
static const airs_actor_fns thermometer_actor = {.handle = thermometer_handle};

// ---------------------------------------------------------------- desk: asks another one before it answers

// A handler never waits. What it asks comes back to `handle_reply`, and who asked is answered then.
typedef struct desk {
    airs_request_id asked;
    airs_request_id owed;
} desk;

static airs_status desk_handle(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)error;
    desk *self = state;
    airs_actor_id thermometer_id;
    if (self->owed.raw != 0)
        return airs_context_refuse(context, message->request, "one after the other");
    airs_status status = airs_lookup(airs_context_system(context), "temperature", &thermometer_id);
    if (status == AIRS_OK)
        status = airs_context_request(context, thermometer_id, "", 0, 1000, &self->asked);
    if (status == AIRS_OK)
        self->owed = message->request;
    return status;
}

static airs_status desk_handle_reply(void *state, airs_context *context, const airs_reply *reply, airs_error *error)
{
    (void)error;
    desk *self = state;
    if (reply->request.raw != self->asked.raw)
        return AIRS_OK;
    char text[128];
    if (reply->status == AIRS_OK)
        (void)snprintf(text, sizeof text, "the desk says: %.*s", (int)reply->payload.len,
                       (const char *)reply->payload.data);
    else
        (void)snprintf(text, sizeof text, "the desk knows nothing: %.*s", (int)reply->payload.len,
                       (const char *)reply->payload.data);
    airs_request_id owed = self->owed;
    self->owed.raw = 0;
    return airs_context_reply(context, owed, text, strlen(text));
}

static const airs_actor_fns desk_actor = {.handle = desk_handle, .handle_reply = desk_handle_reply};

// ---------------------------------------------------------------- the program around them

static void check(airs_status status, const airs_error *error)
{
    if (status != AIRS_OK)
        errx(1, "%s", error->text);
}

// Told on a worker: it must not block.
static void on_event(void *user, const airs_event *event)
{
    if (event->kind == AIRS_EVENT_RESTARTED)
        printf("%s was started again\n", event->name);
    if (event->kind == AIRS_EVENT_RESTARTED ||
        (event->kind == AIRS_EVENT_STATE && event->state == AIRS_ACTOR_TERMINATED))
        (void)sem_post(user);
}

static airs_actor_id spawn(airs_system *system, const airs_native *kind, const char *name, airs_restart restart)
{
    airs_error error;
    airs_actor_id id;
    airs_spawn_options options = {.name = name, .restart = restart};
    check(airs_spawn_native(system, kind, &options, &id, &error), &error);
    return id;
}

static void ask(airs_system *system, airs_actor_id to)
{
    airs_error error;
    airs_buffer reply;
    check(airs_ask(system, to, "report", 6, 2000, &reply, &error), &error);
    printf("%.*s\n", (int)reply.len, (const char *)reply.data);
    airs_buffer_free(&reply);
}

int main(void)
{
    static place kitchen = {"sensors.kitchen.temperature", 20};
    static place cellar = {"sensors.cellar.temperature", 10};
    const airs_native kinds[] = {
        {"thermometer", &thermometer_child, &thermometer_actor, sizeof(thermometer), NULL},
        {"desk", NULL, &desk_actor, sizeof(desk), NULL},
        {"sensor", &sensor_child, &sensor_actor, sizeof(sensor), &kitchen},
        {"sensor", &sensor_child, &sensor_actor, sizeof(sensor), &cellar},
    };
    sem_t happened;
    airs_error error;
    airs_system *system;
    (void)sem_init(&happened, 0, 0);
    check(airs_system_create(NULL, &system, &error), &error);
    airs_system_on_event(system, on_event, &happened);

    airs_actor_id thermometer_id = spawn(system, &kinds[0], "thermometer", AIRS_RESTART_PERMANENT);
    airs_actor_id desk_id = spawn(system, &kinds[1], "desk", AIRS_RESTART_PERMANENT);
    ask(system, desk_id);
    (void)spawn(system, &kinds[2], "kitchen", AIRS_RESTART_TRANSIENT);
    (void)spawn(system, &kinds[3], "cellar", AIRS_RESTART_TRANSIENT);
    // Both sensors end when they have taken their readings.
    (void)sem_wait(&happened);
    (void)sem_wait(&happened);
    ask(system, desk_id);

    // A failure ends the incarnation and its state. Id, mailbox and the name of the spawn stay.
    check(airs_send(system, thermometer_id, "break", 5), &error);
    (void)sem_wait(&happened);
    ask(system, desk_id);

    airs_metrics metrics;
    airs_system_get_metrics(system, &metrics);
    printf("published %llu, reached %llu, restarts %llu, timers left %llu\n", (unsigned long long)metrics.published,
           (unsigned long long)metrics.published_reached, (unsigned long long)metrics.restarts,
           (unsigned long long)metrics.timers);
    airs_system_destroy(system);
    (void)sem_destroy(&happened);
}
