import type { PlainError } from '@tutti/kernel';

/** Both ends must speak the same one: all processes of a data folder run the same version of Tutti. Changes with every message that changes. */
export const PROTOCOL_VERSION = 1;

/** Values larger than this travel in pieces, so that one of them does not hold up everything behind it. */
export const PIECE_BYTES = 256 * 1024;

/** First frames stay small, so that bytes of something else are refused before anything is kept for them. */
export const MAX_HELLO_BYTES = 4 * 1024;

/** `id` names a call or a stream; the client counts it up, per connection. */
export type ClientMessage =
  | { readonly t: 'hello'; readonly protocol: number; readonly client: string }
  /** With `bodyBytes`, that many follow as chunks: the arguments as JSON where `args` is missing, else bytes that belong to them. */
  | { readonly t: 'call'; readonly id: number; readonly method: string; readonly args?: readonly unknown[]; readonly bodyBytes?: number }
  | { readonly t: 'chunk'; readonly id: number }
  /** `credit` items may be sent until more is granted. */
  | { readonly t: 'open'; readonly id: number; readonly method: string; readonly args: readonly unknown[]; readonly credit: number }
  | { readonly t: 'credit'; readonly id: number; readonly count: number }
  | { readonly t: 'cancel'; readonly id: number }
  /** What became of a delivery: handled, or rejected with this message. */
  | { readonly t: 'settle'; readonly id: number; readonly delivery: number; readonly error?: string };

export type HostMessage =
  | { readonly t: 'welcome'; readonly protocol: number; readonly host: string; readonly maxFrameBytes: number }
  | { readonly t: 'refused'; readonly error: PlainError }
  | { readonly t: 'answer'; readonly id: number; readonly value?: unknown }
  | { readonly t: 'failed'; readonly id: number; readonly error: PlainError }
  | { readonly t: 'opened'; readonly id: number }
  | { readonly t: 'item'; readonly id: number; readonly value: unknown; readonly last?: boolean }
  | { readonly t: 'end'; readonly id: number };

/** @throws SyntaxError or TypeError for what is no message at all */
export function parseMessage<Message extends ClientMessage | HostMessage>(text: string): Message {
  const message = JSON.parse(text) as Message | null;
  if (typeof message !== 'object' || message === null || typeof message.t !== 'string') throw new TypeError('a frame holds no message');
  if ('id' in message && !Number.isSafeInteger(message.id)) throw new TypeError(`message ${message.t} has the id ${String(message.id)}`);
  return message;
}
