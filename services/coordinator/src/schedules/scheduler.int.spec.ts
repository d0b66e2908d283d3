import { afterEach, describe, expect, it } from '@jest/globals';
import type { ScheduleEvent, ScheduleSpec } from '@tutti/contracts';
import { isoTime, TuttiError } from '@tutti/kernel';
import { startTriggerEngine, type TriggerEngine } from '../triggers/testing/trigger-engine.js';

const MINUTE = 60_000;
const WORKFLOW = `
name: report
inputs: { type: object, properties: { at: { type: string } }, additionalProperties: false }
steps:
  write: { capability: work, with: { at: "\${{ inputs.at }}" } }
`;

let engine: TriggerEngine;
afterEach(() => engine.close());

function spec(changes: Partial<ScheduleSpec> = {}): ScheduleSpec {
  return {
    ...{ workflow: 'report', cron: null, everyMs: 10 * MINUTE, offsetMs: 0, timezone: 'UTC' },
    ...{ overlap: 'skip', catchUpMs: 60 * MINUTE, jitterMs: 0, inputs: { at: '${{ schedule.scheduledTime }}' } },
    ...changes,
  };
}

async function create(changes: Partial<ScheduleSpec> = {}): Promise<void> {
  const nowMs = engine.runtime.clock.now();
  await engine.ledger.handle('s', { type: 'CreateSchedule', name: 's', spec: spec(changes), actor: 'user:ann', nowMs }, 'user:ann');
  await engine.runtime.advance(0);
}

const START = Date.UTC(2026, 0, 1);
const at = (minutes: number): string => isoTime(START + minutes * MINUTE);
const kindOf = ({ type, data }: ScheduleEvent): string => ('scheduledTime' in data ? `${type} ${data.scheduledTime.slice(11, 16)}` : type);
const story = async (): Promise<readonly string[]> => (await engine.scheduleEvents('s')).slice(1).map(kindOf);

