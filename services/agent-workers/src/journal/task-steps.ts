import { isAgentFailure, type StepCall, type StepOptions, type StepUsage } from '@tutti/agent-sdk';
import type { StoredValue } from '@tutti/contracts';
import { isoTime, sha256Hex, TuttiError, type JsonValue } from '@tutti/kernel';
import type { Tracer, ValueStore } from '@tutti/service-kit';
import { attemptError } from '../hosting/attempt-failure.js';
import { copyJson } from '../hosting/json-copy.js';
import { traceStep } from '../tracing/step-span.js';
import { refuseFull, type JournalOwner } from './journal.decider.js';
import { stepKey, type RecordedStep } from './journal.state.js';
import { planStep, type StepPlan } from './step-plan.js';
import { checkedUsage } from './step-usage.js';
import { TaskJournal, type TaskJournalParts } from './task-journal.js';

export interface TaskStepsParts extends TaskJournalParts {
  readonly values: Pick<ValueStore, 'store' | 'load'>;
  /** Default: nothing is traced. */
  readonly tracer?: Tracer;
}

/** The attempt that the steps belong to. */
export interface StepsHost {
  readonly owner: JournalOwner;
  readonly signal: AbortSignal;
  /** @throws when the attempt is aborted or over: nothing new is begun then */
  refuseWhenOver(): void;
  /** A later attempt has taken over. */
  superseded(error: Error): void;
}

type Work = (call: StepCall) => unknown;

/** One call of a step, on its way. */
interface Step {
  readonly plan: StepPlan;
  readonly occurrence: number;
  readonly idempotencyKey: string;
}

/** The steps of one attempt: runs what the journal does not have, and gives what it has. */
export class TaskSteps {
  private readonly journal: TaskJournal;
  private readonly calls = new Map<string, number>();
  /** Steps in the journal once everything that this attempt has begun is recorded; null before its first. */
  private expected: number | null = null;

  constructor(
    private readonly parts: TaskStepsParts,
    private readonly host: StepsHost,
  ) {
    this.journal = new TaskJournal(parts, host.owner, (error) => host.superseded(error));
  }

  step(name: string, work: Work, options: StepOptions<unknown> = {}): Promise<JsonValue> {
    const result = this.take(name, work, options);
    // An agent that does not wait for a step must not bring the worker down with its failure.
    result.catch(() => undefined);
    return result;
  }

  /** The attempt's outcome is decided: steps still under way are recorded at once or not at all. */
  close(): void {
    this.journal.close();
  }

  private async take(name: string, work: Work, options: StepOptions<unknown>): Promise<JsonValue> {
    const plan = planStep(name, options);
    // Counted at the call, before anything is waited for: the order of calls is what attempts have in common.
    const occurrence = (this.calls.get(name) ?? 0) + 1;
    this.calls.set(name, occurrence);
    const { runId, task } = this.host.owner;
    const step = { plan, occurrence, idempotencyKey: sha256Hex(`${runId}\n${task}\n${stepKey({ name, occurrence })}`) };
    this.host.refuseWhenOver();
    if (!plan.journal) {
      return this.resultOf(step, await this.done(step, work, () => undefined));
    }
    const state = await this.journal.open();
    const found = state.steps.get(stepKey({ name, occurrence }));
    if (found !== undefined) this.holdAgainst(step, found);
    if (found?.outcome.type === 'TaskStepSucceeded') return this.valueOf(step, found.outcome.value);
    this.expected = (this.expected ?? state.recorded) + 1;
    refuseFull(this.host.owner, this.expected, this.parts.limits);
    return this.run(step, work, found);
  }

  private async run(step: Step, work: Work, found: RecordedStep | undefined): Promise<JsonValue> {
    const { clock } = this.parts.runtime;
    const startedAt = isoTime(clock.now());
    const begun = clock.monotonic();
    const { sideEffect, compensate, inputHash } = step.plan;
    const timing = () => ({ startedAt, durationMs: clock.monotonic() - begun });
    const succeed = async (value: JsonValue, usage: StepUsage | null, resolved: boolean): Promise<JsonValue> => {
      const stored = await this.journal.retries.until(() => this.parts.values.store(value));
      const data = { ...this.identity(step), inputHash, value: stored, ...timing(), usage, resolved };
      await this.journal.record({ type: 'TaskStepSucceeded', data });
      return value;
    };
    this.host.refuseWhenOver();
    if (found !== undefined && sideEffect === 'irreversible' && isUncertain(found)) {
      const happened = await this.resolve(step, found);
      if (happened !== null) return succeed(happened.value, null, true);
    }
    const isAnnounced = sideEffect === 'irreversible' || sideEffect === 'compensable';
    if (isAnnounced)
      await this.journal.record({ type: 'TaskStepStarted', data: { ...this.identity(step), inputHash, startedAt, compensate } });
    let usage: StepUsage | null = null;
    let isBegun = false;
    try {
      this.host.refuseWhenOver();
      isBegun = true;
      const given = await this.done(step, work, (said) => (usage = said));
      return await succeed(this.resultOf(step, given), usage, false);
    } catch (error) {
      if (isAnnounced) await this.fail(step, error, !isBegun, timing());
      throw error;
    }
  }

