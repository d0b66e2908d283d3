import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { credentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RunServiceService } from '@tutti/contracts';
import { createSystemRuntime, grpcClient } from '@tutti/service-kit';
import { buildProduct } from '../../product/build.js';
import { root } from '../../product/paths.js';
import { cleanUp } from '../../product/standalone-process.js';
import { eventually } from '../../product/waiting.js';
import { ProcessGroup, SERVICES } from '../processes/process-group.js';
import { ended } from '../processes/runs.js';
import { OtlpReceiver, type ReceivedSpan } from './otlp-receiver.js';

const LIMIT_MS = 120_000;
const fixtures = join(root, 'test', 'e2e', 'tracing', 'fixtures');
const STARTED = { traceId: 'a'.repeat(32), spanId: '1'.repeat(16) };
const APPROVED = { traceId: 'b'.repeat(32), spanId: '2'.repeat(16) };
const FAILED = { traceId: 'c'.repeat(32), spanId: '3'.repeat(16) };
const FAMILY = { traceId: 'd'.repeat(32), spanId: '4'.repeat(16) };
const RESTARTED = { traceId: 'f'.repeat(32), spanId: '6'.repeat(16) };
const BY_GRPC = { traceId: '7'.repeat(32), spanId: '8'.repeat(16) };
const BY_FEED = { traceId: '8'.repeat(32), spanId: '9'.repeat(16) };
const UNKEPT = { traceId: 'e'.repeat(32), spanId: '5'.repeat(16) };
const NAP_MS = 2_000;

let receiver: OtlpReceiver;
let group: ProcessGroup;
let log = '';
let runId = '';

