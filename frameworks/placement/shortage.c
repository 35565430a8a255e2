/* SPDX-License-Identifier: Apache-2.0 */
#include "shortage.h"

#include <actor/memory.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXAMPLES_MAX 5

struct shortage {
        struct group_refusal why; /* of the first agent; GROUP_ALLOWED: the constraints are not to blame */
        unsigned agents;
        const char *examples[EXAMPLES_MAX]; /* different ones: values, or hostnames where they have none */
        size_t example_count;
        bool more;
};

struct shortages {
        struct shortage *list;
        size_t count, max;
        unsigned agents;
};

static struct shortage *same_shortage(struct shortages *all, const struct group_refusal *why)
{
        for (size_t i = 0; i < all->count; i++)
                if (all->list[i].why.reason == why->reason && all->list[i].why.constraint == why->constraint)
                        return &all->list[i];
        ACTOR_ARRAY_RESERVE(all->list, all->count, all->max);
        all->list[all->count] = (struct shortage){.why = *why};
        return &all->list[all->count++];
}

static void add_example(struct shortage *shortage, const char *text)
{
        for (size_t i = 0; i < shortage->example_count; i++)
                if (strcmp(shortage->examples[i], text) == 0)
                        return;
        if (shortage->example_count < EXAMPLES_MAX)
                shortage->examples[shortage->example_count++] = text;
        else
                shortage->more = true;
}

static void print_reason(FILE *stream, const struct group_refusal *why)
{
        static const char *const words[GROUP_REASON_COUNT] = {
                [GROUP_ALLOWED] = "too little free",
                [GROUP_TAKEN] = "a task is there already",
                [GROUP_ELSEWHERE] = "they are elsewhere",
                [GROUP_AHEAD] = "there are fewer tasks elsewhere",
                [GROUP_TOO_FEW] = "a task is there already, and there are not so many others",
                [GROUP_NO_MATCH] = "no match",
                [GROUP_MATCH] = "a match",
                [GROUP_FULL] = "as many are there already",
                [GROUP_TOO_COSTLY] = "the pattern takes too many steps to tell",
        };
        if (why->constraint != NULL)
                fprintf(stream, "%s, ", why->constraint->text);
        if (why->reason == GROUP_NO_VALUE)
                fprintf(stream, "they have no %s", why->constraint->field);
        else
                fputs(words[why->reason], stream);
}

static char *print_shortage(const struct shortage *shortage, unsigned agents)
{
        char *text = NULL;
        size_t size = 0;
        FILE *stream = open_memstream(&text, &size);
        fprintf(stream, "%u of %u agents: ", shortage->agents, agents);
        print_reason(stream, &shortage->why);
        for (size_t i = 0; i < shortage->example_count; i++)
                fprintf(stream, "%s%s", i == 0 ? " (" : ", ", shortage->examples[i]);
        fputs(shortage->more ? ", …)" : ")", stream);
        fclose(stream);
        return text;
}

void shortage_tell(const struct roster *roster, struct group *group,
                   void (*tell)(void *arg, const char *line), void *arg)
{
        struct shortages all = {NULL, 0, 0, 0};
        group_prepare(group, roster);
        for (size_t i = 0; i < roster->count; i++) {
                const struct roster_agent *agent = roster->agents[i];
                struct group_refusal why = {GROUP_ALLOWED, NULL, NULL};
                if (agent->lost)
                        continue;
                (void) group_allows(group, agent, &why);
                struct shortage *shortage = same_shortage(&all, &why);
                add_example(shortage, why.value != NULL ? why.value : agent->hostname);
                shortage->agents++;
                all.agents++;
        }
        if (all.count == 0)
                tell(arg, "no agent has offered anything");
        for (size_t i = 0; i < all.count; i++) {
                CLEANUP(actor_freep) char *line = print_shortage(&all.list[i], all.agents);
                tell(arg, line);
        }
        free(all.list);
}
