// SPDX-License-Identifier: MIT OR Apache-2.0
/// airssys dev: builds a project, runs it, and puts each version that is saved in the place of the one that runs.
#include "cli/args.h"
#include "cli/fields.h"
#include "cli/output.h"
#include "cli/project.h"

#include "base/hash.h"
#include "node/client.h"
#include "os/poller.h"

#include <cjson/cJSON.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// How often it looks whether something was saved; two looks in a row that are the same end a save.
#define LOOK_MS 200
// Folders below folders, and files, that are looked at.
#define DEPTH_MAX 16
#define FILES_MAX 20000u
#define ASK_TIMEOUT_MS 5000
// Who saves again soon does not want to wait for the version before.
#define PROBATION "1s"

typedef struct developing {
    const char *folder;
    /// A folder of its own, with the node's socket in it.
    char home[64];
    char socket[96];
    /// 0: none runs.
    pid_t node;
    int signals_fd;
    sigset_t mask_before;
} developing;

// ---------------------------------------------------------------- what was saved

typedef struct picture {
    uint64_t sum;
    uint32_t files;
} picture;

/// What is made by building, and what nobody edits.
static bool is_left_out(const char *name)
{
    size_t len = strlen(name);
    return name[0] == '.' || name[0] == '#' || name[len - 1] == '~' || strcmp(name, "build") == 0;
}

/// Mixes in the name, the size and the time of each file; in whichever order they are listed.
static void take_picture(const char *folder, int depth, picture *ret)
{
    DIR *dir = depth < DEPTH_MAX ? opendir(folder) : NULL;
    for (struct dirent *entry; dir && ret->files < FILES_MAX && (entry = readdir(dir));) {
        char path[PATH_MAX];
        struct stat info;
        if (is_left_out(entry->d_name) ||
            snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) >= (int)sizeof path || stat(path, &info) != 0)
            continue;
        if (S_ISDIR(info.st_mode)) {
            take_picture(path, depth + 1, ret);
            continue;
        }
        const uint64_t facts[] = {(uint64_t)info.st_mtim.tv_sec, (uint64_t)info.st_mtim.tv_nsec, (uint64_t)info.st_size,
                                  (uint64_t)info.st_ino};
        // Of which file it is, and what it is like, together.
        uint64_t like = base_hash((base_hash_key){1, 2}, facts, sizeof facts);
        ret->sum += base_hash((base_hash_key){like, 3}, path, strlen(path));
        ret->files++;
    }
    if (dir)
        closedir(dir);
}

static bool same(picture a, picture b)
{
    return a.sum == b.sum && a.files == b.files;
}

// ---------------------------------------------------------------- other processes of this program

/// Starts this program with other words. `apart`: signals of the terminal are not for it. -1 when it can't be.
static pid_t start(const developing *self, bool apart, const char *const *words)
{
    const char *argv[16] = {"airssys"};
    size_t count = 1;
    while (words[count - 1] && count < 15) {
        argv[count] = words[count - 1];
        count++;
    }
    fflush(stdout);
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    if (apart)
        setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    sigprocmask(SIG_SETMASK, &self->mask_before, NULL);
    // It went between the two.
    if (getppid() == parent)
        execv(CLI_OWN_PROGRAM, (char *const *)(uintptr_t)argv);
    _exit(CLI_EXIT_FAILURE);
}

/// Runs it to its end. Returns its exit code.
static int run(const developing *self, const char *const *words)
{
    int status = 0;
    pid_t pid = start(self, false, words);
    if (pid < 0)
        return CLI_EXIT_FAILURE;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : CLI_EXIT_FAILURE;
}

static void say(const char *what)
{
    printf("%sdev: %s%s\n", cli_style_on(stdout, CLI_STYLE_BOLD), what, cli_style_on(stdout, CLI_STYLE_PLAIN));
    fflush(stdout);
}

static void start_node(developing *self)
{
    const char *const words[] = {"run", self->folder, "--socket", self->socket, NULL};
    pid_t pid = start(self, true, words);
    self->node = pid > 0 ? pid : 0;
    if (pid < 0)
        say("the node can't be started");
}

/// Whether the node has ended by itself; says so once.
static void look_at_node(developing *self)
{
    int status;
    if (self->node == 0 || waitpid(self->node, &status, WNOHANG) != self->node)
        return;
    self->node = 0;
    say("the node has ended: it is started again when something is saved");
}

static void stop_node(developing *self)
{
    int status;
    if (self->node == 0)
        return;
    kill(self->node, SIGTERM);
    while (waitpid(self->node, &status, 0) < 0 && errno == EINTR)
        continue;
    self->node = 0;
}

// ---------------------------------------------------------------- a new version

/// Deploys to one actor; when that fails, shows what went wrong, with its lines.
static void deploy_to(const developing *self, const cJSON *actor, const char *file)
{
    const char *name = *cli_field_text(actor, "name") ? cli_field_text(actor, "name") : cli_field_text(actor, "id");
    const char *const deploy[] = {"deploy",  file,       "--name", name,       "--yes",      "--probation",
                                  PROBATION, "--canary", "none",   "--socket", self->socket, NULL};
    const char *const why[] = {"why", name, "--socket", self->socket, NULL};
    if (run(self, deploy) == CLI_EXIT_OK)
        return;
    say("the version before goes on");
    (void)run(self, why);
}

