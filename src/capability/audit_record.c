// SPDX-License-Identifier: MIT OR Apache-2.0
#include "capability/audit_record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/assert.h"
#include "base/bytes.h"

#define FLAG_ALLOWED 1u
#define FLAG_GRANT 2u
#define FLAG_CUT 4u
#define FLAG_LEARNED 8u
#define FLAGS_ALL 15u

// ---------------------------------------------------------------- what

static const struct {
    const char *kind;
    const char *name;
} events[AUDIT_WHATS] = {
#define AUDIT_EVENT_ROW(name, number, kind, text) [number] = {kind, text},
    AUDIT_EVENT_MAP(AUDIT_EVENT_ROW)
#undef AUDIT_EVENT_ROW
};

bool audit_what_exists(uint32_t what)
{
    return what < CAPABILITY_RIGHTS || (what < AUDIT_WHATS && events[what].name != NULL);
}

const char *audit_what_kind(uint32_t what)
{
    if (!audit_what_exists(what))
        return "?";
    return what < CAPABILITY_RIGHTS ? capability_kind_name(capability_right_kind((capability_right)what))
                                    : events[what].kind;
}

const char *audit_what_name(uint32_t what)
{
    if (!audit_what_exists(what))
        return "?";
    return what < CAPABILITY_RIGHTS ? capability_right_name((capability_right)what) : events[what].name;
}

uint64_t audit_what_find(const char *kind, const char *name)
{
    uint64_t found = 0;
    for (uint32_t what = 0; what < AUDIT_WHATS; what++) {
        if (audit_what_exists(what) && (kind == NULL || strcmp(audit_what_kind(what), kind) == 0) &&
            (name == NULL || strcmp(audit_what_name(what), name) == 0))
            found |= AUDIT_BIT(what);
    }
    return found;
}

// ---------------------------------------------------------------- writing

typedef struct out_bytes {
    uint8_t *at;
} out_bytes;

static void put_fixed(out_bytes *out, uint64_t value)
{
    for (int i = 0; i < 8; i++)
        *out->at++ = (uint8_t)(value >> (8 * i));
}

/// Seven bits a byte, the low ones first; the last byte has its high bit clear.
static void put_number(out_bytes *out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        *out->at++ = (uint8_t)(value | 0x80);
    *out->at++ = (uint8_t)value;
}

static void put_bytes(out_bytes *out, airs_bytes bytes)
{
    put_number(out, bytes.len);
    if (bytes.len > 0)
        memcpy(out->at, bytes.data, bytes.len);
    out->at += bytes.len;
}

static airs_bytes cut_to(airs_bytes bytes, size_t max)
{
    return (airs_bytes){bytes.data, bytes.len < max ? bytes.len : max};
}

size_t audit_record_encode(uint8_t bytes[AUDIT_RECORD_MAX], const audit_record *record)
{
    airs_bytes name = cut_to(record->name, AUDIT_NAME_MAX);
    airs_bytes object = cut_to(record->object, AUDIT_OBJECT_MAX);
    bool cut = name.len < record->name.len || object.len < record->object.len;
    bool by_grant = record->grant != AUDIT_NO_GRANT;
    // Two bytes are kept free for the length, which is known at the end.
    out_bytes out = {bytes + 2};
    *out.at++ = (uint8_t)((record->allowed ? FLAG_ALLOWED : 0) | (by_grant ? FLAG_GRANT : 0) | (cut ? FLAG_CUT : 0) |
                          (record->learned ? FLAG_LEARNED : 0));
    *out.at++ = (uint8_t)record->what;
    put_fixed(&out, record->time_ns);
    put_fixed(&out, record->actor);
    put_number(&out, record->message);
    put_number(&out, record->epoch);
    if (by_grant)
        put_number(&out, record->grant);
    put_bytes(&out, name);
    put_bytes(&out, object);
    size_t len = (size_t)(out.at - bytes);
    AIRS_ASSERT(len <= AUDIT_RECORD_MAX);
    bytes[0] = (uint8_t)(len - 2);
    bytes[1] = (uint8_t)((len - 2) >> 8);
    return len;
}

// ---------------------------------------------------------------- reading

static bool take_fixed(airs_bytes *in, uint64_t *ret_value)
{
    if (in->len < 8)
        return false;
    *ret_value = 0;
    for (int i = 0; i < 8; i++)
        *ret_value |= (uint64_t)in->data[i] << (8 * i);
    *in = (airs_bytes){in->data + 8, in->len - 8};
    return true;
}

