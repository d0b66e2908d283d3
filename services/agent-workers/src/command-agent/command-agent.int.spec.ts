import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isAgentFailure, type AgentContext, type AgentFailure, type AgentTask, type JsonValue } from '@tutti/agent-sdk';
import { createSystemRuntime } from '@tutti/service-kit';
import { CommandAgent, type CommandAgentOptions } from './command-agent.js';
import { NodeProgramStarter } from './node-program-starter.js';

const runtime = createSystemRuntime();
const task: AgentTask = {
  taskId: 'summary',
  runId: 'run-1',
  step: 'summary',
  capability: 'text.summary',
  attempt: 2,
  input: { text: 'ä long text' },
  feedback: [{ gate: 'length', message: 'too long' }],
  idempotencyKey: 'k'.repeat(64),
};

let folder: string;
let logged: string[];
let abort: AbortController;
let agent: CommandAgent;

function context(): AgentContext {
  return {
    profile: { prompt: 'Be brief.' } as AgentContext['profile'],
    signal: abort.signal,
    log: (level, message) => void logged.push(`${level} ${message}`),
    progress: () => {},
    heartbeat: () => void logged.push('heartbeat'),
    apiToken: () => Promise.reject(new Error('a program asks for no token')),
    step: () => Promise.reject(new Error('a program has no steps')),
  };
}

function run(script: string, options: Partial<CommandAgentOptions> = {}): Promise<JsonValue> {
  const env = { PATH: process.env['PATH'] ?? '', FOLDER: folder };
  agent = new CommandAgent(
    { command: ['sh', '-c', script], cwd: folder, env, maxOutputBytes: 1_000_000, killGraceMs: 200, ...options },
    new NodeProgramStarter(runtime),
  );
  return agent.processTask(task, context());
}

