import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AgentContext, AgentTask, JsonValue } from '@tutti/agent-sdk';
import { createSystemRuntime } from '@tutti/service-kit';
import { GateCommandAgent } from './gate-command-agent.js';
import { NodeProgramStarter } from './node-program-starter.js';

describe('the programs of command gates', () => {
  let folder: string;
  let abort: AbortController;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tutti-gate-'));
    abort = new AbortController();
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const run = (input: JsonValue): Promise<JsonValue> => {
    const env = { PATH: process.env['PATH'] ?? '' };
    const agent = new GateCommandAgent({ folder, env, killGraceMs: 200 }, new NodeProgramStarter(createSystemRuntime()));
    const task = {
      taskId: 't',
      runId: 'r',
      step: 's',
      capability: 'c',
      attempt: 1,
      input,
      feedback: [],
      idempotencyKey: 'k',
    } satisfies AgentTask;
    const context = { signal: abort.signal, heartbeat: () => undefined } as unknown as AgentContext;
    return agent.processTask(task, context);
  };

  it('answer with their exit code and the ends of what they wrote, whatever the code', async () => {
    expect(await run({ run: 'echo out; echo err >&2; exit 3', stdin: null })).toEqual({
      exitCode: 3,
      signal: null,
      stdout: 'out',
      stderr: 'err',
    });
    const long = (await run({ run: ['seq', '1', '5000'], stdin: null })) as { stdout: string };
    expect(long.stdout.length).toBeLessThanOrEqual(4_000);
    expect(long.stdout).toMatch(/5000$/);
  });

  it('run in their folder and read the output that is judged', async () => {
    await writeFile(join(folder, 'here.txt'), '');
    expect(await run({ run: ['ls'], stdin: null })).toMatchObject({ stdout: 'here.txt' });
    expect(await run({ run: ['cat'], stdin: { text: 'draft' } })).toMatchObject({ exitCode: 0, stdout: '{"text":"draft"}' });
  });

  it('get values in variables, so that none of them is read as code', async () => {
    const evil = '$(touch hacked); touch hacked; "`touch hacked`"';
    const answer = await run({ run: 'printf "%s" "${TUTTI_1}"', env: { TUTTI_1: evil, TUTTI_2: { a: 1 } }, stdin: null });
    expect(answer).toMatchObject({ exitCode: 0, stdout: evil });
    expect(await readdir(folder)).toEqual([]);
  });

  it('fail the task when the program is not there, and end with the attempt', async () => {
    await expect(run({ run: ['no-such-program'], stdin: null })).rejects.toMatchObject({
      code: 'AGENT_FAILED',
      message: expect.stringContaining('could not start no-such-program'),
    });
    const started = run({ run: 'sleep 60', stdin: null });
    abort.abort(new Error('late'));
    await expect(started).rejects.toThrow('late');
  });
});