/// To each actor that runs the project's component.
static void deploy(const developing *self, const char *component, const char *file)
{
    node_client client;
    airs_error error = {0};
    cJSON *result = NULL;
    airs_status status = node_client_open(&client, self->socket, &error);
    if (status == AIRS_OK) {
        status = node_client_ask(&client, "ps", NULL, ASK_TIMEOUT_MS, &result, &error);
        node_client_close(&client);
    }
    if (status != AIRS_OK) {
        cli_error("%s", error.text);
        return;
    }
    size_t found = 0;
    const cJSON *actor;
    cJSON_ArrayForEach(actor, cJSON_GetObjectItemCaseSensitive(result, "actors"))
    {
        if (strcmp(cli_field_text(actor, "kind"), "component") != 0 ||
            strcmp(cli_field_text(actor, "component"), component) != 0)
            continue;
        found++;
        deploy_to(self, actor, file);
    }
    if (found == 0)
        say("no actor runs this component: it is there when the app is started anew");
    cJSON_Delete(result);
}

/// Builds what is there now, and runs it. What is wrong is printed.
static void renew(developing *self)
{
    const char *const build[] = {"build", "--debug", self->folder, NULL};
    cli_project project;
    airs_error error;
    if (run(self, build) != CLI_EXIT_OK) {
        say(self->node ? "it does not build: the version before goes on" : "it does not build");
        return;
    }
    if (self->node == 0) {
        start_node(self);
        return;
    }
    if (cli_project_open(&project, self->folder, &error) != AIRS_OK) {
        cli_error("%s", error.text);
        return;
    }
    deploy(self, project.name.text, project.output_path);
    cli_project_close(&project);
}

// ---------------------------------------------------------------- from save to save

/// Waits a little. False when it is enough.
static bool go_on(const developing *self)
{
    struct pollfd ready = {.fd = self->signals_fd, .events = POLLIN};
    return poll(&ready, 1, LOOK_MS) <= 0;
}

static void develop(developing *self)
{
    picture built = {0};
    picture before = {0};
    bool first = true;
    do {
        picture now = {0};
        look_at_node(self);
        take_picture(self->folder, 0, &now);
        // Half of a save is not built.
        if ((first || same(now, before)) && !same(now, built)) {
            built = now;
            if (!first)
                say("something was saved");
            renew(self);
        }
        before = now;
        first = false;
    } while (go_on(self));
}

static bool begin(developing *self)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    const char *base = getenv("XDG_RUNTIME_DIR");
    snprintf(self->home, sizeof self->home, "%s/airssys-dev-XXXXXX", base && strlen(base) < 40 ? base : "/tmp");
    if (!mkdtemp(self->home)) {
        cli_error("cannot make a folder for the node's socket: %s: %s", self->home, strerror(errno));
        return false;
    }
    snprintf(self->socket, sizeof self->socket, "%s/dev.sock", self->home);
    sigprocmask(SIG_BLOCK, &set, &self->mask_before);
    self->signals_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return self->signals_fd >= 0;
}

static cli_exit dev_run(const cli_args *args)
{
    developing self = {.folder = cli_args_at(args, 0) ? cli_args_at(args, 0) : ".", .signals_fd = -1};
    cli_project project;
    airs_error error;
    // What can't be developed at all is said at once.
    airs_status status = cli_project_open(&project, self.folder, &error);
    if (status != AIRS_OK) {
        cli_error("%s", error.text);
        return cli_exit_of(status);
    }
    cli_project_close(&project);
    struct stat info;
    if (stat(self.folder, &info) != 0 || !S_ISDIR(info.st_mode)) {
        cli_error("`dev` takes the folder of a project: %s", self.folder);
        return CLI_EXIT_USAGE;
    }
    if (!begin(&self))
        return CLI_EXIT_FAILURE;
    develop(&self);
    stop_node(&self);
    os_fd_close(self.signals_fd);
    unlink(self.socket);
    rmdir(self.home);
    return CLI_EXIT_OK;
}

const cli_command cli_command_dev = {
    .name = "dev",
    .arguments = "[DIR]",
    .arguments_max = 1,
    .complete = CLI_COMPLETE_FOLDER,
    .summary = "builds and runs a project, and each version of it that is saved",
    .details = "Builds the project in DIR (this folder when it is left out) as `build` does, and\n"
               "runs it, as `run` does. Whenever a file below DIR is saved, it builds again and\n"
               "deploys what came of it to the actors that run it, as `deploy` does: they keep\n"
               "their names, mailboxes, timers, and their state where the component exports\n"
               "`state`. What does not build, or fails within a second, leaves the version\n"
               "before where it is; a trap is shown with its functions, file and line (the\n"
               "build is one with --debug).\n"
               "\n"
               "Files in `build`, and those whose names begin with `.`, do not count. Ends on\n"
               "SIGINT (Ctrl-C), SIGTERM and SIGHUP, and the node with it.\n",
    .exits = CLI_EXIT_BIT(NOT_FOUND) | CLI_EXIT_BIT(INVALID),
    .run = dev_run,
};
