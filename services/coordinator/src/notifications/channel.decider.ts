import type { Failure, NotificationEvent } from '@tutti/contracts';
import { isoTime, type Decider } from '@tutti/kernel';
import { backoffMs } from '../run/backoff.js';
import { evolveChannel, initialChannelState, type ChannelState, type PendingNotification } from './channel.state.js';
import type { RequestedNotification } from './notification-channel.port.js';

export interface RetryOptions {
  readonly maxAttempts: number;
  readonly retryMs: number;
}

export type ChannelCommand =
  | {
      readonly type: 'Request';
      readonly notifications: readonly RequestedNotification[];
      /** Most that may wait. */
      readonly maxPending: number;
      /** Why none of them can be delivered; null where there is a channel. */
      readonly refused: Failure | null;
    }
  | { readonly type: 'RecordSent'; readonly id: string; readonly answer: string }
  | {
      readonly type: 'RecordFailed';
      readonly id: string;
      readonly error: Failure;
      readonly permanent: boolean;
      readonly retryAfterMs: number | null;
      readonly retry: RetryOptions;
      readonly nowMs: number;
      /** Uniform in [0, 1). */
      readonly random: number;
    };

const BACKOFF = { backoff: 4, maxMs: 6 * 3_600_000, jitter: 0.2 };

/** An event asks a channel at most once: those at or below a position that was requested before are repeats. */
export const channelDecider: Decider<ChannelCommand, ChannelState, NotificationEvent> = {
  initialState: initialChannelState,
  evolve: evolveChannel,
  decide: (command, state) => {
    if (command.type === 'Request') return request(command, state);
    const pending = state.pending.get(command.id);
    if (pending === undefined) return [];
    if (command.type === 'RecordSent') {
      const { notificationId, channel, to, about } = pending.requested;
      const sent = { notificationId, channel, to, about, attempt: pending.attempts + 1, answer: command.answer };
      return [{ type: 'NotificationSent', data: sent }];
    }
    return [failure(pending, command.error, retryAt(command, pending))];
  },
};

function request(
  { notifications, maxPending, refused }: Extract<ChannelCommand, { type: 'Request' }>,
  state: ChannelState,
): NotificationEvent[] {
  const fresh = notifications.filter(({ about, notificationId }) =>
    about === null ? !state.pending.has(notificationId) : about.position > state.requestedUpTo,
  );
  let waiting = state.pending.size;
  return fresh.flatMap((data): NotificationEvent[] => {
    const requested: NotificationEvent = { type: 'NotificationRequested', data };
    const error = refused ?? (waiting >= maxPending ? tooMany(maxPending) : null);
    if (error !== null) return [requested, failure({ requested: data, attempts: -1, dueMs: 0 }, error, null)];
    waiting++;
    return [requested];
  });
}

function retryAt(command: Extract<ChannelCommand, { type: 'RecordFailed' }>, { attempts }: PendingNotification): string | null {
  const { permanent, retryAfterMs, retry, nowMs, random } = command;
  const failures = attempts + 1;
  if (permanent || failures >= retry.maxAttempts) return null;
  const wait = backoffMs({ ...BACKOFF, initialMs: retry.retryMs, maxAttempts: retry.maxAttempts, journal: 'keep' }, failures, random);
  return isoTime(nowMs + Math.max(wait, Math.min(retryAfterMs ?? 0, BACKOFF.maxMs)));
}

function failure({ requested, attempts }: PendingNotification, error: Failure, retryAt: string | null): NotificationEvent {
  const { notificationId, channel, to, about } = requested;
  return { type: 'NotificationFailed', data: { notificationId, channel, to, about, attempt: attempts + 1, error, retryAt } };
}

function tooMany(maxPending: number): Failure {
  return {
    code: 'CHANNEL_FULL',
    message: `${maxPending} notifications of the channel wait already; see coordinator.notifications.maxPending`,
  };
}
