// SPDX-License-Identifier: MIT OR Apache-2.0
/// `airssys down`: ends a node in the background.
#include "cli/down_program.h"
#include "cli/fields.h"
#include "cli/host.h"
#include "cli/output.h"
#include "cli/remote.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/quantity.h"
#include "os/clock.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DOWN_TIMEOUT_MS 30000u
#define LEFT_TIMEOUT_MS 10000u

/// The process at the other end of a socket; 0 when it can't be told.
static pid_t owner_of_socket(const char *path)
{
    int fd;
    struct ucred peer = {0};
    socklen_t size = sizeof peer;
    if (node_socket_connect(path, &fd, NULL) != AIRS_OK)
        return 0;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        peer.pid = 0;
    close(fd);
    return peer.pid;
}

/// The node that is meant.
typedef struct target {
    pid_t pid;
    /// It is known to be part of a program; it was found by its socket, which does not say so.
    bool in_program;
    bool by_socket;
    /// Where it listens; "": that is not known.
    char socket[NODE_STATE_PATH_MAX];
} target;

static airs_status find_by_socket(const char *path, target *ret_target, airs_error *error)
{
    *ret_target = (target){.pid = owner_of_socket(path), .by_socket = true};
    base_text_copy(ret_target->socket, sizeof ret_target->socket, base_bytes_of(path));
    return ret_target->pid != 0
               ? AIRS_OK
               : base_error_set(error, AIRS_E_NOT_FOUND, "no node is running: nobody listens at %s", path);
}

static airs_status find_by_folder(const char *folder, target *ret_target, airs_error *error)
{
    char path[NODE_STATE_PATH_MAX];
    node_home_user user;
    if (!folder) {
        airs_status status = node_home_folder(path, error);
        if (status != AIRS_OK)
            return status;
        folder = path;
    }
    node_home_find_user(folder, &user);
    *ret_target = (target){.pid = user.pid, .in_program = user.in_program};
    memcpy(ret_target->socket, user.socket, sizeof user.socket);
    return user.pid != 0
               ? AIRS_OK
               : base_error_set(error, AIRS_E_NOT_FOUND, "no node is running with the state folder %s", folder);
}

/// Which node is meant: by its app, its socket or its state folder. None runs: `error` says which was looked for.
static cli_exit find_node(const cli_args *args, target *ret_target, airs_error *error)
{
    const char *app = cli_args_flag(args, "node");
    const char *folder = cli_args_flag(args, "state-dir");
    const char *socket = cli_args_flag(args, "socket");
    node_socket_path found;
    if ((app != NULL) + (folder != NULL) + (socket != NULL) > 1) {
        base_error_set(error, AIRS_E_INVALID, "--node, --socket and --state-dir are three ways to name one node");
        return CLI_EXIT_USAGE;
    }
    if (!app && !socket)
        return cli_exit_of(find_by_folder(folder, ret_target, error));
    airs_status status = app ? node_socket_find(app, &found, error) : AIRS_OK;
    if (status == AIRS_OK)
        status = find_by_socket(app ? found.text : socket, ret_target, error);
    return cli_exit_of(status);
}

// ---------------------------------------------------------------- what is left

typedef struct leftovers {
    pid_t pid;
    size_t count;
} leftovers;

static bool tell_left_of(void *user, const char *path)
{
    leftovers *it = user;
    node_client client;
    cJSON *reply = NULL;
    if (owner_of_socket(path) != it->pid || node_client_open(&client, path, NULL) != AIRS_OK)
        return true;
    if (node_client_ask(&client, "ps", NULL, LEFT_TIMEOUT_MS, &reply, NULL) == AIRS_OK) {
        const cJSON *one;
        cJSON_ArrayForEach(one, cJSON_GetObjectItemCaseSensitive(reply, "actors"))
        {
            const char *name = cli_field_text(one, "name");
            const char *state = cli_field_text(one, "state");
            if (!name[0] || strcmp(state, "terminated") == 0)
                continue;
            cli_error("left: %s of the app %s: %s", name, cli_field_text(reply, "app"), state);
            it->count++;
        }
        cJSON_Delete(reply);
    }
    node_client_close(&client);
    return true;
}

/// Asks the node itself, which answers as long as it ends.
static void tell_left(pid_t pid)
{
    leftovers it = {.pid = pid};
    node_socket_each(tell_left_of, &it);
    if (it.count == 0)
        cli_error("what is left of it can't be told: see its log");
}

// ---------------------------------------------------------------- ending it

