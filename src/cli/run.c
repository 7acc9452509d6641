// SPDX-License-Identifier: MIT OR Apache-2.0
/// `airssys run`: a node in the foreground.
#include "cli/host.h"
#include "cli/learn.h"
#include "cli/output.h"
#include "cli/remote.h"

#include "base/error.h"
#include "deploy/file.h"

static const char *app_of(const cli_args *args)
{
    return cli_args_at(args, 0) ? cli_args_at(args, 0) : ".";
}

/// Where the node keeps its state: as the flag says, else in the user's folder for that. NULL: it keeps none.
static airs_status find_state(const cli_args *args, const deploy_manifest *manifest, char path[NODE_STATE_PATH_MAX],
                              const char **ret_path, airs_error *error)
{
    *ret_path = cli_args_flag(args, "state-dir");
    if (*ret_path || manifest->node.audit == DEPLOY_AUDIT_OFF)
        return AIRS_OK;
    *ret_path = path;
    return node_state_folder(path, manifest->name.text, error);
}

/// What the component is given as a program. `ret_input` is to be freed when the manifest is closed.
static airs_status read_program(const cli_args *args, deploy_program *ret_program, airs_buffer *ret_input,
                                airs_error *error)
{
    *ret_program = (deploy_program){.args = args->rest, .args_count = args->rest_count};
    const char *file = cli_args_flag(args, "stdin");
    if (!file)
        return AIRS_OK;
    airs_status status = deploy_file_read(file, AIRS_INPUT_MAX, ret_input, error);
    ret_program->reads = true;
    ret_program->input = (airs_bytes){ret_input->data, ret_input->len};
    return status;
}

static airs_status give_program(deploy_manifest *manifest, const deploy_program *program, airs_error *error)
{
    return program->reads || program->args_count > 0 ? deploy_manifest_give(manifest, program, error) : AIRS_OK;
}

/// The app, as far as it says where the node is to be.
static airs_status load(deploy_manifest *manifest, const char *path, const deploy_program *program, airs_error *error)
{
    airs_status status = deploy_manifest_load(manifest, path, error);
    if (status != AIRS_OK)
        return status;
    status = give_program(manifest, program, error);
    if (status != AIRS_OK)
        deploy_manifest_close(manifest);
    return status;
}

/// Takes what the app needs, then the app.
static airs_status add_app(cli_host *host, const cli_args *args, const deploy_manifest *manifest,
                           const deploy_program *program, airs_error *error)
{
    char folder[NODE_STATE_PATH_MAX];
    const char *state = NULL;
    airs_status status = node_host_check_socket(&host->node, manifest->name.text, error);
    if (status == AIRS_OK)
        status = find_state(args, manifest, folder, &state, error);
    if (status == AIRS_OK && state)
        status = node_host_take_state(&host->node, state, error);
    if (status == AIRS_OK)
        status = node_host_add(&host->node, app_of(args), "", error);
    return status == AIRS_OK ? give_program(&host->node.apps[0].boot.manifest, program, error) : status;
}

static cli_exit run_app(const cli_args *args, const deploy_manifest *manifest, const deploy_program *program,
                        cli_learn *learn)
{
    cli_host host;
    airs_error error = {0};
    cli_host_hold_signals();
    airs_status status = cli_host_init(&host, args, learn, &error);
    if (status == AIRS_OK)
        status = add_app(&host, args, manifest, program, &error);
    cli_exit code = status == AIRS_OK ? cli_host_run(&host) : cli_host_refuse(status, &error);
    cli_host_fini(&host);
    return code;
}

/// What was learned is printed also of an app that has failed; not where none has started.
static cli_exit learn_app(const cli_args *args, const deploy_manifest *manifest, const deploy_program *program)
{
    cli_learn learn;
    airs_error error = {0};
    airs_status status = cli_learn_init(&learn, &error);
    if (status != AIRS_OK)
        return cli_host_refuse(status, &error);
    cli_exit code = run_app(args, manifest, program, &learn);
    if (learn.learner.count > 0 && !cli_learn_print(&learn, manifest, cli_args_json(args)) && code == CLI_EXIT_OK)
        code = CLI_EXIT_FAILURE;
    cli_learn_fini(&learn);
    return code;
}

static cli_exit run_run(const cli_args *args)
{
    if (cli_args_flag(args, "output") && !cli_args_flag(args, "learn")) {
        airs_error wrong;
        base_error_set(&wrong, AIRS_E_INVALID, "-o is for what --learn prints");
        return cli_args_refuse(&wrong);
    }
    deploy_manifest manifest;
    deploy_program program;
    airs_buffer input = {0};
    airs_error error = {0};
    cli_exit code;
    airs_status status = read_program(args, &program, &input, &error);
    if (status == AIRS_OK)
        status = load(&manifest, app_of(args), &program, &error);
    if (status == AIRS_OK) {
        code = cli_args_flag(args, "learn") ? learn_app(args, &manifest, &program)
                                            : run_app(args, &manifest, &program, NULL);
        deploy_manifest_close(&manifest);
    } else {
        code = cli_host_refuse(status, &error);
        code = status == AIRS_E_INVALID ? CLI_EXIT_USAGE : code;
    }
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
               "The state of the node is in $XDG_STATE_HOME/airssys/APP\n"
               "(~/.local/state/airssys/APP), or the folder of --state-dir: what was deployed,\n"
               "granted and revoked, which holds again as long as the app is the same, and an\n"
               "audit log of what components were allowed and refused, which `airssys audit`\n"
               "reads. [node] in the manifest says what is recorded. `airssys up` is the same in\n"
               "the background.\n"
               "\n"
               "With --learn refusals are counted instead of enforced, and at the end the\n"
               "smallest grants are printed that allow what was used, as tables for the\n"
               "manifest; standard output has nothing else then. What is not granted happens in\n"
               "memory, or in an empty scratch folder in the place of files; there is no\n"
               "network. The audit log says what would have been refused.\n",
    .flags = {{.name = "stdin",
               .value = "FILE",
               .complete = CLI_COMPLETE_FILE,
               .help = "what a component reads from its standard input"},
              {.name = "learn", .help = "learn what is used, and print the smallest grants for it"},
              CLI_FLAG_OUTPUT,
              {.name = "state-dir", .value = "DIR", .complete = CLI_COMPLETE_FOLDER, .help = "the state folder"},
              CLI_FLAG_SOCKET},
    .exits = CLI_EXIT_BIT(NOT_FOUND) | CLI_EXIT_BIT(INVALID) | CLI_EXIT_BIT(DENIED) | CLI_EXIT_BIT(FAILED) |
             CLI_EXIT_BIT(TIMEOUT) | CLI_EXIT_BIT(LIMIT),
    .run = run_run,
};
