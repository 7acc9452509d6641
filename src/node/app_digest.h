// SPDX-License-Identifier: MIT OR Apache-2.0
/// A digest over a plan: what was looked at is what is done (`digest` of `compare_app`).
#ifndef NODE_APP_DIGEST_H
#define NODE_APP_DIGEST_H

#include "node/app_deploy.h"

/// Over both manifests, what their actors and templates are made of, and all that the difference says: what was
/// granted, removed and exposed by hand is in neither manifest. Any thread.
void app_digest_make(const node_app_plan *plan, node_content *ret_digest);

#endif