static cli_exit end_node(const cli_args *args, pid_t pid, int pidfd, uint32_t timeout_ms)
{
    char took[BASE_QUANTITY_MAX];
    uint64_t since_ns = os_clock_now_ns();
    if (syscall(SYS_pidfd_send_signal, pidfd, SIGTERM, NULL, 0u) != 0) {
        cli_error("the node, process %ld, can't be told to end: %s", (long)pid, strerror(errno));
        return errno == EPERM ? CLI_EXIT_DENIED : CLI_EXIT_FAILURE;
    }
    if (cli_down_wait(pidfd, os_deadline_ms(since_ns, timeout_ms))) {
        printf("the node, process %ld, has ended after %s\n", (long)pid,
               base_duration_format(took, os_clock_now_ns() - since_ns));
        return CLI_EXIT_OK;
    }
    cli_error("the node, process %ld, has not ended within %s", (long)pid,
              base_duration_format(took, (uint64_t)timeout_ms * 1000000u));
    tell_left(pid);
    if (!cli_args_flag(args, "kill"))
        return CLI_EXIT_TIMEOUT;
    if (syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0u) != 0 ||
        !cli_down_wait(pidfd, os_deadline_ms(os_clock_now_ns(), DOWN_TIMEOUT_MS))) {
        cli_error("the node, process %ld, can't be killed", (long)pid);
        return CLI_EXIT_FAILURE;
    }
    printf("the node, process %ld, was killed\n", (long)pid);
    return CLI_EXIT_OK;
}

/// Whether a process is an `airssys`, of whatever version.
static bool is_airssys(pid_t pid)
{
    static const char deleted[] = " (deleted)";
    char link[32], path[PATH_MAX];
    (void)snprintf(link, sizeof link, "/proc/%ld/exe", (long)pid);
    ssize_t len = readlink(link, path, sizeof path - 1);
    if (len < 0)
        return false;
    path[len] = '\0';
    char *end = path + len - (sizeof deleted - 1);
    if (end > path && strcmp(end, deleted) == 0)
        *end = '\0';
    const char *slash = strrchr(path, '/');
    return slash != NULL && strcmp(slash + 1, "airssys") == 0;
}

/// Stops the node in a program. False: it is none, and its process is to be ended.
static bool end_in_program(const target *it, const cli_args *args, uint32_t timeout_ms, cli_exit *ret_code)
{
    if (it->socket[0] && cli_down_program(it->socket, it->pid, timeout_ms, ret_code)) {
        if (*ret_code == CLI_EXIT_TIMEOUT)
            tell_left(it->pid);
        if (*ret_code == CLI_EXIT_TIMEOUT && cli_args_flag(args, "kill"))
            cli_error("it is not killed: the program would be too");
        return true;
    }
    *ret_code = CLI_EXIT_FAILURE;
    if (!it->in_program && it->by_socket && !is_airssys(it->pid)) {
        cli_error("process %ld does not answer at its socket, and is no airssys: a program with a node in it is not "
                  "ended from outside",
                  (long)it->pid);
        return true;
    }
    if (!it->in_program)
        return false;
    cli_error("the node is part of a program, process %ld, and %s: only that program can stop it", (long)it->pid,
              it->socket[0] ? "does not answer at its socket, or has stopped already" : "listens at no socket");
    return true;
}

static cli_exit down_run(const cli_args *args)
{
    uint32_t timeout_ms;
    target it = {.pid = 0};
    target again = {.pid = 0};
    airs_error error = {0};
    if (cli_args_duration_ms(args, "timeout", DOWN_TIMEOUT_MS, &timeout_ms, &error) != AIRS_OK)
        return cli_args_refuse(&error);
    cli_exit code = find_node(args, &it, &error);
    int pidfd = code == CLI_EXIT_OK ? (int)syscall(SYS_pidfd_open, it.pid, 0u) : -1;
    // It may have ended meanwhile, and its number be another's: who is held now is asked for once more.
    if (code == CLI_EXIT_OK)
        code = find_node(args, &again, &error);
    if (code != CLI_EXIT_OK) {
        cli_error("%s", error.text);
    } else if (pidfd < 0 || it.pid != again.pid) {
        cli_error("the node, process %ld, has just ended", (long)it.pid);
        code = CLI_EXIT_NOT_FOUND;
    } else if (!end_in_program(&again, args, timeout_ms, &code)) {
        code = end_node(args, it.pid, pidfd, timeout_ms);
    }
    if (pidfd >= 0)
        close(pidfd);
    return code;
}

const cli_command cli_command_down = {
    .name = "down",
    .arguments = "",
    .summary = "ends a node in the background",
    .details = "Ends the node that uses a state folder, or, with --node, that which runs an app:\n"
               "no more messages from outside are taken, all actors are stopped, the last one\n"
               "first, each within its stop timeout, and what they were asked is answered.\n"
               "Waits for that, and says what is left when the time is over: the node goes on\n"
               "ending then, or is killed with --kill. Of a program with a node inside the\n"
               "node is stopped, and the program goes on.\n",
    .flags = {{.name = "state-dir",
               .value = "DIR",
               .complete = CLI_COMPLETE_FOLDER,
               .help = "the state folder ($XDG_STATE_HOME/airssys/node)"},
              {.name = "timeout", .letter = 't', .value = "TIME", .help = "how long to wait for its end (30s)"},
              {.name = "kill", .help = "kill it when the time is over"},
              CLI_FLAG_NODE,
              CLI_FLAG_SOCKET},
    .exits = CLI_EXIT_BIT(NOT_FOUND) | CLI_EXIT_BIT(DENIED) | CLI_EXIT_BIT(TIMEOUT),
    .run = down_run,
};
