/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACTORCTL_VIEW_H
#define ACTORCTL_VIEW_H

#include "actorctl/look.h"
#include "actorctl/trace.h"

#include <stdio.h>

/* What is printed: tables for people, JSON for programs, of the same rows. */

/* "1.2ms": three digits and a unit. Returns `ret`. */
const char *view_duration(uint64_t ns, char ret[static 16]);

void view_look(const struct look *look, size_t limit, bool with_bonds, FILE *out);
/* One object on one line. */
void view_look_json(const struct look *look, size_t limit, FILE *out);

void view_trace(const struct trace *trace, FILE *out);
void view_trace_json(const struct trace *trace, FILE *out);
/* The traces among events of one node. */
void view_traces(const struct trace *trace, size_t limit, FILE *out);
void view_traces_json(const struct trace *trace, FILE *out);

#endif
