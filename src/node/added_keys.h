// SPDX-License-Identifier: MIT OR Apache-2.0
/// What a request says of an actor that is to be added to an app: `actor`, `component`, `config` and `grants`.
#ifndef NODE_ADDED_KEYS_H
#define NODE_ADDED_KEYS_H

#include "airssys/capability.h"
#include "deploy/addition.h"
#include "node/protocol.h"

#define NODE_ADDED_GRANTS_MAX 64

typedef struct node_added {
    deploy_addition add;
    airs_setting config[NODE_SETTINGS_MAX];
    airs_grant grants[NODE_ADDED_GRANTS_MAX];
    airs_grant_text *texts;
} node_added;

/// Reads it; what is read is the JSON's. On success ended with `node_added_fini`. Errors: E_INVALID a key is not what
/// it should be, or a grant means nothing; E_NOMEM. Any thread.
AIRS_NODISCARD airs_status node_added_read(node_added *self, const struct cJSON *told, airs_error *error);
void node_added_fini(node_added *self);

#endif
