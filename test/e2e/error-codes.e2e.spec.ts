import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ERROR_CODES } from '@tutti/kernel';
import { installProbe } from './probe-agent.js';
import { refusalsAtTheDoor } from './refusals-at-the-door.js';
import { refusalsOfRuns } from './refusals-of-runs.js';
import { refusalsOfTheStore } from './refusals-of-the-store.js';
import { buildProduct } from '../product/build.js';
import { cleanUp, Standalone, temporaryFolder } from '../product/standalone-process.js';

/** One address is asked once only. */
const gateway = { maxBodyBytes: 65_536, limits: { routes: { getWorkflowSchema: { perSecond: 0.001, burst: 1 } } } };

let system: Standalone;
beforeAll(async () => {
  buildProduct();
  const folder = temporaryFolder();
  system = await Standalone.start({ folder, config: { workers: installProbe(folder), gateway } });
}, 60_000);
afterAll(cleanUp);

/** How each code is provoked from outside; what it answers is the code that was seen. */
const WAYS: Readonly<Record<string, () => Promise<string>>> = {
  ...refusalsAtTheDoor(() => system),
  ...refusalsOfRuns(() => system),
  ...refusalsOfTheStore(),
};

describe('the table of error codes', () => {
  it('has a way in for every code', () => {
    expect(Object.keys(WAYS).sort()).toEqual(Object.keys(ERROR_CODES).sort());
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
});
