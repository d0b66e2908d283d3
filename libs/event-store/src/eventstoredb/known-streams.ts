import { chainedRecord, chainHash, type RecordedEvent } from '@tutti/kernel';

/** What a writer knows of a stream: enough to append to it, and to recognise what it holds already. */
export class KnownStream {
  /** -1 for none. */
  revision = -1;
  lastHash: string | null = null;
  /** Revision of every event by its id. */
  readonly revisions = new Map<string, number>();

  take(events: readonly RecordedEvent[]): void {
    for (const event of events) {
      if (event.revision <= this.revision) continue;
      this.revision = event.revision;
      this.revisions.set(event.id, event.revision);
    }
    const last = events.at(-1);
    if (last !== undefined && last.revision === this.revision) this.lastHash = chainHash(chainedRecord(last));
  }
}

/** The streams that were written lately, as many as hold so many events. */
export class KnownStreams {
  private readonly streams = new Map<string, { readonly known: KnownStream; readonly weight: number }>();
  private events = 0;

  constructor(private readonly maxEvents: number) {}

  get(stream: string): KnownStream | undefined {
    return this.streams.get(stream)?.known;
  }

  /** Call whenever the stream was used: it is the newest then. */
  keep(stream: string, known: KnownStream): void {
    this.drop(stream);
    const weight = known.revisions.size + 1;
    this.streams.set(stream, { known, weight });
    this.events += weight;
    for (const oldest of this.streams.keys()) {
      if (this.events <= this.maxEvents || oldest === stream) return;
      this.drop(oldest);
    }
  }

  drop(stream: string): void {
    this.events -= this.streams.get(stream)?.weight ?? 0;
    this.streams.delete(stream);
  }
}
