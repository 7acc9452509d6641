// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/top_view.h"

#include "base/bytes.h"
#include "base/quantity.h"
#include "cli/draw.h"
#include "cli/fields.h"
#include "cli/output.h"
#include "cli/table.h"
#include "node/records.h"

#include <cjson/cJSON.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define KEYS "q quit  arrows move  Enter inspect  s sort  / filter  x stop"
#define LINE_MAX_BYTES 1024
// On a wide screen names do not drift away from what is said of them, and behind that stands what the actor is.
#define NAME_WIDTH_MAX 48
#define WHAT_FROM 130u

void cli_top_fini(cli_top *top)
{
    free(top->rows);
    free(top->shown);
    *top = (cli_top){0};
}

// ---------------------------------------------------------------- pictures

static int compare_ids(const void *a, const void *b)
{
    const cli_top_row *const *x = a;
    const cli_top_row *const *y = b;
    uint64_t left = (*x)->actor.id.raw;
    uint64_t right = (*y)->actor.id.raw;
    return left < right ? -1 : left > right;
}

/// What an actor has done since the picture before, when it was in that.
static void measure(cli_top_row *row, const cli_top_row **before, size_t count, double seconds)
{
    const cli_top_row *key = row;
    const cli_top_row **found = count > 0 ? bsearch(&key, before, count, sizeof *before, compare_ids) : NULL;
    row->rate = row->cpu = -1;
    if (!found || seconds <= 0)
        return;
    const airs_actor_info *old = &(*found)->actor;
    uint64_t handled = row->actor.messages_handled - old->messages_handled;
    uint64_t ran_ms = row->actor.execution_ms - old->execution_ms;
    row->rate = row->actor.messages_handled < old->messages_handled ? 0 : (double)handled / seconds;
    row->cpu = row->actor.execution_ms < old->execution_ms ? 0 : (double)ran_ms / seconds / 10;
}

/// How deep each stands: the supervisors above it are the rows before it.
static void find_depths(cli_top_row *rows, size_t count, airs_actor_id *above)
{
    size_t depth = 0;
    for (size_t i = 0; i < count; i++) {
        while (depth > 0 && !airs_actor_id_equal(above[depth - 1], rows[i].actor.supervisor))
            depth--;
        rows[i].depth = (uint32_t)depth;
        above[depth++] = rows[i].actor.id;
    }
}

bool cli_top_take(cli_top *top, const cJSON *result, uint64_t now_ns)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(result, "actors");
    size_t count = (size_t)cJSON_GetArraySize(list);
    cli_top_row *rows = calloc(count + 1, sizeof *rows);
    size_t *shown = calloc(count + 1, sizeof *shown);
    airs_actor_id *above = calloc(count + 1, sizeof *above);
    const cli_top_row **before = calloc(top->count + 1, sizeof *before);
    bool complete = rows && shown && above && before;
    if (complete) {
        for (size_t i = 0; i < top->count; i++)
            before[i] = &top->rows[i];
        qsort(before, top->count, sizeof *before, compare_ids);
        double seconds = top->taken_ns == 0 ? 0 : (double)(now_ns - top->taken_ns) / 1e9;
        const cJSON *actor;
        size_t filled = 0;
        cJSON_ArrayForEach(actor, list)
        {
            node_actor_parse(actor, &rows[filled].actor);
            rows[filled].canary = cli_canary_share(actor);
            measure(&rows[filled++], before, top->count, seconds);
        }
        find_depths(rows, count, above);
        free(top->rows);
        free(top->shown);
        top->rows = rows;
        top->shown = shown;
        top->count = count;
        top->taken_ns = now_ns;
        top->ready = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(result, "ready"));
        base_text_copy(top->app, sizeof top->app, base_bytes_of(cli_field_text(result, "app")));
        cli_top_arrange(top);
    } else {
        free(rows);
        free(shown);
    }
    free(above);
    free(before);
    return complete;
}

// ---------------------------------------------------------------- order and choice

static bool matches(const cli_top *top, const airs_actor_info *actor)
{
    if (!top->filter[0])
        return true;
    char what[CLI_WHAT_MAX];
    cli_actor_what(actor, what);
    if (strchr(top->filter, '*'))
        return fnmatch(top->filter, actor->name, 0) == 0 || fnmatch(top->filter, what, 0) == 0;
    return strcasestr(actor->name, top->filter) || strcasestr(what, top->filter) ||
           strcasestr(cli_actor_word(actor), top->filter);
}

