// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/metrics.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/quantity.h"
#include "node/canaries.h"
#include "node/system.h"
#include "node/verbs.h"
#include "os/clock.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/// Text that grows. Out of memory is remembered.
typedef struct writer {
    char *data;
    size_t len;
    size_t capacity;
    bool failed;
    /// The labels that every series of the app has: `app="shop"`, escaped.
    char app[160];
} writer;

static bool reserve(writer *self, size_t more)
{
    if (self->failed || self->capacity - self->len > more)
        return !self->failed;
    size_t capacity = self->capacity ? self->capacity : 16384;
    while (capacity - self->len <= more)
        capacity *= 2;
    char *grown = base_realloc(base_allocator_default(), self->data, capacity);
    self->failed = !grown;
    if (grown) {
        self->data = grown;
        self->capacity = capacity;
    }
    return !self->failed;
}

AIRS_PRINTF(2, 3) static void put(writer *self, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (len < 0 || (size_t)len >= sizeof text || !reserve(self, (size_t)len)) {
        self->failed = true;
        return;
    }
    memcpy(self->data + self->len, text, (size_t)len + 1);
    self->len += (size_t)len;
}

/// A value of a label: `\`, `"` and line feeds are escaped, bytes that are not UTF-8 become `?`. Cut to fit.
static const char *escape(char *to, size_t size, const char *from)
{
    airs_bytes bytes = base_bytes_of(from);
    size_t used = 0;
    for (size_t at = 0; at < bytes.len && used + 5 < size;) {
        size_t len = base_utf8_next(bytes, at);
        if (len == 0) {
            to[used++] = '?';
            at++;
        } else if (len == 1 && (from[at] == '\\' || from[at] == '"' || from[at] == '\n')) {
            to[used++] = '\\';
            to[used++] = from[at] == '\n' ? 'n' : from[at];
            at++;
        } else {
            memcpy(to + used, from + at, len);
            used += len;
            at += len;
        }
    }
    to[used] = '\0';
    return to;
}

