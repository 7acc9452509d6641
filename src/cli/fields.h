// SPDX-License-Identifier: MIT OR Apache-2.0
/// What stands in the JSON of a node: a text or a number, whatever is there.
#ifndef AIRS_CLI_FIELDS_H
#define AIRS_CLI_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

struct cJSON;

/// "" when it is not there or no text.
const char *cli_field_text(const struct cJSON *json, const char *key);
/// 0 when it is not there, no number or negative.
uint64_t cli_field_number(const struct cJSON *json, const char *key);

/// Room for a time of the day or a date.
#define CLI_TIME_MAX 32
/// "12:30:01.250", with `date` "2026-11-23 12:30:01.250", of milliseconds since 1970. Returns `text`.
const char *cli_time_format(char text[CLI_TIME_MAX], uint64_t time_ms, bool date);

#endif
