import type { StoredValue } from '@tutti/contracts';
import { TuttiError, type JsonObject, type JsonValue } from '@tutti/kernel';
import { PLAIN_ADMISSION, type Admission } from '../definition/admission.js';
import { describeProblems } from '../definition/json-schema.js';
import { pinnedAgent, type StepPlan, type TaskBody } from '../definition/plan.js';
import type { Router } from '../routing/router.js';
import type { Resolution } from '../run/run.commands.js';
import { nextAttempt } from '../run/run.tasks.js';
import type { RunState } from '../run/run.state.js';
import { resolveAdmission } from './resolve-admission.js';
import type { Maybe, RunEvaluator, Subject } from './run-evaluator.js';

/** A unit of work of a step that is about to begin. */
export interface Unit<Work> {
  readonly step: StepPlan;
  readonly work: Work;
  /** Place in the list of a fan-out. */
  readonly index: number | null;
  /** Case of the step's switch. */
  readonly branch: string | null;
  /** What its expressions see beside the run: `item`, `index`, `error`, … */
  readonly extra: JsonObject;
}

/** Finds out a task's input, what it needs to come to its agent, and the agent, if one has a free seat. */
export class TaskResolver {
  constructor(
    private readonly evaluator: RunEvaluator,
    private readonly router: Router,
  ) {}

  resolve(subject: Subject, unit: Unit<TaskBody>): Maybe<Resolution> {
    const filled = this.evaluator.fill(subject, unit.work.input, unit.extra);
    const input = filled instanceof Promise ? undefined : this.evaluator.values.inline(filled ?? null);
    const { admission, inputSchema } = unit.work;
    return input !== undefined && admission.fixed !== null && inputSchema === null
      ? this.seated(subject, unit, input, admission.fixed)
      : this.resolveInTime(subject, unit, filled);
  }

  /** An agent for a task that is tried again; null while there is none. */
  reassign(state: RunState, id: string): Resolution | null {
    const task = state.tasks.get(id);
    const attempt = task === undefined ? null : nextAttempt(task);
    if (task === undefined || attempt === null) return null;
    const assignment = this.router.tryAssign({ ...task, runId: state.runId, task: id, attempt });
    return assignment === null ? null : { kind: 'assigned', task: id, assignment };
  }

  /** What takes a moment: an expression in the evaluator's thread, a large input, its schema, a key of a limit. */
  private async resolveInTime(subject: Subject, unit: Unit<TaskBody>, filled: Maybe<JsonValue | undefined>): Promise<Resolution> {
    const value = (await filled) ?? null;
    checkInput(unit, value);
    const input = await this.evaluator.values.store(value);
    const admission = unit.work.admission.fixed ?? (await this.admission(subject, unit));
    return this.seated(subject, unit, input, admission);
  }

  /** Last, so that nothing can fail between taking the seat and the event that says so. */
  private seated({ state }: Subject, { step, work, index, branch }: Unit<TaskBody>, input: StoredValue, admission: Admission): Resolution {
    const { priority, routing, limits } = admission;
    const need = {
      runId: state.runId,
      task: step.id,
      attempt: 1,
      capability: work.capability,
      pinnedAgent: pinnedAgent(work, index),
      timeoutMs: work.timeoutMs,
      priority,
      routing,
      limits,
    };
    const assignment = this.router.tryAssign(need);
    const base = { kind: 'task', step: step.id, index, input, assignment } as const;
    const plain = branch === null ? base : { ...base, branch };
    return admission === PLAIN_ADMISSION ? plain : { ...plain, admission };
  }

  private admission(subject: Subject, { step, work, extra }: Unit<TaskBody>): Promise<Admission> {
    return resolveAdmission(work.admission, {
      ...{ runId: subject.state.runId, workflow: subject.plan.name, step: step.id },
      fill: async (template) => this.evaluator.fill(subject, template, extra),
      evaluate: (expression) => this.evaluator.value(subject, expression, extra),
    });
  }
}

function checkInput({ step, work }: Unit<TaskBody>, value: JsonValue): void {
  const problems = work.inputSchema?.check(value) ?? [];
  if (problems.length > 0)
    throw new TuttiError('INPUT_INVALID', `the input of step "${step.id}" does not match its schema: ${describeProblems(problems)}`);
}
