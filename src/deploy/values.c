// SPDX-License-Identifier: MIT OR Apache-2.0
/// Single values: types, bounds, words.
#include "base/error.h"
#include "base/nearest.h"
#include "base/quantity.h"
#include "deploy/reading.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

deploy_place deploy_node_place(const cJSON *node)
{
    const cJSON *at = cJSON_GetObjectItemCaseSensitive(node, "at");
    const cJSON *line = cJSON_GetArrayItem(at, 0);
    const cJSON *column = cJSON_GetArrayItem(at, 1);
    return (deploy_place){line ? (uint32_t)line->valuedouble : 0, column ? (uint32_t)column->valuedouble : 0};
}

const char *deploy_node_type(const cJSON *node)
{
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(node, "type"));
    return type ? type : "";
}

const cJSON *deploy_node_value(const cJSON *node)
{
    return cJSON_GetObjectItemCaseSensitive(node, "value");
}

const char *deploy_node_key(const cJSON *entry)
{
    const char *key = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "key"));
    return key ? key : "";
}

bool deploy_node_is(const cJSON *node, const char *type)
{
    return strcmp(deploy_node_type(node), type) == 0;
}

airs_status deploy_reading_no_memory(const deploy_reading *r)
{
    return base_error_set(r->error, AIRS_E_NOMEM, "%s: out of memory", r->document->path);
}

airs_status deploy_reading_wrong_type(const deploy_reading *r, const char *wanted, const char *example)
{
    const char *type = deploy_node_type(r->node);
    const char *article = type[0] == 'a' || type[0] == 'i' ? "an" : "a";
    return deploy_document_refuse(r->document, deploy_node_place(r->node), r->error,
                                  "`%s` must be %s, not %s %s: %s = %s", r->field->key, wanted, article, type,
                                  r->field->key, example);
}

// ---------------------------------------------------------------- single values

static airs_status read_text(const deploy_reading *r, deploy_text *ret)
{
    if (!deploy_node_is(r->node, "string"))
        return deploy_reading_wrong_type(r, "a string", "\"…\"");
    const char *text = cJSON_GetStringValue(deploy_node_value(r->node));
    deploy_place at = deploy_node_place(r->node);
    if (r->field->required && !*text)
        return deploy_document_refuse(r->document, at, r->error, "`%s` must not be empty", r->field->key);
    *ret = (deploy_text){text, at};
    return AIRS_OK;
}

airs_status deploy_name_read(const deploy_reading *r, deploy_text *ret)
{
    airs_status status = read_text(r, ret);
    if (status == AIRS_OK && !deploy_name_valid(ret->text, false))
        return deploy_document_refuse(r->document, ret->at, r->error,
                                      "`%s` is \"%s\": a name is 1 to %d letters, digits and -_.:/", r->field->key,
                                      ret->text, DEPLOY_NAME_LEN_MAX);
    return status;
}

static airs_status read_flag(const deploy_reading *r, bool *ret)
{
    if (!deploy_node_is(r->node, "boolean"))
        return deploy_reading_wrong_type(r, "true or false", "true");
    *ret = cJSON_IsTrue(deploy_node_value(r->node));
    return AIRS_OK;
}

/// Reads a whole number that is not negative; what is larger than 2^53 is 2^53.
static bool whole_number(const cJSON *node, uint64_t *ret)
{
    double number = cJSON_GetNumberValue(deploy_node_value(node));
    if (isnan(number) || number < 0)
        return false;
    *ret = number < 9007199254740992.0 ? (uint64_t)number : 9007199254740992u;
    return true;
}

static airs_status read_count(const deploy_reading *r, uint32_t *ret)
{
    if (!deploy_node_is(r->node, "integer"))
        return deploy_reading_wrong_type(r, "a whole number", "4");
    uint64_t max = r->field->max ? r->field->max : UINT32_MAX;
    uint64_t number;
    if (!whole_number(r->node, &number) || number < r->field->min || number > max)
        return deploy_document_refuse(r->document, deploy_node_place(r->node), r->error,
                                      "`%s` must be from %llu to %llu, not %.0f", r->field->key,
                                      (unsigned long long)r->field->min, (unsigned long long)max,
                                      cJSON_GetNumberValue(deploy_node_value(r->node)));
    *ret = (uint32_t)number;
    return AIRS_OK;
}

static airs_status read_number(const deploy_reading *r, double *ret)
{
    if (!deploy_node_is(r->node, "integer") && !deploy_node_is(r->node, "float"))
        return deploy_reading_wrong_type(r, "a number", "2.0");
    double number = cJSON_GetNumberValue(deploy_node_value(r->node));
    // What is no number compares with nothing.
    if (!(number >= (double)r->field->min && number <= (double)r->field->max))
        return deploy_document_refuse(r->document, deploy_node_place(r->node), r->error,
                                      "`%s` must be from %llu to %llu", r->field->key,
                                      (unsigned long long)r->field->min, (unsigned long long)r->field->max);
    *ret = number;
    return AIRS_OK;
}

