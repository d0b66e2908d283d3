import {
  AgentServiceService,
  EventServiceService,
  NotificationServiceService,
  RunServiceService,
  ScheduleServiceService,
  ServiceRegistryServiceService,
  WorkflowServiceService,
} from '@tutti/contracts';
import {
  AGENT_SERVICE,
  EVENT_SERVICE,
  NOTIFICATION_SERVICE,
  RUN_SERVICE,
  SCHEDULE_SERVICE,
  SERVICE_REGISTRY,
  WORKFLOW_SERVICE,
} from '../injection-tokens.js';
import type { UnaryDefinition } from './unary-service.js';

export interface ServedContract {
  readonly definition: UnaryDefinition;
  /** Where the service that has it provides it, and whoever uses it asks for it. */
  readonly token: symbol;
}

/** What the coordinator serves to other processes, besides the task channel. */
export const COORDINATOR_CONTRACTS: readonly ServedContract[] = [
  { definition: WorkflowServiceService, token: WORKFLOW_SERVICE },
  { definition: RunServiceService, token: RUN_SERVICE },
  { definition: NotificationServiceService, token: NOTIFICATION_SERVICE },
  { definition: ScheduleServiceService, token: SCHEDULE_SERVICE },
  { definition: EventServiceService, token: EVENT_SERVICE },
];

/** What the registry serves to other processes. */
export const REGISTRY_CONTRACTS: readonly ServedContract[] = [
  { definition: AgentServiceService, token: AGENT_SERVICE },
  { definition: ServiceRegistryServiceService, token: SERVICE_REGISTRY },
];
