// SPDX-License-Identifier: MIT OR Apache-2.0
/// What `airssys top` shows: two pictures of a node, one after the other, as lines that fit a screen. No terminal here.
#ifndef AIRS_CLI_TOP_VIEW_H
#define AIRS_CLI_TOP_VIEW_H

#include "airssys/system.h"

#include <stdio.h>

struct cJSON;

/// What the rows are ordered by; TREE keeps each supervisor before its children.
typedef enum cli_top_sort {
    CLI_TOP_SORT_TREE = 0,
    CLI_TOP_SORT_MAILBOX,
    CLI_TOP_SORT_RATE,
    CLI_TOP_SORT_CPU,
    CLI_TOP_SORT_MEMORY,
    CLI_TOP_SORT_RESTARTS,
    CLI_TOP_SORT_NAME,
} cli_top_sort;
#define CLI_TOP_SORTS "tree mailbox rate cpu memory restarts name"

#define CLI_TOP_FILTER_MAX 64

typedef struct cli_top_row {
    airs_actor_info actor;
    /// The share of the canary that runs on it, in percent; negative: none does.
    double canary;
    uint32_t depth;
    /// Messages handled in a second, and of one processor how much it took in percent, between the last two pictures;
    /// negative: there is only one.
    double rate;
    double cpu;
} cli_top_row;

/// All zero is one that has taken no picture.
typedef struct cli_top {
    char app[66];
    bool ready;
    cli_top_row *rows;
    size_t count;
    /// Which of the rows are shown, in their order.
    size_t *shown;
    size_t shown_count;
    cli_top_sort sort;
    char filter[CLI_TOP_FILTER_MAX];
    /// The row that is marked, as a place in `shown`, and the actor of it; the first row on the screen.
    size_t selected;
    airs_actor_id selected_id;
    size_t first;
    uint64_t taken_ns;
} cli_top;

void cli_top_fini(cli_top *top);

/// Takes a picture: the result of the verb `ps`, at `now_ns` of a clock that goes on. False when there was no memory;
/// then the one before stays.
bool cli_top_take(cli_top *top, const struct cJSON *result, uint64_t now_ns);

/// Orders and chooses the rows anew; what was marked stays so where it is still shown.
void cli_top_arrange(cli_top *top);

/// Moves the mark by so many rows, and stops at the ends.
void cli_top_move(cli_top *top, long rows);

/// The actor that is marked; NULL when there is none.
const cli_top_row *cli_top_selected(const cli_top *top);

/// How a screen is filled.
typedef struct cli_top_screen {
    /// Columns, and lines; 0 lines: as many as there are rows, and no mark.
    unsigned width;
    unsigned height;
    /// Escape sequences for colours, the mark and the cursor are written; else plain text.
    bool styled;
    /// The line at the bottom; NULL: the keys.
    const char *message;
} cli_top_screen;

/// Draws a whole frame: a heading, the titles, the rows, the line at the bottom. No line is longer than the screen is
/// wide; text of strangers is escaped.
void cli_top_draw(cli_top *top, const cli_top_screen *screen, FILE *stream);

/// Draws one actor and its limits: the result of the verb `inspect`.
void cli_top_draw_actor(const struct cJSON *result, const cli_top_screen *screen, FILE *stream);

#endif
