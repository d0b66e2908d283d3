import type { EventStore, EventSubscription, SubscribeOptions } from '@tutti/event-store';
import type { RecordedEvent } from '@tutti/kernel';
import { PIECE_BYTES } from '../protocol/messages.js';
import type { OutgoingStream } from './outgoing-stream.js';

const MAX_PIECE_ITEMS = 500;
/** More at once would only wait in memory for the socket. */
const MAX_BATCH = 1_000;

/** Sends everything a read gives, in pieces. A read that fails makes the stream fail. */
export async function sendEvents(events: AsyncIterable<RecordedEvent>, stream: OutgoingStream): Promise<void> {
  const piece = new Piece();
  for await (const event of events) {
    const text = JSON.stringify(event);
    if (piece.isFullWith(text)) await stream.send(piece.take());
    piece.add(text);
  }
  await stream.send(piece.take(), { last: true });
}

/** The same for what is there already. */
export async function sendList(items: readonly unknown[], stream: OutgoingStream): Promise<void> {
  const piece = new Piece();
  for (const item of items) {
    const text = JSON.stringify(item);
    if (piece.isFullWith(text)) await stream.send(piece.take());
    piece.add(text);
  }
  await stream.send(piece.take(), { last: true });
}

/** Follows the store until the reader gives up or the store closes. */
export async function sendSubscription(
  store: EventStore,
  options: Omit<SubscribeOptions, 'onBatch'>,
  stream: OutgoingStream,
): Promise<void> {
  const subscription: EventSubscription = store.subscribe({
    ...options,
    maxBatch: Math.min(options.maxBatch ?? MAX_BATCH, MAX_BATCH),
    onBatch: (events, head) => sendBatch(events, head, stream),
  });
  stream.onCancel(() => void subscription.close());
  try {
    await subscription.ended;
  } catch (error) {
    if (!stream.cancelled) throw error;
  }
}

/** A batch in as many pieces as it takes: up to its last event, the head of each is its own last event. */
async function sendBatch(events: readonly RecordedEvent[], head: number, stream: OutgoingStream): Promise<void> {
  const piece = new Piece();
  let through = head;
  for (const event of events) {
    const text = JSON.stringify(event);
    if (piece.isFullWith(text)) await stream.send(`{"events":${piece.take()},"head":${through}}`);
    piece.add(text);
    through = event.position;
  }
  await stream.send(`{"events":${piece.take()},"head":${head}}`);
}

class Piece {
  #texts: string[] = [];
  #units = 0;

  isFullWith(text: string): boolean {
    return this.#texts.length >= MAX_PIECE_ITEMS || (this.#units > 0 && this.#units + text.length > PIECE_BYTES);
  }

  add(text: string): void {
    this.#texts.push(text);
    this.#units += text.length;
  }

  take(): string {
    const list = `[${this.#texts.join(',')}]`;
    this.#texts = [];
    this.#units = 0;
    return list;
  }
}
