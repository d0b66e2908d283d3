import type { Blobs } from '@tutti/blobs';
import type { EventBus } from '@tutti/event-bus';
import type { KafkaConnection, TopicLayouts } from '@tutti/event-bus/kafka';
import type { EventStore } from '@tutti/event-store';
import { TuttiError, type Runtime } from '@tutti/kernel';
import type { ReadModels } from '@tutti/read-models';
import type { CallerTokens, Logger, RemoteProcess, ServiceRole, ServiceTokens, Tracer } from '@tutti/service-kit';
import type { Directory } from './directory/directory.port.js';
import type { SharedConfig } from './process-config.js';

export interface ProcessOptions {
  /** Of the service, like `coordinator`; stands in every line of the log. */
  readonly name: string;
  readonly config: SharedConfig;
  readonly cwd: string;
  readonly pid: number;
  /** Whether it may serve the data folder to the others, where they share one. */
  readonly mayHost: boolean;
}

/** What a process has of the installation and of its other processes. All of it comes and goes; nothing here ends because something is away. */
export interface ProcessParts {
  /** Of this process alone in production: its log, and tokens of people. */
  readonly dataDir: string;
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly tracer: Tracer;
  readonly ports: Ports;
  readonly connections: Connections;
  readonly directory: Directory;
  /** Where a relay publishes what is recorded; null where topics have no storage of their own. */
  readonly broker: Broker | null;
  /** Told what the process does; says it to whoever looks after it. */
  readonly health: ProcessHealth;
  readonly serviceTokens: ServiceTokens;
  readonly tokens: CallerTokens;
  /** By injection token: the ports, and what else every service asks its composition root for. */
  readonly provided: readonly (readonly [symbol, unknown])[];
  /** The services of another process. Closed with the parts. */
  remote(role: ServiceRole, name: string): RemoteProcess;
  /** Whoever waits for others first: they end with SHUTTING_DOWN. Takes at most some seconds; repeats answer the first call. */
  close(): Promise<void>;
}

export type ServingStatus = 'starting' | 'standing by' | 'serving' | 'stopping';

export interface ProcessHealth {
  set(status: ServingStatus): void;
  /** @param trouble what is said beside the status, which it does not change: why the process does less than it should; null for nothing */
  watch(trouble: () => string | null): void;
}

export interface Broker {
  readonly connection: KafkaConnection;
  readonly layouts: TopicLayouts;
  /** Begins the names of groups. */
  readonly prefix: string;
}

export interface Ports {
  readonly eventStore: EventStore;
  readonly eventBus: EventBus;
  readonly readModels: ReadModels;
  readonly blobs: Blobs;
}

/** What the ports stand on: the host of the data folder, or the event store, broker and database of production. */
export interface Connections {
  /** Names of what is away now, like `the store host`; empty when everything is there. */
  readonly away: readonly string[];
  /** Called after `away` changed. Returns how to end it. */
  onChange(listener: () => void): () => void;
  /** Resolves to true once everything has been there, however long that takes; to false when closed before. @throws TuttiError for what waiting will not mend */
  connected(): Promise<boolean>;
  /** Where events are kept, for people who look after the installation. */
  storePlace(): string;
}

/** @throws TuttiError SHUTTING_DOWN when the parts were closed before · what waiting will not mend, such as STORE_LOCKED or DATA_DAMAGED */
export async function untilConnected({ connections, dataDir }: ProcessParts): Promise<void> {
  if (!(await connections.connected()))
    throw new TuttiError('SHUTTING_DOWN', `the process was stopped before the ports of ${dataDir} were there`);
}
