import { describe, expect, it } from '@jest/globals';
import type { ScheduleEvent, ScheduleSpec } from '@tutti/contracts';
import { fold, isoTime } from '@tutti/kernel';
import { nextAction } from './next-action.js';
import { scheduleDecider, type ScheduleCommand } from './schedule.decider.js';
import type { KnownSchedule } from './schedule.state.js';

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 1, 12);
const at = (minutes: number): string => isoTime(START + minutes * MINUTE);

function spec(changes: Partial<ScheduleSpec> = {}): ScheduleSpec {
  return {
    ...{ workflow: 'report', cron: null, everyMs: 10 * MINUTE, offsetMs: 0, timezone: 'UTC' },
    ...{ overlap: 'skip', catchUpMs: 60 * MINUTE, jitterMs: 0, inputs: {} },
    ...changes,
  };
}
function created(changes: Partial<ScheduleSpec> = {}, ownedBy: string | null = null): ScheduleEvent {
  return { type: 'ScheduleCreated', data: { name: 's', spec: spec(changes), ownedBy, createdBy: 'user:ann', createdAt: at(0) } };
}
const triggered = (minutes: number, runId: string, backfillId: string | null = null): ScheduleEvent => ({
  type: 'ScheduleTriggered',
  data: { scheduledTime: at(minutes), runId, kind: backfillId === null ? 'time' : 'backfill', backfillId, triggeredBy: 'user:ann' },
});
const paused: ScheduleEvent = { type: 'SchedulePaused', data: { pausedBy: 'user:ann', reason: '' } };
const resumed = (minutes: number): ScheduleEvent => ({
  type: 'ScheduleResumed',
  data: { resumedBy: 'user:ann', reason: '', resumedAt: at(minutes) },
});
const deleted: ScheduleEvent = { type: 'ScheduleDeleted', data: { deletedBy: 'user:ann', reason: '' } };
const backfill = (id: string, from: number, to: number): ScheduleEvent => ({
  type: 'ScheduleBackfillRequested',
  data: { backfillId: id, from: at(from), to: at(to), requestedBy: 'user:ann' },
});

function given(...events: readonly ScheduleEvent[]) {
  const state = fold(scheduleDecider, events);
  return {
    when: (command: ScheduleCommand) => scheduleDecider.decide(command, state),
    next: (minutes: number, ...open: readonly string[]) => nextAction(state as KnownSchedule, START + minutes * MINUTE, new Set(open)),
  };
}
const byAnn = { name: 's', actor: 'user:ann', reason: '' };
const nowMs = START;

