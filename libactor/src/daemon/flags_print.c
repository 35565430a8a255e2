/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flag_value.h"

#include <actor/memory.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 92
#define HELP_COLUMN_MAX 36

/* Writes words from column `column` on, wrapped at WIDTH and indented to `indent`. */
static size_t print_wrapped(FILE *out, const char *text, size_t column, size_t indent)
{
        while (*(text += strspn(text, " "))) {
                size_t size = strcspn(text, " ");
                if (column > indent && column + 1 + size > WIDTH) {
                        fprintf(out, "\n%*s", (int) indent, "");
                        column = indent;
                } else if (column > indent) {
                        fputc(' ', out);
                        column++;
                }
                fwrite(text, 1, size, out);
                column += size;
                text += size;
        }
        return column;
}

static char *variable_of(const struct actor_flag_set *set, const char *name)
{
        char *variable = actor_asprintf("%s%s", set->env_prefix ? set->env_prefix : "", name);
        for (char *at = variable; *at; at++)
                *at = (char) toupper((unsigned char) *at);
        return variable;
}

static char *head_of(const struct actor_flag *flag)
{
        if (flag->type == FLAG_bool)
                return actor_asprintf("--[no-]%s", flag->name);
        return actor_asprintf("--%s=%s", flag->name, flag_value_placeholder(flag));
}

/* "Default: 5051. Accepts 1..65535. Environment: TROUPE_PORT." */
static char *facts_of(const struct actor_flag_set *set, const struct actor_flag *flag)
{
        CLEANUP(actor_freep) char *variable = variable_of(set, flag->name);
        bool ranged = flag->accepts && flag->accepts[0];
        bool quoted = flag->default_text && flag->default_text[0] == '\0';
        return actor_asprintf("Default: %s.%s%s%s%s%s%s",
                              !flag->default_text ? "none"
                              : quoted            ? "\"\""
                                                  : flag->default_text,
                              ranged ? " Accepts " : "", ranged ? flag->accepts : "", ranged ? "." : "",
                              set->env_prefix ? " Environment: " : "", set->env_prefix ? variable : "",
                              set->env_prefix ? "." : "");
}

static size_t help_column(const struct actor_flag_set *set)
{
        size_t column = strlen("  --flags_file=PATH") + 2;
        for (const struct actor_flag *flag = set->flags; flag->name; flag++) {
                CLEANUP(actor_freep) char *head = head_of(flag);
                size_t size = strlen(head) + 4;
                if (size > column && size <= HELP_COLUMN_MAX)
                        column = size;
        }
        return column;
}

static void print_entry(FILE *out, const char *head, const char *help, const char *facts, size_t indent)
{
        size_t size = strlen(head) + 2;
        fprintf(out, "  %s", head);
        if (size + 2 > indent)
                fprintf(out, "\n%*s", (int) indent, "");
        else
                fprintf(out, "%*s", (int) (indent - size), "");
        size_t column = print_wrapped(out, help, indent, indent);
        if (facts)
                (void) print_wrapped(out, facts, column, indent);
        fputc('\n', out);
}

static const struct {
        const char *head, *help;
} specials[] = {
        {"--flags_file=PATH", "Read flags from a file, one name=value a line; # begins a comment line."},
        {"--help", "Show this text."},
        {"--version", "Show the version."},
        {"--man", "Print the manual page, for man(1): --man | man -l -."},
};
#define SPECIAL_COUNT (sizeof specials / sizeof *specials)

