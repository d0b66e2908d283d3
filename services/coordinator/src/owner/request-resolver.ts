import type { Failure, StoredValue } from '@tutti/contracts';
import { assertNever, toTuttiError, TuttiError, type Clock, type JsonObject, type JsonValue } from '@tutti/kernel';
import type { EventStore } from '@tutti/event-store';
import type { ValueStore } from '@tutti/service-kit';
import { findStep, type Plan, type StepPlan, type SwitchBody, type WorkPlan } from '../definition/plan.js';
import type { Evaluator } from '../expressions/evaluator.js';
import { isTruthy } from '../expressions/scope.js';
import type { SeenEvent } from '../inbox/seen-event.js';
import type { Router } from '../routing/router.js';
import type { Resolution, RunRequest } from '../run/run.commands.js';
import type { TaskState } from '../run/run.state.js';
import { stepState } from '../run/run.step-state.js';
import { workNow } from '../run/run.work-plan.js';
import type { RunPlans } from '../workflow/run-plans.js';
import { ChildResolver } from './resolve-child.js';
import { GateResolver } from './resolve-gate.js';
import { TaskResolver } from './resolve-task.js';
import { resolveUntil, unitExtra, WaitResolver } from './resolve-wait.js';
import { WorkResolver } from './resolve-work.js';
import { describeType, RunEvaluator, type Maybe, type Subject } from './run-evaluator.js';
import { buildScope } from './run-scope.js';
import { stepExtra } from './step-extra.js';
import { partsToUndo, undoneBy } from './undo-extra.js';

const MAX_FAN_OUT = 100_000;
const NOTHING: JsonObject = {};

interface ResolverParts {
  readonly evaluator: Evaluator;
  readonly values: ValueStore;
  readonly router: Router;
  readonly clock: Clock;
  readonly store: Pick<EventStore, 'head'>;
  readonly plans: RunPlans;
}

/** Finds out what a run asks for: evaluates, stores, assigns. What goes wrong is an answer too, so that it becomes an event. */
export class RequestResolver {
  private readonly evaluator: RunEvaluator;
  private readonly tasks: TaskResolver;
  private readonly waits: WaitResolver;
  private readonly works: WorkResolver;
  private readonly gates: GateResolver;

  constructor({ evaluator, values, router, clock, store, plans }: ResolverParts) {
    this.evaluator = new RunEvaluator(evaluator, values);
    this.tasks = new TaskResolver(this.evaluator, router);
    this.waits = new WaitResolver({ evaluator: this.evaluator, clock, head: () => store.head() });
    this.works = new WorkResolver(this.evaluator, this.waits, new ChildResolver(this.evaluator, plans, clock), clock);
    this.gates = new GateResolver(this.evaluator);
  }

  /** Null when there is nothing to take up: the task must wait for an agent. */
  resolve(subject: Subject, request: RunRequest): Maybe<Resolution | null> {
    try {
      const answer = this.answer(subject, request);
      if (!(answer instanceof Promise)) return answer;
      const visit = visitOf(subject, request);
      return answer.catch((error: unknown) => failureOf(request, visit, error));
    } catch (error) {
      return failureOf(request, visitOf(subject, request), error);
    }
  }

  /** Whether the event is for the task that waits for one of its kind. @throws TuttiError EXPRESSION_FAILED */
  isAwaited(subject: Subject, task: TaskState, event: SeenEvent): Promise<boolean> {
    return this.waits.isAwaited(subject, stepOf(subject.plan, task.step), task, event);
  }

  /** What is wrong with an event that the task would take; null for nothing. */
  refuseEvent({ plan }: Subject, task: TaskState, event: SeenEvent): Promise<Failure | null> {
    return this.waits.refuse(stepOf(plan, task.step), event);
  }

  private answer(subject: Subject, request: RunRequest): Maybe<Resolution | null> {
    switch (request.kind) {
      case 'start':
        return this.start(subject, stepOf(subject.plan, request.step));
      case 'child':
        return this.child(subject, stepOf(subject.plan, request.step), request.index);
      case 'join':
        return this.join(subject, request.step);
      case 'gate':
        return this.gates.resolve(subject, stepOf(subject.plan, request.step), request.gate);
      case 'reassign':
        return this.tasks.reassign(subject.state, request.task);
      case 'until':
        return resolveUntil(this.evaluator, subject, stepOf(subject.plan, request.step));
      case 'take-signal':
        return this.waits.takeSignal(subject, stepOf(subject.plan, request.step), request);
      case 'again':
        return this.again(subject, stepOf(subject.plan, request.step), request.task);
      case 'outputs':
        return this.outputs(subject);
      default:
        return assertNever(request, 'run request');
    }
  }

