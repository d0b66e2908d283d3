import type { StoredValue } from '@tutti/contracts';
import { parseDuration } from '@tutti/contracts';
import { assertNever, isJsonObject, TuttiError, type Clock, type JsonValue } from '@tutti/kernel';
import type { ChildBody, SetBody, SleepBody, WaitBody } from '../definition/plan.js';
import type { Resolution } from '../run/run.commands.js';
import { refuseOutput } from './refuse-output.js';
import { describeType, type RunEvaluator, type Subject } from './run-evaluator.js';
import type { Unit } from './resolve-task.js';
import type { ChildResolver } from './resolve-child.js';
import type { WaitResolver } from './resolve-wait.js';

/** Finds out what work that no agent does needs before it begins. */
export class WorkResolver {
  constructor(
    private readonly evaluator: RunEvaluator,
    private readonly waits: WaitResolver,
    private readonly children: ChildResolver,
    private readonly clock: Clock,
  ) {}

  async resolve(subject: Subject, unit: Unit<SleepBody | WaitBody | ChildBody | SetBody>): Promise<Resolution> {
    const { work } = unit;
    switch (work.kind) {
      case 'sleep':
        return this.sleep(subject, { ...unit, work });
      case 'set':
        return this.set(subject, { ...unit, work });
      case 'wait':
        return this.waits.begin({ ...unit, work });
      case 'child':
        return this.children.resolve(subject, { ...unit, work });
      default:
        return assertNever(work, 'work');
    }
  }

  private async sleep(subject: Subject, { step, work, index, branch, extra }: Unit<SleepBody>): Promise<Resolution> {
    const { length } = work;
    const nowMs = this.clock.now();
    const deadlineMs =
      typeof length === 'number' ? nowMs + length : wakeTime(await this.evaluator.value(subject, length, extra), nowMs, step.id);
    return { kind: 'begin', step: step.id, index, branch, deadlineMs, begins: { kind: 'timer' } };
  }

  private async set(subject: Subject, { step, work, extra }: Unit<SetBody>): Promise<Resolution> {
    const filled = (await this.evaluator.fill(subject, work.input, extra)) ?? {};
    if (!isJsonObject(filled)) throw new TuttiError('INTERNAL', `step "${step.id}" sets ${describeType(filled)}`);
    const refused = refuseOutput(step, 'what was set', filled);
    if (refused !== null) return { kind: 'step-failed', step: step.id, error: refused };
    const values: Record<string, StoredValue> = {};
    for (const [name, value] of Object.entries(filled)) values[name] = await this.evaluator.values.store(value);
    return { kind: 'set', step: step.id, values, output: await this.evaluator.values.store(filled) };
  }
}

/** @throws TuttiError EXPRESSION_FAILED for what is neither a duration nor a time */
function wakeTime(value: JsonValue | undefined, nowMs: number, step: string): number {
  const length = typeof value === 'string' ? parseDuration(value) : null;
  if (length !== null) return nowMs + length;
  const at = typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : NaN;
  if (Number.isFinite(at)) return at;
  throw new TuttiError(
    'EXPRESSION_FAILED',
    `sleep of step "${step}" gave ${describeType(value)}; expected a duration like "10m" or a time like "2026-05-01T09:00:00Z"`,
  );
}
