// SPDX-License-Identifier: MIT OR Apache-2.0
/// `airssys run`: a node in the foreground.
#include "cli/args.h"
#include "cli/draw.h"
#include "cli/journal.h"
#include "cli/output.h"
#include "cli/remote.h"

#include "base/quantity.h"
#include "deploy/file.h"
#include "node/app.h"
#include "node/events.h"
#include "node/logs.h"
#include "node/server.h"
#include "node/state.h"
#include "os/clock.h"

#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

// How soon a signal is seen.
#define LOOK_MS 50
// An app that is not ready for so many looks in a row is worth a line.
#define LOOKS_MISSED_MAX 2
// Milliseconds that the last actor has to say that it is ready, before the app is said not to be.
#define READY_LOOKS 100

typedef struct running {
    deploy_manifest manifest;
    cli_journal journal;
    /// Kept for `airssys events`.
    node_feed *events;
    /// Kept for `airssys logs`.
    node_feed *logs;
    node_app app;
    node_socket socket;
    node_server *server;
    uint64_t started_ns;
    /// How often in a row the tree was not ready when it was looked at, up to LOOKS_MISSED_MAX.
    uint32_t looks_missed;
} running;

// ---------------------------------------------------------------- signals

/// What a signal removes that ends the process at once; a handler has nothing else to hold on to.
static const char *socket_to_remove;

static void end_at_once(int number)
{
    if (socket_to_remove)
        unlink(socket_to_remove);
    _exit(128 + number);
}

static void stop_signals(sigset_t *ret_set)
{
    sigemptyset(ret_set);
    sigaddset(ret_set, SIGINT);
    sigaddset(ret_set, SIGTERM);
    sigaddset(ret_set, SIGHUP);
}

