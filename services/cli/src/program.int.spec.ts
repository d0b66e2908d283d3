import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createSystemRuntime } from './environment.js';
import { runProgram } from './program.js';
import { createFakeEnvironment, type FakeEnvironment } from './testing/fake-environment.js';
import { problem, startFakeServer, type FakeServer } from './testing/fake-server.js';
import { runStory } from './testing/run-story.js';

let server: FakeServer;
let cwd = '';
beforeEach(async () => {
  server = await startFakeServer();
  cwd = await mkdtemp(join(tmpdir(), 'tutti-cli-program-'));
  await mkdir(join(cwd, '.tutti'));
  await writeFile(join(cwd, '.tutti', 'token'), 'secret-token\n');
  await writeFile(
    join(cwd, '.tutti', 'server.json'),
    JSON.stringify({ url: server.url, pid: 4242, startedAt: '2026-01-01T12:00:00.000Z', version: '9.9.9' }),
  );
});
afterEach(async () => {
  await server.close();
  await rm(cwd, { recursive: true, force: true });
});

const PLAN = {
  workflow: 'demo',
  workflowVersion: 1,
  status: 'running',
  startedBy: 'user:ann',
  startedAt: '2026-01-01T12:00:00.000Z',
  steps: [{ id: 'plan' }, { id: 'write', needs: ['plan'] }],
};
const ENDED = { ...PLAN, status: 'succeeded', endedAt: '2026-01-01T12:00:12.400Z' };
const whole = () => runStory().started().scheduled('plan').taskDone('plan').stepDone('plan').runDone();

type Extra = Omit<Parameters<typeof createFakeEnvironment>[0], 'argv' | 'runtime' | 'cwd'>;

async function tutti(line: readonly string[], extra: Extra = {}, during: (environment: FakeEnvironment) => void = () => {}) {
  const environment = createFakeEnvironment({ ...extra, argv: line, cwd, runtime: createSystemRuntime() });
  const running = runProgram(environment);
  during(environment);
  const exitCode = await running;
  return { exitCode, out: environment.stdout.text(), err: environment.stderr.text(), environment };
}

const lastRequest = (path: string) => server.requests.filter((request) => request.path.startsWith(path)).at(-1);

describe('finding the system', () => {
  it('uses the one that the data folder names, with its token and the user as actor', async () => {
    server.addRun('run1', ENDED);
    const { exitCode, out } = await tutti(['runs'], { user: 'Ann O’Hara' });
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^RUN +WORKFLOW +STATUS +STARTED +TOOK +BY\nrun1 +demo v1 +succeeded +\d+d ago +12\.4s +user:ann\n$/);
    expect(lastRequest('/v1/runs')?.headers).toMatchObject({ authorization: 'Bearer secret-token', 'tutti-actor': 'user:Ann-O-Hara' });
  });

  it.each([
    ['its process is gone', { alive: () => false }, 'process 4242, which served it, is gone'],
    ['there is no such file', { env: { TUTTI_DATA_DIR: 'elsewhere' } }, 'nothing is running in'],
  ])('says what is wrong and how to start it when %s', async (_case, extra, message) => {
    const { exitCode, out, err } = await tutti(['runs'], extra);
    expect([exitCode, out]).toEqual([3, '']);
    expect(err).toContain(message);
    expect(err).toContain('tutti up');
  });

  it('does not take another server for Tutti', async () => {
    await writeFile(join(cwd, '.tutti', 'server.json'), JSON.stringify({ url: `${server.url}/health`, pid: 4242 }));
    expect(await tutti(['runs'])).toMatchObject({ exitCode: 3, err: expect.stringContaining('does not answer as Tutti') });
  });

  it('prefers a named address and token, and sends the folder’s token to no other machine', async () => {
    expect(await tutti(['runs'], { env: { TUTTI_ADDRESS: server.url, TUTTI_API_KEY: 'wrong' } })).toMatchObject({
      exitCode: 7,
      err: expect.stringContaining('UNAUTHENTICATED'),
    });
    const seen: RequestInit[] = [];
    const fetchFake = ((_url: string, init: RequestInit) => {
      seen.push(init);
      return Promise.resolve(new Response('{"runs":[]}'));
    }) as unknown as typeof fetch;
    expect((await tutti(['runs', '--url', 'https://tutti.example'], { fetch: fetchFake })).exitCode).toBe(0);
    expect(seen[0]?.headers).not.toHaveProperty('authorization');
  });
});

