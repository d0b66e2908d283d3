import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { problem } from '../testing/fake-server.js';
import { RUNNING, SUCCEEDED, startProgramHarness, type ProgramHarness } from '../testing/program-harness.js';
import { runStory, wholeRun } from '../testing/run-story.js';

let harness: ProgramHarness;
beforeEach(async () => {
  harness = await startProgramHarness();
});
afterEach(() => harness.close());

describe('tutti run', () => {
  const started = () =>
    harness.server.on('POST', '/v1/runs', () => ({
      status: 201,
      json: { runId: 'run1', position: 10, workflowVersion: 1, created: true },
    }));

  it('starts, prints a line for each event when piped, writes the documents and names the main one', async () => {
    started();
    const outputs = { documents: [{ path: 'design/main.md', mediaType: 'text/markdown', content: '# Design' }] };
    harness.server.addRun('run1', { ...SUCCEEDED, outputs }, wholeRun().events);
    const { exitCode, out } = await harness.tutti(['run', 'demo@1', '--input', 'n=:3', '--label', 'team=blue', '--out', 'result']);
    expect(out).toBe(
      [
        '12:00:00.000 run run1 of demo v1 started by user:ann',
        '12:00:01.000 step plan started (worker-bee)',
        '12:00:02.000 task plan done in 1.0s',
        '12:00:03.000 step plan succeeded',
        '12:00:04.000 run succeeded',
        'succeeded in 12.4s',
        'document result/design/main.md',
        '',
      ].join('\n'),
    );
    expect(exitCode).toBe(0);
    expect(await readFile(join(harness.cwd, 'result', 'design', 'main.md'), 'utf8')).toBe('# Design');
    const request = harness.server.requests.find(({ method }) => method === 'POST');
    expect(JSON.parse(request?.body ?? '')).toEqual({ workflow: 'demo', workflowVersion: 1, inputs: { n: 3 }, labels: { team: 'blue' } });
    expect(request?.headers['idempotency-key']).toMatch(/^[0-9a-f-]{36}$/);
    expect(harness.lastRequest('/v1/runs/run1')?.path).toBe('/v1/runs/run1?minPosition=22');
  });

  it('prints one document and nothing else on standard output with --json', async () => {
    started();
    harness.server.addRun('run1', { ...SUCCEEDED, outputs: { answer: 42 }, futureMember: true }, wholeRun().events);
    const { out, err } = await harness.tutti(['run', 'demo', '--json']);
    expect(JSON.parse(out)).toMatchObject({ run: { id: 'run1', outputs: { answer: 42 }, futureMember: true } });
    expect(err).toContain('step plan started');
  });

  it('ends with 1 when the run failed, and says where', async () => {
    started();
    const error = { code: 'AGENT_FAILED', message: 'no luck', step: 'plan' };
    harness.server.addRun('run1', { ...SUCCEEDED, status: 'failed', error }, runStory().started().scheduled('plan').runFailed().events);
    expect(await harness.tutti(['run', 'demo'])).toMatchObject({
      exitCode: 1,
      out: expect.stringContaining('failed in 12.4s in step plan: no luck (AGENT_FAILED)'),
    });
  });

  it('answers at once with --no-watch', async () => {
    started();
    expect(await harness.tutti(['run', 'demo', '--no-watch'])).toMatchObject({ exitCode: 0, out: 'run1\n' });
    expect(await harness.tutti(['run', 'demo', '--no-watch', '--out', 'x'])).toMatchObject({ exitCode: 2 });
  });

  it('shows every problem of the input', async () => {
    harness.server.on('POST', '/v1/runs', () =>
      problem(400, 'INPUT_INVALID', 'the input does not match', { problems: [{ path: '/prd', message: 'is missing' }] }),
    );
    const { exitCode, err } = await harness.tutti(['run', 'demo']);
    expect(exitCode).toBe(5);
    expect(err).toMatch(/is missing \(\/prd\)\nhint: /);
  });

  it('follows the live feed on a terminal, takes an answer there and leaves the terminal as it was', async () => {
    started();
    const story = runStory().started().scheduled('plan').taskDone('plan').asks('plan', 'ap1');
    const asked = story.events.length;
    story.decided('ap1', true).stepDone('plan').runDone();
    harness.server.addRun('run1', SUCCEEDED, story.events.slice(0, asked));
    harness.server.addApproval('ap1', { runId: 'run1', title: 'Is the plan right?', step: 'plan', payload: { plan: 'build it' } });
    harness.server.on('POST', '/v1/approvals/ap1/approve', () => {
      harness.server.append('run1', ...story.events.slice(asked));
      return { json: { runId: 'run1', position: 40 } };
    });
    const { exitCode, out, environment } = await harness.tutti(
      ['run', 'demo', '--color', 'never'],
      { terminal: { columns: 100, rows: 30 } },
      (fake) => {
        const { timers } = fake.runtime;
        const pressWhenAsked = (): void =>
          fake.stdout.text().includes('skip, decide later') ? fake.press('y') : void timers.after(10, pressWhenAsked);
        pressWhenAsked();
      },
    );
    expect(exitCode).toBe(0);
    expect(out).toContain('│ plan: build it');
    expect(out).toContain('✓ plan');
    expect(out.slice(out.lastIndexOf('\u001b[?25'))).toBe('\u001b[?25hsucceeded in 12.4s\n');
    expect(environment.keyListeners()).toBe(0);
    const decision = harness.server.requests.find(({ path }) => path.endsWith('/approve'));
    expect(JSON.parse(decision?.body ?? '')).toEqual({ payloadHash: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  it('lets go of the run with 130 when it is interrupted, and says how to go on', async () => {
    started();
    harness.server.addRun('run1', RUNNING, runStory().started().events);
    const { exitCode, err } = await harness.tutti(['run', 'demo'], {}, (fake) => {
      const { timers } = fake.runtime;
      const interruptWhenStarted = (): void =>
        fake.stdout.text().includes('started by') ? fake.interrupt() : void timers.after(10, interruptWhenStarted);
      interruptWhenStarted();
    });
    expect(exitCode).toBe(130);
    expect(err).toContain('tutti watch run1');
    expect(harness.server.requests.some(({ path }) => path.endsWith('/cancel'))).toBe(false);
  });
});

describe('tutti watch and events', () => {
  it('print the events as NDJSON with --json', async () => {
    harness.server.addRun('run1', SUCCEEDED, wholeRun().events);
    for (const line of [
      ['watch', 'run1', '--json'],
      ['events', 'run1', '--json'],
      ['events', 'run1', '--follow', '--json'],
    ]) {
      const { exitCode, out } = await harness.tutti(line);
      expect(exitCode).toBe(0);
      expect(
        out
          .trimEnd()
          .split('\n')
          .map((text) => (JSON.parse(text) as { readonly revision: number }).revision),
      ).toEqual([0, 1, 2, 3, 4]);
    }
  });

  it('take only the types asked for, behind the position asked for', async () => {
    harness.server.addRun('run1', SUCCEEDED, wholeRun().events);
    const { out } = await harness.tutti(['events', 'run1', '--type', 'TaskSucceeded', '--type', 'RunStarted', '--after', '12']);
    expect(out).toBe('12:00:02.000      16  TaskSucceeded  task plan done in 1.0s\n');
  });

  it('page through all events from the very first', async () => {
    const [first, second] = wholeRun().events;
    harness.server.on('GET', '/v1/events', ({ path }) =>
      path.includes('after=')
        ? { json: { events: [second], nextAfter: 13 } }
        : { json: { events: [{ ...first, position: 0 }], nextAfter: 0 } },
    );
    const { out } = await harness.tutti(['events', '--json', '--limit', '2']);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((text) => (JSON.parse(text) as { readonly position: number }).position),
    ).toEqual([0, 13]);
  });

  it('end with 4 for a run that is not there', async () => {
    expect(await harness.tutti(['watch', 'ghost'])).toMatchObject({ exitCode: 4, err: expect.stringContaining('RUN_NOT_FOUND') });
  });
});
