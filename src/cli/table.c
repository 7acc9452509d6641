// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/table.h"

#include "cli/output.h"

#include <stdlib.h>
#include <string.h>

void cli_table_init(cli_table *table, const cli_column *columns, size_t columns_count)
{
    *table = (cli_table){.columns = columns, .columns_count = columns_count};
}

void cli_table_fini(cli_table *table)
{
    for (size_t i = 0; i < table->cells_count; i++)
        free(table->cells[i]);
    free(table->cells);
    *table = (cli_table){0};
}

static char *escaped(const char *text)
{
    char *made = NULL;
    size_t len;
    FILE *stream = open_memstream(&made, &len);
    if (!stream)
        return NULL;
    cli_write_escaped(stream, text, strlen(text));
    if (fclose(stream) == 0)
        return made;
    free(made);
    return NULL;
}

void cli_table_add(cli_table *table, const char *text)
{
    if (table->cells_count == table->cells_capacity) {
        size_t capacity = table->cells_capacity ? table->cells_capacity * 2 : 64;
        char **grown = realloc(table->cells, capacity * sizeof *grown);
        if (!grown) {
            table->failed = true;
            return;
        }
        table->cells = grown;
        table->cells_capacity = capacity;
    }
    char *cell = escaped(text);
    if (cell)
        table->cells[table->cells_count++] = cell;
    else
        table->failed = true;
}

size_t cli_text_width(const char *text)
{
    size_t width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

static size_t column_width(const cli_table *table, size_t column)
{
    size_t width = strlen(table->columns[column].title);
    for (size_t i = column; i < table->cells_count; i += table->columns_count) {
        size_t cell = cli_text_width(table->cells[i]);
        if (cell > width)
            width = cell;
    }
    return width;
}

static void print_cell(FILE *stream, const char *text, size_t width, bool right, bool last)
{
    int padding = (int)(width - cli_text_width(text));
    if (right)
        fprintf(stream, "%*s", padding, "");
    fputs(text, stream);
    if (!right && !last)
        fprintf(stream, "%*s", padding, "");
    fputs(last ? "\n" : "  ", stream);
}

bool cli_table_print(const cli_table *table, FILE *stream)
{
    size_t widths[CLI_COLUMNS_MAX];
    for (size_t i = 0; i < table->columns_count; i++)
        widths[i] = column_width(table, i);
    fputs(cli_style_on(stream, CLI_STYLE_BOLD), stream);
    for (size_t i = 0; i < table->columns_count; i++) {
        const cli_column *column = &table->columns[i];
        print_cell(stream, column->title, widths[i], column->right, i + 1 == table->columns_count);
    }
    fputs(cli_style_on(stream, CLI_STYLE_PLAIN), stream);
    for (size_t i = 0; i < table->cells_count; i++) {
        size_t column = i % table->columns_count;
        print_cell(stream, table->cells[i], widths[column], table->columns[column].right,
                   column + 1 == table->columns_count);
    }
    return !table->failed;
}
