/* SPDX-License-Identifier: Apache-2.0 */
#include <proto/types.h>

ACTOR_PROTO_TYPE(sched_call_type, "mesos.v1.scheduler.Call", Sched__Call, sched__call__descriptor);
ACTOR_PROTO_TYPE(sched_event_type, "mesos.v1.scheduler.Event", Sched__Event, sched__event__descriptor);
ACTOR_PROTO_TYPE(exec_call_type, "mesos.v1.executor.Call", Exec__Call, exec__call__descriptor);
ACTOR_PROTO_TYPE(exec_event_type, "mesos.v1.executor.Event", Exec__Event, exec__event__descriptor);
ACTOR_PROTO_TYPE(agent_call_type, "mesos.v1.agent.Call", AgentApi__Call, agent_api__call__descriptor);
ACTOR_PROTO_TYPE(agent_response_type, "mesos.v1.agent.Response", AgentApi__Response,
                 agent_api__response__descriptor);
ACTOR_PROTO_TYPE(master_call_type, "mesos.v1.master.Call", MasterApi__Call, master_api__call__descriptor);
ACTOR_PROTO_TYPE(master_event_type, "mesos.v1.master.Event", MasterApi__Event, master_api__event__descriptor);
ACTOR_PROTO_TYPE(master_response_type, "mesos.v1.master.Response", MasterApi__Response,
                 master_api__response__descriptor);
ACTOR_PROTO_TYPE(register_agent_type, "troupe.internal.RegisterAgent", Troupe__RegisterAgent,
                 troupe__register_agent__descriptor);
ACTOR_PROTO_TYPE(reregister_agent_type, "troupe.internal.ReregisterAgent", Troupe__ReregisterAgent,
                 troupe__reregister_agent__descriptor);
ACTOR_PROTO_TYPE(unregister_agent_type, "troupe.internal.UnregisterAgent", Troupe__UnregisterAgent,
                 troupe__unregister_agent__descriptor);
ACTOR_PROTO_TYPE(agent_registered_type, "troupe.internal.AgentRegistered", Troupe__AgentRegistered,
                 troupe__agent_registered__descriptor);
ACTOR_PROTO_TYPE(agent_refused_type, "troupe.internal.AgentRefused", Troupe__AgentRefused,
                 troupe__agent_refused__descriptor);
ACTOR_PROTO_TYPE(ping_type, "troupe.internal.Ping", Troupe__Ping, troupe__ping__descriptor);
ACTOR_PROTO_TYPE(pong_type, "troupe.internal.Pong", Troupe__Pong, troupe__pong__descriptor);
ACTOR_PROTO_TYPE(status_update_type, "troupe.internal.StatusUpdate", Troupe__StatusUpdate,
                 troupe__status_update__descriptor);
ACTOR_PROTO_TYPE(status_update_acknowledgement_type, "troupe.internal.StatusUpdateAcknowledgement",
                 Troupe__StatusUpdateAcknowledgement, troupe__status_update_acknowledgement__descriptor);
ACTOR_PROTO_TYPE(exited_executor_type, "troupe.internal.ExitedExecutor", Troupe__ExitedExecutor,
                 troupe__exited_executor__descriptor);
ACTOR_PROTO_TYPE(executor_message_type, "troupe.internal.ExecutorMessage", Troupe__ExecutorMessage,
                 troupe__executor_message__descriptor);
ACTOR_PROTO_TYPE(framework_message_type, "troupe.internal.FrameworkMessage", Troupe__FrameworkMessage,
                 troupe__framework_message__descriptor);
ACTOR_PROTO_TYPE(run_tasks_type, "troupe.internal.RunTasks", Troupe__RunTasks, troupe__run_tasks__descriptor);
ACTOR_PROTO_TYPE(run_task_group_type, "troupe.internal.RunTaskGroup", Troupe__RunTaskGroup,
                 troupe__run_task_group__descriptor);
ACTOR_PROTO_TYPE(kill_task_type, "troupe.internal.KillTask", Troupe__KillTask, troupe__kill_task__descriptor);
ACTOR_PROTO_TYPE(shutdown_executor_type, "troupe.internal.ShutdownExecutor", Troupe__ShutdownExecutor,
                 troupe__shutdown_executor__descriptor);
ACTOR_PROTO_TYPE(shutdown_framework_type, "troupe.internal.ShutdownFramework", Troupe__ShutdownFramework,
                 troupe__shutdown_framework__descriptor);
ACTOR_PROTO_TYPE(update_framework_type, "troupe.internal.UpdateFramework", Troupe__UpdateFramework,
                 troupe__update_framework__descriptor);
ACTOR_PROTO_TYPE(operator_kill_type, "troupe.internal.OperatorKill", Troupe__OperatorKill,
                 troupe__operator_kill__descriptor);
ACTOR_PROTO_TYPE(call_refused_type, "troupe.internal.CallRefused", Troupe__CallRefused,
                 troupe__call_refused__descriptor);
ACTOR_PROTO_TYPE(operator_reconcile_type, "troupe.internal.OperatorReconcile", Troupe__OperatorReconcile,
                 troupe__operator_reconcile__descriptor);
ACTOR_PROTO_TYPE(operator_reconciled_type, "troupe.internal.OperatorReconciled", Troupe__OperatorReconciled,
                 troupe__operator_reconciled__descriptor);
ACTOR_PROTO_TYPE(operator_message_type, "troupe.internal.OperatorMessage", Troupe__OperatorMessage,
                 troupe__operator_message__descriptor);
ACTOR_PROTO_TYPE(operator_result_type, "troupe.internal.OperatorResult", Troupe__OperatorResult,
                 troupe__operator_result__descriptor);

const struct actor_type *const proto_wire_types[] = {
        &sched_call_type,
        &sched_event_type,
        &exec_call_type,
        &exec_event_type,
        &agent_call_type,
        &agent_response_type,
        &master_call_type,
        &master_response_type,
        &master_event_type,
        &register_agent_type,
        &reregister_agent_type,
        &unregister_agent_type,
        &agent_registered_type,
        &agent_refused_type,
        &ping_type,
        &pong_type,
        &status_update_type,
        &status_update_acknowledgement_type,
        &exited_executor_type,
        &executor_message_type,
        &framework_message_type,
        &run_tasks_type,
        &run_task_group_type,
        &kill_task_type,
        &shutdown_executor_type,
        &shutdown_framework_type,
        &update_framework_type,
        &call_refused_type,
        &operator_kill_type,
        &operator_reconcile_type,
        &operator_reconciled_type,
        &operator_message_type,
        &operator_result_type,
        NULL,
};
