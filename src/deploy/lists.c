// SPDX-License-Identifier: MIT OR Apache-2.0
/// Lists of values, and tables with keys of the author's own.
#include "deploy/reading.h"

#include <string.h>

#define TEXTS_MAX 1024

// ---------------------------------------------------------------- lists

/// The list of the node, of at least `min` entries; `ret_count` of them.
static airs_status open_list(const deploy_reading *r, const char *wanted, size_t min, size_t *ret_count)
{
    if (!deploy_node_is(r->node, "array"))
        return deploy_reading_wrong_type(r, wanted, "[\"…\"]");
    size_t count = (size_t)cJSON_GetArraySize(deploy_node_value(r->node));
    if (count > TEXTS_MAX || count < min)
        return deploy_document_refuse(r->document, deploy_node_place(r->node), r->error,
                                      "`%s` must have %zu to %d entries, not %zu", r->field->key, min, TEXTS_MAX,
                                      count);
    *ret_count = count;
    return AIRS_OK;
}

/// Whether a text may stand in a list of this kind.
static airs_status check_item(const deploy_reading *r, const cJSON *item, const char *text)
{
    deploy_place at = deploy_node_place(item);
    switch (r->field->kind) {
    case DEPLOY_FIELD_PATTERNS:
        if (!deploy_name_valid(text, true))
            return deploy_document_refuse(r->document, at, r->error,
                                          "`%s` has \"%s\": a name is 1 to %d letters, digits and -_.:/, and * for "
                                          "any run of them",
                                          r->field->key, text, DEPLOY_NAME_LEN_MAX);
        return AIRS_OK;
    case DEPLOY_FIELD_TOPICS:
        if (!deploy_topics_valid(text))
            return deploy_document_refuse(
                r->document, at, r->error,
                "`%s` has \"%s\": a topic is 1 to %d levels with dots between, where * is any "
                "one and > at the end all that follow",
                r->field->key, text, DEPLOY_TOPIC_LEVELS_MAX);
        return AIRS_OK;
    case DEPLOY_FIELD_WORDS: {
        deploy_reading one = *r;
        one.node = item;
        return deploy_choice_place(r->field->choices, text) < 0 ? deploy_reading_unknown_word(&one, text) : AIRS_OK;
    }
    default:
        return AIRS_OK;
    }
}

static airs_status read_placed(const deploy_reading *r, deploy_names *ret)
{
    size_t count = 0;
    airs_status status = open_list(r, "a list of strings", 0, &count);
    if (status != AIRS_OK)
        return status;
    deploy_text *items = deploy_document_alloc(r->document, (count + 1) * sizeof *items);
    if (!items)
        return deploy_reading_no_memory(r);
    size_t filled = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, deploy_node_value(r->node))
    {
        const char *text = cJSON_GetStringValue(deploy_node_value(item));
        if (!deploy_node_is(item, "string"))
            return deploy_document_refuse(r->document, deploy_node_place(item), r->error,
                                          "`%s` must hold strings only, not a value of type %s", r->field->key,
                                          deploy_node_type(item));
        status = check_item(r, item, text);
        if (status != AIRS_OK)
            return status;
        items[filled++] = (deploy_text){text, deploy_node_place(item)};
    }
    *ret = (deploy_names){items, filled};
    return AIRS_OK;
}

static airs_status read_texts(const deploy_reading *r, deploy_texts *ret)
{
    deploy_names placed;
    airs_status status = read_placed(r, &placed);
    if (status != AIRS_OK)
        return status;
    const char **items = deploy_document_alloc(r->document, (placed.count + 1) * sizeof *items);
    if (!items)
        return deploy_reading_no_memory(r);
    for (size_t i = 0; i < placed.count; i++)
        items[i] = placed.items[i].text;
    *ret = (deploy_texts){items, placed.count};
    return AIRS_OK;
}

static airs_status read_names(const deploy_reading *r, deploy_names *ret)
{
    size_t count = 0;
    airs_status status = open_list(r, "a list of names", 1, &count);
    if (status != AIRS_OK)
        return status;
    deploy_text *items = deploy_document_alloc(r->document, count * sizeof *items);
    if (!items)
        return deploy_reading_no_memory(r);
    size_t filled = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, deploy_node_value(r->node))
    {
        deploy_reading one = *r;
        one.node = item;
        status = deploy_name_read(&one, &items[filled++]);
        if (status != AIRS_OK)
            return status;
    }
    *ret = (deploy_names){items, filled};
    return AIRS_OK;
}

