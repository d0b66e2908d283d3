import { Controller, Inject } from '@nestjs/common';
import type { RunService, WorkflowService } from '@tutti/contracts';
import { changeRollout, drainVersion, listWorkflowVersions, migrateRun, restoreVersion, type RouteInput } from '@tutti/rest-contract';
import { RUN_SERVICE, WORKFLOW_SERVICE } from '@tutti/service-kit';
import { Actor } from '../door/actor.js';
import { Input, Route } from '../rest/route.decorator.js';

/** Which versions new runs get, and taking runs under way from one to another. */
@Controller()
export class VersionsController {
  constructor(
    @Inject(WORKFLOW_SERVICE) private readonly workflows: WorkflowService,
    @Inject(RUN_SERVICE) private readonly runs: RunService,
  ) {}

  @Route(listWorkflowVersions)
  list(@Input(listWorkflowVersions) { params, query }: RouteInput<typeof listWorkflowVersions>) {
    return this.workflows.listWorkflowVersions({ ...params, ...query });
  }

  @Route(changeRollout)
  rollout(@Input(changeRollout) { params, body }: RouteInput<typeof changeRollout>, @Actor() actor: string) {
    return this.workflows.changeRollout({ ...params, ...body, actor });
  }

  @Route(drainVersion)
  drain(@Input(drainVersion) { params, body }: RouteInput<typeof drainVersion>, @Actor() actor: string) {
    return this.workflows.drainWorkflowVersion({ ...params, ...body, actor });
  }

  @Route(restoreVersion)
  restore(@Input(restoreVersion) { params, body }: RouteInput<typeof restoreVersion>, @Actor() actor: string) {
    return this.workflows.restoreWorkflowVersion({ ...params, ...body, actor });
  }

  @Route(migrateRun)
  migrate(@Input(migrateRun) { params, body }: RouteInput<typeof migrateRun>, @Actor() actor: string) {
    return this.runs.migrateRun({ runId: params.id, ...body, actor });
  }
}
