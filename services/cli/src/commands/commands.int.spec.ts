import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RUNNING, SUCCEEDED, startProgramHarness, type ProgramHarness } from '../testing/program-harness.js';

let harness: ProgramHarness;
beforeEach(async () => {
  harness = await startProgramHarness();
});
afterEach(() => harness.close());

describe('tutti approve and reject', () => {
  beforeEach(() => harness.server.addRun('run1', RUNNING));

  it('show what is decided and ask first', async () => {
    harness.server.addApproval('ap1', { runId: 'run1', title: 'Is the plan right?', step: 'plan', payload: 'line 1\nline 2' });
    const yes = await harness.tutti(['approve', 'ap1', '--reason', 'fine'], {
      terminal: { columns: 120, rows: 30 },
      answers: ['y'],
      env: { NO_COLOR: '1' },
    });
    expect(yes.exitCode).toBe(0);
    expect(yes.out).toContain('│ line 2');
    expect(JSON.parse(harness.lastRequest('/v1/approvals/ap1/approve')?.body ?? '')).toMatchObject({ reason: 'fine' });
    const no = await harness.tutti(['reject', 'ap1'], { terminal: { columns: 120, rows: 30 }, answers: [''] });
    expect(no).toMatchObject({ exitCode: 130, err: expect.stringContaining('nothing was decided') });
    expect(harness.lastRequest('/v1/approvals/ap1/reject')).toBeUndefined();
  });

  it('need --yes where nobody can be asked', async () => {
    harness.server.addApproval('ap1', { runId: 'run1', payload: null });
    expect(await harness.tutti(['approve', 'ap1'])).toMatchObject({ exitCode: 2, err: expect.stringContaining('--yes') });
    expect(await harness.tutti(['reject', 'ap1', '--yes', '--json'])).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining('"position": 99'),
    });
  });

  it('take a run for its only approval, list them when there are several, and say when there is none', async () => {
    expect(await harness.tutti(['approve', 'run1', '--yes'])).toMatchObject({
      exitCode: 6,
      err: expect.stringContaining('waits for no approval'),
    });
    expect(await harness.tutti(['approve', 'ghost', '--yes'])).toMatchObject({ exitCode: 4 });
    harness.server.addApproval('ap1', { runId: 'run1', title: 'First', payload: 1 });
    expect(await harness.tutti(['approve', 'run1', '--yes'])).toMatchObject({ exitCode: 0, out: expect.stringContaining('approved ap1') });
    harness.server.addApproval('ap2', { runId: 'run1', title: 'Second', payload: 2 });
    const several = await harness.tutti(['approve', 'run1', '--yes']);
    expect(several.exitCode).toBe(2);
    expect(several.out).toMatch(/ap1 +pending +First[\s\S]*ap2 +pending +Second/);
  });

  it('decide nothing about a payload that does not have the hash that it is bound to', async () => {
    harness.server.addApproval('ap1', { runId: 'run1', payload: 1, payloadHash: 'c'.repeat(64) });
    expect(await harness.tutti(['approve', 'ap1', '--yes'])).toMatchObject({
      exitCode: 6,
      err: expect.stringContaining('PAYLOAD_CHANGED'),
    });
    expect(harness.lastRequest('/v1/approvals/ap1/approve')).toBeUndefined();
  });
});

