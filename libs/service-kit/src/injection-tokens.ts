/**
 * What services ask their composition root for. The ports and contracts behind the tokens are interfaces, which leave no trace at run time
 * that constructor injection could go by.
 */
export const RUNTIME = Symbol('Runtime');
export const LOGGER = Symbol('Logger');
export const EVENT_STORE = Symbol('EventStore');
export const EVENT_BUS = Symbol('EventBus');
export const READ_MODELS = Symbol('ReadModels');
export const PROJECTIONS = Symbol('ProjectionHost');
export const BLOBS = Symbol('Blobs');
export const VALUE_STORE = Symbol('ValueStore');
/** Asked for as optional: without it nothing is traced. */
export const TRACER = Symbol('Tracer');

/** Contracts, bound directly inside one process and by gRPC between processes. */
export const WORKFLOW_SERVICE = Symbol('WorkflowService');
export const RUN_SERVICE = Symbol('RunService');
export const AGENT_SERVICE = Symbol('AgentService');
export const SERVICE_REGISTRY = Symbol('ServiceRegistryService');
export const SCHEDULE_SERVICE = Symbol('ScheduleService');
export const EVENT_SERVICE = Symbol('EventService');
export const NOTIFICATION_SERVICE = Symbol('NotificationService');
export const TASK_CHANNEL = Symbol('TaskChannel');