  private start(subject: Subject, step: StepPlan): Maybe<Resolution> {
    const { caught } = stepState(subject.state, step.id);
    // A handler runs once, whatever the step's condition and list were.
    if (undoneBy(subject.state, step.id) !== null) return this.startUndo(subject, step);
    const isPlain = caught !== null || (step.condition === null && step.forEach === null);
    return isPlain ? this.unit(subject, step, null, NOTHING) : this.startChecked(subject, step);
  }

  private async startChecked(subject: Subject, step: StepPlan): Promise<Resolution> {
    const { iteration } = stepState(subject.state, step.id);
    if (step.condition !== null && iteration === 1) {
      const scope = await buildScope(this.evaluator.values, { ...subject, expressions: [step.condition], step });
      if (!isTruthy(await this.evaluator.evaluate(step.condition, scope))) {
        return { kind: 'skip', step: step.id, message: `its condition was not true: ${step.condition.source}` };
      }
    }
    if (step.forEach === null) return this.unit(subject, step, null, NOTHING);
    const items = await this.evaluator.value(subject, step.forEach.items);
    if (!Array.isArray(items))
      throw new TuttiError('EXPRESSION_FAILED', `forEach.items of step "${step.id}" gave ${describeType(items)}; expected a list`);
    const list: readonly JsonValue[] = items;
    if (list.length > MAX_FAN_OUT)
      throw new TuttiError(
        'EXPRESSION_FAILED',
        `forEach.items of step "${step.id}" gave ${list.length} items; at most ${MAX_FAN_OUT} are taken`,
      );
    return { kind: 'fan-out', step: step.id, items: await this.evaluator.values.store(list), count: list.length };
  }

  /** What a list did is undone one by one. */
  private async startUndo(subject: Subject, step: StepPlan): Promise<Resolution> {
    const parts = await partsToUndo(this.evaluator.values, subject.state, step.id);
    if (parts === null) return this.unit(subject, step, null, NOTHING);
    return { kind: 'fan-out', step: step.id, items: await this.evaluator.values.store(parts), count: parts.length };
  }

  /** Null when one before it in the list has failed, and a handler takes over. */
  private child(subject: Subject, step: StepPlan, index: number): Maybe<Resolution | null> {
    const { fanOut } = stepState(subject.state, step.id);
    if (fanOut === null) return null;
    const childOf = (items: JsonValue): Maybe<Resolution> =>
      this.unit(subject, step, index, { item: (items as readonly JsonValue[])[index] ?? null, index });
    const items = this.evaluator.values.peek(fanOut.items);
    return items === undefined ? this.evaluator.values.load(fanOut.items).then(childOf) : childOf(items);
  }

  /** Another attempt of work that no agent does. */
  private async again(subject: Subject, step: StepPlan, id: string): Promise<Resolution> {
    const task = subject.state.tasks.get(id);
    if (task === undefined) throw new TuttiError('INTERNAL', `step "${step.id}" has no task "${id}"`);
    const { inputOverride } = stepState(subject.state, step.id);
    const work = workNow(step, stepState(subject.state, step.id), task.branch);
    const begun =
      inputOverride !== null && work !== null
        ? await this.beginWith(subject, step, work, inputOverride)
        : await this.begin(subject, step, work, task.index, task.branch, await unitExtra(this.evaluator, subject, step, task));
    return begun.kind === 'begin' ? { ...begun, attempt: task.attempt + 1 } : begun;
  }

  /** One unit of the step's work: an agent's task at once, where it can be. */
  private unit(subject: Subject, step: StepPlan, index: number | null, item: JsonObject): Maybe<Resolution> {
    const own = stepExtra(this.evaluator.values, subject, step, item);
    if (own instanceof Promise) return own.then((extra) => this.unitWith(subject, step, index, { ...item, ...extra }));
    return this.unitWith(subject, step, index, index === null ? own : { ...item, ...own });
  }

