// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/describe.h"

#include "base/bytes.h"
#include "base/error.h"
#include "cli/output.h"

#include <cjson/cJSON.h>
#include <string.h>

/// The widest name that still stands in a column of its own.
#define NAME_WIDTH_MAX 48
#define LINE_WIDTH 100
#define OFFER_WIDTH 20

airs_status cli_describe(const engine *offering, airs_bytes wasm, cJSON **ret_json, airs_error *error)
{
    engine_buffer text = {0};
    engine_error refusal;
    if (engine_kit_inspect(offering, (engine_bytes){wasm.data, wasm.len}, &text, &refusal) != ENGINE_OK) {
        // It may quote names that are in the bytes.
        base_text_tidy(refusal.text);
        return base_error_set(error, AIRS_E_COMPONENT, "%s", refusal.text);
    }
    cJSON *json = cJSON_ParseWithLength((const char *)text.data, text.len);
    engine_buffer_free(&text);
    if (!json)
        return base_error_set(error, AIRS_E_NOMEM, "out of memory");
    *ret_json = json;
    return AIRS_OK;
}

const char *cli_describe_text(const cJSON *object, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
    return text ? text : "";
}

static int widest_name(const cJSON *list)
{
    size_t width = 0;
    const cJSON *interface;
    cJSON_ArrayForEach(interface, list)
    {
        size_t len = strlen(cli_describe_text(interface, "name"));
        if (len > width && len <= NAME_WIDTH_MAX)
            width = len;
    }
    return (int)width;
}

static void print_functions(FILE *stream, const cJSON *functions, size_t column)
{
    size_t at = column;
    const cJSON *function;
    const char *separator = "";
    cJSON_ArrayForEach(function, functions)
    {
        const char *name = cJSON_GetStringValue(function);
        size_t len = strlen(name);
        if (at > column && at + len + 2 > LINE_WIDTH) {
            fprintf(stream, ",\n%*s", (int)column, "");
            at = column;
            separator = "";
        }
        fputs(separator, stream);
        cli_write_escaped(stream, name, len);
        separator = ", ";
        at += len + 2;
    }
}

/// Says in words whether the runtime has an interface.
static void offer_text(const cJSON *interface, bool offered, char *text, size_t size)
{
    const char *offer = cli_describe_text(interface, "offer");
    const char *version = strrchr(offer, '@');
    bool same = strcmp(offer, cli_describe_text(interface, "name")) == 0;
    const cJSON *missing = cJSON_GetObjectItemCaseSensitive(interface, "missing");
    const cJSON *functions = cJSON_GetObjectItemCaseSensitive(interface, "functions");
    bool partly = cJSON_GetArraySize(missing) < cJSON_GetArraySize(functions);
    if (offered && (!version || same))
        snprintf(text, size, "offered");
    else if (offered)
        snprintf(text, size, "offered as %s", version + 1);
    else if (partly)
        snprintf(text, size, "lacks %s%s", cJSON_GetStringValue(cJSON_GetArrayItem(missing, 0)),
                 cJSON_GetArraySize(missing) > 1 ? "..." : "");
    else if (version && !same)
        snprintf(text, size, "not offered, nearest is %s", version + 1);
    else
        snprintf(text, size, "not offered");
}

/// In a column of its own, filled with spaces up to `width`.
static void print_offer(FILE *stream, const cJSON *interface, int width)
{
    bool offered = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(interface, "offered"));
    char text[64];
    offer_text(interface, offered, text, sizeof text);
    fputs(cli_style_on(stream, offered ? CLI_STYLE_GREEN : CLI_STYLE_RED), stream);
    cli_write_escaped(stream, text, strlen(text));
    fputs(cli_style_on(stream, CLI_STYLE_PLAIN), stream);
    int left = width - (int)strlen(text);
    if (width > 0)
        fprintf(stream, "%*s", left > 2 ? left : 2, "");
}

void cli_describe_interfaces(FILE *stream, const cJSON *list, bool offers)
{
    int width = widest_name(list);
    const cJSON *interface;
    cJSON_ArrayForEach(interface, list)
    {
        const char *name = cli_describe_text(interface, "name");
        size_t len = strlen(name);
        fputs("  ", stream);
        cli_write_escaped(stream, name, len);
        const cJSON *functions = cJSON_GetObjectItemCaseSensitive(interface, "functions");
        bool has_functions = cJSON_GetArraySize(functions) > 0;
        if (offers || has_functions)
            fprintf(stream, "%*s  ", len < (size_t)width ? width - (int)len : 0, "");
        if (offers)
            print_offer(stream, interface, has_functions ? OFFER_WIDTH : 0);
        if (has_functions)
            print_functions(stream, functions, (size_t)width + 4 + (offers ? OFFER_WIDTH : 0));
        fputc('\n', stream);
    }
}
