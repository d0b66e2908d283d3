import { beforeEach, describe, expect, it } from '@jest/globals';
import { toTuttiError } from '@tutti/kernel';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import type { Principal } from '../access/principal.js';
import { problemHeaders, problemOf } from '../door/problem.js';
import { limitsConfig } from './limits.config.js';
import { RateLimits, type Asked } from './rate-limits.js';

let runtime: ManualRuntime;
let limits: RateLimits;
beforeEach(() => {
  runtime = createManualRuntime();
  const rates = { read: { perSecond: 1, burst: 2 }, newWork: { perSecond: 1, burst: 1 } };
  const routes = { getDoctor: { perSecond: 0.1, burst: 1 } };
  limits = new RateLimits(limitsConfig.parse({ rates, routes }), runtime.clock);
});

const principal = (kind: Principal['credential']['kind'], id: string, actor = 'user:ann'): Principal => ({
  ...{ actor, credential: { kind, id }, permissions: new Set(), mayActAsOthers: false, expiresAtMs: null },
});
const ANN = principal('api-key', 'k1');
const ask = (change: Partial<Asked> = {}): string => {
  try {
    limits.take({ route: 'listRuns', load: 'read', principal: ANN, address: '10.0.0.1', ...change });
    return 'in';
  } catch (error) {
    return toTuttiError(error).code;
  }
};

describe('how often one may ask', () => {
  it('is counted for each credential and route', () => {
    expect([ask(), ask(), ask()]).toEqual(['in', 'in', 'RATE_LIMITED']);
    expect(ask({ route: 'getRun' })).toBe('in');
    expect(ask({ principal: principal('api-key', 'k2') })).toBe('in');
    expect(ask({ principal: principal('session', 'k1') })).toBe('in');
  });

  it('is counted for each person who comes by an issuer, not for all of them together', () => {
    const by = (actor: string) => ask({ principal: principal('jwt', 'https://id.example.com', actor) });
    expect([by('user:ann'), by('user:ann'), by('user:ann')]).toEqual(['in', 'in', 'RATE_LIMITED']);
    expect(by('user:bob')).toBe('in');
  });

  it('lets one caller start as many runs as the engine takes, unless it is configured', () => {
    const asConfigured = new RateLimits(limitsConfig.parse({}), runtime.clock);
    for (const load of ['new-work', 'change', 'vital'] as const)
      for (let at = 0; at < 20_000; at++) asConfigured.take({ route: load, load, principal: ANN, address: undefined });
  });

  it('depends on the class of the route, or is set for the route itself', () => {
    expect([ask({ route: 'startRun', load: 'new-work' }), ask({ route: 'startRun', load: 'new-work' })]).toEqual(['in', 'RATE_LIMITED']);
    expect([ask({ route: 'getDoctor' }), ask({ route: 'getDoctor' })]).toEqual(['in', 'RATE_LIMITED']);
  });

  it('is counted by address for who has no credential, an IPv6 network being one', () => {
    const from = (address: string) => ask({ principal: null, address });
    expect([from('::ffff:10.0.0.1'), from('10.0.0.1'), from('10.0.0.1')]).toEqual(['in', 'in', 'RATE_LIMITED']);
    expect([from('2001:db8:0:1::1'), from('2001:db8::1:0:0:0:2'), from('2001:db8:0:1:ffff::3')]).toEqual(['in', 'in', 'RATE_LIMITED']);
    expect(from('2001:db8:0:2::1')).toBe('in');
  });

  it('does not begin anew with each short-lived token of one agent', () => {
    const agent = (id: string) => ask({ principal: principal('service-token', id, 'agent:writer') });
    expect([agent('1'), agent('2'), agent('3')]).toEqual(['in', 'in', 'RATE_LIMITED']);
    expect(ask({ principal: principal('service-token', '4', 'agent:reader') })).toBe('in');
  });

  it('is said with each answer, and a refusal says when to come again', async () => {
    const asked = { route: 'listRuns', load: 'read', principal: ANN, address: undefined } as const;
    expect(limits.take(asked)).toEqual({ policy: '"read";q=2;w=2', state: '"read";r=1;t=1' });
    limits.take(asked);
    let refusal: unknown;
    try {
      limits.take(asked);
    } catch (error) {
      refusal = error;
    }
    const problem = problemOf(refusal);
    expect(problem).toMatchObject({ status: 429, code: 'RATE_LIMITED', retryable: true, detail: expect.stringContaining('user:ann') });
    expect(problemHeaders(problem)).toMatchObject({
      'retry-after': '1',
      ratelimit: '"read";r=0;t=2',
      'ratelimit-policy': '"read";q=2;w=2',
    });
    await runtime.advance(1_000);
    expect(limits.take(asked).state).toBe('"read";r=0;t=2');
  });
});
