// SPDX-License-Identifier: MIT OR Apache-2.0
/// The compiler and the linker that a build calls.
#ifndef AIRS_CLI_TOOLCHAIN_H
#define AIRS_CLI_TOOLCHAIN_H

#include "cli/files.h"

typedef struct cli_toolchain {
    char clang[CLI_PATH_MAX];
    char wasm_ld[CLI_PATH_MAX];
} cli_toolchain;

/// Looks in PATH for clang and wasm-ld, also under names with a version (clang-19 … clang-14); the
/// variables AIRSSYS_CLANG and AIRSSYS_WASM_LD name others.
/// Errors: E_NOT_FOUND, with what to install.
AIRS_NODISCARD airs_status cli_toolchain_find(cli_toolchain *toolchain, airs_error *error);

#define CLI_WORDS_MAX 512

/// A command line under construction. Words are borrowed until it has run.
typedef struct cli_words {
    const char *words[CLI_WORDS_MAX + 1];
    size_t count;
    /// More were added than fit, or one was NULL: running it fails.
    bool broken;
} cli_words;

/// NULL, for a word that there was no memory for, is found when the command is run.
void cli_words_add(cli_words *words, const char *word);
/// Adds each of a list that NULL ends.
void cli_words_add_all(cli_words *words, const char *const *list);

/// Runs the command in `folder` (NULL: here) and waits for its end. What it prints goes to stderr, untouched.
/// Errors: E_FAILED when it ended with anything but 0; E_IO, E_NOMEM when it could not be started.
AIRS_NODISCARD airs_status cli_words_run(const cli_words *words, const char *folder, airs_error *error);

#endif
