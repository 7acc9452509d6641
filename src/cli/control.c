// SPDX-License-Identifier: MIT OR Apache-2.0
/// Verbs that do something to one actor, and say nothing when it went well.
#include "cli/args.h"
#include "cli/remote.h"

#include <cjson/cJSON.h>

#define CONTROL_TIMEOUT_MS 30000

/// The verb of the node is called as that of the command line.
static cli_exit control_run(const cli_args *args)
{
    const char *name = cli_args_at(args, 0);
    uint32_t timeout_ms;
    airs_error error;
    if (cli_args_duration_ms(args, "timeout", CONTROL_TIMEOUT_MS, &timeout_ms, &error) != AIRS_OK)
        return cli_args_refuse(&error);
    cJSON *result = NULL;
    cli_exit code = cli_remote_ask(args, args->command->name, cli_remote_request(name), name, timeout_ms, &result);
    cJSON_Delete(result);
    return code;
}

#define FLAGS                                                                                                 \
    {                                                                                                         \
        {.name = "timeout", .letter = 't', .value = "TIME", .help = "how long to wait (30s)"}, CLI_FLAG_NODE, \
            CLI_FLAG_SOCKET                                                                                   \
    }
#define EXITS CLI_EXIT_BIT(NOT_FOUND) | CLI_EXIT_BIT(DENIED) | CLI_EXIT_BIT(TIMEOUT)

const cli_command cli_command_restart = {
    .name = "restart",
    .arguments = "NAME",
    .arguments_min = 1,
    .arguments_max = 1,
    .complete = CLI_COMPLETE_ACTOR,
    .summary = "stops an actor and starts it again",
    .details = "Stops an actor of a running node, with all its children, and starts it again,\n"
               "whatever its restart type; also one that waits for its backoff, is quarantined\n"
               "or has ended with its place kept. Waits until it is ready. Its siblings go on,\n"
               "its id and its mailbox stay, and it does not count against `max_restarts`.\n",
    .flags = FLAGS,
    .exits = EXITS | CLI_EXIT_BIT(FAILED),
    .run = control_run,
};

const cli_command cli_command_kill = {
    .name = "kill",
    .arguments = "NAME",
    .arguments_min = 1,
    .arguments_max = 1,
    .complete = CLI_COMPLETE_ACTOR,
    .summary = "ends an actor at once; its supervisor decides what comes of it",
    .details = "Ends an actor of a running node at once: its component is not told to stop. To\n"
               "its supervisor that is a failure like others, with the reason `killed`, which it\n"
               "answers as the restart type, the backoff and `max_restarts` say. `stop` ends one\n"
               "for good.\n",
    .flags = FLAGS,
    .exits = EXITS,
    .run = control_run,
};

const cli_command cli_command_pause = {
    .name = "pause",
    .arguments = "NAME",
    .arguments_min = 1,
    .arguments_max = 1,
    .complete = CLI_COMPLETE_ACTOR,
    .summary = "lets an actor take no more messages",
    .details = "Lets an actor of a running node finish what it has in hand and take no more\n"
               "messages until `airssys resume`; of a supervisor, all below it. It keeps its\n"
               "state, what is sent to it waits in its mailbox, who asks it may wait in vain.\n"
               "Waits until it has come to rest.\n",
    .flags = FLAGS,
    .exits = EXITS,
    .run = control_run,
};

const cli_command cli_command_resume = {
    .name = "resume",
    .arguments = "NAME",
    .arguments_min = 1,
    .arguments_max = 1,
    .complete = CLI_COMPLETE_ACTOR,
    .summary = "lets a paused actor go on",
    .details = "Lets an actor that was paused go on; of a supervisor, all below it.\n",
    .flags = FLAGS,
    .exits = EXITS,
    .run = control_run,
};

const cli_command cli_command_quarantine = {
    .name = "quarantine",
    .arguments = "NAME",
    .arguments_min = 1,
    .arguments_max = 1,
    .complete = CLI_COMPLETE_ACTOR,
    .summary = "stops an actor until it is released",
    .details = "Stops an actor of a running node, with all its children, and does not start it\n"
               "again until `airssys release`, whatever happens. What is sent to it waits in its\n"
               "mailbox. Its siblings go on, also when their supervisor starts them all again.\n",
    .flags = FLAGS,
    .exits = EXITS,
    .run = control_run,
};

const cli_command cli_command_release = {
    .name = "release",
    .arguments = "NAME",
    .arguments_min = 1,
    .arguments_max = 1,
    .complete = CLI_COMPLETE_ACTOR,
    .summary = "starts a quarantined actor again",
    .details = "Starts an actor again that was quarantined, with all its children, and waits\n"
               "until it is ready.\n",
    .flags = FLAGS,
    .exits = EXITS | CLI_EXIT_BIT(FAILED),
    .run = control_run,
};

const cli_command cli_command_stop = {
    .name = "stop",
    .arguments = "NAME",
    .arguments_min = 1,
    .arguments_max = 1,
    .complete = CLI_COMPLETE_ACTOR,
    .summary = "stops an actor for good",
    .details = "Stops an actor of a running node for good, with all its children, and waits\n"
               "until it has ended. Its supervisor does not start it again. To stop the whole\n"
               "node, interrupt `airssys run`.\n",
    .flags = FLAGS,
    .exits = EXITS,
    .run = control_run,
};
