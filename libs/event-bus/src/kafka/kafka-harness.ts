import { connect, type Socket } from 'node:net';
import { randomUUID } from 'node:crypto';
import type { Runtime } from '@tutti/kernel';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import type { SubscribeOptions } from '../event-bus.port.js';
import type { EventBusHarness } from '../testing/event-bus-harness.js';
import { createKillableKafkaEventBus, type KafkaBus } from './kafka-event-bus.js';
import type { KafkaSocketFactory } from './kafka-client.js';
import type { KafkaEventBusOptions, KafkaLog } from './kafka-options.js';

const TICK_MS = 20;
/** How much of real time passes on a test's clock by itself. */
const DRIFT = 0.1;
/** Longer waits are skipped on the clock: what the broker has to do in them takes less. */
const LONGEST_SLEEP_MS = 700;

/** From `TUTTI_TEST_KAFKA_BROKERS`, `host:port` separated by commas. */
export function testBrokers(): string[] {
  const brokers = process.env['TUTTI_TEST_KAFKA_BROKERS'];
  if (brokers === undefined || brokers === '') throw new Error('TUTTI_TEST_KAFKA_BROKERS is not set, expected host:port of a Kafka broker');
  return brokers.split(',');
}

export interface TestParts {
  readonly options: KafkaEventBusOptions & { readonly runtime: ManualRuntime };
  readonly realRuntime: Runtime;
  /** A topic that nobody else uses. */
  topic(name: string): string;
  /** What the bus and its client said. */
  readonly said: readonly string[];
  /** The same, also what is said at `debug`. */
  readonly heard: readonly string[];
}

/** A prefix of its own in a broker that others use too. */
export function createTestParts(brokers = testBrokers()): TestParts {
  const id = randomUUID().slice(0, 8);
  const said: string[] = [];
  const heard: string[] = [];
  const log: KafkaLog = (level, message, fields) => {
    const line = `${level} ${message} ${JSON.stringify(fields)}`;
    heard.push(line);
    if (level !== 'debug') said.push(line);
  };
  const runtime = createManualRuntime();
  return {
    said,
    heard,
    realRuntime: realRuntime(runtime),
    topic: (name) => `tutti.test.${id}.${name}`,
    options: {
      connection: { brokers, log },
      runtime,
      prefix: `test-${id}.`,
      layouts: { defaults: { partitions: 4 } },
      times: { sessionTimeoutMs: 4_000, heartbeatMs: 300, fetchWaitMs: 100, commitEveryMs: 20 },
    },
  };
}

/** Lives by the real clock; ids and random numbers are a test's. */
export function realRuntime(rest: Runtime): Runtime {
  return {
    ...rest,
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    timers: {
      after(delayMs, callback) {
        const timer = setTimeout(callback, delayMs);
        return () => clearTimeout(timer);
      },
      soon: (callback) => void setImmediate(callback),
    },
  };
}

export interface KafkaHarness extends EventBusHarness {
  readonly bus: KafkaBus;
  readonly parts: TestParts;
  /** Another process of the same installation: ends with {@link close}. */
  another(): { readonly bus: KafkaBus; kill(): void };
}

/**
 * A harness over a real broker. Retries and limits live by a clock that `elapse` moves; the broker takes its real time, which `elapse` gives it. A kill cuts the connections
 * without a word, so that the broker finds out when the session is over.
 */
export async function createKafkaHarness(more: Partial<KafkaEventBusOptions> = {}): Promise<KafkaHarness> {
  const parts = createTestParts();
  const { runtime } = parts.options;
  const topic = parts.topic('topic');
  const lives: Life[] = [];
  const open = (): Life => {
    const life = openLife({ ...parts.options, ...more, runtime });
    lives.push(life);
    return life;
  };
  let life = open();
  let moving = Promise.resolve();
  const move = (ms: number) => (moving = moving.then(() => runtime.advance(ms)));
  const drift = setInterval(() => void move(TICK_MS * DRIFT), TICK_MS);
  return {
    topic,
    parts,
    get bus() {
      return life.bus;
    },
    another: open,
    publish: (messages) => life.bus.publish(topic, messages),
    async elapse(ms) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(ms, LONGEST_SLEEP_MS)));
      await move(ms);
    },
    async reopen() {
      await life.bus.close();
      life = open();
    },
    async crash() {
      life.kill();
      life = open();
    },
    async close() {
      await Promise.all(lives.map((each) => each.end()));
      clearInterval(drift);
      await moving;
    },
  };
}

interface Life {
  readonly bus: KafkaBus;
  kill(): void;
  /** Leaves nothing behind, also after a kill. */
  end(): Promise<void>;
}

function openLife(options: KafkaEventBusOptions): Life {
  let alive = true;
  let connected = true;
  const sockets = new Set<Socket>();
  const socketFactory: KafkaSocketFactory = ({ host, port, onConnect }) => {
    // Nobody listens on port 1.
    const socket = connected ? connect({ host, port }, onConnect) : connect({ host: '127.0.0.1', port: 1 });
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    return socket;
  };
  const bus = createKillableKafkaEventBus(options, socketFactory);
  const subscribe = bus.subscribe.bind(bus);
  bus.subscribe = (given: SubscribeOptions) =>
    subscribe({ ...given, handle: (delivery) => (alive ? given.handle(delivery) : new Promise<never>(() => {})) });
  const silence = () => {
    alive = false;
    bus.kill();
  };
  return {
    bus,
    kill() {
      silence();
      connected = false;
      // With an error, since the client does not notice a socket that just closes.
      for (const socket of sockets) socket.destroy(new Error('cut by the test'));
    },
    async end() {
      silence();
      // What was killed may say goodbye now, else its client tries for long.
      connected = true;
      await bus.disconnect();
      connected = false;
      for (const socket of sockets) socket.destroy();
    },
  };
}
