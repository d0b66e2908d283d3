import { Body, Controller, Get, HttpCode, Inject, Param, Patch, Post, Res } from '@nestjs/common';
import { jsonObject, jsonValue, type RunService } from '@tutti/contracts';
import type { JsonValue } from '@tutti/kernel';
import { RUN_SERVICE } from '@tutti/service-kit';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Actor, FromStartHeaders, type StartHeaders } from '../door/actor.js';
import { freeText, jsonBody, nameText, parameters } from '../door/request-parsing.js';

const runPath = z.strictObject({ id: nameText });
const namedPath = z.strictObject({ id: nameText, name: nameText });
const signalBody = z.strictObject({ payload: jsonValue.default(null), id: z.string().max(200).optional() });
const queryBody = z.strictObject({});
const variablesBody = z.strictObject({ values: jsonObject, reason: freeText(2_000).default('') });

type NamedPath = z.infer<typeof namedPath>;

/** What people and programs have to say to a run while it runs, and to ask it. */
@Controller('v1/runs/:id')
export class RunInteractionController {
  constructor(@Inject(RUN_SERVICE) private readonly runs: RunService) {}

  /** The signal's id is that of the body, or else the idempotency key. */
  @Post('signals/:name')
  async signal(
    @Param(parameters(namedPath)) { id: runId, name }: NamedPath,
    @Body(jsonBody(signalBody)) body: z.infer<typeof signalBody>,
    @Actor() actor: string,
    @FromStartHeaders() { idempotencyKey, traceparent }: StartHeaders,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const signalId = body.id ?? idempotencyKey;
    const answer = await this.runs.signalRun({ runId, name, payload: body.payload, signalId, actor, traceparent });
    reply.code(answer.created ? 201 : 200);
    return { signalId: answer.signalId, position: answer.position, created: answer.created };
  }

  @Get('queries')
  async queries(@Param(parameters(runPath)) { id: runId }: z.infer<typeof runPath>) {
    const { queries } = await this.runs.listQueries({ runId });
    return { queries };
  }

  @Post('queries/:name')
  @HttpCode(200)
  async query(@Param(parameters(namedPath)) { id: runId, name }: NamedPath, @Body(jsonBody(queryBody)) _body: object) {
    const answer = await this.runs.queryRun({ runId, name });
    const value = (answer.value ?? null) as JsonValue;
    const { position } = answer;
    return { value, position };
  }

  @Patch('variables')
  async setVariables(
    @Param(parameters(runPath)) { id: runId }: z.infer<typeof runPath>,
    @Body(jsonBody(variablesBody)) body: z.infer<typeof variablesBody>,
    @Actor() actor: string,
  ) {
    const { position } = await this.runs.setVariables({ runId, ...body, actor });
    return { position };
  }
}