/// Holds the signals back, so that they wait to be looked for.
static void hold_signals(void)
{
    sigset_t set;
    stop_signals(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    socket_to_remove = NULL;
}

/// From now on a signal ends the process at once, without waiting for any actor: while the app starts, which
/// may take its time, and when it is told a second time.
static void end_at_signals(const char *socket_path)
{
    sigset_t set;
    stop_signals(&set);
    socket_to_remove = socket_path;
    struct sigaction action = {.sa_handler = end_at_once};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

/// Says when the app is not ready any more, and when it is again: a restart without a delay is not worth a line.
static void look_at_readiness(running *node)
{
    bool ready = airs_actor_is_ready(node->app.system, node->app.tree[0].id);
    if (ready && node->looks_missed == LOOKS_MISSED_MAX)
        cli_journal_say(&node->journal, AIRS_LOG_INFO, "the app is ready again");
    else if (!ready && node->looks_missed + 1 == LOOKS_MISSED_MAX)
        cli_journal_say(&node->journal, AIRS_LOG_WARN, "the app is not ready: `airssys tree` shows why");
    if (ready)
        node->looks_missed = 0;
    else if (node->looks_missed < LOOKS_MISSED_MAX)
        node->looks_missed++;
}

/// Waits until the app has ended by itself, or a signal came (AIRS_FINISH_RUNNING).
static airs_finish wait_for_end(running *node, airs_error *error)
{
    sigset_t set;
    stop_signals(&set);
    for (;;) {
        airs_finish finish = airs_system_wait(node->app.system, LOOK_MS, error);
        if (finish != AIRS_FINISH_RUNNING)
            return finish;
        look_at_readiness(node);
        const struct timespec now = {0};
        if (sigtimedwait(&set, NULL, &now) > 0)
            return AIRS_FINISH_RUNNING;
    }
}

// ---------------------------------------------------------------- what it shows

static int name_width_of(const deploy_manifest *manifest)
{
    size_t width = 6;
    for (size_t i = 0; i < manifest->actors_count; i++) {
        size_t len = strlen(manifest->actors[i].name.text);
        if (len > width)
            width = len;
    }
    for (size_t i = 0; i < manifest->groups_count; i++) {
        size_t len = strlen(manifest->groups[i].name.text);
        if (len > width)
            width = len;
    }
    return width > 32 ? 32 : (int)width;
}

static void print_heading(const running *node)
{
    const deploy_manifest *manifest = &node->manifest;
    char window[BASE_QUANTITY_MAX];
    fputs(cli_style_on(stdout, CLI_STYLE_BOLD), stdout);
    cli_write_escaped(stdout, manifest->name.text, strlen(manifest->name.text));
    if (manifest->version.text) {
        putchar(' ');
        cli_write_escaped(stdout, manifest->version.text, strlen(manifest->version.text));
    }
    fputs(cli_style_on(stdout, CLI_STYLE_PLAIN), stdout);
    printf("  %s, at most %" PRIu32 " restart%s in %s\n", airs_strategy_name((airs_strategy)manifest->root.strategy),
           manifest->root.max_restarts, manifest->root.max_restarts == 1 ? "" : "s",
           base_duration_format(window, manifest->root.window_ms * 1000000ull));
}

static void print_summary(const running *node, airs_finish finish, const airs_metrics *metrics)
{
    static const char *const words[] = {
        [AIRS_FINISH_RUNNING] = "stopped", [AIRS_FINISH_DONE] = "done", [AIRS_FINISH_FAILED] = "failed"};
    char duration[BASE_QUANTITY_MAX];
    char p50[BASE_QUANTITY_MAX];
    char p99[BASE_QUANTITY_MAX];
    base_duration_format(duration, os_clock_now_ns() - node->started_ns);
    base_duration_format(p50, metrics->request_p50_ns);
    base_duration_format(p99, metrics->request_p99_ns);
    printf("%s%s after %s%s: messages %" PRIu64 " (failed %" PRIu64 "), restarts %" PRIu64 ", requests %" PRIu64,
           cli_style_on(stdout, CLI_STYLE_BOLD), words[finish], duration, cli_style_on(stdout, CLI_STYLE_PLAIN),
           metrics->messages_handled, metrics->messages_failed, metrics->restarts, metrics->requests);
    if (metrics->request_p50_ns > 0)
        printf(" (p50 %s, p99 %s)", p50, p99);
    putchar('\n');
}

/// Waits until the app is ready, which it is when all of its tree is. Each actor has been: one may be about to say so,
/// may have failed since, or the app may be done already.
static bool wait_until_ready(airs_system *system, airs_actor_id root)
{
    for (int i = 0; i < READY_LOOKS; i++) {
        if (airs_actor_is_ready(system, root) || airs_system_wait(system, 1, NULL) != AIRS_FINISH_RUNNING)
            return true;
    }
    return false;
}

static void print_readiness(running *node)
{
    char took[BASE_QUANTITY_MAX];
    bool ready = wait_until_ready(node->app.system, node->app.tree[0].id);
    if (ready)
        printf("ready after %s\n", base_duration_format(took, os_clock_now_ns() - node->started_ns));
    else
        printf("not ready: `airssys tree` shows why\n");
    node->looks_missed = ready ? 0 : LOOKS_MISSED_MAX;
    if (*node_server_metrics(node->server))
        printf("metrics at http://%s/metrics\n", node_server_metrics(node->server));
    printf("listening at %s\n\n", node_server_path(node->server));
}

// ---------------------------------------------------------------- up and down

/// The socket is taken before anything starts: two nodes of one app must not run side by side by accident.
static airs_status take_socket(running *node, const cli_args *args, airs_error *error)
{
    const char *path = cli_remote_socket(args);
    node_socket_path of_app;
    if (!path) {
        airs_status status = node_socket_of_app(node->manifest.name.text, true, &of_app, error);
        if (status != AIRS_OK)
            return status;
        path = of_app.text;
    }
    return node_socket_listen(path, &node->socket, error);
}

static void on_event(void *user, const airs_event *event)
{
    running *node = user;
    cli_journal_on_event(&node->journal, event);
    node_events_on_event(node->events, event);
}

static void on_log(void *user, const airs_log_record *record)
{
    running *node = user;
    cli_journal_on_log(&node->journal, record);
    node_logs_put(node->logs, node->manifest.name.text, record);
}

/// Where the node keeps its state: as the flag says, else in the user's folder for that. NULL: it keeps none.
static airs_status find_state(const running *node, const cli_args *args, char path[NODE_STATE_PATH_MAX],
                              const char **ret_path, airs_error *error)
{
    *ret_path = cli_args_flag(args, "state-dir");
    if (*ret_path || node->manifest.node.audit == DEPLOY_AUDIT_OFF)
        return AIRS_OK;
    airs_status status = node_state_folder(path, node->manifest.name.text, error);
    if (status == AIRS_OK)
        *ret_path = path;
    return status;
}

static airs_status start(running *node, const cli_args *args, airs_error *error)
{
    char cache[PATH_MAX];
    char state[NODE_STATE_PATH_MAX];
    const char *state_dir;
    airs_status status = find_state(node, args, state, &state_dir, error);
    if (status != AIRS_OK)
        return status;
    node_app_options options = {.log = on_log,
                                .log_user = node,
                                .log_level = AIRS_LOG_INFO,
                                .event = on_event,
                                .event_user = node,
                                .cache_dir = node_cache_folder(cache, sizeof cache) ? cache : NULL,
                                .compiler_path = CLI_OWN_PROGRAM,
                                .state_dir = state_dir};
    status = node_app_start(&node->app, &node->manifest, &options, error);
    if (status != AIRS_OK)
        return status;
    node_server_options server = {.system = node->app.system,
                                  .app = node->manifest.name.text,
                                  .events = node->events,
                                  .logs = node->logs,
                                  .tree = &node->app,
                                  .metrics = node->manifest.node.metrics.text};
    status = node_server_start(&server, &node->socket, &node->server, error);
    if (status != AIRS_OK)
        node_app_stop(&node->app);
    return status;
}

static cli_exit serve(running *node)
{
    print_heading(node);
    cli_draw_tree(stdout, node->app.tree, node->app.tree_count, false, cli_draw_boxes());
    print_readiness(node);
    fflush(stdout);
    cli_journal_release(&node->journal);

    airs_error error = {0};
    airs_finish finish = wait_for_end(node, &error);
    end_at_signals(node_server_path(node->server));
    airs_metrics metrics;
    airs_system_get_metrics(node->app.system, &metrics);
    // The system first: requests that still wait are then settled, and the server can say so to its clients.
    airs_system_stop(node->app.system);
    node_server_stop(node->server);
    hold_signals();
    node_app_stop(&node->app);
    cli_journal_stop(&node->journal);
    putchar('\n');
    print_summary(node, finish, &metrics);
    if (finish != AIRS_FINISH_FAILED)
        return CLI_EXIT_OK;
    fflush(stdout);
    cli_error("the app has failed: %s: %s", node->manifest.name.text, error.text);
    return CLI_EXIT_FAILED;
}

static cli_exit refuse(airs_status status, const airs_error *error)
{
    cli_error("%s", error->text);
    // The folder or file that was named is wrong, but it is not an actor that failed.
    return status == AIRS_E_GONE ? CLI_EXIT_FAILURE : cli_exit_of(status);
}

static cli_exit run_node(running *node, const cli_args *args)
{
    airs_error error = {0};
    airs_status status = take_socket(node, args, &error);
    if (status != AIRS_OK)
        return refuse(status == AIRS_E_NOT_FOUND ? AIRS_E_IO : status, &error);
    status = cli_journal_start(&node->journal, name_width_of(&node->manifest));
    if (status != AIRS_OK) {
        node_socket_close(&node->socket);
        cli_error("cannot start a thread");
        return CLI_EXIT_FAILURE;
    }
    end_at_signals(node->socket.path.text);
    status = start(node, args, &error);
    hold_signals();
    if (status == AIRS_OK)
        return serve(node);
    cli_journal_release(&node->journal);
    cli_journal_stop(&node->journal);
    node_socket_close(&node->socket);
    fflush(stdout);
    return refuse(status, &error);
}

/// What the component is given as a program. `ret_input` is to be freed when the manifest is closed.
static airs_status give_program(deploy_manifest *manifest, const cli_args *args, airs_buffer *ret_input,
                                airs_error *error)
{
    deploy_program program = {.args = args->rest, .args_count = args->rest_count};
    const char *file = cli_args_flag(args, "stdin");
    airs_status status = AIRS_OK;
    if (file != NULL) {
        status = deploy_file_read(file, AIRS_INPUT_MAX, ret_input, error);
        program.reads = true;
        program.input = (airs_bytes){ret_input->data, ret_input->len};
    }
    if (status == AIRS_OK && (file != NULL || args->rest_count > 0))
        status = deploy_manifest_give(manifest, &program, error);
    return status;
}

static airs_status load(running *node, const cli_args *args, airs_buffer *ret_input, airs_error *error)
{
    const char *path = cli_args_at(args, 0) ? cli_args_at(args, 0) : ".";
    airs_status status = deploy_manifest_load(&node->manifest, path, error);
    if (status != AIRS_OK)
        return status;
    status = give_program(&node->manifest, args, ret_input, error);
    if (status != AIRS_OK)
        deploy_manifest_close(&node->manifest);
    return status;
}

static cli_exit run_run(const cli_args *args)
{
    running node = {.socket = {.fd = -1}, .started_ns = os_clock_now_ns()};
    airs_buffer input = {0};
    airs_error error = {0};
    airs_status status = load(&node, args, &input, &error);
    if (status != AIRS_OK) {
        airs_buffer_free(&input);
        cli_exit code = refuse(status, &error);
        return status == AIRS_E_INVALID ? CLI_EXIT_USAGE : code;
    }
    hold_signals();
    node.events = node_events_create();
    node.logs = node_logs_create();
    cli_exit code = CLI_EXIT_FAILURE;
    if (node.events && node.logs)
        code = run_node(&node, args);
    else
        cli_error("no memory for the node");
    node_feed_destroy(node.events);
    node_feed_destroy(node.logs);
    deploy_manifest_close(&node.manifest);
    airs_buffer_free(&input);
    return code;
}

const cli_command cli_command_run = {
    .name = "run",
    .arguments = "[APP] [-- ARG...]",
    .arguments_max = 1,
    .takes_rest = true,
    .complete = CLI_COMPLETE_FILE,
    .summary = "runs an app as a node in the foreground",
    .details = "Runs an app: a folder with an airssys.toml (this one when none is given), the\n"
               "manifest itself, or a component (.wasm), which is then the only actor. Shows\n"
               "the supervision tree and says when the app is ready, which it is when all of\n"
               "its tree is; then the log: lines that components write (|) and what the runtime\n"
               "has to say (*).\n"
               "\n"
               "Ends when a significant actor of the root has ended, when the root supervisor\n"
               "gives up (exit code 6), or on SIGINT and SIGTERM: then all actors are stopped,\n"
               "the last one first. A second signal ends it at once. Meanwhile `airssys tree`,\n"
               "`why`, `call`, `restart` and others talk to it through the socket at\n"
               "$XDG_RUNTIME_DIR/airssys/APP.sock (without XDG_RUNTIME_DIR:\n"
               "/tmp/airssys-UID/APP.sock). Compiled components are kept in\n"
               "$XDG_CACHE_HOME/airssys (~/.cache/airssys).\n"
               "\n"
               "What follows -- are the arguments of a component, behind its name; with\n"
               "--stdin it reads the file as its standard input (- is that of airssys, read to\n"
               "its end before it starts). The actors of an app have `args` and `stdin` in the\n"
               "manifest.\n"
               "\n"
               "What components are allowed and refused is recorded in an audit log, which\n"
               "`airssys audit` reads: in $XDG_STATE_HOME/airssys/APP\n"
               "(~/.local/state/airssys/APP), or the folder of --state-dir. [node] in the\n"
               "manifest says what is recorded.\n",
    .flags = {{.name = "stdin",
               .value = "FILE",
               .complete = CLI_COMPLETE_FILE,
               .help = "what a component reads from its standard input"},
              {.name = "state-dir",
               .value = "DIR",
               .complete = CLI_COMPLETE_FOLDER,
               .help = "where the node keeps its key and its audit log"},
              CLI_FLAG_SOCKET},
    .exits = CLI_EXIT_BIT(NOT_FOUND) | CLI_EXIT_BIT(INVALID) | CLI_EXIT_BIT(DENIED) | CLI_EXIT_BIT(FAILED) |
             CLI_EXIT_BIT(TIMEOUT) | CLI_EXIT_BIT(LIMIT),
    .run = run_run,
};
