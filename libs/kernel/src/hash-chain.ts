import type { RecordedEvent } from './event-envelope.js';
import { sha256Hex } from './hash.js';

/** The fields a link covers, with data and metadata as the exact texts that are stored. */
export interface ChainedRecord {
  readonly stream: string;
  readonly revision: number;
  readonly id: string;
  readonly type: string;
  readonly schemaVersion: number;
  readonly time: string;
  readonly previousHash: string | null;
  readonly data: string;
  readonly metadata: string;
}

/**
 * Link of a stream's hash chain: SHA-256 over the event and the hash before it, so that changing, dropping or reordering any
 * event breaks every later link. Covers stored texts, not parsed values: what was written is what is proved.
 */
export function chainHash(record: ChainedRecord): string {
  const { stream, revision, id, type, schemaVersion, time, previousHash, data, metadata } = record;
  return sha256Hex(`${stream}\n${revision}\n${id}\n${type}\n${schemaVersion}\n${time}\n${previousHash ?? ''}\n${metadata}\n${data}`);
}

export function chainedRecord(event: RecordedEvent): ChainedRecord {
  return { ...event, data: JSON.stringify(event.data), metadata: JSON.stringify(event.metadata) };
}

/** First revision whose link is broken, or null when the chain is whole. `events` is one stream from revision 0, in order. */
export function findBrokenLink(events: readonly RecordedEvent[]): number | null {
  let previous: string | null = null;
  for (const [index, event] of events.entries()) {
    if (event.revision !== index || event.previousHash !== previous) return index;
    previous = chainHash(chainedRecord(event));
  }
  return null;
}
