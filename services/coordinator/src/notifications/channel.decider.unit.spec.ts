import { describe, expect, it } from '@jest/globals';
import type { NotificationEvent } from '@tutti/contracts';
import { fold } from '@tutti/kernel';
import { channelDecider, type ChannelCommand } from './channel.decider.js';
import { decodeChannel, encodeChannel, type ChannelState } from './channel.state.js';
import type { RequestedNotification } from './notification-channel.port.js';

const NOW = Date.UTC(2026, 0, 1);
const ERROR = { code: 'HTTP_503', message: 'not now' };

function notification(position: number): RequestedNotification {
  const about = {
    runId: 'r-1',
    workflow: 'greet',
    step: null,
    approvalId: null,
    eventId: `e-${position}`,
    position,
    time: '2026-01-01T00:00:00.000Z',
  };
  return { notificationId: `ntf_${position}`, channel: 'hooks', on: 'run.failed', to: [], about, title: 'greet failed', text: '' };
}

const request = (...positions: readonly number[]): ChannelCommand => ({
  ...{ type: 'Request', maxPending: 2, refused: null },
  notifications: positions.map(notification),
});

function failure(more: Partial<Extract<ChannelCommand, { type: 'RecordFailed' }>> = {}): ChannelCommand {
  const retry = { maxAttempts: 9, retryMs: 5_000 };
  return { type: 'RecordFailed', id: 'ntf_1', error: ERROR, permanent: false, retryAfterMs: null, retry, nowMs: NOW, random: 0, ...more };
}

function after(...commands: readonly ChannelCommand[]): { readonly state: ChannelState; readonly events: readonly NotificationEvent[] } {
  let state = channelDecider.initialState();
  let events: readonly NotificationEvent[] = [];
  for (const command of commands) {
    events = channelDecider.decide(command, state);
    state = events.reduce((current, event) => channelDecider.evolve(current, event), state);
  }
  return { state, events };
}

/** Seconds from now to the next attempt; null for none. */
function waits(...commands: readonly ChannelCommand[]): number | null {
  const [event] = after(request(1), ...commands).events;
  if (event?.type !== 'NotificationFailed') throw new Error('expected a failure');
  return event.data.retryAt === null ? null : (Date.parse(event.data.retryAt) - NOW) / 1_000;
}

describe('the deliveries of a channel', () => {
  it('ignore what was requested before, in whatever company it comes again', () => {
    const { events } = after(request(1, 2), { type: 'RecordSent', id: 'ntf_1', answer: 'ok' }, request(1, 2, 3));
    expect(events).toMatchObject([{ type: 'NotificationRequested', data: { notificationId: 'ntf_3' } }]);
    expect(after(request(1), request(1)).events).toEqual([]);
  });

  it('give up at once what is more than may wait', () => {
    const { state, events } = after(request(1, 2, 3));
    expect(events.map(({ type }) => type)).toEqual([
      'NotificationRequested',
      'NotificationRequested',
      'NotificationRequested',
      'NotificationFailed',
    ]);
    expect(events.at(-1)).toMatchObject({ data: { notificationId: 'ntf_3', attempt: 0, error: { code: 'CHANNEL_FULL' }, retryAt: null } });
    expect([...state.pending.keys()]).toEqual(['ntf_1', 'ntf_2']);
  });

  it('wait four times longer after each failure, up to six hours', () => {
    const failures = Array.from({ length: 8 }, () => failure());
    expect(failures.map((_, index) => waits(...failures.slice(0, index + 1)))).toEqual([5, 20, 80, 320, 1_280, 5_120, 20_480, 21_600]);
  });

  it('wait a little less at random', () => {
    expect(waits(failure({ random: 1 }))).toBe(4);
  });

  it('are given up after the last attempt, or when trying again makes no sense', () => {
    expect(waits(...Array.from({ length: 9 }, () => failure()))).toBeNull();
    expect(waits(failure({ permanent: true }))).toBeNull();
    expect(after(request(1), failure({ permanent: true })).state.pending.size).toBe(0);
  });

  it('wait as long as the receiver asks, but not longer than six hours', () => {
    expect(waits(failure({ retryAfterMs: 60_000 }))).toBe(60);
    expect(waits(failure({ retryAfterMs: 1_000 }))).toBe(5);
    expect(waits(failure({ retryAfterMs: 86_400_000 }))).toBe(21_600);
  });

  it('take an outcome once', () => {
    const sent: ChannelCommand = { type: 'RecordSent', id: 'ntf_1', answer: 'ok' };
    expect(after(request(1), failure(), sent).events).toMatchObject([{ type: 'NotificationSent', data: { attempt: 2, answer: 'ok' } }]);
    expect(after(request(1), sent, sent).events).toEqual([]);
    expect(after(request(1), sent, failure()).events).toEqual([]);
  });

  it('are the same from a snapshot', () => {
    const { state } = after(request(1, 2), failure());
    expect(decodeChannel(JSON.parse(JSON.stringify(encodeChannel(state))) as never)).toEqual(state);
    expect(fold(channelDecider, [])).toEqual({ requestedUpTo: -1, pending: new Map() });
  });
});
