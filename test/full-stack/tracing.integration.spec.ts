import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@tutti/kernel';
import { OtlpReceiver, type ReceivedSpan } from '../e2e/tracing/otlp-receiver.js';
import { buildProduct } from '../product/build.js';
import { root } from '../product/paths.js';
import { cleanUp } from '../product/standalone-process.js';
import { eventually } from '../product/waiting.js';
import { Stack } from './stack.js';

const LIMIT_MS = 180_000;
const fixtures = join(root, 'test', 'e2e', 'tracing', 'fixtures');
const CALLER = { traceId: 'a'.repeat(32), spanId: '1'.repeat(16) };
const SERVICES = ['gateway', 'coordinator', 'registry', 'agent-workers'] as const;

let receiver: OtlpReceiver;
let stack: Stack;
beforeAll(async () => {
  buildProduct();
  receiver = await OtlpReceiver.start();
  stack = await Stack.open({
    settings: {
      workflowFolders: [join(fixtures, 'workflows')],
      workers: { agentPackages: [], agentFolders: [join(fixtures, 'agents')] },
      tracing: { endpoint: receiver.endpoint, protocol: 'http/json', delayMs: 100 },
    },
  });
  for (const service of SERVICES) stack.start(service);
  await stack.allReady();
}, LIMIT_MS);
afterAll(async () => {
  await stack.close();
  await receiver.stop();
  await cleanUp();
}, LIMIT_MS);

describe('one run on Kafka, EventStoreDB’s protocol and MongoDB', () => {
  it(
    'is one trace from the request through gRPC, the event store and Kafka to the worker and back, until it waits',
    async () => {
      const response = await fetch(`${await stack.ready('gateway')}/v1/runs`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${stack.environment()['TUTTI_GATEWAY__TOKEN'] ?? ''}`,
          traceparent: `00-${CALLER.traceId}-${CALLER.spanId}-01`,
        },
        body: JSON.stringify({ workflow: 'waits', inputs: { text: 'on' } }),
      });
      expect(response.status).toBe(201);
      const { runId } = (await response.json()) as JsonObject;
      const [resumed] = await eventually('the run goes on after its sleep', LIMIT_MS, async () => {
        const found = receiver.named('resume waits').filter(({ links }) => links.some(({ traceId }) => traceId === CALLER.traceId));
        return found.length > 0 && receiver.ofTrace(found[0]?.traceId ?? '').some(({ name }) => name === 'report task') ? found : undefined;
      });
      expect(resumed).toMatchObject({ parentSpanId: '', attributes: { 'tutti.run.id': runId } });
      const spans = receiver.ofTrace(CALLER.traceId);
      const outside = spans.filter(({ parentSpanId }) => spans.every(({ spanId }) => spanId !== parentSpanId));
      expect(outside.map(({ name, parentSpanId }) => [name, parentSpanId])).toEqual([['POST /v1/runs', CALLER.spanId]]);
      expect(pathTo(spans, 'invoke_agent traced')).toEqual([
        'tutti-gateway POST /v1/runs',
        'tutti-gateway tutti.v1.RunService/StartRun',
        'tutti-coordinator tutti.v1.RunService/StartRun',
        'tutti-coordinator schedule waits/traced.echo',
        'tutti-agent-workers process tutti.tasks.default',
        'tutti-agent-workers invoke_agent traced',
      ]);
      expect(pathTo(spans, 'publish tutti.tasks.default').at(-2)).toBe('tutti-coordinator schedule waits/traced.echo');
      expect(named(spans, 'process tutti.tasks.default').attributes).toMatchObject({ 'messaging.system': 'kafka' });
      expect(named(spans, 'publish tutti.tasks.default').attributes).toMatchObject({ 'messaging.system': 'kafka' });
      expect(named(spans, 'append run').attributes).toMatchObject({ 'db.system.name': 'eventstoredb' });
    },
    LIMIT_MS,
  );
});

function named(spans: readonly ReceivedSpan[], name: string): ReceivedSpan {
  const found = spans.find((span) => span.name === name);
  if (found === undefined) throw new Error(`no span "${name}" among ${spans.map((span) => span.name).join(', ')}`);
  return found;
}

/** Service and name of each, from the first that was received down to the span. */
function pathTo(spans: readonly ReceivedSpan[], name: string): readonly string[] {
  const path: string[] = [];
  for (let span: ReceivedSpan | undefined = named(spans, name); span !== undefined;) {
    path.unshift(`${span.service} ${span.name}`);
    const { parentSpanId }: ReceivedSpan = span;
    span = spans.find(({ spanId }) => spanId === parentSpanId);
  }
  return path;
}
