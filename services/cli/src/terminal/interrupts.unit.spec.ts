import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { createManualRuntime } from '@tutti/kernel/testing';
import { createInterrupts } from './interrupts.js';

function setUp() {
  const runtime = createManualRuntime();
  const source = new EventEmitter();
  const stdout = new EventEmitter();
  let exits = 0;
  const interrupts = createInterrupts({ signals: source, stdout, clock: runtime.clock, exit: () => (exits += 1) });
  const seen: string[] = [];
  return { runtime, source, stdout, interrupts, seen, exits: () => exits };
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

  it('end the program while nobody listens', async () => {
    const { runtime, source, interrupts, exits } = setUp();
    const stop = interrupts.onInterrupt(() => {});
    source.emit('SIGINT', 'SIGINT');
    expect(exits()).toBe(0);
    stop();
    await runtime.advance(600);
    source.emit('SIGINT', 'SIGINT');
    expect(exits()).toBe(1);
  });

  it('come from a reader that went away, but other faults of the output are not swallowed', () => {
    const { stdout, interrupts, seen } = setUp();
    interrupts.onInterrupt((signal) => seen.push(signal));
    stdout.emit('error', Object.assign(new Error('gone'), { code: 'EPIPE' }));
    expect(seen).toEqual(['SIGHUP']);
    expect(() => stdout.emit('error', new Error('disk'))).toThrow('disk');
  });
});
