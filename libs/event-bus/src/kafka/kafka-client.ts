import { Kafka, logLevel, type KafkaConfig, type LogEntry, type SASLOptions } from 'kafkajs';
import { checkConnection, type KafkaConnection, type KafkaLog, type KafkaLogLevel, type KafkaTls } from './kafka-options.js';
import { mendRequestQueueTimers } from './request-queue-timers.js';

const LEVELS: Readonly<Record<number, KafkaLogLevel>> = {
  [logLevel.ERROR]: 'error',
  [logLevel.WARN]: 'warn',
  [logLevel.INFO]: 'info',
  [logLevel.DEBUG]: 'debug',
};

const DEFAULT_CONNECTION_TIMEOUT_MS = 3_000;
const DEFAULT_REQUEST_TIMEOUT_MS = 15_000;
/** Short, since what must outlast a broker's restart is tried anew by the bus itself, with its own limits. */
const RETRY = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 4 };

/** What comes with every rebalance, which the client calls an error, and its advice against few retries, which `KafkaPublisher` has reasons for. */
const USUAL = /rebalanc|generation id|not aware of this member|Limiting retries/i;

export type KafkaSocketFactory = NonNullable<KafkaConfig['socketFactory']>;

/** @throws TuttiError INVALID_CONFIG */
export function createKafkaClient(
  connection: KafkaConnection,
  clientId = connection.clientId ?? 'tutti',
  socketFactory?: KafkaSocketFactory,
): Kafka {
  checkConnection(connection);
  mendRequestQueueTimers();
  const { brokers, tls = false, sasl, log = () => {} } = connection;
  return new Kafka({
    clientId,
    brokers: [...brokers],
    ssl: typeof tls === 'boolean' ? tls : tlsOptions(tls),
    ...(sasl === undefined ? {} : { sasl: { ...sasl } as SASLOptions }),
    connectionTimeout: connection.connectionTimeoutMs ?? DEFAULT_CONNECTION_TIMEOUT_MS,
    requestTimeout: connection.requestTimeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS,
    // Without it a lost answer is waited for without end.
    enforceRequestTimeout: true,
    retry: RETRY,
    logLevel: logLevel.INFO,
    logCreator: () => (entry) => passOn(log, entry),
    ...(socketFactory === undefined ? {} : { socketFactory }),
  });
}

function tlsOptions({ serverName, ...pem }: KafkaTls): Exclude<KafkaConfig['ssl'], boolean | undefined> {
  return { ...pem, ...(serverName === undefined ? {} : { servername: serverName }) };
}

function passOn(
  log: KafkaLog,
  { level, namespace, log: { message, timestamp: _, logger: _logger, stack: _stack, ...fields } }: LogEntry,
): void {
  const { error } = fields as { readonly error?: unknown };
  const usual = level === logLevel.INFO || USUAL.test(message) || (typeof error === 'string' && USUAL.test(error));
  log(usual ? 'debug' : (LEVELS[level] ?? 'error'), `${namespace}: ${message}`, fields);
}
