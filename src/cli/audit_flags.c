// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/audit_flags.h"

#include "base/error.h"
#include "base/quantity.h"
#include "os/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// ---------------------------------------------------------------- times

bool cli_time_parse(const char *text, uint64_t now_ns, uint64_t *ret_ns)
{
    uint64_t ago_ms;
    if (base_duration_parse(text, &ago_ms)) {
        *ret_ns = ago_ms < now_ns / 1000000u ? now_ns - ago_ms * 1000000u : 1;
        return true;
    }
    static const char *const formats[] = {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M",
                                          "%Y-%m-%d"};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        struct tm date = {.tm_isdst = -1};
        const char *end = strptime(text, formats[i], &date);
        if (end == NULL || (*end != '\0' && strcmp(end, "Z") != 0))
            continue;
        time_t seconds = *end == 'Z' ? timegm(&date) : mktime(&date);
        if (seconds <= 0)
            return false;
        *ret_ns = (uint64_t)seconds * 1000000000u;
        return true;
    }
    return false;
}

static airs_status take_time(const cli_args *args, const char *name, uint64_t *ret_ns, airs_error *error)
{
    const char *text = cli_args_flag(args, name);
    if (text == NULL || cli_time_parse(text, os_clock_wall_ns(), ret_ns))
        return AIRS_OK;
    return base_error_set(error, AIRS_E_INVALID,
                          "--%s %s: must be a time such as 2026-11-23 12:30 or 2026-11-23T12:30:01Z, or how long ago, "
                          "such as 90s or 2h",
                          name, text);
}

// ---------------------------------------------------------------- keys and hashes

static int digit_of(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/// Exactly `len` bytes, two digits each.
static bool parse_hex(const char *text, uint8_t *ret, size_t len)
{
    if (strlen(text) != 2 * len)
        return false;
    for (size_t i = 0; i < len; i++) {
        int high = digit_of(text[2 * i]);
        int low = digit_of(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        ret[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

bool cli_audit_key_parse(const char *text, uint8_t ret_key[AIRS_AUDIT_KEY_SIZE])
{
    return parse_hex(text, ret_key, AIRS_AUDIT_KEY_SIZE);
}

/// A key in digits, or in a file that begins with them.
static airs_status take_key(cli_audit_flags *self, const char *text, airs_error *error)
{
    self->has_key = text != NULL;
    if (text == NULL || parse_hex(text, self->key, sizeof self->key))
        return AIRS_OK;
    char line[2 * AIRS_AUDIT_KEY_SIZE + 2] = "";
    FILE *file = fopen(text, "re");
    if (file == NULL && errno == ENOENT)
        return base_error_set(error, AIRS_E_INVALID, "--key %s: must be %d hexadecimal digits, or a file with them",
                              text, 2 * AIRS_AUDIT_KEY_SIZE);
    if (file == NULL)
        return base_error_errno(error, AIRS_E_INVALID, errno, "--key %s", text);
    bool got = fgets(line, sizeof line, file) != NULL;
    (void)fclose(file);
    line[strcspn(line, "\r\n")] = '\0';
    if (!got || !parse_hex(line, self->key, sizeof self->key))
        return base_error_set(error, AIRS_E_INVALID, "--key %s: the file must begin with %d hexadecimal digits", text,
                              2 * AIRS_AUDIT_KEY_SIZE);
    return AIRS_OK;
}

static airs_status take_anchor(cli_audit_flags *self, const char *text, airs_error *error)
{
    self->has_anchor = text != NULL;
    if (text == NULL || parse_hex(text, self->anchor, sizeof self->anchor))
        return AIRS_OK;
    return base_error_set(error, AIRS_E_INVALID, "--anchor %s: must be %d hexadecimal digits, as `audit verify` prints",
                          text, 2 * AIRS_AUDIT_HASH_SIZE);
}

// ---------------------------------------------------------------- which records

static bool parse_id(const char *text, uint64_t *ret)
{
    char *end;
    errno = 0;
    *ret = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0' && errno == 0;
}

static airs_status take_filter(airs_audit_filter *filter, const cli_args *args, airs_error *error)
{
    const char *actor = cli_args_flag(args, "actor");
    const char *message = cli_args_flag(args, "message");
    bool allowed = cli_args_flag(args, "allowed") != NULL;
    bool refused = cli_args_flag(args, "refused") != NULL;
    filter->kind = cli_args_flag(args, "kind");
    filter->right = cli_args_flag(args, "right");
    filter->object = cli_args_flag(args, "object");
    if (allowed && refused)
        return base_error_set(error, AIRS_E_INVALID, "--allowed and --refused exclude each other: leave both out");
    filter->outcome = allowed ? AIRS_AUDIT_ALLOWED : refused ? AIRS_AUDIT_REFUSED : AIRS_AUDIT_ANY;
    if (actor != NULL && !parse_id(actor + (*actor == '#'), &filter->actor.raw))
        filter->name = actor;
    if (message != NULL && (!parse_id(message, &filter->message) || filter->message == 0))
        return base_error_set(error, AIRS_E_INVALID, "--message %s: must be the number of a message", message);
    airs_status status = take_time(args, "since", &filter->from_ns, error);
    if (status == AIRS_OK)
        status = take_time(args, "until", &filter->until_ns, error);
    if (status == AIRS_OK && filter->until_ns != 0 && filter->from_ns >= filter->until_ns)
        return base_error_set(error, AIRS_E_INVALID, "--since %s is not before --until %s",
                              cli_args_flag(args, "since"), cli_args_flag(args, "until"));
    return status;
}

/// Those flags that choose records.
static const char *const choosing[] = {"actor",   "kind",  "right", "object", "allowed",
                                       "refused", "since", "until", "message"};

airs_status cli_audit_flags_parse(cli_audit_flags *self, const cli_args *args, bool no_filter, airs_error *error)
{
    *self = (cli_audit_flags){.has_key = false};
    for (size_t i = 0; no_filter && i < sizeof choosing / sizeof *choosing; i++) {
        if (cli_args_flag(args, choosing[i]) != NULL)
            return base_error_set(error, AIRS_E_INVALID, "`audit verify` looks at each record: it takes no --%s",
                                  choosing[i]);
    }
    airs_status status = take_filter(&self->filter, args, error);
    if (status == AIRS_OK)
        status = take_key(self, cli_args_flag(args, "key"), error);
    return status == AIRS_OK ? take_anchor(self, cli_args_flag(args, "anchor"), error) : status;
}
