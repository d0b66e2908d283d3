import { streamCategory, type RecordedEvent } from '@tutti/kernel';
import type { PreparedAppend } from '../../append-rules.js';
import type { AppendResult, EventFilter, ReadOptions } from '../../event-store.port.js';
import type { EventMatcher } from '../../event-filter.js';
import { MemoryEventStore, result } from '../../in-memory/in-memory-event-store.js';
import { rejectedBy, type FaultyEventStore } from './faulty-event-store.js';

type Place = (event: RecordedEvent) => number;

class ReadsStreamsByPrefix extends MemoryEventStore {
  protected override streamEvents(stream: string): readonly RecordedEvent[] {
    return this.log.events.filter((event) => event.stream.startsWith(stream));
  }
}

class IgnoresLimit extends MemoryEventStore {
  protected override read(
    events: readonly RecordedEvent[],
    { limit: _, ...options }: ReadOptions,
    place: Place,
  ): AsyncIterable<RecordedEvent> {
    return super.read(events, options, place);
  }
}

class BackwardsExcludesFrom extends MemoryEventStore {
  protected override read(events: readonly RecordedEvent[], options: ReadOptions, place: Place): AsyncIterable<RecordedEvent> {
    const excluded = options.direction === 'backwards' && options.from !== undefined ? { from: options.from - 1 } : {};
    return super.read(events, { ...options, ...excluded }, place);
  }
}

class ReadsAllAfterFrom extends MemoryEventStore {
  override readAll(options: ReadOptions & { readonly filter?: EventFilter } = {}): AsyncIterable<RecordedEvent> {
    const after = options.from !== undefined && options.direction !== 'backwards' ? { from: options.from + 1 } : {};
    return super.readAll({ ...options, ...after });
  }
}

class ReadsAllByStream extends MemoryEventStore {
  override async *readAll(options: ReadOptions & { readonly filter?: EventFilter } = {}): AsyncIterable<RecordedEvent> {
    const events: RecordedEvent[] = [];
    for await (const event of super.readAll(options)) events.push(event);
    yield* events.sort((a, b) => (a.stream < b.stream ? -1 : a.stream > b.stream ? 1 : 0));
  }
}

class MatchesCategoriesByPrefix extends MemoryEventStore {
  protected override matcher({ categories, types }: EventFilter = {}): EventMatcher {
    return ({ stream, type }) => (categories?.some((category) => stream.startsWith(category)) ?? true) && (types?.includes(type) ?? true);
  }
}

class MatchesEitherPart extends MemoryEventStore {
  protected override matcher({ categories, types }: EventFilter = {}): EventMatcher {
    if (categories === undefined || types === undefined)
      return super.matcher({ ...(categories && { categories }), ...(types && { types }) });
    return ({ stream, type }) => categories.includes(streamCategory(stream)) || types.includes(type);
  }
}

class EmptyListMeansEverything extends MemoryEventStore {
  protected override matcher({ categories, types }: EventFilter = {}): EventMatcher {
    return super.matcher({ ...(categories?.length && { categories }), ...(types?.length && { types }) });
  }
}

class LimitsBeforeFiltering extends MemoryEventStore {
  override async *readAll({ filter, ...options }: ReadOptions & { readonly filter?: EventFilter } = {}): AsyncIterable<RecordedEvent> {
    const isWanted = this.matcher(filter);
    for await (const event of super.readAll(options)) if (isWanted(event)) yield event;
  }
}

class StopsAfterAPage extends MemoryEventStore {
  protected override read(events: readonly RecordedEvent[], options: ReadOptions, place: Place): AsyncIterable<RecordedEvent> {
    return super.read(events, { ...options, limit: Math.min(options.limit ?? 1_000, 1_000) }, place);
  }
}

class ShowsLowPositionsLate extends MemoryEventStore {
  private given = -1;
  private slow = 0;

  protected override nextPosition(): number {
    return this.given + 1;
  }

  protected override record(append: PreparedAppend, existing: readonly RecordedEvent[]): RecordedEvent[] {
    const events = super.record(append, existing);
    this.given += events.length;
    return events;
  }

  protected override async store(events: readonly RecordedEvent[]): Promise<AppendResult> {
    for (let turns = this.slow++ % 4; turns > 0; turns--) await this.nextTurn();
    await super.store(events);
    this.log.events.sort((a, b) => a.position - b.position);
    return result(events);
  }
}

class TruncatesReadsOnClose extends MemoryEventStore {
  protected override async *read(events: readonly RecordedEvent[], options: ReadOptions, place: Place): AsyncIterable<RecordedEvent> {
    for await (const event of super.read(events, options, place)) {
      yield event;
      if (this.closed) return;
    }
  }
}

export const faultyReads: readonly FaultyEventStore[] = [
  ...rejectedBy('gives nothing for a stream that does not exist', { 'reads-streams-by-prefix': ReadsStreamsByPrefix }),
  ...rejectedBy('reads a stream from a revision, both ways, up to a limit', {
    'ignores-limit': IgnoresLimit,
    'backwards-excludes-from': BackwardsExcludesFrom,
  }),
  ...rejectedBy('reads all streams from a position, both ways, up to a limit', {
    'reads-all-after-from': ReadsAllAfterFrom,
    'reads-all-by-stream': ReadsAllByStream,
  }),
  ...rejectedBy('filters by category and type, both ways, from a position up to a limit', {
    'matches-categories-by-prefix': MatchesCategoriesByPrefix,
    'matches-either-part': MatchesEitherPart,
    'empty-list-means-everything': EmptyListMeansEverything,
    'limits-before-filtering': LimitsBeforeFiltering,
  }),
  ...rejectedBy('gives every one of many events, both ways, filtered and not', { 'stops-after-a-page': StopsAfterAPage }),
  ...rejectedBy('never shows an event at or below a position that a reader has already seen', {
    'shows-low-positions-late': ShowsLowPositionsLate,
  }),
  ...rejectedBy('never ends a read early as though it were complete when the store closes under it', {
    'truncates-reads-on-close': TruncatesReadsOnClose,
  }),
];
