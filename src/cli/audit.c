// SPDX-License-Identifier: MIT OR Apache-2.0
/// `airssys audit`: what an audit log says, and whether it is whole.
#include "cli/args.h"
#include "cli/audit_flags.h"
#include "cli/fields.h"
#include "cli/output.h"
#include "cli/remote.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <string.h>

#define LOOK_TIMEOUT_MS 5000

// ---------------------------------------------------------------- reading

static cli_exit exit_of(airs_status status)
{
    return status == AIRS_E_FAILED ? CLI_EXIT_DAMAGED : status == AIRS_E_INVALID ? CLI_EXIT_USAGE : cli_exit_of(status);
}

/// Where the log of a running node is, and its key unless the flags have another one. `ret_answer` has the folder.
static cli_exit ask_node(const cli_args *args, cli_audit_flags *flags, cJSON **ret_answer)
{
    cli_exit code = cli_remote_ask(args, "audit", NULL, "", LOOK_TIMEOUT_MS, ret_answer);
    if (code != CLI_EXIT_OK)
        return code;
    if (!flags->has_key)
        flags->has_key = cli_audit_key_parse(cli_field_text(*ret_answer, "key"), flags->key);
    return CLI_EXIT_OK;
}

/// Reads the log; what is wrong is printed.
static cli_exit read_log(const char *folder, const cli_audit_flags *flags, airs_audit_record_fn record,
                         airs_audit_report *ret_report)
{
    airs_audit_read_options options = {.folder = folder,
                                       .key = flags->has_key ? flags->key : NULL,
                                       .anchor = flags->has_anchor ? flags->anchor : NULL,
                                       .filter = &flags->filter,
                                       .record = record};
    airs_error error = {0};
    airs_status status = airs_audit_read(&options, ret_report, &error);
    if (status == AIRS_OK)
        return CLI_EXIT_OK;
    // What was shown before the damage stands before what is said of it.
    fflush(stdout);
    cli_error("%s", error.text);
    return exit_of(status);
}

// ---------------------------------------------------------------- query, export

/// "2026-11-23 12:30:01.250  refused  basket  files.read  /data/a  #12, grant 3, epoch 1, message 9"
static bool print_record(void *user, const airs_audit_record *record)
{
    (void)user;
    char time[CLI_TIME_MAX];
    printf("%s  %s%s%s  ", cli_time_format(time, record->time_ns / 1000000u, true),
           cli_style_on(stdout, record->allowed ? CLI_STYLE_GREEN : CLI_STYLE_RED),
           record->allowed   ? "allowed"
           : record->learned ? "learned"
                             : "refused",
           cli_style_on(stdout, CLI_STYLE_PLAIN));
    if (record->name.len > 0)
        cli_write_escaped(stdout, record->name.data, record->name.len);
    else if (record->actor.raw != 0)
        printf("#%" PRIu64, record->actor.raw);
    else
        putchar('-');
    printf("  %s.%s  ", record->kind, record->right);
    if (record->object.len > 0)
        cli_write_escaped(stdout, record->object.data, record->object.len);
    else
        putchar('-');
    printf("%s  %s#%" PRIu64, record->cut ? "..." : "", cli_style_on(stdout, CLI_STYLE_DIM), record->number);
    if (record->grant != AIRS_AUDIT_NO_GRANT)
        printf(", grant %" PRIu32, record->grant);
    if (record->epoch != 0)
        printf(", epoch %" PRIu64, record->epoch);
    if (record->message != 0)
        printf(", message %" PRIu64, record->message);
    printf("%s\n", cli_style_on(stdout, CLI_STYLE_PLAIN));
    return ferror(stdout) == 0;
}

static bool print_json_line(void *user, const airs_audit_record *record)
{
    (void)user;
    char text[AIRS_AUDIT_JSON_MAX];
    (void)airs_audit_to_json(record, text);
    puts(text);
    return ferror(stdout) == 0;
}

// ---------------------------------------------------------------- verify

static void print_hex(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        printf("%02x", bytes[i]);
    putchar('\n');
}

static void print_report(const airs_audit_report *report, bool has_key)
{
    char time[CLI_TIME_MAX];
    uint64_t count = report->records - report->first_record;
    printf("whole: %" PRIu64 " record%s", count, count == 1 ? "" : "s");
    if (count > 0)
        printf(" (%" PRIu64 " to %" PRIu64 ")", report->first_record, report->records - 1);
    printf(", segments %" PRIu32 " to %" PRIu32 ", %" PRIu64 " checkpoints, %s\n", report->first_segment,
           report->last_segment, report->checkpoints, report->closed ? "closed" : "not closed");
    if (report->torn_bytes > 0)
        printf("%" PRIu64 " bytes that a crash left unfinished do not count\n", report->torn_bytes);
    printf("last checkpoint  %s\nanchor           ", cli_time_format(time, report->time_ns / 1000000u, true));
    print_hex(report->anchor, sizeof report->anchor);
    printf("key              ");
    print_hex(report->key, sizeof report->key);
    if (!has_key)
        printf("That is the key which the log names itself: whose it is, --key would check.\n");
}

