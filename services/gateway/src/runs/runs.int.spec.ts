import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TuttiError } from '@tutti/kernel';
import { A_RUN } from '../testing/fake-services.js';
import { startTestGateway, type TestGateway } from '../testing/test-gateway.js';

describe('runs over REST', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.stop());
  beforeEach(() => {
    gateway.services.calls.length = 0;
    gateway.services.fail(null);
    gateway.services.repeat(false);
  });

  it('starts a run with everything the caller said', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const answer = await gateway.call('POST', '/v1/runs', {
      json: { workflow: 'greet', workflowVersion: 2, inputs: { name: 'Ann', constructor: { prototype: 1 } }, labels: { team: 'core' } },
      headers: { 'idempotency-key': 'key-1', 'tutti-actor': 'user:ann.b@example.org', traceparent },
    });
    expect(answer).toMatchObject({
      status: 201,
      headers: { location: '/v1/runs/r-1' },
      json: { runId: 'r-1', position: 7, workflowVersion: 2, created: true },
    });
    expect(gateway.services.calls).toEqual([
      {
        method: 'startRun',
        request: {
          workflow: 'greet',
          workflowVersion: 2,
          inputs: { name: 'Ann', constructor: { prototype: 1 } },
          labels: { team: 'core' },
          idempotencyKey: 'key-1',
          actor: 'user:ann.b@example.org',
          traceparent,
        },
      },
    ]);
  });

  it('answers 200 when the run existed', async () => {
    gateway.services.repeat(true);
    const answer = await gateway.call('POST', '/v1/runs', { json: { workflow: 'greet' } });
    expect(answer).toMatchObject({ status: 200, json: { created: false } });
  });

  it('names every problem of a body', async () => {
    const answer = await gateway.call('POST', '/v1/runs', { json: { workflow: 3, labels: { team: 1 }, surprise: true } });
    expect(answer).toMatchObject({
      status: 400,
      headers: { 'content-type': expect.stringContaining('application/problem+json') },
      json: { code: 'INVALID_REQUEST', retryable: false },
    });
    const { problems } = answer.json['details'] as { problems: { path: string }[] };
    expect(problems.map(({ path }) => path).sort()).toEqual(['labels.team', 'surprise', 'workflow']);
    expect(gateway.services.calls).toEqual([]);
  });

  it('takes an unreadable traceparent for none', async () => {
    await gateway.call('POST', '/v1/runs', { json: { workflow: 'greet' }, headers: { traceparent: 'zz' } });
    expect(gateway.services.calls[0]?.request).toMatchObject({ traceparent: '' });
  });

  it.each([
    ['tutti-actor', 'Ann'],
    ['tutti-actor', 'user:ann;drop'],
    ['idempotency-key', 'two words'],
  ])('refuses the header %s: %s', async (name, value) => {
    const answer = await gateway.call('POST', '/v1/runs', { json: { workflow: 'greet' }, headers: { [name]: value } });
    expect(answer).toMatchObject({ status: 400, json: { code: 'INVALID_REQUEST', details: { problems: [{ path: name }] } } });
  });

  it('gives a run with the words of its statuses, and leaves out what is absent', async () => {
    const step = { ...A_RUN.steps[0], status: 'awaiting-approval', children: [{ ...A_RUN.steps[0]?.children[0], status: 'paused' }] };
    const answer = await gateway.call('GET', '/v1/runs/r-1?minPosition=7');
    expect(answer.status).toBe(200);
    expect(answer.json['run']).toEqual(JSON.parse(JSON.stringify({ ...A_RUN, status: 'running', steps: [step] })));
    expect(answer.json['run']).not.toHaveProperty('endedAt');
    expect(gateway.services.calls).toEqual([{ method: 'getRun', request: { runId: 'r-1', minPosition: 7 } }]);
  });

  it('lists runs by workflow and status', async () => {
    const answer = await gateway.call('GET', '/v1/runs?workflow=greet&status=running&pageSize=5&pageToken=t&minPosition=4');
    expect(answer.json).toMatchObject({ runs: [{ id: 'r-1', status: 'running' }], nextPageToken: 'next' });
    expect(gateway.services.calls[0]?.request).toEqual({
      workflow: 'greet',
      status: 'RUN_STATUS_RUNNING',
      pageSize: 5,
      pageToken: 't',
      minPosition: 4,
      labels: {},
      children: false,
      rootRunId: '',
    });
  });

  it('lists all runs when nothing is asked for', async () => {
    await gateway.call('GET', '/v1/runs');
    expect(gateway.services.calls[0]?.request).toEqual({
      workflow: '',
      status: 'RUN_STATUS_UNSPECIFIED',
      pageSize: 0,
      pageToken: '',
      minPosition: 0,
      labels: {},
      children: false,
      rootRunId: '',
    });
  });

  it('lists child runs, too, and those below one run alone', async () => {
    await gateway.call('GET', '/v1/runs?children=true&root=r-1');
    expect(gateway.services.calls[0]?.request).toMatchObject({ children: true, rootRunId: 'r-1' });
  });

  it.each([
    'status=unspecified',
    'status=RUNNING',
    'pageSize=0',
    'pageSize=1001',
    'pageSize=ten',
    'minPosition=-1',
    'minPosition=1.5',
    'workflow=a&workflow=b',
    'surprise=1',
    '__proto__=1',
    'workflow=%00',
  ])('refuses the query %s', async (query) => {
    const answer = await gateway.call('GET', `/v1/runs?${query}`);
    expect(answer).toMatchObject({ status: 400, json: { code: 'INVALID_REQUEST' } });
  });

  it('cancels with and without a reason', async () => {
    const plain = await gateway.call('POST', '/v1/runs/r-1/cancel');
    const reasoned = await gateway.call('POST', '/v1/runs/r-1/cancel', { json: { reason: 'no need' } });
    expect([plain, reasoned]).toMatchObject([{ status: 200, json: { position: 8 } }, { status: 200 }]);
    expect(gateway.services.calls.map(({ request }) => request)).toEqual([
      { runId: 'r-1', actor: 'user:local', reason: '', force: false },
      { runId: 'r-1', actor: 'user:local', reason: 'no need', force: false },
    ]);
  });

  it.each(['pause', 'resume'])('%ss with and without a reason', async (change) => {
    const plain = await gateway.call('POST', `/v1/runs/r-1/${change}`);
    await gateway.call('POST', `/v1/runs/r-1/${change}`, { json: { reason: 'wait' }, headers: { 'tutti-actor': 'user:ann' } });
    expect(plain).toMatchObject({ status: 200, json: { position: 8 } });
    expect(gateway.services.calls).toEqual([
      { method: `${change}Run`, request: { runId: 'r-1', actor: 'user:local', reason: '' } },
      { method: `${change}Run`, request: { runId: 'r-1', actor: 'user:ann', reason: 'wait' } },
    ]);
  });

  it('tells the attempts of one task, and of all that had trouble', async () => {
    const one = await gateway.call('GET', '/v1/runs/r-1/tasks/ask%5B3%5D/attempts');
    const all = await gateway.call('GET', '/v1/runs/r-1/attempts');
    expect(one.json).toMatchObject({
      task: { task: 'ask[3]', attempts: [{ attempt: 1, outcome: 'lost', error: { code: 'WORKER_LOST' } }] },
    });
    expect(all.json).toMatchObject({ tasks: [{ task: 'ask[3]' }] });
    expect(gateway.services.calls.map(({ request }) => request)).toEqual([
      { runId: 'r-1', task: 'ask[3]' },
      { runId: 'r-1', task: '' },
    ]);
  });

  it('lists tasks and explains one', async () => {
    await gateway.call('GET', '/v1/runs/r-1/tasks?step=ask&pageSize=2');
    await gateway.call('GET', '/v1/runs/r-1/why?task=ask%5B3%5D~2');
    expect(gateway.services.calls).toEqual([
      { method: 'listTasks', request: { runId: 'r-1', step: 'ask', pageSize: 2, pageToken: '', minPosition: 0 } },
      { method: 'explainTask', request: { runId: 'r-1', task: 'ask[3]~2' } },
    ]);
  });

  it('passes on what the contract refuses, with its details', async () => {
    gateway.services.fail(
      new TuttiError('INPUT_INVALID', 'inputs do not match', { details: { problems: [{ path: '/name', message: 'expected text' }] } }),
    );
    const answer = await gateway.call('POST', '/v1/runs', { json: { workflow: 'greet' } });
    expect(answer.json).toMatchObject({
      type: 'https://tutti.dev/errors/INPUT_INVALID',
      status: 400,
      detail: 'inputs do not match',
      details: { problems: [{ path: '/name', message: 'expected text' }] },
    });
  });
});
