import { Inject, Injectable } from '@nestjs/common';
import { isJsonObject, type RecordedEvent } from '@tutti/kernel';
import type { EventStore } from '@tutti/event-store';
import { EVENT_STORE } from '@tutti/service-kit';

const MAX_BYTES = 8 * 1024 * 1024;
/** Of an entry beside its texts. */
const ENTRY_BYTES = 200;

export interface FactsOfRun {
  readonly workflow: string;
  readonly labels: Readonly<Record<string, string>>;
}

interface Kept {
  readonly facts: FactsOfRun;
  readonly bytes: number;
}

/** What runs were started as, from their first events: it never changes. One read for a run that is not remembered. */
@Injectable()
export class RunFacts {
  private readonly kept = new Map<string, Kept>();
  private bytes = 0;

  constructor(@Inject(EVENT_STORE) private readonly store: Pick<EventStore, 'readStream'>) {}

  /** Of the run whose event it is; null when the stream is none of a run. */
  async of(event: RecordedEvent): Promise<FactsOfRun | null> {
    const { stream } = event;
    const known = this.kept.get(stream);
    if (known !== undefined) {
      // Last used, last forgotten.
      this.kept.delete(stream);
      this.kept.set(stream, known);
      return known.facts;
    }
    if (!stream.startsWith('run-')) return null;
    const first = event.revision === 0 ? event : await this.firstOf(stream);
    const facts = first === null ? null : factsIn(first);
    if (facts !== null) this.keep(stream, facts);
    return facts;
  }

  private async firstOf(stream: string): Promise<RecordedEvent | null> {
    for await (const event of this.store.readStream(stream, { limit: 1 })) return event;
    return null;
  }

  private keep(stream: string, facts: FactsOfRun): void {
    const bytes = ENTRY_BYTES + 2 * (stream.length + JSON.stringify(facts).length);
    this.bytes += bytes - (this.kept.get(stream)?.bytes ?? 0);
    this.kept.set(stream, { facts, bytes });
    for (const [oldest, entry] of this.kept) {
      if (this.bytes <= MAX_BYTES) return;
      this.kept.delete(oldest);
      this.bytes -= entry.bytes;
    }
  }
}

function factsIn({ type, data }: RecordedEvent): FactsOfRun | null {
  const { workflow, labels = {} } = data;
  if (type !== 'RunStarted' || typeof workflow !== 'string' || !isJsonObject(labels)) return null;
  const texts = Object.entries(labels).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return { workflow, labels: Object.fromEntries(texts) };
}
