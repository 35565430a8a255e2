/* SPDX-License-Identifier: Apache-2.0 */
#include <actor/table.h>

#include <actor/memory.h>
#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct cell {
        char *text;
        const char *colour; /* an SGR number, or NULL */
};

struct actor_table {
        const char *const *columns; /* borrowed: string literals */
        size_t column_count;
        struct cell *cells; /* row by row */
        size_t cell_count, cell_capacity;
};

struct actor_table *actor_table_new(const char *const *columns)
{
        struct actor_table *table = actor_zalloc(sizeof *table);
        table->columns = columns;
        while (columns[table->column_count] != NULL)
                table->column_count++;
        assert(table->column_count > 0);
        return table;
}

void actor_table_free(struct actor_table *table)
{
        if (table == NULL)
                return;
        for (size_t i = 0; i < table->cell_count; i++)
                free(table->cells[i].text);
        free(table->cells);
        free(table);
}

static struct cell *add_cell(struct actor_table *table, char *text_take)
{
        for (char *c = text_take; *c != '\0'; c++)
                if ((unsigned char) *c < ' ' || *c == 0x7f)
                        *c = '?';
        ACTOR_ARRAY_RESERVE(table->cells, table->cell_count, table->cell_capacity);
        struct cell *cell = &table->cells[table->cell_count++];
        *cell = (struct cell){text_take, NULL};
        return cell;
}

void actor_table_cell(struct actor_table *table, const char *text)
{
        add_cell(table, actor_strdup(text != NULL && *text != '\0' ? text : "-"));
}

void actor_table_cellf(struct actor_table *table, const char *format, ...)
{
        char text[512];
        va_list args;
        va_start(args, format);
        vsnprintf(text, sizeof text, format, args);
        va_end(args);
        actor_table_cell(table, text);
}

void actor_table_cell_coloured(struct actor_table *table, const char *text, const char *colour)
{
        add_cell(table, actor_strdup(text))->colour = colour;
}

/* Columns a text takes on a terminal: UTF-8 continuation bytes take none. */
static int text_width(const char *text)
{
        int width = 0;
        for (; *text != '\0'; text++)
                width += ((unsigned char) *text & 0xc0) != 0x80;
        return width;
}

static bool is_right(const char *column)
{
        return column[0] == '>';
}

static int column_width(const struct actor_table *table, size_t column)
{
        int width = text_width(table->columns[column]) - is_right(table->columns[column]);
        for (size_t i = column; i < table->cell_count; i += table->column_count) {
                int cell = text_width(table->cells[i].text);
                width = cell > width ? cell : width;
        }
        return width;
}

static void print_cell(FILE *out, const char *text, const char *colour, int width, bool right, bool last)
{
        int pad = width - text_width(text);
        if (right)
                fprintf(out, "%*s", pad, "");
        if (colour != NULL)
                fprintf(out, "\033[%sm%s\033[0m", colour, text);
        else
                fputs(text, out);
        if (last)
                fputc('\n', out);
        else
                fprintf(out, "%*s", (right ? 0 : pad) + 2, "");
}

void actor_table_print(const struct actor_table *table, FILE *out, const char *empty)
{
        assert(table->cell_count % table->column_count == 0);
        if (table->cell_count == 0) {
                fprintf(out, "%s\n", empty);
                return;
        }
        bool colour = isatty(fileno(out)) == 1;
        int *widths = actor_zalloc(table->column_count * sizeof *widths);
        for (size_t i = 0; i < table->column_count; i++) {
                widths[i] = column_width(table, i);
                bool right = is_right(table->columns[i]);
                print_cell(out, table->columns[i] + right, colour ? "1" : NULL, widths[i], right,
                           i + 1 == table->column_count);
        }
        for (size_t i = 0; i < table->cell_count; i++) {
                size_t column = i % table->column_count;
                print_cell(out, table->cells[i].text, colour ? table->cells[i].colour : NULL, widths[column],
                           is_right(table->columns[column]), column + 1 == table->column_count);
        }
        free(widths);
}