void actor_flags_print_help(const struct actor_flag_set *set, FILE *out)
{
        size_t indent = help_column(set);
        fprintf(out, "Usage: %s [--FLAG=VALUE ...]%s%s\n\n", set->program, set->arguments ? " " : "",
                set->arguments ? set->arguments : "");
        (void) print_wrapped(out, set->purpose, 0, 0);
        fprintf(out, "\n\nFlags:\n");
        for (const struct actor_flag *flag = set->flags; flag->name; flag++) {
                CLEANUP(actor_freep) char *head = head_of(flag);
                CLEANUP(actor_freep) char *facts = facts_of(set, flag);
                print_entry(out, head, flag->help, facts, indent);
        }
        for (size_t i = 0; i < SPECIAL_COUNT; i++)
                print_entry(out, specials[i].head, specials[i].help, NULL, indent);
        fprintf(out, "\n");
        (void) print_wrapped(
                out,
                "A DURATION is a number and a unit (15secs; ns us ms secs mins hrs days weeks), a SIZE a "
                "whole number and a unit (64MB; B KB MB GB TB). The command line wins over the file, the "
                "file over the environment.",
                0, 0);
        fprintf(out, "\n");
}

/* ---- the man page ----------------------------------------------------------------------------- */

/* Text for groff: '-' must stay what people type, and no line may begin a request. */
static void print_groff(FILE *out, const char *text)
{
        if (*text == '.' || *text == '\'')
                fputs("\\&", out);
        for (; *text; text++) {
                if (*text == '-')
                        fputs("\\-", out);
                else if (*text == '\\')
                        fputs("\\e", out);
                else
                        fputc(*text == '\n' ? ' ' : *text, out);
        }
}

static void print_groff_line(FILE *out, const char *before, const char *text)
{
        fputs(before, out);
        print_groff(out, text);
        fputc('\n', out);
}

static void print_groff_entry(FILE *out, const char *head, const char *help, const char *facts)
{
        print_groff_line(out, ".TP\n.B ", head);
        print_groff_line(out, "", help);
        if (facts)
                print_groff_line(out, "", facts);
}

/* The page of "troupe ps" is troupe-ps. */
static char *page_name(const struct actor_flag_set *set)
{
        char *name = actor_strdup(set->program);
        for (char *at = name; *at; at++)
                if (*at == ' ')
                        *at = '-';
        return name;
}

static void print_title(const struct actor_flag_set *set, const char *page, FILE *out)
{
        CLEANUP(actor_freep) char *title = actor_strdup(page);
        for (char *at = title; *at; at++)
                *at = (char) toupper((unsigned char) *at);
        bool is_command = set->arguments || strchr(set->program, ' ');
        fputs(".TH ", out);
        print_groff(out, title);
        fprintf(out, " %d \"\" \"\"\n", is_command ? 1 : 8);
}

void actor_flags_print_man(const struct actor_flag_set *set, FILE *out)
{
        CLEANUP(actor_freep) char *page = page_name(set);
        print_title(set, page, out);
        print_groff_line(out, ".SH NAME\n", page);
        print_groff_line(out, "\\- ", set->purpose);
        print_groff_line(out, ".SH SYNOPSIS\n.B ", set->program);
        fputs("[\\-\\-FLAG=VALUE ...]\n", out);
        if (set->arguments)
                print_groff_line(out, "", set->arguments);
        fputs(".SH OPTIONS\n", out);
        for (const struct actor_flag *flag = set->flags; flag->name; flag++) {
                CLEANUP(actor_freep) char *head = head_of(flag);
                CLEANUP(actor_freep) char *facts = facts_of(set, flag);
                print_groff_entry(out, head, flag->help, facts);
        }
        for (size_t i = 0; i < SPECIAL_COUNT; i++)
                print_groff_entry(out, specials[i].head, specials[i].help, NULL);
        fputs(".SH NOTES\nThe command line wins over the file, the file over the environment.\n", out);
}

bool actor_flags_answer(const struct actor_flag_set *set, int r, const char *version)
{
        switch (r) {
        case FLAGS_E_HELP:
                actor_flags_print_help(set, stdout);
                return true;
        case FLAGS_E_VERSION:
                printf("%s %s\n", set->program, version);
                return true;
        case FLAGS_E_MAN:
                actor_flags_print_man(set, stdout);
                return true;
        default:
                return false;
        }
}
