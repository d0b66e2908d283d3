import { chainHash, isoTime, type EventMetadata, type RecordedEvent } from '@tutti/kernel';
import type { PreparedAppend } from '../append-rules.js';
import type { OutgoingEvent } from './batch-appends.js';
import type { KnownStream } from './known-streams.js';
import { wireMetadata } from './wire-event.js';

interface RecordedAppends {
  /** As they will be recorded, without their positions. */
  readonly unplaced: readonly RecordedEvent[];
  readonly outgoing: readonly OutgoingEvent[];
  /** Of the last of them. */
  readonly lastHash: string | null;
}

/** The events of appends that follow each other in a stream, chained to what is known of it. */
export function recordAppends(appends: readonly PreparedAppend[], known: KnownStream, now: number): RecordedAppends {
  const time = isoTime(now);
  const unplaced: RecordedEvent[] = [];
  const outgoing: OutgoingEvent[] = [];
  let { revision, lastHash } = known;
  let ordered: EventMetadata | null = null;
  let orderedText = '';
  let asGiven: EventMetadata | null = null;
  for (const { stream, events, data } of appends) {
    for (const [index, { id, type, schemaVersion, data: value, metadata: given }] of events.entries()) {
      // One request's events mostly share one metadata object.
      if (ordered === null || asGiven !== given) {
        asGiven = given;
        ordered = inOrder(given);
        orderedText = JSON.stringify(ordered);
      }
      const text = data[index] ?? '';
      revision += 1;
      const previousHash = lastHash;
      const recorded: RecordedEvent = {
        ...{ id, type, schemaVersion, data: value, metadata: ordered },
        ...{ contentType: 'application/json', stream, revision, position: -1, time, previousHash },
      };
      lastHash = chainHash({ stream, revision, id, type, schemaVersion, time, previousHash, data: text, metadata: orderedText });
      unplaced.push(recorded);
      outgoing.push({ id, type, data: Buffer.from(text), metadata: Buffer.from(JSON.stringify(wireMetadata(recorded))) });
    }
  }
  return { unplaced, outgoing, lastHash };
}

/** As it is read back: the hash is over its text. */
function inOrder({ correlationId, causationId, traceparent, actor, tenant, subject, keyId }: EventMetadata): EventMetadata {
  return { correlationId, causationId, traceparent, actor, tenant, subject, keyId };
}