describe('the decider of schedules', () => {
  it('creates one, once, and refuses another of its name', () => {
    const create = { type: 'CreateSchedule', name: 's', spec: spec(), actor: 'user:ann', nowMs } as const;
    expect(given().when(create)).toEqual([created()]);
    expect(given(created()).when(create)).toEqual([]);
    expect(() => given(created()).when({ ...create, spec: spec({ overlap: 'allow' }) })).toThrow('there is a schedule "s" already');
    expect(given(created(), deleted).when(create)).toEqual([created()]);
  });

  it('lets nobody change or delete what stands in a definition, and says where to change it', () => {
    const owned = given(created({}, 'report'));
    expect(() => owned.when({ type: 'ChangeSchedule', name: 's', spec: spec({ overlap: 'allow' }), actor: 'user:ann', nowMs })).toThrow(
      'stands in the definition of workflow "report"',
    );
    expect(() => owned.when({ type: 'DeleteSchedule', ...byAnn })).toThrow('stands in the definition');
    expect(owned.when({ type: 'PauseSchedule', ...byAnn })).toEqual([paused]);
  });

  it('follows the definition, and does nothing where that says what it said', () => {
    const put = { type: 'PutSchedule', name: 's', spec: spec(), workflow: 'report', actor: 'user:ann', nowMs } as const;
    expect(given().when(put)).toEqual([created({}, 'report')]);
    expect(given(created({}, 'report')).when(put)).toEqual([]);
    expect(given(created({ overlap: 'allow' }, 'report')).when(put)).toMatchObject([{ type: 'ScheduleChanged' }]);
    const remove = { type: 'RemoveSchedule', name: 's', workflow: 'report', actor: 'user:ann' } as const;
    expect(given(created({}, 'report')).when(remove)).toMatchObject([{ type: 'ScheduleDeleted' }]);
    expect(given(created({}, 'report'), deleted).when(remove)).toEqual([]);
    expect(given(created()).when(remove)).toEqual([]);
  });

  it('refuses what there is not, and repeats change nothing', () => {
    expect(() => given().when({ type: 'PauseSchedule', ...byAnn })).toThrow('there is no schedule "s"');
    expect(() => given(created(), deleted).when({ type: 'ResumeSchedule', nowMs, ...byAnn })).toThrow('it was deleted');
    expect(given(created(), paused).when({ type: 'PauseSchedule', ...byAnn })).toEqual([]);
    expect(given(created()).when({ type: 'ResumeSchedule', nowMs, ...byAnn })).toEqual([]);
    expect(given(created(), deleted).when({ type: 'DeleteSchedule', ...byAnn })).toEqual([]);
  });

  it('records each time once', () => {
    const record = {
      type: 'RecordTriggered',
      scheduledMs: START + 10 * MINUTE,
      runId: 'r1',
      kind: 'time',
      backfillId: null,
      actor: 'user:ann',
    } as const;
    expect(given(created()).when(record)).toEqual([triggered(10, 'r1')]);
    expect(given(created(), triggered(10, 'r1')).when(record)).toEqual([]);
    const skip = {
      type: 'RecordSkipped',
      firstMs: START + 10 * MINUTE,
      throughMs: START + 20 * MINUTE,
      count: 2,
      why: 'overlap',
      error: null,
      backfillId: null,
    } as const;
    expect(given(created(), triggered(10, 'r1')).when(skip)).toEqual([]);
    expect(given(created()).when(skip)).toHaveLength(1);
    const buffer = { type: 'RecordBuffered', scheduledMs: START + 10 * MINUTE } as const;
    const [buffered] = given(created()).when(buffer);
    expect(given(created(), buffered as ScheduleEvent).when(buffer)).toEqual([]);
    expect(given(created(), buffered as ScheduleEvent).when(record)).toEqual([triggered(10, 'r1')]);
  });
});

