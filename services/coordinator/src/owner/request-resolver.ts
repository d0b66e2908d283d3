import type { StoredValue } from '@tutti/contracts';
import { assertNever, hashJson, toTuttiError, TuttiError, type JsonObject, type JsonValue } from '@tutti/kernel';
import type { ValueStore } from '@tutti/service-kit';
import { describeProblems } from '../definition/json-schema.js';
import { PLAIN_ADMISSION, type Admission } from '../definition/admission.js';
import type { GatePlan, Plan, StepPlan } from '../definition/plan.js';
import type { Evaluation, Evaluator } from '../expressions/evaluator.js';
import type { Expression } from '../expressions/expression.js';
import { isTruthy, type Scope } from '../expressions/scope.js';
import { expressionsOf, fillTemplate, type Template } from '../expressions/template.js';
import type { Router } from '../routing/router.js';
import type { Resolution, RunRequest } from '../run/run.commands.js';
import { nextAttempt } from '../run/run.decider.js';
import { stepState, type RunState } from '../run/run.state.js';
import { resolveAdmission } from './resolve-admission.js';
import { buildScope, peekScope } from './run-scope.js';

const MAX_FAN_OUT = 100_000;

interface Subject {
  readonly plan: Plan;
  readonly state: RunState;
}

/** At once where nothing has to be waited for, which is so for most steps. */
type Maybe<Value> = Value | Promise<Value>;

/** Finds out what a run asks for: evaluates, stores, assigns. What goes wrong is an answer too, so that it becomes an event. */
export class RequestResolver {
  constructor(
    private readonly evaluator: Evaluator,
    private readonly values: ValueStore,
    private readonly router: Router,
  ) {}

