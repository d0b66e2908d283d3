import type { RecordedEvent, Runtime } from '@tutti/kernel';
import type { PreparedAppend } from '../../append-rules.js';
import type { AppendResult, Snapshot } from '../../event-store.port.js';
import { InMemoryLog, MemoryEventStore, result } from '../../in-memory/in-memory-event-store.js';
import { rejectedBy, type FaultyEventStore } from './faulty-event-store.js';

/** What it was given last is still on its way to the disk. */
class UnsyncedLog extends InMemoryLog {
  override copy(): InMemoryLog {
    const copy = super.copy();
    copy.events.splice(-3);
    return copy;
  }
}

class RewritesTimesWhenOpened extends MemoryEventStore {
  constructor(runtime: Runtime, log: InMemoryLog) {
    super(runtime, log);
    for (const [index, event] of log.events.entries()) log.events[index] = { ...event, time: '2026-02-02T00:00:00.000Z' };
  }
}

class ForgetsTheLastEventOnClose extends MemoryEventStore {
  override async close(): Promise<void> {
    await super.close();
    this.log.events.pop();
  }
}

class ReusesPositionsWhenOpenedAgain extends MemoryEventStore {
  private written = 0;

  protected override nextPosition(): number {
    return this.written;
  }

  protected override store(events: readonly RecordedEvent[]): Promise<AppendResult> | AppendResult {
    this.written += events.length;
    return super.store(events);
  }
}

class ChainRestartsWhenOpenedAgain extends MemoryEventStore {
  private readonly seen = new Set<string>();

  protected override link(previous: RecordedEvent | undefined): string | null {
    if (previous === undefined || !this.seen.has(previous.stream)) return null;
    return super.link(previous);
  }

  protected override record(append: PreparedAppend, existing: readonly RecordedEvent[]): RecordedEvent[] {
    if (existing.length === 0) this.seen.add(append.stream);
    return super.record(append, existing);
  }
}

class HalfAppend extends MemoryEventStore {
  protected override async store(events: readonly RecordedEvent[]): Promise<AppendResult> {
    const half = Math.ceil(events.length / 2);
    await super.store(events.slice(0, half));
    await this.nextTurn();
    await super.store(events.slice(half));
    return result(events);
  }
}

class AnswersWhatItDropsOnClose extends MemoryEventStore {
  protected override assertOpen(): void {}

  protected override store(events: readonly RecordedEvent[]): Promise<AppendResult> | AppendResult {
    return this.closed ? result(events) : super.store(events);
  }
}

class LastSnapshotWins extends MemoryEventStore {
  override async saveSnapshot(stream: string, snapshot: Snapshot): Promise<void> {
    this.log.snapshots.set(stream, snapshot);
  }
}

class KeepsTheOldShapeOfASnapshot extends MemoryEventStore {
  override async saveSnapshot(stream: string, snapshot: Snapshot): Promise<void> {
    const kept = await this.loadSnapshot(stream);
    if (kept === null || snapshot.revision > kept.revision) await super.saveSnapshot(stream, snapshot);
  }
}

class OneSnapshotForAll extends MemoryEventStore {
  override async loadSnapshot(): Promise<Snapshot | null> {
    return [...this.log.snapshots.values()].at(-1) ?? null;
  }
}

class SnapshotsAreEvents extends MemoryEventStore {
  override async saveSnapshot(stream: string, snapshot: Snapshot): Promise<void> {
    await super.saveSnapshot(stream, snapshot);
    const last = this.streamEvents(stream).at(-1);
    if (last !== undefined) this.log.events.push({ ...last, id: 'snapshot', revision: last.revision + 1, position: this.nextPosition() });
  }
}

export const faultyDurability: readonly FaultyEventStore[] = [
  ...rejectedBy('has every event as it was after it is closed and opened again', {
    'rewrites-times-when-opened': RewritesTimesWhenOpened,
    'forgets-the-last-event-on-close': ForgetsTheLastEventOnClose,
  }),
  ...rejectedBy('goes on with revisions, positions and hashes where it stood when it is opened again', {
    'reuses-positions-when-opened-again': ReusesPositionsWhenOpenedAgain,
    'chain-restarts-when-opened-again': ChainRestartsWhenOpenedAgain,
  }),
  ...rejectedBy(
    'has what it answered when it is killed right after the answer',
    { 'acknowledges-before-durable': MemoryEventStore },
    () => new UnsyncedLog(),
  ),
  ...rejectedBy('has an append whole or not at all when it is killed before the answer, and can take it again', {
    'half-append': HalfAppend,
  }),
  ...rejectedBy('commits what is in flight when it is closed', { 'answers-what-it-drops-on-close': AnswersWhatItDropsOnClose }),
  ...rejectedBy('gives a stream’s snapshot back, and null for a stream without one', { 'one-snapshot-for-all': OneSnapshotForAll }),
  ...rejectedBy('replaces a snapshot by a newer one only', {
    'last-snapshot-wins': LastSnapshotWins,
    'keeps-the-old-shape-of-a-snapshot': KeepsTheOldShapeOfASnapshot,
  }),
  ...rejectedBy('keeps snapshots out of the streams', { 'snapshots-are-events': SnapshotsAreEvents }),
];
