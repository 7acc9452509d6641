// SPDX-License-Identifier: MIT OR Apache-2.0
/// `airssys up`: a node in the background.
#include "cli/host.h"
#include "cli/output.h"
#include "cli/remote.h"
#include "cli/unit.h"

#include "base/error.h"
#include "base/quantity.h"
#include "os/clock.h"
#include "os/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define READY_TIMEOUT_MS 30000u
#define LOG_SIZE (10u << 20)
#define LOG_SIZE_MIN 4096u
#define LOG_COUNT 5u
#define LOG_COUNT_MAX 1000u

/// What the flags and arguments say.
typedef struct up {
    const cli_args *args;
    char folder[NODE_STATE_PATH_MAX];
    /// Absolute: a node in the background is in no folder.
    char *apps[CLI_ARGUMENTS_MAX];
    size_t apps_count;
    uint32_t ready_ms;
    uint64_t log_size;
    uint32_t log_count;
    /// Of all apps together; 0: no limit but each app's own.
    uint64_t max_memory;
    uint32_t instances_max;
    uint64_t started_ns;
} up;

// ---------------------------------------------------------------- what is asked for

static airs_status read_log_flags(up *it, airs_error *error)
{
    const char *size = cli_args_flag(it->args, "log-size");
    const char *count = cli_args_flag(it->args, "log-count");
    it->log_size = LOG_SIZE;
    it->log_count = LOG_COUNT;
    if (size && (!base_size_parse(size, &it->log_size) || it->log_size < LOG_SIZE_MIN))
        return base_error_set(error, AIRS_E_INVALID, "--log-size %s: must be a size such as 10MiB, at least 4KiB",
                              size);
    if (!count)
        return AIRS_OK;
    char *end;
    errno = 0;
    unsigned long number = strtoul(count, &end, 10);
    if (count[0] < '0' || count[0] > '9' || *end || errno != 0 || number == 0 || number > LOG_COUNT_MAX)
        return base_error_set(error, AIRS_E_INVALID, "--log-count %s: must be a number from 1 to %u", count,
                              LOG_COUNT_MAX);
    it->log_count = (uint32_t)number;
    return AIRS_OK;
}

static airs_status read_limit_flags(up *it, airs_error *error)
{
    const char *memory = cli_args_flag(it->args, "max-memory");
    const char *instances = cli_args_flag(it->args, "instances-max");
    if (memory && (!base_size_parse(memory, &it->max_memory) || it->max_memory < NODE_HOST_MEMORY_MIN))
        return base_error_set(error, AIRS_E_INVALID, "--max-memory %s: must be a size such as 2GiB, at least 64KiB",
                              memory);
    if (!instances)
        return AIRS_OK;
    char *end;
    errno = 0;
    unsigned long number = strtoul(instances, &end, 10);
    if (instances[0] < '0' || instances[0] > '9' || *end || errno != 0 || number == 0 ||
        number > NODE_HOST_INSTANCES_MAX)
        return base_error_set(error, AIRS_E_INVALID, "--instances-max %s: must be a number from 1 to %u", instances,
                              NODE_HOST_INSTANCES_MAX);
    it->instances_max = (uint32_t)number;
    return AIRS_OK;
}

static cli_exit read_apps(up *it)
{
    for (size_t i = 0; i < it->args->count; i++) {
        const char *path = cli_args_at(it->args, i);
        it->apps[i] = realpath(path, NULL);
        if (!it->apps[i]) {
            int reason = errno;
            cli_error("%s: %s", reason == ENOENT || reason == ENOTDIR ? "no such file" : strerror(reason), path);
            return reason == ENOENT || reason == ENOTDIR ? CLI_EXIT_NOT_FOUND : CLI_EXIT_FAILURE;
        }
        it->apps_count++;
    }
    return CLI_EXIT_OK;
}

/// The state folder, absolute, and made where it is missing.
static airs_status read_folder(up *it, bool make, airs_error *error)
{
    const char *given = cli_args_flag(it->args, "state-dir");
    char path[NODE_STATE_PATH_MAX];
    airs_status status = AIRS_OK;
    if (!given) {
        status = node_home_folder(path, error);
        given = path;
    }
    if (status == AIRS_OK && make)
        status = node_state_make(given, error);
    if (status != AIRS_OK)
        return status;
    if (realpath(given, it->folder))
        return AIRS_OK;
    char here[NODE_STATE_PATH_MAX];
    if (make || given[0] == '/' || !getcwd(here, sizeof here))
        return make ? base_error_errno(error, AIRS_E_IO, errno, "the state folder %s", given)
                    : node_state_path(it->folder, "", given[0] == '/' ? given + 1 : given, error);
    return node_state_path(it->folder, here, given, error);
}

static cli_exit read_args(up *it, const cli_args *args, bool make)
{
    airs_error error = {0};
    *it = (up){.args = args, .started_ns = os_clock_now_ns()};
    if (cli_args_duration_ms(args, "timeout", READY_TIMEOUT_MS, &it->ready_ms, &error) != AIRS_OK ||
        read_log_flags(it, &error) != AIRS_OK || read_limit_flags(it, &error) != AIRS_OK)
        return cli_args_refuse(&error);
    cli_exit code = read_apps(it);
    if (code != CLI_EXIT_OK)
        return code;
    airs_status status = read_folder(it, make, &error);
    return status == AIRS_OK ? CLI_EXIT_OK : cli_host_refuse(status, &error);
}

