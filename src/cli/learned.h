// SPDX-License-Identifier: MIT OR Apache-2.0
/// What was learned of the actors of an app, as the part of a manifest that grants it.
#ifndef AIRS_CLI_LEARNED_H
#define AIRS_CLI_LEARNED_H

#include "component/learn.h"
#include "deploy/manifest.h"

#include <stdio.h>

struct cJSON;

/// One actor or template of the manifest.
typedef struct cli_learned {
    const deploy_actor *actor;
    bool is_template;
    /// It was never started.
    bool unseen;
    /// More was used than there was room for.
    bool cut;
    /// The table of its grants, as in a manifest; of what it was granted, texts of what it did not use; and its own
    /// paths of folders that nothing says of where they are on the host.
    struct cJSON *grants;
    struct cJSON *unused;
    struct cJSON *unmounted;
} cli_learned;

/// Errors: E_NOMEM. On success ended with `cli_learned_fini`.
AIRS_NODISCARD airs_status cli_learned_init(cli_learned *self, const component_learner *learner,
                                            const deploy_manifest *manifest, const deploy_actor *of, bool is_template);
void cli_learned_fini(cli_learned *self);

/// Writes its tables of a manifest: `[actor.grants]` and those below it, or `[template.grants]`.
void cli_learned_write(const cli_learned *self, FILE *out);

/// Writes a text as TOML has it, in quotes.
void cli_toml_text(FILE *out, const char *text);

#endif
