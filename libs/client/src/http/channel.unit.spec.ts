import { describe, expect, it } from '@jest/globals';
import { createChannel } from './channel.js';

describe('a channel', () => {
  it('tells the writer to stop when it is full and to go on when half is taken', async () => {
    const told: string[] = [];
    const channel = createChannel<number>({ highMark: 4, onFull: () => told.push('full'), onDrained: () => told.push('drained') });
    for (const item of [1, 2, 3, 4, 5]) channel.push(item);
    expect(told).toEqual(['full']);
    channel.end();
    const taken: number[] = [];
    for await (const item of channel) taken.push(item);
    expect(taken).toEqual([1, 2, 3, 4, 5]);
    expect(told).toEqual(['full', 'drained']);
  });

  it('hands over what is queued before it fails', async () => {
    const channel = createChannel<number>({ highMark: 4, onFull: () => {}, onDrained: () => {} });
    channel.push(1);
    channel.fail(new Error('broken'));
    channel.push(2);
    const taken: number[] = [];
    const read = async () => {
      for await (const item of channel) taken.push(item);
    };
    await expect(read()).rejects.toThrow('broken');
    expect(taken).toEqual([1]);
  });
});
