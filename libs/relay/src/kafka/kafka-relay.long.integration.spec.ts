import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openSharedFolder, type SharedFolder } from '@tutti/store-host/embedded';
import { openKafkaPublishing } from '@tutti/event-bus/kafka';
import { newEvent, type RecordedEvent, type Runtime } from '@tutti/kernel';
import { readTopics, type ReadRecord } from '../testing/read-topics.js';
import { SeenRevisions } from '../testing/seen-revisions.js';
import { realRuntime } from './child-processes/real-runtime.js';
import { RelayProcesses } from './child-processes/relay-processes.js';
import { PARTITIONS, routesOf } from './child-processes/relay-task.js';
import { openKafkaRelay } from './kafka-relay.js';

const EVENTS = 10_000;
const STREAMS = 200;
const KILLS = 20;
const LIMIT_MS = 280_000;
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

function testBrokers(): readonly string[] {
  const brokers = process.env['TUTTI_TEST_KAFKA_BROKERS'];
  if (brokers === undefined || brokers === '') throw new Error('TUTTI_TEST_KAFKA_BROKERS is not set, expected host:port of a Kafka broker');
  return brokers.split(',');
}

describe('the relay to Kafka', () => {
  let folder: string;
  let runtime: Runtime;
  let shared: SharedFolder;
  let prefix: string;
  let processes: RelayProcesses;
  const recorded: RecordedEvent[] = [];
  const brokers = testBrokers();
  const pause = (ms: number) => new Promise<void>((resolve) => void runtime.timers.after(ms, resolve));

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tutti-relay-'));
    runtime = realRuntime(Date.now() % 1_000_000);
    prefix = `test-${runtime.ids.next()}.`;
    shared = openSharedFolder({ dataDir: folder, mayHost: true, views: [], minFreeBytes: 0, runtime, logger: silent });
    await shared.connected();
    const publishing = openKafkaPublishing({ runtime, connection: { brokers }, layouts: { defaults: { partitions: PARTITIONS } } });
    await publishing.ensureTopics(topics());
    await publishing.close();
    processes = new RelayProcesses();
    recorded.length = 0;
  });
  afterEach(async () => {
    await processes.end();
    await shared.close();
    rmSync(folder, { recursive: true });
  });

  /** Appends of one to five events over streams in random order; every third event is a message between agents. */
  async function record(count: number): Promise<void> {
    for (let left = count; left > 0;) {
      const stream = Math.floor(runtime.random.next() * STREAMS);
      const size = Math.min(left, 1 + Math.floor(runtime.random.next() * 5));
      const isMessage = stream % 3 === 0;
      const events = Array.from({ length: size }, () => {
        const data = isMessage
          ? { messageId: 'm', sender: 'a', recipient: `agent-${stream}`, messageType: 'text', content: { inline: 1 }, replyTo: null }
          : {};
        const metadata = {
          correlationId: String(stream),
          causationId: null,
          traceparent: null,
          actor: 'a',
          tenant: 'default',
          subject: null,
          keyId: null,
        };
        return newEvent(runtime.ids.next(), { type: isMessage ? 'MessageSent' : 'RunPaused', schemaVersion: 1 }, data, metadata);
      });
      const result = await shared.eventStore.append(isMessage ? `conversation-agent-${stream}` : `run-${stream}`, events, 'any');
      recorded.push(...result.events);
      left -= size;
    }
  }

  const task = (seed: number) => ({ folder, brokers, prefix, seed });
  const topics = () => routesOf(prefix).flatMap(({ topics }) => topics);

  /** Reads all topics until the events on them are whole. */
  async function readWhole(): Promise<{
    readonly records: readonly ReadRecord[];
    readonly faults: readonly string[];
    readonly repeats: number;
  }> {
    for (let tries = 1; ; tries++) {
      const records = await readTopics(brokers, topics());
      const seen = new SeenRevisions();
      for (const { topic, key, headers } of records) {
        if (topic.includes('.events.')) seen.take({ stream: key, revision: Number(headers['tutti-revision']) });
      }
      const faults = seen.faults(recorded);
      if (faults.length === 0 || seen.gaps.length > 0 || tries === 10) return { records, faults, repeats: seen.repeats };
      await pause(2_000);
    }
  }

  it(
    'has every event out, each stream in order, though it is killed again and again, frozen, and others wait for its seat',
    async () => {
      let seed = 1;
      processes.start(task(seed++));
      processes.start(task(seed++));
      const recording = record(EVENTS / 2).then(async () => {
        for (let left = EVENTS / 2; left > 0; left -= 50) {
          await record(50);
          await pause(300);
        }
      });
      for (let kills = 0; kills < KILLS;) {
        await pause(200 + runtime.random.next() * 1_800);
        if (kills === KILLS / 2) {
          const thaw = processes.freezeHolder();
          await pause(4_000);
          thaw();
        }
        if (!(await processes.killHolder())) continue;
        kills += 1;
        processes.start(task(seed++));
      }
      await recording;
      const { records, faults, repeats } = await readWhole();
      expect(faults).toEqual([]);
      expect(processes.handOvers).toBeGreaterThan(KILLS);
      expect(repeats).toBeGreaterThan(0);
      const messages = records.filter(({ topic }) => topic.endsWith('tutti.messages')).map(({ headers }) => headers['ce_id']);
      const sent = recorded.filter(({ type }) => type === 'MessageSent').map(({ id }) => id);
      expect([...new Set(messages)].sort()).toEqual([...sent].sort());
    },
    LIMIT_MS,
  );

  it('publishes an event whole, with all that CloudEvents and consumers ask for', async () => {
    await record(300);
    const relay = openRelay();
    relay.start();
    const { records, faults } = await readWhole();
    await relay.stop();
    expect(faults).toEqual([]);
    const byId = new Map(recorded.map((event) => [event.id, event]));
    for (const { topic, key, headers, value } of records.filter(({ topic }) => topic.includes('.events.'))) {
      const event = byId.get(String(headers['ce_id']))!;
      expect(JSON.parse(value)).toEqual(event);
      expect(topic).toBe(`${prefix}tutti.events.${event.stream.split('-')[0]}`);
      expect({ key, ...headers }).toEqual({
        key: event.stream,
        ce_specversion: '1.0',
        ce_id: event.id,
        ce_type: `tutti.${event.type}.v1`,
        ce_source: '/tutti',
        ce_subject: event.stream,
        ce_time: event.time,
        ce_partitionkey: event.stream,
        'content-type': 'application/json',
        'tutti-revision': String(event.revision),
        'tutti-position': String(event.position),
      });
    }
    expect(relay.state()).toMatchObject({ status: 'stopped', published: 300, lag: 0 });
  }, 60_000);

  it('goes on behind its checkpoint after an orderly end, with nothing twice', async () => {
    for (const round of [1, 2, 3]) {
      await record(200);
      const relay = openRelay();
      relay.start();
      for (let tries = 0; tries < 400 && (relay.state().lag !== 0 || relay.state().published < 200); tries++) await pause(50);
      await relay.stop();
      expect(relay.state().published).toBe(200);
      expect(await readWhole()).toMatchObject({ faults: [], repeats: 0 });
      expect(recorded).toHaveLength(200 * round);
    }
  }, 60_000);

  function openRelay() {
    return openKafkaRelay({
      ...{ runtime, prefix, log: silent, store: shared.eventStore, connection: { brokers } },
      seat: () => ({ take: async () => {}, onLost: () => () => {}, sureForMs: () => 1, leave: async () => {} }),
      layouts: { defaults: { partitions: PARTITIONS } },
      routes: routesOf(prefix),
      checkpointTopic: `${prefix}tutti.relay`,
    });
  }
});
