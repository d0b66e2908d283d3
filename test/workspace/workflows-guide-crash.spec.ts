import { describe, expect, it } from '@jest/globals';
import { createTestKit } from '@tutti/testing';
import { FAILURE_STORIES } from './workflows-guide-failure-stories.js';
import { STEP_STORIES } from './workflows-guide-step-stories.js';
import { SAMPLES, type Story } from './workflows-guide-story.js';

const STORIES: Readonly<Record<string, Story>> = { ...STEP_STORIES, ...FAILURE_STORIES };
/** Those that end well when nobody does anything. */
const BY_THEMSELVES: readonly string[] = [
  ...['release-notes', 'pipeline', 'translate', 'review-all', 'refund', 'free-trial', 'deposit', 'poll', 'order', 'proofread', 'research'],
  ...['checkout', 'change', 'article', 'settlement'],
];
const MOST_EVENTS = 100;

describe('the samples of the guide to workflows', () => {
  it.each(BY_THEMSELVES)('come to the same after a crash at each of their events: %s', async (name) => {
    const expected = await play(name, Infinity);
    let events = 0;
    for (let crashed = true; crashed && events < MOST_EVENTS;) {
      const played = await play(name, ++events);
      expect({ events, outputs: played.outputs }).toEqual({ events, outputs: expected.outputs });
      crashed = played.recorded >= events;
    }
    expect(events).toBeLessThan(MOST_EVENTS);
    expect(events).toBeGreaterThan(2);
  });
});

async function play(name: string, crashAfter: number) {
  const { agents = {}, inputs = {}, uses = [] } = STORIES[name] ?? { play: () => Promise.resolve() };
  const kit = await createTestKit({ workflows: [...uses, name].map((each) => SAMPLES.get(each) ?? ''), agents });
  const run = await kit.start(name, inputs);
  const before = kit.events.length;
  kit.crashAfter(crashAfter);
  return { outputs: await run.outputs(), recorded: kit.events.length - before };
}
