import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { createManualRuntime } from '@tutti/kernel/testing';
import { createInterrupts } from './interrupts.js';

function setUp() {
  const runtime = createManualRuntime();
  const source = new EventEmitter();
  const stdout = new EventEmitter();
  const interrupts = createInterrupts(source as never, stdout as never, runtime.clock);
  const seen: string[] = [];
  return { runtime, source, stdout, interrupts, seen };
}

describe('interrupts', () => {
  it('are one when the terminal and a parent both send them, and two when they come apart', async () => {
    const { runtime, source, interrupts, seen } = setUp();
    interrupts.onInterrupt((signal) => seen.push(signal));
    source.emit('SIGINT', 'SIGINT');
    source.emit('SIGINT', 'SIGINT');
    expect(seen).toEqual(['SIGINT']);
    await runtime.advance(600);
    source.emit('SIGTERM', 'SIGTERM');
    expect(seen).toEqual(['SIGINT', 'SIGTERM']);
  });

  it('are left to the system while nobody listens', () => {
    const { source, interrupts } = setUp();
    const stop = interrupts.onInterrupt(() => {});
    expect(source.listenerCount('SIGINT')).toBe(1);
    stop();
    expect(source.listenerCount('SIGINT')).toBe(0);
  });

  it('come from a reader that went away, but other faults of the output are not swallowed', () => {
    const { stdout, interrupts, seen } = setUp();
    interrupts.onInterrupt((signal) => seen.push(signal));
    stdout.emit('error', Object.assign(new Error('gone'), { code: 'EPIPE' }));
    expect(seen).toEqual(['SIGHUP']);
    expect(() => stdout.emit('error', new Error('disk'))).toThrow('disk');
  });
});
