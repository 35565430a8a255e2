/* SPDX-License-Identifier: Apache-2.0 */
/* The shortest useful framework: greets from the cluster's machines, then leaves. docs/first-framework.md
 * walks through it. */
#include <proto/resources.h>
#include <proto/task_state.h>
#include <stdio.h>
#include <string.h>
#include <troupe/scheduler.h>

#define GREETINGS 5

struct hello {
        unsigned launched, ended, finished;
};

/* Somebody has room for us: one greeting an offer, while there are any left. */
static void on_offers(struct troupe_scheduler *s, void *data, V1__Offer *const *offers, size_t count)
{
        struct hello *hello = data;
        for (size_t i = 0; i < count; i++) {
                CLEANUP(resources_freep) struct resources *offered = NULL, *wanted = NULL, *taken = NULL;
                if (resources_from_v1(offers[i]->resources, offers[i]->n_resources, &offered, NULL) == 0 &&
                    resources_parse("cpus:0.1;mem:32", NULL, &wanted, NULL) == 0 &&
                    hello->launched < GREETINGS)
                        taken = resources_find(offered, wanted, "*");
                if (taken == NULL) {
                        troupe_scheduler_decline_offer(s, offers[i]->id, NULL);
                        continue;
                }
                char id[32];
                snprintf(id, sizeof id, "hello-%u", ++hello->launched);
                V1__TaskID task_id = V1__TASK_ID__INIT;
                task_id.value = id;
                V1__CommandInfo command = V1__COMMAND_INFO__INIT;
                command.value = "echo Hello from $HOSTNAME";
                V1__TaskInfo task = V1__TASK_INFO__INIT, *tasks[] = {&task};
                task.name = id;
                task.task_id = &task_id;
                task.agent_id = offers[i]->agent_id;
                task.command = &command;
                Sched__Call *arena = actor_msg_new(&sched_call_type);
                resources_to_v1(taken, arena, &task.n_resources, &task.resources);
                troupe_scheduler_launch_tasks(s, offers[i]->id, tasks, 1, NULL);
                actor_msg_unref(arena);
        }
}

/* News of a task. The driver acknowledges it when we return. */
static void on_update(struct troupe_scheduler *s, void *data, const V1__TaskStatus *status)
{
        struct hello *hello = data;
        printf("%s is %s\n", status->task_id->value, task_state_name(status->state));
        if (task_state_is_terminal(status->state))
                hello->ended++;
        if (status->state == V1__TASK_STATE__TASK_FINISHED)
                hello->finished++;
        if (hello->ended == GREETINGS)
                troupe_scheduler_stop(s, false);
}

int main(int argc, char **argv)
{
        if (argc > 2 || (argc == 2 && argv[1][0] == '-')) {
                printf("usage: troupe-hello [HOST:PORT]   the master; without it TROUPE_MASTER, or 127.0.0.1:5050\n");
                return argc == 2 && strcmp(argv[1], "--help") == 0 ? 0 : 2;
        }
        struct hello hello = {0, 0, 0};
        struct actor_error error;
        struct troupe_scheduler *scheduler = NULL;
        V1__FrameworkInfo framework = V1__FRAMEWORK_INFO__INIT;
        framework.name = "hello";
        struct troupe_scheduler_config config = {
                .master = argc > 1 ? argv[1] : NULL, /* host:port */
                .framework = &framework,
                .callbacks = {.resource_offers = on_offers, .status_update = on_update},
                .data = &hello};
        if (troupe_scheduler_new(&config, &scheduler, &error) != 0) {
                fprintf(stderr, "troupe-hello: %s\n", error.text);
                return 2;
        }
        troupe_scheduler_run(scheduler);
        troupe_scheduler_free(scheduler);
        return hello.finished == GREETINGS ? 0 : 1;
}
