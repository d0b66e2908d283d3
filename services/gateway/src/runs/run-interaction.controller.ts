import { Controller, Inject, Res } from '@nestjs/common';
import type { RunService } from '@tutti/contracts';
import type { JsonValue } from '@tutti/kernel';
import { listQueries, queryRun, setVariables, signalRun, type RouteInput } from '@tutti/rest-contract';
import { RUN_SERVICE } from '@tutti/service-kit';
import type { FastifyReply } from 'fastify';
import { Actor } from '../door/actor.js';
import { Input, Route } from '../rest/route.decorator.js';

/** What people and programs have to say to a run while it runs, and to ask it. */
@Controller()
export class RunInteractionController {
  constructor(@Inject(RUN_SERVICE) private readonly runs: RunService) {}

  /** The signal's id is that of the body, or else the idempotency key. */
  @Route(signalRun)
  async signal(
    @Input(signalRun) { params, headers, body }: RouteInput<typeof signalRun>,
    @Actor() actor: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { signalId, position, created } = await this.runs.signalRun({
      ...{ runId: params.id, name: params.name, payload: body.payload },
      ...{ signalId: body.id ?? headers['idempotency-key'], actor, traceparent: headers.traceparent },
    });
    reply.code(created ? 201 : 200);
    return { signalId, position, created };
  }

  @Route(listQueries)
  async queries(@Input(listQueries) { params }: RouteInput<typeof listQueries>) {
    const { queries } = await this.runs.listQueries({ runId: params.id });
    return { queries };
  }

  @Route(queryRun)
  async query(@Input(queryRun) { params }: RouteInput<typeof queryRun>) {
    const answer = await this.runs.queryRun({ runId: params.id, name: params.name });
    const value = (answer.value ?? null) as JsonValue;
    const { position } = answer;
    return { value, position };
  }

  @Route(setVariables)
  async setVariables(@Input(setVariables) { params, body }: RouteInput<typeof setVariables>, @Actor() actor: string) {
    const { position } = await this.runs.setVariables({ runId: params.id, ...body, actor });
    return { position };
  }
}
