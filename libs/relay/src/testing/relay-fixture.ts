import { createInMemoryEventStore } from '@tutti/event-store/in-memory';
import { newEvent, type JsonObject, type RecordedEvent } from '@tutti/kernel';
import { createManualRuntime, seededRandom } from '@tutti/kernel/testing';
import { createRelay, type Relay, type RelayOptions } from '../relay.js';
import type { RelayLimits, RelayMessage } from '../relay-ports.js';
import { MemoryBroker, type MemoryProducer } from './memory-broker.js';
import { MemorySeats } from './memory-seats.js';
import { SeenRevisions } from './seen-revisions.js';

export interface LoggedLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
}

/** A store, a broker and seats in memory, on time that the test moves. */
export class RelayFixture {
  readonly runtime = createManualRuntime();
  readonly random = seededRandom(7);
  readonly store = createInMemoryEventStore(this.runtime);
  readonly broker = new MemoryBroker();
  readonly seats = new MemorySeats();
  readonly recorded: RecordedEvent[] = [];
  readonly logged: LoggedLine[] = [];

  async record(stream: string, type: string, data: JsonObject, schemaVersion = 1): Promise<RecordedEvent> {
    const metadata = {
      correlationId: stream,
      causationId: null,
      traceparent: null,
      actor: 'a',
      tenant: 'default',
      subject: null,
      keyId: null,
    };
    const event = newEvent(this.runtime.ids.next(), { type, schemaVersion }, data, metadata);
    const { events } = await this.store.append(stream, [event], 'any');
    this.recorded.push(...events);
    return events[0] as RecordedEvent;
  }

  /** Events over streams in random order. */
  async recordMany(count: number, streams: number): Promise<void> {
    for (let index = 0; index < count; index++)
      await this.record(`run-${Math.floor(this.random.next() * streams)}`, 'RunPaused', { index });
  }

  relay(producer: MemoryProducer, limits: Partial<RelayLimits> = {}, options: Partial<RelayOptions> = {}): Relay {
    const at = (level: LoggedLine['level']) => (message: string) => void this.logged.push({ level, message });
    return createRelay({
      ...{ store: this.store, publisher: producer, checkpoints: producer, seat: this.seats.seat, runtime: this.runtime, limits },
      log: { info: at('info'), warn: at('warn'), error: at('error') },
      ...options,
    });
  }

  /** Stops it while time goes on. */
  async stop(relay: Relay): Promise<void> {
    let stopped = false;
    const stopping = relay.stop().then(() => (stopped = true));
    for (let turns = 0; !stopped && turns < 100; turns++) await this.runtime.advance(100);
    await stopping;
  }

  events(): readonly RelayMessage[] {
    return [...this.broker.topics].filter(([topic]) => topic.startsWith('tutti.events.')).flatMap(([, messages]) => messages);
  }

  /** What a consumer that drops seen revisions finds wrong; and how much it dropped. */
  consumed(): { readonly faults: readonly string[]; readonly repeats: number } {
    const seen = new SeenRevisions();
    for (const { key, headers } of this.events()) seen.take({ stream: key, revision: Number(headers?.['tutti-revision']) });
    return { faults: seen.faults(this.recorded), repeats: seen.repeats };
  }
}