// ---------------------------------------------------------------- tables

/// Reads one entry of a table into its item.
typedef airs_status (*entry_read_fn)(const deploy_reading *r, const cJSON *entry, void *item);

/// Reads a table with keys of the author's own, entry by entry, into items of `size` bytes.
static airs_status read_table(const deploy_reading *r, const char *wanted, const char *example, size_t size,
                              entry_read_fn read, void **ret_items, size_t *ret_count)
{
    if (!deploy_node_is(r->node, "table"))
        return deploy_reading_wrong_type(r, wanted, example);
    size_t count = (size_t)cJSON_GetArraySize(deploy_node_value(r->node));
    char *items = deploy_document_alloc(r->document, (count + 1) * size);
    if (!items)
        return deploy_reading_no_memory(r);
    size_t filled = 0;
    const cJSON *entry;
    cJSON_ArrayForEach(entry, deploy_node_value(r->node))
    {
        airs_status status = read(r, entry, items + size * filled++);
        if (status != AIRS_OK)
            return status;
    }
    *ret_items = items;
    *ret_count = filled;
    return AIRS_OK;
}

static airs_status read_entry(const deploy_reading *r, const cJSON *entry, void *item)
{
    const cJSON *node = deploy_node_value(entry);
    if (!deploy_node_is(node, "string"))
        return deploy_document_refuse(r->document, deploy_node_place(node), r->error,
                                      "`%s.%s` must be a string, not a value of type %s: put it in quotes",
                                      r->field->key, deploy_node_key(entry), deploy_node_type(node));
    *(deploy_entry *)item = (deploy_entry){{deploy_node_key(entry), deploy_node_place(entry)},
                                           {cJSON_GetStringValue(deploy_node_value(node)), deploy_node_place(node)}};
    return AIRS_OK;
}

static airs_status read_entries(const deploy_reading *r, deploy_entries *ret)
{
    void *items = NULL;
    size_t count = 0;
    airs_status status =
        read_table(r, "a table of strings", "{ key = \"value\" }", sizeof(deploy_entry), read_entry, &items, &count);
    if (status == AIRS_OK)
        *ret = (deploy_entries){items, count};
    return status;
}

static airs_status read_settings(const deploy_reading *r, deploy_settings *ret)
{
    deploy_entries entries;
    airs_status status = read_entries(r, &entries);
    if (status != AIRS_OK)
        return status;
    airs_setting *items = deploy_document_alloc(r->document, (entries.count + 1) * sizeof *items);
    if (!items)
        return deploy_reading_no_memory(r);
    for (size_t i = 0; i < entries.count; i++)
        items[i] = (airs_setting){entries.items[i].key.text, entries.items[i].value.text};
    *ret = (deploy_settings){items, entries.count};
    return AIRS_OK;
}

static airs_status read_list(const deploy_reading *r, const cJSON *entry, void *item)
{
    deploy_list *list = item;
    list->key = (deploy_text){deploy_node_key(entry), deploy_node_place(entry)};
    deploy_field field = {.key = list->key.text, .kind = DEPLOY_FIELD_PLACED_TEXTS};
    deploy_reading one = *r;
    one.field = &field;
    one.node = deploy_node_value(entry);
    return read_placed(&one, &list->values);
}

static airs_status read_lists(const deploy_reading *r, deploy_lists *ret)
{
    void *items = NULL;
    size_t count = 0;
    airs_status status =
        read_table(r, "a table of lists", "{ name = [\"…\"] }", sizeof(deploy_list), read_list, &items, &count);
    if (status == AIRS_OK)
        *ret = (deploy_lists){items, count};
    return status;
}

airs_status deploy_list_read(const deploy_reading *r, void *to)
{
    switch (r->field->kind) {
    case DEPLOY_FIELD_PATTERNS:
    case DEPLOY_FIELD_TOPICS:
    case DEPLOY_FIELD_WORDS:
    case DEPLOY_FIELD_PLACED_TEXTS:
        return read_placed(r, to);
    case DEPLOY_FIELD_TEXTS:
        return read_texts(r, to);
    case DEPLOY_FIELD_NAMES:
        return read_names(r, to);
    case DEPLOY_FIELD_SETTINGS:
        return read_settings(r, to);
    case DEPLOY_FIELD_ENTRIES:
        return read_entries(r, to);
    case DEPLOY_FIELD_LISTS:
        return read_lists(r, to);
    default:
        return AIRS_OK;
    }
}
