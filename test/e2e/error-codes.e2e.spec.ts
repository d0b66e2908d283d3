import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ERROR_CODES, type ErrorCode } from '@tutti/kernel';
import { installProbe } from './probe-agent.js';
import { refusalsAtTheDoor } from './refusals-at-the-door.js';
import { refusalsOfRuns } from './refusals-of-runs.js';
import { refusalsOfTheStore } from './refusals-of-the-store.js';
import { build, cleanUp, Standalone, temporaryFolder } from './standalone-process.js';

/** Answered to other services only: the service registry is read over REST, and nothing that registers there is served by one process. */
const WITHOUT_A_WAY_IN: readonly ErrorCode[] = ['LEASE_EXPIRED', 'SERVICE_NOT_FOUND'];

let system: Standalone;
beforeAll(async () => {
  build();
  const folder = temporaryFolder();
  system = await Standalone.start({ folder, config: { workers: installProbe(folder), gateway: { maxBodyBytes: 65_536 } } });
}, 60_000);
afterAll(cleanUp);

/** How each code is provoked from outside; what it answers is the code that was seen. */
const WAYS: Readonly<Record<string, () => Promise<string>>> = {
  ...refusalsAtTheDoor(() => system),
  ...refusalsOfRuns(() => system),
  ...refusalsOfTheStore(),
};

describe('the table of error codes', () => {
  it('has a way in for every code but those that only other services are answered', () => {
    expect([...Object.keys(WAYS), ...WITHOUT_A_WAY_IN].sort()).toEqual(Object.keys(ERROR_CODES).sort());
  });

  it('is what the system says it is', async () => {
    const { json } = await system.call('GET', '/v1/error-codes');
    expect((json['codes'] as readonly { readonly code: string }[]).map(({ code }) => code)).toEqual(Object.keys(ERROR_CODES));
  });

  it.each(Object.keys(WAYS))(
    'is answered %s by a running system',
    async (code) => {
      expect(await WAYS[code]?.()).toBe(code);
    },
    60_000,
  );

  it('has no REST address by which one service could be asked for or kept, as long as the codes for that have no way in', async () => {
    for (const [method, path] of [
      ['GET', '/v1/services/coordinator-1'],
      ['POST', '/v1/services/coordinator-1/renew'],
      ['DELETE', '/v1/services/coordinator-1'],
    ] as const) {
      expect((await system.call(method, path)).json).toMatchObject({ code: 'ROUTE_NOT_FOUND' });
    }
  });
});
