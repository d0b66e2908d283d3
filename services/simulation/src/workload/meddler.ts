import { OverlapPolicyMessage, type EventService, type ScheduleService } from '@tutti/contracts';

import { isoTime } from '@tutti/kernel';
import { EVENT_SERVICE, SCHEDULE_SERVICE } from '@tutti/service-kit';
import type { ServerServices } from '../system/server.js';
import { Asking, type AskingParts } from './asking.js';
import { EVENT_SOURCE, EVENT_TYPE, SIGNAL } from './generated-verbs.js';

/** Runs as the world knows them. */
export interface KnownRun {
  readonly runId: string;
  readonly workflow: string;
  readonly ending: 'succeeded' | 'failed' | 'cancelled' | null;
}

interface MeddlerParts extends AskingParts {
  readonly runs: () => readonly KnownRun[];
  /** Definitions that were registered, by name. */
  readonly sources: ReadonlyMap<string, string>;
}

/** Nobody repairs or schedules anything later: all runs are to end. */
const BUSY_MS = 90_000;
const ACTOR = 'user:meddler';

/** People and programs outside who have something to say to runs while they run: signals, events, variables, repairs, other versions, schedules. */
export class Meddler {
  private readonly asking: Asking;
  private said = 0;

  constructor(private readonly parts: MeddlerParts) {
    this.asking = new Asking(parts);
  }

  begin(): void {
    this.asking.nowAndThen([200, 4_000], BUSY_MS, () => this.signal());
    this.asking.nowAndThen([1_000, 8_000], BUSY_MS, () => this.publish());
    this.asking.nowAndThen([2_000, 15_000], BUSY_MS, () => this.setVariables());
    this.asking.nowAndThen([5_000, 20_000], BUSY_MS, () => this.repair());
    this.asking.nowAndThen([2_000, 10_000], BUSY_MS, () => this.delegate());
    const { life, chance } = this.parts;
    if (chance.happens(0.4)) life.schedule(chance.between(1_000, 20_000), () => void this.rollOut());
    if (chance.happens(0.3)) life.schedule(chance.between(1_000, 20_000), () => void this.schedule());
  }

  /** Now and then the same one twice. */
  private async signal(): Promise<void> {
    const { chance } = this.parts;
    const run = this.pickRun(({ ending }) => ending === null);
    if (run === null) return;
    const signalId = chance.happens(0.2) ? 'the-same' : `signal-${++this.said}`;
    const request = { runId: run.runId, name: SIGNAL, payload: { n: chance.int(0, 5) }, signalId, actor: ACTOR, traceparent: '' };
    await this.asking.aboutRun(run.runId, ({ runs }) => runs.signalRun(request));
  }

  private async publish(): Promise<void> {
    const id = this.parts.chance.happens(0.2) ? 'the-same' : `event-${++this.said}`;
    const base = { subject: '', time: '', dataContentType: '', extensions: {}, traceparent: '', actor: ACTOR };
    const request = { ...base, id, source: EVENT_SOURCE, type: EVENT_TYPE, data: { n: this.said } };
    await this.asking.anyone(({ contract }) => contract<EventService>(EVENT_SERVICE).publishEvent(request));
  }

  private async setVariables(): Promise<void> {
    const run = this.pickRun(({ ending }) => ending === null);
    if (run === null) return;
    const values = { seen: this.parts.chance.int(0, 9) };
    await this.asking.aboutRun(run.runId, ({ runs }) => runs.setVariables({ runId: run.runId, values, actor: ACTOR, reason: '' }));
  }

  /** Runs that failed or were cancelled go on; a step that waits too long is passed over. */
  private async repair(): Promise<void> {
    const { chance, sources } = this.parts;
    const run = this.pickRun(({ ending, runId }) => ending !== 'succeeded' && !runId.includes('~'));
    if (run === null) return;
    const steps = Object.keys((JSON.parse(sources.get(run.workflow) ?? '{"steps":{}}') as { readonly steps: object }).steps);
    const base = {
      runId: run.runId,
      repairId: `repair-${++this.said}`,
      failedSteps: false,
      steps: [],
      inputs: {},
      outputs: {},
      actor: ACTOR,
      reason: '',
    };
    const step = steps.length === 0 ? null : chance.pick(steps);
    const skips = step !== null && chance.happens(0.5);
    const request =
      run.ending !== null && !skips ? { ...base, failedSteps: true } : { ...base, outputs: step === null ? {} : { [step]: { value: 3 } } };
    await this.asking.aboutRun(run.runId, ({ runs }) => runs.repairRun(request));
  }

  private async delegate(): Promise<void> {
    await this.asking.anyone(async ({ runs }) => {
      const status = 'APPROVAL_STATUS_PENDING';
      const { approvals } = await runs.listApprovals({ runId: '', status, pageSize: 20, pageToken: '', minPosition: 0 });
      const approval = approvals.find(({ approvers }) => approvers.includes('user:other'));
      if (approval === undefined) return;
      const request = { approvalId: approval.id, to: 'user:person', actor: 'user:other', reason: 'on leave' };
      await this.asking.aboutRun(approval.runId, (services) => services.runs.delegateApproval(request));
    });
  }