/// Negative: `a` comes first. The larger number does; of equals, the one that comes first in the tree.
static int compare_rows(const cli_top_row *a, const cli_top_row *b, cli_top_sort sort)
{
    double left = 0;
    double right = 0;
    switch (sort) {
    case CLI_TOP_SORT_TREE:
        break;
    case CLI_TOP_SORT_MAILBOX:
        left = a->actor.mailbox_len, right = b->actor.mailbox_len;
        break;
    case CLI_TOP_SORT_RATE:
        left = a->rate, right = b->rate;
        break;
    case CLI_TOP_SORT_CPU:
        left = a->cpu, right = b->cpu;
        break;
    case CLI_TOP_SORT_MEMORY:
        left = (double)a->actor.memory, right = (double)b->actor.memory;
        break;
    case CLI_TOP_SORT_RESTARTS:
        left = (double)a->actor.restarts, right = (double)b->actor.restarts;
        break;
    case CLI_TOP_SORT_NAME:
        return strcmp(a->actor.name, b->actor.name);
    }
    return left > right ? -1 : left < right;
}

static int compare_shown(const void *a, const void *b, void *user)
{
    const cli_top *top = user;
    size_t x = *(const size_t *)a;
    size_t y = *(const size_t *)b;
    int order = compare_rows(&top->rows[x], &top->rows[y], top->sort);
    return order != 0 ? order : x < y ? -1 : x > y;
}

void cli_top_arrange(cli_top *top)
{
    top->shown_count = 0;
    for (size_t i = 0; i < top->count; i++) {
        if (matches(top, &top->rows[i].actor))
            top->shown[top->shown_count++] = i;
    }
    qsort_r(top->shown, top->shown_count, sizeof *top->shown, compare_shown, top);
    // The mark follows its actor; of one that is gone it stays where it is.
    for (size_t i = 0; i < top->shown_count; i++) {
        if (airs_actor_id_equal(top->rows[top->shown[i]].actor.id, top->selected_id))
            top->selected = i;
    }
    cli_top_move(top, 0);
}

void cli_top_move(cli_top *top, long rows)
{
    if (top->shown_count == 0) {
        top->selected = 0;
        return;
    }
    size_t last = top->shown_count - 1;
    if (top->selected > last)
        top->selected = last;
    if (rows < 0)
        top->selected -= (size_t)-rows < top->selected ? (size_t)-rows : top->selected;
    else
        top->selected = (size_t)rows < last - top->selected ? top->selected + (size_t)rows : last;
    top->selected_id = top->rows[top->shown[top->selected]].actor.id;
}

const cli_top_row *cli_top_selected(const cli_top *top)
{
    return top->shown_count == 0 ? NULL : &top->rows[top->shown[top->selected]];
}

// ---------------------------------------------------------------- lines

static const char *on(const cli_top_screen *screen, const char *sequence)
{
    return screen->styled ? sequence : "";
}

/// Where the screen's width ends in a text, in bytes.
static size_t fit(const char *text, size_t columns)
{
    size_t len = 0;
    while (text[len]) {
        if (((unsigned char)text[len] & 0xc0) != 0x80 && columns-- == 0)
            break;
        len++;
    }
    return len;
}

/// Writes a line, cut to the screen; `style` is its sequence, or "". With a frame the rest of the line is cleared.
static void put_line(const cli_top_screen *screen, FILE *stream, const char *style, const char *text)
{
    size_t len = fit(text, screen->width);
    fprintf(stream, "%s%.*s%s%s\n", on(screen, style), (int)len, text, on(screen, *style ? "\033[0m" : ""),
            on(screen, "\033[K"));
}

/// Makes text of strangers fit for a line.
static void escape(char *to, size_t size, const char *from)
{
    FILE *stream = fmemopen(to, size, "w");
    to[0] = '\0';
    if (!stream)
        return;
    setvbuf(stream, NULL, _IONBF, 0);
    cli_write_escaped(stream, from, strlen(from));
    fclose(stream);
    to[size - 1] = '\0';
}

/// The columns beside the name; those at the end go first where there is little room.
typedef struct column {
    const char *title;
    int width;
    /// Shown from this width of the screen on.
    unsigned from;
} column;

enum {
    STATE,
    MAILBOX,
    RATE,
    CPU,
    MEMORY,
    RESTARTS,
    UPTIME,
    COLUMNS
};

static const column columns[COLUMNS] = {
    [STATE] = {"STATE", 12, 0},   [MAILBOX] = {"MAILBOX", 7, 30}, [RATE] = {"MSG/S", 6, 40},
    [CPU] = {"CPU%", 5, 50},      [MEMORY] = {"MEMORY", 9, 60},   [RESTARTS] = {"RESTARTS", 8, 70},
    [UPTIME] = {"UPTIME", 6, 78},
};

