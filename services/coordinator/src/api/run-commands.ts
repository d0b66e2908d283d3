import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { runIdOfKey, type CancelRunResponse, type PauseRunResponse, type ResumeRunResponse, type StartRunResponse } from '@tutti/contracts';
import { hashJson, isTuttiError, type JsonObject, type Runtime } from '@tutti/kernel';
import { RUNTIME, VALUE_STORE, type ValueStore } from '@tutti/service-kit';
import { checkInputs } from '../definition/check-inputs.js';
import { fillDefaults } from '../definition/fill-defaults.js';
import { EVALUATOR, OWNERSHIP } from '../coordinator.tokens.js';
import type { Evaluator } from '../expressions/evaluator.js';
import type { Plan } from '../definition/plan.js';
import { RunOwner } from '../owner/run-owner.js';
import { RunEvaluator } from '../owner/run-evaluator.js';
import { startValues } from '../owner/start-values.js';
import type { Ownership } from '../ownership/ownership.js';
import { PlanCatalog } from '../workflow/plan-catalog.js';

/** With one partition of 256 it is found with a probability of 0.98. */
const MAX_ID_TRIES = 1_000;

export class StartRun extends Command<StartRunResponse> {
  constructor(
    readonly request: {
      readonly workflow: string;
      readonly workflowVersion: number;
      readonly inputs: JsonObject;
      readonly labels: Readonly<Record<string, string>>;
      readonly idempotencyKey: string;
      readonly actor: string;
      readonly traceparent: string;
    },
  ) {
    super();
  }
}

@CommandHandler(StartRun)
export class StartRunHandler implements ICommandHandler<StartRun> {
  private readonly evaluator: RunEvaluator;

  constructor(
    @Inject(RunOwner) private readonly owner: Pick<RunOwner, 'peek' | 'start'>,
    @Inject(PlanCatalog) private readonly plans: PlanCatalog,
    @Inject(VALUE_STORE) private readonly values: ValueStore,
    @Inject(RUNTIME) private readonly runtime: Runtime,
    @Inject(OWNERSHIP) private readonly ownership: Ownership,
    @Inject(EVALUATOR) evaluator: Evaluator,
  ) {
    this.evaluator = new RunEvaluator(evaluator, values);
  }

  async execute({ request }: StartRun): Promise<StartRunResponse> {
    const { workflow, workflowVersion, inputs, labels, idempotencyKey, actor, traceparent } = request;
    const requestHash = hashJson({ workflow, workflowVersion, inputs, labels });
    const runId = idempotencyKey === '' ? this.ownId() : runIdOfKey(idempotencyKey);
    const earlier = idempotencyKey === '' ? null : await this.planOfRun(runId);
    const plan = earlier ?? (await this.plans.recordedPlanFor(workflow, workflowVersion, { runId, labels }));
    const complete = fillDefaults(plan.inputs, inputs);
    if (earlier === null) checkInputs(plan, complete);
    const stored = await this.values.store(complete);
    const begins = earlier === null ? await startValues(this.evaluator, { plan, inputs: stored, labels }) : { labels };
    const { events, position } = await this.owner.start(
      plan,
      {
        type: 'StartRun',
        ...{ runId, workflow, workflowVersion: plan.version, definitionHash: plan.hash, inputs: stored, ...begins },
        ...{ idempotencyKey: idempotencyKey === '' ? null : idempotencyKey, requestHash, actor },
      },
      { actor, traceparent: traceparent === '' ? null : traceparent },
    );
    return { runId, position, workflowVersion: plan.version, created: events.length > 0 };
  }

  /** Of a partition that this coordinator answers for. Without any, the start is refused like one by key. */
  private ownId(): string {
    let id = this.runtime.ids.next();
    for (let tries = 1; tries < MAX_ID_TRIES && !this.ownership.owns(id); tries++) id = this.runtime.ids.next();
    return id;
  }

  private async planOfRun(runId: string): Promise<Plan | null> {
    try {
      return (await this.owner.peek(runId)).plan;
    } catch (error) {
      if (isTuttiError(error, 'RUN_NOT_FOUND')) return null;
      throw error;
    }
  }
}

export class CancelRun extends Command<CancelRunResponse> {
  constructor(
    readonly runId: string,
    readonly actor: string,
    readonly reason: string,
    readonly force: boolean,
  ) {
    super();
  }
}

@CommandHandler(CancelRun)
export class CancelRunHandler implements ICommandHandler<CancelRun> {
  constructor(@Inject(RunOwner) private readonly owner: RunOwner) {}

  async execute({ runId, actor, reason, force }: CancelRun): Promise<CancelRunResponse> {
    const { position } = await this.owner.send(runId, { type: 'CancelRun', actor, reason, force }, { actor });
    return { position };
  }
}

export class PauseRun extends Command<PauseRunResponse> {
  constructor(
    readonly runId: string,
    readonly actor: string,
    readonly reason: string,
  ) {
    super();
  }
}

@CommandHandler(PauseRun)
export class PauseRunHandler implements ICommandHandler<PauseRun> {
  constructor(@Inject(RunOwner) private readonly owner: RunOwner) {}

  async execute({ runId, actor, reason }: PauseRun): Promise<PauseRunResponse> {
    const { position } = await this.owner.send(runId, { type: 'PauseRun', actor, reason }, { actor });
    return { position };
  }
}

export class ResumeRun extends Command<ResumeRunResponse> {
  constructor(
    readonly runId: string,
    readonly actor: string,
    readonly reason: string,
  ) {
    super();
  }
}

@CommandHandler(ResumeRun)
export class ResumeRunHandler implements ICommandHandler<ResumeRun> {
  constructor(@Inject(RunOwner) private readonly owner: RunOwner) {}

  async execute({ runId, actor, reason }: ResumeRun): Promise<ResumeRunResponse> {
    const { position } = await this.owner.send(runId, { type: 'ResumeRun', actor, reason }, { actor });
    return { position };
  }
}