  private unitWith(subject: Subject, step: StepPlan, index: number | null, extra: JsonObject): Maybe<Resolution> {
    const { inputOverride } = stepState(subject.state, step.id);
    const work = workNow(step, stepState(subject.state, step.id), null);
    if (inputOverride !== null && work !== null) return this.beginWith(subject, step, work, inputOverride);
    if (step.body.kind !== 'switch' || stepState(subject.state, step.id).caught !== null)
      return this.begin(subject, step, work, index, null, extra);
    return this.branchOf(subject, step, step.body, extra).then((branch) => {
      const chosen = workNow(step, stepState(subject.state, step.id), branch);
      if (chosen === null) throw new TuttiError('NO_CASE', noCase(step, branch));
      return this.begin(subject, step, chosen, index, branch, extra);
    });
  }

  /** With the input that somebody gave. */
  private async beginWith(subject: Subject, step: StepPlan, work: WorkPlan, given: StoredValue): Promise<Resolution> {
    const value = this.evaluator.values.peek(given) ?? (await this.evaluator.values.load(given));
    return this.begin(subject, step, { ...work, input: { kind: 'constant', value } }, null, null, NOTHING);
  }

  private begin(subject: Subject, step: StepPlan, work: WorkPlan | null, index: number | null, branch: string | null, extra: JsonObject) {
    if (work === null) throw new TuttiError('INTERNAL', `step "${step.id}" has no work to begin`);
    if (work.kind === 'task') return this.tasks.resolve(subject, { step, work, index, branch, extra });
    return this.works.resolve(subject, { step, work, index, branch, extra });
  }

  private async branchOf(subject: Subject, step: StepPlan, { on }: SwitchBody, extra: JsonObject): Promise<string> {
    const value = await this.evaluator.value(subject, on, extra);
    if (value === undefined || value === null) return '';
    if (typeof value === 'object')
      throw new TuttiError(
        'EXPRESSION_FAILED',
        `switch of step "${step.id}" gave ${describeType(value)}; expected a text, a number or a truth value`,
      );
    return String(value);
  }

  private async join(subject: Subject, step: string): Promise<Resolution> {
    const { values } = this.evaluator;
    const outputs: JsonValue[] = [];
    for (const output of stepState(subject.state, step).fanOut?.outputs ?? []) {
      if (output === undefined) throw new TuttiError('INTERNAL', `a task of step "${step}" has no output to join`);
      outputs.push(values.peek(output) ?? (await values.load(output)));
    }
    return { kind: 'joined', step, output: await values.store(outputs) };
  }

  private outputs(subject: Subject): Maybe<Resolution> {
    const { outputs } = subject.plan;
    if (outputs === null) return { kind: 'outputs', outputs: { inline: {} } };
    const store = async (filled: Maybe<JsonValue | undefined>): Promise<Resolution> => ({
      kind: 'outputs',
      outputs: await this.evaluator.values.store((await filled) ?? null),
    });
    return store(this.evaluator.fill(subject, outputs, NOTHING));
  }
}

/** Of the step that is asked about, while it is; 0 for a request about none. */
function visitOf({ state }: Subject, request: RunRequest): number {
  return 'step' in request ? stepState(state, request.step).visit : 0;
}

function failureOf(request: RunRequest, visit: number, error: unknown): Resolution {
  const { code, message, kind, details } = toTuttiError(error);
  // The store or the blobs failing is not the run's fault: the append is given up and tried again.
  if (kind === 'unavailable' || kind === 'internal') throw error;
  const failure = details === undefined ? { code, message } : { code, message, details };
  return 'step' in request ? { kind: 'step-failed', step: request.step, visit, error: failure } : { kind: 'run-failed', error: failure };
}

function noCase(step: StepPlan, branch: string): string {
  const cases = step.body.kind === 'switch' ? [...step.body.cases.keys()].join(', ') : '';
  return `switch of step "${step.id}" gave "${branch}"; it has ${cases}, and no default`;
}

function stepOf(plan: Plan, id: string): StepPlan {
  const step = findStep(plan, id);
  if (step === undefined) throw new TuttiError('INTERNAL', `workflow "${plan.name}" has no step "${id}"`);
  return step;
}