describe('tutti run', () => {
  const started = () =>
    server.on('POST', '/v1/runs', () => ({ status: 201, json: { runId: 'run1', position: 10, workflowVersion: 1, created: true } }));

  it('starts, prints a line for each event when piped, writes the documents and names the main one', async () => {
    started();
    const outputs = { documents: [{ path: 'design/main.md', mediaType: 'text/markdown', content: '# Design' }] };
    server.addRun('run1', { ...ENDED, outputs }, whole().events);
    const { exitCode, out } = await tutti(['run', 'demo@1', '--input', 'n=:3', '--label', 'team=blue', '--out', 'result']);
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
    expect(await readFile(join(cwd, 'result', 'design', 'main.md'), 'utf8')).toBe('# Design');
    const request = server.requests.find(({ method }) => method === 'POST');
    expect(JSON.parse(request?.body ?? '')).toEqual({ workflow: 'demo', workflowVersion: 1, inputs: { n: 3 }, labels: { team: 'blue' } });
    expect(request?.headers['idempotency-key']).toMatch(/^[0-9a-f-]{36}$/);
    expect(lastRequest('/v1/runs/run1')?.path).toBe('/v1/runs/run1?minPosition=22');
  });

  it('prints one document and nothing else on standard output with --json', async () => {
    started();
    server.addRun('run1', { ...ENDED, outputs: { answer: 42 }, futureMember: true }, whole().events);
    const { out, err } = await tutti(['run', 'demo', '--json']);
    expect(JSON.parse(out)).toMatchObject({ run: { id: 'run1', outputs: { answer: 42 }, futureMember: true } });
    expect(err).toContain('step plan started');
  });

  it('ends with 1 when the run failed, and says where', async () => {
    started();
    const error = { code: 'AGENT_FAILED', message: 'no luck', step: 'plan' };
    server.addRun('run1', { ...ENDED, status: 'failed', error }, runStory().started().scheduled('plan').runFailed().events);
    expect(await tutti(['run', 'demo'])).toMatchObject({
      exitCode: 1,
      out: expect.stringContaining('failed in 12.4s in step plan: no luck (AGENT_FAILED)'),
    });
  });

  it('answers at once with --no-watch', async () => {
    started();
    expect(await tutti(['run', 'demo', '--no-watch'])).toMatchObject({ exitCode: 0, out: 'run1\n' });
    expect(await tutti(['run', 'demo', '--no-watch', '--out', 'x'])).toMatchObject({ exitCode: 2 });
  });

  it('shows every problem of the input', async () => {
    server.on('POST', '/v1/runs', () =>
      problem(400, 'INPUT_INVALID', 'the input does not match', { problems: [{ path: '/prd', message: 'is missing' }] }),
    );
    const { exitCode, err } = await tutti(['run', 'demo']);
    expect(exitCode).toBe(5);
    expect(err).toMatch(/is missing \(\/prd\)\nhint: /);
  });

  it('follows the live feed on a terminal, takes an answer there and leaves the terminal as it was', async () => {
    started();
    const story = runStory().started().scheduled('plan').taskDone('plan').asks('plan', 'ap1');
    const asked = story.events.length;
    story.decided('ap1', true).stepDone('plan').runDone();
    server.addRun('run1', ENDED, story.events.slice(0, asked));
    server.addApproval('ap1', { runId: 'run1', title: 'Is the plan right?', step: 'plan', payload: { plan: 'build it' } });
    server.on('POST', '/v1/approvals/ap1/approve', () => {
      server.append('run1', ...story.events.slice(asked));
      return { json: { runId: 'run1', position: 40 } };
    });
    const { exitCode, out, environment } = await tutti(
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
    const decision = server.requests.find(({ path }) => path.endsWith('/approve'));
    expect(JSON.parse(decision?.body ?? '')).toEqual({ payloadHash: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  it('lets go of the run with 130 when it is interrupted, and says how to go on', async () => {
    started();
    server.addRun('run1', PLAN, runStory().started().events);
    const { exitCode, err } = await tutti(['run', 'demo'], {}, (fake) => {
      const { timers } = fake.runtime;
      const interruptWhenStarted = (): void =>
        fake.stdout.text().includes('started by') ? fake.interrupt() : void timers.after(10, interruptWhenStarted);
      interruptWhenStarted();
    });
    expect(exitCode).toBe(130);
    expect(err).toContain('tutti watch run1');
    expect(server.requests.some(({ path }) => path.endsWith('/cancel'))).toBe(false);
  });
});

describe('tutti watch and events', () => {
  it('print the events as NDJSON with --json', async () => {
    server.addRun('run1', ENDED, whole().events);
    for (const line of [
      ['watch', 'run1', '--json'],
      ['events', 'run1', '--json'],
      ['events', 'run1', '--follow', '--json'],
    ]) {
      const { exitCode, out } = await tutti(line);
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
    server.addRun('run1', ENDED, whole().events);
    const { out } = await tutti(['events', 'run1', '--type', 'TaskSucceeded', '--type', 'RunStarted', '--after', '12']);
    expect(out).toBe('12:00:02.000      16  TaskSucceeded  task plan done in 1.0s\n');
  });

  it('page through all events from the very first', async () => {
    const [first, second] = whole().events;
    server.on('GET', '/v1/events', ({ path }) =>
      path.includes('after=')
        ? { json: { events: [second], nextAfter: 13 } }
        : { json: { events: [{ ...first, position: 0 }], nextAfter: 0 } },
    );
    const { out } = await tutti(['events', '--json', '--limit', '2']);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((text) => (JSON.parse(text) as { readonly position: number }).position),
    ).toEqual([0, 13]);
  });

  it('end with 4 for a run that is not there', async () => {
    expect(await tutti(['watch', 'ghost'])).toMatchObject({ exitCode: 4, err: expect.stringContaining('RUN_NOT_FOUND') });
  });
});

describe('tutti approve and reject', () => {
  beforeEach(() => server.addRun('run1', PLAN));

  it('show what is decided and ask first', async () => {
    server.addApproval('ap1', { runId: 'run1', title: 'Is the plan right?', step: 'plan', payload: 'line 1\nline 2' });
    const yes = await tutti(['approve', 'ap1', '--reason', 'fine'], {
      terminal: { columns: 120, rows: 30 },
      answers: ['y'],
      env: { NO_COLOR: '1' },
    });
    expect(yes.exitCode).toBe(0);
    expect(yes.out).toContain('│ line 2');
    expect(JSON.parse(lastRequest('/v1/approvals/ap1/approve')?.body ?? '')).toMatchObject({ reason: 'fine' });
    const no = await tutti(['reject', 'ap1'], { terminal: { columns: 120, rows: 30 }, answers: [''] });
    expect(no).toMatchObject({ exitCode: 130, err: expect.stringContaining('nothing was decided') });
    expect(lastRequest('/v1/approvals/ap1/reject')).toBeUndefined();
  });

  it('need --yes where nobody can be asked', async () => {
    server.addApproval('ap1', { runId: 'run1', payload: null });
    expect(await tutti(['approve', 'ap1'])).toMatchObject({ exitCode: 2, err: expect.stringContaining('--yes') });
    expect(await tutti(['reject', 'ap1', '--yes', '--json'])).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining('"position": 99'),
    });
  });

  it('take a run for its only approval, list them when there are several, and say when there is none', async () => {
    expect(await tutti(['approve', 'run1', '--yes'])).toMatchObject({ exitCode: 6, err: expect.stringContaining('waits for no approval') });
    expect(await tutti(['approve', 'ghost', '--yes'])).toMatchObject({ exitCode: 4 });
    server.addApproval('ap1', { runId: 'run1', title: 'First', payload: 1 });
    expect(await tutti(['approve', 'run1', '--yes'])).toMatchObject({ exitCode: 0, out: expect.stringContaining('approved ap1') });
    server.addApproval('ap2', { runId: 'run1', title: 'Second', payload: 2 });
    const several = await tutti(['approve', 'run1', '--yes']);
    expect(several.exitCode).toBe(2);
    expect(several.out).toMatch(/ap1 +pending +First[\s\S]*ap2 +pending +Second/);
  });

  it('decide nothing about a payload that does not have the hash that it is bound to', async () => {
    server.addApproval('ap1', { runId: 'run1', payload: 1, payloadHash: 'c'.repeat(64) });
    expect(await tutti(['approve', 'ap1', '--yes'])).toMatchObject({ exitCode: 6, err: expect.stringContaining('PAYLOAD_CHANGED') });
    expect(lastRequest('/v1/approvals/ap1/approve')).toBeUndefined();
  });
});

describe('the other commands', () => {
  it('validate a definition and name each problem with its line', async () => {
    await writeFile(join(cwd, 'w.yaml'), 'name: x\n');
    server.on('POST', '/v1/workflows/validate', () => ({
      json: { problems: [{ line: 12, column: 5, path: '/steps', message: 'is missing' }] },
    }));
    expect(await tutti(['workflows', 'validate', 'w.yaml'])).toMatchObject({
      exitCode: 5,
      out: 'w.yaml:12:5  is missing (/steps)\n',
      err: '1 problem\n',
    });
    expect(lastRequest('/v1/workflows/validate')).toMatchObject({ body: 'name: x\n', headers: { 'content-type': 'application/yaml' } });
  });

  it('explain a task with its candidates', async () => {
    const candidates = [
      { agent: 'bee', worker: 'w1', load: 1, capacity: 4, score: 0.25, eligible: true, reason: 'least load' },
      { agent: 'ant', worker: 'w2', load: 4, capacity: 4, reason: 'no free slot' },
    ];
    server.addRun('run1', PLAN);
    server.on('GET', '/v1/runs/run1/why', () => ({
      json: { explanations: [{ task: 'plan', summary: 'bee has the least load', agent: 'bee', worker: 'w1', candidates }] },
    }));
    const { out } = await tutti(['why', 'run1', 'plan']);
    expect(out).toContain('bee has the least load');
    expect(out).toMatch(/→ +bee +w1 +1\/4 +0\.250 +least load\n +ant +w2 +4\/4 +- +no free slot/);
  });

  it('filter agents by capability and metadata', async () => {
    server.on('GET', '/v1/agents', () => ({
      json: { agents: [{ profile: { name: 'bee', version: '1', capabilities: ['demo.work'] }, status: 'registered' }] },
    }));
    expect((await tutti(['agents', '--capability', 'a', '--capability', 'b', '--metadata', 'team=blue', '-o', 'yaml'])).out).toContain(
      'name: bee',
    );
    expect(lastRequest('/v1/agents')?.path).toContain('capability=a&capability=b&metadata.team=blue');
  });

  it('go through all pages of a list up to the limit', async () => {
    server.on('GET', '/v1/runs', ({ path }) => ({
      json: path.includes('pageToken=two') ? { runs: [{ id: 'c' }] } : { runs: [{ id: 'a' }, { id: 'b' }], nextPageToken: 'two' },
    }));
    const { out } = await tutti(['runs', '--json', '--limit', '3']);
    expect((JSON.parse(out) as { readonly runs: readonly unknown[] }).runs).toHaveLength(3);
  });

  it('show a run with its tasks, and what it waits for', async () => {
    server.addRun('run1', PLAN);
    server.addApproval('ap1', { runId: 'run1', title: 'Is the plan right?', payload: 1 });
    server.on('GET', '/v1/runs/run1/tasks', () => ({
      json: { tasks: [{ id: 'plan', step: 'plan', status: 'assigned', attempt: 2, agent: 'bee' }] },
    }));
    const { out } = await tutti(['show', 'run1', '--tasks']);
    expect(out).toMatch(/plan +assigned +2 +bee/);
    expect(out).toContain('tutti approve ap1');
  });

  it('write the documents of an earlier run', async () => {
    server.addRun('run1', { ...ENDED, outputs: { documents: [{ path: '../evil.md', content: 'x' }] } });
    expect(await tutti(['show', 'run1', '--out', 'result'])).toMatchObject({
      exitCode: 5,
      err: expect.stringContaining('leads out of the folder'),
    });
    server.addRun('run2', ENDED);
    expect(await tutti(['show', 'run2', '--out', 'result'])).toMatchObject({ exitCode: 4 });
  });

  it('check the system with the doctor, and end with 1 when a check failed', async () => {
    server.on('GET', '/v1/doctor', () => ({ json: { checks: [{ name: 'store', status: 'failed', detail: 'chain broken' }] } }));
    expect(await tutti(['doctor'])).toMatchObject({ exitCode: 1, out: expect.stringContaining('✗ store  chain broken') });
    expect(await tutti(['doctor'], { alive: () => false })).toMatchObject({ exitCode: 3 });
  });

  it('cancel a run with the reason given', async () => {
    server.addRun('run1', PLAN);
    server.on('POST', '/v1/runs/run1/cancel', () => ({ json: { position: 7 } }));
    expect((await tutti(['cancel', 'run1', '--reason', 'wrong input'])).out).toBe('cancelled run1\n');
    expect(lastRequest('/v1/runs/run1/cancel')?.body).toBe('{"reason":"wrong input"}');
  });

  it('print the versions whether or not something is running', async () => {
    expect((await tutti(['version'])).out).toContain(`system 9.9.9 at ${server.url}`);
    expect(await tutti(['version'], { alive: () => false })).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining('no system is running'),
    });
  });
});

describe('the command line', () => {
  it.each([
    [[]],
    [['foo']],
    [['runs', '--limit', 'x']],
    [['runs', '--status', 'odd']],
    [['watch']],
    [['runs', '-o', 'xml']],
    [['help', 'foo']],
    [['run', 'demo', '--input', 'x']],
  ])('ends with 2 for %p, with nothing on standard output', async (line) => {
    expect(await tutti(line)).toMatchObject({ exitCode: 2, out: '' });
  });

  it('has examples in the help of every command', async () => {
    const { out } = await tutti(['help']);
    const commands = [...out.slice(out.indexOf('Commands:')).matchAll(/^ {2}([a-z]+)/gm)].map((match) => match[1] ?? '');
    expect(commands.length).toBeGreaterThan(15);
    for (const command of commands) expect((await tutti([command, '--help'])).out).toContain('Examples:');
  });

  it('takes the global options before and behind the command', async () => {
    server.addRun('run1', ENDED);
    for (const line of [
      ['--json', 'runs'],
      ['runs', '--json'],
      ['runs', '-o', 'json'],
    ])
      expect(JSON.parse((await tutti(line)).out)).toHaveProperty('runs');
  });

  it('says what went wrong as JSON on standard error with --json', async () => {
    const { out, err } = await tutti(['show', 'ghost', '--json']);
    expect(out).toBe('');
    expect(JSON.parse(err)).toMatchObject({ error: { code: 'RUN_NOT_FOUND', exitCode: 4 } });
  });
});