async function failure(work: Promise<unknown>): Promise<AgentFailure> {
  const error = await work.then(
    (value) => new Error(`resolved to ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  );
  if (!isAgentFailure(error)) throw error;
  return error;
}

/** Waits for what the program does; bounded, so that a program that does nothing fails the test. */
async function until(what: string, holds: () => boolean): Promise<void> {
  const limit = runtime.clock.monotonic() + 10_000;
  while (!holds()) {
    if (runtime.clock.monotonic() > limit) throw new Error(`${what} did not happen within 10 s`);
    await new Promise<void>((resolve) => runtime.timers.after(10, resolve));
  }
}

/** Process ids that the program has written, one a line. */
function pids(file: string): number[] {
  const path = join(folder, file);
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n').filter(Boolean).map(Number) : [];
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // One that has ended but was not taken note of by its parent still has its number.
  return existsSync(`/proc/${pid}/stat`) ? !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')) : process.platform !== 'linux';
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tutti-command-'));
  logged = [];
  abort = new AbortController();
});
afterEach(async () => {
  await agent.close();
  await rm(folder, { recursive: true, force: true });
});

describe('a program as agent', () => {
  it('reads the task as JSON, with the prompt, and answers with JSON', async () => {
    expect(await run('cat')).toEqual({ ...task, prompt: 'Be brief.' });
  });

  it('has its lines on standard error logged, also the last one without an end', async () => {
    await run('echo one >&2; echo >&2; printf two >&2; echo null');
    expect(logged).toEqual(['heartbeat', 'info one', 'heartbeat', 'info two']);
  });

  it('sees the environment it was given and nothing of the host', async () => {
    process.env['TUTTI_TEST_SECRET'] = 'x';
    const seen = await run('env | cut -d= -f1 | sort | tr "\\n" " " | sed \'s/.*/"&"/\'');
    delete process.env['TUTTI_TEST_SECRET'];
    expect(String(seen)).toContain('FOLDER');
    expect(String(seen)).not.toContain('TUTTI_TEST_SECRET');
    expect(String(seen)).not.toContain('NODE_OPTIONS');
  });

  it('may end without reading its input, however long that is', async () => {
    const long = { ...task, input: 'x'.repeat(3_000_000) };
    agent = new CommandAgent(
      {
        command: ['sh', '-c', 'exec 0<&-; echo 1'],
        cwd: folder,
        env: { PATH: process.env['PATH'] ?? '' },
        maxOutputBytes: 1_000,
        killGraceMs: 200,
      },
      new NodeProgramStarter(runtime),
    );
    expect(await agent.processTask(long, context())).toBe(1);
  });

  it('fails with the end of standard error when it exits with a code, and may be tried again', async () => {
    const error = await failure(run('echo first >&2; echo "no such table: users" >&2; exit 3'));
    expect(error).toMatchObject({ code: 'AGENT_FAILED', retryable: true, details: { exitCode: 3 } });
    expect(error.message).toBe('sh ended with code 3: first\nno such table: users');
  });

  it.each([
    [64, false],
    [65, false],
    [78, false],
    [75, true],
    [79, true],
    [1, true],
  ])('is tried again after exit code %i: %s', async (code, retryable) => {
    expect(await failure(run(`exit ${code}`))).toMatchObject({ retryable });
  });

  it('fails for good when its output is not JSON, and shows the beginning of it', async () => {
    expect(await failure(run('echo Hello, I am done'))).toMatchObject({
      retryable: false,
      message: expect.stringContaining('found "Hello, I am done\\n"'),
    });
    expect(await failure(run('true'))).toMatchObject({ retryable: false, message: expect.stringContaining('found nothing') });
  });

  it('is ended when it writes more than its limit, and fails for good', async () => {
    const error = await failure(run('yes', { maxOutputBytes: 100_000 }));
    expect(error).toMatchObject({ retryable: false, message: expect.stringContaining('more than 100000 bytes') });
  });

  it('fails for good when there is no such program or folder', async () => {
    expect(await failure(run('', { command: ['no-such-program-here'] }))).toMatchObject({
      retryable: false,
      message: expect.stringContaining('could not start no-such-program-here'),
    });
    expect(await failure(run('true', { cwd: join(folder, 'absent') }))).toMatchObject({
      retryable: false,
      message: expect.stringContaining('absent'),
    });
  });

  it('may be tried again when somebody else ended it', async () => {
    expect(await failure(run('kill -9 $$'))).toMatchObject({ retryable: true, details: { signal: 'SIGKILL' } });
  });

  it('may clean up when its attempt is aborted', async () => {
    const work = run('trap "echo gone > $FOLDER/cleaned; exit 0" TERM; echo $$ > $FOLDER/pids; while :; do sleep 0.05; done', {
      killGraceMs: 5_000,
    });
    await until('the start', () => pids('pids').length === 1);
    abort.abort(new Error('cancelled by a test'));
    await expect(work).rejects.toThrow('cancelled by a test');
    expect(existsSync(join(folder, 'cleaned'))).toBe(true);
  });

  it('is ended by force when it does not listen', async () => {
    const work = run('trap "" TERM; echo $$ > $FOLDER/pids; while :; do sleep 0.05; done');
    await until('the start', () => pids('pids').length === 1);
    abort.abort(new Error('cancelled by a test'));
    await expect(work).rejects.toThrow('cancelled by a test');
    expect(pids('pids').filter(alive)).toEqual([]);
  });

  it('never starts to count when its attempt was aborted before', async () => {
    abort.abort(new Error('too late'));
    await expect(run('echo 1')).rejects.toThrow('too late');
  });
});

const onLinux = process.platform === 'linux' ? describe : describe.skip;
onLinux('what a program leaves behind', () => {
  const child = (ignore: string) => `sh -c '${ignore} echo $$ >> $FOLDER/pids; while :; do sleep 0.05; done'`;

  it('ends with it when its attempt is aborted: children, grandchildren in sessions of their own, and those who do not listen', async () => {
    const script = [
      `${child('')} &`,
      `setsid ${child('trap "" TERM;')} &`,
      // Its parent ends at once, so that only its environment tells where it came from.
      `(setsid ${child('trap "" TERM;')} >/dev/null 2>&1 &)`,
      `setsid sh -c "${child('').replaceAll('$', '\\$')} & wait" &`,
      'wait',
    ].join('\n');
    const work = run(script);
    await until('the start of four processes', () => pids('pids').length === 4);
    const started = pids('pids');
    expect(started.filter(alive)).toEqual(started);
    abort.abort(new Error('cancelled by a test'));
    await expect(work).rejects.toThrow('cancelled by a test');
    expect(started.filter(alive)).toEqual([]);
  });

  it('has the time it was given to clean up, though its parent listens no longer', async () => {
    const work = run(
      `sh -c 'trap "sleep 0.2; echo gone > $FOLDER/cleaned; exit 0" TERM; echo $$ > $FOLDER/pids; while :; do sleep 0.05; done' & wait`,
      { killGraceMs: 5_000 },
    );
    await until('the start', () => pids('pids').length === 1);
    abort.abort(new Error('cancelled by a test'));
    await expect(work).rejects.toThrow('cancelled by a test');
    expect(existsSync(join(folder, 'cleaned'))).toBe(true);
  });

  it('ends with it when it succeeds, and does not hold up its result', async () => {
    const script = [
      `setsid ${child('')} &`,
      `(setsid ${child('')} &)`,
      'while [ $(wc -l < $FOLDER/pids 2>/dev/null || echo 0) -lt 2 ]; do sleep 0.02; done',
      'echo \'{"done": true}\'',
    ].join('\n');
    expect(await run(script)).toEqual({ done: true });
    expect(pids('pids')).toHaveLength(2);
    expect(pids('pids').filter(alive)).toEqual([]);
  });

  it('ends when the host closes the agent', async () => {
    const work = run(`setsid ${child('trap "" TERM;')} & ${child('')}`).catch(() => 'ended');
    await until('the start of two processes', () => pids('pids').length === 2);
    await agent.close();
    expect(pids('pids').filter(alive)).toEqual([]);
    expect(await work).toBe('ended');
  });

  it('ends when the host exits without closing anything', async () => {
    const before = process.listeners('exit');
    const work = run(`setsid ${child('trap "" TERM;')} & ${child('')}`).catch((error: unknown) => error);
    const added = process.listeners('exit').filter((listener) => !before.includes(listener));
    expect(added).toHaveLength(1);
    await until('the start of two processes', () => pids('pids').length === 2);
    added[0]?.(0);
    expect(await work).toMatchObject({ details: { signal: 'SIGKILL' } });
    expect(pids('pids').filter(alive)).toEqual([]);
    expect(process.listeners('exit')).toEqual(before);
  });
});
