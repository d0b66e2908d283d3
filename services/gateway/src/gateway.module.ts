import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { ACCESS_SERVICE, AccessApi } from './access/access.api.js';
import { AccessController } from './access/access.controller.js';
import { SessionController } from './access/session.controller.js';
import { AgentsController } from './agents/agents.controller.js';
import { ApprovalsController } from './approvals/approvals.controller.js';
import { DeadLettersController } from './dead-letters/dead-letters.controller.js';
import { ProblemFilter } from './door/problem.filter.js';
import { EventStreamsController } from './events/event-streams.controller.js';
import { EventStreams } from './events/event-streams.js';
import { EventsController } from './events/events.controller.js';
import { FeedServer } from './feed/feed-server.js';
import { FeedController } from './feed/feed.controller.js';
import { RunFacts } from './feed/run-facts.js';
import { GATEWAY_PARTS, type GatewayParts } from './gateway-parts.js';
import { GrpcServer } from './grpc/grpc-server.js';
import { HealthController } from './health/health.controller.js';
import { ReferenceController } from './health/reference.controller.js';
import { InboxController } from './inbox/inbox.controller.js';
import { NotificationsController } from './notifications/notifications.controller.js';
import { OpenApiController } from './openapi/openapi.controller.js';
import { RunInteractionController } from './runs/run-interaction.controller.js';
import { RunRepairController } from './runs/run-repair.controller.js';
import { RunTasksController } from './runs/run-tasks.controller.js';
import { RunsController } from './runs/runs.controller.js';
import { SchedulesController } from './schedules/schedules.controller.js';
import { ServicesController } from './service-registry/services.controller.js';
import { VersionsController } from './versions/versions.controller.js';
import { WorkflowsController } from './workflows/workflows.controller.js';

/**
 * REST, the live feed and gRPC. A global module of the composition root provides `RUNTIME`, `LOGGER`, `EVENT_STORE`, `EVENT_BUS`, `WORKFLOW_SERVICE`, `RUN_SERVICE`,
 * `AGENT_SERVICE`, `SERVICE_REGISTRY`, `NOTIFICATION_SERVICE`, `SCHEDULE_SERVICE`, `EVENT_SERVICE`, `READ_MODELS`, `PROJECTIONS` and `DOCTOR_CHECKS`.
 */
@Module({})
export class GatewayModule {
  static register(parts: GatewayParts): DynamicModule {
    return {
      module: GatewayModule,
      controllers: [
        HealthController,
        ReferenceController,
        OpenApiController,
        WorkflowsController,
        RunsController,
        RunInteractionController,
        RunRepairController,
        RunTasksController,
        ApprovalsController,
        AgentsController,
        ServicesController,
        EventStreamsController,
        EventsController,
        DeadLettersController,
        NotificationsController,
        VersionsController,
        SchedulesController,
        InboxController,
        FeedController,
        AccessController,
        SessionController,
      ],
      providers: [
        { provide: GATEWAY_PARTS, useValue: parts },
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: ACCESS_SERVICE, useClass: AccessApi },
        RunFacts,
        FeedServer,
        EventStreams,
        GrpcServer,
      ],
    };
  }
}
