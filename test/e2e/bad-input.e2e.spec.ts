import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isErrorCode } from '@tutti/kernel';
import fc from 'fast-check';
import { badDefinition, badInputs, badRequest, type BadCall } from './bad-calls.js';
import { endOfRun, installProbe, startProbe } from './probe-agent.js';
import { buildProduct } from '../product/build.js';
import { cleanUp, Standalone, temporaryFolder, type Answer } from '../product/standalone-process.js';

/** Set it to see the calls of an earlier run again; every failure prints it. */
const SEED = Number(process.env['BAD_INPUT_SEED'] ?? 20_260_101);
const CALLS_OF_A_KIND = 700;
const AT_ONCE = 8;

let system: Standalone;
beforeAll(async () => {
  buildProduct();
  const folder = temporaryFolder();
  system = await Standalone.start({ folder, config: { workers: installProbe(folder), gateway: { maxBodyBytes: 262_144 } } });
  await startProbe(system, 'takes-little', { capability: 'probe.echo' }, { inputs: INPUTS }, { count: 1, names: ['a'] });
}, 60_000);
afterAll(cleanUp);

const INPUTS = {
  type: 'object',
  required: ['count', 'names'],
  additionalProperties: false,
  properties: {
    count: { type: 'integer', minimum: 1, maximum: 9 },
    names: { type: 'array', items: { type: 'string', minLength: 1 }, maxItems: 3 },
  },
};

/** What is wrong with the answer to a bad call; null when nothing is. */
function faultOf({ status, headers, json, text }: Answer, mayBeTaken: boolean): string | null {
  if (mayBeTaken && status < 300) return null;
  const code = json['code'];
  const isProblem = /^application\/problem\+json\b/.test(String(headers['content-type']));
  if (status >= 400 && status < 500 && isProblem && json['status'] === status && typeof code === 'string' && isErrorCode(code)) return null;
  return `answered ${status} ${String(headers['content-type'])}: ${text.slice(0, 500)}`;
}

async function expectRefused(calls: readonly BadCall[]): Promise<void> {
  const faults: string[] = [];
  const codes = new Map<string, number>();
  const left = [...calls];
  const worker = async (): Promise<void> => {
    for (let call = left.pop(); call !== undefined; call = left.pop()) {
      const answer = await system.call(call.method, call.path, {
        headers: call.headers,
        ...(call.body === undefined ? {} : { body: call.body }),
      });
      const fault = faultOf(answer, call.mayBeTaken);
      const code = String(answer.json['code'] ?? answer.status);
      codes.set(code, (codes.get(code) ?? 0) + 1);
      if (fault !== null)
        faults.push(`${call.method} ${call.path} ${JSON.stringify(call.headers)} ${String(call.body).slice(0, 500)}\n  ${fault}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  expect({ seed: SEED, faults: faults.slice(0, 5) }).toEqual({ seed: SEED, faults: [] });
  expect([...codes.values()].reduce((sum, count) => sum + count, 0)).toBe(calls.length);
  expect(codes.size).toBeGreaterThan(1);
}

describe('a running system that is sent what it cannot take', () => {
  it.each([
    ['definitions', badDefinition],
    ['inputs', badInputs],
    ['requests', badRequest],
  ] as const)(
    `refuses ${CALLS_OF_A_KIND} bad %s, each with a problem and a code of the table`,
    async (_, calls) => {
      await expectRefused(fc.sample(calls, { seed: SEED, numRuns: CALLS_OF_A_KIND }));
    },
    30_000,
  );

  it('is as healthy as before and carries out the next run', async () => {
    expect(system.program.isAlive).toBe(true);
    expect((await system.call('GET', '/health/ready')).json).toEqual({ status: 'ok', reasons: [] });
    const { json } = await system.call('GET', '/v1/doctor');
    const checks = json['checks'] as readonly { readonly name: string; readonly status: string }[];
    expect(checks.filter(({ status }) => status === 'failed')).toEqual([]);
    const run = await endOfRun(system, await startProbe(system, 'after-all-that', { capability: 'probe.echo' }));
    expect(run.status).toBe('succeeded');
  }, 60_000);
});
