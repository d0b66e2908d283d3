import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startProgramHarness, type ProgramHarness } from '../testing/program-harness.js';

const VERSIONS = {
  versions: [
    { version: 3, isNewest: true, share: 10, openRuns: 2 },
    { version: 2, share: 90, openRuns: 10_000, moreOpenRuns: true },
    { version: 1, share: 0, drained: true, openRuns: 0 },
  ],
  rules: [
    { version: 3, labels: { team: 'platform' } },
    { version: 2, share: 90, labels: {} },
  ],
};

let harness: ProgramHarness;
beforeEach(async () => {
  harness = await startProgramHarness();
  harness.server.on('GET', '/v1/workflows/greet', () => ({ json: { workflow: { name: 'greet', version: 3, source: 'name: greet' } } }));
  harness.server.on('GET', '/v1/workflows/greet/versions', () => ({ json: VERSIONS }));
});
afterEach(() => harness.close());

const bodyOf = (path: string): unknown => JSON.parse(harness.lastRequest(path)?.body ?? 'null');

describe('tutti workflows', () => {
  it('shows the versions of a workflow with their shares, open runs, and which are drained', async () => {
    const { out, exitCode } = await harness.tutti(['workflows', 'show', 'greet']);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/v3 \(newest\) +10 % +2 +in use/);
    expect(out).toMatch(/v2 +90 % +10000\+ +in use/);
    expect(out).toMatch(/v1 +none +0 +drained/);
    expect(out).toContain('v3 for team=platform');
    expect(out).toContain('name: greet');
    const { out: json } = await harness.tutti(['workflows', 'show', 'greet', '--json']);
    expect(JSON.parse(json)).toMatchObject({ workflow: { name: 'greet' }, versions: [{ version: 3 }, { version: 2 }, { version: 1 }] });
  });

  it('rolls a version out by label and share, or back to the newest', async () => {
    harness.server.on('PUT', '/v1/workflows/greet/rollout', () => ({ json: { changed: true, position: 3 } }));
    const rolled = await harness.tutti([
      'workflows',
      'rollout',
      'greet',
      '--share',
      '3=12.5',
      '--label',
      '3:team=platform,tier=gold',
      '--reason',
      'a try',
    ]);
    expect(rolled).toMatchObject({ exitCode: 0, out: 'greet: new runs get v3 for team=platform, tier=gold; v3 for 12.5 %\n' });
    expect(bodyOf('/v1/workflows/greet/rollout')).toEqual({
      rules: [
        { version: 3, labels: { team: 'platform', tier: 'gold' } },
        { version: 3, share: 12.5 },
      ],
      reason: 'a try',
    });
    expect(await harness.tutti(['workflows', 'rollout', 'greet', '--newest'])).toMatchObject({
      exitCode: 0,
      out: 'greet: every new run gets the newest version\n',
    });
    expect(bodyOf('/v1/workflows/greet/rollout')).toEqual({ rules: [] });
  });

  it('shows the rollout when it is given nothing', async () => {
    expect((await harness.tutti(['workflows', 'rollout', 'greet'])).out).toMatch(/v3 \(newest\) +10 %/);
    expect(harness.server.requests.map(({ method }) => method)).not.toContain('PUT');
  });

  it.each([
    [['--share', '3'], '"3" is not version=percent, like 2=10'],
    [['--share', '3=101'], '"3=101" is not version=percent'],
    [['--label', 'team=platform'], '"team=platform" is not version:label=value'],
    [['--newest', '--share', '3=1'], '--newest goes without --share and --label'],
  ])('refuses rules that are none: %j', async (options, message) => {
    expect(await harness.tutti(['workflows', 'rollout', 'greet', ...options])).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining(message),
    });
  });

  it('drains and restores a version', async () => {
    harness.server.on('POST', '/v1/workflows/greet/versions/1/drain', () => ({ json: { changed: true } }));
    harness.server.on('POST', '/v1/workflows/greet/versions/1/restore', () => ({ json: { changed: false } }));
    expect(await harness.tutti(['workflows', 'drain', 'greet@1', '--reason', 'old'])).toMatchObject({
      exitCode: 0,
      out: 'greet v1 takes no new runs\n',
    });
    expect(bodyOf('/v1/workflows/greet/versions/1/drain')).toEqual({ reason: 'old' });
    expect(await harness.tutti(['workflows', 'restore', 'greet@1'])).toMatchObject({
      exitCode: 0,
      out: 'greet v1 takes new runs already\n',
    });
    expect(await harness.tutti(['workflows', 'drain', 'greet'])).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('name@version'),
    });
  });
});

describe('tutti migrate', () => {
  const answer = (more: object): void =>
    harness.server.on('POST', '/v1/runs/run1/migrate', () => ({ json: { fromVersion: 1, toVersion: 2, position: 9, ...more } }));

  it('takes a run to another version and says what it gets and loses', async () => {
    answer({ added: ['publish'], dropped: ['mail'] });
    expect(await harness.tutti(['migrate', 'run1', '--to', '2', '--map', 'draft=write', '--reason', 'better'])).toMatchObject({
      exitCode: 0,
      out: 'migrated run1 v1 → v2\n  gets publish\n  loses mail, which had not begun\n',
    });
    expect(bodyOf('/v1/runs/run1/migrate')).toEqual({ toVersion: 2, dryRun: false, mapping: { draft: 'write' }, reason: 'better' });
  });

  it('says every reason against it beforehand', async () => {
    answer({ problems: ['step "a" is under way, and version 2 changes its gates'] });
    expect(await harness.tutti(['migrate', 'run1', '--dry-run'])).toMatchObject({
      exitCode: 6,
      out: 'run1 cannot be migrated v1 → v2:\n  ✗ step "a" is under way, and version 2 changes its gates\n',
    });
    expect(bodyOf('/v1/runs/run1/migrate')).toEqual({ toVersion: 0, dryRun: true, mapping: {} });
  });

  it('says that there is nothing to do, and what would be done', async () => {
    answer({ fromVersion: 2 });
    expect((await harness.tutti(['migrate', 'run1'])).out).toBe('run1 goes by v2 already\n');
    answer({});
    expect((await harness.tutti(['migrate', 'run1', '--dry-run'])).out).toBe('would migrate run1 v1 → v2\n');
  });
});
