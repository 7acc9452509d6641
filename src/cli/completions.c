// SPDX-License-Identifier: MIT OR Apache-2.0
/// Completions for shells, made from the command table.
#include "cli/args.h"
#include "cli/complete.h"
#include "cli/output.h"

#include <stdio.h>
#include <string.h>

static size_t flags_count(const cli_command *command)
{
    size_t count = 0;
    while (count < CLI_FLAGS_MAX && command->flags[count].name)
        count++;
    return count;
}

static void print_verbs(void)
{
    for (size_t i = 0; i < cli_commands_count; i++)
        printf("%s%s", i ? " " : "", cli_commands[i]->name);
}

/// A word inside of single quotes, for all three shells.
static void print_quoted(const char *text)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", stdout);
        else
            putchar(*text);
    }
}

/// What a shell asks while somebody types (complete.h).
#define ASK "airssys " CLI_COMPLETE_VERB_NAME

// ---------------------------------------------------------------- bash

static void bash_values(const char *choices, cli_complete complete)
{
    if (choices)
        printf("_airssys_words compgen -W '%s' -- \"$word\"", choices);
    else if (complete == CLI_COMPLETE_FILE)
        printf("_airssys_paths compgen -f -- \"$word\"");
    else if (complete == CLI_COMPLETE_FOLDER)
        printf("_airssys_paths compgen -d -- \"$word\"");
    else if (complete == CLI_COMPLETE_ACTOR)
        printf("_airssys_words %s actors \"$word\" \"${COMP_WORDS[@]:2}\"; [ ${#COMPREPLY[@]} -gt 0 ] || "
               "_airssys_paths compgen -o plusdirs -f -X '!*.wasm' -- \"$word\"",
               ASK);
    else if (complete == CLI_COMPLETE_NODE)
        printf("_airssys_words %s nodes \"$word\"", ASK);
    else if (complete == CLI_COMPLETE_VERB)
        printf("_airssys_words compgen -W \"$verbs\" -- \"$word\"");
    else
        printf("COMPREPLY=()");
}

/// The values of the flag before the word.
static void bash_flag_values(const cli_command *command)
{
    for (size_t i = 0; i < flags_count(command); i++) {
        const cli_flag *flag = &command->flags[i];
        if (!flag->value)
            continue;
        printf("    %s,--%s", command->name, flag->name);
        if (flag->letter)
            printf(" | %s,-%c", command->name, flag->letter);
        printf(") ");
        bash_values(flag->choices, flag->complete);
        printf("; return ;;\n");
    }
}

static void print_bash(void)
{
    // Names of files may have blanks, and bash quotes them, and adds a slash, where it is told that they are files. It
    // takes `--flag=value` apart at the sign.
    printf("# bash completion for airssys: put it into ~/.local/share/bash-completion/completions/airssys\n"
           "_airssys_words() { mapfile -t COMPREPLY < <(\"$@\" 2>/dev/null); }\n"
           "_airssys_paths() { compopt -o filenames 2>/dev/null; _airssys_words \"$@\"; }\n"
           "_airssys() {\n"
           "    local word=\"${COMP_WORDS[COMP_CWORD]}\" before=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
           "    local verb=\"${COMP_WORDS[1]}\" verbs='");
    print_verbs();
    printf("'\n"
           "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
           "        _airssys_words compgen -W \"$verbs --help --version\" -- \"$word\"\n"
           "        return\n"
           "    fi\n"
           "    word=\"${word#[\\\"\\']}\"\n"
           "    if [ \"$word\" = = ]; then\n"
           "        word=''\n"
           "    elif [ \"$before\" = = ]; then\n"
           "        before=\"${COMP_WORDS[COMP_CWORD-2]}\"\n"
           "    fi\n"
           "    case \"$verb,$before\" in\n");
    for (size_t i = 0; i < cli_commands_count; i++)
        bash_flag_values(cli_commands[i]);
    printf("    esac\n"
           "    case \"$verb,$word\" in\n");
    for (size_t i = 0; i < cli_commands_count; i++) {
        const cli_command *command = cli_commands[i];
        printf("    %s,-*) _airssys_words compgen -W '--help", command->name);
        for (size_t j = 0; j < flags_count(command); j++)
            printf(" --%s", command->flags[j].name);
        printf("' -- \"$word\" ;;\n"
               "    %s,*) ",
               command->name);
        bash_values(command->choices, command->complete);
        printf(" ;;\n");
    }
    printf("    esac\n"
           "}\n"
           "complete -F _airssys airssys\n");
}

// ---------------------------------------------------------------- zsh

static void zsh_action(const char *choices, cli_complete complete)
{
    if (choices)
        printf("(%s)", choices);
    else if (complete == CLI_COMPLETE_FILE)
        printf("_files");
    else if (complete == CLI_COMPLETE_FOLDER)
        printf("_files -/");
    else if (complete == CLI_COMPLETE_ACTOR)
        printf("_airssys_actors");
    else if (complete == CLI_COMPLETE_NODE)
        printf("_airssys_nodes");
    else if (complete == CLI_COMPLETE_VERB)
        printf("_airssys_verbs");
}

