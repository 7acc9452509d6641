// SPDX-License-Identifier: MIT OR Apache-2.0
/// The reader behind document.h: tables and lists of tables, key by key.
#include "base/error.h"
#include "base/nearest.h"
#include "deploy/reading.h"

#include <stdio.h>
#include <string.h>

#define TABLE_PATH_MAX 128
#define RECORDS_MAX 65536

static airs_status read_table(deploy_document *document, const cJSON *node, const deploy_field *fields,
                              const char *name, void *record, airs_error *error);

/// "actor.limits": what the table that is read is called in the file.
static const char *path_of(const deploy_reading *r, char path[TABLE_PATH_MAX])
{
    snprintf(path, TABLE_PATH_MAX, "%s%s%s", r->table, r->table[0] ? "." : "", r->field->key);
    return path;
}

static airs_status read_record(const deploy_reading *r, const cJSON *node, const char *path, void *record)
{
    if (r->field->initial)
        memcpy(record, r->field->initial, r->field->size);
    return read_table(r->document, node, r->field->fields, path, record, r->error);
}

/// `[key]` where `[[key]]` may stand too.
static airs_status read_one_table(const deploy_reading *r, const char *path, deploy_records *ret)
{
    void *record = deploy_document_alloc(r->document, r->field->size);
    if (!record)
        return deploy_reading_no_memory(r);
    *ret = (deploy_records){record, 1};
    return read_record(r, r->node, path, record);
}

/// `[[key]]`, or a list of inline tables, which TOML takes for the same.
static airs_status read_tables(const deploy_reading *r, deploy_records *ret)
{
    char path[TABLE_PATH_MAX];
    path_of(r, path);
    if (r->field->kind == DEPLOY_FIELD_TABLE_OR_TABLES && deploy_node_is(r->node, "table"))
        return read_one_table(r, path, ret);
    if (!deploy_node_is(r->node, "array"))
        return deploy_document_refuse(r->document, deploy_node_place(r->node), r->error,
                                      "`%s` must be a list of tables, not a value of type %s: write [[%s]]",
                                      r->field->key, deploy_node_type(r->node), path);
    const cJSON *list = deploy_node_value(r->node);
    size_t count = (size_t)cJSON_GetArraySize(list);
    size_t size = r->field->size;
    if (count > RECORDS_MAX)
        return deploy_document_refuse(r->document, deploy_node_place(r->node), r->error,
                                      "`%s` has more than %d entries", r->field->key, RECORDS_MAX);
    unsigned char *items = deploy_document_alloc(r->document, (count + 1) * size);
    if (!items)
        return deploy_reading_no_memory(r);
    size_t filled = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
    {
        void *record = items + filled++ * size;
        if (!deploy_node_is(item, "table"))
            return deploy_document_refuse(r->document, deploy_node_place(item), r->error,
                                          "`%s` must hold tables only: write [[%s]]", r->field->key, path);
        airs_status status = read_record(r, item, path, record);
        if (status != AIRS_OK)
            return status;
    }
    *ret = (deploy_records){items, filled};
    return AIRS_OK;
}

// ---------------------------------------------------------------- tables

static airs_status read_field(const deploy_reading *r, void *to)
{
    char path[TABLE_PATH_MAX];
    switch (r->field->kind) {
    case DEPLOY_FIELD_TABLE:
        if (!deploy_node_is(r->node, "table"))
            return deploy_document_refuse(r->document, deploy_node_place(r->node), r->error,
                                          "`%s` must be a table, not a value of type %s", r->field->key,
                                          deploy_node_type(r->node));
        return read_table(r->document, r->node, r->field->fields, path_of(r, path), to, r->error);
    case DEPLOY_FIELD_TABLES:
    case DEPLOY_FIELD_TABLE_OR_TABLES:
        return read_tables(r, to);
    case DEPLOY_FIELD_ELSEWHERE:
        *(bool *)to = true;
        return AIRS_OK;
    default:
        return deploy_value_read(r, to);
    }
}

