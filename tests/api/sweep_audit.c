// SPDX-License-Identifier: MIT OR Apache-2.0
/// Reading audit logs.
#include <string.h>

#include "sweep.h"

static void sweep_airs_audit_read(const sweep *self)
{
    static const uint8_t key[AIRS_AUDIT_KEY_SIZE];
    airs_audit_report report = {.records = 7};
    airs_error error;
    airs_audit_read_options none = {.folder = NULL};
    airs_audit_read_options nowhere = {.folder = "/nonexistent/audit"};
    airs_audit_read_options of_a_file = {.folder = "/dev/null"};
    airs_audit_read_options without_a_log = {.folder = "/dev", .key = key, .anchor = key};
    EXPECT_ERROR("NULL options", airs_audit_read(NULL, &report, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL ret", airs_audit_read(&nowhere, NULL, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("no folder", airs_audit_read(&none, &report, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("a folder that is not there", airs_audit_read(&nowhere, &report, &error), AIRS_E_NOT_FOUND, &error);
    EXPECT_ERROR("a file", airs_audit_read(&of_a_file, &report, &error), AIRS_E_IO, &error);
    EXPECT_ERROR("a folder without a log", airs_audit_read(&without_a_log, &report, &error), AIRS_E_NOT_FOUND, &error);
    const airs_audit_filter bad[] = {{.kind = "fils"},
                                     {.kind = ""},
                                     {.right = "files."},
                                     {.right = "."},
                                     {.right = "a-kind-that-is-far-longer-than-any-kind-ever.read"},
                                     {.kind = "network", .right = "files.read"},
                                     {.outcome = (airs_audit_outcome)3}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        airs_audit_read_options options = {.folder = "/nonexistent/audit", .filter = &bad[i]};
        EXPECT_ERROR("a filter that is none", airs_audit_read(&options, &report, &error), AIRS_E_INVALID, &error);
    }
    EXPECT("untouched", report.records, 7);
}

static void sweep_airs_audit_to_json(const sweep *self)
{
    static uint8_t bytes[5000];
    memset(bytes, 1, sizeof bytes);
    char text[AIRS_AUDIT_JSON_MAX];
    airs_audit_record record = {.kind = "files",
                                .right = "read",
                                .name = {bytes, sizeof bytes},
                                .object = {bytes, sizeof bytes},
                                .time_ns = UINT64_MAX,
                                .grant = AIRS_AUDIT_NO_GRANT};
    EXPECT("NULL", airs_audit_to_json(NULL, text), 0);
    EXPECT("NULL text", airs_audit_to_json(&record, NULL), 0);
    EXPECT("too long", airs_audit_to_json(&record, text) < sizeof text, true);
    EXPECT("is cut", strstr(text, "\"cut\":true") != NULL, true);
    airs_audit_record strange = {.kind = "nothing", .right = NULL};
    EXPECT("a kind that is none", airs_audit_to_json(&strange, text) == strlen(text), true);
}

static void sweep_airs_audit_damage_name(const sweep *self)
{
    EXPECT("none", strcmp(airs_audit_damage_name((airs_audit_damage)5), "?"), 0);
    EXPECT("below none", strcmp(airs_audit_damage_name((airs_audit_damage)-1), "?"), 0);
    EXPECT("one", strcmp(airs_audit_damage_name(AIRS_AUDIT_TRUNCATED), "truncated"), 0);
}

const sweep_row sweep_rows_audit[] = {
    SWEEP_ROW(airs_audit_read),
    SWEEP_ROW(airs_audit_to_json),
    SWEEP_ROW(airs_audit_damage_name),
    {NULL, NULL},
};