static void add_hex(cJSON *json, const char *key, const uint8_t *bytes, size_t len)
{
    char text[2 * AIRS_AUDIT_KEY_SIZE + 1] = "";
    for (size_t i = 0; i < len && i < AIRS_AUDIT_KEY_SIZE; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    cJSON_AddStringToObject(json, key, text);
}

static bool print_report_json(const airs_audit_report *report, bool has_key)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddBoolToObject(json, "whole", report->damage == AIRS_AUDIT_WHOLE);
    cJSON_AddStringToObject(json, "damage", airs_audit_damage_name(report->damage));
    if (report->damage != AIRS_AUDIT_WHOLE) {
        cJSON *where = cJSON_AddObjectToObject(json, "where");
        cJSON_AddNumberToObject(where, "segment", report->damage_segment);
        cJSON_AddNumberToObject(where, "byte", (double)report->damage_byte);
        cJSON_AddNumberToObject(where, "record", (double)report->damage_record);
    }
    cJSON_AddNumberToObject(json, "first_record", (double)report->first_record);
    cJSON_AddNumberToObject(json, "records", (double)report->records);
    cJSON_AddNumberToObject(json, "first_segment", report->first_segment);
    cJSON_AddNumberToObject(json, "last_segment", report->last_segment);
    cJSON_AddNumberToObject(json, "checkpoints", (double)report->checkpoints);
    cJSON_AddNumberToObject(json, "torn_bytes", (double)report->torn_bytes);
    cJSON_AddBoolToObject(json, "closed", report->closed);
    cJSON_AddNumberToObject(json, "time_ms", (double)(report->time_ns / 1000000u));
    add_hex(json, "anchor", report->anchor, sizeof report->anchor);
    add_hex(json, "key", report->key, sizeof report->key);
    cJSON_AddBoolToObject(json, "key_checked", has_key);
    return cli_write_json(json);
}

static cli_exit verify(const cli_args *args, const char *folder, const cli_audit_flags *flags)
{
    airs_audit_report report;
    cli_exit code = read_log(folder, flags, NULL, &report);
    if (code != CLI_EXIT_OK && code != CLI_EXIT_DAMAGED)
        return code;
    if (cli_args_json(args))
        return print_report_json(&report, flags->has_key) ? code : CLI_EXIT_FAILURE;
    if (code == CLI_EXIT_OK)
        print_report(&report, flags->has_key);
    return code;
}

// ---------------------------------------------------------------- the verb

static cli_exit audit_run(const cli_args *args)
{
    const char *what = cli_args_at(args, 0);
    cli_audit_flags flags;
    airs_error error = {0};
    if (cli_audit_flags_parse(&flags, args, strcmp(what, "verify") == 0, &error) != AIRS_OK)
        return cli_args_refuse(&error);
    cJSON *answer = NULL;
    const char *folder = cli_args_at(args, 1);
    cli_exit code = folder == NULL ? ask_node(args, &flags, &answer) : CLI_EXIT_OK;
    if (code != CLI_EXIT_OK)
        return code;
    if (folder == NULL)
        folder = cli_field_text(answer, "folder");
    bool json = strcmp(what, "export") == 0 || cli_args_json(args);
    airs_audit_report report;
    if (strcmp(what, "verify") == 0)
        code = verify(args, folder, &flags);
    else
        code = read_log(folder, &flags, json ? print_json_line : print_record, &report);
    cJSON_Delete(answer);
    return code;
}

const cli_command cli_command_audit = {
    .name = "audit",
    .arguments = "query|verify|export [FOLDER]",
    .arguments_min = 1,
    .arguments_max = 2,
    .choices = "query verify export",
    .summary = "shows what components were allowed and refused, and proves it",
    .details = "Reads an audit log: that of a running node, or the one in a folder, also while a\n"
               "node writes it.\n"
               "`query`: a line for each record: when, allowed or refused, which component,\n"
               "what, on what, the record's number, the number of the grant that decided.\n"
               "`export`: the same as JSON, one object on each line; so does `query -o json`.\n"
               "Both take flags that choose records; a record must fit all of them.\n"
               "\n"
               "All check the log on the way. `verify` does only that: it says how far the log\n"
               "reaches, and the hash of the last checkpoint; who keeps that elsewhere can give\n"
               "it as --anchor later. Of a damaged log it says what was done (changed, removed,\n"
               "reordered, truncated) and where, with exit code 9.\n"
               "\n"
               "A TIME is a date and time (2026-11-23 12:30, 2026-11-23T12:30:01Z), of this time\n"
               "zone but for a Z, or how long ago (90s, 2h). In a PATTERN * is any run of\n"
               "characters.\n",
    .flags = {CLI_FLAG_OUTPUT,
              {.name = "actor",
               .value = "NAME",
               .complete = CLI_COMPLETE_ACTOR,
               .help = "a component, by a pattern of its name, or its id"},
              {.name = "kind",
               .value = "KIND",
               .choices = "files network messaging spawn env config clock random stdio custom node operator",
               .help = "what it was about: files, network, messaging..."},
              {.name = "right", .value = "RIGHT", .help = "the right: read, files.read, connect..."},
              {.name = "object", .value = "PATTERN", .help = "on what: a path, a name, an endpoint"},
              {.name = "allowed", .help = "what was allowed"},
              {.name = "refused", .help = "what was refused"},
              {.name = "since", .value = "TIME", .help = "from this time on"},
              {.name = "until", .value = "TIME", .help = "before this time"},
              {.name = "message", .value = "ID", .help = "in whose handling it was"},
              {.name = "key",
               .value = "KEY",
               .complete = CLI_COMPLETE_FILE,
               .help = "the node's public key, or a file with it"},
              {.name = "anchor", .value = "HASH", .help = "a checkpoint that must be in the log"},
              CLI_FLAG_NODE,
              CLI_FLAG_SOCKET},
    .exits = CLI_EXIT_BIT(NOT_FOUND) | CLI_EXIT_BIT(DENIED) | CLI_EXIT_BIT(TIMEOUT) | CLI_EXIT_BIT(DAMAGED),
    .run = audit_run,
};
