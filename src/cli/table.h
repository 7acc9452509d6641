// SPDX-License-Identifier: MIT OR Apache-2.0
/// Columns that line up.
#ifndef AIRS_CLI_TABLE_H
#define AIRS_CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define CLI_COLUMNS_MAX 12

typedef struct cli_column {
    const char *title;
    /// Numbers and sizes stand at the right.
    bool right;
} cli_column;

typedef struct cli_table {
    const cli_column *columns;
    size_t columns_count;
    /// Row by row, escaped for a terminal; owned.
    char **cells;
    size_t cells_count;
    size_t cells_capacity;
    bool failed;
} cli_table;

/// `columns` is borrowed. Ended with `cli_table_fini`.
void cli_table_init(cli_table *table, const cli_column *columns, size_t columns_count);
void cli_table_fini(cli_table *table);

/// Adds the next cell of the row; control characters are escaped. Out of memory is remembered for `print`.
void cli_table_add(cli_table *table, const char *text);

/// Prints the titles and the rows. False when there was no memory for all of it.
bool cli_table_print(const cli_table *table, FILE *stream);

/// Columns on a terminal that a text takes, when each character takes one.
size_t cli_text_width(const char *text);

#endif
