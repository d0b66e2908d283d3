import { TuttiError } from '@tutti/kernel';
import type { BusMessage, SubscribeOptions } from './event-bus.port.js';

/** @throws TuttiError INVALID_REQUEST */
export function checkMessages(topic: string, messages: readonly BusMessage[]): void {
  if (topic === '') throw new TuttiError('INVALID_REQUEST', 'the topic is empty, expected a name');
  for (const { id, type, key, member } of messages) {
    if (id === '' || type === '' || key === '' || member === '') {
      const found = JSON.stringify({ id, type, key, member });
      throw new TuttiError(
        'INVALID_REQUEST',
        `a message for ${topic} has ${found}, expected an id, a type, a key, and no member or one with a name`,
      );
    }
  }
}

/** @throws TuttiError INVALID_REQUEST */
export function checkSubscription(options: SubscribeOptions): void {
  const { topic, group, member, concurrency = 1, maxDeliveries = 1, retryDelayMs = 0 } = options;
  const whole = Number.isInteger(concurrency) && concurrency >= 1 && Number.isInteger(maxDeliveries) && maxDeliveries >= 1;
  if (topic !== '' && group !== '' && member !== '' && whole && retryDelayMs >= 0) return;
  const found = JSON.stringify({ topic, group, member, concurrency, maxDeliveries, retryDelayMs });
  const expected = 'names that are not empty, concurrency and maxDeliveries from 1, retryDelayMs from 0';
  throw new TuttiError('INVALID_REQUEST', `the subscription has ${found}, expected ${expected}`);
}

/** @throws TuttiError INVALID_REQUEST */
export function checkForgotten(topic: string, group: string, member: string, subscribed: boolean): void {
  if (member !== '' && !subscribed) return;
  const found = member === '' ? 'an empty name' : `${member}, which is subscribed now`;
  throw new TuttiError('INVALID_REQUEST', `the member to forget in group ${group} on ${topic} is ${found}, expected one that has left`);
}
