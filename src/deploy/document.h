// SPDX-License-Identifier: MIT OR Apache-2.0
/// A TOML file, read into structs as lists of fields say; whatever does not fit is refused with its place.
///
/// A struct is described once, by a list of `deploy_field`: what each key is called, what it may
/// hold, where it goes. The reader refuses unknown keys (with the nearest known one), wrong types,
/// values out of bounds and missing keys, each as `file:line:column: what is wrong, and what would
/// be right`. The first error ends the reading.
#ifndef AIRS_DEPLOY_DOCUMENT_H
#define AIRS_DEPLOY_DOCUMENT_H

#include "airssys/actor.h"

struct cJSON;

/// The place of a value in the file, from 1; 0 when it was not in the file.
typedef struct deploy_place {
    uint32_t line;
    uint32_t column;
} deploy_place;

/// A text and its place; NULL when the file has none.
typedef struct deploy_text {
    const char *text;
    deploy_place at;
} deploy_text;

/// Texts without their places.
typedef struct deploy_texts {
    const char **items;
    size_t count;
} deploy_texts;

/// Texts with their places; `items` is NULL when there is no such list.
typedef struct deploy_names {
    deploy_text *items;
    size_t count;
} deploy_names;

typedef struct deploy_settings {
    airs_setting *items;
    size_t count;
} deploy_settings;

/// A key of the author's own, and its text.
typedef struct deploy_entry {
    deploy_text key;
    deploy_text value;
} deploy_entry;

typedef struct deploy_entries {
    deploy_entry *items;
    size_t count;
} deploy_entries;

/// A key of the author's own, and its list of texts.
typedef struct deploy_list {
    deploy_text key;
    deploy_names values;
} deploy_list;

typedef struct deploy_lists {
    deploy_list *items;
    size_t count;
} deploy_lists;

/// Records of an array of tables, `[[…]]`.
typedef struct deploy_records {
    void *items;
    size_t count;
} deploy_records;

typedef struct deploy_block deploy_block;

/// Owns all that was read from one file.
typedef struct deploy_document {
    /// As the user named it; goes in front of each error.
    const char *path;
    struct cJSON *tree;
    deploy_block *blocks;
} deploy_document;

typedef enum deploy_field_kind {
    /// deploy_text: any text.
    DEPLOY_FIELD_TEXT,
    /// deploy_text: the name of an actor.
    DEPLOY_FIELD_NAME,
    /// bool.
    DEPLOY_FIELD_FLAG,
    /// uint32_t: a whole number.
    DEPLOY_FIELD_COUNT,
    /// double: any number, from `min` to `max`.
    DEPLOY_FIELD_NUMBER,
    /// uint32_t of milliseconds: "500ms", "5s", "2m", "1h".
    DEPLOY_FIELD_DURATION,
    /// uint32_t or uint64_t of bytes: "64MiB", or a number.
    DEPLOY_FIELD_SIZE32,
    DEPLOY_FIELD_SIZE64,
    /// int: the place of the word in `choices`.
    DEPLOY_FIELD_CHOICE,
    /// deploy_names: names, in which `*` is any run of characters.
    DEPLOY_FIELD_PATTERNS,
    /// deploy_names: patterns of topics, in which `*` is one level and `>` the rest.
    DEPLOY_FIELD_TOPICS,
    /// deploy_names: words of `choices`.
    DEPLOY_FIELD_WORDS,
    /// deploy_names: any texts.
    DEPLOY_FIELD_PLACED_TEXTS,
    /// deploy_texts: any texts.
    DEPLOY_FIELD_TEXTS,
    /// deploy_names: at least one name of something else in the file.
    DEPLOY_FIELD_NAMES,
    /// deploy_settings: a table of texts with keys of the author's own.
    DEPLOY_FIELD_SETTINGS,
    /// deploy_entries: the same, with places.
    DEPLOY_FIELD_ENTRIES,
    /// deploy_lists: a table of lists of texts with keys of the author's own.
    DEPLOY_FIELD_LISTS,
    /// A struct described by `fields`, in place: their offsets count from this field's own.
    DEPLOY_FIELD_TABLE,
    /// deploy_records of structs of `size` bytes described by `fields`.
    DEPLOY_FIELD_TABLES,
    /// The same, of which one may stand without the list, as a table.
    DEPLOY_FIELD_TABLE_OR_TABLES,
    /// deploy_place of the table itself; has no key.
    DEPLOY_FIELD_PLACE,
    /// bool, whether it is there; what it holds is somebody else's to check.
    DEPLOY_FIELD_ELSEWHERE,
} deploy_field_kind;

