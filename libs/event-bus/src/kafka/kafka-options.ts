import { TuttiError, type Runtime } from '@tutti/kernel';
import type { TopicLayouts } from './topic-layout.js';

export type KafkaLogLevel = 'error' | 'warn' | 'info' | 'debug';

/** Takes the client's own log lines and the bus's. */
export type KafkaLog = (level: KafkaLogLevel, message: string, fields: Readonly<Record<string, unknown>>) => void;

/** PEM texts, not paths. `true` alone trusts the certificate authorities that Node trusts. */
export interface KafkaTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly passphrase?: string;
  /** Expected in the broker's certificate where it is not the host that is connected to. */
  readonly serverName?: string;
  /** False takes any certificate: for tests only. Default true. */
  readonly rejectUnauthorized?: boolean;
}

export const SASL_MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

export interface KafkaSasl {
  readonly mechanism: (typeof SASL_MECHANISMS)[number];
  readonly username: string;
  readonly password: string;
}

export interface KafkaConnection {
  /** `host:port`; those to ask first, not necessarily all. */
  readonly brokers: readonly string[];
  readonly tls?: boolean | KafkaTls;
  readonly sasl?: KafkaSasl;
  /** Shown in the broker's logs. Default `tutti`. A subscription's connections are named after its member. */
  readonly clientId?: string;
  /** Default 3 s. */
  readonly connectionTimeoutMs?: number;
  /** Default 15 s. */
  readonly requestTimeoutMs?: number;
  readonly log?: KafkaLog;
}

export interface KafkaTimes {
  /** A member that is silent for this long has left its groups. Default 10 s, within what the broker allows. */
  readonly sessionTimeoutMs: number;
  /** How often a member says that it is there, whatever its handlers do. Default 3 s; below a third of the session timeout. */
  readonly heartbeatMs: number;
  /** How long the broker may keep a fetch waiting when nothing is there: bounds how late a pause, a close or a rebalance is noticed. Default a twentieth of the session timeout, at most 500 ms. */
  readonly fetchWaitMs: number;
  /** Partitions move to another member once the messages in hand of them are handed over, at the latest after this; what is in hand then may run twice. Default 30 s. */
  readonly moveLimitMs: number;
  /** Positions are written at most this often, and on each dead letter and close. Default 100 ms. */
  readonly commitEveryMs: number;
  /** How long publishing, and each question to the broker, is tried anew while the broker is away. Default 30 s. */
  readonly giveUpAfterMs: number;
}

export interface KafkaLimits {
  /** Key, headers and payload of a message. Default 1 MiB. */
  readonly maxMessageBytes: number;
  /** What waits to be sent; then publishing is refused as OVERLOADED. Default 64 MiB. */
  readonly maxQueuedBytes: number;
  /** Messages of a subscription in memory, after which its partitions are paused. Default 4,096. */
  readonly maxWaiting: number;
  /** Messages of a key in memory behind one that waits for its retry; the others are read again. Default 16. */
  readonly maxBehindRetry: number;
  /** Messages of a partition that are read but not handled, in memory or not, after which it is paused. Default 100,000. */
  readonly maxOpen: number;
}

export interface KafkaEventBusOptions {
  readonly connection: KafkaConnection;
  readonly runtime: Pick<Runtime, 'clock' | 'timers' | 'ids'>;
  /** Partitions, retention and cleanup of the topics that the bus makes. */
  readonly layouts?: TopicLayouts;
  /** False where somebody else makes the topics. Default true. */
  readonly createTopics?: boolean;
  /** Topics that are views over recorded events: a relay publishes to them, `publish` refuses them. */
  readonly viewTopics?: readonly string[];
  /**
   * Topics whose messages all name a member, by name or by a beginning that ends in `*`: nobody reads what is for any member of them, which spares each message a second
   * reader. `publish` refuses messages without a member.
   */
  readonly addressedTopics?: readonly string[];
  /** Begins the names of consumer groups and of the bus's own topics, so that two installations may share a cluster. Default `tutti.`. */
  readonly prefix?: string;
  /** CloudEvents `source`. Default `/tutti`. */
  readonly source?: string;
  readonly times?: Partial<KafkaTimes>;
  readonly limits?: Partial<KafkaLimits>;
}

export const DEFAULT_PREFIX = 'tutti.';
export const DEFAULT_SOURCE = '/tutti';

const DEFAULT_TIMES: Omit<KafkaTimes, 'fetchWaitMs'> = {
  sessionTimeoutMs: 10_000,
  heartbeatMs: 3_000,
  moveLimitMs: 30_000,
  commitEveryMs: 100,
  giveUpAfterMs: 30_000,
};

const LONGEST_FETCH_WAIT_MS = 500;
const FETCHES_PER_SESSION = 20;

const DEFAULT_LIMITS: KafkaLimits = {
  maxMessageBytes: 1024 * 1024,
  maxQueuedBytes: 64 * 1024 * 1024,
  maxWaiting: 4_096,
  maxBehindRetry: 16,
  maxOpen: 100_000,
};

/** @throws TuttiError INVALID_CONFIG */
export function checkedTimes(given: Partial<KafkaTimes> = {}): KafkaTimes {
  const { sessionTimeoutMs = DEFAULT_TIMES.sessionTimeoutMs } = given;
  const fetchWaitMs = Math.max(1, Math.min(LONGEST_FETCH_WAIT_MS, Math.floor(sessionTimeoutMs / FETCHES_PER_SESSION)));
  const times = { ...DEFAULT_TIMES, fetchWaitMs, ...given };
  requireWhole('times', times);
  if ((times.heartbeatMs + times.fetchWaitMs) * 2 >= sessionTimeoutMs) {
    const found = `heartbeatMs ${times.heartbeatMs} and fetchWaitMs ${times.fetchWaitMs}`;
    throw invalid(
      `${found} leave no room for a second sign of life within sessionTimeoutMs ${sessionTimeoutMs}: heartbeat every third of it`,
    );
  }
  return times;
}

/** @throws TuttiError INVALID_CONFIG */
export function checkedLimits(given: Partial<KafkaLimits> = {}): KafkaLimits {
  const limits = { ...DEFAULT_LIMITS, ...given };
  requireWhole('limits', limits);
  return limits;
}

/** @throws TuttiError INVALID_CONFIG */
export function checkConnection({ brokers, sasl }: KafkaConnection): void {
  if (brokers.length === 0) throw invalid('no broker is named: give at least one as host:port');
  for (const broker of brokers) {
    const port = Number(
      /^[^\s:/]+:(\d{1,5})$|^\[[0-9a-fA-F:]+\]:(\d{1,5})$/
        .exec(broker)
        ?.slice(1)
        .find((found) => found !== undefined),
    );
    if (!(port >= 1 && port <= 65_535)) throw invalid(`broker "${broker}" is not host:port with a port from 1 to 65535`);
  }
  if (sasl === undefined) return;
  if (!(SASL_MECHANISMS as readonly string[]).includes(sasl.mechanism)) {
    throw invalid(`SASL mechanism "${sasl.mechanism}" is not one of ${SASL_MECHANISMS.join(', ')}`);
  }
  if (sasl.username === '' || sasl.password === '') throw invalid('SASL needs a username and a password');
}

function requireWhole(name: string, numbers: object): void {
  for (const [key, value] of Object.entries(numbers)) {
    if (!Number.isInteger(value) || (value as number) < 1)
      throw invalid(`${name}.${key} is ${String(value)}, expected a whole number from 1`);
  }
}

function invalid(what: string): TuttiError {
  return new TuttiError('INVALID_CONFIG', `the connection to Kafka: ${what}`);
}