static int name_width(const cli_top_screen *screen)
{
    int left = (int)screen->width;
    for (int i = 0; i < COLUMNS; i++)
        left -= screen->width >= columns[i].from ? columns[i].width + 1 : 0;
    if (left > NAME_WIDTH_MAX)
        left = NAME_WIDTH_MAX;
    return left > 4 ? left : 4;
}

/// Puts the cells of a line together; `name` and `what` are escaped, and what it is stands where there is room.
static void join(const cli_top_screen *screen, char line[LINE_MAX_BYTES], const char *name,
                 char cells[COLUMNS][BASE_QUANTITY_MAX], const char *what)
{
    int room = name_width(screen);
    size_t len = fit(name, (size_t)room);
    int padding = room - (int)cli_text_width(name);
    int used = snprintf(line, LINE_MAX_BYTES, "%.*s%*s %-*.*s", (int)len, name, padding > 0 ? padding : 0, "",
                        columns[STATE].width, columns[STATE].width, cells[STATE]);
    for (int i = MAILBOX; i < COLUMNS && used > 0 && used < LINE_MAX_BYTES; i++) {
        if (screen->width >= columns[i].from)
            used += snprintf(line + used, (size_t)(LINE_MAX_BYTES - used), " %*s", columns[i].width, cells[i]);
    }
    if (used > 0 && used < LINE_MAX_BYTES && screen->width >= WHAT_FROM)
        (void)snprintf(line + used, (size_t)(LINE_MAX_BYTES - used), "  %s", what);
}

/// "1234", "12.3k", "-" of nothing known.
static void format_number(char text[BASE_QUANTITY_MAX], double number)
{
    if (number < 0)
        snprintf(text, BASE_QUANTITY_MAX, "-");
    else if (number < 100000)
        snprintf(text, BASE_QUANTITY_MAX, "%.0f", number);
    else if (number < 1e8)
        snprintf(text, BASE_QUANTITY_MAX, "%.0fk", number / 1e3);
    else
        snprintf(text, BASE_QUANTITY_MAX, "%.0fM", number / 1e6);
}

/// "3m 20s" without its space, to stand in a column.
static void format_uptime(char text[BASE_QUANTITY_MAX], uint64_t uptime_ms)
{
    char full[BASE_QUANTITY_MAX];
    size_t used = 0;
    if (uptime_ms == 0) {
        snprintf(text, BASE_QUANTITY_MAX, "-");
        return;
    }
    // Whole seconds: nobody reads the milliseconds of a line that changes each second.
    base_duration_format(full, uptime_ms < 1000 ? uptime_ms * 1000000u : uptime_ms / 1000 * 1000000000u);
    for (const char *at = full; *at; at++) {
        if (*at != ' ')
            text[used++] = *at;
    }
    text[used] = '\0';
}

/// "ready", "backoff", of a ready one on which a canary runs "canary 5%": what is not well matters more.
static void format_state(char text[BASE_QUANTITY_MAX], const cli_top_row *row)
{
    char share[BASE_QUANTITY_MAX];
    const char *word = cli_actor_word(&row->actor);
    if (row->canary < 0 || strcmp(word, "ready") != 0)
        snprintf(text, BASE_QUANTITY_MAX, "%s", word);
    else if (row->canary > 0 && row->canary < 0.1)
        snprintf(text, BASE_QUANTITY_MAX, "canary <0.1%%");
    else if (row->canary < 10)
        snprintf(text, BASE_QUANTITY_MAX, "canary %.16s%%", base_number_format(share, row->canary, 2));
    else
        snprintf(text, BASE_QUANTITY_MAX, "canary %.0f%%", row->canary);
}

/// "#281474993487878"; where that does not fit its end, in which siblings differ.
static void format_number_of(char text[24], airs_actor_id id, int room)
{
    int len = snprintf(text, 24, "#%" PRIu64, id.raw);
    if (len <= room || room < 6)
        return;
    char whole[24];
    memcpy(whole, text, sizeof whole);
    snprintf(text, 24, "#..%s", whole + len - (room - 3));
}

