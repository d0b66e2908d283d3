import { describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '@tutti/kernel';
import { KindMatcher } from './event-kinds.js';
import { FollowingSubscription } from './following-subscription.js';

const event = (position: number): RecordedEvent => ({ position, stream: 'thing-1' }) as RecordedEvent;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('FollowingSubscription', () => {
  it('gives once what it read from a file that was ahead of what its thread had been told', async () => {
    const given: number[] = [];
    const events = [0, 1, 2, 3].map(event);
    let head = 1;
    const subscription = new FollowingSubscription(
      { after: -1, onBatch: (batch) => void given.push(...batch.map(({ position }) => position)) },
      new KindMatcher([{ category: 'thing', type: 'ThingHappened' }]),
      {
        head: () => head,
        read: (_, from) => ({ events: events.filter(({ position }) => position >= from), through: null }),
        nextTurn: turn,
        onEnd: () => undefined,
      },
    );
    for (let count = 0; count < 5; count++) await turn();
    head = 3;
    subscription.offer(
      events.slice(2).map((committed) => ({ event: committed, kindId: 0, bytes: 1 })),
      head,
    );
    for (let count = 0; count < 5; count++) await turn();
    expect(given).toEqual([0, 1, 2, 3]);
    await subscription.close();
  });
});
