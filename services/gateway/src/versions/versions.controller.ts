import { Body, Controller, Get, HttpCode, Inject, Param, Post, Put, Query } from '@nestjs/common';
import type { RunService, WorkflowService } from '@tutti/contracts';
import { RUN_SERVICE, WORKFLOW_SERVICE } from '@tutti/service-kit';
import { z } from 'zod';
import { Actor } from '../door/actor.js';
import { freeText, jsonBody, minPosition, nameText, parameters, wholeNumber } from '../door/request-parsing.js';

const MOST_VERSIONS = 4_294_967_295;

const reason = freeText(2_000).default('');
const workflowPath = z.strictObject({ name: nameText });
const versionPath = z.strictObject({ name: nameText, version: wholeNumber(1, MOST_VERSIONS) });
const runPath = z.strictObject({ id: nameText });
const listQuery = z.strictObject({ minPosition });
const reasonBody = z.strictObject({ reason });
const rolloutBody = z.strictObject({
  rules: z
    .array(
      z.strictObject({
        version: z.int().min(1).max(MOST_VERSIONS),
        share: z.number().min(0).max(100).optional(),
        labels: z.record(nameText, freeText(1_000)).default({}),
      }),
    )
    .max(100),
  reason,
});
const migrateBody = z.strictObject({
  toVersion: z.int().min(0).max(MOST_VERSIONS).default(0),
  dryRun: z.boolean().default(false),
  mapping: z.record(nameText, nameText).default({}),
  reason,
});

/** Which versions new runs get, and taking runs under way from one to another. */
@Controller('v1')
export class VersionsController {
  constructor(
    @Inject(WORKFLOW_SERVICE) private readonly workflows: WorkflowService,
    @Inject(RUN_SERVICE) private readonly runs: RunService,
  ) {}

  @Get('workflows/:name/versions')
  async list(
    @Param(parameters(workflowPath)) path: z.infer<typeof workflowPath>,
    @Query(parameters(listQuery)) query: z.infer<typeof listQuery>,
  ) {
    return this.workflows.listWorkflowVersions({ ...path, ...query });
  }

  @Put('workflows/:name/rollout')
  async rollout(
    @Param(parameters(workflowPath)) path: z.infer<typeof workflowPath>,
    @Body(jsonBody(rolloutBody)) body: z.infer<typeof rolloutBody>,
    @Actor() actor: string,
  ) {
    return this.workflows.changeRollout({ ...path, ...body, actor });
  }

  @Post('workflows/:name/versions/:version/drain')
  @HttpCode(200)
  async drain(
    @Param(parameters(versionPath)) path: z.infer<typeof versionPath>,
    @Body(jsonBody(reasonBody)) body: z.infer<typeof reasonBody>,
    @Actor() actor: string,
  ) {
    return this.workflows.drainWorkflowVersion({ ...path, ...body, actor });
  }

  @Post('workflows/:name/versions/:version/restore')
  @HttpCode(200)
  async restore(
    @Param(parameters(versionPath)) path: z.infer<typeof versionPath>,
    @Body(jsonBody(reasonBody)) body: z.infer<typeof reasonBody>,
    @Actor() actor: string,
  ) {
    return this.workflows.restoreWorkflowVersion({ ...path, ...body, actor });
  }

  @Post('runs/:id/migrate')
  @HttpCode(200)
  async migrate(
    @Param(parameters(runPath)) { id: runId }: z.infer<typeof runPath>,
    @Body(jsonBody(migrateBody)) body: z.infer<typeof migrateBody>,
    @Actor() actor: string,
  ) {
    return this.runs.migrateRun({ runId, ...body, actor });
  }
}
