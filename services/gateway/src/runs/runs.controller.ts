import { Controller, Inject, Res } from '@nestjs/common';
import type { RunService } from '@tutti/contracts';
import { cancelRun, getRun, listRuns, pauseRun, resumeRun, startRun, type RouteInput } from '@tutti/rest-contract';
import { RUN_SERVICE } from '@tutti/service-kit';
import type { FastifyReply } from 'fastify';
import { Actor } from '../door/actor.js';
import { Input, Route } from '../rest/route.decorator.js';
import { present } from '../wire/wire-enum.js';
import { runStatus, runSummaryToWire, runToWire } from './run.wire.js';

@Controller()
export class RunsController {
  constructor(@Inject(RUN_SERVICE) private readonly runs: RunService) {}

  @Route(startRun)
  async start(
    @Input(startRun) { body, headers }: RouteInput<typeof startRun>,
    @Actor() actor: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { runId, position, workflowVersion, created } = await this.runs.startRun({
      ...{ ...body, inputs: body.inputs, actor },
      ...{ idempotencyKey: headers['idempotency-key'], traceparent: headers.traceparent },
    });
    reply.code(created ? 201 : 200).header('location', `/v1/runs/${encodeURIComponent(runId)}`);
    return { runId, position, workflowVersion, created };
  }

  @Route(listRuns)
  async list(@Input(listRuns) { query }: RouteInput<typeof listRuns>) {
    const { label, children, root, status, ...rest } = query;
    const { runs, nextPageToken } = await this.runs.listRuns({
      ...{ ...rest, status: runStatus.value(status) },
      ...{ labels: Object.fromEntries(label), children: children === 'true', rootRunId: root },
    });
    return { runs: runs.map(runSummaryToWire), nextPageToken };
  }

  @Route(getRun)
  async get(@Input(getRun) { params, query }: RouteInput<typeof getRun>) {
    const { run } = await this.runs.getRun({ runId: params.id, ...query });
    return { run: runToWire(present(run, 'run')) };
  }

  @Route(pauseRun)
  async pause(@Input(pauseRun) { params, body }: RouteInput<typeof pauseRun>, @Actor() actor: string) {
    const { position } = await this.runs.pauseRun({ runId: params.id, ...body, actor });
    return { position };
  }

  @Route(resumeRun)
  async resume(@Input(resumeRun) { params, body }: RouteInput<typeof resumeRun>, @Actor() actor: string) {
    const { position } = await this.runs.resumeRun({ runId: params.id, ...body, actor });
    return { position };
  }

  @Route(cancelRun)
  async cancel(@Input(cancelRun) { params, body }: RouteInput<typeof cancelRun>, @Actor() actor: string) {
    const { position } = await this.runs.cancelRun({ runId: params.id, ...body, actor });
    return { position };
  }
}
