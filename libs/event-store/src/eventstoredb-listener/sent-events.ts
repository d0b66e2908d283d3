import type { RecordedEvent } from '@tutti/kernel';
import { RecentCache } from '../embedded/recent-cache.js';
import { streamIdentifier, streams, uuid } from '../eventstoredb/messages.js';
import { placed } from './append-answers.js';
import { wireEvent } from './stored-event.js';

const TICKS_PER_MILLISECOND = 10_000n;
/** Larger ones are made again for each reader. */
const MAX_BYTES = 16 * 1024;
/** At least so many, and at most twice as many. */
const KEPT = 1_000;

/** Events as they go over the wire: what is appended goes to everybody who follows within moments, and is the same bytes for all. */
export class SentEvents {
  private readonly kept = new RecentCache<Buffer>(KEPT);

  /** The bytes of a `ReadResp`. @param isNew others will be given it soon; what is read of long ago is not kept */
  bytesOf(event: RecordedEvent, isNew: boolean): Buffer {
    const key = String(event.position);
    const known = this.kept.get(key);
    if (known !== undefined) return known;
    const bytes = Buffer.from(responseOf(event).serializeBinary());
    if (isNew && bytes.length <= MAX_BYTES) this.kept.set(key, bytes);
    return bytes;
  }
}

function responseOf(event: RecordedEvent): InstanceType<typeof streams.ReadResp> {
  const { id, type, contentType, data, metadata } = wireEvent(event);
  const recorded = new streams.ReadResp.ReadEvent.RecordedEvent();
  recorded.setId(uuid(id));
  recorded.setStreamIdentifier(streamIdentifier(event.stream));
  recorded.setStreamRevision(String(event.revision));
  placed(recorded, event.position);
  const system = recorded.getMetadataMap();
  system.set('type', type);
  system.set('content-type', contentType);
  system.set('created', String(BigInt(Date.parse(event.time)) * TICKS_PER_MILLISECOND));
  recorded.setData(data);
  recorded.setCustomMetadata(metadata);
  const read = new streams.ReadResp.ReadEvent();
  read.setEvent(recorded);
  read.setCommitPosition(String(event.position));
  const response = new streams.ReadResp();
  response.setEvent(read);
  return response;
}
