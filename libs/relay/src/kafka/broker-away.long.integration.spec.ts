import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createInMemoryEventStore, type InMemoryEventStore } from '@tutti/event-store/in-memory';
import { newEvent, type RecordedEvent, type Runtime } from '@tutti/kernel';
import { readTopics } from '../testing/read-topics.js';
import { SeenRevisions } from '../testing/seen-revisions.js';
import { realRuntime } from './child-processes/real-runtime.js';
import { PARTITIONS, routesOf } from './child-processes/relay-task.js';
import { openKafkaRelay } from './kafka-relay.js';

interface OwnBroker {
  readonly address: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

const START_MS = 120_000;
const AWAY_MS = 5_000;
const PREFIX = 'away.';

describe('the relay, with a broker that goes away', () => {
  let broker: OwnBroker;
  let guard: { close(): Promise<void> };
  let runtime: Runtime;
  let store: InMemoryEventStore;
  const recorded: RecordedEvent[] = [];
  const said: string[] = [];

  beforeAll(async () => {
    const parts = (file: string) => new URL(`../../../../scripts/parts/${file}`, import.meta.url).href;
    const { openGuard } = (await import(parts('guard.mjs'))) as { openGuard: () => typeof guard };
    const { createNativePart } = (await import(parts('native-part.mjs'))) as { createNativePart: (options: object) => Promise<OwnBroker> };
    guard = openGuard();
    broker = await createNativePart({ name: 'kafka', guard });
    await broker.start();
    runtime = realRuntime(1);
    store = createInMemoryEventStore(runtime);
  }, START_MS);
  afterAll(async () => {
    await broker.kill();
    await guard.close();
  }, START_MS);

  const pause = (ms: number) => new Promise<void>((resolve) => void runtime.timers.after(ms, resolve));
  async function record(count: number): Promise<void> {
    for (let index = 0; index < count; index++) {
      const metadata = {
        correlationId: 'c',
        causationId: null,
        traceparent: null,
        actor: 'a',
        tenant: 'default',
        subject: null,
        keyId: null,
      };
      const event = newEvent(runtime.ids.next(), { type: 'RunPaused', schemaVersion: 1 }, {}, metadata);
      recorded.push(...(await store.append(`run-${index % 20}`, [event], 'any')).events);
    }
  }

  it(
    'waits, says so once, and publishes what was recorded meanwhile',
    async () => {
      const say = (message: string) => void said.push(message);
      const connection = { brokers: [broker.address] };
      const relay = openKafkaRelay({
        ...{ runtime, store, connection, routes: routesOf(PREFIX), checkpointTopic: `${PREFIX}tutti.relay` },
        seat: () => ({ take: async () => {}, onLost: () => () => {}, sureForMs: () => 1, leave: async () => {} }),
        layouts: { defaults: { partitions: PARTITIONS } },
        log: { info: say, warn: say, error: say },
      });
      const caughtUp = async (limitMs: number) => {
        for (let waited = 0; waited < limitMs && (relay.state().lag !== 0 || relay.state().published < recorded.length); waited += 50)
          await pause(50);
      };
      relay.start();
      await record(500);
      await caughtUp(30_000);
      for (const end of ['stop', 'kill'] as const) {
        await record(200);
        await broker[end]();
        await record(300);
        await pause(AWAY_MS * 2);
        expect(relay.state()).toMatchObject({ status: 'waiting', fault: { reason: expect.stringContaining('Kafka') } });
        await broker.start();
        await caughtUp(30_000);
        expect(relay.state()).toMatchObject({ status: 'publishing', lag: 0, fault: null });
      }
      const records = await readTopics(connection.brokers, [`${PREFIX}tutti.events.run`]);
      const seen = new SeenRevisions();
      for (const { key, headers } of records) seen.take({ stream: key, revision: Number(headers['tutti-revision']) });
      expect(seen.faults(recorded)).toEqual([]);
      await relay.stop();
      const about = said.filter((line) => /waits for the broker|goes on/.test(line));
      expect(about).toEqual(['the relay waits for the broker', 'the relay goes on', 'the relay waits for the broker', 'the relay goes on']);
    },
    START_MS * 2,
  );
});
