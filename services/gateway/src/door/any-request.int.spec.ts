import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isErrorCode } from '@tutti/kernel';
import fc from 'fast-check';
import { send, type Answer } from '../testing/http-client.js';
import { startTestGateway, TOKEN, type TestGateway } from '../testing/test-gateway.js';

const part = fc.oneof(
  fc.constantFrom(
    'v1',
    'runs',
    'workflows',
    'approvals',
    'agents',
    'services',
    'events',
    'r-1',
    'cancel',
    'approve',
    'validate',
    'health',
    '..',
    '',
    '%',
    '%00',
    '%zz',
    '__proto__',
    'constructor',
  ),
  fc.string({ unit: 'binary', maxLength: 20 }).map((text) => encodeURIComponent(text.toWellFormed())),
);
const path = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => `/${parts.join('/')}`);
const knownPath = fc.constantFrom(
  '/v1/workflows',
  '/v1/workflows/validate',
  '/v1/runs',
  '/v1/runs/r-1',
  '/v1/runs/r-1/cancel',
  '/v1/runs/r-1/pause',
  '/v1/runs/r-1/attempts',
  '/v1/runs/r-1/tasks/a/attempts',
  '/v1/dead-letters',
  '/v1/dead-letters/a~b~c',
  '/v1/dead-letters/a~b~c/replay',
  '/v1/runs/r-1/tasks',
  '/v1/runs/r-1/events',
  '/v1/events',
  '/v1/approvals',
  '/v1/approvals/a-1/approve',
  '/v1/agents',
  '/v1/services',
  '/v1/schedules',
  '/v1/schedules/nightly',
  '/v1/schedules/nightly/trigger',
  '/v1/schedules/nightly/backfill',
  '/v1/hooks/shop',
);
const queryName = fc.constantFrom(
  'workflow',
  'status',
  'pageSize',
  'pageToken',
  'minPosition',
  'from',
  'after',
  'limit',
  'capability',
  'metadata.team',
  'metadata.__proto__',
  '__proto__',
  'health',
  'task',
  'x',
);
const queryValue = fc.oneof(
  fc.string({ maxLength: 10 }).map(encodeURIComponent),
  fc.constantFrom('1', '-1', '0', '1e9', '99999999999999999999', '%', '%00', '%ff', 'running', 'true'),
);
const query = fc
  .array(fc.tuple(queryName, queryValue), { maxLength: 4 })
  .map((entries) => (entries.length === 0 ? '' : `?${entries.map((entry) => entry.join('=')).join('&')}`));
const visible = fc.string({ unit: fc.constantFrom(...'abcXYZ019 :;=/"@.-'), maxLength: 30 });
const headers = fc.record(
  {
    'content-type': fc.constantFrom('application/json', 'application/yaml', 'text/plain', 'application/json; charset=latin1', ''),
    'tutti-actor': visible,
    'idempotency-key': visible,
    traceparent: visible,
    origin: fc.constantFrom('null', 'http://evil.example.com', 'http://127.0.0.1'),
    'content-encoding': fc.constantFrom('gzip', 'identity'),
    accept: visible,
    'accept-version': visible,
  },
  { requiredKeys: [] },
);
const body = fc.oneof(
  fc.constant(undefined),
  fc.json(),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.uint8Array({ maxLength: 40 }),
  fc
    .record(
      { workflow: fc.jsonValue(), inputs: fc.jsonValue(), labels: fc.jsonValue(), reason: fc.jsonValue(), payloadHash: fc.jsonValue() },
      { requiredKeys: [] },
    )
    .map((value) => JSON.stringify(value)),
);
const anyRequest = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'PROPFIND', 'QUERY'),
  path: fc.oneof(path, knownPath),
  query,
  headers,
  body,
});

describe('any request at all', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
    await gateway.append('run-r-1', 'RunCancelled');
  });
  afterAll(() => gateway.stop());

  it('is answered, or refused with a documented problem, and never with 500', async () => {
    let refused = 0;
    const property = fc.asyncProperty(anyRequest, async (request) => {
      const options = { method: request.method, headers: { authorization: `Bearer ${TOKEN}`, ...request.headers } };
      const answer = await send(
        gateway.url,
        `${request.path}${request.query}`,
        request.body === undefined ? options : { ...options, body: request.body },
      );
      if (answer.status >= 400) {
        refused += 1;
        expectProblem(answer, request.method);
      } else {
        expect([200, 201, 204]).toContain(answer.status);
      }
    });
    await fc.assert(property, { numRuns: 600 });
    expect(refused).toBeGreaterThan(200);
  });
});

function expectProblem(answer: Answer, method: string): void {
  expect(answer.status).toBeLessThan(500);
  expect(answer.headers['content-type']).toContain('application/problem+json');
  if (method === 'HEAD') return;
  const { code, status, type } = answer.json;
  expect(typeof code === 'string' && isErrorCode(code)).toBe(true);
  expect(type).toBe(`https://tutti.dev/errors/${String(code)}`);
  expect(status).toBe(answer.status);
}