static void zsh_command(const cli_command *command)
{
    printf("    %s)\n"
           "        _arguments -s '(-h --help)'{-h,--help}'[this text]'",
           command->name);
    for (size_t i = 0; i < flags_count(command); i++) {
        const cli_flag *flag = &command->flags[i];
        // With a sign, the value may follow one in the same word.
        const char *sign = flag->value ? "=" : "";
        if (flag->letter)
            printf(" \\\n            '(-%c --%s)'{-%c,--%s%s}'[", flag->letter, flag->name, flag->letter, flag->name,
                   sign);
        else
            printf(" \\\n            '%s--%s%s[", flag->repeats ? "*" : "", flag->name, sign);
        print_quoted(flag->help);
        printf("]");
        if (flag->value) {
            printf(":%s:", flag->value);
            zsh_action(flag->choices, flag->complete);
        }
        printf("'");
    }
    if (command->arguments_max > 0) {
        printf(" \\\n            '1:argument:");
        zsh_action(command->choices, command->complete);
        printf("' '*:: :'");
    }
    printf(" ;;\n");
}

static void print_zsh(void)
{
    printf("#compdef airssys\n"
           "# zsh completion for airssys: put it into a folder of $fpath as _airssys\n"
           "_airssys_verbs() {\n"
           "    local -a verbs=(\n");
    for (size_t i = 0; i < cli_commands_count; i++) {
        printf("        '%s:", cli_commands[i]->name);
        print_quoted(cli_commands[i]->summary);
        printf("'\n");
    }
    printf("    )\n"
           "    _describe verb verbs\n"
           "}\n"
           "_airssys_actors() {\n"
           "    local -a actors=(${(f)\"$(%s actors \"$PREFIX\" $typed 2>/dev/null)\"})\n"
           "    compadd -U -a actors\n"
           "    _files -g '*.wasm'\n"
           "}\n"
           "_airssys_nodes() {\n"
           "    local -a nodes=(${(f)\"$(%s nodes \"$PREFIX\" 2>/dev/null)\"})\n"
           "    compadd -a nodes\n"
           "}\n"
           "_airssys() {\n"
           "    if (( CURRENT == 2 )); then\n"
           "        _airssys_verbs\n"
           "        return\n"
           "    fi\n"
           "    local verb=$words[2]\n"
           "    local -a typed=(${words[3,-1]})\n"
           "    shift words\n"
           "    (( CURRENT-- ))\n"
           "    case $verb in\n",
           ASK, ASK);
    for (size_t i = 0; i < cli_commands_count; i++)
        zsh_command(cli_commands[i]);
    printf("    esac\n"
           "}\n"
           "_airssys \"$@\"\n");
}

// ---------------------------------------------------------------- fish

static void fish_values(const char *choices, cli_complete complete)
{
    if (choices)
        printf(" -x -a '%s'", choices);
    else if (complete == CLI_COMPLETE_FILE)
        printf(" -r -F");
    else if (complete == CLI_COMPLETE_FOLDER)
        printf(" -x -a '(__fish_complete_directories)'");
    else if (complete == CLI_COMPLETE_ACTOR)
        printf(" -f -a '(__airssys_actors)'");
    else if (complete == CLI_COMPLETE_NODE)
        printf(" -x -a '(__airssys_nodes)'");
    else if (complete == CLI_COMPLETE_VERB)
        printf(" -x -a \"$airssys_verbs\"");
    else
        printf(" -x");
}

static void fish_command(const cli_command *command)
{
    printf("complete -c airssys -n __fish_use_subcommand -f -a %s -d '", command->name);
    print_quoted(command->summary);
    printf("'\n");
    for (size_t i = 0; i < flags_count(command); i++) {
        const cli_flag *flag = &command->flags[i];
        printf("complete -c airssys -n '__fish_seen_subcommand_from %s' -l %s", command->name, flag->name);
        if (flag->letter)
            printf(" -s %c", flag->letter);
        if (flag->value)
            fish_values(flag->choices, flag->complete);
        printf(" -d '");
        print_quoted(flag->help);
        printf("'\n");
    }
    if (command->choices || command->complete != CLI_COMPLETE_NOTHING) {
        printf("complete -c airssys -n '__fish_seen_subcommand_from %s'", command->name);
        fish_values(command->choices, command->complete);
        printf("\n");
    }
}

static void print_fish(void)
{
    printf("# fish completion for airssys: put it into ~/.config/fish/completions/airssys.fish\n"
           "set -g airssys_verbs ");
    print_verbs();
    printf("\n"
           "function __airssys_actors\n"
           "    set -l names (%s actors (string trim -l -c '\"\\'' (commandline -ct)) (commandline -opc) 2>/dev/null)\n"
           "    if set -q names[1]\n"
           "        printf '%%s\\n' $names\n"
           "    else\n"
           "        __fish_complete_suffix .wasm\n"
           "    end\n"
           "end\n"
           "function __airssys_nodes\n"
           "    %s nodes (string replace -r -- '^--[a-z-]+=' '' (commandline -ct)) 2>/dev/null\n"
           "end\n"
           "complete -c airssys -s h -l help -d 'how it is used'\n",
           ASK, ASK);
    for (size_t i = 0; i < cli_commands_count; i++)
        fish_command(cli_commands[i]);
}

static cli_exit completions_run(const cli_args *args)
{
    const char *shell = cli_args_at(args, 0);
    if (strcmp(shell, "bash") == 0)
        print_bash();
    else if (strcmp(shell, "zsh") == 0)
        print_zsh();
    else
        print_fish();
    return CLI_EXIT_OK;
}

const cli_command cli_command_completions = {
    .name = "completions",
    .arguments = "bash|zsh|fish",
    .arguments_min = 1,
    .arguments_max = 1,
    .choices = "bash zsh fish",
    .summary = "prints completions for a shell",
    .details = "Prints the completions of a shell; its first line says where they belong.\n"
               "To try them in bash: source <(airssys completions bash)\n",
    .run = completions_run,
};