static const deploy_field *field_find(const deploy_field *fields, const char *key)
{
    for (const deploy_field *f = fields; f->key || f->kind == DEPLOY_FIELD_PLACE; f++) {
        if (f->key && strcmp(f->key, key) == 0)
            return f;
    }
    return NULL;
}

static airs_status unknown_key(const deploy_document *document, const cJSON *entry, const deploy_field *fields,
                               const char *name, airs_error *error)
{
    const char *key = deploy_node_key(entry);
    char where[TABLE_PATH_MAX + 8] = "";
    if (*name)
        snprintf(where, sizeof where, " in [%s]", name);
    base_nearest nearest;
    base_nearest_init(&nearest, key);
    char known[512] = "";
    size_t len = 0;
    for (const deploy_field *f = fields; f->key || f->kind == DEPLOY_FIELD_PLACE; f++) {
        if (!f->key)
            continue;
        base_nearest_try(&nearest, f->key);
        if (len < sizeof known)
            len += (size_t)snprintf(known + len, sizeof known - len, "%s%s", len ? ", " : "", f->key);
    }
    const char *best = base_nearest_best(&nearest);
    if (best)
        return deploy_document_refuse(document, deploy_node_place(entry), error,
                                      "unknown key `%s`%s: did you mean `%s`?", key, where, best);
    return deploy_document_refuse(document, deploy_node_place(entry), error, "unknown key `%s`%s: known are %s", key,
                                  where, known);
}

/// The value of a key of a table; NULL when it has none.
static const cJSON *member(const cJSON *node, const char *key)
{
    const cJSON *entry;
    cJSON_ArrayForEach(entry, deploy_node_value(node))
    {
        if (strcmp(deploy_node_key(entry), key) == 0)
            return deploy_node_value(entry);
    }
    return NULL;
}

/// `name` is what the table is called in the file, "" for the file itself.
static airs_status read_table(deploy_document *document, const cJSON *node, const deploy_field *fields,
                              const char *name, void *record, airs_error *error)
{
    unsigned char *base = record;
    const cJSON *entry;
    cJSON_ArrayForEach(entry, deploy_node_value(node))
    {
        const deploy_field *field = field_find(fields, deploy_node_key(entry));
        if (!field)
            return unknown_key(document, entry, fields, name, error);
        deploy_reading r = {document, field, deploy_node_value(entry), name, error};
        airs_status status = read_field(&r, base + field->offset);
        if (status != AIRS_OK)
            return status;
        if (field->place_offset > 0)
            *(deploy_place *)(void *)(base + field->place_offset) = deploy_node_place(r.node);
    }
    for (const deploy_field *f = fields; f->key || f->kind == DEPLOY_FIELD_PLACE; f++) {
        if (f->kind == DEPLOY_FIELD_PLACE)
            *(deploy_place *)(void *)(base + f->offset) = deploy_node_place(node);
        else if (f->required && !member(node, f->key))
            return deploy_document_refuse(document, deploy_node_place(node), error, "`%s` is missing%s%s%s", f->key,
                                          *name ? " in [" : "", name, *name ? "]" : "");
    }
    return AIRS_OK;
}

airs_status deploy_document_read(deploy_document *document, const deploy_field *fields, void *record, airs_error *error)
{
    return read_table(document, document->tree, fields, "", record, error);
}

deploy_text deploy_document_text(const deploy_document *document, const char *table, const char *key)
{
    const cJSON *tables = member(document->tree, table);
    const cJSON *node = tables && deploy_node_is(tables, "table") ? member(tables, key) : NULL;
    if (!node || !deploy_node_is(node, "string"))
        return (deploy_text){0};
    return (deploy_text){cJSON_GetStringValue(deploy_node_value(node)), deploy_node_place(node)};
}

deploy_place deploy_document_item_place(const deploy_document *document, const char *table, const char *key,
                                        size_t index)
{
    const cJSON *tables = member(document->tree, table);
    const cJSON *node = tables && deploy_node_is(tables, "table") ? member(tables, key) : NULL;
    if (!node)
        return (deploy_place){0};
    const cJSON *item = deploy_node_is(node, "array") ? cJSON_GetArrayItem(deploy_node_value(node), (int)index) : NULL;
    return deploy_node_place(item ? item : node);
}