#define DEPLOY_NAME_LEN_MAX 128
#define DEPLOY_TOPIC_LEVELS_MAX 16

typedef struct deploy_field {
    /// NULL ends a list (with DEPLOY_FIELD_PLACE: it has none).
    const char *key;
    deploy_field_kind kind;
    bool required;
    size_t offset;
    /// Where the place of the value goes, a deploy_place; 0: nowhere.
    size_t place_offset;
    /// Of numbers, durations in milliseconds and sizes. A max of 0 is the most that fits; of a duration, a day.
    uint64_t min;
    uint64_t max;
    /// Words with spaces between.
    const char *choices;
    const struct deploy_field *fields;
    size_t size;
    /// What a record of DEPLOY_FIELD_TABLES is before it is read; NULL: all zero.
    const void *initial;
} deploy_field;

/// A document without a text, for what is made rather than read. `path` is copied.
/// Errors: E_NOMEM. On success ended with `deploy_document_close`.
AIRS_NODISCARD airs_status deploy_document_make(deploy_document *document, const char *path, airs_error *error);

/// Parses the bytes as TOML. `path` is copied.
/// Errors: E_MANIFEST, E_NOMEM. On success ended with `deploy_document_close`.
AIRS_NODISCARD airs_status deploy_document_open(deploy_document *document, const char *path, airs_bytes text,
                                                airs_error *error);

/// The same for a file. Errors: also E_NOT_FOUND, E_IO, E_TOO_LARGE over 1 MiB; texts name the file.
AIRS_NODISCARD airs_status deploy_document_open_file(deploy_document *document, const char *path, airs_error *error);

/// Frees all that was read; what the records point to is gone. All zero is allowed.
void deploy_document_close(deploy_document *document);

/// Fills `record` from the whole file. What the file leaves out stays as it is.
/// Errors: E_MANIFEST, E_NOMEM.
AIRS_NODISCARD airs_status deploy_document_read(deploy_document *document, const deploy_field *fields, void *record,
                                                airs_error *error);

/// The text at `table.key`; NULL when it is not there or no string. For parts that are checked elsewhere.
deploy_text deploy_document_text(const deploy_document *document, const char *table, const char *key);

/// The place of an item of the list at `table.key`; of the list where it has no such item, else all 0.
deploy_place deploy_document_item_place(const deploy_document *document, const char *table, const char *key,
                                        size_t index);

/// Memory that lives as long as the document, zeroed; NULL when there is none.
void *deploy_document_alloc(deploy_document *document, size_t size);

/// Writes `file:line:column: text` and returns AIRS_E_MANIFEST.
airs_status deploy_document_refuse(const deploy_document *document, deploy_place at, airs_error *error,
                                   const char *format, ...) AIRS_PRINTF(4, 5);

/// Whether a text is the name of an actor: 1 to 128 letters, digits and `-_.:/`; with `pattern` also `*`.
bool deploy_name_valid(const char *text, bool pattern);

/// Whether a text is a pattern of topics: 1 to 16 levels with dots between, 256 bytes in all, without spaces and
/// control characters; `*` is one level, `>` the last one and the rest.
bool deploy_topics_valid(const char *text);

#endif
