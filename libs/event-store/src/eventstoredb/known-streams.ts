import { chainedRecord, chainHash, type RecordedEvent } from '@tutti/kernel';

/** What a writer knows of a stream: enough to append to it, and to recognise what it holds already. */
export class KnownStream {
  /** -1 for none. */
  revision = -1;
  /** Revision of every event by its id. */
  readonly revisions = new Map<string, number>();
  private last: RecordedEvent | null = null;
  private hash: string | null = null;

  /** Whatever goes on from where this knowledge ends. */
  take(event: RecordedEvent): void {
    if (event.revision !== this.revision + 1) return;
    this.revision = event.revision;
    this.revisions.set(event.id, event.revision);
    this.last = event;
    this.hash = null;
  }

  /** @param lastHash of the last event, for whoever has it */
  takeWritten(events: readonly RecordedEvent[], lastHash: string | null): void {
    for (const event of events) this.take(event);
    this.hash = lastHash;
  }

  /** Of the last event; null without one. */
  get lastHash(): string | null {
    if (this.hash === null && this.last !== null) this.hash = chainHash(chainedRecord(this.last));
    return this.hash;
  }
}

/** The streams that were read or written lately, as many as hold so many events. */
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
