/* SPDX-License-Identifier: Apache-2.0 */
#include <actor/memory.h>
#include <actor/metrics.h>
#include <actor/node.h>

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "prefix_room_name": all that Prometheus does not take in a name becomes '_'. */
static void print_name(FILE *out, const char *prefix, const char *name)
{
        size_t size = strlen(prefix);
        fputs(prefix, out);
        if (size > 0 && prefix[size - 1] != '_')
                fputc('_', out);
        for (; *name; name++)
                fputc(isalnum((unsigned char) *name) || *name == '_' || *name == ':' ? *name : '_', out);
}

static void print_help(FILE *out, const char *help)
{
        for (; *help; help++) {
                if (*help == '\n')
                        fputs("\\n", out);
                else if (*help == '\\')
                        fputs("\\\\", out);
                else
                        fputc(*help, out);
        }
}

static void print_metric(FILE *out, const struct actor_metric *metric, const char *prefix, int64_t value)
{
        fputs("# HELP ", out);
        print_name(out, prefix, metric->name);
        fputc(' ', out);
        print_help(out, metric->help);
        fputs("\n# TYPE ", out);
        print_name(out, prefix, metric->name);
        fprintf(out, " %s\n", metric->kind == ACTOR_COUNTER ? "counter" : "gauge");
        print_name(out, prefix, metric->name);
        fprintf(out, " %" PRId64 "\n", value);
}

void actor_metrics_print(const struct actor_metric *metrics, size_t count, const void *values,
                         const char *prefix, char **text)
{
        assert(prefix && text && (metrics || count == 0));
        char *table = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&table, &size);
        assert(out);
        for (size_t i = 0; i < count; i++) {
                const void *at = (const char *) values + metrics[i].offset;
                print_metric(out, &metrics[i], prefix,
                             atomic_load_explicit((const actor_metric_value *) at, memory_order_relaxed));
        }
        fclose(out);
        size_t used = *text ? strlen(*text) : 0;
        *text = actor_realloc_array(*text, used + size + 1, 1);
        memcpy(*text + used, table, size + 1);
        free(table);
}

struct node_metrics {
#define METRIC(field, kind, name, help) actor_metric_value field;
#include "daemon/node_metrics.def"
#undef METRIC
};

static const struct actor_metric node_metrics[] = {
#define METRIC(field, kind, name, help) {name, offsetof(struct node_metrics, field), ACTOR_##kind, help},
#include "daemon/node_metrics.def"
#undef METRIC
};

void actor_metrics_print_node(struct actor_node *node, const char *prefix, char **text)
{
        struct actor_node_totals totals;
        actor_node_totals(node, &totals);
        struct node_metrics values;
#define METRIC(field, kind, name, help) atomic_init(&values.field, (int64_t) totals.field);
#include "daemon/node_metrics.def"
#undef METRIC
        actor_metrics_print(node_metrics, sizeof node_metrics / sizeof *node_metrics, &values, prefix, text);
}
