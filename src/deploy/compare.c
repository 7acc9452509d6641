// SPDX-License-Identifier: MIT OR Apache-2.0
#include "deploy/compare.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/quantity.h"

bool deploy_compare_texts(deploy_text a, deploy_text b)
{
    return a.text == b.text || (a.text != NULL && b.text != NULL && strcmp(a.text, b.text) == 0);
}

bool deploy_compare_names(const deploy_names *a, const deploy_names *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
        same = deploy_compare_texts(a->items[i], b->items[i]);
    return same;
}

bool deploy_compare_entries(const deploy_entries *a, const deploy_entries *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
        same = deploy_compare_texts(a->items[i].key, b->items[i].key) &&
               deploy_compare_texts(a->items[i].value, b->items[i].value);
    return same;
}

bool deploy_compare_settings(const deploy_settings *a, const deploy_settings *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
        same = strcmp(a->items[i].key, b->items[i].key) == 0 && strcmp(a->items[i].value, b->items[i].value) == 0;
    return same;
}

// ---------------------------------------------------------------- keys of the manifest

const deploy_field *deploy_compare_field_of(const deploy_field *fields, const char *key)
{
    while (fields->key == NULL || strcmp(fields->key, key) != 0)
        fields++;
    return fields;
}

/// Lists are somebody else's to compare.
static bool value_is(const deploy_field *field, const void *a, const void *b)
{
    switch (field->kind) {
    case DEPLOY_FIELD_TEXT:
    case DEPLOY_FIELD_NAME:
        return deploy_compare_texts(*(const deploy_text *)a, *(const deploy_text *)b);
    case DEPLOY_FIELD_FLAG:
        return *(const bool *)a == *(const bool *)b;
    case DEPLOY_FIELD_COUNT:
    case DEPLOY_FIELD_DURATION:
    case DEPLOY_FIELD_SIZE32:
        return *(const uint32_t *)a == *(const uint32_t *)b;
    case DEPLOY_FIELD_SIZE64:
        return *(const uint64_t *)a == *(const uint64_t *)b;
    case DEPLOY_FIELD_NUMBER:
        return memcmp(a, b, sizeof(double)) == 0;
    case DEPLOY_FIELD_CHOICE:
        return *(const int *)a == *(const int *)b;
    case DEPLOY_FIELD_PATTERNS:
    case DEPLOY_FIELD_TOPICS:
    case DEPLOY_FIELD_WORDS:
    case DEPLOY_FIELD_PLACED_TEXTS:
    case DEPLOY_FIELD_NAMES:
        return deploy_compare_names(a, b);
    case DEPLOY_FIELD_SETTINGS:
        return deploy_compare_settings(a, b);
    case DEPLOY_FIELD_ENTRIES:
        return deploy_compare_entries(a, b);
    case DEPLOY_FIELD_TEXTS:
    case DEPLOY_FIELD_LISTS:
    case DEPLOY_FIELD_TABLE:
    case DEPLOY_FIELD_TABLES:
    case DEPLOY_FIELD_TABLE_OR_TABLES:
    case DEPLOY_FIELD_PLACE:
    case DEPLOY_FIELD_ELSEWHERE:
        break;
    }
    return true;
}

/// The word at a place of a list of words.
static void word_at(const char *words, int place, char ret[BASE_QUANTITY_MAX])
{
    for (; place > 0; place--)
        words += strcspn(words, " ") + 1;
    (void)snprintf(ret, BASE_QUANTITY_MAX, "%.*s", (int)strcspn(words, " "), words);
}

/// What a key says, in a few words; "" where that needs more. 0 is what is not given.
static void say_value(const deploy_field *field, const void *at, char ret[BASE_QUANTITY_MAX])
{
    uint64_t number = 1;
    ret[0] = '\0';
    switch (field->kind) {
    case DEPLOY_FIELD_FLAG:
        (void)snprintf(ret, BASE_QUANTITY_MAX, "%s", *(const bool *)at ? "true" : "false");
        break;
    case DEPLOY_FIELD_COUNT:
        number = *(const uint32_t *)at;
        (void)snprintf(ret, BASE_QUANTITY_MAX, "%" PRIu64, number);
        break;
    case DEPLOY_FIELD_DURATION:
        number = *(const uint32_t *)at;
        (void)base_duration_format(ret, number * 1000000u);
        break;
    case DEPLOY_FIELD_SIZE32:
        number = *(const uint32_t *)at;
        (void)base_size_format(ret, number);
        break;
    case DEPLOY_FIELD_SIZE64:
        number = *(const uint64_t *)at;
        (void)base_size_format(ret, number);
        break;
    case DEPLOY_FIELD_NUMBER:
        (void)base_number_format(ret, *(const double *)at, 6);
        break;
    case DEPLOY_FIELD_CHOICE:
        word_at(field->choices, *(const int *)at, ret);
        break;
    default:
        break;
    }
    if (number == 0)
        (void)snprintf(ret, BASE_QUANTITY_MAX, "default");
}

/// Tells the keys that differ, but for those of `but`, with spaces around each.
void deploy_compare_fields(const deploy_field *fields, const char *table, const void *a, const void *b, const char *but,
                           deploy_compare_found_fn found, void *user)
{
    char word[64], key[64], shown[160], was[BASE_QUANTITY_MAX], is[BASE_QUANTITY_MAX];
    for (const deploy_field *field = fields; field->key != NULL || field->kind == DEPLOY_FIELD_PLACE; field++) {
        if (field->key == NULL)
            continue;
        (void)snprintf(word, sizeof word, " %s ", field->key);
        const void *of_a = (const char *)a + field->offset;
        const void *of_b = (const char *)b + field->offset;
        if (strstr(but, word) != NULL)
            continue;
        if (field->kind == DEPLOY_FIELD_TABLE)
            deploy_compare_fields(field->fields, field->key, of_a, of_b, but, found, user);
        if (field->kind == DEPLOY_FIELD_TABLE || value_is(field, of_a, of_b))
            continue;
        (void)snprintf(key, sizeof key, "%s%s%s", table, table[0] == '\0' ? "" : ".", field->key);
        say_value(field, of_a, was);
        say_value(field, of_b, is);
        (void)snprintf(shown, sizeof shown, is[0] == '\0' ? "%s" : "%s %s -> %s", key, was, is);
        found(user, key, shown);
    }
}
