import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { OverlapPolicyMessage, ScheduleStatus, type ScheduleSpecMessage } from '@tutti/contracts';
import { startTriggerEngine, type TriggerEngine } from '../triggers/testing/trigger-engine.js';
import { ScheduleApi } from './schedule.api.js';
import { schedulesProjection, type ScheduleDocument } from './schedules.projection.js';

const WORKFLOW = `
name: report
on: { schedule: [{ every: 1h }] }
steps: { write: { capability: work } }
`;
const SPEC: ScheduleSpecMessage = {
  ...{ workflow: 'report', cron: '', everyMs: 600_000, offsetMs: 0, timezone: '', jitterMs: 0 },
  ...{ overlap: OverlapPolicyMessage.OVERLAP_POLICY_UNSPECIFIED, inputs: {} },
};
const BY_ANN = { actor: 'user:ann', reason: '' };

let engine: TriggerEngine;
let api: ScheduleApi;
beforeEach(async () => {
  engine = await startTriggerEngine(WORKFLOW, () => ({}));
  const { ledger, scheduler, plans, runtime } = engine;
  api = new ScheduleApi({
    ledger,
    scheduler: () => scheduler,
    plans,
    runtime,
    views: { at: () => Promise.resolve({ model: folded() } as never) },
  });
});
afterEach(() => engine.close());

/** What the projection makes of the log, without a read model behind it. */
function folded() {
  const documents = async (): Promise<ReadonlyMap<string, ScheduleDocument>> => {
    const found = new Map<string, ScheduleDocument>();
    for (const event of await engine.recorded('schedule')) {
      const [key = ''] = schedulesProjection.keys(event);
      const document = schedulesProjection.evolve((found.get(key) ?? null) as never, event, key);
      if (document !== null) found.set(key, document);
    }
    return found;
  };
  return {
    get: async (key: string) => {
      const document = (await documents()).get(key);
      return document === undefined ? null : { key, document, position: 0 };
    },
    find: async () =>
      [...(await documents()).values()].filter(({ status }) => status !== 'deleted').map((document) => ({ document, cursor: '' })),
  };
}