static void head(writer *self, const char *name, const char *type, const char *help)
{
    put(self, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/// A family of one series.
static void single(writer *self, const char *name, const char *type, const char *help, double value)
{
    head(self, name, type, help);
    char number[BASE_QUANTITY_MAX];
    put(self, "%s{%s} %s\n", name, self->app, base_number_format(number, value, 15));
}

// ---------------------------------------------------------------- the node

static void write_sums(writer *self, const airs_metrics *m)
{
    const struct {
        const char *name;
        const char *type;
        const char *help;
        uint64_t value;
    } sums[] = {
        {"airssys_workers", "gauge", "Threads that run actors.", m->workers},
        {"airssys_actors", "gauge", "Actors alive.", m->actors},
        {"airssys_instances", "gauge", "Component instances alive.", m->instances},
        {"airssys_subscriptions", "gauge", "Subscriptions of topics.", m->subscriptions},
        {"airssys_timers", "gauge", "Timers pending.", m->timers},
        {"airssys_messages_sent_total", "counter", "Messages accepted for an actor.", m->messages_sent},
        {"airssys_messages_handled_total", "counter", "Messages handled.", m->messages_handled},
        {"airssys_messages_failed_total", "counter", "Messages answered with an error, or that ended their actor.",
         m->messages_failed},
        {"airssys_messages_refused_total", "counter", "Messages not accepted: their sender was told.",
         m->messages_refused},
        {"airssys_messages_dropped_total", "counter", "Messages that became dead letters.", m->messages_dropped},
        {"airssys_requests_total", "counter", "Requests.", m->requests},
        {"airssys_requests_timed_out_total", "counter", "Requests without an answer in time.", m->requests_timed_out},
        {"airssys_replies_late_total", "counter", "Answers that came when nobody waited any more.", m->replies_late},
        {"airssys_published_total", "counter", "Messages published.", m->published},
        {"airssys_published_reached_total", "counter", "Mailboxes that published messages reached.",
         m->published_reached},
        {"airssys_dead_letters_total", "counter", "Dead letters.", m->dead_letters},
        {"airssys_restarts_total", "counter", "Restarts of actors.", m->restarts},
        {"airssys_checkpoints_total", "counter", "States that components saved.", m->checkpoints},
        {"airssys_checkpoints_failed_total", "counter", "States that could not be saved.", m->checkpoints_failed},
        {"airssys_panics_total", "counter", "Panics of the engine.", m->panics},
        {"airssys_deployments_total", "counter", "Deployments and rollbacks that came about.", m->deployments},
        {"airssys_deployments_failed_total", "counter", "Deployments after which the version before serves.",
         m->deployments_failed},
        {"airssys_canaries", "gauge", "Canaries that run.", m->canaries},
    };
    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++)
        single(self, sums[i].name, sums[i].type, sums[i].help, (double)sums[i].value);
}

/// Bounds from 1 us to 69 s, each twice the one before.
static void write_requests(writer *self, airs_system *system)
{
    static const char name[] = "airssys_request_duration_seconds";
    uint64_t counts[HISTOGRAM_BUCKETS];
    uint64_t sum_ns = actor_space_latency(&system->actors, counts);
    uint64_t below = 0;
    uint32_t bucket = 0;
    char number[BASE_QUANTITY_MAX];
    head(self, name, "histogram", "From a request's send to its answer, of those that got one since the start.");
    for (uint32_t exponent = 10; exponent <= 36; exponent++) {
        while (bucket < histogram_bucket_of_power(exponent))
            below += counts[bucket++];
        // A bound belongs to what it bounds: the last whole nanosecond.
        put(self, "%s_bucket{%s,le=\"%s\"} %" PRIu64 "\n", name, self->app,
            base_number_format(number, (double)((1ull << exponent) - 1) / 1e9, 11), below);
    }
    while (bucket < HISTOGRAM_BUCKETS)
        below += counts[bucket++];
    put(self, "%s_bucket{%s,le=\"+Inf\"} %" PRIu64 "\n", name, self->app, below);
    put(self, "%s_sum{%s} %s\n%s_count{%s} %" PRIu64 "\n", name, self->app,
        base_number_format(number, (double)sum_ns / 1e9, 15), name, self->app, below);
}

static void write_routes(writer *self, airs_system *system)
{
    static const char name[] = "airssys_routed_messages_total";
    airs_routes routes;
    airs_system_get_routes(system, &routes);
    head(self, name, "counter", "Messages by how their receiver was found and what became of them.");
    for (int route = 0; route < AIRS_ROUTES; route++) {
        for (int outcome = 0; outcome < AIRS_OUTCOMES; outcome++)
            put(self, "%s{%s,route=\"%s\",outcome=\"%s\"} %" PRIu64 "\n", name, self->app,
                airs_route_name((airs_route)route), airs_outcome_name((airs_outcome)outcome),
                routes.count[route][outcome]);
    }
}

/// Of the process, under the names that client libraries use.
static void write_process(writer *self)
{
    struct rusage usage;
    char number[BASE_QUANTITY_MAX];
    if (getrusage(RUSAGE_SELF, &usage) == 0) {
        head(self, "process_cpu_seconds_total", "counter", "User and system CPU time spent.");
        double seconds = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
        put(self, "process_cpu_seconds_total %s\n", base_number_format(number, seconds, 15));
    }
    unsigned long long pages = 0;
    FILE *statm = fopen("/proc/self/statm", "re");
    if (!statm)
        return;
    bool read = fscanf(statm, "%*u %llu", &pages) == 1;
    fclose(statm);
    long page = sysconf(_SC_PAGESIZE);
    if (read && page > 0) {
        head(self, "process_resident_memory_bytes", "gauge", "Resident memory size.");
        put(self, "process_resident_memory_bytes %s\n", base_number_format(number, (double)pages * (double)page, 15));
    }
}

// ---------------------------------------------------------------- actors

/// The actors with a name, of which each has a series in each family.
typedef struct roll {
    airs_actor_info *infos;
    size_t count;
    /// Those without a name, or past the limit.
    uint64_t left_out;
} roll;

static bool call_roll(airs_system *system, roll *ret)
{
    const airs_allocator *allocator = base_allocator_default();
    size_t count = 0;
    *ret = (roll){0};
    airs_actor_id *ids = node_list_actors(system, &count);
    size_t room = count < NODE_METRICS_ACTORS_MAX ? count : NODE_METRICS_ACTORS_MAX;
    ret->infos = base_alloc_array(allocator, room + 1, sizeof *ret->infos);
    for (size_t i = 0; ids && ret->infos && i < count; i++) {
        airs_actor_info *info = &ret->infos[ret->count];
        // The rest is only counted: this is the server's thread.
        if (ret->count == room) {
            ret->left_out += count - i;
            break;
        }
        if (airs_actor_get_info(system, ids[i], info) != AIRS_OK)
            continue;
        if (info->name[0])
            ret->count++;
        else
            ret->left_out++;
    }
    base_free(allocator, ids);
    return ids && ret->infos;
}

static double ready_of(const airs_actor_info *info)
{
    return info->state == AIRS_ACTOR_READY ? 1 : 0;
}
static double uptime_of(const airs_actor_info *info)
{
    return (double)info->uptime_ms / 1000;
}
static double mailbox_of(const airs_actor_info *info)
{
    return info->mailbox_len;
}
static double handled_of(const airs_actor_info *info)
{
    return (double)info->messages_handled;
}
static double failed_of(const airs_actor_info *info)
{
    return (double)info->messages_failed;
}
static double restarts_of(const airs_actor_info *info)
{
    return (double)info->restarts;
}
static double memory_of(const airs_actor_info *info)
{
    return (double)info->memory;
}
static double execution_of(const airs_actor_info *info)
{
    return (double)info->execution_ms / 1000;
}
static double connections_of(const airs_actor_info *info)
{
    return info->connections;
}

static void write_actors(writer *self, airs_system *system)
{
    static const struct {
        const char *name;
        const char *type;
        const char *help;
        double (*value)(const airs_actor_info *info);
    } families[] = {
        {"airssys_actor_ready", "gauge", "Whether the actor is ready.", ready_of},
        {"airssys_actor_uptime_seconds", "gauge", "Since its incarnation was ready.", uptime_of},
        {"airssys_actor_mailbox_messages", "gauge", "Messages that wait in its mailbox.", mailbox_of},
        {"airssys_actor_messages_handled_total", "counter", "Messages it has handled.", handled_of},
        {"airssys_actor_messages_failed_total", "counter", "Messages that failed.", failed_of},
        {"airssys_actor_restarts_total", "counter", "Its restarts.", restarts_of},
        {"airssys_actor_memory_bytes", "gauge", "Linear memory of its component.", memory_of},
        {"airssys_actor_execution_seconds_total", "counter", "How long it has run on a worker.", execution_of},
        {"airssys_actor_connections", "gauge", "Its sockets and lookups.", connections_of},
    };
    roll all;
    self->failed = !call_roll(system, &all) || self->failed;
    char name[300];
    char component[300];
    char version[80];
    char number[BASE_QUANTITY_MAX];
    for (size_t i = 0; i < sizeof families / sizeof *families && !self->failed; i++) {
        head(self, families[i].name, families[i].type, families[i].help);
        for (size_t j = 0; j < all.count; j++) {
            const airs_actor_info *info = &all.infos[j];
            put(self, "%s{%s,actor=\"%s\",component=\"%s\",version=\"%s\"} %s\n", families[i].name, self->app,
                escape(name, sizeof name, info->name), escape(component, sizeof component, info->component),
                escape(version, sizeof version, info->version),
                base_number_format(number, families[i].value(info), 15));
        }
    }
    single(self, "airssys_actors_unlisted", "gauge",
           "Actors without series of their own: no name, or past the 1,000th.", (double)all.left_out);
    base_free(base_allocator_default(), all.infos);
}

// ---------------------------------------------------------------- canaries

static double share_of(const airs_canary_info *info)
{
    return (double)info->ppm / 1e6;
}
static double age_of(const airs_canary_info *info)
{
    return (double)info->age_ms / 1000;
}
static double new_handled_of(const airs_canary_info *info)
{
    return (double)info->new_counts.handled;
}
static double new_failed_of(const airs_canary_info *info)
{
    return (double)info->new_counts.failed;
}
static double old_handled_of(const airs_canary_info *info)
{
    return (double)info->old_counts.handled;
}
static double old_failed_of(const airs_canary_info *info)
{
    return (double)info->old_counts.failed;
}
static double new_restarts_of(const airs_canary_info *info)
{
    return (double)info->new_restarts;
}

/// Of those that run; no series, and no families, where none does.
static void write_canaries(writer *self, airs_system *system)
{
    static const struct {
        const char *name;
        const char *type;
        const char *help;
        double (*value)(const airs_canary_info *info);
    } families[] = {
        {"airssys_canary_share", "gauge", "What share gets the new version, from 0 to 1.", share_of},
        {"airssys_canary_age_seconds", "gauge", "Since the canary began.", age_of},
        {"airssys_canary_new_handled_total", "counter", "Messages the new version has handled.", new_handled_of},
        {"airssys_canary_new_failed_total", "counter", "Of these, messages that failed.", new_failed_of},
        {"airssys_canary_old_handled_total", "counter", "Messages the old version has handled since.", old_handled_of},
        {"airssys_canary_old_failed_total", "counter", "Of these, messages that failed.", old_failed_of},
        {"airssys_canary_new_restarts_total", "counter", "Restarts of actors with the new version.", new_restarts_of},
    };
    canary_shown canaries[CANARIES_LISTED_MAX];
    char number[BASE_QUANTITY_MAX];
    size_t count = canaries_list(system, canaries);
    char name[300];
    char from[80];
    char to[80];
    for (size_t i = 0; count > 0 && i < sizeof families / sizeof *families; i++) {
        head(self, families[i].name, families[i].type, families[i].help);
        for (size_t j = 0; j < count; j++) {
            const airs_canary_info *info = &canaries[j].info;
            put(self, "%s{%s,actor=\"%s\",old_version=\"%s\",new_version=\"%s\"} %s\n", families[i].name, self->app,
                escape(name, sizeof name, canaries[j].actor), escape(from, sizeof from, info->old_version),
                escape(to, sizeof to, info->new_version), base_number_format(number, families[i].value(info), 15));
        }
    }
}

char *node_metrics_text(airs_system *system, const char *app)
{
    writer self = {0};
    airs_metrics metrics;
    char escaped[144];
    airs_actor_id root = {0};
    airs_system_get_metrics(system, &metrics);
    snprintf(self.app, sizeof self.app, "app=\"%s\"", escape(escaped, sizeof escaped, app));
    head(&self, "airssys_build_info", "gauge", "The version that runs; always 1.");
    put(&self, "airssys_build_info{%s,version=\"%s\"} 1\n", self.app, airs_version());
    bool ready = airs_actor_list(system, &root, 1) > 0 && airs_actor_is_ready(system, root);
    single(&self, "airssys_ready", "gauge", "Whether all of the app's tree is ready.", ready ? 1 : 0);
    write_sums(&self, &metrics);
    write_requests(&self, system);
    write_routes(&self, system);
    write_actors(&self, system);
    write_canaries(&self, system);
    write_process(&self);
    if (!self.failed)
        return self.data;
    base_free(base_allocator_default(), self.data);
    return NULL;
}
