// SPDX-License-Identifier: MIT OR Apache-2.0
/// One more actor in the text of a manifest: how it is written there, and found again.
///
/// It stands between two comments that name it, at the end when it is new, and is read like all the rest.
#ifndef DEPLOY_ADDITION_H
#define DEPLOY_ADDITION_H

#include "airssys/actor.h"
#include "airssys/grant.h"
#include "deploy/manifest.h"

typedef struct deploy_addition {
    /// The name of an actor; it is not looked at here.
    const char *name;
    /// As a manifest has it.
    const char *component;
    const airs_setting *config;
    size_t config_count;
    /// Beside what every actor has without a word.
    const airs_grant *grants;
    size_t grants_count;
} deploy_addition;

/// Whether an actor can be written into its text, which is there: not where all actors are one list, `actor = [...]`,
/// which TOML takes no `[[actor]]` behind. Errors: E_UNSUPPORTED; `error` says what to write. Any thread.
AIRS_NODISCARD airs_status deploy_addition_check_manifest(const deploy_manifest *manifest, airs_error *error);

/// Whether the text has an actor of that name that was written by `deploy_addition_write`. Any thread.
bool deploy_addition_is_in(airs_bytes text, const char *name);

/// Makes the text with it, in the place of what was written of that name before: the order of actors stays.
/// `ret_text` is the caller's. Errors: E_NOMEM. Any thread.
AIRS_NODISCARD airs_status deploy_addition_write(const deploy_addition *self, airs_bytes text, airs_buffer *ret_text,
                                                 airs_error *error);

/// Makes the text without it, as it was before. `ret_text` is the caller's. Errors: E_NOMEM. Any thread.
AIRS_NODISCARD airs_status deploy_addition_cut(airs_bytes text, const char *name, airs_buffer *ret_text,
                                               airs_error *error);

/// Whether an actor could be granted it so, without folders of the host. Errors: E_INVALID, E_NOMEM. Any thread.
AIRS_NODISCARD airs_status deploy_addition_check_grant(const airs_grant *grant, airs_error *error);

/// Hands a text as TOML has it, in quotes, piece by piece to `put`. Any thread.
void deploy_toml_quote(const char *text, void (*put)(void *user, const char *piece, size_t len), void *user);

/// Whether TOML takes it as a key without quotes. Any thread.
bool deploy_toml_is_bare(const char *key);

#endif
