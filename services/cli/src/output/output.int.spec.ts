import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createSystemRuntime } from '@tutti/client/http';
import type { Runtime } from '@tutti/kernel';
import { parse, parseAllDocuments } from 'yaml';
import { RUNNING, SUCCEEDED, startProgramHarness, type ProgramHarness } from '../testing/program-harness.js';
import { runStory } from '../testing/run-story.js';

let harness: ProgramHarness;
beforeEach(async () => {
  harness = await startProgramHarness();
  harness.server.addRun('run1', SUCCEEDED);
  harness.server.addRun('run2', { ...RUNNING, labels: { team: 'blue' } });
});
afterEach(() => harness.close());

describe('what a list prints', () => {
  const out = async (...flags: readonly string[]): Promise<string> => (await harness.tutti(['run', 'list', ...flags])).out;

  it('is a document, a line for each item, names, or a table', async () => {
    expect(JSON.parse(await out('-o', 'json'))).toMatchObject({ runs: [{ id: 'run1' }, { id: 'run2' }] });
    expect(parse(await out('-o', 'yaml'))).toMatchObject({ runs: [{ id: 'run1' }, { id: 'run2' }] });
    const lines = (await out('-o', 'jsonl')).trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { readonly id: string }).id)).toEqual(['run1', 'run2']);
    expect(await out('-o', 'name')).toBe('run1\nrun2\n');
    expect(await out()).toMatch(/^RUN +WORKFLOW/);
  });

  it('has the columns that are asked for, in that order, hidden ones too', async () => {
    expect(await out('--columns', 'status,run,labels')).toBe('STATUS     RUN   LABELS\nsucceeded  run1\nrunning    run2  team=blue\n');
    expect(await harness.tutti(['run', 'list', '--columns', 'stauts'])).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('there are run, workflow, status'),
    });
  });

  it('fits the terminal, and is cut nowhere in a pipe', async () => {
    const narrow = await harness.tutti(['run', 'list', '--color', 'never'], { terminal: { columns: 60, rows: 20 } });
    for (const line of narrow.out.split('\n')) expect(line.length).toBeLessThanOrEqual(60);
  });

  it('asks for labels, all of which must fit, and for a status', async () => {
    await out('--label', 'team=blue', '-l', 'tier=gold', '--status', 'failed', '--workflow', 'demo');
    const { searchParams } = new URL(harness.lastRequest('/v1/runs')?.path ?? '', 'http://x');
    expect(searchParams.getAll('label')).toEqual(['team=blue', 'tier=gold']);
    expect(Object.fromEntries(searchParams)).toMatchObject({ status: 'failed', workflow: 'demo', pageSize: '20' });
  });

  it('goes over all pages with --all, whatever the limit', async () => {
    harness.server.on('GET', '/v1/runs', ({ path }) => {
      const page = Number(new URL(path, 'http://x').searchParams.get('pageToken') || '0');
      return { json: { runs: [{ id: `r${page}` }], nextPageToken: page < 24 ? String(page + 1) : '' } };
    });
    expect((await out('-o', 'name')).trim().split('\n')).toHaveLength(20);
    expect((await out('-o', 'name', '--all')).trim().split('\n')).toHaveLength(25);
    expect((await out('-o', 'name', '--limit', '3')).trim().split('\n')).toHaveLength(3);
  });
});

describe('a list that is watched', () => {
  const system = createSystemRuntime();
  /** Nobody waits for the next look. */
  const hurried: Runtime = {
    ...system,
    timers: { ...system.timers, after: (ms, then) => system.timers.after(ms === 2_000 ? 1 : ms, then) },
  };

  /** Each answer is given once; the last goes on, and then it is interrupted. */
  const watched = (
    statuses: readonly string[],
    flags: readonly string[],
    terminal?: { readonly columns: number; readonly rows: number },
  ) => {
    let at = 0;
    return harness.tutti(
      ['run', 'list', '--watch', ...flags],
      { runtime: hurried, ...(terminal === undefined ? {} : { terminal }) },
      (fake) => {
        harness.server.on('GET', '/v1/runs', () => {
          const status = statuses[Math.min(at, statuses.length - 1)];
          at += 1;
          if (at > statuses.length) fake.interrupt();
          return { json: { runs: [{ id: 'run1', workflow: 'demo', status }] } };
        });
      },
    );
  };

  it('prints each item that changed, for programs', async () => {
    const { exitCode, out } = await watched(['running', 'running', 'succeeded'], ['-o', 'jsonl']);
    expect(exitCode).toBe(130);
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { readonly status: string }).status),
    ).toEqual(['running', 'succeeded']);
  });

  it('is drawn again in place on a terminal, which is as before afterwards', async () => {
    const { out } = await watched(['running', 'succeeded'], ['--color', 'never'], { columns: 80, rows: 20 });
    expect(out).toMatch(/run1 +demo v0 +running[^]*\u001b\[2A\r\u001b\[JRUN[^]*run1 +demo v0 +succeeded/);
    expect(out.endsWith('\u001b[?25h')).toBe(true);
  });

  it('is printed again in a pipe only when it changed', async () => {
    const { out } = await watched(['running', 'running', 'failed'], []);
    expect(out.match(/^RUN /gm)).toHaveLength(2);
  });
});

describe('what a program reads', () => {
  it.each([
    [['run', 'get', 'run1'], 'run1\n'],
    [['run', 'cancel', 'run1'], 'run1\n'],
    [['approve', 'ap1', '--yes'], 'ap1\n'],
    [['approvals'], 'ap1\n'],
    [['agent', 'pause', 'bee'], 'bee\n'],
    [['workflow', 'get', 'demo'], 'demo@3\n'],
    [['workflow', 'versions', 'demo'], 'demo@3\ndemo@2\n'],
    [['run', 'start', 'demo', '--no-watch'], 'run9\n'],
  ])('of names alone, for %p', async (line, names) => {
    harness.server.addApproval('ap1', { runId: 'run2', payload: 1 });
    harness.server.on('POST', '/v1/runs/run1/cancel', () => ({ json: { position: 1 } }));
    harness.server.on('POST', '/v1/agents/bee/pause', () => ({ json: { position: 1 } }));
    harness.server.on('GET', '/v1/workflows/demo', () => ({ json: { workflow: { name: 'demo', version: 3 } } }));
    harness.server.on('GET', '/v1/workflows/demo/versions', () => ({ json: { versions: [{ version: 3 }, { version: 2 }] } }));
    harness.server.on('POST', '/v1/runs', () => ({ status: 201, json: { runId: 'run9', position: 1, created: true } }));
    expect((await harness.tutti([...line, '-o', 'name'])).out).toBe(names);
  });

  it('is on standard output alone, one YAML document for each event', async () => {
    const { events } = runStory('run3').started().runDone();
    harness.server.addRun('run3', SUCCEEDED, events);
    const { out } = await harness.tutti(['event', 'list', 'run3', '-o', 'yaml']);
    expect(parseAllDocuments(out).map((document) => document.toJS() as unknown)).toEqual(events);
    const failed = await harness.tutti(['run', 'get', 'ghost', '-o', 'jsonl']);
    expect(failed.out).toBe('');
    expect(JSON.parse(failed.err)).toMatchObject({ error: { code: 'RUN_NOT_FOUND' } });
  });
});
