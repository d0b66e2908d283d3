import type { Runtime } from '@tutti/kernel';
import { failed, type DeliveryOutcome, type NotificationChannel, type NotificationMessage } from '../notification-channel.port.js';
import { cloudEventText, CONTENT_TYPE } from './cloud-event.js';
import { AddressRefused, isSuccess, post, type PostAnswer } from './post.js';
import { signatureOf } from './signature.js';

export interface WebhookOptions {
  readonly name: string;
  readonly url: URL;
  readonly keys: readonly Uint8Array[];
  readonly headers: Readonly<Record<string, string>>;
  readonly allowPrivateAddresses: boolean;
  readonly timeoutMs: number;
  /** CloudEvents' `source`. */
  readonly source: string;
  readonly runtime: Pick<Runtime, 'clock' | 'timers'>;
}

const SHOWN_CHARACTERS = 200;

/** Posts signed CloudEvents (Standard Webhooks). Any 2xx is a delivery; 410 says that nobody listens any more. */
export class WebhookChannel implements NotificationChannel {
  readonly needsAddresses = false;
  readonly name: string;

  constructor(private readonly options: WebhookOptions) {
    this.name = options.name;
  }

  async send(message: NotificationMessage, signal: AbortSignal): Promise<DeliveryOutcome> {
    const { url, keys, headers, allowPrivateAddresses, timeoutMs, source, runtime } = this.options;
    const limit = new AbortController();
    const cancel = runtime.timers.after(timeoutMs, () => limit.abort());
    const nowMs = runtime.clock.now();
    const body = cloudEventText(message, source, nowMs);
    const timestamp = Math.floor(nowMs / 1_000);
    try {
      const answer = await post({
        ...{ url, body, allowPrivateAddresses, signal: AbortSignal.any([signal, limit.signal]) },
        headers: {
          'content-type': CONTENT_TYPE,
          'user-agent': 'tutti',
          ...lowerCased(headers),
          'webhook-id': message.id,
          'webhook-timestamp': String(timestamp),
          'webhook-signature': signatureOf(keys, message.id, timestamp, body),
        },
      });
      return outcomeOf(answer, nowMs);
    } catch (error) {
      if (limit.signal.aborted) return failed('TIMED_OUT', `the receiver did not answer within ${timeoutMs} ms`);
      if (signal.aborted) return failed('CANCELLED', 'the process is stopping');
      if (error instanceof AddressRefused) return failed('ADDRESS_REFUSED', error.message, { permanent: true });
      return failed('CONNECTION_FAILED', connectionText(error));
    } finally {
      cancel();
    }
  }
}

function outcomeOf({ status, statusText, retryAfter, text }: PostAnswer, nowMs: number): DeliveryOutcome {
  const line = `${status} ${statusText}`.trim();
  if (isSuccess(status)) return { delivered: true, answer: line };
  if (status >= 300 && status < 400)
    return failed('REDIRECTED', `the receiver answered ${line}; redirects are not followed: configure the address that it leads to`);
  const said = text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, SHOWN_CHARACTERS)
    .toWellFormed();
  const message = `the receiver answered ${line}${said === '' ? '' : `: ${said}`}`;
  return failed(`HTTP_${status}`, message, { permanent: status === 410, retryAfterMs: retryAfterMs(retryAfter, nowMs) });
}

/** Seconds, or a date. */
function retryAfterMs(header: string | null, nowMs: number): number | null {
  if (header === null) return null;
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - nowMs;
  return Number.isFinite(ms) && ms > 0 ? ms : null;
}

function lowerCased(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Several addresses that all fail make one error without a text of its own. */
function connectionText(error: unknown): string {
  const causes = error instanceof AggregateError ? (error.errors as readonly unknown[]) : [error];
  return [...new Set(causes.map((cause) => (cause instanceof Error ? cause.message : String(cause))))].join('; ');
}
