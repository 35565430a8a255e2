/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"
#include "text.h"

#include "registrar/messages.h"
#include "registrar/metrics.h"
#include "registrar/registrar.h"

#include <actor/log.h>
#include <actor/memory.h>
#include <actor/sim.h>
#include <errno.h>
#include <ftw.h>
#include <proto/copy.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Masters come and go on one disk; each test asks as the membership does. */
struct fixture {
        struct actor_disk *disk;
        struct actor_sim *sim;
        struct actor_node *node;
        struct actor_ref registrar;
        struct registrar_metrics metrics;
        char log[2048]; /* error lines */
        struct actor_log *sink;
};

static void write_log(void *arg, enum actor_log_level level, const char *line)
{
        struct fixture *f = arg;
        if (level == ACTOR_LOG_ERROR && strlen(f->log) + strlen(line) + 2 < sizeof f->log)
                TEXT_APPEND(f->log, "%s\n", line);
}

static void start(struct fixture *f)
{
        const struct actor_node_config config = {.name = "m", .log = f->sink};
        f->sim = actor_sim_new(11);
        f->node = actor_sim_node(f->sim, "tcp://m:5050", &config);
        memset(&f->metrics, 0, sizeof f->metrics);
        const struct registrar_config registrar = {.disk = f->disk, .metrics = &f->metrics};
        struct actor_error error = {""};
        ck_assert_msg(registrar_spawn(f->node, &registrar, &f->registrar, &error) == 0, "%s", error.text);
}

static void set_up(struct fixture *f)
{
        *f = (struct fixture){.disk = actor_disk_new()};
        f->sink = actor_log_new_function(write_log, f, ACTOR_LOG_ERROR);
        start(f);
}

/* kill -9, and a new master on the same disk. */
static void crash_and_start(struct fixture *f)
{
        actor_sim_crash(f->sim, f->node);
        actor_sim_free(f->sim);
        start(f);
}

static void tear_down(struct fixture *f)
{
        actor_sim_free(f->sim);
        actor_disk_free(f->disk);
        actor_log_free(f->sink);
}

static struct registry_content *get(struct fixture *f)
{
        void *content = NULL;
        ck_assert_int_eq(
                actor_node_ask(f->node, f->registrar, actor_msg_new(&registrar_get_type), 1000, &content), 0);
        ck_assert_ptr_eq(actor_msg_type(content), &registry_content_type);
        return content;
}

static uint64_t get_epoch(struct fixture *f)
{
        struct registry_content *content = get(f);
        uint64_t epoch = content->epoch;
        actor_msg_unref(content);
        return epoch;
}

static struct registrar_change *admit(const char *id)
{
        struct registrar_change *msg = actor_msg_new(&registrar_change_type);
        V1__AgentInfo *info = actor_msg_alloc(msg, sizeof *info);
        v1__agent_info__init(info);
        info->hostname = "h";
        info->id = proto_agent_id(msg, id);
        msg->kind = REGISTRAR_ADMIT_AGENT;
        msg->agent = info;
        return msg;
}

static enum registrar_outcome ask(struct fixture *f, struct registrar_change *msg_take)
{
        void *answer = NULL;
        ck_assert_int_eq(actor_node_ask(f->node, f->registrar, msg_take, 1000, &answer), 0);
        enum registrar_outcome outcome = ((struct registrar_stored *) answer)->outcome;
        actor_msg_unref(answer);
        return outcome;
}

/* ---- an asker of many changes at once ---------------------------------------------------------------- */

struct crowd_config {
        struct actor_ref registrar;
        int count;
        int *answers; /* by outcome */
};

struct crowd {
        struct crowd_config config;
};

static int on_stored(void *state, const struct actor_mail *mail, const void *body, void *arg)
{
        struct crowd *c = state;
        ck_assert_int_eq(mail->error, 0);
        c->config.answers[((const struct registrar_stored *) body)->outcome]++;
        return 0;
}

static int crowd_init(void *state, struct actor *self, const void *config)
{
        struct crowd *c = state;
        c->config = *(const struct crowd_config *) config;
        for (int i = 0; i < c->config.count; i++) {
                char id[16];
                snprintf(id, sizeof id, "S%d", i);
                actor_ask(self, c->config.registrar, admit(id), 1000, on_stored, NULL);
        }
        return 0;
}

static const struct actor_handler crowd_handlers[] = {ACTOR_HANDLER_END};
static const struct actor_class crowd_class = {
        .name = "crowd", .state_size = sizeof(struct crowd), .init = crowd_init, .handlers = crowd_handlers};

static void spawn_crowd(struct fixture *f, int count, int answers[4])
{
        const struct crowd_config config = {f->registrar, count, answers};
        struct actor_ref ref;
        ck_assert_int_eq(actor_node_spawn(f->node, &crowd_class, NULL, &config, &ref), 0);
}