static void draw_row(const cli_top *top, const cli_top_screen *screen, FILE *stream, size_t place)
{
    const cli_top_row *row = &top->rows[top->shown[place]];
    const airs_actor_info *actor = &row->actor;
    char name[600];
    char line[LINE_MAX_BYTES];
    char cells[COLUMNS][BASE_QUANTITY_MAX];
    bool tree = top->sort == CLI_TOP_SORT_TREE && !top->filter[0];
    uint32_t depth = tree ? row->depth < 20 ? row->depth : 20 : 0;
    char number[24];
    char what[600];
    format_number_of(number, actor->id, name_width(screen) - (int)(2 * depth));
    snprintf(name, sizeof name, "%*s", (int)(2 * depth), "");
    const char *own = actor->supervisor.raw == 0 && !actor->name[0] ? "(root)" : number;
    escape(name + 2 * depth, sizeof name - 2 * depth, actor->name[0] ? actor->name : own);
    format_state(cells[STATE], row);
    format_number(cells[MAILBOX], actor->mailbox_len);
    format_number(cells[RATE], row->rate);
    format_number(cells[CPU], actor->kind == AIRS_KIND_COMPONENT ? row->cpu : -1);
    base_size_format(cells[MEMORY], actor->memory);
    format_number(cells[RESTARTS], (double)actor->restarts);
    format_uptime(cells[UPTIME], actor->uptime_ms);
    char text[CLI_WHAT_MAX];
    escape(what, sizeof what, cli_actor_what(actor, text));
    join(screen, line, name, cells, what);
    bool marked = screen->height > 0 && place == top->selected;
    bool well =
        actor->state == AIRS_ACTOR_READY && actor->hold == AIRS_HOLD_NONE && actor->health == AIRS_HEALTH_HEALTHY;
    put_line(screen, stream, marked ? "\033[7m" : well ? "" : "\033[33m", line);
}

/// "shop  ready  12 actors  1,234 msg/s  12 MiB  3 restarts"
static void draw_heading(const cli_top *top, const cli_top_screen *screen, FILE *stream)
{
    char app[300];
    char line[LINE_MAX_BYTES];
    char size[BASE_QUANTITY_MAX];
    char number[BASE_QUANTITY_MAX];
    double rate = -1;
    uint64_t memory = 0;
    uint64_t restarts = 0;
    uint64_t mailbox = 0;
    for (size_t i = 0; i < top->count; i++) {
        const cli_top_row *row = &top->rows[i];
        if (row->rate >= 0)
            rate = (rate < 0 ? 0 : rate) + row->rate;
        memory += row->actor.memory;
        restarts += row->actor.restarts;
        mailbox += row->actor.mailbox_len;
    }
    escape(app, sizeof app, top->app);
    format_number(number, rate);
    snprintf(line, sizeof line, "%s  %s  %zu actor%s  %s msg/s  %" PRIu64 " waiting  %s  %" PRIu64 " restart%s", app,
             top->ready ? "ready" : "not ready", top->count, top->count == 1 ? "" : "s", number, mailbox,
             base_size_format(size, memory), restarts, restarts == 1 ? "" : "s");
    put_line(screen, stream, "\033[1m", line);
}

static const char *sort_name(cli_top_sort sort)
{
    static const char *const names[] = {"tree", "mailbox", "rate", "cpu", "memory", "restarts", "name"};
    return names[sort];
}

static void draw_bottom(const cli_top *top, const cli_top_screen *screen, FILE *stream)
{
    char line[LINE_MAX_BYTES];
    char filter[4 * CLI_TOP_FILTER_MAX];
    escape(filter, sizeof filter, top->filter);
    if (screen->message)
        escape(line, sizeof line, screen->message);
    else
        snprintf(line, sizeof line, "%s  [%s%s%s]", KEYS, sort_name(top->sort), *filter ? " /" : "", filter);
    size_t len = fit(line, screen->width);
    // No line feed: it would move the screen up.
    fprintf(stream, "%s%.*s%s%s", on(screen, "\033[2m"), (int)len, line, on(screen, "\033[0m"), on(screen, "\033[K"));
}

void cli_top_draw(cli_top *top, const cli_top_screen *screen, FILE *stream)
{
    char line[LINE_MAX_BYTES];
    char titles[COLUMNS][BASE_QUANTITY_MAX];
    for (int i = 0; i < COLUMNS; i++)
        snprintf(titles[i], BASE_QUANTITY_MAX, "%s", columns[i].title);
    fputs(on(screen, "\033[H"), stream);
    draw_heading(top, screen, stream);
    join(screen, line, "NAME", titles, "COMPONENT");
    put_line(screen, stream, "\033[7m", line);
    bool whole = screen->height == 0;
    size_t room = whole ? top->shown_count : screen->height > 3 ? screen->height - 3 : 1;
    if (top->selected < top->first)
        top->first = top->selected;
    if (top->selected >= top->first + room)
        top->first = top->selected - room + 1;
    // No empty lines at the end while rows are hidden above.
    if (top->first + room > top->shown_count)
        top->first = top->shown_count > room ? top->shown_count - room : 0;
    for (size_t i = 0; i < room; i++) {
        if (top->first + i < top->shown_count)
            draw_row(top, screen, stream, top->first + i);
        else
            put_line(screen, stream, "", "");
    }
    if (!whole)
        draw_bottom(top, screen, stream);
}

