// SPDX-License-Identifier: MIT OR Apache-2.0
/// `airssys run --learn`: the scratch folder, who learns, and the manifest that is printed in the end.
#ifndef AIRS_CLI_LEARN_H
#define AIRS_CLI_LEARN_H

#include "cli/args.h"
#include "component/learn.h"
#include "deploy/manifest.h"

/// Bytes that may be in the scratch folder.
#define CLI_SCRATCH_MAX (256ull << 20)

typedef struct cli_learn {
    component_learner learner;
    char *scratch;
    /// What stdout was: meanwhile it is stderr, so that what is printed in the end stands there alone.
    int out;
    uint64_t looked_ns;
} cli_learn;

/// Makes the scratch folder in $TMPDIR, else /tmp. On success ended with `cli_learn_fini`, which removes it.
/// Errors: E_IO, E_NOMEM.
AIRS_NODISCARD airs_status cli_learn_init(cli_learn *self, airs_error *error);
void cli_learn_fini(cli_learn *self);

/// Whether the scratch folder holds more than it may. Looks now and then only.
bool cli_learn_is_full(cli_learn *self);

/// Prints what was learned; nobody learns any more. False: no memory, which was said.
bool cli_learn_print(cli_learn *self, const deploy_manifest *manifest, bool json);

#endif