beforeAll(async () => {
  buildProduct();
  receiver = await OtlpReceiver.start();
  group = new ProcessGroup({
    workflowFolders: [join(fixtures, 'workflows')],
    workers: { agentPackages: [], agentFolders: [join(fixtures, 'agents')] },
    tracing: { endpoint: receiver.endpoint, protocol: 'http/json', headers: { 'x-team': 'blue' }, delayMs: 100 },
  });
  for (const service of SERVICES) group.start(service);
  await group.ready();
  runId = await startIn(STARTED, 'waits', { text: 'on' });
  await approveIn(APPROVED, runId);
  expect(await ended(group, runId)).toEqual({ status: 'succeeded', outputs: { said: 'on' } });
  await ended(group, await startIn(FAILED, 'fails', {}));
  await ended(group, await startIn(FAMILY, 'family', {}));
  await ended(group, await startIn(UNKEPT, 'fails', {}, '00'));
  await ended(group, await startByGrpc(BY_GRPC));
  await ended(group, await startByFeed(BY_FEED));
  await restartWhileAsleep();
  expect((await group.call('POST', '/v1/runs', { workflow: 'waits', inputs: {} }, { traceparent: textOf(FAILED) })).status).toBe(400);
  // What is not sent yet goes out at the end.
  const stopped = await Promise.all(SERVICES.map((service) => group.of(service).stop()));
  expect(stopped.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
  log = readFileSync(join(group.dataDir, 'tutti.log'), 'utf8');
}, LIMIT_MS);
afterAll(async () => {
  await cleanUp();
  await receiver.stop();
});

describe('one run through four processes', () => {
  it('goes on in the trace of whoever started it, as one tree, from the request to the worker and back', () => {
    const spans = receiver.ofTrace(STARTED.traceId);
    const outside = spans.filter(({ parentSpanId }) => spans.every(({ spanId }) => spanId !== parentSpanId));
    expect(outside.map(({ name, parentSpanId }) => [name, parentSpanId])).toEqual([['POST /v1/runs', STARTED.spanId]]);
    const invoked = only(spans, 'invoke_agent traced');
    expect(pathTo(spans, invoked)).toEqual([
      'tutti-gateway POST /v1/runs',
      'tutti-gateway tutti.v1.RunService/StartRun',
      'tutti-coordinator tutti.v1.RunService/StartRun',
      'tutti-coordinator schedule waits/traced.echo',
      'tutti-agent-workers process tutti.tasks.default',
      'tutti-agent-workers invoke_agent traced',
    ]);
    expect(new Set(spans.map(({ service }) => service))).toEqual(new Set(['tutti-gateway', 'tutti-coordinator', 'tutti-agent-workers']));
    expect(only(spans, 'claim task').attributes).toMatchObject({ 'tutti.verdict': 'go' });
    expect(pathTo(spans, only(spans, 'report task')).at(-2)).toBe('tutti-agent-workers invoke_agent traced');
    expect(spans.filter(({ name }) => name === 'append run').map(({ attributes }) => attributes['tutti.run.id'])).toContain(runId);
  });

  it('has spans of the kinds that OpenTelemetry gives them, with ids in the attributes and none in the names', () => {
    const spans = receiver.ofTrace(STARTED.traceId);
    const kinds = new Map(spans.map(({ name, kind, service }) => [`${service} ${name}`, kind]));
    expect(kinds.get('tutti-gateway POST /v1/runs')).toBe(2);
    expect(kinds.get('tutti-gateway tutti.v1.RunService/StartRun')).toBe(3);
    expect(kinds.get('tutti-coordinator tutti.v1.RunService/StartRun')).toBe(2);
    expect(kinds.get('tutti-coordinator schedule waits/traced.echo')).toBe(4);
    expect(kinds.get('tutti-agent-workers process tutti.tasks.default')).toBe(5);
    const about = { 'tutti.run.id': runId, 'tutti.step': 'first', 'tutti.task.id': 'first', 'tutti.attempt': 1, 'tutti.agent': 'traced' };
    expect(only(spans, 'schedule waits/traced.echo').attributes).toMatchObject({ ...about, 'tutti.workflow': 'waits' });
    expect(only(spans, 'invoke_agent traced').attributes).toMatchObject(about);
    expect(only(spans, 'POST /v1/runs').attributes).toMatchObject({ 'http.route': '/v1/runs', 'http.response.status_code': 201 });
    for (const { name } of receiver.spans) expect(name).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
  });

  it('shows a model’s call with its tokens', () => {
    expect(only(receiver.ofTrace(STARTED.traceId), 'chat echo-1').attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.usage.input_tokens': 3,
      'gen_ai.usage.output_tokens': 5,
      'tutti.journal.step': 'ask',
    });
  });

  it('goes on after a sleep in a new trace, with a link to the one where it began', () => {
    const resumed = afterSleep();
    expect(resumed).toMatchObject({ parentSpanId: '', links: [{ traceId: STARTED.traceId }] });
    const spans = receiver.ofTrace(resumed.traceId);
    expect(spans.filter(({ parentSpanId }) => parentSpanId === '')).toEqual([resumed]);
    expect(pathTo(spans, only(spans, 'invoke_agent traced'))[0]).toBe('tutti-coordinator resume waits');
    expect(only(spans, 'invoke_agent traced').attributes['tutti.task.id']).toBe('second');
  });

  it('goes on after an approval in the trace of who approved, with a link to where the wait began', () => {
    const spans = receiver.ofTrace(APPROVED.traceId);
    const resumed = only(spans, 'resume waits');
    expect(resumed.links.map(({ traceId }) => traceId)).toEqual([afterSleep().traceId]);
    const path = pathTo(spans, only(spans, 'invoke_agent traced'));
    expect(path[0]).toBe('tutti-gateway POST /v1/approvals/:id/approve');
    expect(path).toContain('tutti-coordinator resume waits');
  });

  it('ends with a short span that names the run, with a link to its start', () => {
    const end = only(receiver.ofTrace(APPROVED.traceId), 'run waits');
    expect(end).toMatchObject({ traceId: APPROVED.traceId, status: 0, links: [{ traceId: STARTED.traceId }] });
    expect(end.attributes).toMatchObject({ 'tutti.run.id': runId, 'tutti.run.status': 'succeeded' });
    expect(end.attributes['tutti.run.duration_ms']).toBeGreaterThanOrEqual(NAP_MS);
  });

  it('has no span over what the run waited for', () => {
    const asleep = only(receiver.ofTrace(STARTED.traceId), 'report task').endMs;
    const woken = afterSleep().startMs;
    expect(woken - asleep).toBeGreaterThan(NAP_MS / 2);
    expect(receiver.spans.filter(({ startMs, endMs }) => startMs <= asleep && endMs >= woken)).toEqual([]);
    for (const { endMs } of receiver.ofTrace(STARTED.traceId)) expect(endMs).toBeLessThan(woken);
  });

  it('is named in the log by trace and span, in the coordinator and in the worker', () => {
    const lines = log
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    const invoked = only(receiver.ofTrace(STARTED.traceId), 'invoke_agent traced');
    const works = lines.find(({ msg, trace_id }) => msg === 'works' && trace_id === STARTED.traceId);
    expect(works).toMatchObject({ process: 'agent-workers', span_id: invoked.spanId, runId });
    expect(lines.filter(({ msg }) => msg === 'ready').map(({ trace_id }) => trace_id)).toEqual([undefined, undefined, undefined]);
  });
});

