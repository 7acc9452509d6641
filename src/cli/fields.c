// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/fields.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

const char *cli_field_text(const cJSON *json, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, key));
    return text ? text : "";
}

uint64_t cli_field_number(const cJSON *json, const char *key)
{
    double number = cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(json, key));
    return number > 0 && number < 1e18 ? (uint64_t)number : 0;
}

const char *cli_time_format(char text[CLI_TIME_MAX], uint64_t time_ms, bool date)
{
    time_t seconds = (time_t)(time_ms / 1000u);
    struct tm local;
    size_t len = 0;
    if (localtime_r(&seconds, &local))
        len = strftime(text, CLI_TIME_MAX - 8, date ? "%Y-%m-%d %H:%M:%S" : "%H:%M:%S", &local);
    snprintf(text + len, CLI_TIME_MAX - len, ".%03u", (unsigned)(time_ms % 1000u));
    return text;
}
