import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Stack } from '../full-stack/stack.js';
import { buildProduct } from '../product/build.js';
import { cleanUp } from '../product/standalone-process.js';
import { eventually } from '../product/waiting.js';

const LIMIT_MS = 240_000;
const LEASE_MS = 3_000;

describe('registries on production backends', () => {
  let stack: Stack;
  beforeAll(async () => {
    buildProduct();
    stack = await Stack.open({ settings: { services: { leaseMs: LEASE_MS } } });
    stack.start('gateway');
    stack.start('coordinator');
    stack.start('registry', 'first');
    await stack.of('first').printed(/^ready /m, LIMIT_MS);
    await stack.of('gateway').printed(/^ready /m, LIMIT_MS);
  }, LIMIT_MS);
  afterAll(async () => {
    await stack.close();
    await cleanUp();
  }, LIMIT_MS);

  const agentsAnswer = (): Promise<true> =>
    eventually('agents are listed', LIMIT_MS, async () => ((await stack.call('/v1/agents')).status === 200 ? true : undefined));

  it(
    'stand by behind the one that works, which says who it is, and take over when it is killed',
    async () => {
      const { pid } = stack.of('first');
      stack.start('registry', 'second');
      const [, behind] = await stack.of('second').printed(/^standby behind (\d+) on /m, LIMIT_MS);
      expect(Number(behind)).toBe(pid);
      await agentsAnswer();
      await stack.of('first').kill();
      await stack.of('second').printed(/^ready /m, LIMIT_MS);
      await agentsAnswer();
    },
    LIMIT_MS,
  );

  it(
    'give up what they serve when they were stopped for so long that another took over, and take over again',
    async () => {
      const second = stack.of('second');
      stack.start('registry', 'third');
      await stack.of('third').printed(/^standby behind /m, LIMIT_MS);
      second.signal('SIGSTOP');
      await stack.of('third').printed(/^ready /m, LIMIT_MS);
      second.signal('SIGCONT');
      await second.printed(/^standby behind /m, LIMIT_MS);
      await agentsAnswer();
      expect(await stack.of('third').stop()).toMatchObject({ code: 0 });
      await eventually('the second serves again', LIMIT_MS, async () =>
        stack.logged(30).filter(isSecondReady).length > 1 ? true : undefined,
      );
      await agentsAnswer();
      expect(await second.stop()).toMatchObject({ code: 0 });
    },
    LIMIT_MS,
  );
});

function isSecondReady(line: string): boolean {
  return line.startsWith('second: ') && line.includes('"msg":"ready"');
}
