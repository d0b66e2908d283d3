import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import { LOAD_CLASSES, type LoadClass } from '@tutti/rest-contract';
import { silentLogger } from '@tutti/service-kit';
import { limitsConfig } from './limits.config.js';
import { LoadShedder } from './load-shedder.js';

let runtime: ManualRuntime;
let loopDelayMs: number;
let storeQueue: number;
let said: string[];
let shedder: LoadShedder;
beforeEach(() => {
  runtime = createManualRuntime();
  loopDelayMs = 0;
  storeQueue = 0;
  said = [];
  shedder = new LoadShedder({
    config: limitsConfig.parse({ shedding: { loopDelayMs: '100,200,300', inFlight: [10, 20, 30], storeQueue: [0.5, 0.7, 0.9] } }).shedding,
    gauges: { loopDelayMs: () => loopDelayMs, storeQueue: () => storeQueue },
    runtime,
    logger: { ...silentLogger, warn: (message) => void said.push(message) },
  });
  shedder.start();
});
afterEach(() => shedder.stop());

const isIn = (load: LoadClass): boolean => {
  try {
    shedder.admit(load);
    return true;
  } catch {
    return false;
  }
};
const letIn = (): readonly LoadClass[] => LOAD_CLASSES.filter(isIn);
const pass = (ms: number): Promise<void> => runtime.advance(ms);

describe('shedding load', () => {
  it.each([
    ['nothing', 99, ['vital', 'read', 'change', 'new-work']],
    ['new work', 100, ['vital', 'read', 'change']],
    ['changes too', 250, ['vital', 'read']],
    ['reads too, but nothing vital', 5_000, ['vital']],
  ] as const)('refuses %s when the event loop is %d ms late', async (_, delayMs, expected) => {
    loopDelayMs = delayMs;
    await pass(250);
    expect(letIn()).toEqual(expected);
  });

  it('looks at what waits for the store as well', async () => {
    storeQueue = 0.75;
    await pass(250);
    expect(letIn()).toEqual(['vital', 'read']);
  });

  it('counts requests in flight at once', () => {
    for (let at = 0; at < 10; at++) shedder.enter();
    expect(letIn()).toEqual(['vital', 'read', 'change']);
    shedder.leave();
    expect(letIn()).toEqual([...LOAD_CLASSES]);
  });

  it('tells who is refused when to come again', async () => {
    loopDelayMs = 150;
    await pass(250);
    expect(() => shedder.admit('new-work')).toThrow(
      expect.objectContaining({ code: 'OVERLOADED', retryable: true, details: expect.objectContaining({ retryAfterSeconds: 2 }) }),
    );
  });

  it('goes back one step at a time, each after a while of calm', async () => {
    loopDelayMs = 1_000;
    await pass(250);
    loopDelayMs = 0;
    await pass(2_000);
    expect(letIn()).toEqual(['vital']);
    await pass(250);
    expect(letIn()).toEqual(['vital', 'read']);
    await pass(2_250);
    expect(letIn()).toEqual(['vital', 'read', 'change']);
    await pass(2_250);
    expect(letIn()).toEqual([...LOAD_CLASSES]);
  });

  it('does not flap when the load goes up and down around where a step begins', async () => {
    for (let at = 0; at < 100; at++) {
      loopDelayMs = at % 2 === 0 ? 110 : 90;
      await pass(250);
    }
    expect(said).toEqual(['sheds load']);
    expect(letIn()).not.toContain('new-work');
  });

  it('says what it does and why', async () => {
    expect(shedder.reasons).toEqual([]);
    loopDelayMs = 120;
    await pass(250);
    isIn('new-work');
    expect(shedder.reasons).toEqual([
      'sheds load: new-work must wait (event loop 120 ms late, 0 requests in flight, store queue 0 % full, 1 refused)',
    ]);
  });
});
