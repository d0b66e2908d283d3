import type { Failure, NotificationEvent } from '@tutti/contracts';

export type RequestedNotification = Extract<NotificationEvent, { type: 'NotificationRequested' }>['data'];

/** What is sent, ready for any kind of channel. */
export interface NotificationMessage {
  /** The same for every attempt. */
  readonly id: string;
  readonly on: string;
  readonly to: readonly string[];
  readonly about: RequestedNotification['about'];
  /** One line. */
  readonly subject: string;
  readonly title: string;
  readonly text: string;
  /** Where a person can look at it; null where no address is configured. */
  readonly link: string | null;
  /** What can be typed into a terminal, like `tutti approve …`. */
  readonly commands: readonly string[];
}

export type DeliveryOutcome =
  | { readonly delivered: true; readonly answer: string }
  | {
      readonly delivered: false;
      readonly error: Failure;
      /** It makes no sense to try again. */
      readonly permanent: boolean;
      /** The receiver asked to be left alone for so long. */
      readonly retryAfterMs: number | null;
    };

/**
 * A way to reach people.
 *
 * Guarantees: `send` takes no longer than its own limit, or than until the signal is aborted, and answers what went wrong instead of throwing.
 *
 * Not promised: that nothing was delivered where it answers a failure: the answer alone may have been lost.
 */
export interface NotificationChannel {
  readonly name: string;
  /** Whether it can do nothing without addresses to write to. */
  readonly needsAddresses: boolean;
  send(message: NotificationMessage, signal: AbortSignal): Promise<DeliveryOutcome>;
}

export function failed(
  code: string,
  message: string,
  options: { permanent?: boolean; retryAfterMs?: number | null } = {},
): DeliveryOutcome {
  const { permanent = false, retryAfterMs = null } = options;
  return { delivered: false, error: { code, message: message.slice(0, MAX_ERROR) }, permanent, retryAfterMs };
}

const MAX_ERROR = 1_000;