  /** A second version that says the same is rolled out by halves; a run goes over to it; it is drained and restored. */
  private async rollOut(): Promise<void> {
    const { chance, sources } = this.parts;
    const names = [...sources.keys()];
    if (names.length === 0) return;
    const name = chance.pick(names);
    const source = JSON.stringify({ ...(JSON.parse(sources.get(name) ?? '{}') as object), description: 'once more' });
    const who = { actor: ACTOR, reason: 'try it' };
    const workflow = (act: (services: ServerServices) => Promise<unknown>) => this.asking.anyone(act);
    await workflow(({ workflows }) => workflows.registerWorkflow({ source, actor: ACTOR }));
    await workflow(({ workflows }) => workflows.changeRollout({ name, rules: [{ version: 1, share: 50, labels: {} }], ...who }));
    for (let tries = 0; tries < 5 && !(await this.migrate(name, who)); tries++) await this.pause();
    await workflow(({ workflows }) => workflows.drainWorkflowVersion({ name, version: 2, ...who }));
    await workflow(({ workflows }) => workflows.restoreWorkflowVersion({ name, version: 2, ...who }));
  }

  /** A run goes over to the second version while it is held. */
  private async migrate(name: string, who: { readonly actor: string; readonly reason: string }): Promise<boolean> {
    const run = this.pickRun((known) => known.ending === null && known.workflow === name && !known.runId.includes('~'));
    if (run === null) return false;
    const { runId } = run;
    await this.asking.aboutRun(runId, ({ runs }) => runs.pauseRun({ runId, ...who }));
    const migrated = await this.asking.aboutRun(runId, ({ runs }) =>
      runs.migrateRun({ runId, toVersion: 2, dryRun: false, mapping: {}, ...who }),
    );
    const isOpen = (): boolean => this.parts.runs().some((known) => known.runId === runId && known.ending === null);
    while (isOpen() && !(await this.asking.aboutRun(runId, ({ runs }) => runs.resumeRun({ runId, ...who })))) await this.pause();
    return migrated;
  }

  /** Made, changed, held, triggered, filled up, taken away again. */
  private async schedule(): Promise<void> {
    const { chance, life, sources } = this.parts;
    const [workflow] = sources.keys();
    if (workflow === undefined) return;
    const name = 'every-few-seconds';
    const overlap = chance.pick([
      OverlapPolicyMessage.OVERLAP_POLICY_SKIP,
      OverlapPolicyMessage.OVERLAP_POLICY_BUFFER_ONE,
      OverlapPolicyMessage.OVERLAP_POLICY_ALLOW,
      OverlapPolicyMessage.OVERLAP_POLICY_CANCEL_RUNNING,
    ]);
    const times = { cron: '', everyMs: 4_000, offsetMs: 0, timezone: '', catchUpMs: chance.pick([0, 60_000]), jitterMs: 0 };
    const spec = { workflow, ...times, overlap, inputs: { items: [1, 2], on: true } };
    const ask = (act: (schedules: ScheduleService) => Promise<unknown>): Promise<boolean> =>
      this.untilAnswered(({ contract }) => act(contract<ScheduleService>(SCHEDULE_SERVICE)));
    await ask((schedules) => schedules.createSchedule({ name, spec, actor: ACTOR }));
    await this.pause();
    await ask((schedules) => schedules.changeSchedule({ name, spec: { ...spec, everyMs: 5_000 }, actor: ACTOR }));
    await ask((schedules) => schedules.triggerSchedule({ name, actor: ACTOR, idempotencyKey: 'once' }));
    await this.pause();
    await ask((schedules) => schedules.pauseSchedule({ name, actor: ACTOR, reason: '' }));
    await ask((schedules) => schedules.resumeSchedule({ name, actor: ACTOR, reason: '' }));
    const nowMs = life.runtime.clock.now();
    const range = { from: isoTime(nowMs - 30_000), to: isoTime(nowMs - 10_000) };
    await ask((schedules) => schedules.backfillSchedule({ name, ...range, actor: ACTOR, idempotencyKey: 'fill' }));
    await this.pause();
    await ask((schedules) => schedules.deleteSchedule({ name, actor: ACTOR, reason: 'enough' }));
  }

  /** A schedule that stays would start runs for ever. */
  private async untilAnswered(act: (services: ServerServices) => Promise<unknown>): Promise<boolean> {
    for (let tries = 0; tries < 100; tries++) {
      if (await this.asking.anyone(act)) return true;
      await this.pause();
    }
    return false;
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => this.parts.life.runtime.timers.after(this.parts.chance.between(500, 12_000), resolve));
  }

  private pickRun(isMeant: (run: KnownRun) => boolean): KnownRun | null {
    const meant = this.parts.runs().filter(isMeant);
    return meant.length === 0 ? null : this.parts.chance.pick(meant);
  }
}