  private done(step: Step, work: Work, say: (usage: StepUsage) => void): unknown {
    const { tracer } = this.parts;
    if (tracer === undefined) return work(this.call(step, say));
    const { plan, occurrence } = step;
    return traceStep(tracer, { name: plan.name, occurrence }, async (heed) =>
      work(
        this.call(step, (usage) => {
          heed(usage);
          say(usage);
        }),
      ),
    );
  }

  /** What can be said of a step that was announced and did not end well; that it cannot be recorded must not hide what it failed of. */
  private async fail(step: Step, thrown: unknown, isUnbegun: boolean, timing: { startedAt: string; durationMs: number }): Promise<void> {
    const { code, message, details } = attemptError(thrown);
    const error = details === undefined ? { code, message } : { code, message, details };
    const noEffect = isUnbegun || (isAgentFailure(thrown) && thrown.noEffect === true);
    await this.journal
      .record({ type: 'TaskStepFailed', data: { ...this.identity(step), error, noEffect, ...timing } })
      .catch(() => undefined);
  }

  /** What the step came to when it is known to have happened, null when it is known not to have. */
  private async resolve(step: Step, found: RecordedStep): Promise<{ readonly value: JsonValue } | null> {
    const { plan, idempotencyKey } = step;
    const answer = plan.resolve === null ? null : await plan.resolve(idempotencyKey, { signal: this.host.signal });
    this.host.refuseWhenOver();
    if (answer === null || answer === undefined) {
      const how = found.outcome.type === 'TaskStepFailed' ? `failed (${found.outcome.message})` : 'left no outcome';
      const asked = plan.resolve === null ? 'the step has no resolve' : 'its resolve could not tell';
      throw new TuttiError(
        'SIDE_EFFECT_UNCERTAIN',
        `${this.nameOf(step)} is irreversible; attempt ${found.attempt} began it and ${how}: nobody knows whether it has happened, and ${asked}`,
        { details: { step: plan.name, occurrence: step.occurrence, attempt: found.attempt, idempotencyKey } },
      );
    }
    return answer.happened ? { value: this.resultOf(step, answer.value) } : null;
  }

  private holdAgainst(step: Step, found: RecordedStep): void {
    const { sideEffect, inputHash } = step.plan;
    const differs =
      found.sideEffect !== sideEffect
        ? `was recorded as ${found.sideEffect} and is now ${sideEffect}`
        : found.inputHash !== null && inputHash !== null && found.inputHash !== inputHash
          ? 'was recorded with another input'
          : null;
    if (differs === null) return;
    throw new TuttiError(
      'STEP_MISMATCH',
      `${this.nameOf(step)} ${differs} (by attempt ${found.attempt}); attempts of a task must come to the same steps in the same order`,
    );
  }

  private call({ plan, idempotencyKey }: Step, say: (usage: StepUsage) => void): StepCall {
    const { host } = this;
    return {
      idempotencyKey,
      attempt: host.owner.attempt,
      // Most steps never ask for it.
      get signal() {
        return host.signal;
      },
      usage: (usage) => say(checkedUsage(plan.name, usage)),
    };
  }

  private identity({ plan, occurrence }: Step) {
    return { name: plan.name, occurrence, attempt: this.host.owner.attempt, sideEffect: plan.sideEffect };
  }

  private async valueOf(step: Step, stored: StoredValue): Promise<JsonValue> {
    return copyJson(await this.parts.values.load(stored), this.nameOf(step));
  }

  private resultOf(step: Step, given: unknown): JsonValue {
    return copyJson(given === undefined ? null : given, `result of step "${step.plan.name}"`);
  }

  private nameOf({ plan, occurrence }: Step): string {
    const { runId, task } = this.host.owner;
    return `step "${plan.name}" (${occurrence}) of task ${task} of run ${runId}`;
  }
}

/** Begun, and nothing says that it has not happened. */
function isUncertain({ outcome }: RecordedStep): boolean {
  return outcome.type === 'TaskStepStarted' || (outcome.type === 'TaskStepFailed' && !outcome.noEffect);
}
