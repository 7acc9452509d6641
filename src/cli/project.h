// SPDX-License-Identifier: MIT OR Apache-2.0
/// A component's project: the `[component]` and `[build]` parts of an airssys.toml.
/// What the keys mean is in docs/reference/manifest.md.
#ifndef AIRS_CLI_PROJECT_H
#define AIRS_CLI_PROJECT_H

#include "cli/files.h"
#include "deploy/manifest.h"

typedef enum cli_contract {
    /// One call that takes event after event: the fast path.
    CLI_CONTRACT_BATCH = 0,
    /// One call an event.
    CLI_CONTRACT_ACTOR,
} cli_contract;

typedef enum cli_libc {
    CLI_LIBC_NONE = 0,
    CLI_LIBC_WASI,
} cli_libc;

typedef struct cli_project {
    /// Owns all texts here.
    deploy_document document;
    /// The folder of the manifest, "." for this one.
    char folder[CLI_PATH_MAX];
    /// Where the build writes: "FOLDER/build".
    char build_folder[CLI_PATH_MAX];
    /// The component's file.
    char output_path[CLI_PATH_MAX];

    deploy_text name;
    deploy_text version;
    deploy_text description;
    deploy_text license;
    deploy_text authors;
    deploy_text source;

    /// `[component.requests]`; and as it is put into the component, "" for nothing.
    deploy_grants requests;
    const char *requests_text;

    deploy_texts sources;
    deploy_texts include;
    deploy_texts flags;
    deploy_texts link_flags;
    deploy_texts wit;
    deploy_text world;
    deploy_text output;
    int contract;
    int libc;
    /// Parts of the file that are the app's.
    bool elsewhere;
    /// Set by who builds: debug information, unless `flags` says otherwise.
    bool debug;
} cli_project;

/// Reads `path`: an airssys.toml, or a folder with one. Checks that each source file is there.
/// Errors: E_MANIFEST with `file:line:column`, E_NOT_FOUND, E_IO, E_TOO_LARGE, E_NOMEM.
/// On success ended with `cli_project_close`.
AIRS_NODISCARD airs_status cli_project_open(cli_project *project, const char *path, airs_error *error);

void cli_project_close(cli_project *project);

/// A path of the manifest as seen from where this process runs.
AIRS_NODISCARD airs_status cli_project_path(const cli_project *project, const char *name, char path[CLI_PATH_MAX],
                                            airs_error *error);

/// A text that lives as long as the project; NULL when there is no memory.
char *cli_project_text(cli_project *project, const char *format, ...) AIRS_PRINTF(2, 3);

/// Whether `name` may be a component's: 1 to 64 of a-z, 0-9 and -, with a letter first.
bool cli_project_name_valid(const char *name);

#endif
