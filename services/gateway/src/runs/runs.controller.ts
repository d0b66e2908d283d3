import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { jsonObject, type RunService } from '@tutti/contracts';
import { RUN_SERVICE } from '@tutti/service-kit';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Actor, FromStartHeaders, type StartHeaders } from '../door/actor.js';
import { freeText, jsonBody, minPosition, nameText, paging, parameters, repeated } from '../door/request-parsing.js';
import { present } from '../wire/wire-enum.js';
import { runStatus, runSummaryToWire, runToWire } from './run.wire.js';

const MAX_LABELS = 64;
const MAX_LABELS_ASKED = 10;

const startBody = z.strictObject({
  workflow: nameText,
  workflowVersion: z.int().min(0).max(4_294_967_295).default(0),
  inputs: jsonObject.optional(),
  labels: z
    .record(nameText, freeText(1_000))
    .refine((labels) => Object.keys(labels).length <= MAX_LABELS, `expected at most ${MAX_LABELS} labels`)
    .default({}),
});
const cancelBody = z.strictObject({ reason: freeText(2_000).default(''), force: z.boolean().default(false) });
const reasonBody = z.strictObject({ reason: freeText(2_000).default('') });
/** `key=value`; the value may contain further "=". */
const labelTerm = nameText.regex(/^[^=]+=/, 'expected a label like "team=core"').transform((text) => {
  const at = text.indexOf('=');
  return [text.slice(0, at), text.slice(at + 1)] as const;
});
const runPath = z.strictObject({ id: nameText });
const runQuery = z.strictObject({ minPosition });
const listQuery = z.strictObject({
  workflow: nameText.or(z.literal('')).default(''),
  status: runStatus.query,
  label: repeated(labelTerm, MAX_LABELS_ASKED).default([]),
  children: z.enum(['true', 'false']).default('false'),
  root: nameText.or(z.literal('')).default(''),
  ...paging,
  minPosition,
});
const tasksQuery = z.strictObject({ step: nameText.or(z.literal('')).default(''), ...paging, minPosition });
const whyQuery = z.strictObject({ task: nameText.or(z.literal('')).default('') });

const taskPath = z.strictObject({ id: nameText, task: nameText });
const attemptsQuery = z.strictObject({ task: nameText.or(z.literal('')).default('') });

type RunPath = z.infer<typeof runPath>;
type ReasonBody = z.infer<typeof reasonBody>;

@Controller('v1/runs')
export class RunsController {
  constructor(@Inject(RUN_SERVICE) private readonly runs: RunService) {}

  @Post()
  async start(
    @Body(jsonBody(startBody)) body: z.infer<typeof startBody>,
    @Actor() actor: string,
    @FromStartHeaders() headers: StartHeaders,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { runId, position, workflowVersion, created } = await this.runs.startRun({ ...body, inputs: body.inputs, ...headers, actor });
    reply.code(created ? 201 : 200).header('location', `/v1/runs/${encodeURIComponent(runId)}`);
    return { runId, position, workflowVersion, created };
  }

  @Get()
  async list(@Query(parameters(listQuery)) query: z.infer<typeof listQuery>) {
    const { label, children, root, ...rest } = query;
    const { runs, nextPageToken } = await this.runs.listRuns({
      ...{ ...rest, labels: Object.fromEntries(label), children: children === 'true', rootRunId: root },
    });
    return { runs: runs.map(runSummaryToWire), nextPageToken };
  }

  @Get(':id')
  async get(@Param(parameters(runPath)) path: RunPath, @Query(parameters(runQuery)) query: z.infer<typeof runQuery>) {
    const { run } = await this.runs.getRun({ runId: path.id, ...query });
    return { run: runToWire(present(run, 'run')) };
  }

  @Post(':id/pause')
  @HttpCode(200)
  async pause(@Param(parameters(runPath)) path: RunPath, @Body(jsonBody(reasonBody)) body: ReasonBody, @Actor() actor: string) {
    const { position } = await this.runs.pauseRun({ runId: path.id, ...body, actor });
    return { position };
  }

  @Post(':id/resume')
  @HttpCode(200)
  async resume(@Param(parameters(runPath)) path: RunPath, @Body(jsonBody(reasonBody)) body: ReasonBody, @Actor() actor: string) {
    const { position } = await this.runs.resumeRun({ runId: path.id, ...body, actor });
    return { position };
  }

  @Post(':id/cancel')
  @HttpCode(200)
  async cancel(
    @Param(parameters(runPath)) path: RunPath,
    @Body(jsonBody(cancelBody)) body: z.infer<typeof cancelBody>,
    @Actor() actor: string,
  ) {
    const { position } = await this.runs.cancelRun({ runId: path.id, ...body, actor });
    return { position };
  }

  @Get(':id/tasks')
  async tasks(@Param(parameters(runPath)) path: RunPath, @Query(parameters(tasksQuery)) query: z.infer<typeof tasksQuery>) {
    const { tasks, nextPageToken } = await this.runs.listTasks({ runId: path.id, ...query });
    return { tasks, nextPageToken };
  }

  @Get(':id/attempts')
  async attempts(@Param(parameters(runPath)) path: RunPath, @Query(parameters(attemptsQuery)) query: z.infer<typeof attemptsQuery>) {
    const { tasks } = await this.runs.listAttempts({ runId: path.id, ...query });
    return { tasks };
  }

  @Get(':id/tasks/:task/attempts')
  async attemptsOfTask(@Param(parameters(taskPath)) { id, task }: z.infer<typeof taskPath>) {
    const { tasks } = await this.runs.listAttempts({ runId: id, task });
    return { task: present(tasks[0], 'task') };
  }

  @Get(':id/why')
  async why(@Param(parameters(runPath)) path: RunPath, @Query(parameters(whyQuery)) query: z.infer<typeof whyQuery>) {
    const { explanations } = await this.runs.explainTask({ runId: path.id, ...query });
    return { explanations };
  }
}
