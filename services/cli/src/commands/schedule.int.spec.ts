import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { problem } from '../testing/fake-server.js';
import { startProgramHarness, type ProgramHarness } from '../testing/program-harness.js';

const SCHEDULE = {
  ...{ name: 'nightly', workflow: 'report', status: 'active', ownedBy: 'report', cron: '0 3 * * *', timezone: 'Europe/Berlin' },
  ...{ overlap: 'skip', catchUp: '1h', with: { day: '${{ schedule.scheduledTime }}' } },
  nextTimes: ['2026-01-02T02:00:00.000Z', '2026-01-03T02:00:00.000Z'],
  recentRuns: [{ runId: 'run-9', scheduledTime: '2026-01-01T02:00:00.000Z', kind: 'time' }],
};

let harness: ProgramHarness;
beforeEach(async () => {
  harness = await startProgramHarness();
  harness.server.on('GET', '/v1/schedules', () => ({ json: { schedules: [SCHEDULE], nextPageToken: '' } }));
  harness.server.on('GET', '/v1/schedules/nightly', () => ({ json: { schedule: SCHEDULE } }));
});
afterEach(() => harness.close());
const bodyOf = (path: string): unknown => JSON.parse(harness.lastRequest(path)?.body ?? 'null');

describe('tutti schedule', () => {
  it('lists schedules with their times and what comes next', async () => {
    const { exitCode, out } = await harness.tutti(['schedule', 'list', '--workflow', 'report']);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/nightly +report +0 3 \* \* \* Europe\/Berlin +active +2026-01-02T02:00:00.000Z/);
    expect(harness.lastRequest('/v1/schedules')?.path).toContain('workflow=report');
  });

  it('shows one with its next times, its newest runs and where it is defined', async () => {
    const { out } = await harness.tutti(['schedule', 'show', 'nightly']);
    expect(out).toContain('stands in the definition of report');
    expect(out).toMatch(/NEXT\n2026-01-02T02:00:00.000Z *\n2026-01-03T02:00:00.000Z/);
    expect(out).toMatch(/run-9 +2026-01-01T02:00:00.000Z +.* +time/);
    expect(out).toContain('${{ schedule.scheduledTime }}');
    expect(JSON.parse((await harness.tutti(['schedule', 'show', 'nightly', '--json'])).out)).toEqual({ schedule: SCHEDULE });
  });

  it('makes one of what the options say', async () => {
    harness.server.on('POST', '/v1/schedules', () => ({ status: 201, json: { schedule: SCHEDULE, created: true, position: 3 } }));
    const words = [
      '--workflow',
      'report',
      '--every',
      '15m',
      '--offset',
      '1m',
      '--overlap',
      'buffer-one',
      '--catch-up',
      '2h',
      '-i',
      'day=monday',
    ];
    const { exitCode, out } = await harness.tutti(['schedule', 'create', 'poll', ...words]);
    expect([exitCode, out]).toEqual([0, 'created poll; next at 2026-01-02T02:00:00.000Z\n']);
    expect(bodyOf('/v1/schedules')).toEqual({
      ...{ name: 'poll', workflow: 'report', every: '15m', offset: '1m', overlap: 'buffer-one', catchUp: '2h', with: { day: 'monday' } },
    });
    expect(await harness.tutti(['schedule', 'create', 'poll', '--workflow', 'report'])).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('expected either --cron or --every'),
    });
  });

  it('pauses, resumes and deletes', async () => {
    for (const [method, path] of [
      ['POST', '/v1/schedules/nightly/pause'],
      ['POST', '/v1/schedules/nightly/resume'],
      ['DELETE', '/v1/schedules/nightly'],
    ] as const)
      harness.server.on(method, path, () => ({ json: { position: 4 } }));
    expect(await harness.tutti(['schedule', 'pause', 'nightly', '--reason', 'holidays'])).toMatchObject({
      exitCode: 0,
      out: 'paused nightly\n',
    });
    expect(bodyOf('/v1/schedules/nightly/pause')).toEqual({ reason: 'holidays' });
    expect(await harness.tutti(['schedule', 'resume', 'nightly'])).toMatchObject({ exitCode: 0, out: 'resumed nightly\n' });
    expect(await harness.tutti(['schedule', 'delete', 'nightly'])).toMatchObject({ exitCode: 0, out: 'deleted nightly\n' });
  });

  it('starts at once and makes up for times, each under a key', async () => {
    harness.server.on('POST', '/v1/schedules/nightly/trigger', () => ({ status: 201, json: { runId: 'run-10', position: 5 } }));
    harness.server.on('POST', '/v1/schedules/nightly/backfill', () => ({ status: 201, json: { backfillId: 'b', count: 7, position: 6 } }));
    expect((await harness.tutti(['schedule', 'trigger', 'nightly'])).out).toContain('started run run-10');
    expect(harness.lastRequest('/v1/schedules/nightly/trigger')?.headers['idempotency-key']).toMatch(/^[0-9a-f-]{36}$/);
    const range = ['--from', '2026-01-01T00:00:00Z', '--to', '2026-01-07T00:00:00Z'];
    expect((await harness.tutti(['schedule', 'backfill', 'nightly', ...range])).out).toContain('7 runs will be started');
    expect(bodyOf('/v1/schedules/nightly/backfill')).toEqual({ from: '2026-01-01T00:00:00Z', to: '2026-01-07T00:00:00Z' });
  });

  it('says where one is changed that a definition owns', async () => {
    harness.server.on('DELETE', '/v1/schedules/nightly', () =>
      problem(409, 'SCHEDULE_OWNED', 'schedule "nightly" stands in the definition of workflow "report"'),
    );
    expect(await harness.tutti(['schedule', 'delete', 'nightly'])).toMatchObject({
      exitCode: 6,
      err: expect.stringContaining('stands in the definition'),
    });
  });
});