describe('the next action of a schedule', () => {
  it('is to wait until its time, and to start a run then', () => {
    expect(given(created()).next(3)).toEqual({ do: 'wait', untilMs: START + 10 * MINUTE, forRuns: [] });
    expect(given(created()).next(10)).toEqual({ do: 'start', scheduledMs: START + 10 * MINUTE, backfillId: null, cancel: [] });
    expect(given(created(), triggered(10, 'r1')).next(10)).toEqual({ do: 'wait', untilMs: START + 20 * MINUTE, forRuns: [] });
  });

  it('leaves times out while a run is open, all that have come at once', () => {
    const running = given(created(), triggered(10, 'r1'));
    expect(running.next(20, 'r1')).toMatchObject({
      do: 'skip',
      why: 'overlap',
      firstMs: START + 20 * MINUTE,
      throughMs: START + 20 * MINUTE,
      count: 1,
    });
    expect(running.next(45, 'r1')).toMatchObject({ do: 'skip', throughMs: START + 40 * MINUTE, count: 3 });
    expect(running.next(20)).toMatchObject({ do: 'start' });
  });

  it('keeps one time for the end of the run, and leaves the others out', () => {
    const events = [created({ overlap: 'buffer-one' }), triggered(10, 'r1')];
    expect(given(...events).next(20, 'r1')).toEqual({ do: 'buffer', scheduledMs: START + 20 * MINUTE });
    const buffered: ScheduleEvent = { type: 'ScheduleBuffered', data: { scheduledTime: at(20) } };
    expect(given(...events, buffered).next(21, 'r1')).toEqual({ do: 'wait', untilMs: START + 30 * MINUTE, forRuns: ['r1'] });
    expect(given(...events, buffered).next(30, 'r1')).toMatchObject({ do: 'skip', why: 'overlap', count: 1 });
    expect(given(...events, buffered).next(21)).toMatchObject({ do: 'start', scheduledMs: START + 20 * MINUTE });
    expect(given(...events, buffered, triggered(20, 'r2')).next(21, 'r2')).toMatchObject({ do: 'wait', untilMs: START + 30 * MINUTE });
    expect(given(...events, buffered, paused).next(21)).toMatchObject({ do: 'wait', untilMs: Infinity });
  });

  it('starts beside an open run, or ends it first, as the policy says', () => {
    expect(given(created({ overlap: 'allow' }), triggered(10, 'r1')).next(20, 'r1')).toMatchObject({ do: 'start', cancel: [] });
    expect(given(created({ overlap: 'cancel-running' }), triggered(10, 'r1')).next(20, 'r1')).toMatchObject({
      do: 'start',
      cancel: ['r1'],
    });
  });

  it('makes up for what was missed as far back as it says, in order', () => {
    const late = given(created({ overlap: 'allow', catchUpMs: 25 * MINUTE }));
    expect(late.next(62)).toEqual({
      do: 'skip',
      firstMs: START + 10 * MINUTE,
      throughMs: START + 37 * MINUTE - 1,
      count: null,
      why: 'missed',
    });
    const skipped: ScheduleEvent = {
      type: 'ScheduleSkipped',
      data: { scheduledTime: at(10), through: isoTime(START + 37 * MINUTE - 1), count: null, why: 'missed', error: null, backfillId: null },
    };
    const rest = [created({ overlap: 'allow', catchUpMs: 25 * MINUTE }), skipped];
    expect(given(...rest).next(62)).toMatchObject({ do: 'start', scheduledMs: START + 40 * MINUTE });
    expect(given(...rest, triggered(40, 'r1')).next(62)).toMatchObject({ do: 'start', scheduledMs: START + 50 * MINUTE });
  });

  it('takes nothing for missed that is a moment late', () => {
    expect(given(created({ catchUpMs: 0 })).next(10.9)).toMatchObject({ do: 'start' });
    expect(given(created({ catchUpMs: 0 })).next(11.1)).toMatchObject({ do: 'skip', why: 'missed' });
  });

  it('is nothing while it is paused, and afterwards what comes after', () => {
    expect(given(created(), paused).next(100)).toEqual({ do: 'wait', untilMs: Infinity, forRuns: [] });
    expect(given(created(), paused, resumed(95)).next(96)).toMatchObject({ do: 'wait', untilMs: START + 100 * MINUTE });
    expect(given(created(), deleted).next(100)).toMatchObject({ do: 'wait', untilMs: Infinity });
  });

  it('is late by the jitter, by the same every time', () => {
    const jittered = given(created({ jitterMs: 5 * MINUTE }));
    const first = jittered.next(1);
    if (first.do !== 'wait') throw new Error(first.do);
    expect(first.untilMs).toBeGreaterThan(START + 10 * MINUTE);
    expect(first.untilMs).toBeLessThanOrEqual(START + 15 * MINUTE);
    expect(jittered.next(2)).toEqual(first);
    expect(jittered.next((first.untilMs - START) / MINUTE)).toMatchObject({ do: 'start', scheduledMs: START + 10 * MINUTE });
  });

  it('works a backfill off one run after the other, also while paused, and leaves nothing out', () => {
    const events = [created(), paused, backfill('b', -20, 0)];
    expect(given(...events).next(1)).toMatchObject({ do: 'start', scheduledMs: START - 20 * MINUTE, backfillId: 'b' });
    const one = [...events, triggered(-20, 'b1', 'b')];
    expect(given(...one).next(1, 'b1')).toMatchObject({ do: 'wait', forRuns: ['b1'] });
    const two = [...one, triggered(-10, 'b2', 'b'), triggered(0, 'b3', 'b')];
    expect(given(...two).next(1)).toEqual({ do: 'finish-backfill', backfillId: 'b' });
  });

  it('begins all of a backfill at once where runs may overlap, and does not count them among its own', () => {
    const all = given(created({ overlap: 'allow' }), backfill('b', -20, 0), triggered(-20, 'b1', 'b'));
    expect(all.next(1, 'b1')).toMatchObject({ do: 'start', scheduledMs: START - 10 * MINUTE });
    expect(given(created(), backfill('b', -20, 0), triggered(-20, 'b1', 'b')).next(10, 'b1')).toMatchObject({
      do: 'start',
      scheduledMs: START + 10 * MINUTE,
    });
  });
});