// ---------------------------------------------------------------- the node

static airs_status add_apps(cli_host *host, const up *it, airs_error *error)
{
    airs_node *node = &host->node;
    const node_host_limits limits = {it->max_memory, it->instances_max, "--max-memory", "--instances-max"};
    airs_status status = node_host_take_state(node, it->folder, error);
    for (size_t i = 0; status == AIRS_OK && i < it->apps_count; i++)
        status = node_host_add(node, it->apps[i], NULL, error);
    if (status == AIRS_OK)
        status = node_host_add_stored(node, error);
    if (status == AIRS_OK && node->apps_count == 0)
        status = base_error_set(error, AIRS_E_NOT_FOUND, "the node has no app yet: name one: `airssys up APP`: %s",
                                it->folder);
    return status == AIRS_OK ? node_host_share(node, &limits, error) : status;
}

/// What its starter is told when it has started; all that is on its way to him before.
typedef struct teller {
    int fd;
    cli_log_file *log;
} teller;

static void tell_starter(void *user, bool ready, const char *why)
{
    const teller *to = user;
    char line[600];
    int len = snprintf(line, sizeof line, "%c%s", ready ? 'R' : 'N', why);
    cli_log_file_take_stderr(to->log);
    // Who has started it may be gone: then nobody is told.
    ssize_t ignored = write(to->fd, line, (size_t)len);
    (void)ignored;
    close(to->fd);
}

/// The child. Until it has started, what goes wrong is said on the starter's stderr.
static cli_exit run_in_background(const up *it, int fd)
{
    cli_host host;
    cli_log_file log;
    airs_error error = {0};
    teller to = {fd, &log};
    airs_status status = cli_host_init(&host, it->args, NULL, &error);
    if (status == AIRS_OK)
        status = add_apps(&host, it, &error);
    if (status == AIRS_OK)
        status = cli_log_file_open(&log, it->folder, it->log_size, it->log_count, &error);
    cli_exit code;
    if (status == AIRS_OK) {
        host.started_ns = it->started_ns;
        host.ready_ms = it->ready_ms;
        host.log = &log;
        host.started = tell_starter;
        host.user = &to;
        host.watchdog_ms = os_notify_watchdog_ms();
        code = cli_host_run(&host);
    } else {
        code = cli_host_refuse(status, &error);
    }
    cli_host_fini(&host);
    return code;
}

/// No terminal, no input, no folder that could not be taken away.
static void leave_terminal(void)
{
    (void)setsid();
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (nothing >= 0) {
        (void)dup2(nothing, STDIN_FILENO);
        (void)dup2(nothing, STDOUT_FILENO);
        close(nothing);
    }
    if (chdir("/") != 0)
        cli_error("the folder / can't be entered");
}

/// Waits until the node has started, or has ended instead.
static cli_exit wait_for_start(const up *it, pid_t child, int fd)
{
    char line[600];
    size_t len = 0;
    for (ssize_t got; len < sizeof line - 1; len += (size_t)got) {
        got = read(fd, line + len, sizeof line - 1 - len);
        if (got < 0 && errno == EINTR)
            got = 0;
        else if (got <= 0)
            break;
    }
    line[len] = '\0';
    char took[BASE_QUANTITY_MAX];
    if (line[0] == 'R') {
        printf("the node, process %ld, is ready after %s; its log: %s/node.log\n", (long)child,
               base_duration_format(took, os_clock_now_ns() - it->started_ns), it->folder);
        return CLI_EXIT_OK;
    }
    if (line[0] == 'N') {
        cli_error("the node, process %ld, runs, but %s; its log: %s/node.log", (long)child, line + 1, it->folder);
        return CLI_EXIT_TIMEOUT;
    }
    int how = 0;
    while (waitpid(child, &how, 0) < 0 && errno == EINTR)
        continue;
    if (WIFSIGNALED(how))
        cli_error("the node was ended by signal %d before it was ready; its log: %s/node.log", WTERMSIG(how),
                  it->folder);
    else
        cli_error("the node did not start; its log: %s/node.log", it->folder);
    int code = WIFEXITED(how) ? WEXITSTATUS(how) : CLI_EXIT_FAILURE;
    return code == CLI_EXIT_OK ? CLI_EXIT_FAILURE : (cli_exit)code;
}

static cli_exit start_in_background(const up *it)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        cli_error("cannot make a pipe: %s", strerror(errno));
        return CLI_EXIT_FAILURE;
    }
    fflush(stdout);
    pid_t child = fork();
    if (child < 0) {
        cli_error("cannot start a process: %s", strerror(errno));
        return CLI_EXIT_FAILURE;
    }
    if (child == 0) {
        close(ends[0]);
        cli_host_hold_signals();
        leave_terminal();
        return run_in_background(it, ends[1]);
    }
    close(ends[1]);
    cli_exit code = wait_for_start(it, child, ends[0]);
    close(ends[0]);
    return code;
}

