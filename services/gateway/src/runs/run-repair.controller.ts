import { Body, Controller, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { jsonObject, jsonValue, type RunService } from '@tutti/contracts';
import { RUN_SERVICE } from '@tutti/service-kit';
import { z } from 'zod';
import { Actor, FromStartHeaders, type StartHeaders } from '../door/actor.js';
import { freeText, jsonBody, nameText, parameters } from '../door/request-parsing.js';

const runPath = z.strictObject({ id: nameText });
const stepPath = z.strictObject({ id: nameText, step: nameText });
const reason = freeText(2_000).default('');
const retryBody = z.strictObject({ inputs: jsonObject.default({}), reason });
const resetBody = z.strictObject({ steps: z.array(nameText).min(1).max(1_000), inputs: jsonObject.default({}), reason });
const skipBody = z.strictObject({ output: jsonValue.default(null), reason });

/** Puts runs right. The repair's id is the idempotency key. */
@Controller('v1/runs/:id')
export class RunRepairController {
  constructor(@Inject(RUN_SERVICE) private readonly runs: RunService) {}

  /** Goes on from the steps that failed. */
  @Post('retry')
  @HttpCode(200)
  async retry(
    @Param(parameters(runPath)) { id: runId }: z.infer<typeof runPath>,
    @Body(jsonBody(retryBody)) body: z.infer<typeof retryBody>,
    @Actor() actor: string,
    @FromStartHeaders() { idempotencyKey: repairId }: StartHeaders,
  ) {
    return this.runs.repairRun({ runId, repairId, failedSteps: true, steps: [], outputs: {}, ...body, actor });
  }

  /** Goes back to a point: the steps and all that needs them are done anew. */
  @Post('reset')
  @HttpCode(200)
  async reset(
    @Param(parameters(runPath)) { id: runId }: z.infer<typeof runPath>,
    @Body(jsonBody(resetBody)) body: z.infer<typeof resetBody>,
    @Actor() actor: string,
    @FromStartHeaders() { idempotencyKey: repairId }: StartHeaders,
  ) {
    return this.runs.repairRun({ runId, repairId, failedSteps: false, outputs: {}, ...body, actor });
  }

  /** The step counts as done. */
  @Post('steps/:step/skip')
  @HttpCode(200)
  async skip(
    @Param(parameters(stepPath)) { id: runId, step }: z.infer<typeof stepPath>,
    @Body(jsonBody(skipBody)) { output, reason: why }: z.infer<typeof skipBody>,
    @Actor() actor: string,
    @FromStartHeaders() { idempotencyKey: repairId }: StartHeaders,
  ) {
    const outputs = { [step]: output };
    return this.runs.repairRun({ runId, repairId, failedSteps: false, steps: [], inputs: {}, outputs, actor, reason: why });
  }
}
