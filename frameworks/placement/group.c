/* SPDX-License-Identifier: Apache-2.0 */
#include "group.h"

#include <actor/hash_table.h>
#include <actor/memory.h>
#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* A value that some agent's field has. */
struct place {
        char *value;
        unsigned tasks;
        bool open; /* an agent that is there could take a task if it were not for the counts */
        UT_hash_handle hh;
};

struct rule {
        struct constraint constraint;
        struct place *places;
        bool judged; /* the two below are right */
        unsigned least, open_count;
};

/* The group's tasks on one agent: from them all else is counted anew when agents change. */
struct seat {
        const struct roster_agent *agent;
        unsigned tasks;
        UT_hash_handle hh;
};

struct group {
        struct seat *seats;
        bool prepared;
        unsigned revision; /* of the roster */
        size_t count;
        struct rule rules[];
};

int group_new(const char *const *constraints, struct group **ret, struct actor_error *error)
{
        size_t count = 0;
        while (constraints != NULL && constraints[count] != NULL)
                count++;
        struct group *group = actor_zalloc(sizeof *group + count * sizeof group->rules[0]);
        for (; group->count < count; group->count++) {
                int r = constraint_parse(constraints[group->count], &group->rules[group->count].constraint,
                                         error);
                if (r != 0) {
                        group_free(group);
                        return r;
                }
        }
        *ret = group;
        return 0;
}

void group_free(struct group *group)
{
        struct seat *seat, *next_seat;
        struct place *place, *next_place;
        if (group == NULL)
                return;
        for (size_t i = 0; i < group->count; i++) {
                struct rule *rule = &group->rules[i];
                HASH_ITER(hh, rule->places, place, next_place)
                {
                        HASH_DEL(rule->places, place);
                        free(place->value);
                        free(place);
                }
                constraint_clear(&rule->constraint);
        }
        HASH_ITER(hh, group->seats, seat, next_seat)
        {
                HASH_DEL(group->seats, seat);
                free(seat);
        }
        free(group);
}

/* ---- counting ------------------------------------------------------------------------------------- */

/* Where the agent is, as the rule has it; NULL if it has no such field. */
static struct place *place_of(struct rule *rule, const struct roster_agent *agent)
{
        struct place *place = NULL;
        const char *value = roster_value(agent, rule->constraint.field);
        if (value == NULL)
                return NULL;
        size_t size = strlen(value);
        HASH_FIND(hh, rule->places, value, size, place);
        if (place == NULL) {
                place = actor_zalloc(sizeof *place);
                place->value = actor_strdup(value);
                HASH_ADD_KEYPTR(hh, rule->places, place->value, size, place);
        }
        return place;
}

static struct seat *seat_of(struct group *group, const struct roster_agent *agent)
{
        struct seat *seat = NULL;
        HASH_FIND_PTR(group->seats, &agent, seat);
        return seat;
}

static void count_task(struct group *group, const struct roster_agent *agent, int change)
{
        for (size_t i = 0; i < group->count; i++) {
                struct place *place = place_of(&group->rules[i], agent);
                if (place != NULL)
                        place->tasks += (unsigned) change;
                group->rules[i].judged = false;
        }
}

void group_enter(struct group *group, const struct roster_agent *agent)
{
        struct seat *seat = seat_of(group, agent);
        if (seat == NULL) {
                seat = actor_zalloc(sizeof *seat);
                seat->agent = agent;
                HASH_ADD_PTR(group->seats, agent, seat);
        }
        seat->tasks++;
        count_task(group, agent, 1);
}

/* If the agent says something else of itself by now, the places are wrong until group_prepare() counts anew.
 */
void group_leave(struct group *group, const struct roster_agent *agent)
{
        struct seat *seat = seat_of(group, agent);
        assert(seat != NULL && seat->tasks > 0);
        seat->tasks--;
        count_task(group, agent, -1);
}

/* ---- judging -------------------------------------------------------------------------------------- */

