import type { Failure } from '@tutti/contracts';
import { TuttiError, type Clock, type JsonObject, type JsonValue } from '@tutti/kernel';
import type { StepPlan, WaitBody } from '../definition/plan.js';
import { isTruthy } from '../expressions/scope.js';
import { eventView, type SeenEvent } from '../inbox/seen-event.js';
import type { Resolution, RunRequest } from '../run/run.commands.js';
import { untakenFor } from '../run/run.signals.js';
import type { Signal, TaskState } from '../run/run.state.js';
import { stepState } from '../run/run.step-state.js';
import { workNow } from '../run/run.work-plan.js';
import { refuseOutput } from './refuse-output.js';
import { itemOf } from './fan-out-item.js';
import type { Unit } from './resolve-task.js';
import type { Maybe, RunEvaluator, Subject } from './run-evaluator.js';
import { stepExtra } from './step-extra.js';

/** Signals that a wait looks at before others get their turn. */
const SIGNALS_AT_ONCE = 256;

interface WaitParts {
  readonly evaluator: RunEvaluator;
  readonly clock: Clock;
  /** Position of the store's newest event. */
  readonly head: () => Promise<number>;
}

/** Finds out what waits for signals and events need. */
export class WaitResolver {
  constructor(private readonly parts: WaitParts) {}

  async begin({ step, work, index, branch }: Unit<WaitBody>): Promise<Resolution> {
    const { awaited, timeoutMs } = work;
    const deadlineMs = timeoutMs === null ? null : this.parts.clock.now() + timeoutMs;
    const begin = { kind: 'begin', step: step.id, index, branch, deadlineMs } as const;
    if (awaited.kind === 'signal') return { ...begin, begins: { kind: 'signal', name: awaited.name } };
    const { eventType, source } = awaited;
    return { ...begin, begins: { kind: 'event', eventType, source, after: await this.parts.head() } };
  }

  /** The first signal that is for the wait, of those that it has not looked at; null when another wait has taken the last one since it asked. */
  takeSignal(subject: Subject, step: StepPlan, request: Extract<RunRequest, { kind: 'take-signal' }>): Maybe<Resolution | null> {
    const { task, work } = this.waiting(subject, step, request.task);
    const signals = untakenFor(subject.state, task).slice(0, SIGNALS_AT_ONCE);
    const [first] = signals;
    if (first === undefined) return null;
    const schema = work.awaited.kind === 'signal' ? work.awaited.schema : null;
    if (work.where === null && schema === null && step.output === null) return looked(task, first, first.order);
    return this.look(subject, step, work, task, signals);
  }

  /** @throws TuttiError EXPRESSION_FAILED */
  async isAwaited(subject: Subject, step: StepPlan, { id }: TaskState, seen: SeenEvent): Promise<boolean> {
    const { evaluator } = this.parts;
    const { task, work } = this.waiting(subject, step, id);
    if (work.where === null) return true;
    const event = await eventView(seen, evaluator.values);
    return isFor(evaluator, subject, work, { ...(await unitExtra(evaluator, subject, step, task)), event });
  }

  /** What is wrong with an event that is awaited, by the schema of the step's output; null for nothing. */
  async refuse(step: StepPlan, { id, data }: SeenEvent): Promise<Failure | null> {
    return step.output === null ? null : refuseOutput(step, `event "${id}"`, await this.parts.evaluator.values.load(data));
  }

  private async look(subject: Subject, step: StepPlan, work: WaitBody, task: TaskState, signals: readonly Signal[]): Promise<Resolution> {
    const extra = await unitExtra(this.parts.evaluator, subject, step, task);
    for (const signal of signals) {
      const payload = await this.parts.evaluator.values.load(signal.payload);
      if (!(await isFor(this.parts.evaluator, subject, work, { ...extra, signal: payload }))) continue;
      const refused = refuseOutput(step, `signal "${signal.id}"`, payload);
      return refused === null ? looked(task, signal, signal.order) : { kind: 'step-failed', step: step.id, error: refused };
    }
    return looked(task, null, signals.at(-1)?.order ?? 0);
  }

  private waiting({ state }: Subject, step: StepPlan, id: string): { readonly task: TaskState; readonly work: WaitBody } {
    const task = state.tasks.get(id);
    const work = task === undefined ? null : workNow(step, stepState(state, step.id), task.branch);
    if (task === undefined || work?.kind !== 'wait')
      throw new TuttiError('INTERNAL', `task "${id}" of step "${step.id}" waits for nothing`);
    return { task, work };
  }
}

/** Whether what came, `signal` or `event`, is for the wait. @throws TuttiError EXPRESSION_FAILED */
async function isFor(evaluator: RunEvaluator, subject: Subject, work: WaitBody, extra: JsonObject): Promise<boolean> {
  const { awaited, where } = work;
  // Another wait of the name may have a schema that this signal was let in by.
  if (awaited.kind === 'signal' && awaited.schema !== null && awaited.schema.check(extra['signal'] ?? null).length > 0) return false;
  return where === null || isTruthy(await evaluator.value(subject, where, extra));
}

/** What the expressions of a task's work see beside the run. */
export async function unitExtra(evaluator: RunEvaluator, subject: Subject, step: StepPlan, task: TaskState): Promise<JsonObject> {
  const item = await itemOf(evaluator.values, subject.state, task);
  return { ...item, ...(await stepExtra(evaluator.values, subject, step, item)) };
}

/** A step that repeats is done, or has been repeated often enough. */
export async function resolveUntil(evaluator: RunEvaluator, subject: Subject, step: StepPlan): Promise<Resolution> {
  const { output: stored, iteration } = stepState(subject.state, step.id);
  if (step.repeat === null || stored === null) throw new TuttiError('INTERNAL', `step "${step.id}" has nothing to repeat`);
  const { until, maxTimes, delayMs } = step.repeat;
  const output: JsonValue = evaluator.values.peek(stored) ?? (await evaluator.values.load(stored));
  const done = isTruthy(await evaluator.value(subject, until, { ...(await stepExtra(evaluator.values, subject, step, {})), output }));
  if (done || iteration < maxTimes) return { kind: 'until', step: step.id, done, delayMs };
  const message = `step "${step.id}" was done ${iteration} times, and "${until.source}" was never true; at most ${maxTimes} times are allowed`;
  return { kind: 'step-failed', step: step.id, error: { code: 'REPEAT_EXHAUSTED', message } };
}

function looked({ id, step, attempt }: TaskState, signal: Signal | null, through: number): Resolution {
  const taken = signal === null ? null : { id: signal.id, payload: signal.payload };
  return { kind: 'signal', step, task: id, attempt, taken, through };
}