START_TEST(every_start_is_a_new_epoch)
{
        struct fixture f;
        set_up(&f);
        ck_assert_uint_eq(get_epoch(&f), 1);
        ck_assert_uint_eq(get_epoch(&f), 1); /* asked again by the same leader */
        crash_and_start(&f);
        ck_assert_uint_eq(get_epoch(&f), 2);
        tear_down(&f);
}
END_TEST

START_TEST(what_was_answered_stored_survives_a_crash)
{
        struct fixture f;
        set_up(&f);
        actor_msg_unref(get(&f));
        ck_assert_int_eq(ask(&f, admit("S1")), REGISTRAR_STORED);
        ck_assert_int_eq(ask(&f, admit("S1")), REGISTRAR_UNCHANGED);
        crash_and_start(&f);
        struct registry_content *content = get(&f);
        ck_assert_uint_eq(content->agent_count, 1);
        ck_assert_str_eq(content->agents[0].info->id->value, "S1");
        actor_msg_unref(content);
        ck_assert_int_eq(ask(&f, admit("S1")), REGISTRAR_UNCHANGED);
        tear_down(&f);
}
END_TEST

START_TEST(changes_that_wait_together_are_committed_together)
{
        struct fixture f;
        set_up(&f);
        actor_msg_unref(get(&f));
        int answers[4] = {0};
        spawn_crowd(&f, 1000, answers);
        actor_sim_settle(f.sim);
        ck_assert_int_eq(answers[REGISTRAR_STORED], 1000);
        ck_assert_int_le(f.metrics.commits, 10);
        ck_assert_int_eq(f.metrics.changes, 1000);
        tear_down(&f);
}
END_TEST

START_TEST(a_change_before_the_registry_is_read_is_refused)
{
        struct fixture f;
        set_up(&f);
        ck_assert_int_eq(ask(&f, admit("S1")), REGISTRAR_REFUSED);
        tear_down(&f);
}
END_TEST

START_TEST(a_failing_disk_is_told_to_all_who_wait_and_ends_the_master)
{
        struct fixture f;
        set_up(&f);
        actor_msg_unref(get(&f));
        actor_disk_fail_after(f.disk, 1, -ENOSPC);
        int answers[4] = {0};
        spawn_crowd(&f, 50, answers);
        actor_sim_settle(f.sim);
        ck_assert_int_eq(answers[REGISTRAR_FAILED], 50);
        ck_assert_int_eq(actor_node_wait(f.node), -ENOSPC);
        ck_assert_ptr_nonnull(strstr(f.log, "registrar: write failed, the master ends"));
        crash_and_start(&f);
        struct registry_content *content = get(&f);
        ck_assert_uint_eq(content->agent_count, 0);
        actor_msg_unref(content);
        tear_down(&f);
}
END_TEST

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
        return remove(path);
}

START_TEST(on_a_real_disk_a_second_master_is_refused_and_a_later_one_finds_all)
{
        char directory[] = "/tmp/registrar-XXXXXX";
        ck_assert_ptr_nonnull(mkdtemp(directory));
        const struct actor_node_config node_config = {.name = "m", .workers = 1};
        const struct registrar_config config = {.directory = directory};
        struct actor_error error = {""};
        for (int round = 1; round <= 2; round++) {
                struct actor_node *node, *second;
                struct actor_ref registrar, other;
                ck_assert_int_eq(actor_node_new(&node_config, &node), 0);
                ck_assert_msg(registrar_spawn(node, &config, &registrar, &error) == 0, "%s", error.text);
                ck_assert_int_eq(actor_node_new(&node_config, &second), 0);
                ck_assert_int_eq(registrar_spawn(second, &config, &other, &error), -EBUSY);
                ck_assert_ptr_nonnull(strstr(error.text, directory));
                actor_node_free(second);
                struct fixture f = {.node = node, .registrar = registrar};
                struct registry_content *content = get(&f);
                ck_assert_uint_eq(content->epoch, (uint64_t) round);
                ck_assert_uint_eq(content->agent_count, round == 1 ? 0 : 1);
                actor_msg_unref(content);
                ck_assert_int_eq(ask(&f, admit("S1")), round == 1 ? REGISTRAR_STORED : REGISTRAR_UNCHANGED);
                actor_node_free(node);
        }
        nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}
END_TEST

static void add_tests(TCase *tests)
{
        tcase_add_test(tests, every_start_is_a_new_epoch);
        tcase_add_test(tests, what_was_answered_stored_survives_a_crash);
        tcase_add_test(tests, changes_that_wait_together_are_committed_together);
        tcase_add_test(tests, a_change_before_the_registry_is_read_is_refused);
        tcase_add_test(tests, a_failing_disk_is_told_to_all_who_wait_and_ends_the_master);
        tcase_add_test(tests, on_a_real_disk_a_second_master_is_refused_and_a_later_one_finds_all);
}

TEST_MAIN("registrar", add_tests)
