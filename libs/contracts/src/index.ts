export { parseDuration } from './definition/duration.js';
export {
  MAX_DEFINITION_BYTES,
  workflowDefinition,
  workflowDefinitionJsonSchema,
  type GateDefinition,
  type RetryDefinition,
  type StepDefinition,
  type WorkflowDefinition,
} from './definition/workflow-definition.js';
export { agentEvents, agentProfile, type AgentEvent, type AgentProfile } from './events/agent-events.js';
export { defineEvent, type EventDefinition, type EventOf } from './events/event-catalog.js';
export { messageEvents, type MessageEvent } from './events/message-events.js';
export { objectEvents, type ObjectEvent } from './events/object-events.js';
export { runEvents, type AssignmentCandidate, type GateFeedback, type RunEvent, type RunEventType, type TaskAssignment } from './events/run-events.js';
export { serviceEvents, type ServiceEvent } from './events/service-events.js';
export { failure, jsonObject, jsonValue, sha256, storedValue, timestamp, type Failure, type StoredValue } from './events/shared-schemas.js';
export { EVENT_CATALOG, upcast, type Upcaster, type UpcasterTable } from './events/upcasting.js';
export { workflowEvents, type WorkflowEvent } from './events/workflow-events.js';
export {
  taskAssignedMessage,
  taskCancelledMessage,
  type TaskAssignedMessage,
  type TaskCancelledMessage,
  type TaskInput,
} from './messages/task-messages.js';
export { DEFAULT_POOL, eventsTopic, TASK_ASSIGNED, TASK_CANCELLED, tasksTopic, WORKERS_GROUP } from './messages/topics.js';
export type { AttemptOutcome, AttemptRef, ClaimAnswer, TaskChannel, WorkerAnnouncement } from './workers/task-channel.js';
