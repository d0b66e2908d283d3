import type { NotificationEvent } from '@tutti/contracts';
import type { JsonValue } from '@tutti/kernel';
import type { RequestedNotification } from './notification-channel.port.js';

export interface PendingNotification {
  readonly requested: RequestedNotification;
  /** How often it was tried. */
  attempts: number;
  /** In milliseconds since 1970; 0 for at once. */
  dueMs: number;
}

/** One channel's deliveries. */
export interface ChannelState {
  /** Events up to this position have had their notification requested; -1 for none. */
  requestedUpTo: number;
  /** By id, oldest first: neither sent nor given up. */
  readonly pending: Map<string, PendingNotification>;
}

export function initialChannelState(): ChannelState {
  return { requestedUpTo: -1, pending: new Map() };
}

export function evolveChannel(state: ChannelState, { type, data }: NotificationEvent): ChannelState {
  switch (type) {
    case 'NotificationRequested':
      state.pending.set(data.notificationId, { requested: data, attempts: 0, dueMs: 0 });
      state.requestedUpTo = Math.max(state.requestedUpTo, data.about?.position ?? -1);
      return state;
    case 'NotificationSent':
      state.pending.delete(data.notificationId);
      return state;
    case 'NotificationFailed': {
      const pending = state.pending.get(data.notificationId);
      if (data.retryAt === null) state.pending.delete(data.notificationId);
      else if (pending !== undefined) Object.assign(pending, { attempts: data.attempt, dueMs: Date.parse(data.retryAt) });
      return state;
    }
    case 'NotifierAdvanced':
      return state;
  }
}

export const CHANNEL_SNAPSHOT_VERSION = 1;

export function encodeChannel({ requestedUpTo, pending }: ChannelState): JsonValue {
  // What events hold is JSON, though their interfaces have no index signature.
  return { requestedUpTo, pending: [...pending.values()] } as unknown as JsonValue;
}

export function decodeChannel(stored: JsonValue): ChannelState {
  const { requestedUpTo, pending } = stored as unknown as {
    readonly requestedUpTo: number;
    readonly pending: readonly PendingNotification[];
  };
  return { requestedUpTo, pending: new Map(pending.map((one) => [one.requested.notificationId, { ...one }])) };
}
