import type { EventStore } from '../event-store.port.js';
import { isJsonObject, TuttiError, type JsonValue, type RecordedEvent } from '@tutti/kernel';
import { wireEvent } from './stored-event.js';

/** Type of the event that ends a stream for ever. */
export const TOMBSTONE_TYPE = '$streamDeleted';
/** Type of the events in a metadata stream. */
export const METADATA_TYPE = '$metadata';
/** `$tb` of a stream that was deleted: it goes on behind its last event should it be written again. */
export const DELETED_BEFORE = Number.MAX_SAFE_INTEGER;

/** What is to be seen of a stream, by its last event and its metadata. */
export interface StreamState {
  /** -1 for a stream that was never written. */
  readonly revision: number;
  /** First revision that is given to readers. */
  readonly first: number;
  readonly tombstoned: boolean;
}

export function metadataStream(stream: string): string {
  return `$$${stream}`;
}

export async function readStreamState(store: EventStore, stream: string): Promise<StreamState> {
  const last = await lastEvent(store, stream);
  const revision = last?.revision ?? -1;
  // Metadata of metadata is fixed: only the newest counts.
  if (stream.startsWith('$$')) return { revision, first: Math.max(revision, 0), tombstoned: false };
  const tombstoned = last?.type === TOMBSTONE_TYPE;
  const metadata = last === undefined ? undefined : await lastEvent(store, metadataStream(stream));
  const { $maxCount, $tb } = limitsOf(metadata);
  return { revision, first: Math.min(Math.max($tb, $maxCount === null ? 0 : revision + 1 - $maxCount, 0), revision + 1), tombstoned };
}

/** Whether readers find the stream. */
export function isReadable({ revision, first, tombstoned }: StreamState): boolean {
  return !tombstoned && revision >= 0 && first <= revision;
}

async function lastEvent(store: EventStore, stream: string): Promise<RecordedEvent | undefined> {
  for await (const event of store.readStream(stream, { direction: 'backwards', limit: 1 })) return event;
  return undefined;
}

function limitsOf(event: RecordedEvent | undefined): { readonly $maxCount: number | null; readonly $tb: number } {
  const value = event === undefined ? {} : parse(Buffer.from(wireEvent(event).data).toString('utf8'));
  const number = (name: string): number | null => {
    const found = isJsonObject(value) ? value[name] : undefined;
    return typeof found === 'number' && found >= 0 ? found : null;
  };
  return { $maxCount: number('$maxCount'), $tb: number('$tb') ?? 0 };
}

function parse(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (cause) {
    throw new TuttiError('DATA_DAMAGED', 'the metadata of a stream is no JSON', { cause });
  }
}