static cli_exit run_in_foreground(const up *it)
{
    cli_host host;
    airs_error error = {0};
    cli_host_hold_signals();
    airs_status status = cli_host_init(&host, it->args, NULL, &error);
    if (status == AIRS_OK)
        status = add_apps(&host, it, &error);
    host.started_ns = it->started_ns;
    host.ready_ms = it->ready_ms;
    host.watchdog_ms = os_notify_watchdog_ms();
    cli_exit code = status == AIRS_OK ? cli_host_run(&host) : cli_host_refuse(status, &error);
    cli_host_fini(&host);
    return code;
}

static airs_status count_app(void *user, const node_stored_app *app, airs_error *error)
{
    (void)app;
    (void)error;
    ++*(size_t *)user;
    return AIRS_OK;
}

/// Takes an app out of the state folder, which no node may use. `*ret_none` when nothing is left to start.
static cli_exit forget(const up *it, const char *app, bool *ret_none)
{
    node_home home;
    airs_error error = {0};
    size_t left = it->apps_count;
    airs_status status = node_home_open(&home, it->folder, false, &error);
    if (status != AIRS_OK)
        return cli_host_refuse(status, &error);
    status = node_store_remove_app(home.store, app, &error);
    if (status == AIRS_OK)
        status = node_store_each_app(home.store, count_app, &left, &error);
    node_home_close(&home);
    if (status != AIRS_OK)
        return cli_host_refuse(status, &error);
    printf("the app %s is forgotten\n", app);
    *ret_none = left == 0;
    return CLI_EXIT_OK;
}

static cli_exit up_run(const cli_args *args)
{
    up it;
    bool prints = cli_args_flag(args, "print-unit");
    const char *forgets = cli_args_flag(args, "forget");
    bool none = false;
    cli_exit code = read_args(&it, args, !prints);
    if (code == CLI_EXIT_OK && forgets && !prints)
        code = forget(&it, forgets, &none);
    if (code == CLI_EXIT_OK && !none) {
        if (prints)
            code = cli_print_unit(it.folder, it.apps, it.apps_count, args);
        else
            code = cli_args_flag(args, "foreground") ? run_in_foreground(&it) : start_in_background(&it);
    }
    for (size_t i = 0; i < it.apps_count; i++)
        free(it.apps[i]);
    return code;
}

const cli_command cli_command_up = {
    .name = "up",
    .arguments = "[APP]...",
    .arguments_max = CLI_ARGUMENTS_MAX,
    .complete = CLI_COMPLETE_FILE,
    .summary = "starts a node in the background",
    .details = "Starts a node in the background, with the apps that its state folder has, and\n"
               "those that are named: each a folder with an airssys.toml, a manifest, or a\n"
               "component (.wasm). Ends when all of them are ready; else it says why not, and\n"
               "where the log is. Each app has a socket of its own (`--node APP` of other verbs)\n"
               "and names of its own.\n"
               "\n"
               "The state folder has the apps, their components by content, what was deployed,\n"
               "granted and revoked, and the history. Each of these is on the disk before it is\n"
               "answered for: after a crash, the next `airssys up` brings back the same apps,\n"
               "versions, names and grants. An app that is named again counts as the same as\n"
               "long as its manifest and its components are; else it replaces the one before,\n"
               "without what was deployed and granted to that.\n"
               "\n"
               "--max-memory and --instances-max are for all apps together: those that say what\n"
               "they need in [node] of their manifests get that, the others equal parts of the\n"
               "rest.\n"
               "\n"
               "--forget takes an app out: with what was deployed and granted to it. Its audit\n"
               "log stays.\n"
               "\n"
               "One node uses a state folder at a time. `airssys down` ends it. The log is\n"
               "node.log there, and node.log.1 and so on when it has grown.\n",
    .flags = {{.name = "state-dir",
               .value = "DIR",
               .complete = CLI_COMPLETE_FOLDER,
               .help = "the state folder ($XDG_STATE_HOME/airssys/node)"},
              {.name = "timeout", .letter = 't', .value = "TIME", .help = "how long to wait until it is ready (30s)"},
              {.name = "log-size", .value = "SIZE", .help = "of one part of the log (10MiB)"},
              {.name = "log-count", .value = "N", .help = "how many parts of the log are kept (5)"},
              {.name = "max-memory", .value = "SIZE", .help = "memory of the components of all apps together"},
              {.name = "instances-max", .value = "N", .help = "component instances of all apps together"},
              {.name = "forget", .value = "APP", .help = "take an app out of the state folder first"},
              {.name = "foreground", .help = "stay in the foreground, and log to stdout"},
              {.name = "print-unit", .help = "print a unit of systemd instead"},
              CLI_FLAG_SOCKET},
    .exits = CLI_EXIT_BIT(NOT_FOUND) | CLI_EXIT_BIT(INVALID) | CLI_EXIT_BIT(DENIED) | CLI_EXIT_BIT(FAILED) |
             CLI_EXIT_BIT(TIMEOUT) | CLI_EXIT_BIT(LIMIT),
    .run = up_run,
};
