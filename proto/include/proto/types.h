/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROTO_TYPES_H
#define PROTO_TYPES_H

#include <actor/message.h>
#include <troupe/internal.pb-c.h>
#include <v1/agent.pb-c.h>
#include <v1/executor.pb-c.h>
#include <v1/master.pb-c.h>
#include <v1/mesos.pb-c.h>
#include <v1/scheduler.pb-c.h>

/* The message types that cross nodes. C names come from each .proto's c_package:
 *
 *   v1/mesos.proto      V1__TaskInfo, V1__TASK_STATE__TASK_RUNNING
 *   v1/scheduler.proto  Sched__Call, SCHED__CALL__TYPE__SUBSCRIBE
 *   v1/executor.proto   Exec__Event
 *   v1/agent.proto      AgentApi__Call        v1/master.proto  MasterApi__Response
 *   troupe/internal.proto  Troupe__RunTasks                                                        */
extern const struct actor_type sched_call_type, sched_event_type;
extern const struct actor_type exec_call_type, exec_event_type;
extern const struct actor_type agent_call_type, agent_response_type;
extern const struct actor_type master_call_type, master_response_type, master_event_type;

extern const struct actor_type register_agent_type, reregister_agent_type, unregister_agent_type;
extern const struct actor_type agent_registered_type, agent_refused_type;
extern const struct actor_type ping_type, pong_type;
extern const struct actor_type status_update_type, status_update_acknowledgement_type;
extern const struct actor_type exited_executor_type;
extern const struct actor_type executor_message_type, framework_message_type;
extern const struct actor_type run_tasks_type, run_task_group_type, kill_task_type;
extern const struct actor_type shutdown_executor_type, shutdown_framework_type, update_framework_type;
extern const struct actor_type call_refused_type;
extern const struct actor_type operator_kill_type, operator_message_type, operator_result_type;
extern const struct actor_type operator_reconcile_type, operator_reconciled_type;

/* All of them, NULL-terminated: for actor_node_config.types. */
extern const struct actor_type *const proto_wire_types[];

#endif
