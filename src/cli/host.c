// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/host.h"

#include "cli/draw.h"
#include "cli/host_text.h"
#include "cli/learn.h"
#include "cli/output.h"
#include "cli/remote.h"

#include "base/bytes.h"
#include "base/error.h"
#include "node/events.h"
#include "node/logs.h"
#include "os/clock.h"
#include "os/notify.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

// Of an app that does not say how many it may have, as of airs_system_options.
#define INSTANCES_DEFAULT 1000u
// How soon a signal is seen.
#define LOOK_MS 50
// An app that is not ready for so many looks in a row is worth a line.
#define LOOKS_MISSED_MAX 2
// Milliseconds that the last actor has to say that it is ready, before the app is said not to be.
#define READY_MS 100

// ---------------------------------------------------------------- signals

/// What a signal removes that ends the process at once; a handler has nothing else to hold on to.
static const char *sockets_to_remove[CLI_HOST_APPS_MAX];

static void end_at_once(int number)
{
    for (size_t i = 0; i < CLI_HOST_APPS_MAX && sockets_to_remove[i]; i++)
        unlink(sockets_to_remove[i]);
    _exit(128 + number);
}

static void stop_signals(sigset_t *ret_set)
{
    sigemptyset(ret_set);
    sigaddset(ret_set, SIGINT);
    sigaddset(ret_set, SIGTERM);
    sigaddset(ret_set, SIGHUP);
}

