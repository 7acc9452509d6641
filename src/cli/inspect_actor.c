// SPDX-License-Identifier: MIT OR Apache-2.0
/// airssys inspect NAME: an actor of a running node, and each of its limits against what it uses.
#include "cli/inspect_actor.h"
#include "base/quantity.h"
#include "cli/args.h"
#include "cli/draw.h"
#include "cli/fields.h"
#include "cli/output.h"
#include "cli/remote.h"
#include "cli/table.h"
#include "node/records.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <string.h>

#define INSPECT_TIMEOUT_MS 5000

static void print_line(const char *label, const char *text)
{
    if (!*text)
        return;
    printf("%-13s", label);
    cli_write_escaped(stdout, text, strlen(text));
    putchar('\n');
}

static void print_number(const char *label, uint64_t number)
{
    printf("%-13s%" PRIu64 "\n", label, number);
}

/// "ready for 3m 20s", "backoff, starts in 1.2 s".
static void print_state(const airs_actor_info *actor)
{
    char duration[BASE_QUANTITY_MAX];
    printf("%-13s%s", "state", cli_actor_word(actor));
    if (actor->hold == AIRS_HOLD_BACKOFF)
        printf(", starts in %s", base_duration_format(duration, actor->restart_due_ms * 1000000u));
    if (actor->uptime_ms > 0)
        printf(" for %s", base_duration_format(duration, actor->uptime_ms * 1000000u));
    putchar('\n');
}

static void print_actor(const cJSON *json)
{
    airs_actor_info actor;
    node_actor_parse(json, &actor);
    char what[CLI_WHAT_MAX];
    print_line("name", *actor.name ? actor.name : "(no name)");
    print_line("id", cli_field_text(json, "id"));
    print_line("kind", cli_field_text(json, "kind"));
    print_line("component", cli_actor_what(&actor, what));
    print_state(&actor);
    print_line("health", actor.health_text);
    print_line("restart", cli_field_text(json, "restart"));
    print_number("restarts", actor.restarts);
    print_number("handled", actor.messages_handled);
    print_number("failed", actor.messages_failed);
    print_line("last failure", actor.last_failure);
}

static void print_counts(const char *what, const char *version, const cJSON *counts)
{
    char line[160], p50[BASE_QUANTITY_MAX], p99[BASE_QUANTITY_MAX];
    snprintf(line, sizeof line, "%s: %" PRIu64 " handled, %" PRIu64 " failed, p50 %s, p99 %s", version,
             cli_field_number(counts, "handled"), cli_field_number(counts, "failed"),
             base_duration_format(p50, cli_field_number(counts, "p50_us") * 1000u),
             base_duration_format(p99, cli_field_number(counts, "p99_us") * 1000u));
    print_line(what, line);
}

/// The canary that runs, and what both versions have done.
static void print_canary(const cJSON *json)
{
    if (!json)
        return;
    char line[160], age[BASE_QUANTITY_MAX], share[BASE_QUANTITY_MAX];
    snprintf(line, sizeof line, "%s%% by %s, %" PRIu64 " of %" PRIu64 " actors, for %s",
             base_number_format(share, (double)cli_field_number(json, "ppm") / 10000.0, 6), cli_field_text(json, "by"),
             cli_field_number(json, "actors"), cli_field_number(json, "actors_all"),
             base_duration_format(age, cli_field_number(json, "age_ms") * 1000000u));
    putchar('\n');
    print_line("canary", line);
    print_counts("  old", cli_field_text(json, "old_version"), cJSON_GetObjectItemCaseSensitive(json, "old"));
    print_counts("  new", cli_field_text(json, "new_version"), cJSON_GetObjectItemCaseSensitive(json, "new"));
    if (cli_field_text(json, "promote_when")[0])
        print_line("  promote when", cli_field_text(json, "promote_when"));
    if (cli_field_text(json, "rollback_when")[0])
        print_line("  rollback when", cli_field_text(json, "rollback_when"));
}

/// A number of a limit in its unit; "-" when it is not there.
static const char *format(char text[BASE_QUANTITY_MAX], const cJSON *limit, const char *key)
{
    if (!cJSON_HasObjectItem(limit, key))
        return "-";
    uint64_t number = cli_field_number(limit, key);
    const char *unit = cli_field_text(limit, "unit");
    if (strcmp(unit, "bytes") == 0)
        return base_size_format(text, number);
    if (strcmp(unit, "ms") == 0)
        return base_duration_format(text, number * 1000000u);
    snprintf(text, BASE_QUANTITY_MAX, "%" PRIu64, number);
    return text;
}

/// "512 KiB of 16 MiB" in three columns, and how often it was not enough.
static bool print_limits(const cJSON *limits)
{
    static const cli_column columns[] = {{"LIMIT", false}, {"USED", true}, {"OF", true}, {"REFUSED", true}};
    cli_table table;
    cli_table_init(&table, columns, sizeof columns / sizeof *columns);
    const cJSON *limit;
    cJSON_ArrayForEach(limit, limits)
    {
        char text[BASE_QUANTITY_MAX];
        cli_table_add(&table, cli_field_text(limit, "name"));
        cli_table_add(&table, format(text, limit, "used"));
        cli_table_add(&table, cJSON_HasObjectItem(limit, "max") ? format(text, limit, "max") : "no limit");
        snprintf(text, sizeof text, "%" PRIu64, cli_field_number(limit, "refused"));
        cli_table_add(&table, cJSON_HasObjectItem(limit, "refused") ? text : "-");
    }
    putchar('\n');
    bool complete = cli_table_print(&table, stdout);
    cli_table_fini(&table);
    return complete;
}

/// What its component asks for, and what of it is granted.
static bool print_requests(const cJSON *result)
{
    static const cli_column columns[] = {{"REQUEST", false}, {"GRANTED", false}};
    const cJSON *requests = cJSON_GetObjectItemCaseSensitive(result, "requests");
    const cJSON *wrong = cJSON_GetObjectItemCaseSensitive(result, "requests_error");
    if (wrong) {
        putchar('\n');
        print_line("requests", cli_field_text(result, "requests_error"));
    }
    if (cJSON_GetArraySize(requests) == 0)
        return true;
    cli_table table;
    cli_table_init(&table, columns, sizeof columns / sizeof *columns);
    const cJSON *one;
    cJSON_ArrayForEach(one, requests)
    {
        const char *verdict = cli_field_text(one, "verdict");
        cli_table_add(&table, cli_field_text(one, "request"));
        cli_table_add(&table, strcmp(verdict, "granted") == 0 ? "yes" : verdict);
    }
    putchar('\n');
    bool complete = cli_table_print(&table, stdout);
    cli_table_fini(&table);
    return complete;
}

cli_exit cli_inspect_actor(const cli_args *args)
{
    const char *name = cli_args_at(args, 0);
    cJSON *result = NULL;
    cli_exit code = cli_remote_ask(args, "inspect", cli_remote_request(name), name, INSPECT_TIMEOUT_MS, &result);
    if (code != CLI_EXIT_OK)
        return code;
    if (cli_args_json(args))
        return cli_write_json(result) ? CLI_EXIT_OK : CLI_EXIT_FAILURE;
    print_actor(result);
    print_canary(cJSON_GetObjectItemCaseSensitive(result, "canary"));
    bool complete = print_limits(cJSON_GetObjectItemCaseSensitive(result, "limits"));
    complete = print_requests(result) && complete;
    cJSON_Delete(result);
    if (!complete)
        cli_error("out of memory: the limits or the requests");
    return complete ? CLI_EXIT_OK : CLI_EXIT_FAILURE;
}
