import type { EventStore, EventSubscription } from '@tutti/event-store';
import { isoTime, isTuttiError, toTuttiError, TuttiError, type JsonObject, type RecordedEvent, type Runtime } from '@tutti/kernel';
import type { Logger } from '@tutti/service-kit';
import type { Evaluator } from '../expressions/evaluator.js';
import { compileTemplate, type TemplateProblem } from '../expressions/template.js';
import { DueQueue } from '../timers/due-queue.js';
import { fillInputs } from '../triggers/fill-inputs.js';
import { TRIGGER_ACTOR, type TriggeredRuns } from '../triggers/triggered-runs.js';
import { nextAction, type Action } from './next-action.js';
import { type RunEnds } from './run-ends.js';
import { exists, existing } from './schedule.decider.js';
import type { ScheduleLedger } from './schedule-ledger.js';
import type { KnownSchedule } from './schedule.state.js';

interface SchedulerParts {
  readonly store: EventStore;
  readonly ledger: ScheduleLedger;
  readonly runs: TriggeredRuns;
  readonly ends: RunEnds;
  readonly evaluator: Evaluator;
  readonly runtime: Runtime;
  readonly logger: Logger;
}

/** What its own records do not change for it. */
const HEEDED: readonly string[] = [
  'ScheduleCreated',
  'ScheduleChanged',
  'SchedulePaused',
  'ScheduleResumed',
  'ScheduleDeleted',
  'ScheduleBackfillRequested',
];
const TRY_AGAIN_MS = 1_000;
const MAX_TRY_AGAIN_MS = 60_000;
/** At midnight many are due at once. */
const MAX_AT_WORK = 64;
const NONE: ReadonlySet<string> = new Set();

/**
 * Starts the runs of schedules when it is time. A run is started first, under a key that follows from schedule and time, then recorded: what a crash cuts in two is
 * done again and finds its run. Who has no schedules pays nothing.
 */
export class Scheduler {
  private readonly due: DueQueue;
  /** Schedules that are worked on; true when they must be looked at once more. */
  private readonly working = new Map<string, boolean>();
  private readonly failures = new Map<string, number>();
  private readonly atWork = new Set<Promise<void>>();
  private readonly queued = new Set<string>();
  /** By schedule, those of its runs that are known to have ended: they are not looked up again. */
  private readonly ended = new Map<string, ReadonlySet<string>>();
  private subscription: EventSubscription | null = null;
  private closed = false;

  constructor(private readonly parts: SchedulerParts) {
    this.due = new DueQueue(parts.runtime, (name) => this.wake(name));
  }

  /** @param names every schedule there is up to this position */
  start(names: readonly string[], position: number): void {
    names.forEach((name) => this.wake(name));
    this.follow(position);
  }

  /** Ends what it does just now and takes nothing up any more. */
  async stop(): Promise<void> {
    this.closed = true;
    this.due.close();
    await this.subscription?.close();
    await Promise.allSettled(this.atWork);
  }

  /**
   * Starts a run of it at once, whatever is open.
   *
   * @param key repeats with the same one find the same run
   * @throws TuttiError SCHEDULE_NOT_FOUND, or what starting throws
   */
  async triggerNow(name: string, key: string, actor: string): Promise<{ readonly runId: string; readonly position: number }> {
    const schedule = existing(name, await this.parts.ledger.load(name));
    const scheduledMs = this.parts.runtime.clock.now();
    const runId = await this.startRun(schedule, scheduledMs, ['manual', key], actor);
    const command = { type: 'RecordTriggered', scheduledMs, runId, kind: 'manual', backfillId: null, actor } as const;
    const { position } = await this.parts.ledger.handle(name, command, actor);
    return { runId, position };
  }

  private follow(after: number): void {
    let reached = after;
    const subscription = this.parts.store.subscribe({
      after,
      filter: { categories: ['schedule'], types: HEEDED },
      onBatch: (events, head) => {
        events.forEach((event) => this.wake(nameOf(event)));
        reached = head;
      },
    });
    this.subscription = subscription;
    subscription.ended.catch((error: unknown) => {
      if (this.closed) return;
      this.parts.logger.warn('schedules are no longer followed; it is tried again', { err: error });
      this.parts.runtime.timers.after(TRY_AGAIN_MS, () => {
        if (!this.closed) this.follow(reached);
      });
    });
  }

  /** Looks at a schedule, one look at a time. */
  private wake(name: string): void {
    if (this.closed) return;
    if (this.working.has(name)) {
      this.working.set(name, true);
      return;
    }
    if (this.atWork.size >= MAX_AT_WORK) {
      this.queued.add(name);
      return;
    }
    this.working.set(name, false);
    const work = this.work(name).finally(() => {
      this.atWork.delete(work);
      const again = this.working.get(name) === true;
      this.working.delete(name);
      if (again) this.queued.add(name);
      this.takeNext();
    });
    this.atWork.add(work);
  }

  private takeNext(): void {
    const [next] = this.queued;
    if (next === undefined) return;
    this.queued.delete(next);
    this.wake(next);
  }

  private async work(name: string): Promise<void> {
    try {
      for (let goOn = true; goOn && !this.closed;) goOn = await this.step(name);
      this.failures.delete(name);
    } catch (error) {
      if (this.closed) return;
      const failures = (this.failures.get(name) ?? 0) + 1;
      this.failures.set(name, failures);
      this.parts.logger.warn('a schedule could not be worked on; it is tried again', { schedule: name, err: error });
      this.due.arm(name, this.parts.runtime.clock.now() + Math.min(MAX_TRY_AGAIN_MS, TRY_AGAIN_MS * 2 ** (failures - 1)));
    }
  }

