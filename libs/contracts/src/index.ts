export { asyncApiDocument } from './asyncapi/document.js';
export { mailAddress, NOTIFIABLE_EVENTS, notificationChannelName, notify, notifyOn, type NotifyOn } from './definition/notify.js';
export { parseDuration } from './definition/duration.js';
export {
  MAX_DEFINITION_BYTES,
  workflowDefinition,
  workflowDefinitionJsonSchema,
  type WorkflowDefinition,
} from './definition/workflow-definition.js';
export { type BodyDefinition, type GateDefinition, type RetryDefinition, type StepDefinition } from './definition/step-definition.js';
export {
  scheduleTrigger,
  triggers,
  type EventTrigger,
  type FileTrigger,
  type ScheduleTrigger,
  type Triggers,
  type WebhookTrigger,
} from './definition/triggers.js';
export {
  accessEvents,
  keyEvents,
  sessionEvents,
  type AccessEvent,
  type AccessGrant,
  type KeyEvent,
  type SessionEvent,
} from './events/access-events.js';
export { agentEvents, agentProfile, type AgentEvent, type AgentProfile } from './events/agent-events.js';
export { defineEvent, type EventDefinition, type EventOf } from './events/event-catalog.js';
export { categoryOfEventType, EVENT_CATEGORIES, FREQUENT_CATEGORIES } from './events/event-categories.js';
export { inboxEvents, type EventReceived, type InboxEvent } from './events/inbox-events.js';
export { limitEvents, type LimitEvent } from './events/limit-events.js';
export { messageEvents, type MessageEvent } from './events/message-events.js';
export { notificationEvents, type NotificationEvent } from './events/notification-events.js';
export { objectEvents, type ObjectEvent } from './events/object-events.js';
export {
  runEvents,
  type AssignmentCandidate,
  type GateFeedback,
  type RunEvent,
  type RunEventType,
  type TaskAssignment,
} from './events/run-events.js';
export {
  OVERLAP_POLICIES,
  scheduleEvents,
  scheduleSpec,
  type OverlapPolicy,
  type ScheduleEvent,
  type ScheduleSpec,
} from './events/schedule-events.js';
export { serviceEvents, type ServiceEvent } from './events/service-events.js';
export { failure, jsonObject, jsonValue, sha256, storedValue, timestamp, type Failure, type StoredValue } from './events/shared-schemas.js';
export { taskEvents, type TaskEvent } from './events/task-events.js';
export {
  DEFAULT_PRIORITY,
  MAX_PRIORITY,
  MIN_PRIORITY,
  ROUTING_STRATEGIES,
  type RoutingStrategy,
  type TaskLimit,
  type TaskPermit,
  type TaskRouting,
} from './events/task-admission.js';
export { triggerEvents, type TriggerEvent } from './events/trigger-events.js';
export { EVENT_CATALOG, upcast, type Upcaster, type UpcasterTable } from './events/upcasting.js';
export { workflowEvents, type RolloutRule, type WorkflowEvent, type WorkflowVersionRegistered } from './events/workflow-events.js';
export {
  taskAssignedMessage,
  taskCancelledMessage,
  type TaskAssignedMessage,
  type TaskCancelledMessage,
  type TaskInput,
} from './messages/task-messages.js';
export { DEFAULT_POOL, TASK_ASSIGNED, TASK_CANCELLED, tasksTopic, WORKERS_GROUP } from './messages/topics.js';
export {
  CONFIDENTIAL_CATEGORIES,
  EVENT_TOPICS,
  eventsTopic,
  PUBLIC_CATEGORIES,
  publicEvent,
  publicEventType,
  RELAY_POSITION,
  RELAY_TOPIC,
  type PublicEvent,
} from './topics/event-topics.js';
export { conversationStream, MESSAGES_TOPIC, messagesTopicView, type MessageSentPayload } from './topics/messages-topic-view.js';
export { taskTopicView } from './topics/task-topic-view.js';
export { TOPIC_VIEWS } from './topics/topic-views.js';
export {
  attemptKey,
  EMBEDDED_WORKER,
  type AnnouncementAnswer,
  type AttemptOutcome,
  type AttemptRef,
  type BeatAnswer,
  type ClaimAnswer,
  type TaskChannel,
  type WorkerAnnouncement,
  type WorkerBeat,
} from './workers/task-channel.js';
export {
  announceCall,
  answerCall,
  claimAnswer,
  failureFromWire,
  reportCall,
  type ChannelAnswer,
  type ChannelCall,
} from './workers/channel-mapper.js';
export {
  type ConnectRequest,
  type ConnectResponse,
  type OwnerAnswer,
  type WorkerCall,
  WorkerServiceService,
} from './generated/tutti/v1/workers.js';
export {
  AccessServiceService,
  type AccessService,
  type ApiKey,
  type AuditEntry,
  type Caller,
  type CreateKeyRequest,
  type CreateKeyResponse,
  type GetCallerRequest,
  type GetCallerResponse,
  type GetKeyRequest,
  type GetKeyResponse,
  type ListAuditRequest,
  type ListAuditResponse,
  type ListKeysRequest,
  type ListKeysResponse,
  type RevokeKeyRequest,
  type RevokeKeyResponse,
  type RotateKeyRequest,
  type RotateKeyResponse,
} from './generated/tutti/v1/access.js';
export {
  type ChangeRolloutRequest,
  type ChangeRolloutResponse,
  type DefinitionProblem,
  type DrainWorkflowVersionRequest,
  type DrainWorkflowVersionResponse,
  type GetWorkflowRequest,
  type GetWorkflowResponse,
  type ListWorkflowsRequest,
  type ListWorkflowsResponse,
  type ListWorkflowVersionsRequest,
  type ListWorkflowVersionsResponse,
  type RegisterWorkflowRequest,
  type RegisterWorkflowResponse,
  type RestoreWorkflowVersionRequest,
  type RestoreWorkflowVersionResponse,
  type RolloutRule as RolloutRuleMessage,
  type ValidateWorkflowRequest,
  type ValidateWorkflowResponse,
  type Workflow,
  type WorkflowService,
  WorkflowServiceService,
  type WorkflowVersionView,
} from './generated/tutti/v1/workflows.js';
export {
  type CancelRunRequest,
  type CancelRunResponse,
  type GetRunRequest,
  type GetRunResponse,
  type ListQueriesRequest,
  type ListQueriesResponse,
  type ListRunsRequest,
  type ListRunsResponse,
  type PauseRunRequest,
  type PauseRunResponse,
  type QueryRunRequest,
  type QueryRunResponse,
  type ResumeRunRequest,
  type ResumeRunResponse,
  type RunQuery,
  type RunService,
  RunServiceService,
  type SignalRunRequest,
  type SignalRunResponse,
  type StartRunRequest,
  type StartRunResponse,
} from './generated/tutti/v1/runs.js';
export {
  type AwaitedView,
  type ChildRunView,
  type GateResult,
  type RunError,
  type RunParent,
  type RunPause,
  RunStatus,
  type RunView,
  StepStatus,
  type StepView,
} from './generated/tutti/v1/run_views.js';
export {
  type MigrateRunRequest,
  type MigrateRunResponse,
  type RepairRunRequest,
  type RepairRunResponse,
  type SetVariablesRequest,
  type SetVariablesResponse,
} from './generated/tutti/v1/run_repairs.js';
export {
  type AttemptView,
  type Candidate,
  type ExplainTaskRequest,
  type ExplainTaskResponse,
  type ListAttemptsRequest,
  type ListAttemptsResponse,
  type ListTasksRequest,
  type ListTasksResponse,
  type TaskExplanation,
  type TaskHistory,
  type TaskView,
} from './generated/tutti/v1/tasks.js';
export {
  type ApprovalPlace,
  ApprovalStatus,
  type ApprovalView,
  type DecideApprovalRequest,
  type DecideApprovalResponse,
  type DelegateApprovalRequest,
  type DelegateApprovalResponse,
  type GetApprovalRequest,
  type GetApprovalResponse,
  type ListApprovalsRequest,
  type ListApprovalsResponse,
} from './generated/tutti/v1/approvals.js';
export {
  type Agent,
  type AgentLimits,
  type AgentProfile as AgentProfileMessage,
  type AgentService,
  AgentServiceService,
  type DeregisterAgentRequest,
  type DeregisterAgentResponse,
  type GetAgentRequest,
  type GetAgentResponse,
  type ListAgentsRequest,
  type ListAgentsResponse,
  type PauseAgentRequest,
  type PauseAgentResponse,
  type RegisterAgentRequest,
  type RegisterAgentResponse,
  type ResumeAgentRequest,
  type ResumeAgentResponse,
} from './generated/tutti/v1/agents.js';
export {
  type CheckResponse,
  type DiagnosticsService,
  DiagnosticsServiceService,
  type Finding,
  FindingStatus,
} from './generated/tutti/v1/diagnostics.js';
export {
  type DeregisterServiceRequest,
  type DeregisterServiceResponse,
  type ListServicesRequest,
  type ListServicesResponse,
  type RegisterServiceRequest,
  type RegisterServiceResponse,
  type RenewServiceRequest,
  type RenewServiceResponse,
  ServiceHealth,
  type ServiceInstance,
  type ServiceRegistryService,
  ServiceRegistryServiceService,
  type UpdateServiceRequest,
  type UpdateServiceResponse,
} from './generated/tutti/v1/services.js';
export {
  type ListNotificationsRequest,
  type ListNotificationsResponse,
  type NotificationService,
  NotificationServiceService,
  NotificationStatus,
  type NotificationView,
  type TestChannelRequest,
  type TestChannelResponse,
} from './generated/tutti/v1/notifications.js';
export {
  EventFeedServiceService,
  FollowRequest,
  FollowResponse,
  type EventFeedService,
  type EventRecord,
} from './generated/tutti/v1/feed.js';
export { DESCRIPTOR_SET } from './generated/descriptor-set.js';
export { fromEventRecord, toEventRecord } from './wire/event-record.js';
export { GRPC_ERROR_KEYS } from './wire/grpc-error-keys.js';
export { childIdOf, partitionOf, PARTITIONS, rootOf } from './partitions.js';
export { runIdOfKey, runOfApproval } from './run-ids.js';
export { wireWord } from './wire/wire-word.js';
export {
  type EventService,
  EventServiceService,
  type PublishEventRequest,
  type PublishEventResponse,
  type ReceiveWebhookRequest,
  type ReceiveWebhookResponse,
} from './generated/tutti/v1/events.js';
export {
  type BackfillScheduleRequest,
  type BackfillScheduleResponse,
  type ChangeScheduleRequest,
  type ChangeScheduleResponse,
  type CreateScheduleRequest,
  type CreateScheduleResponse,
  type DeleteScheduleRequest,
  type DeleteScheduleResponse,
  type GetScheduleRequest,
  type GetScheduleResponse,
  type ListSchedulesRequest,
  type ListSchedulesResponse,
  OverlapPolicy as OverlapPolicyMessage,
  type PauseScheduleRequest,
  type PauseScheduleResponse,
  type ResumeScheduleRequest,
  type ResumeScheduleResponse,
  type Schedule,
  type ScheduledRun,
  type ScheduleService,
  ScheduleServiceService,
  type ScheduleSpec as ScheduleSpecMessage,
  ScheduleStatus,
  type TriggerScheduleRequest,
  type TriggerScheduleResponse,
} from './generated/tutti/v1/schedules.js';
