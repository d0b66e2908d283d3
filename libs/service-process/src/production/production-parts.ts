import { mkdir, readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { INLINE_LIMIT_BYTES } from '@tutti/blobs';
import { tasksTopic, TOPIC_VIEWS } from '@tutti/contracts';
import type { KafkaConnection, KafkaEventBus } from '@tutti/event-bus/kafka';
import { TuttiError, toTuttiError, type Runtime } from '@tutti/kernel';
import { createSeatedProjectionHost, type FoldingLife, type FoldingTurn } from '@tutti/read-models';
import {
  BLOBS,
  createValueStore,
  EVENT_BUS,
  EVENT_STORE,
  LOGGER,
  openSharedServiceTokens,
  processTokens,
  PROJECTIONS,
  READ_MODELS,
  RemoteProcess,
  RUNTIME,
  TRACER,
  VALUE_STORE,
  within,
  type Logger,
} from '@tutti/service-kit';
import { HealthServer } from '../health-server.js';
import type { Broker, ProcessOptions, ProcessParts } from '../process-parts.js';
import type { SharedConfig } from '../process-config.js';
import { Tenure } from '../tenure.js';
import { openTelemetry } from '../tracing/process-telemetry.js';
import { traceEventBus } from '../tracing/traced-event-bus.js';
import { traceEventStore } from '../tracing/traced-event-store.js';
import { MongoDirectory } from './directory/mongo-directory.js';
import { LateMongo } from './late-mongo.js';
import { ProductionConnections } from './production-connections.js';
import { requiredSettings } from './required-settings.js';

const CLOSE_LIMIT_MS = 5_000;
const AGAIN_MS = 1_000;
/** A command is taken within moments, or its attempt is lost; a worker that is new reads what is still there. */
const TASK_RETENTION_MS = 86_400_000;
/** Members beat at a third of the session timeout, as the broker's documentation wants it. */
const BEATS_PER_SESSION = 3;

/**
 * The ports by EventStoreDB, Kafka and MongoDB. Resolves before any of them was reached: a process waits for them as for all else that comes and goes.
 *
 * @throws TuttiError INVALID_CONFIG for settings that are missing or cannot be
 */
export async function openProductionParts({ name, config, cwd, pid }: ProcessOptions): Promise<ProcessParts> {
  const { eventStoreUrl, mongoUrl, secret } = requiredSettings(config);
  const [{ openEventStoreDb }, { createKafkaEventBus }, { connectMongo, openMongoReadModels }, { openGridFsBlobs }] = await Promise.all([
    import('@tutti/event-store/eventstoredb'),
    import('@tutti/event-bus/kafka'),
    import('@tutti/read-models/mongodb'),
    import('@tutti/blobs/gridfs'),
  ]);
  const dataDir = resolve(cwd, config.dataDir);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const logFile = join(dataDir, 'tutti.log');
  const telemetry = await openTelemetry({ service: name, pid, config, logFile, logFields: { pid, process: name } });
  const { runtime, logger, tracer } = telemetry;
  const serviceTokens = await openSharedServiceTokens({ secret, service: name, runtime, logger });
  const tokens = processTokens(serviceTokens);
  const { services, kafka, processes } = config;

  const eventStore = openEventStoreDb({ connectionString: eventStoreUrl, runtime });
  const broker: Broker = {
    connection: await kafkaConnection(config, { cwd, name, logger }),
    layouts: {
      defaults: { partitions: kafka.partitions, replicationFactor: kafka.replicationFactor },
      topics: { [tasksTopic('*')]: { retentionMs: TASK_RETENTION_MS } },
    },
    prefix: kafka.groupPrefix,
  };
  const eventBus = createKafkaEventBus({
    ...broker,
    runtime,
    viewTopics: TOPIC_VIEWS.map(({ topic }) => topic),
    addressedTopics: [tasksTopic('*')],
    times: { sessionTimeoutMs: kafka.sessionTimeoutMs, heartbeatMs: Math.floor(kafka.sessionTimeoutMs / BEATS_PER_SESSION) },
  });
  const mongo = new LateMongo({
    connect: (signal) => connectMongo({ url: mongoUrl, appName: `tutti-${name}`, runtime, signal }),
    openReadModels: (connected) => openMongoReadModels({ mongo: connected, runtime }),
    openBlobs: (connected) => openGridFsBlobs({ mongo: connected, runtime }),
    runtime,
  });
  const { readModels, blobs } = mongo;
  const topics = new FirstTopics(eventBus, runtime);
  const connections = new ProductionConnections({
    watched: [
      { name: 'the event store', fault: () => (eventStore.state().connected ? null : (eventStore.state().reason ?? 'it does not answer')) },
      { name: 'Kafka', fault: () => topics.fault() },
      { name: 'MongoDB', fault: () => mongo.fault },
    ],
    first: Promise.all([eventStore.connected(), topics.made, mongo.opened]),
    place: `EventStoreDB at ${withoutCredentials(eventStoreUrl)}`,
    ...{ runtime, logger },
  });
  const who = { process: name, host: hostname(), pid };
  const directory = new MongoDirectory({ mongo, who, leaseMs: services.leaseMs, pollMs: services.pollMs, runtime, logger });
  const turn = (version: string, life: FoldingLife): FoldingTurn =>
    new Tenure({ name: `projection ${version}`, seat: () => directory.seat(`projection:${version}`), ...life, runtime, logger });
  const hasOthers = (): boolean => directory.partitions.table.addresses.size > 1;
  const health = new HealthServer(connections);
  const remotes: RemoteProcess[] = [];
  const limits = { waitMs: processes.callWaitMs, maxWaiting: processes.maxWaitingCalls, callMs: processes.callLimitMs };
  let closing: Promise<void> | null = null;
  const end = async (): Promise<void> => {
    for (const remote of remotes) remote.close();
    connections.close();
    topics.close();
    const bounded = async (what: string, close: () => Promise<void>): Promise<void> => {
      await within(runtime, CLOSE_LIMIT_MS, `end of ${what}`, close).catch((error: unknown) =>
        logger.warn('could not close in order', { what, err: toTuttiError(error) }),
      );
    };
    await Promise.all([bounded('the event bus', () => eventBus.close()), bounded('the event store', () => eventStore.close())]);
    await bounded('the directory', () => directory.close());
    await bounded('MongoDB', () => mongo.close());
    await bounded('health', () => health.close());
    await telemetry.close();
  };
  const parts: ProcessParts = {
    ...{ dataDir, runtime, logger, tracer, serviceTokens, tokens, connections, directory, health, broker },
    ports: { eventStore, eventBus, readModels, blobs },
    provided: [
      [RUNTIME, runtime],
      [LOGGER, logger],
      [TRACER, tracer],
      [EVENT_STORE, traceEventStore(eventStore, tracer, 'eventstoredb')],
      [EVENT_BUS, traceEventBus(eventBus, { tracer, clock: runtime.clock, system: 'kafka' })],
      [READ_MODELS, readModels],
      [PROJECTIONS, createSeatedProjectionHost({ store: eventStore, readModels, runtime, logger, turn, hasOthers })],
      [BLOBS, blobs],
      [VALUE_STORE, createValueStore({ blobs, inlineLimitBytes: INLINE_LIMIT_BYTES })],
    ],
    remote(role, remoteName) {
      const endpoint = () => directory.find(role);
      const remote = new RemoteProcess({ name: remoteName, endpoint, tokens, runtime, logger, limits, tracer });
      remotes.push(remote);
      return remote;
    },
    close: () => (closing ??= end()),
  };
  try {
    await health.listen(config.health);
  } catch (error) {
    await parts.close();
    throw error;
  }
  return parts;
}

/** The topics that every process needs; the broker was reached when they are there. */
class FirstTopics {
  readonly made: Promise<void>;
  private isMade = false;
  private reason = 'it was not reached yet';
  private closed = false;

  constructor(
    private readonly bus: KafkaEventBus,
    private readonly runtime: Pick<Runtime, 'timers'>,
  ) {
    this.made = this.make();
    this.made.catch(() => undefined);
  }

  fault(): string | null {
    if (!this.isMade) return this.reason;
    const { connected, faults } = this.bus.health();
    return connected ? null : faults.map(({ part, reason }) => `${part}: ${reason}`).join('; ');
  }

  close(): void {
    this.closed = true;
  }

  private async make(): Promise<void> {
    while (!this.isMade) {
      try {
        await this.bus.ensureTopics(TOPIC_VIEWS.map(({ topic }) => topic));
        this.isMade = true;
      } catch (error) {
        const { code, message } = toTuttiError(error);
        if (code === 'INVALID_CONFIG') throw error;
        if (this.closed) throw new TuttiError('SHUTTING_DOWN', 'the process was stopped before Kafka was reached');
        this.reason = message;
        await new Promise<void>((done) => this.runtime.timers.after(AGAIN_MS, done));
      }
    }
  }
}

async function kafkaConnection(
  { kafka }: Pick<SharedConfig, 'kafka'>,
  { cwd, name, logger }: { readonly cwd: string; readonly name: string; readonly logger: Logger },
): Promise<KafkaConnection> {
  const { brokers, tls, sasl } = kafka;
  const [ca, cert, key] = await Promise.all([tls.caFile, tls.certFile, tls.keyFile].map((file) => pem(cwd, file)));
  const { mechanism, username, password } = sasl;
  return {
    brokers,
    clientId: `tutti-${name}`,
    // That the broker is away is said once, by the connections; the client says it again and again.
    log: (level, message, fields) => logger.debug(message, { ...fields, level }),
    ...(tls.enabled
      ? { tls: { ...(ca === undefined ? {} : { ca }), ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) } }
      : {}),
    ...(username === undefined || password === undefined ? {} : { sasl: { mechanism, username, password } }),
  };
}

async function pem(cwd: string, file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  try {
    return await readFile(resolve(cwd, file), 'utf8');
  } catch (error) {
    throw new TuttiError('INVALID_CONFIG', `kafka.tls: ${toTuttiError(error).message}`, { cause: error });
  }
}

function withoutCredentials(url: string): string {
  return url
    .replace(/^[a-z+]+:\/\//, '')
    .replace(/^[^/@]*@/, '')
    .replace(/[/?].*$/, '');
}
