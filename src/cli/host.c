// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/host.h"

#include "cli/draw.h"
#include "cli/host_text.h"
#include "cli/learn.h"
#include "cli/output.h"
#include "cli/remote.h"

#include "base/error.h"
#include "os/clock.h"
#include "os/notify.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

// How soon a signal is seen.
#define LOOK_MS 50
// An app that is not ready for so many looks in a row is worth a line.
#define LOOKS_MISSED_MAX 2
// Milliseconds that the last actor has to say that it is ready, before the app is said not to be.
#define READY_MS 100

// ---------------------------------------------------------------- signals

/// What a signal removes that ends the process at once; a handler has nothing else to hold on to.
static const char *sockets_to_remove[AIRS_NODE_APPS_MAX];

static void end_at_once(int number)
{
    for (size_t i = 0; i < AIRS_NODE_APPS_MAX && sockets_to_remove[i]; i++)
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
    for (size_t i = 0; i < host->node.apps_count; i++)
        sockets_to_remove[i] = node_hosted_socket(&host->node.apps[i]);
    struct sigaction action = {.sa_handler = end_at_once};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

// ---------------------------------------------------------------- what it is made of

static bool has_several(const cli_host *host)
{
    return host->node.apps_count > 1;
}

static void on_log(void *user, const char *app, const airs_log_record *record)
{
    cli_host *host = user;
    char full_name[sizeof((node_durable *)NULL)->app + 132];
    airs_log_record named = *record;
    if (has_several(host)) {
        snprintf(full_name, sizeof full_name, "%s/%s", app, record->actor);
        named.actor = full_name;
    }
    cli_journal_on_log(&host->journal, &named);
}

static void on_event(void *user, const char *app, const airs_event *event)
{
    cli_host *host = user;
    (void)app;
    cli_journal_on_event(&host->journal, event);
}

airs_status cli_host_init(cli_host *host, const cli_args *args, struct cli_learn *learn, airs_error *error)
{
    *host = (cli_host){.started_ns = os_clock_now_ns(), .learn = learn};
    airs_status status = node_host_init(&host->node, error);
    if (status != AIRS_OK)
        return status;
    host->apps = calloc(AIRS_NODE_APPS_MAX, sizeof *host->apps);
    if (!host->apps)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for the node");
    host->node.log = on_log;
    host->node.log_level = AIRS_LOG_INFO;
    host->node.event = on_event;
    host->node.log_user = host->node.event_user = host;
    host->node.compiler_path = CLI_OWN_PROGRAM;
    host->node.sockets = true;
    host->node.socket_path = cli_remote_socket(args);
    host->node.learner = learn ? &learn->learner : NULL;
    return AIRS_OK;
}

void cli_host_fini(cli_host *host)
{
    node_host_fini(&host->node);
    free(host->apps);
    *host = (cli_host){.node = {.home = {.lock = -1}}};
}

// ---------------------------------------------------------------- while it runs

/// The name of the app in front, where there are several.
static void say(cli_host *host, size_t app, airs_log_level level, const char *text)
{
    char line[256];
    if (has_several(host))
        snprintf(line, sizeof line, "%s: %s", host->node.apps[app].durable.app, text);
    else
        snprintf(line, sizeof line, "%s", text);
    cli_journal_say(&host->journal, level, line);
}

/// Says when the app is not ready any more, and when it is again: a restart without a delay is not worth a line.
static void look_at_readiness(cli_host *host, size_t app)
{
    const node_app *hosted = &host->node.apps[app].app;
    cli_host_app *it = &host->apps[app];
    bool ready = airs_actor_is_ready(hosted->system, hosted->tree[0].id);
    if (ready && it->looks_missed == LOOKS_MISSED_MAX)
        say(host, app, AIRS_LOG_INFO, "the app is ready again");
    else if (!ready && it->looks_missed + 1 == LOOKS_MISSED_MAX)
        say(host, app, AIRS_LOG_WARN, "the app is not ready: `airssys tree` shows why");
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
    for (size_t i = 0; i < host->node.apps_count; i++)
        alive = alive && node_server_answers(host->node.apps[i].server);
    if (!alive)
        return;
    tell_manager(host, "WATCHDOG=1");
    host->watched_ns = now_ns;
    for (size_t i = 0; i < host->node.apps_count; i++)
        node_server_poke(host->node.apps[i].server);
}

/// Looks at each app for its part of LOOK_MS. False when all have ended.
static bool look_at_all(cli_host *host)
{
    bool running = false;
    uint32_t each_ms = LOOK_MS / (uint32_t)host->node.apps_count;
    for (size_t i = 0; i < host->node.apps_count; i++) {
        cli_host_app *it = &host->apps[i];
        if (it->finish != AIRS_FINISH_RUNNING)
            continue;
        it->finish = airs_system_wait(host->node.apps[i].app.system, each_ms == 0 ? 1 : each_ms, &it->end);
        if (it->finish == AIRS_FINISH_RUNNING) {
            running = true;
            look_at_readiness(host, i);
        } else if (has_several(host)) {
            say(host, i, it->finish == AIRS_FINISH_FAILED ? AIRS_LOG_ERROR : AIRS_LOG_INFO,
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

static void stop_all(cli_host *host)
{
    tell_manager(host, "STOPPING=1");
    node_host_stop(&host->node);
}

static void show(cli_host *host, size_t app, char *why, size_t why_size)
{
    const node_hosted *it = &host->node.apps[app];
    if (it->boot.replaces)
        say(host, app, AIRS_LOG_INFO,
            "the app is not the one of before: what was deployed and granted to that is forgotten");
    cli_host_print_heading(&it->boot.manifest);
    cli_draw_tree(stdout, it->app.tree, NULL, it->app.tree_count, false, cli_draw_boxes());
    bool ready = node_hosted_wait_ready(it, host->ready_ms == 0 ? READY_MS : host->ready_ms);
    host->apps[app].looks_missed = ready ? 0 : LOOKS_MISSED_MAX;
    cli_host_print_readiness(ready, os_clock_now_ns() - host->started_ns);
    if (*node_server_metrics(it->server))
        printf("metrics at http://%s/metrics\n", node_server_metrics(it->server));
    printf("listening at %s\n\n", node_hosted_socket(it));
    size_t used = strlen(why);
    if (!ready)
        snprintf(why + used, why_size - used, "%sthe app %s is not ready: `airssys tree -n %s` shows why",
                 used ? "; " : "", it->durable.app, it->durable.app);
}

static cli_exit serve(cli_host *host)
{
    char why[512] = "";
    for (size_t i = 0; i < host->node.apps_count; i++)
        show(host, i, why, sizeof why);
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
    node_host_end(&host->node);
    cli_journal_stop(&host->journal);
    putchar('\n');
    cli_exit code = CLI_EXIT_OK;
    for (size_t i = 0; i < host->node.apps_count; i++) {
        const cli_host_app *it = &host->apps[i];
        const node_hosted *hosted = &host->node.apps[i];
        if (has_several(host))
            printf("%s: ", hosted->durable.app);
        cli_host_print_summary(it->finish, os_clock_now_ns() - host->started_ns, &hosted->metrics);
        if (it->finish != AIRS_FINISH_FAILED)
            continue;
        fflush(stdout);
        cli_error("the app has failed: %s: %s", hosted->durable.app, it->end.text);
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
    airs_node *node = &host->node;
    airs_error error = {0};
    airs_status status = AIRS_OK;
    int width = 0;
    for (size_t i = 0; status == AIRS_OK && i < node->apps_count; i++) {
        status = node_hosted_listen(&node->apps[i], &error);
        int wanted = cli_host_name_width(&node->apps[i].boot.manifest);
        width = wanted > width ? wanted : width;
    }
    if (status != AIRS_OK) {
        node_host_end(node);
        return cli_host_refuse(status == AIRS_E_NOT_FOUND ? AIRS_E_IO : status, &error);
    }
    status = cli_journal_start(&host->journal, width);
    if (status != AIRS_OK) {
        node_host_end(node);
        cli_error("cannot start a thread");
        return CLI_EXIT_FAILURE;
    }
    host->journal.dated = host->log != NULL;
    host->journal.file = host->log;
    end_at_signals(host);
    for (size_t i = 0; status == AIRS_OK && i < node->apps_count; i++)
        status = node_hosted_start(&node->apps[i], &error);
    const node_hosted *served = NULL;
    if (status == AIRS_OK)
        status = node_host_serve(node, &served, &error);
    cli_host_hold_signals();
    if (status == AIRS_OK)
        return serve(host);
    stop_all(host);
    node_host_end(node);
    cli_journal_release(&host->journal);
    cli_journal_stop(&host->journal);
    fflush(stdout);
    return cli_host_refuse(status, &error);
}
