// SPDX-License-Identifier: MIT OR Apache-2.0
/// What two manifests say, value by value.
#ifndef DEPLOY_COMPARE_H
#define DEPLOY_COMPARE_H

#include "deploy/manifest.h"

bool deploy_compare_texts(deploy_text a, deploy_text b);
/// Lists, in their order.
bool deploy_compare_names(const deploy_names *a, const deploy_names *b);
bool deploy_compare_entries(const deploy_entries *a, const deploy_entries *b);
bool deploy_compare_settings(const deploy_settings *a, const deploy_settings *b);

/// The field of that key, which is one of them.
const deploy_field *deploy_compare_field_of(const deploy_field *fields, const char *key);

/// A key that differs, with the table that it is in: "limits.max_memory"; and as it is shown, with what it was and is
/// where that can be said in a few words: "limits.max_memory 1 MiB -> 2 MiB".
typedef void (*deploy_compare_found_fn)(void *user, const char *key, const char *shown);

/// Tells the keys that differ, but for those of `but`, with spaces around each. Lists of tables are somebody else's to
/// compare. `a` and `b` are what the fields are of, and `table` is what they stand in, "" for none.
void deploy_compare_fields(const deploy_field *fields, const char *table, const void *a, const void *b, const char *but,
                           deploy_compare_found_fn found, void *user);

#endif