void cli_host_hold_signals(void)
{
    sigset_t set;
    stop_signals(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    memset(sockets_to_remove, 0, sizeof sockets_to_remove);
}

/// From now on a signal ends the process at once, without waiting for any actor: while the apps start, which
/// may take its time, and when it is told a second time.
static void end_at_signals(const cli_host *host)
{
    sigset_t set;
    stop_signals(&set);
    for (size_t i = 0; i < host->apps_count; i++) {
        const cli_host_app *it = &host->apps[i];
        sockets_to_remove[i] = it->server ? node_server_path(it->server) : it->socket.path.text;
    }
    struct sigaction action = {.sa_handler = end_at_once};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

// ---------------------------------------------------------------- what it is made of

airs_status cli_host_init(cli_host *host, const cli_args *args, airs_error *error)
{
    *host = (cli_host){.args = args, .home = {.lock = -1}, .started_ns = os_clock_now_ns()};
    host->apps = calloc(CLI_HOST_APPS_MAX, sizeof *host->apps);
    if (!host->apps)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for the node");
    return airs_bridge_create(&host->bridge, error);
}

void cli_host_fini(cli_host *host)
{
    for (size_t i = 0; i < host->apps_count; i++) {
        node_feed_destroy(host->apps[i].events);
        node_feed_destroy(host->apps[i].logs);
        node_boot_fini(&host->apps[i].boot);
    }
    free(host->apps);
    airs_bridge_destroy(host->bridge);
    node_home_close(&host->home);
    *host = (cli_host){.home = {.lock = -1}};
}

airs_status cli_host_check_socket(const cli_host *host, const char *app, airs_error *error)
{
    const char *path = cli_remote_socket(host->args);
    node_socket_path of_app;
    node_socket taken = {.fd = -1};
    airs_status status = AIRS_OK;
    if (!path) {
        status = node_socket_of_app(app, true, &of_app, error);
        path = of_app.text;
    }
    if (status == AIRS_OK)
        status = node_socket_listen(path, &taken, error);
    node_socket_close(&taken);
    return status == AIRS_E_NOT_FOUND ? AIRS_E_IO : status;
}

airs_status cli_host_take_state(cli_host *host, const char *folder, airs_error *error)
{
    return node_home_open(&host->home, folder, error);
}

static bool has_app(const cli_host *host, const char *name)
{
    for (size_t i = 0; i < host->apps_count; i++) {
        if (strcmp(host->apps[i].boot.manifest.name.text, name) == 0)
            return true;
    }
    return false;
}

/// Takes an app that was loaded into the next place.
static airs_status add(cli_host *host, node_boot *boot, airs_error *error)
{
    cli_host_app *it = &host->apps[host->apps_count];
    *it = (cli_host_app){.host = host, .socket = {.fd = -1}};
    const char *name = boot->manifest.name.text;
    if (has_app(host, name))
        return base_error_set(error, AIRS_E_TAKEN, "two apps have the name %s: %s", name, boot->manifest.document.path);
    const char *between = boot->folder[0] ? "/" : "";
    if (host->home.store && snprintf(it->state, sizeof it->state, "%s%s%s", host->home.folder, between, boot->folder) >=
                                (int)sizeof it->state)
        return base_error_set(error, AIRS_E_TOO_LARGE, "the path of the node's state is too long: %s",
                              host->home.folder);
    it->events = node_events_create();
    it->logs = node_logs_create();
    if (!it->events || !it->logs) {
        node_feed_destroy(it->events);
        node_feed_destroy(it->logs);
        return base_error_set(error, AIRS_E_NOMEM, "no memory for the node");
    }
    it->boot = *boot;
    it->durable = (node_durable){.store = host->home.store};
    base_text_copy(it->durable.app, sizeof it->durable.app, base_bytes_of(name));
    host->apps_count++;
    return AIRS_OK;
}

static airs_status check_room(const cli_host *host, airs_error *error)
{
    return host->apps_count < CLI_HOST_APPS_MAX
               ? AIRS_OK
               : base_error_set(error, AIRS_E_LIMIT, "a node has at most %d apps", CLI_HOST_APPS_MAX);
}

airs_status cli_host_add(cli_host *host, const char *path, const char *folder, airs_error *error)
{
    node_boot boot;
    airs_status status = check_room(host, error);
    if (status == AIRS_OK)
        status = node_boot_given(&boot, host->home.store, path, folder, error);
    if (status != AIRS_OK)
        return status;
    status = add(host, &boot, error);
    if (status != AIRS_OK)
        node_boot_fini(&boot);
    return status;
}

typedef struct names {
    const cli_host *host;
    char found[CLI_HOST_APPS_MAX][65];
    size_t count;
} names;

static airs_status note_name(void *user, const node_stored_app *app, airs_error *error)
{
    names *it = user;
    if (has_app(it->host, app->name))
        return AIRS_OK;
    if (it->count + it->host->apps_count == CLI_HOST_APPS_MAX)
        return base_error_set(error, AIRS_E_LIMIT, "a node has at most %d apps", CLI_HOST_APPS_MAX);
    base_text_copy(it->found[it->count++], sizeof it->found[0], base_bytes_of(app->name));
    return AIRS_OK;
}

airs_status cli_host_add_stored(cli_host *host, airs_error *error)
{
    names it = {.host = host};
    if (!host->home.store)
        return AIRS_OK;
    airs_status status = node_store_each_app(host->home.store, note_name, &it, error);
    for (size_t i = 0; status == AIRS_OK && i < it.count; i++) {
        node_boot boot;
        status = node_boot_stored(&boot, host->home.store, it.found[i], error);
        if (status != AIRS_OK)
            return status;
        status = add(host, &boot, error);
        if (status != AIRS_OK)
            node_boot_fini(&boot);
    }
    return status;
}

/// What `reserved` of `max` leaves for each of `others` apps, at least `least`.
static airs_status share(const char *flag, uint64_t max, uint64_t reserved, size_t others, uint64_t least,
                         uint64_t *ret_each, airs_error *error)
{
    *ret_each = 0;
    if (reserved > max)
        return base_error_set(error, AIRS_E_LIMIT,
                              "%s is less than what the [node] tables of the apps ask for: %" PRIu64, flag, reserved);
    if (others > 0)
        *ret_each = (max - reserved) / others;
    if (others > 0 && *ret_each < least)
        return base_error_set(error, AIRS_E_LIMIT,
                              "%s leaves too little for those that ask for nothing, %zu of the apps", flag, others);
    return AIRS_OK;
}

static airs_status share_memory(cli_host *host, uint64_t max, airs_error *error)
{
    uint64_t reserved = 0;
    size_t others = 0;
    for (size_t i = 0; i < host->apps_count; i++) {
        uint64_t wanted = host->apps[i].boot.manifest.node.max_memory;
        others += wanted == 0;
        if (__builtin_add_overflow(reserved, wanted, &reserved))
            reserved = UINT64_MAX;
    }
    uint64_t each;
    airs_status status = share("--max-memory", max, reserved, others, CLI_HOST_MEMORY_MIN, &each, error);
    for (size_t i = 0; status == AIRS_OK && i < host->apps_count; i++) {
        uint64_t *wanted = &host->apps[i].boot.manifest.node.max_memory;
        *wanted = *wanted == 0 ? each : *wanted;
    }
    return status;
}

static airs_status share_instances(cli_host *host, uint32_t max, airs_error *error)
{
    uint64_t reserved = 0;
    size_t others = 0;
    for (size_t i = 0; i < host->apps_count; i++) {
        uint32_t wanted = host->apps[i].boot.manifest.node.instances_max;
        others += wanted == 0;
        reserved += wanted;
    }
    uint64_t each;
    airs_status status = share("--instances-max", max, reserved, others, 1, &each, error);
    for (size_t i = 0; status == AIRS_OK && i < host->apps_count; i++) {
        uint32_t *wanted = &host->apps[i].boot.manifest.node.instances_max;
        *wanted = *wanted == 0 ? (uint32_t)(each < INSTANCES_DEFAULT ? each : INSTANCES_DEFAULT) : *wanted;
    }
    return status;
}

airs_status cli_host_share(cli_host *host, uint64_t max_memory, uint32_t instances_max, airs_error *error)
{
    airs_status status = max_memory == 0 ? AIRS_OK : share_memory(host, max_memory, error);
    return status == AIRS_OK && instances_max > 0 ? share_instances(host, instances_max, error) : status;
}

// ---------------------------------------------------------------- while it runs

/// The name of the app in front, where there are several.
static void say(const cli_host_app *it, airs_log_level level, const char *text)
{
    char line[256];
    if (it->host->apps_count > 1)
        snprintf(line, sizeof line, "%s: %s", it->durable.app, text);
    else
        snprintf(line, sizeof line, "%s", text);
    cli_journal_say(&it->host->journal, level, line);
}

static void on_log(void *user, const airs_log_record *record)
{
    cli_host_app *it = user;
    char full_name[sizeof it->durable.app + 132];
    airs_log_record named = *record;
    if (it->host->apps_count > 1) {
        snprintf(full_name, sizeof full_name, "%s/%s", it->durable.app, record->actor);
        named.actor = full_name;
    }
    cli_journal_on_log(&it->host->journal, &named);
    node_logs_put(it->logs, it->durable.app, record);
}

static void on_event(void *user, const airs_event *event)
{
    cli_host_app *it = user;
    cli_journal_on_event(&it->host->journal, event);
    node_events_on_event(it->events, event);
}

/// Says when the app is not ready any more, and when it is again: a restart without a delay is not worth a line.
static void look_at_readiness(cli_host_app *it)
{
    bool ready = airs_actor_is_ready(it->app.system, it->app.tree[0].id);
    if (ready && it->looks_missed == LOOKS_MISSED_MAX)
        say(it, AIRS_LOG_INFO, "the app is ready again");
    else if (!ready && it->looks_missed + 1 == LOOKS_MISSED_MAX)
        say(it, AIRS_LOG_WARN, "the app is not ready: `airssys tree` shows why");
    if (ready)
        it->looks_missed = 0;
    else if (it->looks_missed < LOOKS_MISSED_MAX)
        it->looks_missed++;
}

/// Tells the service manager, if there is one.
static void tell_manager(cli_host *host, const char *text)
{
    airs_error error = {0};
    if (os_notify(text, &error) != AIRS_OK)
        cli_journal_say(&host->journal, AIRS_LOG_WARN, error.text);
}

/// Says that it is alive, as often as that is expected, when each app's server is.
static void watch(cli_host *host)
{
    uint64_t now_ns = os_clock_now_ns();
    if (host->watchdog_ms == 0 || now_ns - host->watched_ns < (uint64_t)host->watchdog_ms * 1000000u / 3u)
        return;
    bool alive = true;
    for (size_t i = 0; i < host->apps_count; i++)
        alive = alive && (!host->apps[i].server || node_server_answers(host->apps[i].server));
    if (!alive)
        return;
    tell_manager(host, "WATCHDOG=1");
    host->watched_ns = now_ns;
    for (size_t i = 0; i < host->apps_count; i++) {
        if (host->apps[i].server)
            node_server_poke(host->apps[i].server);
    }
}

/// Looks at each app for its part of LOOK_MS. False when all have ended.
static bool look_at_all(cli_host *host)
{
    bool running = false;
    uint32_t each_ms = LOOK_MS / (uint32_t)host->apps_count;
    for (size_t i = 0; i < host->apps_count; i++) {
        cli_host_app *it = &host->apps[i];
        if (it->finish != AIRS_FINISH_RUNNING)
            continue;
        it->finish = airs_system_wait(it->app.system, each_ms == 0 ? 1 : each_ms, &it->end);
        if (it->finish == AIRS_FINISH_RUNNING) {
            running = true;
            look_at_readiness(it);
        } else if (host->apps_count > 1) {
            say(it, it->finish == AIRS_FINISH_FAILED ? AIRS_LOG_ERROR : AIRS_LOG_INFO,
                it->finish == AIRS_FINISH_FAILED ? "the app has failed" : "the app is done");
        }
    }
    return running;
}

/// Waits until the apps have ended by themselves, or a signal came.
static void wait_for_end(cli_host *host)
{
    sigset_t set;
    stop_signals(&set);
    while (look_at_all(host)) {
        watch(host);
        if (host->learn && cli_learn_is_full(host->learn)) {
            cli_journal_say(&host->journal, AIRS_LOG_ERROR, "the scratch folder is full: the node ends");
            return;
        }
        const struct timespec now = {0};
        if (sigtimedwait(&set, NULL, &now) > 0)
            return;
    }
}

// ---------------------------------------------------------------- up and down

/// The socket is taken before anything starts: two nodes of one app must not run side by side by accident.
static airs_status take_socket(cli_host_app *it, airs_error *error)
{
    const char *path = cli_remote_socket(it->host->args);
    node_socket_path of_app;
    if (path && it->host->apps_count > 1)
        return base_error_set(error, AIRS_E_INVALID, "one socket for %zu apps: each has one of its own: %s",
                              it->host->apps_count, path);
    if (!path) {
        airs_status status = node_socket_of_app(it->durable.app, true, &of_app, error);
        if (status != AIRS_OK)
            return status;
        path = of_app.text;
    }
    return node_socket_listen(path, &it->socket, error);
}

static airs_status start_app(cli_host_app *it, airs_error *error)
{
    char cache[PATH_MAX];
    node_app_options options = {.log = on_log,
                                .log_user = it,
                                .log_level = AIRS_LOG_INFO,
                                .event = on_event,
                                .event_user = it,
                                .cache_dir = node_cache_folder(cache, sizeof cache) ? cache : NULL,
                                .compiler_path = CLI_OWN_PROGRAM,
                                .state_dir = it->state[0] ? it->state : NULL,
                                .bridge = it->host->bridge,
                                .learner = it->host->learn ? &it->host->learn->learner : NULL,
                                .absences = it->boot.absences,
                                .absences_count = it->boot.absences_count};
    airs_status status = node_app_start(&it->app, &it->boot.manifest, &options, error);
    if (status != AIRS_OK)
        return status;
    status = node_durable_resume(&it->durable, it->app.system, &it->boot, error);
    if (status == AIRS_OK)
        status = node_boot_keep(&it->boot, &it->app, error);
    node_server_options server = {.system = it->app.system,
                                  .app = it->durable.app,
                                  .durable = &it->durable,
                                  .events = it->events,
                                  .logs = it->logs,
                                  .tree = &it->app,
                                  .metrics = it->boot.manifest.node.metrics.text};
    if (status == AIRS_OK)
        status = node_server_start(&server, &it->socket, &it->server, error);
    if (status != AIRS_OK)
        node_app_stop(&it->app);
    return status;
}

static void stop_app(cli_host_app *it)
{
    if (!it->app.system)
        return;
    airs_system_get_metrics(it->app.system, &it->metrics);
    // The system first: requests that still wait are then settled, and the server can say so to its clients.
    airs_system_stop(it->app.system);
    node_server_stop(it->server);
    it->server = NULL;
}

/// The last one first.
static void stop_all(cli_host *host)
{
    tell_manager(host, "STOPPING=1");
    for (size_t i = host->apps_count; i-- > 0;)
        stop_app(&host->apps[i]);
}

static void end_all(cli_host *host)
{
    for (size_t i = host->apps_count; i-- > 0;) {
        node_app_stop(&host->apps[i].app);
        node_socket_close(&host->apps[i].socket);
    }
}

/// Waits until the app is ready, which it is when all of its tree is. Each actor has been: one may be about to say so,
/// may have failed since, or the app may be done already.
static bool wait_until_ready(const cli_host *host, const cli_host_app *it)
{
    uint32_t looks = host->ready_ms == 0 ? READY_MS : host->ready_ms;
    for (uint32_t i = 0; i < looks; i++) {
        if (airs_actor_is_ready(it->app.system, it->app.tree[0].id) ||
            airs_system_wait(it->app.system, 1, NULL) != AIRS_FINISH_RUNNING)
            return true;
    }
    return false;
}

static void show(cli_host_app *it, char *why, size_t why_size)
{
    cli_host *host = it->host;
    if (it->boot.replaces)
        say(it, AIRS_LOG_INFO, "the app is not the one of before: what was deployed and granted to that is forgotten");
    cli_host_print_heading(&it->boot.manifest);
    cli_draw_tree(stdout, it->app.tree, NULL, it->app.tree_count, false, cli_draw_boxes());
    bool ready = wait_until_ready(host, it);
    it->looks_missed = ready ? 0 : LOOKS_MISSED_MAX;
    cli_host_print_readiness(ready, os_clock_now_ns() - host->started_ns);
    if (*node_server_metrics(it->server))
        printf("metrics at http://%s/metrics\n", node_server_metrics(it->server));
    printf("listening at %s\n\n", node_server_path(it->server));
    size_t used = strlen(why);
    if (!ready)
        snprintf(why + used, why_size - used, "%sthe app %s is not ready: `airssys tree -n %s` shows why",
                 used ? "; " : "", it->durable.app, it->durable.app);
}

static cli_exit serve(cli_host *host)
{
    char why[512] = "";
    for (size_t i = 0; i < host->apps_count; i++)
        show(&host->apps[i], why, sizeof why);
    fflush(stdout);
    tell_manager(host, "READY=1");
    if (host->started)
        host->started(host->user, !why[0], why);
    cli_journal_release(&host->journal);

    wait_for_end(host);
    // In the background nobody is impatient by accident: who wants it ended at once, kills it.
    if (!host->log)
        end_at_signals(host);
    stop_all(host);
    cli_host_hold_signals();
    end_all(host);
    cli_journal_stop(&host->journal);
    putchar('\n');
    cli_exit code = CLI_EXIT_OK;
    for (size_t i = 0; i < host->apps_count; i++) {
        const cli_host_app *it = &host->apps[i];
        if (host->apps_count > 1)
            printf("%s: ", it->durable.app);
        cli_host_print_summary(it->finish, os_clock_now_ns() - host->started_ns, &it->metrics);
        if (it->finish != AIRS_FINISH_FAILED)
            continue;
        fflush(stdout);
        cli_error("the app has failed: %s: %s", it->durable.app, it->end.text);
        code = CLI_EXIT_FAILED;
    }
    return code;
}

cli_exit cli_host_refuse(airs_status status, const airs_error *error)
{
    cli_error("%s", error->text);
    // The folder or file that was named is wrong, but it is not an actor that failed.
    return status == AIRS_E_GONE ? CLI_EXIT_FAILURE : cli_exit_of(status);
}

cli_exit cli_host_run(cli_host *host)
{
    airs_error error = {0};
    airs_status status = AIRS_OK;
    int width = 0;
    for (size_t i = 0; status == AIRS_OK && i < host->apps_count; i++) {
        // Apps that were added already have theirs.
        if (host->apps[i].socket.fd < 0)
            status = take_socket(&host->apps[i], &error);
        int wanted = cli_host_name_width(&host->apps[i].boot.manifest);
        width = wanted > width ? wanted : width;
    }
    if (status != AIRS_OK) {
        end_all(host);
        return cli_host_refuse(status == AIRS_E_NOT_FOUND ? AIRS_E_IO : status, &error);
    }
    status = cli_journal_start(&host->journal, width);
    if (status != AIRS_OK) {
        end_all(host);
        cli_error("cannot start a thread");
        return CLI_EXIT_FAILURE;
    }
    host->journal.dated = host->log != NULL;
    host->journal.file = host->log;
    end_at_signals(host);
    for (size_t i = 0; status == AIRS_OK && i < host->apps_count; i++)
        status = start_app(&host->apps[i], &error);
    cli_host_hold_signals();
    if (status == AIRS_OK)
        return serve(host);
    stop_all(host);
    end_all(host);
    cli_journal_release(&host->journal);
    cli_journal_stop(&host->journal);
    fflush(stdout);
    return cli_host_refuse(status, &error);
}
