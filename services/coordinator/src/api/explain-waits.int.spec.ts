import { afterEach, describe, expect, it } from '@jest/globals';
import { startEngine, type Engine } from '../testing/engine.js';
import { ExplainTask, ExplainTaskHandler } from './explain-task.js';

describe('why a step that no agent does is where it is', () => {
  let engine: Engine;
  afterEach(() => engine.close());

  const explain = async (): Promise<string | undefined> => {
    const { owner, router, permits, store, runtime } = engine;
    const { explanations } = await new ExplainTaskHandler(owner, router, permits, store, runtime).execute(new ExplainTask('r1', 'a'));
    return explanations.at(-1)?.summary;
  };
  const start = async (step: string): Promise<void> => {
    engine = await startEngine(`name: wf\nsteps: {a: {${step}}}`, (work) => work.input);
    await engine.start('wf', {});
    for (let turn = 0; turn < 20; turn++) await engine.runtime.advance(0);
    await engine.owner.settled('r1');
  };

  it.each([
    ['sleep: 1h', 'waits for its time to come, 2026-01-01T01:00:00.000Z'],
    ['wait: {signal: go}', 'waits for a signal "go"'],
    ['wait: {signal: go}, timeout: 1h', 'waits for a signal "go" until 2026-01-01T01:00:00.000Z'],
    ['wait: {event: paid, source: shop}', 'waits for an event "paid" from "shop"'],
    ['capability: work, repeat: {until: "${{ false }}", delay: 1h}', 'is done again, for the 2. time, at 2026-01-01T01:00:00.000Z'],
  ])('says what %s waits for', async (step, expected) => {
    await start(step);
    expect(await explain()).toBe(expected);
  });

  it('says so when the run is paused, and what came of it', async () => {
    await start('wait: {signal: go}, timeout: 1h');
    await engine.owner.send('r1', { type: 'PauseRun', actor: 'user:ann', reason: '' });
    expect(await explain()).toBe('waits for a signal "go" until 2026-01-01T01:00:00.000Z; the run is paused');
    await engine.owner.send('r1', { type: 'ResumeRun', actor: 'user:ann', reason: '' });
    await engine.runtime.advance(3_600_000);
    await engine.until('RunFailed');
    expect(await explain()).toBe('waits for a signal "go", and failed: no signal "go" came before its deadline 2026-01-01T01:00:00.000Z');
  });
});
