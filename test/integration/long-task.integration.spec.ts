import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Server } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Agent, type AgentTask } from '@tutti/agent-sdk';
import { PARTITIONS, taskTopicView, tasksTopic, WORKERS_GROUP, type AgentProfile, type AgentService } from '@tutti/contracts';
import { createInMemoryEventStore } from '@tutti/event-store/in-memory';
import type { JsonValue } from '@tutti/kernel';
import { openKafkaRelay } from '@tutti/relay/kafka';
import { createGrpcServer, createSystemRuntime, listenGrpc, silentLogger } from '@tutti/service-kit';
import { createKillableKafkaEventBus, type KafkaBus } from '../../libs/event-bus/src/kafka/kafka-event-bus.js';
import type { KafkaSocketFactory } from '../../libs/event-bus/src/kafka/kafka-client.js';
import { GrpcTaskChannel } from '../../services/agent-workers/src/channel/grpc-task-channel.js';
import { RoutedTaskChannel } from '../../services/agent-workers/src/channel/routed-task-channel.js';
import { Worker } from '../../services/agent-workers/src/hosting/worker.js';
import { MessageDesk } from '../../services/agent-workers/src/messaging/message-desk.js';
import { serveTaskChannel } from '../../services/coordinator/src/tasks/serve-task-channel.js';
import { agent, Engine } from '../../services/coordinator/src/testing/engine.js';
import { kafkaBrokers } from './addresses.js';

const SESSION_MS = 10_000;
const LIMIT_MS = 240_000;
const DEFINITION = `name: wf
steps:
  wait:
    capability: wait
    with: { long: "\${{ inputs.long }}" }
outputs: { by: "\${{ steps.wait.output.by }}" }`;
const SETTINGS = {
  ...{ drainMs: 5_000, abortGraceMs: 1_000, maxUnreportedResults: 100, reportRetryMs: 100, maxReportRetryMs: 1_000 },
  ...{ maxJournalSteps: 1_000, maxJournalBytes: 1_000_000 },
};
const PROFILE: AgentProfile = agent('waiting', ['wait']);

/** A worker of the pool, with its own connections to the broker. */
interface Member {
  readonly worker: Worker;
  readonly bus: KafkaBus;
  /** From the broker, and from nobody else. */
  cutOff(): void;
  reconnect(): void;
  leave(): Promise<void>;
}