describe('a run that another coordinator has taken up', () => {
  it('is traced once, and goes on with a link to what the one before began', () => {
    const spans = receiver.ofTrace(RESTARTED.traceId);
    expect(spans.filter(({ name }) => name === 'schedule waits/traced.echo').map(({ attributes }) => attributes['tutti.task.id'])).toEqual([
      'first',
    ]);
    expect(receiver.named('resume waits').filter(({ links }) => links.some(({ traceId }) => traceId === RESTARTED.traceId))).toHaveLength(
      1,
    );
    const resumed = resumedFrom(RESTARTED.traceId);
    expect(receiver.ofTrace(resumed?.traceId ?? '').map(({ name }) => name)).toContain('invoke_agent traced');
  });
});

describe('the other doors', () => {
  it.each([
    ['gRPC', BY_GRPC, 'tutti-gateway tutti.v1.RunService/StartRun'],
    ['the feed', BY_FEED, 'tutti-gateway feed start'],
  ])('carry on a trace by %s', (_, { traceId, spanId }, first) => {
    const spans = receiver.ofTrace(traceId);
    const invoked = only(spans, 'invoke_agent traced');
    expect(pathTo(spans, invoked)[0]).toBe(first);
    const outside = spans.filter((span) => spans.every((other) => other.spanId !== span.parentSpanId));
    expect(outside.map(({ parentSpanId }) => parentSpanId)).toEqual([spanId]);
  });
});

describe('what fails', () => {
  it('carries the code of its error, in the worker and at the end of the run', () => {
    const spans = receiver.ofTrace(FAILED.traceId);
    expect(only(spans, 'invoke_agent traced')).toMatchObject({ status: 2, attributes: { 'error.type': 'NO_LUCK' } });
    expect(only(spans, 'run fails')).toMatchObject({ status: 2, attributes: { 'tutti.run.status': 'failed' } });
    expect(only(spans, 'run fails').attributes['error.type']).toBeDefined();
  });

  it('is the caller’s fault where the request was refused, with the code and without a failure of the server', () => {
    const refused = receiver.ofTrace(FAILED.traceId).filter(({ attributes }) => attributes['http.response.status_code'] === 400);
    expect(refused).toMatchObject([{ name: 'POST /v1/runs', status: 0, attributes: { 'error.type': 'INPUT_INVALID' } }]);
  });
});

describe('a run inside a run', () => {
  it('is part of its parent’s trace', () => {
    const spans = receiver.ofTrace(FAMILY.traceId);
    expect(spans.map(({ name }) => name)).toEqual(expect.arrayContaining(['schedule fails/traced.fail', 'run fails', 'run family']));
    const outside = spans.filter(({ parentSpanId }) => spans.every(({ spanId }) => spanId !== parentSpanId));
    expect(outside.map(({ parentSpanId }) => parentSpanId)).toEqual([FAMILY.spanId]);
  });
});

describe('the receiver', () => {
  it('gets what it is sent with the headers of the configuration', () => {
    expect(receiver.requests.length).toBeGreaterThan(0);
    for (const { path, headers } of receiver.requests)
      expect({ path, team: headers['x-team'] }).toEqual({ path: '/v1/traces', team: 'blue' });
  });

  it('gets nothing of a trace that its caller does not keep', () => {
    expect(receiver.ofTrace(UNKEPT.traceId)).toEqual([]);
  });
});

interface Caller {
  readonly traceId: string;
  readonly spanId: string;
}

function textOf({ traceId, spanId }: Caller, flags = '01'): string {
  return `00-${traceId}-${spanId}-${flags}`;
}

async function startIn(caller: Caller, workflow: string, inputs: object, flags?: string): Promise<string> {
  const { status, json } = await group.call('POST', '/v1/runs', { workflow, inputs }, { traceparent: textOf(caller, flags) });
  expect(status).toBe(201);
  return String(json['runId']);
}

