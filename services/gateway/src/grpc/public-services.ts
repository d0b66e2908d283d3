import {
  AccessServiceService,
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
  type UnaryDefinition,
} from '@tutti/service-kit';
import { ACCESS_SERVICE } from '../access/access.api.js';

interface PublicService {
  readonly definition: UnaryDefinition;
  /** Where the composition root provides it. */
  readonly token: symbol;
}

/** What callers from outside may use by gRPC, besides the feed of events. */
export const PUBLIC_SERVICES: readonly PublicService[] = [
  { definition: WorkflowServiceService, token: WORKFLOW_SERVICE },
  { definition: RunServiceService, token: RUN_SERVICE },
  { definition: AgentServiceService, token: AGENT_SERVICE },
  { definition: ServiceRegistryServiceService, token: SERVICE_REGISTRY },
  { definition: NotificationServiceService, token: NOTIFICATION_SERVICE },
  { definition: ScheduleServiceService, token: SCHEDULE_SERVICE },
  { definition: EventServiceService, token: EVENT_SERVICE },
  { definition: AccessServiceService, token: ACCESS_SERVICE },
];

/** `tutti.v1.RunService`. */
export function serviceName(definition: Readonly<Record<string, { readonly path: string }>>): string {
  return Object.values(definition)[0]?.path.split('/')[1] ?? '';
}
