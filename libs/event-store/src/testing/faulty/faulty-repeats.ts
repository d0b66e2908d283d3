import { TuttiError, type JsonObject, type NewEvent, type RecordedEvent } from '@tutti/kernel';
import { checkRepeat, prepareAppend, type PreparedAppend } from '../../append-rules.js';
import type { AppendResult, ExpectedRevision } from '../../event-store.port.js';
import { MemoryEventStore } from '../../in-memory/in-memory-event-store.js';
import { rejectedBy, type FaultyEventStore } from './faulty-event-store.js';

type Found = readonly RecordedEvent[] | null;

class DuplicateIdAppendsAgain extends MemoryEventStore {
  protected override findRepeat(): Found {
    return null;
  }

  protected override checkExpected(append: PreparedAppend, actual: number): void {
    if (!append.events.some(({ id }) => this.streamEvents(append.stream).some((event) => event.id === id)))
      super.checkExpected(append, actual);
  }
}

class AnswersRepeatsWithTheEnd extends MemoryEventStore {
  protected override async apply(append: PreparedAppend): Promise<AppendResult> {
    const answer = await super.apply(append);
    return { ...answer, revision: this.streamEvents(append.stream).length - 1 };
  }
}

class ChecksRevisionBeforeRepeats extends MemoryEventStore {
  protected override findRepeat(append: PreparedAppend, existing: readonly RecordedEvent[]): Found {
    this.checkExpected(append, existing.length - 1);
    return super.findRepeat(append, existing);
  }
}

class LooksForRepeatsOnlyOnConflict extends MemoryEventStore {
  protected override findRepeat(append: PreparedAppend, existing: readonly RecordedEvent[]): Found {
    try {
      this.checkExpected(append, existing.length - 1);
      return null;
    } catch {
      return super.findRepeat(append, existing);
    }
  }
}

class ForgetsIdsWhenOpenedAgain extends MemoryEventStore {
  private readonly known = new Set<string>();

  protected override findRepeat(append: PreparedAppend, existing: readonly RecordedEvent[]): Found {
    const found = super.findRepeat(
      append,
      existing.filter(({ id }) => this.known.has(id)),
    );
    for (const { id } of append.events) this.known.add(id);
    return found;
  }
}

class LooksForRepeatsTooEarly extends MemoryEventStore {
  private readonly early = new WeakMap<PreparedAppend, readonly RecordedEvent[]>();

  protected override prepare(stream: string, events: readonly NewEvent[], expected: ExpectedRevision): PreparedAppend {
    const append = super.prepare(stream, events, expected);
    this.early.set(append, this.streamEvents(stream));
    return append;
  }

  protected override findRepeat(append: PreparedAppend): Found {
    return super.findRepeat(append, this.early.get(append) ?? []);
  }
}

class AppendsTheRestOfAPartialRepeat extends MemoryEventStore {
  protected override apply(append: PreparedAppend): Promise<AppendResult> | AppendResult {
    const known = new Set(this.streamEvents(append.stream).map(({ id }) => id));
    const rest = append.events.filter(({ id }) => !known.has(id));
    const partial = rest.length > 0 && rest.length < append.events.length;
    return super.apply(partial ? prepareAppend(append.stream, rest, append.expected) : append);
  }
}

class TakesRepeatsInAnyOrder extends MemoryEventStore {
  protected override findRepeat(append: PreparedAppend, existing: readonly RecordedEvent[]): Found {
    const ids = new Set(append.events.map(({ id }) => id));
    const found = existing.filter(({ id }) => ids.has(id));
    return found.length === ids.size && found.length > 1 ? found : super.findRepeat(append, existing);
  }
}

class ComparesIdsOnly extends MemoryEventStore {
  protected override findRepeat(append: PreparedAppend, existing: readonly RecordedEvent[]): Found {
    const found = append.events.flatMap(({ id }) => existing.find((event) => event.id === id) ?? []);
    const asKept = { ...append, events: found, data: found.map(({ data }) => JSON.stringify(data)) };
    return found.length === append.events.length ? super.findRepeat(asKept, existing) : super.findRepeat(append, existing);
  }
}