describe('the scheduler', () => {
  it('starts a run at each of its times, with inputs and labels that say which', async () => {
    engine = await startTriggerEngine(WORKFLOW, ({ input }) => input);
    await create();
    await engine.pass(20 * MINUTE);
    expect(await story()).toEqual(['ScheduleTriggered 00:10', 'ScheduleTriggered 00:20']);
    const [first] = await engine.startedRuns();
    expect(first).toMatchObject({
      workflow: 'report',
      inputs: { inline: { at: at(10) } },
      labels: { 'tutti.trigger': 'schedule:s', 'tutti.scheduled-time': at(10) },
    });
  });

  it('leaves times out while the run before is open', async () => {
    engine = await startTriggerEngine(WORKFLOW, () => undefined);
    await create();
    await engine.pass(30 * MINUTE);
    expect(await story()).toEqual(['ScheduleTriggered 00:10', 'ScheduleSkipped 00:20', 'ScheduleSkipped 00:30']);
    expect(await engine.startedRuns()).toHaveLength(1);
  });

  it('keeps one time, and starts its run as soon as the run before has ended', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    engine = await startTriggerEngine(WORKFLOW, async ({ input }) => {
      await held;
      return input;
    });
    await create({ overlap: 'buffer-one' });
    await engine.pass(30 * MINUTE);
    expect(await story()).toEqual(['ScheduleTriggered 00:10', 'ScheduleBuffered 00:20', 'ScheduleSkipped 00:30']);
    release();
    await engine.untilSchedule('s', 'ScheduleTriggered', 2);
    expect((await story()).at(-1)).toBe('ScheduleTriggered 00:20');
    expect((await engine.startedRuns()).map(({ labels }) => labels['tutti.scheduled-time'])).toEqual([at(10), at(20)]);
  });

  it('starts beside the run before where runs may overlap', async () => {
    engine = await startTriggerEngine(WORKFLOW, () => undefined);
    await create({ overlap: 'allow' });
    await engine.pass(20 * MINUTE);
    expect(await engine.startedRuns()).toHaveLength(2);
  });

  it('ends the run before where it is to make way', async () => {
    engine = await startTriggerEngine(WORKFLOW, () => undefined);
    await create({ overlap: 'cancel-running' });
    await engine.pass(20 * MINUTE);
    const [first, second] = await engine.startedRuns();
    expect((await engine.events(first?.runId)).at(-1)).toMatchObject({
      type: 'RunCancelled',
      data: { reason: 'schedule "s" starts the next run' },
    });
    expect((await engine.events(second?.runId)).at(-1)).toMatchObject({ type: 'TaskScheduled' });
  });

  it('makes up for the times of a down-time that are not too old, in order, and records the others', async () => {
    engine = await startTriggerEngine(WORKFLOW, ({ input }) => input);
    await create({ overlap: 'allow', catchUpMs: 25 * MINUTE });
    await engine.crash();
    await engine.runtime.advance(62 * MINUTE);
    await engine.restart();
    await engine.untilSchedule('s', 'ScheduleTriggered', 3);
    expect(await story()).toEqual([
      'ScheduleSkipped 00:10',
      'ScheduleTriggered 00:40',
      'ScheduleTriggered 00:50',
      'ScheduleTriggered 01:00',
    ]);
  });

  it('starts nothing twice when it is killed after a start and before that is recorded', async () => {
    engine = await startTriggerEngine(WORKFLOW, ({ input }) => input);
    await create();
    engine.failAppends = (stream) => stream === 'schedule-s';
    await engine.pass(10 * MINUTE);
    const [started] = await engine.startedRuns();
    expect([await story(), (await engine.startedRuns()).length]).toEqual([[], 1]);
    await engine.crash();
    engine.failAppends = null;
    await engine.runtime.advance(MINUTE);
    await engine.restart();
    await engine.untilSchedule('s', 'ScheduleTriggered');
    expect(await engine.scheduleEvents('s')).toContainEqual(
      expect.objectContaining({ data: expect.objectContaining({ runId: started?.runId, scheduledTime: at(10) }) }),
    );
    expect(await engine.startedRuns()).toHaveLength(1);
  });

  it('records why a run could not be started, and goes on with the next time', async () => {
    engine = await startTriggerEngine(WORKFLOW, ({ input }) => input);
    await create({ inputs: { at: 7 } });
    await engine.pass(20 * MINUTE);
    const [, refused] = await engine.scheduleEvents('s');
    expect(refused).toMatchObject({ type: 'ScheduleSkipped', data: { why: 'refused', error: { code: 'INPUT_INVALID' } } });
    expect(await story()).toEqual(['ScheduleSkipped 00:10', 'ScheduleSkipped 00:20']);
  });

  it('tries again what may pass, at the time that it was for', async () => {
    engine = await startTriggerEngine(WORKFLOW, ({ input }) => input);
    await create();
    engine.failStarts = new TuttiError('OVERLOADED', 'full');
    await engine.pass(10 * MINUTE);
    expect(await story()).toEqual([]);
    engine.failStarts = null;
    await engine.pass(1_000);
    expect(await story()).toEqual(['ScheduleTriggered 00:10']);
  });

  it('starts all that are due at once, however many', async () => {
    engine = await startTriggerEngine(WORKFLOW, () => undefined);
    const nowMs = engine.runtime.clock.now();
    const names = Array.from({ length: 150 }, (_, index) => `s${index}`);
    for (const name of names)
      await engine.ledger.handle(name, { type: 'CreateSchedule', name, spec: spec(), actor: 'user:ann', nowMs }, 'user:ann');
    await engine.settle();
    await engine.pass(10 * MINUTE);
    for (const name of names) await engine.untilSchedule(name, 'ScheduleTriggered');
    expect(await engine.startedRuns()).toHaveLength(150);
  });

  it('does nothing while it is paused, and starts by hand at once', async () => {
    engine = await startTriggerEngine(WORKFLOW, ({ input }) => input);
    await create();
    await engine.ledger.handle('s', { type: 'PauseSchedule', name: 's', actor: 'user:ann', reason: '' }, 'user:ann');
    await engine.pass(15 * MINUTE);
    const first = await engine.scheduler.triggerNow('s', 'k1', 'user:ann');
    const second = await engine.scheduler.triggerNow('s', 'k1', 'user:ann');
    expect(second).toEqual(first);
    const nowMs = engine.runtime.clock.now();
    await engine.ledger.handle('s', { type: 'ResumeSchedule', name: 's', actor: 'user:ann', reason: '', nowMs }, 'user:ann');
    await engine.pass(5 * MINUTE);
    expect(await story()).toEqual(['SchedulePaused', 'ScheduleTriggered 00:15', 'ScheduleResumed', 'ScheduleTriggered 00:20']);
    await expect(engine.scheduler.triggerNow('ghost', 'k', 'user:ann')).rejects.toMatchObject({ code: 'SCHEDULE_NOT_FOUND' });
  });

  it('works off a backfill one run after the other, each once', async () => {
    engine = await startTriggerEngine(WORKFLOW, ({ input }) => input);
    await create();
    const range = { fromMs: START - 30 * MINUTE, toMs: START - 10 * MINUTE };
    await engine.ledger.handle('s', { type: 'RequestBackfill', name: 's', backfillId: 'b', ...range, actor: 'user:ann' }, 'user:ann');
    await engine.untilSchedule('s', 'ScheduleBackfillFinished');
    expect(await story()).toEqual([
      'ScheduleBackfillRequested',
      'ScheduleTriggered 23:30',
      'ScheduleTriggered 23:40',
      'ScheduleTriggered 23:50',
      'ScheduleBackfillFinished',
    ]);
  });
});