// ---------------------------------------------------------------- one actor

static void put_field(const cli_top_screen *screen, FILE *stream, unsigned *left, const char *label, const char *text)
{
    char line[LINE_MAX_BYTES + 256];
    char value[LINE_MAX_BYTES - 32];
    if (*left == 0)
        return;
    (*left)--;
    escape(value, sizeof value, text);
    snprintf(line, sizeof line, "%-14s%s", label, value);
    put_line(screen, stream, "", line);
}

static void put_limit(const cli_top_screen *screen, FILE *stream, unsigned *left, const cJSON *limit)
{
    char used[BASE_QUANTITY_MAX];
    char most[BASE_QUANTITY_MAX] = "no limit";
    char text[128];
    bool bytes = strcmp(cli_field_text(limit, "unit"), "bytes") == 0;
    uint64_t now = cli_field_number(limit, "used");
    uint64_t max = cli_field_number(limit, "max");
    if (!cJSON_HasObjectItem(limit, "used"))
        snprintf(used, sizeof used, "-");
    else if (bytes)
        base_size_format(used, now);
    else
        snprintf(used, sizeof used, "%" PRIu64, now);
    if (cJSON_HasObjectItem(limit, "max") && bytes)
        base_size_format(most, max);
    else if (cJSON_HasObjectItem(limit, "max"))
        snprintf(most, sizeof most, "%" PRIu64, max);
    snprintf(text, sizeof text, "%s of %s%s", used, most,
             max > 0 && strcmp(cli_field_text(limit, "unit"), "ms") == 0 ? " ms" : "");
    // The names are long: "log_lines_per_second".
    char line[160];
    snprintf(line, sizeof line, "  %-22s%s", cli_field_text(limit, "name"), text);
    put_field(screen, stream, left, line, "");
}

void cli_top_draw_actor(const cJSON *result, const cli_top_screen *screen, FILE *stream)
{
    airs_actor_info actor;
    char what[CLI_WHAT_MAX];
    char text[BASE_QUANTITY_MAX];
    char canary[CLI_CANARY_MAX];
    unsigned left = screen->height > 1 ? screen->height - 1 : 1;
    node_actor_parse(result, &actor);
    fputs(on(screen, "\033[H"), stream);
    put_field(screen, stream, &left, "name", *actor.name ? actor.name : "(no name)");
    put_field(screen, stream, &left, "id", cli_field_text(result, "id"));
    put_field(screen, stream, &left, "component", cli_actor_what(&actor, what));
    put_field(screen, stream, &left, "state", cli_actor_word(&actor));
    if (*cli_canary_text(canary, result))
        put_field(screen, stream, &left, "canary", canary);
    put_field(screen, stream, &left, "ready for", base_duration_format(text, actor.uptime_ms * 1000000u));
    snprintf(text, sizeof text, "%" PRIu64, actor.restarts);
    put_field(screen, stream, &left, "restarts", text);
    snprintf(text, sizeof text, "%" PRIu64, actor.messages_handled);
    put_field(screen, stream, &left, "handled", text);
    snprintf(text, sizeof text, "%" PRIu64, actor.messages_failed);
    put_field(screen, stream, &left, "failed", text);
    if (*actor.health_text)
        put_field(screen, stream, &left, "health", actor.health_text);
    if (*actor.last_failure)
        put_field(screen, stream, &left, "last failure", actor.last_failure);
    const cJSON *limit;
    put_field(screen, stream, &left, "limits", "");
    cJSON_ArrayForEach(limit, cJSON_GetObjectItemCaseSensitive(result, "limits"))
        put_limit(screen, stream, &left, limit);
    while (left > 0)
        put_field(screen, stream, &left, "", "");
    size_t len = fit("any key: back", screen->width);
    fprintf(stream, "%s%.*s%s%s", on(screen, "\033[2m"), (int)len, "any key: back", on(screen, "\033[0m"),
            on(screen, "\033[K"));
}
