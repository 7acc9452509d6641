// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/unit.h"

#include "cli/output.h"
#include "cli/remote.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/// A word of ExecStart, in quotes, as systemd.service(5) and systemd.unit(5) want it. `doubled`: characters that would
/// mean something else alone.
static void print_quoted(const char *text, const char *doubled)
{
    putchar('"');
    for (const char *at = text; *at; at++) {
        if (*at == '"' || *at == '\\')
            putchar('\\');
        else if (strchr(doubled, *at))
            putchar(*at);
        putchar(*at);
    }
    putchar('"');
}

static void print_word(const char *text)
{
    putchar(' ');
    print_quoted(text, "%$");
}

static bool fits_on_a_line(const char *text)
{
    for (const char *at = text; *at; at++) {
        if ((unsigned char)*at < ' ')
            return false;
    }
    return true;
}

/// A flag with the value that it was given, if it was.
static void print_flag(const cli_args *args, const char *name)
{
    const char *value = cli_args_flag(args, name);
    if (!value)
        return;
    printf(" --%s", name);
    print_word(value);
}

cli_exit cli_print_unit(const char *folder, char *const *apps, size_t count, const cli_args *args)
{
    const char *socket = cli_remote_socket(args);
    char program[PATH_MAX];
    ssize_t len = readlink(CLI_OWN_PROGRAM, program, sizeof program - 1);
    if (len < 0) {
        cli_error("this program's path can't be told");
        return CLI_EXIT_FAILURE;
    }
    program[len] = '\0';
    bool fits = fits_on_a_line(program) && fits_on_a_line(folder) && (!socket || fits_on_a_line(socket));
    for (size_t i = 0; i < count; i++)
        fits = fits && fits_on_a_line(apps[i]);
    if (!fits) {
        cli_error("a path with a control character has no place in a unit");
        return CLI_EXIT_USAGE;
    }
    fputs("[Unit]\n"
          "Description=airssys node\n"
          "After=network.target\n"
          "\n"
          "[Service]\n"
          "Type=notify\n"
          "NotifyAccess=main\n"
          "ExecStart=",
          stdout);
    // No variable is replaced in the first word.
    print_quoted(program, "%");
    fputs(" up --foreground --state-dir", stdout);
    print_word(folder);
    if (socket) {
        fputs(" --socket", stdout);
        print_word(socket);
    }
    print_flag(args, "max-memory");
    print_flag(args, "instances-max");
    for (size_t i = 0; i < count; i++)
        print_word(apps[i]);
    printf("\n"
           "Restart=on-failure\n"
           "RestartSec=1\n"
           "WatchdogSec=10\n"
           "TimeoutStartSec=90\n"
           "TimeoutStopSec=90\n"
           "KillMode=mixed\n"
           "\n"
           "[Install]\n"
           "WantedBy=%s\n",
           geteuid() == 0 ? "multi-user.target" : "default.target");
    return CLI_EXIT_OK;
}
