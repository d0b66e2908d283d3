import { describe, expect, it } from '@jest/globals';
import { createTestKit, type TestKit } from '@tutti/testing';
import { definitionsOf } from './ports.js';

const TEXT = { text: 'Please take out the recycling tonight.' };

async function minute(crashAt: string | null): Promise<TestKit> {
  const kit = await createTestKit({
    workflows: definitionsOf('cron'),
    agents: { 'reminder.record': () => ({}), 'reminder.notify': () => ({}) },
  });
  if (crashAt === null) await kit.advance('65s');
  else {
    await kit.advance('31s');
    await kit.crash({ downFor: '15s' });
    await kit.advance('19s');
  }
  return kit;
}

describe('the port of the cron', () => {
  it.each([null, 'after half a minute, for longer than one period'])(
    'starts a run every ten seconds, and makes up for those it missed (crash: %s)',
    async (crashAt) => {
      const kit = await minute(crashAt);
      const runs = kit.runs('cron');
      await Promise.all(runs.map((run) => run.until('ended')));
      expect(runs).toHaveLength(6);
      expect(kit.calls('reminder.record').map(({ input }) => input)).toEqual(runs.map(() => TEXT));
      expect(kit.calls('reminder.notify').map(({ input }) => input)).toEqual(runs.map(() => TEXT));
      expect(new Set(kit.calls('reminder.notify').map(({ idempotencyKey }) => idempotencyKey)).size).toBe(6);
    },
  );
});