/* What the agent's own value decides, whatever others have. */
static enum group_reason judge_value(const struct constraint *constraint, const char *value)
{
        if (value == NULL)
                return constraint->op == CONSTRAINT_UNLIKE ? GROUP_ALLOWED : GROUP_NO_VALUE;
        if (constraint->op == CONSTRAINT_CLUSTER)
                return strcmp(value, constraint->value) == 0 ? GROUP_ALLOWED : GROUP_ELSEWHERE;
        if (constraint->op != CONSTRAINT_LIKE && constraint->op != CONSTRAINT_UNLIKE)
                return GROUP_ALLOWED;
        enum pattern_verdict verdict = pattern_match(constraint->pattern, value);
        if (verdict == PATTERN_TOO_COSTLY)
                return GROUP_TOO_COSTLY;
        if (constraint->op == CONSTRAINT_LIKE)
                return verdict == PATTERN_YES ? GROUP_ALLOWED : GROUP_NO_MATCH;
        return verdict == PATTERN_YES ? GROUP_MATCH : GROUP_ALLOWED;
}

static bool is_open(const struct group *group, const struct roster_agent *agent)
{
        bool open = !agent->lost;
        for (size_t i = 0; open && i < group->count; i++) {
                const struct constraint *constraint = &group->rules[i].constraint;
                open = judge_value(constraint, roster_value(agent, constraint->field)) == GROUP_ALLOWED;
        }
        return open;
}

/* Groups are even where none is ahead of the smallest. Of values that are not known yet, none has a task. */
static enum group_reason judge_groups(struct rule *rule, const struct place *at)
{
        if (!rule->judged) {
                rule->least = UINT_MAX;
                rule->open_count = 0;
                for (const struct place *place = rule->places; place != NULL; place = place->hh.next) {
                        if (place->open && place->tasks < rule->least)
                                rule->least = place->tasks;
                        rule->open_count += place->open;
                }
                rule->judged = true;
        }
        if (rule->open_count < rule->constraint.number)
                return at->tasks == 0 ? GROUP_ALLOWED : GROUP_TOO_FEW;
        return at->tasks <= rule->least ? GROUP_ALLOWED : GROUP_AHEAD;
}

static enum group_reason judge(struct rule *rule, const struct roster_agent *agent)
{
        const struct constraint *constraint = &rule->constraint;
        const struct place *at = place_of(rule, agent);
        enum group_reason reason = judge_value(constraint, at != NULL ? at->value : NULL);
        if (reason != GROUP_ALLOWED)
                return reason;
        if (constraint->op == CONSTRAINT_UNIQUE)
                return at->tasks > 0 ? GROUP_TAKEN : GROUP_ALLOWED;
        if (constraint->op == CONSTRAINT_MAX_PER)
                return at->tasks >= constraint->number ? GROUP_FULL : GROUP_ALLOWED;
        return constraint->op == CONSTRAINT_GROUP_BY ? judge_groups(rule, at) : GROUP_ALLOWED;
}

void group_prepare(struct group *group, const struct roster *roster)
{
        if (group->prepared && group->revision == roster->revision)
                return;
        group->prepared = true;
        group->revision = roster->revision;
        for (size_t i = 0; i < group->count; i++) {
                group->rules[i].judged = false;
                for (struct place *place = group->rules[i].places; place != NULL; place = place->hh.next) {
                        place->tasks = 0;
                        place->open = false;
                }
        }
        for (size_t k = 0; k < roster->count && group->count > 0; k++) {
                const struct roster_agent *agent = roster->agents[k];
                const struct seat *seat = seat_of(group, agent);
                bool open = is_open(group, agent);
                for (size_t i = 0; i < group->count; i++) {
                        struct place *place = place_of(&group->rules[i], agent);
                        if (place == NULL)
                                continue;
                        place->tasks += seat != NULL ? seat->tasks : 0;
                        place->open |= open;
                }
        }
}

bool group_allows(struct group *group, const struct roster_agent *agent, struct group_refusal *ret)
{
        for (size_t i = 0; i < group->count; i++) {
                struct rule *rule = &group->rules[i];
                enum group_reason reason = judge(rule, agent);
                if (reason == GROUP_ALLOWED)
                        continue;
                *ret = (struct group_refusal){reason, &rule->constraint,
                                              roster_value(agent, rule->constraint.field)};
                return false;
        }
        return true;
}
