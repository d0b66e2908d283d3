/**
 * `stopped` before the start and after the end · `standby` while another process has the seat · `starting` until it is known from where to go on ·
 * `publishing` · `waiting` for the broker or the store · `stuck` at an event that cannot go out.
 */
export type RelayStatus = 'stopped' | 'standby' | 'starting' | 'publishing' | 'waiting' | 'stuck';

export interface RelayState {
  readonly status: RelayStatus;
  /** Everything up to here is with the broker; null where this process has not published yet. */
  readonly position: number | null;
  /** Newest position of the log as far as it is known; null before it was asked for. */
  readonly head: number | null;
  /** Positions between them, which is no count of events; null where one of them is not known. */
  readonly lag: number | null;
  /** When the broker took something last, ISO 8601; null for never since the start. */
  readonly lastPublishedAt: string | null;
  /** Events that went out since the start, repeats included. */
  readonly published: number;
  /** Why it waits or is stuck, and since when; null when it does not. */
  readonly fault: RelayFault | null;
}

export interface RelayFault {
  readonly reason: string;
  /** ISO 8601. */
  readonly since: string;
  /** The event that cannot go out, of a relay that is stuck. */
  readonly event?: StuckEvent;
}

export interface StuckEvent {
  readonly id: string;
  readonly type: string;
  readonly stream: string;
  readonly revision: number;
  readonly position: number;
}
