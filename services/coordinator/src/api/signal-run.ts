import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { SignalRunResponse } from '@tutti/contracts';
import { TuttiError, type JsonValue, type Runtime } from '@tutti/kernel';
import { RUNTIME, VALUE_STORE, type ValueStore } from '@tutti/service-kit';
import { describeProblems, type CompiledSchema } from '../definition/json-schema.js';
import type { Plan, WorkPlan } from '../definition/plan.js';
import { RunOwner } from '../owner/run-owner.js';

export class SignalRun extends Command<SignalRunResponse> {
  constructor(
    readonly request: {
      readonly runId: string;
      readonly name: string;
      readonly payload: JsonValue;
      readonly signalId: string;
      readonly actor: string;
      readonly traceparent: string;
    },
  ) {
    super();
  }
}

@CommandHandler(SignalRun)
export class SignalRunHandler implements ICommandHandler<SignalRun> {
  constructor(
    @Inject(RunOwner) private readonly owner: RunOwner,
    @Inject(VALUE_STORE) private readonly values: ValueStore,
    @Inject(RUNTIME) private readonly runtime: Runtime,
  ) {}

  async execute({ request }: SignalRun): Promise<SignalRunResponse> {
    const { runId, name, actor, traceparent } = request;
    const { state, plan } = await this.owner.peek(runId);
    const signalId = request.signalId === '' ? this.runtime.ids.next() : request.signalId;
    if (!state.signals.known.has(signalId)) checkPayload(plan, name, request.payload);
    const payload = await this.values.store(request.payload);
    const sender = { actor, traceparent: traceparent === '' ? null : traceparent };
    const { events, position } = await this.owner.send(runId, { type: 'SignalRun', signalId, name, payload, actor }, sender);
    return { signalId, position, created: events.length > 0 };
  }
}

/** A signal must be one that some wait of its name can take. @throws TuttiError INPUT_INVALID */
function checkPayload(plan: Plan, name: string, payload: JsonValue): void {
  const schemas = schemasOf(plan, name);
  if (schemas.length === 0 || schemas.includes(null)) return;
  const found = schemas.map((schema) => schema?.check(payload) ?? []);
  const [problems = []] = found;
  if (found.some(({ length }) => length === 0)) return;
  throw new TuttiError(
    'INPUT_INVALID',
    `signal "${name}" of workflow "${plan.name}" version ${plan.version}: ${describeProblems(problems)}`,
    {
      details: { problems: problems.map((problem) => ({ ...problem })) },
    },
  );
}

/** Of each wait for the signal; null for one that takes anything. */
function schemasOf(plan: Plan, name: string): readonly (CompiledSchema | null)[] {
  const bodies: WorkPlan[] = [];
  for (const { body, catches } of [...plan.steps.values(), ...plan.inner.values()]) {
    if (body.kind === 'switch') bodies.push(...body.cases.values(), ...(body.otherwise === null ? [] : [body.otherwise]));
    else bodies.push(body);
    bodies.push(...catches.map((handler) => handler.body));
  }
  return bodies.flatMap((body) =>
    body.kind === 'wait' && body.awaited.kind === 'signal' && body.awaited.name === name ? [body.awaited.schema] : [],
  );
}