class ComparesMetadata extends MemoryEventStore {
  protected override findRepeat(append: PreparedAppend, existing: readonly RecordedEvent[]): Found {
    const found = super.findRepeat(append, existing);
    const same = found?.every((event, index) => JSON.stringify(event.metadata) === append.metadata[index]) ?? true;
    if (!same) throw new TuttiError('IDEMPOTENCY_CONFLICT', 'the metadata differs');
    return found;
  }
}

class ComparesTheOrderOfKeys extends MemoryEventStore {
  protected override findRepeat(append: PreparedAppend, existing: readonly RecordedEvent[]): Found {
    const found = super.findRepeat(append, existing);
    const same = found?.every((event, index) => JSON.stringify(event.data) === append.data[index]) ?? true;
    if (!same) throw new TuttiError('IDEMPOTENCY_CONFLICT', 'the text differs');
    return found;
  }
}

class DropsTheSecondOfOneId extends MemoryEventStore {
  override async append<Data extends JsonObject>(
    stream: string,
    events: readonly NewEvent<Data>[],
    expected: ExpectedRevision,
  ): Promise<AppendResult> {
    return super.append(stream, [...new Map(events.map((event) => [event.id, event])).values()], expected);
  }
}

class OneIdForTheWholeStore extends MemoryEventStore {
  protected override findRepeat(append: PreparedAppend): Found {
    return super.findRepeat(append, this.log.events);
  }
}

class TakesGrowingIdsOnly extends MemoryEventStore {
  protected override findRepeat(append: PreparedAppend, existing: readonly RecordedEvent[]): Found {
    const found = super.findRepeat(append, existing);
    const late = (append.events[0]?.id ?? '') < (existing.at(-1)?.id ?? '');
    if (found === null && late) checkRepeat(append, []);
    return found;
  }
}

class ComparesWithTheLastIdOnly extends MemoryEventStore {
  protected override findRepeat(append: PreparedAppend, existing: readonly RecordedEvent[]): Found {
    return (append.events[0]?.id ?? '') > (existing.at(-1)?.id ?? '') ? null : super.findRepeat(append, existing);
  }
}

export const faultyRepeats: readonly FaultyEventStore[] = [
  ...rejectedBy('answers a repeated append as the first time and appends nothing', {
    'duplicate-id-appends-again': DuplicateIdAppendsAgain,
  }),
  ...rejectedBy('recognises a repeat after the stream moved on, whatever revision it expects', {
    'answers-repeats-with-the-end': AnswersRepeatsWithTheEnd,
    'checks-revision-before-repeats': ChecksRevisionBeforeRepeats,
    'looks-for-repeats-only-on-conflict': LooksForRepeatsOnlyOnConflict,
  }),
  ...rejectedBy('recognises a repeat after the store was opened again', { 'forgets-ids-when-opened-again': ForgetsIdsWhenOpenedAgain }),
  ...rejectedBy('makes one append of concurrent repeats', { 'looks-for-repeats-too-early': LooksForRepeatsTooEarly }),
  ...rejectedBy('refuses an append of which only some ids are in the stream, and writes nothing', {
    'appends-the-rest-of-a-partial-repeat': AppendsTheRestOfAPartialRepeat,
  }),
  ...rejectedBy('refuses known ids in another order or with others between', { 'takes-repeats-in-any-order': TakesRepeatsInAnyOrder }),
  ...rejectedBy('refuses another event under a known id', {
    'compares-ids-only': ComparesIdsOnly,
    'compares-metadata': ComparesMetadata,
    'compares-the-order-of-keys': ComparesTheOrderOfKeys,
  }),
  ...rejectedBy('refuses one id twice in an append', { 'drops-the-second-of-one-id': DropsTheSecondOfOneId }),
  ...rejectedBy('takes an id again in another stream', { 'one-id-for-the-whole-store': OneIdForTheWholeStore }),
  ...rejectedBy('takes new ids that sort before those already in the stream, and knows them all afterwards', {
    'takes-growing-ids-only': TakesGrowingIdsOnly,
    'compares-with-the-last-id-only': ComparesWithTheLastIdOnly,
  }),
];
