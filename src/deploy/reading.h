// SPDX-License-Identifier: MIT OR Apache-2.0
/// From a tree of places and values to structs: what fields.c (tables), lists.c and values.c (what stands in them)
/// share. Private to the three.
///
/// A node of the tree is {"at": [line, column], "type", "value"}.
#ifndef AIRS_DEPLOY_READING_H
#define AIRS_DEPLOY_READING_H

#include "deploy/document.h"

#include <cjson/cJSON.h>

/// A value on its way into its field.
typedef struct deploy_reading {
    deploy_document *document;
    const deploy_field *field;
    const cJSON *node;
    /// The table it stands in, "actor.limits"; "" for the file itself.
    const char *table;
    airs_error *error;
} deploy_reading;

deploy_place deploy_node_place(const cJSON *node);
/// "string", "integer"…, "" when there is none.
const char *deploy_node_type(const cJSON *node);
bool deploy_node_is(const cJSON *node, const char *type);
const cJSON *deploy_node_value(const cJSON *node);
/// The key of an entry of a table.
const char *deploy_node_key(const cJSON *entry);

/// Reads one value that is no table of known keys and no list of tables. Errors: E_MANIFEST, E_NOMEM.
AIRS_NODISCARD airs_status deploy_value_read(const deploy_reading *reading, void *to);
/// The same for lists, and tables with keys of the author's own; nothing of what is neither.
AIRS_NODISCARD airs_status deploy_list_read(const deploy_reading *reading, void *to);
AIRS_NODISCARD airs_status deploy_name_read(const deploy_reading *reading, deploy_text *ret);

/// The place of a word among words with spaces between; -1 when it is not there.
int deploy_choice_place(const char *choices, const char *word);

airs_status deploy_reading_no_memory(const deploy_reading *reading);
/// "`workers` must be a whole number, not a string: workers = 4"
airs_status deploy_reading_wrong_type(const deploy_reading *reading, const char *wanted, const char *example);
/// Says which of the field's words was meant, or which there are.
airs_status deploy_reading_unknown_word(const deploy_reading *reading, const char *word);

#endif
