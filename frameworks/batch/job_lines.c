/* SPDX-License-Identifier: Apache-2.0 */
#include "job_parts.h"

#include <string.h>

/* A scan that knows just enough of JSON: strings, nesting, and which key came last at the top. */
struct scan {
        const char *text;
        size_t size, at;
        unsigned line, depth;
};

/* Moves behind the string that begins here. */
static void skip_string(struct scan *scan)
{
        for (scan->at++; scan->at < scan->size && scan->text[scan->at] != '"'; scan->at++)
                if (scan->text[scan->at] == '\\')
                        scan->at++;
        scan->at++;
}

static bool is_tasks(const struct scan *scan, size_t begin)
{
        static const char key[] = "\"tasks\"";
        return scan->at - begin == sizeof key - 1 && memcmp(scan->text + begin, key, sizeof key - 1) == 0;
}

size_t job_lines(const char *text, size_t size, unsigned *ret, size_t max)
{
        struct scan scan = {.text = text, .size = size, .line = 1};
        bool in_tasks = false, fresh = false; /* fresh: the next value at depth 2 is a task */
        size_t count = 0;
        while (scan.at < size && count < max) {
                char c = text[scan.at];
                bool space = c == ' ' || c == '\t' || c == '\r' || c == '\n';
                if (in_tasks && fresh && scan.depth == 2 && !space && c != ',' && c != ']') {
                        ret[count++] = scan.line;
                        fresh = false;
                }
                if (c == '"') {
                        size_t begin = scan.at;
                        skip_string(&scan);
                        if (scan.depth == 1)
                                in_tasks = is_tasks(&scan, begin);
                        continue;
                }
                if (c == '\n')
                        scan.line++;
                else if (c == '{' || c == '[')
                        scan.depth++;
                else if ((c == '}' || c == ']') && scan.depth > 0)
                        scan.depth--;
                if (scan.depth == 2 && (c == ',' || c == '['))
                        fresh = true;
                scan.at++;
        }
        return count;
}
