// SPDX-License-Identifier: MIT OR Apache-2.0
/// What requests say of how something is deployed: the keys that `deploy`, `rollback` and `deploy_app` have in common.
#ifndef NODE_DEPLOY_KEYS_H
#define NODE_DEPLOY_KEYS_H

#include "airssys/deploy.h"
#include "node/protocol.h"

/// Checks `drain_timeout_ms`, `probation_ms`, `on_no_state`, `rollback_state`, `dry_run` and `by`, each optional.
/// Errors: E_INVALID.
AIRS_NODISCARD airs_status node_deploy_keys_check(const node_request *request, airs_error *error);

/// The same as options, of a request that was checked; what is not said is 0. `by` is the JSON's.
airs_deploy_options node_deploy_keys_read(const struct cJSON *told);

/// A text that is one of `count` words, or missing. Errors: E_INVALID.
AIRS_NODISCARD airs_status node_choice_check(const struct cJSON *told, const char *key, const char *const *words,
                                             uint32_t count, airs_error *error);
/// Its place among them; 0 when it is missing.
uint32_t node_choice_read(const struct cJSON *told, const char *key, const char *const *words, uint32_t count);

/// The text of a key that was checked before; "" when it is missing.
const char *node_told_text(const struct cJSON *told, const char *key);
/// The truth of one.
bool node_told_flag(const struct cJSON *told, const char *key);

#endif