static bool take_number(airs_bytes *in, uint64_t max, uint64_t *ret_value)
{
    uint64_t value = 0;
    for (uint32_t i = 0; i < 10 && i < in->len; i++) {
        uint64_t bits = in->data[i] & 0x7fu;
        if (i == 9 && bits > 1)
            return false;
        value |= bits << (7 * i);
        if (in->data[i] >= 0x80)
            continue;
        // One way to write each number.
        if ((i > 0 && bits == 0) || value > max)
            return false;
        *ret_value = value;
        *in = (airs_bytes){in->data + i + 1, in->len - i - 1};
        return true;
    }
    return false;
}

static bool take_bytes(airs_bytes *in, size_t max, airs_bytes *ret_bytes)
{
    uint64_t len;
    if (!take_number(in, max, &len) || len > in->len)
        return false;
    *ret_bytes = (airs_bytes){in->data, (size_t)len};
    *in = (airs_bytes){in->data + len, in->len - (size_t)len};
    return true;
}

bool audit_record_decode(airs_bytes *rest, audit_record *ret_record)
{
    if (rest->len < 2)
        return false;
    size_t len = (size_t)rest->data[0] | (size_t)rest->data[1] << 8;
    if (len < 2 || len > AUDIT_RECORD_MAX - 2 || len > rest->len - 2)
        return false;
    airs_bytes in = {rest->data + 2, len};
    uint8_t flags = in.data[0];
    audit_record record = {.what = in.data[1], .grant = AUDIT_NO_GRANT};
    in = (airs_bytes){in.data + 2, in.len - 2};
    uint64_t grant = AUDIT_NO_GRANT;
    if (flags > FLAGS_ALL || !audit_what_exists(record.what) || !take_fixed(&in, &record.time_ns) ||
        !take_fixed(&in, &record.actor) || !take_number(&in, UINT64_MAX, &record.message) ||
        !take_number(&in, UINT64_MAX, &record.epoch))
        return false;
    if ((flags & FLAG_GRANT) != 0 && !take_number(&in, AUDIT_NO_GRANT - 1, &grant))
        return false;
    if (!take_bytes(&in, AUDIT_NAME_MAX, &record.name) || !take_bytes(&in, AUDIT_OBJECT_MAX, &record.object) ||
        in.len != 0)
        return false;
    record.grant = (uint32_t)grant;
    record.allowed = (flags & FLAG_ALLOWED) != 0;
    record.cut = (flags & FLAG_CUT) != 0;
    record.learned = (flags & FLAG_LEARNED) != 0;
    *ret_record = record;
    *rest = (airs_bytes){rest->data + 2 + len, rest->len - 2 - len};
    return true;
}

// ---------------------------------------------------------------- as JSON

/// Each byte takes at most six: \u0000.
static size_t put_json_text(char *out, airs_bytes text)
{
    size_t len = 0;
    out[len++] = '"';
    for (size_t i = 0; i < text.len;) {
        uint8_t c = text.data[i];
        size_t width = base_utf8_next(text, i);
        if (width == 0) {
            memcpy(out + len, "\\ufffd", 6);
            len += 6;
            i++;
        } else if (c < ' ' || c == 0x7f) {
            len += (size_t)snprintf(out + len, 7, "\\u%04x", c);
            i++;
        } else {
            if (c == '"' || c == '\\')
                out[len++] = '\\';
            memcpy(out + len, text.data + i, width);
            len += width;
            i += width;
        }
    }
    out[len++] = '"';
    return len;
}

size_t audit_record_to_json(char out[AUDIT_JSON_MAX], const audit_record *record)
{
    time_t seconds = (time_t)(record->time_ns / 1000000000u);
    struct tm date;
    char when[40] = "";
    if (gmtime_r(&seconds, &date) != NULL)
        (void)strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &date);
    size_t len = (size_t)snprintf(out, AUDIT_JSON_MAX,
                                  "{\"record\":%" PRIu64 ",\"time\":\"%s.%09uZ\",\"actor\":\"%" PRIu64 "\",\"name\":",
                                  record->number, when, (unsigned)(record->time_ns % 1000000000u), record->actor);
    len += put_json_text(out + len, record->name);
    len += (size_t)snprintf(out + len, 100, ",\"what\":\"%s.%s\",\"on\":", audit_what_kind(record->what),
                            audit_what_name(record->what));
    len += put_json_text(out + len, record->object);
    len += (size_t)snprintf(out + len, 100, ",\"allowed\":%s,\"grant\":", record->allowed ? "true" : "false");
    if (record->grant == AUDIT_NO_GRANT)
        len += (size_t)snprintf(out + len, 10, "null");
    else
        len += (size_t)snprintf(out + len, 12, "%" PRIu32, record->grant);
    len += (size_t)snprintf(out + len, 140, ",\"epoch\":%" PRIu64 ",\"message\":\"%" PRIu64 "\"%s%s}", record->epoch,
                            record->message, record->cut ? ",\"cut\":true" : "",
                            record->learned ? ",\"learned\":true" : "");
    return len;
}
