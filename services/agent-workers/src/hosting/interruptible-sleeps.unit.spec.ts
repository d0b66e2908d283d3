import { describe, expect, it } from '@jest/globals';
import { createManualRuntime } from '@tutti/kernel/testing';
import { InterruptibleSleeps } from './interruptible-sleeps.js';

describe('sleeps that can be interrupted', () => {
  it('end in their time, or all at once when they are woken', async () => {
    const runtime = createManualRuntime();
    const sleeps = new InterruptibleSleeps(runtime.timers);
    const over: string[] = [];
    const short = sleeps.sleep(10).then(() => over.push('short'));
    const long = sleeps.sleep(1_000).then(() => over.push('long'));
    await runtime.advance(10);
    await short;
    expect(over).toEqual(['short']);
    sleeps.wakeAll();
    await long;
    expect(over).toEqual(['short', 'long']);
    expect(runtime.pending()).toBe(0);
  });
});