describe('a long task of a worker on Kafka', () => {
  const runtime = createSystemRuntime();
  const id = randomUUID().slice(0, 8);
  const pool = `long-${id.replaceAll(/[^a-z0-9]/g, '')}`;
  const topic = tasksTopic(pool);
  const effects: { readonly run: string; readonly by: string }[] = [];
  const release = Promise.withResolvers<void>();
  const members: Member[] = [];
  const closers: (() => Promise<void>)[] = [];
  let engine: Engine;
  let server: Server;
  let address: string;

  beforeAll(async () => {
    const store = createInMemoryEventStore(runtime);
    engine = new Engine(store, { ...runtime, advance: wait, pending: () => 0 }, () => undefined);
    await engine.boot('nobody', []);
    await engine.register(DEFINITION);
    closers.push(() => engine.close());
    server = createGrpcServer();
    const tokens = { verify: () => Promise.resolve() };
    serveTaskChannel(server, engine.channel, { tokens, timers: runtime.timers, logger: silentLogger });
    address = `127.0.0.1:${await listenGrpc(server, '127.0.0.1', 0)}`;
    closers.push(async () => server.forceShutdown());
    const view = taskTopicView(pool);
    const relay = openKafkaRelay({
      ...{ connection: { brokers: kafkaBrokers() }, runtime, store, prefix: `${id}.`, checkpointTopic: `tutti.test.${id}.relay` },
      routes: [
        {
          topics: [topic],
          filter: view.filter,
          messages: (event) => view.messages(event).map((message) => ({ topic, message })),
        },
      ],
      seat: () => ({ take: async () => {}, onLost: () => () => {}, leave: async () => {} }),
      log: { info: () => {}, warn: () => {}, error: () => {} },
    });
    relay.start();
    closers.push(() => relay.stop());
    await until('the relay', () => relay.state().status === 'publishing');
  }, LIMIT_MS);
  afterAll(async () => {
    release.resolve();
    await Promise.all(members.map((member) => member.leave()));
    for (const close of closers.reverse()) await close();
  }, LIMIT_MS);

  class Waiting extends Agent {
    constructor(private readonly by: () => string) {
      super();
    }

    override async processTask({ runId, input }: AgentTask): Promise<JsonValue> {
      effects.push({ run: runId, by: this.by() });
      if ((input as { readonly long: boolean }).long) await release.promise;
      return { by: this.by() };
    }
  }

  async function join(): Promise<Member> {
    const sockets = new Set<Socket>();
    let isCut = false;
    const socketFactory: KafkaSocketFactory = ({ host, port, onConnect }) => {
      // Nobody listens on port 1.
      const socket = isCut ? connect({ host: '127.0.0.1', port: 1 }) : connect({ host, port }, onConnect);
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      return socket;
    };
    const bus = createKillableKafkaEventBus(
      {
        ...{ connection: { brokers: kafkaBrokers() }, runtime, prefix: `${id}.`, layouts: { defaults: { partitions: 6 } } },
        times: { sessionTimeoutMs: SESSION_MS, heartbeatMs: 3_000 },
      },
      socketFactory,
    );
    const table = { version: 1, owners: new Array<string>(PARTITIONS).fill('c'), addresses: new Map([['c', address]]) };
    const channel = new RoutedTaskChannel({
      partitions: { table, onChange: () => () => undefined, refresh: () => Promise.resolve() },
      connect: (at) => new GrpcTaskChannel({ endpoint: () => Promise.resolve({ address: at, token: 't' }), runtime, logger: silentLogger }),
      ...{ runtime, logger: silentLogger },
    });
    const agentService = { registerAgent: async () => ({}) } as unknown as AgentService;
    const ports = { runtime, logger: silentLogger, store: engine.store, bus, values: engine.values, channel, agentService };
    const instance: Agent = new Waiting(() => worker.id);
    const worker: Worker = new Worker([{ profile: PROFILE, instance }], { ...SETTINGS, pool }, ports, new MessageDesk(ports));
    await worker.start();
    let leaving: Promise<void> | null = null;
    const member: Member = {
      ...{ worker, bus },
      cutOff() {
        isCut = true;
        // With an error, since the client does not notice a socket that just closes.
        for (const socket of sockets) socket.destroy(new Error('cut by the test'));
      },
      reconnect: () => void (isCut = false),
      leave: () =>
        (leaving ??= (async () => {
          await worker.stop();
          channel.close();
          await bus.close();
        })()),
    };
    members.push(member);
    return member;
  }

  /** Every one of these is a rebalance: the group is whoever is named, and nobody else. */
  async function untilGroupIs(...expected: readonly Member[]): Promise<void> {
    const ids = expected.map(({ worker }) => worker.id).sort();
    const [asked] = expected;
    await until(`a group of ${ids.length}`, async () => {
      const found = [...((await asked?.bus.members(topic, WORKERS_GROUP)) ?? [])].sort();
      return found.join() === ids.join();
    });
  }

  it(
    'of more than two session timeouts of 10 s, in place of ten minutes, runs once while its group rebalances five times, one of them without its worker',
    async () => {
      const anna = await join();
      await engine.start('wf', { long: true }, 'long');
      await until('the task is in hand', () => effects.length === 1);
      const begunMs = runtime.clock.monotonic();
      expect(effects).toEqual([{ run: 'long', by: anna.worker.id }]);
      const ben = await join();
      await untilGroupIs(anna, ben);
      anna.cutOff();
      await untilGroupIs(ben);
      await wait(SESSION_MS / 2);
      anna.reconnect();
      await untilGroupIs(ben, anna);
      const cleo = await join();
      await untilGroupIs(cleo, ben, anna);
      await ben.leave();
      await untilGroupIs(cleo, anna);
      while (runtime.clock.monotonic() - begunMs < 2 * SESSION_MS + 1_000) await wait(100);
      expect(effects).toHaveLength(1);
      // Who was away takes new tasks as well as the others.
      const shorts = Array.from({ length: 20 }, (_, index) => `short-${index}`);
      for (const run of shorts) await engine.start('wf', { long: false }, run);
      for (const run of shorts) await engine.until('RunSucceeded', run);
      release.resolve();
      expect(await engine.outputs('long')).toEqual({ by: anna.worker.id });
      expect(effects.map(({ run }) => run).sort()).toEqual(['long', ...shorts].sort());
      expect(new Set(effects.slice(1).map(({ by }) => by))).toEqual(new Set([anna.worker.id, cleo.worker.id]));
      const kinds = (await engine.events('long')).map(({ type }) => type);
      expect(kinds.filter((type) => type.startsWith('Task'))).toEqual(['TaskScheduled', 'TaskSucceeded']);
    },
    LIMIT_MS,
  );

  async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    for (const end = runtime.clock.monotonic() + 60_000; !(await holds()); await wait(50))
      if (runtime.clock.monotonic() > end) throw new Error(`${what} did not come within 60 s`);
  }
});
