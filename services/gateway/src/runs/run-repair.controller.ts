import { Controller, Inject } from '@nestjs/common';
import type { RunService } from '@tutti/contracts';
import { resetRun, retryRun, skipStep, type RouteInput } from '@tutti/rest-contract';
import { RUN_SERVICE } from '@tutti/service-kit';
import { Actor } from '../door/actor.js';
import { Input, Route } from '../rest/route.decorator.js';

/** Puts runs right. The repair's id is the idempotency key. */
@Controller()
export class RunRepairController {
  constructor(@Inject(RUN_SERVICE) private readonly runs: RunService) {}

  @Route(retryRun)
  retry(@Input(retryRun) { params, headers, body }: RouteInput<typeof retryRun>, @Actor() actor: string) {
    const repair = { runId: params.id, repairId: headers['idempotency-key'], actor };
    return this.runs.repairRun({ ...repair, failedSteps: true, steps: [], outputs: {}, ...body });
  }

  @Route(resetRun)
  reset(@Input(resetRun) { params, headers, body }: RouteInput<typeof resetRun>, @Actor() actor: string) {
    const repair = { runId: params.id, repairId: headers['idempotency-key'], actor };
    return this.runs.repairRun({ ...repair, failedSteps: false, outputs: {}, ...body });
  }

  @Route(skipStep)
  skip(@Input(skipStep) { params, headers, body: { output, reason } }: RouteInput<typeof skipStep>, @Actor() actor: string) {
    const repair = { runId: params.id, repairId: headers['idempotency-key'], actor, reason };
    return this.runs.repairRun({ ...repair, failedSteps: false, steps: [], inputs: {}, outputs: { [params.step]: output } });
  }
}