static airs_status read_duration(const deploy_reading *r, uint32_t *ret)
{
    if (!deploy_node_is(r->node, "string"))
        return deploy_reading_wrong_type(r, "a duration in quotes", "\"5s\"");
    const char *text = cJSON_GetStringValue(deploy_node_value(r->node));
    deploy_place at = deploy_node_place(r->node);
    uint64_t ms;
    if (!base_duration_parse(text, &ms))
        return deploy_document_refuse(r->document, at, r->error,
                                      "`%s` is \"%s\": a duration is a whole number and ms, s, m or h, such as \"5s\"",
                                      r->field->key, text);
    uint64_t max = r->field->max ? r->field->max : AIRS_TIME_MAX_MS;
    if (ms < r->field->min || ms > max) {
        char least[BASE_QUANTITY_MAX];
        char most[BASE_QUANTITY_MAX];
        return deploy_document_refuse(r->document, at, r->error, "`%s` must be from %s to %s, not \"%s\"",
                                      r->field->key, base_duration_format(least, r->field->min * 1000000u),
                                      base_duration_format(most, max * 1000000u), text);
    }
    *ret = (uint32_t)ms;
    return AIRS_OK;
}

static airs_status read_size(const deploy_reading *r, uint64_t *ret)
{
    deploy_place at = deploy_node_place(r->node);
    uint64_t bytes = 0;
    bool valid = false;
    if (deploy_node_is(r->node, "integer"))
        valid = whole_number(r->node, &bytes);
    else if (deploy_node_is(r->node, "string"))
        valid = base_size_parse(cJSON_GetStringValue(deploy_node_value(r->node)), &bytes);
    else
        return deploy_reading_wrong_type(r, "a size in quotes", "\"64MiB\"");
    if (!valid)
        return deploy_document_refuse(r->document, at, r->error,
                                      "`%s` is not a size: a whole number and B, KiB, MiB or GiB, such as \"64MiB\"",
                                      r->field->key);
    uint64_t max = r->field->max ? r->field->max : UINT64_MAX;
    if (bytes < r->field->min || bytes > max) {
        char least[BASE_QUANTITY_MAX];
        char most[BASE_QUANTITY_MAX];
        return deploy_document_refuse(r->document, at, r->error, "`%s` must be from %s to %s", r->field->key,
                                      base_size_format(least, r->field->min), base_size_format(most, max));
    }
    *ret = bytes;
    return AIRS_OK;
}

int deploy_choice_place(const char *choices, const char *word)
{
    size_t len = strlen(word);
    int place = 0;
    for (const char *at = choices; at && *at; place++) {
        size_t span = strcspn(at, " ");
        if (span == len && memcmp(at, word, len) == 0)
            return place;
        at += span + (at[span] == ' ');
    }
    return -1;
}

airs_status deploy_reading_unknown_word(const deploy_reading *r, const char *word)
{
    char words[256];
    snprintf(words, sizeof words, "%s", r->field->choices);
    base_nearest nearest;
    base_nearest_init(&nearest, word);
    char *rest = NULL;
    for (char *known = strtok_r(words, " ", &rest); known; known = strtok_r(NULL, " ", &rest))
        base_nearest_try(&nearest, known);
    const char *best = base_nearest_best(&nearest);
    deploy_place at = deploy_node_place(r->node);
    if (best)
        return deploy_document_refuse(r->document, at, r->error,
                                      "`%s` is \"%s\": did you mean \"%s\"? It is one of: %s", r->field->key, word,
                                      best, r->field->choices);
    return deploy_document_refuse(r->document, at, r->error, "`%s` is \"%s\": must be one of: %s", r->field->key, word,
                                  r->field->choices);
}

static airs_status read_choice(const deploy_reading *r, int *ret)
{
    if (!deploy_node_is(r->node, "string"))
        return deploy_reading_wrong_type(r, "a string", "\"…\"");
    const char *word = cJSON_GetStringValue(deploy_node_value(r->node));
    int place = deploy_choice_place(r->field->choices, word);
    if (place < 0)
        return deploy_reading_unknown_word(r, word);
    *ret = place;
    return AIRS_OK;
}

airs_status deploy_value_read(const deploy_reading *r, void *to)
{
    uint64_t bytes = 0;
    airs_status status;
    switch (r->field->kind) {
    case DEPLOY_FIELD_TEXT:
        return read_text(r, to);
    case DEPLOY_FIELD_NAME:
        return deploy_name_read(r, to);
    case DEPLOY_FIELD_FLAG:
        return read_flag(r, to);
    case DEPLOY_FIELD_COUNT:
        return read_count(r, to);
    case DEPLOY_FIELD_NUMBER:
        return read_number(r, to);
    case DEPLOY_FIELD_DURATION:
        return read_duration(r, to);
    case DEPLOY_FIELD_SIZE32:
        status = read_size(r, &bytes);
        if (status == AIRS_OK)
            *(uint32_t *)to = (uint32_t)bytes;
        return status;
    case DEPLOY_FIELD_SIZE64:
        return read_size(r, to);
    case DEPLOY_FIELD_CHOICE:
        return read_choice(r, to);
    default:
        return deploy_list_read(r, to);
    }
}