describe('the other commands', () => {
  it('validate a definition and name each problem with its line', async () => {
    await writeFile(join(harness.cwd, 'w.yaml'), 'name: x\n');
    harness.server.on('POST', '/v1/workflows/validate', () => ({
      json: { problems: [{ line: 12, column: 5, path: '/steps', message: 'is missing' }] },
    }));
    expect(await harness.tutti(['workflows', 'validate', 'w.yaml'])).toMatchObject({
      exitCode: 5,
      out: 'w.yaml:12:5  is missing (/steps)\n',
      err: '1 problem\n',
    });
    expect(harness.lastRequest('/v1/workflows/validate')).toMatchObject({
      body: 'name: x\n',
      headers: { 'content-type': 'application/yaml' },
    });
  });

  it('explain a task with its candidates', async () => {
    const candidates = [
      { agent: 'bee', worker: 'w1', load: 1, capacity: 4, score: 0.25, eligible: true, reason: 'least load' },
      { agent: 'ant', worker: 'w2', load: 4, capacity: 4, reason: 'no free slot' },
    ];
    harness.server.addRun('run1', RUNNING);
    harness.server.on('GET', '/v1/runs/run1/why', () => ({
      json: { explanations: [{ task: 'plan', summary: 'bee has the least load', agent: 'bee', worker: 'w1', candidates }] },
    }));
    const { out } = await harness.tutti(['why', 'run1', 'plan']);
    expect(out).toContain('bee has the least load');
    expect(out).toMatch(/→ +bee +w1 +1\/4 +0\.250 +least load\n +ant +w2 +4\/4 +- +no free slot/);
  });

  it('filter agents by capability and metadata', async () => {
    harness.server.on('GET', '/v1/agents', () => ({
      json: { agents: [{ profile: { name: 'bee', version: '1', capabilities: ['demo.work'] }, status: 'registered' }] },
    }));
    expect(
      (await harness.tutti(['agents', '--capability', 'a', '--capability', 'b', '--metadata', 'team=blue', '-o', 'yaml'])).out,
    ).toContain('name: bee');
    expect(harness.lastRequest('/v1/agents')?.path).toContain('capability=a&capability=b&metadata.team=blue');
  });

  it.each(['pause', 'resume'])('%s an agent with the reason given', async (change) => {
    harness.server.on('POST', `/v1/agents/bee/${change}`, () => ({ json: { position: 3 } }));
    expect(await harness.tutti(['agents', change, 'bee', '--reason', 'repair'])).toMatchObject({ exitCode: 0, out: `${change}d bee\n` });
    expect(harness.lastRequest(`/v1/agents/bee/${change}`)?.body).toBe('{"reason":"repair"}');
  });

  it('go through all pages of a list up to the limit', async () => {
    harness.server.on('GET', '/v1/runs', ({ path }) => ({
      json: path.includes('pageToken=two') ? { runs: [{ id: 'c' }] } : { runs: [{ id: 'a' }, { id: 'b' }], nextPageToken: 'two' },
    }));
    const { out } = await harness.tutti(['runs', '--json', '--limit', '3']);
    expect((JSON.parse(out) as { readonly runs: readonly unknown[] }).runs).toHaveLength(3);
  });

  it('do not read a page for ever that names itself as the next', async () => {
    harness.server.on('GET', '/v1/agents', () => ({ json: { agents: [{ profile: { name: 'bee' } }], nextPageToken: 'same' } }));
    const { out } = await harness.tutti(['agents', '--json']);
    expect((JSON.parse(out) as { readonly agents: readonly unknown[] }).agents).toHaveLength(2);
  });

  it('show a run with its tasks, and what it waits for', async () => {
    harness.server.addRun('run1', RUNNING);
    harness.server.addApproval('ap1', { runId: 'run1', title: 'Is the plan right?', payload: 1 });
    harness.server.on('GET', '/v1/runs/run1/tasks', () => ({
      json: { tasks: [{ id: 'plan', step: 'plan', status: 'assigned', attempt: 2, agent: 'bee' }] },
    }));
    const { out } = await harness.tutti(['show', 'run1', '--tasks']);
    expect(out).toMatch(/plan +assigned +2 +bee/);
    expect(out).toContain('tutti approve ap1');
  });

  it('write the documents of an earlier run', async () => {
    harness.server.addRun('run1', { ...SUCCEEDED, outputs: { documents: [{ path: '../evil.md', content: 'x' }] } });
    expect(await harness.tutti(['show', 'run1', '--out', 'result'])).toMatchObject({
      exitCode: 5,
      err: expect.stringContaining('leads out of the folder'),
    });
    harness.server.addRun('run2', SUCCEEDED);
    expect(await harness.tutti(['show', 'run2', '--out', 'result'])).toMatchObject({ exitCode: 4 });
  });

  it('check the system with the doctor, and end with 1 when a check failed', async () => {
    harness.server.on('GET', '/v1/doctor', () => ({ json: { checks: [{ name: 'store', status: 'failed', detail: 'chain broken' }] } }));
    expect(await harness.tutti(['doctor'])).toMatchObject({ exitCode: 1, out: expect.stringContaining('✗ store  chain broken') });
    expect(await harness.tutti(['doctor'], { alive: () => false })).toMatchObject({ exitCode: 3 });
  });

  it('retry, reset and skip put a run right, under an id of their own', async () => {
    harness.server.addRun('run1', RUNNING);
    for (const how of ['retry', 'reset', 'steps/draft/skip'])
      harness.server.on('POST', `/v1/runs/run1/${how}`, () => ({ json: { position: 7, steps: how === 'reset' ? ['draft', 'end'] : [] } }));
    const bodyOf = (how: string): unknown => JSON.parse(harness.lastRequest(`/v1/runs/run1/${how}`)?.body ?? 'null');
    await harness.tutti(['retry', 'run1', '--input', 'draft={"x":1}', '--reason', 'why']);
    expect(bodyOf('retry')).toEqual({ inputs: { draft: { x: 1 } }, reason: 'why' });
    expect((await harness.tutti(['reset', 'run1', 'draft', 'end'])).out).toContain('done anew: draft, end');
    expect(bodyOf('reset')).toEqual({ steps: ['draft', 'end'], inputs: {} });
    await harness.tutti(['skip', 'run1', 'draft', '{"ok":true}']);
    expect(bodyOf('steps/draft/skip')).toEqual({ output: { ok: true } });
    expect(await harness.tutti(['skip', 'run1', 'draft', '{ok}'])).toMatchObject({ exitCode: 2, err: expect.stringContaining('not JSON') });
  });

  it('cancel a run with the reason given', async () => {
    harness.server.addRun('run1', RUNNING);
    harness.server.on('POST', '/v1/runs/run1/cancel', () => ({ json: { position: 7 } }));
    expect((await harness.tutti(['cancel', 'run1', '--reason', 'wrong input'])).out).toBe('cancelled run1\n');
    expect(harness.lastRequest('/v1/runs/run1/cancel')?.body).toBe('{"reason":"wrong input"}');
  });

  it.each(['pause', 'resume'])('%s a run with the reason given', async (change) => {
    harness.server.addRun('run1', RUNNING);
    harness.server.on('POST', `/v1/runs/run1/${change}`, () => ({ json: { position: 7 } }));
    expect(await harness.tutti([change, 'run1', '--reason', 'the model'])).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining(`${change}d run1`),
    });
    expect(harness.lastRequest(`/v1/runs/run1/${change}`)?.body).toBe('{"reason":"the model"}');
  });

  it('show who holds a paused run, and what it waits for', async () => {
    harness.server.addRun('run1', { ...RUNNING, status: 'paused', pause: { pausedBy: 'user:ann', reason: 'the model is down' } });
    harness.server.addApproval('ap1', { runId: 'run1', title: 'Is the plan right?', payload: 1 });
    const { out, exitCode } = await harness.tutti(['show', 'run1']);
    expect([out, exitCode]).toEqual([expect.stringMatching(/paused .*by user:ann: the model is down[^]*tutti approve ap1/), 0]);
  });

  it('tell every attempt of a task', async () => {
    const attempts = [
      { attempt: 1, agent: 'bee', worker: 'w1', outcome: 'lost', error: { code: 'WORKER_LOST', message: 'worker w1 left' } },
      { attempt: 2, agent: 'ant', worker: 'w2', outcome: 'succeeded' },
    ];
    harness.server.on('GET', '/v1/runs/run1/attempts', () => ({
      json: { tasks: [{ task: 'plan', status: 'succeeded', capability: 'x', attempts }] },
    }));
    const { out } = await harness.tutti(['attempts', 'run1', 'plan']);
    expect(out).toMatch(/1 +lost +bee +w1 .*WORKER_LOST: worker w1 left\s+2 +succeeded +ant +w2/);
    expect(harness.lastRequest('/v1/runs/run1/attempts')?.path).toContain('task=plan');
  });

  it('list dead letters, and show one with its story and payload', async () => {
    const letter = { id: 't~workers~1.0', topic: 't', group: 'workers', type: 'assigned', deliveries: 2, error: 'no' };
    harness.server.on('GET', '/v1/dead-letters', () => ({ json: { deadLetters: [letter] } }));
    expect((await harness.tutti(['dead-letters', 'list', '--group', 'workers'])).out).toMatch(/t~workers~1\.0 +assigned +.* +2 +no/);
    expect(harness.lastRequest('/v1/dead-letters')?.path).toContain('group=workers');
    const attempts = [
      { delivery: 1, member: 'w1', error: 'not\nyet' },
      { delivery: 2, member: 'w2', error: 'no' },
    ];
    harness.server.on('GET', '/v1/dead-letters/t~workers~1.0', () => ({
      json: { deadLetter: { ...letter, attempts, payload: { run: 'r1' } } },
    }));
    const { out } = await harness.tutti(['dead-letters', 'show', 't~workers~1.0']);
    expect(out).toMatch(/w1[^]*not[^]*w2[^]*no[^]*run: r1/);
  });

  it.each([
    ['replay', 'replayed'],
    ['discard', 'discarded'],
  ])('%s a dead letter with the reason given', async (how, done) => {
    harness.server.on('POST', `/v1/dead-letters/t~w~1/${how}`, () => ({ json: { id: 't~w~1', outcome: done } }));
    expect(await harness.tutti(['dead-letters', how, 't~w~1', '--reason', 'repaired'])).toMatchObject({
      exitCode: 0,
      out: `${done} t~w~1\n`,
    });
    expect(harness.lastRequest(`/v1/dead-letters/t~w~1/${how}`)?.body).toBe('{"reason":"repaired"}');
  });

  it('print the versions whether or not something is running', async () => {
    expect((await harness.tutti(['version'])).out).toContain(`system 9.9.9 at ${harness.server.url}`);
    expect(await harness.tutti(['version'], { alive: () => false })).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining('no system is running'),
    });
  });
});
