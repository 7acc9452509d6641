// SPDX-License-Identifier: MIT OR Apache-2.0
/// The JSON schema for editors says the same as the reader: the same keys, required or not, the same words.
#include "deploy/file.h"
#include "deploy/manifest.h"

#include <cjson/cJSON.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static cJSON *load_schema(void)
{
    // Beside the sources, wherever the test runs.
    char path[4096];
    const char *here = strstr(__FILE__, "src/deploy/");
    assert_non_null(here);
    snprintf(path, sizeof path, "%.*sschema/airssys.schema.json", (int)(here - __FILE__), __FILE__);
    airs_buffer text = {0};
    airs_error error;
    if (deploy_file_read(path, 1u << 20, &text, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    cJSON *schema = cJSON_ParseWithLength((const char *)text.data, text.len);
    airs_buffer_free(&text);
    assert_non_null(schema);
    return schema;
}

static bool is_required(const cJSON *table, const char *key)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(table, "required"))
    {
        if (strcmp(cJSON_GetStringValue(item), key) == 0)
            return true;
    }
    return false;
}

static void compare_words(const cJSON *property, const char *choices)
{
    char words[256] = "";
    const cJSON *item;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(property, "enum"))
    {
        size_t used = strlen(words);
        snprintf(words + used, sizeof words - used, "%s%s", used ? " " : "", cJSON_GetStringValue(item));
    }
    assert_string_equal(words, choices);
}

static void compare_bound(const cJSON *property, const char *bound, double expected, const char *key)
{
    const cJSON *number = cJSON_GetObjectItemCaseSensitive(property, bound);
    if (!cJSON_IsNumber(number) || number->valuedouble != expected)
        fail_msg("`%s` of `%s` is not %.0f", bound, key, expected);
}

static void compare_bounds(const cJSON *property, const deploy_field *field)
{
    compare_bound(property, "minimum", (double)field->min, field->key);
    compare_bound(property, "maximum", field->max > 0 ? (double)field->max : (double)UINT32_MAX, field->key);
}

static void compare(const cJSON *table, const deploy_field *fields, const char *name);

/// A table, and a list of such tables.
static void compare_both(const cJSON *property, const deploy_field *field)
{
    const cJSON *ways = cJSON_GetObjectItemCaseSensitive(property, "oneOf");
    assert_int_equal(cJSON_GetArraySize(ways), 2);
    compare(cJSON_GetArrayItem(ways, 0), field->fields, field->key);
    compare(cJSON_GetObjectItemCaseSensitive(cJSON_GetArrayItem(ways, 1), "items"), field->fields, field->key);
}

static void compare(const cJSON *table, const deploy_field *fields, const char *name)
{
    const cJSON *properties = cJSON_GetObjectItemCaseSensitive(table, "properties");
    assert_non_null(properties);
    assert_true(cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(table, "additionalProperties")));
    int known = 0;
    for (const deploy_field *f = fields; f->key || f->kind == DEPLOY_FIELD_PLACE; f++) {
        if (!f->key)
            continue;
        known++;
        const cJSON *property = cJSON_GetObjectItemCaseSensitive(properties, f->key);
        if (!property)
            fail_msg("the schema lacks `%s` in [%s]", f->key, name);
        if (is_required(table, f->key) != f->required)
            fail_msg("`%s` in [%s]: required or not?", f->key, name);
        if (f->kind == DEPLOY_FIELD_CHOICE)
            compare_words(property, f->choices);
        else if (f->kind == DEPLOY_FIELD_COUNT || f->kind == DEPLOY_FIELD_NUMBER)
            compare_bounds(property, f);
        else if (f->kind == DEPLOY_FIELD_TABLE)
            compare(property, f->fields, f->key);
        else if (f->kind == DEPLOY_FIELD_WORDS)
            compare_words(cJSON_GetObjectItemCaseSensitive(property, "items"), f->choices);
        else if (f->kind == DEPLOY_FIELD_TABLES)
            compare(cJSON_GetObjectItemCaseSensitive(property, "items"), f->fields, f->key);
        else if (f->kind == DEPLOY_FIELD_TABLE_OR_TABLES)
            compare_both(property, f);
    }
    if (cJSON_GetArraySize(properties) != known)
        fail_msg("the schema has keys in [%s] that the reader does not know", name);
}

static void the_schema_says_the_same(void **state)
{
    (void)state;
    cJSON *schema = load_schema();
    compare(schema, deploy_manifest_fields(), "the file");
    cJSON_Delete(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_schema_says_the_same)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