  /** Does what is next; false when there is nothing to do now. */
  private async step(name: string): Promise<boolean> {
    const { ledger, ends } = this.parts;
    const schedule = await ledger.load(name);
    if (!exists(schedule)) {
      ends.forget(name);
      this.ended.delete(name);
      return false;
    }
    const action = await this.nextOf(schedule);
    if (action.do !== 'wait') {
      await this.act(schedule, action);
      return true;
    }
    if (action.forRuns.length === 0) ends.forget(name);
    if (action.untilMs < Infinity) this.due.arm(name, action.untilMs);
    return false;
  }

  private async nextOf(schedule: KnownSchedule): Promise<Action> {
    const nowMs = this.parts.runtime.clock.now();
    const whenNoneIsOpen = nextAction(schedule, nowMs, NONE);
    // Which runs are open matters only when something is due.
    if (whenNoneIsOpen.do === 'wait') return whenNoneIsOpen;
    return nextAction(schedule, nowMs, await this.openRuns(schedule));
  }

  /** Those that have not ended. Where one is waited for, its end is listened for before it is looked at: none gets lost in between. */
  private async openRuns({ name, spec, runs, backfills }: KnownSchedule): Promise<ReadonlySet<string>> {
    if (spec.overlap === 'allow') return NONE;
    const known = this.ended.get(name) ?? NONE;
    const ids = runs.map(({ runId }) => runId).filter((runId) => !known.has(runId));
    if (ids.length > 0 && (spec.overlap === 'buffer-one' || backfills.length > 0))
      await this.parts.ends.listen(name, ids, () => this.wake(name));
    const open = new Set<string>();
    for (const runId of ids) if (await this.parts.runs.isOpen(runId)) open.add(runId);
    this.ended.set(name, new Set(runs.map(({ runId }) => runId).filter((runId) => !open.has(runId))));
    return open;
  }

  private async act(schedule: KnownSchedule, action: Exclude<Action, { do: 'wait' }>): Promise<void> {
    const { ledger } = this.parts;
    const { name } = schedule;
    switch (action.do) {
      case 'start':
        return this.startScheduled(schedule, action);
      case 'buffer':
        await ledger.handle(name, { type: 'RecordBuffered', scheduledMs: action.scheduledMs }, TRIGGER_ACTOR);
        return;
      case 'skip': {
        const { firstMs, throughMs, count, why } = action;
        this.parts.logger.info('times of a schedule are left out', {
          schedule: name,
          why,
          from: isoTime(firstMs),
          through: isoTime(throughMs),
        });
        await ledger.handle(name, { type: 'RecordSkipped', firstMs, throughMs, count, why, error: null, backfillId: null }, TRIGGER_ACTOR);
        return;
      }
      case 'finish-backfill':
        await ledger.handle(name, { type: 'FinishBackfill', backfillId: action.backfillId }, TRIGGER_ACTOR);
    }
  }

  private async startScheduled(schedule: KnownSchedule, action: Extract<Action, { do: 'start' }>): Promise<void> {
    const { ledger, runs } = this.parts;
    const { scheduledMs, backfillId, cancel } = action;
    const { name } = schedule;
    try {
      for (const runId of cancel) await runs.cancel(runId, `schedule "${name}" starts the next run`);
      const runId = await this.startRun(schedule, scheduledMs, backfillId === null ? ['time'] : ['backfill', backfillId]);
      const kind = backfillId === null ? 'time' : 'backfill';
      await ledger.handle(name, { type: 'RecordTriggered', scheduledMs, runId, kind, backfillId, actor: TRIGGER_ACTOR }, TRIGGER_ACTOR);
    } catch (error) {
      const { code, message, retryable } = toTuttiError(error);
      // What may pass is waited for; what a repeat does not change, is recorded, and the next time has its turn.
      if (!isTuttiError(error) || retryable || code === 'STORE_UNAVAILABLE') throw error;
      const command = { type: 'RecordSkipped', firstMs: scheduledMs, throughMs: scheduledMs, count: 1, why: 'refused' } as const;
      await ledger.handle(name, { ...command, error: { code, message }, backfillId }, TRIGGER_ACTOR);
    }
  }

  private async startRun(schedule: KnownSchedule, scheduledMs: number, kind: readonly string[], actor = TRIGGER_ACTOR): Promise<string> {
    const { name, spec, createdMs } = schedule;
    const { evaluator, runtime, runs } = this.parts;
    const scheduledTime = isoTime(scheduledMs);
    const problems: TemplateProblem[] = [];
    const template = compileTemplate(spec.inputs, problems);
    if (problems[0] !== undefined) throw new TuttiError('EXPRESSION_FAILED', `inputs of schedule "${name}": ${problems[0].message}`);
    const data: JsonObject = { schedule: { name, scheduledTime, time: isoTime(runtime.clock.now()) } };
    return runs.start({
      workflow: spec.workflow,
      actor,
      inputs: await fillInputs(evaluator, template, data),
      labels: { 'tutti.trigger': `schedule:${name}`, 'tutti.scheduled-time': scheduledTime },
      // One that was deleted and made again begins anew. What is started by hand has a key of its own.
      key: ['schedule', name, String(createdMs), ...kind, ...(kind[0] === 'manual' ? [] : [scheduledTime])],
    });
  }
}

function nameOf({ stream }: RecordedEvent): string {
  return stream.slice('schedule-'.length);
}