describe('the service of schedules', () => {
  it('makes one with what is left out filled in, and answers it again', async () => {
    const made = await api.createSchedule({ name: 'mine', spec: SPEC, actor: 'user:ann' });
    expect(made).toMatchObject({
      created: true,
      schedule: {
        ...{ name: 'mine', ownedBy: '', status: ScheduleStatus.SCHEDULE_STATUS_ACTIVE },
        spec: { timezone: 'UTC', overlap: OverlapPolicyMessage.OVERLAP_POLICY_SKIP, catchUpMs: 3_600_000 },
        nextTimes: ['00:10', '00:20', '00:30', '00:40', '00:50'].map((at) => `2026-01-01T${at}:00.000Z`),
      },
    });
    expect(await api.createSchedule({ name: 'mine', spec: SPEC, actor: 'user:ann' })).toMatchObject({
      created: false,
      position: made.position,
    });
    await expect(api.createSchedule({ name: 'mine', spec: { ...SPEC, everyMs: 60_000 }, actor: 'user:ann' })).rejects.toMatchObject({
      code: 'SCHEDULE_EXISTS',
    });
  });

  it.each([
    [{ everyMs: 0 }, 'expected either cron or everyMs'],
    [{ cron: '* * * * *' }, 'expected either cron or everyMs'],
    [{ everyMs: 10 }, 'everyMs'],
    [{ everyMs: 0, cron: '99 * * * *' }, 'no cron expression'],
    [{ everyMs: 0, cron: '0 9 * * *', timezone: 'Mars' }, 'no time zone'],
    [{ offsetMs: 600_000 }, 'offsetMs'],
    [{ inputs: { x: '${{ event.id }}' } }, 'nothing is called "event"'],
    [{ inputs: { x: '${{ 1 + }}' } }, 'not a JSONata expression'],
  ])('refuses one with %j', async (changes, problem) => {
    const asked = api.createSchedule({ name: 'mine', spec: { ...SPEC, ...changes }, actor: 'user:ann' });
    await expect(asked).rejects.toMatchObject({ code: 'INVALID_REQUEST', message: expect.stringContaining(problem) });
  });

  it('refuses a name of a definition’s, and a workflow that there is not', async () => {
    await expect(api.createSchedule({ name: 'report.1', spec: SPEC, actor: 'user:ann' })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    });
    await expect(api.createSchedule({ name: 'mine', spec: { ...SPEC, workflow: 'none' }, actor: 'user:ann' })).rejects.toMatchObject({
      code: 'WORKFLOW_NOT_FOUND',
    });
  });

  it('lets one of a definition be held, started and made up for, and nothing else', async () => {
    await expect(api.changeSchedule({ name: 'report.1', spec: SPEC, actor: 'user:ann' })).rejects.toMatchObject({ code: 'SCHEDULE_OWNED' });
    await expect(api.deleteSchedule({ name: 'report.1', ...BY_ANN })).rejects.toMatchObject({ code: 'SCHEDULE_OWNED' });
    await api.pauseSchedule({ name: 'report.1', ...BY_ANN });
    const { runId } = await api.triggerSchedule({ name: 'report.1', actor: 'user:ann', idempotencyKey: 'k' });
    expect(await engine.startedRuns()).toMatchObject([{ runId, startedBy: 'user:ann' }]);
    expect((await api.getSchedule({ name: 'report.1', minPosition: 0 })).schedule).toMatchObject({
      ...{ status: ScheduleStatus.SCHEDULE_STATUS_PAUSED, ownedBy: 'report', nextTimes: [], recentRuns: [{ runId, kind: 'manual' }] },
    });
    await api.resumeSchedule({ name: 'report.1', ...BY_ANN });
    expect((await api.getSchedule({ name: 'report.1', minPosition: 0 })).schedule?.nextTimes).toHaveLength(5);
  });

  it('backfills times that have passed, once for a key, and says how many', async () => {
    const range = { name: 'report.1', from: '2025-12-31T22:00:00Z', to: '2026-01-01T00:00:00Z', actor: 'user:ann', idempotencyKey: 'k' };
    const first = await api.backfillSchedule(range);
    expect(first.count).toBe(3);
    expect((await api.backfillSchedule(range)).backfillId).toBe(first.backfillId);
    await engine.untilSchedule('report.1', 'ScheduleBackfillFinished');
    expect(await engine.startedRuns()).toHaveLength(3);
    await expect(api.backfillSchedule({ ...range, to: '2027-01-01T00:00:00Z' })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await expect(api.backfillSchedule({ ...range, from: '2026-01-02T00:00:00Z' })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await expect(api.backfillSchedule({ ...range, from: '2020-01-01T00:00:00Z', idempotencyKey: '' })).rejects.toMatchObject({
      message: expect.stringContaining('more than 10000 times'),
    });
  });

  it('lists what has not been deleted, and knows nothing of the rest', async () => {
    await api.createSchedule({ name: 'mine', spec: SPEC, actor: 'user:ann' });
    const list = async () =>
      (await api.listSchedules({ workflow: '', pageSize: 0, pageToken: '', minPosition: 0 })).schedules.map(({ name }) => name);
    expect(await list()).toEqual(['report.1', 'mine']);
    await api.deleteSchedule({ name: 'mine', ...BY_ANN });
    expect(await list()).toEqual(['report.1']);
    await expect(api.getSchedule({ name: 'mine', minPosition: 0 })).rejects.toMatchObject({ code: 'SCHEDULE_NOT_FOUND' });
    await expect(api.pauseSchedule({ name: 'ghost', ...BY_ANN })).rejects.toMatchObject({ code: 'SCHEDULE_NOT_FOUND' });
  });
});