async function startByGrpc(caller: Caller): Promise<string> {
  const metadata = () => ({ authorization: `Bearer ${group.token()}`, traceparent: textOf(caller) });
  const { clock } = createSystemRuntime();
  const options = { deadlineMs: 10_000, clock, metadata };
  const { service, close } = grpcClient(RunServiceService, group.grpcAddress(), credentials.createInsecure(), options);
  const request = { workflow: 'fails', workflowVersion: 0, inputs: {}, labels: {}, idempotencyKey: '', actor: '', traceparent: '' };
  const { runId } = await service.startRun(request);
  close();
  return runId;
}

async function startByFeed(caller: Caller): Promise<string> {
  const socket = new WebSocket(`${group.address.replace('http', 'ws')}/v1/feed`, ['tutti.v1', `tutti.token.${group.token()}`]);
  const answered = new Promise<string>((resolve) => {
    socket.addEventListener('message', ({ data }) => {
      const { result } = JSON.parse(String(data)) as { readonly result?: { readonly runId?: string } };
      if (result?.runId !== undefined) resolve(result.runId);
    });
  });
  const command = { type: 'start', ref: 'one', workflow: 'fails', inputs: {}, traceparent: textOf(caller) };
  socket.addEventListener('open', () => socket.send(JSON.stringify(command)));
  const runId = await answered;
  socket.close();
  return runId;
}

async function approveIn(caller: Caller, ofRun: string): Promise<void> {
  const approval = await eventually('the run asks for an approval', LIMIT_MS, async () => {
    const { json } = await group.call('GET', '/v1/approvals?status=pending');
    return (json['approvals'] as readonly { id: string; runId: string; payloadHash: string }[]).find((each) => each.runId === ofRun);
  });
  const path = `/v1/approvals/${encodeURIComponent(approval.id)}/approve`;
  const { status } = await group.call('POST', path, { payloadHash: approval.payloadHash }, { traceparent: textOf(caller) });
  expect(status).toBe(200);
}

function afterSleep(): ReceivedSpan {
  const resumed = resumedFrom(STARTED.traceId);
  if (resumed === undefined) throw new Error('nothing goes on after the sleep');
  return resumed;
}

function resumedFrom(trace: string): ReceivedSpan | undefined {
  return receiver.named('resume waits').find(({ links }) => links.some(({ traceId }) => traceId === trace));
}

/** The coordinator is killed during the run's sleep, and another one takes the run up. */
async function restartWhileAsleep(): Promise<void> {
  const asleep = await startIn(RESTARTED, 'waits', { text: 'again' });
  // What the coordinator has not sent when it is killed is lost.
  await eventually('the first step is done, and its spans are here', LIMIT_MS, async () => {
    const names = receiver.ofTrace(RESTARTED.traceId).map(({ name }) => name);
    return ['report task', 'schedule waits/traced.echo'].every((name) => names.includes(name)) ? true : undefined;
  });
  await group.of('coordinator').kill('SIGKILL');
  group.start('coordinator');
  await group.of('coordinator').printed(/^ready \S+$/m);
  await eventually('the run goes on after its sleep', LIMIT_MS, async () => {
    const { traceId } = resumedFrom(RESTARTED.traceId) ?? { traceId: '' };
    return receiver.ofTrace(traceId).find(({ name }) => name === 'report task');
  });
  await eventually('it is cancelled', LIMIT_MS, async () => {
    const { status } = await group.call('POST', `/v1/runs/${asleep}/cancel`, { reason: 'enough' });
    return status === 200 ? true : undefined;
  });
}

function only(spans: readonly ReceivedSpan[], name: string): ReceivedSpan {
  const [found, ...more] = spans.filter((span) => span.name === name);
  if (found === undefined || more.length > 0)
    throw new Error(`${1 + more.length} spans "${name}" among ${spans.map((span) => span.name).join(', ')}`);
  return found;
}

/** Service and name of each, from the first that was received down to the span. */
function pathTo(spans: readonly ReceivedSpan[], span: ReceivedSpan): readonly string[] {
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
  return [...(parent === undefined ? [] : pathTo(spans, parent)), `${span.service} ${span.name}`];
}