  /** Null when there is nothing to take up: the task must wait for an agent. */
  resolve(subject: Subject, request: RunRequest): Maybe<Resolution | null> {
    try {
      const answer = this.answer(subject, request);
      return answer instanceof Promise ? answer.catch((error: unknown) => failureOf(request, error)) : answer;
    } catch (error) {
      return failureOf(request, error);
    }
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
        return this.gate(subject, stepOf(subject.plan, request.step), request.gate);
      case 'reassign':
        return this.reassign(subject.state, request.task);
      case 'outputs':
        return this.outputs(subject);
      default:
        return assertNever(request, 'run request');
    }
  }

  private start(subject: Subject, step: StepPlan): Maybe<Resolution> {
    return step.condition === null && step.forEach === null ? this.task(subject, step, null, {}) : this.startChecked(subject, step);
  }

  private async startChecked(subject: Subject, step: StepPlan): Promise<Resolution> {
    if (step.condition !== null) {
      const scope = await buildScope(this.values, { ...subject, expressions: [step.condition], step });
      if (!isTruthy(await this.evaluate(step.condition, scope))) {
        return { kind: 'skip', step: step.id, message: `its condition was not true: ${step.condition.source}` };
      }
    }
    if (step.forEach === null) return this.task(subject, step, null, {});
    const scope = await buildScope(this.values, { ...subject, expressions: [step.forEach.items] });
    const items = await this.evaluate(step.forEach.items, scope);
    if (!Array.isArray(items))
      throw new TuttiError('EXPRESSION_FAILED', `forEach.items of step "${step.id}" gave ${describeType(items)}; expected a list`);
    const list: readonly JsonValue[] = items;
    if (list.length > MAX_FAN_OUT)
      throw new TuttiError(
        'EXPRESSION_FAILED',
        `forEach.items of step "${step.id}" gave ${list.length} items; at most ${MAX_FAN_OUT} are taken`,
      );
    return { kind: 'fan-out', step: step.id, items: await this.values.store(list), count: list.length };
  }

  private child(subject: Subject, step: StepPlan, index: number): Maybe<Resolution> {
    const { fanOut } = stepState(subject.state, step.id);
    if (fanOut === null) throw new TuttiError('INTERNAL', `step "${step.id}" has no fan-out`);
    const childOf = (items: JsonValue): Maybe<Resolution> =>
      this.task(subject, step, index, { item: (items as readonly JsonValue[])[index] ?? null, index });
    const items = this.values.peek(fanOut.items);
    return items === undefined ? this.values.load(fanOut.items).then(childOf) : childOf(items);
  }

  private task(subject: Subject, step: StepPlan, index: number | null, extra: JsonObject): Maybe<Resolution> {
    const filled = this.fill(subject, step.input, extra);
    const input = filled instanceof Promise ? undefined : this.values.inline(filled ?? null);
    const { fixed } = step.admission;
    return input !== undefined && fixed !== null
      ? this.seated(subject, step, index, input, fixed)
      : this.taskInTime(subject, step, index, extra, filled);
  }

  /** What takes a moment: an expression in the evaluator's thread, a large input, a key of a limit. */
  private async taskInTime(
    subject: Subject,
    step: StepPlan,
    index: number | null,
    extra: JsonObject,
    filled: Maybe<JsonValue | undefined>,
  ): Promise<Resolution> {
    const input = await this.values.store((await filled) ?? null);
    const admission = step.admission.fixed ?? (await this.admission(subject, step, extra));
    return this.seated(subject, step, index, input, admission);
  }

  /** Last, so that nothing can fail between taking the seat and the event that says so. */
  private seated({ state }: Subject, step: StepPlan, index: number | null, input: StoredValue, admission: Admission): Resolution {
    const { priority, routing, limits } = admission;
    const need = {
      runId: state.runId,
      task: step.id,
      attempt: 1,
      capability: step.capability,
      pinnedAgent: step.agent,
      timeoutMs: step.timeoutMs,
      priority,
      routing,
      limits,
    };
    const assignment = this.router.tryAssign(need);
    if (admission === PLAIN_ADMISSION) return { kind: 'task', step: step.id, index, input, assignment };
    return { kind: 'task', step: step.id, index, input, admission, assignment };
  }

  private admission(subject: Subject, step: StepPlan, extra: JsonObject): Promise<Admission> {
    return resolveAdmission(step.admission, {
      ...{ runId: subject.state.runId, workflow: subject.plan.name, step: step.id },
      fill: async (template) => this.fill(subject, template, extra),
      evaluate: async (expression) =>
        this.evaluate(expression, await buildScope(this.values, { ...subject, expressions: [expression], extra })),
    });
  }

  private async join(subject: Subject, step: string): Promise<Resolution> {
    const outputs: JsonValue[] = [];
    for (const output of stepState(subject.state, step).fanOut?.outputs ?? []) {
      if (output === undefined) throw new TuttiError('INTERNAL', `a task of step "${step}" has no output to join`);
      outputs.push(this.values.peek(output) ?? (await this.values.load(output)));
    }
    return { kind: 'joined', step, output: await this.values.store(outputs) };
  }

  private async gate(subject: Subject, step: StepPlan, index: number): Promise<Resolution> {
    const gate = step.gates[index];
    const { output: stored } = stepState(subject.state, step.id);
    if (gate === undefined || stored === null) throw new TuttiError('INTERNAL', `step "${step.id}" has no gate ${index} to judge`);
    const output = this.values.peek(stored) ?? (await this.values.load(stored));
    const verdict = (passed: boolean, message: string, evidence: JsonValue): Resolution => ({
      kind: 'gate',
      step: step.id,
      gate: index,
      passed,
      message,
      evidence,
    });
    switch (gate.type) {
      case 'schema': {
        const problems = gate.schema.check(output);
        if (problems.length === 0) return verdict(true, 'the output matches the schema', null);
        return verdict(
          false,
          sayFailure(gate, describeProblems(problems)),
          problems.map((problem) => ({ ...problem })),
        );
      }
      case 'expression':
        return this.judgeExpression(subject, gate, output, verdict);
      case 'approval':
        return this.approval(subject, step, index, gate, stored, output);
      default:
        return assertNever(gate, 'gate');
    }
  }

  private async judgeExpression(
    subject: Subject,
    gate: Extract<GatePlan, { type: 'expression' }>,
    output: JsonValue,
    verdict: (passed: boolean, message: string, evidence: JsonValue) => Resolution,
  ): Promise<Resolution> {
    const { source } = gate.expression;
    try {
      const scope = await buildScope(this.values, { ...subject, expressions: [gate.expression], extra: { output } });
      const value = (await this.evaluate(gate.expression, scope)) ?? null;
      const passed = isTruthy(value);
      const evidence = { expression: source, value: typeof value === 'object' ? describeType(value) : value };
      return verdict(passed, passed ? 'the expression is true' : sayFailure(gate, `not true: ${source}`), evidence);
    } catch (error) {
      if (toTuttiError(error).code !== 'EXPRESSION_FAILED') throw error;
      return verdict(false, sayFailure(gate, toTuttiError(error).message), { expression: source });
    }
  }

  private async approval(
    subject: Subject,
    step: StepPlan,
    index: number,
    gate: Extract<GatePlan, { type: 'approval' }>,
    stored: StoredValue,
    output: JsonValue,
  ): Promise<Resolution> {
    const title = await this.fill(subject, gate.title, { output });
    const asked = {
      kind: 'approval',
      step: step.id,
      gate: index,
      title: typeof title === 'string' ? title : JSON.stringify(title),
    } as const;
    if (gate.payload === null) return { ...asked, payload: stored, payloadHash: hashJson(output) };
    const scope = await buildScope(this.values, { ...subject, expressions: [gate.payload], extra: { output } });
    const payload = (await this.evaluate(gate.payload, scope)) ?? null;
    return { ...asked, payload: await this.values.store(payload), payloadHash: hashJson(payload) };
  }

  private reassign(state: RunState, id: string): Resolution | null {
    const task = state.tasks.get(id);
    const attempt = task === undefined ? null : nextAttempt(task);
    if (task === undefined || attempt === null) return null;
    const assignment = this.router.tryAssign({ ...task, runId: state.runId, task: id, attempt });
    return assignment === null ? null : { kind: 'assigned', task: id, assignment };
  }

  private outputs(subject: Subject): Maybe<Resolution> {
    const { outputs } = subject.plan;
    if (outputs === null) return { kind: 'outputs', outputs: { inline: {} } };
    const store = async (filled: Maybe<JsonValue | undefined>): Promise<Resolution> => ({
      kind: 'outputs',
      outputs: await this.values.store((await filled) ?? null),
    });
    return store(this.fill(subject, outputs, {}));
  }

  private fill(subject: Subject, template: Template, extra: JsonObject): Maybe<JsonValue | undefined> {
    if (template.kind === 'constant') return template.value;
    const expressions = expressionsOf(template);
    const request = { ...subject, expressions, extra };
    const scope = peekScope(this.values, request);
    if (scope === undefined) return buildScope(this.values, request).then((built) => this.fillIn(template, expressions, built));
    return this.fillIn(template, expressions, scope);
  }

  private fillIn(template: Template, expressions: readonly Expression[], scope: Scope): Maybe<JsonValue | undefined> {
    const found = new Map<Expression, JsonValue | undefined>();
    const late: Promise<unknown>[] = [];
    for (const expression of expressions) {
      const value = this.evaluate(expression, scope);
      if (value instanceof Promise) late.push(value.then((came) => found.set(expression, came)));
      else found.set(expression, value);
    }
    const fill = (): JsonValue | undefined => fillTemplate(template, (expression) => found.get(expression));
    return late.length === 0 ? fill() : Promise.all(late).then(fill);
  }

  private evaluate(expression: Expression, scope: Scope): Maybe<JsonValue | undefined> {
    const answer = this.evaluator.evaluate(expression, scope);
    return answer instanceof Promise ? answer.then((evaluation) => valueOf(expression, evaluation)) : valueOf(expression, answer);
  }
}

function valueOf(expression: Expression, evaluation: Evaluation): JsonValue | undefined {
  if ('problem' in evaluation) throw new TuttiError('EXPRESSION_FAILED', `in "${expression.source}": ${evaluation.problem}`);
  return evaluation.value;
}

function failureOf(request: RunRequest, error: unknown): Resolution {
  const { code, message, kind } = toTuttiError(error);
  // The store or the blobs failing is not the run's fault: the append is given up and tried again.
  if (kind === 'unavailable' || kind === 'internal') throw error;
  const failure = { code, message };
  return 'step' in request ? { kind: 'step-failed', step: request.step, error: failure } : { kind: 'run-failed', error: failure };
}

function sayFailure(gate: GatePlan, why: string): string {
  return gate.message === null ? why : `${gate.message} (${why})`;
}

function describeType(value: JsonValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return value === null ? 'null' : typeof value === 'object' ? 'an object' : `${typeof value} ${JSON.stringify(value).slice(0, 100)}`;
}

function stepOf(plan: Plan, id: string): StepPlan {
  const step = plan.steps.get(id);
  if (step === undefined) throw new TuttiError('INTERNAL', `workflow "${plan.name}" has no step "${id}"`);
  return step;
}
